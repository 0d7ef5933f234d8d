"""The directory of agencies as a user meets it: names, groups, who took over, faults."""

from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from data import files
from data.errors import Fault, PlanFaultsError
from data.loading.directory import Directory, load_directory
from data.loading.repair import repair
from data.model import Certainty, Succession
from data.text.normalise import fold, words

SHORT_FORMS = [
    ("Sở KH&ĐT", "so-ke-hoach-va-dau-tu"),
    ("so khdt", "so-ke-hoach-va-dau-tu"),
    ("sở kế hoạch", "so-ke-hoach-va-dau-tu"),
    ("skhdt", "so-ke-hoach-va-dau-tu"),
    ("stc", "so-tai-chinh"),
    ("so tai chinh", "so-tai-chinh"),
    ("sct", "so-cong-thuong"),
    ("công thương", "so-cong-thuong"),
    ("sxd", "so-xay-dung"),
    ("so gtvt", "so-giao-thong-van-tai"),
    ("sở tnmt", "so-tai-nguyen-va-moi-truong"),
    ("so tn&mt", "so-tai-nguyen-va-moi-truong"),
    ("sở nn&ptnt", "so-nong-nghiep-va-ptnt"),
    ("so nong nghiep", "so-nong-nghiep-va-ptnt"),
    ("sở khcn", "so-khoa-hoc-va-cong-nghe"),
    ("kh&cn", "so-khoa-hoc-va-cong-nghe"),
    ("sở tt&tt", "so-thong-tin-va-truyen-thong"),
    ("so tttt", "so-thong-tin-va-truyen-thong"),
    ("sở lđtbxh", "so-lao-dong-thuong-binh-va-xa-hoi"),
    ("so ldtb&xh", "so-lao-dong-thuong-binh-va-xa-hoi"),
    ("nội vụ", "so-noi-vu"),
    ("so tu phap", "so-tu-phap"),
    ("stp", "so-tu-phap"),
    ("bên y tế", "so-y-te"),
    ("syt", "so-y-te"),
    ("nganh y te", "so-y-te"),
    ("so gd", "so-giao-duc-va-dao-tao"),
    ("sgdđt", "so-giao-duc-va-dao-tao"),
    ("sở văn hóa", "so-van-hoa-the-thao-va-du-lich"),
    ("svhttdl", "so-van-hoa-the-thao-va-du-lich"),
    ("thanh tra", "co-quan-thanh-tra-chuyen-nganh thanh-tra-tinh"),
    ("vp ubnd", "van-phong-ubnd-tinh"),
    ("van phong uy ban", "van-phong-ubnd-tinh"),
    ("thuế", "cuc-thue"),
    ("hai quan", "cuc-hai-quan"),
    ("qltt", "cuc-quan-ly-thi-truong"),
    ("quan ly thi truong", "cuc-quan-ly-thi-truong"),
    ("nhnn", "ngan-hang-nha-nuoc"),
    ("ngân hàng nhà nước", "ngan-hang-nha-nuoc"),
    ("bhxh", "bao-hiem-xa-hoi"),
    ("công an", "cong-an-tinh"),
    ("toa an", "toa-an"),
    ("ttpvhcc", "trung-tam-phuc-vu-hanh-chinh-cong"),
    ("hiệp hội dn", "hiep-hoi-doanh-nghiep"),
    ("mặt trận tổ quốc", "mat-tran-to-quoc"),
    ("mttq", "mat-tran-to-quoc"),
    ("cac huyen", "ubnd-cap-huyen"),
    ("kho bạc", "kho-bac-nha-nuoc"),
    ("kbnn", "kho-bac-nha-nuoc"),
    ("dien luc", "cong-ty-dien-luc"),
]

INSIDE_THE_PLANS = [
    ("Sở Tài Nguyên và Môi trường", "so-tai-nguyen-va-moi-truong"),
    ("Sở Lao động Thương binh và Xã hội", "so-lao-dong-thuong-binh-va-xa-hoi"),
    ("Sở Lao động, Thương binh và Xã hội", "so-lao-dong-thuong-binh-va-xa-hoi"),
    ("Sở Khoa học Công nghệ", "so-khoa-hoc-va-cong-nghe"),
    ("Thanh tra nhà nước tỉnh", "thanh-tra-tinh"),
    ("Tòa án tỉnh", "toa-an"),
    ("Ngân hàng nhà nước Chi nhánh tỉnh", "ngan-hang-nha-nuoc"),
    ("Ngân hàng Nhà nước Việt Nam – chi nhánh", "ngan-hang-nha-nuoc"),
    ("Công ty cổ phần nước - môi trường", "cong-ty-nuoc-moi-truong"),
    ("các đơn vị thanh tra chuyên ngành", "co-quan-thanh-tra-chuyen-nganh"),
    ("Các sở, ngành", "cac-so-ban-nganh"),
    ("UBND các huyện, thị xã, thành phố", "ubnd-cap-huyen"),
]

TODAY = [
    ("Sở Nông nghiệp và Môi trường", "so-nong-nghiep-va-moi-truong"),
    ("snnmt", "so-nong-nghiep-va-moi-truong"),
    ("sở nông môi", "so-nong-nghiep-va-moi-truong"),
    ("Thuế tỉnh", "thue-tinh"),
    ("hải quan khu vực VI", "chi-cuc-hai-quan-khu-vuc-vi"),
    ("Chi cục QLTT", "chi-cuc-quan-ly-thi-truong"),
    ("sở kế", "so-ke-hoach-va-dau-tu so-tai-chinh"),
]


@pytest.fixture(scope="module")
def directory() -> Directory:
    return load_directory()


@pytest.fixture(scope="module")
def table(directory: Directory) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for agency in directory.agencies.values():
        for form in agency.forms:
            found[plain(form.text)].add(agency.key)
    return found


def plain(text: str) -> str:
    return " ".join(words(fold(text)))


def pairs(rows: tuple[Succession, ...]) -> list[tuple[str, str | None]]:
    return [(row.predecessor, row.successor) for row in rows]


def faults_of(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    path = tmp_path / "agencies.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanFaultsError) as caught:
        load_directory(path)
    assert all(
        isinstance(found, Fault) and found.path == str(path) for found in caught.value.faults
    )
    return [(found.line, found.code) for found in caught.value.faults]


@pytest.mark.parametrize(("typed", "keys"), SHORT_FORMS + INSIDE_THE_PLANS + TODAY)
def test_form_names_its_agency(table: dict[str, set[str]], typed: str, keys: str) -> None:
    assert table[plain(typed)] == set(keys.split())


def test_all_fifty_short_forms_are_here() -> None:
    assert len({typed for typed, _ in SHORT_FORMS}) == 50


@pytest.mark.parametrize("word", ["thuế", "hải quan", "ngân hàng", "xây dựng", "y tế", "giáo dục"])
def test_ordinary_word_is_weak_and_its_agency_form_is_not(directory: Directory, word: str) -> None:
    forms = {form.text: form.weak for a in directory.agencies.values() for form in a.forms}
    assert forms[word]
    assert not forms[f"ngành {word}"]


def test_only_these_strong_forms_fit_several_agencies(
    directory: Directory, table: dict[str, set[str]]
) -> None:
    strong = {plain(f.text) for a in directory.agencies.values() for f in a.forms if not f.weak}
    several = {form for form in strong if len(table[form]) > 1}
    assert several == {
        "so ke", "so kh", "skh", "so tai", "ubnd", "uy ban nhan dan", "ban quan ly",
        "chi cuc hai quan", "chi cuc hai quan khu vuc", "hai quan khu vuc", "cchq",
        "ben thanh tra", "nganh thanh tra", "phia thanh tra",
    }  # fmt: skip


@pytest.mark.parametrize("plan", ["lang-son-2021", "binh-duong-2019"])
def test_every_agency_named_by_a_plan_stands_in_its_text(directory: Directory, plan: str) -> None:
    text = repair((files.PLANS / f"{plan}.txt").read_text(encoding="utf-8")).text
    text = f" {plain(text)} "
    for agency in directory.agencies.values():
        if plan in agency.plans:
            assert any(f" {plain(form.text)} " in text for form in agency.forms), agency.key


@pytest.mark.parametrize("key", ["so-y-te", "cuc-thue", "thanh-tra-tinh", "so-ngoai-vu"])
def test_common_duties_of_the_departments_bind(directory: Directory, key: str) -> None:
    assert {"cac-so-ban-nganh", "cac-co-quan-don-vi"} <= set(directory.groups_of(key))
    assert key in directory.members("cac-so-ban-nganh")


def test_districts_are_those_of_the_province(directory: Directory) -> None:
    ours = directory.members("ubnd-cap-huyen", "lang-son")
    assert len(ours) == 11
    assert "ubnd-huyen-cao-loc" in ours
    assert "ubnd-huyen-phu-giao" not in ours
    assert len(directory.members("ubnd-cap-huyen")) == 20


def test_inspectorates_are_not_enumerated(directory: Directory) -> None:
    assert directory.agencies["co-quan-thanh-tra-chuyen-nganh"].is_group
    assert directory.members("co-quan-thanh-tra-chuyen-nganh") == ()


def test_central_bodies_belong_to_no_group(directory: Directory) -> None:
    central = [agency for agency in directory.agencies.values() if agency.central]
    assert "bo-ke-hoach-va-dau-tu" in {agency.key for agency in central}
    assert all(agency.groups == () for agency in central)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("so-ke-hoach-va-dau-tu", "so-tai-chinh"),
        ("so-giao-thong-van-tai", "so-xay-dung"),
        ("so-nong-nghiep-va-ptnt", "so-nong-nghiep-va-moi-truong"),
        ("so-tai-nguyen-va-moi-truong", "so-nong-nghiep-va-moi-truong"),
        ("so-thong-tin-va-truyen-thong", "so-khoa-hoc-va-cong-nghe"),
        ("so-lao-dong-thuong-binh-va-xa-hoi", "so-noi-vu"),
        ("ban-dan-toc", "so-dan-toc-va-ton-giao"),
    ],
)
def test_mergers_are_found_from_both_sides(directory: Directory, old: str, new: str) -> None:
    (row,) = directory.successors(old)
    assert row in directory.predecessors(new)
    assert row.successor == new
    assert row.since == date(2025, 3, 1)
    assert row.basis == "Nghị định 45/2025/NĐ-CP"
    assert row.certainty is Certainty.SURE
    assert directory.heirs(old) == (new,)


def test_tax_office_is_followed_through_both_changes(directory: Directory) -> None:
    assert pairs(directory.predecessors("thue-tinh")) == [
        ("chi-cuc-thue-khu-vuc", "thue-tinh"),
        ("cuc-thue", "chi-cuc-thue-khu-vuc"),
    ]
    assert directory.heirs("cuc-thue") == ("thue-tinh",)


def test_name_that_came_back_is_its_own_heir(directory: Directory) -> None:
    assert len(directory.successors("bao-hiem-xa-hoi")) == 2
    assert directory.heirs("bao-hiem-xa-hoi") == ("bao-hiem-xa-hoi",)
    assert pairs(directory.predecessors("bao-hiem-xa-hoi")) == [
        ("bao-hiem-xa-hoi-khu-vuc", "bao-hiem-xa-hoi")
    ]


def test_customs_differ_by_province(directory: Directory) -> None:
    (ours,) = directory.successors("cuc-hai-quan", "lang-son")
    assert ours.successor == "chi-cuc-hai-quan-khu-vuc-vi"
    assert ours.since == date(2025, 3, 15)
    (theirs,) = directory.successors("cuc-hai-quan", "binh-duong")
    assert theirs.certainty is Certainty.UNCONFIRMED
    assert theirs.note
    assert directory.predecessors("chi-cuc-hai-quan-khu-vuc-vi", "binh-duong") == ()


@pytest.mark.parametrize("key", ["ubnd-cap-huyen", "ubnd-huyen-cao-loc"])
def test_districts_have_no_single_heir(directory: Directory, key: str) -> None:
    (row,) = directory.successors(key, "lang-son")
    assert (row.successor, row.since, row.kind) == (None, date(2025, 7, 1), "abolish")
    assert "phân công" in row.note
    assert directory.heirs(key) == ()


def test_unconfirmed_parts_of_a_split_are_kept_apart(directory: Directory) -> None:
    assert directory.predecessors("so-y-te") == ()
    assert pairs(directory.predecessors("so-y-te", doubtful=True)) == [
        ("so-lao-dong-thuong-binh-va-xa-hoi", "so-y-te")
    ]
    parts = directory.successors("so-lao-dong-thuong-binh-va-xa-hoi", doubtful=True)
    assert [row.certainty for row in parts] == [Certainty.SURE, *[Certainty.UNCONFIRMED] * 3]


def test_what_no_source_confirms_says_so(directory: Directory) -> None:
    for row in directory.successions:
        assert row.basis or row.certainty is Certainty.UNCONFIRMED
        assert row.note or row.certainty is Certainty.SURE


def test_department_that_did_not_change_is_its_own_heir(directory: Directory) -> None:
    assert directory.successors("so-y-te") == ()
    assert directory.heirs("so-y-te") == ("so-y-te",)


def test_provinces_of_today(directory: Directory) -> None:
    assert directory.provinces["lang-son"].successor is None
    heir = directory.provinces["binh-duong"].successor
    assert heir is not None
    assert heir.name == "Thành phố Hồ Chí Minh"
    assert (heir.since, heir.basis) == (date(2025, 7, 1), "Nghị quyết 202/2025/QH15")
    assert {"TPHCM", "Sài Gòn"} <= {form.text for form in heir.forms}


SOUND = """\
agencies:
  - key: cac-so
    name: Các sở
    group: true
  - key: so-a
    name: Sở A
    forms: [SA]
    groups: [cac-so]
successions:
  - {predecessor: so-a, successor: null, since: 2025-03-01, kind: abolish, certainty: sure}
provinces:
  - {slug: lang-son, name: Lạng Sơn}
"""


def test_own_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "agencies.yaml"
    path.write_text(SOUND, encoding="utf-8")
    directory = load_directory(path)
    assert directory.members("cac-so") == ("so-a",)
    assert [form.text for form in directory.agencies["so-a"].forms] == ["Sở A", "SA"]


def test_all_faults_come_at_once_each_with_its_line(tmp_path: Path) -> None:
    text = """\
agencies:
  - key: cac-so
    name: Các sở
    group: true
  - key: so-a
    name: Sở A
    forms: [SA, ""]
    groups: [cac-so,
      cac-phong]
  - key: so-a
    name: Sở A khác
    groups: [so-a]
  - key: Sở B
    name: Sở B
    forms: [SB, sb]
    colour: red
  - key: so-c
    provinces: [ha-noi]
successions:
  - {predecessor: so-a, successor: so-d, since: 2025-03-01, kind: merge, certainty: sure}
  - {predecessor: so-a, successor: so-a, since: 2025-03-01, kind: merge, certainty: sure}
  - {predecessor: so-a, successor: null, since: 2025-03-01, kind: merge, certainty: sure}
  - {predecessor: so-a, successor: so-c, since: 2025-02-30, kind: gone, certainty: sure}
  - {predecessor: so-a, successor: so-c, kind: merge, certainty: sure}
provinces:
  - {slug: lang-son, name: Lạng Sơn}
  - {slug: lang-son, name: Lạng Sơn}
"""
    assert faults_of(tmp_path, text) == [
        (7, "not-texts"),
        (9, "agency-unknown"),
        (10, "agency-twice"),
        (12, "group-unknown"),
        (13, "agency-key"),
        (15, "form-twice"),
        (16, "field-unknown"),
        (17, "field-missing"),
        (18, "province-unknown"),
        (20, "agency-unknown"),
        (21, "succession-self"),
        (22, "succession-heir"),
        (23, "not-date"),
        (23, "not-allowed"),
        (24, "field-missing"),
        (27, "agency-twice"),
    ]


def test_broken_yaml_names_its_line(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "agencies:\n  - key: [so-a\n") == [(3, "yaml-broken")]


def test_missing_and_empty_files_are_reported(tmp_path: Path) -> None:
    with pytest.raises(PlanFaultsError, match="does not exist"):
        load_directory(tmp_path / "nowhere.yaml")
    assert faults_of(tmp_path, "") == [(1, "not-mapping")]

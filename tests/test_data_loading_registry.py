"""A registry is loaded whole or reported with every fault at its line."""

from datetime import date
from pathlib import Path
from string import Formatter

import pytest

from data.errors import REASONS, Fault
from data.loading.directory import Directory
from data.loading.registry import Loaded, heading_of, load_plan, task_id
from data.model import Agency, Comparator, Deadline, Kind, Passage, Target
from handlers.wording import catalogue

DIRECTORY = Directory(
    {
        "so-y-te": Agency("so-y-te", "Sở Y tế"),
        "so-noi-vu": Agency("so-noi-vu", "Sở Nội vụ"),
        "cac-so-ban-nganh": Agency("cac-so-ban-nganh", "Các sở, ban, ngành", is_group=True),
    }
)

TXT = """KẾ HOẠCH

I. MỤC TIÊU

II. NHIỆM VỤ

1. Thanh toán không dùng tiền mặt

a) Sở Y tế: phấn đấu 100% bệnh viện thu viện phí không
dùng tiền mặt, báo cáo trước ngày 10 tháng 12 năm 2021.

b) Các sở, ngành:

- Đến hết năm 2021, rà soát thủ tục
hành chính.

III. TỔ CHỨC THỰC HIỆN

1. Sở Nội vụ kiểm tra không quá một lần/năm./.

Nơi nhận:
- Như trên.
"""

YAML = """plan:
  id: thu-2021
  province: Thử
  title: Kế hoạch thử
  issuer: UBND tỉnh Thử
  number: null
  place: null
  issued: 2021-02-01
  signer: Trần Văn A
  signer_title: Chủ tịch
  implements: Nghị quyết số 02/NQ-CP
  period: [2021-01-01, 2021-12-31]
  coordinator: so-noi-vu
  distribution: [Như trên]
headings:
  - {clause: I, text: I. MỤC TIÊU}
  - {clause: II, text: II. NHIỆM VỤ}
  - {clause: II.1, text: 1. Thanh toán không dùng tiền mặt}
  - {clause: II.1.b, text: "b) Các sở, ngành:"}
  - {clause: III, text: III. TỔ CHỨC THỰC HIỆN}
tasks:
  - clause: II.1.a
    kind: task
    title: Viện phí không dùng tiền mặt
    quote: >-
      a) Sở Y tế: phấn đấu 100% bệnh viện thu viện phí không dùng tiền mặt,
      báo cáo trước ngày 10 tháng 12 năm 2021.
    lead: [so-y-te]
    coordinating: [so-noi-vu]
    deadline:
      words: trước ngày 10 tháng 12 năm 2021
      due: [2021-12-09]
    targets:
      - {comparator: ">=", value: 100, unit: "%", measures: bệnh viện, words: 100%}
    topics: [viện phí]
  - clause: II.1.b.1
    kind: task
    title: Rà soát thủ tục hành chính
    quote: Đến hết năm 2021, rà soát thủ tục hành chính.
    addressed: [cac-so-ban-nganh]
    deadline: {words: Đến hết năm 2021, due: [2021-12-31], every: null}
  - clause: III.1
    kind: task
    title: Kiểm tra
    quote: 1. Sở Nội vụ kiểm tra không quá một lần/năm./.
    lead: [so-noi-vu]
    targets:
      - comparator: "<="
        value: 1
        unit: lần/năm
        measures: số lần kiểm tra
        words: không quá một lần/năm
"""


def load(folder: Path, text: str | bytes = TXT, registry: str | bytes = YAML) -> Loaded:
    txt, yaml = folder / "thu-2021.txt", folder / "thu-2021.yaml"
    for path, content in ((txt, text), (yaml, registry)):
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_plan(txt, yaml, DIRECTORY)


def places(faults: tuple[Fault, ...]) -> list[tuple[str, int, str]]:
    return [(Path(fault.path).suffix, fault.line, fault.code) for fault in faults]


def test_a_sound_registry_becomes_a_plan(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded.faults == ()
    plan = loaded.plan
    assert plan is not None
    assert (plan.id, plan.year, plan.number, plan.issued) == (
        "thu-2021", 2021, None, date(2021, 2, 1),
    )  # fmt: skip
    assert [task.ref for task in plan.tasks] == ["thu-2021/1a", "thu-2021/1b1", "thu-2021/III1"]
    first, second, third = plan.tasks
    assert (first.kind, first.heading) == (Kind.TASK, "Thanh toán không dùng tiền mặt")
    assert first.quote.startswith("a) Sở Y tế: phấn đấu 100%")
    assert first.deadline == Deadline("trước ngày 10 tháng 12 năm 2021", (date(2021, 12, 9),))
    assert first.targets == (Target(Comparator.AT_LEAST, 100, "%", "bệnh viện", "100%"),)
    assert (second.heading, second.responsible) == (first.heading, ("cac-so-ban-nganh",))
    assert third.heading == "TỔ CHỨC THỰC HIỆN"


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("lead: [so-y-te]", "lead: [so-khong-co]", 28, "agency-unknown"),
        ("coordinating: [so-noi-vu]", "coordinating: [so-y-tee]", 29, "agency-unknown"),
        ("coordinator: so-noi-vu", "coordinator: nobody", 13, "agency-unknown"),
        ("lead: [so-y-te]", "recipients: [x]\n    lead: [so-y-te]", 28, "agency-unknown"),
        ("addressed: [cac-so-ban-nganh]", "addressed: [so-y-te]", 40, "group-unknown"),
        ("due: [2021-12-09]", "due: [2021-12-10]", 32, "deadline-wrong"),
        ("due: [2021-12-31], every: null", "due: [2021-12-31], every: year", 41, "deadline-wrong"),
        ("every: null", "every: week", 41, "not-allowed"),
        ("words: Đến hết năm 2021", "words: rà soát thủ tục", 41, "deadline-unread"),
        ("due: [2021-12-09]", "due: []", 32, "field-missing"),
        ("due: [2021-12-09]", "due: [9/12/2021]", 32, "not-dates"),
        ("words: Đến hết năm 2021", "words: đến hết năm 2021", 41, "words-missing"),
        ("words: không quá một lần", "words: không quá 1 lần", 52, "words-missing"),
        ("topics: [viện phí]", "documents: [Luật Giá]", 35, "words-missing"),
        ("value: 100", "value: 90", 34, "figure-wrong"),
        ("value: 1\n", "value: 2\n", 49, "figure-wrong"),
        ("value: 100", "value: trăm", 34, "not-number"),
        ('comparator: "<="', 'comparator: "≤"', 48, "not-allowed"),
        ("clause: III.1\n", "clause: II.1.a\n", 42, "clause-twice"),
        ("clause: III.1\n", "clause: II.1.B\n", 42, "clause-form"),
        ("clause: III.1\n", "clause: ''\n", 42, "field-missing"),
        ("clause: III.1\n", "clause: III.1.1.1.1.1\n", 42, "id-long"),
        ("title: Kiểm tra\n", f"title: {'x' * 81}\n", 44, "title-long"),
        ("title: Kiểm tra\n", "title: 5\n", 44, "not-text"),
        ("    title: Kiểm tra\n", "", 42, "field-missing"),
        ("title: Kiểm tra\n", "title: Kiểm tra\n    titel: x\n", 45, "field-unknown"),
        ("signer: Trần Văn A", "signor: Trần Văn A", 9, "field-unknown"),
        ("kind: task\n    title: Kiểm", "kind: duty\n    title: Kiểm", 43, "not-allowed"),
        ("topics: [viện phí]", "topics: viện phí", 35, "not-texts"),
        ("    lead: [so-noi-vu]\n    targets:", "    targets:", 42, "leaderless"),
        ("id: thu-2021", "id: khac-2021", 2, "plan-id"),
        ("[2021-01-01, 2021-12-31]", "[2021-12-31, 2021-01-01]", 12, "period"),
        ("[2021-01-01, 2021-12-31]", "[2021-01-01]", 12, "period-form"),
        ("[2021-01-01, 2021-12-31]", "[2021, 2022]", 12, "not-dates"),
        ("issued: 2021-02-01", "issued: 1/2/2021", 8, "not-date"),
        ("kiểm tra không quá", "kiểm soát không quá", 45, "quote-missing"),
        ("text: II. NHIỆM VỤ", "text: II. Nhiệm vụ", 17, "quote-missing"),
        ("clause: III, text", "clause: 3, text", 20, "not-text"),
        ("    title: Rà soát", "    kind: task\n    title: Rà soát", 38, "duplicate-key"),
        ("distribution: [Như trên]", "distribution: [Như trên", 15, "yaml-broken"),
        ("tasks:\n", "tasks: []\nothers:\n", 22, "field-unknown"),
    ],
)  # fmt: skip
def test_a_fault_is_reported_at_its_line(
    tmp_path: Path, old: str, new: str, line: int, code: str
) -> None:
    assert YAML.count(old) == 1, old
    loaded = load(tmp_path, registry=YAML.replace(old, new))
    assert loaded.plan is None
    assert (".yaml", line, code) in places(loaded.faults), list(map(str, loaded.faults))


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    registry = (
        YAML.replace("lead: [so-y-te]", "lead: [so-x]")
        .replace("due: [2021-12-09]", "due: [2021-12-11]")
        .replace("clause: III.1\n", "clause: II.1.a\n")
        .replace("kiểm tra không quá", "kiểm soát không quá")
        .replace("title: Kiểm tra", "titel: Kiểm tra")
    )
    assert places(load(tmp_path, registry=registry).faults) == [
        (".txt", 19, "text-lost"),
        (".yaml", 28, "agency-unknown"),
        (".yaml", 32, "deadline-wrong"),
        (".yaml", 42, "clause-twice"),
        (".yaml", 42, "field-missing"),
        (".yaml", 44, "field-unknown"),
        (".yaml", 45, "quote-missing"),
    ]


def test_a_wrong_date_says_what_the_words_mean(tmp_path: Path) -> None:
    loaded = load(tmp_path, registry=YAML.replace("2021-12-09", "2021-12-10"))
    (fault,) = loaded.faults
    assert str(fault) == (
        f"{tmp_path}/thu-2021.yaml:32: “trước ngày 10 tháng 12 năm 2021” means 2021-12-09, "
        "not 2021-12-10"
    )


def test_a_quote_that_differs_shows_where(tmp_path: Path) -> None:
    loaded = load(tmp_path, registry=YAML.replace("thu viện phí", "thu học phí"))
    fault = next(fault for fault in loaded.faults if fault.code == "quote-missing")
    assert "bệnh viện thu học phí" in fault.reason


@pytest.mark.parametrize(
    ("addition", "lost"),
    [
        ("- Sở Y tế làm thêm việc này.\n\nIII.", 17),
        ("Đoạn văn không dấu đầu dòng.\n\nIII.", 17),
    ],
)
def test_a_line_that_the_registry_left_out_is_a_fault(
    tmp_path: Path, addition: str, lost: int
) -> None:
    loaded = load(tmp_path, text=TXT.replace("III.", addition))
    assert places(loaded.faults) == [(".txt", lost, "text-lost")]


def test_a_part_of_a_line_that_was_left_out_is_a_fault(tmp_path: Path) -> None:
    loaded = load(tmp_path, text=TXT.replace("hành chính.\n", "hành chính. Báo cáo kết quả.\n"))
    (fault,) = loaded.faults
    assert (fault.line, fault.places) == (15, {"text": "Báo cáo kết quả."})


def test_text_that_stands_twice_must_be_quoted_twice(tmp_path: Path) -> None:
    twice = TXT.replace("III. TỔ", "- Đến hết năm 2021, rà soát thủ tục\nhành chính.\n\nIII. TỔ")
    assert {line for _, line, _ in places(load(tmp_path, text=twice).faults)} == {17, 18}


def test_legacy_letters_in_the_text_match_the_registry(tmp_path: Path) -> None:
    legacy = TXT.replace("đ", "ñ").replace("Đ", "ð")
    loaded = load(tmp_path, text=legacy)
    assert loaded.faults == ()
    assert loaded.repairs is not None
    assert loaded.repairs.letters == TXT.count("đ") + TXT.count("Đ")


def test_a_missing_text_is_reported_beside_other_faults(tmp_path: Path) -> None:
    yaml = tmp_path / "thu-2021.yaml"
    yaml.write_text(YAML.replace("so-y-te", "so-x"), "utf-8")
    loaded = load_plan(tmp_path / "thu-2021.txt", yaml, DIRECTORY)
    assert places(loaded.faults) == [(".txt", 0, "file-missing"), (".yaml", 28, "agency-unknown")]
    assert loaded.repairs is None


def test_a_text_that_is_not_utf8_is_a_fault(tmp_path: Path) -> None:
    loaded = load(tmp_path, text=TXT.encode("utf-16"))
    assert places(loaded.faults) == [(".txt", 1, "not-utf8")]


@pytest.mark.parametrize("registry", ["", "5", "- a", "plan: 5\ntasks: x", "plan:\ntasks:"])
def test_a_registry_of_another_shape_is_faults_not_a_crash(tmp_path: Path, registry: str) -> None:
    loaded = load(tmp_path, registry=registry)
    assert loaded.plan is None
    assert loaded.faults


@pytest.mark.parametrize(
    ("clause", "short"),
    [
        ("II.5.k", "5k"), ("II.1.a.3", "1a3"), ("II.2.a.1.4", "2a1.4"), ("II.3.1", "II3.1"),
        ("III.6", "III6"), ("I.2.3", "I2.3"), ("II.2", "II2"), ("II.2.b.11", "2b11"),
        ("II.2.b.11.1", "2b11.1"), ("III.1.1", "III1.1"), ("II.5.đ.2", "5đ2"), ("II.1", "II1"),
    ],
)  # fmt: skip
def test_ids_come_from_the_clause(clause: str, short: str) -> None:
    assert task_id(clause) == short


def test_the_heading_is_the_nearest_named_one() -> None:
    headings = (
        Passage("II", "II. NHIỆM VỤ"),
        Passage("II.1", "1. Tăng cường trách nhiệm"),
        Passage("II.1", "Phân công các cơ quan như sau:"),
        Passage("II.1.a", "a) Khởi sự kinh doanh"),
        Passage("II.1.đ", "đ) Các sở, ngành:"),
    )
    assert heading_of("II.1.a.1", headings) == "Khởi sự kinh doanh"
    assert heading_of("II.1.đ.1", headings) == "Tăng cường trách nhiệm"
    assert heading_of("II.10.a", headings) == "NHIỆM VỤ"
    assert heading_of("III.1", headings) == ""


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_fault_can_be_said(language: str) -> None:
    said = catalogue(language)
    for code, reason in REASONS.items():
        message = said.get(f"fault.{code}")
        assert message is not None, code
        assert fields(str(message.string)) == fields(reason), code


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}

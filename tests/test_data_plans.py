"""The two plans: nothing lost, nothing invented, names that last."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import pytest

from data import files
from data.loading.library import load_library
from data.loading.repair import Repaired, repair
from data.model import Kind, Plan, Task

LIBRARY = load_library()
TASKS = LIBRARY.tasks()
PLANS = list(LIBRARY.plans.values())
BULLET = re.compile(r"^[-+] ")


def repaired(plan: Plan) -> Repaired:
    return repair((files.PLANS / f"{plan.id}.txt").read_text("utf-8"))


def task(ref: str) -> Task:
    found = LIBRARY.task(ref)
    assert found is not None, ref
    return found


def duties(plan: Plan) -> Iterator[str]:
    """Each line of parts II and III, without a bullet's mark."""
    whole = repaired(plan)
    pieces = [BULLET.sub("", whole.piece(line)) for line in whole.lines]
    begin = next(place for place, piece in enumerate(pieces) if piece.startswith("II. "))
    end = next(place for place, piece in enumerate(pieces) if piece.endswith("./."))
    yield from pieces[begin : end + 1]


def named(plan: Plan) -> list[str]:
    return [heading.text for heading in plan.headings]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.id)
def test_every_quote_heading_and_background_stands_in_the_text(plan: Plan) -> None:
    text = repaired(plan).text
    passages = [t.quote for t in plan.tasks] + named(plan) + [b.text for b in plan.background]
    assert [passage for passage in passages if passage not in text] == []


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.id)
def test_every_line_of_the_duties_is_in_a_quote_or_is_a_heading(plan: Plan) -> None:
    passages = [t.quote for t in plan.tasks] + named(plan)
    lines = list(duties(plan))
    assert len(lines) > 200
    assert [line for line in lines if not any(line in passage for passage in passages)] == []


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.id)
def test_quotes_do_not_overlap(plan: Plan) -> None:
    text = repaired(plan).text
    spans = sorted((start := text.index(t.quote), start + len(t.quote)) for t in plan.tasks)
    assert [b for a, b in pairwise(spans) if b[0] < a[1]] == []


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.id)
def test_quotes_hold_no_page_furniture(plan: Plan) -> None:
    for t in plan.tasks:
        assert "http" not in t.quote
        assert "Inland Container Depot" not in t.quote
        assert not set(t.quote) & set("ñðÑÐ\n")


def test_every_agency_is_known() -> None:
    agencies = LIBRARY.directory.agencies
    for t in TASKS:
        assert {*t.lead, *t.coordinating, *t.addressed, *t.recipients} <= agencies.keys(), t.ref
        assert all(agencies[key].is_group for key in t.addressed), t.ref
    assert {plan.coordinator for plan in PLANS} <= agencies.keys()


def test_somebody_carries_every_duty() -> None:
    assert [t.ref for t in TASKS if t.kind is not Kind.TARGET and not t.responsible] == []


def test_dates_and_figures_stand_in_the_quote() -> None:
    for t in TASKS:
        if t.deadline:
            assert t.deadline.words in t.quote, t.ref
        for target in t.targets:
            assert target.words in t.quote, t.ref
            number = "một" if "một lần" in target.words else f"{target.value:g}"
            assert number in target.words, t.ref
        for document in t.documents:
            assert document in t.quote, t.ref


def test_a_day_before_is_the_last_day_in_time() -> None:
    for t in TASKS:
        found = t.deadline and re.fullmatch(
            r"trước ngày (\d+) tháng (\d+) năm (\d+)", t.deadline.words
        )
        if found:
            day, month, year = map(int, found.groups())
            assert t.due == (date(year, month, day) - timedelta(days=1),)


@pytest.mark.parametrize(
    ("ref", "due"),
    [
        ("lang-son-2021/4a2", ["2021-12-31"]),
        ("lang-son-2021/4e", ["2021-12-09"]),
        ("lang-son-2021/5g", ["2021-12-31"]),
        ("lang-son-2021/III6", ["2021-03-09", "2021-06-09", "2021-09-09", "2021-12-09"]),
        ("binh-duong-2019/II2", ["2019-03-31"]),
        ("binh-duong-2019/2c1", ["2019-11-30"]),
        ("binh-duong-2019/2c2", ["2019-11-30"]),
        ("binh-duong-2019/III3", ["2019-03-09", "2019-06-09", "2019-09-09", "2019-12-09"]),
    ],
)
def test_the_last_days_in_time(ref: str, due: list[str]) -> None:
    assert list(map(str, task(ref).due)) == due


def test_no_other_task_has_a_deadline() -> None:
    assert sum(bool(t.deadline) for t in TASKS) == 8


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.id)
def test_titles_are_short_and_kinds_and_headings_given(plan: Plan) -> None:
    for t in plan.tasks:
        assert 0 < len(t.title) <= 80, t.ref
        assert t.heading, t.ref
        assert not re.match(r"(?:[IVX]+|\d+|[a-zđ])[.)] ", t.heading), t.ref


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.id)
def test_ids_are_short_and_single_in_any_case(plan: Plan) -> None:
    ids = [t.id.casefold() for t in plan.tasks]
    assert len(ids) == len(set(ids))
    assert max(map(len, ids)) <= 8


@pytest.mark.parametrize(
    ("ref", "clause", "begins", "lead"),
    [
        ("lang-son-2021/5k", "II.5.k", "k) Sở Y tế: phấn đấu 100% bệnh viện", ("so-y-te",)),
        ("lang-son-2021/1a6", "II.1.a.6", "Sở Công Thương làm đầu mối", ("so-cong-thuong",)),
        ("lang-son-2021/2a1.4", "II.2.a.1.4", "Tạo sự bình đẳng", ("so-ke-hoach-va-dau-tu",)),
        ("lang-son-2021/5đ2", "II.5.đ.2", "Đánh giá kết quả", ("ngan-hang-nha-nuoc",)),
        ("lang-son-2021/4b2", "II.4.b.2", "Tăng cường công tác thanh tra", ("so-noi-vu",)),
        ("lang-son-2021/III1.2", "III.1.2", "Giao Sở Kế hoạch", ("so-ke-hoach-va-dau-tu",)),
        ("lang-son-2021/III4", "III.4", "4. Hiệp hội Doanh nghiệp tỉnh",
         ("hiep-hoi-doanh-nghiep", "hoi-doanh-nhan-tre")),
        ("binh-duong-2019/2a8.1", "II.2.a.8.1", "Xây dựng và triển khai chương trình",
         ("cuc-hai-quan",)),
        ("binh-duong-2019/2b11.3", "II.2.b.11.3", "Chủ động nghiên cứu", ("cuc-hai-quan",)),
        ("binh-duong-2019/2b12", "II.2.b.12", "Công ty điện lực", ("cong-ty-dien-luc",)),
        ("binh-duong-2019/2c", "II.2.c", "Các Sở, ban, ngành", ()),
        ("binh-duong-2019/III4", "III.4", "Giao Sở Kế hoạch", ("so-ke-hoach-va-dau-tu",)),
    ],
)  # fmt: skip
def test_names_that_must_not_change(
    ref: str, clause: str, begins: str, lead: tuple[str, ...]
) -> None:
    found = task(ref)
    assert (found.clause, found.lead) == (clause, lead)
    assert found.quote.startswith(begins)


def test_the_heading_of_a_task_is_the_named_one_above_it() -> None:
    assert task("lang-son-2021/5k").heading == (
        "Đẩy mạnh thanh toán không dùng tiền mặt và cung cấp dịch vụ công trực tuyến cấp độ 4"
    )
    assert task("lang-son-2021/2a1.4").heading == "Khởi sự kinh doanh"
    assert task("lang-son-2021/5a1").heading == task("lang-son-2021/5k").heading


def test_lang_son_names_twelve_focal_points() -> None:
    plan = LIBRARY.plans["lang-son-2021"]
    focal = [t for t in plan.tasks if t.kind is Kind.INDICATOR]
    assert len(focal) == 12
    assert all(t.clause.startswith("II.1.") and t.indicators and t.lead for t in focal)


@pytest.mark.parametrize(("plan", "count"), [("lang-son-2021", 73), ("binh-duong-2019", 47)])
def test_the_number_of_units(plan: str, count: int) -> None:
    assert len(LIBRARY.plans[plan].tasks) == count


def test_what_the_letterheads_say() -> None:
    lang_son, binh_duong = LIBRARY.plans["lang-son-2021"], LIBRARY.plans["binh-duong-2019"]
    assert (lang_son.number, lang_son.issued, lang_son.signer) == (None, None, "Đoàn Thu Hà")
    assert (binh_duong.number, binh_duong.issued) == ("629/KH-UBND", date(2019, 2, 14))
    assert (lang_son.year, binh_duong.year) == (2021, 2019)
    assert {lang_son.coordinator, binh_duong.coordinator} == {"so-ke-hoach-va-dau-tu"}

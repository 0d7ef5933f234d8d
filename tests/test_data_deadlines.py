"""Days, spans, recurrences, holidays."""

from datetime import date
from itertools import pairwise

import pytest

from data import deadlines
from data.deadlines import Span

YEAR: Span = (date(2021, 1, 1), date(2021, 12, 31))


def test_the_last_day_in_time_is_the_day_before() -> None:
    assert deadlines.last_in_time(date(2019, 12, 1)) == date(2019, 11, 30)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2021, 1, 31), 1, date(2021, 2, 28)),
        (date(2021, 12, 15), 1, date(2022, 1, 15)),
        (date(2021, 1, 15), -1, date(2020, 12, 15)),
        (date(2020, 2, 29), 12, date(2021, 2, 28)),
    ],
)
def test_months_on_keep_the_day_or_end_the_month(day: date, months: int, expected: date) -> None:
    assert deadlines.shifted(day, months) == expected


def test_spans_of_the_calendar() -> None:
    assert deadlines.month_span(2021, 12) == (date(2021, 12, 1), date(2021, 12, 31))
    assert deadlines.quarter_span(2019, 1) == (date(2019, 1, 1), date(2019, 3, 31))
    assert deadlines.week_span(date(2021, 3, 7)) == (date(2021, 3, 1), date(2021, 3, 7))
    assert [deadlines.quarter_of(date(2021, month, 1)) for month in (1, 3, 4, 12)] == [1, 1, 2, 4]


def test_recurrences_stay_within_the_period() -> None:
    assert [str(day) for day in deadlines.quarterly(9, YEAR)] == [
        "2021-03-09", "2021-06-09", "2021-09-09", "2021-12-09",
    ]  # fmt: skip
    assert deadlines.quarterly(31, (date(2021, 5, 1), date(2021, 7, 1))) == (date(2021, 6, 30),)
    months = deadlines.monthly(31, (date(2021, 1, 15), date(2021, 3, 30)))
    assert months == (date(2021, 1, 31), date(2021, 2, 28))


@pytest.mark.parametrize(
    ("year", "first"),
    [
        (2019, date(2019, 2, 5)), (2021, date(2021, 2, 12)), (2025, date(2025, 1, 29)),
        (2026, date(2026, 2, 17)), (2027, date(2027, 2, 6)),
    ],
)  # fmt: skip
def test_the_lunar_year_begins(year: int, first: date) -> None:
    assert deadlines.tet(year) == first
    start, end = deadlines.tet_span(year)
    assert start < first < end


def test_a_sunday_and_a_holiday_are_remarked_upon() -> None:
    sunday = deadlines.remark(date(2021, 5, 9))
    assert (sunday.weekday, sunday.working, sunday.holiday) == (6, False, None)
    assert (sunday.previous, sunday.following) == (date(2021, 5, 7), date(2021, 5, 10))
    tet = deadlines.remark(date(2021, 2, 12))
    assert tet.holiday == "Tết Nguyên Đán"
    assert (tet.previous, tet.following) == (date(2021, 2, 9), date(2021, 2, 17))
    assert deadlines.remark(date(2021, 12, 9)).working


def test_a_saturday_worked_in_exchange_is_a_working_day() -> None:
    assert deadlines.is_working(date(2019, 5, 4))
    assert not deadlines.is_working(date(2019, 4, 29))


def test_local_overrides_come_first() -> None:
    overrides = {date(2021, 6, 9): "Ngày nghỉ của tỉnh", date(2021, 9, 2): None}
    assert deadlines.holiday(date(2021, 6, 9), overrides) == "Ngày nghỉ của tỉnh"
    assert deadlines.next_working(date(2021, 6, 8), overrides) == date(2021, 6, 10)
    assert deadlines.remark(date(2021, 9, 2), overrides).working


def test_reporting_windows_of_decree_09_2019() -> None:
    assert deadlines.reporting_quarter(2021, 1) == (date(2020, 12, 15), date(2021, 3, 14))


def test_reporting_windows_follow_each_other_without_gap() -> None:
    windows = [deadlines.reporting_quarter(2021, quarter) for quarter in (1, 2, 3, 4)]
    for (_, end), (start, _) in pairwise(windows):
        assert (start - end).days == 1

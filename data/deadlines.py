"""Days, spans of days, working days: pure functions on local dates of Việt Nam.

A span is `(first, last)`, both days included. "Before a day" means that the day before it is
the last day in time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase

Span = tuple[date, date]
Overrides = Mapping[date, str | None]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Remark:
    """What is worth saying of a day: its weekday (Monday is 0), whether offices work, holiday.

    `holiday` is the Vietnamese name, None on other days. `previous` and `following` are the
    nearest working days before and after.
    """

    day: date
    weekday: int
    working: bool
    holiday: str | None
    previous: date
    following: date


def last_in_time(limit: date) -> date:
    """The last day in time for "trước ngày …": the day before the limit."""
    return limit - _DAY


def shifted(day: date, months: int) -> date:
    """The same day so many months on (or back), or that month's last day if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, month_span(year, month + 1)[1].day))


def month_span(year: int, month: int) -> Span:
    """A calendar month."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), following - _DAY


def quarter_of(day: date) -> int:
    """The quarter, 1 to 4, in which a day lies."""
    return (day.month + 2) // 3


def quarter_span(year: int, quarter: int) -> Span:
    """A quarter, 1 to 4."""
    return date(year, quarter * 3 - 2, 1), month_span(year, quarter * 3)[1]


def year_span(year: int) -> Span:
    """A calendar year."""
    return date(year, 1, 1), date(year, 12, 31)


def week_span(day: date) -> Span:
    """Monday to Sunday of the week in which a day lies."""
    monday = day - day.weekday() * _DAY
    return monday, monday + 6 * _DAY


def quarterly(day_of_month: int, period: Span) -> tuple[date, ...]:
    """That day of the last month of every quarter, as far as it lies within the period."""
    days = (
        date(year, month, min(day_of_month, month_span(year, month)[1].day))
        for year in range(period[0].year, period[1].year + 1)
        for month in (3, 6, 9, 12)
    )
    return tuple(day for day in days if period[0] <= day <= period[1])


def monthly(day_of_month: int, period: Span) -> tuple[date, ...]:
    """That day of every month, as far as it lies within the period."""
    months = (period[1].year - period[0].year) * 12 + period[1].month - period[0].month
    first = period[0].replace(day=1)
    days = (shifted(first, number) for number in range(months + 1))
    days = (
        day.replace(day=min(day_of_month, month_span(day.year, day.month)[1].day)) for day in days
    )
    return tuple(day for day in days if period[0] <= day <= period[1])


@cache
def _calendar() -> "HolidayBase":
    """The public holidays of Việt Nam; the library costs 40 ms, so only who asks pays."""
    from holidays import country_holidays

    return country_holidays("VN", language="vi")


def holiday(day: date, overrides: Overrides | None = None) -> str | None:
    """The Vietnamese name of a public holiday, else None.

    `overrides` comes first: a name makes the day a holiday, None makes it a working day.
    """
    if overrides and day in overrides:
        return overrides[day]
    return _calendar().get(day)


def is_working(day: date, overrides: Overrides | None = None) -> bool:
    """Whether offices work on that day; a Saturday worked in exchange counts as such."""
    if overrides and day in overrides:
        return overrides[day] is None
    return bool(_calendar().is_working_day(day))


def previous_working(day: date, overrides: Overrides | None = None) -> date:
    """The nearest working day before a day."""
    day -= _DAY
    while not is_working(day, overrides):
        day -= _DAY
    return day


def next_working(day: date, overrides: Overrides | None = None) -> date:
    """The nearest working day after a day."""
    day += _DAY
    while not is_working(day, overrides):
        day += _DAY
    return day


def remark(day: date, overrides: Overrides | None = None) -> Remark:
    """Weekday, holiday and the working days around a day."""
    return Remark(
        day=day,
        weekday=day.weekday(),
        working=is_working(day, overrides),
        holiday=holiday(day, overrides),
        previous=previous_working(day, overrides),
        following=next_working(day, overrides),
    )


@cache
def tet(year: int) -> date:
    """The first day of the lunar year that begins in that year."""
    named = (day for day in _days_of(year) if _calendar().get(day) == "Tết Nguyên Đán")
    return next(named)


@cache
def tet_span(year: int) -> Span:
    """The public holiday around the lunar new year, without the weekends that touch it."""
    first = last = tet(year)
    while "Tết" in (_calendar().get(first - _DAY) or ""):
        first -= _DAY
    while "Tết" in (_calendar().get(last + _DAY) or ""):
        last += _DAY
    return first, last


def _days_of(year: int) -> tuple[date, ...]:
    """The days on which a lunar year may begin (20 January to 21 February)."""
    return tuple(date(year, 1, 20) + number * _DAY for number in range(34))


def reporting_quarter(year: int, quarter: int) -> Span:
    """What a quarter's report covers: the 15th before it to the 14th of its last month.

    Source: Nghị định 09/2019/NĐ-CP, Điều 12.
    """
    last = date(year, quarter * 3, 14)
    return shifted(last, -3) + _DAY, last

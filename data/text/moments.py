"""What an expression of time means: "thứ sáu" of a week, "quý III" of a year, "7 ngày nữa".

A reader for each kind of expression; how they are found in a text is the business of
data.text.expressions, their words that of data.text.time_words.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from data import deadlines
from data.deadlines import Span
from data.text.normalise import fold
from data.text.patterns import pattern
from data.text.time_words import (
    day_step_of,
    month_of,
    number_of,
    quarter_of,
    step_of,
    weekday_of,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """What a phrase is read against: the day it is said, the year where it names none."""

    today: date
    year: int
    given: bool
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one expression means; None as span marks an impossible date."""

    span: Span | None
    kind: str
    dated: bool = False
    late: bool = False
    every: str | None = None
    day: int | None = None
    needs: str = ""
    more: tuple[Span, ...] = ()
    closed: bool = False


_IMPOSSIBLE = Meaning(None, "faulty")
Reader = Callable[[re.Match[str], Moment], Meaning | None]
_LINKS = pattern(r"\b(?:và|với|hoặc|hay)\b")


def _year(m: re.Match[str], at: Moment) -> tuple[int, bool]:
    """The year an expression states, or the one to assume, and whether it stated one."""
    groups = m.groupdict()
    if year := groups.get("year") or groups.get("year_"):
        return int(year), True
    if short := groups.get("yy"):
        return 2000 + int(short), True
    if relative := groups.get("yrel"):
        return at.today.year + step_of(relative), True
    return at.year, False


def _days(first: date, start: int, end: int) -> Span:
    return first + timedelta(start), first + timedelta(end)


def _part_of(span: Span, part: str, unit: str) -> Span:
    """That part of a week, month, quarter or year."""
    first, last = span
    months = {"quarter": 3, "year": 12}.get(unit, 0)
    edges = {
        "first day": (first, first),
        "last day": (last, last),
        "first week": _days(first, 0, 6),
        "last week": _days(last, -6, 0),
    }
    if part in edges:
        return edges[part]
    if not months:
        cuts = {"week": (0, 1, 2, 3, 4), "month": (0, 9, 10, 19, 20)}[unit]
        half = 15 if unit == "month" else 3
        pieces = {"early": cuts[:2], "middle": cuts[2:4], "first half": (0, half - 1)}
        if part in pieces:
            return _days(first, *pieces[part])
        return first + timedelta(half if part == "second half" else cuts[4]), last
    counts = {
        "first month": (0, 1), "middle month": (months // 2, 1), "last month": (months - 1, 1),
        "early": (0, months // 4 or 1), "late": (months - (months // 4 or 1), months // 4 or 1),
        "middle": (months // 2 - (months == 12), 1 + (months == 12)),
        "first half": (0, months // 2), "second half": (months // 2, months - months // 2),
    }  # fmt: skip
    skipped, length = counts[part]
    start = deadlines.shifted(first, skipped)
    return start, deadlines.shifted(start, length) - timedelta(1)


def _unit(part: str | None, span: Span, unit: str, dated: bool) -> Meaning:
    """A week, month, quarter or year, whole or in part."""
    if part is None:
        return Meaning(span, unit, dated)
    late = part in ("late", "last day", "last week", "last month", "second half")
    kind = "day" if part.endswith("day") else "span"
    return Meaning(_part_of(span, part, unit), kind, dated, late)


def day_meaning(year: int, month: int, day: int, dated: bool) -> Meaning:
    """A day, impossible ones marked as such."""
    try:
        found = date(year, month, day)
    except ValueError:
        return _IMPOSSIBLE
    return Meaning((found, found), "day", dated)


def read_day(m: re.Match[str], at: Moment) -> Meaning | None:
    """A day of a month, with or without its year."""
    year, dated = _year(m, at)
    day, month = int(m["d"]), month_of(m["m"])
    groups = m.groupdict()
    certain = groups.get("word") or dated or groups.get("certain")
    if not certain and (day > 31 or month > 12 or not day or not month):
        return None
    meaning = day_meaning(year, month, day, dated)
    if certain:
        return meaning
    if groups.get("dot"):
        return replace(meaning, needs="dot")
    return replace(meaning, needs="no fraction") if "/" in m[0] else meaning


def read_day_range(m: re.Match[str], at: Moment) -> Meaning | None:
    """Days of one month: "từ 1 đến 15/4"."""
    year, dated = _year(m, at)
    month = month_of(m["m"])
    first, last = (day_meaning(year, month, int(m[name]), dated).span for name in ("d1", "d"))
    if not first or not last:
        return _IMPOSSIBLE
    return Meaning((first[0], last[0]), "span", dated, closed=True)


def read_day_of_month(m: re.Match[str], at: Moment) -> Meaning | None:
    """ "ngày 10", "ngày 10 tháng này", "ngày 10 hằng tháng"."""
    relative = m.groupdict().get("rel")
    month = deadlines.shifted(at.today.replace(day=1), step_of(relative) if relative else 0)
    day = int(m["d"])
    if not 1 <= day <= 31:
        return _IMPOSSIBLE
    if relative:
        return day_meaning(month.year, month.month, day, True)
    first = month.replace(year=at.year)
    last = deadlines.month_span(first.year, first.month)[1]
    found = first.replace(day=min(day, last.day))
    return Meaning((found, found), "day", False, every="month", day=day)


def read_day_of_quarter(m: re.Match[str], at: Moment) -> Meaning | None:
    """ "ngày 10 của tháng cuối quý": of each, or of the one named."""
    day = int(m["d"])
    if not 1 <= day <= 31:
        return _IMPOSSIBLE
    named = m.groupdict().get("q") or m.groupdict().get("rel")
    span = _quarter_named(m, at)
    if span is None:
        return _IMPOSSIBLE
    last = span[0][1]
    found = last.replace(day=min(day, last.day))
    if named:
        return Meaning((found, found), "day", span[1])
    return Meaning((found, found), "day", span[1], every="quarter", day=day)


def _quarter_named(m: re.Match[str], at: Moment) -> tuple[Span, bool] | None:
    """The quarter by its number, by its distance from today's, or today's."""
    groups = m.groupdict()
    if named := groups.get("q"):
        number = quarter_of(named)
        year, dated = _year(m, at)
        return (deadlines.quarter_span(year, number), dated) if 1 <= number <= 4 else None
    day = at.today.replace(day=1)
    if relative := groups.get("rel"):
        day = deadlines.shifted(day, 3 * step_of(relative))
    elif at.given:
        day = day.replace(year=at.year)
    return deadlines.quarter_span(day.year, deadlines.quarter_of(day)), bool(relative)


def read_month(m: re.Match[str], at: Moment) -> Meaning | None:
    """A month by its number or from where today is."""
    if not m.groupdict().get("m"):
        return _month_near(m, at)
    month = month_of(m["m"])
    if not 1 <= month <= 12:
        return _IMPOSSIBLE
    year, dated = _year(m, at)
    meaning = _unit(at.part, deadlines.month_span(year, month), "month", dated)
    return replace(meaning, needs="no fraction") if m[0][0].isdigit() else meaning


def _month_near(m: re.Match[str], at: Moment) -> Meaning | None:
    relative = m.groupdict().get("rel")
    day = at.today.replace(day=1)
    if relative:
        day = deadlines.shifted(day, step_of(relative))
    elif at.given:
        day = day.replace(year=at.year)
    meaning = _unit(at.part, deadlines.month_span(day.year, day.month), "month", bool(relative))
    return meaning if relative or at.part else replace(meaning, needs="whole")


def read_quarter(m: re.Match[str], at: Moment) -> Meaning | None:
    """A quarter by its number or from where today is."""
    found = _quarter_named(m, at)
    if found is None:
        return _IMPOSSIBLE
    meaning = _unit(at.part, found[0], "quarter", found[1])
    groups = m.groupdict()
    if groups.get("q") or groups.get("rel") or at.part:
        return meaning
    return replace(meaning, needs="whole")


def read_range(m: re.Match[str], at: Moment) -> Meaning | None:
    """ "quý 1-3", "tháng 3 đến 6"."""
    year, dated = _year(m, at)
    groups = m.groupdict()
    months = "m" in groups
    first, last = (
        (month_of if months else quarter_of)(m["m" if months else "q"]),
        quarter_of(m["to"]),
    )
    limit = 12 if months else 4
    if not (1 <= first <= limit and 1 <= last <= limit):
        return _IMPOSSIBLE
    span_of = deadlines.month_span if months else deadlines.quarter_span
    later = span_of(year + (last < first), last)
    return Meaning((span_of(year, first)[0], later[1]), "span", dated, closed=True)


def read_list(m: re.Match[str], at: Moment) -> Meaning | None:
    """ "quý 1, 2", "tháng 3 và 4": one span where they follow each other, else several."""
    year, dated = _year(m, at)
    months = "m" in m.groupdict()
    limit, span_of = (12, deadlines.month_span) if months else (4, deadlines.quarter_span)
    named = [month_of(m["m"]) if months else quarter_of(m["q"])]
    named += [quarter_of(number) for number in re.findall(r"\w+", _LINKS.sub(" ", m["more"]))]
    if not all(1 <= number <= limit for number in named):
        return _IMPOSSIBLE
    spans = [span_of(year, number) for number in sorted(set(named))]
    if len(spans) == max(named) - min(named) + 1:
        return Meaning((spans[0][0], spans[-1][1]), "span", dated)
    return Meaning(spans[0], "month" if months else "quarter", dated, more=tuple(spans[1:]))


def read_year(m: re.Match[str], at: Moment) -> Meaning | None:
    """A year, or several in a row."""
    year, dated = _year(m, at)
    groups = m.groupdict()
    if groups.get("to"):
        span = date(year, 1, 1), date(int(groups["to"]), 12, 31)
        return Meaning(span, "span", True, closed=True)
    meaning = _unit(at.part, deadlines.year_span(year), "year", dated)
    if groups.get("bare") or (groups.get("yy") and "ă" not in m[0]):
        return meaning if at.part else replace(meaning, needs="bound")
    if dated or at.part:
        return meaning
    return replace(meaning, needs="whole")


def read_week(m: re.Match[str], at: Moment) -> Meaning | None:
    """This week, the next, the one before."""
    relative = m.groupdict().get("rel")
    day = at.today + timedelta(7 * (step_of(relative) if relative else 0))
    meaning = _unit(at.part, deadlines.week_span(day), "week", True)
    return meaning if relative or at.part else replace(meaning, needs="whole")


def read_turn(m: re.Match[str], at: Moment) -> Meaning:
    """The week, month or quarter after this one: "sang tháng"."""
    unit = fold(m["unit"])
    if unit == "tuan":
        return Meaning(deadlines.week_span(at.today + timedelta(7)), "week", True)
    months = 1 if unit == "thang" else 3
    day = deadlines.shifted(at.today.replace(day=1), months)
    if months == 1:
        return Meaning(deadlines.month_span(day.year, day.month), "month", True)
    return Meaning(deadlines.quarter_span(day.year, (day.month + 2) // 3), "quarter", True)


def read_weekday(m: re.Match[str], at: Moment) -> Meaning | None:
    """A bare weekday is the next one, today included."""
    groups = m.groupdict()
    word = groups.get("wd") or groups.get("short")
    number = 6 if word is None else int(word) - 2 if word.isdigit() else weekday_of(word)
    step = step_of(groups["rel"]) if groups.get("rel") else 0
    if groups.get("week"):
        day = deadlines.week_span(at.today)[0] + timedelta(7 * step + number)
    else:
        ahead = (number - at.today.weekday()) % 7
        day = at.today + timedelta(ahead - 7 if step < 0 else ahead)
        if step > 0 and day == at.today:
            day += timedelta(7)
    return Meaning((day, day), "day", True, needs="no count")


def read_months_of_year(m: re.Match[str], at: Moment) -> Meaning | None:
    """ "6 tháng đầu năm", "2 quý cuối năm", "nửa năm đầu"."""
    year, dated = _year(m, at)
    groups = m.groupdict()
    months = number_of(groups["n"]) if groups.get("n") else 6
    if months == 0:
        return _half_month(year, bool(groups.get("late")))
    months *= 3 if groups.get("quarters") else 1
    if not 1 <= months <= 12:
        return _IMPOSSIBLE
    first, last = deadlines.year_span(year)
    late = bool(groups.get("late"))
    if late:
        first = deadlines.shifted(first, 12 - months)
    else:
        last = deadlines.month_span(year, months)[1]
    return Meaning((first, last), "half" if months == 6 else "span", dated, late)


def _half_month(year: int, late: bool) -> Meaning:
    """ "nửa tháng cuối năm": the last half month of a year, or the first."""
    if late:
        return Meaning((date(year, 12, 16), date(year, 12, 31)), "span")
    return Meaning((date(year, 1, 1), date(year, 1, 15)), "span")


def _moved(day: date, count: int, unit: str, working: bool) -> date:
    """So many days, weeks, months, quarters or years on (or back, where negative)."""
    if working:
        step = deadlines.next_working if count > 0 else deadlines.previous_working
        for _ in range(abs(count)):
            day = step(day)
        return day
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit)
    if months:
        return deadlines.shifted(day, count * months)
    return day + timedelta(count * (7 if unit == "week" else 1))


def read_count(m: re.Match[str], at: Moment) -> Meaning | None:
    """ "trong 7 ngày tới", "7 ngày nữa", "30 ngày qua"."""
    groups = m.groupdict()
    unit = next(name for name in ("day", "week", "month", "quarter", "year") if groups.get(name))
    count = number_of(groups["n"]) if groups.get("n") else 1
    if groups.get("few"):
        count = 7 if unit == "day" else 3
    if not count:
        unit, count = {"month": ("day", 15), "year": ("month", 6)}.get(unit, ("day", 1))
    working = bool(groups.get("work"))
    back = groups.get("past") or groups.get("ago")
    if groups.get("forward") or (groups.get("within") and not back):
        return Meaning((at.today, _moved(at.today, count, unit, working)), "span", True)
    if groups.get("past") or (groups.get("within") and back):
        return Meaning((_moved(at.today, -count, unit, working), at.today), "span", True)
    if not groups.get("then") and not groups.get("ago"):
        return None
    day = _moved(at.today, count if groups.get("then") else -count, unit, working)
    return Meaning((day, day), "ahead" if groups.get("then") else "day", True)


def read_simple_day(m: re.Match[str], at: Moment) -> Meaning | None:
    """Today, tomorrow, yesterday and their like."""
    day = at.today + timedelta(day_step_of(m[0]))
    return Meaning((day, day), "day", True)


def read_now(m: re.Match[str], at: Moment) -> Meaning | None:
    """ "nay", "giờ": only as one end of a span."""
    return Meaning((at.today, at.today), "day", True, needs="end")


def read_tet(m: re.Match[str], at: Moment) -> Meaning | None:
    """Lunar New Year, its holidays as a span."""
    year, dated = _year(m, at)
    if m.groupdict().get("rel"):
        year, dated = at.today.year + step_of(m["rel"]), True
    if not dated and not at.given and deadlines.tet_span(year)[1] < at.today:
        year += 1
    return Meaning(deadlines.tet_span(year), "span", dated, needs="" if dated else "bound")


def read_new_year(m: re.Match[str], at: Moment) -> Meaning | None:
    """The first of January."""
    year, dated = _year(m, at)
    if not dated and not at.given and date(year, 1, 1) < at.today:
        year += 1
    return replace(day_meaning(year, 1, 1, dated), needs="bound")


def read_next_year(m: re.Match[str], at: Moment) -> Meaning:
    """The first of January after the year that goes on: "năm mới"."""
    return replace(day_meaning(at.year + 1, 1, 1, False), needs="bound")


def read_last_day(m: re.Match[str], at: Moment) -> Meaning | None:
    """The last day of a year."""
    year, dated = _year(m, at)
    return replace(day_meaning(year, 12, 31, dated), needs="bound")

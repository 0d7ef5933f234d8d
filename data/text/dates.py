"""Spans of time as officials write and type them.

Reads plans and questions alike. `today` is the day that "tuần sau" is counted from; a date
without a year is of the year given. A span is `(first, last)`, both days included. Positions
are those of the text in NFC.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from data import deadlines
from data.deadlines import Span
from data.model import Deadline
from data.text.documents import read_documents
from data.text.normalise import fold
from data.text.patterns import pattern, typed, widened

_NUMBERS = {
    "mười lăm": 15, "ba mươi": 30, "hai mươi": 20, "mười": 10, "một": 1, "hai": 2, "ba": 3,
    "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9, "nửa": 0,
}  # fmt: skip
_MONTHS = {
    "mười một": 11, "mười hai": 12, "mười": 10, "giêng": 1, "chạp": 12, "một": 1, "hai": 2,
    "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
_QUARTERS = {
    "iii": 3, "ii": 2, "iv": 4, "i": 1, "một": 1, "nhất": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4,
    "đầu tiên": 1, "đầu": 1, "cuối cùng": 4, "cuối": 4,
}  # fmt: skip
_WEEKDAYS = {"hai": 0, "ba": 1, "tư": 2, "năm": 3, "sáu": 4, "bảy": 5, "bẩy": 5}
_STEPS = {
    "này": 0, "nay": 0, "hiện tại": 0, "sau nữa": 2, "sau": 1, "tới": 1, "kế tiếp": 1,
    "tiếp theo": 1, "vừa rồi": -1, "vừa qua": -1, "trước": -1, "rồi": -1, "qua": -1, "ngoái": -1,
}  # fmt: skip
_SIMPLE_DAYS = {
    "(?:hôm|hum|bữa|sáng|trưa|chiều|tối)·nay|hnay": 0,
    "(?:hôm|hum)·qua|hqua": -1,
    "(?:hôm|hum) kia": -2,
    "ngày (?:kia|mốt)": 2,
    "(?:ngày|sáng|trưa|chiều|tối|hôm|bữa)·mai": 1,
    r"(?<!thương[\s-])(?<!khuyến\s)(?<!mời\s)(?<!manh\s)(?<!thị\s)(?<!chị\s)(?<!cô\s)(?<!bà\s)"
    r"(?<!ông\s)(?<!hoa\s)(?<!sao\s)(?<!mai\s)mai"
    r"(?! (?:táng|phục|mối|một|mốt|sau|hương|lan|linh|mai)\b)": 1,
}
_PARTS = {
    "ngày cuối cùng": "last day", "ngày cuối": "last day", "ngày đầu tiên": "first day",
    "ngày đầu": "first day", "tuần đầu": "first week", "tuần cuối": "last week",
    "(?:những|các|mấy) tháng đầu": "early", "(?:những|các|mấy) tháng cuối": "late",
    "tháng đầu": "first month", "tháng giữa": "middle month", "tháng cuối": "last month",
    "nửa đầu": "first half", "nửa cuối": "second half", "nửa sau": "second half",
    "đầu": "early", "giữa": "middle", "cuối": "late",
}  # fmt: skip
_FORWARD = ("tới", "sắp tới", "tiếp theo", "kế tiếp")
_BACK = ("qua", "vừa qua", "gần đây", "gần nhất")
_RELATIONS = {
    "before": "đến trước|tới trước|trước mốc|trước thời điểm|trước|sớm hơn",
    "after": "từ sau|kể từ sau|sau|muộn hơn|quá|ra",
    "since": r"kể (?!t\u01b0\b)từ|bắt đầu (?!t\u01b0\b)từ|tính (?!t\u01b0\b)từ"
    r"|(?<!đầu\s)(?!t\u01b0\b)từ",
    "until": "(?:cho|tính|kéo dài) (?:đến|tới)(?: hết)?|(?:đến|tới) hết|hết|đến|tới"
    "|(?:chậm|muộn|trễ) nhất|không quá|không (?:muộn|chậm) hơn",
    "within": "trong suốt|trong vòng|nội trong|trong|vào|dịp|cả|nghỉ|suốt",
}
_NO_FRACTION_AFTER = (
    "(?:tổng số|tổng|số|nhiệm vụ|chỉ số|chỉ tiêu|đơn vị|huyện|xã|phần|dịch vụ|thủ tục|mục tiêu"
    "|việc|điểm|lên|bậc)"
)
_NO_DATE_BEFORE = "(?:mức độ|cấp độ|mức|cấp|tỷ lệ|tỉ lệ|số|khoản|mục|phần|đạt|lần|hỗ trợ|phục vụ)"
_COUNTED_BEFORE = (
    "(?:cái|việc|dòng|mục|câu|nhiệm vụ|ý|đoạn|khoản|số|phần|lần|bên|người|điều|chỉ tiêu|đơn vị"
    "|cơ quan|sở|gạch|điểm|bước|vị trí|hạng|văn bản|kết quả|nv|chọn|tùy chọn|phương án|bậc)"
)


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time that a text names; None is an open end.

    `kind` is day, week, month, quarter, half, year or span, or how a day bounds it: before
    (the day itself is out), until, after (out), since. `every` is month or quarter where the
    text names a day of each ("ngày 10 của tháng cuối quý", a bare "ngày 10"); start and end are
    then the occurrence nearest to today, and `day` is the day of the month that was named.
    """

    start: date | None
    end: date | None
    words: str
    span: tuple[int, int]
    kind: str
    every: str | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class _Moment:
    """What a phrase is read against: the day it is said, the year where it names none."""

    today: date
    year: int
    given: bool


@dataclass(frozen=True, slots=True)
class _Meaning:
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


@dataclass(frozen=True, slots=True)
class _Atom:
    """An expression where it stands, with the word before it that bounds it."""

    meaning: _Meaning
    match: re.Match[str]
    reader: "_Reader"
    relation: str
    start: int
    end: int


_IMPOSSIBLE = _Meaning(None, "faulty")
_Reader = Callable[[re.Match[str], _Moment], _Meaning | None]


def _choice(words: dict[str, int] | dict[str, str]) -> str:
    return "|".join(words)


def _lookup(words: dict[str, int]) -> Callable[[str], int]:
    """A function from a typed word to its number; digits stand for themselves."""
    table = [(pattern(f"(?:{word})$"), number) for word, number in words.items()]
    known: dict[str, int] = {}

    def number(word: str) -> int:
        word = " ".join(word.split())
        if word not in known:
            known[word] = (
                int(word) if word.isdigit() else next(n for p, n in table if p.match(word))
            )
        return known[word]

    return number


_number, _month, _quarter = _lookup(_NUMBERS), _lookup(_MONTHS), _lookup(_QUARTERS)
_weekday, _step, _simple_day_steps = (_lookup(_WEEKDAYS), _lookup(_STEPS), _lookup(_SIMPLE_DAYS))
_PART_TABLE = [(pattern(f"(?:{words})$"), part) for words, part in _PARTS.items()]

# Pieces of the grammar below, in the notation of data.text.patterns.
_YEAR4 = r"(?P<year>(?:19|20)\d\d)(?![\d/])"
_BEFORE_DAY = r"(?! (?:ngày|tháng|quý|năm|tết|\d))"
_STEP = _choice(_STEPS).replace("|trước|", f"|trước{_BEFORE_DAY}|")
_REL = f"(?P<rel>{_STEP})\\b"
_NEAR_YEAR = rf"(?P<yrel>nay|này|sau|tới|ngoái|trước{_BEFORE_DAY})\b"
_YREL = rf"(?:của )?năm {_NEAR_YEAR}"
_YEAR4B = r"(?P<year_>(?:19|20)\d\d)(?![\d/])"
_YEAR = rf"(?:·(?:[/.,-]·)?(?:(?:của )?năm·)?{_YEAR4}|,?·{_YREL}|[/.-](?P<yy>\d\d)(?!\d|[/.-]\d))?"
_MONTH_WORDS = _choice(_MONTHS).replace(
    "|năm|", r"|năm(?!·\d)(?! (?:nay|này|sau|tới|trước|ngoái)\b)|"
)
_M = rf"(?P<m>(?:{_MONTH_WORDS})\b|\d{{1,2}})(?![\d%])(?!·lần)"
_TH = r"(?:tháng|thg\.?|th\.?(?=·\d))"
_PART = f"(?:(?P<part>{_choice(_PARTS)}) (?:của )?)"
_Q = rf"(?P<q>(?:{_choice(_QUARTERS)})\b|\d{{1,2}}(?![\d%]))"
_QUY = r"(?:quý|quí)"
_N = rf"(?P<n>\d{{1,3}}|(?:{_choice(_NUMBERS)})\b)"
_DAYNAME = r"(?:(?:thứ·(?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật)(?:,·| )(?=ngày|\d))?"
_DAY = rf"{_DAYNAME}(?:(?P<word>ngày (?:mùng|mồng)|ngày|mùng|mồng)·)"
_D = r"(?P<d>\d{1,2})"
_LIST_END = r"(?!\d|·%|[/.-]\d|·(?:việc|nhiệm vụ|ngày|tháng|giờ|sở|đơn vị|lần)\b)"
_AND = r"(?:·(?:,|;|\+|&)·| (?:và|với|hoặc|hay) )"
_MORE = rf"(?P<more>(?:{_AND}(?:\d{{1,2}}|i{{1,3}}\b|iv\b){_LIST_END})+)"
_LINKS = pattern(r"\b(?:và|với|hoặc|hay)\b")
_TO = r"·(?:-|–|—|~|đến|tới)·"


def _year(m: re.Match[str], at: _Moment) -> tuple[int, bool]:
    """The year an expression states, or the one to assume, and whether it stated one."""
    groups = m.groupdict()
    if year := groups.get("year") or groups.get("year_"):
        return int(year), True
    if short := groups.get("yy"):
        return 2000 + int(short), True
    if relative := groups.get("yrel"):
        return at.today.year + _step(relative), True
    return at.year, False


def _part(m: re.Match[str]) -> str | None:
    """Which part of a month, quarter or year the words before it name."""
    words = m.groupdict().get("part")
    if not words:
        return None
    return next(part for known, part in _PART_TABLE if known.match(words))


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


def _unit(m: re.Match[str], span: Span, unit: str, dated: bool) -> _Meaning:
    """A week, month, quarter or year, whole or in part."""
    part = _part(m)
    if part is None:
        return _Meaning(span, unit, dated)
    late = part in ("late", "last day", "last week", "last month", "second half")
    kind = "day" if part.endswith("day") else "span"
    return _Meaning(_part_of(span, part, unit), kind, dated, late)


def _date(year: int, month: int, day: int, dated: bool) -> _Meaning:
    """A day, impossible ones marked as such."""
    try:
        found = date(year, month, day)
    except ValueError:
        return _IMPOSSIBLE
    return _Meaning((found, found), "day", dated)


def _read_day(m: re.Match[str], at: _Moment) -> _Meaning | None:
    year, dated = _year(m, at)
    day, month = int(m["d"]), _month(m["m"])
    groups = m.groupdict()
    certain = groups.get("word") or dated or groups.get("certain")
    if not certain and (day > 31 or month > 12 or not day or not month):
        return None
    meaning = _date(year, month, day, dated)
    if certain:
        return meaning
    if groups.get("dot"):
        return replace(meaning, needs="dot")
    return replace(meaning, needs="no fraction") if "/" in m[0] else meaning


def _read_day_range(m: re.Match[str], at: _Moment) -> _Meaning | None:
    year, dated = _year(m, at)
    month = _month(m["m"])
    first, last = (_date(year, month, int(m[name]), dated).span for name in ("d1", "d"))
    if not first or not last:
        return _IMPOSSIBLE
    return _Meaning((first[0], last[0]), "span", dated, closed=True)


def _read_day_of_month(m: re.Match[str], at: _Moment) -> _Meaning | None:
    """ "ngày 10", "ngày 10 tháng này", "ngày 10 hằng tháng"."""
    relative = m.groupdict().get("rel")
    month = deadlines.shifted(at.today.replace(day=1), _step(relative) if relative else 0)
    day = int(m["d"])
    if not 1 <= day <= 31:
        return _IMPOSSIBLE
    if relative:
        return _date(month.year, month.month, day, True)
    first = month.replace(year=at.year)
    last = deadlines.month_span(first.year, first.month)[1]
    found = first.replace(day=min(day, last.day))
    return _Meaning((found, found), "day", False, every="month", day=day)


def _read_day_of_quarter(m: re.Match[str], at: _Moment) -> _Meaning | None:
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
        return _Meaning((found, found), "day", span[1])
    return _Meaning((found, found), "day", span[1], every="quarter", day=day)


def _quarter_named(m: re.Match[str], at: _Moment) -> tuple[Span, bool] | None:
    """The quarter by its number, by its distance from today's, or today's."""
    groups = m.groupdict()
    if named := groups.get("q"):
        number = _quarter(named)
        year, dated = _year(m, at)
        return (deadlines.quarter_span(year, number), dated) if 1 <= number <= 4 else None
    day = at.today.replace(day=1)
    if relative := groups.get("rel"):
        day = deadlines.shifted(day, 3 * _step(relative))
    elif at.given:
        day = day.replace(year=at.year)
    return deadlines.quarter_span(day.year, deadlines.quarter_of(day)), bool(relative)


def _read_month(m: re.Match[str], at: _Moment) -> _Meaning | None:
    if not m.groupdict().get("m"):
        return _read_month_near(m, at)
    month = _month(m["m"])
    if not 1 <= month <= 12:
        return _IMPOSSIBLE
    year, dated = _year(m, at)
    meaning = _unit(m, deadlines.month_span(year, month), "month", dated)
    return replace(meaning, needs="no fraction") if m[0][0].isdigit() else meaning


def _read_month_near(m: re.Match[str], at: _Moment) -> _Meaning | None:
    relative = m.groupdict().get("rel")
    day = at.today.replace(day=1)
    if relative:
        day = deadlines.shifted(day, _step(relative))
    elif at.given:
        day = day.replace(year=at.year)
    meaning = _unit(m, deadlines.month_span(day.year, day.month), "month", bool(relative))
    return meaning if relative or _part(m) else replace(meaning, needs="whole")


def _read_quarter(m: re.Match[str], at: _Moment) -> _Meaning | None:
    found = _quarter_named(m, at)
    if found is None:
        return _IMPOSSIBLE
    meaning = _unit(m, found[0], "quarter", found[1])
    groups = m.groupdict()
    if groups.get("q") or groups.get("rel") or _part(m):
        return meaning
    return replace(meaning, needs="whole")


def _read_range(m: re.Match[str], at: _Moment) -> _Meaning | None:
    """ "quý 1-3", "tháng 3 đến 6"."""
    year, dated = _year(m, at)
    groups = m.groupdict()
    months = "m" in groups
    first, last = (_month if months else _quarter)(m["m" if months else "q"]), _quarter(m["to"])
    limit = 12 if months else 4
    if not (1 <= first <= limit and 1 <= last <= limit):
        return _IMPOSSIBLE
    span_of = deadlines.month_span if months else deadlines.quarter_span
    later = span_of(year + (last < first), last)
    return _Meaning((span_of(year, first)[0], later[1]), "span", dated, closed=True)


def _read_list(m: re.Match[str], at: _Moment) -> _Meaning | None:
    """ "quý 1, 2", "tháng 3 và 4": one span where they follow each other, else several."""
    year, dated = _year(m, at)
    months = "m" in m.groupdict()
    limit, span_of = (12, deadlines.month_span) if months else (4, deadlines.quarter_span)
    named = [_month(m["m"]) if months else _quarter(m["q"])]
    named += [_quarter(number) for number in re.findall(r"\w+", _LINKS.sub(" ", m["more"]))]
    if not all(1 <= number <= limit for number in named):
        return _IMPOSSIBLE
    spans = [span_of(year, number) for number in sorted(set(named))]
    if len(spans) == max(named) - min(named) + 1:
        return _Meaning((spans[0][0], spans[-1][1]), "span", dated)
    return _Meaning(spans[0], "month" if months else "quarter", dated, more=tuple(spans[1:]))


def _read_year(m: re.Match[str], at: _Moment) -> _Meaning | None:
    year, dated = _year(m, at)
    groups = m.groupdict()
    if groups.get("to"):
        span = date(year, 1, 1), date(int(groups["to"]), 12, 31)
        return _Meaning(span, "span", True, closed=True)
    meaning = _unit(m, deadlines.year_span(year), "year", dated)
    if groups.get("bare") or (groups.get("yy") and "ă" not in m[0]):
        return meaning if _part(m) else replace(meaning, needs="bound")
    if dated or _part(m):
        return meaning
    return replace(meaning, needs="whole")


def _read_week(m: re.Match[str], at: _Moment) -> _Meaning | None:
    relative = m.groupdict().get("rel")
    day = at.today + timedelta(7 * (_step(relative) if relative else 0))
    meaning = _unit(m, deadlines.week_span(day), "week", True)
    return meaning if relative or _part(m) else replace(meaning, needs="whole")


def _read_weekday(m: re.Match[str], at: _Moment) -> _Meaning | None:
    """A bare weekday is the next one, today included."""
    groups = m.groupdict()
    word = groups.get("wd") or groups.get("short")
    number = 6 if word is None else int(word) - 2 if word.isdigit() else _weekday(word)
    step = _step(groups["rel"]) if groups.get("rel") else 0
    if groups.get("week"):
        day = deadlines.week_span(at.today)[0] + timedelta(7 * step + number)
    else:
        ahead = (number - at.today.weekday()) % 7
        day = at.today + timedelta(ahead - 7 if step < 0 else ahead)
        if step > 0 and day == at.today:
            day += timedelta(7)
    return _Meaning((day, day), "day", True, needs="no count")


def _read_months_of_year(m: re.Match[str], at: _Moment) -> _Meaning | None:
    """ "6 tháng đầu năm", "2 quý cuối năm", "nửa năm đầu"."""
    year, dated = _year(m, at)
    groups = m.groupdict()
    months = _number(groups["n"]) if groups.get("n") else 6
    months *= 3 if groups.get("quarters") else 1
    if not 1 <= months <= 12:
        return _IMPOSSIBLE
    first, last = deadlines.year_span(year)
    late = bool(groups.get("late"))
    if late:
        first = deadlines.shifted(first, 12 - months)
    else:
        last = deadlines.month_span(year, months)[1]
    return _Meaning((first, last), "half" if months == 6 else "span", dated, late)


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


def _read_count(m: re.Match[str], at: _Moment) -> _Meaning | None:
    """ "trong 7 ngày tới", "7 ngày nữa", "30 ngày qua"."""
    groups = m.groupdict()
    unit = next(name for name in ("day", "week", "month", "quarter", "year") if groups.get(name))
    count = _number(groups["n"]) if groups.get("n") else 1
    if groups.get("few"):
        count = 7 if unit == "day" else 3
    if not count:
        unit, count = {"month": ("day", 15), "year": ("month", 6)}.get(unit, ("day", 1))
    working = bool(groups.get("work"))
    back = groups.get("past") or groups.get("ago")
    if groups.get("forward") or (groups.get("within") and not back):
        return _Meaning((at.today, _moved(at.today, count, unit, working)), "span", True)
    if groups.get("past") or (groups.get("within") and back):
        return _Meaning((_moved(at.today, -count, unit, working), at.today), "span", True)
    if not groups.get("then") and not groups.get("ago"):
        return None
    day = _moved(at.today, count if groups.get("then") else -count, unit, working)
    return _Meaning((day, day), "day", True)


def _read_simple_day(m: re.Match[str], at: _Moment) -> _Meaning | None:
    day = at.today + timedelta(_simple_day_steps(m[0]))
    return _Meaning((day, day), "day", True)


def _read_now(m: re.Match[str], at: _Moment) -> _Meaning | None:
    """ "nay", "giờ": only as one end of a span."""
    return _Meaning((at.today, at.today), "day", True, needs="end")


def _read_tet(m: re.Match[str], at: _Moment) -> _Meaning | None:
    year, dated = _year(m, at)
    if m.groupdict().get("rel"):
        year, dated = at.today.year + _step(m["rel"]), True
    if not dated and not at.given and deadlines.tet_span(year)[1] < at.today:
        year += 1
    return _Meaning(deadlines.tet_span(year), "span", dated, needs="" if dated else "bound")


def _read_new_year(m: re.Match[str], at: _Moment) -> _Meaning | None:
    year, dated = _year(m, at)
    if not dated and not at.given and date(year, 1, 1) < at.today:
        year += 1
    return replace(_date(year, 1, 1, dated), needs="bound")


_COUNT_UNITS = (
    r"(?:(?P<day>ngày|hôm)|(?P<week>tuần(?: lễ)?)|(?P<month>tháng)|(?P<quarter>quý)"
    r"|(?P<year>năm))\b"
)
_WORK = r"(?P<work> làm việc)?"
_THEN = r"(?P<then>nữa|sau(?! (?:khi|đó|này)\b))"
_AGO = r"(?P<ago>trước(?! (?:hạn|khi|ngày|thời|tết|đến|đó|kỳ)\b)(?! \d))"
_WAY = f"(?: (?:(?P<forward>{'|'.join(_FORWARD)})|{_THEN}|(?P<past>{'|'.join(_BACK)})|{_AGO})\\b)"
_WITHIN = r"(?:(?P<within>nội trong|trong vòng|trong thời gian|trong) )"
_NOT_OF_YEAR = r"(?! (?:làm việc|đầu|cuối|kể từ|trước|trong|liên tục|liền)\b)(?!·\d)(?!·/)"

# Name of the expression, its pattern, what it means. Where two begin at the same place, the
# first one that has a meaning is taken.
_GRAMMAR: tuple[tuple[str, str, _Reader], ...] = (
    ("iso", r"(?<!\d)(?P<year>20\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)", _read_day),
    (
        "day of quarter",
        rf"{_DAY}{_D},? (?:của )?tháng cuối (?:của )?(?:(?:mỗi|từng|các|hằng|hàng) )?{_QUY}\b"
        rf"(?:·{_Q}{_YEAR}| {_REL})?",
        _read_day_of_quarter,
    ),
    ("day of near month", rf"{_DAY}{_D},? (?:của )?tháng {_REL}", _read_day_of_month),
    (
        "day range",
        rf"(?<![\d.,/-])(?:ngày·)?(?P<d1>\d{{1,2}}){_TO}(?:ngày·)?{_D}(?:·/·|,?·{_TH}·){_M}{_YEAR}"
        r"(?![/]?\d)",
        _read_day_range,
    ),
    (
        "day in words",
        rf"(?<![\d.,/-])(?:{_DAY}|{_DAYNAME}){_D},?·(?:của )?{_TH}·{_M}{_YEAR}(?!·ngày\b)",
        _read_day,
    ),
    (
        "day",
        rf"(?<![\d.,/])(?:{_DAY}|{_DAYNAME}){_D}·/·{_M}"
        rf"(?:·/·{_YEAR4}|/(?P<yy>\d\d)(?!\d)|,?·(?:của )?năm·{_YEAR4B}|,?·{_YREL})?"
        r"(?!\d|[.,/]\d|·%|/\w)",
        _read_day,
    ),
    (
        "day with dots",
        rf"(?<![\d.,/-])(?:{_DAY}|{_DAYNAME}){_D}·(?P<dot>[.-])·{_M}"
        r"(?:·[.-]·(?P<certain>(?:(?P<year>(?:19|20)\d\d)|(?P<yy>\d\d))(?!\d)))?"
        r"(?!\d|[.,/-]\d|·%|/\w)",
        _read_day,
    ),
    (
        "month of year",
        r"(?<![\d.,/-])(?P<m>0?[1-9]|1[0-2])·[/-]·(?P<year>(?:19|20)\d\d)(?!\d|[/.-]\d|/?\w)",
        _read_month,
    ),
    ("day of month", rf"{_DAY}{_D}(?!\d|·%|[/.-]\d|·(?:ngày|làm|giờ)\b)", _read_day_of_month),
    (
        "months of year",
        rf"(?:{_N}·(?:(?P<quarters>{_QUY})|tháng)|nửa năm) (?:đầu|(?P<late>cuối))\b"
        rf"(?:(?: của)? năm\b)?(?:·{_YEAR4}|·/·{_YEAR4B}| {_NEAR_YEAR})?",
        _read_months_of_year,
    ),
    ("count", rf"{_WITHIN}?{_N}·{_COUNT_UNITS}{_WORK}{_WAY}", _read_count),
    (
        "few",
        rf"{_WITHIN}?(?P<few>vài|mấy|ít) {_COUNT_UNITS} "
        rf"(?:(?P<forward>{'|'.join(_FORWARD)})|(?P<past>{'|'.join(_BACK)}))\b",
        _read_count,
    ),
    (
        "one more",
        r"(?:(?P<week>tuần)|(?P<month>tháng)|(?P<year>năm)) (?P<then>nữa)\b",
        _read_count,
    ),
    ("within", rf"{_WITHIN}{_N}·{_COUNT_UNITS}{_NOT_OF_YEAR}", _read_count),
    ("month range", rf"{_TH}·{_M}{_TO}(?P<to>\d{{1,2}})(?![\d/.]){_YEAR}", _read_range),
    ("months", rf"{_TH}·{_M}{_MORE}{_YEAR}", _read_list),
    ("month", rf"{_PART}?{_TH}·(?!(?:{_choice(_STEPS)})\b){_M}{_YEAR}", _read_month),
    (
        "short month",
        rf"{_PART}?t(?P<m>1[0-2]|0?[1-9])\b(?!·tuần|·%|[.]\d)(?! này){_YEAR}",
        _read_month,
    ),
    ("near month", rf"{_PART}?tháng (?!qua \d){_REL}", _read_month),
    (
        "quarter range",
        rf"(?:{_QUY}·|q\.?){_Q}{_TO}(?:{_QUY}·|q\.?)?(?P<to>[1-4]|i{{1,3}}|iv)\b{_YEAR}",
        _read_range,
    ),
    ("quarters", rf"(?:{_QUY}·|q\.?){_Q}{_MORE}{_YEAR}", _read_list),
    (
        "quarter",
        rf"{_PART}?{_QUY}·{_Q}(?: năm(?= (?!nay|này|sau|tới|ngoái|trước)\D|·$))?{_YEAR}",
        _read_quarter,
    ),
    ("short quarter", rf"{_PART}?q\.?(?P<q>[1-4]|i{{1,3}}|iv)\b(?!·%){_YEAR}", _read_quarter),
    ("near quarter", rf"{_PART}?{_QUY} {_REL}", _read_quarter),
    (
        "year",
        rf"{_PART}?(?<!việt\s)(?<!hằng\s)(?<!hàng\s)năm·{_YEAR4}"
        r"(?:·(?:-|–|đến|tới)·(?:hết )?(?:năm·)?(?P<to>20\d\d)(?!\d))?",
        _read_year,
    ),
    (
        "short year",
        rf"{_PART}?(?<!việt\s)(?<!hằng\s)(?<!hàng\s)năm·'?(?P<yy>[12]\d)\b"
        r"(?![.,/-]\d)(?!·%)(?! (?:phần|ngày|việc|nhiệm|giờ|tháng|tuần|huyện|sở|đơn|người)\b)",
        _read_year,
    ),
    (
        "near year",
        rf"{_PART}?(?<!việt\s)(?<!\d\s)năm {_NEAR_YEAR}(?! (?:mắt|đó)\b)",
        _read_year,
    ),
    (
        "bare year",
        rf"{_PART}?(?<![\d.,/-])(?P<bare>(?P<year>20[0-4]\d))(?![\d%]|[.,/-]\w|·[-–]·\d)",
        _read_year,
    ),
    ("near week", rf"{_PART}?tuần {_REL}", _read_week),
    (
        "weekday",
        r"(?:thứ·(?P<wd>(?:hai|ba|tư|năm|sáu|bảy|bẩy)\b|[2-7](?!\d|[/.]\d))|chủ nhật"
        r"|t(?P<short>[2-7])(?=·(?:tuần|này)))"
        rf"(?:,?(?: của)? (?:(?P<week>tuần) )?(?P<rel>{_choice(_STEPS)})\b)?",
        _read_weekday,
    ),
    ("simple day", rf"(?:{'|'.join(_SIMPLE_DAYS)})\b", _read_simple_day),
    (
        "new year",
        rf"tết (?:dương lịch|tây|dương)\b{_YEAR}",
        _read_new_year,
    ),
    (
        "tết",
        r"tết\b(?! (?:trung|đoan|thiếu|nhi|độc|hàn|dương|tây|thầy))"
        r"(?: nguyên đán| âm lịch| ta| cổ truyền| âm)?"
        rf"(?:(?: năm)?·{_YEAR4}|·/·{_YEAR4B}| {_YREL}| {_REL})?",
        _read_tet,
    ),
    ("now", r"(?:bây giờ|giờ|nay|hiện tại|hiện nay|bây·h)\b", _read_now),
    ("this month", rf"{_PART}?tháng\b(?! (?:mấy|nào))(?!·\d)", _read_month),
    ("this quarter", rf"{_PART}?{_QUY}\b(?! (?:mấy|nào))(?!·\d)", _read_quarter),
    ("this year", rf"{_PART}?năm\b(?! (?:mấy|nào))(?!·\d)", _read_year),
    ("this week", rf"{_PART}?tuần\b(?! (?:mấy|nào|lễ))(?!·\d)", _read_week),
)

_STRIPPED = re.compile(r"\(\?P<\w+>")
_EACH = tuple(
    (name, re.compile(rf"(?<!\w)(?:{widened(source)})"), reader)
    for name, source, reader in _GRAMMAR
)
_ANY = re.compile(
    r"(?<!\w)(?:"
    + "|".join(
        f"(?P<g{number}>{_STRIPPED.sub('(?:', widened(source))})"
        for number, (_, source, _) in enumerate(_GRAMMAR)
    )
    + ")"
)
# Without one of these there is no expression of time: most questions end here.
_HINT = pattern(
    r"\d|\b(?:tháng|thg|quý|quí|năm|tuần|ngày|hôm|hum|nay|hnay|hqua|mai|tết|thứ|chủ|giờ|q\.?i)"
)
_CLOCK = (
    r"(?P<clock>·\d{1,2}·(?:h|g|:|giờ)·\d{0,2}(?:·(?:phút|p))?(?: (?:sáng|trưa|chiều|tối))?,?)?"
)
_RELATION = pattern(
    r"(?<!\w)(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _RELATIONS.items())
    + rf")\b{_CLOCK}(?: (?:là|vào|trong|khoảng|thời điểm|mốc|dịp|ngày))*[\s:]*$"
)
_BOUNDS = pattern(r"·(?:(?P<since>trở đi|đổ đi|về sau)|(?P<until>trở về trước|trở về|về trước))\b")
_UP_TO = pattern(r"(?:cho |kéo dài )?(?:đến|tới)\b")
_DASH = re.compile(r"\s*[-–—~]\s*$")
_COUNTED = pattern(rf"{_COUNTED_BEFORE}(?: số)?·$")
_NOT_A_DATE = pattern(rf"(?<!\w){_NO_DATE_BEFORE}·$")
_FRACTION = pattern(rf"·{_NO_FRACTION_AFTER}\b(?! (?:gì|nào))")
_FIRST = pattern(r"thứ nhất\b")
_YEARLY = pattern(r"(?:hằng|hàng|mỗi|từng) năm\b")
_HEARD = 32  # characters before an expression in which a word may bound it


def _allowed(
    meaning: _Meaning, text: str, place: tuple[int, int], bound: re.Match[str] | None
) -> bool:
    """Whether what stands around an expression lets it be a date."""
    need, (start, end) = meaning.needs, place
    before = text[max(0, start - _HEARD) : start]
    match need:
        case "bound":
            return bound is not None
        case "whole":
            return bound is not None and bool(bound["within"] or "het" in fold(bound[0]))
        case "end":
            return bound is not None and bool(bound["since"] or bound["until"])
        case "no count":
            return not _COUNTED.search(before) and not _FIRST.search(text)
        case "dot":
            return (bound or _DASH.search(before)) is not None and not _FRACTION.match(text, end)
        case "no fraction":
            fraction = bound is None and _FRACTION.match(text, end)
            return not fraction and not _NOT_A_DATE.search(before)
    return True


def _atoms(text: str, at: _Moment) -> list[_Atom]:
    """The expressions of time in a text, in order, citations left out."""
    if not _HINT.search(text):
        return []
    cited = [citation.span for citation in read_documents(text) if citation.certain]
    found: list[_Atom] = []
    position = heard = 0
    while match := _ANY.search(text, position):
        start = match.start()
        if inside := next((end for first, end in cited if first <= start < end), 0):
            position = heard = inside
            continue
        bound = _RELATION.search(text[:start], max(heard, start - _HEARD))
        atom = _atom(text, start, int((match.lastgroup or "g0")[1:]), bound, at)
        if atom is None:
            position = start + 1
            continue
        found.append(atom)
        position = heard = atom.end
    return found


def _atom(
    text: str, start: int, first: int, bound: re.Match[str] | None, at: _Moment
) -> _Atom | None:
    """The first expression of the grammar that has a meaning at a place."""
    for _, known, reader in _EACH[first:]:
        match = known.match(text, start)
        if match is None:
            continue
        meaning = reader(match, at)
        if meaning is None or not _allowed(meaning, text, match.span(), bound):
            continue
        relation = next((name for name in _RELATIONS if bound[name]), "") if bound else ""
        if bound and bound["clock"] and relation == "before":
            relation = "until"
        end = match.end()
        if after := _BOUNDS.match(text, end):
            bounds = after.lastgroup or relation
            relation, end = relation if relation == "after" else bounds, after.end()
        return _Atom(meaning, match, reader, relation, bound.start() if bound else start, end)
    return None


def _bounded(span: Span, atom: _Atom) -> tuple[date | None, date | None, str]:
    """Start, end and kind of an expression under the word that bounds it."""
    first, last = span
    if atom.relation == "before" and not atom.meaning.late:
        return None, deadlines.last_in_time(first), "before"
    if atom.relation in ("before", "until"):
        return None, last, "until"
    if atom.relation == "after":
        return last + timedelta(1), None, "after"
    if atom.relation == "since" and not atom.meaning.closed:
        return first, None, "since"
    return first, last, atom.meaning.kind


def _joined(one: _Atom, other: _Atom, text: str, at: _Moment) -> _Atom | None:
    """ "từ A đến B" as one expression, each lending the other the year that it lacks."""
    between = text[one.end : other.start]
    dashed = other.relation == "" and _DASH.match(between)
    if not dashed and (between.strip(" \n") or not _UP_TO.match(text, other.start)):
        return None
    if one.relation not in ("", "within", "since") or one.meaning.every == "quarter":
        return None
    left, right = _lent(one, other, at), _lent(other, one, at)
    if left.span is None or right.span is None:
        return None
    first = left.span[0]
    end = _bounded(right.span, other)[1] or right.span[1]
    if end < first and not other.meaning.dated:
        later = other.reader(other.match, replace(at, year=end.year + 1, given=True))
        end = (later and later.span and _bounded(later.span, other)[1]) or end
    if end < first:
        return None
    meaning = _Meaning((first, end), "span", True)
    return _Atom(meaning, one.match, one.reader, "", one.start, other.end)


def _lent(atom: _Atom, other: _Atom, at: _Moment) -> _Meaning:
    """What an expression means with the year (or month) that its partner states."""
    meaning = atom.meaning
    if meaning.dated or other.meaning.span is None:
        return meaning
    if other.meaning.dated:
        at = replace(at, year=other.meaning.span[0].year, given=True)
    if meaning.every == "month" and not other.meaning.every and meaning.day:
        within = other.meaning.span[0]
        return _date(within.year, within.month, meaning.day, True)
    return atom.reader(atom.match, at) or meaning


def _scan(text: str, today: date, year: int | None) -> tuple[str, list[_Atom]]:
    """The text in NFC and the expressions in it, those of "từ … đến …" joined."""
    at = _Moment(today, year if year is not None else today.year, year is not None)
    text = unicodedata.normalize("NFC", text)
    plain = typed(text)
    atoms = _atoms(plain, at)
    joined: list[_Atom] = []
    for atom in atoms:
        pair = _joined(joined[-1], atom, plain, at) if joined else None
        if pair:
            joined[-1] = pair
        elif atom.meaning.needs != "end" or atom.relation == "since":
            joined.append(atom)
    return text, joined


def read_periods(text: str, today: date, year: int | None) -> tuple[Period, ...]:
    """The spans of time that a text names, in order; impossible dates are left out."""
    text, atoms = _scan(text, today, year)
    return tuple(period for atom in atoms for period in _periods(atom, text))


def _periods(atom: _Atom, text: str) -> list[Period]:
    """What an expression names, as records: none where no calendar has it."""
    meaning, span = atom.meaning, (atom.start, atom.end)
    if meaning.span is None:
        return []
    words = text[atom.start : atom.end]
    start, end, kind = _bounded(meaning.span, atom)
    first = Period(start, end, words, span, kind, meaning.every, meaning.day)
    return [first] + [Period(*more, words, span, kind) for more in meaning.more]


def read_faulty(text: str, year: int | None = None) -> tuple[str, ...]:
    """The words of dates that no calendar has: "31/2", "tháng 13", "quý 5"."""
    today = date(year or 2024, 1, 1)
    text, atoms = _scan(text, today, year)
    return tuple(
        text[atom.match.start() : atom.match.end()] for atom in atoms if not atom.meaning.span
    )


def occurrences(period: Period, within: Span) -> tuple[date, ...]:
    """Every last day in time of a period within a span; a period without `every` has one."""
    if period.every is None or period.day is None:
        return (period.end,) if period.end else ()
    each = deadlines.quarterly if period.every == "quarter" else deadlines.monthly
    if period.kind != "before":
        return each(period.day, within)
    limits = each(period.day, (within[0], within[1] + timedelta(1)))
    return tuple(deadlines.last_in_time(limit) for limit in limits)


def read_deadline(words: str, period: Span) -> Deadline:
    """What a plan's deadline wording means: every last day in time, in order.

    Recurrences are spelled out within the plan's period. `due` is empty where no date is read.
    """
    periods = read_periods(words, period[0], period[0].year)
    due = {day for each in periods for day in occurrences(each, period)}
    every = "quarter" if any(each.every == "quarter" for each in periods) else None
    if every is None and due and _YEARLY.search(typed(words)):
        every = "year"
    return Deadline(words, tuple(sorted(due)), every)

"""Spans of time as officials write and type them.

Reads plans and questions alike. `today` is the day that "tuần sau" is counted from; a date
without a year is of the year given. A span is `(first, last)`, both days included. Positions
are those of the text in NFC.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from data import deadlines
from data.deadlines import Span
from data.model import Deadline
from data.text.documents import read_documents
from data.text.expressions import BEGINNING, EXPRESSIONS, HINT, PART, Expression
from data.text.moments import Meaning, Moment, day_meaning
from data.text.normalise import fold
from data.text.patterns import pattern, typed
from data.text.time_words import part_of

_RELATIONS = {
    "before": "trước (?:khi|lúc) (?:bước )?(?:sang|qua|tới|đến)|đến trước|tới trước|trước mốc"
    "|trước thời điểm|trước|sớm hơn",
    "after": "từ sau|kể từ sau|sau|muộn hơn|quá|ra",
    "since": r"kể (?!t\u01b0\b)từ|bắt đầu (?!t\u01b0\b)từ|tính (?!t\u01b0\b)từ"
    r"|(?<!đầu\s)(?!t\u01b0\b)từ",
    "until": "trước khi (?:hết|kết thúc|khép lại)|(?:cho|tính|kéo dài) (?:đến|tới)(?: hết)?"
    r"|(?:đến|tới) hết|hết|(?<!chưa\s)(?:đến|tới)(?! trong)|(?:chậm|muộn|trễ) nhất"
    "|không quá|không (?:muộn|chậm) hơn",
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

    `kind` is day, ahead (a day by its distance: "7 ngày nữa"), week, month, quarter, half, year
    or span, or how a day bounds it: before (the day itself is out), until, after (out), since.
    `every` is month or quarter where the
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
class _Atom:
    """An expression where it stands, with the word before it that bounds it.

    `said` is where the expression itself begins and ends; start and end take in its bounds.
    """

    meaning: Meaning
    match: re.Match[str]
    expression: Expression
    relation: str
    start: int
    end: int
    said: tuple[int, int]
    part: str | None = None

    def read(self, at: Moment) -> Meaning | None:
        """What it means at another moment."""
        return self.expression.read(self.match, replace(at, part=self.part))


_CLOCK = (
    r"(?P<clock>·\d{1,2}·(?:h|g|:|giờ)·\d{0,2}(?:·(?:phút|p))?(?: (?:sáng|trưa|chiều|tối))?,?)?"
)
_RELATION = pattern(
    r"(?<!\w)(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _RELATIONS.items())
    + rf")\b{_CLOCK}(?: (?:là|vào|trong|khoảng|thời điểm|mốc|dịp|ngày))*[\s:]*$"
)
_AFTER = pattern(r"·(?:(?P<since>trở đi|đổ đi|về sau)|(?P<until>trở về trước|trở về|về trước))\b")
_UP_TO = pattern(r"(?:cho |kéo dài )?(?:đến|tới)\b")
_DASH = re.compile(r"\s*[-–—~]\s*$")
_COUNTED = pattern(rf"{_COUNTED_BEFORE}(?: số)?·$")
_NOT_A_DATE = pattern(rf"(?<!\w){_NO_DATE_BEFORE}·$")
_FRACTION = pattern(rf"·{_NO_FRACTION_AFTER}\b(?! (?:gì|nào))")
_FIRST = pattern(r"thứ nhất\b")
_YEARLY = pattern(r"(?:hằng|hàng|mỗi|từng) năm\b")
_HEARD = 32  # characters before an expression in which a word may bound it


def _allowed(
    meaning: Meaning, text: str, place: tuple[int, int], bound: re.Match[str] | None
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


def _atoms(text: str, at: Moment) -> list[_Atom]:
    """The expressions of time in a text, in order, citations left out."""
    if not HINT.search(text):
        return []
    cited = [citation.span for citation in read_documents(text) if citation.certain]
    found: list[_Atom] = []
    position = heard = 0
    while match := BEGINNING.search(text, position):
        start = match.start()
        if inside := next((end for first, end in cited if first <= start < end), 0):
            position = heard = inside
            continue
        atom = _atom(text, match, heard, at)
        if atom is None:
            position = start + 1
            continue
        found.append(atom)
        position = heard = atom.end
    return found


def _candidates(
    text: str, beginning: re.Match[str]
) -> Iterator[tuple[Expression, int, str | None]]:
    """What may stand at a place: units in part first ("cuối quý"), then whole expressions."""
    start = beginning.start()
    prefix = None if beginning["digit"] else PART.match(text, start)
    unit = BEGINNING.match(text, prefix.end()) if prefix else None
    if prefix and unit:
        part = part_of(prefix["part"])
        for expression in EXPRESSIONS[unit.lastgroup or ""]:
            if expression.parted:
                yield expression, unit.start(), part
    for expression in EXPRESSIONS[beginning.lastgroup or ""]:
        yield expression, start, None


def _atom(text: str, beginning: re.Match[str], heard: int, at: Moment) -> _Atom | None:
    """The first expression that has a meaning at a place."""
    start = beginning.start()
    for expression, place, part in _candidates(text, beginning):
        match = expression.pattern.match(text, place)
        meaning = expression.read(match, replace(at, part=part)) if match else None
        if match is None or meaning is None:
            continue
        bound = _RELATION.search(text, max(heard, start - _HEARD), start)
        if _allowed(meaning, text, (start, match.end()), bound):
            relation, first, last = _bounds(text, (start, match.end()), bound)
            said = (start, match.end())
            return _Atom(meaning, match, expression, relation, first, last, said, part)
    return None


def _bounds(text: str, said: tuple[int, int], bound: re.Match[str] | None) -> tuple[str, int, int]:
    """What bounds an expression, and where it begins and ends with that word."""
    relation = next((name for name in _RELATIONS if bound[name]), "") if bound else ""
    if bound and bound["clock"] and relation == "before":
        relation = "until"
    start, end = bound.start() if bound else said[0], said[1]
    after = _AFTER.match(text, end)
    if after is None:
        return relation, start, end
    return relation if relation == "after" else after.lastgroup or "", start, after.end()


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


def _joined(one: _Atom, other: _Atom, text: str, at: Moment) -> _Atom | None:
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
        later = other.read(replace(at, year=end.year + 1, given=True))
        end = (later and later.span and _bounded(later.span, other)[1]) or end
    if end < first:
        return None
    meaning = Meaning((first, end), "span", True)
    return replace(one, meaning=meaning, relation="", end=other.end)


def _lent(atom: _Atom, other: _Atom, at: Moment) -> Meaning:
    """What an expression means with the year (or month) that its partner states."""
    meaning = atom.meaning
    if meaning.dated or other.meaning.span is None:
        return meaning
    if other.meaning.dated:
        at = replace(at, year=other.meaning.span[0].year, given=True)
    if meaning.every == "month" and not other.meaning.every and meaning.day:
        within = other.meaning.span[0]
        return day_meaning(within.year, within.month, meaning.day, True)
    return atom.read(at) or meaning


def _scan(text: str, today: date, year: int | None) -> tuple[str, list[_Atom]]:
    """The text in NFC and the expressions in it, those of "từ … đến …" joined."""
    at = Moment(today, year if year is not None else today.year, year is not None)
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
    return tuple(text[slice(*atom.said)] for atom in atoms if not atom.meaning.span)


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

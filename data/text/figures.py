"""Figures to reach as plans and questions state them: "ít nhất 30%", "dưới 63 ngày làm việc".

Positions are those of the text in NFC.
"""

import re
import unicodedata
from dataclasses import dataclass

from data.model import Comparator, Target
from data.text.patterns import pattern, typed

# Words in front of a figure: the first group that fits, longest words first.
_COMPARATORS = {
    Comparator.AT_MOST: r"không (?:được )?(?:quá|vượt quá|vượt|hơn|lớn hơn|trên|nhiều hơn)|tối đa"
    r"|nhiều nhất|cao nhất|chậm nhất|<=|≤|đến tối đa",
    Comparator.AT_LEAST: r"(?:ít|thấp) nhất|tối thiểu|không (?:dưới|thấp hơn|ít hơn|kém)|đạt"
    r"|phấn đấu|từ|>=|≥|đảm bảo|bảo đảm",
    Comparator.LESS: r"dưới|gần|chưa đến|chưa đầy|chưa tới|ít hơn|thấp hơn|nhỏ hơn|<",
    Comparator.MORE: r"trên|hơn|vượt|quá|lớn hơn|cao hơn|>",
    Comparator.EQUAL: r"đúng|bằng|=",
}
_BETWEEN = (
    r"(?: tăng| giảm| là| được| đạt| xuống| còn| lên| đến| tới| khoảng| mức| tỷ lệ| tỉ lệ"
    r"| thực hiện)*"
)
_UNITS = {
    "phần trăm": "%", "%": "%", "pt": "%",
    "ngày làm việc": "ngày làm việc", "ngày": "ngày", "giờ làm việc": "giờ làm việc",
    "giờ": "giờ", "tiếng(?: đồng hồ)?": "giờ", "phút": "phút",
    r"tháng(?!·\d)": "tháng", "tuần": "tuần",
    r"lần·/·năm": "lần/năm", "lần (?:một|trong một|mỗi|trong) năm": "lần/năm", "lần": "lần",
    "lượt (?:một|trong một|mỗi|trong) năm": "lần/năm", "lượt": "lần",
    "bậc": "bậc", "điểm phần trăm": "điểm phần trăm", r"điểm(?! \w\b)": "điểm",
}  # fmt: skip
_ORDER = sorted(_UNITS, key=len, reverse=True)
_NUMBERS = {"một": 1.0, "hai": 2.0, "ba": 3.0, "bốn": 4.0, "năm": 5.0, "sáu": 6.0, "bảy": 7.0,
            "tám": 8.0, "chín": 9.0, "mười": 10.0}  # fmt: skip
_SAID = "|".join(f"(?P<{kind.name}>{words})" for kind, words in _COMPARATORS.items())
_NUMBER = r"(?P<value>\d{1,3}(?:[.]\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?)"
_IN_WORDS = rf"(?P<spelled>{'|'.join(_NUMBERS)})\b"
_FIGURE = pattern(
    rf"(?:(?<![\w<>=≤≥])(?:{_SAID}){_BETWEEN}·)?(?<![\w.,/-])"
    rf"(?:{_NUMBER}·(?P<unit>{'|'.join(_ORDER)})"
    rf"|{_IN_WORDS}·(?P<unit_>phần trăm|lần·/·năm|lần))(?!\w)(?! (?:nữa|tới|sau|trước|qua)\b)"
)
_HINT = pattern(r"\d|lần\b|phần trăm\b")
_TIMES = {"bận": "lần", "cuộc": "lần", "phát": "lần"}
_COUNTED = "người|hộ|doanh nghiệp|công ty|tỷ|triệu|đồng"
_ASKED = pattern(
    rf"(?<!\w)(?:bao nhiêu|mấy)·(?P<unit>{'|'.join((*_ORDER, *_TIMES))}|{_COUNTED})(?!\w)"
    r"(?! nữa\b)"
)
_MONTH_OF_YEAR = pattern(r" (?:đầu|cuối) ?(?:năm)?")
_UNIT_PATTERNS = tuple((pattern(f"{words}$"), unit) for words, unit in (_UNITS | _TIMES).items())
_NUMBER_PATTERNS = tuple((pattern(f"{words}$"), number) for words, number in _NUMBERS.items())
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as a text states it; `comparator` is None where no word says which way."""

    comparator: Comparator | None
    value: float
    unit: str
    words: str
    span: tuple[int, int]

    def is_that(self, value: float, unit: str) -> bool:
        """Whether it is this value; "63 ngày" may be said of working days."""
        return abs(self.value - value) < _TOLERANCE and same_unit(unit, self.unit)


def _value(words: str) -> float:
    """ "1.234,5", "98,9", "98.9": a point before three figures groups thousands."""
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", words):
        words = words.replace(".", "")
    return float(words.replace(",", "."))


def _figure(match: re.Match[str], text: str) -> Figure:
    groups = match.groupdict()
    unit_words = groups["unit"] or groups["unit_"] or ""
    spelled = groups["spelled"]
    value = (
        next(number for known, number in _NUMBER_PATTERNS if known.match(spelled))
        if spelled
        else _value(groups["value"] or "0")
    )
    return Figure(
        comparator=next((kind for kind in _COMPARATORS if groups[kind.name]), None),
        value=value,
        unit=next(unit for known, unit in _UNIT_PATTERNS if known.match(unit_words)),
        words=text[match.start() : match.end()],
        span=match.span(),
    )


def read_figures(text: str) -> tuple[Figure, ...]:
    """The figures with a unit that a text states, in order."""
    text = unicodedata.normalize("NFC", text)
    plain = typed(text)
    if not _HINT.search(plain):
        return ()
    return tuple(
        _figure(match, text)
        for match in _FIGURE.finditer(plain)
        if not _MONTH_OF_YEAR.match(plain, match.end())
    )


def asked_unit(text: str) -> str:
    """The unit in which a figure is asked for: "giảm còn bao nhiêu giờ"; "" where none is said.

    Things and persons counted ("bao nhiêu doanh nghiệp") are a unit as well.
    """
    match = _ASKED.search(typed(unicodedata.normalize("NFC", text)))
    words = match["unit"] if match else ""
    return next((unit for known, unit in _UNIT_PATTERNS if words and known.match(words)), words)


def same_unit(one: str, other: str) -> bool:
    """Whether figures in these units can be compared; "ngày" may be said of working days."""
    return one.startswith(other) or other.startswith(one)


def met(target: Target, value: float) -> bool:
    """Whether a reported figure, in the target's unit, reaches the target."""
    difference = value - target.value
    match target.comparator:
        case Comparator.AT_LEAST:
            return difference >= -_TOLERANCE
        case Comparator.MORE:
            return difference > _TOLERANCE
        case Comparator.AT_MOST:
            return difference <= _TOLERANCE
        case Comparator.LESS:
            return difference < -_TOLERANCE
    return abs(difference) <= _TOLERANCE

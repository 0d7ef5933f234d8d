"""Expressions of time in a text: the kind of word each begins with, its pattern, its meaning.

What they mean is the business of data.text.moments, what bounds them ("trước", "từ … đến")
that of data.text.dates.
"""

from dataclasses import dataclass

from data.text.moments import (
    Reader,
    read_count,
    read_day,
    read_day_of_month,
    read_day_of_quarter,
    read_day_range,
    read_last_day,
    read_list,
    read_month,
    read_months_of_year,
    read_new_year,
    read_next_year,
    read_now,
    read_quarter,
    read_range,
    read_simple_day,
    read_tet,
    read_turn,
    read_week,
    read_weekday,
    read_year,
)
from data.text.patterns import Pattern, pattern
from data.text.time_words import (
    BACK,
    FORWARD,
    MONTHS,
    NUMBERS,
    PARTS,
    QUARTERS,
    SIMPLE_DAYS,
    STEPS,
    choice,
)

# Pieces of the grammar below, in the notation of data.text.patterns.
_YEAR4 = r"(?P<year>(?:19|20)\d\d)(?![\d/])"
_BEFORE_DAY = r"(?! (?:ngày|tháng|quý|năm|tết|\d))"
_NOT_UP_TO = r"(?! (?:hôm|nay|giờ|bây|hiện|ngày|tháng|quý|cuối|hết|đa|thiểu)\b)"
_STEP = (
    choice(STEPS)
    .replace("|trước|", f"|trước{_BEFORE_DAY}|")
    .replace("|tới|", f"|tới{_NOT_UP_TO}|")
)
_REL = f"(?P<rel>{_STEP})\\b"
_NEAR_YEAR = rf"(?P<yrel>nay|này|sau|tới{_NOT_UP_TO}|ngoái|trước{_BEFORE_DAY})\b"
_YREL = rf"(?:của )?năm {_NEAR_YEAR}"
_YEAR4B = r"(?P<year_>(?:19|20)\d\d)(?![\d/])"
_YEAR = rf"(?:·(?:[/.,-]·)?(?:(?:của )?năm·)?{_YEAR4}|,?·{_YREL}|[/.-](?P<yy>\d\d)(?!\d|[/.-]\d))?"
_MONTH_WORDS = choice(MONTHS).replace(
    "|năm|", r"|năm(?!·\d)(?! (?:nay|này|sau|tới|trước|ngoái)\b)|"
)
_M = rf"(?P<m>(?:{_MONTH_WORDS})\b|\d{{1,2}})(?![\d%])(?!·lần)"
_TH = r"(?:tháng|thg\.?|th\.?(?=·\d))"
_Q = rf"(?P<q>(?:{choice(QUARTERS)})\b|\d{{1,2}}(?![\d%]))"
_QUY = r"(?:quý|quí)"
_N = rf"(?P<n>\d{{1,3}}|(?:{choice(NUMBERS)})\b)"
_DAYNAME = r"(?:(?:thứ·(?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật)(?:,·| )(?=ngày|\d))?"
_DAY = rf"{_DAYNAME}(?:(?P<word>ngày (?:mùng|mồng)|ngày|mùng|mồng)·)"
_D = r"(?P<d>\d{1,2})"
_LIST_END = r"(?!\d|·%|[/.-]\d|·(?:việc|nhiệm vụ|ngày|tháng|giờ|sở|đơn vị|lần)\b)"
_AND = r"(?:·(?:,|;|\+|&)·| (?:và|với|hoặc|hay) )"
_MORE = rf"(?P<more>(?:{_AND}(?:\d{{1,2}}|i{{1,3}}\b|iv\b){_LIST_END})+)"
_TO = r"·(?:-|–|—|~|đến|tới)·"


_COUNT_UNITS = (
    r"(?:(?P<day>ngày|hôm|bữa)|(?P<week>tuần(?: lễ)?)|(?P<month>tháng)|(?P<quarter>quý)"
    r"|(?P<year>năm))\b"
)
_WORK = r"(?P<work> làm việc)?"
_THEN = r"(?P<then>nữa|sau(?! (?:khi|đó|này)\b))"
_AGO = r"(?P<ago>trước(?! (?:hạn|khi|ngày|thời|tết|đến|đó|kỳ)\b)(?! \d))"
_WAY = f"(?: (?:(?P<forward>{'|'.join(FORWARD)})|{_THEN}|(?P<past>{'|'.join(BACK)})|{_AGO})\\b)"
_WITHIN = r"(?:(?P<within>nội trong|trong vòng|trong thời gian|trong) )"
_NOT_OF_YEAR = r"(?! (?:làm việc|đầu|cuối|kể từ|trước|trong|liên tục|liền)\b)(?!·\d)(?!·/)"

# The families of words that the expression begins with, its pattern, what it means. Where
# several fit one place, the first that has a meaning is taken.
_GRAMMAR: tuple[tuple[str, str, Reader], ...] = (
    ("digit", r"(?<!\d)(?P<year>20\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)", read_day),
    (
        "day weekday",
        rf"{_DAY}{_D},? (?:của )?tháng cuối (?:của )?(?:(?:mỗi|từng|các|hằng|hàng) )?{_QUY}\b"
        rf"(?:·{_Q}{_YEAR}| {_REL})?",
        read_day_of_quarter,
    ),
    ("day weekday", rf"{_DAY}{_D},? (?:của )?tháng {_REL}", read_day_of_month),
    (
        "digit day",
        rf"(?<![\d.,/-])(?:ngày·)?(?P<d1>\d{{1,2}}){_TO}(?:ngày·)?{_D}(?:·/·|,?·{_TH}·){_M}{_YEAR}"
        r"(?![/]?\d)",
        read_day_range,
    ),
    (
        "digit day weekday",
        rf"(?<![\d.,/-])(?:{_DAY}|{_DAYNAME}){_D},?·(?:của )?{_TH}·{_M}{_YEAR}(?!·ngày\b)",
        read_day,
    ),
    (
        "digit day weekday",
        rf"(?<![\d.,/])(?:{_DAY}|{_DAYNAME}){_D}·/·{_M}"
        rf"(?:·/·{_YEAR4}|/(?P<yy>\d\d)(?!\d)|,?·(?:của )?năm·{_YEAR4B}|,?·{_YREL})?"
        r"(?!\d|[.,/]\d|·%|/\w)",
        read_day,
    ),
    (
        "digit day weekday",
        rf"(?<![\d.,/-])(?:{_DAY}|{_DAYNAME}){_D}·(?P<dot>[.-])·{_M}"
        r"(?:·[.-]·(?P<certain>(?:(?P<year>(?:19|20)\d\d)|(?P<yy>\d\d))(?!\d)))?"
        r"(?!\d|[.,/-]\d|·%|/\w)",
        read_day,
    ),
    (
        "digit",
        r"(?<![\d.,/-])(?P<m>0?[1-9]|1[0-2])·[/-]·(?P<year>(?:19|20)\d\d)(?!\d|[/.-]\d|/?\w)",
        read_month,
    ),
    ("day weekday", rf"{_DAY}{_D}(?!\d|·%|[/.-]\d|·(?:ngày|làm|giờ)\b)", read_day_of_month),
    (
        "digit number year",
        rf"(?:{_N}·(?:(?P<quarters>{_QUY})|tháng)|nửa năm) (?:đầu|(?P<late>cuối))\b"
        rf"(?:(?: của)? năm\b)?(?:·{_YEAR4}|·/·{_YEAR4B}| {_NEAR_YEAR})?",
        read_months_of_year,
    ),
    ("digit number year within", rf"{_WITHIN}?{_N}·{_COUNT_UNITS}{_WORK}{_WAY}", read_count),
    (
        "few within",
        rf"{_WITHIN}?(?P<few>vài|mấy|ít) {_COUNT_UNITS} "
        rf"(?:(?P<forward>{'|'.join(FORWARD)})|(?P<past>{'|'.join(BACK)}))\b",
        read_count,
    ),
    (
        "week month year",
        r"(?:(?P<week>tuần)|(?P<month>tháng)|(?P<year>năm)) (?P<then>nữa)\b",
        read_count,
    ),
    ("within", rf"{_WITHIN}{_N}·{_COUNT_UNITS}{_NOT_OF_YEAR}", read_count),
    ("month", rf"{_TH}·{_M}{_TO}(?P<to>\d{{1,2}})(?![\d/.]){_YEAR}", read_range),
    ("month", rf"{_TH}·{_M}{_MORE}{_YEAR}", read_list),
    ("month", rf"{_TH}·(?!(?:{choice(STEPS)})\b){_M}{_YEAR}", read_month),
    (
        "month",
        rf"t(?P<m>1[0-2]|0?[1-9])\b(?!·tuần|·%|[.]\d)(?! này){_YEAR}",
        read_month,
    ),
    ("month", rf"tháng (?!qua \d){_REL}", read_month),
    (
        "quarter",
        rf"(?:{_QUY}·|q\.?){_Q}{_TO}(?:{_QUY}·|q\.?)?(?P<to>[1-4]|i{{1,3}}|iv)\b{_YEAR}",
        read_range,
    ),
    ("quarter", rf"(?:{_QUY}·|q\.?){_Q}{_MORE}{_YEAR}", read_list),
    (
        "quarter",
        rf"{_QUY}·{_Q}(?: năm(?= (?!nay|này|sau|tới|ngoái|trước)\D|·$))?{_YEAR}",
        read_quarter,
    ),
    ("quarter", rf"q\.?(?P<q>[1-4]|i{{1,3}}|iv)\b(?!·%){_YEAR}", read_quarter),
    ("quarter", rf"{_QUY} {_REL}", read_quarter),
    (
        "year",
        rf"(?<!việt\s)(?<!hằng\s)(?<!hàng\s)năm·{_YEAR4}"
        r"(?:·(?:-|–|đến|tới)·(?:hết )?(?:năm·)?(?P<to>20\d\d)(?!\d))?",
        read_year,
    ),
    (
        "year",
        r"(?<!việt\s)(?<!hằng\s)(?<!hàng\s)năm·'?(?P<yy>[12]\d)\b"
        r"(?![.,/-]\d)(?!·%)(?! (?:phần|ngày|việc|nhiệm|giờ|tháng|tuần|huyện|sở|đơn|người)\b)",
        read_year,
    ),
    (
        "year",
        rf"(?<!việt\s)(?<!\d\s)năm {_NEAR_YEAR}(?! (?:mắt|đó)\b)",
        read_year,
    ),
    (
        "digit",
        r"(?<![\d.,/-])(?P<bare>(?P<year>20[0-4]\d))(?![\d%]|[.,/-]\w|·[-–]·\d)",
        read_year,
    ),
    ("week", rf"tuần {_REL}", read_week),
    (
        "weekday month",
        r"(?:thứ·(?P<wd>(?:hai|ba|tư|năm|sáu|bảy|bẩy)\b|[2-7](?!\d|[/.]\d))|chủ nhật"
        r"|t(?P<short>[2-7])(?=·(?:tuần|này)))"
        rf"(?:,?(?: của)? (?:(?P<week>tuần) )?(?P<rel>{choice(STEPS)})\b)?",
        read_weekday,
    ),
    ("near day", rf"(?:{'|'.join(SIMPLE_DAYS)})\b", read_simple_day),
    (
        "tet",
        rf"tết (?:dương lịch|tây|dương)\b{_YEAR}",
        read_new_year,
    ),
    (
        "tet",
        rf"giao thừa (?:dương lịch|tây|dương)\b{_YEAR}",
        read_last_day,
    ),
    (
        "tet",
        r"tết\b(?! (?:trung|đoan|thiếu|nhi|độc|hàn|dương|tây|thầy))"
        r"(?: nguyên đán| âm lịch| ta| cổ truyền| âm)?"
        rf"(?:(?: năm)?·{_YEAR4}|·/·{_YEAR4B}| {_YREL}| {_REL})?",
        read_tet,
    ),
    (
        "year",
        r"năm mới(?: dương lịch| tây| dương)?\b(?! (?:âm|nguyên đán|ta))",
        read_next_year,
    ),
    (
        "turn",
        rf"(?:sang|qua) (?P<unit>tuần|tháng|quý)\b(?!·\d)(?! (?:{choice(STEPS)}|mấy|nào)\b)"
        rf"(?! (?:{choice(MONTHS)}|{choice(QUARTERS)})\b)",
        read_turn,
    ),
    ("now near number", r"(?:bây giờ|giờ|nay|hiện tại|hiện nay|bây·h)\b", read_now),
    ("month", r"tháng\b(?! (?:mấy|nào))(?!·\d)", read_month),
    ("quarter", rf"{_QUY}\b(?! (?:mấy|nào))(?!·\d)", read_quarter),
    ("year", r"năm\b(?! (?:mấy|nào))(?!·\d)", read_year),
    ("week", r"tuần\b(?! (?:mấy|nào|lễ))(?!·\d)", read_week),
)

# What an expression begins with. A letter may not follow a word, a figure may ("tháng12").
_FAMILIES = {
    "digit": r"\d",
    "day": r"(?:ngày|mùng|mồng)(?![^\W\d_])",
    "weekday": r"(?:thứ(?![^\W\d_])|chủ\b)",
    "within": r"(?:trong|nội|vòng)\b",
    "month": r"(?:(?:tháng|thg|th\.?)(?![^\W\d_])|t\d)",
    "quarter": r"(?:(?:quý|quí)(?![^\W\d_])|q(?=\.?[\di]))",
    "year": r"năm(?![^\W\d_])",
    "week": r"tuần\b",
    "turn": r"(?:sang|qua)\b",
    "few": r"(?:vài|mấy|ít)\b",
    "number": rf"(?:{choice(NUMBERS)})(?![^\W\d_])",
    "near": r"(?:(?:hôm|hum)(?=\s|nay|qua)|(?:bữa|sáng|trưa|chiều|tối|hnay|hqua|mai)\b)",
    "tet": r"(?:tết|giao thừa)\b",
    "now": r"(?:giờ|nay|hiện)\b",
    "part": r"(?:đầu|giữa|cuối|nửa|những|các|tháng|tuần)\b",
}
BEGINNING = pattern(
    r"(?<!\w)(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _FAMILIES.items()) + ")"
)
PART = pattern(rf"(?<!\w)(?P<part>{choice(PARTS)}) (?:của )?")
# Without one of these there is no expression of time: most questions end here.
HINT = pattern(
    r"\d|\b(?:tháng|thg|quý|quí|năm|tuần|ngày|hôm|hum|bữa|nay|hnay|hqua|mai|tết|giao thừa|thứ|chủ"
    r"|giờ|q\.?i)"
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A kind of expression: its pattern, its meaning, whether "cuối" may stand before it."""

    pattern: Pattern
    read: Reader
    parted: bool


_PARTED = frozenset({read_month, read_quarter, read_year, read_week})
_EXPRESSIONS = tuple(
    (families.split(), Expression(Pattern(rf"(?<!\w)(?:{source})"), read, read in _PARTED))
    for families, source, read in _GRAMMAR
)
EXPRESSIONS = {
    name: tuple(row for families, row in _EXPRESSIONS if name in families) for name in _FAMILIES
}

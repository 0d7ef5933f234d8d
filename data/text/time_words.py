"""The words of time and what number each is: months, quarters, weekdays, steps, parts."""

from collections.abc import Callable

from data.text.patterns import pattern

NUMBERS = {
    "mười lăm": 15, "ba mươi": 30, "hai mươi": 20, "mười": 10, "một": 1, "hai": 2, "ba": 3,
    "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9, "nửa": 0,
}  # fmt: skip
MONTHS = {
    "mười một": 11, "mười hai": 12, "mười": 10, "giêng": 1, "chạp": 12, "một": 1, "hai": 2,
    "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
QUARTERS = {
    "iii": 3, "ii": 2, "iv": 4, "i": 1, "một": 1, "nhất": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4,
    "đầu tiên": 1, "đầu": 1, "cuối cùng": 4, "cuối": 4,
}  # fmt: skip
_WEEKDAYS = {"hai": 0, "ba": 1, "tư": 2, "năm": 3, "sáu": 4, "bảy": 5, "bẩy": 5}
STEPS = {
    "này": 0, "nay": 0, "hiện tại": 0, "sau nữa": 2, "sau": 1, "tới": 1, "kế tiếp": 1,
    "tiếp theo": 1, "vừa rồi": -1, "vừa qua": -1, "trước": -1, "rồi": -1, "qua": -1, "ngoái": -1,
}  # fmt: skip
SIMPLE_DAYS = {
    "(?:hôm|hum|bữa|sáng|trưa|chiều|tối)·nay|hnay": 0,
    "(?:hôm|hum)·qua|hqua": -1,
    "(?:hôm|hum) kia": -2,
    "ngày (?:kia|mốt)": 2,
    "(?:ngày|sáng|trưa|chiều|tối|hôm|bữa)·mai": 1,
    r"(?<!thương[\s-])(?<!khuyến\s)(?<!mời\s)(?<!manh\s)(?<!thị\s)(?<!chị\s)(?<!cô\s)(?<!bà\s)"
    r"(?<!ông\s)(?<!hoa\s)(?<!sao\s)(?<!mai\s)mai"
    r"(?! (?:táng|phục|mối|một|mốt|sau|hương|lan|linh|mai)\b)": 1,
}
PARTS = {
    "ngày cuối cùng": "last day", "ngày cuối": "last day", "ngày đầu tiên": "first day",
    "ngày đầu": "first day", "tuần đầu": "first week", "tuần cuối": "last week",
    "(?:những|các|mấy) tháng đầu": "early", "(?:những|các|mấy) tháng cuối": "late",
    "tháng đầu": "first month", "tháng giữa": "middle month", "tháng cuối": "last month",
    "nửa đầu": "first half", "nửa cuối": "second half", "nửa sau": "second half",
    "đầu": "early", "giữa": "middle", "cuối": "late",
}  # fmt: skip
FORWARD = (
    "tới", "sắp tới", "tiếp theo", "kế tiếp", "(?:kể |tính )?từ (?:hôm nay|nay|bây giờ|giờ)",
)  # fmt: skip
BACK = ("qua", "vừa qua", "gần đây", "gần nhất")


def choice(words: dict[str, int] | dict[str, str]) -> str:
    """The words as alternatives of a pattern."""
    return "|".join(words)


def _lookup(words: dict[str, int]) -> Callable[[str], int]:
    """A function from a typed word to its number; digits stand for themselves."""
    table = [(pattern(f"(?:{word})$"), number) for word, number in words.items()]
    known: dict[str, int] = {}

    def meant(word: str) -> int:
        word = " ".join(word.split())
        if word not in known:
            known[word] = (
                int(word) if word.isdigit() else next(n for p, n in table if p.match(word))
            )
        return known[word]

    return meant


number_of, month_of, quarter_of = _lookup(NUMBERS), _lookup(MONTHS), _lookup(QUARTERS)
weekday_of, step_of, day_step_of = _lookup(_WEEKDAYS), _lookup(STEPS), _lookup(SIMPLE_DAYS)
_PART_TABLE = [(pattern(f"(?:{words})$"), part) for words, part in PARTS.items()]


def part_of(words: str) -> str:
    """Which part of a month, quarter or year the words before it name."""
    return next(part for known, part in _PART_TABLE if known.match(words))

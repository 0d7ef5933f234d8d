"""What a message points at in the last reply: "cái thứ 2", "việc đầu tiên", "mục kế tiếp"."""

import re

from data.text.normalise import fold
from data.text.patterns import typed
from handlers.understanding.grammar import Look, looks

_NUMBER = re.compile(
    r"^[\s#.(\"'“]*(?:(?:cai|so|viec|muc|y|nhiem vu|lua chon|chon|phuong an)\s+)*"
    r"(?:(?!ngay|den|tu|truoc|sang|chieu|toi|hom|vao|sau|quy|tuan)[a-z]{1,3}\s+(?=thu\s))?"
    r"(?:(?:th?u?|hu|ht?u|so)\s+)?"
    r"(\d{1,2}|nhat|hai|ba|tu|nam|dau tien|cuoi cung|(?<=cai )(?:dau|cuoi))"
    r"(?:\s+(?:di|nhe|a|nha|do|ay|luon|nua|chi tiet|la gi|noi gi|the nao|ra sao|thi sao))*\W*$"
)
_ALONE = r"(?=\s*(?:\W*$|trich|nguyen van|noi ro|noi gi|noi ki|chi tiet|la gi|ghi gi|doc|chep))"
_WITHIN = re.compile(
    r"\b(?:(?:cai|muc|y|dong|gach dau dong|gach|nhiem vu|dau viec|phan viec|viec|noi dung)\s+"
    r"(?:(?:(?:dung|xep|nam)\s+)?(?:thu|so|t|hang)\s*"
    r"|(?=\d+\s+(?:o tren|tren|trong danh sach|vua)|dau tien|cuoi cung|(?:dau|cuoi)"
    + _ALONE
    + r"))|^so\s+(?=\d))"
    r"(\d{1,2}|nhat|hai|nhi|ba|tu|nam|cuoi cung|dau tien|(?:dau|cuoi)" + _ALONE + r")\b"
    r"(?!\s*(?:tuan|thang|nam|quy|/|hang tuan))"
)
_ORDINALS = {
    "nhat": 1, "dau tien": 1, "hai": 2, "nhi": 2, "ba": 3, "tu": 4, "nam": 5, "cuoi cung": -1,
    "dau": 1, "cuoi": -1,
}  # fmt: skip


def ordinal(text: str, count: int) -> int | None:
    """The number chosen by "2", "cái thứ 2", "số 3", "cuối cùng"; None if it is none."""
    match = _NUMBER.match(" ".join(fold(text).split()))
    return _counted(match[1], count) if match else None


def ordinal_within(text: str, count: int) -> tuple[int, str] | None:
    """The number that a sentence chooses, and the rest of it: "nói rõ hơn việc thứ hai"."""
    said = " ".join(text.split())
    match = _WITHIN.search(fold(said))
    if not match:
        return None
    return _counted(match[1], count), said[: match.start()] + said[match.end() :]


def beside(text: str) -> int:
    """1 for "mục kế tiếp", -1 for "mục ngay trước đó"; 0 where neither is asked for."""
    said = typed(" ".join(text.split()))
    if looks(Look.NEXT).match(said):
        return 1
    return -1 if looks(Look.PREVIOUS).match(said) else 0


def _counted(word: str, count: int) -> int:
    chosen = int(word) if word.isdigit() else _ORDINALS[word]
    return count if chosen == -1 else chosen

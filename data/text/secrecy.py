"""Whether a text bears a marking of state secrecy: Mật, Tối mật, Tuyệt mật.

The word in a compound ("bảo mật", "mật độ", "mật khẩu", "bí mật kinh doanh") is no marking.
Typed without diacritics, "mat" is many words: it counts only where it stands as a stamp does,
in brackets, in capitals at the beginning, or behind "độ", "dấu".
"""

import re

from data.text.normalise import clean, fold

_HEADS = "bảo bí cơ nội thân đường ong túi gan tuần ngọt hội tiết riêng chi cẩn nồng bánh"
_TAILS = "độ khẩu mã thiết vụ ong thư ngữ danh đàm báo lệnh nghị gấu mía ngọt thám hiệu truyền"
_BEFORE = frozenset(_HEADS.split())
_AFTER = frozenset(_TAILS.split())
_WORD = re.compile(r"\w+")
_PLAIN = re.compile(
    r"\b(?:do|dau)\s+(?:toi\s+|tuyet\s+)?mat\b|\btuyet\s+mat\b"
    r"|[\[(<*\"“]\s*(?:(?:do|dau)\s+)?(?:toi\s+|tuyet\s+)?mat\s*[\])>*\"”]"
    r"|^\W*(?:toi\s+|tuyet\s+)?mat\s*[:.!\n-]"
)
_CAPITALS = re.compile(
    r"^\W*(?:TOI\s+|TUYET\s+)?MAT\b(?! (?:TRAN|BANG|HANG|DO|KHAU)\b)|\bTOI\s+MAT\b"
)


def secret(text: str) -> bool:
    """Whether the text is marked as a state secret."""
    text = clean(text)
    found = [word.casefold() for word in _WORD.findall(text)]
    for at, word in enumerate(found):
        if word == "mật":
            before = found[at - 1] if at else ""
            after = found[at + 1] if at + 1 < len(found) else ""
            if before in ("tối", "tuyệt", "độ", "dấu"):
                return True
            if before not in _BEFORE and after not in _AFTER:
                return True
    return _unmarked(text)


def _unmarked(text: str) -> bool:
    """The same for a text in which the marking was typed without diacritics."""
    plain = fold(text)
    for match in _PLAIN.finditer(plain):
        if text[match.start() : match.end()].casefold() == plain[match.start() : match.end()]:
            return True
    return bool(_CAPITALS.search(text))

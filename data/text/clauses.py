"""Clauses of a plan, however they are named: "II.5.k", "điểm g khoản 4 phần II", "nv 5k".

A clause is part (I, II, III), numbered heading, letter, then running numbers of bullets and
sub-bullets: `II.2.a.1.4`. Positions are those of the text in NFC.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace

from data.text.normalise import fold
from data.text.patterns import pattern, typed

_ROMAN = ("I", "II", "III", "IV", "V")
_PART_WORDS = "phần|chương"
_SECTION_WORDS = "mục"
_HEADING_WORDS = "tiểu mục|đề mục|khoản(?!g)"
_LETTER_WORDS = "điểm|tiết"
_BULLET_WORDS = "gạch đầu dòng|đầu dòng|gạch ngang|gạch|dấu trừ|ý|đoạn|dòng"
_SUB_BULLET_WORDS = "dấu cộng|ý nhỏ"
_TASK_WORDS = "nhiệm vụ|công việc|đầu việc|việc|mã số|mã|task|nv"
_COUNTED = {"đầu tiên": 1, "một": 1, "nhất": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4,
            "năm": 5, "sáu": 6, "bảy": 7}  # fmt: skip
_UNITS = "phần trăm|ngày|giờ|tháng|tuần|lần|tỷ|tỉ|triệu|nghìn|đồng|doanh nghiệp|nhiệm vụ"
_JOINERS = "của|trong|thuộc|tại|ở|nằm ở|nằm trong|và là"
_LETTERS = r"abcdeghiklmnopqstuvxy\u0111"
_EARLY_LETTERS = "abcdeđ"  # letters under which the plans have bullets

_SEP = r"[./-]?"
_LETTER = rf"(?:[./-]|\s(?=\w·[?.!,)]*·$)|)(?P<letter>[{_LETTERS}])(?![^\W\d_])"
_VALUE = (
    r"(?:(?P<part>iv|v|i{1,3})(?![^\W\d_])[./-]?)?(?:(?P<number>\d{1,2})(?!\d))?"
    rf"(?:{_LETTER}(?:{_SEP}(?P<rest>\d{{1,2}}(?:[.]\d{{1,2}})*)(?!\d))?"
    r"|[./-](?P<more>\d{1,2}(?:[.]\d{1,2})*)(?!\d))?"
)
_END = r"(?!\w|·%|[.,/-]\d|/\w)"
_KEYED = pattern(
    rf"(?<!\w)(?:(?P<part_word>(?<!thành\s)(?<!cổ\s)(?<!một\s)(?:{_PART_WORDS}))"
    rf"|(?P<section_word>{_SECTION_WORDS})|(?P<heading_word>{_HEADING_WORDS})|(?P<letter_word>{_LETTER_WORDS})"
    rf"|(?P<sub_word>{_SUB_BULLET_WORDS})|(?P<bullet_word>{_BULLET_WORDS})"
    rf"|(?P<task_word>{_TASK_WORDS}))"
    rf"(?: số| thứ)?·[:\"'“(]?·(?:(?P<counted>{'|'.join(_COUNTED)})\b"
    rf"(?!\s*(?:\d|nay|sau|trước|tới|c\u1eeda|lần))|(?=[\w]){_VALUE}){_END}"
)
_BARE = pattern(
    r"(?<![\w.,/-])(?<!quý\s)(?<!quí\s)"
    rf"(?=(?:iv|i{{1,3}}){_SEP}\d|\d{{1,2}}[./-]?[{_LETTERS}])(?!\d{{1,2}}[./-]\d){_VALUE}{_END}"
)
# Without one of these no clause is named.
_HINT = pattern(
    rf"\d|\b(?:{_PART_WORDS}|{_SECTION_WORDS}|{_HEADING_WORDS}|{_LETTER_WORDS}|gạch|đầu dòng)\b"
)
_UNIT = pattern(rf"·(?:{_UNITS})\b")
_GAP = pattern(rf"[\s,;(-]*(?:(?:{_JOINERS})\b)?\s*$")
_LIST = pattern(r"\s*(?:,|;|và|với|hoặc|hay|\+|&)\s*$")
_COUNTED_PATTERNS = tuple((pattern(f"{words}$"), number) for words, number in _COUNTED.items())


@dataclass(frozen=True, slots=True)
class ClauseRef:
    """A clause as a text names it; what it leaves open is None.

    `rest` holds the numbers of bullet and sub-bullet. `letter_sure` is False where "d" was
    typed in a message without any diacritics and so may stand for "đ".
    """

    part: str | None = None
    number: int | None = None
    letter: str | None = None
    rest: tuple[int, ...] = ()
    letter_sure: bool = True
    words: str = field(default="", compare=False)
    span: tuple[int, int] = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One "khoản 4": what it says, which kind of word said it, where."""

    ref: ClauseRef
    word: str
    start: int
    end: int


def _rest(match: re.Match[str]) -> tuple[int, ...]:
    numbers = match["rest"] or match["more"] or ""
    return tuple(int(number) for number in numbers.split(".") if number)


def _word(match: re.Match[str]) -> str:
    """Which kind of word names the piece; "" where none does."""
    return next((name for name, value in match.groupdict().items()
                 if value and name.endswith("_word")), "")  # fmt: skip


def _counted(words: str) -> int:
    words = " ".join(words.split())
    return next(number for known, number in _COUNTED_PATTERNS if known.match(words))


def _ref(match: re.Match[str], word: str) -> ClauseRef | None:
    """What a piece says; None where its word and its value do not belong together."""
    groups = match.groupdict()
    part, letter, rest = match["part"], match["letter"], _rest(match)
    if letter and not (part or match["number"]) and word and match[0][-len(letter) - 1].isalpha():
        return None
    number = int(match["number"]) if match["number"] else None
    if groups.get("counted"):
        number = _counted(groups["counted"] or "")
        if word in ("task_word", "letter_word", ""):
            return None
    if 0 in rest or number == 0 or (part is None and number is None and letter is None):
        return None
    if word == "letter_word" and part in ("i", "v") and number is None and letter is None:
        part, letter = None, part
    if word == "part_word" and part is None:
        if number is None or number > len(_ROMAN):
            return None
        part, number, rest = _ROMAN[number - 1], rest[0] if rest else None, rest[1:]
    if word in ("bullet_word", "sub_word"):
        return ClauseRef(rest=(number,)) if number and not (letter or part or rest) else None
    if word in ("part_word", "task_word", "") and letter and number is None:
        return None
    if word in ("task_word", "") and letter is None and (part is None or number is None):
        return None
    return ClauseRef(part.upper() if part else None, number, letter, rest)


def _stands_alone(match: re.Match[str], text: str, pieces: list[_Piece]) -> bool:
    """Whether a bare "5k" is a clause here, not a price or a quantity."""
    if match["part"] or "." in match[0]:
        return True
    if match["letter"] and match["rest"] and match["letter"] in _EARLY_LETTERS:
        return True
    if match["letter"] == "h" and match["rest"]:
        return False
    if not text[: match.start()].strip(" \t\n-*•\"'“(/"):
        return True
    return bool(pieces and _LIST.match(text[pieces[-1].end : match.start()]))


def _pieces(text: str) -> list[_Piece]:
    """Every piece of a clause name in a text, in order."""
    found: list[_Piece] = []
    position = 0
    while True:
        keyed, bare = _KEYED.search(text, position), _BARE.search(text, position)
        match = min((m for m in (keyed, bare) if m), key=lambda m: m.start(), default=None)
        if match is None:
            return found
        word = _word(match) if match is keyed else ""
        ref = _ref(match, word)
        counts = ref is not None and ref.part is None and ref.letter is None
        if counts and _UNIT.match(text, match.end()):
            ref = None
        if ref and (match is keyed or _stands_alone(match, text, found)):
            found.append(_Piece(ref, word, match.start(), match.end()))
            position = match.end()
        else:
            position = match.start() + 1


def _levelled(one: _Piece, other: _Piece) -> tuple[ClauseRef, ClauseRef]:
    """Two pieces; of "mục 2 khoản 5" the "mục" is the part."""
    a, b = one.ref, other.ref
    if a.number and b.number and not a.part and not b.part:
        if one.word == "section_word" and a == ClauseRef(number=a.number) and a.number <= 5:
            return ClauseRef(part=_ROMAN[a.number - 1]), b
        if other.word == "section_word" and b == ClauseRef(number=b.number) and b.number <= 5:
            return a, ClauseRef(part=_ROMAN[b.number - 1])
    return a, b


def _merged(one: _Piece, other: _Piece) -> ClauseRef | None:
    """Two neighbouring pieces as one name; None where they name the same level twice."""
    a, b = _levelled(one, other)
    if (a.part and b.part) or (a.number and b.number) or (a.letter and b.letter):
        return None
    rest = a.rest or b.rest
    if a.rest and b.rest:
        words = {one.word, other.word}
        if words != {"bullet_word", "sub_word"}:
            return None
        rest = a.rest + b.rest if one.word == "bullet_word" else b.rest + a.rest
    return ClauseRef(a.part or b.part, a.number or b.number, a.letter or b.letter, rest)


def _names(pieces: list[_Piece], text: str) -> list[_Piece]:
    """Neighbouring pieces put together; a piece that says too little alone is dropped."""
    names: list[_Piece] = []
    for piece in pieces:
        last = names[-1] if names else None
        ref = _merged(last, piece) if last and _GAP.match(text[last.end : piece.start]) else None
        if last and ref:
            word = piece.word if piece.word in ("bullet_word", "sub_word") else last.word
            names[-1] = _Piece(ref, word, last.start, piece.end)
        else:
            names.append(piece)
    return [name for name in names if _says_enough(name, text)]


def _says_enough(name: _Piece, text: str) -> bool:
    """ "ý 2" or "điểm 3" alone is more often a choice or a score than a clause."""
    ref = name.ref
    if ref.part or ref.letter:
        return True
    if name.word == "letter_word":
        return False
    if ref.number:
        return True
    return text.startswith(("gạch", "gach", "đầu dòng", "dau dong"), name.start)


def read_clauses(text: str) -> tuple[ClauseRef, ...]:
    """The clauses that a text names, in order."""
    text = unicodedata.normalize("NFC", text)
    plain = typed(text)
    if not _HINT.search(plain):
        return ()
    marked = fold(text) != plain
    return tuple(
        replace(
            name.ref,
            letter_sure=marked or name.ref.letter != "d",
            words=text[name.start : name.end],
            span=(name.start, name.end),
        )
        for name in _names(_pieces(plain), plain)
    )


def parts_of(clause: str) -> ClauseRef:
    """A clause of the registry taken apart: "II.2.a.1.4"."""
    part, *path = clause.split(".")
    number = int(path.pop(0)) if path and path[0].isdigit() else None
    letter = path.pop(0) if path and not path[0].isdigit() else None
    return ClauseRef(part, number, letter, tuple(int(step) for step in path))


def fits(ref: ClauseRef, clause: str) -> bool:
    """Whether a clause of the registry is the one named, or lies within it.

    Levels that the name leaves open fit anything, "điểm đ" every đ; "II.5" fits "II.5.k".
    """
    known = parts_of(clause)
    if ref.part is not None and ref.part != known.part:
        return False
    if ref.number is not None and ref.number != known.number:
        return False
    if ref.letter is not None and ref.letter != known.letter:
        return (
            ref.letter == "d"
            and known.letter == "đ"
            and not ref.letter_sure
            and (ref.rest == known.rest[: len(ref.rest)])
        )
    if ref.rest and ref.letter is None and ref.number is not None and known.letter is not None:
        return False
    return ref.rest == known.rest[: len(ref.rest)]

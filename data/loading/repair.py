"""Plan text as given → clean text: legacy letters, NFC, page furniture, folded lines.

A text taken from a PDF may write đ/Đ as ñ/ð (an old Vietnamese encoding read as Latin-1). The
letters are put right only where the whole text lacks đ and Đ, and only at the beginning of a
syllable, where alone đ can stand: a real ñ ("Niño") stays.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

_LEGACY = re.compile(r"(?<![^\W\d_])[ñÑðÐ]")
_LETTERS = {"ñ": "đ", "Ñ": "Đ", "ð": "Đ", "Ð": "Đ"}
_INVISIBLE = re.compile("[\ufeff\u200b\u00ad]")
_RULE = re.compile(r"[ _\-–—]{20,}")
_FOOTNOTE = re.compile(r"(\d{1,2})\s+\w")
_PAGE = re.compile(r"(?:[-–]\s*)?(?:[Tt]rang\s+)?\d{1,3}(?:\s*/\s*\d{1,3})?(?:\s*[-–])?")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_MARK = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Report:
    """How much was repaired: legacy letters, combining marks composed, lines of furniture."""

    letters: int = 0
    marks: int = 0
    furniture: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is left: its 1-based number in the file, and its span in the folded text."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Repaired:
    """The text on one line, the lines that it was made of, and what was repaired."""

    text: str
    lines: tuple[Line, ...]
    report: Report

    def piece(self, line: Line) -> str:
        """The text of a line, blanks folded."""
        return self.text[line.start : line.end]

    def number(self, offset: int) -> int:
        """The number of the line in which a character of the folded text stands."""
        place = bisect_right(self.lines, offset, key=lambda line: line.start) - 1
        return self.lines[place].number if place >= 0 else 0


def repair(raw: str) -> Repaired:
    """Repairs a plan's text and folds it to one line with single blanks."""
    text = unicodedata.normalize("NFC", raw)
    marks = len(_MARK.findall(raw)) - len(_MARK.findall(text)) if text != raw else 0
    text, letters = _letters(_INVISIBLE.sub("", text))
    kept, furniture = _body(text.replace("\r\n", "\n").split("\n"))
    folded, lines = _fold(kept)
    return Repaired(folded, lines, Report(letters, marks, furniture))


def _letters(text: str) -> tuple[str, int]:
    if "đ" in text or "Đ" in text:
        return text, 0
    return _LEGACY.subn(lambda found: _LETTERS[found[0]], text)


def _body(lines: list[str]) -> tuple[list[tuple[int, str]], int]:
    """The numbered lines that say something, and how many lines of furniture were dropped."""
    kept: list[tuple[int, str]] = []
    furniture = 0
    notes = False
    for number, line in enumerate(lines, 1):
        piece = " ".join(line.split())
        notes = _RULE.fullmatch(line) is not None or (notes and _is_footnote(line, kept))
        if notes or _PAGE.fullmatch(piece) or _ADDRESS.fullmatch(piece):
            furniture += bool(piece)
        elif piece:
            kept.append((number, piece))
    return kept, furniture


def _is_footnote(line: str, above: list[tuple[int, str]]) -> bool:
    """Whether the line explains a number that is glued to a word above it ("ICD1")."""
    found = _FOOTNOTE.match(line)
    if found is None:
        return False
    mark = re.compile(rf"[^\W\d]{found[1]}\b")
    return any(mark.search(piece) for _, piece in above)


def _fold(kept: list[tuple[int, str]]) -> tuple[str, tuple[Line, ...]]:
    """Joins the lines by a blank, or by nothing where a word was cut ("QĐ-" and "TTg")."""
    pieces: list[str] = []
    lines: list[Line] = []
    start = 0
    for number, piece in kept:
        lines.append(Line(number, start, start + len(piece)))
        pieces.append(piece if piece[-1] == "-" and piece[-2:-1].isalnum() else piece + " ")
        start += len(pieces[-1])
    return "".join(pieces).rstrip(), tuple(lines)

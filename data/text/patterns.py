"""Regular expressions for Vietnamese words that were typed with or without diacritics.

A letter with marks in the source stands for itself and for the same letter with fewer marks:
`tháng` finds "tháng" and "thang", never "thăng". A letter without marks stands for itself only:
`mai` never finds "mại". In the source a blank is white space, `·` white space that may be left
out. Patterns are held against `typed(text)`; positions are those of the text in NFC.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations


class Pattern:
    """A pattern of this module's notation, compiled when it is first used.

    Compiling all of them takes longer than answering a question that needs three.
    """

    __slots__ = ("_compiled", "_source")

    def __init__(self, source: str) -> None:
        self._source = source
        self._compiled: re.Pattern[str] | None = None

    def _pattern(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(widened(self._source))
        return self._compiled

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        """The match that begins at `start`."""
        return (self._compiled or self._pattern()).match(text, start)

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """The first match between `start` and `end`."""
        return (self._compiled or self._pattern()).search(text, start, end)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Every match, in order."""
        return (self._compiled or self._pattern()).finditer(text)

    def sub(self, new: str, text: str) -> str:
        """The text with every match replaced."""
        return (self._compiled or self._pattern()).sub(new, text)


@lru_cache(maxsize=512)
def _lesser(letter: str) -> str:
    """A pattern for a letter and the same with some or all of its marks left out."""
    parts = unicodedata.normalize("NFD", letter)
    base, marks = parts[0], parts[1:]
    forms = {
        unicodedata.normalize("NFC", base + "".join(kept))
        for size in range(len(marks) + 1)
        for kept in combinations(marks, size)
    }
    forms |= {"d", "đ"} if letter == "đ" else set()
    single = sorted(form for form in forms if len(form) == 1)
    return single[0] if len(single) == 1 else _one_of("".join(single))


def _one_of(letters: str) -> str:
    """A pattern for one of some letters that is compiled fast.

    A class with a letter beyond Latin-1 takes ten times as long to compile as one without: such
    letters stand apart, an empty look-ahead keeping `re` from making one class of all.
    """
    near = "".join(letter for letter in letters if ord(letter) < 256)
    far = "".join(f"|{letter}(?=)" for letter in letters if ord(letter) > 255)
    return f"(?:[{near}]{far})" if far else f"[{near}]"


def widened(source: str) -> str:
    """The regular expression that a pattern of this module's notation stands for."""
    letters = (_lesser(letter) if ord(letter) > 191 else letter for letter in source)
    return "".join(letters).replace(" ", r"\s+").replace("·", r"\s*")


def pattern(source: str) -> Pattern:
    """A pattern of this module's notation."""
    return Pattern(source)


def typed(text: str) -> str:
    """The text in NFC and lower case, one character for each of the NFC text."""
    text = unicodedata.normalize("NFC", text)
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(one if len(one := letter.lower()) == 1 else letter for letter in text)

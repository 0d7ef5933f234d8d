"""One form for Vietnamese text, whoever typed it and on whatever keyboard.

`clean` mends what carries no meaning (composition, tone placement, invisible characters);
`fold` drops case and diacritics, one character for one, so that positions stay the same;
`compatible` tells whether what was typed can be the word, diacritics that are typed counting.
"""

import re
import unicodedata
from functools import lru_cache

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe0f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_QUALITIES = {"\u0302", "\u0306", "\u031b"}
_TONE_ON_U = re.compile(r"(?<=[qQ])([ùúủũụÙÚỦŨỤ])([aeiouyăâêôơAEIOUYĂÂÊÔƠ])")
_SCHOOL_I = re.compile(r"(?<=^[hklmst])i(?=[^a-z]?$)|(?<=^qu)i(?=[^a-z]?$)", re.IGNORECASE)
_WORD = re.compile(r"\w+")


class _Folding(dict[int, str]):
    """A translation table that learns each character once."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in "đĐðÐ":
            folded = "d"
        else:
            folded = unicodedata.normalize("NFD", char)[0].lower()[:1] or char
        self[code] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Lower case without diacritics, character for character: "Sở Y tế" → "so y te"."""
    return unicodedata.normalize("NFC", text).translate(_FOLDING)


def clean(text: str) -> str:
    """NFC with invisible and control characters dropped and loose marks removed."""
    text = _CONTROL.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", text)))
    text = "".join(c for c in text if not unicodedata.combining(c))
    return _TONE_ON_U.sub(_moved, text)


def _moved(match: re.Match[str]) -> str:
    """The tone of "qúy" on the vowel that bears it: "quý"."""
    parts = unicodedata.normalize("NFD", match[1])
    return parts[0] + unicodedata.normalize("NFC", match[2] + parts[1])


@lru_cache(maxsize=65536)
def _marks(word: str) -> tuple[str, frozenset[str], str]:
    """Base letters (đ kept), vowel qualities with their places, and the tone of a syllable."""
    base: list[str] = []
    qualities: set[str] = set()
    tone = ""
    for char in unicodedata.normalize("NFD", word.lower()):
        if char in _TONES:
            tone = char
        elif char in _QUALITIES:
            qualities.add(f"{len(base)}{char}")
        elif not unicodedata.combining(char):
            base.append(char)
    return "".join(base), frozenset(qualities), tone


def mistoned(word: str) -> str:
    """The word with the other of the two tones that the South does not tell apart ("sỡ" for
    "sở"); "" where it has neither."""
    parts = unicodedata.normalize("NFD", word)
    other = parts.translate({0x0309: "\u0303", 0x0303: "\u0309"})
    return unicodedata.normalize("NFC", other) if other != parts else ""


def spelt_with_y(word: str) -> str:
    """The word with the y that schools write as i after these consonants ("lí" for "lý", "qui"
    for "quy"); "" where it is no such word."""
    i = unicodedata.normalize("NFD", word)
    y = _SCHOOL_I.sub("y", i)
    return unicodedata.normalize("NFC", y) if y != i else ""


def shapes(text: str) -> frozenset[str]:
    """The letters of a text that are letters of their own in Vietnamese, without their tones:
    "công đoàn" has ô and đ."""
    parts = (part for part in unicodedata.normalize("NFD", text) if part not in _TONES)
    toneless = unicodedata.normalize("NFC", "".join(parts))
    return frozenset(letter for letter in toneless.lower() if fold(letter) != letter)


@lru_cache(maxsize=65536)
def marked(word: str) -> bool:
    """Whether any diacritic was typed in the word."""
    return fold(word) != word.lower()


@lru_cache(maxsize=65536)
def same_word(one: str, other: str) -> bool:
    """The same word with the same diacritics, wherever the tone stands (hoà, hòa)."""
    return _marks(one) == _marks(other)


@lru_cache(maxsize=65536)
def compatible(typed: str, word: str) -> bool:
    """Whether `typed` may be `word`: each diacritic typed is in the word; none need be."""
    base, qualities, tone = _marks(typed)
    base_of_word, qualities_of_word, tone_of_word = _marks(word)
    if len(base) != len(base_of_word):
        return False
    letters = all(
        a == b or (a == "d" and b == "đ") for a, b in zip(base, base_of_word, strict=True)
    )
    return letters and qualities <= qualities_of_word and tone in ("", tone_of_word)


def words(text: str) -> list[str]:
    """The words of a text, lower case, in NFC, without punctuation."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def slug(text: str) -> str:
    """A key made of a name: "Lạng Sơn" → "lang-son"."""
    return "-".join(_WORD.findall(fold(text)))

"""A question word by word: as it was typed, and as it is understood."""

from collections.abc import Sequence
from dataclasses import dataclass

from data.text.normalise import fold, marked

_CONTINUED = "…"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question: as understood, folded, and where it stands in the mended text.

    `typed` is what the person wrote where that was something else. A `fixed` word is part of
    a clause or document number: "II.5.k" has no "không" in it.
    """

    text: str
    folded: str
    start: int = 0
    end: int = 0
    typed: str = ""
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Mended:
    """A question with its typing errors put right."""

    text: str
    words: tuple[Word, ...]

    @property
    def repairs(self) -> tuple[tuple[str, str], ...]:
        """What was typed and what it was read as."""
        return tuple((w.typed, w.text) for w in self.words if w.typed not in ("", _CONTINUED))


def careful_typist(words: Sequence[Word]) -> bool:
    """Whether a message is typed with diacritics: then a bare word is meant bare. What was
    written out or put right for the person says nothing of that."""
    own = [w.text for w in words if not w.typed]
    return sum(map(marked, own)) * 3 >= len(own) > 0


def cut(word: Word, parts: list[str]) -> list[Word]:
    """The word set apart into several, all of them standing where it stood."""
    typed = [word.text] + [_CONTINUED] * (len(parts) - 1)
    return [
        Word(part, fold(part), word.start, word.end, was)
        for part, was in zip(parts, typed, strict=True)
    ]


def laid_out(text: str, words: list[Word]) -> Mended:
    """The mended text, with punctuation and figures where they stood."""
    pieces: list[str] = []
    placed: list[Word] = []
    length, at = 0, 0
    for word in words:
        between = text[at : word.start] if word.start >= at else " "
        at = max(at, word.end)
        pieces += [between, word.text]
        start = length + len(between)
        length = start + len(word.text)
        placed.append(Word(word.text, word.folded, start, length, word.typed, word.fixed))
    pieces.append(text[at:])
    return Mended("".join(pieces), tuple(placed))

"""What is found in a question before it is one: wordings, names, signs, words left over."""

from dataclasses import dataclass, field

from data.model import Kind
from data.text.clauses import ClauseRef
from data.text.dates import Period
from data.text.documents import Citation
from data.text.figures import Figure
from handlers.understanding.lexicon import Entry
from handlers.understanding.question import Mention
from handlers.understanding.typed import Mended, Word


@dataclass(frozen=True, slots=True)
class Piece:
    """A wording found: words `start` to `end` and what it stands for."""

    start: int
    end: int
    sort: str
    entries: tuple[Entry, ...]

    @property
    def values(self) -> tuple[str, ...]:
        """The keys that the wording stands for."""
        return tuple(dict.fromkeys(e.meaning.value for e in self.entries))

    @property
    def weak(self) -> bool:
        """Whether it is an ordinary word in every meaning."""
        return all(e.meaning.weak for e in self.entries)


@dataclass(slots=True)
class Found:
    """What the readers and the lexicon made of a question.

    `aside`, `claimed` and `except_words` count words of the mended text: those said by the
    way, those that the readers of dates, documents and clauses took, and those that say what
    is left out.
    """

    mended: Mended
    aside: frozenset[int] = frozenset()
    periods: dict[str, Period] = field(default_factory=dict)
    clauses: tuple[ClauseRef, ...] = ()
    documents: tuple[Citation, ...] = ()
    figures: tuple[Figure, ...] = ()
    claimed: set[int] = field(default_factory=set)
    pieces: list[Piece] = field(default_factory=list)
    agencies: list[Mention] = field(default_factory=list)
    excluded: list[Mention] = field(default_factory=list)
    provinces: list[str] = field(default_factory=list)
    indicators: list[str] = field(default_factory=list)
    cues: set[str] = field(default_factory=set)
    scope: str = ""
    scope_words: str = ""
    runs: list[tuple[Word, ...]] = field(default_factory=list)
    except_words: frozenset[int] = frozenset()
    without_runs: list[tuple[Word, ...]] = field(default_factory=list)
    without_provinces: list[str] = field(default_factory=list)
    without_kinds: list[Kind] = field(default_factory=list)
    without_clauses: tuple[ClauseRef, ...] = ()

    @property
    def words(self) -> tuple[Word, ...]:
        """The words of the mended text."""
        return self.mended.words

    @property
    def covered(self) -> set[int]:
        """The words that a wording or a reader explains."""
        return {i for p in self.pieces for i in range(p.start, p.end)} | self.claimed | self.aside

    def said(self, start: int, end: int) -> str:
        """The mended text of words `start` to `end`."""
        return self.mended.text[self.words[start].start : self.words[end - 1].end]

    def between(self, end: int, start: int) -> str:
        """What stands after the word before `end` and before the word at `start`."""
        return self.mended.text[self.words[end - 1].end : self.words[start].start]

    def mention(self, piece: Piece) -> Mention:
        """The agency that a wording names."""
        said = self.said(piece.start, piece.end)
        return Mention(piece.values, said, piece.start, piece.end, piece.weak)


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two spans have a place in common."""
    return one[0] < other[1] and other[0] < one[1]

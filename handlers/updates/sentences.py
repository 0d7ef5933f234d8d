"""A sentence with all that is found in it: ids, clauses, dates, figures, words and wordings.

Positions are those of the cleaned text. The wordings stand in
`locales/vi/phrases/updates.yaml`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from data import files
from data.text.clauses import ClauseRef, read_clauses
from data.text.dates import Period, read_periods
from data.text.documents import Citation, read_documents
from data.text.figures import Figure, read_figures
from data.text.normalise import clean, compatible, fold, marked, same_word
from handlers.understanding.lexicon import Entry, Lexicon, Meaning
from handlers.understanding.phrase_files import phrases, wordings

LIMIT = 2000
"""The longest note that is kept, in characters."""
_TOKEN = re.compile(r"\w+(?:[.]\w+)*")
_ID = re.compile(r"(?<![\w./-])[\wđĐ]+(?:\.\d+)?(?:-\d{1,2})?(?![\w/])(?!-\w)")
_SHARE = re.compile(r"(?<![\w./,-])(\d{1,4})/(\d{1,4})(?=\s+[^\W\d])")
_DATE_WORD = re.compile(r"\b(?:ngay|hom|sang|chieu|truoc|sau|den|tu|han|vao|thang|quy)\s+$")
_BREAK = re.compile(r"[,;:\n()]|[.!?…](?=\s|$)|\s[-–—]+\s|->|=>")
_ARROW = re.compile(r"^\W*?[-=]>\s*")
AROUND = " ,;:.-–—\n"
_SAID = (
    "no_done", "no_block", "done", "in_progress", "not_started", "blocked", "blocked_marked",
    "hypothetical", "progress", "reached", "because", "noise", "noise_marked",
)  # fmt: skip
NOISE = ("noise", "noise_marked")
_EXACT = ("noise_marked", "blocked_marked")
_EXACT_IN_MARKED = ("blocked", "hypothetical", "because", "reached")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, whether an id, a date or the like claims it, and its segment."""

    text: str
    folded: str
    start: int
    end: int
    claimed: bool
    segment: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A wording found: words `first` up to `last`, and its key."""

    first: int
    last: int
    key: str


@dataclass(slots=True)
class Sentence:
    """A text with everything that was found in it; `shares` are where "12/15 bệnh viện" stand."""

    text: str
    grammar: "Grammar"
    ids: list[tuple[str, tuple[int, int]]] = field(default_factory=list)
    clauses: tuple[ClauseRef, ...] = ()
    documents: tuple[Citation, ...] = ()
    periods: tuple[Period, ...] = ()
    figures: tuple[Figure, ...] = ()
    shares: tuple[tuple[int, int], ...] = ()
    words: list[Word] = field(default_factory=list)
    said: list[Piece] = field(default_factory=list)

    @property
    def marked(self) -> bool:
        """Whether any word was typed with diacritics."""
        return any(marked(w.text) for w in self.words)

    def counts_at(self, place: int) -> bool:
        """Whether so many of so many are counted there."""
        return any(start == place for start, _ in self.shares)

    def fits(self, typed: Sequence[str], entry: Entry) -> bool:
        """Whether the typed words are the wording: diacritics may be left out, but not of a
        word that is another one without them, and not where the person types them."""
        key = entry.meaning.value
        if key in _EXACT or (key in _EXACT_IN_MARKED and self.marked):
            return all(map(same_word, typed, entry.wording))
        return all(
            same_word(t, w) or (not marked(t) and compatible(t, w))
            for t, w in zip(typed, entry.wording, strict=True)
        )

    def slice(self, first: int, last: int | None = None) -> str:
        """The text from word to word, with the signs before it ("<b>", "=") as typed."""
        if first >= len(self.words):
            return ""
        end = self.words[last - 1].end if last is not None else len(self.text)
        start = self.words[first].start
        before = [self.words[first - 1].end] if first else [0]
        before += [span[1] for span in self.spans() if span[1] <= start]
        return _ARROW.sub("", self.text[max(before) : end]).strip(AROUND)

    def spans(self) -> list[tuple[int, int]]:
        """Where ids, clauses, documents, dates and figures stand."""
        return [
            *(span for _, span in self.ids),
            *(each.span for each in self.clauses),
            *(each.span for each in self.documents),
            *(each.span for each in self.periods),
            *(each.span for each in self.figures),
        ]

    def pieces(self, keys: Sequence[str], *, everywhere: bool = False) -> list[Piece]:
        """The wordings of these keys, longest first; an earlier key wins among equals.

        Those in ids, dates and the like are passed over unless `everywhere`.
        """
        return self.grammar.pieces(self, keys, everywhere=everywhere)


class Grammar:
    """The wordings and the ids of tasks, laid over sentences. Holds no state."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._ids = {id.casefold() for id in ids}
        self._lexicon = Lexicon()
        found = phrases(files.PHRASES / "updates.yaml")
        self.asking = tuple(key for key in found if key.startswith("ask"))
        for key, block in found.items():
            for wording in wordings(block):
                self._lexicon.add(wording, Meaning("update", key))

    def laid(self, text: str, today: date) -> Sentence:
        """The text with documents, ids, dates and figures found, in that order of right."""
        text = clean(text)[:LIMIT].strip()
        laid = Sentence(text, self)
        laid.documents = read_documents(text)
        taken = [d.span for d in laid.documents]
        for match in _ID.finditer(text):
            if self._known(match[0]) and _free(match.span(), taken):
                laid.ids.append((match[0].casefold(), match.span()))
        taken += [span for _, span in laid.ids]
        if today > date.min:
            laid.clauses = tuple(
                c
                for c in read_clauses(text)
                if (c.letter or c.part) and c.letter_sure and _free(c.span, taken)
            )
            taken += [c.span for c in laid.clauses]
            laid.shares = self._shares(laid, taken)
            blocked = [*taken, *laid.shares]
            laid.periods = tuple(
                p for p in read_periods(text, today, None) if _free(p.span, blocked)
            )
            taken += [p.span for p in laid.periods]
            figures = (_bare(f) for f in read_figures(text))
            laid.figures = tuple(f for f in figures if _free(f.span, taken))
            taken += [f.span for f in laid.figures]
        laid.words = _words(text, taken)
        laid.said = laid.pieces(_SAID)
        return laid

    def _shares(
        self, laid: Sentence, taken: Sequence[tuple[int, int]]
    ) -> tuple[tuple[int, int], ...]:
        """Where so many of so many are counted ("12/15 bệnh viện"), which are no dates."""
        plain = fold(laid.text)
        found = [
            m.span()
            for m in _SHARE.finditer(plain)
            if int(m[1]) <= int(m[2]) and _free(m.span(), taken)
            if not _DATE_WORD.search(plain[: m.start()])
        ]
        if not found:
            return ()
        laid.words = _words(laid.text, taken)
        counted = {laid.words[p.first].start for p in laid.pieces(("counted",))}
        return tuple(
            span
            for span in found
            if any(not laid.text[span[1] : start].strip() for start in counted if start > span[1])
        )

    def _known(self, token: str) -> bool:
        name, dash, number = token.casefold().partition("-")
        return name in self._ids and (not dash or number.isdigit())

    def pieces(
        self, laid: Sentence, keys: Sequence[str], *, everywhere: bool = False
    ) -> list[Piece]:
        """The wordings of these keys, longest first; an earlier key wins among equals."""
        typed = [w.text.lower() for w in laid.words]
        folded = [w.folded for w in laid.words]
        pieces, at = [], 0
        while at < len(typed):
            piece = self._piece(laid, typed, folded, at, keys, everywhere)
            if piece:
                pieces.append(piece)
            at = piece.last if piece else at + 1
        return pieces

    def _piece(
        self,
        laid: Sentence,
        typed: list[str],
        folded: list[str],
        at: int,
        keys: Sequence[str],
        everywhere: bool,
    ) -> Piece | None:
        for end, entries in self._lexicon.matches(typed, folded, at):
            run = laid.words[at:end]
            broken = any(w.segment != run[0].segment for w in run)
            if broken or (not everywhere and any(w.claimed for w in run)):
                continue
            fitting = [
                e.meaning.value
                for e in entries
                if e.meaning.value in keys and laid.fits(typed[at:end], e)
            ]
            if fitting:
                return Piece(at, end, min(fitting, key=keys.index))
        return None


def _words(text: str, taken: Sequence[tuple[int, int]]) -> list[Word]:
    """The words of a text, each with its segment; breaks within claimed places are none."""
    breaks = [m.start() for m in _BREAK.finditer(text) if _free(m.span(), taken)]
    found = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        claimed = not _free((start, end), taken)
        segment = sum(b < start for b in breaks)
        found.append(Word(match[0], fold(match[0]), start, end, claimed, segment))
    return found


def _free(span: tuple[int, int], taken: Iterable[tuple[int, int]]) -> bool:
    return not any(span[0] < end and start < span[1] for start, end in taken)


def _bare(figure: Figure) -> Figure:
    """The figure without the words before it: "xay dung con 58 ngay" has no "đúng" in it."""
    digit = re.search(r"\d", figure.words)
    start = figure.span[0] + (digit.start() if digit else 0)
    return replace(figure, span=(start, figure.span[1]))

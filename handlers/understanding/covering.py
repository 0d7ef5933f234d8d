"""The wordings of the lexicon that together explain most of a question."""

import re
from collections.abc import Iterator, Sequence

from data.search import STOP_WORDS, TopicIndex
from handlers.understanding.found import Found, Piece
from handlers.understanding.grammar import Use, plays
from handlers.understanding.lexicon import Entry, Lexicon
from handlers.understanding.typed import careful_typist

_WORTH = {
    "section": 0.7, "agency": 0.6, "scope": 0.55, "indicator": 0.5, "province": 0.45, "cue": 0.4,
    "matters": 0.35, "keep": 0.3, "noise": 0.1,
}  # fmt: skip
_ONE_BREATH = frozenset({"cue", "noise", "scope", "keep", "matters"})
_MATTERS = frozenset({"scope", "matters"})
_BREAK = re.compile(r"[,;:.!?()\n]")
_LONGEST_CHANCE = 2
_LONGEST_WORDING = 4
_WEAK_WORTH = -0.5
_WEAK_RANK = 0.2
_OFTEN_PARTS = frozenset(
    {"where", "lead", "send", "due", "partner", "also", "except", "shared", "dismissed", "matter",
     "that_agency"}
)  # fmt: skip


class Covering:
    """Lays wordings over the words of one question that no reader has claimed."""

    def __init__(self, found: Found, lexicon: Lexicon, index: TopicIndex) -> None:
        self._claimed = found.claimed
        self._taken = found.claimed | found.aside
        self._lexicon = lexicon
        self._index = index
        self._typed = [w.text for w in found.words]
        self._folded = [w.folded for w in found.words]
        self._with_marks = careful_typist(found.words)
        self._breaks = {
            i for i in range(1, len(found.words)) if _BREAK.search(found.between(i, i))
        }
        self.explained = 0.0
        self._careful = [self._with_marks and not w.typed for w in found.words]

    def pieces(self) -> list[Piece]:
        """The wordings that together explain most, longer ones counting for more."""
        count = len(self._typed)
        best: list[tuple[float, Piece | None]] = [(0.0, None)] * (count + 1)
        for start in range(count - 1, -1, -1):
            choice: tuple[float, Piece | None] = (best[start + 1][0], None)
            for piece in self._at(start):
                score = _worth(piece) + best[piece.end][0]
                if score > choice[0]:
                    choice = (score, piece)
            best[start] = choice
        self.explained = best[0][0] + self._by_readers()
        chosen, at = [], 0
        while at < count:
            here = best[at][1]
            if here:
                chosen.append(here)
            at = here.end if here else at + 1
        return chosen

    def _by_readers(self) -> float:
        """What the readers of dates, documents and clauses explain, as wordings would."""
        runs: list[int] = []
        for i in sorted(self._claimed):
            if i - 1 in self._claimed and runs:
                runs[-1] += 1
            else:
                runs.append(1)
        return float(sum(n**2 for n in runs))

    def _at(self, start: int) -> Iterator[Piece]:
        """The wordings that can begin with this word."""
        if start in self._taken:
            return
        matches = self._lexicon.matches(self._typed, self._folded, start, self._careful)
        for end, entries in matches:
            if self._taken.isdisjoint(range(start, end)):
                piece = _piece(start, end, entries)
                if piece.sort in _ONE_BREATH and not self._breaks.isdisjoint(
                    range(start + 1, end)
                ):
                    continue
                if piece.sort in _MATTERS and self._inside_compound(start, end):
                    continue
                if end > start + 1 or not self._part_of_word(piece):
                    yield piece

    def _part_of_word(self, piece: Piece) -> bool:
        """Whether a lone syllable belongs to its neighbour in the plans: the "tra" of "kiểm
        tra" is no request to look something up."""
        at, words = piece.start, self._folded
        glue = self._with_marks and (piece.sort == "cue" or self._typed[at] in STOP_WORDS)
        if piece.sort in _ONE_BREATH and not glue and self._tells(at):
            return True
        if piece.sort == "cue" and not _OFTEN_PARTS.issuperset(piece.values):
            return False
        if "except" in piece.values and not self._with_marks:
            return plays(words[at], Use.DROP) or self._paired(at)
        if piece.sort not in ("cue", "noise", "scope"):
            return False
        plain = piece.sort == "noise" or "matter" in piece.values
        spelt = plain and self._index.spells(self._typed[at])
        if self._with_marks and not spelt:
            return False
        before = at > 0 and self._index.bound(words[at - 1], words[at])
        after = at + 1 < len(words) and self._index.bound(words[at], words[at + 1])
        return before or after

    def _inside_compound(self, start: int, end: int) -> bool:
        """Whether bare words begin or end within a word of the plans: the "gia lai" of "danh
        gia lai" is no province."""
        words = self._folded
        if self._with_marks or end - start > _LONGEST_CHANCE:
            return False
        before = start > 0 and self._index.bound(words[start - 1], words[start])
        after = end < len(words) and self._index.bound(words[end - 1], words[end])
        return before or after

    def _tells(self, at: int) -> bool:
        """Whether the word and a neighbour that is no wording make a pair of few tasks."""
        words = self._folded
        for one, other in ((at - 1, at), (at, at + 1)):
            if one < 0 or other == len(words) or not self._index.tells(words[one], words[other]):
                continue
            if self._with_marks and not self._lexicon.written_beside(
                self._typed[one], self._typed[other]
            ):
                continue
            beside = one if other == at else other
            if not self._explained_at(beside):
                return True
        return False

    def _explained_at(self, place: int) -> bool:
        """Whether a wording begins with the word or a longer one takes it in."""
        for start in range(max(0, place - _LONGEST_WORDING), place + 1):
            for end, _ in self._lexicon.matches(self._typed, self._folded, start):
                if end > place and (start == place or end - start > 1):
                    return True
        return False

    def _paired(self, at: int) -> bool:
        """Whether the plans have the word beside one of its neighbours at all: a bare "bo" is
        rather the "bố" of "bố trí" than "bỏ"."""
        words = self._folded
        before = at > 0 and self._index.pairs(words[at - 1], words[at])
        after = at + 1 < len(words) and self._index.pairs(words[at], words[at + 1])
        return before or after


def _worth(piece: Piece) -> float:
    weak = _WEAK_WORTH if piece.sort == "agency" and piece.weak else 0
    return (piece.end - piece.start) ** 2 + _WORTH[piece.sort] + weak


def _piece(start: int, end: int, entries: Sequence[Entry]) -> Piece:
    """The piece for the strongest sort among the entries of one wording."""

    def rank(entry: Entry) -> float:
        weak = entry.meaning.sort == "agency" and entry.meaning.weak
        return _WEAK_RANK if weak else _WORTH[entry.meaning.sort]

    sort = max(entries, key=rank).meaning.sort
    same = tuple(e for e in entries if e.meaning.sort == sort)
    strong = tuple(e for e in same if not e.meaning.weak)
    return Piece(start, end, sort, strong or same)

"""A word put right as one that is a slip away, by the words that stand beside it.

A word that the lexicon knows is left alone. Of several that are as near, the one that the
neighbours speak for. Without a neighbour to speak for it a real syllable stays as typed:
a word that the plans do not have is more often another subject than a slip.
"""

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from data.text.normalise import compatible, fold, marked, mistoned, spelt_with_y
from data.text.syllables import is_syllable
from handlers.understanding.lexicon import Lexicon
from handlers.understanding.slips import slips
from handlers.understanding.typed import Word, careful_typist

LETTERS = re.compile(r"[^\W\d_]+")
_SHORTEST_ALONE = 3
_USUAL = 10
_OFTEN = 3
_SHORTEST_REST = 3
_LONGEST_SHORT_FORM = 4
_OTHERS = 12
_LESS_USUAL = 0.3
_CUT_OFF = 0.3
_MARKED = 0.5
_OF_KNOWN, _OF_ODD, _OF_REAL, _OF_NONE = 4.3, 3.0, 1.5, 0.5


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A word that may be meant; `support` counts the neighbours that it is known beside,
    `agrees` tells whether it has every diacritic that was typed, `often` whether it stands
    beside one of them time and again."""

    text: str
    score: float
    support: int
    agrees: bool
    often: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """A word that may be a slip: where, what else it may be, and how much the other reading
    must explain more to be believed."""

    at: int
    others: tuple[Word, ...]
    cost: float


class Corrector:
    """Corrects words by a lexicon and by what stands side by side in it."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(w for w in lexicon.vocabulary() if w.isalpha()):
            self._by_length.setdefault(len(word), []).append(word)
        self._near = lru_cache(maxsize=16384)(self._near_words)
        self._known = lru_cache(maxsize=16384)(self._known_as)

    def known(self, word: Word) -> bool:
        """Whether the lexicon has the word, with the diacritics that were typed."""
        return word.fixed or self._known(word.text, word.folded)

    def _known_as(self, text: str, folded: str) -> bool:
        return not LETTERS.fullmatch(text) or any(
            compatible(text, w) for w in self._lexicon.spellings(folded)
        )

    def pulled(self, words: list[Word], i: int, meant: str = "") -> bool:
        """Whether a neighbour claims a word one slip away: "ph trách" is "phụ trách". Where
        that is what the short form stands for anyway (`meant`), nothing is claimed."""
        near = self._near(words[i].folded)
        return meant not in near and any(self._often(words, i, word) for word in near)

    def corrected(self, words: list[Word], capitals: Collection[int] = ()) -> list[Word]:
        """Each word that is none, or that stands oddly, as the word one slip away. What is typed
        in capitals, at these places, is never an ordinary word: "ISO" is no "sở"."""
        careful = careful_typist(words)
        result = list(words)
        for i, word in enumerate(result):
            if word.fixed or word.typed or not LETTERS.fullmatch(word.text):
                continue
            if len(word.text) < 2 and not marked(word.text):
                continue
            if (school := spelt_with_y(word.text)) and self._rather(school, word.text):
                result[i] = replace(word, text=school, folded=fold(school))
                continue
            if self._meant(result, i, careful):
                continue
            if (toned := mistoned(word.text)) and self._lexicon.spelled(toned):
                result[i] = replace(word, text=toned)
                continue
            if word.text in self._lexicon.short and not self.pulled(result, i):
                continue
            better = self._better(result, i, careful)
            if better and not (word.start in capitals and is_syllable(fold(better))):
                result[i] = replace(word, text=better, folded=fold(better), typed=word.text)
        return result

    def _rather(self, spelling: str, word: str) -> bool:
        """Whether the plans write a word in this spelling and not as it was typed."""
        return self._lexicon.usage(spelling) > self._lexicon.usage(word)

    def doubts(self, words: Sequence[Word], capitals: Collection[int] = ()) -> tuple["Doubt", ...]:
        """The words that may be slips, with what else each may be; none in capitals."""
        careful = careful_typist(words)
        found = []
        for i in range(len(words)):
            doubt = self._doubt(list(words), i, careful)
            if doubt is not None and doubt.others and words[i].start not in capitals:
                found.append(doubt)
        return tuple(found)

    def _doubt(self, words: list[Word], i: int, careful: bool) -> "Doubt | None":
        word = words[i]
        typed = word.typed or word.text
        if word.fixed or not LETTERS.fullmatch(typed) or len(typed) < 2:
            return None
        folded = fold(typed) if word.typed else word.folded
        words[i] = asked = Word(typed, folded, word.start, word.end)
        meant = self._meant(words, i, careful) and not self._drawn(words, i)
        if meant and (not careful or self._written_support(words, i, typed)):
            return None
        if typed in self._lexicon.short and (word.typed or not self.pulled(words, i)):
            return None
        known = self.known(asked) and (self._lexicon.spelled(typed) or not careful)
        cost = _OF_REAL if is_syllable(asked.folded) else _OF_NONE
        if known:
            at_home = self._support(words, i, asked.folded) or self._alone(asked)
            cost = _OF_KNOWN if at_home else _OF_ODD
        if word.typed and self._support(words, i, word.folded):
            cost = max(cost, _OF_REAL)
        others = [
            replace(asked, text=c.text, folded=fold(c.text), typed=typed)
            for c in self._candidates(words, i, careful)
            if c.agrees and c.text != word.text and (c.support or len(words) == 1)
        ]
        if word.typed:
            others.append(asked)
        return Doubt(i, tuple(others[:_OTHERS]), cost)

    def _meant(self, words: list[Word], i: int, careful: bool) -> bool:
        """Whether a word can stand as it is: it is one, and beside a neighbour that it is
        known with; or it is typed with all its diacritics, or is a wording by itself."""
        word = words[i]
        if not self.known(word):
            return False
        if self._support(words, i, word.folded):
            return True
        exact = self._lexicon.spelled(word.text)
        if marked(word.text):
            return exact
        return self._alone(word, careful) and (exact or not careful)

    def _alone(self, word: Word, careful: bool = False) -> bool:
        """Whether the word is a wording by itself."""
        return any(self._lexicon.matches([word.text], [word.folded], 0, [careful]))

    def _drawn(self, words: list[Word], i: int) -> bool:
        """Whether a neighbour speaks for a word one slip away and none for this one: the "bo"
        of "nop bo cao"."""
        return not self._support(words, i, words[i].folded) and any(
            self._often(words, i, near) for near in self._near(words[i].folded)
        )

    def spelt_out(self, folded: str) -> tuple[str, str] | None:
        """The two words of which the first is cut to its first letters: "bcao", "xdung". The
        text must have them side by side often, and no others like them."""
        if is_syllable(folded) or self._lexicon.knows(folded) or not folded.isalpha():
            return None
        found = [
            (word, folded[size:])
            for size in (1, 2)
            if (word := self.begun_as(folded[:size], folded[size:]))
        ]
        return found[0] if len(found) == 1 else None

    def begun_as(self, head: str, rest: str) -> str | None:
        """The word cut to its first letters that the text often has before `rest`, if none
        other with these letters comes near: "k.hoạch", "c.thương"."""
        if len(rest) < _SHORTEST_REST or not (is_syllable(rest) and self._lexicon.knows(rest)):
            return None
        begun = (w for w in self._lexicon.vocabulary() if w.startswith(head) and is_syllable(w))
        best = sorted(((self._lexicon.together(w, rest), w) for w in begun), reverse=True)
        if not best or best[0][0] < _OFTEN or (best[1:] and best[1][0] * 2 > best[0][0]):
            return None
        return best[0][1]

    def opens(self, first: str, word: Word) -> bool:
        """Whether a word, or one that it is a slip of, is known after `first`."""
        return any(self._lexicon.beside(first, w) for w in (word.folded, *self._slip_of(word)))

    def _slip_of(self, word: Word) -> tuple[str, ...]:
        return () if self.known(word) else self._near(word.folded)

    def _support(self, words: list[Word], i: int, folded: str) -> int:
        """How many of the two neighbours the word is known beside."""
        before = i > 0 and self._lexicon.beside(words[i - 1].folded, folded)
        after = i + 1 < len(words) and self._lexicon.beside(folded, words[i + 1].folded)
        return before + after

    def _better(self, words: list[Word], i: int, careful: bool) -> str | None:
        """The word one slip away for which most speaks, if enough does."""
        word = words[i]
        candidates = self._candidates(words, i, careful)
        if not candidates:
            return None
        best = candidates[0]
        if careful and marked(best.text) and not marked(word.text) and self._usual(word):
            return None
        known, real = self.known(word), is_syllable(word.folded)
        neighbours = (i > 0) + (i + 1 < len(words))
        bare = careful and not marked(word.text) and not self._lexicon.spelled(word.text)
        odd = not known or bare
        enough = 1 if odd and not real else 2
        needed = enough if known and not bare else min(enough, max(neighbours, 1))
        meant = real and careful and marked(word.text)
        sure = best.agrees or not real or (best.support == 2 and not meant)
        if best.support >= needed and sure and (best.often or not (bare and real)):
            return best.text
        if not known and best.often and best.agrees:
            return best.text
        if known or real or len(word.folded) < _SHORTEST_ALONE:
            return None
        fitting = [c for c in candidates if c.agrees]
        return fitting[0].text if len(fitting) == 1 else None

    def _usual(self, word: Word) -> bool:
        """Whether the word is often written as it stands, and seldomer with marks."""
        usage = self._lexicon.usage
        most = max(map(usage, self._lexicon.spellings(word.folded)), default=0)
        return usage(word.text) >= max(most, _USUAL)

    def _candidates(self, words: list[Word], i: int, careful: bool) -> list[_Candidate]:
        """The words one slip away, the one for which most speaks first."""
        word = words[i]
        found = []
        for near in self._near(word.folded):
            support = self._support(words, i, near)
            if not support and not is_syllable(word.folded):
                support = self._beside_unknown(words, i, near)
            spelling = self._agreeing(words, i, near, careful)
            alone = any(True for _ in self._lexicon.matches([near], [near], 0))
            score = (
                2.0 * support
                + (1.5 if spelling else -1.0 if marked(word.text) else 0.0)
                + (0.4 if alone else 0.0)
                + (0.5 if sorted(near) == sorted(word.folded) else 0.0)
                + (_CUT_OFF if near.startswith(word.folded) else 0.0)
                - (_MARKED if careful and marked(spelling or "") > marked(word.text) else 0.0)
                + 0.1 * math.log1p(self._lexicon.count(near))
            )
            often = self._often(words, i, near)
            found.append(_Candidate(spelling or near, score, support, bool(spelling), often))
            if alone and spelling and careful:
                found += [
                    _Candidate(other, score - _LESS_USUAL, support, True, often)
                    for other in self._wordings(near, word.text)
                    if other != spelling
                ]
        return sorted(found, key=lambda c: (-c.score, c.text))

    def _wordings(self, near: str, typed: str) -> list[str]:
        """The spellings of a word that are wordings by themselves, with every mark typed."""
        marks = {c for c in typed if fold(c) != c}
        return [
            s
            for s in self._lexicon.spellings(near)
            if marks <= set(s) and any(self._lexicon.matches([s], [near], 0, [True]))
        ]

    def _often(self, words: list[Word], i: int, folded: str) -> bool:
        """Whether a neighbour is seen beside the word again and again."""
        before = i > 0 and self._lexicon.together(words[i - 1].folded, folded) >= _OFTEN
        after = i + 1 < len(words) and (
            self._lexicon.together(folded, words[i + 1].folded) >= _OFTEN
        )
        return before or after

    def _beside_unknown(self, words: list[Word], i: int, candidate: str) -> int:
        """Support from a neighbour that is itself a slip."""
        for j, order in ((i - 1, 0), (i + 1, 1)):
            if 0 <= j < len(words) and not self.known(words[j]):
                for other in self._near(words[j].folded):
                    pair = (candidate, other) if order else (other, candidate)
                    if self._lexicon.beside(*pair):
                        return 1
        return 0

    def _agreeing(self, words: list[Word], i: int, near: str, careful: bool) -> str | None:
        """The near word as this person would write it, with every diacritic typed: bare in a
        bare message, else as it is written beside the neighbours, else as it mostly is."""
        typed = words[i].text
        marks = {c for c in typed if fold(c) != c}
        fitting = [s for s in self._lexicon.spellings(near) if marks <= set(s)]
        if fitting and not careful and not marks:
            return near
        return max(
            fitting,
            key=lambda s: (self._written_support(words, i, s), self._lexicon.usage(s), s),
            default=None,
        )

    def _written_support(self, words: list[Word], i: int, written: str) -> int:
        """How many of the two neighbours a word is written beside with these diacritics."""
        before = i > 0 and self._lexicon.written_beside(words[i - 1].text, written)
        after = i + 1 < len(words) and self._lexicon.written_beside(written, words[i + 1].text)
        return before + after

    def _near_words(self, folded: str) -> tuple[str, ...]:
        """The lexicon's words one slip away, those of the same length first. A short form of
        few letters is too near to every other to be guessed."""
        return tuple(
            word
            for length in (len(folded), len(folded) + 1, len(folded) - 1)
            for word, _ in slips(folded, self._by_length.get(length, ()), 1)
            if len(word) > _LONGEST_SHORT_FORM or is_syllable(word)
        )

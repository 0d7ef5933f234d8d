"""A question with its typing errors put right: torn and run-together words, raw Telex or VNI,
chat language, slips of the finger.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from data.text.clauses import read_clauses
from data.text.dates import read_periods
from data.text.documents import read_documents
from data.text.normalise import clean, fold, marked, same_word
from data.text.syllables import is_syllable
from handlers.understanding.corrections import LETTERS, Corrector, Doubt
from handlers.understanding.grammar import Use, plays
from handlers.understanding.lexicon import Lexicon
from handlers.understanding.typed import Mended, Word, cut, laid_out
from handlers.understanding.typing_methods import telex, vni

_MARKUP = re.compile(r"<[^<>]{1,200}>|\x1b?\[[0-9;]{1,8}m")
_PERCENT = re.compile(r"(?<![\d\s])\s*%|(?<=[^\d\s]\s)%")
_DAY_MONTH_YEAR = re.compile(r"ngày, ?tháng(?:, ?năm)?|ngay, ?thang(?:, ?nam)?", re.IGNORECASE)
_TOKEN = re.compile(r"\w+")
_WITH_FIGURES = re.compile(r"(?<![\w./-])[a-z]{2,}\d[a-z\d]*(?![\w./-])", re.IGNORECASE)
_CUT_SHORT = re.compile(r"(?<![\w.])([^\W\d_]{1,2})\.([^\W\d_]{3,})(?![\w.])")
_DRAWN_OUT = re.compile(r"(?<=\w)(?<![ivx])([^\W\d_])\1{2,}$", re.IGNORECASE)
_TWICE = re.compile(r"([^\W\d_])\1", re.IGNORECASE)
_LONE_LETTERS = frozenset("yo")
_TELEX_TWICE = frozenset("aeodw")
_CUT_FINAL = re.compile(r"(?<=[aeiouy])[gh]$")
_HEARD = {"f": ("ph",), "z": ("v", "d", "gi", "g")}
_LONGEST = 7
_SHORTEST_RUN = 5
_USUAL = 3
_SHORT_MESSAGE = 2
_ANY_DAY = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Draft:
    """A question whose words may be read in another way where they are in doubt."""

    text: str
    words: tuple[Word, ...]
    doubts: tuple[Doubt, ...]

    def reread(self, at: int, word: Word) -> "Draft":
        """The same question with one word read as another."""
        return replace(self, words=(*self.words[:at], word, *self.words[at + 1 :]))

    def doubt(self, settled: Collection[int]) -> Doubt | None:
        """The likeliest slip that is not settled yet."""
        left = (doubt for doubt in self.doubts if doubt.at not in settled)
        return min(left, key=lambda doubt: doubt.cost, default=None)


class Speller:
    """Mends questions with the words of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._corrector = Corrector(lexicon)

    def draft(self, text: str) -> Draft:
        """The question with each word as the lexicon knows it, if it does."""
        text = _MARKUP.sub(" ", clean(text))
        text = _PERCENT.sub(" phần trăm " if marked(text) else " phan tram ", text)
        text = _DAY_MONTH_YEAR.sub(lambda m: m[0].replace(",", " "), text)
        text = _CUT_SHORT.sub(self._spelt_out, self.undoubled(text))
        if len(_WITH_FIGURES.findall(text)) > 1:
            text = _WITH_FIGURES.sub(lambda m: self._figures_read(m[0]), text)
        spans = [c.span for c in read_clauses(text)] + [
            d.span for d in read_documents(text) if any(c.isdigit() for c in d.words)
        ]
        spans += [p.span for p in read_periods(text, _ANY_DAY, None)]
        words = [
            Word(
                m.group().lower(),
                fold(m.group()),
                *m.span(),
                fixed=any(x <= m.start() and m.end() <= y for x, y in spans),
            )
            for m in _TOKEN.finditer(text)
        ]
        words = self._joined(words, text)
        words = self._decoded(words)
        words = self._expanded(words, single=False)
        capitals = _capitals(text, words)
        return self.doubted(Draft(text, tuple(self._corrector.corrected(words, capitals)), ()))

    def doubted(self, draft: Draft) -> Draft:
        """The draft with what is in doubt in it as it reads now."""
        capitals = _capitals(draft.text, draft.words)
        return replace(draft, doubts=self._corrector.doubts(draft.words, capitals))

    def mended(self, draft: Draft) -> Mended:
        """The draft written out."""
        return laid_out(draft.text, self._expanded(list(draft.words), single=True))

    def _spelt_out(self, cut_short: re.Match[str]) -> str:
        """ "k.hoạch" as "kế hoạch", where the text has no other such word."""
        word = self._corrector.begun_as(fold(cut_short[1]), fold(cut_short[2]))
        if word and marked(cut_short[2]):
            word = max(self._lexicon.spellings(word), key=self._lexicon.usage)
        return f"{word} {cut_short[2]}" if word else cut_short[0]

    def undoubled(self, text: str) -> str:
        """The text without letters that the finger struck twice."""
        return _TOKEN.sub(lambda m: self._undoubled(m[0]), text)

    def _undoubled(self, word: str) -> str:
        """The word without a letter that the finger struck twice: "điểmm", "tthanh". Raw Telex
        doubles letters on purpose."""
        folded = fold(word)
        known = is_syllable(folded) or self._lexicon.knows(folded)
        if not word.isalpha() or known or folded in self._lexicon.short:
            return word
        word = _DRAWN_OUT.sub(r"\1", word)
        for match in _TWICE.finditer(word):
            if fold(match[0])[0] in _TELEX_TWICE and word.lower() == folded:
                continue
            at = match.start()
            once = word[:at] + word[at + 1 :]
            swapped = folded[: at + 1] + folded[at + 2 : at + 3] + folded[at] + folded[at + 3 :]
            if self._is_word(fold(once)) and not self._is_word(swapped):
                return once
        return word

    def _figures_read(self, word: str) -> str:
        """The word that raw VNI means: "khoan3" names a clause only as "khoản". One such word
        alone is rather a figure without its space: "quy4"."""
        meant = vni(word.lower())
        return (self._spelling(meant) if meant else None) or word

    def _is_word(self, folded: str) -> bool:
        return is_syllable(folded) and self._lexicon.knows(folded)

    def _joined(self, words: list[Word], text: str) -> list[Word]:
        """Puts together what a stray space tore apart: "s ở" → "sở"."""
        result: list[Word] = []
        for word in words:
            last = result[-1] if result else None
            if last and text[last.end : word.start] == " " and self._torn(last, word):
                joined = last.text + word.text
                result[-1] = Word(
                    joined, fold(joined), last.start, word.end, f"{last.text} {word.text}"
                )
            else:
                result.append(word)
        return result

    def _torn(self, one: Word, other: Word) -> bool:
        """Whether two pieces are no words by themselves and one together."""
        return (
            not (one.fixed or other.fixed)
            and not (is_syllable(one.folded) and is_syllable(other.folded))
            and not (self._corrector.known(one) and self._corrector.known(other))
            and LETTERS.fullmatch(one.text + other.text) is not None
            and self._lexicon.knows(one.folded + other.folded)
            and (
                not {one.text, other.text} & self._lexicon.short.keys()
                or self._is_name(one.folded + other.folded)
            )
        )

    def _is_name(self, folded: str) -> bool:
        return any(
            e.meaning.sort == "agency"
            for _, entries in self._lexicon.matches([folded], [folded], 0)
            for e in entries
        )

    def _decoded(self, words: list[Word]) -> list[Word]:
        """Raw Telex or VNI read, words run together set apart.

        One word that could be Telex among words that are not is more likely a slip.
        """
        read = [self._method(word) for word in words]
        typist = sum(r is not None for r in read) > 1 or len(words) <= _SHORT_MESSAGE
        result: list[Word] = []
        for word, found in zip(words, read, strict=True):
            if found and (typist or any(c.isdigit() for c in word.text)):
                result.append(replace(word, text=found, folded=fold(found), typed=word.text))
            elif word.text in self._lexicon.short:
                result.append(word)
            elif meant := self._by_sound(word.text):
                result.append(replace(word, text=meant, folded=fold(meant)))
            elif self._corrector.known(word):
                result.append(word)
            elif pair := self._corrector.spelt_out(word.folded):
                result += cut(word, list(pair))
            else:
                parts = self._segments(word.folded)
                if len(word.folded) < _SHORTEST_RUN and not self._usual(parts):
                    parts = []
                result += cut(word, parts) if parts else [word]
        return result

    def _by_sound(self, word: str) -> str:
        """The word that the plans have most often of those that sound as it is typed: "fí" as
        "phí", "zề" as "về", "côg" as "công"; "" for none."""
        if self._lexicon.spelled(word):
            return ""
        heard = [f"{initial}{word[1:]}" for initial in _HEARD.get(word[0], ())]
        if cut := _CUT_FINAL.search(fold(word)):
            heard.append(f"{word[: cut.start()]}n{word[cut.start() :]}")
        known = [w for w in heard if self._lexicon.spelled(w) or self._lexicon.knows(w)]
        return max(known, key=self._lexicon.usage, default="")

    def _method(self, word: Word) -> str | None:
        """The known word that raw Telex or VNI means, if the letters are none themselves."""
        if word.fixed or word.text != word.folded or word.text in self._lexicon.short:
            return None
        if self._lexicon.knows(word.folded):
            return None
        for decode in (telex, vni):
            meant = decode(word.folded)
            found = self._spelling(meant) if meant else None
            if found:
                return found
        return None

    def _spelling(self, meant: str) -> str | None:
        """The known word with these letters and marks, or with these letters."""
        folded = "".join(c for c in fold(meant) if c.isalpha())
        if not self._lexicon.knows(folded):
            return None
        return next((w for w in self._lexicon.spellings(folded) if same_word(w, meant)), folded)

    def _usual(self, parts: Sequence[str]) -> bool:
        """Whether the parts stand side by side again and again."""
        return len(parts) > 1 and all(
            self._lexicon.together(a, b) >= _USUAL for a, b in pairwise(parts)
        )

    def _segments(self, folded: str) -> list[str]:
        """The known words that run together make this one; each two must be neighbours."""
        best: list[list[str]] = [[] for _ in range(len(folded) + 1)]
        reached = [True] + [False] * len(folded)
        for end in range(1, len(folded) + 1):
            for start in range(max(0, end - _LONGEST), end):
                piece = folded[start:end]
                if not reached[start] or not self._lexicon.knows(piece) or piece.isdigit():
                    continue
                if len(piece) == 1 and piece not in _LONE_LETTERS:
                    continue
                before = best[start]
                if before and not self._lexicon.beside(before[-1], piece):
                    continue
                if not reached[end] or len(before) + 1 < len(best[end]):
                    best[end], reached[end] = [*before, piece], True
        found = best[-1]
        return found if len(found) > 1 and max(map(len, found)) > 1 else []

    def _expanded(self, words: list[Word], *, single: bool) -> list[Word]:
        """Chat language written out, where it is not part of a name: "ko" → "không".

        Single letters come last: beside "điểm" or a figure they are no chat language.
        """
        short = self._lexicon.short
        if not any(w.text in short and (len(w.text) == 1) is single for w in words):
            return words
        named = self._named(words)
        result: list[Word] = []
        for i, word in enumerate(words):
            meant = self._lexicon.short.get(word.text)
            if (
                meant is None
                or i in named
                or word.fixed
                or (len(word.text) == 1) is not single
                or _lettered(words, i)
                or (len(word.text) == 2 and self._claimed(words, i, meant))
            ):
                result.append(word)
            else:
                result += cut(word, list(meant))
        return result

    def _claimed(self, words: list[Word], i: int, meant: Sequence[str]) -> bool:
        """Whether a two-letter form is rather half of a slip: its neighbours know another."""
        if is_syllable(words[i].folded):
            return False
        last = i + 1 == len(words)
        fits = last or self._corrector.opens(fold(meant[-1]), self._meant(words[i + 1]))
        return not fits and self._corrector.pulled(words, i, fold(meant[0]))

    def _meant(self, word: Word) -> Word:
        """The word, or the first of those that it is short for."""
        meant = self._lexicon.short.get(word.text)
        return replace(word, text=meant[0], folded=fold(meant[0])) if meant else word

    def _named(self, words: list[Word]) -> set[int]:
        """The words that are part of an agency's name."""
        typed, folded = [w.text for w in words], [w.folded for w in words]
        named: set[int] = set()
        for i in range(len(words)):
            for end, entries in self._lexicon.matches(typed, folded, i):
                if any(e.meaning.sort == "agency" for e in entries):
                    named.update(range(i, end))
                    break
        return named


def _capitals(text: str, words: Sequence[Word]) -> frozenset[int]:
    """The places of words in capitals among others: "ISO" is meant as it stands."""
    places = {w.start for w in words if text[w.start : w.end].isupper() and w.end - w.start > 1}
    return frozenset(places) if len(places) * 2 <= len(words) else frozenset()


def _lettered(words: list[Word], i: int) -> bool:
    """Whether a short form is the letter of a clause, or stands before a figure ("ct 20")."""
    before = words[i - 1].folded if i else ""
    after = words[i + 1] if i + 1 < len(words) else None
    if len(words[i].text) == 1 and (plays(before, Use.CLAUSE) or before[:1].isdigit()):
        return True
    figure = after is not None and after.text[:1].isdigit()
    named = plays(words[i].folded, Use.BEFORE_FIGURE)
    return (named and figure) or (
        len(words[i].text) == 1 and after is not None and plays(after.folded, Use.CLAUSE)
    )

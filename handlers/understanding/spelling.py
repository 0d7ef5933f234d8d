"""Typing errors put right, by the words that stand beside them. The one home of RapidFuzz.

A word that the lexicon knows is left alone. Any other is read as raw Telex or VNI, as words
run together or torn apart, or as a word one slip away; of several, the one that the
neighbours speak for. Without a neighbour to speak for it a real syllable stays as typed:
a word that the plans do not have is more often another subject than a slip.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from data.text.clauses import read_clauses
from data.text.documents import read_documents
from data.text.normalise import clean, compatible, fold, marked, same_word, words
from handlers.understanding.lexicon import Lexicon
from handlers.understanding.typing_methods import telex, vni

_PERCENT = re.compile(r"(?<![\d\s])\s*%|(?<=[^\d\s]\s)%")
_TOKEN = re.compile(r"\w+")
_LETTERS = re.compile(r"[^\W\d_]+")
_SYLLABLE = re.compile(
    r"(ngh?|nh|gh|gi|g|kh|k|ch|c|ph|p|qu|th|tr|t|b|d|h|l|m|n|r|s|v|x)?"
    r"(a|ac|ach|ai|am|an|ang|anh|ao|ap|at|au|ay|e|ec|em|en|eng|eo|ep|et|eu|ech|enh|i|ia|ich|iec|"
    r"iem|ien|ieng|iep|iet|ieu|im|in|inh|ip|it|iu|o|oa|oac|oach|oai|oam|oan|oang|oanh|oao|oap|"
    r"oat|oay|oc|oe|oen|oeo|oet|oi|om|on|ong|ooc|op|ot|u|ua|uan|uang|uat|uay|uc|ue|uech|uenh|ui|"
    r"um|un|ung|uo|uoc|uoi|uom|uon|uong|uop|uot|uou|up|ut|uu|uy|uya|uych|uyen|uyet|uynh|uyt|y|"
    r"yem|yen|yet|yeu|ynh|ych)"
)
_LONGEST = 7
_CANDIDATES = 24
_SHORT_MESSAGE = 2
_SHORTEST_ALONE = 3
_CLAUSE_WORDS = frozenset({"diem", "khoan", "muc", "phan"})
_SHORTEST_NAME = 8
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


class Speller:
    """Mends questions with the words of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(w for w in lexicon.vocabulary() if w.isalpha()):
            self._by_length.setdefault(len(word), []).append(word)
        self._near = lru_cache(maxsize=16384)(self._near_words)

    def mend(self, text: str) -> Mended:
        """The question with each word as the lexicon knows it, if it does."""
        text = _PERCENT.sub(" phần trăm ", clean(text))
        spans = [r.span for r in (*read_clauses(text), *read_documents(text))]
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
        words = self._corrected(words)
        words = self._expanded(words, single=True)
        return _laid_out(text, words)

    def _known(self, word: Word) -> bool:
        """Whether the lexicon has the word, with the diacritics that were typed."""
        return (
            word.fixed
            or not _LETTERS.fullmatch(word.text)
            or any(compatible(word.text, w) for w in self._lexicon.spellings(word.folded))
        )

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
            and not (_real(one.folded) and _real(other.folded))
            and not (self._known(one) and self._known(other))
            and _LETTERS.fullmatch(one.text + other.text) is not None
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
            elif self._known(word) or word.text in self._lexicon.short:
                result.append(word)
            else:
                parts = self._segments(word.folded)
                result += _cut(word, parts) if parts else [word]
        return result

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

    def _segments(self, folded: str) -> list[str]:
        """The known words that run together make this one; each two must be neighbours."""
        best: list[list[str]] = [[] for _ in range(len(folded) + 1)]
        reached = [True] + [False] * len(folded)
        for end in range(1, len(folded) + 1):
            for start in range(max(0, end - _LONGEST), end):
                piece = folded[start:end]
                if not reached[start] or not self._lexicon.knows(piece) or piece.isdigit():
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
            ):
                result.append(word)
            else:
                result += _cut(word, list(meant))
        return result

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

    def _corrected(self, words: list[Word]) -> list[Word]:
        """Each word that is none, or that stands oddly, as the word one slip away."""
        careful = careful_typist([w.text for w in words])
        result = list(words)
        for i, word in enumerate(result):
            if word.fixed or word.typed or not _LETTERS.fullmatch(word.text):
                continue
            if len(word.text) < 2 and not marked(word.text):
                continue
            if word.text in self._lexicon.short or self._meant(result, i, careful):
                continue
            better = self._better(result, i, careful)
            if better:
                result[i] = replace(word, text=better, folded=fold(better), typed=word.text)
        return result

    def _meant(self, words: list[Word], i: int, careful: bool) -> bool:
        """Whether a word can stand as it is: it is one, and beside a neighbour that it is
        known with; or it is typed with all its diacritics, or is a wording by itself."""
        word = words[i]
        if not self._known(word):
            return False
        if self._support(words, i, word.folded):
            return True
        exact = self._lexicon.spelled(word.text)
        if marked(word.text):
            return exact
        alone = any(True for _ in self._lexicon.matches([word.text], [word.folded], 0))
        return alone and (exact or not careful)

    def _support(self, words: list[Word], i: int, folded: str) -> int:
        """How many of the two neighbours the word is known beside."""
        before = i > 0 and self._lexicon.beside(words[i - 1].folded, folded)
        after = i + 1 < len(words) and self._lexicon.beside(folded, words[i + 1].folded)
        return before + after

    def _better(self, words: list[Word], i: int, careful: bool) -> str | None:
        """The word one slip away for which most speaks, if enough does."""
        word = words[i]
        known = self._known(word)
        ranked = []
        for candidate in self._near(word.folded):
            support = self._support(words, i, candidate)
            if not support and not _real(word.folded):
                support = self._beside_unknown(words, i, candidate)
            spelling = self._agreeing(word.text, candidate)
            alone = any(True for _ in self._lexicon.matches([candidate], [candidate], 0))
            score = (
                2.0 * support
                + (1.5 if spelling else 0.0)
                + (0.4 if alone else 0.0)
                + 0.1 * math.log1p(self._lexicon.count(candidate))
            )
            ranked.append((score, support, spelling or candidate, bool(spelling)))
        if not ranked:
            return None
        ranked.sort(key=lambda r: (-r[0], r[2]))
        _, support, best, agrees = ranked[0]
        neighbours = (i > 0) + (i + 1 < len(words))
        odd = not known or (careful and not marked(word.text))
        enough = 1 if odd and not (_real(word.folded) and marked(word.text)) else 2
        if support >= min(enough, max(neighbours, 1)) and (
            agrees or support == 2 or not _real(word.folded)
        ):
            return best
        if known or _real(word.folded) or len(word.folded) < _SHORTEST_ALONE:
            return None
        fitting = [r for r in ranked if r[3]]
        return fitting[0][2] if len(fitting) == 1 else None

    def _beside_unknown(self, words: list[Word], i: int, candidate: str) -> int:
        """Support from a neighbour that is itself a slip."""
        for j, order in ((i - 1, 0), (i + 1, 1)):
            if 0 <= j < len(words) and not self._known(words[j]):
                for other in self._near(words[j].folded):
                    pair = (candidate, other) if order else (other, candidate)
                    if self._lexicon.beside(*pair):
                        return 1
        return 0

    def _agreeing(self, typed: str, candidate: str) -> str | None:
        """The spelling of the candidate that has every diacritic typed, if there is one."""
        marks = {c for c in typed if fold(c) != c}
        return next(
            (s for s in sorted(self._lexicon.spellings(candidate)) if marks <= set(s)), None
        )

    def _near_words(self, folded: str) -> tuple[str, ...]:
        near: list[str] = []
        for length in (len(folded), len(folded) + 1, len(folded) - 1):
            found = process.extract(
                folded,
                self._by_length.get(length, []),
                scorer=OSA.distance,
                score_cutoff=1,
                limit=None,
            )
            near += [word for word, distance, _ in found if distance <= 1]
        return tuple(near)


def careful_typist(typed: Sequence[str]) -> bool:
    """Whether a message is typed with diacritics: then a bare word is meant bare."""
    return sum(map(marked, typed)) * 3 >= len(typed) > 0


class Names:
    """The table of names, asked for the nearest where none fits to the letter."""

    def __init__(self, forms: Iterable[tuple[str, str]]) -> None:
        self._keys: dict[str, set[str]] = {}
        for text, key in forms:
            self._keys.setdefault(" ".join(words(fold(text))), set()).add(key)
        self._forms = [form for form in self._keys if len(form) >= _SHORTEST_NAME]
        self._openings = {form.split()[0] for form in self._forms if " " in form}
        self.nearest = lru_cache(maxsize=4096)(self._nearest)

    def opens(self, folded: str) -> bool:
        """Whether some name begins with this word."""
        return folded in self._openings

    def _nearest(self, folded: tuple[str, ...]) -> tuple[str, ...]:
        """The keys of the name at most two slips away; several where names are as near."""
        said = " ".join(folded)
        if len(said) < _SHORTEST_NAME:
            return ()
        allowed = 1 if len(said) < 2 * _SHORTEST_NAME else 2
        found = process.extract(
            said, self._forms, scorer=OSA.distance, score_cutoff=allowed, limit=_CANDIDATES
        )
        if not found:
            return ()
        nearest = min(distance for _, distance, _ in found)
        keys = {k for form, d, _ in found if d == nearest for k in self._keys[form]}
        return tuple(sorted(keys))


def _real(folded: str) -> bool:
    """Whether this can be a Vietnamese syllable at all."""
    return _SYLLABLE.fullmatch(folded) is not None


def _lettered(words: list[Word], i: int) -> bool:
    """Whether a short form is the letter of a clause, or stands before a figure ("ct 20")."""
    before = words[i - 1].folded if i else ""
    after = words[i + 1] if i + 1 < len(words) else None
    if len(words[i].text) == 1 and (before in _CLAUSE_WORDS or before[:1].isdigit()):
        return True
    figure = after is not None and after.text[:1].isdigit()
    named = words[i].folded in {"t", "ct", "kh", "m", "cv", "q"}
    return (named and figure) or (
        len(words[i].text) == 1 and after is not None and after.folded in _CLAUSE_WORDS
    )


def _cut(word: Word, parts: list[str]) -> list[Word]:
    typed = [word.text] + [_CONTINUED] * (len(parts) - 1)
    return [
        Word(part, fold(part), word.start, word.end, was)
        for part, was in zip(parts, typed, strict=True)
    ]


def _laid_out(text: str, words: list[Word]) -> Mended:
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
        placed.append(replace(word, start=start, end=length))
    pieces.append(text[at:])
    return Mended("".join(pieces), tuple(placed))

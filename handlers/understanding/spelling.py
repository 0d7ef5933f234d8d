"""Typing errors put right, by the words that stand beside them. The one home of RapidFuzz.

A word that the lexicon knows is left alone. Any other is read as raw Telex or VNI, as words
run together or torn apart, or as a word one slip away; of several, the one that the
neighbours speak for. Without a neighbour to speak for it a real syllable stays as typed:
a word that the plans do not have is more often another subject than a slip.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from data.text.clauses import read_clauses
from data.text.documents import read_documents
from data.text.normalise import clean, fold, marked, same_word, words
from handlers.understanding.lexicon import Lexicon
from handlers.understanding.typing_methods import telex, vni

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
_SHORTEST_NAME = 8


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
        return tuple((w.typed, w.text) for w in self.words if w.typed)


class Speller:
    """Mends questions with the words of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._vocabulary = sorted(w for w in lexicon.vocabulary() if w.isalpha())
        self._by_length: dict[int, list[str]] = {}
        for word in self._vocabulary:
            self._by_length.setdefault(len(word), []).append(word)
        self._near = lru_cache(maxsize=16384)(self._near_words)

    def mend(self, text: str) -> Mended:
        """The question with each word as the lexicon knows it, if it does."""
        text = clean(text)
        pieces = [(m.start(), m.end(), m.group().lower()) for m in _TOKEN.finditer(text)]
        spans = [r.span for r in (*read_clauses(text), *read_documents(text))]
        words = [
            Word(t, fold(t), a, b, fixed=any(x <= a and b <= y for x, y in spans))
            for a, b, t in pieces
        ]
        words = self._joined(words, text)
        words = [w for word in words for w in self._decoded(word)]
        words = self._expanded(words)
        words = self._corrected(words)
        return _laid_out(text, words)

    def _known(self, word: Word) -> bool:
        return self._lexicon.knows(word.folded) or not _LETTERS.fullmatch(word.text)

    def _joined(self, words: list[Word], text: str) -> list[Word]:
        """Puts together what a stray space tore apart: "s ở" → "sở"."""
        result: list[Word] = []
        for word in words:
            last = result[-1] if result else None
            if (
                last
                and not (last.fixed or word.fixed)
                and text[last.end : word.start] == " "
                and not (_real(last.folded) and _real(word.folded))
                and last.text not in self._lexicon.short
                and word.text not in self._lexicon.short
                and _LETTERS.fullmatch(last.text + word.text)
                and not (self._lexicon.knows(last.folded) and self._lexicon.knows(word.folded))
                and self._lexicon.knows(last.folded + word.folded)
            ):
                joined = last.text + word.text
                result[-1] = Word(
                    joined, fold(joined), last.start, word.end, f"{last.text} {word.text}"
                )
            else:
                result.append(word)
        return result

    def _decoded(self, word: Word) -> list[Word]:
        """Raw Telex or VNI read, words run together set apart."""
        if word.fixed or self._lexicon.knows(word.folded) or word.text in self._lexicon.short:
            return [word]
        for decode in (telex, vni):
            meant = decode(word.folded) if word.text == word.folded else None
            found = self._spelling(meant) if meant else None
            if found:
                return [replace(word, text=found, folded=fold(found), typed=word.text)]
        if _LETTERS.fullmatch(word.text):
            parts = self._segments(word.folded)
            if parts:
                return _cut(word, parts)
        return [word]

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

    def _expanded(self, words: list[Word]) -> list[Word]:
        """Chat language written out, where it is not part of a name: "ko" → "không"."""
        typed, folded = [w.text for w in words], [w.folded for w in words]
        named: set[int] = set()
        for i in range(len(words)):
            for end, entries in self._lexicon.matches(typed, folded, i):
                if any(e.meaning.sort == "agency" for e in entries):
                    named.update(range(i, end))
                    break
        result: list[Word] = []
        for i, word in enumerate(words):
            meant = self._lexicon.short.get(word.text)
            if i in named or meant is None or word.fixed or _beside_digit(words, i):
                result.append(word)
            else:
                result += _cut(word, list(meant))
        return result

    def _corrected(self, words: list[Word]) -> list[Word]:
        result = list(words)
        for i, word in enumerate(result):
            if word.fixed or len(word.folded) < 2 or not _LETTERS.fullmatch(word.text):
                continue
            known = self._lexicon.knows(word.folded)
            if known and (len(word.folded) < 3 or self._meant(result, i)):
                continue
            better = self._better(result, i, known)
            if better and better != word.folded:
                result[i] = replace(
                    word, text=better, folded=better, typed=word.typed or word.text
                )
        return result

    def _support(self, words: list[Word], i: int, folded: str) -> int:
        """How many of the two neighbours the word is known beside."""
        before = i > 0 and self._lexicon.beside(words[i - 1].folded, folded)
        after = i + 1 < len(words) and self._lexicon.beside(folded, words[i + 1].folded)
        return before + after

    def _meant(self, words: list[Word], i: int) -> bool:
        """Whether a known word can stand as it is: beside a neighbour it is known with, typed
        with the diacritics of a word, or a wording by itself."""
        word = words[i]
        return (
            self._support(words, i, word.folded) > 0
            or (marked(word.text) and self._lexicon.spelled(word.text))
            or any(True for _ in self._lexicon.matches([word.text], [word.folded], 0))
        )

    def _better(self, words: list[Word], i: int, known: bool) -> str | None:
        """The word one slip away that the neighbours speak for most, if they do."""
        word = words[i]
        need = 2 if known or _real(word.folded) else 1
        if need == 2 and (i == 0 or i + 1 == len(words)) and len(words) > 1 and not known:
            need = 1
        ranked = []
        for candidate in self._near(word.folded):
            support = self._support(words, i, candidate) or self._beside_unknown(
                words, i, candidate
            )
            fits = self._marks_agree(word.text, candidate)
            ranked.append((support, fits, -abs(len(candidate) - len(word.folded)), candidate))
        ranked.sort(reverse=True)
        if not ranked:
            return None
        support, fits, _, best = ranked[0]
        if support >= need and (fits or support > 1 or not known):
            return best
        if known or _real(word.folded) or len(word.folded) < 3:
            return None
        fitting = [r for r in ranked if r[1]]
        return fitting[0][3] if len(fitting) == 1 else None

    def _beside_unknown(self, words: list[Word], i: int, candidate: str) -> int:
        """Support from a neighbour that is itself a slip."""
        for j, order in ((i - 1, 0), (i + 1, 1)):
            if 0 <= j < len(words) and not self._known(words[j]):
                for other in self._near(words[j].folded):
                    pair = (candidate, other) if order else (other, candidate)
                    if self._lexicon.beside(*pair):
                        return 1
        return 0

    def _marks_agree(self, typed: str, candidate: str) -> bool:
        """Whether the diacritics typed occur in some spelling of the candidate."""
        marks = {c for c in typed if fold(c) != c}
        return not marks or any(
            marks <= set(spelling) for spelling in self._lexicon.spellings(candidate)
        )

    def _near_words(self, folded: str) -> tuple[str, ...]:
        near: list[str] = []
        for length in (len(folded), len(folded) + 1, len(folded) - 1):
            found = process.extract(
                folded,
                self._by_length.get(length, []),
                scorer=OSA.distance,
                score_cutoff=1,
                limit=_CANDIDATES,
            )
            near += [word for word, distance, _ in found if distance]
        return tuple(near)


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


def _beside_digit(words: list[Word], i: int) -> bool:
    """Whether the next word starts with a digit: "t 12", "ct 20" are no chat language."""
    return (
        i + 1 < len(words)
        and words[i].folded in {"t", "ct", "kh", "m", "cv", "q"}
        and words[i + 1].text[:1].isdigit()
    )


def _cut(word: Word, parts: list[str]) -> list[Word]:
    typed = [word.text] + [""] * (len(parts) - 1)
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

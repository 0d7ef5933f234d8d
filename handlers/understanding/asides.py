"""What a person says by the way: "tôi cần đưa vào báo cáo giao ban sáng thứ Hai".

An aside asks nothing: its nouns are no topic, and its dates are not asked about.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from data import files
from data.text.documents import read_documents
from handlers.understanding.lexicon import Entry, Lexicon, Meaning
from handlers.understanding.phrase_files import phrases, wordings
from handlers.understanding.typed import Mended, Word

_BREAK = re.compile(r"[,;:.!?\n…]|\s[-–—]\s")
_STOP = re.compile(r"[.!?\n…]")
_QUESTIONS = frozenset(
    {"who", "what", "when", "how_much", "how_many", "where", "quote", "compare", "no_common",
     "only_common", "except", "thanks", "greet", "instead", "agency"}
)  # fmt: skip
_ASKED_OF = _QUESTIONS | {"due", "overdue", "send", "mention", "lead", "task", "indicator"}


class Asides:
    """Finds asides by how they open; `words.yaml` has the openings."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._openings = Lexicon()
        ordinary = phrases(files.PHRASES / "words.yaml")
        for sort in ("aside", "introduction", "purpose"):
            for wording in wordings(ordinary[sort]):
                self._openings.add(wording, Meaning(sort, ""))

    def find(self, mended: Mended) -> frozenset[int]:
        """The words of asides; none where nothing else would be left to ask."""
        words, aside = mended.words, []
        sentences = list(_sentences(mended))
        for number, parts in enumerate(sentences):
            whole = range(parts[0].start, parts[-1].stop)
            if number + 1 < len(sentences) and self._told(mended, whole, _QUESTIONS - {"agency"}):
                aside.append(whole)
                continue
            for part in parts:
                if self._told(mended, part, _QUESTIONS):
                    aside.append(part)
                elif purpose := self._purpose(words, part):
                    aside.append(purpose)
        said = frozenset(i for part in aside for i in part)
        rest = [i for i in range(len(words)) if i not in said]
        return said if said and self._says(words, rest, _ASKED_OF) else frozenset()

    def _told(self, mended: Mended, part: range, questions: Collection[str]) -> bool:
        """Whether a part opens as an aside, cites no document and asks nothing."""
        words = mended.words
        by_the_way = self._opens(words, part, "aside") or self._introduces(words, part)
        said = mended.text[words[part.start].start : words[part.stop - 1].end]
        cited = any(c.isdigit() for d in read_documents(said) for c in d.words)
        return by_the_way and not cited and not self._says(words, part, questions)

    def _introduces(self, words: Sequence[Word], part: range) -> bool:
        """Whether a part closes as one that says who asks: "phóng viên báo tỉnh đây ạ"."""
        return any(
            entry.meaning.sort == "introduction" and end == part.stop
            for start in part[1:]
            for end, entries in self._matches(self._openings, words, start)
            for entry in entries
        )

    def _purpose(self, words: Sequence[Word], part: range) -> range | None:
        """The end of a part that says what for: "… để cháu đánh dấu lịch"."""
        for start in part:
            end = range(start, part.stop)
            if self._opens(words, end, "purpose") and not self._says(words, end, _QUESTIONS):
                return end
        return None

    def _opens(self, words: Sequence[Word], part: range, sort: str) -> bool:
        return any(
            entry.meaning.sort == sort
            for end, entries in self._matches(self._openings, words, part.start)
            for entry in entries
            if end <= part.stop
        )

    def _says(self, words: Sequence[Word], places: Sequence[int], cues: Collection[str]) -> bool:
        """Whether the words give one of the cues; "agency" stands for an agency's name."""
        within = set(places)
        return any(
            (entry.meaning.sort if entry.meaning.sort == "agency" else entry.meaning.value) in cues
            for at in places
            for end, entries in self._matches(self._lexicon, words, at)
            if within.issuperset(range(at, end))
            for entry in entries
            if not entry.meaning.weak
        )

    @staticmethod
    def _matches(
        lexicon: Lexicon, words: Sequence[Word], at: int
    ) -> Iterator[tuple[int, list[Entry]]]:
        return lexicon.matches([w.text for w in words], [w.folded for w in words], at)


def _sentences(mended: Mended) -> Iterator[list[range]]:
    """The sentences, each as the words between one punctuation mark and the next."""
    start, parts = 0, list[range]()
    for i, (one, other) in enumerate(pairwise(mended.words), 1):
        between = mended.text[one.end : other.start]
        if _BREAK.search(between):
            parts.append(range(start, i))
            start = i
        if _STOP.search(between):
            yield parts
            parts = []
    if mended.words:
        yield [*parts, range(start, len(mended.words))]

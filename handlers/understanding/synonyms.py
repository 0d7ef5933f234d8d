"""Other words for the words of the plans: what a topic is also looked for under."""

from collections.abc import Iterable, Iterator, Sequence

from data import files
from data.coverage import Part
from data.search import TopicIndex
from data.text.normalise import compatible, fold, words
from handlers.understanding.lexicon import Lexicon
from handlers.understanding.phrase_files import phrases

_LONGEST = 6

_Wording = tuple[str, ...]


class Synonyms:
    """Wordings that mean the same to an official."""

    def __init__(self) -> None:
        self._by_folded: dict[_Wording, list[tuple[_Wording, ...]]] = {}
        self._words: set[str] = set()

    def add(self, wordings: Iterable[_Wording], group: tuple[_Wording, ...]) -> None:
        """Any of the wordings, when asked for, also finds the others of the group."""
        for wording in wordings:
            self._by_folded.setdefault(tuple(map(fold, wording)), []).append(group)
            self._words.update(map(fold, wording))

    @classmethod
    def load(cls, lexicon: Lexicon, index: TopicIndex) -> "Synonyms":
        """The wordings of `synonyms.yaml`; their words become known to the lexicon. Everyday
        words that the plans have themselves stand for nothing else."""
        known = cls()
        blocks = phrases(files.PHRASES / "synonyms.yaml")
        for group in _lines(blocks["groups"], lexicon):
            known.add(group, group)
        for group in _lines(blocks["everyday"], lexicon):
            for said in group[1:]:
                if not index.says(said):
                    known.add((said,), (said, group[0]))
        return known

    def knows(self, word: str) -> bool:
        """Whether the word occurs in any group."""
        return fold(word) in self._words

    def part(self, run: Sequence[str]) -> Part:
        """A run of topic words with every wording in which synonyms stand for its words."""
        own = tuple(run)
        options = [own]
        for start in range(len(own)):
            for end in range(min(len(own), start + _LONGEST), start, -1):
                for group in self._by_folded.get(tuple(map(fold, own[start:end])), ()):
                    options += self._others(own, start, end, group)
        return Part(tuple(dict.fromkeys(options)))

    def _others(
        self, own: _Wording, start: int, end: int, group: tuple[_Wording, ...]
    ) -> list[_Wording]:
        said = own[start:end]
        meant = [w for w in group if len(w) == len(said) and _may_be(said, w)]
        if not meant:
            return []
        return [own[:start] + other + own[end:] for other in group if other not in meant]


def _lines(block: object, lexicon: Lexicon) -> Iterator[tuple[_Wording, ...]]:
    """The wordings of each line; the lexicon learns them."""
    for line in str(block).splitlines():
        lexicon.learn(line)
        yield tuple(tuple(words(wording)) for wording in line.split(",") if wording.strip())


def _may_be(said: Sequence[str], wording: Sequence[str]) -> bool:
    return all(compatible(a, b) for a, b in zip(said, wording, strict=True))

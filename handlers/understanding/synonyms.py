"""Other words for the words of the plans: what a topic is also looked for under."""

from collections.abc import Sequence

from data import files
from data.search import Part
from data.text.normalise import compatible, fold, words
from handlers.understanding.lexicon import Lexicon, phrases

_LONGEST = 6


class Synonyms:
    """Groups of wordings that mean the same to an official."""

    def __init__(self, groups: Sequence[tuple[tuple[str, ...], ...]]) -> None:
        self._by_folded: dict[tuple[str, ...], list[tuple[tuple[str, ...], ...]]] = {}
        self._words: set[str] = set()
        for group in groups:
            for wording in group:
                self._by_folded.setdefault(tuple(map(fold, wording)), []).append(group)
                self._words.update(map(fold, wording))

    @classmethod
    def load(cls, lexicon: Lexicon) -> "Synonyms":
        """The groups of `synonyms.yaml`; their words become known to the lexicon."""
        groups = []
        for line in str(phrases(files.PHRASES / "synonyms.yaml")["groups"]).splitlines():
            lexicon.learn(line)
            groups.append(tuple(tuple(words(w)) for w in line.split(",") if w.strip()))
        return cls(groups)

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
        self, own: tuple[str, ...], start: int, end: int, group: tuple[tuple[str, ...], ...]
    ) -> list[tuple[str, ...]]:
        said = own[start:end]
        meant = [w for w in group if len(w) == len(said) and _may_be(said, w)]
        if not meant:
            return []
        return [own[:start] + other + own[end:] for other in group if other not in meant]


def _may_be(said: Sequence[str], wording: Sequence[str]) -> bool:
    return all(compatible(a, b) for a, b in zip(said, wording, strict=True))

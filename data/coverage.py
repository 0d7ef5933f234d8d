"""How much of a topic a text has.

A Vietnamese word is mostly two syllables, so a syllable found without its neighbour counts for
little: "học phí" is not in "khoa học … chi phí".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from data.model import Task


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a topic: a run of words, with other ways of saying the same.

    `options` are word sequences in lower case as typed; the first is the person's own.
    """

    options: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A task found: how much of the topic it covers (0 to 1) and where.

    `place` is "text" (title or quote), "topics" or "heading": the nearest place in which
    the coverage was reached. `score` orders hits of equal coverage. `telling` counts the pairs
    of words found in the text that few tasks have, `joined` is the share of the topic's pairs of
    neighbours that stand together there. `scattered` says that the topic is there in
    words that many tasks share, one here and one there, and is not what the title is about.
    """

    task: Task
    coverage: float
    place: str
    score: float
    telling: int = 0
    scattered: bool = False
    joined: float = 0.0


@dataclass(frozen=True, slots=True)
class Option:
    """A way of saying a part: its words, the pairs that each stands in, what each tells.

    `lone` is how much of a word counts without its neighbour: all where it is the only one or
    so rare that it tells by itself ("Covid"), nothing where it is half of another compound.
    """

    lone: tuple[float, ...]
    words: tuple[int, ...]
    pairs: tuple[tuple[int, ...], ...]
    weights: tuple[float, ...]
    total: float


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic with all worked out that is the same for every task.

    A word goes with the spellings that it may stand for; None where any will do. A pair goes
    with the places of its two words; `telling` are the pairs that few tasks have.
    """

    words: list[tuple[str, frozenset[str] | None]]
    pairs: list[tuple[str, int, int]]
    parts: list[tuple[float, list[Option]]]
    weight: float
    telling: list[int]

    def found_in(self, text: "Presence") -> Iterator[str]:
        """The words of the topic that a text has."""
        return (w.strip() for (w, _), there in zip(self.words, text.words, strict=True) if there)


@dataclass(frozen=True, slots=True)
class Presence:
    """Which words and pairs of a topic a text has."""

    words: list[bool]
    pairs: list[bool]

    def joined(self, other: "Presence") -> "Presence":
        """What at least one of two texts has."""
        return Presence(
            [a or b for a, b in zip(self.words, other.words, strict=True)],
            [a or b for a, b in zip(self.pairs, other.pairs, strict=True)],
        )

    def coverage(self, topic: Topic) -> float:
        """How much of the topic is there, 0 to 1."""
        if not topic.weight or not any(self.words):
            return 0.0
        reached = 0.0
        for weight, options in topic.parts:
            reached += weight * max(map(self._share, options))
        return reached / topic.weight

    def _share(self, option: Option) -> float:
        there, together = self.words, self.pairs
        reached = 0.0
        for word, pairs, weight, lone in zip(
            option.words, option.pairs, option.weights, option.lone, strict=True
        ):
            if there[word]:
                full = any(together[pair] for pair in pairs)
                reached += weight if full else lone * weight
        return reached / option.total if option.total else 0.0

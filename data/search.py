"""Search by topic over the clauses of the plans. The one home of tantivy.

The index holds folded words and pairs of neighbouring syllables; tantivy finds candidates,
then `coverage` says how much of the topic a clause really speaks of. A Vietnamese word is
mostly two syllables, so a syllable found without its neighbour counts for little: "học phí"
is not in "khoa học … chi phí".
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import tantivy

from data.model import Task
from data.text.normalise import compatible, fold, marked, words

STOP_WORDS = frozenset(
    words(
        "và các của cho trong về tại ở là thì mà để theo đến từ với những một có được bằng qua "
        "cũng như gồm phải sẽ trên dưới này đó do ra vào còn bị cần hay hoặc đối"
    )
)
_FOLDED_STOP_WORDS = frozenset(map(fold, STOP_WORDS))
_ALONE = 0.3
_FIELDS = {"title": 3.0, "topics": 2.0, "quote": 1.0, "heading": 0.4}
_PLACES = {"text": 0, "topics": 1, "heading": 2}
_HEAP_BYTES = 15_000_000


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
    the coverage was reached. `score` orders hits of equal coverage.
    """

    task: Task
    coverage: float
    place: str
    score: float


@dataclass(frozen=True, slots=True)
class _Texts:
    """What is looked into for one task: folded content words between single spaces."""

    text: str
    title: str
    topics: str
    heading: str


def _spaced(*texts: str) -> str:
    kept = (fold(w) for text in texts for w in words(text) if w not in STOP_WORDS)
    return f" {' '.join(kept)} "


def _texts(task: Task) -> _Texts:
    return _Texts(
        _spaced(task.title, task.quote),
        _spaced(task.title),
        _spaced(*task.topics, *task.indicators),
        _spaced(task.heading),
    )


def _pairs(folded: Iterable[str]) -> list[str]:
    return [f"{a}_{b}" for a, b in pairwise(folded)]


def _terms(spaced: str) -> str:
    folded = spaced.split()
    return " ".join([*folded, *_pairs(folded)])


class TopicIndex:
    """Finds the tasks that speak of a topic. Built once from the registry, in memory."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self.tasks = tuple(tasks)
        self._texts = [_texts(task) for task in self.tasks]
        self._frequency: Counter[str] = Counter()
        self._neighbours: set[str] = set()
        for texts in self._texts:
            folded = (texts.text + texts.topics + texts.heading).split()
            self._frequency.update(set(folded))
            self._neighbours.update(_pairs(folded))
        self._schema = self._make_schema()
        self._searcher = self._make_index().searcher()

    def _make_schema(self) -> tantivy.Schema:
        builder = tantivy.SchemaBuilder()
        for name in _FIELDS:
            builder.add_text_field(name, tokenizer_name="whitespace")
        builder.add_text_field("plan", tokenizer_name="raw")
        builder.add_integer_field("place", stored=True, fast=True)
        return builder.build()

    def _make_index(self) -> tantivy.Index:
        index = tantivy.Index(self._schema)
        writer = index.writer(_HEAP_BYTES, 1)
        for place, (task, texts) in enumerate(zip(self.tasks, self._texts, strict=True)):
            writer.add_document(
                tantivy.Document(
                    title=_terms(texts.title),
                    topics=_terms(texts.topics),
                    quote=_terms(texts.text),
                    heading=_terms(texts.heading),
                    plan=task.plan,
                    place=place,
                )
            )
        writer.commit()
        index.reload()
        return index

    def knows(self, folded: str) -> bool:
        """Whether the folded word occurs anywhere in the indexed plans."""
        return folded in self._frequency

    def pairs(self, first: str, second: str) -> bool:
        """Whether two folded words stand side by side anywhere in the indexed plans."""
        return f"{first}_{second}" in self._neighbours

    def vocabulary(self) -> Iterable[str]:
        """Every folded word of the indexed plans that carries meaning."""
        return self._frequency.keys()

    def weight(self, folded: str) -> float:
        """How much a word tells: rare words much, words of every clause little."""
        count = self._frequency.get(folded, 0)
        return math.log(1 + (len(self.tasks) + 1) / (count + 0.5))

    def find(self, parts: Sequence[Part], plans: Sequence[str] = (), limit: int = 80) -> list[Hit]:
        """The tasks of `plans` (empty: of all) that speak of the topic, best first."""
        query = self._query(parts, plans)
        if query is None:
            return []
        hits = []
        for score, address in self._searcher.search(query, limit).hits:
            place = self._searcher.doc(address)["place"][0]
            hits.append(self._hit(self.tasks[place], self._texts[place], parts, score))
        return _ordered(hits)

    def among(self, tasks: Iterable[Task], parts: Sequence[Part]) -> list[Hit]:
        """The given tasks held against the topic, best first; no index is asked."""
        return _ordered([self._hit(task, _texts(task), parts, 0.0) for task in tasks])

    def _query(self, parts: Sequence[Part], plans: Sequence[str]) -> tantivy.Query | None:
        terms = {
            term
            for part in parts
            for option in part.options
            for term in _terms(" ".join(map(fold, self.kept(option)))).split()
        }
        if not terms:
            return None
        topic = tantivy.Query.boolean_query(
            [
                (
                    tantivy.Occur.Should,
                    tantivy.Query.boost_query(
                        tantivy.Query.term_query(self._schema, field, term), boost
                    ),
                )
                for term in sorted(terms)
                for field, boost in _FIELDS.items()
            ]
        )
        if not plans:
            return topic
        chosen = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, "plan", plan))
                for plan in plans
            ]
        )
        return tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Must, topic),
                (tantivy.Occur.Must, tantivy.Query.const_score_query(chosen, 0.0)),
            ]
        )

    def _hit(self, task: Task, texts: _Texts, parts: Sequence[Part], score: float) -> Hit:
        place, best = "text", self._coverage(parts, texts.text, task)
        if best < 1:
            for other, text in (("topics", texts.topics + texts.text), ("heading", texts.heading)):
                reached = self._coverage(parts, text, task)
                if reached > best + 0.05:
                    place, best = other, reached
        return Hit(task, best, place, score + 10 * self._coverage(parts, texts.title, task))

    def _coverage(self, parts: Sequence[Part], text: str, task: Task) -> float:
        total = reached = 0.0
        for part in parts:
            weight = sum(self.weight(fold(w)) for w in self.kept(part.options[0]))
            total += weight
            reached += weight * max(self._share(option, text, task) for option in part.options)
        return reached / total if total else 0.0

    def kept(self, option: Sequence[str]) -> list[str]:
        """The words of a topic that carry meaning.

        Typed without diacritics, "tu" may be "từ" or the "tư" of "đầu tư": it is kept where
        the plans know it beside its neighbour.
        """
        folded = [fold(w) for w in option]
        known = [pair in self._neighbours for pair in _pairs(folded)]
        return [
            word
            for i, word in enumerate(option)
            if word not in STOP_WORDS
            and (
                folded[i] not in _FOLDED_STOP_WORDS
                or marked(word)
                or any(known[max(0, i - 1) : i + 1])
            )
        ]

    def _share(self, option: tuple[str, ...], text: str, task: Task) -> float:
        typed = self.kept(option)
        weights = [self.weight(fold(w)) for w in typed]
        credits = self._credits(typed, text, task, alone=len(option) == 1)
        total = sum(weights)
        return sum(c * w for c, w in zip(credits, weights, strict=True)) / total if total else 0.0

    def _credits(self, typed: list[str], text: str, task: Task, *, alone: bool) -> list[float]:
        folded = [fold(w) for w in typed]
        together = [f" {a} {b} " in text for a, b in pairwise(folded)]
        return [
            (1.0 if alone or any(together[max(0, i - 1) : i + 1]) else _ALONE)
            if f" {word} " in text and _spoken(typed[i], task)
            else 0.0
            for i, word in enumerate(folded)
        ]


def _ordered(hits: list[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda h: (-round(h.coverage, 2), _PLACES[h.place], -h.score))


@lru_cache(maxsize=4096)
def _typed_words(task: Task) -> frozenset[str]:
    texts = (task.title, task.quote, task.heading, *task.topics, *task.indicators)
    return frozenset(w for text in texts for w in words(text))


@lru_cache(maxsize=16384)
def _spoken(word: str, task: Task) -> bool:
    """Whether a word typed with diacritics is in the task with those diacritics."""
    folded = fold(word)
    return not marked(word) or any(
        fold(other) == folded and compatible(word, other) for other in _typed_words(task)
    )

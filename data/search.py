"""Search by topic over the clauses of the plans. The one home of tantivy.

The index holds folded words and pairs of neighbouring syllables; tantivy finds candidates,
then `data.coverage` says how much of the topic a clause really speaks of.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import tantivy

from data.coverage import Hit, Option, Part, Presence, Topic
from data.model import Task
from data.text.normalise import compatible, fold, marked, same_word, words
from data.text.syllables import is_syllable

STOP_WORDS = frozenset(
    words(
        "và các của cho trong về tại ở là thì mà để theo đến từ với những có được bằng qua "
        "cũng như gồm phải sẽ trên dưới này đó do ra vào còn bị hay hoặc đối"
    )
)
_FOLDED_STOP_WORDS = frozenset(map(fold, STOP_WORDS))
_ALONE = 0.3
_BOUND = 0.2
_RARE = 2
_FEW = 3
_IN_TITLE = 0.5
_OFTEN, _MOSTLY = 12, 0.8
_NOTE_MARK = re.compile(r"(?<=[^\W\d_]{3})\d$")
_FIELDS = {"title": 3.0, "topics": 2.0, "quote": 1.0, "heading": 0.4}
_PLACES = {"text": 0, "topics": 1, "heading": 2}
_HEAP_BYTES = 15_000_000


@dataclass(frozen=True, slots=True)
class _Texts:
    """What is looked into for one task: folded content words between single spaces."""

    text: str
    title: str
    topics: str
    heading: str


def _pairs(folded: Iterable[str]) -> list[str]:
    return [f"{a}_{b}" for a, b in pairwise(folded)]


def _terms(spaced: str) -> str:
    folded = spaced.split()
    return " ".join([*folded, *_pairs(folded)])


class TopicIndex:
    """Finds the tasks that speak of a topic. Built once from the registry, in memory."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self.tasks = tuple(tasks)
        self._places = {task.ref: place for place, task in enumerate(self.tasks)}
        self._folded: dict[str, str] = {}
        self._spellings: dict[str, set[str]] = {}
        self._texts = [self._texts_of(task) for task in self.tasks]
        self._frequency: Counter[str] = Counter()
        self._neighbours: Counter[str] = Counter()
        for texts in self._texts:
            folded = (texts.text + texts.topics + texts.heading).split()
            self._frequency.update(set(folded))
            self._neighbours.update(set(_pairs(folded)))
        self._company: Counter[str] = Counter()
        for pair, count in self._neighbours.items():
            for word in pair.split("_"):
                self._company[word] = max(self._company[word], count)
        self._schema = self._make_schema()
        self._said = lru_cache(maxsize=4096)(self._words_said)

    def _texts_of(self, task: Task) -> _Texts:
        return _Texts(
            self._spaced(task.title, task.quote),
            self._spaced(task.title),
            self._spaced(*task.topics, *task.indicators),
            self._spaced(task.heading),
        )

    def _spaced(self, *texts: str) -> str:
        said = (_NOTE_MARK.sub("", w) for text in texts for w in words(text))
        kept = (self._fold(w) for w in said if w not in STOP_WORDS)
        return f" {' '.join(kept)} "

    def _fold(self, word: str) -> str:
        folded = self._folded.get(word)
        if folded is None:
            folded = self._folded[word] = fold(word)
            self._spellings.setdefault(folded, set()).add(word)
        return folded

    def _words_said(self, place: int) -> frozenset[str]:
        """The words of a task with their diacritics."""
        task = self.tasks[place]
        texts = (task.title, task.quote, task.heading, *task.topics, *task.indicators)
        return frozenset(w for text in texts for w in words(text))

    @cached_property
    def _searcher(self) -> tantivy.Searcher:
        """Made when the first topic is looked for: many questions need no search."""
        return self._make_index().searcher()

    def prepare(self) -> None:
        """Makes the search index now: the first person to ask need not wait for it."""
        _ = self._searcher

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

    def spells(self, word: str) -> bool:
        """Whether the plans have the word with just these diacritics."""
        return word in self._folded

    def pairs(self, first: str, second: str) -> bool:
        """Whether two folded words stand side by side anywhere in the indexed plans."""
        return f"{first}_{second}" in self._neighbours

    def says(self, said: Sequence[str]) -> bool:
        """Whether a task has the words one after another, those without weight left out and
        whatever their diacritics."""
        kept = [fold(word) for word in self.kept(said)]
        if not kept or not all(self.pairs(a, b) for a, b in pairwise(kept)):
            return False
        asked = f" {' '.join(kept)} "
        return any(asked in t.text or asked in t.topics or asked in t.heading for t in self._texts)

    def tells(self, first: str, second: str) -> bool:
        """Whether two folded words stand side by side, and in few tasks only."""
        return 0 < self._neighbours[f"{first}_{second}"] <= _FEW

    def bound(self, first: str, second: str) -> bool:
        """Whether two folded words make one: where the rarer stands, the other often does."""
        together = self._neighbours[f"{first}_{second}"]
        rarer = min(self._frequency[first], self._frequency[second])
        return together > 0 and together >= _BOUND * rarer

    def _lone(self, folded: str, single: bool) -> float:
        """How much of a word counts where its neighbour is not there. The "nhà" of "nhà nước"
        is nearly always half of that compound and says nothing by itself."""
        often = self._frequency[folded]
        if often <= _RARE and not is_syllable(folded):
            return 1.0
        if often >= _OFTEN and self._company[folded] >= _MOSTLY * often:
            return 0.0
        return 1.0 if single else _ALONE

    def vocabulary(self) -> Iterable[str]:
        """Every folded word of the indexed plans that carries meaning."""
        return self._frequency.keys()

    def weight(self, folded: str) -> float:
        """How much a word tells: rare words much, words of every clause little."""
        count = self._frequency.get(folded, 0)
        return math.log(1 + (len(self.tasks) + 1) / (count + 0.5))

    def find(self, parts: Sequence[Part], plans: Sequence[str] = (), limit: int = 80) -> list[Hit]:
        """The tasks of `plans` (empty: of all) that speak of the topic, best first."""
        query = None if self._vague(parts) else self._query(parts, plans)
        if query is None:
            return []
        topic, searcher = self._topic(parts), self._searcher
        hits = []
        for score, address in searcher.search(query, limit).hits:
            place = searcher.doc(address)["place"][0]
            hits.append(self._hit(place, topic, score))
        return _ordered(hits)

    def among(self, tasks: Iterable[Task], parts: Sequence[Part]) -> list[Hit]:
        """The given tasks held against the topic, best first; the index is not asked."""
        if self._vague(parts):
            return []
        topic = self._topic(parts)
        return _ordered([self._hit(self._places[task.ref], topic, 0.0) for task in tasks])

    def _vague(self, parts: Sequence[Part]) -> bool:
        """Whether a topic is only lone syllables, each of which may be several words: a bare
        "quy" is quy, quý and quỹ."""
        for part in parts:
            kept = self.kept(part.options[0])
            if len(kept) > 1 or len(part.options) > 1:
                return False
            spellings = self._spellings.get(fold(kept[0]), ()) if kept else ()
            meant = kept[0] in spellings if kept and marked(kept[0]) else len(spellings) < 2
            if kept and meant:
                return False
        return True

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

    def kept(self, option: Sequence[str]) -> list[str]:
        """The words of a topic that carry meaning.

        Typed without diacritics, "tu" may be "từ" or the "tư" of "đầu tư": it is kept where
        the plans know it beside its neighbour.
        """
        folded = [fold(w) for w in option]
        known = [self.bound(a, b) or self.tells(a, b) for a, b in pairwise(folded)]
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

    def _topic(self, parts: Sequence[Part]) -> Topic:
        typed: dict[str, int] = {}
        pairs: dict[tuple[int, int], int] = {}
        weighed, total = [], 0.0
        for part in parts:
            options = [self._option(option, typed, pairs) for option in part.options]
            weighed.append((options[0].total, options))
            total += options[0].total
        folded = [fold(word) for word in typed]
        return Topic(
            [(f" {fold(word)} ", self._accepted(word)) for word in typed],
            [(f" {folded[a]} {folded[b]} ", a, b) for a, b in pairs],
            weighed,
            total,
            [i for i, (a, b) in enumerate(pairs) if self.tells(folded[a], folded[b])],
        )

    def _option(
        self, option: Sequence[str], typed: dict[str, int], pairs: dict[tuple[int, int], int]
    ) -> Option:
        """An option; its words and pairs take their places among those of the topic."""
        kept = self.kept(option)
        places = tuple(typed.setdefault(word, len(typed)) for word in kept)
        beside = [pairs.setdefault(pair, len(pairs)) for pair in pairwise(places)]
        weights = tuple(self.weight(fold(word)) for word in kept)
        neighbours = tuple(tuple(beside[max(0, i - 1) : i + 1]) for i in range(len(places)))
        lone = tuple(self._lone(fold(word), len(kept) == 1) for word in kept)
        if len(kept) == 1 < len(option):
            lone = (_ALONE,)
        return Option(lone, places, neighbours, weights, sum(weights))

    def _accepted(self, word: str) -> frozenset[str] | None:
        """The spellings that a typed word may stand for; None where that is all of them."""
        known = self._spellings.get(fold(word), set())
        exact = {w for w in known if same_word(word, w)}
        fitting = exact or {w for w in known if compatible(word, w)}
        accepted = fitting if marked(word) else known
        return None if len(accepted) == len(known) else frozenset(accepted)

    def _hit(self, place: int, topic: Topic, score: float) -> Hit:
        texts = self._texts[place]
        text = self._presence(texts.text, topic, place)
        best, where = text.coverage(topic), "text"
        if best < 1:
            topics = self._presence(texts.topics, topic, place).joined(text).coverage(topic)
            if topics > best + 0.05:
                where, best = "topics", topics
            heading = self._presence(texts.heading, topic, place).coverage(topic)
            if heading > best + 0.05:
                where, best = "heading", heading
        title = self._presence(texts.title, topic, place).coverage(topic)
        telling = sum(text.pairs[i] for i in topic.telling)
        named = any(map(self._is_name, topic.found_in(text)))
        scattered = not (telling or named) and title < _IN_TITLE and where == "text"
        joined = sum(text.pairs) / len(text.pairs) if text.pairs else 0.0
        return Hit(self.tasks[place], best, where, score + 10 * title, telling, scattered, joined)

    def _is_name(self, folded: str) -> bool:
        """Whether a word tells by itself: "Covid", "PCI"."""
        return self._frequency[folded] <= _RARE and not is_syllable(folded)

    def _presence(self, text: str, topic: Topic, place: int) -> Presence:
        there = [spaced in text for spaced, _ in topic.words]
        pairs = [there[a] and there[b] and pair in text for pair, a, b in topic.pairs]
        for i, (_, accepted) in enumerate(topic.words):
            if there[i] and accepted is not None and accepted.isdisjoint(self._said(place)):
                there[i] = False
        return Presence(there, pairs)


def _ordered(hits: list[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda h: (-round(h.coverage, 2), _PLACES[h.place], -h.score))

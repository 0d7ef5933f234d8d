"""The words of questions, from `locales/vi/phrases/*.yaml`, in one tree of folded words.

A wording is written with diacritics; `(a|b)` is a choice and `[x]` may be left out. What a
leaf stands for is a `Meaning`: a cue (`who`), noise, a name of an agency, a province …
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from data import files
from data.loading.directory import Directory
from data.model import Task
from data.text.normalise import compatible, fold, marked, same_word, words
from data.text.syllables import is_syllable
from handlers.understanding.grammar import Use, plays
from handlers.understanding.phrase_files import phrases, wordings

_TOKEN = re.compile(r"[()\[\]|]|[^()\[\]|\s]+")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a wording stands for.

    `sort` is cue, noise, keep, matters, scope, agency, province, indicator or synonym; `value`
    the cue's or agency's key. `weak` marks a name that is also an ordinary word.
    """

    sort: str
    value: str
    weak: bool = False


_LONG_NAME = 3
_ROMAN = frozenset({"i", "ii", "iii", "iv", "v", "vi"})


@lru_cache(maxsize=65536)
def _slot(folded: str) -> str:
    """Any figure is as good a neighbour as another."""
    figure = folded in _ROMAN or (not folded.isalpha() and any(c.isdigit() for c in folded))
    return "#" if figure else folded


@dataclass(frozen=True, slots=True)
class Entry:
    """A wording with its diacritics, and its meaning."""

    wording: tuple[str, ...]
    meaning: Meaning


@dataclass(slots=True, eq=False)
class _Place:
    """A word of a template: what may follow it, and what it means where it may be the last."""

    word: str
    folded: str
    following: list["_Place"] = field(default_factory=list)
    meaning: Meaning | None = None


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a template: its possible first and last words; whether it may be left out."""

    first: tuple[_Place, ...] = ()
    last: tuple[_Place, ...] = ()
    optional: bool = True


class _Node:
    """The wordings that begin alike; those that go on grow out of it when first asked for.

    A template may stand for thousands of wordings, of which a day's questions use a few.
    """

    __slots__ = ("_begun", "_following", "entries")

    def __init__(self, begun: Sequence[tuple[tuple[str, ...], _Place]]) -> None:
        self._begun = begun
        self._following: dict[str, list[tuple[tuple[str, ...], _Place]] | _Node] | None = None
        ended = (Entry(typed, place.meaning) for typed, place in begun if place.meaning)
        self.entries = list(dict.fromkeys(ended))

    def next(self, folded: str) -> "_Node | None":
        """The wordings that go on with this word."""
        if self._following is None:
            self._following = self._grown()
        node = self._following.get(folded)
        if isinstance(node, list):
            node = self._following[folded] = _Node(node)
        return node

    def _grown(self) -> dict[str, "list[tuple[tuple[str, ...], _Place]] | _Node"]:
        grown: dict[str, list[tuple[tuple[str, ...], _Place]] | _Node] = {}
        for typed, place in self._begun:
            for following in place.following:
                begun = grown.setdefault(following.folded, [])
                assert isinstance(begun, list)  # noqa: S101
                begun.append(((*typed, following.word), following))
        return grown


class Lexicon:
    """All wordings in one tree; asked for the longest that starts at a word."""

    def __init__(self) -> None:
        self._starts: dict[str, list[_Place]] = {}
        self._nodes: dict[str, _Node] = {}
        self._spellings: dict[str, set[str]] = {}
        self._neighbours: Counter[tuple[str, str]] = Counter()
        self._spelled_neighbours: set[tuple[str, str]] = set()
        self._usage: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._folded: dict[str, str] = {}
        self._slots: dict[str, str] = {}
        self._runs: dict[str, list[tuple[str, str]]] = {}
        self.short: Mapping[str, tuple[str, ...]] = {}
        self.light: frozenset[tuple[str, ...]] = frozenset()

    def add(self, template: str, meaning: Meaning) -> None:
        """Adds every wording of a template: "(ai|bên nào) [đã] làm" stands for four."""
        tokens = _TOKEN.findall(template)
        piece, rest = self._alternatives(tokens, 0)
        if rest != len(tokens):
            raise ValueError(template)
        self._keep(piece, meaning)

    def add_name(self, name: str, meaning: Meaning) -> None:
        """Adds a name as it stands, brackets and all."""
        self._keep(self._run(name), meaning)

    def _keep(self, piece: _Piece, meaning: Meaning) -> None:
        for place in piece.last:
            place.meaning = meaning
        for place in piece.first:
            self._starts.setdefault(place.folded, []).append(place)
            self._nodes.pop(place.folded, None)

    def _alternatives(self, tokens: list[str], at: int) -> tuple[_Piece, int]:
        """The piece from a token on, up to the bracket that closes it."""
        choices: list[_Piece] = []
        sequence = _Piece()
        while at < len(tokens) and tokens[at] not in ")]":
            mark = tokens[at]
            if mark == "|":
                choices.append(sequence)
                sequence = _Piece()
            elif mark in "([":
                inner, at = self._alternatives(tokens, at + 1)
                if at >= len(tokens):
                    raise ValueError(" ".join(tokens))
                optional = inner.optional or mark == "["
                inner = _Piece(inner.first, inner.last, optional)
                sequence = self._followed(sequence, inner)
            else:
                sequence = self._followed(sequence, self._run(mark))
            at += 1
        choices.append(sequence)
        first = tuple(place for choice in choices for place in choice.first)
        last = tuple(place for choice in choices for place in choice.last)
        return _Piece(first, last, any(choice.optional for choice in choices)), at

    def _followed(self, one: _Piece, other: _Piece) -> _Piece:
        """One piece and then the other."""
        for place in one.last:
            place.following += other.first
            self._neighbours.update((place.folded, f.folded) for f in other.first)
            self._spelled_neighbours.update((place.word, f.word) for f in other.first)
        first = one.first + other.first if one.optional else one.first
        last = one.last + other.last if other.optional else other.last
        return _Piece(first, last, one.optional and other.optional)

    def _run(self, text: str) -> _Piece:
        """The words of a text, one after the other."""
        typed = self._runs.get(text)
        if typed is None:
            typed = self._runs[text] = [(word, self._taken(word)) for word in words(text)]
        places = [_Place(word, folded) for word, folded in typed]
        if not places:
            return _Piece()
        for place, following in pairwise(places):
            place.following.append(following)
            self._neighbours[place.folded, following.folded] += 1
            self._spelled_neighbours.add((place.word, following.word))
        return _Piece((places[0],), (places[-1],), False)

    def _taken(self, word: str) -> str:
        """The word folded; it is known from now on."""
        folded = self._folded.get(word)
        if folded is None:
            folded = self._folded[word] = fold(word)
            self._spellings.setdefault(folded, set()).add(word)
        return folded

    def learn(self, text: str) -> None:
        """Takes the words of running text into the vocabulary."""
        known = self._slots
        typed = words(text)
        self._usage.update(typed)
        slots = [known.get(word) or self._slotted(word) for word in typed]
        self._counts.update(slots)
        self._neighbours.update(pairwise(slots))
        self._spelled_neighbours.update(pairwise(typed))

    def _slotted(self, word: str) -> str:
        slot = self._slots[word] = _slot(self._taken(word))
        return slot

    def knows(self, folded: str) -> bool:
        """Whether the folded word occurs in any wording or text."""
        return folded in self._spellings

    def spelled(self, word: str) -> bool:
        """Whether the word occurs with just these diacritics."""
        if word in self._folded:
            return True
        return any(same_word(word, other) for other in self._spellings.get(fold(word), ()))

    def spellings(self, folded: str) -> Iterable[str]:
        """The words with diacritics that fold to this one."""
        return self._spellings.get(folded, ())

    def beside(self, first: str, second: str) -> bool:
        """Whether the two folded words occur side by side anywhere."""
        return (_slot(first), _slot(second)) in self._neighbours

    def written_beside(self, first: str, second: str) -> bool:
        """Whether the two words occur side by side with just these diacritics."""
        return (first, second) in self._spelled_neighbours

    def together(self, first: str, second: str) -> int:
        """How often the two folded words stand side by side in running text."""
        return self._neighbours[_slot(first), _slot(second)]

    def usage(self, word: str) -> int:
        """How often the word occurs in running text with just these diacritics."""
        return self._usage[word]

    def count(self, folded: str) -> int:
        """How often the folded word occurs in running text."""
        return self._counts[folded]

    def vocabulary(self) -> Iterable[str]:
        """Every folded word."""
        return self._spellings.keys()

    def matches(
        self, typed: list[str], folded: list[str], start: int, careful: Sequence[bool] = ()
    ) -> Iterator[tuple[int, list[Entry]]]:
        """Every wording that starts at `start`, as (end, entries), longest first.

        `careful` says of each word whether the person types diacritics: a bare word is then
        the bare word.
        """
        found = []
        node = self._node(folded[start])
        end = start + 1
        while node is not None:
            if node.entries and (
                entries := self._fitting(node.entries, typed[start:end], careful[start:end])
            ):
                found.append((end, entries))
            node = node.next(folded[end]) if end < len(folded) else None
            end += 1
        return reversed(found)

    def _node(self, folded: str) -> _Node | None:
        """The wordings that begin with this word."""
        if folded not in self._nodes and folded in self._starts:
            begun = [((place.word,), place) for place in self._starts[folded]]
            self._nodes[folded] = _Node(begun)
        return self._nodes.get(folded)

    def _fitting(
        self, entries: list[Entry], typed: list[str], careful: Sequence[bool]
    ) -> list[Entry]:
        """The entries whose diacritics agree with what was typed, the nearest ones first.

        A word typed with other diacritics than the entry's is that entry's word only where
        it is no word of its own (a slip of the fingers).
        """
        exact, loose = [], []
        if any(map(marked, typed)):
            as_written = [e for e in entries if all(map(same_word, typed, e.wording))]
            if as_written:
                return as_written
        bare = [
            c and (marked(t) or (is_syllable(t) and self.spelled(t)))
            for c, t in zip(careful, typed, strict=False)
        ] or [False] * len(typed)
        for entry in entries:
            agree = [
                same_word(t, w) or (compatible(t, w) and not only)
                for t, w, only in zip(typed, entry.wording, bare, strict=True)
            ]
            if all(agree):
                exact.append(entry)
            elif all(
                ok or not self.spelled(t) for ok, t in zip(agree, typed, strict=True)
            ) and sum(agree) * 2 >= len(agree):
                loose.append(entry)
        return exact or _half_marked(entries, typed) or loose


def _half_marked(entries: Sequence[Entry], typed: Sequence[str]) -> list[Entry]:
    """The long names of agencies of which some marks are left out, though what was typed is a
    word of its own: "sơ y tê"."""
    if len(typed) < _LONG_NAME:
        return []
    return [
        entry
        for entry in entries
        if entry.meaning.sort == "agency" and all(map(compatible, typed, entry.wording))
    ]


def _add_agencies(lexicon: Lexicon, directory: Directory, sides: Iterable[str]) -> None:
    """The names of the agencies, also as they are said; an ordinary word that one alone goes by
    is its name after "bên" and the like: "phía tài nguyên môi trường"."""
    bearers = Counter(form.text for a in directory.agencies.values() for form in a.forms)
    for agency in directory.agencies.values():
        for form in agency.forms:
            for said in (form.text, *_as_said(form.text)):
                lexicon.add_name(said, Meaning("agency", agency.key, form.weak))
            if form.weak and not agency.is_group and bearers[form.text] == 1:
                for side in sides:
                    lexicon.add_name(f"{side} {form.text}", Meaning("agency", agency.key))


def _as_said(name: str) -> Iterator[str]:
    """An office's name with the other word for "and", and a department's with its first letter
    for "sở": "Sở Khoa học với Công nghệ", "s y tế"."""
    kind, _, rest = name.partition(" ")
    if " và " in rest and plays(fold(kind), Use.OFFICE):
        yield f"{kind} {rest.replace(' và ', ' với ')}"
    if plays(fold(kind), Use.DEPARTMENT) and " " in rest:
        yield f"s {rest}"


def build(directory: Directory, tasks: Iterable[Task]) -> Lexicon:
    """The lexicon of the packaged phrases, the agencies' names and the plans' words."""
    lexicon = Lexicon()
    for key, block in phrases(files.PHRASES / "cues.yaml").items():
        for wording in wordings(block):
            lexicon.add(wording, Meaning("cue", key))
    for key, block in phrases(files.PHRASES / "scope.yaml").items():
        for wording in wordings(block):
            lexicon.add(wording, Meaning("scope", key))
    ordinary = phrases(files.PHRASES / "words.yaml")
    for sort in ("noise", "keep", "matters"):
        for wording in wordings(ordinary[sort]):
            lexicon.add(wording, Meaning(sort, ""))
    short = ordinary["short"]
    assert isinstance(short, Mapping)  # noqa: S101
    lexicon.light = frozenset(tuple(words(line)) for line in wordings(ordinary["light"]))
    lexicon.short = {str(k): tuple(words(str(v))) for k, v in short.items()}
    _add_agencies(lexicon, directory, tuple(wordings(ordinary["sides"])))
    for sentence in str(phrases(files.PHRASES / "typical.yaml")["sentences"]).splitlines():
        lexicon.learn(sentence)
    for task in tasks:
        for text in (task.quote, task.title, task.heading, *task.topics):
            lexicon.learn(text)
        for name in task.indicators:
            lexicon.add_name(name, Meaning("indicator", name))
    return lexicon

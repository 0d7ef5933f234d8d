"""The words of questions, from `locales/vi/phrases/*.yaml`, in one tree of folded words.

A wording is written with diacritics; `(a|b)` is a choice and `[x]` may be left out. What a
leaf stands for is a `Meaning`: a cue (`who`), noise, a name of an agency, a province …
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from data import files
from data.errors import PlanFaultsError
from data.loading.directory import Directory
from data.loading.documents import read
from data.model import Task
from data.text.normalise import compatible, fold, marked, same_word, words

_TOKEN = re.compile(r"[()\[\]|]|[^()\[\]|\s]+")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a wording stands for.

    `sort` is cue, noise, keep, scope, agency, province, indicator or synonym; `value` the
    cue's or agency's key. `weak` marks a name that is also an ordinary word.
    """

    sort: str
    value: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A wording with its diacritics, and its meaning."""

    wording: tuple[str, ...]
    meaning: Meaning


@dataclass(slots=True)
class _Node:
    next: dict[str, "_Node"] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)


class Lexicon:
    """All wordings in one tree; asked for the longest that starts at a word."""

    def __init__(self) -> None:
        self._root = _Node()
        self._spellings: dict[str, set[str]] = {}
        self._neighbours: set[tuple[str, str]] = set()
        self.short: Mapping[str, tuple[str, ...]] = {}

    def add(self, wording: str, meaning: Meaning) -> None:
        """Adds a wording; what is there already is added once."""
        typed = tuple(words(wording))
        node = self._root
        folded = [fold(w) for w in typed]
        for word, plain in zip(typed, folded, strict=True):
            node = node.next.setdefault(plain, _Node())
            self._spellings.setdefault(plain, set()).add(word)
        self._neighbours.update(zip(folded, folded[1:], strict=False))
        entry = Entry(typed, meaning)
        if typed and entry not in node.entries:
            node.entries.append(entry)

    def learn(self, text: str) -> None:
        """Takes the words of running text into the vocabulary."""
        typed = words(text)
        folded = [fold(w) for w in typed]
        for word, plain in zip(typed, folded, strict=True):
            self._spellings.setdefault(plain, set()).add(word)
        self._neighbours.update(zip(folded, folded[1:], strict=False))

    def knows(self, folded: str) -> bool:
        """Whether the folded word occurs in any wording or text."""
        return folded in self._spellings

    def spelled(self, word: str) -> bool:
        """Whether the word occurs with just these diacritics."""
        return any(same_word(word, other) for other in self._spellings.get(fold(word), ()))

    def spellings(self, folded: str) -> Iterable[str]:
        """The words with diacritics that fold to this one."""
        return self._spellings.get(folded, ())

    def beside(self, first: str, second: str) -> bool:
        """Whether the two folded words occur side by side anywhere."""
        return (first, second) in self._neighbours

    def vocabulary(self) -> Iterable[str]:
        """Every folded word."""
        return self._spellings.keys()

    def matches(
        self, typed: list[str], folded: list[str], start: int, careful: bool = False
    ) -> Iterator[tuple[int, list[Entry]]]:
        """Every wording that starts at `start`, as (end, entries), longest first.

        `careful` says that the person types diacritics: a bare word is then the bare word.
        """
        found = []
        node = self._root
        for end in range(start, len(folded)):
            following = node.next.get(folded[end])
            if following is None:
                break
            node = following
            entries = self._fitting(node.entries, typed[start : end + 1], careful)
            if entries:
                found.append((end + 1, entries))
        return reversed(found)

    def _fitting(self, entries: list[Entry], typed: list[str], careful: bool) -> list[Entry]:
        """The entries whose diacritics agree with what was typed, the nearest ones first.

        A word typed with other diacritics than the entry's is that entry's word only where
        it is no word of its own (a slip of the fingers).
        """
        exact, loose = [], []
        for entry in entries:
            agree = [
                same_word(t, w)
                or (compatible(t, w) and not (careful and not marked(t) and self.spelled(t)))
                for t, w in zip(typed, entry.wording, strict=True)
            ]
            if all(agree):
                exact.append(entry)
            elif all(
                ok or not self.spelled(t) for ok, t in zip(agree, typed, strict=True)
            ) and sum(agree) * 2 >= len(agree):
                loose.append(entry)
        return exact or loose


def expand(template: str) -> Iterator[str]:
    """Every wording of a template: "(ai|bên nào) [đã] làm" gives four."""
    tokens = _TOKEN.findall(template)
    alternatives, rest = _alternatives(tokens, 0)
    if rest != len(tokens):
        raise ValueError(template)
    return iter(dict.fromkeys(" ".join(a.split()) for a in alternatives if a.strip()))


def _alternatives(tokens: list[str], at: int) -> tuple[list[str], int]:
    choices: list[str] = []
    sequence: list[list[str]] = []
    while at < len(tokens) and tokens[at] not in ")]":
        token = tokens[at]
        if token == "|":
            choices += [" ".join(p) for p in product(*sequence)]
            sequence = []
            at += 1
        elif token in "([":
            inner, at = _alternatives(tokens, at + 1)
            if at >= len(tokens):
                raise ValueError(" ".join(tokens))
            sequence.append(inner if token == "(" else ["", *inner])
            at += 1
        else:
            sequence.append([token])
            at += 1
    return choices + [" ".join(p) for p in product(*sequence)], at


def phrases(path: Path) -> dict[str, object]:
    """A phrase file; PlanFaultsError with the line where it is broken."""
    document = read(path)
    if document.faults or not isinstance(document.data, Mapping):
        raise PlanFaultsError(document.faults)
    return dict(document.data)


def wordings(block: object) -> Iterator[str]:
    """The wordings of a block, one template a line."""
    for line in str(block).splitlines():
        if line.strip():
            yield from expand(line)


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
    for sort in ("noise", "keep"):
        for wording in wordings(ordinary[sort]):
            lexicon.add(wording, Meaning(sort, wording))
    short = ordinary["short"]
    assert isinstance(short, Mapping)  # noqa: S101
    lexicon.short = {str(k): tuple(words(str(v))) for k, v in short.items()}
    for agency in directory.agencies.values():
        for form in agency.forms:
            lexicon.add(form.text, Meaning("agency", agency.key, form.weak))
    for task in tasks:
        for text in (task.quote, task.title, task.heading, *task.topics):
            lexicon.learn(text)
        for name in task.indicators:
            lexicon.add(name, Meaning("indicator", name))
    return lexicon

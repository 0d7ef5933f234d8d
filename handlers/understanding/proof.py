"""What the phrase files must hold, proved when the bot starts, so that a slip of who adds a
wording is told with its line instead of being lost."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from data import files
from data.errors import Fault, PlanFaultsError, fault
from handlers.understanding.grammar import Look, Use
from handlers.understanding.phrase_files import document, phrases
from handlers.understanding.question import Want
from handlers.understanding.signs import DERIVED

_TEMPLATES = ("cues", "scope", "words", "updates", "subscriptions", "membership")
_CLOSING = {")": "(", "]": "["}
_FIELDS = frozenset({"title", "examples", "signs"})


def prove() -> None:
    """Raises PlanFaultsError with every fault of the phrase files."""
    faults = [found for name in _TEMPLATES for found in _brackets(_path(name))]
    faults += [*_kinds(), *_grammar()]
    if faults:
        raise PlanFaultsError(tuple(faults))


def _path(name: str) -> Path:
    return files.PHRASES / f"{name}.yaml"


def _brackets(path: Path) -> Iterator[Fault]:
    """The wordings whose brackets do not match."""
    for key, block in phrases(path).items():
        if not isinstance(block, str):
            continue
        for number, wording in enumerate(block.splitlines(), 1):
            if not _matched(wording):
                line = document(path).line(key) + number
                yield fault(path, line, "wording-brackets", wording=wording)


def _matched(wording: str) -> bool:
    """Whether every bracket is closed by its like."""
    opened: list[str] = []
    for mark in wording:
        if mark in _CLOSING.values():
            opened.append(mark)
        elif mark in _CLOSING and (not opened or opened.pop() != _CLOSING[mark]):
            return False
    return not opened


def _kinds() -> Iterator[Fault]:
    """What is wrong with the kinds of question: their names, their fields, their signs."""
    path = _path("kinds")
    known = phrases(_path("cues")).keys() | DERIVED
    for key, row in phrases(path).items():
        line = document(path).line(key)
        if key not in list(Want):
            yield fault(path, line, "kind-unknown", key=key)
        if not isinstance(row, Mapping):
            yield fault(path, line, "not-mapping", name=key)
            continue
        for name in sorted({"title", "signs"} - row.keys()):
            yield fault(path, line, "field-missing", name=name)
        for name in sorted(row.keys() - _FIELDS):
            yield fault(path, document(path).line(key, name), "field-unknown", name=name)
        first = document(path).line(key, "signs")
        for number, sign in enumerate(str(row.get("signs", "")).splitlines(), 1):
            yield from _sign(path, first + number, sign, known)


def _sign(path: Path, line: int, sign: str, known: frozenset[str] | set[str]) -> Iterator[Fault]:
    score, *names = sign.split()
    if not score.replace(".", "", 1).isdigit():
        yield fault(path, line, "not-number", name=score)
    for name in names:
        if name.removeprefix("-") not in known:
            yield fault(path, line, "sign-unknown", name=name)


def _grammar() -> Iterator[Fault]:
    """The parts of the grammar that no code knows, and those that are not there."""
    path = _path("grammar")
    blocks = phrases(path)
    given: set[str] = set()
    for block, parts in blocks.items():
        if not isinstance(parts, Mapping):
            yield fault(path, document(path).line(block), "not-mapping", name=block)
            continue
        allowed = list(Look) if block == "patterns" else list(Use)
        given |= {str(part) for part in parts}
        for part in parts:
            if part not in allowed:
                line = document(path).line(block, str(part))
                yield fault(path, line, "field-unknown", name=part)
    for part in (*Use, *Look):
        if part not in given:
            yield fault(path, 1, "field-missing", name=part.value)

"""The one reader of YAML files: plain data, and the line of every node.

Scalars follow the core schema: `true`, `null`, 5, 0.5; also dates (2021-12-09); `no` and `on`
are words. Text comes in NFC. What cannot be read is a fault with its line, never an exception.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import yaml

from data.errors import Fault, fault

_Choice = TypeVar("_Choice", bound=StrEnum)
_Item = TypeVar("_Item", str, date, bool)

_PLAIN = "plain"
_QUOTED = "quoted"
_WORDS: Mapping[str, object] = {
    "": None, "~": None, "null": None, "true": True, "false": False,
}  # fmt: skip
_WHOLE = re.compile(r"-?(?:0|[1-9]\d*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d*)\.\d+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class _Loader(yaml.CSafeLoader):
    """Leaves scalars alone but for whether they stood in quotes: twice as fast."""

    def resolve(
        self, kind: type[yaml.Node], value: str | None, implicit: tuple[bool, bool] | bool
    ) -> str:
        if kind is yaml.ScalarNode and isinstance(implicit, tuple) and implicit[0]:
            return _PLAIN
        return _QUOTED


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as dicts, lists, strings, numbers, dates; `data` is None if unreadable."""

    path: str
    data: object = None
    faults: tuple[Fault, ...] = ()
    root: yaml.Node | None = field(default=None, repr=False)

    def line(self, *steps: str | int) -> int:
        """The 1-based line of the node at `steps`, or of the nearest one around it."""
        node, line = self.root, 1
        for step in steps:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line


def read(path: Path) -> Document:
    """Reads a YAML file."""
    text = read_text(path)
    if isinstance(text, Fault):
        return Document(str(path), faults=(text,))
    return parse(text, str(path))


def parse(text: str, path: str) -> Document:
    """Reads YAML; `path` is the name that faults carry."""
    text = unicodedata.normalize("NFC", text)
    build = _Build(path)
    try:
        root = yaml.compose(text, Loader=_Loader)
        data = None if root is None else build.value(root)
    except yaml.YAMLError as error:
        return Document(path, faults=(_broken(error, text, path),))
    except RecursionError:
        return Document(path, faults=(fault(path, 1, "yaml-broken", why="nested too deep"),))
    return Document(path, data, tuple(build.faults), root)


def read_text(path: Path) -> str | Fault:
    """The text of a UTF-8 file, or why it cannot be had."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return fault(path, 0, "file-missing")
    except OSError as error:
        return fault(path, 0, "file-unreadable", why=error.strerror or error)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return fault(path, line, "not-utf8", byte=f"0x{raw[error.start]:02X}")


def _child(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line + 1, item
    return None


def _broken(error: yaml.YAMLError, text: str, path: str) -> Fault:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        why = ", ".join(part for part in (error.context, error.problem) if part)
        return fault(path, mark.line + 1 if mark else 0, "yaml-broken", why=why)
    position = getattr(error, "position", None)
    known = isinstance(position, int)
    line = text.encode().count(b"\n", 0, position) + 1 if known else 0
    return fault(path, line, "yaml-broken", why=getattr(error, "reason", str(error)))


class _Build:
    """Nodes → plain data, gathering repeated keys and references as faults."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.faults: list[Fault] = []
        self._seen: set[int] = set()

    def value(self, node: yaml.Node) -> object:
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node.value) if node.tag == _PLAIN else node.value
        if id(node) in self._seen:
            line = node.start_mark.line + 1
            self.faults.append(fault(self.path, line, "aliased"))
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item) for item in node.value]
        return self._mapping(node)

    def _mapping(self, node: yaml.Node) -> dict[str, object]:
        data: dict[str, object] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in lines:
                self.faults.append(
                    fault(self.path, line, "duplicate-key", name=name, first=lines[name])
                )
                continue
            lines[name] = line
            data[name] = self.value(value)
        return data


def _scalar(word: str) -> object:
    if word in _WORDS:
        return _WORDS[word]
    if not word[0].isdigit() and word[0] != "-":
        return word
    if _WHOLE.fullmatch(word):
        return int(word)
    if _DECIMAL.fullmatch(word):
        return float(word)
    if _DATE.fullmatch(word):
        try:
            return date.fromisoformat(word)
        except ValueError:
            return word
    return word


class Section:
    """A mapping in a document whose fields are taken one by one.

    A missing field, a value of the wrong type and, at `close`, a field that nobody took
    are added to `faults`; the value is then empty and reading goes on.
    """

    def __init__(
        self,
        document: Document,
        faults: list[Fault],
        steps: tuple[str | int, ...] = (),
        data: object = None,
    ) -> None:
        self.document = document
        self.faults = faults
        self.steps = steps
        self._taken: set[str] = set()
        value = data if steps else document.data
        self.sound = isinstance(value, dict)
        self.data: Mapping[str, object] = value if isinstance(value, dict) else {}
        if not self.sound:
            name = next((step for step in reversed(steps) if isinstance(step, str)), "")
            self.add("not-mapping", name=name or Path(document.path).name)

    def line(self, *steps: str | int) -> int:
        """The line of this mapping, or of something in it."""
        return self.document.line(*self.steps, *steps)

    def add(self, code: str, *at: str | int, **places: object) -> None:
        """Adds a fault at the line of `at` within this mapping."""
        self.faults.append(fault(self.document.path, self.line(*at), code, **places))

    def close(self) -> None:
        """Reports the fields that were not taken."""
        for name in self.data:
            if name not in self._taken:
                self.add("field-unknown", name, name=name)

    def value(self, name: str, required: bool = False) -> object:
        """The raw value; None where it is absent or null."""
        self._taken.add(name)
        value = self.data.get(name)
        if self.sound and required and value in (None, "", []):
            self.add("field-missing", name, name=name)
            return None
        return value

    def text(self, name: str) -> str:
        """A required text."""
        return self._one(name, str, "not-text", required=True) or ""

    def maybe(self, name: str) -> str | None:
        """A text, or None."""
        return self._one(name, str, "not-text")

    def day(self, name: str) -> date | None:
        """A date, or None."""
        return self._one(name, date, "not-date")

    def flag(self, name: str) -> bool:
        """true or false; false where absent."""
        return self._one(name, bool, "not-flag") or False

    def number(self, name: str) -> float | None:
        """A required number."""
        value = self.value(name, required=True)
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
            return value
        self.add("not-number", name, name=name)
        return None

    def choice(self, name: str, kind: type[_Choice]) -> _Choice | None:
        """A required member of an enumeration."""
        word = self.text(name)
        if word in list(kind):
            return kind(word)
        if word:
            self.add("not-allowed", name, name=name, value=word, allowed=", ".join(kind))
        return None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty where absent."""
        return self._many(name, str, "not-texts")

    def days(self, name: str, required: bool = False) -> tuple[date, ...]:
        """A list of dates; empty where absent."""
        return self._many(name, date, "not-dates", required)

    def section(self, name: str, required: bool = False) -> "Section | None":
        """The mapping under `name`; None where it is absent or no mapping."""
        value = self.value(name, required)
        if value is None:
            return None
        found = Section(self.document, self.faults, (*self.steps, name), value)
        return found if found.sound else None

    def sections(self, name: str, required: bool = False) -> list["Section"]:
        """The mappings of the list under `name`; empty where absent."""
        value = self.value(name, required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.add("not-list", name, name=name)
            return []
        found = [
            Section(self.document, self.faults, (*self.steps, name, place), item)
            for place, item in enumerate(value)
        ]
        return [section for section in found if section.sound]

    def _one(
        self, name: str, kind: type[_Item], code: str, required: bool = False
    ) -> _Item | None:
        value = self.value(name, required)
        if value is None or isinstance(value, kind):
            return value
        self.add(code, name, name=name)
        return None

    def _many(
        self, name: str, kind: type[_Item], code: str, required: bool = False
    ) -> tuple[_Item, ...]:
        value = self.value(name, required)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.add(code, name, name=name)
            return ()
        for place, item in enumerate(value):
            if not isinstance(item, kind) or item == "":
                self.add(code, name, place, name=name)
        return tuple(item for item in value if isinstance(item, kind))

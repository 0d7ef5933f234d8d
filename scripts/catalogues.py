"""Checks the catalogues: every sentence that the code says is there, and no other.

A key that is made at run time is read from its f-string: `say(f"kind.{x}")` uses `kind.task` if
`task` is a word of the code: a string, with or without what `removeprefix` takes from it, the name
of an enumeration's member in small letters, a number, or itself made in this way.

Run from the project's folder: `.venv/bin/python -m scripts.catalogues`
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter

from babel.messages.pofile import PoFileError, read_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("bot", "handlers", "data")
LANGUAGES = ("vi", "en")


_MSGID = re.compile(r'^msgid "(.+)"$', re.MULTILINE)
_IN_PAGE = re.compile(r"""\bsay\(["']([^"']+)["']\)""")
_KEY = re.compile(r"[a-z_]+(\.[a-z0-9_-]+)+")


@dataclass(slots=True)
class Code:
    """What the sources say: keys with their place and the names given, patterns of keys that are
    made, and every word."""

    said: list[tuple[str, str, frozenset[str] | None]] = field(default_factory=list)
    made: list[tuple[str, str]] = field(default_factory=list)
    patterns: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=lambda: {""})
    strings: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def read_module(self, text: str, path: str) -> None:
        """Adds a Python module."""
        for node in ast.walk(ast.parse(text, path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.strings.setdefault(node.value, f"{path}:{node.lineno}")
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.names.add(node.id.lower())
            elif isinstance(node, ast.JoinedStr) and (pattern := _pattern(node)):
                self.patterns.add(pattern)
            elif isinstance(node, ast.Call):
                self._read_call(node, path)

    def read_page(self, text: str, path: str) -> None:
        """Adds a page of the web chat."""
        for number, line in enumerate(text.splitlines(), 1):
            for found in _IN_PAGE.finditer(line):
                self.said.append((found[1], f"{path}:{number}", frozenset()))
                self.strings.setdefault(found[1], f"{path}:{number}")

    def _read_call(self, node: ast.Call, path: str) -> None:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else None
        name = function.id if isinstance(function, ast.Name) else name
        if name == "removeprefix" and isinstance(node.args[0], ast.Constant):
            self.removed.add(str(node.args[0].value))
        if name != "say" or not node.args:
            return
        key, place = node.args[0], f"{path}:{node.lineno}"
        given = [each.arg for each in node.keywords]
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            spread = None in given
            self.said.append((key.value, place, None if spread else frozenset(map(str, given))))
        elif isinstance(key, ast.JoinedStr):
            self.made.append((_pattern(key) or "", place))

    def uses(self, key: str) -> bool:
        """Whether the code has this key, whole or in parts that it puts together."""
        if key in self.names or key.isdecimal():
            return True
        if any(f"{prefix}{key}" in self.strings for prefix in self.removed):
            return True
        matches = (re.fullmatch(pattern, key) for pattern in self.patterns)
        return any(all(map(self.uses, match.groups())) for match in matches if match)


def _pattern(node: ast.JoinedStr) -> str | None:
    """A regular expression of the keys that an f-string makes; None if it makes no keys."""
    fixed = [part.value for part in node.values if isinstance(part, ast.Constant)]
    letters = "".join(map(str, fixed))
    if "." not in letters or not re.fullmatch(r"(?=.*[a-z])[a-z0-9_.-]+", letters):
        return None
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else "(.+)"
        for part in node.values
    )


def read_code(root: Path) -> Code:
    """The sources of the three packages and the pages of the web chat."""
    code = Code()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            code.read_module(path.read_text("utf-8"), str(path.relative_to(root)))
    for path in sorted((root / "bot" / "web").glob("*.html")):
        code.read_page(path.read_text("utf-8"), str(path.relative_to(root)))
    return code


def read_catalogue(path: Path, faults: list[str]) -> dict[str, str]:
    """Key → sentence; what is wrong with the file is added to the faults."""
    text = path.read_text("utf-8")
    faults += [f"{path}: {key} stands {n} times" for key, n in repeated(text)]
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
    except (PoFileError, ValueError) as error:
        faults.append(f"{path}: cannot be read: {error}")
        return {}
    found = {}
    for message in catalogue:
        key, sentence = message.id, message.string
        if not isinstance(key, str) or not key:
            continue
        if message.fuzzy:
            faults.append(f"{path}: {key} is marked fuzzy")
        if not isinstance(sentence, str) or not sentence.strip():
            faults.append(f"{path}: {key} says nothing")
            continue
        found[key] = sentence
    return found


def repeated(text: str) -> Iterator[tuple[str, int]]:
    """Keys that stand more than once, and how often."""
    for key, count in Counter(_MSGID.findall(text)).items():
        if count > 1:
            yield key, count


def places(sentence: str) -> frozenset[str]:
    """The names of the places: "{count} việc" → {"count"}. Raises ValueError."""
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


def disagreements(catalogues: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Keys that not every catalogue has, or not with the same places."""
    for key in sorted(set().union(*catalogues.values())):
        missing = [language for language, found in catalogues.items() if key not in found]
        if missing:
            yield f"{key}: not in {', '.join(missing)}"
            continue
        try:
            shapes = {language: places(found[key]) for language, found in catalogues.items()}
        except ValueError as error:
            yield f"{key}: {error}"
            continue
        if len(set(shapes.values())) > 1:
            yield f"{key}: places differ: " + ", ".join(
                f"{language} {sorted(shape)}" for language, shape in shapes.items()
            )


def unsaid(catalogue: Mapping[str, str], code: Code) -> Iterator[str]:
    """What the code says and the catalogue lacks, or cannot fill."""
    areas = {key.partition(".")[0] for key in catalogue}
    for key, place, given in code.said:
        if key not in catalogue:
            yield f"{place}: no sentence for {key}"
        elif given is not None and (lacking := places(catalogue[key]) - given):
            yield f"{place}: {key} needs {', '.join(sorted(lacking))}"
    said = {key for key, _, _ in code.said}
    for text, place in code.strings.items():
        known = text in catalogue or text in said
        if not known and _KEY.fullmatch(text) and text.partition(".")[0] in areas:
            yield f"{place}: no sentence for {text}"
    for pattern, place in code.made:
        if not any(re.fullmatch(pattern, key) for key in catalogue):
            yield f"{place}: no sentence for what is made here"


def unused(catalogue: Mapping[str, str], code: Code) -> Iterator[str]:
    """What the catalogue has and the code never says."""
    for key in catalogue:
        if not code.uses(key):
            yield f"{key}: never said"


def check(root: Path = ROOT) -> list[str]:
    """Every fault, one a line."""
    faults: list[str] = []
    catalogues = {
        language: read_catalogue(root / "locales" / language / "LC_MESSAGES" / "dondoc.po", faults)
        for language in LANGUAGES
    }
    faults += disagreements(catalogues)
    if all(catalogues.values()):
        code = read_code(root)
        faults += [*unsaid(catalogues["vi"], code), *unused(catalogues["vi"], code)]
    return faults


if __name__ == "__main__":
    found = check()
    sys.stdout.writelines(f"{fault}\n" for fault in found)
    sys.exit(1 if found else 0)

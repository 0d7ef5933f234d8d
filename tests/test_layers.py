"""Imports go one way: bot → handlers → data, downwards in each, and each library has its home."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

PACKAGES = ("data", "handlers", "bot")
"""From the bottom up: a package may import itself and those before it."""

TIERS: dict[str, tuple[frozenset[str], ...]] = {
    "data": (
        frozenset({"errors"}),
        frozenset({"model", "loading.documents"}),
        frozenset({"files", "deadlines"}),
        frozenset({"text"}),
        frozenset({"loading", "store", "search"}),
    ),
    "handlers": (
        frozenset({"understanding.phrase_files"}),
        frozenset({"understanding.grammar"}),
        frozenset({"understanding.question", "understanding.lexicon", "understanding.typed"}),
        frozenset({"understanding"}),
        frozenset({"understanding.found"}),
        frozenset(
            {
                "understanding.claims",
                "understanding.covering",
                "understanding.duties",
                "understanding.mentions",
            }
        ),
        frozenset({"understanding.topics", "understanding.exceptions", "understanding.signs"}),
        frozenset({"understanding.proof"}),
        frozenset({"understanding.recognise"}),
        frozenset({"permissions", "failures", "wording", "messages"}),
        frozenset({"hits"}),
        frozenset({"cards", "selection"}),
        frozenset({"answers.desk"}),
        frozenset({"answers.refusals", "answers.heirs"}),
        frozenset({"answers"}),
        frozenset({"answers.people", "answers.counts", "answers.comparisons"}),
        frozenset({"updates.progress", "updates.reading", "updates.sentences"}),
        frozenset({"updates.finding", "updates.proposals", "updates.cards", "updates.workflow"}),
        frozenset({"alerts.mornings", "alerts.occasions", "alerts.topics", "alerts.duties"}),
        frozenset({"alerts.field", "alerts.reminders", "alerts.deeds"}),
        frozenset({"questions", "updates", "membership", "alerts", "reports"}),
        frozenset({"alerts.rounds", "alerts.previews", "alerts.delivery"}),
        frozenset({"updates.door", "membership.door"}),
        frozenset({"router"}),
    ),
    "bot": (
        frozenset({"settings", "clock", "logs", "metrics", "replies", "evidence", "signed_links"}),
        frozenset({"core"}),
        frozenset({"channels", "server", "ticker"}),
        frozenset({"app"}),
        frozenset({"cli"}),
        frozenset({"__main__"}),
    ),
}
"""From the bottom up: a module or folder may import its own tier and those before it.

A module that is not named stands between: it joins no lower tier to a higher one.
"""

HOMES = {
    "telegram": "bot",
    "tornado": "bot",
    "httpx": "bot",
    "prometheus_client": "bot",
    "babel": "handlers.wording",
    "rapidfuzz": "handlers.understanding",
    "icalendar": "handlers.alerts.calendars",
    "tantivy": "data.search",
    "sqlalchemy": "data.store",
    "aiosqlite": "data.store",
    "alembic": "data.store",
    "holidays": "data.deadlines",
    "yaml": "data.loading",
}
"""The one place that may import a library from outside."""


@dataclass(frozen=True)
class Import:
    importer: str
    imported: str
    place: str


def modules(root: Path) -> dict[str, Path]:
    """Every module of the three packages, by its dotted name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(root: Path) -> Iterator[Import]:
    """Every import, also those inside functions and under TYPE_CHECKING."""
    known = modules(root)
    for name, path in known.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                targets = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = origin(node, name, path)
                targets = [
                    full if (full := f"{base}.{alias.name}") in known else base
                    for alias in node.names
                ]
            else:
                continue
            place = f"{path.relative_to(root)}:{node.lineno}"
            yield from (Import(name, target, place) for target in targets)


def origin(node: ast.ImportFrom, name: str, path: Path) -> str:
    """The absolute name behind `from …`."""
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    drop = node.level - (path.name == "__init__.py")
    base = parts[: len(parts) - drop]
    return ".".join([*base, node.module] if node.module else base)


def tier(module: str) -> int | None:
    """The tier of a module within its package; None for the package itself."""
    package, _, rest = module.partition(".")
    places = [
        (len(unit), place)
        for place, units in enumerate(TIERS[package])
        for unit in units
        if rest == unit or rest.startswith(f"{unit}.")
    ]
    return max(places)[1] if places else None


def inside(module: str, home: str) -> bool:
    return module == home or module.startswith(f"{home}.")


def violation(found: Import) -> str | None:
    """Why an import is not allowed, or None."""
    importer, imported = found.importer.split(".")[0], found.imported.split(".")[0]
    if imported in PACKAGES:
        if PACKAGES.index(imported) > PACKAGES.index(importer):
            return f"{importer} is below {imported}"
        return None
    if imported in sys.stdlib_module_names:
        return None
    if imported not in HOMES:
        return f"{imported} has no home: name one in HOMES"
    if not inside(found.importer, HOMES[imported]):
        return f"the home of {imported} is {HOMES[imported]}"
    return None


def violations(root: Path) -> list[str]:
    found = list(imports(root))
    wrong = [f"{i.place}: {why}" for i in found if (why := violation(i))]
    return wrong + upwards(found) + cycles(found)


def upwards(found: list[Import]) -> list[str]:
    """Imports from a lower tier to a higher one, also by way of modules without a tier."""
    onward: dict[str, list[str]] = {}
    for i in found:
        onward.setdefault(i.importer, []).append(i.imported)
    wrong = []
    for i in found:
        low = tier(i.importer)
        if low is None:
            continue
        for target in reached(i.imported, onward):
            high = tier(target)
            if (
                i.importer.split(".")[0] == target.split(".")[0]
                and high is not None
                and high > low
            ):
                wrong.append(f"{i.place}: {i.importer} is below {target}")
    return wrong


def reached(module: str, onward: dict[str, list[str]]) -> Iterator[str]:
    """The module, or what a module without a tier leads to."""
    waiting, seen = [module], set()
    for name in waiting:
        if name in seen or name.split(".")[0] not in PACKAGES:
            continue
        seen.add(name)
        if tier(name) is None:
            waiting += onward.get(name, [])
        else:
            yield name


def cycles(found: list[Import]) -> list[str]:
    graph: dict[str, set[str]] = {}
    for i in found:
        if i.imported != i.importer:
            graph.setdefault(i.importer, set()).add(i.imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return ["imports go round: " + " → ".join(error.args[1])]
    return []


def test_imports_go_one_way_and_libraries_stay_at_home() -> None:
    assert violations(ROOT) == []


def test_the_tree_that_is_checked_is_there() -> None:
    assert {"data.model", "handlers.messages", "bot.channels.base"} <= modules(ROOT).keys()


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"data/model.py": "import handlers.messages"}, "data/model.py:1: data is below handlers"),
        ({"handlers/router.py": "from bot import app"}, "handlers is below bot"),
        (
            {"data/text/dates.py": "", "data/model.py": "from data.text import dates"},
            "data.model is below data.text.dates",
        ),
        (
            {"data/text/dates.py": "", "data/deadlines.py": "from .text.dates import read"},
            "data.deadlines is below data.text.dates",
        ),
        (
            {"bot/app.py": "", "bot/channels/web.py": "def f():\n    from bot.app import App"},
            "bot/channels/web.py:2: bot.channels.web is below bot.app",
        ),
        (
            {
                "handlers/understanding/__init__.py": "",
                "handlers/understanding/a.py": "from handlers.wording import say",
                "handlers/wording.py": "",
            },
            "handlers.understanding.a is below handlers.wording",
        ),
        ({"handlers/questions.py": "import sqlalchemy as sa"}, "home of sqlalchemy is data.store"),
        ({"data/store/tasks.py": "from telegram import Bot"}, "home of telegram is bot"),
        ({"handlers/alerts.py": "from babel.dates import x"}, "home of babel is handlers.wording"),
        ({"data/text/dates.py": "import numpy"}, "numpy has no home"),
        (
            {
                "handlers/wording.py": "from handlers import helpers",
                "handlers/helpers.py": "import handlers.router",
                "handlers/router.py": "",
            },
            "handlers/wording.py:1: handlers.wording is below handlers.router",
        ),
        (
            {"data/text/a.py": "from data.text import b", "data/text/b.py": "import data.text.a"},
            "imports go round",
        ),
    ],
)
def test_a_wrong_import_is_caught(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    found = violations(tree(tmp_path, files))
    assert [line for line in found if reason in line], found


def test_a_right_tree_passes(tmp_path: Path) -> None:
    files = {
        "data/errors.py": "import enum",
        "data/loading/documents.py": "import yaml\nfrom data.errors import Fault",
        "data/text/__init__.py": "",
        "data/text/dates.py": "from data.loading.documents import read",
        "data/store/database.py": "import sqlalchemy\nfrom data.text import dates",
        "handlers/understanding/spelling.py": "import rapidfuzz\nfrom data.text import dates",
        "handlers/router.py": "from handlers.understanding import spelling",
        "bot/app.py": "import tornado.web\nfrom handlers import router",
    }
    assert violations(tree(tmp_path, files)) == []

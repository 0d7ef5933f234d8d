"""The documents say what is so: commands, variables, links, the plan to copy, the questions."""

import ast
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import pytest

from bot import cli
from bot.app import build_library
from bot.clock import ZONE
from bot.settings import read_settings
from data.errors import SettingError
from data.loading.library import check
from handlers.messages import Message, ReplyKind
from handlers.router import Router
from handlers.understanding.intents import load_kinds
from scripts import catalogues, questions

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])

_VARIABLE = re.compile(r"(?:TELEGRAM|ZALO|DONDOC)_[A-Z_]+")
_TAIL = re.compile(r"_[A-Z][A-Z_]+")
_TOKENS = {"TELEGRAM_BOT_TOKEN": "1:telegram", "ZALO_BOT_TOKEN": "1:zalo"}


def table(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading of the README, without its own head."""
    section = README.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[2:]]


def code(cell: str) -> str:
    """What stands in a cell as code, else nothing."""
    found = re.match(r"`([^`]*)`", cell)
    return found[1] if found else ""


VARIABLES = {code(row[0]): code(row[1]) for row in table("Configuration")}
COMMANDS = [code(row[0]).split()[1:] for row in table("Commands")]


def variables_read() -> set[str]:
    """The variables that the settings name, also those put together from a messenger's name."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / "bot" / "settings.py").read_text("utf-8"))):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if _VARIABLE.fullmatch(node.value):
            found.add(node.value)
        elif _TAIL.fullmatch(node.value):
            found |= {f"{messenger}{node.value}" for messenger in ("TELEGRAM", "ZALO")}
    return found


def test_every_variable_is_in_the_table_and_no_other() -> None:
    assert VARIABLES.keys() == variables_read()


@pytest.mark.parametrize("variable", list(VARIABLES))
def test_a_variable_of_the_table_is_read_and_named_when_wrong(variable: str) -> None:
    with pytest.raises(SettingError, match=variable):
        read_settings({**_TOKENS, variable: "not so !"})


@pytest.mark.parametrize(("variable", "default"), list(VARIABLES.items()))
def test_a_default_of_the_table_is_what_holds_without_it(variable: str, default: str) -> None:
    if default:
        assert read_settings({**_TOKENS, variable: default}) == read_settings(_TOKENS)
    else:
        assert _VARIABLE.fullmatch(variable)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_of_the_table_exists(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word for word in command if re.fullmatch(r"[a-z]+", word)]
    with pytest.raises(SystemExit) as exit:
        cli.main([*words, "--help"])
    assert exit.value.code == 0
    assert f"usage: dondoc {' '.join(words)}" in capsys.readouterr().out


def test_every_command_is_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    listed = re.findall(r"^    ([a-z]+) ", capsys.readouterr().out, re.MULTILINE)
    assert set(listed) == {command[0] for command in COMMANDS}


def test_the_options_named_in_the_table_exist(capsys: pytest.CaptureFixture[str]) -> None:
    for row, command in zip(table("Commands"), COMMANDS, strict=True):
        words = [word for word in command if re.fullmatch(r"[a-z]+", word)]
        with pytest.raises(SystemExit):
            cli.main([*words, "--help"])
        usage = capsys.readouterr().out
        missing = [
            option for option in re.findall(r"--[a-z]+", " ".join(row)) if option not in usage
        ]
        assert not missing, f"dondoc {' '.join(words)}: {missing}"


def make_targets_named() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for target in re.findall(r"`(?:[^`]*&& )?make ([a-z]+)`", page.read_text("utf-8")):
            yield page.name, target


@pytest.mark.parametrize(("page", "target"), sorted(set(make_targets_named())))
def test_a_target_that_is_named_is_in_the_makefile(page: str, target: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def links() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        text = page.read_text("utf-8")
        for link in re.findall(r'\]\(([^)\s]+)\)|src="([^"]+)"', text):
            target = link[0] or link[1]
            if not re.match(r"[a-z]+:", target):
                yield str(page.relative_to(ROOT)), target


@pytest.mark.parametrize(("page", "link"), list(links()))
def test_a_link_leads_to_a_file_or_a_heading(page: str, link: str) -> None:
    file, _, anchor = unquote(link).partition("#")
    target = (ROOT / page).parent / file if file else ROOT / page
    assert target.exists()
    if anchor:
        headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
        slugs = [
            re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings
        ]
        assert anchor in slugs


def block(name: str) -> str:
    """The fenced block after a comment of that name, less its indentation."""
    found = re.search(
        rf"^( *)<!-- {name} -->\n *```\w+\n(.*?)^ *```", README, re.DOTALL | re.MULTILINE
    )
    assert found, name
    return re.sub(rf"^{found[1]}", "", found[2], flags=re.MULTILINE)


def test_the_plan_of_the_readme_is_sound(tmp_path: Path) -> None:
    (tmp_path / "lang-son-2026.txt").write_text(block("plan text"), "utf-8")
    registry = tmp_path / "lang-son-2026.yaml"
    registry.write_text(block("plan registry"), "utf-8")
    assert check([registry]) == ()


def test_the_table_of_questions_is_current() -> None:
    hint = "make it anew: python -m scripts.questions"
    assert questions.PAGE.read_text("utf-8") == questions.page(load_kinds()), hint


@pytest.fixture(scope="module")
def router() -> Router:
    return Router(build_library())


@pytest.mark.parametrize("example", [each for kind in load_kinds() for each in kind.examples])
async def test_an_example_is_answered(router: Router, example: str) -> None:
    at = datetime(2021, 3, 1, 9, 0, tzinfo=ZONE)
    reply, _ = await router.reply(Message("web", "1", "1", at, text=example), None, None)
    assert reply.kind in {ReplyKind.ANSWER, ReplyKind.CHOICE}


def tree(root: Path, code: str, vi: str, en: str) -> Path:
    """A project with one module and two catalogues."""
    (root / "handlers").mkdir()
    (root / "handlers" / "a.py").write_text(code, "utf-8")
    for language, text in (("vi", vi), ("en", en)):
        folder = root / "locales" / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
        (folder / "dondoc.po").write_text(head + text, "utf-8")
    return root


def entry(key: str, sentence: str, flag: str = "") -> str:
    return f'{flag}msgid "{key}"\nmsgstr "{sentence}"\n\n'


GREETING = entry("greet.hello", "Chào {name}")


@pytest.mark.parametrize(
    ("code", "vi", "en", "fault"),
    [
        ('say("greet.hello", name=x)', GREETING, GREETING, None),
        ('say("greet.hello", **given)', GREETING, GREETING, None),
        ('say("greet.hello")', GREETING, GREETING, "handlers/a.py:1: greet.hello needs name"),
        ('say("greet.bye", name="greet.hello")', GREETING, GREETING, "no sentence for greet.bye"),
        ('key = "greet.bye", "greet.hello"', GREETING, GREETING, "no sentence for greet.bye"),
        ("", GREETING, GREETING, "greet.hello: never said"),
        ('say("greet.hello", name=x)', GREETING, "", "greet.hello: not in en"),
        (
            'say("greet.hello", name=x)',
            GREETING,
            entry("greet.hello", "Hello {who}"),
            "greet.hello: places differ: vi ['name'], en ['who']",
        ),
        ('say("greet.hello", name=x)', GREETING + GREETING, GREETING, "stands 2 times"),
        (
            'say("greet.hello", name=x)',
            entry("greet.hello", "Chào {name}", "#, fuzzy\n"),
            GREETING,
            "greet.hello is marked fuzzy",
        ),
        ('say("greet.hello", name=x)', entry("greet.hello", " "), GREETING, "says nothing"),
        ('say("greet.hello", name=x)', GREETING + 'msgid "x', GREETING, "cannot be read"),
        (
            'say(f"bye.{x}")\nsay("greet.hello", name=x)',
            GREETING,
            GREETING,
            "handlers/a.py:1: no sentence for what is made here",
        ),
    ],
)
def test_the_check_of_the_catalogues_finds(
    tmp_path: Path,
    code: str,
    vi: str,
    en: str,
    fault: str | None,
) -> None:
    found = catalogues.check(tree(tmp_path, code, vi, en))
    if fault:
        assert [line for line in found if fault in line], found
    else:
        assert found == []


def test_a_key_made_at_run_time_needs_its_word_in_the_code(tmp_path: Path) -> None:
    keys = ("kind.task", "kind.duty", "kind.0", "kind.open", "kind.task.title")
    words = "".join(entry(key, "việc") for key in keys)
    code = """
say(f"kind.{x}")
say(f"{y}.title")
say(f"kind.{'ask_open'.removeprefix('ask_')}")
class Kind:
    TASK = 1
"""
    assert catalogues.check(tree(tmp_path, code, words, words)) == ["kind.duty: never said"]

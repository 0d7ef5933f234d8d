"""Phrases with what each must mean: read, varied as people type, put to the bot, graded.

A phrase is a question in `tests/phrases/<half>/<category>.yaml`; units of work are named
"plan clause". Grading is that of the acceptance scorer: a unit counts as answered where the
quotes of the returned tasks cover 80 % of its word trigrams.
"""

import asyncio
import json
import random
import re
import subprocess
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.replies import contract
from data.loading.documents import read
from data.loading.library import Library, load_library
from handlers.messages import Message
from handlers.router import Router

FOLDER = Path(__file__).parent / "phrases"
KNOWN_FAILURES = FOLDER / "known_failures.yaml"
HALVES = ("building", "measured")
VARIANTS = ("clean", "bare", "typo")
KINDS = frozenset({"answer", "choice", "refusal", "confirm", "done"})
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
ASKED_AT = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
"""The moment of a question that names none: long after both plans, as in daily use."""

_FIELDS = {"text", "plan", "as_of", "after", "expect"}
_EXPECTED = {
    "kind", "must", "may", "must_if_answer", "only_must", "no_tasks", "agencies", "dates",
    "figures", "count", "says",
}  # fmt: skip

_WORDS = re.compile(r"\w+")

Line = dict[str, Any]
Answer = dict[str, Any]
Bot = Callable[[Sequence[Line]], list[Answer]]
"""Takes lines of `chat --jsonl`, gives one answer for each, in order."""


class PhraseError(Exception):
    """A phrase file is not as it should be; says where."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A question and its right answer; `expect` holds the units as plan and text."""

    category: str
    text: str
    expect: Mapping[str, Any]
    plan: str | None = None
    as_of: str | None = None
    after: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What names the phrase in a report and in the list of known failures."""
        asked = " → ".join((*self.after, self.text))
        marks = "".join(f" [{mark}]" for mark in (self.plan, self.as_of) if mark)
        return f"{self.category}: {asked}{marks}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one phrase was answered; `asked` is the text as it was typed."""

    phrase: Phrase
    asked: str
    answer: Answer
    faults: tuple[str, ...]

    @property
    def sure_wrong(self) -> bool:
        """Wrong, and said as an answer: neither a refusal nor a question back."""
        return bool(self.faults) and self.answer.get("kind") in ("answer", "done")


@cache
def library() -> Library:
    """The plans as packaged."""
    return load_library()


@cache
def phrases(half: str) -> tuple[Phrase, ...]:
    """All phrases of a half; raises PhraseError where a file has a fault or a name is twice.

    A measured phrase that is also built with would measure nothing: it is left out.
    """
    found = _read(half)
    if half == "measured":
        built = {_typed(phrase) for phrase in phrases("building")}
        found = tuple(phrase for phrase in found if _typed(phrase) not in built)
    names: set[str] = set()
    for phrase in found:
        if phrase.name in names:
            raise PhraseError(f"{half}: twice: {phrase.name}")
        names.add(phrase.name)
    return found


def _read(half: str) -> tuple[Phrase, ...]:
    return tuple(
        _phrase(path.stem, number, row)
        for path in sorted((FOLDER / half).glob("*.yaml"))
        for number, row in enumerate(_rows(path), 1)
    )


def _typed(phrase: Phrase) -> tuple[str | None, ...]:
    turns = (*phrase.after, phrase.text)
    return (phrase.plan, *(" ".join(_WORDS.findall(bare(turn).lower())) for turn in turns))


def known_failures() -> frozenset[str]:
    """The names of building phrases that are known to be answered wrongly."""
    return frozenset(str(name) for name in _rows(KNOWN_FAILURES))


def _rows(path: Path) -> list[Any]:
    document = read(path)
    if document.faults:
        raise PhraseError("; ".join(str(fault) for fault in document.faults))
    if document.data is None:
        return []
    if not isinstance(document.data, list):
        raise PhraseError(f"{path}: not a list")
    return document.data


def _phrase(category: str, number: int, row: Any) -> Phrase:
    where = f"{category}.yaml, phrase {number}"
    if not isinstance(row, dict) or not row.get("text") or "expect" not in row:
        raise PhraseError(f"{where}: needs text and expect")
    if extra := row.keys() - _FIELDS:
        raise PhraseError(f"{where}: unknown {sorted(extra)}")
    plan = row.get("plan")
    if plan is not None and plan not in library().plans:
        raise PhraseError(f"{where}: no plan {plan}")
    as_of = row.get("as_of")
    return Phrase(
        category=category,
        text=str(row["text"]),
        plan=plan,
        as_of=str(as_of) if as_of is not None else None,
        after=tuple(str(turn) for turn in row.get("after") or ()),
        expect=_expected(where, row["expect"], plan),
    )


def _expected(where: str, expect: Any, plan: str | None) -> Mapping[str, Any]:
    if not isinstance(expect, dict) or not expect:
        raise PhraseError(f"{where}: expect is empty")
    if extra := expect.keys() - _EXPECTED:
        raise PhraseError(f"{where}: unknown {sorted(extra)} in expect")
    kinds = expect.get("kind", "answer")
    if not set([kinds] if isinstance(kinds, str) else kinds) <= KINDS:
        raise PhraseError(f"{where}: kind {kinds}")
    out = dict(expect)
    for part in ("must", "may", "must_if_answer"):
        if part in expect:
            out[part] = [_unit(where, str(name), plan) for name in expect[part]]
    if "dates" in expect:
        out["dates"] = [_dates(each) for each in expect["dates"]]
    if unknown := set(expect.get("agencies") or ()) - library().directory.agencies.keys():
        raise PhraseError(f"{where}: no agency {sorted(unknown)}")
    return out


def _dates(each: Any) -> str | list[str]:
    if isinstance(each, list):
        return [str(day) for day in each]
    return each.isoformat() if isinstance(each, date) else str(each)


def _unit(where: str, name: str, plan: str | None) -> dict[str, str]:
    """The unit named "plan clause", or by its clause alone where the phrase names the plan."""
    of, _, clause = name.rpartition(" ")
    of = of or plan or ""
    quote = _quotes().get((of, clause))
    if quote is None:
        raise PhraseError(f"{where}: no unit {name}")
    return {"plan": of, "text": quote}


@cache
def _quotes() -> Mapping[tuple[str, str], str]:
    return {(task.plan, task.clause): task.quote for task in library().tasks()}


# ---- variants

_NEIGHBOURS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok",
    "o": "ipl", "p": "ol", "a": "qsz", "s": "adwx", "d": "sfec", "f": "dgrv", "g": "fhtb",
    "h": "gjyn", "j": "hkum", "k": "jli", "l": "ko", "z": "xa", "x": "zcs", "c": "xvd", "v": "cbf",
    "b": "vng", "n": "bmh", "m": "nj",
}  # fmt: skip
_VOWELS = frozenset("aeiouy")
_WORD = re.compile(r"(?<![\w./&-])[^\W\d_]{3,}(?![\w/&-])")
_ROMAN = re.compile(r"[ivx]+", re.I)


def varied(phrase: Phrase, variant: str) -> str | None:
    """The last turn as typed in that way, the same each time; None where it cannot be."""
    text = unicodedata.normalize("NFC", phrase.text)
    if variant == "bare":
        return bare(text)
    if variant == "typo":
        return mistyped(text, random.Random(phrase.name))
    return text


def bare(text: str) -> str:
    """The text without diacritics."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def mistyped(text: str, chance: random.Random) -> str | None:
    """One letter swapped, doubled, dropped or hit beside, in one word of three letters or more.

    Figures, Roman numerals and short forms without a vowel are left alone: one letter amiss
    makes them another number or another agency.
    """
    spans = [match.span() for match in _WORD.finditer(text) if _can_err(match.group())]
    if not spans:
        return None
    start, end = chance.choice(spans)
    word = text[start:end]
    wrong = word
    while wrong == word:
        wrong = _slip(word, chance)
    return text[:start] + wrong + text[end:]


def _can_err(word: str) -> bool:
    return bool(_VOWELS & set(bare(word).lower())) and not _ROMAN.fullmatch(word)


def _slip(word: str, chance: random.Random) -> str:
    kind = chance.choice(("swap", "double", "drop", "beside"))
    at = chance.randrange(len(word))
    if kind == "swap":
        at = min(at, len(word) - 2)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "double":
        return word[: at + 1] + word[at:]
    if kind == "drop":
        return word[:at] + word[at + 1 :]
    near = _NEIGHBOURS.get(bare(word[at]).lower())
    if near is None:
        return word
    key = chance.choice(near)
    return word[:at] + (key.upper() if word[at].isupper() else key) + word[at + 1 :]


# ---- asking


def verdicts(
    half: str, variant: str, bot: Bot, category: str | None = None
) -> tuple[Verdict, ...]:
    """Puts the phrases of a half, or of one category of it, to the bot and grades the answers."""
    asked = [
        (phrase, text)
        for phrase in phrases(half)
        if category in (None, phrase.category)
        if (text := varied(phrase, variant)) is not None
    ]
    lines: list[Line] = []
    last: list[int] = []
    for number, (phrase, text) in enumerate(asked):
        lines += _lines(f"{half}-{number}", phrase, text)
        last.append(len(lines) - 1)
    answers = bot(lines)
    return tuple(
        Verdict(phrase, text, answers[at], tuple(faults(phrase.expect, answers[at])))
        for (phrase, text), at in zip(asked, last, strict=True)
    )


def _lines(chat: str, phrase: Phrase, text: str) -> list[Line]:
    shared = {"chat": chat}
    if phrase.plan:
        shared["plan"] = phrase.plan
    if phrase.as_of:
        shared["as_of"] = phrase.as_of
    turns = (*phrase.after, text)
    return [{"id": f"{chat}.{at}", **shared, "text": turn} for at, turn in enumerate(turns)]


def spoken_to(command: Sequence[str]) -> Bot:
    """The bot behind a command that speaks `chat --jsonl`."""

    def bot(lines: Sequence[Line]) -> list[Answer]:
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        run = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        answers = {}
        for line in run.stdout.splitlines():
            answer = json.loads(line)
            answers[answer.get("id")] = answer
        return [answers.get(line["id"], {"error": "no reply"}) for line in lines]

    return bot


def in_process(lines: Sequence[Line]) -> list[Answer]:
    """The bot's own router, without a database."""
    return asyncio.run(_routed(lines))


async def _routed(lines: Iterable[Line]) -> list[Answer]:
    router = _router()
    states: dict[str, Any] = {}
    return [await _reply(router, states, line) for line in lines]


async def _reply(router: Router, states: dict[str, Any], line: Line) -> Answer:
    moment, chat = line.get("as_of"), line["chat"]
    message = Message(
        channel="console",
        chat=chat,
        user=chat,
        at=datetime.fromisoformat(moment).replace(tzinfo=ZONE) if moment else ASKED_AT,
        text=line["text"],
        plan=line.get("plan"),
    )
    try:
        reply, states[chat] = await router.reply(message, states.get(chat), None)
    except Exception as error:
        return {"id": line["id"], "error": f"{type(error).__name__}: {error}"}
    return contract(reply, line["id"])


@cache
def _router() -> Router:
    return Router(library())


# ---- grading


def faults(expect: Mapping[str, Any], answer: Answer) -> list[str]:
    """What is wrong with an answer; nothing where it is right."""
    if "error" in answer:
        return [f"error: {answer['error']}"]
    return [
        *_kind_faults(expect, answer),
        *_task_faults(expect, answer),
        *_fact_faults(expect, answer),
        *_wording_faults(expect, answer),
    ]


def _kind_faults(expect: Mapping[str, Any], answer: Answer) -> Iterable[str]:
    kinds = expect.get("kind", "answer")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if answer.get("kind") not in kinds:
        yield f"kind {answer.get('kind')} not in {kinds}"


def _task_faults(expect: Mapping[str, Any], answer: Answer) -> Iterable[str]:
    tasks = answer.get("tasks") or []
    must, may = list(expect.get("must", [])), expect.get("may", [])
    if answer.get("kind") == "answer":
        must += expect.get("must_if_answer", [])
    if expect.get("no_tasks") and tasks:
        yield f"{len(tasks)} tasks, none asked for"
    for unit in must:
        share = covered(unit["text"], [t["quote"] for t in tasks if t["plan"] == unit["plan"]])
        if share < 0.8:
            yield f"missing ({share:.0%}): {unit['plan']}: {unit['text'][:70]}"
    if must and expect.get("only_must", True):
        for task in tasks:
            wanted = [unit["text"] for unit in [*must, *may] if unit["plan"] == task["plan"]]
            if covered(task["quote"], wanted) < 0.5:
                yield f"not asked for: {task['plan']} {task.get('clause')}: {task['quote'][:60]}"


def _fact_faults(expect: Mapping[str, Any], answer: Answer) -> Iterable[str]:
    agencies = sorted(set(answer.get("agencies") or []))
    if "agencies" in expect and sorted(set(expect["agencies"])) != agencies:
        yield f"agencies {agencies} not {sorted(expect['agencies'])}"
    for date_ in expect.get("dates", []):
        alternatives = date_ if isinstance(date_, list) else [date_]
        if not set(alternatives) & set(answer.get("dates") or []):
            yield f"dates {answer.get('dates')} lack {alternatives}"
    values = [figure.get("value") for figure in answer.get("figures") or []]
    for value in expect.get("figures", []):
        if value not in values:
            yield f"figures {values} lack {value}"
    if "count" in expect and answer.get("count") != expect["count"]:
        yield f"count {answer.get('count')} not {expect['count']}"


def _wording_faults(expect: Mapping[str, Any], answer: Answer) -> Iterable[str]:
    said = "\n".join(message.get("text", "") for message in answer.get("messages") or [])
    said = unicodedata.normalize("NFC", said)
    for pattern in expect.get("says", []):
        if not re.search(pattern, said, re.I):
            yield f"does not say /{pattern}/"


def covered(unit: str, quotes: Iterable[str]) -> float:
    """The share of the unit's word trigrams that stand in the quotes."""
    have = {trigram for quote in quotes for trigram in _trigrams(quote)}
    want = _trigrams(unit)
    return sum(trigram in have for trigram in want) / max(1, len(want))


@cache
def _trigrams(text: str) -> tuple[tuple[str, ...], ...]:
    words = _WORDS.findall(unicodedata.normalize("NFC", text).lower())
    return tuple(tuple(words[at : at + 3]) for at in range(len(words) - 2))

"""Paraphrases: the many ways to say one thing, held against the plainest of them.

A frame is a wording with slots: "{A} lo những việc gì". Frames of one meaning are put to the bot
with their slots filled, and must be answered like the plain question of that meaning, which the
phrases of `tests/phrases` hold to the right answer.
"""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from data.loading.documents import read
from tests.phrase_sets import FOLDER, Answer, Line, bare, in_process

PARAPHRASES = FOLDER / "paraphrases"
_SLOT = re.compile(r"\{(\w)\}")
_WANTED = {"refused": ("refusal",), "taskless": ("answer", "refusal", "choice")}


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """A wording filled in, and the plain question of the same meaning; "" where none is needed."""

    meaning: str
    text: str
    plain: str
    compare: str
    plan: str | None
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """How a paraphrase was answered; `sure_wrong` is a wrong answer that is no question back."""

    paraphrase: Paraphrase
    alike: bool
    kind: str

    @property
    def sure_wrong(self) -> bool:
        """Answered otherwise than the plain question, and said as an answer."""
        return not self.alike and self.kind == "answer"


@cache
def paraphrases(half: str) -> tuple[Paraphrase, ...]:
    """Every frame of a half with its slots filled for each plan, the same each time."""
    meanings, slots = _read(PARAPHRASES / "meanings.yaml"), _read(PARAPHRASES / "slots.yaml")
    return tuple(
        _filled(f"{path.stem} {meaning} {number}", meaning, frame, meanings[meaning], plan, words)
        for path in sorted((PARAPHRASES / half).glob("*.yaml"))
        for meaning, frames in _read(path).items()
        for number, frame in enumerate(frames)
        for plan, words in slots.items()
        if "plain" in meanings[meaning] or plan == next(iter(slots))
    )


def compared(half: str) -> tuple[Compared, ...]:
    """Puts every paraphrase of a half and its plain question to the bot."""
    asked = paraphrases(half)
    plain = tuple(dict.fromkeys(_plain(p) for p in asked if p.plain))
    answers = dict(zip(plain, _answers(plain), strict=True))
    return tuple(
        Compared(p, _alike(p, answer, answers.get(_plain(p))), str(answer.get("kind")))
        for p, answer in zip(asked, _answers(asked), strict=True)
    )


def _read(path: Path) -> Mapping[str, Any]:
    document = read(path)
    assert not document.faults, document.faults
    assert isinstance(document.data, Mapping)
    return document.data


def _filled(
    name: str,
    meaning: str,
    frame: str,
    means: Mapping[str, Any],
    plan: str,
    words: Mapping[str, Any],
) -> Paraphrase:
    """The frame with its slots filled; one without diacritics gets slots without them."""
    chance = random.Random(f"{name} {plan}")
    slots = sorted(set(_SLOT.findall(frame)))
    values = {s: chance.choice(words[s]) for s in slots}
    if {"A", "T"} <= set(slots):
        values["A"], values["T"] = chance.choice(words["pairs"])
    unmarked = bare(_SLOT.sub("", frame)) == _SLOT.sub("", frame)
    said = {s: bare(v) for s, v in values.items()} if unmarked else values
    return Paraphrase(
        meaning,
        frame.format(**said),
        str(means.get("plain", "")).format(**values),
        str(means["compare"]),
        None if means.get("every_plan") else plan,
        tuple(means.get("after", ())),
    )


def _plain(paraphrase: Paraphrase) -> Paraphrase:
    p = paraphrase
    return Paraphrase(p.meaning, p.plain, p.plain, p.compare, p.plan, p.after)


def _answers(asked: tuple[Paraphrase, ...]) -> list[Answer]:
    """The answer to the last turn of each."""
    lines: list[Line] = []
    last = []
    for number, paraphrase in enumerate(asked):
        for turn in (*paraphrase.after, paraphrase.text):
            line: Line = {"id": len(lines), "chat": str(number), "text": turn}
            lines.append(line if paraphrase.plan is None else {**line, "plan": paraphrase.plan})
        last.append(len(lines) - 1)
    answers = in_process(lines)
    return [answers[at] for at in last]


def _alike(paraphrase: Paraphrase, answer: Answer, plain: Answer | None) -> bool:
    if plain is None:
        wanted = answer.get("kind") in _WANTED[paraphrase.compare]
        return wanted and not answer.get("tasks")
    compare = paraphrase.compare
    same_kind = answer.get("kind") == plain.get("kind")
    return same_kind and _stated(answer, compare) == _stated(plain, compare)


def _stated(answer: Answer, compare: str) -> object:
    """What a reply states of the kind that is compared."""
    if compare == "tasks":
        return {(task["plan"], task["clause"]) for task in answer.get("tasks") or ()}
    if compare == "figures":
        return {figure["value"] for figure in answer.get("figures") or ()}
    if compare == "said":
        return answer["messages"][0]["text"]
    found = answer.get(compare)
    return set(found or ()) if isinstance(found, list) else found

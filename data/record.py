"""The record of what officials said and decided: entries, and the chain of hashes over them.

An entry is never changed. Its hash covers every column as stored and the hash before it, so
that an entry changed, taken out or put in between breaks the chain at that place.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

GENESIS = "0" * 64


class Status(StrEnum):
    """The status of a task, in the words of the contract."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    BLOCKED = "blocked"
    RETURNED = "returned"


class Act(StrEnum):
    """What an entry does.

    `extend` asks for a later deadline, `grant` and `refuse` decide on that. `press` urges an
    agency on. `subtask` adds a task of the agency's own under a plan task. `undo` takes the
    entry back that its field `reverses` names; both stay.
    """

    UPDATE = "update"
    COMMENT = "comment"
    CONFIRM = "confirm"
    RETURN = "return"
    EXTEND = "extend"
    GRANT = "grant"
    REFUSE = "refuse"
    PRESS = "press"
    SUBTASK = "subtask"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that proves what was said: where it lies under `var/`, and its checksum."""

    name: str
    media_type: str
    sha256: str
    path: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be entered.

    `person` is the person's id, `name` the name at that time, `authority` the role and the
    rule that allowed it. `words` are as typed. `fields` is plain JSON data. `proposal` is the
    confirmation that led to it, 0 where there was none.
    """

    plan: str
    task: str
    act: Act
    at: datetime
    person: int
    name: str
    agency: str
    authority: str
    channel: str
    words: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    documents: tuple[str, ...] = ()
    proposal: int = 0


@dataclass(frozen=True, slots=True)
class Entry(Draft):
    """An entry of the record: numbered from 1 without a gap, and chained."""

    id: int = 0
    previous: str = GENESIS
    hash: str = ""

    @property
    def ref(self) -> str:
        """The task it is about: `lang-son-2021/5k`."""
        return f"{self.plan}/{self.task}"


def digest(previous: str, id: int, columns: Iterable[str | int], at: datetime) -> str:
    """The hash of an entry: over the hash before it, its number, its time, its columns."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [previous, id, moment, *columns]
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Proof:
    """The outcome of proving the chain: how many entries, and the first that is broken.

    `broken` is None where the chain holds; `fault` says what is wrong there: `changed`,
    `missing` (a number is left out), `unchained`, or `cut` (entries at the end are gone).
    """

    count: int
    broken: int | None = None
    fault: str = ""

"""The records of the field: agencies, plans, tasks, deadlines, targets, people.

All are frozen. Dates are local dates of Việt Nam. An agency is named by its key
(`so-y-te`), a plan by its id (`lang-son-2021`), a task by plan id and task id (`5k`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a unit of work is."""

    TASK = "task"
    INDICATOR = "indicator"
    TARGET = "target"
    REPORT = "report"
    COMMUNICATION = "communication"


class Comparator(StrEnum):
    """How a reported figure is held against the target's value."""

    AT_LEAST = ">="
    MORE = ">"
    AT_MOST = "<="
    LESS = "<"
    EQUAL = "="


class Certainty(StrEnum):
    """How far a change of agency names is confirmed by a source."""

    SURE = "sure"
    LIKELY = "likely"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class Form:
    """A spelling of an agency's name.

    `weak` marks a form that is also an ordinary word ("thuế", "xây dựng"): it names the
    agency only where the sentence puts it in an agency's place.
    """

    text: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency, or a group that a plan addresses as a whole (`is_group`).

    `groups` are the keys of the groups whose duties bind this agency.
    `central` marks a body outside the province (a ministry): named, never a member.
    `plans` names the plans whose text names the agency; empty for names of today only.
    `provinces` are the slugs of the only provinces that have it; empty means all.
    """

    key: str
    name: str
    forms: tuple[Form, ...] = ()
    groups: tuple[str, ...] = ()
    is_group: bool = False
    central: bool = False
    plans: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Succession:
    """Duties passing from one agency to another.

    `kind` is merge, rename, move, split or abolish. `successor` is None where nothing
    single takes over (the district People's Committees of 2025). `provinces` limits the
    row to those province slugs (`lang-son`); empty means everywhere.
    """

    predecessor: str
    successor: str | None
    since: date
    kind: str
    basis: str
    certainty: Certainty
    provinces: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a task falls due: the plan's words and the last day in time of each occurrence.

    `every` is None for a single date, else "quarter" or "year" (both: "quarter").
    """

    words: str
    due: tuple[date, ...]
    every: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A figure to reach: `value` in `unit` ("%", "ngày làm việc"), and what it measures.

    `words` is the verbatim piece of the quote that states it.
    """

    comparator: Comparator
    value: float
    unit: str
    measures: str
    words: str


@dataclass(frozen=True, slots=True)
class Task:
    """One unit of work of a plan, as the reviewed registry states it.

    `lead` and `coordinating` hold agency keys; `addressed` holds the groups that the
    clause binds as a whole. `recipients` are those to whom a report goes.
    """

    id: str
    plan: str
    clause: str
    heading: str
    kind: Kind
    title: str
    quote: str
    lead: tuple[str, ...] = ()
    coordinating: tuple[str, ...] = ()
    addressed: tuple[str, ...] = ()
    deadline: Deadline | None = None
    recipients: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    indicators: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()

    @property
    def due(self) -> tuple[date, ...]:
        """Every last day in time, in order; empty for a standing duty."""
        return self.deadline.due if self.deadline else ()

    @property
    def responsible(self) -> tuple[str, ...]:
        """Who carries the task: the leads, then the groups addressed as a whole."""
        return self.lead + self.addressed

    @property
    def ref(self) -> str:
        """Plan and task in one word: `lang-son-2021/5k`."""
        return f"{self.plan}/{self.id}"


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of plan text that is no task: a heading, or the assessment in part I."""

    clause: str
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: what its letterhead says, its headings, and its tasks in the plan's order.

    `number`, `place` and `issued` are None where the text as given does not state them.
    `implements` cites the resolution that the plan carries out.
    """

    id: str
    province: str
    title: str
    issuer: str
    signer: str
    signer_title: str
    implements: str
    period: tuple[date, date]
    coordinator: str
    number: str | None = None
    place: str | None = None
    issued: date | None = None
    distribution: tuple[str, ...] = ()
    headings: tuple[Passage, ...] = ()
    background: tuple[Passage, ...] = ()
    tasks: tuple[Task, ...] = ()

    @property
    def year(self) -> int:
        """The plan's year: a date said without a year is of this year."""
        return self.period[0].year


class Role(StrEnum):
    """What a person is in a plan. Whoever has none of these is a guest."""

    OFFICIAL = "official"
    COORDINATOR = "coordinator"
    LEADER = "leader"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Membership:
    """A role that holds now, in one plan and one agency.

    `agency` is empty for a leader or an admin who belongs to none of the plan's agencies.
    """

    id: int
    plan: str
    agency: str
    role: Role


@dataclass(frozen=True, slots=True)
class Identity:
    """A person on a channel: `user` there, and `chat`, the private chat to write to.

    `used` is when the person last wrote there; None for never.
    """

    channel: str
    user: str
    chat: str
    used: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the bot knows: one person, however many channels and agencies.

    `identities` stand in the order in which to write to them: the channel that the person
    chose (`chosen`), then those used last. `name` is empty where nobody has told it.
    """

    id: int
    name: str
    memberships: tuple[Membership, ...] = ()
    identities: tuple[Identity, ...] = ()
    chosen: str | None = None

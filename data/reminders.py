"""The records of reminding: who listens to what, and what was sent or not, and why.

A listener is a person of the directory or a guest of a channel. A lead time is in days before
the last day in time; 0 is that day itself.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

Day = date

LEADS = (30, 7, 3, 1, 0)
"""When a deadline is announced to whoever wished nothing else."""
LONGEST_LEAD = 366
MINUTE = 7 * 60 + 30
"""When the morning's message goes out, in minutes after midnight."""
QUIET_UNTIL, QUIET_FROM = 6 * 60, 22 * 60
"""No morning's message goes out before the first or from the second on."""


class Scope(StrEnum):
    """What a subscription is for."""

    TASK = "task"
    AGENCY = "agency"
    TOPIC = "topic"
    PLAN = "plan"
    REPORTS = "reports"
    DIGEST = "digest"


class State(StrEnum):
    """What became of an alert. `unknown`: it may have arrived, nobody can say."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is reminded, and how that person wants it.

    `person` is None for a guest, who then has a channel, a user and a chat. `quiet` holds
    weekdays (Monday is 0). `heard` is the last day on which it was decided what to send,
    `covered` the last day whose announcements that decision took in.
    """

    id: int
    person: int | None
    channel: str = ""
    user: str = ""
    chat: str = ""
    minute: int = MINUTE
    quiet: frozenset[int] = frozenset()
    heard: date | None = None
    covered: date | None = None


@dataclass(frozen=True, slots=True)
class Cohort:
    """What listeners have in common for whom the same days are looked at."""

    quiet: frozenset[int]
    heard: date | None
    covered: date | None


@dataclass(frozen=True, slots=True)
class Address:
    """A chat in which somebody can be written to."""

    channel: str
    chat: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """A wish: to hear of something (`wanted`), or not to.

    `value` is a task's ref, an agency's key, a topic in words or a plan's id; `plan` limits an
    agency, a topic or the reports to one plan. No `leads` means the usual ones.
    """

    scope: Scope
    value: str
    plan: str = ""
    wanted: bool = True
    leads: tuple[int, ...] = ()
    id: int = 0


@dataclass(frozen=True, slots=True)
class Absence:
    """A leave, both days included; `deputy` is the listener who hears instead."""

    listener: int
    first: date
    last: date
    deputy: int | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing of which one listener is told, or was not, with the reason.

    Listener, channel, task, kind and date are unique. `task` is a ref, `digest/<plan>` or
    empty. `kind` is before.<lead>, overdue, snoozed, digest, absent or notice.<number>. `due`
    is the last day in time, `day` the morning for which it was decided. `why` tells whose wish
    it was: "lead:so-y-te", "task:…", "plan:…". `body` is the JSON text of a notice.
    """

    listener: int
    channel: str
    chat: str
    task: str
    kind: str
    date: Day
    due: Day
    day: Day
    why: str = ""
    agency: str = ""
    state: State = State.DUE
    reason: str = ""
    rank: int = 0
    place: int = 0
    attempts: int = 0
    body: str = ""
    at: datetime | None = None
    sent: datetime | None = None
    id: int = 0

    @property
    def key(self) -> tuple[int, str, str, str, Day]:
        """What is unique."""
        return self.listener, self.channel, self.task, self.kind, self.date


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that is known of a listener when the morning's message is decided.

    `memberships` are (plan, agency, role); `snoozes` (task, its last day in time, the day on
    which to be reminded again).
    """

    listener: Listener
    memberships: tuple[tuple[str, str, str], ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    addresses: tuple[Address, ...] = ()
    snoozes: tuple[tuple[str, date, date], ...] = ()

    @property
    def guest(self) -> bool:
        """Whether it is somebody without any role: told of public deadlines only."""
        return not self.memberships

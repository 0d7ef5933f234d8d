"""What an official says of a task, as a record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from data.deadlines import Span
from data.record import Status
from data.text.clauses import ClauseRef
from data.text.dates import Period

WEAK = "weak"


class Say(StrEnum):
    """What a person does with a task by saying something."""

    UPDATE = "update"
    YES = "yes"
    NO = "no"
    FIX = "fix"
    UNDO = "undo"
    EXTEND = "extend"
    GRANT = "grant"
    REFUSE = "refuse"
    CONFIRM = "confirm"
    RETURN = "return"
    PRESS = "press"
    SUBTASK = "subtask"
    COMMENT = "comment"
    RECEIPTS = "receipts"


@dataclass(frozen=True, slots=True)
class Told:
    """A figure that was reported, and the words that say what it counts."""

    value: float
    unit: str
    about: str = ""
    reached: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What was said.

    `ids` and `clauses` name the task, `topic` are words that may. `after` are words that may
    name it where nothing else does. `percent` is progress, `figures` are held against the
    task's targets. `period` is the quarter or month that a report is for. `weak` marks words
    that might be no statement at all ("thanh toán viện phí 60%").
    """

    say: Say
    ids: tuple[str, ...] = ()
    clauses: tuple[ClauseRef, ...] = ()
    topic: str = ""
    after: str = ""
    status: Status | None = None
    percent: int | None = None
    figures: tuple[Told, ...] = ()
    documents: tuple[str, ...] = ()
    done_on: date | None = None
    period: Span | None = None
    until: date | None = None
    note: str = ""
    assignee: str = ""
    cut: bool = False
    weak: bool = False

    @property
    def names_task(self) -> bool:
        """Whether the words name a task themselves."""
        return bool(self.ids or self.clauses or self.topic)


def span_of(periods: Iterable[Period]) -> Span | None:
    """The month, quarter, half or year that is named."""
    for period in periods:
        if period.kind in ("month", "quarter", "half", "year") and period.start and period.end:
            return period.start, period.end
    return None

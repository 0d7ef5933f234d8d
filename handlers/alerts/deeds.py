"""What a message about reminders wants, and what that needs."""

from dataclasses import dataclass
from enum import StrEnum

from data.deadlines import Span


class Deed(StrEnum):
    """What a message about reminders wants."""

    FOLLOW = "follow"
    STOP = "stop"
    LIST = "list"
    WHY = "why"
    AGAIN = "again"
    HOUR = "hour"
    REST = "rest"
    WORK = "work"
    LEAVE = "leave"
    BACK = "back"
    REPORTED = "reported"
    UNREPORTED = "unreported"
    CALENDAR = "calendar"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True)
class Said:
    """What was said: the deed, and what it needs.

    `ids` are task ids in lower case, `rest` the words that nothing explains. `leads` are days.
    `minute` counts from midnight, `span` is a leave or the period of a report, `number` the
    number of a document. `this` says that what was last shown is meant.
    """

    deed: Deed
    ids: tuple[str, ...] = ()
    rest: str = ""
    leads: tuple[int, ...] = ()
    days: int = 0
    minute: int | None = None
    weekdays: tuple[int, ...] = ()
    span: Span | None = None
    number: str = ""
    report: bool = False
    digest: bool = False
    deputy: str = ""
    this: bool = False

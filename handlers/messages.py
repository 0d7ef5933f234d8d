"""Message in, Reply out: what every channel carries and every handler speaks.

A reply is made of bubbles of lines. A choice has a number that stands in the text or on a
button, so that typing "2" works where no button can be shown; pressing it does its action.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from data.model import Target, Task


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message: where it lies under `var/`, or the address to fetch."""

    name: str
    media_type: str
    path: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What a person sent.

    `channel` is telegram, zalo, web or console; `chat` the conversation on that channel;
    `user` the person on that channel (the id only, without the channel's name).
    `at` is aware, in Asia/Ho_Chi_Minh. `key` names the delivery, so that the same one
    delivered twice takes effect once; empty where the channel has no such name.
    `press` is the action of a pressed button; `plan` limits the question to one plan.
    `reply_to` is the channel's id of the message that this one answers.
    """

    channel: str
    chat: str
    user: str
    at: datetime
    text: str = ""
    key: str = ""
    press: str = ""
    plan: str | None = None
    name: str = ""
    reply_to: str = ""
    attachments: tuple[Attachment, ...] = ()


class Style(StrEnum):
    """How a line is set where the channel can."""

    PLAIN = "plain"
    STRONG = "strong"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a reply. Text is plain: no markup of any channel."""

    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be pressed, or typed by its number.

    `action` is at most 64 bytes in UTF-8. `listed` says that the number already stands
    in the lines ("2. Sở Công Thương…"), so that a channel without buttons need not add it.
    """

    number: int
    label: str
    action: str
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A file that goes out with a reply."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message of a reply: lines, rows of choices, files."""

    lines: tuple[Line, ...]
    choices: tuple[tuple[Choice, ...], ...] = ()
    files: tuple[Document, ...] = ()

    @property
    def text(self) -> str:
        """The lines as plain text."""
        return "\n".join(line.text for line in self.lines)


class ReplyKind(StrEnum):
    """What a reply is, in the words of the contract."""

    ANSWER = "answer"
    CHOICE = "choice"
    REFUSAL = "refusal"
    CONFIRM = "confirm"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said back, and the facts that it states."""

    kind: ReplyKind
    bubbles: tuple[Bubble, ...]
    tasks: tuple[Task, ...] = ()
    agencies: tuple[str, ...] = ()
    dates: tuple[date, ...] = ()
    figures: tuple[Target, ...] = ()
    count: int | None = None
    statuses: dict[str, str] = field(default_factory=dict)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Every choice of every bubble, in order."""
        return tuple(c for b in self.bubbles for row in b.choices for c in row)

    @property
    def text(self) -> str:
        """All bubbles as plain text."""
        return "\n\n".join(b.text for b in self.bubbles)

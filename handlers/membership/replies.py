"""What replies about people are made of: lines, options with buttons, names of channels."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from data.errors import StoreBrokenError
from data.model import Identity
from handlers.failures import failure
from handlers.messages import Bubble, Choice, Line, Reply, ReplyKind, Style
from handlers.wording import listing, say

PRESS = "mem."
"""Stands before the actions of these buttons."""
_BUTTON_LASTS = timedelta(minutes=15)


def offered(kind: ReplyKind, text: Sequence[str], options: Sequence[tuple[str, str]]) -> Reply:
    """Lines, then numbered options with their buttons; an option is a label and a deed."""
    lines = [Line(text[0], Style.STRONG), *(Line(line) for line in text[1:])]
    rows = []
    for number, (label, deed) in enumerate(options, 1):
        lines.append(Line(f"{number}. {label}"))
        rows.append((Choice(number, label, f"{PRESS}{deed}", listed=True),))
    return Reply(kind, (Bubble(tuple(lines), tuple(rows)),))


def reply(kind: ReplyKind, lines: Sequence[str]) -> Reply:
    """A reply of plain lines."""
    return Reply(kind, (Bubble(tuple(Line(line) for line in lines)),))


def refused(key: str, **places: object) -> Reply:
    """A refusal in one sentence of the catalogue."""
    return reply(ReplyKind.REFUSAL, [say(key, **places)])


def no_store() -> Reply:
    """What is said where nothing can be stored."""
    return failure(StoreBrokenError("nothing can be stored"))


def channel_name(name: str) -> str:
    """The name of a channel."""
    return say(f"channel.{name}")


def channel_names(identities: Iterable[Identity]) -> str:
    """The names of the channels of these identities."""
    return listing(dict.fromkeys(channel_name(one.channel) for one in identities))


def stamped(at: datetime) -> str:
    """The time of a button, as it stands in its action."""
    return format(int(at.timestamp()), "x")


def fresh(stamp: str, now: datetime) -> bool:
    """Whether a button made at `stamp` may still be pressed."""
    try:
        age = timedelta(seconds=now.timestamp() - int(stamp, 16))
    except (ValueError, OverflowError):
        return False
    return timedelta(seconds=-1) <= age <= _BUTTON_LASTS

"""What a channel is, what it can carry, and how a reply is fitted to it.

A channel hands each message to the core and renders the reply within its own limits.
"""

import hashlib
import hmac
import logging
import unicodedata
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from data.errors import ChannelAuthError, ChannelError, ChannelRefusedError
from handlers.messages import Bubble, Choice, Line, Message, Reply, ReplyKind
from handlers.wording import say

log = logging.getLogger(__name__)
_JOINERS = {"\u200d", "\ufe0e", "\ufe0f"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel can carry. `text` counts characters in NFC."""

    text: int
    buttons: bool
    files: bool
    editing: bool


@dataclass(frozen=True, slots=True)
class Health:
    """How a channel is: `last_ok` is when the messenger last answered, aware.

    `notice` is what an administrator should know although the channel works.
    """

    name: str
    up: bool
    last_ok: datetime | None = None
    last_error: str = ""
    notice: str = ""


class Revealing(Protocol):
    """A secret of the settings."""

    def reveal(self) -> str:
        """The secret itself."""


class Core(Protocol):
    """The one conversation core behind every channel."""

    async def receive(self, message: Message) -> Reply | None:
        """The reply, or None for a delivery that was already answered."""

    async def answered(self, message: Message) -> None:
        """Records that the reply to this delivery reached the messenger."""


class Channel(Protocol):
    """A messenger. `start` returns when it is up; `stop` waits for work under way."""

    name: str
    limits: Limits

    async def start(self) -> None:
        """Begins to receive."""

    async def stop(self) -> None:
        """Stops receiving and finishes what is under way."""

    async def send(self, chat: str, reply: Reply) -> None:
        """Sends unasked (a reminder). Raises a ChannelError."""


async def introduced(
    messenger: str, introduce: Callable[[], Awaitable[None]], close: Callable[[], Awaitable[None]]
) -> None:
    """Makes the bot known to a messenger. What a token or an address that is refused raises is
    raised after `close`; where the network is away, the caller goes on trying."""
    try:
        await introduce()
    except (ChannelAuthError, ChannelRefusedError):
        await close()
        raise
    except ChannelError as error:
        log.warning("%s cannot be reached, trying on: %s", messenger, error)


def revealed(secret: str | Revealing) -> str:
    """The secret itself."""
    return secret if isinstance(secret, str) else secret.reveal()


def derived(token: str) -> str:
    """A secret for a webhook that was given none, and would take messages from anyone."""
    return hmac.new(token.encode(), b"dondoc webhook", hashlib.sha256).hexdigest()


def sentence(key: str) -> Reply:
    """A sentence of the catalogue, said where the core cannot be asked."""
    return Reply(ReplyKind.REFUSAL, (Bubble((Line(say(key)),)),))


def numbered(bubble: Bubble) -> str:
    """The bubble's text, with a line for each choice that the text does not list itself."""
    extra = [
        f"{choice.number}. {choice.label}"
        for row in bubble.choices
        for choice in row
        if not choice.listed
    ]
    return "\n".join([*([bubble.text] if bubble.lines else []), *extra])


def rows(bubble: Bubble) -> list[list[Choice]]:
    """The rows of buttons, without empty ones."""
    return [list(row) for row in bubble.choices if row]


def split(text: str, limit: int) -> Iterator[str]:
    """Pieces of at most `limit` NFC characters: cut at a blank line, a line, or a space."""
    rest = unicodedata.normalize("NFC", text).strip()
    while len(rest) > limit:
        cut = _cut(rest, limit)
        yield rest[:cut].rstrip()
        rest = rest[cut:].lstrip()
    if rest:
        yield rest


def pages(lines: Iterable[Line], limit: int) -> Iterator[tuple[Line, ...]]:
    """Styled lines in groups of at most `limit` NFC characters, newlines counted."""
    page: list[Line] = []
    used = 0
    for line in _fitted(lines, limit):
        size = len(line.text) + (1 if page else 0)
        if used + size > limit:
            yield from _trimmed(page)
            page, used, size = [], 0, len(line.text)
        page.append(line)
        used += size
    yield from _trimmed(page)


def _cut(text: str, limit: int) -> int:
    for mark, lowest in (("\n\n", limit // 2), ("\n", limit // 2), (" ", 1), ("\n", 1)):
        found = text.rfind(mark, max(lowest, 1), limit + 1)
        if found > 0:
            return found
    cut = limit
    while cut > 1 and (
        unicodedata.combining(text[cut]) or text[cut] in _JOINERS or text[cut - 1] in _JOINERS
    ):
        cut -= 1
    return cut


def _fitted(lines: Iterable[Line], limit: int) -> Iterator[Line]:
    for line in lines:
        text = unicodedata.normalize("NFC", line.text)
        for piece in [text] if len(text) <= limit else split(text, limit):
            yield Line(piece, line.style)


def _trimmed(page: list[Line]) -> Iterator[tuple[Line, ...]]:
    """The page without blank lines at either end; nothing if it was blank."""
    filled = [index for index, line in enumerate(page) if line.text.strip()]
    if filled:
        yield tuple(page[filled[0] : filled[-1] + 1])

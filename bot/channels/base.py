"""What a channel is, what it can carry, and how a reply is fitted to it.

A channel hands each message to the core and renders the reply within its own limits.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from handlers.messages import Bubble, Choice, Message, Reply


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel can carry. `text` counts characters in NFC."""

    text: int
    buttons: bool
    files: bool
    editing: bool


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


def numbered(bubble: Bubble) -> str:
    """The bubble's text, with a line for each choice that the text does not list itself."""
    extra = [
        f"{choice.number}. {choice.label}"
        for row in bubble.choices
        for choice in row
        if not choice.listed
    ]
    return "\n".join([bubble.text, *extra])


def rows(bubble: Bubble) -> list[list[Choice]]:
    """The rows of buttons, without empty ones."""
    return [list(row) for row in bubble.choices if row]


def split(text: str, limit: int) -> Iterator[str]:
    """Pieces of at most `limit` NFC characters: cut at a blank line, a line, or a space."""
    rest = unicodedata.normalize("NFC", text).strip()
    while len(rest) > limit:
        cut = next(
            (i for i in (rest.rfind(mark, limit // 2, limit + 1) for mark in ("\n\n", "\n", " "))
             if i > 0),
            limit,
        )
        yield rest[:cut].rstrip()
        rest = rest[cut:].lstrip()
    if rest:
        yield rest

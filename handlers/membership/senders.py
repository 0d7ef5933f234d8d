"""Whoever sends a message: alone or in a group, by what name, and as which person."""

from datetime import timedelta
from typing import TYPE_CHECKING

from data.model import Person
from data.text.normalise import clean
from handlers.messages import Message

if TYPE_CHECKING:
    from data.store.people import Connection

NAME_LENGTH = 80
_USED_AFTER = timedelta(minutes=10)


def named(text: str) -> str:
    """A name as it is kept: one line without control characters, 80 characters at most."""
    sound = clean(text).encode("utf-8", "ignore").decode()
    return " ".join(sound.split())[:NAME_LENGTH].strip()


def is_private(message: Message) -> bool:
    """Whether only the person reads the chat: what is secret is said nowhere else."""
    if message.channel in ("telegram", "zalo"):
        return message.chat == message.user and not message.user.startswith("-")
    return True


def own_chat(message: Message) -> str | None:
    """The chat in which to write to the person alone; None in a group."""
    return message.chat if is_private(message) else None


def anonymous(message: Message) -> bool:
    """Whether a group or a channel speaks, and no person (Telegram's negative ids)."""
    return message.channel == "telegram" and message.user.startswith("-")


def stale(message: Message, person: Person) -> bool:
    """Whether it is worth noting that the person writes here now."""
    here = next(
        (
            one
            for one in person.identities
            if (one.channel, one.user) == (message.channel, message.user)
        ),
        None,
    )
    if here is None or here.used is None:
        return here is not None
    latest = max(one.used for one in person.identities if one.used)
    chat = own_chat(message)
    moved = chat is not None and chat != here.chat
    return moved or here.used < latest or abs(message.at - here.used) >= _USED_AFTER


async def newcomer(connection: "Connection", name: str, message: Message) -> int:
    """A new person, who writes here; the id."""
    from data.store import people

    id = await people.add(connection, name, message.at)
    await identify(connection, id, message)
    return id


async def identify(connection: "Connection", person: int, message: Message) -> None:
    """Makes whoever writes here this person."""
    from data.store import people

    channel, user = message.channel, message.user
    chat = own_chat(message) or user
    await people.add_identity(connection, person, channel, user, chat, message.at)
    await people.used(connection, channel, user, None, message.at)

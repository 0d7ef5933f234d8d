"""What was last spoken of in a chat, as JSON text that the handlers understand."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from data.store.schema import conversations, deliveries

_CHAT = (
    conversations.c.channel == bindparam("in_channel"),
    conversations.c.chat == bindparam("in_chat"),
)
_KEY = (
    deliveries.c.channel == bindparam("in_channel"),
    deliveries.c.key == bindparam("in_key"),
)
_RECALL = select(
    select(conversations.c.state).where(*_CHAT).scalar_subquery().label("state"),
    select(deliveries.c.reply).where(*_KEY).scalar_subquery().label("reply"),
    select(deliveries.c.answered).where(*_KEY).scalar_subquery().label("answered"),
)
_CHANGE = update(conversations).where(*_CHAT)
_FORGET = delete(conversations).where(*_CHAT)
_ADD = insert(conversations)


@dataclass(frozen=True, slots=True)
class Recollection:
    """What is known when a message comes in.

    `state` is None for a chat never heard of. `answered` is None for a new delivery; where it
    is False, `reply` is the JSON text of the reply that may not have arrived.
    """

    state: str | None
    reply: str | None
    answered: bool | None


async def recall(connection: AsyncConnection, channel: str, chat: str, key: str) -> Recollection:
    """The state of the chat and the fate of the delivery `key`, in one statement."""
    found = await connection.execute(
        _RECALL, {"in_channel": channel, "in_chat": chat, "in_key": key}
    )
    return Recollection(*found.one())


async def save(
    connection: AsyncConnection, channel: str, chat: str, state: str, at: datetime
) -> None:
    """Puts the state in place of the last one."""
    values = {"state": state, "at": at}
    changed = await connection.execute(_CHANGE, {"in_channel": channel, "in_chat": chat, **values})
    if not changed.rowcount:
        await connection.execute(_ADD, {"channel": channel, "chat": chat, **values})


async def forget(connection: AsyncConnection, channel: str, chat: str) -> None:
    """Removes the state of a chat."""
    await connection.execute(_FORGET, {"in_channel": channel, "in_chat": chat})


async def forget_before(connection: AsyncConnection, at: datetime) -> None:
    """Removes every chat that was silent since `at`."""
    await connection.execute(delete(conversations).where(conversations.c.at < at))

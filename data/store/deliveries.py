"""Which deliveries of a messenger were dealt with, and what was replied to each.

The reply is kept until it is known to have arrived, so that a delivery repeated after a crash
gets the same reply and takes effect once. `conversations.recall` finds it.
"""

from datetime import datetime

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from data.store.schema import deliveries

_RECORD = insert(deliveries)
_ANSWERED = (
    update(deliveries)
    .where(
        deliveries.c.channel == bindparam("in_channel"), deliveries.c.key == bindparam("in_key")
    )
    .values(answered=True, reply="")
)


async def record(
    connection: AsyncConnection, channel: str, key: str, chat: str, at: datetime, reply: str
) -> None:
    """Notes the delivery with its reply as JSON text, not answered yet."""
    values = {"channel": channel, "key": key, "chat": chat, "at": at, "reply": reply}
    await connection.execute(_RECORD, {**values, "answered": False})


async def answered(connection: AsyncConnection, channel: str, key: str) -> None:
    """Notes that the reply arrived, and lets go of its text."""
    await connection.execute(_ANSWERED, {"in_channel": channel, "in_key": key})


async def forget_before(connection: AsyncConnection, at: datetime) -> None:
    """Removes the deliveries before `at`; messengers repeat theirs for a day at most."""
    await connection.execute(delete(deliveries).where(deliveries.c.at < at))

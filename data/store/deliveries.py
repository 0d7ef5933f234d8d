"""Which deliveries of a messenger were dealt with, and what was replied to each.

The reply is kept until it is known to have arrived, so that a delivery repeated after a crash
gets the same reply and takes effect once.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from data.store.schema import deliveries


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery dealt with: its reply as JSON text (empty once answered)."""

    reply: str
    answered: bool


async def find(connection: AsyncConnection, channel: str, key: str) -> Delivery | None:
    """The delivery of that key; None where it is new."""
    row = (
        await connection.execute(
            select(deliveries.c.reply, deliveries.c.answered).where(
                deliveries.c.channel == channel, deliveries.c.key == key
            )
        )
    ).first()
    return Delivery(row.reply, row.answered) if row else None


async def record(
    connection: AsyncConnection, channel: str, key: str, chat: str, at: datetime, reply: str
) -> None:
    """Notes the delivery with its reply, not answered yet."""
    await connection.execute(
        insert(deliveries).values(
            channel=channel, key=key, chat=chat, at=at, reply=reply, answered=False
        )
    )


async def answered(connection: AsyncConnection, channel: str, key: str) -> None:
    """Notes that the reply arrived, and lets go of its text."""
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.channel == channel, deliveries.c.key == key)
        .values(answered=True, reply="")
    )


async def forget_before(connection: AsyncConnection, at: datetime) -> None:
    """Removes the deliveries before `at`; messengers repeat theirs for a day at most."""
    await connection.execute(delete(deliveries).where(deliveries.c.at < at))

"""Chats that take no messages, until their person writes again."""

from datetime import datetime

from sqlalchemy import and_, delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from data.reminders import Listener
from data.store.schema import identities, unreachable


async def refused(
    connection: AsyncConnection, channel: str, chat: str, reason: str, at: datetime
) -> None:
    """Remembers that a chat takes no messages, until its person writes again."""
    await admitted(connection, channel, chat)
    values = {"channel": channel, "chat": chat, "since": at, "reason": reason[:200]}
    await connection.execute(insert(unreachable), values)


async def admitted(connection: AsyncConnection, channel: str, chat: str) -> None:
    """Forgets that a chat took no messages."""
    where = (unreachable.c.channel == channel, unreachable.c.chat == chat)
    await connection.execute(delete(unreachable).where(*where))


async def refusing(connection: AsyncConnection, listener: Listener) -> tuple[str, ...]:
    """The channels on which a listener cannot be written to."""
    place = and_(
        identities.c.channel == unreachable.c.channel, identities.c.chat == unreachable.c.chat
    )
    silent = or_(identities.c.used.is_(None), identities.c.used <= unreachable.c.since)
    query = select(unreachable.c.channel).join(identities, place)
    query = query.where(identities.c.person == listener.person, silent)
    if listener.person is None:
        query = select(unreachable.c.channel).where(
            unreachable.c.channel == listener.channel, unreachable.c.chat == listener.chat
        )
    return tuple((await connection.execute(query)).scalars())

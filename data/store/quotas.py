"""What a messenger's plan limits: messages a month in both directions, and people a bot."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from data.store.schema import contacts, traffic

_MONTH = (
    traffic.c.channel == bindparam("in_channel"),
    traffic.c.bot == bindparam("in_bot"),
    traffic.c.month == bindparam("in_month"),
)
_COUNT = (
    update(traffic)
    .where(*_MONTH)
    .values(
        sent=traffic.c.sent + bindparam("in_sent"),
        received=traffic.c.received + bindparam("in_received"),
    )
)
_TOLD = select(traffic.c.sent, traffic.c.received).where(*_MONTH)
_BOT = (
    contacts.c.channel == bindparam("in_channel"),
    contacts.c.bot == bindparam("in_bot"),
)
_PEOPLE = select(func.count()).select_from(contacts).where(*_BOT)
_KNOWN = select(contacts.c.since).where(*_BOT, contacts.c.user == bindparam("in_user"))


@dataclass(frozen=True, slots=True)
class Count:
    """Messages of one month (`2026-11`, local time), and everybody who ever wrote to the bot."""

    month: str
    sent: int = 0
    received: int = 0
    users: int = 0


async def add(
    connection: AsyncConnection, channel: str, bot: str, month: str, sent: int, received: int
) -> None:
    """Adds to the messages of a month."""
    where = {"in_channel": channel, "in_bot": bot, "in_month": month}
    more = {"in_sent": sent, "in_received": received}
    changed = await connection.execute(_COUNT, where | more)
    if not changed.rowcount:
        values = {"channel": channel, "bot": bot, "month": month}
        await connection.execute(insert(traffic), values | {"sent": sent, "received": received})


async def meet(
    connection: AsyncConnection, channel: str, bot: str, user: str, at: datetime
) -> bool:
    """Remembers a person; True where it is the first time."""
    where = {"in_channel": channel, "in_bot": bot, "in_user": user}
    if (await connection.execute(_KNOWN, where)).first() is not None:
        return False
    values = {"channel": channel, "bot": bot, "user": user, "since": at}
    await connection.execute(insert(contacts), values)
    return True


async def count(connection: AsyncConnection, channel: str, bot: str, month: str) -> Count:
    """What was counted for a month so far."""
    where = {"in_channel": channel, "in_bot": bot}
    told = (await connection.execute(_TOLD, where | {"in_month": month})).first()
    users = int(await connection.scalar(_PEOPLE, where) or 0)
    return Count(month, told.sent, told.received, users) if told else Count(month, users=users)

"""Updates that await their yes: one for each person in a chat, kept over a restart.

What is settled keeps its row, without its words, until it is tidied away: the rows of the last
minutes tell how fast a person goes.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from data.store.schema import proposals

_PLACE = (
    proposals.c.channel == bindparam("in_channel"),
    proposals.c.chat == bindparam("in_chat"),
    proposals.c.user == bindparam("in_user"),
)
_WAITING = select(proposals.c.id, proposals.c.body, proposals.c.at).where(
    *_PLACE, proposals.c.waiting
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What awaits a yes: `body` as JSON text that the handlers understand, since `at`."""

    id: int
    body: str
    at: datetime


async def waiting(
    connection: AsyncConnection, channel: str, chat: str, user: str
) -> Proposal | None:
    """What awaits this person's yes in this chat."""
    where = {"in_channel": channel, "in_chat": chat, "in_user": user}
    found = (await connection.execute(_WAITING, where)).first()
    return Proposal(*found) if found else None


async def propose(
    connection: AsyncConnection, channel: str, chat: str, user: str, body: str, at: datetime
) -> int:
    """Lets this await a yes in place of what did; its id."""
    where = {"in_channel": channel, "in_chat": chat, "in_user": user}
    await connection.execute(
        update(proposals).where(*_PLACE, proposals.c.waiting).values(waiting=False, body=""), where
    )
    values = {"channel": channel, "chat": chat, "user": user, "body": body, "at": at}
    added = await connection.execute(
        insert(proposals).values(**values, waiting=True).returning(proposals.c.id)
    )
    return int(added.scalar_one())


async def amend(connection: AsyncConnection, id: int, body: str, at: datetime) -> None:
    """Puts another body in the place of the one that waits, and lets it wait from now on."""
    await connection.execute(
        update(proposals).where(proposals.c.id == id).values(body=body, at=at)
    )


async def settle(connection: AsyncConnection, id: int) -> bool:
    """Notes that it waits no more, and lets go of its words; False if it did not wait."""
    changed = await connection.execute(
        update(proposals)
        .where(proposals.c.id == id, proposals.c.waiting)
        .values(waiting=False, body="")
    )
    return bool(changed.rowcount)


async def made_since(connection: AsyncConnection, channel: str, user: str, since: datetime) -> int:
    """How many a person has made on a channel since then."""
    count = select(func.count()).where(
        proposals.c.channel == channel, proposals.c.user == user, proposals.c.at > since
    )
    return int(await connection.scalar(count) or 0)


async def forget_before(connection: AsyncConnection, at: datetime) -> None:
    """Removes everything older than `at`, waiting or not."""
    await connection.execute(delete(proposals).where(proposals.c.at < at))

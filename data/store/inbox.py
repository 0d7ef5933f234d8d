"""What a messenger handed over, kept from before we thank it until the reply has gone.

`begun` counts the messages of the reply whose sending has begun. The messenger has no way to
say whether one of those arrived, so after a crash the reply goes on behind them. The words are
let go of as soon as the row is done; the key stays, so that a repetition is known.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from data.store.schema import inbox

_KNOWN = select(inbox.c.id).where(
    inbox.c.channel == bindparam("in_channel"), inbox.c.key == bindparam("in_key")
)
_ADD = insert(inbox).returning(inbox.c.id)
_ROW = update(inbox).where(inbox.c.id == bindparam("in_id"))
_BEGIN = _ROW.values(begun=bindparam("in_begun"))
_FINISH = _ROW.values(done=True, body="")
_UNFINISHED = (
    select(inbox.c.id, inbox.c.key, inbox.c.body, inbox.c.at, inbox.c.begun)
    .where(inbox.c.channel == bindparam("in_channel"), inbox.c.done.is_(False))
    .order_by(inbox.c.id)
)


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery not dealt with: `body` as JSON text, `at` when it came."""

    id: int
    key: str
    body: str
    at: datetime
    begun: int


async def put(
    connection: AsyncConnection, channel: str, key: str, body: str, at: datetime
) -> int | None:
    """The id of the new row, or None for a delivery already known."""
    known = await connection.execute(_KNOWN, {"in_channel": channel, "in_key": key})
    if known.first() is not None:
        return None
    values = {"channel": channel, "key": key, "body": body, "at": at, "begun": 0, "done": False}
    added = await connection.execute(_ADD, values)
    return int(added.scalar_one())


async def begin(connection: AsyncConnection, id: int, begun: int) -> None:
    """Notes how many messages of the reply may have been sent."""
    await connection.execute(_BEGIN, {"in_id": id, "in_begun": begun})


async def finish(connection: AsyncConnection, id: int) -> None:
    """Notes that nothing is left to do, and lets go of the words."""
    await connection.execute(_FINISH, {"in_id": id})


async def unfinished(connection: AsyncConnection, channel: str) -> list[Row]:
    """The rows to take up again, in the order in which they came."""
    found = await connection.execute(_UNFINISHED, {"in_channel": channel})
    return [Row(*row) for row in found]


async def forget_before(connection: AsyncConnection, at: datetime) -> None:
    """Removes what was done with and came before `at`."""
    await connection.execute(delete(inbox).where(inbox.c.at < at, inbox.c.done))

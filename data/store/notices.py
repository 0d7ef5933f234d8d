"""What people are to be told, in the order in which it arose: the outbox.

A notice is written in the transaction of what gave rise to it and sent later, by whoever asks
for the `unsent`. It is seen when the person next writes or presses a button, answered when
the person acts on the task; `entry` is the entry of the record that it tells of.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from data.store.schema import notices

_COLUMNS = (
    notices.c.id, notices.c.person, notices.c.body, notices.c.entry, notices.c.at,
    notices.c.sent, notices.c.seen, notices.c.answered,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice for one person.

    `body` is plain JSON data: `key` and `places` for the catalogue, `task` by its ref, and
    `choices` as [label key, action] where buttons belong to it.
    """

    id: int
    person: int
    body: Mapping[str, Any]
    entry: int
    at: datetime
    sent: datetime | None = None
    seen: datetime | None = None
    answered: datetime | None = None


async def put(
    connection: AsyncConnection, person: int, body: Mapping[str, Any], entry: int, at: datetime
) -> int:
    """Puts a notice into the outbox; its id."""
    values = {"person": person, "body": json.dumps(dict(body)), "entry": entry, "at": at}
    added = await connection.execute(insert(notices).values(**values).returning(notices.c.id))
    return int(added.scalar_one())


async def unsent(connection: AsyncConnection, limit: int = 100) -> tuple[Notice, ...]:
    """What is still to be sent, the oldest first."""
    rows = select(*_COLUMNS).where(notices.c.sent.is_(None)).order_by(notices.c.id).limit(limit)
    return tuple(_notice(*row) for row in await connection.execute(rows))


async def of_entry(connection: AsyncConnection, entry: int) -> tuple[Notice, ...]:
    """Every notice that tells of an entry: who was told, who saw it, who answered."""
    rows = select(*_COLUMNS).where(notices.c.entry == entry).order_by(notices.c.id)
    return tuple(_notice(*row) for row in await connection.execute(rows))


async def sent(connection: AsyncConnection, id: int, at: datetime) -> None:
    """Notes that the notice was sent (or can never be)."""
    await connection.execute(update(notices).where(notices.c.id == id).values(sent=at))


async def withdraw(connection: AsyncConnection, entry: int) -> None:
    """Takes out of the outbox what tells of an entry that was taken back."""
    await connection.execute(
        delete(notices).where(notices.c.entry == entry, notices.c.sent.is_(None))
    )


async def unseen(connection: AsyncConnection, person: int) -> bool:
    """Whether anything was sent to the person and not seen."""
    where = (notices.c.person == person, notices.c.sent.is_not(None), notices.c.seen.is_(None))
    return (
        await connection.execute(select(notices.c.id).where(*where).limit(1))
    ).first() is not None


async def seen(connection: AsyncConnection, person: int, at: datetime) -> None:
    """Notes that the person has seen what was sent so far."""
    where = (notices.c.person == person, notices.c.sent.is_not(None), notices.c.seen.is_(None))
    await connection.execute(update(notices).where(*where).values(seen=at))


async def answered(connection: AsyncConnection, person: int, entry: int, at: datetime) -> None:
    """Notes that the person acted on what the notices of an entry ask for."""
    where = (notices.c.person == person, notices.c.entry == entry, notices.c.answered.is_(None))
    await connection.execute(update(notices).where(*where).values(answered=at))


def _notice(id: int, person: int, body: str, *rest: Any) -> Notice:
    return Notice(id, person, json.loads(body), *rest)

"""Files that people sent and that no update is known to refer to yet.

Only what stands here is ever thrown away: a file of which this database knows nothing may
belong to another one, or to the record of a backup.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from data.store.schema import entries, proposals, received


async def note(connection: AsyncConnection, paths: Iterable[str], at: datetime) -> None:
    """Notes that these files came; one that came before counts from now on."""
    for path in dict.fromkeys(paths):
        await connection.execute(delete(received).where(received.c.path == path))
        await connection.execute(insert(received).values(path=path, at=at))


async def unused(connection: AsyncConnection, before: datetime) -> tuple[str, ...]:
    """The files that came before then, and to which no update refers nor one that awaits its
    yes; what is referred to is noted here no longer."""
    came = select(received.c.path).where(received.c.at < before).order_by(received.c.path)
    found = []
    for path in (await connection.execute(came)).scalars().all():
        if await _entered(connection, path):
            await forget(connection, path)
        elif not await _awaited(connection, path):
            found.append(path)
    return tuple(found)


async def forget(connection: AsyncConnection, path: str) -> None:
    """Takes a file off the list."""
    await connection.execute(delete(received).where(received.c.path == path))


async def _entered(connection: AsyncConnection, path: str) -> bool:
    named = entries.c.evidence.contains(path, autoescape=True)
    return (
        await connection.execute(select(entries.c.id).where(named).limit(1))
    ).first() is not None


async def _awaited(connection: AsyncConnection, path: str) -> bool:
    named = proposals.c.body.contains(path, autoescape=True)
    query = select(proposals.c.id).where(proposals.c.waiting, named).limit(1)
    return (await connection.execute(query)).first() is not None

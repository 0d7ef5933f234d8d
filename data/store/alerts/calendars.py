"""Calendars opened under a secret, until they are revoked."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from data.store.schema import calendars


async def offer_calendar(
    connection: AsyncConnection, digest: str, id: int, agency: str, plan: str, at: datetime
) -> None:
    """Opens a calendar under a secret, of which only the digest is kept."""
    values = {"digest": digest, "listener": id, "agency": agency, "plan": plan, "made": at}
    await connection.execute(insert(calendars), values)


async def calendar(connection: AsyncConnection, digest: str) -> tuple[int, str, str] | None:
    """Listener, agency and plan of an open calendar; None where it is closed or never was."""
    row = (
        await connection.execute(
            select(calendars.c.listener, calendars.c.agency, calendars.c.plan).where(
                calendars.c.digest == digest, calendars.c.revoked.is_(None)
            )
        )
    ).first()
    return (row[0], row[1], row[2]) if row else None


async def revoke_calendars(
    connection: AsyncConnection, id: int, agency: str | None, at: datetime
) -> int:
    """Closes a listener's calendars, or those of one agency; how many."""
    where = [calendars.c.listener == id, calendars.c.revoked.is_(None)]
    if agency is not None:
        where.append(calendars.c.agency == agency)
    closed = await connection.execute(update(calendars).where(*where).values(revoked=at))
    return closed.rowcount

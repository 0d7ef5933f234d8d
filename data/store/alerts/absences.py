"""Who is on leave, and who hears instead."""

from datetime import date

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from data.reminders import Absence
from data.store.schema import absences


async def leave(connection: AsyncConnection, absence: Absence) -> None:
    """Enters a leave in place of what was entered for the same days or later."""
    await back(connection, absence.listener, absence.first)
    values = {
        "listener": absence.listener, "first": absence.first, "last": absence.last,
        "deputy": absence.deputy,
    }  # fmt: skip
    await connection.execute(insert(absences), values)


async def back(connection: AsyncConnection, id: int, day: date) -> bool:
    """Ends the leave of a listener from that day on; False where there is none."""
    where = (absences.c.listener == id, absences.c.last >= day)
    gone = await connection.execute(delete(absences).where(*where))
    return bool(gone.rowcount)


async def away(connection: AsyncConnection, day: date) -> tuple[Absence, ...]:
    """Everybody on leave on that day."""
    found = await connection.execute(
        select(absences.c.listener, absences.c.first, absences.c.last, absences.c.deputy)
        .where(absences.c.first <= day, absences.c.last >= day)
        .order_by(absences.c.id)
    )
    return tuple(Absence(*row) for row in found)

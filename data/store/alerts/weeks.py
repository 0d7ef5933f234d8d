"""The counts of each week, for the comparison a week later."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from data.store.alerts.insertion import ignoring
from data.store.schema import weeks


async def week(connection: AsyncConnection, plan: str, before: date) -> str | None:
    """The counts of the last week before a day, as JSON text."""
    found: str | None = await connection.scalar(
        select(weeks.c.counts)
        .where(weeks.c.plan == plan, weeks.c.day < before)
        .order_by(weeks.c.day.desc())
        .limit(1)
    )
    return found


async def put_week(connection: AsyncConnection, plan: str, day: date, counts: str) -> None:
    """Keeps the counts of the week that begins on that day; the first ones stay."""
    values = {"plan": plan, "day": day, "counts": counts}
    await connection.execute(ignoring(connection, weeks), values)

"""Whoever holds a role listens without having asked: who has no row yet gets one."""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from data.reminders import MINUTE
from data.store.alerts.listeners import of_person
from data.store.alerts.subscriptions import subscribe, wishes_of
from data.store.schema import (
    absences,
    alerts,
    calendars,
    identities,
    listeners,
    memberships,
    people,
    snoozes,
    subscriptions,
)

_MISSING = (
    select(memberships.c.person, func.max(memberships.c.since).label("since"))
    .where(
        memberships.c.ended.is_(None),
        ~exists().where(listeners.c.person == memberships.c.person),
    )
    .group_by(memberships.c.person)
)


async def unenrolled(connection: AsyncConnection) -> bool:
    """Whether somebody holds a role and is no listener yet."""
    return (await connection.execute(_MISSING.limit(1))).first() is not None


async def enrol(connection: AsyncConnection, now: datetime, begins: datetime) -> None:
    """Makes listeners of all who hold a role; guests who joined become persons.

    Whoever got the role today, after `begins`, first hears on the next morning.
    """
    await _adopt(connection)
    today = now.date()
    rows = [
        {
            "person": row.person, "channel": "", "user": "", "chat": "", "minute": MINUTE,
            "quiet": "", "heard": today if begins <= row.since <= now else None,
            "covered": today - timedelta(days=1),
        }
        for row in await connection.execute(_MISSING)
    ]  # fmt: skip
    if rows:
        await connection.execute(insert(listeners), rows)


async def _adopt(connection: AsyncConnection) -> None:
    """Guests who meanwhile are persons, and persons merged into others, keep their wishes."""
    joined = await connection.execute(
        select(listeners.c.id, identities.c.person)
        .join(
            identities,
            and_(
                identities.c.channel == listeners.c.channel, identities.c.user == listeners.c.user
            ),
        )
        .where(listeners.c.person.is_(None))
    )
    merged = await connection.execute(
        select(listeners.c.id, people.c.merged_into)
        .join(people, people.c.id == listeners.c.person)
        .where(people.c.merged_into.is_not(None))
    )
    for id, person in [*joined, *merged]:
        kept = await of_person(connection, person)
        if kept is None:
            where = listeners.c.id == id
            await connection.execute(update(listeners).where(where).values(person=person))
        elif kept.id != id:
            await _move(connection, id, kept.id)


async def _move(connection: AsyncConnection, gone: int, kept: int) -> None:
    """Gives one listener's wishes to another; the log goes with the row that is no more."""
    for wish in await wishes_of(connection, gone):
        await subscribe(connection, kept, wish)
    for table in (snoozes, subscriptions, alerts, absences):
        await connection.execute(delete(table).where(table.c.listener == gone))
    for table, column in ((absences, absences.c.deputy), (calendars, calendars.c.listener)):
        await connection.execute(update(table).where(column == gone).values({column.name: kept}))
    await connection.execute(delete(listeners).where(listeners.c.id == gone))

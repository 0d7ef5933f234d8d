"""Whose hour has come this morning. A listener's `heard` decides whether it was dealt with."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from data.reminders import Cohort, Listener
from data.store.alerts.listeners import LISTENER, listener_of, quiet_days, quiet_text
from data.store.schema import listeners, snoozes, subscriptions


def _unheard(day: date, minute: int) -> ColumnElement[bool]:
    """Whose hour has come, and whose morning was not dealt with."""
    unheard = or_(listeners.c.heard.is_(None), listeners.c.heard < day)
    return and_(unheard, listeners.c.minute <= minute)


async def waiting(connection: AsyncConnection, day: date, minute: int) -> bool:
    """Whether the hour has come of anybody whose morning was not dealt with."""
    query = select(listeners.c.id).where(_unheard(day, minute)).limit(1)
    return (await connection.execute(query)).first() is not None


async def cohorts(connection: AsyncConnection, day: date, minute: int) -> list[Cohort]:
    """Those whose hour has come, in groups for whom the same days are looked at."""
    columns = listeners.c.quiet, listeners.c.heard, listeners.c.covered
    found = await connection.execute(
        select(*columns).where(_unheard(day, minute)).group_by(*columns)
    )
    return [Cohort(quiet_days(quiet), heard, covered) for quiet, heard, covered in found]


def _belongs(cohort: Cohort, day: date, minute: int) -> list[ColumnElement[bool]]:
    return [
        _unheard(day, minute),
        listeners.c.quiet == quiet_text(cohort.quiet),
        listeners.c.heard.is_not_distinct_from(cohort.heard),
        listeners.c.covered.is_not_distinct_from(cohort.covered),
    ]


async def concerned(
    connection: AsyncConnection,
    cohort: Cohort,
    day: date,
    minute: int,
    after: int,
    limit: int,
    values: Collection[str] | None,
    others: Collection[int],
) -> list[Listener]:
    """Those of a cohort to whom anything may be told, by id from `after`, at most `limit`.

    That is whoever holds a role, wants to be reminded again, has a subscription for one of
    `values` (any where that is None), or is among `others`.
    """
    wished = select(subscriptions.c.listener).where(subscriptions.c.listener > after)
    if values is not None:
        wished = wished.where(subscriptions.c.value.in_(values))
    told = wished.union(
        select(snoozes.c.listener).where(snoozes.c.listener > after),
        select(listeners.c.id).where(listeners.c.person.is_not(None), listeners.c.id > after),
        select(listeners.c.id).where(listeners.c.id.in_(others)),
    )
    found = await connection.execute(
        select(*LISTENER)
        .where(listeners.c.id.in_(told), *_belongs(cohort, day, minute), listeners.c.id > after)
        .order_by(listeners.c.id)
        .limit(limit)
    )
    return [listener_of(row) for row in found]


async def heard_all(
    connection: AsyncConnection,
    cohort: Cohort,
    day: date,
    minute: int,
    covered: date | None,
    ids: tuple[int, int],
) -> int:
    """Notes for all of a cohort that have not been dealt with that nothing is told to them;
    how many there were with an id in that range."""
    values = {"heard": day} if covered is None else {"heard": day, "covered": covered}
    where = [*_belongs(cohort, day, minute), listeners.c.id.between(*ids)]
    return (await connection.execute(update(listeners).where(*where).values(**values))).rowcount


async def heard(
    connection: AsyncConnection, ids: Sequence[int], day: date, covered: date | None
) -> None:
    """Notes that the morning of that day is dealt with, and up to which day it looked ahead.

    `covered` None leaves the days to the next time.
    """
    values = {"heard": day} if covered is None else {"heard": day, "covered": covered}
    where = listeners.c.id.in_(ids)
    await connection.execute(update(listeners).where(where).values(**values))
    if covered is not None:
        gone = and_(snoozes.c.listener.in_(ids), snoozes.c.day <= covered)
        await connection.execute(delete(snoozes).where(gone))

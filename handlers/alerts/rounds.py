"""Who is told what this morning.

Everything is computed from the store. People are taken in batches, each in one transaction,
so that a tick needs no more memory for more people.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.reminders import LEADS, Absence, Alert, Cohort, Listener, State, Wishes
from data.store import updates
from data.store.alerts import absences, enrolment, hours, listeners, sentlog, subscriptions
from data.store.database import Database
from handlers.alerts import interests, mornings
from handlers.alerts.field import Field
from handlers.alerts.interests import Found
from handlers.alerts.mornings import Morning
from handlers.alerts.occasions import Dates
from handlers.alerts.rows import of_digest, place_of, to_log
from handlers.updates.progress import Overview

if TYPE_CHECKING:
    from data.store.people import Connection

BATCH = 2000
"""Listeners of one transaction to whom something may be told."""
SWEPT = 50_000
"""Listeners of one transaction to whom nothing is told."""
MANY_VALUES = 800
"""Up to so many values the store looks for the subscriptions that a morning concerns."""
LATE = timedelta(minutes=30)
"""Whoever joined so long after the usual hour first hears on the next morning."""
LOG_KEPT = timedelta(days=400)


@dataclass(slots=True)
class Round:
    """What is the same for everybody on one morning."""

    library: Library
    now: datetime
    channels: Collection[str]
    inside: Field
    public: Field
    leads: frozenset[int] = frozenset(LEADS)
    topics: tuple[str, ...] = ()
    away: Mapping[int, Absence] = field(default_factory=dict)
    instead: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    mornings: dict[Cohort, Morning | None] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """The day of the morning."""
        return self.now.date()

    def values(self, morning: Morning) -> frozenset[str] | None:
        """The values whose subscriptions matter on a morning; None for all."""
        found = frozenset(self.library.plans)
        for side in (self.inside, self.public):
            found |= side.agenda(morning, self.leads).values(self.topics)
        return found if len(found) <= MANY_VALUES else None

    def morning(self, of: Listener | Cohort) -> Morning | None:
        """The days that the message of somebody, or of a cohort, answers for."""
        known = Cohort(of.quiet, of.heard, of.covered)
        if known not in self.mornings:
            self.mornings[known] = mornings.morning(self.day, of.quiet, of.heard, of.covered)
        return self.mornings[known]

    @property
    def others(self) -> frozenset[int]:
        """Those who are away, and those who hear instead."""
        return frozenset(self.away) | frozenset(self.instead)


async def decide(
    database: Database,
    library: Library,
    now: datetime,
    channels: Collection[str],
    dates: Dates | None = None,
) -> int:
    """Enters into the log what is due to everybody whose hour has come; how many people.

    `channels` are those that the bot runs, by name.
    """
    if not mornings.may_send(now):
        return 0
    minute = now.hour * 60 + now.minute
    async with database.reading() as connection:
        missing = await enrolment.unenrolled(connection)
        if not missing and not await hours.waiting(connection, now.date(), minute):
            return 0
    async with database.writing() as connection:
        await enrol(connection, now)
        current = await prepared(connection, library, now, channels, dates)
        cohorts = await hours.cohorts(connection, now.date(), minute)
        last = await listeners.last_listener(connection)
    count = 0
    for cohort in cohorts:
        count += await _of_cohort(database, current, cohort, minute, last)
    return count


async def _of_cohort(
    database: Database, current: Round, cohort: Cohort, minute: int, last: int
) -> int:
    """First those to whom something may be told, a batch at a time; then all the others."""
    morning = current.morning(cohort)
    after = count = 0
    while morning is not None:
        values = current.values(morning)
        async with database.writing() as connection:
            batch = await hours.concerned(
                connection, cohort, current.day, minute, after, BATCH, values, current.others
            )
            await _deal(connection, current, batch, values)
        count += len(batch)
        if len(batch) < BATCH:
            break
        after = batch[-1].id
    covered = morning.last if morning else None
    for first in range(1, last + 1, SWEPT):
        async with database.writing() as connection:
            ids = first, min(first + SWEPT - 1, last)
            count += await hours.heard_all(connection, cohort, current.day, minute, covered, ids)
    return count


async def enrol(connection: "Connection", now: datetime) -> None:
    """Makes listeners of all who hold a role, and forgets what is too old to matter."""
    begins = datetime.combine(now.date(), time(7, 30), now.tzinfo) + LATE
    await enrolment.enrol(connection, now, begins)
    await sentlog.forget_before(connection, now - LOG_KEPT)


async def prepared(
    connection: "Connection",
    library: Library,
    now: datetime,
    channels: Collection[str],
    dates: Dates | None = None,
) -> Round:
    """What is the same for everybody on that morning, read from the store."""
    entries = await updates.of_plans(connection, list(library.plans))
    away = await absences.away(connection, now.date())
    dates = dates or Dates(library)
    return Round(
        library,
        now,
        channels,
        Field(library, Overview(library, entries, now.date()), now.date(), dates),
        Field(library, None, now.date(), dates),
        frozenset({*LEADS, *await subscriptions.leads_in_use(connection)}),
        await subscriptions.topics_in_use(connection),
        {absence.listener: absence for absence in away},
        mornings.stand_ins(away),
    )


async def _deal(
    connection: "Connection",
    current: Round,
    batch: list[Listener],
    values: Collection[str] | None,
) -> None:
    """Decides for one batch, and notes that its morning is dealt with."""
    rows: list[Alert] = []
    heard: dict[date | None, list[int]] = {}
    for wishes in await listeners.gathered(connection, batch, current.day, values):
        found, covered = await decided(connection, current, wishes)
        rows += found
        heard.setdefault(covered, []).append(wishes.listener.id)
    await sentlog.decided(connection, rows, current.now)
    for covered, ids in heard.items():
        await hours.heard(connection, ids, current.day, covered)


async def decided(
    connection: "Connection", current: Round, wishes: Wishes
) -> tuple[list[Alert], date | None]:
    """What one listener is told, and up to which day that looks ahead (None: not yet)."""
    listener = wishes.listener
    morning = current.morning(listener)
    if morning is None:
        return [], None
    if listener.id in current.away:
        covered = any(listener.id in absent for absent in current.instead.values())
        return [], morning.last if covered else None
    found = told(current, wishes, morning)
    for absent in current.instead.get(listener.id, ()):
        found += await _instead(connection, current, wishes, absent, morning)
    return found, morning.last


def told(
    current: Round, wishes: Wishes, morning: Morning, of: Wishes | None = None
) -> list[Alert]:
    """The rows of the log for what somebody hears, of their own wishes or of those of another."""
    source = of or wishes
    side = current.public if source.guest else current.inside
    stands_for = of.listener.id if of else 0
    place, reason = place_of(wishes.addresses, current.channels)
    found: Iterable[Found] = interests.due_to(source, side.agenda(morning, current.leads))
    rows = [to_log(f, wishes, place, current.day, stands_for) for f in found]
    rows += [
        of_digest(wishes, name, place, morning)
        for name in mornings.digests_due(source, morning, current.library.plans)
    ]
    if not reason:
        return rows
    return [replace(r, state=State.SKIPPED, reason=r.reason or reason) for r in rows]


async def _instead(
    connection: "Connection", current: Round, wishes: Wishes, absent: int, morning: Morning
) -> list[Alert]:
    """What a deputy hears in place of somebody on leave."""
    listener = await listeners.get(connection, absent)
    if listener is None:
        return []
    [other] = await listeners.gathered(connection, [listener], current.day)
    return told(current, wishes, morning, other)

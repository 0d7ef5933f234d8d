"""The messages to send next, and what became of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.reminders import Address, Alert, State
from data.store import notices, people, updates
from data.store.alerts import listeners, refusals, sentlog
from data.store.database import Database
from handlers.alerts import mornings
from handlers.alerts.composer import Composer, Outgoing
from handlers.alerts.field import Field
from handlers.alerts.occasions import Dates
from handlers.alerts.rows import of_notice
from handlers.updates.progress import Overview

if TYPE_CHECKING:
    from data.store.people import Connection


async def intake(database: Database, now: datetime, channels: Collection[str]) -> int:
    """Enters the notices of the outbox into the log, to be sent at once; how many."""
    async with database.reading() as connection:
        if not await notices.unsent(connection, 1):
            return 0
    async with database.writing() as connection:
        waiting = await notices.unsent(connection)
        known = await sentlog.noticed(connection, [f"notice.{n.id}" for n in waiting])
        fresh = [n for n in waiting if f"notice.{n.id}" not in known]
        for notice in fresh:
            listener = await listeners.of_person(connection, notice.person)
            if listener is None:
                yesterday = now.date() - timedelta(days=1)
                listener = await listeners.add(connection, covered=yesterday, person=notice.person)
            [wishes] = await listeners.gathered(connection, [listener], now.date(), ())
            await sentlog.decided(connection, [of_notice(notice, wishes, channels, now)], now)
            if not any(a.channel in channels for a in wishes.addresses):
                await notices.sent(connection, notice.id, now)
        return len(fresh)


@dataclass(slots=True)
class Memory:
    """The state of the plans as last read, kept while the record does not grow."""

    length: int = -1
    field: Field | None = None
    plans: Dates | None = None

    def dates(self, library: Library) -> Dates:
        """The dates of the plans, which do not change while the bot runs."""
        self.plans = self.plans or Dates(library)
        return self.plans

    async def current(self, connection: "Connection", library: Library, day: date) -> Field:
        """The state of the plans on that day."""
        length = await updates.length(connection)
        if self.field is None or self.length != length or self.field.day != day:
            entries = await updates.of_plans(connection, list(library.plans))
            self.field = Field(library, Overview(library, entries, day), day, self.dates(library))
            self.length = length
        return self.field


async def claim(
    database: Database,
    library: Library,
    now: datetime,
    ranks: Mapping[str, int],
    limit: int,
    memory: Memory,
) -> list[Outgoing]:
    """The next messages to send, noted as being sent. What no longer matters is skipped.

    `ranks` gives for each channel that can send now the least urgent rank that it may take.
    """
    if not mornings.may_send(now):
        ranks = dict.fromkeys(ranks, 0)
    async with database.reading() as connection:
        if not await sentlog.claim(connection, ranks, 1):
            return []
    async with database.writing() as connection:
        found = await sentlog.claim(connection, ranks, limit)
        composer = await _composer(connection, library, now, found, memory)
        ready = []
        for message in found:
            outgoing = await composer.outgoing(connection, message)
            if outgoing is not None:
                await sentlog.sending(connection, outgoing.alerts)
                ready.append(outgoing)
        return ready


async def _composer(
    connection: "Connection",
    library: Library,
    now: datetime,
    found: Sequence[Sequence[Alert]],
    memory: Memory,
) -> Composer:
    state = await memory.current(connection, library, now.date())
    served: dict[str, frozenset[str]] = {}
    if any(alert.kind == "digest" for message in found for alert in message):
        for plan in library.plans:
            everybody = await people.serving(connection, plan)
            agencies = (m.agency for p in everybody for m in p.memberships if m.plan == plan)
            served[plan] = frozenset(agencies)
    guests = await listeners.guests(connection, {message[0].listener for message in found})
    return Composer(library, now, state, served, guests)


async def arrived(database: Database, outgoing: Outgoing, at: datetime) -> None:
    """Notes that a message was sent."""
    async with database.writing() as connection:
        await sentlog.settle(connection, outgoing.ids, State.SENT, sent=at)
        for alert in outgoing.alerts:
            if alert.kind.startswith("notice."):
                await notices.sent(connection, int(alert.kind.removeprefix("notice.")), at)


async def missed(database: Database, outgoing: Outgoing, state: State, reason: str) -> None:
    """Notes that a message may not have arrived, or waits for a better moment."""
    async with database.writing() as connection:
        await sentlog.settle(connection, outgoing.ids, state, reason)


async def refused(
    database: Database,
    outgoing: Outgoing,
    reason: str,
    at: datetime,
    channels: Collection[str],
) -> None:
    """Notes that a chat takes no messages; what waits for it goes to the person's next one."""
    gone = Address(outgoing.channel, outgoing.chat)
    async with database.writing() as connection:
        await sentlog.settle(connection, outgoing.ids, State.DUE, "refused")
        await refusals.refused(connection, gone.channel, gone.chat, reason, at)
        listener = await listeners.get(connection, outgoing.listener)
        if listener is None:
            return
        [wishes] = await listeners.gathered(connection, [listener], at.date(), ())
        other = next((a for a in wishes.addresses if a.channel in channels and a != gone), None)
        await sentlog.redirected(connection, outgoing.listener, gone, other)

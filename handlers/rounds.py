"""One tick: who is told what this morning, the messages to send, and what became of them.

Everything is computed from the store. People are taken in batches, each in one transaction,
so that a tick needs no more memory for more people.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.record import Status
from data.reminders import LEADS, Absence, Address, Alert, Cohort, Listener, State, Wishes
from data.store import notices, people, updates
from data.store.alerts import (
    absences,
    enrolment,
    hours,
    listeners,
    refusals,
    sentlog,
    subscriptions,
    weeks,
)
from data.store.database import Database
from handlers import alerts, digests, reminders
from handlers.alerts import Dates, Field, Found, Morning
from handlers.messages import Line, Reply
from handlers.reminders import Item
from handlers.updates.progress import Overview
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.people import Connection

BATCH = 2000
"""Listeners of one transaction to whom something may be told."""
SWEPT = 50_000
"""Listeners of one transaction to whom nothing is told."""
MANY_VALUES = 800
"""Up to so many values the store looks for the subscriptions that a morning concerns."""
PAST = timedelta(days=14)
"""What could not be sent for so long is no longer sent."""
LATE = timedelta(minutes=30)
"""Whoever joined so long after the usual hour first hears on the next morning."""
LOG_KEPT = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send, and the rows of the log that it settles."""

    channel: str
    chat: str
    listener: int
    reply: Reply
    alerts: tuple[Alert, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """The rows of the log."""
        return tuple(alert.id for alert in self.alerts)


@dataclass(slots=True)
class _Round:
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
            self.mornings[known] = alerts.morning(self.day, of.quiet, of.heard, of.covered)
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
    if not alerts.may_send(now):
        return 0
    minute = now.hour * 60 + now.minute
    async with database.reading() as connection:
        missing = await enrolment.unenrolled(connection)
        if not missing and not await hours.waiting(connection, now.date(), minute):
            return 0
    async with database.writing() as connection:
        await _enrol(connection, now)
        current = await _prepared(connection, library, now, channels, dates)
        cohorts = await hours.cohorts(connection, now.date(), minute)
        last = await listeners.last_listener(connection)
    count = 0
    for cohort in cohorts:
        count += await _of_cohort(database, current, cohort, minute, last)
    return count


async def _of_cohort(
    database: Database, current: _Round, cohort: Cohort, minute: int, last: int
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


async def _enrol(connection: "Connection", now: datetime) -> None:
    begins = datetime.combine(now.date(), time(7, 30), now.tzinfo) + LATE
    await enrolment.enrol(connection, now, begins)
    await sentlog.forget_before(connection, now - LOG_KEPT)


async def _prepared(
    connection: "Connection",
    library: Library,
    now: datetime,
    channels: Collection[str],
    dates: Dates | None = None,
) -> _Round:
    entries = await updates.of_plans(connection, list(library.plans))
    away = await absences.away(connection, now.date())
    dates = dates or Dates(library)
    return _Round(
        library,
        now,
        channels,
        Field(library, Overview(library, entries, now.date()), now.date(), dates),
        Field(library, None, now.date(), dates),
        frozenset({*LEADS, *await subscriptions.leads_in_use(connection)}),
        await subscriptions.topics_in_use(connection),
        {absence.listener: absence for absence in away},
        alerts.stand_ins(away),
    )


async def _deal(
    connection: "Connection",
    current: _Round,
    batch: list[Listener],
    values: Collection[str] | None,
) -> None:
    """Decides for one batch, and notes that its morning is dealt with."""
    rows: list[Alert] = []
    heard: dict[date | None, list[int]] = {}
    for wishes in await listeners.gathered(connection, batch, current.day, values):
        found, covered = await _decided(connection, current, wishes)
        rows += found
        heard.setdefault(covered, []).append(wishes.listener.id)
    await sentlog.decided(connection, rows, current.now)
    for covered, ids in heard.items():
        await hours.heard(connection, ids, current.day, covered)


async def _decided(
    connection: "Connection", current: _Round, wishes: Wishes
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
    current: _Round, wishes: Wishes, morning: Morning, of: Wishes | None = None
) -> list[Alert]:
    """The rows of the log for what somebody hears, of their own wishes or of those of another."""
    source = of or wishes
    side = current.public if source.guest else current.inside
    stands_for = of.listener.id if of else 0
    place, reason = _place(wishes.addresses, current.channels)
    found: Iterable[Found] = alerts.due_to(source, side.agenda(morning, current.leads))
    rows = [alerts.to_log(f, wishes, place, current.day, stands_for) for f in found]
    rows += [
        _digest(wishes, name, place, morning)
        for name in alerts.digests_due(source, morning, current.library.plans)
    ]
    if not reason:
        return rows
    return [replace(r, state=State.SKIPPED, reason=r.reason or reason) for r in rows]


def _place(addresses: Sequence[Address], channels: Collection[str]) -> tuple[tuple[str, str], str]:
    """Where to write to somebody, and why not where nowhere."""
    usable = next((a for a in addresses if a.channel in channels), None)
    if usable:
        return (usable.channel, usable.chat), ""
    return ("", ""), "no-channel"


def _digest(wishes: Wishes, name: str, place: tuple[str, str], morning: Morning) -> Alert:
    day = morning.day
    rank = alerts.rank("digest", day, day)
    why = "digest:" + name.removeprefix("digest/")
    return Alert(wishes.listener.id, *place, name, "digest", day, day, day, why, rank=rank)


async def _instead(
    connection: "Connection", current: _Round, wishes: Wishes, absent: int, morning: Morning
) -> list[Alert]:
    """What a deputy hears in place of somebody on leave."""
    listener = await listeners.get(connection, absent)
    if listener is None:
        return []
    [other] = await listeners.gathered(connection, [listener], current.day)
    return told(current, wishes, morning, other)


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
            await sentlog.decided(connection, [_noticed(notice, wishes, channels, now)], now)
            if not any(a.channel in channels for a in wishes.addresses):
                await notices.sent(connection, notice.id, now)
        return len(fresh)


def _noticed(
    notice: notices.Notice, wishes: Wishes, channels: Collection[str], now: datetime
) -> Alert:
    place, reason = _place(wishes.addresses, channels)
    day = notice.at.date()
    return Alert(
        wishes.listener.id,
        *place,
        str(notice.body.get("task", "")),
        f"notice.{notice.id}",
        day,
        day,
        now.date(),
        why=f"entry:{notice.entry}",
        state=State.SKIPPED if reason else State.DUE,
        reason=reason,
        body=sentlog.as_json(notice.body),
    )


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
    if not alerts.may_send(now):
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
) -> "Composer":
    state = await memory.current(connection, library, now.date())
    served: dict[str, frozenset[str]] = {}
    if any(alert.kind == "digest" for message in found for alert in message):
        for plan in library.plans:
            everybody = await people.serving(connection, plan)
            agencies = (m.agency for p in everybody for m in p.memberships if m.plan == plan)
            served[plan] = frozenset(agencies)
    guests = await listeners.guests(connection, {message[0].listener for message in found})
    return Composer(library, now, state, served, guests)


@dataclass(slots=True)
class Composer:
    """Words messages from what is known now, not from what was known when they were decided."""

    library: Library
    now: datetime
    state: Field
    served: Mapping[str, frozenset[str]]
    guests: Collection[int]

    async def outgoing(
        self, connection: "Connection", message: Sequence[Alert]
    ) -> Outgoing | None:
        """The message; None where nothing in it matters any more."""
        first = message[0]
        if first.kind.startswith("notice."):
            reply = reminders.notice(first, self.library)
            return Outgoing(first.channel, first.chat, first.listener, reply, (first,))
        kept, items, pages = await self._sorted(connection, message)
        if not items and not pages:
            return None
        placed = [
            replace(item, alert=replace(item.alert, place=n)) for n, item in enumerate(items, 1)
        ]
        reply = reminders.message(placed, pages, self.library, self.now.date())
        return Outgoing(first.channel, first.chat, first.listener, reply, tuple(kept))

    async def _sorted(
        self, connection: "Connection", message: Sequence[Alert]
    ) -> tuple[list[Alert], list[Item], list[tuple[Line, ...]]]:
        """The rows that still matter: tasks in their order, then digests, with their words."""
        day = self.now.date()
        pages: list[tuple[Line, ...]] = []
        news: list[Alert] = []
        skipped: dict[str, list[int]] = {}
        items: dict[tuple[str, date], Item] = {}
        guest = message[0].listener in self.guests
        for alert in sorted(
            message, key=lambda a: (alerts.urgency(a.due, day), -a.day.toordinal())
        ):
            reason = self._outdated(alert, guest)
            if not reason and alert.kind == "digest":
                if lines := await self._page(connection, alert):
                    pages.append(lines)
                    news.append(alert)
                else:
                    reason = "nothing"
            elif not reason:
                item = await self._item(connection, alert, guest)
                place = (alert.task, item.original or alert.due)
                reason = "merged" if items.setdefault(place, item) is not item else ""
            if reason:
                skipped.setdefault(reason, []).append(alert.id)
        for reason, ids in skipped.items():
            await sentlog.settle(connection, ids, State.SKIPPED, reason)
        told = list(items.values())
        return [*(item.alert for item in told), *news], told, pages

    def _outdated(self, alert: Alert, guest: bool) -> str:
        """Why a row no longer matters; nothing where it does."""
        if alert.kind == "digest":
            return "" if alert.day == self.now.date() else "past"
        task = self.library.task(alert.task)
        if task is None or self.now.date() - alert.day > PAST:
            return "past"
        if guest:
            return "" if alert.due >= self.now.date() else "past"
        state = self.state.condition(self._occasion(alert), alert.agency)
        return "done" if state.status is Status.DONE else ""

    def _occasion(self, alert: Alert) -> alerts.Occasion:
        """The plan's date behind a row: the one that it names, or that was extended to it."""
        task = self.library.task(alert.task)
        assert task is not None  # noqa: S101
        of_task = self.state.dates(task.ref)
        fitting = [o for o in of_task if o.due == alert.due and o.concerns(alert.agency)]
        named = [o for o in of_task if o.original == alert.due]
        return next(iter(fitting + named), alerts.Occasion(task, alert.due, alert.due))

    async def _item(self, connection: "Connection", alert: Alert, guest: bool) -> Item:
        occasion = self._occasion(alert)
        _, _, absent = alert.why.partition("|")
        name = await self._name(connection, int(absent)) if absent else ""
        return Item(alert, occasion.task, occasion.original, name, guest)

    async def _name(self, connection: "Connection", listener: int) -> str:
        known = await listeners.get(connection, listener)
        names = await people.names(connection, [known.person] if known and known.person else [])
        return next((name for name in names.values() if name), say("alerts.absent.unnamed"))

    async def _page(self, connection: "Connection", alert: Alert) -> tuple[Line, ...]:
        """A digest; the counts of this week are kept for the next one."""
        _, name, *agency = alert.task.split("/")
        plan = self.library.plans.get(name)
        if plan is None:
            return ()
        if agency:
            return digests.agency_week(self.state, plan, agency[0], alert.day)
        await weeks.put_week(connection, name, alert.date, digests.counts(self.state, plan))
        before = await weeks.week(connection, name, alert.date)
        served = self.served.get(name, frozenset())
        return digests.province_page(self.state, plan, alert.day, before, served)


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


@dataclass(frozen=True, slots=True)
class Preview:
    """What one listener would be sent."""

    name: str
    minute: int
    rows: tuple[Alert, ...]


async def preview(
    connection: "Connection",
    library: Library,
    now: datetime,
    channels: Collection[str],
) -> AsyncIterator[Preview]:
    """What would be sent on a day to everybody, as if all mornings before it had been.

    Writes who listens by now: whoever calls rolls that back.
    """
    await _enrol(connection, now)
    current = await _prepared(connection, library, now, channels)
    after = 0
    while batch := await listeners.listening(connection, after, BATCH):
        async for each in _previewed(connection, current, batch):
            yield each
        after = batch[-1].id


async def _previewed(
    connection: "Connection", current: _Round, batch: list[Listener]
) -> AsyncIterator[Preview]:
    fresh = [replace(listener, heard=None, covered=None) for listener in batch]
    persons = [listener.person for listener in batch if listener.person]
    names = await people.names(connection, persons)
    for wishes in await listeners.gathered(connection, fresh, current.day):
        rows, _ = await _decided(connection, current, wishes)
        who = wishes.listener
        guest = f"{who.channel}:{who.user}"
        name = names.get(who.person or 0) or (guest if who.person is None else str(who.person))
        if rows:
            yield Preview(name, who.minute, tuple(rows))

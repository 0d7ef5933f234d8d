"""Who listens to what, and the log of what was sent, to whom, and why not.

Whoever holds a role listens without having asked: `enrol` sees to the row. The log's unique
key decides what was sent; a listener's `heard` decides whether the morning was dealt with.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from data.reminders import (
    MINUTE,
    Absence,
    Address,
    Alert,
    Cohort,
    Listener,
    Scope,
    State,
    Subscription,
    Wishes,
)
from data.store.schema import (
    absences,
    alerts,
    calendars,
    chain,
    conversations,
    identities,
    listeners,
    memberships,
    people,
    snoozes,
    subscriptions,
    traffic,
    unreachable,
    weeks,
)

TRIES = 2
"""How often a message is begun at most; the second time only where the first is unknown."""
_LISTENER = (
    listeners.c.id, listeners.c.person, listeners.c.channel, listeners.c.user, listeners.c.chat,
    listeners.c.minute, listeners.c.quiet, listeners.c.heard, listeners.c.covered,
)  # fmt: skip
_SUBSCRIPTION = (
    subscriptions.c.scope, subscriptions.c.value, subscriptions.c.plan, subscriptions.c.wanted,
    subscriptions.c.leads, subscriptions.c.id,
)  # fmt: skip
_FIELDS = tuple(c.name for c in alerts.c if c.name != "id")
_MISSING = (
    select(memberships.c.person, func.max(memberships.c.since).label("since"))
    .where(
        memberships.c.ended.is_(None),
        ~exists().where(listeners.c.person == memberships.c.person),
    )
    .group_by(memberships.c.person)
)


def _listener(row: Sequence[Any]) -> Listener:
    id, person, channel, user, chat, minute, quiet, heard, covered = row
    return Listener(id, person, channel, user, chat, minute, _days(quiet), heard, covered)


def _quiet(days: Collection[int]) -> str:
    return "".join(str(day) for day in sorted(days))


def _days(text: str) -> frozenset[int]:
    return frozenset(map(int, text))


def _leads(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(","))) if text else ()


def _subscription(row: Sequence[Any]) -> Subscription:
    scope, value, plan, wanted, leads, id = row
    return Subscription(Scope(scope), value, plan, wanted, _leads(leads), id)


def _alert(row: Row[Any]) -> Alert:
    values = dict(row._mapping)
    return Alert(**(values | {"state": State(values["state"])}))


async def _listeners(connection: AsyncConnection, *where: ColumnElement[bool]) -> list[Listener]:
    found = await connection.execute(select(*_LISTENER).where(*where).order_by(listeners.c.id))
    return [_listener(row) for row in found]


async def of_person(connection: AsyncConnection, person: int) -> Listener | None:
    """The listener that a person is."""
    found = await _listeners(connection, listeners.c.person == person)
    return found[0] if found else None


async def of_user(connection: AsyncConnection, channel: str, user: str) -> Listener | None:
    """The guest known as `user` on `channel`."""
    found = await _listeners(
        connection,
        listeners.c.channel == channel,
        listeners.c.user == user,
        listeners.c.person.is_(None),
    )
    return found[0] if found else None


async def get(connection: AsyncConnection, id: int) -> Listener | None:
    """The listener of that id."""
    found = await _listeners(connection, listeners.c.id == id)
    return found[0] if found else None


async def add(
    connection: AsyncConnection,
    *,
    covered: date,
    person: int | None = None,
    channel: str = "",
    user: str = "",
    chat: str = "",
) -> Listener:
    """A new listener, to whom nothing up to the day `covered` will be announced."""
    values = {
        "person": person, "channel": channel, "user": user, "chat": chat, "minute": MINUTE,
        "quiet": "", "covered": covered,
    }  # fmt: skip
    added = await connection.execute(insert(listeners).returning(listeners.c.id), values)
    return Listener(added.scalar_one(), person, channel, user, chat, covered=covered)


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


async def prefer(
    connection: AsyncConnection,
    id: int,
    minute: int | None = None,
    quiet: Collection[int] | None = None,
) -> None:
    """Sets the hour of the morning's message, or the weekdays without one."""
    values: dict[str, Any] = {} if minute is None else {"minute": minute}
    if quiet is not None:
        values["quiet"] = _quiet(quiet)
    await connection.execute(update(listeners).where(listeners.c.id == id).values(**values))


async def wishes_of(connection: AsyncConnection, id: int) -> tuple[Subscription, ...]:
    """The subscriptions of a listener, in the order in which they were made."""
    found = await connection.execute(
        select(*_SUBSCRIPTION).where(subscriptions.c.listener == id).order_by(subscriptions.c.id)
    )
    return tuple(_subscription(row) for row in found)


async def subscribe(connection: AsyncConnection, id: int, wish: Subscription) -> None:
    """Puts a wish in place of the one for the same thing."""
    await unsubscribe(connection, id, wish)
    values = {
        "listener": id, "scope": wish.scope.value, "value": wish.value, "plan": wish.plan,
        "wanted": wish.wanted, "leads": ",".join(map(str, wish.leads)),
    }  # fmt: skip
    await connection.execute(insert(subscriptions), values)


async def unsubscribe(connection: AsyncConnection, id: int, wish: Subscription) -> bool:
    """Takes a wish back; False where there was none."""
    gone = await connection.execute(
        delete(subscriptions).where(
            subscriptions.c.listener == id,
            subscriptions.c.scope == wish.scope.value,
            subscriptions.c.value == wish.value,
            subscriptions.c.plan == wish.plan,
        )
    )
    return bool(gone.rowcount)


async def snooze(connection: AsyncConnection, id: int, task: str, due: date, day: date) -> None:
    """Has a listener reminded of a task once more on that day."""
    values = {"listener": id, "task": task, "due": due, "day": day}
    await connection.execute(_ignoring(connection, snoozes), values)


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


async def leads_in_use(connection: AsyncConnection) -> frozenset[int]:
    """Every lead time that somebody wishes."""
    wished = select(subscriptions.c.leads).where(subscriptions.c.leads != "").distinct()
    found = await connection.execute(wished)
    return frozenset(lead for text in found.scalars() for lead in _leads(text))


async def topics_in_use(connection: AsyncConnection) -> tuple[str, ...]:
    """Every topic that somebody follows."""
    wished = select(subscriptions.c.value).where(subscriptions.c.scope == Scope.TOPIC.value)
    return tuple((await connection.execute(wished.distinct())).scalars())


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
    return [Cohort(_days(quiet), heard, covered) for quiet, heard, covered in found]


def _belongs(cohort: Cohort, day: date, minute: int) -> list[ColumnElement[bool]]:
    return [
        _unheard(day, minute),
        listeners.c.quiet == _quiet(cohort.quiet),
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
        select(*_LISTENER)
        .where(listeners.c.id.in_(told), *_belongs(cohort, day, minute), listeners.c.id > after)
        .order_by(listeners.c.id)
        .limit(limit)
    )
    return [_listener(row) for row in found]


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


async def last_listener(connection: AsyncConnection) -> int:
    """The highest id of a listener; 0 where there is none."""
    return int(await connection.scalar(select(func.max(listeners.c.id))) or 0)


async def listening(connection: AsyncConnection, after: int, limit: int) -> list[Listener]:
    """Everybody who listens, by id from `after`."""
    query = select(*_LISTENER).where(listeners.c.id > after).order_by(listeners.c.id).limit(limit)
    return [_listener(row) for row in await connection.execute(query)]


async def gathered(
    connection: AsyncConnection,
    batch: Sequence[Listener],
    day: date,
    values: Collection[str] | None = None,
) -> list[Wishes]:
    """All that is known of these listeners, who stand in the order of their ids.

    Of the subscriptions those for `values` only, where these are given.
    """
    if not batch:
        return []
    ids = _Ids([listener.id for listener in batch])
    wished = await _subscriptions(connection, ids, values)
    roles, chats = await _roles(connection, ids), await _chats(connection, ids)
    again = await _snoozed(connection, ids, day)
    return [
        Wishes(
            listener,
            tuple(roles.get(listener.id, ())),
            tuple(wished.get(listener.id, ())),
            tuple(chats.get(listener.id, ())),
            tuple(again.get(listener.id, ())),
        )
        for listener in batch
    ]


class _Ids:
    """Ids of listeners, in order: a range where they leave no gap."""

    def __init__(self, ids: Sequence[int]) -> None:
        self._ids = ids

    def hold(self, column: Any) -> ColumnElement[bool]:
        """Whether a column is one of them."""
        first, last = self._ids[0], self._ids[-1]
        if last - first < len(self._ids):
            return and_(column >= first, column <= last)
        found: ColumnElement[bool] = column.in_(self._ids)
        return found


async def _subscriptions(
    connection: AsyncConnection,
    ids: _Ids,
    values: Collection[str] | None,
) -> Mapping[int, list[Subscription]]:
    query = select(subscriptions.c.listener, *_SUBSCRIPTION)
    query = query.where(ids.hold(subscriptions.c.listener))
    if values is not None:
        query = query.where(subscriptions.c.value.in_(values))
    found: defaultdict[int, list[Subscription]] = defaultdict(list)
    for row in await connection.execute(query.order_by(subscriptions.c.id)):
        found[row[0]].append(_subscription(row[1:]))
    return found


async def _roles(
    connection: AsyncConnection, ids: _Ids
) -> Mapping[int, list[tuple[str, str, str]]]:
    rows = await connection.execute(
        select(listeners.c.id, memberships.c.plan, memberships.c.agency, memberships.c.role)
        .join(memberships, memberships.c.person == listeners.c.person)
        .where(ids.hold(listeners.c.id), memberships.c.ended.is_(None))
        .order_by(memberships.c.id)
    )
    found: defaultdict[int, list[tuple[str, str, str]]] = defaultdict(list)
    for id, *role in rows:
        found[id].append((role[0], role[1], role[2]))
    return found


async def _chats(connection: AsyncConnection, ids: _Ids) -> Mapping[int, list[Address]]:
    """Where to write to each: the channel chosen, then those used last; refused ones left out
    until the person writes there again."""
    refused = and_(
        unreachable.c.channel == identities.c.channel, unreachable.c.chat == identities.c.chat
    )
    open_again = or_(unreachable.c.since.is_(None), identities.c.used > unreachable.c.since)
    rows = await connection.execute(
        select(listeners.c.id, identities.c.channel, identities.c.chat)
        .join(identities, identities.c.person == listeners.c.person)
        .join(people, people.c.id == listeners.c.person)
        .outerjoin(unreachable, refused)
        .where(ids.hold(listeners.c.id), open_again)
        .order_by(
            listeners.c.id,
            case((identities.c.channel == people.c.chosen, 0), else_=1),
            case((identities.c.used.is_(None), 1), else_=0),
            identities.c.used.desc(),
            identities.c.since.desc(),
        )
    )
    found: defaultdict[int, list[Address]] = defaultdict(list)
    for id, channel, chat in [*rows, *await _guest_chats(connection, ids)]:
        found[id].append(Address(channel, chat))
    return found


async def _guest_chats(connection: AsyncConnection, ids: _Ids) -> Sequence[Sequence[Any]]:
    refused = and_(
        unreachable.c.channel == listeners.c.channel, unreachable.c.chat == listeners.c.chat
    )
    spoke = and_(
        conversations.c.channel == listeners.c.channel, conversations.c.chat == listeners.c.chat
    )
    open_again = or_(unreachable.c.since.is_(None), conversations.c.at > unreachable.c.since)
    rows = await connection.execute(
        select(listeners.c.id, listeners.c.channel, listeners.c.chat)
        .outerjoin(unreachable, refused)
        .outerjoin(conversations, spoke)
        .where(ids.hold(listeners.c.id), listeners.c.person.is_(None), open_again)
    )
    return rows.all()


async def guests(connection: AsyncConnection, ids: Collection[int]) -> frozenset[int]:
    """Those of the listeners who hold no role."""
    held = (
        select(listeners.c.id)
        .join(memberships, memberships.c.person == listeners.c.person)
        .where(listeners.c.id.in_(ids), memberships.c.ended.is_(None))
    )
    return frozenset(ids) - frozenset((await connection.execute(held)).scalars())


async def _snoozed(
    connection: AsyncConnection, ids: _Ids, day: date
) -> Mapping[int, list[tuple[str, date, date]]]:
    rows = await connection.execute(
        select(snoozes.c.listener, snoozes.c.task, snoozes.c.due, snoozes.c.day).where(
            ids.hold(snoozes.c.listener), snoozes.c.day <= day
        )
    )
    found: defaultdict[int, list[tuple[str, date, date]]] = defaultdict(list)
    for id, *snoozed in rows:
        found[id].append((snoozed[0], snoozed[1], snoozed[2]))
    return found


async def decided(connection: AsyncConnection, found: Iterable[Alert], at: datetime) -> None:
    """Enters what is due or skipped into the log; what stands there already stays as it is."""
    rows = [
        {name: getattr(alert, name) for name in _FIELDS}
        | {"state": alert.state.value, "reason": alert.reason[:200], "at": at}
        for alert in found
    ]
    if rows:
        await connection.execute(_ignoring(connection, alerts), rows)


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


def _ignoring(connection: AsyncConnection, table: Any) -> Any:
    """An insertion that leaves rows with a known key as they are."""
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    return kind.insert(table).on_conflict_do_nothing()


async def recover(connection: AsyncConnection, begun: Collection[int] | None) -> None:
    """After a start: what was being sent may have arrived if it had begun; else it is due.

    None where it is not known what had begun: then all of it may have arrived.
    """
    under_way = alerts.c.state == State.SENDING.value
    found = (await connection.execute(select(alerts.c.id).where(under_way))).scalars().all()
    unknown = [id for id in found if begun is None or id in begun]
    await settle(connection, unknown, State.UNKNOWN, "stopped")
    await settle(connection, set(found) - set(unknown), State.DUE, "stopped")


async def claim(
    connection: AsyncConnection, ranks: Mapping[str, int], limit: int
) -> list[tuple[Alert, ...]]:
    """The most urgent messages to send, each as the alerts that it is made of.

    `ranks` gives, for each channel that can send now, the least urgent rank to take. A notice
    is a message of its own; everything else for a listener is one message.
    """
    unknown = and_(alerts.c.state == State.UNKNOWN.value, alerts.c.attempts < TRIES)
    ready = or_(alerts.c.state == State.DUE.value, unknown)
    allowed = or_(
        *(and_(alerts.c.channel == name, alerts.c.rank <= rank) for name, rank in ranks.items())
    )
    if not ranks:
        return []
    # Not a bound value: PostgreSQL does not see that two of them are the same to group by.
    zero: ColumnElement[int] = literal_column("0")
    alone = case((alerts.c.rank == zero, alerts.c.id), else_=zero)
    places = (alerts.c.listener, alerts.c.channel, alerts.c.chat, alone)
    messages = await connection.execute(
        select(*places)
        .where(ready, allowed)
        .group_by(*places)
        .order_by(func.min(alerts.c.rank), alerts.c.listener)
        .limit(limit)
    )
    found = []
    for listener, channel, chat, notice in messages.all():
        belongs = [
            alerts.c.listener == listener, alerts.c.channel == channel, alerts.c.chat == chat,
            alerts.c.id == notice if notice else alerts.c.rank > 0,
        ]  # fmt: skip
        rows = await connection.execute(
            select(*alerts.c).where(ready, *belongs).order_by(alerts.c.rank, alerts.c.due)
        )
        found.append(tuple(_alert(row) for row in rows))
    return found


async def sending(connection: AsyncConnection, message: Sequence[Alert]) -> None:
    """Notes that these are being sent as one message, in this order."""
    for place, alert in enumerate(message, 1):
        await connection.execute(
            update(alerts)
            .where(alerts.c.id == alert.id)
            .values(state=State.SENDING.value, attempts=alerts.c.attempts + 1, place=place)
        )


async def settle(
    connection: AsyncConnection,
    ids: Iterable[int],
    state: State,
    reason: str = "",
    sent: datetime | None = None,
) -> None:
    """Notes what became of alerts."""
    values: dict[str, Any] = {"state": state.value, "reason": reason[:200]}
    if sent is not None:
        values["sent"] = sent
    if state is State.DUE:
        values["attempts"] = alerts.c.attempts - 1
    for part in _parts(list(ids)):
        await connection.execute(update(alerts).where(alerts.c.id.in_(part)).values(**values))


async def refused(
    connection: AsyncConnection, channel: str, chat: str, reason: str, at: datetime
) -> None:
    """Remembers that a chat takes no messages, until its person writes again."""
    await admitted(connection, channel, chat)
    values = {"channel": channel, "chat": chat, "since": at, "reason": reason[:200]}
    await connection.execute(insert(unreachable), values)


async def admitted(connection: AsyncConnection, channel: str, chat: str) -> None:
    """Forgets that a chat took no messages."""
    where = (unreachable.c.channel == channel, unreachable.c.chat == chat)
    await connection.execute(delete(unreachable).where(*where))


async def refusing(connection: AsyncConnection, listener: Listener) -> tuple[str, ...]:
    """The channels on which a listener cannot be written to."""
    place = and_(
        identities.c.channel == unreachable.c.channel, identities.c.chat == unreachable.c.chat
    )
    silent = or_(identities.c.used.is_(None), identities.c.used <= unreachable.c.since)
    query = select(unreachable.c.channel).join(identities, place)
    query = query.where(identities.c.person == listener.person, silent)
    if listener.person is None:
        query = select(unreachable.c.channel).where(
            unreachable.c.channel == listener.channel, unreachable.c.chat == listener.chat
        )
    return tuple((await connection.execute(query)).scalars())


async def redirected(
    connection: AsyncConnection, listener: int, gone: Address, address: Address | None
) -> None:
    """Sends what waits for a chat that refuses to another one, or gives it up."""
    waits = and_(
        alerts.c.listener == listener,
        alerts.c.channel == gone.channel,
        alerts.c.chat == gone.chat,
        alerts.c.state.in_([State.DUE.value, State.UNKNOWN.value]),
    )
    if address is None:
        values = {"state": State.FAILED.value, "reason": "refused"}
        await connection.execute(update(alerts).where(waits).values(**values))
        return
    rows = await connection.execute(select(*alerts.c).where(waits))
    moved = [
        replace(_alert(row), channel=address.channel, chat=address.chat, attempts=0, reason="")
        for row in rows
    ]
    await connection.execute(
        update(alerts).where(waits).values(state=State.FAILED.value, reason="refused")
    )
    for alert in moved:
        await decided(connection, [replace(alert, state=State.DUE)], alert.at or _never())


def _never() -> datetime:
    raise ValueError("an alert of the log has a time")


async def last_message(
    connection: AsyncConnection, id: int, since: datetime, channel: str | None = None
) -> tuple[Alert, ...]:
    """The alerts of the last message that a listener got since then, in their places."""
    got = [alerts.c.listener == id, alerts.c.sent.is_not(None), alerts.c.sent >= since]
    if channel is not None:
        got.append(alerts.c.channel == channel)
    latest = await connection.scalar(select(func.max(alerts.c.sent)).where(*got))
    if latest is None:
        return ()
    rows = await connection.execute(
        select(*alerts.c).where(*got, alerts.c.sent == latest).order_by(alerts.c.place)
    )
    return tuple(_alert(row) for row in rows)


async def same_message(connection: AsyncConnection, one: Alert) -> tuple[Alert, ...]:
    """Everything that went out in the message to which a row of the log belongs."""
    if one.sent is None:
        return (one,)
    rows = await connection.execute(
        select(*alerts.c)
        .where(
            alerts.c.listener == one.listener,
            alerts.c.channel == one.channel,
            alerts.c.sent == one.sent,
        )
        .order_by(alerts.c.place)
    )
    return tuple(_alert(row) for row in rows)


async def logged(connection: AsyncConnection, id: int, limit: int = 20) -> tuple[Alert, ...]:
    """The last rows of the log for a listener, the newest first."""
    rows = await connection.execute(
        select(*alerts.c).where(alerts.c.listener == id).order_by(alerts.c.id.desc()).limit(limit)
    )
    return tuple(_alert(row) for row in rows)


async def alert(connection: AsyncConnection, id: int) -> Alert | None:
    """The row of the log with that number."""
    row = (await connection.execute(select(*alerts.c).where(alerts.c.id == id))).first()
    return _alert(row) if row else None


async def noticed(connection: AsyncConnection, kinds: Collection[str]) -> frozenset[str]:
    """Which of these kinds stand in the log."""
    found = await connection.execute(select(alerts.c.kind).where(alerts.c.kind.in_(kinds)))
    return frozenset(found.scalars())


def as_json(body: Mapping[str, Any]) -> str:
    """A notice's body as the log keeps it."""
    return json.dumps(dict(body), separators=(",", ":"))


async def record_length(connection: AsyncConnection) -> int:
    """How many entries the record of updates has."""
    return int(await connection.scalar(select(chain.c.entries)) or 0)


async def counted(connection: AsyncConnection) -> Mapping[str, int]:
    """How many rows of the log are in each state."""
    rows = await connection.execute(select(alerts.c.state, func.count()).group_by(alerts.c.state))
    return {row[0]: row[1] for row in rows}


async def messages_of_month(connection: AsyncConnection, channel: str, month: str) -> int:
    """Messages in both directions that a channel's bots had in a month (`2026-11`)."""
    total = func.coalesce(func.sum(traffic.c.sent + traffic.c.received), 0)
    where = (traffic.c.channel == channel, traffic.c.month == month)
    return int(await connection.scalar(select(total).where(*where)) or 0)


async def forget_before(connection: AsyncConnection, at: datetime) -> None:
    """Removes what was decided before `at` from the log."""
    await connection.execute(delete(alerts).where(alerts.c.at < at))


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
    await connection.execute(_ignoring(connection, weeks), values)


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


def _parts(ids: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))

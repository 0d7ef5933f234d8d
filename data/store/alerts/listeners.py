"""Who listens, and all that is known of them: roles, wishes, where to write to."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from data.reminders import MINUTE, Address, Listener, Subscription, Wishes
from data.store.alerts.subscriptions import SUBSCRIPTION, subscription_of
from data.store.schema import (
    conversations,
    identities,
    listeners,
    memberships,
    people,
    snoozes,
    subscriptions,
    unreachable,
)

LISTENER = (
    listeners.c.id, listeners.c.person, listeners.c.channel, listeners.c.user, listeners.c.chat,
    listeners.c.minute, listeners.c.quiet, listeners.c.heard, listeners.c.covered,
)  # fmt: skip


def listener_of(row: Sequence[Any]) -> Listener:
    """The listener of a row with the columns `LISTENER`."""
    id, person, channel, user, chat, minute, quiet, heard, covered = row
    return Listener(id, person, channel, user, chat, minute, quiet_days(quiet), heard, covered)


def quiet_text(days: Collection[int]) -> str:
    """Weekdays without a message, as they are stored."""
    return "".join(str(day) for day in sorted(days))


def quiet_days(text: str) -> frozenset[int]:
    """Weekdays without a message, as they were stored."""
    return frozenset(map(int, text))


async def _listeners(connection: AsyncConnection, *where: ColumnElement[bool]) -> list[Listener]:
    found = await connection.execute(select(*LISTENER).where(*where).order_by(listeners.c.id))
    return [listener_of(row) for row in found]


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


async def prefer(
    connection: AsyncConnection,
    id: int,
    minute: int | None = None,
    quiet: Collection[int] | None = None,
) -> None:
    """Sets the hour of the morning's message, or the weekdays without one."""
    values: dict[str, Any] = {} if minute is None else {"minute": minute}
    if quiet is not None:
        values["quiet"] = quiet_text(quiet)
    await connection.execute(update(listeners).where(listeners.c.id == id).values(**values))


async def last_listener(connection: AsyncConnection) -> int:
    """The highest id of a listener; 0 where there is none."""
    return int(await connection.scalar(select(func.max(listeners.c.id))) or 0)


async def listening(connection: AsyncConnection, after: int, limit: int) -> list[Listener]:
    """Everybody who listens, by id from `after`."""
    query = select(*LISTENER).where(listeners.c.id > after).order_by(listeners.c.id).limit(limit)
    return [listener_of(row) for row in await connection.execute(query)]


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
    query = select(subscriptions.c.listener, *SUBSCRIPTION)
    query = query.where(ids.hold(subscriptions.c.listener))
    if values is not None:
        query = query.where(subscriptions.c.value.in_(values))
    found: defaultdict[int, list[Subscription]] = defaultdict(list)
    for row in await connection.execute(query.order_by(subscriptions.c.id)):
        found[row[0]].append(subscription_of(row[1:]))
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

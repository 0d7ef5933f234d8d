"""The log of what was sent, to whom, and why not. Its unique key decides what was sent."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    case,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from data.reminders import Address, Alert, State
from data.store.alerts.insertion import ignoring
from data.store.schema import alerts

TRIES = 2
"""How often a message is begun at most; the second time only where the first is unknown."""
_FIELDS = tuple(c.name for c in alerts.c if c.name != "id")


def _alert(row: Row[Any]) -> Alert:
    values = dict(row._mapping)
    return Alert(**(values | {"state": State(values["state"])}))


async def decided(connection: AsyncConnection, found: Iterable[Alert], at: datetime) -> None:
    """Enters what is due or skipped into the log; what stands there already stays as it is."""
    rows = [
        {name: getattr(alert, name) for name in _FIELDS}
        | {"state": alert.state.value, "reason": alert.reason[:200], "at": at}
        for alert in found
    ]
    if rows:
        await connection.execute(ignoring(connection, alerts), rows)


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


async def counted(connection: AsyncConnection) -> Mapping[str, int]:
    """How many rows of the log are in each state."""
    rows = await connection.execute(select(alerts.c.state, func.count()).group_by(alerts.c.state))
    return {row[0]: row[1] for row in rows}


async def forget_before(connection: AsyncConnection, at: datetime) -> None:
    """Removes what was decided before `at` from the log."""
    await connection.execute(delete(alerts).where(alerts.c.at < at))


def _parts(ids: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))

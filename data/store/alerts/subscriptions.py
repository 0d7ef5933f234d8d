"""What a listener asked to hear of or not, and to be reminded of again."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from data.reminders import Scope, Subscription
from data.store.alerts.insertion import ignoring
from data.store.schema import snoozes, subscriptions

SUBSCRIPTION = (
    subscriptions.c.scope, subscriptions.c.value, subscriptions.c.plan, subscriptions.c.wanted,
    subscriptions.c.leads, subscriptions.c.id,
)  # fmt: skip


def _leads(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(","))) if text else ()


def subscription_of(row: Sequence[Any]) -> Subscription:
    """The subscription of a row with the columns `SUBSCRIPTION`."""
    scope, value, plan, wanted, leads, id = row
    return Subscription(Scope(scope), value, plan, wanted, _leads(leads), id)


async def wishes_of(connection: AsyncConnection, id: int) -> tuple[Subscription, ...]:
    """The subscriptions of a listener, in the order in which they were made."""
    found = await connection.execute(
        select(*SUBSCRIPTION).where(subscriptions.c.listener == id).order_by(subscriptions.c.id)
    )
    return tuple(subscription_of(row) for row in found)


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
    await connection.execute(ignoring(connection, snoozes), values)


async def leads_in_use(connection: AsyncConnection) -> frozenset[int]:
    """Every lead time that somebody wishes."""
    wished = select(subscriptions.c.leads).where(subscriptions.c.leads != "").distinct()
    found = await connection.execute(wished)
    return frozenset(lead for text in found.scalars() for lead in _leads(text))


async def topics_in_use(connection: AsyncConnection) -> tuple[str, ...]:
    """Every topic that somebody follows."""
    wished = select(subscriptions.c.value).where(subscriptions.c.scope == Scope.TOPIC.value)
    return tuple((await connection.execute(wished.distinct())).scalars())

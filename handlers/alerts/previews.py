"""What would be sent on a day, without a trace."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.reminders import Alert, Listener
from data.store import people
from data.store.alerts import listeners
from handlers.alerts.rounds import BATCH, Round, decided, enrol, prepared

if TYPE_CHECKING:
    from data.store.people import Connection


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
    await enrol(connection, now)
    current = await prepared(connection, library, now, channels)
    after = 0
    while batch := await listeners.listening(connection, after, BATCH):
        async for each in _previewed(connection, current, batch):
            yield each
        after = batch[-1].id


async def _previewed(
    connection: "Connection", current: Round, batch: list[Listener]
) -> AsyncIterator[Preview]:
    fresh = [replace(listener, heard=None, covered=None) for listener in batch]
    persons = [listener.person for listener in batch if listener.person]
    names = await people.names(connection, persons)
    for wishes in await listeners.gathered(connection, fresh, current.day):
        rows, _ = await decided(connection, current, wishes)
        who = wishes.listener
        guest = f"{who.channel}:{who.user}"
        name = names.get(who.person or 0) or (guest if who.person is None else str(who.person))
        if rows:
            yield Preview(name, who.minute, tuple(rows))

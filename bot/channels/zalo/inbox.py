"""What came in and is not answered yet: in the store, so that a kill loses nothing; only in
this process while the store fails."""

import json
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from data.errors import StoreError
from data.store import inbox
from data.store.database import Database

log = logging.getLogger(__name__)

CHANNEL = "zalo"
KEPT = timedelta(days=7)
_REMEMBERED = 2000


@dataclass(slots=True)
class Entry:
    """An update to deal with, and when it came. `id` is None where it could not be stored.

    `begun` counts the messages of its reply that may have been sent.
    """

    update: dict[str, Any]
    at: datetime
    id: int | None = None
    begun: int = 0


class Inbox:
    """Each key enters once. Failures of the store are logged and cost no message."""

    def __init__(self, database: Database | None, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._under_way: set[int] = set()

    async def put(self, key: str, update: dict[str, Any], store: bool = True) -> Entry | None:
        """The entry, or None for a repetition of what is known. With `store` false nothing of it
        is written down."""
        if key in self._seen:
            return None
        self._seen[key] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        entry = Entry(update, self._clock())
        if self._database is None or not store:
            return entry
        try:
            async with self._database.writing() as connection:
                body = json.dumps(update)
                entry.id = await inbox.put(connection, CHANNEL, key, body, entry.at)
        except StoreError as error:
            log.error("Zalo: a message is not stored and would not survive a crash: %s", error)
            return entry
        except BaseException:
            del self._seen[key]
            raise
        if entry.id is None:
            return None
        self._under_way.add(entry.id)
        return entry

    async def begin(self, entry: Entry, begun: int) -> None:
        """Notes how many messages of the reply may have been sent."""
        entry.begun = begun
        if self._database is None or entry.id is None:
            return
        try:
            async with self._database.writing() as connection:
                await inbox.begin(connection, entry.id, begun)
        except StoreError as error:
            log.warning("Zalo: not recorded that a reply is being sent: %s", error)

    async def finish(self, entry: Entry) -> None:
        """Notes that nothing is left to do."""
        if self._database is None or entry.id is None:
            return
        try:
            async with self._database.writing() as connection:
                await inbox.finish(connection, entry.id)
        except StoreError as error:
            log.warning("Zalo: not recorded that a reply was sent: %s", error)

    async def unfinished(self) -> list[Entry]:
        """What an earlier run left. What is long done with is forgotten."""
        if self._database is None:
            return []
        try:
            async with self._database.writing() as connection:
                await inbox.forget_before(connection, self._clock() - KEPT)
                rows = await inbox.unfinished(connection, CHANNEL)
        except StoreError as error:
            log.error("Zalo: what was left undone cannot be read: %s", error)
            return []
        left = [row for row in rows if row.id not in self._under_way]
        self._seen.update(dict.fromkeys(row.key for row in left))
        self._under_way.update(row.id for row in left)
        return [Entry(json.loads(row.body), row.at, row.id, row.begun) for row in left]

    def drop(self) -> None:
        """Nothing is under way any more."""
        self._under_way.clear()

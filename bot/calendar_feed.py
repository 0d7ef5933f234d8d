"""Calendars to subscribe to, at /calendar/<secret>.ics, until they are revoked.

The store keeps only the digest of a secret. Whoever left the post for which a calendar was
opened sees the public plan in it and nothing of what officials reported.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tornado.web import HTTPError, RequestHandler

from data.errors import StoreError
from data.loading.library import Library

if TYPE_CHECKING:
    from data.store.database import Database

log = logging.getLogger(__name__)

ROUTE = r"/calendar/([A-Za-z0-9_-]{32})\.ics"


class CalendarFeed:
    """Serves calendars. `clock` gives the aware local time."""

    def __init__(
        self, database: "Database", library: Library, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._library = library
        self._clock = clock

    @property
    def routes(self) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
        """What the server serves."""
        return [(ROUTE, CalendarDownload, {"feed": self})]

    async def calendar(self, secret: str) -> bytes | None:
        """The calendar that a secret opens as it is now; None where it opens none."""
        from data.store import updates
        from data.store.alerts import calendars as opened
        from data.store.alerts import listeners
        from handlers.alerts import calendars
        from handlers.alerts.field import Field
        from handlers.updates.progress import Overview

        now = self._clock()
        async with self._database.reading() as connection:
            found = await opened.calendar(connection, calendars.digest(secret))
            if found is None:
                return None
            listener, agency, plan = found
            public = listener in await listeners.guests(connection, {listener})
            entries = (
                () if public else await updates.of_plans(connection, list(self._library.plans))
            )
        overview = None if public else Overview(self._library, entries, now.date())
        field = Field(self._library, overview, now.date())
        return calendars.calendar(field, agency, plan, now)


class CalendarDownload(RequestHandler):
    """One calendar."""

    def initialize(self, feed: CalendarFeed) -> None:
        """Keeps where the calendars come from."""
        self._feed = feed

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """One line of plain text."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code} {self._reason}\n")

    async def get(self, secret: str) -> None:
        """The calendar; 404 for a secret that opens none, 503 where the store is away."""
        try:
            content = await self._feed.calendar(secret)
        except StoreError as error:
            log.warning("a calendar cannot be made: %s", error)
            raise HTTPError(503) from error
        if content is None:
            raise HTTPError(404)
        self.set_header("Content-Type", "text/calendar; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="don-doc.ics"')
        self.set_header("Cache-Control", "private, max-age=3600")
        self.set_header("X-Robots-Tag", "noindex")
        self.finish(content)

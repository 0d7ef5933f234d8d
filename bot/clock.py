"""The only reader of the wall clock."""

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock:
    """The local time of Việt Nam, aware; from `as_of` on if given, and ticking."""

    def __init__(self, as_of: datetime | None = None) -> None:
        if as_of is not None and as_of.tzinfo is None:
            as_of = as_of.replace(tzinfo=ZONE)
        self._as_of = as_of
        self._started = time.monotonic()

    def now(self) -> datetime:
        """The time, in Asia/Ho_Chi_Minh."""
        if self._as_of is None:
            return datetime.now(ZONE)
        passed = timedelta(seconds=time.monotonic() - self._started)
        return (self._as_of + passed).astimezone(ZONE)

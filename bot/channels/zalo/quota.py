"""What the free plan leaves: messages a month in both directions, and people a bot.

Zalo tells neither figure, so they are counted here and kept in the store.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.errors import StoreError
from data.store import quotas
from data.store.database import Database
from data.store.quotas import Count

log = logging.getLogger(__name__)

MESSAGES = 3000
USERS = 50
LEVELS = (90, 70)
"""Percentages from which on an administrator is warned."""

_CHANNEL = "zalo"
OnQuota = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a bot has used of its plan in a month (`2026-11`)."""

    month: str
    sent: int
    received: int
    users: int
    message_limit: int = MESSAGES
    user_limit: int = USERS

    @property
    def messages(self) -> int:
        """Both directions count."""
        return self.sent + self.received

    @property
    def messages_left(self) -> int:
        """How many more this month; what is urgent goes first."""
        return max(0, self.message_limit - self.messages)

    @property
    def warnings(self) -> tuple[tuple[str, str], ...]:
        """What an administrator should know, each with a name that changes with its level."""
        found = (
            (self.messages, self.message_limit, f"messages of {self.month}"),
            (self.users, self.user_limit, "people"),
        )
        return tuple(
            (f"{what} {level}", f"{used} of {limit} {what} used, {level} % reached")
            for used, limit, what in found
            if (level := _level(used, limit))
        )


def _level(used: int, limit: int) -> int:
    """The highest of LEVELS that is reached, or 0."""
    return next((level for level in LEVELS if used * 100 >= limit * level), 0)


@dataclass(frozen=True, slots=True)
class _Event:
    at: datetime
    sent: int = 0
    received: int = 0
    user: str = ""

    @property
    def month(self) -> str:
        return f"{self.at:%Y-%m}"


class Meter:
    """Counts for one bot, whose id is set once it is known.

    What cannot be stored is held here and stored with the next message. `on_quota` hears
    "messages" or "users", how many, and of how many.
    """

    def __init__(
        self,
        database: Database | None,
        clock: Callable[[], datetime],
        on_quota: OnQuota | None = None,
    ) -> None:
        self.bot = ""
        self._database = database
        self._clock = clock
        self._on_quota = on_quota
        self._held: list[_Event] = []
        self._usage: Usage | None = None
        self._warned: set[str] = set()

    @property
    def notice(self) -> str:
        """What an administrator should know, as of the last message."""
        return "; ".join(text for _, text in self._usage.warnings) if self._usage else ""

    async def sent(self) -> None:
        """One more message went out, or may have."""
        self._held.append(_Event(self._clock(), sent=1))
        await self._told()

    async def received(self, user: str) -> bool:
        """One more came in; True where this person never wrote before."""
        self._held.append(_Event(self._clock(), received=1, user=user))
        return user in await self._told()

    async def usage(self) -> Usage:
        """What this month has used so far."""
        await self._told()
        return self._usage or Usage(_Event(self._clock()).month, 0, 0, 0)

    async def _told(self) -> set[str]:
        """Stores what is held and tells what it comes to; gives the people met for the first
        time."""
        if self._database is None:
            return self._reckoned()
        events, self._held = self._held, []
        try:
            async with self._database.writing() as connection:
                new = {event.user for event in events if await self._put(connection, event)}
                month = _Event(self._clock()).month
                count = await quotas.count(connection, _CHANNEL, self.bot, month)
        except StoreError as error:
            self._held = events + self._held
            log.warning("Zalo: the quota cannot be counted in the store: %s", error)
            return set()
        except BaseException:
            self._held = events + self._held
            raise
        self._notice(count)
        return new

    async def _put(self, connection: Any, event: _Event) -> bool:
        if event.sent or event.received:
            await quotas.add(
                connection, _CHANNEL, self.bot, event.month, event.sent, event.received
            )
        if not event.user:
            return False
        return await quotas.meet(connection, _CHANNEL, self.bot, event.user, event.at)

    def _reckoned(self) -> set[str]:
        """Without a store: from what this process has seen."""
        month = _Event(self._clock()).month
        events = [event for event in self._held if event.month == month]
        sent, received = sum(e.sent for e in events), sum(e.received for e in events)
        users = [event.user for event in self._held if event.user]
        self._notice(Count(month, sent, received, len(set(users))))
        return {users[-1]} if users and users.count(users[-1]) == 1 else set()

    def _notice(self, count: Count) -> None:
        usage = Usage(count.month, count.sent, count.received, count.users)
        self._usage = usage
        for level, text in usage.warnings:
            if level not in self._warned:
                self._warned.add(level)
                log.warning("Zalo: %s", text)
        if self._on_quota:
            self._on_quota("messages", usage.messages, usage.message_limit)
            self._on_quota("users", usage.users, usage.user_limit)

"""The clock of reminding: wakes, asks what is due, sends it through the channels, records it.

A message is noted as being sent before it is sent, and as sent after. What a killed process
was sending is unknown and sent once more; the journal tells what it had only noted.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from bot.channels.base import Channel
from data.errors import (
    ChannelAuthError,
    ChannelDownError,
    ChannelError,
    ChannelQuotaError,
    ChannelRefusedError,
    StoreError,
)
from data.loading.library import Library
from data.reminders import State
from data.store.alerts import sentlog
from data.store.database import Database
from handlers.alerts import delivery, mornings, rounds
from handlers.alerts.composer import Outgoing
from handlers.alerts.delivery import Memory

log = logging.getLogger(__name__)

RATE = 25.0
"""Messages a second over all channels; one chat gets one a second."""
AT_ONCE = 8
EVERYTHING = 9
SPARING = 0.9
"""From this share of a channel's monthly messages on, only what is urgent goes out."""
_GRACE = 10.0
_LONGEST_PAUSE = 300.0
_RECORDING = 6


class Journal:
    """The rows of the log whose sending has begun, in a file that outlives the process.

    It is not flushed to the disk: after a power cut nothing counts as begun.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def begun(self) -> frozenset[int]:
        """What had begun when the last process ended."""
        with suppress(FileNotFoundError):
            return frozenset(
                int(word) for word in self._path.read_text().split() if word.isdigit()
            )
        return frozenset()

    def begin(self, ids: Iterable[int]) -> None:
        """Notes that these are on their way from now on."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._file = os.open(self._path, flags, 0o600)
        os.write(self._file, f" {' '.join(map(str, ids))}\n".encode())

    def clear(self) -> None:
        """Forgets all; nothing may be on its way."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
        else:
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class Pace:
    """When messages may go: `rate` a second over all, one in `chat` seconds in each chat."""

    def __init__(self, rate: float = RATE, chat: float = 1.0) -> None:
        self._interval = 1 / rate
        self._chat = chat
        self._next = 0.0
        self._chats: dict[tuple[str, str], float] = {}

    def wait(self, place: tuple[str, str], now: float) -> float:
        """Books the next message to a chat; the seconds until it may go."""
        due = max(now, self._next, self._chats.get(place, now))
        self._next = max(self._next, now) + self._interval
        self._chats[place] = due + self._chat
        if len(self._chats) > 1000:
            self._chats = {chat: free for chat, free in self._chats.items() if free > now}
        return due - now


class Ticker:
    """Reminds for as long as it runs. `clock` gives the aware local time, `interval` is in s."""

    def __init__(
        self,
        database: Database,
        library: Library,
        channels: Sequence[Channel],
        clock: Callable[[], datetime],
        *,
        journal: Path | None = None,
        interval: float = 2.0,
        pace: Pace | None = None,
    ) -> None:
        self._database = database
        self._library = library
        self._channels = {channel.name: channel for channel in channels}
        self._clock = clock
        self._journal = Journal(journal) if journal else None
        self._interval = interval
        self._pace = pace or Pace()
        self._memory = Memory()
        self._paused: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._awake = asyncio.Event()
        self._stopping = False
        self._runner: asyncio.Task[None] | None = None
        self.last_worked: datetime | None = None

    async def start(self) -> None:
        """Takes up what the last process left, and begins to wake."""
        self._stopping = False
        await self.recover()
        self._runner = asyncio.create_task(self._run(), name="ticker")

    async def stop(self, grace: float = _GRACE) -> None:
        """Finishes what is being sent within `grace` seconds."""
        self._stopping = True
        self._awake.set()
        if self._runner:
            await asyncio.wait({self._runner}, timeout=grace)
            self._runner.cancel()
            await asyncio.gather(self._runner, return_exceptions=True)
            self._runner = None
        if self._journal:
            self._journal.close()

    def wake(self) -> None:
        """Has it look at once: something may have been put into the outbox."""
        self._awake.set()

    async def recover(self) -> None:
        """Settles what was being sent when the last process ended."""
        begun = self._journal.begun() if self._journal else None
        async with self._database.writing() as connection:
            await sentlog.recover(connection, begun)
        if self._journal:
            self._journal.clear()

    async def tick(self) -> None:
        """Decides what is due now, and sends all that may go."""
        names = frozenset(self._channels)
        dates = self._memory.dates(self._library)
        await rounds.decide(self._database, self._library, self._clock(), names, dates)
        await delivery.intake(self._database, self._clock(), names)
        await asyncio.gather(*(self._drain(name) for name in names))
        self.last_worked = self._clock()

    async def _run(self) -> None:
        while not self._stopping:
            self._awake.clear()
            try:
                await self.tick()
            except StoreError as error:
                log.warning("nothing can be reminded of: %s", error)
            except Exception:
                log.exception("a tick of the reminders failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), self._interval)

    async def _drain(self, name: str) -> None:
        """Sends what is due on one channel, a few at once, until nothing may go."""
        channel = self._channels[name]
        while not self._stopping and (rank := await self._rank(channel)) is not None:
            ready = await delivery.claim(
                self._database, self._library, self._clock(), {name: rank}, AT_ONCE, self._memory
            )
            if not ready:
                return
            await asyncio.gather(*(self._deliver(channel, outgoing) for outgoing in ready))

    async def _rank(self, channel: Channel) -> int | None:
        """The least urgent rank that a channel takes now; None where it takes nothing."""
        if self._paused.get(channel.name, 0) > asyncio.get_running_loop().time():
            return None
        usage = getattr(channel, "usage", None)
        if usage is None:
            return EVERYTHING
        used = await usage()
        if not used.messages_left:
            return None
        sparing = used.messages >= used.message_limit * SPARING
        return mornings.URGENT if sparing else EVERYTHING

    async def _deliver(self, channel: Channel, outgoing: Outgoing) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._pace.wait((channel.name, outgoing.chat), loop.time()))
        if self._paused.get(channel.name, 0) > loop.time():
            await self._record(
                partial(delivery.missed, state=State.DUE, reason="paused"), outgoing
            )
            return
        try:
            if self._journal:
                self._journal.begin(outgoing.ids)
            await channel.send(outgoing.chat, outgoing.reply)
        except ChannelError as error:
            await self._failed(channel, outgoing, error)
        except Exception:
            log.exception("a reminder on %s failed", channel.name)
            state = partial(delivery.missed, state=State.UNKNOWN, reason="error")
            await self._record(state, outgoing)
        else:
            self._failures.pop(channel.name, None)
            await self._record(partial(delivery.arrived, at=self._clock()), outgoing)

    async def _failed(self, channel: Channel, outgoing: Outgoing, error: ChannelError) -> None:
        log.warning("a reminder on %s was not sent: %s", channel.name, error)
        if isinstance(error, ChannelRefusedError):
            names: Collection[str] = frozenset(self._channels)
            refused = partial(
                delivery.refused, reason=str(error), at=self._clock(), channels=names
            )
            await self._record(refused, outgoing)
            return
        unknown = isinstance(error, ChannelDownError) and error.sent_unknown
        state, reason = (State.UNKNOWN, "network") if unknown else (State.DUE, _reason(error))
        self._pause(channel.name, error)
        await self._record(partial(delivery.missed, state=state, reason=reason), outgoing)

    def _pause(self, name: str, error: ChannelError) -> None:
        """Lets a channel rest: as long as it asks, or longer each time."""
        failures = self._failures[name] = self._failures.get(name, 0) + 1
        rest = min(_LONGEST_PAUSE, 2.0**failures)
        if isinstance(error, ChannelQuotaError) and error.retry_after is not None:
            rest = error.retry_after
        if isinstance(error, ChannelAuthError):
            rest = _LONGEST_PAUSE
        now = asyncio.get_running_loop().time()
        self._paused[name] = max(self._paused.get(name, 0), now + rest)

    async def _record(self, note: Callable[..., Awaitable[None]], outgoing: Outgoing) -> None:
        """Records an outcome; a busy database is asked again, for it must not be forgotten."""
        for attempt in range(1, _RECORDING + 1):
            try:
                await note(self._database, outgoing)
            except StoreError as error:
                log.warning("what became of a reminder is not recorded yet: %s", error)
                await asyncio.sleep(attempt)
            else:
                return
        log.error("what became of the reminders %s could not be recorded", outgoing.ids)


def _reason(error: ChannelError) -> str:
    for kind, reason in (
        (ChannelQuotaError, "quota"),
        (ChannelAuthError, "auth"),
        (ChannelDownError, "down"),
    ):
        if isinstance(error, kind):
            return reason
    return "error"

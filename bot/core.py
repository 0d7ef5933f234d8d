"""The one conversation core behind every channel: order, memory, and failures.

What one message does is committed in one transaction before its reply goes out: the router's
own writes, the conversation, and the reply itself. Data.store is imported only where there is
a database: `dondoc ask` has none and must start fast.
"""

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from bot.clock import Clock
from bot.replies import from_json, to_json
from data.errors import StoreError
from handlers.failures import failure
from handlers.messages import Message, Reply

if TYPE_CHECKING:
    from data.store.database import Database
    from data.store.people import Connection
    from data.store.work import Work

State = dict[str, Any]
DELIVERIES_KEPT = timedelta(days=7)
CHATS_KEPT = timedelta(days=90)
UNUSED_KEPT = timedelta(days=1)
_log = logging.getLogger(__name__)


class Router(Protocol):
    """Decides what is said. `state` is plain JSON data, None in a chat never heard of."""

    async def reply(
        self, message: Message, state: State | None, work: "Work | None"
    ) -> tuple[Reply, State | None]:
        """The reply and the state after it. `work` is None where nothing can be stored."""


@dataclass(slots=True)
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


@dataclass(frozen=True, slots=True)
class _Heard:
    """A delivery heard before; `reply` is None once it was answered."""

    reply: Reply | None


class _Memory:
    """What could not be stored, or all there is without a database. Forgets the oldest."""

    def __init__(self, chats: int = 10_000, replies: int = 1_000) -> None:
        self._chats = chats
        self._replies = replies
        self._states: OrderedDict[tuple[str, str], State | None] = OrderedDict()
        self._heard: OrderedDict[tuple[str, str], _Heard] = OrderedDict()

    def holds(self, message: Message) -> bool:
        return (message.channel, message.chat) in self._states

    def state(self, message: Message) -> State | None:
        return self._states.get((message.channel, message.chat))

    def heard(self, message: Message) -> _Heard | None:
        return self._heard.get((message.channel, message.key))

    def keep_state(self, message: Message, state: State | None) -> None:
        self._states[message.channel, message.chat] = state
        self._states.move_to_end((message.channel, message.chat))
        if len(self._states) > self._chats:
            self._states.popitem(last=False)

    def keep_reply(self, message: Message, reply: Reply) -> None:
        if message.key:
            self._heard[message.channel, message.key] = _Heard(reply)
        if len(self._heard) > self._replies:
            self._heard.popitem(last=False)

    def drop_state(self, message: Message) -> None:
        self._states.pop((message.channel, message.chat), None)

    def answered(self, message: Message) -> None:
        if self.heard(message):
            self._heard[message.channel, message.key] = _Heard(None)


class Conversations:
    """Takes the messages of all channels: one chat's in order, several chats at once.

    A database that fails costs no answer: the conversation is then kept in this process.
    Only a message whose handler began to write is told that it failed.
    """

    def __init__(self, router: Router, database: "Database | None", clock: Clock) -> None:
        self._router = router
        self._database = database
        self._clock = clock
        self._memory = _Memory()
        self._turns: dict[tuple[str, str], _Turn] = {}
        self._tidied: datetime | None = None
        self.on_written: Callable[[], None] | None = None
        """Called after a message whose handler wrote: somebody may have to be told."""

    async def receive(self, message: Message) -> Reply | None:
        """The reply, or None for a delivery that was already answered."""
        async with self._turn(message):
            heard, state = await self._recall(message)
            if heard is not None:
                return heard.reply
            return await self._deal(message, state)

    async def answered(self, message: Message) -> None:
        """Records that the reply to this delivery reached the messenger."""
        self._memory.answered(message)
        now = self._clock.now()
        tidy = self._tidied is None or now - self._tidied >= timedelta(days=1)
        if self._database is None or not (message.key or tidy):
            return
        from data.store import deliveries

        try:
            async with self._database.writing() as connection:
                if message.key:
                    await deliveries.answered(connection, message.channel, message.key)
                if tidy:
                    await _tidy(connection, now)
                    self._tidied = now
        except StoreError as error:
            _log.warning("not recorded that a reply arrived: %s", error)

    @asynccontextmanager
    async def _turn(self, message: Message) -> AsyncIterator[None]:
        chat = (message.channel, message.chat)
        turn = self._turns.setdefault(chat, _Turn())
        turn.users += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.users -= 1
            if not turn.users:
                del self._turns[chat]

    async def _recall(self, message: Message) -> tuple[_Heard | None, State | None]:
        heard, state = self._memory.heard(message), self._memory.state(message)
        if heard is not None or self._database is None:
            return heard, state
        from data.store import conversations

        try:
            async with self._database.reading() as connection:
                found = await conversations.recall(
                    connection, message.channel, message.chat, message.key
                )
        except StoreError as error:
            _log.warning("the conversation cannot be read: %s", error)
            return None, state
        if found.answered is not None:
            heard = _Heard(None if found.answered else from_json(found.reply or ""))
        if self._memory.holds(message) or found.state is None:
            return heard, state
        return heard, json.loads(found.state)

    async def _deal(self, message: Message, state: State | None) -> Reply:
        try:
            if self._database is not None:
                return await self._store(self._database, message, state)
            reply, after = await self._router.reply(message, state, None)
            self._memory.keep_state(message, after)
        except Exception as error:
            _log.exception("a message of %s failed", message.channel)
            reply = failure(error)
        self._memory.keep_reply(message, reply)
        return reply

    async def _store(self, database: "Database", message: Message, state: State | None) -> Reply:
        from data.store.work import Work

        only_asked = False
        try:
            async with Work(database) as work:
                reply, after = await self._router.reply(message, state, work)
                only_asked = not work.begun
                await _save(work, message, self._clock.now(), reply, after)
        except StoreError as error:
            if not only_asked:
                raise
            _log.warning("the conversation cannot be stored: %s", error)
            self._memory.keep_state(message, after)
            self._memory.keep_reply(message, reply)
        else:
            self._memory.drop_state(message)
            if self.on_written and not only_asked:
                self.on_written()
        return reply


async def _save(
    work: "Work", message: Message, at: datetime, reply: Reply, state: State | None
) -> None:
    from data.store import conversations, deliveries, received

    connection = await work.begin()
    channel, chat = message.channel, message.chat
    if message.attachments:
        await received.note(connection, (a.path for a in message.attachments if a.path), at)
    if state is None:
        await conversations.forget(connection, channel, chat)
    else:
        text = json.dumps(state, separators=(",", ":"))
        await conversations.save(connection, channel, chat, text, at)
    if message.key:
        await deliveries.record(connection, channel, message.key, chat, at, to_json(reply))


async def _tidy(connection: "Connection", now: datetime) -> None:
    """Lets go of what is over, and of files that nobody made evidence of anything."""
    from bot.evidence import discard
    from data.store import conversations, deliveries, received

    await deliveries.forget_before(connection, now - DELIVERIES_KEPT)
    await conversations.forget_before(connection, now - CHATS_KEPT)
    for path in await received.unused(connection, now - UNUSED_KEPT):
        discard(path)
        await received.forget(connection, path)

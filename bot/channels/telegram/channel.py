"""The Telegram channel: an update is confirmed only after it has been dealt with.

Telegram hands an update out again until it is confirmed: by polling with a higher offset,
or by the 200 of the webhook. The offset moves only past updates that are all done, so a
kill at any point brings the update again, and its key makes it take effect once.
"""

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import telegram

from bot.channels.base import (
    Core,
    Health,
    Limits,
    Revealing,
    derived,
    introduced,
    revealed,
    sentence,
)
from bot.channels.telegram.api import Api
from bot.channels.telegram.faults import pause
from bot.channels.telegram.incoming import Blocked, Incoming, Item, Place, Unreadable, read
from bot.channels.telegram.rendering import TEXT, Part, parts
from bot.evidence import Evidence
from data.errors import (
    ChannelAuthError,
    ChannelDownError,
    ChannelError,
    ChannelQuotaError,
    ChannelRefusedError,
    EvidenceError,
)
from data.text.secrecy import secret
from handlers.messages import Attachment, Reply, ReplyKind

log = logging.getLogger(__name__)

PUBLIC = "https://api.telegram.org"
ROUNDS = 20
_AT_ONCE = 16
_SETTLING = 0.25
_WEBHOOK_WAIT = 50.0
_PROOF_HEADER = "x-telegram-bot-api-secret-token"


class TelegramChannel:
    """Telegram by long polling, or by webhook where `webhook_url` is given.

    `clock` gives the aware time of now. `on_blocked(user, blocked)` hears that a person
    stopped the bot or took it back. `poll_timeout` and `backoff` are in seconds.
    """

    name = "telegram"
    limits = Limits(text=TEXT, buttons=True, files=True, editing=True)

    def __init__(
        self,
        token: str | Revealing,
        core: Core,
        clock: Callable[[], datetime],
        *,
        api_url: str = PUBLIC,
        webhook_url: str | None = None,
        webhook_secret: str | Revealing | None = None,
        on_blocked: Callable[[str, bool], Awaitable[None]] | None = None,
        evidence: Evidence | None = None,
        poll_timeout: int = 30,
        backoff: float = 0.5,
    ) -> None:
        bare = revealed(token)
        self._core = core
        self._clock = clock
        self._webhook_url = webhook_url
        self._secret = revealed(webhook_secret) if webhook_secret else derived(bare)
        self._on_blocked = on_blocked
        self._evidence = evidence or Evidence()
        self._poll_timeout = poll_timeout
        self._backoff = backoff
        self._api = Api(bare, api_url, clock, backoff)
        self._me: telegram.User | None = None
        self._runner: asyncio.Task[None] | None = None
        self._stopping = False
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._latest: dict[int | str, asyncio.Task[None]] = {}
        self._done: set[int] = set()
        self._next: int | None = None

    @property
    def health(self) -> Health:
        """Whether Telegram answers, and since when."""
        return self._api.health

    @property
    def up(self) -> bool:
        """Whether Telegram answered last time."""
        return self._api.health.up

    @property
    def last_worked(self) -> datetime | None:
        """When Telegram last answered."""
        return self._api.health.last_ok

    async def start(self) -> None:
        """Raises ChannelAuthError for a bad token; goes on trying where the network is away."""
        self._stopping = False
        await introduced("Telegram", self._introduce, self._api.close)
        self._runner = asyncio.create_task(self._run(), name="telegram")

    async def stop(self, grace: float = 10.0) -> None:
        """Finishes what is under way within `grace` seconds; the rest will come again."""
        self._stopping = True
        if self._runner:
            await _ended([self._runner])
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=grace)
        await _ended(self._under_way.values())
        if self._me and not self._webhook_url and self._done:
            await self._confirm()
        await self._api.close()
        self._runner = self._me = None

    async def send(self, chat: str, reply: Reply) -> None:
        """Sends unasked (a reminder). Raises a ChannelError."""
        if self._me is None:
            raise ChannelDownError("Telegram has not been reached yet")
        place = Place(int(chat) if chat.lstrip("-").isdecimal() else chat)
        for part in parts(reply):
            await self._api.deliver(place, part)

    async def webhook(self, headers: Mapping[str, str], body: bytes) -> int:
        """Takes an update from Telegram; the HTTP status says whether it was dealt with."""
        if not self._webhook_url:
            return 404
        given = next((v for k, v in headers.items() if k.lower() == _PROOF_HEADER), "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            return 403
        if self._stopping or self._me is None:
            return 503
        try:
            data = json.loads(body)
            number = data["update_id"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return 400
        if not isinstance(number, int):
            return 400
        task = self._take(data, self._me)
        await asyncio.wait({task}, timeout=_WEBHOOK_WAIT)
        return 200 if task.done() and not task.cancelled() else 503

    async def _introduce(self) -> None:
        me = await self._api.introduce()
        await self._api.listen(self._webhook_url, self._secret)
        self._me = me

    async def _run(self) -> None:
        failures = 0
        while self._me is None or not self._webhook_url:
            try:
                await (self._poll(self._me) if self._me else self._introduce())
                failures = 0
            except Exception as error:
                failures += 1
                if not isinstance(error, ChannelError):
                    log.exception("Telegram: polling failed")
                    error = ChannelDownError(str(error))
                rest = pause(error, failures, self._backoff)
                log.warning("Telegram: %s; again in %.1f s", error, rest)
                await asyncio.sleep(rest)

    async def _poll(self, me: telegram.User) -> None:
        """One poll; a slow chat holds up the offset but not the other chats."""
        offset = self._offset()
        wait = 0 if self._under_way else self._poll_timeout
        batch = await self._api.updates(offset, wait)
        self._done = {number for number in self._done if offset is None or number >= offset}
        for data in batch:
            if data["update_id"] not in self._done:
                self._take(data, me)
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=_SETTLING)

    async def _confirm(self) -> None:
        try:
            async with asyncio.timeout(3):
                await self._api.updates(self._offset(), 0)
        except (ChannelError, TimeoutError) as error:
            log.info("Telegram: the last updates could not be confirmed: %s", error)

    def _offset(self) -> int | None:
        """The first update that is not done."""
        return min(self._under_way, default=self._next)

    def _take(self, data: dict[str, Any], me: telegram.User) -> asyncio.Task[None]:
        """The task that deals with an update, after those before it in the same chat."""
        number: int = data["update_id"]
        if number in self._under_way:
            return self._under_way[number]
        item = self._read(data, me)
        chat = item.place.chat if item else ""
        previous = self._latest.get(chat) if item else None
        task = asyncio.create_task(self._in_turn(previous, item), name=f"telegram {number}")
        self._under_way[number] = self._latest[chat] = task
        self._next = max(self._next or 0, number + 1)
        task.add_done_callback(partial(self._settled, number, chat))
        return task

    def _settled(self, number: int, chat: int | str, task: asyncio.Task[None]) -> None:
        del self._under_way[number]
        if self._latest.get(chat) is task:
            del self._latest[chat]
        if task.cancelled():
            self._next = min(self._next or number, number)
        elif not self._webhook_url:
            self._done.add(number)

    def _read(self, data: dict[str, Any], me: telegram.User) -> Item:
        try:
            update = telegram.Update.de_json(data, self._api.bot)
            return read(update, me, self._clock())
        except Exception:
            log.exception("Telegram: update %s cannot be read", data["update_id"])
            return None

    async def _in_turn(
        self,
        previous: asyncio.Task[None] | None,
        item: Item,
    ) -> None:
        if previous:
            await asyncio.wait({previous})
        try:
            match item:
                case Incoming():
                    await self._converse(item)
                case Unreadable():
                    await self._deliver(item.place, parts(sentence("telegram.unreadable")))
                case Blocked():
                    if self._on_blocked:
                        await self._on_blocked(item.user, item.blocked)
        except ChannelRefusedError as error:
            log.info("Telegram: chat %s cannot be written to: %s", item and item.place.chat, error)
        except ChannelError as error:
            log.error("Telegram: a reply could not be sent: %s", error)
        except Exception:
            log.exception("Telegram: an update could not be dealt with")

    async def _converse(self, item: Incoming) -> None:
        await self._api.courtesy(item.place, item.query)
        if item.query and not item.message.press:
            return
        try:
            attachments = await self._fetched(item)
        except EvidenceError as error:
            log.warning("Telegram: a file of %s is not kept: %s", item.message.key, error)
            await self._deliver(item.place, parts(sentence(f"evidence.{error.code}")))
            return
        message = replace(item.message, attachments=attachments)
        try:
            async with self._gate:
                reply = await self._core.receive(message)
            outgoing = parts(reply) if reply else []
        except Exception:
            log.exception("Telegram: %s could not be answered", message.key)
            await self._deliver(item.place, parts(sentence("telegram.failure")))
            return
        if reply is None:
            return
        await self._deliver(item.place, outgoing)
        await self._core.answered(message)
        if item.pressed and reply.kind is ReplyKind.DONE:
            await self._api.retire(item.place, item.pressed)

    async def _fetched(self, item: Incoming) -> tuple[Attachment, ...]:
        """The files, kept; none of a message marked secret, which the core refuses."""
        if secret(item.message.text):
            return ()
        return tuple([await self._api.fetch(media, self._evidence) for media in item.media])

    async def _deliver(self, place: Place, outgoing: Iterable[Part]) -> None:
        for part in outgoing:
            await self._persist(place, part)
            place = replace(place, answering=None)

    async def _persist(self, place: Place, part: Part) -> None:
        """Sends, however long the network is away; gives up only while other calls succeed."""
        failures = 0
        while True:
            before = self._api.successes
            try:
                return await self._api.deliver(place, part)
            except (ChannelDownError, ChannelQuotaError, ChannelAuthError) as error:
                failures += 1 if self._api.successes > before else 0
                if failures >= ROUNDS:
                    raise
                rest = pause(error, failures + 1, self._backoff)
            await asyncio.sleep(rest)


async def _ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancels the tasks and waits until they are gone."""
    cancelled = list(tasks)
    for task in cancelled:
        task.cancel()
    await asyncio.gather(*cancelled, return_exceptions=True)

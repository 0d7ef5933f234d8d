"""The Zalo channel, on the Zalo Bot Platform: an answer goes out at most once.

Zalo hands a message over once and keeps nothing, so it is stored before it is dealt with, and
what an earlier run left is taken up at the next start. There is no key by which Zalo would know
a message sent twice: where the network fails in the middle of sending, an answer counts as sent.
"""

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from tornado.web import RequestHandler

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
from bot.channels.lanes import Lanes
from bot.channels.zalo.client import QUOTA_PAUSE, ZaloClient, backoff
from bot.channels.zalo.inbox import Entry, Inbox
from bot.channels.zalo.incoming import Item, Me, me, read, updates
from bot.channels.zalo.quota import Meter, OnQuota, Usage
from bot.channels.zalo.rendering import TEXT, parts
from bot.evidence import Evidence
from data.errors import (
    ChannelAuthError,
    ChannelDownError,
    ChannelError,
    ChannelQuotaError,
    ChannelRefusedError,
    EvidenceError,
)
from data.store.database import Database
from data.text.secrecy import secret
from handlers.failures import failure
from handlers.messages import Attachment, Document, Message, Reply

log = logging.getLogger(__name__)

PUBLIC = "https://bot-api.zaloplatforms.com"
ROUNDS = 8
_AT_ONCE = 16
_COURTESY = 3.0
_SHORTEST_POLL = 0.1
_WATCH = 600.0
_PROOF_HEADER = "x-bot-api-secret-token"


class Links(Protocol):
    """Where files are put for download."""

    def publish(self, document: Document) -> str:
        """The address of the file."""

    @property
    def routes(self) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
        """What the server serves for it."""


class ZaloChannel:
    """Zalo by long polling, or by webhook where `webhook_url` is given.

    `clock` gives the aware time of now, and `sleep` waits for seconds. `notice` tells each
    person, after the first answer, what they write to and what it keeps: Zalo's terms ask for it.
    """

    name = "zalo"
    limits = Limits(text=TEXT, buttons=False, files=False, editing=False)

    def __init__(
        self,
        token: str | Revealing,
        core: Core,
        clock: Callable[[], datetime],
        *,
        api_url: str = PUBLIC,
        webhook_url: str | None = None,
        webhook_secret: str | Revealing | None = None,
        database: Database | None = None,
        links: Links | None = None,
        evidence: Evidence | None = None,
        on_quota: OnQuota | None = None,
        notice: bool = True,
        poll_timeout: int = 30,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        bare = revealed(token)
        self._core = core
        self._clock = clock
        self._sleep = sleep
        self._webhook_url = webhook_url
        self._secret = revealed(webhook_secret) if webhook_secret else derived(bare)
        self._links = links
        self._notice = notice
        self._poll_timeout = poll_timeout
        self._plain = api_url.removeprefix("http://").split("/")[0]
        self._client = ZaloClient(bare, api_url, clock)
        self._inbox = Inbox(database, clock)
        self._meter = Meter(database, clock, on_quota)
        self._evidence = evidence or Evidence()
        self._lanes = Lanes()
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._ready = asyncio.Event()
        self._me: Me | None = None
        self._runner: asyncio.Task[None] | None = None
        self._quiet_until: datetime | None = None
        self._revoked = False

    @property
    def health(self) -> Health:
        """Whether Zalo answers, since when, and what of its plan is nearly used up."""
        return replace(self._client.health, up=self.up, notice=self._meter.notice)

    @property
    def up(self) -> bool:
        """Whether Zalo answered last time, and takes the token."""
        return self._client.health.up and not self._revoked

    @property
    def last_worked(self) -> datetime | None:
        """When Zalo last answered or called."""
        return self._client.health.last_ok

    @property
    def routes(self) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
        """What the server serves for this channel."""
        return self._links.routes if self._links else []

    async def usage(self) -> Usage:
        """What the bot has used of its plan this month."""
        return await self._meter.usage()

    async def start(self) -> None:
        """Raises ChannelAuthError for a bad token; goes on trying where the network is away."""
        self._revoked = False
        await introduced("Zalo", self._introduce, self._client.close)
        self._runner = asyncio.create_task(self._run(), name="zalo")

    async def stop(self, grace: float = 10.0) -> None:
        """Finishes what is under way within `grace` seconds; the rest waits in the store."""
        if self._runner:
            self._runner.cancel()
            await asyncio.gather(self._runner, return_exceptions=True)
        await self._lanes.drain(grace if self._ready.is_set() else 0)
        await self._client.close()
        self._inbox.drop()
        self._ready.clear()
        self._runner = self._me = None

    async def send(self, chat: str, reply: Reply) -> None:
        """Sends unasked (a reminder). Raises a ChannelError."""
        if not self._ready.is_set():
            raise ChannelDownError("Zalo has not been reached yet")
        if rest := self._quiet():
            raise ChannelQuotaError("Zalo asked for a pause", rest)
        for number, text in enumerate(self._parts(reply)):
            try:
                await self._say(chat, text)
            except ChannelAuthError:
                raise
            except ChannelError as error:
                if number:
                    told = f"after {number} messages of a reply: {error}"
                    raise ChannelDownError(told, sent_unknown=True) from error
                raise

    async def webhook(self, headers: Mapping[str, str], body: bytes) -> int:
        """Takes a call of Zalo; it is thanked once the message is stored."""
        if not self._webhook_url:
            return 404
        if not body.strip():
            return 200
        given = next((v for k, v in headers.items() if k.lower() == _PROOF_HEADER), "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            return 403
        try:
            found = list(updates(json.loads(body)))
        except (ValueError, RecursionError):
            return 400
        self._client.heard()
        for update in found:
            await self._take(update)
        return 200

    async def _introduce(self) -> None:
        account = me(await self._client.call("getMe"))
        await self._listen()
        self._me = account
        self._meter.bot = account.id
        if not self._ready.is_set():
            await self._resume()
            self._ready.set()
            await self._meter.usage()

    async def _listen(self) -> None:
        """Chooses webhook or polling; polling does not work while a webhook is set."""
        if not self._webhook_url:
            await self._client.call("deleteWebhook")
            return
        told = await self._client.call(
            "setWebhook", url=self._webhook_url, secret_token=self._secret
        )
        check = told.get("verification") if isinstance(told, dict) else None
        if isinstance(check, dict) and check.get("ok") is not True:
            log.error("Zalo could not verify the webhook: %s", check.get("hint") or check)
        if not await self._hooked():
            log.error("Zalo did not keep the webhook that it was given")

    async def _hooked(self) -> bool:
        """Whether Zalo calls us."""
        told = await self._client.call("getWebhookInfo")
        return isinstance(told, dict) and told.get("url") == self._webhook_url

    async def _run(self) -> None:
        failures = 0
        while True:
            try:
                await self._step()
                failures = 0
                continue
            except ChannelAuthError as error:
                self._alarm(error)
                return
            except ChannelQuotaError as error:
                log.error("Zalo: the quota is used up, pausing: %s", error)
                rest = error.retry_after or QUOTA_PAUSE
            except Exception as error:
                failures += 1
                rest = backoff(failures)
                self._failed(error, rest)
            await self._sleep(rest)

    async def _step(self) -> None:
        if self._me is None:
            await self._introduce()
        if self._webhook_url:
            await self._sleep(_WATCH)
            if not await self._hooked():
                log.warning("Zalo lost the webhook; it is set again")
                await self._listen()
        else:
            await self._poll()

    async def _poll(self) -> None:
        """One poll. A server that answers at once that nothing is new is not pressed."""
        begun = asyncio.get_running_loop().time()
        found = list(updates(await self._client.updates(self._poll_timeout)))
        for update in found:
            await self._take(update)
        passed = asyncio.get_running_loop().time() - begun
        if not found and passed < _SHORTEST_POLL:
            await self._sleep(_SHORTEST_POLL - passed)

    def _failed(self, error: Exception, rest: float) -> None:
        if not isinstance(error, ChannelError):
            log.error("Zalo: receiving failed", exc_info=error)
        if isinstance(error, ChannelRefusedError):
            self._me = None
        log.warning("Zalo: %s; again in %.0f s", error, rest)

    def _alarm(self, error: ChannelAuthError) -> None:
        if not self._revoked:
            log.critical("Zalo stops until the token is put right: %s", error)
        self._revoked = True

    async def _resume(self) -> None:
        """Takes up what an earlier run left undone."""
        for entry in await self._inbox.unfinished():
            item = self._read(entry.update)
            if item is None:
                await self._inbox.finish(entry)
            else:
                self._lanes.put(item.chat, partial(self._deal, entry, item, False))

    async def _take(self, update: dict[str, Any]) -> None:
        """Stores an update and begins to deal with it, after those before it in its chat."""
        item = self._read(update)
        if item is None:
            log.info("Zalo: nothing to do for %s", update.get("event_name"))
            return
        entry = await self._inbox.put(item.key, update, store=not secret(item.text))
        if entry is not None:
            self._lanes.put(item.chat, partial(self._deal, entry, item, True))

    def _read(self, update: dict[str, Any]) -> Item | None:
        try:
            return read(update, self._me)
        except Exception:
            log.exception("Zalo: an update cannot be read")
            return None

    async def _deal(self, entry: Entry, item: Item, fresh: bool) -> None:
        await self._ready.wait()
        try:
            new = fresh and await self._meter.received(item.user)
            await self._converse(entry, item, new and self._notice and not item.group)
        except ChannelAuthError as error:
            self._alarm(error)
            return
        except ChannelRefusedError as error:
            log.info("Zalo: chat %s cannot be written to: %s", item.chat, error)
        except ChannelError as error:
            log.error("Zalo: a reply may not have arrived: %s", error)
        except Exception:
            log.exception("Zalo: an update could not be dealt with")
        await self._inbox.finish(entry)

    async def _converse(self, entry: Entry, item: Item, notice: bool) -> None:
        await self._typing(item.chat)
        message = await self._message(entry, item)
        reply = await self._reply(item, message)
        if reply is None:
            return
        outgoing = self._parts(reply) + (self._parts(sentence("zalo.notice")) if notice else [])
        try:
            for number, text in enumerate(outgoing[entry.begun :], entry.begun):
                await self._persist(entry, item.chat, number, text)
        except ChannelAuthError:
            raise
        except ChannelError:
            await self._answered(message)
            raise
        await self._answered(message)

    async def _message(self, entry: Entry, item: Item) -> Message | Reply:
        """The message for the core, or what is said where it cannot be made one."""
        if not item.text and not item.media:
            return sentence("zalo.unreadable")
        try:
            attachments = await self._fetched(item)
        except EvidenceError as error:
            log.warning("Zalo: a file of chat %s is not kept: %s", item.chat, error)
            return sentence(f"evidence.{error.code}")
        return Message(
            channel=self.name,
            chat=item.chat,
            user=item.user,
            at=entry.at,
            text=item.text,
            key=item.key,
            name=item.name,
            attachments=attachments,
        )

    async def _fetched(self, item: Item) -> tuple[Attachment, ...]:
        """The files, kept; none of a message marked secret, which the core refuses."""
        if secret(item.text):
            return ()
        return tuple(
            [
                await self._evidence.fetch(media.address, media.name, (media.kind,), self._plain)
                for media in item.media
            ]
        )

    async def _reply(self, item: Item, message: Message | Reply) -> Reply | None:
        """What is said; None for nothing."""
        if isinstance(message, Reply):
            return None if item.group else message
        try:
            async with self._gate:
                return await self._core.receive(message)
        except Exception as error:
            log.exception("Zalo: %s could not be answered", item.key)
            return failure(error)

    async def _answered(self, message: Message | Reply) -> None:
        if isinstance(message, Message):
            await self._core.answered(message)

    async def _persist(self, entry: Entry, chat: str, number: int, text: str) -> None:
        """Sends one message of a reply, again only where it surely did not arrive; goes on as
        long as Zalo cannot be reached at all."""
        attempt, refused, answers = 0, 0, self._client.answers
        while True:
            if rest := self._quiet():
                await self._sleep(rest)
            await self._inbox.begin(entry, number + 1)
            try:
                return await self._say(chat, text)
            except ChannelError as error:
                attempt += 1
                if isinstance(error, ChannelDownError) and error.sent_unknown:
                    raise
                await self._inbox.begin(entry, number)
                refused += 1 if self._client.answers > answers else 0
                answers = self._client.answers
                final = isinstance(error, ChannelAuthError | ChannelRefusedError)
                if final or refused >= ROUNDS:
                    raise
                log.warning("Zalo: chat %s: %s; again in a while", chat, error)
            if not self._quiet():
                await self._sleep(backoff(attempt))

    async def _say(self, chat: str, text: str) -> None:
        """One message out; it counts for the quota where it may have arrived."""
        try:
            await self._client.call("sendMessage", chat_id=chat, text=text)
        except ChannelQuotaError as error:
            log.error("Zalo: the quota is used up, pausing: %s", error)
            self._quiet_until = self._clock() + timedelta(seconds=error.retry_after or QUOTA_PAUSE)
            raise
        except ChannelDownError as error:
            if error.sent_unknown:
                await self._meter.sent()
            raise
        except ChannelAuthError as error:
            self._alarm(error)
            raise
        await self._meter.sent()

    async def _typing(self, chat: str) -> None:
        """Shows typing. May fail unnoticed."""
        if self._quiet():
            return
        try:
            async with asyncio.timeout(_COURTESY):
                await self._client.call("sendChatAction", chat_id=chat, action="typing")
        except (ChannelError, TimeoutError) as error:
            log.debug("Zalo: %s", error)

    def _quiet(self) -> float:
        """Seconds of the pause that Zalo asked for, or 0."""
        if self._quiet_until is None:
            return 0.0
        return max(0.0, (self._quiet_until - self._clock()).total_seconds())

    def _parts(self, reply: Reply) -> list[str]:
        return parts(reply, self._links.publish if self._links else None)

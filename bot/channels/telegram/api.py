"""Calls to the Bot API: paced, repeated where that helps, failing as a ChannelError."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import telegram
from telegram.constants import ChatAction, ParseMode
from telegram.error import ChatMigrated, TelegramError

from bot.channels.base import Health
from bot.channels.mask import Mask
from bot.channels.telegram.faults import FormError, mapped, pause
from bot.channels.telegram.incoming import ALLOWED, Media, Place, commands
from bot.channels.telegram.rendering import Button, Part
from bot.channels.telegram.transport import CHATTY, Pace, RawBot, connect
from bot.evidence import Evidence
from data.errors import (
    ChannelAuthError,
    ChannelDownError,
    ChannelError,
    ChannelQuotaError,
    EvidenceError,
)
from handlers.messages import Attachment, Document

log = logging.getLogger(__name__)

ATTEMPTS = 5
LONGEST_WAIT = 60.0
_COURTESY = 3.0
_T = TypeVar("_T")


class Api:
    """One bot on one Bot API server. `backoff` is the first pause between attempts, in s."""

    def __init__(
        self, token: str, url: str, clock: Callable[[], datetime], backoff: float
    ) -> None:
        self._token = token
        self._url = url
        self._clock = clock
        self._backoff = backoff
        self._pace = Pace()
        self._mask = Mask(token, *CHATTY)
        self._made: RawBot | None = None
        self._moved: dict[int | str, int] = {}
        self.health = Health("telegram", up=False)
        self.successes = 0

    @property
    def bot(self) -> RawBot:
        """The library's bot, made at first use; making it logs its address."""
        if self._made is None:
            self._mask.put_on()
            self._made = connect(self._token, self._url)
        return self._made

    async def close(self) -> None:
        """Closes the connections."""
        if self._made is not None:
            await self._made.shutdown()
            self._made = None
        self._mask.take_off()
        self.health = Health("telegram", False, self.health.last_ok, self.health.last_error)

    async def introduce(self) -> telegram.User:
        """Checks the token and sets the menu; gives the bot's own account."""
        await self.call(lambda: self.bot.initialize())
        try:
            await self.call(lambda: self.bot.set_my_commands(commands()))
        except ChannelError as error:
            log.warning("Telegram did not take the menu of commands: %s", error)
        return self.bot.bot

    async def listen(self, webhook: str | None, secret: str) -> None:
        """Chooses webhook or polling. What waits on the server is kept."""
        if webhook:
            await self.call(
                lambda: self.bot.set_webhook(
                    webhook, secret_token=secret, allowed_updates=ALLOWED, max_connections=40
                )
            )
            return
        try:
            await self.call(lambda: self.bot.delete_webhook())
        except ChannelError as error:
            log.warning("Telegram did not take back the webhook: %s", error)

    async def updates(self, offset: int | None, seconds: int) -> list[dict[str, Any]]:
        """One poll of at most so many seconds; not repeated here."""
        return await self._once(lambda: self.bot.raw_updates(offset, seconds))

    async def courtesy(self, place: Place, query: str) -> None:
        """Shows typing and releases a pressed button. May fail unnoticed."""
        wanted = [self.bot.send_chat_action(place.chat, ChatAction.TYPING, place.thread)]
        if query:
            wanted.append(self.bot.answer_callback_query(query))
        await self._quietly(asyncio.gather(*wanted, return_exceptions=True))

    async def retire(self, place: Place, message: int) -> None:
        """Takes the buttons from a message whose question is settled. May fail unnoticed."""
        await self._quietly(self.bot.edit_message_reply_markup(place.chat, message))

    async def deliver(self, place: Place, part: Part) -> None:
        """Sends one part; where its form is refused, as plain text. Raises a ChannelError."""
        try:
            await self.call(lambda: self._send(place, part), place.chat)
        except FormError as error:
            if part.document:
                raise
            log.error("Telegram refused the form of a message, which is sent plain: %s", error)
            for text in part.plain:
                await self.call(partial(self._say, place, text), place.chat)

    async def fetch(self, media: Media, evidence: Evidence) -> Attachment:
        """Downloads a file at once, since its address expires, and keeps it.

        Raises EvidenceError.
        """
        if media.size > evidence.limit:
            raise EvidenceError("large", f"{media.name}: {media.size} bytes")
        try:
            file = await self.call(lambda: self.bot.get_file(media.file))
        except ChannelError as error:
            code = "large" if "too big" in str(error).lower() else "gone"
            raise EvidenceError(code, f"{media.name}: {error}") from error
        kinds = (media.kind,) if media.kind else ()
        server = urlsplit(self._url)
        plain = server.netloc if server.scheme == "http" else ""
        return await evidence.fetch(file.file_path or "", media.name, kinds, plain)

    async def call(self, method: Callable[[], Awaitable[_T]], chat: int | str | None = None) -> _T:
        """The result of `method`, repeated while that helps; paced if a message to `chat`."""
        if chat is not None:
            await asyncio.sleep(self._pace.wait(chat, asyncio.get_running_loop().time()))
        attempt, waited, sent_unknown = 1, 0.0, False
        while True:
            try:
                return await self._once(method)
            except (ChannelQuotaError, ChannelDownError) as error:
                rest = pause(error, attempt, self._backoff)
                if isinstance(error, ChannelDownError):
                    error.sent_unknown = sent_unknown = sent_unknown or error.sent_unknown
                if attempt >= ATTEMPTS or waited + rest > LONGEST_WAIT:
                    raise
                log.warning("Telegram: %s; again in %.1f s", error, rest)
            await asyncio.sleep(rest)
            attempt, waited = attempt + 1, waited + rest

    async def _once(self, method: Callable[[], Awaitable[_T]]) -> _T:
        try:
            result = await method()
        except TelegramError as fault:
            error = mapped(fault, self._token)
        else:
            self.successes += 1
            self.health = Health("telegram", True, self._clock(), self.health.last_error)
            return result
        down = isinstance(error, ChannelDownError | ChannelAuthError)
        last_ok = self.health.last_ok if down else self._clock()
        self.health = Health("telegram", not down, last_ok, str(error))
        raise error

    async def _quietly(self, awaited: Awaitable[Any]) -> None:
        try:
            async with asyncio.timeout(_COURTESY):
                await awaited
        except (TelegramError, TimeoutError) as fault:
            log.debug("Telegram: %s", str(fault).replace(self._token, "***"))

    async def _send(self, place: Place, part: Part) -> None:
        if part.document:
            await self._upload(place, part.document)
        else:
            await self._say(place, part.html, ParseMode.HTML, _inline(part.keyboard))

    async def _say(
        self,
        place: Place,
        text: str,
        mode: str | None = None,
        keyboard: telegram.InlineKeyboardMarkup | None = None,
    ) -> None:
        await self._to(
            place,
            lambda chat: self.bot.send_message(
                chat,
                text,
                parse_mode=mode,
                reply_markup=keyboard,
                message_thread_id=place.thread,
                reply_parameters=_answering(place),
                link_preview_options=telegram.LinkPreviewOptions(is_disabled=True),
            ),
        )

    async def _upload(self, place: Place, document: Document) -> None:
        file = telegram.InputFile(document.content, document.name)
        await self._to(
            place,
            lambda chat: self.bot.send_document(
                chat,
                file,
                message_thread_id=place.thread,
                reply_parameters=_answering(place),
            ),
        )

    async def _to(
        self, place: Place, send: Callable[[int | str], Awaitable[telegram.Message]]
    ) -> None:
        """Sends to the chat, or to where a group that grew has moved."""
        try:
            await send(self._moved.get(place.chat, place.chat))
        except ChatMigrated as moved:
            self._moved[place.chat] = moved.new_chat_id
            await send(moved.new_chat_id)


def _answering(place: Place) -> telegram.ReplyParameters | None:
    if place.answering is None:
        return None
    return telegram.ReplyParameters(place.answering, allow_sending_without_reply=True)


def _inline(keyboard: tuple[tuple[Button, ...], ...]) -> telegram.InlineKeyboardMarkup | None:
    if not keyboard:
        return None
    return telegram.InlineKeyboardMarkup(
        [
            [telegram.InlineKeyboardButton(b.label, callback_data=b.action) for b in row]
            for row in keyboard
        ]
    )

"""The web chat: browsers on a WebSocket, each a conversation of its own.

A browser makes a random secret of 128 bits and shows it when it connects; the person and
the conversation are the secret's digest, so neither logs nor the database hold the secret.

Frames are JSON objects. From the browser: `hello` (secret), `say` (id, text), `press`
(id, action), `ack` (re or id), `ping`. To it: `ready` (now), `reply` (id, re, at, kind,
bubbles), `known` (re: answered before), `error` (re, text), `pong`. The browser sends
again whatever has no reply yet when it connects again, and acknowledges each reply; the id
names the delivery to the core, so that it takes effect once.
"""

import asyncio
import hashlib
import json
import logging
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

from tornado.web import HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from bot.channels.base import Core, Limits, rows
from data.errors import ChannelDownError
from handlers.messages import Bubble, Choice, Document, Message, Reply
from handlers.wording import say

log = logging.getLogger(__name__)

Frame = dict[str, Any]
TEXT_LIMIT = 4000
FRAME_BYTES = 64 * 1024
_SECRET = re.compile(r"[A-Za-z0-9_-]{22}")
_DELIVERY = re.compile(r"[A-Za-z0-9_-]{8,40}")
_HELLO_SECONDS = 10
_PING_SECONDS = 30
_GOODBYE_SECONDS = 2
_UNDER_WAY = 8
_WAITING = 50
_CONVERSATIONS = 2000
_SHELF_BYTES = 32 * 1024 * 1024


def person(secret: str) -> str:
    """The public name of the browser that holds this secret: 32 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


class Connection(Protocol):
    """An open browser."""

    def post(self, frame: Frame) -> None:
        """Sends a frame; one that finds the connection closed is dropped."""

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Ends the connection."""


class Shelf:
    """Files of replies, each under an unguessable name; the oldest give way."""

    def __init__(self, limit: int = _SHELF_BYTES) -> None:
        self._limit = limit
        self._files: OrderedDict[str, Document] = OrderedDict()
        self._held = 0

    def put(self, file: Document) -> str:
        """Keeps a file and names it."""
        name = secrets.token_urlsafe(16)
        self._files[name] = file
        self._held += len(file.content)
        while self._held > self._limit and len(self._files) > 1:
            self._held -= len(self._files.popitem(last=False)[1].content)
        return name

    def get(self, name: str) -> Document | None:
        """The file of that name, if it is still kept."""
        return self._files.get(name)


@dataclass(slots=True)
class Conversation:
    """The open browsers of one person, and what was sent unasked and not yet acknowledged."""

    connections: set[Connection] = field(default_factory=set)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    under_way: int = 0
    waiting: OrderedDict[str, Frame] = field(default_factory=OrderedDict)

    @property
    def idle(self) -> bool:
        """Nothing here would be missed."""
        return not (self.connections or self.under_way or self.waiting)

    def post(self, frame: Frame) -> None:
        """Sends to every open browser."""
        for connection in tuple(self.connections):
            connection.post(frame)


class WebChannel:
    """The web chat as a channel. `now` gives aware local time."""

    name = "web"
    limits = Limits(text=20_000, buttons=True, files=True, editing=False)

    def __init__(
        self,
        core: Core,
        now: Callable[[], datetime],
        *,
        per_address: int = 200,
        connections: int = 2000,
    ) -> None:
        self.up = False
        self.last_worked: datetime | None = None
        self.shelf = Shelf()
        self._core = core
        self._now = now
        self._per_address = per_address
        self._connections = connections
        self._open: dict[Connection, str] = {}
        self._empty = asyncio.Event()
        self._conversations: dict[str, Conversation] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def routes(self) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
        """What the server serves for this channel."""
        return [
            (r"/chat", Socket, {"channel": self}),
            (r"/files/([A-Za-z0-9_-]{22})/[^/]+", Download, {"shelf": self.shelf}),
        ]

    async def start(self) -> None:
        """Accepts browsers from now on."""
        self.up = True

    async def stop(self) -> None:
        """Finishes the answers under way, then lets the browsers go."""
        self.up = False
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in tuple(self._open):
            connection.close(1001)
        if self._open:
            self._empty.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), _GOODBYE_SECONDS)

    async def send(self, chat: str, reply: Reply) -> None:
        """Shows a reply unasked, at once or when the browser next connects.

        Raises ChannelDownError where too much is waiting for this browser already.
        """
        conversation = self._conversation(chat)
        full = len(self._conversations) > _CONVERSATIONS and not conversation.connections
        if full or len(conversation.waiting) >= _WAITING:
            self._forget(chat)
            raise ChannelDownError("the browser has not fetched its messages for too long")
        frame = self._frame(reply)
        conversation.waiting[frame["id"]] = frame
        conversation.post(frame)

    def admits(self, address: str) -> bool:
        """Whether one more connection from this address is within bounds."""
        return (
            self.up
            and len(self._open) < self._connections
            and list(self._open.values()).count(address) < self._per_address
        )

    def opened(self, connection: Connection, address: str) -> None:
        """A browser connected and has not yet said who it is."""
        self._open[connection] = address

    def closed(self, connection: Connection) -> None:
        """A connection ended."""
        self._open.pop(connection, None)
        if not self._open:
            self._empty.set()

    def join(self, chat: str, connection: Connection) -> None:
        """A browser showed who it is: it gets what waits for it."""
        conversation = self._conversation(chat)
        conversation.connections.add(connection)
        self.last_worked = self._now()
        connection.post({"type": "ready", "now": self.last_worked.isoformat()})
        for frame in conversation.waiting.values():
            connection.post(frame)

    def leave(self, chat: str, connection: Connection) -> None:
        """A browser went."""
        if conversation := self._conversations.get(chat):
            conversation.connections.discard(connection)
            self._forget(chat)

    def accept(self, chat: str, frame: Frame) -> None:
        """Takes a `say` or a `press`; raises ValueError where the frame is malformed."""
        delivery, text, press = (frame.get(key, "") for key in ("id", "text", "action"))
        if not all(isinstance(value, str) for value in (delivery, text, press)):
            raise ValueError("a field is no text")
        if not _DELIVERY.fullmatch(delivery) or not (text.strip() or press):
            raise ValueError("no id, or nothing said")
        text, press = (value.encode(errors="replace").decode() for value in (text, press))
        conversation = self._conversation(chat)
        if len(text) > TEXT_LIMIT or len(press.encode()) > 64:
            conversation.post(_error(delivery, say("web.too_long", limit=TEXT_LIMIT)))
        elif conversation.under_way >= _UNDER_WAY:
            conversation.post(_error(delivery, say("web.too_many")))
        else:
            conversation.under_way += 1
            self._begin(self._answer(chat, delivery, text, press))

    def acknowledge(self, chat: str, frame: Frame) -> None:
        """A reply arrived: `re` names the delivery, or `id` what was sent unasked."""
        delivery, unasked = frame.get("re"), frame.get("id")
        if isinstance(unasked, str):
            self._conversation(chat).waiting.pop(unasked, None)
            self._forget(chat)
        if isinstance(delivery, str) and _DELIVERY.fullmatch(delivery):
            self._begin(self._answered(self._message(chat, delivery)))

    async def _answer(self, chat: str, delivery: str, text: str, press: str) -> None:
        conversation = self._conversation(chat)
        try:
            async with conversation.lock:
                frame = await self._reply(self._message(chat, delivery, text, press), delivery)
                conversation.post(frame)
        finally:
            conversation.under_way -= 1
            self._forget(chat)

    async def _reply(self, message: Message, delivery: str) -> Frame:
        try:
            reply = await self._core.receive(message)
        except Exception:
            log.exception("no reply for a message of the web chat")
            return _error(delivery, say("web.failed"))
        self.last_worked = self._now()
        if reply is None:
            return {"type": "known", "re": delivery}
        return {**self._frame(reply), "re": delivery}

    async def _answered(self, message: Message) -> None:
        try:
            await self._core.answered(message)
        except Exception:
            log.exception("could not record that a reply of the web chat arrived")

    def _message(self, chat: str, delivery: str, text: str = "", press: str = "") -> Message:
        return Message(
            channel=self.name,
            chat=chat,
            user=chat,
            at=self._now(),
            text=text,
            key=f"{chat}:{delivery}",
            press=press,
        )

    def _frame(self, reply: Reply) -> Frame:
        return {
            "type": "reply",
            "id": secrets.token_urlsafe(12),
            "at": self._now().isoformat(),
            "kind": reply.kind.value,
            "bubbles": [self._bubble(bubble) for bubble in reply.bubbles],
        }

    def _bubble(self, bubble: Bubble) -> Frame:
        spoken = {line.text for line in bubble.lines}
        listed = {_listing(choice) for row in bubble.choices for choice in row if choice.listed}
        return {
            "lines": [
                {"text": line.text, "style": line.style.value}
                for line in bubble.lines
                if line.text not in listed
            ],
            "choices": [[_button(choice, spoken) for choice in row] for row in rows(bubble)],
            "files": [
                {
                    "name": file.name,
                    "address": f"files/{self.shelf.put(file)}/{quote(file.name, safe='')}",
                }
                for file in bubble.files
            ],
        }

    def _conversation(self, chat: str) -> Conversation:
        return self._conversations.setdefault(chat, Conversation())

    def _forget(self, chat: str) -> None:
        conversation = self._conversations.get(chat)
        if conversation is not None and conversation.idle:
            del self._conversations[chat]

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _listing(choice: Choice) -> str:
    return f"{choice.number}. {choice.label}"


def _button(choice: Choice, spoken: set[str]) -> Frame:
    """A line that says no more than the button is left out, and its number put on the button."""
    listing = _listing(choice)
    shown = listing if choice.listed and listing in spoken else choice.label
    return {"shown": shown, "label": choice.label, "action": choice.action}


def _error(delivery: str, text: str) -> Frame:
    return {"type": "error", "re": delivery, "text": text}


class Socket(WebSocketHandler):
    """One browser's connection. A frame that makes no sense ends it with code 1008."""

    SUPPORTED_METHODS = ("GET",)

    def initialize(self, channel: WebChannel) -> None:
        """Keeps the channel."""
        self._channel = channel
        self._chat = ""
        self._patience: asyncio.TimerHandle | None = None

    @property
    def max_message_size(self) -> int:
        """Bytes of a frame."""
        return FRAME_BYTES

    @property
    def ping_interval(self) -> float:
        """Seconds; a browser that does not answer within as many is let go."""
        return _PING_SECONDS

    def prepare(self) -> None:
        """Refuses what is out of bounds."""
        if not self._channel.admits(self.request.remote_ip or ""):
            raise HTTPError(429)

    def open(self, *args: str, **kwargs: str) -> None:
        """Waits for the browser to say who it is."""
        self._channel.opened(self, self.request.remote_ip or "")
        self.set_nodelay(True)
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(_HELLO_SECONDS, self.close, 1008)

    def on_message(self, message: str | bytes) -> None:
        """Does what a frame asks; while the channel stops, nothing: the browser asks again."""
        if not self._channel.up:
            return
        try:
            frame = json.loads(message)
            if not isinstance(frame, dict):
                raise ValueError("no object")
            self._do(frame)
        except (ValueError, RecursionError):
            self.close(1008)

    def _do(self, frame: Frame) -> None:
        match frame.get("type"):
            case "hello" if not self._chat:
                self._hello(frame.get("secret"))
            case "say" | "press" if self._chat:
                self._channel.accept(self._chat, frame)
            case "ack" if self._chat:
                self._channel.acknowledge(self._chat, frame)
            case "ping":
                self.post({"type": "pong"})
            case _:
                raise ValueError("unknown frame")

    def _hello(self, secret: object) -> None:
        if not isinstance(secret, str) or not _SECRET.fullmatch(secret):
            raise ValueError("no secret")
        if self._patience:
            self._patience.cancel()
        self._chat = person(secret)
        self._channel.join(self._chat, self)

    def post(self, frame: Frame) -> None:
        """Sends a frame; one that finds the connection closed is dropped."""
        try:
            sending = self.write_message(json.dumps(frame, ensure_ascii=False))
        except WebSocketClosedError:
            return
        sending.add_done_callback(lambda done: done.cancelled() or done.exception())

    def on_close(self) -> None:
        """Forgets the browser."""
        if self._patience:
            self._patience.cancel()
        self._channel.leave(self._chat, self)
        self._channel.closed(self)


class Download(RequestHandler):
    """A file of a reply, always as a download."""

    def initialize(self, shelf: Shelf) -> None:
        """Keeps the shelf."""
        self._shelf = shelf

    def get(self, name: str) -> None:
        """The file, or 404 where it is gone."""
        file = self._shelf.get(name)
        if file is None:
            raise HTTPError(404)
        self.set_header("Content-Type", file.media_type)
        self.set_header("Cache-Control", "private, no-store")
        self.set_header(
            "Content-Disposition", f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
        )
        self.write(file.content)

"""One person on one channel, by the channel's own wire: what they send, and what they see."""

import asyncio
import io
import json
import re
import unicodedata
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from tornado.websocket import WebSocketClientConnection, websocket_connect

from bot.channels.console import Console
from bot.channels.telegram import TelegramChannel
from bot.channels.web import WebChannel
from bot.channels.zalo import ZaloChannel
from bot.clock import Clock
from bot.core import Conversations
from bot.core import Router as Talker
from bot.evidence import Evidence
from bot.metrics import Metrics
from bot.server import Server
from data.store.database import Database
from handlers.messages import Message, Reply
from tests import telegram_stub, zalo_emulator
from tests.telegram_stub import TelegramStub
from tests.zalo_emulator import ZaloEmulator

MORNING = datetime(2021, 3, 1, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
CHANNELS = ("console", "web", "telegram", "zalo")
PATIENCE = 20.0
_NUMBERED = re.compile(r"(\d+)\. (.+)")


@dataclass(frozen=True, slots=True)
class Heard:
    """A reply as the person sees it: messages, and buttons by what stands on them.

    `kind` is told by the terminal and the web chat only.
    """

    texts: tuple[str, ...]
    buttons: tuple[str, ...] = ()
    kind: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Every line that is no choice."""
        return tuple(line for line in self._lines() if not _NUMBERED.fullmatch(line))

    @property
    def choices(self) -> dict[int, str]:
        """What can be chosen, by number: from the text, and from buttons that say more."""
        found: dict[int, str] = {}
        for line in self._lines():
            if match := _NUMBERED.fullmatch(line):
                found[int(match[1])] = match[2]
        for place, shown in enumerate(self.buttons, 1):
            match = _NUMBERED.fullmatch(shown)
            assert match is None or int(match[1]) == place, (place, shown)
            found.setdefault(place, match[2] if match else shown)
        return dict(sorted(found.items()))

    @property
    def all_numbered(self) -> bool:
        """Whether the number of each button can be seen."""
        listed = {int(m[1]) for line in self._lines() if (m := _NUMBERED.fullmatch(line))}
        shown = enumerate(self.buttons, 1)
        return all(place in listed or _NUMBERED.fullmatch(label) for place, label in shown)

    def number(self, label: str) -> int:
        """The number of the choice of which this is a part, or which this is."""
        if label.isdecimal():
            assert int(label) in self.choices, (label, self.choices)
            return int(label)
        (number,) = [n for n, words in self.choices.items() if label in words]
        return number

    def _lines(self) -> list[str]:
        lines = (line for text in self.texts for line in text.splitlines())
        return [" ".join(line.split()) for line in lines if line.strip()]


class Talk(Protocol):
    """A person in a chat."""

    name: str
    limit: int

    async def say(self, text: str) -> Heard:
        """Sends a text; gives what comes back."""

    async def press(self, number: int) -> Heard:
        """Presses the button at that place, from 1, of the last reply."""


class Ticking(Clock):
    """A clock that moves ten seconds for each message, and never else."""

    def __init__(self) -> None:
        super().__init__()
        self.at = MORNING

    def now(self) -> datetime:
        return self.at

    def tick(self) -> None:
        """The next message comes."""
        self.at += timedelta(seconds=10)


class Watched:
    """The core of a house; knows how many replies have arrived."""

    def __init__(self, core: Conversations, clock: Ticking) -> None:
        self.arrived = 0
        self._core = core
        self._clock = clock
        self._changed = asyncio.Condition()

    async def receive(self, message: Message) -> Reply | None:
        self._clock.tick()
        return await self._core.receive(message)

    async def answered(self, message: Message) -> None:
        await self._core.answered(message)
        async with self._changed:
            self.arrived += 1
            self._changed.notify_all()

    async def after(self, act: Callable[[], Any]) -> None:
        """Does something to which a reply comes, and waits until it has arrived."""
        wanted = self.arrived + 1
        done = act()
        if asyncio.iscoroutine(done):
            await done
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: self.arrived >= wanted)


@dataclass(slots=True)
class ConsoleTalk:
    """Lines of `dondoc chat --jsonl`."""

    console: Console
    name: str = "console"
    limit: int = 1_000_000
    last: Heard = Heard(())

    async def say(self, text: str) -> Heard:
        return await self._line(text=text)

    async def press(self, number: int) -> Heard:
        return await self._line(press=self.last.buttons[number - 1])

    async def _line(self, **row: str) -> Heard:
        line = json.dumps({"id": "1", "chat": "c1", "user": "console:7", **row})
        out = io.StringIO()
        await self.console.serve(iter([line + "\n"]), out)
        answer = json.loads(out.getvalue())
        assert "error" not in answer, answer
        messages = answer["messages"]
        buttons = [label for each in messages for row in each["buttons"] for label in row]
        texts = tuple(each["text"] for each in messages)
        self.last = Heard(texts, tuple(buttons), answer["kind"])
        return self.last


@dataclass(slots=True)
class WebTalk:
    """Frames of the web chat, as the page sends them."""

    socket: WebSocketClientConnection
    core: Watched
    name: str = "web"
    limit: int = 20_000
    turn: int = 0
    last: dict[str, Any] | None = None

    async def say(self, text: str) -> Heard:
        return await self._send(type="say", text=text)

    async def press(self, number: int) -> Heard:
        assert self.last is not None
        buttons = [c for b in self.last["bubbles"] for row in b["choices"] for c in row]
        return await self._send(type="press", action=buttons[number - 1]["action"])

    async def _send(self, **frame: str) -> Heard:
        self.turn += 1
        delivery = f"delivery{self.turn}"
        await self.socket.write_message(json.dumps({"id": delivery, **frame}))
        heard = json.loads(await self.hear())
        assert (heard["type"], heard["re"]) == ("reply", delivery)
        ack = json.dumps({"type": "ack", "re": delivery})
        await self.core.after(lambda: self.socket.write_message(ack) and None)
        self.last = heard
        bubbles = heard["bubbles"]
        texts = tuple("\n".join(line["text"] for line in b["lines"]) for b in bubbles)
        buttons = tuple(c["shown"] for b in bubbles for row in b["choices"] for c in row)
        return Heard(texts, buttons, heard["kind"])

    async def hear(self) -> str:
        """The next frame."""
        heard = await asyncio.wait_for(self.socket.read_message(), PATIENCE)
        assert isinstance(heard, str)
        return heard


@dataclass(slots=True)
class TelegramTalk:
    """A private chat on a Bot API server."""

    stub: TelegramStub
    core: Watched
    name: str = "telegram"
    limit: int = 4096
    seen: int = 0

    async def say(self, text: str) -> Heard:
        return await self._turn(lambda: self.stub.say(text))

    async def press(self, number: int) -> Heard:
        shown = [s for s in self.stub.sent[self.seen :] if s.keyboard]
        labels = [(sent, label) for sent in shown for label in sent.labels]
        sent, label = labels[number - 1]
        return await self._turn(lambda: self.stub.press(sent, label, exact=True))

    async def send(self, content: bytes, caption: str) -> Heard:
        """Sends a photo."""
        return await self._turn(lambda: self._post(content, caption))

    async def refused(self, content: bytes, caption: str) -> Heard:
        """Sends a photo that never reaches the core."""
        self.seen = len(self.stub.sent)
        self._post(content, caption)
        await self.stub.until(lambda: len(self.stub.sent) > self.seen)
        return Heard(tuple(each.text for each in self.stub.sent[self.seen :]))

    def _post(self, content: bytes, caption: str) -> int:
        photo = [self.stub.put(content, width=800, height=600)]
        return self.stub.post({"message": self.stub.message(1001, caption=caption, photo=photo)})

    async def _turn(self, act: Callable[[], int]) -> Heard:
        self.seen = len(self.stub.sent)
        await self.core.after(act)
        sent = self.stub.sent[self.seen :]
        labels = tuple(label for each in sent for label in each.labels)
        heard = Heard(tuple(each.text for each in sent), labels)
        assert heard.all_numbered, "a number stands on a button, or in the text"
        return heard


@dataclass(slots=True)
class ZaloTalk:
    """A chat on the Zalo Bot Platform, which knows no buttons."""

    zalo: ZaloEmulator
    core: Watched
    name: str = "zalo"
    limit: int = 1900
    seen: int = 0

    async def say(self, text: str) -> Heard:
        return await self._turn(lambda: self.zalo.inbound(text))

    async def press(self, number: int) -> Heard:
        raise AssertionError("Zalo has no buttons")

    async def send(self, content: bytes, caption: str) -> Heard:
        """Sends a photo."""
        return await self._turn(lambda: self._post(content, caption))

    async def refused(self, content: bytes, caption: str) -> Heard:
        """Sends a photo that never reaches the core."""
        self.seen = len(self.zalo.sent)
        await self._post(content, caption)
        await self.zalo.until(lambda: len(self.zalo.sent) > self.seen)
        return Heard(tuple(each.text for each in self.zalo.sent[self.seen :]))

    async def _post(self, content: bytes, caption: str) -> None:
        address = self.zalo.put("anh.jpg", content)
        await self.zalo.inbound(photo_url=address, caption=caption)

    async def _turn(self, act: Callable[[], Any]) -> Heard:
        self.seen = len(self.zalo.sent)
        await self.core.after(act)
        return Heard(tuple(each.text for each in self.zalo.sent[self.seen :]))


class House:
    """The real core with its store, and channels opened as they are asked for."""

    def __init__(self, router: Talker, database: Database, folder: Path) -> None:
        self.database = database
        self.clock = Ticking()
        self.core = Watched(Conversations(router, database, self.clock), self.clock)
        self._evidence = Evidence(folder / "evidence", reserve=0)
        self._stack = AsyncExitStack()

    async def talk(self, name: str) -> Any:
        """Somebody who is there on that channel."""
        build = {
            "console": self._console,
            "web": self._web,
            "telegram": self._telegram,
            "zalo": self._zalo,
        }
        return await build[name]()

    async def close(self) -> None:
        """Stops all channels."""
        await self._stack.aclose()

    async def _console(self) -> ConsoleTalk:
        return ConsoleTalk(Console(self.core, self.clock.now))

    async def _web(self) -> WebTalk:
        channel = WebChannel(self.core, self.clock.now)
        server = Server("127.0.0.1", 0, [channel], Metrics())
        await channel.start()
        self._stack.push_async_callback(channel.stop)
        await server.start()
        self._stack.push_async_callback(server.stop)
        socket = await websocket_connect(server.url.replace("http:", "ws:") + "chat")
        self._stack.callback(socket.close)
        talk = WebTalk(socket, self.core)
        await socket.write_message(json.dumps({"type": "hello", "secret": "A" * 22}))
        assert json.loads(await talk.hear())["type"] == "ready"
        return talk

    async def _telegram(self) -> TelegramTalk:
        stub = await self._stack.enter_async_context(TelegramStub())
        channel = TelegramChannel(
            telegram_stub.TOKEN,
            self.core,
            self.clock.now,
            api_url=stub.url,
            poll_timeout=5,
            evidence=self._evidence,
        )
        await channel.start()
        self._stack.push_async_callback(channel.stop)
        return TelegramTalk(stub, self.core)

    async def _zalo(self) -> ZaloTalk:
        zalo = await self._stack.enter_async_context(ZaloEmulator())
        channel = ZaloChannel(
            zalo_emulator.TOKEN,
            self.core,
            self.clock.now,
            api_url=zalo.url,
            database=self.database,
            notice=False,
            evidence=self._evidence,
        )
        await channel.start()
        self._stack.push_async_callback(channel.stop)
        return ZaloTalk(zalo, self.core)


@asynccontextmanager
async def opened(router: Talker, folder: Path) -> AsyncIterator[House]:
    """A house with an empty database in that folder."""
    await asyncio.to_thread(folder.mkdir)
    database = Database(f"sqlite:///{folder}/dondoc.sqlite")
    await database.open()
    house = House(router, database, folder)
    try:
        yield house
    finally:
        await house.close()
        await database.close()


def fits(text: str, limit: int) -> bool:
    """Whether a message keeps to a limit counted in NFC."""
    return 0 < len(unicodedata.normalize("NFC", text)) <= limit

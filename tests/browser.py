"""A browser for the tests, a core that answers by rote, and the server around it."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, async_playwright

from bot.channels.web import WebChannel
from bot.metrics import MeasuredCore, Metrics
from bot.server import Server
from handlers.messages import Bubble, Choice, Document, Line, Message, Reply, ReplyKind, Style

NOW = datetime(2021, 3, 1, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
QUESTION = "Sở Y tế phụ trách gì?"
QUOTE = (
    "k) Sở Y tế: phấn đấu 100% bệnh viện trên địa bàn tỉnh chấp nhận thanh toán viện phí "
    "bằng phương thức thanh toán không dùng tiền mặt"
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

Answer = Callable[[Message], Reply]


def bubble(*texts: str | Line, choices: tuple[tuple[str, str], ...] = ()) -> Bubble:
    """A bubble of lines, with one row for each (label, action)."""
    return Bubble(
        tuple(text if isinstance(text, Line) else Line(text) for text in texts),
        tuple((Choice(n, label, action),) for n, (label, action) in enumerate(choices, 1)),
    )


def reply(*bubbles: Bubble, kind: ReplyKind = ReplyKind.ANSWER) -> Reply:
    """A reply of bubbles."""
    return Reply(kind, bubbles)


def by_rote(message: Message) -> Reply:
    """What the rote core says: a greeting, two tasks, a quote, or the message given back."""
    if message.text == "/start":
        offers = (("Sở Y tế phụ trách gì?", "ask:1"), ("Việc sắp đến hạn", "ask:2"))
        return reply(
            bubble("Chào đồng chí.", "Đồng chí cần tra cứu nội dung nào?", choices=offers)
        )
    if message.text == QUESTION:
        return reply(
            bubble(
                Line("Sở Y tế chủ trì 2 việc", Style.STRONG),
                "1. Thanh toán viện phí không dùng tiền mặt (II.5.k)",
                "2. Cấp giấy phép lĩnh vực y tế (II.4.g)",
                choices=(("Trích nguyên văn", "quote:5k"), ("Xem thêm", "more")),
            )
        )
    if message.press == "quote:5k":
        return reply(bubble("Điểm k khoản 5 phần II:", Line(QUOTE, Style.QUOTE)))
    if message.text == "tệp":
        content = Document("báo cáo.txt", "text/plain", "nội dung".encode())
        return reply(Bubble((Line("Báo cáo:"),), files=(content,)))
    return reply(bubble(f"Đã nhận: {message.text or message.press}"))


class RoteCore:
    """Answers by rote and keeps what a core keeps: replies until they have arrived."""

    def __init__(self, answer: Answer = by_rote) -> None:
        self.seen: list[Message] = []
        self.arrived: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._answer = answer
        self._kept: dict[str, Reply] = {}

    async def receive(self, message: Message) -> Reply | None:
        await self.gate.wait()
        if message.key in self.arrived:
            return None
        if message.key not in self._kept:
            self.seen.append(message)
            self._kept[message.key] = self._answer(message)
        return self._kept[message.key]

    async def answered(self, message: Message) -> None:
        self.arrived.append(message.key)

    @property
    def said(self) -> list[str]:
        """Text or action of every message that took effect, less the page's own greeting."""
        return [m.text or m.press for m in self.seen if m.text != "/start"]


class House:
    """Core, web channel and server, as the bot wires them."""

    def __init__(self, core: RoteCore, port: int = 0) -> None:
        self.core = core
        self.metrics = Metrics()
        self.web = WebChannel(MeasuredCore(core, self.metrics), lambda: NOW)
        self.server = Server("127.0.0.1", port, [self.web], self.metrics)

    @property
    def url(self) -> str:
        return self.server.url

    async def start(self) -> None:
        await self.web.start()
        await self.server.start()

    async def stop(self) -> None:
        await self.server.stop()
        await self.web.stop()


@asynccontextmanager
async def serving(core: RoteCore | None = None) -> AsyncIterator[House]:
    """A running house on a free port."""
    house = House(core or RoteCore())
    await house.start()
    try:
        yield house
    finally:
        await house.stop()


def executable(own: str) -> str | None:
    """The browser of this machine, else playwright's own, else None."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return found or (own if Path(own).exists() else None)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A running browser; without one the test is skipped, but fails where CI is set."""
    async with async_playwright() as playwright:
        path = executable(playwright.chromium.executable_path)
        if path is None:
            missing = "no browser: install Chromium, or run `playwright install chromium`"
            if os.environ.get("CI"):
                pytest.fail(missing)
            pytest.skip(missing)
        browser = await playwright.chromium.launch(executable_path=path, args=list(_QUIET))
        try:
            yield browser
        finally:
            await browser.close()


class Watched:
    """What a page must not do: errors on the console, requests to other hosts."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda said: self.errors.append(said.text) if said.type == "error" else None,
        )
        page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))

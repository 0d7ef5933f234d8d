"""The Zalo channel over HTTP against an emulator that fails as Zalo fails."""

import asyncio
import json
import logging
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot.channels.base import Channel
from bot.channels.zalo import ZaloChannel
from bot.channels.zalo.incoming import Me, read, updates
from bot.channels.zalo.quota import Meter, Usage
from bot.channels.zalo.rendering import TEXT, parts
from bot.clock import Clock
from bot.core import Conversations
from bot.evidence import Evidence
from bot.metrics import Metrics
from bot.server import Server
from bot.settings import Secret
from data.errors import (
    ChannelAuthError,
    ChannelDownError,
    ChannelQuotaError,
    ChannelRefusedError,
)
from data.store import quotas
from data.store.database import Database
from handlers.messages import Bubble, Choice, Document, Line, Message, Reply, ReplyKind, Style
from handlers.wording import say
from tests.zalo_emulator import BOT, PATIENCE, PERSON, TOKEN, ZaloEmulator

NOW = datetime(2026, 11, 22, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
SECRET = "a-secret-of-the-webhook"
PUBLIC = "https://bot.example.gov.vn/zalo/webhook"
JPEG = b"\xff\xd8\xff\xe0" + b"anh" * 50
AAC = b"\xff\xf1\x60\x40" + b"tieng" * 50
WATCH = 600

Answer = Callable[[Message], Reply]
Build = Callable[..., ZaloChannel]


def reply(*bubbles: str | Bubble) -> Reply:
    """A reply of bubbles."""
    made = (b if isinstance(b, Bubble) else Bubble((Line(b),)) for b in bubbles)
    return Reply(ReplyKind.ANSWER, tuple(made))


def echo(message: Message) -> Reply:
    return reply(f"Đã nhận: {message.text}")


class Time:
    """A clock that moves only while somebody sleeps, and then at once."""

    def __init__(self) -> None:
        self.at = NOW
        self.naps: list[float] = []
        self.watched = asyncio.Event()

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        if seconds >= WATCH:
            await self.watched.wait()
            self.watched.clear()
        else:
            self.naps.append(seconds)
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class Held(Time):
    """A clock whose sleepers wake when the other clock is watched."""

    def __init__(self, other: Time) -> None:
        super().__init__()
        self.watched = other.watched

    async def sleep(self, seconds: float) -> None:
        await super().sleep(max(seconds, WATCH))


@dataclass
class FakeCore:
    """Takes effect once for each key and keeps the reply, as the real core does."""

    answer: Answer = echo
    received: list[Message] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    arrived: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    zalo: ZaloEmulator | None = None
    _kept: dict[str, Reply] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.gate.set()

    async def receive(self, message: Message) -> Reply | None:
        self.received.append(message)
        await self._tell()
        await self.gate.wait()
        if message.key in self.arrived:
            return None
        if message.key not in self._kept:
            self._kept[message.key] = self.answer(message)
            self.effects.append(message.text)
        return self._kept[message.key]

    async def answered(self, message: Message) -> None:
        self.arrived.append(message.key)
        await self._tell()

    async def _tell(self) -> None:
        if self.zalo:
            await self.zalo.tell()


class FakeLinks:
    """Files published under an address that says their name."""

    routes: ClassVar[list[Any]] = []

    def publish(self, document: Document) -> str:
        if document.name == "hỏng.docx":
            raise OSError("disk full")
        return f"https://bot.example.gov.vn/files/{document.name}"


@pytest.fixture
async def zalo() -> AsyncIterator[ZaloEmulator]:
    async with ZaloEmulator() as server:
        yield server


@pytest.fixture
def core(zalo: ZaloEmulator) -> FakeCore:
    return FakeCore(zalo=zalo)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/dondoc.sqlite", wait=0.5)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def build(
    zalo: ZaloEmulator, core: FakeCore, time: Time, database: Database, tmp_path: Path
) -> AsyncIterator[Build]:
    """Makes channels on the emulator and stops them in the end."""
    made: list[ZaloChannel] = []

    def make(token: Any = TOKEN, **options: Any) -> ZaloChannel:
        defaults: dict[str, Any] = {
            "api_url": zalo.url,
            "database": database,
            "notice": False,
            "sleep": time.sleep,
            "evidence": Evidence(tmp_path / "evidence", reserve=0),
        }
        made.append(ZaloChannel(token, core, time.now, **defaults | options))
        return made[-1]

    yield make
    zalo.release()
    for channel in reversed(made):
        await channel.stop(grace=PATIENCE)


@pytest.fixture
async def channel(build: Build) -> ZaloChannel:
    running = build()
    await running.start()
    return running


@pytest.fixture
async def hooked(build: Build, zalo: ZaloEmulator) -> AsyncIterator[ZaloChannel]:
    """A channel with a webhook, behind the real server."""
    running = build(webhook_url=PUBLIC, webhook_secret=Secret(SECRET))
    await running.start()
    server = Server("127.0.0.1", 0, [running], Metrics())
    await server.start()
    zalo.deliver_to = f"{server.url}zalo/webhook"
    yield running
    await server.stop()


async def shown(zalo: ZaloEmulator, *texts: str) -> None:
    """Waits until exactly these texts stand in the chat."""
    await zalo.until(lambda: len(zalo.texts()) >= len(texts))
    assert zalo.texts() == list(texts)


def polled(zalo: ZaloEmulator, times: int) -> bool:
    """Whether a poll waits, and not the first ones."""
    return zalo.polling and len(zalo.called("getUpdates")) >= times


async def dealt(zalo: ZaloEmulator, core: FakeCore, count: int = 1) -> None:
    """Waits until so many replies count as arrived."""
    await zalo.until(lambda: len(core.arrived) >= count)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and all that stands behind it."""
    while error is not None:
        yield error
        yield from chain(error.__context__)
        error = error.__cause__


# Start and stop


def test_it_is_a_channel(build: Build) -> None:
    channel: Channel = build()
    assert (channel.name, channel.limits.text, channel.limits.buttons) == ("zalo", 1900, False)


async def test_bad_token_is_an_error_at_start_up(build: Build, zalo: ZaloEmulator) -> None:
    channel = build(token="123456789:wrong")
    with pytest.raises(ChannelAuthError, match="ZALO_BOT_TOKEN") as caught:
        await channel.start()
    assert not any("123456789:wrong" in repr(error) for error in chain(caught.value))
    assert not channel.up
    assert zalo.called("getUpdates") == []


async def test_start_goes_on_trying_while_zalo_is_away(
    build: Build, zalo: ZaloEmulator, time: Time
) -> None:
    zalo.fault("getMe", "html", 3)
    channel = build()
    await channel.start()
    before = channel.health
    with pytest.raises(ChannelDownError):
        await channel.send(PERSON, reply("Nhắc việc"))
    await zalo.inbound("chào")
    await shown(zalo, "Đã nhận: chào")
    assert time.naps[:2] == [1, 2]
    assert (before.up, channel.health.up) == (False, True)
    assert channel.health.last_ok is not None


async def test_polling_takes_back_a_webhook_and_minds_none(
    build: Build, zalo: ZaloEmulator
) -> None:
    zalo.hook = {"url": PUBLIC, "secret_token": SECRET}
    first = build()
    await first.start()
    assert len(zalo.called("deleteWebhook")) == 1
    await first.stop()
    await build().start()
    assert len(zalo.called("deleteWebhook")) == 2


@pytest.mark.parametrize("real_status", [False, True])
async def test_errors_mean_the_same_with_and_without_their_http_status(
    build: Build, zalo: ZaloEmulator, real_status: bool
) -> None:
    zalo.real_status = real_status
    with pytest.raises(ChannelAuthError):
        await build(token="123456789:wrong").start()
    channel = build()
    await channel.start()
    zalo.expire()
    with pytest.raises(ChannelRefusedError, match="chat not found"):
        await channel.send("nobody", reply("Nhắc việc"))
    assert channel.up


# Polling


async def test_message_is_answered_after_typing_was_shown(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore
) -> None:
    update = await zalo.inbound("Sở Y tế phụ trách gì?")
    await shown(zalo, "Đã nhận: Sở Y tế phụ trách gì?")
    await dealt(zalo, core)
    key = f"zalo:{update['message']['message_id']}"
    assert core.received == [
        Message(
            channel="zalo",
            chat=PERSON,
            user=PERSON,
            at=NOW,
            text="Sở Y tế phụ trách gì?",
            key=key,
            name="Nguyễn Văn A",
        )
    ]
    assert core.arrived == [key]
    names = [name for name, _ in zalo.calls]
    assert names.index("sendChatAction") < names.index("sendMessage")


async def test_nothing_new_is_quiet_and_healthy(
    channel: ZaloChannel, zalo: ZaloEmulator, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for polls in range(1, 4):
        await zalo.until(partial(polled, zalo, polls))
        zalo.expire()
    await zalo.until(lambda: len(zalo.called("getUpdates")) >= 4)
    assert caplog.records == []
    assert all(nap <= 0.1 for nap in time.naps)
    assert channel.health.up
    assert channel.health.last_error == ""


async def test_a_list_of_updates_is_taken(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore
) -> None:
    zalo.fault("getUpdates", "list", 2)
    await zalo.inbound("một")
    await shown(zalo, "Đã nhận: một")
    await zalo.inbound("hai")
    await shown(zalo, "Đã nhận: một", "Đã nhận: hai")


@pytest.mark.parametrize(
    "fault", ["html", "broken", "reset_before", 400, 403, 404, 409, 426, 500, 503]
)
async def test_no_fault_stops_the_loop(
    build: Build, zalo: ZaloEmulator, time: Time, fault: str | int
) -> None:
    zalo.fault("getUpdates", fault, 8)
    channel = build()
    await channel.start()
    await zalo.inbound("còn đó không?")
    await shown(zalo, "Đã nhận: còn đó không?")
    assert [nap for nap in time.naps if nap >= 1] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert channel.up


async def test_the_pause_begins_anew_after_a_success(
    build: Build, zalo: ZaloEmulator, time: Time
) -> None:
    zalo.fault("getUpdates", "html", 2)
    await build().start()
    await zalo.inbound("một")
    await shown(zalo, "Đã nhận: một")
    zalo.fault("getUpdates", "html", 1)
    zalo.expire()
    await zalo.until(lambda: len([nap for nap in time.naps if nap >= 1]) == 3)
    assert [nap for nap in time.naps if nap >= 1] == [1, 2, 1]


async def test_an_invalid_token_stops_polling_and_alarms(
    channel: ZaloChannel, zalo: ZaloEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    await zalo.until(lambda: zalo.polling)
    zalo.token = "123456789:another"
    zalo.expire()
    runner = next(task for task in asyncio.all_tasks() if task.get_name() == "zalo")
    await asyncio.wait_for(runner, PATIENCE)
    assert not channel.health.up
    assert "ZALO_BOT_TOKEN" in channel.health.last_error
    zalo.token = TOKEN
    await channel.send(PERSON, reply("Nhắc việc"))
    assert not channel.health.up
    assert [r.levelname for r in caplog.records if r.levelno >= logging.ERROR] == ["CRITICAL"]


async def test_a_used_up_quota_pauses_polling_and_alarms(
    build: Build, zalo: ZaloEmulator, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    zalo.fault("getUpdates", 429)
    channel = build()
    await channel.start()
    await zalo.inbound("chào")
    await shown(zalo, "Đã nhận: chào")
    assert [nap for nap in time.naps if nap >= 1] == [60]
    assert [r.levelname for r in caplog.records if r.levelno >= logging.ERROR] == ["ERROR"]
    assert "429" in channel.health.last_error


async def test_an_error_of_a_handler_is_told_and_stops_nothing(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore
) -> None:
    def fail(message: Message) -> Reply:
        raise ZeroDivisionError("a fault of a handler")

    core.answer = fail
    await zalo.inbound("một")
    await shown(zalo, say("failure.unknown"))
    core.answer = echo
    await zalo.inbound("hai")
    await shown(zalo, say("failure.unknown"), "Đã nhận: hai")


async def test_update_that_came_while_nobody_polled_is_zalos_loss_only(
    build: Build, zalo: ZaloEmulator
) -> None:
    zalo.lossy = True
    await zalo.inbound("mất")
    await build().start()
    await zalo.until(lambda: zalo.polling)
    await zalo.inbound("còn")
    await shown(zalo, "Đã nhận: còn")


# What comes in


@pytest.mark.parametrize(
    "content",
    [
        {"text": "  \n\t "},
        {"text": None},
        {"unsupported": True},
        {"sticker": "s1"},
        {"photo_url": ""},
    ],
)
async def test_what_cannot_be_read_gets_a_polite_answer(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore, content: dict[str, Any]
) -> None:
    await zalo.inbound(**content)
    await shown(zalo, say("zalo.unreadable"))
    await zalo.inbound("chữ")
    await shown(zalo, say("zalo.unreadable"), "Đã nhận: chữ")
    assert [message.text for message in core.received] == ["chữ"]


@pytest.mark.parametrize(
    "update",
    [
        {"event_name": "bot.joined"},
        {"event_name": "message.seen", "message": {"message_id": "1"}},
        {"event_name": "message.text.received", "message": {"from": {"id": "u"}, "text": "x"}},
        {"event_name": "message.text.received", "message": "not an object"},
        {"event_name": "message.text.received", "message": {"from": "u", "chat": [], "text": "x"}},
        {},
    ],
)
async def test_unknown_events_are_passed_over(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore, update: dict[str, Any]
) -> None:
    await zalo.deliver(update)
    await zalo.deliver(zalo.update(event_name="message.reaction.received"))
    await zalo.inbound("chữ")
    await shown(zalo, "Đã nhận: chữ")
    assert len(core.received) == 1


async def test_unknown_event_is_read_by_its_fields(
    channel: ZaloChannel, zalo: ZaloEmulator
) -> None:
    await zalo.inbound("chữ", event_name="message.new_kind.received")
    await shown(zalo, "Đã nhận: chữ")


async def test_bots_and_the_bot_itself_are_not_answered(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore
) -> None:
    await zalo.inbound("tôi là bot", is_bot=True)
    await zalo.inbound("tôi là chính bot này", user_id=str(BOT["id"]))
    await zalo.inbound("chữ")
    await shown(zalo, "Đã nhận: chữ")
    assert len(core.received) == 1


async def test_the_same_message_twice_takes_effect_once(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore
) -> None:
    for _ in range(3):
        await zalo.inbound("xong 5k", message_id="m1")
    await zalo.inbound("hết")
    await shown(zalo, "Đã nhận: xong 5k", "Đã nhận: hết")
    assert core.effects == ["xong 5k", "hết"]


async def test_a_group_is_answered_in_the_group_without_the_mention(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore
) -> None:
    place = {"chat_id": "group1", "user_id": PERSON, "chat_type": "GROUP"}
    await zalo.inbound(sticker="s1", **place)
    await zalo.inbound("@bot.VDKyGxQvc Sở Y tế phụ trách gì?", **place)
    await zalo.until(lambda: zalo.texts("group1"))
    assert zalo.texts("group1") == ["Đã nhận: Sở Y tế phụ trách gì?"]
    assert [(m.chat, m.user) for m in core.received] == [("group1", PERSON)]


async def test_chats_are_answered_in_order_and_do_not_wait_for_each_other(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore
) -> None:
    zalo.fault("sendMessage", "slow")
    await zalo.inbound("một")
    await zalo.until(lambda: zalo.called("sendMessage"))
    await zalo.inbound("hai")
    await zalo.inbound("khác", chat_id="other")
    await zalo.until(lambda: zalo.texts("other"))
    assert zalo.texts() == []
    zalo.release()
    await shown(zalo, "Đã nhận: một", "Đã nhận: hai")


@pytest.mark.parametrize(
    "form",
    [
        lambda update: update,
        lambda update: {"ok": True, "result": update},
        lambda update: {"ok": True, "result": [update]},
        lambda update: [update],
    ],
)
def test_updates_are_found_bare_wrapped_and_in_lists(form: Callable[[Any], Any]) -> None:
    update = ZaloEmulator().update("chữ")
    assert list(updates(form(update))) == [update]


@pytest.mark.parametrize("data", [None, 7, "x", [], {}, {"ok": True, "result": None}, [[[]]]])
def test_nothing_is_found_where_there_is_nothing(data: object) -> None:
    assert list(updates(data)) == []


def test_a_message_without_id_is_known_by_what_it_says() -> None:
    update = ZaloEmulator().update("chữ")
    other = ZaloEmulator().update("khác")
    for each in (update, other):
        del each["message"]["message_id"]
    keys = [getattr(read(each, Me("b")), "key", "") for each in (update, dict(update), other)]
    assert keys[0] == keys[1] != keys[2]
    assert keys[0].startswith("zalo:sha256-")


# Photos and voice


@pytest.mark.parametrize("field_name", ["photo_url", "photo"])
async def test_photo_is_kept_at_once_with_its_caption(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore, tmp_path: Path, field_name: str
) -> None:
    address = zalo.put("a.jpg", JPEG)
    await zalo.inbound(**{field_name: address}, caption="xong 5k", message_id="m1")
    await shown(zalo, "Đã nhận: xong 5k")
    (attachment,) = core.received[0].attachments
    assert (attachment.name, attachment.media_type) == ("anh-m1.jpg", "image/jpeg")
    assert (tmp_path / attachment.path).read_bytes() == JPEG
    assert attachment.sha256 in attachment.path


async def test_voice_is_kept(channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore) -> None:
    await zalo.inbound(voice_url=zalo.put("a.aac", AAC), message_id="m1")
    await shown(zalo, "Đã nhận:")
    assert core.received[0].attachments[0].media_type == "audio/aac"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "gone"),
        (JPEG + bytes(11 * 1024 * 1024), "large"),
        (b"MZ\x90\x00 a program", "type"),
        (AAC, "type"),
        (b"", "type"),
    ],
    ids=["missing", "large", "program", "voice", "empty"],
)
async def test_photo_that_cannot_be_kept_is_told_and_nothing_is_recorded(
    channel: ZaloChannel,
    zalo: ZaloEmulator,
    core: FakeCore,
    tmp_path: Path,
    content: bytes | None,
    code: str,
) -> None:
    address = f"{zalo.url}/media/none.jpg" if content is None else zalo.put("a.jpg", content)
    await zalo.inbound(photo_url=address, caption="xong 5k")
    await shown(zalo, say(f"evidence.{code}"))
    assert core.received == []
    assert not (tmp_path / "evidence").exists()


async def test_files_are_fetched_by_https_or_from_the_api_only(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore
) -> None:
    await zalo.inbound(photo_url="http://127.0.0.1:1/inside")
    await shown(zalo, say("evidence.gone"))
    assert core.received == []


# What goes out


async def test_an_error_with_http_200_is_not_taken_for_sent(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore, time: Time
) -> None:
    zalo.fault("sendMessage", 403, 2)
    await zalo.inbound("chào")
    await shown(zalo, "Đã nhận: chào")
    await dealt(zalo, core)
    assert len(zalo.called("sendMessage")) == 3
    assert [nap for nap in time.naps if nap >= 1] == [1, 2]
    assert (await channel.usage()).sent == 1


@pytest.mark.parametrize(
    ("fault", "arrives"),
    [("reset_before", 0), ("reset_after", 1), ("html", 0), ("broken", 0), (408, 0)],
)
async def test_answer_of_unknown_fate_is_not_repeated(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore, fault: str | int, arrives: int
) -> None:
    zalo.fault("sendMessage", fault)
    await zalo.inbound("một")
    await dealt(zalo, core)
    await zalo.inbound("hai")
    await shown(zalo, *["Đã nhận: một"] * arrives, "Đã nhận: hai")
    assert len(zalo.called("sendMessage")) == 2
    await dealt(zalo, core, 2)
    assert (await channel.usage()).sent == 2


async def test_a_chat_that_refuses_costs_no_other(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore
) -> None:
    zalo.people.clear()
    update = zalo.update("một", chat_id="gone")
    zalo.people.clear()
    await zalo.deliver(update)
    await dealt(zalo, core)
    await zalo.inbound("hai")
    await shown(zalo, "Đã nhận: hai")
    assert len([call for call in zalo.called("sendMessage") if call["chat_id"] == "gone"]) == 1


async def test_a_reply_that_fails_for_ever_is_given_up(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore, time: Time
) -> None:
    zalo.fault("sendMessage", 403, 8)
    await zalo.inbound("một")
    await dealt(zalo, core)
    await zalo.inbound("hai")
    await shown(zalo, "Đã nhận: hai")
    assert len(zalo.called("sendMessage")) == 9


async def test_a_used_up_quota_pauses_answers_and_alarms(
    channel: ZaloChannel,
    zalo: ZaloEmulator,
    core: FakeCore,
    time: Time,
    caplog: pytest.LogCaptureFixture,
) -> None:
    zalo.fault("sendMessage", 429)
    await zalo.inbound("chào")
    await shown(zalo, "Đã nhận: chào")
    assert [nap for nap in time.naps if nap >= 1] == [60]
    assert "ERROR" in {record.levelname for record in caplog.records}
    assert "429" in channel.health.last_error


async def test_typing_that_fails_costs_no_answer(channel: ZaloChannel, zalo: ZaloEmulator) -> None:
    for fault in ("reset_before", "html", 403):
        zalo.fault("sendChatAction", fault)
    for text in ("một", "hai", "ba"):
        await zalo.inbound(text)
    await shown(zalo, "Đã nhận: một", "Đã nhận: hai", "Đã nhận: ba")


@pytest.mark.parametrize(
    ("fault", "error", "unknown"),
    [
        ("reset_after", ChannelDownError, True),
        ("reset_before", ChannelDownError, True),
        ("html", ChannelDownError, True),
        (403, ChannelDownError, False),
        (400, ChannelRefusedError, None),
        (401, ChannelAuthError, None),
        (429, ChannelQuotaError, None),
    ],
)
async def test_reminder_says_what_became_of_it(
    channel: ZaloChannel,
    zalo: ZaloEmulator,
    fault: str | int,
    error: type[Exception],
    unknown: bool | None,
) -> None:
    zalo.fault("sendMessage", fault)
    with pytest.raises(error) as caught:
        await channel.send(PERSON, reply("Nhắc việc"))
    assert getattr(caught.value, "sent_unknown", None) is unknown
    assert len(zalo.called("sendMessage")) == 1


async def test_reminder_does_not_knock_during_the_pause(
    channel: ZaloChannel, zalo: ZaloEmulator, time: Time
) -> None:
    zalo.fault("sendMessage", 429)
    for rest in (60, 45):
        with pytest.raises(ChannelQuotaError) as caught:
            await channel.send(PERSON, reply("Nhắc việc"))
        assert caught.value.retry_after == rest
        time.at += timedelta(seconds=15)
    assert len(zalo.called("sendMessage")) == 1
    time.at += timedelta(seconds=30)
    await channel.send(PERSON, reply("Nhắc việc"))
    assert zalo.texts() == ["Nhắc việc"]


async def test_reminder_that_cannot_connect_surely_did_not_arrive(
    channel: ZaloChannel, zalo: ZaloEmulator
) -> None:
    await zalo.close()
    with pytest.raises(ChannelDownError) as caught:
        await channel.send(PERSON, reply("Nhắc việc"))
    assert not caught.value.sent_unknown


async def test_reminder_that_fails_half_way_is_not_taken_for_unsent(
    channel: ZaloChannel, zalo: ZaloEmulator
) -> None:
    zalo.quota = 1
    with pytest.raises(ChannelDownError) as caught:
        await channel.send(PERSON, reply("một " * 600))
    assert caught.value.sent_unknown
    assert len(zalo.texts()) == 1


async def test_long_vietnamese_text_in_nfd_is_split_within_the_limit(
    channel: ZaloChannel, zalo: ZaloEmulator
) -> None:
    word = unicodedata.normalize("NFD", "Nguyễn ")
    text = (word * 400)[:2001]
    await channel.send(PERSON, reply(text))
    (first,) = zalo.texts()
    assert first == unicodedata.normalize("NFC", text).strip()
    await channel.send(PERSON, reply("Thường trực Ủy ban nhân dân tỉnh " * 100))
    pieces = zalo.texts()[1:]
    assert len(pieces) == 2
    assert all(len(piece) <= TEXT for piece in pieces)
    assert " ".join(pieces) == ("Thường trực Ủy ban nhân dân tỉnh " * 100).strip()


async def test_emoji_and_odd_characters_are_sent(channel: ZaloChannel, zalo: ZaloEmulator) -> None:
    await channel.send(PERSON, reply("🙂" * 1500))
    await channel.send(PERSON, reply("lẻ \ud83d đôi"))
    assert "".join(zalo.texts()) == "🙂" * 1500 + "lẻ ? đôi"
    await channel.send(PERSON, reply("   ", ""))
    assert len(zalo.sent) == 3


def test_choices_are_numbered_and_bubbles_that_fit_go_as_one_message() -> None:
    listed = Choice(1, "Sở Y tế", "a", listed=True)
    tasks = Bubble(
        (Line("Sở Y tế chủ trì", Style.STRONG), Line("1. Sở Y tế")),
        ((listed,), (Choice(2, "Xem thêm", "more"),)),
    )
    quoted = Bubble((Line("k) Sở Y tế <100%> & *các* bệnh viện", Style.QUOTE),))
    assert parts(reply(tasks, quoted)) == [
        "Sở Y tế chủ trì\n1. Sở Y tế\n2. Xem thêm\n\nk) Sở Y tế <100%> & *các* bệnh viện"
    ]
    long = Bubble((Line("dài " * 300),))
    (first, second) = parts(reply(long, tasks, long))
    assert first.endswith("\n2. Xem thêm")
    assert second == ("dài " * 300).strip()


def test_files_go_as_links() -> None:
    made = [Document(name, "text/plain", b"x") for name in ("lich.ics", "hỏng.docx")]
    bubble = Bubble((Line("Báo cáo:"),), files=tuple(made))
    (text,) = parts(reply(bubble), FakeLinks().publish)
    assert text == "\n".join(
        (
            "Báo cáo:",
            say("zalo.file", name="lich.ics", address="https://bot.example.gov.vn/files/lich.ics"),
            say("zalo.file.lost", name="hỏng.docx"),
        )
    )
    (without,) = parts(reply(bubble))
    assert say("zalo.file.elsewhere", name="lich.ics") in without


async def test_people_are_told_once_what_they_write_to(build: Build, zalo: ZaloEmulator) -> None:
    first = build(notice=True)
    await first.start()
    await zalo.inbound("một")
    await shown(zalo, "Đã nhận: một", say("zalo.notice"))
    await first.stop()
    await build(notice=True).start()
    await zalo.inbound("hai")
    await zalo.until(lambda: len(zalo.sent) == 3)
    await zalo.inbound("nhóm", chat_id="group1", user_id="new", chat_type="GROUP")
    await zalo.until(lambda: zalo.texts("group1"))
    assert zalo.texts()[2:] == ["Đã nhận: hai"]
    assert zalo.texts("group1") == ["Đã nhận: nhóm"]


# Webhook


@pytest.mark.parametrize("wrapped", [False, True])
async def test_webhook_takes_bare_and_wrapped_bodies(
    hooked: ZaloChannel, zalo: ZaloEmulator, wrapped: bool
) -> None:
    zalo.wrapped = wrapped
    await zalo.inbound("chào")
    await shown(zalo, "Đã nhận: chào")
    assert zalo.statuses == [200]
    assert zalo.hook == {"url": PUBLIC, "secret_token": SECRET}
    assert zalo.called("getUpdates") == []


async def test_webhook_wants_the_secret_and_answers_probes(
    hooked: ZaloChannel, zalo: ZaloEmulator, core: FakeCore
) -> None:
    body = json.dumps(zalo.update("giả")).encode()
    assert await zalo.call_webhook(body, secret="not-the-secret") == 403
    assert await zalo.call_webhook(b"") == 200
    assert await zalo.call_webhook(b"", secret="not-the-secret") == 200
    assert await zalo.call_webhook(b"{broken") == 400
    assert await zalo.call_webhook(b"[" * 100_000) == 400
    assert await zalo.call_webhook(b'{"event_name": "new.kind"}') == 200
    async with httpx.AsyncClient() as http:
        assert (await http.post(zalo.deliver_to, content=body)).status_code == 403
    await zalo.inbound("thật")
    await shown(zalo, "Đã nhận: thật")
    assert core.effects == ["thật"]


async def test_without_webhook_nothing_is_taken(channel: ZaloChannel) -> None:
    assert await channel.webhook({"X-Bot-Api-Secret-Token": SECRET}, b"{}") == 404


async def test_webhook_is_thanked_before_the_work_is_done(
    hooked: ZaloChannel, zalo: ZaloEmulator, core: FakeCore
) -> None:
    core.gate.clear()
    await zalo.inbound("chậm")
    assert zalo.statuses == [200]
    assert zalo.texts() == []
    core.gate.set()
    await shown(zalo, "Đã nhận: chậm")


async def test_webhook_called_twice_at_once_takes_effect_once(
    hooked: ZaloChannel, zalo: ZaloEmulator, core: FakeCore
) -> None:
    await asyncio.gather(*(zalo.inbound("xong 5k", message_id="m1") for _ in range(4)))
    await zalo.inbound("hết")
    await shown(zalo, "Đã nhận: xong 5k", "Đã nhận: hết")
    assert core.effects == ["xong 5k", "hết"]


async def test_webhook_that_zalo_refuses_or_cannot_verify(
    build: Build, zalo: ZaloEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ChannelRefusedError, match="https"):
        await build(webhook_url="http://bot.example", webhook_secret=SECRET).start()
    zalo.fault("setWebhook", "unverified")
    await build(webhook_url=PUBLIC, webhook_secret=SECRET).start()
    assert "no answer" in caplog.text


async def test_webhook_is_taken_before_zalo_was_reached(
    build: Build, zalo: ZaloEmulator, core: FakeCore, time: Time
) -> None:
    zalo.fault("getMe", "html", 2)
    channel = build(webhook_url=PUBLIC, webhook_secret=SECRET, sleep=Held(time).sleep)
    await channel.start()
    body = json.dumps(zalo.update(sticker="s1")).encode()
    assert await channel.webhook({"X-Bot-Api-Secret-Token": SECRET}, body) == 200
    time.watched.set()
    await shown(zalo, say("zalo.unreadable"))
    body = json.dumps(zalo.update("chào")).encode()
    assert await channel.webhook({"X-Bot-Api-Secret-Token": SECRET}, body) == 200
    await shown(zalo, say("zalo.unreadable"), "Đã nhận: chào")


async def test_webhook_that_zalo_lost_is_set_again(
    hooked: ZaloChannel, zalo: ZaloEmulator, time: Time
) -> None:
    zalo.hook = None
    time.watched.set()
    await zalo.until(lambda: zalo.hook)
    assert len(zalo.called("setWebhook")) == 2


async def test_message_is_answered_though_the_store_fails(
    hooked: ZaloChannel, zalo: ZaloEmulator, database: Database, core: FakeCore
) -> None:
    await database.close()
    for _ in range(2):
        await zalo.inbound("chào", message_id="m1")
    assert zalo.statuses == [200, 200]
    await shown(zalo, "Đã nhận: chào")
    assert core.effects == ["chào"]


# Kill and start again


async def test_what_was_begun_is_taken_up_and_nothing_is_sent_again(
    hooked: ZaloChannel, zalo: ZaloEmulator, core: FakeCore, build: Build
) -> None:
    """The first of three messages was sent when the process died, and it does not know it."""
    core.answer = lambda message: reply("một " * 1200)
    zalo.fault("sendMessage", "slow_after")
    await zalo.inbound("dài")
    await zalo.until(lambda: zalo.sent)
    await hooked.stop(grace=0)
    again = build(webhook_url=PUBLIC, webhook_secret=SECRET)
    await again.start()
    await dealt(zalo, core)
    assert len(zalo.texts()) == 3
    assert " ".join(zalo.texts()) == ("một " * 1200).strip()
    await again.stop()
    await build(webhook_url=PUBLIC, webhook_secret=SECRET).start()
    assert len(zalo.called("sendMessage")) == 3
    assert len(core.effects) == 1


async def test_restart_neither_sends_again_nor_takes_an_old_message_twice(
    hooked: ZaloChannel, zalo: ZaloEmulator, core: FakeCore, build: Build
) -> None:
    await zalo.inbound("xong 5k", message_id="m1")
    await dealt(zalo, core)
    await hooked.stop()
    again = build(webhook_url=PUBLIC, webhook_secret=SECRET)
    await again.start()
    body = json.dumps(zalo.update("xong 5k", message_id="m1")).encode()
    assert await again.webhook({"X-Bot-Api-Secret-Token": SECRET}, body) == 200
    body = json.dumps(zalo.update("hai")).encode()
    assert await again.webhook({"x-bot-api-secret-token": SECRET}, body) == 200
    await shown(zalo, "Đã nhận: xong 5k", "Đã nhận: hai")
    assert core.effects == ["xong 5k", "hai"]


async def test_message_that_waited_for_the_network_is_answered_after_a_restart(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore, build: Build, time: Time
) -> None:
    core.gate.clear()
    await zalo.inbound("chờ")
    await zalo.until(lambda: core.received)
    zalo.token = "123456789:another"
    core.gate.set()
    await channel.stop(grace=PATIENCE)
    assert zalo.texts() == []
    zalo.token = TOKEN
    await build().start()
    await shown(zalo, "Đã nhận: chờ")


async def test_reply_that_was_made_but_not_sent_goes_out_after_a_restart(
    zalo: ZaloEmulator, build: Build, time: Time, database: Database
) -> None:
    """With the real core, which keeps the reply: what the message did is not done again."""
    asked: list[str] = []

    class Router:
        async def reply(self, message: Message, state: Any, work: Any) -> tuple[Reply, Any]:
            asked.append(message.text)
            return echo(message), None

    class Conversing:
        def __init__(self, hold: bool) -> None:
            self.core = Conversations(Router(), database, Clock(NOW))
            self.hold = hold

        async def receive(self, message: Message) -> Reply | None:
            found = await self.core.receive(message)
            if self.hold:
                await zalo.tell()
                await asyncio.Event().wait()
            return found

        async def answered(self, message: Message) -> None:
            await self.core.answered(message)
            await zalo.tell()

    options: dict[str, Any] = {"api_url": zalo.url, "database": database, "sleep": time.sleep}
    first = ZaloChannel(TOKEN, Conversing(hold=True), time.now, **options)
    await first.start()
    await zalo.inbound("xong 5k")
    await zalo.until(lambda: asked)
    await first.stop(grace=0)
    second = ZaloChannel(TOKEN, Conversing(hold=False), time.now, notice=False, **options)
    await second.start()
    await shown(zalo, "Đã nhận: xong 5k")
    await second.stop()
    assert asked == ["xong 5k"]


TAKE_AND_HANG = """
import asyncio, json, sys
from datetime import datetime
from bot.channels.zalo import ZaloChannel
from bot.clock import Clock
from data.store.database import Database

class Hanging:
    async def receive(self, message):
        print("taken", flush=True)
        await asyncio.Event().wait()

async def main():
    token, url, path, hook, secret, body = sys.argv[1:]
    database = Database(path)
    await database.open()
    channel = ZaloChannel(token, Hanging(), Clock().now, api_url=url, webhook_url=hook,
                          webhook_secret=secret, database=database)
    await channel.start()
    print(await channel.webhook({"X-Bot-Api-Secret-Token": secret}, body.encode()), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_killed_process_loses_no_message_that_was_thanked_for(
    zalo: ZaloEmulator, core: FakeCore, build: Build, tmp_path: Path, database: Database
) -> None:
    path = f"sqlite:///{tmp_path}/dondoc.sqlite"
    body = json.dumps(zalo.update("xong 5k", message_id="m1"))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", TAKE_AND_HANG, TOKEN, zalo.url, path, PUBLIC, SECRET, body),
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    said = {(await process.stdout.readline()).strip() for _ in range(2)}
    assert said == {b"200", b"taken"}
    process.kill()
    await process.wait()
    await build(webhook_url=PUBLIC, webhook_secret=SECRET).start()
    await shown(zalo, "Đã nhận: xong 5k")
    assert [message.key for message in core.received] == ["zalo:m1"]


# Quotas


async def test_messages_and_people_are_counted_over_restarts(
    channel: ZaloChannel, zalo: ZaloEmulator, core: FakeCore, build: Build, time: Time
) -> None:
    for person in ("p1", "p2", "p1"):
        await zalo.inbound("chào", chat_id=person)
    await dealt(zalo, core, 3)
    await channel.send("p1", reply("Nhắc việc"))
    await channel.stop()
    told: dict[str, tuple[int, int]] = {}
    again = build(on_quota=lambda what, used, limit: told.update({what: (used, limit)}))
    await again.start()
    assert await again.usage() == Usage("2026-11", sent=4, received=3, users=2)
    assert told == {"messages": (7, 3000), "users": (2, 50)}
    time.at += timedelta(days=10)
    assert await again.usage() == Usage("2026-12", sent=0, received=0, users=2)


@pytest.mark.parametrize(
    ("used", "level"), [(2097, 0), (2098, 70), (2697, 70), (2698, 90), (3500, 90)]
)
async def test_administrator_is_warned_at_70_and_90_percent(
    build: Build,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    used: int,
    level: int,
) -> None:
    caplog.set_level(logging.WARNING)
    async with database.writing() as connection:
        await quotas.add(connection, "zalo", str(BOT["id"]), "2026-11", sent=used, received=0)
    channel = build()
    await channel.start()
    for _ in range(2):
        await channel.send(PERSON, reply("Nhắc việc"))
    levels = [r.getMessage() for r in caplog.records if "messages of 2026-11" in r.getMessage()]
    assert f"{level} % reached" in levels[-1] if level else not levels
    assert len(levels) == len(set(levels)) <= 2
    assert (f"{level} % reached" in channel.health.notice) is bool(level)
    assert (await channel.usage()).messages_left == max(0, 3000 - used - 2)
    server = Server("127.0.0.1", 0, [channel], Metrics())
    await server.start()
    async with httpx.AsyncClient() as http:
        state = (await http.get(f"{server.url}healthz")).json()["channels"]["zalo"]
    await server.stop()
    assert state["up"] is True
    assert state.get("notice", "") == channel.health.notice


@pytest.mark.parametrize(("people", "level"), [(34, 0), (35, 70), (45, 90)])
async def test_people_are_warned_about_too(
    time: Time, database: Database, people: int, level: int
) -> None:
    meter = Meter(database, time.now)
    for number in range(people):
        assert await meter.received(f"p{number}")
        assert not await meter.received(f"p{number}")
    assert (f"of 50 people used, {level} %" in meter.notice) is bool(level)


async def test_quota_is_counted_again_once_the_store_is_back(
    time: Time, database: Database
) -> None:
    meter = Meter(database, time.now)
    await database.close()
    await meter.received("p1")
    await meter.sent()
    await database.open()
    assert await meter.usage() == Usage("2026-11", sent=1, received=1, users=1)


async def test_quota_without_a_store_is_what_the_process_saw(time: Time) -> None:
    meter = Meter(None, time.now)
    assert await meter.received("p1")
    assert not await meter.received("p1")
    assert await meter.received("p2")
    await meter.sent()
    assert await meter.usage() == Usage("2026-11", sent=1, received=3, users=2)


async def test_quota_is_shown_in_metrics(time: Time, database: Database) -> None:
    metrics = Metrics()
    meter = Meter(
        database, time.now, lambda what, used, limit: metrics.quota("zalo", what, used, limit)
    )
    await meter.received("p1")
    text = metrics.exposition().decode()
    assert 'dondoc_quota_used{channel="zalo",what="messages"} 1.0' in text
    assert 'dondoc_quota_limit{channel="zalo",what="users"} 50.0' in text


# Secrets


async def test_token_is_never_in_logs_or_exceptions(
    build: Build, zalo: ZaloEmulator, core: FakeCore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = build(token=Secret(TOKEN))
    await channel.start()
    errors: list[BaseException] = []
    for fault in ("html", "broken", "reset_before", "reset_after", 400, 403, 429):
        zalo.fault("sendMessage", fault)
        with pytest.raises(Exception, match="sendMessage") as caught:
            await channel._say(PERSON, "Nhắc việc")
        errors.append(caught.value)
    channel._quiet_until = None
    for fault in ("html", 403):
        zalo.fault("getUpdates", fault)
    zalo.expire()
    await zalo.inbound("chào")
    await shown(zalo, *["Nhắc việc"], "Đã nhận: chào")
    await zalo.close()
    with pytest.raises(ChannelDownError) as caught:
        await channel.send(PERSON, reply("Nhắc việc"))
    errors.append(caught.value)
    for error in (found for each in errors for found in chain(each)):
        assert TOKEN not in f"{error!r} {vars(error)}"
    assert TOKEN not in caplog.text
    assert not any(TOKEN in str(record.args) for record in caplog.records)
    assert TOKEN not in f"{channel.health}"


async def test_words_of_a_person_leave_the_inbox_once_answered(
    hooked: ZaloChannel, zalo: ZaloEmulator, core: FakeCore, tmp_path: Path, build: Build
) -> None:
    await zalo.inbound("điều riêng tư")
    await dealt(zalo, core)
    await hooked.stop()
    with closing(sqlite3.connect(tmp_path / "dondoc.sqlite")) as rows:
        assert rows.execute("SELECT body, done FROM inbox").fetchall() == [("", 1)]


async def test_nothing_is_written_down_of_a_message_marked_secret(
    hooked: ZaloChannel, zalo: ZaloEmulator, core: FakeCore, tmp_path: Path
) -> None:
    await zalo.inbound(caption="Tối mật: phương án", photo_url=zalo.put("a.jpg", JPEG))
    await dealt(zalo, core)
    assert core.received[0].attachments == ()
    assert zalo.fetched == []
    with closing(sqlite3.connect(tmp_path / "dondoc.sqlite")) as rows:
        assert rows.execute("SELECT * FROM inbox").fetchall() == []

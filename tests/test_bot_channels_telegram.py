"""The Telegram channel over HTTP against a Bot API server that refuses what Telegram refuses."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.channels.base import Channel
from bot.channels.telegram import COMMANDS, TelegramChannel
from bot.channels.telegram.rendering import parts
from bot.channels.telegram.transport import Pace
from bot.evidence import Evidence
from data.errors import ChannelAuthError, ChannelDownError, ChannelRefusedError
from handlers.messages import (
    Bubble,
    Choice,
    Document,
    Line,
    Message,
    Reply,
    ReplyKind,
    Style,
)
from handlers.wording import say
from tests.telegram_stub import (
    CUT_AFTER,
    CUT_BEFORE,
    GATEWAY,
    PATIENCE,
    TOKEN,
    Fault,
    Sent,
    TelegramStub,
)

NOW = datetime(2021, 3, 1, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
GROUP = -100500
JPEG = b"\xff\xd8\xff\xe0" + b"anh" * 50
PDF = b"%PDF-1.7 " + b"trang" * 50
OGG = b"OggS" + b"tieng" * 50
Answer = Callable[[Message], Reply]


def reply(*lines: str | Line, kind: ReplyKind = ReplyKind.ANSWER, **more: Any) -> Reply:
    """A reply of one bubble."""
    set_ = tuple(line if isinstance(line, Line) else Line(line) for line in lines)
    return Reply(kind, (Bubble(set_, **more),))


def echo(message: Message) -> Reply:
    return reply(f"Đã nhận: {message.press or message.text}")


@dataclass
class FakeCore:
    """Takes effect once for each key and keeps the reply, as the real core does."""

    answer: Answer = echo
    received: list[Message] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    holds: dict[str, asyncio.Event] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    stub: TelegramStub | None = None
    _kept: dict[str, Reply] = field(default_factory=dict)
    _answered: set[str] = field(default_factory=set)

    async def receive(self, message: Message) -> Reply | None:
        self.received.append(message)
        await self._point("before", message)
        if message.key in self._answered:
            return None
        if message.key not in self._kept:
            self._kept[message.key] = self.answer(message)
            self.effects.append(message.text)
        await self._point("stored", message)
        return self._kept[message.key]

    async def answered(self, message: Message) -> None:
        await self._point("sent", message)
        self._answered.add(message.key)
        await self._point("marked", message)

    async def _point(self, name: str, message: Message) -> None:
        for point in (name, f"{name} {message.text}"):
            self.reached.add(point)
            if self.stub:
                await self.stub.tell()
            if point in self.holds:
                await self.holds[point].wait()


@pytest.fixture
async def stub() -> AsyncIterator[TelegramStub]:
    async with TelegramStub() as server:
        yield server


@pytest.fixture
def core(stub: TelegramStub) -> FakeCore:
    return FakeCore(stub=stub)


@pytest.fixture
async def build(
    stub: TelegramStub, core: FakeCore, tmp_path: Path
) -> AsyncIterator[Callable[..., Any]]:
    """Makes channels on the stub and stops them in the end."""
    made: list[TelegramChannel] = []
    evidence = Evidence(tmp_path / "evidence", reserve=0)

    def make(token: Any = TOKEN, **options: Any) -> TelegramChannel:
        fixed = {"api_url": stub.url, "poll_timeout": 5, "backoff": 0.02, "evidence": evidence}
        options = fixed | options
        made.append(TelegramChannel(token, core, lambda: NOW, **options))
        return made[-1]

    yield make
    for channel in reversed(made):
        await channel.stop(grace=PATIENCE)


@pytest.fixture
async def channel(build: Callable[..., Any]) -> TelegramChannel:
    running: TelegramChannel = build()
    await running.start()
    return running


async def kill() -> None:
    """Ends the channel's work where it stands, as SIGKILL would."""
    tasks = [task for task in asyncio.all_tasks() if task.get_name().startswith("telegram")]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def another_poll(stub: TelegramStub) -> None:
    """Waits until the channel has asked for updates once more."""
    polls = len(stub.called("getUpdates"))
    await stub.until(lambda: len(stub.called("getUpdates")) > polls)


def _shows(stub: TelegramStub, chat: int, messages: int) -> bool:
    return len(stub.texts(chat)) == messages


def test_is_a_channel(build: Callable[..., Any]) -> None:
    channel: Channel = build()
    assert (channel.name, channel.limits.text) == ("telegram", 4096)


# A conversation


async def test_answers_a_question(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    number = stub.say("Sở Y tế phụ trách gì?")
    await stub.until(lambda: stub.sent)
    assert stub.texts() == ["Đã nhận: Sở Y tế phụ trách gì?"]
    assert core.received == [
        Message(
            channel="telegram",
            chat="1001",
            user="1001",
            at=NOW,
            text="Sở Y tế phụ trách gì?",
            key=f"telegram:123456:{number}",
            name="Nguyễn Văn A",
        )
    ]
    methods = [name for name, _ in stub.calls]
    assert methods.index("sendChatAction") < methods.index("sendMessage")


async def test_sets_the_menu_and_hands_commands_on(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    assert [entry["command"] for entry in stub.menu] == list(COMMANDS)
    assert stub.menu[0]["description"] == say("telegram.command.start")
    stub.say("/start")
    await stub.until(lambda: stub.sent)
    assert core.received[0].text == "/start"


async def test_a_server_without_the_menu_is_served(
    build: Callable[..., Any], stub: TelegramStub
) -> None:
    stub.fail("setMyCommands", Fault(404, "Not Found"))
    await build().start()
    stub.say("xin chào")
    await stub.until(lambda: stub.sent)


async def test_a_pressed_button_reaches_the_core_and_is_released(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    core.answer = lambda message: (
        echo(message) if message.press else reply("3 việc", choices=((MORE, LISTED),))
    )
    stub.say("việc của Sở Y tế")
    await stub.until(lambda: stub.sent)
    assert stub.sent[0].labels == ["1. Xem thêm", "Sở Công Thương"]
    number = stub.press(stub.sent[0], "Xem thêm")
    await stub.until(lambda: len(stub.sent) == 2)
    pressed = core.received[1]
    assert (pressed.press, pressed.text) == ("more:5k", "")
    assert pressed.key == f"telegram:123456:{number}"
    assert pressed.reply_to == str(stub.sent[0].id)
    assert stub.texts()[1] == "Đã nhận: more:5k"
    assert len(stub.answered_queries) == 1


MORE = Choice(1, "Xem thêm", "more:5k")
LISTED = Choice(2, "Sở Công Thương", "agency:so-cong-thuong", listed=True)


async def test_the_buttons_of_a_settled_question_go_and_twice_is_no_error(
    channel: TelegramChannel,
    stub: TelegramStub,
    core: FakeCore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    yes = Choice(1, "Đồng ý", "yes")
    core.answer = lambda message: (
        reply("Đã ghi", kind=ReplyKind.DONE)
        if message.press
        else reply("Đồng ý không?", choices=((yes,),), kind=ReplyKind.CONFIRM)
    )
    stub.say("đã xong 5k")
    await stub.until(lambda: stub.sent)
    asked = Sent(stub.sent[0].id, 1001, keyboard=stub.sent[0].keyboard)
    stub.press(asked, "Đồng ý")
    stub.press(asked, "Đồng ý")
    await stub.until(lambda: len(stub.called("editMessageReplyMarkup")) == 2)
    await stub.until(lambda: not stub.waiting)
    assert stub.sent[0].labels == []
    assert stub.texts() == ["Đồng ý không?", "Đã ghi", "Đã ghi"]
    assert [r.message for r in caplog.records if r.levelno >= logging.WARNING] == []


async def test_an_old_button_is_answered_though_its_query_is_too_old(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    stub.fail("answerCallbackQuery", Fault(400, "Bad Request: query is too old"))
    keyboard = [[{"text": "Xem thêm", "callback_data": "more:5k"}]]
    stub.press(Sent(7, 1001, keyboard=keyboard), "Xem thêm")
    await stub.until(lambda: stub.texts() == ["Đã nhận: more:5k"])


async def test_a_button_of_a_message_no_longer_kept_is_answered(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    keyboard = [[{"text": "Xem thêm", "callback_data": "more:5k"}]]
    number = stub.press(Sent(7, 1001, keyboard=keyboard), "Xem thêm")
    stub.updates[number]["callback_query"]["message"]["date"] = 0
    await stub.until(lambda: stub.texts() == ["Đã nhận: more:5k"])


async def test_a_reply_says_which_message_it_answers(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    earlier = stub.message(1001, text="5k")
    stub.say("đã xong", reply_to_message=earlier)
    await stub.until(lambda: stub.sent)
    assert core.received[0].reply_to == str(earlier["message_id"])


async def test_photos_documents_and_voice_are_kept_at_once(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore, tmp_path: Path
) -> None:
    document = stub.put(PDF, file_name="báo cáo.pdf", mime_type="text/plain")
    sizes = [stub.put(JPEG + bytes(side), width=side, height=side) for side in (90, 800, 320)]
    stub.post({"message": stub.message(1001, caption="báo cáo 5k", document=document)})
    photo = stub.message(1001, photo=sizes)
    stub.post({"message": photo})
    stub.post({"message": stub.message(1001, voice=stub.put(OGG, duration=3))})
    await stub.until(lambda: len(stub.sent) == 3)
    assert core.received[0].text == "báo cáo 5k"
    kept = [attachment for message in core.received for attachment in message.attachments]
    assert [(a.name, a.media_type) for a in kept[:2]] == [
        ("báo cáo.pdf", "application/pdf"),
        (f"anh-{photo['message_id']}.jpg", "image/jpeg"),
    ]
    assert kept[2].media_type == "audio/ogg"
    contents = [PDF, JPEG + bytes(800), OGG]
    assert [(tmp_path / a.path).read_bytes() for a in kept] == contents
    assert [a.sha256 for a in kept] == [sha256(content).hexdigest() for content in contents]


@pytest.mark.parametrize(
    ("content", "told", "code"),
    [
        (JPEG + bytes(11 * 1024 * 1024), True, "large"),
        (JPEG + bytes(11 * 1024 * 1024), False, "large"),
        (JPEG + bytes(21 * 1024 * 1024), False, "large"),
        (b"MZ\x90\x00 a program", True, "type"),
        (b"", True, "type"),
        (None, True, "gone"),
    ],
    ids=["large", "large-untold", "larger-than-served", "program", "empty", "missing"],
)
async def test_a_file_that_cannot_be_kept_is_told_and_the_conversation_goes_on(
    channel: TelegramChannel,
    stub: TelegramStub,
    core: FakeCore,
    tmp_path: Path,
    content: bytes | None,
    told: bool,
    code: str,
) -> None:
    file = stub.put(content or b"", file_name="tệp.pdf")
    if content is None:
        stub.files.clear()
    if not told:
        del file["file_size"]
    stub.post({"message": stub.message(1001, caption="xong 5k", document=file)})
    stub.say("5k thế nào?")
    await stub.until(lambda: len(stub.sent) == 2)
    assert stub.texts() == [say(f"evidence.{code}"), "Đã nhận: 5k thế nào?"]
    assert core.effects == ["5k thế nào?"]
    assert not (tmp_path / "evidence").exists()
    await stub.until(lambda: not stub.waiting)


async def test_a_file_is_asked_for_again_when_the_network_fails(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    stub.fail("getFile", GATEWAY, CUT_BEFORE)
    stub.post({"message": stub.message(1001, caption="xong 5k", document=stub.put(PDF))})
    await stub.until(lambda: stub.sent)
    assert stub.texts() == ["Đã nhận: xong 5k"]
    assert len(core.received[0].attachments) == 1


async def test_no_file_of_a_message_marked_secret_is_fetched(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    file = stub.put(PDF)
    stub.post({"message": stub.message(1001, caption="Tối mật: phương án", document=file)})
    await stub.until(lambda: stub.sent)
    assert core.received[0].attachments == ()
    assert stub.fetched == []
    assert stub.called("getFile") == []


async def test_the_token_in_the_address_of_a_file_reaches_no_log(
    channel: TelegramChannel, stub: TelegramStub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.post({"message": stub.message(1001, document=stub.put(PDF))})
    await stub.until(lambda: stub.sent)
    gone = stub.put(PDF)
    stub.expired.add(gone["file_id"])
    stub.post({"message": stub.message(1001, document=gone)})
    await stub.until(lambda: len(stub.sent) == 2)
    assert stub.texts()[1] == say("evidence.gone")
    assert len(stub.fetched) == 2
    assert TOKEN not in caplog.text


async def test_what_cannot_be_read_is_told_in_a_private_chat_only(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    note = {"file_id": "V", "file_unique_id": "u", "duration": 3, "length": 240}
    stub.post({"message": stub.message(GROUP, video_note=note)})
    stub.post({"edited_message": stub.message(1001, text="sửa lại", edit_date=1614564100)})
    stub.post({"message": stub.message(1001, video_note=note)})
    stub.post({"message": {"message_id": "không phải số"}})
    await stub.until(lambda: not stub.waiting and stub.sent)
    assert stub.texts() == [say("telegram.unreadable")]
    assert stub.texts(GROUP) == []
    assert core.received == []


async def test_people_who_block_the_bot_are_reported(
    build: Callable[..., Any], stub: TelegramStub
) -> None:
    heard: list[tuple[str, bool]] = []

    async def on_blocked(user: str, blocked: bool) -> None:
        heard.append((user, blocked))

    await build(on_blocked=on_blocked).start()
    for status in ("kicked", "member"):
        change = stub.message(1001)
        bot = {"id": 123456, "is_bot": True, "first_name": "Đôn Đốc"}
        old: dict[str, Any] = {"user": bot, "status": "left"}
        new: dict[str, Any] = {"user": bot, "status": status, "until_date": 0}
        change |= {"old_chat_member": old, "new_chat_member": new}
        stub.post({"my_chat_member": change})
    await stub.until(lambda: not stub.waiting)
    assert heard == [("1001", True), ("1001", False)]


# Order, concurrency, confirmation


async def test_a_chat_keeps_its_order(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    core.holds["before câu 0"] = asyncio.Event()
    for number in range(4):
        stub.say(f"câu {number}")
    await stub.until(lambda: "before câu 0" in core.reached)
    assert [message.text for message in core.received] == ["câu 0"]
    core.holds["before câu 0"].set()
    await stub.until(lambda: len(stub.sent) == 4)
    assert stub.texts() == [f"Đã nhận: câu {number}" for number in range(4)]


async def test_a_slow_chat_holds_up_the_offset_but_not_the_others(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    core.holds["before chậm"] = asyncio.Event()
    slow = stub.say("chậm", chat=1)
    for number in range(3):
        stub.say(f"nhanh {number}", chat=2)
        await stub.until(partial(_shows, stub, 2, number + 1))
    assert slow in stub.waiting
    assert stub.texts(1) == []
    core.holds["before chậm"].set()
    await stub.until(lambda: not stub.waiting)
    assert stub.texts(1) == ["Đã nhận: chậm"]
    assert sorted(core.effects) == ["chậm", "nhanh 0", "nhanh 1", "nhanh 2"]
    assert len(core.received) == 4


async def test_two_chats_are_served_at_once(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    core.holds["before một"] = core.holds["before hai"] = asyncio.Event()
    stub.say("một", chat=1)
    stub.say("hai", chat=2)
    await stub.until(lambda: {"before một", "before hai"} <= core.reached)
    core.holds["before một"].set()
    await stub.until(lambda: stub.texts(1) and stub.texts(2))


@pytest.mark.parametrize("point", ["before", "stored", "sent", "marked"])
async def test_killed_at_any_point_the_update_takes_effect_once(
    point: str, build: Callable[..., Any], stub: TelegramStub, core: FakeCore
) -> None:
    core.holds[point] = asyncio.Event()
    await build().start()
    number = stub.say("đã xong 5k")
    await stub.until(lambda: point in core.reached)
    await another_poll(stub)
    assert stub.waiting == [number]
    await kill()
    del core.holds[point]
    before = list(stub.texts())
    await build().start()
    await stub.until(lambda: not stub.waiting)
    assert core.effects == ["đã xong 5k"]
    again = [] if point == "marked" else ["Đã nhận: đã xong 5k"]
    assert stub.texts() == before + again
    assert before == (["Đã nhận: đã xong 5k"] if point in {"sent", "marked"} else [])


async def test_stop_finishes_what_is_under_way_and_confirms_it(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    core.holds["before"] = asyncio.Event()
    stub.say("xin chào")
    await stub.until(lambda: "before" in core.reached)
    stopping = asyncio.create_task(channel.stop(grace=PATIENCE))
    core.holds["before"].set()
    await stopping
    assert stub.texts() == ["Đã nhận: xin chào"]
    assert stub.waiting == []
    assert not channel.health.up


async def test_stop_gives_up_what_does_not_end(
    build: Callable[..., Any], stub: TelegramStub, core: FakeCore
) -> None:
    stuck = build()
    await stuck.start()
    core.holds["before chậm"] = asyncio.Event()
    stub.say("nhanh", chat=2)
    await stub.until(lambda: not stub.waiting)
    number = stub.say("chậm", chat=1)
    await stub.until(lambda: "before chậm" in core.reached)
    await another_poll(stub)
    await stuck.stop(grace=0)
    assert stub.waiting == [number]


# Faults


async def test_429_is_waited_out(channel: TelegramChannel, stub: TelegramStub) -> None:
    stub.fail("sendMessage", Fault(429, retry_after=1))
    stub.say("xin chào")
    await stub.until(lambda: stub.sent)
    assert stub.texts() == ["Đã nhận: xin chào"]
    assert stub.broken == []


async def test_server_faults_and_cut_connections_lose_no_reply(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    stub.fail("sendMessage", GATEWAY, CUT_BEFORE, Fault(500, "Internal Server Error"))
    stub.fail("sendChatAction", GATEWAY)
    stub.say("xin chào")
    await stub.until(lambda: stub.sent)
    await stub.until(lambda: not stub.waiting)
    assert stub.texts() == ["Đã nhận: xin chào"]


async def test_more_faults_than_attempts_lose_no_reply(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    stub.fail("sendMessage", *[GATEWAY] * 12)
    stub.say("xin chào")
    await stub.until(lambda: stub.sent)
    assert stub.texts() == ["Đã nhận: xin chào"]


async def test_a_reply_in_doubt_is_said_again_rather_than_lost(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    stub.fail("sendMessage", CUT_AFTER)
    stub.say("xin chào")
    await stub.until(lambda: not stub.waiting)
    assert stub.texts() == ["Đã nhận: xin chào"] * 2
    assert core.effects == ["xin chào"]


async def test_parts_already_sent_are_not_sent_again(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    core.answer = lambda message: Reply(
        ReplyKind.ANSWER, tuple(Bubble((Line(f"phần {n}"),)) for n in range(3))
    )

    def third_fails() -> bool:
        if len(stub.sent) == 2 and not stub.called("sendMessage")[2:]:
            stub.fail("sendMessage", *[GATEWAY] * 7)
        return len(stub.sent) == 3

    stub.say("xin chào")
    await stub.until(third_fails)
    assert stub.texts() == ["phần 0", "phần 1", "phần 2"]


async def test_polling_survives_faults(channel: TelegramChannel, stub: TelegramStub) -> None:
    stub.fail("getUpdates", GATEWAY, CUT_BEFORE, Fault(429, retry_after=1), CUT_AFTER)
    for number in range(3):
        stub.say(f"câu {number}")
        await stub.until(partial(_shows, stub, 1001, number + 1))
    assert stub.texts() == [f"Đã nhận: câu {number}" for number in range(3)]
    await stub.until(lambda: channel.health.up)
    assert channel.health.last_ok == NOW
    assert channel.health.last_error


async def test_one_chat_that_fails_for_ever_is_given_up(
    channel: TelegramChannel,
    stub: TelegramStub,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.channels.telegram.channel.ROUNDS", 2)
    stub.fail("sendMessage", *[GATEWAY] * 1000, chat=1)
    stub.say("xin chào", chat=1)
    stub.say("xin chào", chat=2)
    await stub.until(lambda: not stub.waiting)
    assert stub.texts(2) == ["Đã nhận: xin chào"]
    assert "a reply could not be sent" in caplog.text


async def test_markup_that_is_refused_is_said_plainly(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    core.answer = lambda message: reply(Line("Nguyên văn <k>", Style.STRONG), choices=((MORE,),))
    stub.fail("sendMessage", Fault(400, "Bad Request: can't parse entities: byte offset 3"))
    stub.say("xin chào")
    await stub.until(lambda: stub.sent)
    assert stub.texts() == ["Nguyên văn <k>\n1. Xem thêm"]


async def test_a_person_who_blocked_the_bot_holds_nothing_up(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    stub.blocked.add(1)
    stub.say("xin chào", chat=1)
    stub.say("xin chào", chat=2)
    await stub.until(lambda: not stub.waiting)
    assert (stub.texts(1), stub.texts(2)) == ([], ["Đã nhận: xin chào"])
    assert channel.health.up


async def test_an_unknown_error_is_told_and_logged_with_its_trace(
    channel: TelegramChannel,
    stub: TelegramStub,
    core: FakeCore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(message: Message) -> Reply:
        raise ZeroDivisionError(message.text)

    core.answer = broken
    stub.say("xin chào")
    await stub.until(lambda: not stub.waiting)
    assert stub.texts() == [say("telegram.failure")]
    assert "ZeroDivisionError: xin chào" in caplog.text


async def test_a_group_that_moved_is_followed(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    stub.moved[GROUP] = -100777
    await channel.send(str(GROUP), reply("nhắc việc"))
    await channel.send(str(GROUP), reply("nhắc lại"))
    assert stub.texts(-100777) == ["nhắc việc", "nhắc lại"]


# Sending unasked


async def test_sends_unasked_with_its_file(channel: TelegramChannel, stub: TelegramStub) -> None:
    document = Document("bao-cao.docx", "application/msword", b"PK\x03\x04")
    await channel.send("1001", reply("Báo cáo quý I", files=(document,)))
    assert stub.texts() == ["Báo cáo quý I", ""]
    assert stub.sent[1].document == ("bao-cao.docx", b"PK\x03\x04")


async def test_a_file_is_sent_whole_after_a_fault(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    stub.fail("sendDocument", GATEWAY)
    await channel.send("1001", reply(files=(Document("a.docx", "application/msword", b"PK"),)))
    assert [sent.document for sent in stub.sent] == [("a.docx", b"PK")]


async def test_unasked_to_a_person_who_blocked_the_bot_is_refused(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    stub.blocked.add(1001)
    with pytest.raises(ChannelRefusedError):
        await channel.send("1001", reply("nhắc việc"))


@pytest.mark.parametrize("fault", [GATEWAY, CUT_BEFORE])
async def test_unasked_says_when_telegram_is_down_and_the_message_may_have_arrived(
    fault: Fault, channel: TelegramChannel, stub: TelegramStub
) -> None:
    stub.fail("sendMessage", *[fault] * 5)
    with pytest.raises(ChannelDownError) as caught:
        await channel.send("1001", reply("nhắc việc"))
    assert caught.value.sent_unknown
    assert TOKEN not in str(caught.value)


# Start


async def test_a_bad_token_stops_the_start(
    build: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = "999:wrong-token"
    with pytest.raises(ChannelAuthError, match="TELEGRAM_BOT_TOKEN") as caught:
        await build(token).start()
    assert token not in str(caught.value)
    assert token not in caplog.text


async def test_starts_once_telegram_is_reached(
    build: Callable[..., Any], stub: TelegramStub
) -> None:
    port = int(stub.url.rsplit(":", 1)[1])
    await stub.close()
    late = build()
    await late.start()
    assert not late.up
    with pytest.raises(ChannelDownError):
        await late.send("1001", reply("nhắc việc"))
    await stub.open(port)
    stub.say("xin chào")
    await stub.until(lambda: stub.sent)
    assert late.up
    assert late.last_worked == NOW


async def test_the_token_never_appears_in_a_log(
    build: Callable[..., Any], stub: TelegramStub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "telegram", "telegram.Bot", "bot"):
        caplog.set_level(logging.DEBUG, name)
    await build().start()
    stub.fail("sendMessage", GATEWAY, CUT_BEFORE, Fault(429, retry_after=1))
    stub.fail("getUpdates", GATEWAY, Fault(401, "Unauthorized"), Fault(404, "Not Found"))
    stub.say("xin chào")
    await stub.until(lambda: not stub.waiting and stub.sent)
    assert any(record.name == "httpx" for record in caplog.records)
    assert any(record.name == "telegram.Bot" for record in caplog.records)
    assert TOKEN not in caplog.text
    assert TOKEN.split(":")[1] not in caplog.text


async def test_a_secret_of_the_settings_is_accepted(
    build: Callable[..., Any], stub: TelegramStub
) -> None:
    class Secret:
        def reveal(self) -> str:
            return TOKEN

    await build(Secret()).start()
    stub.say("xin chào")
    await stub.until(lambda: stub.sent)


# Groups


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("@dondoc_bot Sở Y tế phụ trách gì?", "Sở Y tế phụ trách gì?"),
        ("Sở Y tế phụ trách gì @Dondoc_Bot", "Sở Y tế phụ trách gì"),
        ("nhờ @dondoc_bot, cho hạn 5k", "nhờ cho hạn 5k"),
        ("/viec@dondoc_bot Sở Y tế", "/viec Sở Y tế"),
        ("/han", "/han"),
    ],
)
async def test_in_a_group_it_answers_when_meant(
    text: str, understood: str, channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    stub.say(text, chat=GROUP, user=1001)
    await stub.until(lambda: stub.sent)
    assert core.received[0].text == understood
    assert (core.received[0].chat, core.received[0].user) == (str(GROUP), "1001")
    assert json.loads(stub.sent[0].params["reply_parameters"])["allow_sending_without_reply"]


@pytest.mark.parametrize(
    "text",
    [
        "Sở Y tế phụ trách gì?",
        "@dondoc_bot2 xin chào",
        "ai@dondoc_bot.vn gửi thư",
        "/viec@khac_bot",
        "/lạ",
    ],
)
async def test_in_a_group_it_keeps_quiet_otherwise(
    text: str, channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    stub.say(text, chat=GROUP, user=1001)
    await stub.until(lambda: not stub.waiting)
    assert core.received == []


async def test_in_a_group_a_reply_to_the_bot_is_answered(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    own = stub.message(GROUP, text="3 việc")
    own["from"] = {"id": 123456, "is_bot": True, "first_name": "Đôn Đốc"}
    stub.say("2", chat=GROUP, user=1001, reply_to_message=own)
    await stub.until(lambda: stub.sent)
    assert core.received[0].text == "2"


async def test_in_a_forum_it_answers_in_the_topic(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    first = stub.message(GROUP, forum_topic_created={"name": "Y tế", "icon_color": 0})
    stub.say(
        "/han@dondoc_bot",
        chat=GROUP,
        message_thread_id=77,
        is_topic_message=True,
        reply_to_message=first,
    )
    await stub.until(lambda: stub.sent)
    assert stub.sent[0].params["message_thread_id"] == "77"
    assert core.received[0].reply_to == ""


async def test_other_bots_are_not_answered(
    channel: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    other = stub.message(GROUP, text="@dondoc_bot xin chào")
    other["from"] = {"id": 5, "is_bot": True, "first_name": "Bot khác"}
    stub.post({"message": other})
    await stub.until(lambda: not stub.waiting)
    assert core.received == []


# Webhook

SECRET = "bi-mat_2021"
HOOK = "https://dondoc.example/telegram/webhook"


@pytest.fixture
async def hooked(build: Callable[..., Any]) -> TelegramChannel:
    running: TelegramChannel = build(webhook_url=HOOK, webhook_secret=SECRET)
    await running.start()
    return running


async def deliver(channel: TelegramChannel, stub: TelegramStub, number: int) -> int:
    """What Telegram does: posts the update, and takes it as confirmed at 200."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    status = await channel.webhook(headers, json.dumps(stub.updates[number]).encode())
    if status == 200:
        stub.updates.pop(number, None)
    return status


async def test_a_webhook_is_registered_with_its_secret(
    hooked: TelegramChannel, stub: TelegramStub
) -> None:
    assert stub.hook
    assert (stub.hook["url"], stub.hook["secret_token"]) == (HOOK, SECRET)
    assert stub.called("getUpdates") == []


async def test_a_webhook_never_goes_without_a_secret(
    build: Callable[..., Any], stub: TelegramStub
) -> None:
    open_ = build(webhook_url=HOOK)
    await open_.start()
    assert stub.hook
    assert len(stub.hook["secret_token"]) > 30
    assert await open_.webhook({}, b"{}") == 403


async def test_a_webhook_confirms_after_the_reply(
    hooked: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    core.holds["stored"] = asyncio.Event()
    number = stub.say("xin chào")
    posted = asyncio.create_task(deliver(hooked, stub, number))
    again = asyncio.create_task(deliver(hooked, stub, number))
    await stub.until(lambda: "stored" in core.reached)
    assert not posted.done()
    core.holds["stored"].set()
    assert [await posted, await again] == [200, 200]
    assert stub.texts() == ["Đã nhận: xin chào"]


async def test_a_webhook_update_delivered_again_takes_effect_once(
    hooked: TelegramChannel, stub: TelegramStub, core: FakeCore
) -> None:
    number = stub.say("đã xong 5k")
    update = dict(stub.updates)
    assert await deliver(hooked, stub, number) == 200
    stub.updates = update
    assert await deliver(hooked, stub, number) == 200
    assert core.effects == ["đã xong 5k"]
    assert stub.texts() == ["Đã nhận: đã xong 5k"]


async def test_a_webhook_killed_in_mid_handling_is_not_confirmed(
    hooked: TelegramChannel, build: Callable[..., Any], stub: TelegramStub, core: FakeCore
) -> None:
    core.holds["stored"] = asyncio.Event()
    number = stub.say("đã xong 5k")
    posted = asyncio.create_task(deliver(hooked, stub, number))
    await stub.until(lambda: "stored" in core.reached)
    await kill()
    assert await posted == 503
    del core.holds["stored"]
    fresh = build(webhook_url=HOOK, webhook_secret=SECRET)
    await fresh.start()
    assert await deliver(fresh, stub, number) == 200
    assert core.effects == ["đã xong 5k"]
    assert stub.texts() == ["Đã nhận: đã xong 5k"]


@pytest.mark.parametrize(
    ("secret", "body", "status"),
    [
        ("sai", b'{"update_id": 1}', 403),
        ("", b'{"update_id": 1}', 403),
        ("bí mật", b'{"update_id": 1}', 403),
        (SECRET, b"", 400),
        (SECRET, b"\xff{", 400),
        (SECRET, b"[" * 100_000, 400),
        (SECRET, b"[]", 400),
        (SECRET, b'{"update_id": "x"}', 400),
        (SECRET, b'{"update_id": 1, "message": 5}', 200),
    ],
    ids=["wrong", "none", "letters", "empty", "binary", "deep", "list", "id", "unreadable"],
)
async def test_a_webhook_refuses_what_is_not_from_telegram(
    secret: str, body: bytes, status: int, hooked: TelegramChannel, core: FakeCore
) -> None:
    headers = {"x-telegram-bot-api-secret-token": secret} if secret else {}
    assert await hooked.webhook(headers, body) == status
    assert core.received == []


async def test_polling_takes_no_webhook_calls(channel: TelegramChannel) -> None:
    assert await channel.webhook({"X-Telegram-Bot-Api-Secret-Token": ""}, b"{}") == 404


# Rendering


async def test_styles_are_set_and_all_markup_is_escaped(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    lines = [
        Line("Việc <5k> & hạn", Style.STRONG),
        Line("k) Sở Y tế: <b>100%</b>", Style.QUOTE),
        Line("&lt; hai dòng", Style.QUOTE),
        Line('nguồn: "II.5.k" <script>'),
    ]
    await channel.send("1001", reply(*lines))
    assert stub.texts() == ["\n".join(line.text for line in lines)]
    assert stub.sent[0].html == (
        "<b>Việc &lt;5k&gt; &amp; hạn</b>\n"
        "<blockquote>k) Sở Y tế: &lt;b&gt;100%&lt;/b&gt;\n&amp;lt; hai dòng</blockquote>\n"
        'nguồn: "II.5.k" &lt;script&gt;'
    )


async def test_a_long_text_is_split_between_words_with_the_buttons_last(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    words = "phấn đấu 100% bệnh viện <chấp nhận> thanh toán & báo cáo 😀 " * 300
    await channel.send(
        "1001", reply(Line("Nguyên văn"), Line(words, Style.QUOTE), choices=((MORE,),))
    )
    assert " ".join(stub.texts()).split() == f"Nguyên văn {words}".split()
    assert len(stub.sent) > 3
    assert [bool(sent.keyboard) for sent in stub.sent[-2:]] == [False, True]


@pytest.mark.parametrize("length", [2048, 4095, 4097, 9000])
async def test_a_text_of_emoji_only_fits(
    length: int, channel: TelegramChannel, stub: TelegramStub
) -> None:
    await channel.send("1001", reply("😀" * length))
    assert "".join(stub.texts()) == "😀" * length


def test_a_choice_that_no_button_can_carry_stands_in_the_text() -> None:
    long = Choice(2, "Sở Y tế", "ỳ" * 33)
    (part,) = parts(reply("Mời chọn:", choices=((MORE, long),)))
    assert part.html == "Mời chọn:\n2. Sở Y tế"
    assert [[button.label for button in row] for row in part.keyboard] == [["1. Xem thêm"]]
    assert part.plain == ("Mời chọn:\n2. Sở Y tế\n1. Xem thêm",)


def test_choices_without_a_text_are_listed() -> None:
    (part,) = parts(reply(choices=((MORE,),)))
    assert part.html == "1. Xem thêm"
    assert part.keyboard


def test_an_empty_bubble_sends_nothing() -> None:
    assert parts(reply("", " ")) == []


def test_pace_lets_a_burst_pass_and_then_one_a_second() -> None:
    pace = Pace()
    assert [pace.wait(1, 0.0) for _ in range(7)] == [0, 0, 0, 0, 0, 1, 2]
    assert pace.wait(2, 0.0) == 0
    assert pace.wait(1, 60.0) == 0


def test_pace_is_slower_in_a_group_and_bounded_over_all_chats() -> None:
    pace = Pace()
    assert [pace.wait(-1, 0.0) for _ in range(7)][-2:] == [3, 6]
    chats = count(1)
    waits = [pace.wait(next(chats), 100.0) for _ in range(50)]
    assert waits[24] == pytest.approx(0)
    assert waits[49] == pytest.approx(1.0)

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClientConnection, websocket_connect

from bot.channels.web import TEXT_LIMIT, Shelf, WebChannel, person
from bot.server import Server
from data.errors import ChannelDownError
from handlers.messages import Bubble, Choice, Document, Line, Message, Reply
from tests.browser import (
    NOW,
    QUESTION,
    QUOTE,
    House,
    RoteCore,
    bubble,
    by_rote,
    reply,
    serving,
)

SECRET = "A" * 22
OTHER = "B" * 22


class Browser:
    """What the page does, frame by frame."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self.connection = connection
        self.ended = False

    async def send(self, **frame: Any) -> None:
        await self.connection.write_message(json.dumps(frame))

    async def hear(self) -> Any:
        heard = await asyncio.wait_for(self.connection.read_message(), 10)
        self.ended = heard is None
        return None if heard is None else json.loads(heard)

    async def ask(self, text: str, delivery: str = "delivery1") -> Any:
        await self.send(type="say", id=delivery, text=text)
        return await self.hear()

    async def leave(self) -> None:
        self.connection.close()
        while not self.ended:
            await self.hear()

    async def settled(self) -> None:
        """Every frame sent so far was read."""
        await self.send(type="ping")
        assert (await self.hear())["type"] == "pong"


@asynccontextmanager
async def dialled(house: House) -> AsyncIterator[Browser]:
    browser = Browser(await websocket_connect(house.url.replace("http:", "ws:") + "chat"))
    try:
        yield browser
    finally:
        await browser.leave()


@asynccontextmanager
async def connected(house: House, secret: str = SECRET) -> AsyncIterator[Browser]:
    async with dialled(house) as browser:
        await browser.send(type="hello", secret=secret)
        assert await browser.hear() == {"type": "ready", "now": "2021-03-01T09:00:00+07:00"}
        yield browser


async def test_a_question_gets_its_reply_with_buttons() -> None:
    async with serving() as house, connected(house) as browser:
        heard = await browser.ask(QUESTION)
    assert heard["type"] == "reply"
    assert heard["re"] == "delivery1"
    assert heard["kind"] == "answer"
    first = heard["bubbles"][0]
    assert first["lines"][0] == {"text": "Sở Y tế chủ trì 2 việc", "style": "strong"}
    assert first["choices"][0] == [
        {"shown": "Trích nguyên văn", "label": "Trích nguyên văn", "action": "quote:5k"}
    ]


async def test_a_line_that_only_repeats_a_button_is_left_out_and_its_number_put_on_it() -> None:
    offer = Bubble(
        (Line("Ý anh/chị là:"), Line("1. Sở Y tế"), Line("2. Thanh tra tỉnh, việc II.4")),
        ((Choice(1, "Sở Y tế", "a:1", True),), (Choice(2, "2", "a:2", True),)),
    )
    async with serving(RoteCore(lambda _: reply(offer))) as house, connected(house) as browser:
        heard = (await browser.ask("sở"))["bubbles"][0]
    assert [line["text"] for line in heard["lines"]] == [
        "Ý anh/chị là:",
        "2. Thanh tra tỉnh, việc II.4",
    ]
    shown = [[(one["shown"], one["label"]) for one in row] for row in heard["choices"]]
    assert shown == [[("1. Sở Y tế", "Sở Y tế")], [("2", "2")]]


async def test_a_pressed_button_does_its_action() -> None:
    async with serving() as house, connected(house) as browser:
        await browser.send(type="press", id="delivery1", action="quote:5k")
        heard = await browser.hear()
    assert house.core.said == ["quote:5k"]
    assert heard["bubbles"][0]["lines"][1] == {"text": QUOTE, "style": "quote"}


async def test_the_person_is_not_the_secret_and_two_browsers_are_two_people() -> None:
    async with (
        serving() as house,
        connected(house) as one,
        connected(house, OTHER) as other,
    ):
        await one.ask("một")
        await other.ask("hai")
    first, second = house.core.seen
    assert (first.channel, first.user, first.chat) == ("web", person(SECRET), person(SECRET))
    assert SECRET not in repr(first)
    assert first.user != second.user
    assert first.key != second.key


async def test_a_message_sent_again_after_reconnecting_takes_effect_once() -> None:
    async with serving() as house:
        async with connected(house) as browser:
            first = await browser.ask("một")
        async with connected(house) as browser:
            again = await browser.ask("một")
            assert again["bubbles"] == first["bubbles"]
            await browser.send(type="ack", re="delivery1")
            await browser.settled()
            assert await browser.ask("một") == {"type": "known", "re": "delivery1"}
    assert house.core.said == ["một"]
    assert house.core.arrived == [house.core.seen[0].key]


async def test_a_reply_to_a_dropped_connection_comes_after_reconnecting() -> None:
    core = RoteCore()
    core.gate.clear()
    async with serving(core) as house:
        async with connected(house) as browser:
            await browser.send(type="say", id="delivery1", text="một")
            await browser.settled()
        async with connected(house) as browser:
            await browser.send(type="say", id="delivery1", text="một")
            core.gate.set()
            assert (await browser.hear())["re"] == "delivery1"
    assert core.said == ["một"]


async def test_messages_of_one_conversation_are_answered_in_order() -> None:
    core = RoteCore()
    core.gate.clear()
    async with serving(core) as house, connected(house) as browser:
        for n in range(5):
            await browser.send(type="say", id=f"delivery{n}", text=str(n))
        await browser.settled()
        core.gate.set()
        assert [(await browser.hear())["re"] for _ in range(5)] == [
            f"delivery{n}" for n in range(5)
        ]
    assert core.said == list("01234")


async def test_too_many_at_once_are_refused_with_a_sentence() -> None:
    core = RoteCore()
    core.gate.clear()
    async with serving(core) as house, connected(house) as browser:
        for n in range(9):
            await browser.send(type="say", id=f"delivery{n}", text=str(n))
        refused = await browser.hear()
        core.gate.set()
    assert refused["type"] == "error"
    assert refused["re"] == "delivery8"
    assert "chờ" in refused["text"]


async def test_a_too_long_message_is_refused_and_the_connection_stays() -> None:
    async with serving() as house, connected(house) as browser:
        refused = await browser.ask("a" * (TEXT_LIMIT + 1))
        assert refused["type"] == "error"
        assert "4000" in refused["text"]
        assert (await browser.ask("ngắn", "delivery2"))["type"] == "reply"


async def test_an_error_of_the_core_is_told_logged_and_can_be_sent_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = [True]

    def answer(message: Message) -> Reply:
        if broken.pop():
            broken.append(False)
            raise LookupError("lost its place")
        return by_rote(message)

    async with serving(RoteCore(answer)) as house, connected(house) as browser:
        told = await browser.ask("một")
        assert told["type"] == "error"
        assert "Xin lỗi" in told["text"]
        assert "lost its place" not in told["text"]
        assert (await browser.ask("một"))["type"] == "reply"
    assert "lost its place" in caplog.text


async def test_both_tabs_of_a_browser_hear_the_reply() -> None:
    async with serving() as house, connected(house) as one, connected(house) as two:
        heard = await one.ask("một")
        assert await two.hear() == heard


async def test_unasked_goes_to_an_open_browser_and_comes_again_until_acknowledged() -> None:
    async with serving() as house:
        async with connected(house) as browser:
            await house.web.send(person(SECRET), reply(bubble("Nhắc việc")))
            first = await browser.hear()
            assert first["bubbles"][0]["lines"][0]["text"] == "Nhắc việc"
        async with connected(house) as browser:
            assert await browser.hear() == first
            await browser.send(type="ack", id=first["id"])
            await browser.settled()
        async with connected(house) as browser:
            await browser.settled()


async def test_unasked_waits_for_a_browser_that_connects_later() -> None:
    async with serving() as house:
        await house.web.send(person(SECRET), reply(bubble("Nhắc việc 1")))
        await house.web.send(person(SECRET), reply(bubble("Nhắc việc 2")))
        async with connected(house) as browser:
            heard = [(await browser.hear())["bubbles"][0]["lines"][0]["text"] for _ in range(2)]
        assert heard == ["Nhắc việc 1", "Nhắc việc 2"]


async def test_unasked_raises_where_too_much_waits() -> None:
    channel = WebChannel(RoteCore(), lambda: NOW)
    for n in range(50):
        await channel.send(person(SECRET), reply(bubble(str(n))))
    with pytest.raises(ChannelDownError):
        await channel.send(person(SECRET), reply(bubble("50")))


@pytest.mark.parametrize(
    "frame",
    [
        "no json",
        "[]",
        '{"type": "say", "id": "delivery1", "text": "một"}',
        '{"type": "hello", "secret": "short"}',
        '{"type": "hello", "secret": 1}',
        '{"type": "dance"}',
        "[" * 50_000,
    ],
)
async def test_a_stranger_or_a_senseless_frame_is_shown_out(frame: str) -> None:
    async with serving() as house, dialled(house) as browser:
        await browser.connection.write_message(frame)
        assert await browser.hear() is None
        assert browser.connection.close_code == 1008
    assert house.core.seen == []


@pytest.mark.parametrize(
    "fault", [{"id": "x"}, {"id": None}, {"text": 1}, {"text": " "}, {"id": "a" * 41}]
)
async def test_a_malformed_message_ends_the_connection(fault: dict[str, Any]) -> None:
    async with serving() as house, connected(house) as browser:
        await browser.send(**{"type": "say", "id": "delivery1", "text": "một", **fault})
        assert await browser.hear() is None


async def test_a_frame_over_64_kib_ends_the_connection() -> None:
    async with serving() as house, connected(house) as browser:
        await browser.send(type="say", id="delivery1", text="a" * 70_000)
        assert await browser.hear() is None
        assert browser.connection.close_code == 1009


async def test_half_a_surrogate_pair_does_no_harm() -> None:
    async with serving() as house, connected(house) as browser:
        heard = await browser.ask("\ud83d một")
        assert heard["bubbles"][0]["lines"][0]["text"] == "Đã nhận: ? một"


async def test_markup_is_carried_as_text() -> None:
    async with serving() as house, connected(house) as browser:
        heard = await browser.ask("<img src=x onerror=alert(1)>")
        assert heard["bubbles"][0]["lines"][0]["text"] == "Đã nhận: <img src=x onerror=alert(1)>"


async def test_connections_of_one_address_are_bounded_and_freed() -> None:
    channel = WebChannel(RoteCore(), lambda: NOW, per_address=1)
    house = House(RoteCore())
    house.web, house.server = channel, Server("127.0.0.1", 0, [channel], house.metrics)
    await house.start()
    address = house.url.replace("http:", "ws:") + "chat"
    async with connected(house) as browser:
        with pytest.raises(HTTPClientError) as refused:
            await websocket_connect(address)
        assert refused.value.code == 429
        await browser.send(type="dance")
        assert await browser.hear() is None
    async with connected(house):
        pass
    await house.stop()


async def test_stopping_finishes_the_answer_under_way_and_lets_browsers_go() -> None:
    core = RoteCore()
    core.gate.clear()
    house = House(core)
    await house.start()
    async with connected(house) as browser:
        await browser.send(type="say", id="delivery1", text="một")
        await browser.settled()
        stopping = asyncio.create_task(house.stop())
        core.gate.set()
        assert (await browser.hear())["re"] == "delivery1"
        assert await browser.hear() is None
        assert browser.connection.close_code == 1001
        await stopping
    assert not house.web.up


async def test_a_file_of_a_reply_is_a_download_under_an_unguessable_address() -> None:
    async with serving() as house, connected(house) as browser:
        file = (await browser.ask("tệp"))["bubbles"][0]["files"][0]
        async with httpx.AsyncClient(base_url=house.url) as http:
            got = await http.get(file["address"])
            guessed = await http.get("files/" + "A" * 22 + "/x")
    assert file["name"] == "báo cáo.txt"
    assert got.text == "nội dung"
    assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''b%C3%A1o")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert guessed.status_code == 404


async def test_the_chat_is_spoken_to_on_its_socket_only() -> None:
    async with serving() as house, httpx.AsyncClient(base_url=house.url) as http:
        answers = [await http.request(method, "chat") for method in ("POST", "PUT", "DELETE")]
    assert [answer.status_code for answer in answers] == [405, 405, 405]


def test_the_shelf_gives_up_its_oldest_files() -> None:
    shelf = Shelf(limit=10)
    names = [shelf.put(Document(f"{n}", "text/plain", b"12345")) for n in range(3)]
    assert [shelf.get(name) is not None for name in names] == [False, True, True]


async def test_nothing_is_kept_of_a_browser_that_left() -> None:
    async with serving() as house, connected(house) as browser:
        await browser.ask("một")
    assert house.web._conversations == {}

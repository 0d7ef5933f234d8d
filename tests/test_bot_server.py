import json
import logging
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

import httpx
import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from bot.channels.base import Channel, Limits
from bot.metrics import ErrorCount, MeasuredCore, Metrics
from bot.server import BODY_BYTES, Server
from data.errors import SettingError
from handlers.messages import Message, Reply
from tests.browser import NOW, RoteCore, serving


class Messenger:
    """A channel that takes webhook calls, and may be down."""

    limits = Limits(text=2000, buttons=False, files=False, editing=False)

    def __init__(self, name: str = "telegram", up: bool = True) -> None:
        self.name = name
        self.up = up
        self.last_worked: datetime | None = None
        self.called: list[tuple[str | None, bytes]] = []

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, chat: str, reply: Reply) -> None: ...

    async def webhook(self, headers: Mapping[str, str], body: bytes) -> int:
        self.called.append((headers.get("X-Telegram-Bot-Api-Secret-Token"), body))
        return 200 if headers.get("X-Telegram-Bot-Api-Secret-Token") == "right" else 401


@asynccontextmanager
async def client(
    *channels: Channel, metrics: Metrics | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    server = Server("127.0.0.1", 0, channels, metrics or Metrics())
    await server.start()
    try:
        async with httpx.AsyncClient(base_url=server.url) as http:
            yield http
    finally:
        await server.stop()


async def test_page_is_served_with_the_words_of_the_catalogue() -> None:
    async with serving() as house, httpx.AsyncClient(base_url=house.url) as http:
        page = await http.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Nhập câu hỏi…" in page.text
    assert "{{" not in page.text


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/chat.css", "text/css"),
        ("/chat.js", "text/javascript"),
        ("/icon.svg", "image/svg+xml"),
        ("/icon-192.png", "image/png"),
        ("/icon-512.png", "image/png"),
        ("/manifest.webmanifest", "application/manifest+json"),
    ],
)
async def test_everything_the_page_needs_is_there(path: str, media_type: str) -> None:
    async with client() as http:
        answer = await http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)


async def test_manifest_is_sound_json() -> None:
    async with client() as http:
        assert (await http.get("/manifest.webmanifest")).json()["name"] == "Đôn Đốc"


@pytest.mark.parametrize(
    "path", ["/", "/chat.js", "/healthz", "/metrics", "/nowhere", "/../pyproject.toml"]
)
async def test_every_answer_bears_the_security_headers(path: str) -> None:
    async with client() as http:
        headers = (await http.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "tornado" not in headers["server"].lower()


async def test_a_forged_host_cannot_write_into_the_policy() -> None:
    async with client() as http:
        answer = await http.get("/", headers={"Host": "evil; script-src *"})
    assert "script-src" not in answer.headers.get("content-security-policy", "")


@pytest.mark.parametrize("path", ["/nowhere", "/chat.py", "/index.html", "/files/x/y"])
async def test_unknown_address_is_404(path: str) -> None:
    async with client() as http:
        assert (await http.get(path)).status_code == 404


async def test_health_tells_each_channel() -> None:
    up, down = Messenger("telegram"), Messenger("zalo", up=False)
    up.last_worked = NOW
    async with client(up, down) as http:
        answer = await http.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "degraded",
        "channels": {
            "telegram": {"up": True, "last_worked": "2021-03-01T09:00:00+07:00"},
            "zalo": {"up": False, "last_worked": None},
        },
    }


async def test_health_is_ok_while_all_channels_are_up_and_503_without_the_web_chat() -> None:
    async with serving() as house, httpx.AsyncClient(base_url=house.url) as http:
        assert (await http.get("/healthz")).json()["status"] == "ok"
        assert (await http.head("/healthz")).status_code == 200
        await house.web.stop()
        assert (await http.get("/healthz")).status_code == 503


async def test_metrics_count_messages_replies_and_seconds() -> None:
    metrics = Metrics()
    core = MeasuredCore(RoteCore(), metrics)
    await core.receive(Message("telegram", "1", "1", NOW, text="một", key="a"))
    await core.receive(Message("telegram", "1", "1", NOW, text="hai", key="b"))
    await core.receive(Message("telegram", "1", "1", NOW, press="more", key="c"))
    async with client(Messenger("telegram"), Messenger("zalo", up=False), metrics=metrics) as http:
        answered = await http.get("/metrics")
    assert answered.headers["content-type"].startswith("text/plain; version=")
    lines = answered.text.splitlines()
    assert 'dondoc_messages_total{channel="telegram",kind="text"} 2.0' in lines
    assert 'dondoc_messages_total{channel="telegram",kind="press"} 1.0' in lines
    assert 'dondoc_replies_total{channel="telegram",kind="answer"} 3.0' in lines
    assert 'dondoc_answer_seconds_count{channel="telegram"} 3.0' in lines
    assert 'dondoc_channel_up{channel="telegram"} 1.0' in lines
    assert 'dondoc_channel_up{channel="zalo"} 0.0' in lines


async def test_metrics_count_the_errors_of_the_log() -> None:
    metrics = Metrics()
    log = logging.getLogger("bot.trial")
    log.addHandler(ErrorCount(metrics))
    log.warning("only a warning")
    log.error("gone")
    try:
        raise LookupError("lost")
    except LookupError:
        log.exception("no reply")
    log.handlers.clear()
    text = metrics.exposition().decode()
    assert 'dondoc_errors_total{error="LookupError",module="bot.trial"} 1.0' in text
    assert 'dondoc_errors_total{error="",module="bot.trial"} 1.0' in text


async def test_webhook_passes_headers_and_body_and_answers_with_the_channels_status() -> None:
    channel = Messenger()
    async with client(channel) as http:
        header = {"X-Telegram-Bot-Api-Secret-Token": "right"}
        right = await http.post("/telegram/webhook", content=b'{"update_id":1}', headers=header)
        wrong = await http.post("/telegram/webhook", content=b"")
        read = await http.get("/telegram/webhook")
        other = await http.post("/zalo/webhook", content=b"{}")
    assert [right.status_code, wrong.status_code] == [200, 401]
    assert [read.status_code, other.status_code] == [405, 404]
    assert channel.called == [("right", b'{"update_id":1}'), (None, b"")]


@pytest.mark.parametrize("path", ["/telegram/webhook", "/", "/nowhere"])
@pytest.mark.parametrize("size", [BODY_BYTES + 1, 4 * BODY_BYTES])
async def test_a_big_body_is_413_and_reaches_no_channel(path: str, size: int) -> None:
    channel = Messenger()
    async with client(channel) as http:
        answer = await http.post(path, content=b"x" * size)
        after = await http.get("/healthz")
    assert answer.status_code == 413
    assert after.status_code == 200
    assert channel.called == []


async def test_the_largest_allowed_body_passes() -> None:
    channel = Messenger()
    async with client(channel) as http:
        await http.post("/telegram/webhook", content=b"x" * BODY_BYTES)
    assert [len(body) for _, body in channel.called] == [BODY_BYTES]


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null"])
async def test_websocket_of_another_origin_is_403(origin: str) -> None:
    async with serving() as house:
        address = house.url.replace("http:", "ws:") + "chat"
        with pytest.raises(HTTPClientError) as refused:
            await websocket_connect(HTTPRequest(address, headers={"Origin": origin}))
    assert refused.value.code == 403


async def test_websocket_of_the_same_origin_is_let_in() -> None:
    async with serving() as house:
        address = house.url.replace("http:", "ws:") + "chat"
        origin = {"Origin": house.url.rstrip("/")}
        connection = await websocket_connect(HTTPRequest(address, headers=origin))
        await connection.write_message(json.dumps({"type": "ping"}))
        assert json.loads(str(await connection.read_message())) == {"type": "pong"}
        connection.close()
        assert await connection.read_message() is None


async def test_port_in_use_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingError) as refused:
            await Server("127.0.0.1", port, (), Metrics()).start()
    assert "DONDOC_HTTP_PORT" in str(refused.value)
    assert str(port) in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_an_address_of_another_machine_names_its_variable() -> None:
    with pytest.raises(SettingError, match="DONDOC_HTTP_HOST"):
        await Server("192.0.2.1", 0, (), Metrics()).start()


async def test_port_0_takes_a_free_port_and_tells_it() -> None:
    server = Server("127.0.0.1", 0, (), Metrics())
    await server.start()
    assert server.port > 0
    assert server.url == f"http://127.0.0.1:{server.port}/"
    await server.stop()

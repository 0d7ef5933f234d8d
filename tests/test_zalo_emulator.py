"""The emulator behaves as part 8.1 of Zalo's specification says."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.zalo_emulator import BOT, HTML, PERSON, TOKEN, ZaloEmulator


@pytest.fixture
async def zalo() -> AsyncIterator[ZaloEmulator]:
    async with ZaloEmulator(poll_cap=0.01) as server:
        yield server


@pytest.fixture
async def http(zalo: ZaloEmulator) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=zalo.url) as client:
        yield client


async def call(http: httpx.AsyncClient, method: str, token: str = TOKEN, **params: Any) -> Any:
    answer = await http.post(f"/bot{token}/{method}", json=params)
    assert answer.status_code == 200
    return answer.json()


async def code(http: httpx.AsyncClient, method: str, **params: Any) -> int:
    return int((await call(http, method, **params)).get("error_code", 0))


async def test_parameters_come_in_every_way(zalo: ZaloEmulator, http: httpx.AsyncClient) -> None:
    said = {"chat_id": PERSON, "text": "chào"}
    where = f"/bot{TOKEN}/sendMessage"
    for answer in (
        await http.get(where, params=said),
        await http.post(where, data=said),
        await http.post(where, json=said),
        await http.post(where, params={"chat_id": PERSON}, json={"text": "chào"}),
    ):
        assert answer.json()["ok"] is True
    assert zalo.texts() == ["chào"] * 4


async def test_errors_come_with_http_200_or_their_own_status(
    zalo: ZaloEmulator, http: httpx.AsyncClient
) -> None:
    assert (await call(http, "getMe"))["result"] == BOT
    assert (await call(http, "getMe", token="123:wrong"))["error_code"] == 401
    assert await code(http, "sendDocument") == 404
    assert await code(http, "getUpdates", timeout="30") == 408
    zalo.real_status = True
    assert (await http.post("/bot123:wrong/getMe")).status_code == 401


async def test_polling_and_webhook_exclude_each_other(
    zalo: ZaloEmulator, http: httpx.AsyncClient
) -> None:
    assert await code(http, "setWebhook", url="http://bot.example", secret_token="12345678") == 400
    assert await code(http, "setWebhook", url="https://bot.example", secret_token="short") == 400
    assert await code(http, "setWebhook", url="https://bot.example", secret_token="12345678") == 0
    assert await code(http, "getUpdates") == 400
    assert (await call(http, "getWebhookInfo"))["result"]["url"] == "https://bot.example"
    assert await code(http, "deleteWebhook") == 0
    assert await code(http, "deleteWebhook") == 400


async def test_a_second_poll_ends_the_first(zalo: ZaloEmulator, http: httpx.AsyncClient) -> None:
    zalo.poll_cap = 20
    first = asyncio.create_task(code(http, "getUpdates"))
    await zalo.until(lambda: zalo.polling)
    second = asyncio.create_task(code(http, "getUpdates"))
    assert await first == 409
    await zalo.until(lambda: zalo.polling)
    zalo.expire()
    assert await second == 408


async def test_messages_are_checked_and_counted(
    zalo: ZaloEmulator, http: httpx.AsyncClient
) -> None:
    zalo.quota = 2
    assert await code(http, "sendMessage", chat_id=PERSON, text="") == 400
    assert await code(http, "sendMessage", chat_id=PERSON, text="x" * 2001) == 400
    assert await code(http, "sendMessage", chat_id="nobody", text="x") == 400
    assert await code(http, "sendMessage", chat_id=PERSON, text="x" * 2000) == 0
    assert await code(http, "sendPhoto", chat_id=PERSON, photo="https://a.example/x.jpg") == 0
    assert await code(http, "sendSticker", chat_id=PERSON, sticker="s1") == 429
    assert (await call(http, "sendChatAction", chat_id=PERSON, action="typing")) == {"ok": True}


async def test_control_queues_shows_and_spoils(
    zalo: ZaloEmulator, http: httpx.AsyncClient
) -> None:
    told = {"chat_id": "c1", "user_id": "u1", "name": "Trần Thị B", "unsupported": True}
    assert (await http.post("/_zalo/inbound", json=told)).status_code == 200
    update = (await call(http, "getUpdates"))["result"]
    assert update["event_name"] == "message.unsupported.received"
    assert update["message"]["from"] == {
        "id": "u1",
        "is_bot": False,
        "display_name": "Trần Thị B",
    }
    for kind in ("html", "broken", 403, "reset_after", "list"):
        await http.post("/_zalo/fault", json={"method": "sendMessage", "kind": kind, "times": 1})
    where, said = f"/bot{TOKEN}/sendMessage", {"chat_id": "c1", "text": "chào"}
    page = await http.post(where, json=said)
    assert (page.status_code, page.text) == (502, HTML)
    assert not (await http.post(where, json=said)).text.endswith("}")
    assert await code(http, "sendMessage", **said) == 403
    with pytest.raises(httpx.ReadError):
        await http.post(where, json=said)
    assert isinstance((await call(http, "sendMessage", **said))["result"], list)
    sent = (await http.get("/_zalo/sent")).json()["sent"]
    assert [(each["chat_id"], each["text"]) for each in sent] == [("c1", "chào")] * 2

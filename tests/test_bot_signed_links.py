"""Links to files open for whoever holds them, until they expire, and for nobody else."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot.channels.base import Channel, Limits
from bot.channels.web import WebChannel
from bot.metrics import Metrics
from bot.server import Server
from bot.signed_links import SignedLinks, public_base, signing_key
from handlers.messages import Document, Reply
from handlers.wording import say
from tests.browser import RoteCore

NOW = datetime(2026, 11, 22, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
BASE = "https://bot.example.gov.vn"
CALENDAR = Document("lịch 100% của Sở Y tế.ics", "text/calendar", "BEGIN:VCALENDAR\nđ".encode())


class Time:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class Linked:
    """A channel that serves links."""

    name = "zalo"
    limits = Limits(text=1900, buttons=False, files=False, editing=False)

    def __init__(self, links: SignedLinks) -> None:
        self.routes = links.routes

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, chat: str, reply: Reply) -> None: ...


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def links(time: Time, tmp_path: Path) -> SignedLinks:
    return made(time, tmp_path)


def made(time: Time, directory: Path, secret: str = "123:token") -> SignedLinks:
    return SignedLinks(BASE, signing_key(secret), time.now, directory=directory / "links")


@pytest.fixture
async def http(links: SignedLinks, time: Time) -> AsyncIterator[httpx.AsyncClient]:
    channels: list[Channel] = [WebChannel(RoteCore(), time.now), Linked(links)]
    server = Server("127.0.0.1", 0, channels, Metrics())
    await server.start()
    async with httpx.AsyncClient(base_url=server.url) as client:
        yield client
    await server.stop()


def path(address: str) -> str:
    assert address.startswith(f"{BASE}/files/")
    return urlsplit(address).path


async def test_file_is_downloaded_as_often_as_asked(
    links: SignedLinks, http: httpx.AsyncClient
) -> None:
    where = path(links.publish(CALENDAR))
    for _ in range(3):
        answer = await http.get(where)
        assert answer.status_code == 200
        assert answer.content == CALENDAR.content
    assert answer.headers["content-type"] == "text/calendar"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''l%E1%BB%8Bch%20100%25%20c%E1%BB%A7a%20S%E1%BB%9F%20Y%20t"
        "%E1%BA%BF.ics"
    )
    assert (await http.head(where)).status_code == 200


async def test_link_survives_a_restart(
    links: SignedLinks, http: httpx.AsyncClient, time: Time, tmp_path: Path
) -> None:
    where = path(made(time, tmp_path).publish(CALENDAR))
    assert (await http.get(where)).content == CALENDAR.content


async def test_expired_link_says_so_and_its_file_goes(
    links: SignedLinks, http: httpx.AsyncClient, time: Time, tmp_path: Path
) -> None:
    where = path(links.publish(CALENDAR))
    time.at += timedelta(days=7, seconds=-1)
    assert (await http.get(where)).status_code == 200
    time.at += timedelta(seconds=1)
    answer = await http.get(where)
    assert (answer.status_code, answer.text) == (410, say("links.expired"))
    links.publish(CALENDAR)
    assert len(list((tmp_path / "links").iterdir())) == 1
    assert (await http.get(where)).status_code == 410


async def test_nothing_in_a_link_can_be_changed(
    links: SignedLinks, http: httpx.AsyncClient, time: Time, tmp_path: Path
) -> None:
    where = path(links.publish(CALENDAR))
    _, _, token, name = where.split("/")
    expiry, id, signature = token.split(".")
    later = f"{int(expiry, 16) + 86400:x}"
    other = path(links.publish(Document("khác.ics", "text/calendar", b""))).split("/")[2]
    foreign = path(made(time, tmp_path, "124:other").publish(CALENDAR))
    for forged in (
        f"/files/{later}.{id}.{signature}/{name}",
        f"/files/{expiry}.{id[::-1]}.{signature}/{name}",
        f"/files/{expiry}.{id}.{signature[::-1]}/{name}",
        f"/files/{token}/khac.exe",
        f"/files/{other}/{name}",
        f"/files/{expiry}.{id}/{name}",
        f"/files/{token}/",
        foreign,
    ):
        assert (await http.get(forged)).status_code == 404, forged


async def test_file_that_is_gone_is_not_found(
    links: SignedLinks, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    where = path(links.publish(CALENDAR))
    for file in (tmp_path / "links").iterdir():
        file.unlink()
    assert (await http.get(where)).status_code == 404


def test_strange_files_in_the_directory_stay(links: SignedLinks, tmp_path: Path) -> None:
    strange = tmp_path / "links" / "not.ours"
    strange.parent.mkdir()
    strange.touch()
    links.publish(CALENDAR)
    assert strange.exists()


def test_odd_names_cannot_leave_the_directory(links: SignedLinks, tmp_path: Path) -> None:
    address = links.publish(Document("../../etc/passwd \ud83d", "text/plain", b"x"))
    assert "/etc" not in address
    assert [file.parent for file in tmp_path.rglob("*.*")] == [tmp_path / "links"]


@pytest.mark.parametrize(
    ("webhook", "base"),
    [
        ("https://bot.example.gov.vn/zalo/webhook", "https://bot.example.gov.vn"),
        ("https://example.gov.vn/dondoc/zalo/webhook", "https://example.gov.vn/dondoc"),
        ("https://example.gov.vn/dondoc/telegram/webhook", "https://example.gov.vn/dondoc"),
    ],
)
def test_public_base_is_what_stands_before_the_webhook(webhook: str, base: str) -> None:
    assert public_base(webhook) == base

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import httpx
import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from bot.calendar_feed import CalendarFeed
from data.loading.library import load_library
from data.record import Act, Draft
from data.store import people, updates
from data.store.alerts import calendars as opened
from data.store.alerts import listeners
from data.store.database import Database
from handlers.alerts import calendars
from tests.alert_helpers import PLAN, FakeClock, join, local

LIBRARY = load_library()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/dondoc.sqlite")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def address(database: Database) -> AsyncIterator[str]:
    feed = CalendarFeed(database, LIBRARY, FakeClock(local("2021-12-01 09:00")).now)
    server = HTTPServer(Application(feed.routes))  # type: ignore[arg-type]
    [socket] = bind_sockets(0, "127.0.0.1")
    server.add_sockets([socket])
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    server.stop()
    await server.close_all_connections()


async def test_a_calendar_is_served_until_it_is_revoked(database: Database, address: str) -> None:
    secret = await offered(database, await join(database, "an", "so-y-te"))
    url = calendars.address(address, secret)
    async with httpx.AsyncClient() as client:
        found = await client.get(url)
        assert found.status_code == 200
        assert found.headers["content-type"] == "text/calendar; charset=utf-8"
        assert "BEGIN:VEVENT" in found.text
        assert (await client.get(calendars.address(address, "x" * 32))).status_code == 404
        assert (await client.get(f"{address}/calendar/short.ics")).status_code == 404
        async with database.writing() as connection:
            [listener] = await listeners.listening(connection, 0, 9)
            now = local("2021-12-01 10:00")
            assert await opened.revoke_calendars(connection, listener.id, None, now) == 1
        assert (await client.get(url)).status_code == 404


async def test_whoever_left_sees_the_public_dates_only(database: Database, address: str) -> None:
    person = await join(database, "an", "thanh-tra-tinh")
    url = calendars.address(address, await offered(database, person, "thanh-tra-tinh"))
    now = local("2021-11-01 09:00")
    granted = Draft(
        PLAN, "4e", Act.GRANT, now, person, "an", "thanh-tra-tinh", "coordinator", "web", "",
        fields={"to": "2021-12-20"},
    )  # fmt: skip
    async with database.writing() as connection:
        await updates.append(connection, granted)
    async with httpx.AsyncClient() as client:
        assert "20211220" in (await client.get(url)).text
        async with database.writing() as connection:
            known = await people.get(connection, person)
            assert known
            await people.end(connection, [m.id for m in known.memberships], now)
        assert "20211220" not in (await client.get(url)).text


async def offered(database: Database, person: int, agency: str = "so-y-te") -> str:
    """The secret of a calendar opened for a person."""
    secret = calendars.new_secret()
    async with database.writing() as connection:
        listener = await listeners.add(connection, covered=date(2021, 11, 30), person=person)
        digest = calendars.digest(secret)
        now = local("2021-11-30 09:00")
        await opened.offer_calendar(connection, digest, listener.id, agency, PLAN, now)
    return secret

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.store import inbox, quotas
from data.store.database import Database
from data.store.inbox import Row
from data.store.quotas import Count

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/dondoc.sqlite", wait=0.1)
    await database.open()
    yield database
    await database.close()


async def unfinished(database: Database, channel: str = "zalo") -> list[Row]:
    async with database.reading() as connection:
        return await inbox.unfinished(connection, channel)


async def test_a_delivery_enters_once_and_stays_until_it_is_done(database: Database) -> None:
    async with database.writing() as connection:
        first = await inbox.put(connection, "zalo", "k1", "{}", AT)
        assert first is not None
        assert await inbox.put(connection, "zalo", "k1", "{}", AT) is None
        other = await inbox.put(connection, "telegram", "k1", "{}", AT)
        second = await inbox.put(connection, "zalo", "k2", "{}", AT)
        assert None not in (other, second)
    async with database.writing() as connection:
        await inbox.begin(connection, first, 2)
    assert [(row.key, row.begun, row.at) for row in await unfinished(database)] == [
        ("k1", 2, AT),
        ("k2", 0, AT),
    ]
    async with database.writing() as connection:
        await inbox.finish(connection, first)
        assert await inbox.put(connection, "zalo", "k1", "{}", AT) is None
    assert [row.key for row in await unfinished(database)] == ["k2"]


async def test_only_what_is_done_is_forgotten(database: Database) -> None:
    async with database.writing() as connection:
        done = await inbox.put(connection, "zalo", "k1", "{}", AT)
        await inbox.put(connection, "zalo", "k2", "{}", AT)
        assert done is not None
        await inbox.finish(connection, done)
        await inbox.forget_before(connection, AT + timedelta(seconds=1))
        assert await inbox.put(connection, "zalo", "k1", "{}", AT) is not None
        assert await inbox.put(connection, "zalo", "k2", "{}", AT) is None


async def test_messages_are_added_up_by_month_and_people_by_bot(database: Database) -> None:
    async with database.writing() as connection:
        for sent, received in ((1, 0), (0, 1), (2, 0)):
            await quotas.add(connection, "zalo", "b1", "2026-11", sent, received)
        assert await quotas.meet(connection, "zalo", "b1", "p1", AT)
        assert not await quotas.meet(connection, "zalo", "b1", "p1", AT)
        assert await quotas.meet(connection, "zalo", "b2", "p1", AT)
    async with database.reading() as connection:
        assert await quotas.count(connection, "zalo", "b1", "2026-11") == Count("2026-11", 3, 1, 1)
        assert await quotas.count(connection, "zalo", "b1", "2026-12") == Count("2026-12", 0, 0, 1)

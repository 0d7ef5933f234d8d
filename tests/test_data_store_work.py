import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.errors import StoreError
from data.store import conversations, deliveries
from data.store.conversations import Recollection
from data.store.database import Database
from data.store.work import Work

AT = datetime(2021, 3, 1, 8, 0, tzinfo=UTC)
NOTHING = Recollection(None, None, None)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/dondoc.sqlite", wait=0.1)
    await database.open()
    yield database
    await database.close()


async def recall(database: Database, chat: str = "c1", key: str = "k1") -> Recollection:
    async with database.reading() as connection:
        return await conversations.recall(connection, "telegram", chat, key)


async def test_state_is_replaced_and_forgotten(database: Database) -> None:
    for state in ('{"n":1}', '{"n":2}'):
        async with database.writing() as connection:
            await conversations.save(connection, "telegram", "c1", state, AT)
    assert (await recall(database)).state == '{"n":2}'
    assert await recall(database, "c2") == NOTHING
    async with database.writing() as connection:
        await conversations.forget(connection, "telegram", "c1")
    assert await recall(database) == NOTHING


async def test_delivery_keeps_its_reply_until_answered(database: Database) -> None:
    async with database.writing() as connection:
        await deliveries.record(connection, "telegram", "k1", "c1", AT, "{}")
    assert await recall(database) == Recollection(None, "{}", answered=False)
    async with database.writing() as connection:
        await deliveries.answered(connection, "telegram", "k1")
    assert await recall(database) == Recollection(None, "", answered=True)
    assert await recall(database, key="k2") == NOTHING


async def test_old_deliveries_and_chats_are_forgotten(database: Database) -> None:
    later = AT + timedelta(minutes=1)
    async with database.writing() as connection:
        for key, at in (("k1", AT), ("k2", later)):
            await deliveries.record(connection, "telegram", key, "c1", at, "{}")
        for chat, at in (("c1", AT), ("c2", later)):
            await conversations.save(connection, "telegram", chat, "{}", at)
        await deliveries.forget_before(connection, later)
        await conversations.forget_before(connection, later)
    assert await recall(database, "c1", "k1") == NOTHING
    assert await recall(database, "c2", "k2") == Recollection("{}", "{}", answered=False)


async def test_time_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(StoreError, match="without zone"):
        async with database.writing() as connection:
            await conversations.save(connection, "telegram", "c1", "{}", AT.replace(tzinfo=None))


async def test_work_begins_once_and_commits_at_the_end(database: Database) -> None:
    async with Work(database) as work:
        assert not work.begun
        first = await work.begin()
        assert await work.begin() is first
        assert work.begun
        await conversations.save(first, "telegram", "c1", "{}", AT)
        assert await recall(database) == NOTHING
        async with work.reading() as connection:
            found = await conversations.recall(connection, "telegram", "c1", "")
            assert found.state == "{}"
    assert (await recall(database)).state == "{}"


async def test_work_that_only_reads_holds_no_lock(database: Database) -> None:
    async with Work(database) as work:
        async with work.reading() as connection:
            await conversations.recall(connection, "telegram", "c1", "")
        async with database.writing() as connection:
            await conversations.save(connection, "telegram", "c1", "{}", AT)
        assert not work.begun


async def begin_and_fail(database: Database) -> None:
    async with Work(database) as work:
        await conversations.save(await work.begin(), "telegram", "c1", "{}", AT)
        raise LookupError


async def begin_and_wait(database: Database, begun: asyncio.Event) -> None:
    async with Work(database) as work:
        await conversations.save(await work.begin(), "telegram", "c1", "{}", AT)
        begun.set()
        await asyncio.Event().wait()


async def test_failed_work_is_rolled_back(database: Database) -> None:
    with pytest.raises(LookupError):
        await begin_and_fail(database)
    assert await recall(database) == NOTHING


async def test_cancelled_work_is_rolled_back(database: Database) -> None:
    begun = asyncio.Event()
    task = asyncio.create_task(begin_and_wait(database, begun))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await recall(database) == NOTHING
    async with database.writing() as connection:
        await conversations.save(connection, "telegram", "c1", "{}", AT)

"""The store on PostgreSQL. Needs asyncpg and an empty database named by TEST_DATABASE_URL."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from data.errors import StoreBrokenError, StoreBusyError
from data.store import conversations, deliveries
from data.store.database import Database
from data.store.schema import METADATA
from tests.test_data_store_migrations import differences

URL = os.environ.get("TEST_DATABASE_URL", "")
AT = datetime(2021, 3, 1, 8, 0, tzinfo=UTC)

pytestmark = pytest.mark.skipif(
    not URL.startswith("postgresql"),
    reason="no PostgreSQL: set TEST_DATABASE_URL=postgresql://… and install asyncpg",
)


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    database = Database(URL, wait=10)
    await database.open()
    async with database.writing() as connection:
        for table in reversed(METADATA.sorted_tables):
            await connection.execute(delete(table))
    yield database
    await database.close()


async def add_one(connection: AsyncConnection) -> None:
    found = await conversations.recall(connection, "web", "c1", "")
    n = int(found.state or 0) + 1
    await conversations.save(connection, "web", "c1", str(n), AT)


async def test_migrations_build_what_the_schema_says(database: Database) -> None:
    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_no_concurrent_update_is_lost(database: Database) -> None:
    async def work() -> None:
        for _ in range(20):
            async with database.writing() as connection:
                await add_one(connection)

    await asyncio.gather(*(work() for _ in range(6)))
    async with database.reading() as connection:
        assert (await conversations.recall(connection, "web", "c1", "")).state == "120"


async def test_delivery_keeps_its_reply_until_answered(database: Database) -> None:
    async with database.writing() as connection:
        await deliveries.record(connection, "web", "k1", "c1", AT, "{}")
        found = await conversations.recall(connection, "web", "c1", "k1")
        assert found == conversations.Recollection(None, "{}", answered=False)
        await deliveries.answered(connection, "web", "k1")
        found = await conversations.recall(connection, "web", "c1", "k1")
        assert found == conversations.Recollection(None, "", answered=True)


async def test_faults_are_named(database: Database) -> None:
    impatient = Database(URL, wait=0.1)
    await impatient.open()
    async with database.writing():
        with pytest.raises(StoreBusyError):
            async with impatient.writing():
                pass
    with pytest.raises(StoreBrokenError):
        async with impatient.reading() as connection:
            await add_one(connection)
    await impatient.close()
    with pytest.raises(StoreBrokenError):
        await Database("postgresql://127.0.0.1:1/dondoc").open()

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from data.errors import StoreBrokenError, StoreBusyError, StoreError, StoreFullError
from data.store.database import Database, address

HOLD_THE_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "dondoc.sqlite"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{path}", wait=0.1)
    await database.open()
    async with database.writing() as connection:
        await connection.execute(text("CREATE TABLE counter (n INTEGER NOT NULL)"))
        await connection.execute(text("INSERT INTO counter VALUES (0)"))
    yield database
    await database.close()


@contextmanager
def locked_by_another_process(path: Path) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_THE_LOCK, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        yield


def damage(path: Path, start: int, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.touch()
    with path.open("r+b") as file:
        file.seek(start)
        file.write(content)


async def count(database: Database) -> int:
    async with database.reading() as connection:
        return int(await connection.scalar(text("SELECT n FROM counter")))


async def add_one(connection: AsyncConnection) -> None:
    n = await connection.scalar(text("SELECT n FROM counter"))
    await asyncio.sleep(0)
    await connection.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})


async def six_times(work: Callable[[], Awaitable[None]], each: int) -> None:
    async def repeat() -> None:
        for _ in range(each):
            await work()

    async with asyncio.TaskGroup() as group:
        for _ in range(6):
            group.create_task(repeat())


async def test_default_of_sqlalchemy_loses_concurrent_updates(
    database: Database, path: Path
) -> None:
    """Why `writing` begins with BEGIN IMMEDIATE: without, no error and the wrong sum."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")

    async def work() -> None:
        async with engine.begin() as connection:
            await add_one(connection)

    try:
        await six_times(work, 30)
    finally:
        await engine.dispose()
    assert await count(database) < 180


async def test_writing_loses_no_concurrent_update(path: Path) -> None:
    first, second = (Database(f"sqlite:///{path}", wait=30) for _ in range(2))
    await asyncio.gather(first.open(), second.open())
    async with first.writing() as connection:
        await connection.execute(text("CREATE TABLE counter (n INTEGER NOT NULL)"))
        await connection.execute(text("INSERT INTO counter VALUES (0)"))

    def work_on(database: Database) -> Callable[[], Awaitable[None]]:
        async def work() -> None:
            async with database.writing() as connection:
                await add_one(connection)

        return work

    await asyncio.gather(six_times(work_on(first), 30), six_times(work_on(second), 30))
    assert await count(first) == 360
    await asyncio.gather(first.close(), second.close())


async def test_first_start_waits_for_another_process_that_writes(path: Path) -> None:
    """SQLite refuses at once to turn the log on beside a writer, whatever its busy timeout."""
    path.parent.mkdir()
    database = Database(f"sqlite:///{path}", wait=30)
    with locked_by_another_process(path):
        opening = asyncio.create_task(database.open())
        refused, _ = await asyncio.wait([opening], timeout=0.3)
    assert not refused
    await opening
    await database.close()


async def test_exception_rolls_back(database: Database) -> None:
    async def add_and_fail() -> None:
        async with database.writing() as connection:
            await add_one(connection)
            raise LookupError

    with pytest.raises(LookupError):
        await add_and_fail()
    assert await count(database) == 0


async def test_cancelled_writer_leaves_nothing_behind(database: Database) -> None:
    written = asyncio.Event()

    async def write() -> None:
        async with database.writing() as connection:
            await add_one(connection)
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.writing() as connection:
        await add_one(connection)
    assert await count(database) == 1


async def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    async with database.writing() as connection:
        await add_one(connection)
        assert await count(database) == 0
    assert await count(database) == 1


async def test_reading_refuses_to_write(database: Database) -> None:
    with pytest.raises(StoreBrokenError):
        async with database.reading() as connection:
            await add_one(connection)
    assert await count(database) == 0


async def test_commits_survive_a_power_cut(database: Database) -> None:
    """FULL (2) also syncs the write-ahead log at each commit; foreign keys are enforced."""
    async with database.writing() as connection:
        assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await connection.scalar(text("PRAGMA synchronous")) == 2
        assert await connection.scalar(text("PRAGMA foreign_keys")) == 1


async def test_lock_of_another_process_is_busy(database: Database, path: Path) -> None:
    with locked_by_another_process(path), pytest.raises(StoreBusyError):
        async with database.writing():
            pass
    async with database.writing() as connection:
        await add_one(connection)
    assert await count(database) == 1


async def test_opening_waits_for_no_lock_for_ever(path: Path) -> None:
    path.parent.mkdir()
    with locked_by_another_process(path), pytest.raises(StoreBusyError):
        await Database(f"sqlite:///{path}", wait=0.1).open()


async def test_own_writer_that_stays_too_long_is_busy(database: Database) -> None:
    async with database.writing():
        with pytest.raises(StoreBusyError):
            async with database.writing():
                pass


async def test_full_disk_keeps_what_was_there(database: Database) -> None:
    async with database.writing() as connection:
        await connection.exec_driver_sql("CREATE TABLE notes (words TEXT)")
        await connection.exec_driver_sql("PRAGMA max_page_count = 16")

    async def add_too_much() -> None:
        async with database.writing() as connection:
            await add_one(connection)
            await connection.execute(text("INSERT INTO notes VALUES (:w)"), {"w": "x" * 10**6})

    with pytest.raises(StoreFullError):
        await add_too_much()
    assert await count(database) == 0
    async with database.writing() as connection:
        await add_one(connection)
    assert await count(database) == 1


async def test_damaged_file_is_broken(path: Path) -> None:
    damage(path, 0, b"Not a database at all. " * 500)
    with pytest.raises(StoreBrokenError):
        await Database(f"sqlite:///{path}").open()


async def test_damage_while_running_is_broken(database: Database, path: Path) -> None:
    async with database.writing() as connection:
        await connection.exec_driver_sql("CREATE TABLE notes (words TEXT)")
        await connection.execute(text("INSERT INTO notes VALUES (:w)"), {"w": "x" * 10**6})
    await database.close()
    damage(path, 4096, b"\xff" * 10**6)
    with pytest.raises(StoreBrokenError):
        await database.open()


@contextmanager
def taken_away(path: Path, replaced: bool) -> Iterator[None]:
    aside = path.rename(path.with_suffix(".aside"))
    if replaced:
        path.write_bytes(aside.read_bytes())
    yield
    aside.replace(path)


@pytest.mark.parametrize("replaced", [False, True])
async def test_nothing_is_committed_to_a_file_that_was_taken_away(
    database: Database, path: Path, replaced: bool
) -> None:
    with taken_away(path, replaced), pytest.raises(StoreBrokenError):
        async with database.writing() as connection:
            await add_one(connection)
    async with database.writing() as connection:
        await add_one(connection)
    assert await count(database) == 1


async def test_read_only_file_answers_and_refuses_to_write(database: Database, path: Path) -> None:
    await database.close()
    read_only = Database(f"sqlite:///file:{path}?mode=ro&uri=true")
    await read_only.open()
    assert await count(read_only) == 0
    with pytest.raises(StoreBrokenError):
        async with read_only.writing() as connection:
            await add_one(connection)
    await read_only.close()


async def test_place_that_cannot_be_made_is_broken(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where a directory should be")
    with pytest.raises(StoreBrokenError):
        await Database(f"sqlite:///{tmp_path}/var/dondoc.sqlite").open()


async def test_missing_driver_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(StoreBrokenError):
        await Database("postgresql://localhost/dondoc").open()


async def test_not_open_is_broken(path: Path) -> None:
    with pytest.raises(StoreBrokenError):
        async with Database(f"sqlite:///{path}").writing():
            pass


async def test_wrong_statement_is_a_store_error(database: Database) -> None:
    with pytest.raises(StoreError):
        async with database.reading() as connection:
            await connection.execute(text("SELECT missing FROM counter"))


async def test_errors_of_the_caller_pass_unchanged(database: Database) -> None:
    with pytest.raises(FileNotFoundError):
        async with database.writing():
            raise FileNotFoundError


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///var/x.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:///var/x.db", "sqlite+aiosqlite"),
        ("postgresql://h/x", "postgresql+asyncpg"),
        ("postgresql+psycopg://h/x", "postgresql+asyncpg"),
    ],
)
def test_address_names_our_drivers(url: str, driver: str) -> None:
    assert address(url).drivername == driver


@pytest.mark.parametrize("url", ["", "var/x.db", "mysql://h/x"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(StoreBrokenError):
        address(url)


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("sqlite:////srv/dondoc/dondoc.sqlite", Path("/srv/dondoc")),
        ("sqlite:///var/dondoc.sqlite", Path("var")),
        ("sqlite:///:memory:", None),
        ("postgresql://dondoc@localhost/dondoc", None),
    ],
)
def test_what_belongs_to_a_database_file_can_lie_beside_it(url: str, folder: Path | None) -> None:
    assert Database(url).folder == folder


async def test_file_is_a_plain_sqlite_database(database: Database, path: Path) -> None:
    await database.close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()

"""The one door to the database: `reading()` and `writing()`, and its errors as ours.

On SQLite every writing transaction begins with BEGIN IMMEDIATE: SQLAlchemy's default lets two
of them read the same row and the later one overwrite the earlier. One connection writes, so
writers of this process wait in a fair queue and only those of others on the busy timeout.
On PostgreSQL a lock held for the transaction gives the same: one writer at a time.
"""

import asyncio
import errno
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import aiosqlite
from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from data.errors import StoreBrokenError, StoreBusyError, StoreError, StoreFullError
from data.store import migrations

WAIT = 5.0
_PAUSE = 0.02
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
_WRITER_LOCK = 0x646F6E646F63
_SQLITE = {
    sqlite3.SQLITE_BUSY: StoreBusyError,
    sqlite3.SQLITE_LOCKED: StoreBusyError,
    sqlite3.SQLITE_FULL: StoreFullError,
    sqlite3.SQLITE_CORRUPT: StoreBrokenError,
    sqlite3.SQLITE_NOTADB: StoreBrokenError,
    sqlite3.SQLITE_CANTOPEN: StoreBrokenError,
    sqlite3.SQLITE_READONLY: StoreBrokenError,
    sqlite3.SQLITE_IOERR: StoreBrokenError,
    sqlite3.SQLITE_PERM: StoreBrokenError,
    sqlite3.SQLITE_AUTH: StoreBrokenError,
}
_SQLSTATES = {
    "25006": StoreBrokenError,
    "55P03": StoreBusyError,
    "57014": StoreBusyError,
    "40001": StoreBusyError,
    "40P01": StoreBusyError,
    "53100": StoreFullError,
    "53300": StoreBusyError,
}
_FOREIGN = (SQLAlchemyError, sqlite3.Error)
_BROKEN_CLASSES = ("08", "28", "3D", "57", "58", "XX")


class Database:
    """A database that is open between `open` and `close`. All methods raise StoreErrors only.

    `wait` is how long, in seconds, a transaction waits for another one's lock.
    """

    def __init__(self, url: str, wait: float = WAIT) -> None:
        self._url = address(url)
        self._wait = wait
        self._reader: AsyncEngine | None = None
        self._writer: AsyncEngine | None = None
        self._identity: tuple[int, int] | None = None

    async def open(self) -> None:
        """Connects, creates the file and its directory if missing, and migrates."""
        with mapped(*_FOREIGN, OSError, ImportError):
            if self._sqlite:
                _make_directory(self._url)
                self._writer = _sqlite_engine(self._url, self._wait, writes=True)
                self._reader = _sqlite_engine(self._url, self._wait, writes=False)
            else:
                self._writer = create_async_engine(
                    self._url, pool_pre_ping=True, pool_timeout=self._wait
                )
                self._reader = self._writer.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
        try:
            async with self.writing() as connection:
                await migrations.ensure_current(connection)
            self._identity = _identity(self._url) if self._sqlite else None
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Gives up every connection."""
        engines = self._reader, self._writer
        self._reader = self._writer = self._identity = None
        for engine in engines:
            if engine is not None:
                await engine.dispose()

    @property
    def folder(self) -> Path | None:
        """Where the database file lies; None for a server or a database in memory."""
        name = self._url.database or ""
        return Path(name).parent if self._sqlite and not name.startswith(("file:", ":")) else None

    @property
    def _sqlite(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one state of the database and cannot write."""
        async with _connected(_opened(self._reader)) as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is committed at the end, or rolled back by an exception."""
        async with _connected(_opened(self._writer)) as connection, connection.begin():
            if not self._sqlite:
                await self._lock(connection)
            yield connection
            self._in_place()

    def _in_place(self) -> None:
        """Raises StoreBrokenError where SQLite would commit to a file that was taken away."""
        if self._identity and _identity(self._url) != self._identity:
            raise StoreBrokenError("the file of the database was removed or replaced")

    async def _lock(self, connection: AsyncConnection) -> None:
        await connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(self._wait * 1000)}")
        await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection; OSErrors are the database's only until it stands."""
    with mapped(*_FOREIGN):
        async with AsyncExitStack() as stack:
            with mapped(*_FOREIGN, OSError):
                connection = await stack.enter_async_context(engine.connect())
            yield connection


def address(url: str) -> URL:
    """The URL with our drivers; StoreBrokenError for another kind of database."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreBrokenError("the database URL cannot be read") from error
    backend = parsed.get_backend_name()
    if backend not in _DRIVERS:
        raise StoreBrokenError(f"no database of the kind {backend} is supported")
    return parsed.set(drivername=_DRIVERS[backend])


@contextmanager
def mapped(*kinds: type[Exception]) -> Iterator[None]:
    """Turns errors of these kinds into StoreErrors; others pass."""
    try:
        yield
    except kinds as error:
        raise _store_error(error) from error


def _store_error(error: Exception) -> StoreError:
    if isinstance(error, PoolTimeoutError):
        return StoreBusyError("no connection became free in time")
    if isinstance(error, OSError):
        kind = StoreFullError if error.errno == errno.ENOSPC else StoreBrokenError
        return kind(f"the database cannot be reached: {error}")
    if isinstance(error, ImportError):
        return StoreBrokenError(f"the database driver is not installed: {error}")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return StoreBrokenError(f"the connection was lost: {error.orig}")
    origin = error.orig if isinstance(error, DBAPIError) else error
    return _kind(origin)(str(origin or error))


def _kind(origin: BaseException | None) -> type[StoreError]:
    code = getattr(origin, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF, StoreError)
    state = getattr(origin, "sqlstate", None)
    if state is not None:
        broken = StoreBrokenError if state.startswith(_BROKEN_CLASSES) else StoreError
        return _SQLSTATES.get(state, broken)
    return StoreError


def _opened(engine: AsyncEngine | None) -> AsyncEngine:
    if engine is None:
        raise StoreBrokenError("the database is not open")
    return engine


def _make_directory(url: URL) -> None:
    if url.database and not url.database.startswith(("file:", ":")):
        Path(url.database).absolute().parent.mkdir(parents=True, exist_ok=True)


def _identity(url: URL) -> tuple[int, int] | None:
    """Device and number of the database's file; None where the address names none."""
    try:
        found = Path(url.database or "").stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


async def _write_ahead(driver: aiosqlite.Connection, wait: float) -> None:
    """Turns the write-ahead log on, waiting for other processes up to `wait` seconds.

    SQLite itself does not wait here: when two processes open a new file at once, one of them
    is refused at once, whatever its busy timeout (https://sqlite.org/c3ref/busy_handler.html).
    """
    end = monotonic() + wait
    while True:
        try:
            await driver.execute_fetchall("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if _kind(error) is not StoreBusyError or monotonic() >= end:
                raise
            await asyncio.sleep(_PAUSE)


def _sqlite_engine(url: URL, wait: float, *, writes: bool) -> AsyncEngine:
    size: dict[str, Any] = {"pool_size": 1, "max_overflow": 0} if writes else {"pool_size": 4}
    engine = create_async_engine(
        url, connect_args={"isolation_level": None}, pool_timeout=wait, **size
    )
    pragmas = [
        f"busy_timeout = {round(wait * 1000)}",
        "foreign_keys = ON",
        "synchronous = FULL",
        *([] if writes else ["query_only = ON"]),
    ]
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        if writes:
            connection.run_async(lambda driver: _write_ahead(driver, wait))

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Any) -> None:
        connection.connection.dbapi_connection.run_async(
            lambda driver: driver.execute_fetchall(begin)
        )

    return engine

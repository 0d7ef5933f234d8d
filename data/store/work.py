"""What one message does in the store: begun when first needed, committed at once."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection

from data.store.database import Database


class Work:
    """A writing transaction that starts with the first `begin`.

    Leaving the `async with` commits what was begun; an exception rolls it back. Whoever asks
    to `begin` reads again what it decides on: only from then on nobody else can write.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stack = AsyncExitStack()
        self._connection: AsyncConnection | None = None

    @property
    def begun(self) -> bool:
        """Whether something may have been written that is not committed yet."""
        return self._connection is not None

    async def begin(self) -> AsyncConnection:
        """The connection of the writing transaction; the same one each time."""
        if self._connection is None:
            self._connection = await self._stack.enter_async_context(self._database.writing())
        return self._connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read with, which sees what this work has written."""
        if self._connection is not None:
            yield self._connection
            return
        async with self._database.reading() as connection:
            yield connection

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection = None
        await self._stack.__aexit__(kind, error, trace)

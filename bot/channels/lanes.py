"""Lanes: the work of one chat in order, several chats at once."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial


class Lanes:
    """Work under way, a lane for each chat. Work must see to its own errors."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: dict[str, asyncio.Task[None]] = {}

    def put(self, lane: str, work: Callable[[], Awaitable[None]]) -> None:
        """Begins the work once everything before it in its lane has ended."""
        task = asyncio.create_task(_in_turn(self._last.get(lane), work), name=f"lane {lane}")
        self._tasks.add(task)
        self._last[lane] = task
        task.add_done_callback(partial(self._ended, lane))

    async def drain(self, grace: float) -> None:
        """Lets work end for `grace` seconds, then cancels what is left."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _ended(self, lane: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._last.get(lane) is task:
            del self._last[lane]


async def _in_turn(
    previous: asyncio.Task[None] | None, work: Callable[[], Awaitable[None]]
) -> None:
    if previous:
        await asyncio.wait({previous})
    await work()

"""`dondoc chat --jsonl` with the record behind the router: `python -m tests.updates_process`."""

import asyncio
import os
import sys
from typing import Any

from bot.channels.console import Console, stdin_lines
from bot.clock import Clock
from bot.core import Conversations
from data.loading.library import load_library
from data.store.database import Database
from data.store.work import Work
from handlers.dialogue import context
from handlers.messages import Message, Reply
from handlers.reporting import Reporting
from handlers.router import Router, _after, _meant, _person

State = dict[str, Any]


class Wired(Router):
    """The router with the record between people and questions."""

    async def reply(
        self, message: Message, state: State | None, work: Work | None
    ) -> tuple[Reply, State | None]:
        if not hasattr(self, "reporting"):
            self.reporting = Reporting(
                self.inquiry.library, self.inquiry.index, self.inquiry.recogniser
            )
        known = context(state, message.at)
        message = _meant(self._worded(message), known)
        person = await _person(message, work)
        reply = await self.members.handle(message, person, work)
        if reply is None:
            reply = await self.reporting.handle(message, person, work, known)
        if reply is not None:
            return reply, _after(known, message, reply)
        reply, after = self.inquiry.reply(message, known)
        return await self.reporting.dressed(reply, after, message, person, work)


async def main() -> None:
    database = Database(os.environ["DONDOC_DATABASE_URL"])
    await database.open()
    clock = Clock(None)
    console = Console(Conversations(Wired(load_library()), database, clock), clock.now)
    await console.serve(stdin_lines(), sys.stdout)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())

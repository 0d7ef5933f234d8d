"""`dondoc chat --jsonl` with nothing but updates behind it: `python -m tests.updates_process`."""

import asyncio
import os
import sys
from typing import Any

from bot.channels.console import Console, stdin_lines
from bot.clock import Clock
from bot.core import Conversations
from data.loading.library import load_library
from data.search import TopicIndex
from data.store import people
from data.store.database import Database
from data.store.work import Work
from handlers.messages import Bubble, Line, Message, Reply, ReplyKind
from handlers.understanding.recognise import Recogniser
from handlers.updates import Scene, Updates

State = dict[str, Any]


class ThinRouter:
    """Updates, or nothing."""

    def __init__(self) -> None:
        library = load_library()
        index = TopicIndex(library.tasks())
        self._updates = Updates(library, index, Recogniser(library, index))

    async def reply(
        self, message: Message, state: State | None, work: Work | None
    ) -> tuple[Reply, State | None]:
        known = state or {}
        scene = Scene(tuple(known.get("shown", ())), tuple(known.get("doings", ())))
        person = await people.person(work, message.channel, message.user) if work else None
        said = await self._updates.handle(message, person, work, scene)
        if said is None:
            return Reply(ReplyKind.REFUSAL, (Bubble((Line("?"),)),)), state
        return said.reply, {"shown": list(said.shown), "doings": list(said.doings)}


async def main() -> None:
    database = Database(os.environ["DONDOC_DATABASE_URL"])
    await database.open()
    clock = Clock(None)
    console = Console(Conversations(ThinRouter(), database, clock), clock.now)
    await console.serve(stdin_lines(), sys.stdout)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())

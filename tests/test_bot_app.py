"""What the bot wires together: one channel's news reaches the store that another part reads."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import build_channels
from bot.clock import ZONE, Clock
from bot.core import Conversations
from bot.metrics import Metrics
from bot.settings import Messenger, Secret, Settings
from data.loading.library import load_library
from data.store.database import Database
from data.store.schema import unreachable
from handlers.router import Router
from tests.telegram_stub import TOKEN, TelegramStub

AT = datetime(2021, 3, 1, 8, tzinfo=ZONE)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/dondoc.sqlite")
    await opened.open()
    yield opened
    await opened.close()


def _membership(stub: TelegramStub, status: str) -> dict[str, Any]:
    """A person stops the bot ("kicked"), or takes it back ("member")."""
    bot = {"id": 123456, "is_bot": True, "first_name": "Đôn Đốc"}
    old = {"user": bot, "status": "left"}
    new = {"user": bot, "status": status, "until_date": 0}
    return stub.message(1001) | {"old_chat_member": old, "new_chat_member": new}


async def _unreachable(database: Database) -> list[tuple[str, str]]:
    async with database.reading() as connection:
        found = await connection.execute(select(unreachable.c.channel, unreachable.c.chat))
        return [(row.channel, row.chat) for row in found]


async def test_who_stops_the_bot_on_telegram_is_not_reminded_there_until_they_take_it_back(
    database: Database,
) -> None:
    async with TelegramStub() as stub:
        settings = Settings(telegram=Messenger(Secret(TOKEN), stub.url))
        clock = Clock(AT)
        core = Conversations(Router(load_library()), database, clock)
        (_, telegram) = build_channels(settings, core, clock, database, Metrics())
        await telegram.start()
        try:
            for status, found in (("kicked", [("telegram", "1001")]), ("member", [])):
                stub.post({"my_chat_member": _membership(stub, status)})
                await stub.until(lambda: not stub.waiting)
                assert await _unreachable(database) == found
        finally:
            await telegram.stop()

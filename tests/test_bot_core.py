import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.clock import ZONE, Clock
from bot.core import CHATS_KEPT, Conversations
from data.errors import StoreBusyError
from data.store import conversations
from data.store.database import Database
from data.store.work import Work
from handlers.failures import sentence
from handlers.messages import Bubble, Line, Message, Reply, ReplyKind

AT = datetime(2021, 3, 1, 8, tzinfo=ZONE)
State = dict[str, Any] | None


class FakeRouter:
    """Counts the messages of a chat. "ghi" stores an update; "lỗi" fails; "chờ" waits."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.started = asyncio.Event()
        self.go_on = asyncio.Event()

    async def reply(
        self, message: Message, state: State, work: Work | None
    ) -> tuple[Reply, State]:
        self.seen.append(message.text)
        count = (state or {}).get("count", 0) + 1
        if "chờ" in message.text:
            self.started.set()
            await self.go_on.wait()
        if "ghi" in message.text:
            assert work is not None
            connection = await work.begin()
            await connection.execute(
                text("INSERT INTO updates VALUES (:words)"), {"words": message.text}
            )
        if "lỗi" in message.text:
            raise ZeroDivisionError
        words = f"{message.text} {count}"
        return Reply(ReplyKind.ANSWER, (Bubble((Line(words),)),)), {"count": count}


def message(words: str, key: str = "", chat: str = "c1") -> Message:
    return Message("telegram", chat, "7", AT, text=words, key=key)


@pytest.fixture
def router() -> FakeRouter:
    return FakeRouter()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dondoc.sqlite"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{path}", wait=0.05)
    await database.open()
    async with database.writing() as connection:
        await connection.execute(text("CREATE TABLE updates (words TEXT)"))
    yield database
    await database.close()


@pytest.fixture
def core(router: FakeRouter, database: Database) -> Conversations:
    return Conversations(router, database, Clock(AT))


async def said(core: Conversations, words: str, key: str = "", chat: str = "c1") -> str | None:
    reply = await core.receive(message(words, key, chat))
    return reply.text if reply else None


async def updates(database: Database) -> list[str]:
    async with database.reading() as connection:
        return list(await connection.scalars(text("SELECT words FROM updates")))


async def recall(database: Database, chat: str = "c1") -> conversations.Recollection:
    async with database.reading() as connection:
        return await conversations.recall(connection, "telegram", chat, "")


async def test_conversation_goes_on_after_a_restart(
    core: Conversations, router: FakeRouter, database: Database
) -> None:
    assert await said(core, "một") == "một 1"
    assert await said(core, "hai") == "hai 2"
    restarted = Conversations(router, database, Clock(AT))
    assert await said(restarted, "ba") == "ba 3"
    assert await said(restarted, "khác", chat="c2") == "khác 1"


async def test_one_chat_is_answered_in_order_and_others_do_not_wait(
    core: Conversations, router: FakeRouter
) -> None:
    first = [
        asyncio.create_task(said(core, words)) for words in ("chờ", "hai", "ba", "bốn", "năm")
    ]
    await router.started.wait()
    assert await said(core, "khác", chat="c2") == "khác 1"
    router.go_on.set()
    assert await asyncio.gather(*first) == ["chờ 1", "hai 2", "ba 3", "bốn 4", "năm 5"]
    assert router.seen == ["chờ", "khác", "hai", "ba", "bốn", "năm"]


async def test_idle_chats_cost_nothing(core: Conversations, router: FakeRouter) -> None:
    waiting = asyncio.create_task(said(core, "chờ"))
    await router.started.wait()
    assert len(core._turns) == 1
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert core._turns == {}
    assert await said(core, "một") == "một 1"


async def test_delivery_that_was_answered_is_not_answered_again(
    core: Conversations, router: FakeRouter, database: Database
) -> None:
    assert await said(core, "ghi", "k1") == "ghi 1"
    await core.answered(message("ghi", "k1"))
    assert await said(core, "ghi", "k1") is None
    restarted = Conversations(router, database, Clock(AT))
    assert await said(restarted, "ghi", "k1") is None
    assert await updates(database) == ["ghi"]


async def test_delivery_whose_reply_got_lost_gets_the_same_reply(
    core: Conversations, router: FakeRouter, database: Database
) -> None:
    """Killed between the commit and the sending: the messenger delivers once more."""
    assert await said(core, "ghi", "k1") == "ghi 1"
    restarted = Conversations(router, database, Clock(AT))
    assert await said(restarted, "ghi", "k1") == "ghi 1"
    assert await updates(database) == ["ghi"]
    assert router.seen == ["ghi"]


async def test_same_delivery_twice_at_once_takes_effect_once(
    core: Conversations, database: Database
) -> None:
    both = await asyncio.gather(said(core, "ghi", "k1"), said(core, "ghi", "k1"))
    assert both == ["ghi 1", "ghi 1"]
    assert await updates(database) == ["ghi"]


async def test_messages_without_key_are_all_new(core: Conversations) -> None:
    assert [await said(core, "hỏi"), await said(core, "hỏi")] == ["hỏi 1", "hỏi 2"]
    await core.answered(message("hỏi"))


async def test_half_a_surrogate_pair_is_stored_like_any_other_text(
    core: Conversations, router: FakeRouter, database: Database
) -> None:
    assert await said(core, "\ud83d\x00", "k1") == "\ud83d\x00 1"
    restarted = Conversations(router, database, Clock(AT))
    assert await said(restarted, "", "k1") == "\ud83d\x00 1"


async def test_failed_handler_says_so_and_leaves_nothing(
    core: Conversations, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    assert await said(core, "một") == "một 1"
    assert await said(core, "ghi lỗi", "k1") == sentence(ZeroDivisionError())
    assert "ZeroDivisionError" in caplog.text
    assert await updates(database) == []
    assert await said(core, "hai") == "hai 2"


async def test_cancelled_message_leaves_nothing(
    core: Conversations, router: FakeRouter, database: Database
) -> None:
    task = asyncio.create_task(said(core, "chờ ghi", "k1"))
    await router.started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    router.go_on.set()
    assert await updates(database) == []
    assert await said(core, "chờ ghi", "k1") == "chờ ghi 1"
    assert await updates(database) == ["chờ ghi"]


async def test_locked_database_answers_questions_and_refuses_updates(
    core: Conversations, router: FakeRouter, database: Database
) -> None:
    assert await said(core, "một", "k1") == "một 1"
    async with database.writing():
        assert await said(core, "hai", "k2") == "hai 2"
        assert await said(core, "ba", "k3") == "ba 3"
        assert await said(core, "ghi", "k4") == sentence(StoreBusyError())
        assert await said(core, "ba", "k3") == "ba 3"
        await core.answered(message("ba", "k3"))
        assert await said(core, "ba", "k3") is None
    assert await updates(database) == []
    assert await said(core, "bốn", "k5") == "bốn 4"
    restarted = Conversations(router, database, Clock(AT))
    assert await said(restarted, "năm", "k6") == "năm 5"


async def test_reminders_look_at_once_after_a_message_that_wrote(core: Conversations) -> None:
    woken: list[str] = []
    core.on_written = lambda: woken.append("woken")
    await core.receive(message("hỏi"))
    assert woken == []
    await core.receive(message("ghi"))
    assert woken == ["woken"]


async def test_commit_that_fails_is_not_called_a_success(
    core: Conversations, database: Database
) -> None:
    async with database.writing() as connection:
        pages = await connection.scalar(text("PRAGMA page_count"))
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    reply = await said(core, "ghi " + "x" * 100_000, "k1")
    assert reply is not None
    assert reply.startswith("Xin lỗi")
    assert await updates(database) == []
    assert await said(core, "hỏi", "k2") == "hỏi 1"


async def test_missing_database_answers_from_memory(router: FakeRouter, path: Path) -> None:
    core = Conversations(router, Database(f"sqlite:///{path}"), Clock(AT))
    assert [await said(core, "một", "k1"), await said(core, "hai", "k2")] == ["một 1", "hai 2"]
    await core.answered(message("một", "k1"))
    assert await said(core, "một", "k1") is None


async def test_without_database_all_is_kept_in_memory(router: FakeRouter) -> None:
    core = Conversations(router, None, Clock(AT))
    assert [await said(core, "một", "k1"), await said(core, "hai")] == ["một 1", "hai 2"]
    assert await said(core, "một", "k1") == "một 1"
    await core.answered(message("một", "k1"))
    assert await said(core, "một", "k1") is None
    assert await said(core, "lỗi") == sentence(ZeroDivisionError())
    assert await said(core, "ba") == "ba 3"


async def test_silent_chats_are_forgotten_after_their_time(
    router: FakeRouter, database: Database
) -> None:
    await said(Conversations(router, database, Clock(AT - CHATS_KEPT)), "cũ", chat="old")
    core = Conversations(router, database, Clock(AT + timedelta(minutes=1)))
    await said(core, "mới", "k1")
    await core.answered(message("mới", "k1"))
    assert (await recall(database, "old")).state is None
    assert json.loads((await recall(database)).state or "") == {"count": 1}


async def test_tidying_that_fails_is_logged(
    core: Conversations, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await said(core, "một", "k1")
    async with database.writing():
        with caplog.at_level(logging.WARNING):
            await core.answered(message("một", "k1"))
    assert "not recorded that a reply arrived" in caplog.text


def test_asking_once_needs_no_database_library() -> None:
    program = "import bot.core, bot.settings, bot.logs, sys; print('sqlalchemy' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert shown.stdout == b"False\n"

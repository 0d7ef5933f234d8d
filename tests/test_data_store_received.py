"""Files nobody made evidence of anything go after a day; all others stay."""

import dataclasses
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import ZONE, Clock
from bot.core import UNUSED_KEPT, Conversations
from bot.evidence import DIRECTORY, Evidence
from data.record import Act, Draft
from data.record import Evidence as Proof
from data.store import proposals, received, updates
from data.store.database import Database
from data.store.people import Connection
from data.store.work import Work
from handlers.messages import Attachment, Bubble, Line, Message, Reply, ReplyKind

AT = datetime(2021, 3, 1, 8, tzinfo=ZONE)
LATER = AT + UNUSED_KEPT + timedelta(minutes=1)
FILES = ("evidence/aa/aa11.jpg", "evidence/bb/bb_2.jpg", "evidence/cc/cc33.jpg")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/dondoc.sqlite")
    await opened.open()
    yield opened
    await opened.close()


async def enter(connection: Connection, path: str) -> None:
    """An update with this file as its evidence."""
    proof = Proof("anh.jpg", "image/jpeg", "ab" * 32, path)
    draft = Draft(
        "lang-son-2021", "5k", Act.UPDATE, AT, 1, "Lan", "so-y-te", "official", "zalo", "5k xong"
    )
    await updates.append(connection, dataclasses.replace(draft, evidence=(proof,)))


async def propose(connection: Connection, path: str) -> int:
    """An update with this file that awaits its yes."""
    body = json.dumps({"evidence": [["anh.jpg", "image/jpeg", "ab" * 32, path]]})
    return await proposals.propose(connection, "zalo", "c1", "7", body, AT)


async def test_only_what_nothing_refers_to_is_unused(database: Database) -> None:
    entered, awaited, unused = FILES
    async with database.writing() as connection:
        await received.note(connection, FILES, AT)
        await enter(connection, entered)
        waiting = await propose(connection, awaited)
        assert await received.unused(connection, AT) == ()
        assert await received.unused(connection, LATER) == (unused,)
        await proposals.settle(connection, waiting)
        assert await received.unused(connection, LATER) == (awaited, unused)
        await received.forget(connection, unused)
        assert await received.unused(connection, LATER) == (awaited,)


async def test_a_file_that_comes_again_counts_from_then_on(database: Database) -> None:
    async with database.writing() as connection:
        await received.note(connection, FILES[:1], AT)
        await received.note(connection, [FILES[0], FILES[0]], LATER)
        assert await received.unused(connection, LATER) == ()


class Clerk:
    """Enters the file of every message that says so."""

    async def reply(
        self, message: Message, state: object, work: Work | None
    ) -> tuple[Reply, None]:
        if message.text == "xong":
            assert work is not None
            await enter(await work.begin(), message.attachments[0].path)
        return Reply(ReplyKind.ANSWER, (Bubble((Line("Đã nhận."),)),)), None


async def test_the_core_throws_away_what_nobody_used(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    evidence = Evidence(reserve=0)
    used, unused, foreign = [
        await evidence.keep(b"\xff\xd8\xff" + name, "anh.jpg") for name in (b"1", b"2", b"3")
    ]

    async def hear(core: Conversations, text: str, *files: Attachment) -> None:
        message = Message("zalo", "c1", "7", AT, text=text, attachments=files)
        await core.receive(message)
        await core.answered(message)

    def kept() -> set[str]:
        return {path.name for path in DIRECTORY.rglob("*") if path.is_file()}

    core = Conversations(Clerk(), database, Clock(AT))
    await hear(core, "xong", used)
    await hear(core, "gửi ảnh", unused)
    assert len(kept()) == 3
    await hear(Conversations(Clerk(), database, Clock(LATER)), "chào")
    assert kept() == {Path(used.path).name, Path(foreign.path).name}

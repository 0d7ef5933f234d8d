"""The record is appended to and proved; proposals and notices beside it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from data.errors import StoreError
from data.record import GENESIS, Act, Draft, Entry, Evidence, Proof
from data.store import notices, proposals, updates
from data.store.database import Database

AT = datetime(2021, 3, 1, 9, 15, 30, 123456, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
DRAFT = Draft(
    plan="lang-son-2021",
    task="5k",
    act=Act.UPDATE,
    at=AT,
    person=7,
    name="Hoàng Thị Lan",
    agency="so-y-te",
    authority="official:own",
    channel="telegram",
    words="5k 60% 'x\"; DROP TABLE entries",
    fields={"status": "in_progress", "percent": 60, "note": "ổn"},
    evidence=(Evidence("a.jpg", "image/jpeg", "ab" * 32, "var/evidence/ab"),),
    documents=("CV 12/SYT",),
    proposal=3,
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/dondoc.sqlite", wait=0.1)
    await database.open()
    yield database
    await database.close()


async def enter(database: Database, *drafts: Draft) -> list[Entry]:
    async with database.writing() as connection:
        return [await updates.append(connection, draft) for draft in drafts]


async def proof(database: Database) -> Proof:
    async with database.reading() as connection:
        return await updates.prove(connection)


async def tamper(database: Database, *statements: str) -> None:
    """What somebody with the file in hand could do."""
    async with database.writing() as connection:
        for verb in ("update", "delete"):
            await connection.execute(text(f"DROP TRIGGER IF EXISTS entries_no_{verb}"))
        for statement in statements:
            await connection.execute(text(statement))


def tasks(count: int) -> Sequence[Draft]:
    return [replace(DRAFT, task=f"{n}a", at=AT + timedelta(seconds=n)) for n in range(count)]


async def test_an_entry_comes_back_as_it_went_in(database: Database) -> None:
    (entered,) = await enter(database, DRAFT)
    async with database.reading() as connection:
        assert await updates.of_task(connection, "lang-son-2021", "5k") == (entered,)
        assert await updates.of_people(connection, [7]) == (entered,)
        assert await updates.of_proposal(connection, 3) == entered
        assert await updates.entry(connection, 1) == entered
    assert {name: getattr(entered, name) for name in ("words", "fields", "evidence", "at")} == {
        "words": DRAFT.words,
        "fields": DRAFT.fields,
        "evidence": DRAFT.evidence,
        "at": AT,
    }
    assert (entered.id, entered.previous, entered.ref) == (1, GENESIS, "lang-son-2021/5k")


async def test_entries_are_numbered_and_chained(database: Database) -> None:
    entered = await enter(database, *tasks(3))
    assert [e.id for e in entered] == [1, 2, 3]
    assert [e.previous for e in entered] == [GENESIS, entered[0].hash, entered[1].hash]
    assert await proof(database) == Proof(3)


async def test_an_empty_record_holds(database: Database) -> None:
    assert await proof(database) == Proof(0)


async def test_a_long_record_is_proved_in_pages(database: Database) -> None:
    await enter(database, *tasks(503))
    assert await proof(database) == Proof(503)
    async with database.reading() as connection:
        assert [e.id async for e in updates.everything(connection)] == list(range(1, 504))


@pytest.mark.parametrize(
    "statement", ["UPDATE entries SET words = 'x'", "DELETE FROM entries WHERE id = 1"]
)
async def test_the_database_itself_refuses_changes(database: Database, statement: str) -> None:
    await enter(database, DRAFT)
    with pytest.raises(StoreError, match="never changed"):
        async with database.writing() as connection:
            await connection.execute(text(statement))
    assert await proof(database) == Proof(1)


@pytest.mark.parametrize(
    "column", [
        "plan", "task", "act", "name", "agency", "authority", "channel", "words", "fields",
        "evidence", "documents",
    ],
)  # fmt: skip
async def test_a_changed_column_is_found(database: Database, column: str) -> None:
    await enter(database, *tasks(4))
    await tamper(database, f"UPDATE entries SET {column} = {column} || ' ' WHERE id = 3")
    assert await proof(database) == Proof(2, 3, "changed")


@pytest.mark.parametrize(
    "change",
    ["person = 8", "proposal = 9", "at = '2021-01-01 00:00:00.000000'", "hash = previous"],
)
async def test_a_changed_number_or_time_is_found(database: Database, change: str) -> None:
    await enter(database, *tasks(3))
    await tamper(database, f"UPDATE entries SET {change} WHERE id = 2")
    assert (await proof(database)).broken == 2


async def test_an_entry_taken_out_is_found(database: Database) -> None:
    await enter(database, *tasks(5))
    await tamper(database, "DELETE FROM entries WHERE id = 3")
    assert await proof(database) == Proof(2, 3, "missing")


async def test_entries_cut_off_at_the_end_are_found(database: Database) -> None:
    await enter(database, *tasks(5))
    await tamper(database, "DELETE FROM entries WHERE id > 3")
    assert await proof(database) == Proof(3, 4, "cut")


async def test_a_chain_made_anew_does_not_pass(database: Database) -> None:
    """Whoever changes an entry and its hash breaks the link to the next one."""
    entered = await enter(database, *tasks(3))
    forged = replace(entered[1], words="khác")
    row = updates._row(forged)
    told = updates.digest(forged.previous, 2, [row[name] for name in updates._HASHED], forged.at)
    await tamper(database, f"UPDATE entries SET words = 'khác', hash = '{told}' WHERE id = 2")
    assert await proof(database) == Proof(2, 3, "unchained")


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    await enter(database, DRAFT)

    async def fail() -> None:
        async with database.writing() as connection:
            await updates.append(connection, DRAFT)
            raise RuntimeError("gone")

    with pytest.raises(RuntimeError):
        await fail()
    assert await proof(database) == Proof(1)


async def test_odd_text_is_kept(database: Database) -> None:
    odd = replace(DRAFT, words="\ud83d \0 \u202e <b>", name="\udc00", documents=("\ud83d",))
    await enter(database, odd)
    assert await proof(database) == Proof(1)


async def test_own_tasks_belong_to_their_task_only(database: Database) -> None:
    await enter(
        database, DRAFT, replace(DRAFT, task="5k-1"), replace(DRAFT, task="5kb"),
        replace(DRAFT, task="5_-1"),
    )  # fmt: skip
    async with database.reading() as connection:
        found = await updates.of_task(connection, "lang-son-2021", "5k")
    assert [e.task for e in found] == ["5k", "5k-1"]


async def test_one_proposal_waits_in_each_place(database: Database) -> None:
    async with database.writing() as connection:
        first = await proposals.propose(connection, "web", "c", "u", '{"n":1}', AT)
        second = await proposals.propose(connection, "web", "c", "u", '{"n":2}', AT)
        other = await proposals.propose(connection, "web", "c", "v", '{"n":3}', AT)
    async with database.writing() as connection:
        waiting = await proposals.waiting(connection, "web", "c", "u")
        assert waiting is not None
        assert (waiting.id, waiting.body, waiting.at) == (second, '{"n":2}', AT)
        assert not await proposals.settle(connection, first)
        assert await proposals.settle(connection, second)
        assert not await proposals.settle(connection, second)
        assert await proposals.waiting(connection, "web", "c", "u") is None
        still = await proposals.waiting(connection, "web", "c", "v")
        assert still is not None
        assert still.id == other
        assert await proposals.made_since(connection, "web", "u", AT - timedelta(1)) == 2
        assert await proposals.made_since(connection, "web", "u", AT) == 0


async def test_settled_proposals_let_go_of_their_words(database: Database) -> None:
    async with database.writing() as connection:
        id = await proposals.propose(connection, "web", "c", "u", "lời", AT)
        await proposals.settle(connection, id)
        bodies = (await connection.execute(text("SELECT body FROM proposals"))).scalars().all()
        await proposals.forget_before(connection, AT + timedelta(1))
        left = await connection.scalar(text("SELECT count(*) FROM proposals"))
    assert (bodies, left) == ([""], 0)


async def test_a_notice_goes_out_is_seen_and_answered(database: Database) -> None:
    async with database.writing() as connection:
        id = await notices.put(connection, 7, {"key": "notice.press"}, 1, AT)
        await notices.put(connection, 8, {"key": "notice.press"}, 2, AT)
        assert [n.person for n in await notices.unsent(connection)] == [7, 8]
        await notices.seen(connection, 7, AT)
        assert (await notices.of_entry(connection, 1))[0].seen is None
        await notices.sent(connection, id, AT)
        assert await notices.unseen(connection, 7)
        await notices.seen(connection, 7, AT)
        await notices.answered(connection, 7, 1, AT)
        await notices.withdraw(connection, 2)
        assert await notices.unsent(connection) == ()
        assert not await notices.unseen(connection, 7)
    async with database.reading() as connection:
        (told,) = await notices.of_entry(connection, 1)
    assert (told.sent, told.seen, told.answered, told.body) == (
        AT,
        AT,
        AT,
        {"key": "notice.press"},
    )

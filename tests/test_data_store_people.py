import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from data.model import Membership, Role
from data.store import codes, people
from data.store.codes import Grant
from data.store.database import Database
from data.store.people import Connection
from data.store.work import Work

AT = datetime(2021, 3, 1, 1, tzinfo=UTC)
PLAN = "lang-son-2021"
OFFER = Grant(0, None, PLAN, "so-y-te", Role.OFFICIAL, "Trần Thị B")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/dondoc.sqlite")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Connection]:
    async with database.writing() as connection:
        yield connection


async def add(connection: Connection, name: str, *places: tuple[str, str]) -> int:
    id = await people.add(connection, name, AT)
    for channel, user in places:
        await people.add_identity(connection, id, channel, user, user, AT)
    return id


async def held(connection: Connection, id: int) -> list[tuple[str, str, str]]:
    person = await people.get(connection, id)
    return [(m.plan, m.agency, m.role.value) for m in person.memberships] if person else []


async def test_person_is_found_by_each_channel(database: Database) -> None:
    async with database.writing() as connection:
        id = await add(connection, "Trần Thị B", ("telegram", "1001"), ("zalo", "z9"))
        await people.enrol(connection, id, PLAN, "so-y-te", Role.OFFICIAL, AT)
    async with Work(database) as work:
        by_telegram = await people.person(work, "telegram", "1001")
        assert by_telegram == await people.person(work, "zalo", "z9")
        assert by_telegram is not None
        assert by_telegram.name == "Trần Thị B"
        assert by_telegram.memberships == (
            Membership(by_telegram.memberships[0].id, PLAN, "so-y-te", Role.OFFICIAL),
        )
        for channel, user in (("zalo", "1001"), ("web", "z9"), ("console", "")):
            assert await people.person(work, channel, user) is None
        assert not work.begun


@pytest.mark.parametrize(
    "user",
    ["", "\ud800", "7\0", "' OR 1=1 --", "x" * 10_000],
    ids=["empty", "surrogate", "nul", "sql", "long"],
)
async def test_strange_user_is_a_guest(database: Database, user: str) -> None:
    async with Work(database) as work:
        assert await people.person(work, "console", user) is None


async def test_same_role_is_given_once(connection: Connection) -> None:
    id = await add(connection, "B", ("web", "w"))
    assert await people.enrol(connection, id, PLAN, "so-y-te", Role.OFFICIAL, AT)
    assert not await people.enrol(connection, id, PLAN, "so-y-te", Role.OFFICIAL, AT)
    assert await people.enrol(connection, id, PLAN, "so-tu-phap", Role.OFFICIAL, AT)
    assert len(await held(connection, id)) == 2


async def test_ended_role_is_gone_and_can_come_back(connection: Connection) -> None:
    id = await add(connection, "B", ("web", "w"))
    await people.enrol(connection, id, PLAN, "so-y-te", Role.OFFICIAL, AT)
    person = await people.get(connection, id)
    assert person
    ids = [m.id for m in person.memberships]
    assert await people.end(connection, ids, AT, by=id, successor=id) == 1
    assert await people.end(connection, ids, AT) == 0
    assert await held(connection, id) == []
    assert await people.enrol(connection, id, PLAN, "so-y-te", Role.OFFICIAL, AT)
    assert len(await held(connection, id)) == 1
    kept = await connection.execute(text("SELECT successor FROM memberships ORDER BY id"))
    assert list(kept.scalars()) == [id, None]


async def test_serving_finds_by_plan_agency_and_role(connection: Connection) -> None:
    posts = [
        ("A", PLAN, "so-y-te", Role.OFFICIAL),
        ("B", PLAN, "so-tu-phap", Role.OFFICIAL),
        ("C", PLAN, "", Role.LEADER),
        ("D", "binh-duong-2019", "so-y-te", Role.OFFICIAL),
    ]
    for name, plan, agency, role in posts:
        id = await add(connection, name, ("web", name))
        await people.enrol(connection, id, plan, agency, role, AT)

    async def found(*args: object, **named: object) -> str:
        persons = await people.serving(connection, *args, **named)  # type: ignore[arg-type]
        return "".join(person.name for person in persons)

    assert await found() == "ABCD"
    assert await found(PLAN) == "ABC"
    assert await found(PLAN, ["so-y-te", "so-tu-phap"]) == "AB"
    assert await found(PLAN, roles=[Role.LEADER]) == "C"
    assert await found(agencies=["so-y-te"]) == "AD"
    assert await found("no-such-plan") == ""


async def test_many_people_are_read_in_batches(connection: Connection) -> None:
    for n in range(1200):
        id = await people.add(connection, str(n), AT)
        await people.enrol(connection, id, PLAN, "so-y-te", Role.OFFICIAL, AT)
    assert [p.name for p in await people.serving(connection, PLAN)] == [
        str(n) for n in range(1200)
    ]


async def test_last_used_channel_comes_first_unless_one_is_chosen(connection: Connection) -> None:
    id = await add(connection, "B", ("telegram", "1"), ("zalo", "2"), ("web", "3"))

    async def order() -> list[str]:
        person = await people.get(connection, id)
        return [one.channel for one in person.identities] if person else []

    await people.used(connection, "zalo", "2", "chat-2", AT)
    assert (await order())[0] == "zalo"
    await people.used(connection, "web", "3", None, AT + timedelta(hours=1))
    assert await order() == ["web", "zalo", "telegram"]
    await people.choose(connection, id, "telegram")
    assert await order() == ["telegram", "web", "zalo"]
    await people.choose(connection, id, None)
    assert (await order())[0] == "web"
    person = await people.get(connection, id)
    assert person
    assert {one.channel: one.chat for one in person.identities} == {
        "telegram": "1",
        "zalo": "chat-2",
        "web": "3",
    }


async def test_merged_person_passes_on_channels_and_roles(connection: Connection) -> None:
    one = await add(connection, "Một", ("telegram", "1"))
    two = await add(connection, "Hai", ("zalo", "2"))
    for id in (one, two):
        await people.enrol(connection, id, PLAN, "so-y-te", Role.OFFICIAL, AT)
    await people.enrol(connection, two, PLAN, "so-tu-phap", Role.OFFICIAL, AT)
    await people.merge(connection, two, one, AT)
    found = await people.find(connection, "zalo", "2")
    assert found
    assert found.id == one
    assert [m.agency for m in found.memberships] == ["so-y-te", "so-tu-phap"]
    assert await held(connection, two) == []
    assert await people.names(connection, [one, two, 99]) == {one: "Một", two: "Hai"}


async def test_invitation_gives_what_was_offered_once(connection: Connection) -> None:
    id = await add(connection, "B", ("web", "w"))
    code = await codes.invite(connection, OFFER, AT)
    grant = await codes.open_to(connection, code, AT)
    assert grant
    assert (grant.plan, grant.agency, grant.role, grant.name) == (
        PLAN,
        "so-y-te",
        Role.OFFICIAL,
        "Trần Thị B",
    )
    assert await codes.use(connection, grant, id, AT)
    assert not await codes.use(connection, grant, id, AT)
    assert await codes.open_to(connection, code, AT) is None


async def test_two_who_use_one_code_at_once_are_told_apart(database: Database) -> None:
    async with database.writing() as connection:
        code = await codes.invite(connection, OFFER, AT)
        ids = [await people.add(connection, str(n), AT) for n in range(2)]

    async def take(id: int) -> bool:
        async with database.writing() as connection:
            grant = await codes.open_to(connection, code, AT)
            return grant is not None and await codes.use(connection, grant, id, AT)

    assert sorted(await asyncio.gather(*map(take, ids))) == [False, True]


async def test_codes_grow_old(connection: Connection) -> None:
    id = await add(connection, "B", ("web", "w"))
    invitation = await codes.invite(connection, OFFER, AT)
    short = await codes.invite(connection, OFFER, AT, timedelta(days=1))
    linking = await codes.make_link(connection, id, AT)
    moments = {
        timedelta(minutes=14): {invitation, short, linking},
        timedelta(minutes=15): {invitation, short},
        timedelta(hours=23): {invitation, short},
        timedelta(days=6, hours=23): {invitation},
        timedelta(days=7): set(),
    }
    for passed, good in moments.items():
        open_now = {
            code
            for code in (invitation, short, linking)
            if await codes.open_to(connection, code, AT + passed)
        }
        assert open_now == good, passed


async def test_codes_are_kept_as_digests_only(database: Database, tmp_path: Path) -> None:
    async with database.writing() as connection:
        id = await add(connection, "B", ("web", "w"))
        code = await codes.invite(connection, OFFER, AT)
        linking = await codes.make_link(connection, id, AT)
        rows = (await connection.execute(text("SELECT * FROM codes"))).all()
    stored = repr(rows)
    assert code[2:] not in stored
    assert f"'{linking}'" not in stored
    assert len({row.salt for row in rows}) == 2


async def test_invitations_are_long_and_easily_read(connection: Connection) -> None:
    made = {await codes.invite(connection, OFFER, AT) for _ in range(5)}
    assert len(made) == 5
    for code in made:
        assert len(code) == 12
        assert not set(code) & set("01OI")
        assert codes.invitation(codes.grouped(code).lower()) == code


@pytest.mark.parametrize("typed", ["", "ABCD", "ABCD-EFGH-JKL0", "ABCDEFGHJKLMN", "Đ" * 12])
def test_what_cannot_be_an_invitation(typed: str) -> None:
    assert codes.invitation(typed) is None


async def test_new_linking_code_replaces_the_old_one(connection: Connection) -> None:
    id = await add(connection, "B", ("web", "w"))
    first = await codes.make_link(connection, id, AT)
    second = await codes.make_link(connection, id, AT)
    assert codes.link(f"{second[:3]} {second[3:]}") == second
    assert await codes.open_to(connection, second, AT)
    assert first == second or await codes.open_to(connection, first, AT) is None


async def test_fifth_wrong_guess_ends_a_linking_code_but_no_invitation(
    connection: Connection,
) -> None:
    id = await add(connection, "B", ("web", "w"))
    invitation = await codes.invite(connection, OFFER, AT)
    code = await codes.make_link(connection, id, AT)
    other = "000000" if code != "000000" else "111111"
    for n in range(5):
        assert await codes.open_to(connection, code, AT)
        await codes.wrong(connection, other, "web", f"guest-{n}", None, AT)
    assert await codes.open_to(connection, code, AT) is None
    assert await codes.open_to(connection, invitation, AT)


async def test_guesses_count_per_person_for_a_quarter_of_an_hour(connection: Connection) -> None:
    id = await add(connection, "B", ("telegram", "1"), ("zalo", "2"))
    for n in range(3):
        at = AT + timedelta(minutes=n)
        await codes.wrong(connection, "ABCDEFGHJKLM", "telegram", "1", id, at)
    later = AT + timedelta(minutes=15, seconds=1)
    assert await codes.guessed(connection, "telegram", "1", id, AT) == 3
    assert await codes.guessed(connection, "zalo", "2", id, AT) == 3
    assert await codes.guessed(connection, "web", "1", None, AT) == 0
    assert await codes.guessed(connection, "telegram", "1", id, later) == 2

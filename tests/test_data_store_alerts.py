from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from data.reminders import Absence, Address, Alert, Scope, State, Subscription
from data.store import people
from data.store.alerts import (
    absences,
    enrolment,
    listeners,
    refusals,
    sentlog,
    subscriptions,
    weeks,
)
from data.store.database import Database
from tests.alert_helpers import join, local

DAY = date(2021, 12, 6)
AT = local("2021-12-06 07:30")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/dondoc.sqlite")
    await database.open()
    yield database
    await database.close()


def row(listener: int, task: str = "p/1", rank: int = 2, kind: str = "before.3") -> Alert:
    return Alert(listener, "telegram", "1", task, kind, DAY, DAY, DAY, rank=rank)


async def guest(database: Database, user: str = "1") -> int:
    async with database.writing() as connection:
        made = await listeners.add(
            connection, covered=DAY, channel="telegram", user=user, chat=user
        )
    return made.id


async def test_the_key_decides_what_is_entered(database: Database) -> None:
    one = await guest(database)
    async with database.writing() as connection:
        await sentlog.decided(connection, [row(one), row(one), row(one, "p/2")], AT)
        await sentlog.decided(connection, [replace(row(one), state=State.SKIPPED)], AT)
        assert await sentlog.counted(connection) == {"due": 2}


async def test_the_most_urgent_message_is_claimed_first_and_once(database: Database) -> None:
    calm, urgent = await guest(database, "1"), await guest(database, "2")
    async with database.writing() as connection:
        await sentlog.decided(connection, [row(calm, rank=3), row(urgent, rank=1)], AT)
        await sentlog.decided(connection, [row(calm, "p/2", 3)], AT)
        found = await sentlog.claim(connection, {"telegram": 9}, 9)
        assert [[a.listener for a in message] for message in found] == [[urgent], [calm, calm]]
        assert len(await sentlog.claim(connection, {"telegram": 2}, 9)) == 1
        assert await sentlog.claim(connection, {"zalo": 9}, 9) == []
        for message in found:
            await sentlog.sending(connection, message)
        assert await sentlog.claim(connection, {"telegram": 9}, 9) == []


async def test_a_notice_is_a_message_of_its_own(database: Database) -> None:
    one = await guest(database)
    async with database.writing() as connection:
        notices = [row(one, rank=0, kind=f"notice.{n}") for n in (1, 2)]
        await sentlog.decided(connection, [*notices, row(one), row(one, "p/2")], AT)
        found = await sentlog.claim(connection, {"telegram": 9}, 9)
        assert sorted(len(message) for message in found) == [1, 1, 2]


@pytest.mark.parametrize(
    ("begun", "states"),
    [((), {"due": 2}), ((1,), {"due": 1, "unknown": 1}), (None, {"unknown": 2})],
)
async def test_recovery_asks_what_had_begun(
    database: Database, begun: tuple[int, ...] | None, states: dict[str, int]
) -> None:
    one = await guest(database)
    async with database.writing() as connection:
        await sentlog.decided(connection, [row(one), row(one, "p/2")], AT)
        [message] = await sentlog.claim(connection, {"telegram": 9}, 9)
        await sentlog.sending(connection, message)
        await sentlog.recover(connection, begun)
        assert await sentlog.counted(connection) == states
        again = await sentlog.claim(connection, {"telegram": 9}, 9)
        assert sum(len(message) for message in again) == 2


async def test_addresses_stand_in_the_order_chosen_then_used(database: Database) -> None:
    person = await join(database, "an", "so-y-te", channels=("telegram", "zalo", "web"))
    async with database.writing() as connection:
        await people.used(connection, "zalo", "an", None, AT)
        listener = await listeners.add(connection, covered=DAY, person=person)
        [wishes] = await listeners.gathered(connection, [listener], DAY)
        assert wishes.addresses[0] == Address("zalo", "an")
        await people.choose(connection, person, "web")
        [wishes] = await listeners.gathered(connection, [listener], DAY)
        assert [a.channel for a in wishes.addresses][:2] == ["web", "zalo"]
        await refusals.refused(connection, "web", "an", "blocked", AT)
        [wishes] = await listeners.gathered(connection, [listener], DAY)
        assert wishes.addresses[0] == Address("zalo", "an")
        assert await refusals.refusing(connection, listener) == ("web",)
        await refusals.admitted(connection, "web", "an")
        assert await refusals.refusing(connection, listener) == ()


async def test_somebody_merged_into_another_keeps_the_wishes(database: Database) -> None:
    gone = await join(database, "an", "so-y-te")
    kept = await join(database, "annam", "so-y-te")
    async with database.writing() as connection:
        for person, task in ((gone, "p/1"), (kept, "p/2")):
            listener = await listeners.add(connection, covered=DAY, person=person)
            await subscriptions.subscribe(connection, listener.id, Subscription(Scope.TASK, task))
        await people.merge(connection, gone, kept, AT)
        await enrolment.enrol(connection, AT, AT)
        [listener] = await listeners.listening(connection, 0, 9)
        wishes = await subscriptions.wishes_of(connection, listener.id)
    assert listener.person == kept
    assert {wish.value for wish in wishes} == {"p/1", "p/2"}


async def test_a_leave_takes_the_place_of_the_one_before(database: Database) -> None:
    one = await guest(database)
    async with database.writing() as connection:
        await absences.leave(connection, Absence(one, DAY, date(2021, 12, 10)))
        await absences.leave(connection, Absence(one, DAY, date(2021, 12, 8)))
        assert await absences.away(connection, date(2021, 12, 8))
        assert not await absences.away(connection, date(2021, 12, 9))
        assert await absences.back(connection, one, DAY)
        assert not await absences.back(connection, one, DAY)


async def test_a_week_keeps_its_first_counts(database: Database) -> None:
    async with database.writing() as connection:
        await weeks.put_week(connection, "p", DAY, "1")
        await weeks.put_week(connection, "p", DAY, "2")
        assert await weeks.week(connection, "p", DAY) is None
        assert await weeks.week(connection, "p", date(2021, 12, 13)) == "1"


async def test_the_log_is_let_go_of_after_a_while(database: Database) -> None:
    one = await guest(database)
    async with database.writing() as connection:
        await sentlog.decided(connection, [row(one)], AT)
        await sentlog.forget_before(connection, AT)
        assert await sentlog.counted(connection) == {"due": 1}
        await sentlog.forget_before(connection, local("2022-12-06 07:30"))
        assert await sentlog.counted(connection) == {}

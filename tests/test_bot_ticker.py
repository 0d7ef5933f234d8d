import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.ticker import Journal, Pace, Ticker
from data.errors import (
    ChannelAuthError,
    ChannelDownError,
    ChannelQuotaError,
    ChannelRefusedError,
)
from data.loading.library import Library, load_library
from data.model import Role
from data.record import Act, Draft, Status
from data.reminders import Absence, Scope, State, Subscription
from data.store import conversations, notices, people, updates
from data.store.alerts import absences, listeners, refusals, sentlog, subscriptions
from data.store.database import Database
from handlers.alerts import delivery, previews, rounds
from tests.alert_helpers import LONG_AGO, PLAN, FakeChannel, FakeClock, join, local


@dataclass(slots=True)
class Desk:
    """A ticker with everything around it; starts on Monday 6 December 2021, before half past."""

    database: Database
    library: Library
    clock: FakeClock
    channel: FakeChannel
    ticker: Ticker
    folder: Path

    def another(self, *channels: FakeChannel) -> Ticker:
        """A ticker as after a restart."""
        return Ticker(
            self.database,
            self.library,
            channels or [self.channel],
            self.clock.now,
            journal=self.folder / "journal",
            pace=Pace(10**6, 0.0),
        )

    async def at(self, text: str) -> list[tuple[str, str]]:
        """What a tick at that time sends."""
        self.clock.set(text)
        await self.ticker.tick()
        return self.channel.taken()

    async def states(self) -> dict[str, int]:
        """How many rows of the log are in each state."""
        async with self.database.reading() as connection:
            return dict(await sentlog.counted(connection))

    async def done(self, task: str, agency: str, due: str = "") -> None:
        """Enters that a task is done."""
        fields = {"status": Status.DONE.value, "percent": 100, "for": agency}
        draft = Draft(
            PLAN, task, Act.UPDATE, self.clock.now(), 1, "A", agency, "official", "telegram", "",
            fields=fields | ({"due": due} if due else {}),
        )  # fmt: skip
        async with self.database.writing() as connection:
            await updates.append(connection, draft)


LIBRARY = load_library()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    database = Database(f"sqlite:///{tmp_path}/dondoc.sqlite")
    await database.open()
    clock = FakeClock(local("2021-12-06 07:29"))
    channel = FakeChannel()
    desk = Desk(database, LIBRARY, clock, channel, None, tmp_path)  # type: ignore[arg-type]
    desk.ticker = desk.another()
    yield desk
    await desk.ticker.stop()
    await database.close()


async def test_one_message_a_person_at_half_past_seven(desk: Desk) -> None:
    await join(desk.database, "an", "thanh-tra-tinh")
    assert await desk.at("2021-12-07 07:29") == []
    [(chat, text)] = await desk.at("2021-12-08 07:30")
    assert chat == "an"
    assert "2 việc" in text
    assert "Còn 1 ngày" in text
    assert await desk.at("2021-12-08 07:31") == []
    assert await desk.at("2021-12-08 15:00") == []
    assert "Hôm nay là hạn cuối" in (await desk.at("2021-12-09 07:30"))[0][1]


async def test_own_hour_and_days_of_rest(desk: Desk) -> None:
    person = await join(desk.database, "an", "so-y-te")
    async with desk.database.writing() as connection:
        listener = await listeners.add(connection, covered=date(2021, 12, 7), person=person)
        await listeners.prefer(connection, listener.id, minute=8 * 60)
    assert await desk.at("2021-12-08 07:59") == []
    assert len(await desk.at("2021-12-08 08:00")) == 1
    for text in ("2021-12-11 08:00", "2021-12-12 08:00", "2021-12-10 22:30", "2021-12-10 05:00"):
        assert await desk.at(text) == []


async def test_whoever_joins_during_the_day_hears_from_the_next_morning_on(desk: Desk) -> None:
    desk.clock.set("2021-12-08 10:00")
    async with desk.database.writing() as connection:
        now = desk.clock.now()
        person = await people.add(connection, "an", now)
        await people.add_identity(connection, person, "telegram", "an", "an", now)
        await people.enrol(connection, person, PLAN, "so-y-te", Role.OFFICIAL, now)
    assert await desk.at("2021-12-08 10:01") == []
    assert len(await desk.at("2021-12-09 07:30")) == 1


async def test_after_downtime_what_matters_is_sent_merged_and_the_past_is_not(desk: Desk) -> None:
    await join(desk.database, "an", "thanh-tra-tinh")
    assert await desk.at("2021-11-30 07:30") == []
    [(_, text)] = await desk.at("2021-12-08 14:00")
    assert text.count("Còn 1 ngày") == 2
    assert text.count("Còn 23 ngày") == 1
    assert await desk.at("2021-12-08 14:01") == []
    async with desk.database.writing() as connection:
        [wishes] = await listeners.gathered(
            connection, await listeners.listening(connection, 0, 9), date(2021, 12, 8)
        )
    assert wishes.listener.covered == date(2021, 12, 8)


async def test_a_message_that_could_not_go_yesterday_is_merged_into_todays(desk: Desk) -> None:
    await join(desk.database, "an", "thanh-tra-tinh")
    desk.channel.failures = [ChannelDownError("away")]
    assert await desk.at("2021-12-08 07:30") == []
    desk.ticker = desk.another()
    [(_, text)] = await desk.at("2021-12-09 07:30")
    assert text.count("Hôm nay là hạn cuối") == 2
    assert "Còn" not in text
    assert await desk.states() == {"sent": 2, "skipped": 2}


async def test_what_was_done_meanwhile_is_not_sent(desk: Desk) -> None:
    await join(desk.database, "an", "thanh-tra-tinh")
    desk.channel.failures = [ChannelDownError("away")]
    await desk.at("2021-12-08 07:30")
    await desk.done("4e", "thanh-tra-tinh")
    desk.ticker = desk.another()
    [(_, text)] = await desk.at("2021-12-08 08:30")
    assert "II.4.e" not in text
    assert "III.6" in text


async def test_a_report_handed_in_is_no_longer_told_to_that_agency(desk: Desk) -> None:
    await join(desk.database, "an", "so-y-te")
    await join(desk.database, "binh", "so-cong-thuong")
    await desk.done("III6", "so-y-te", "2021-12-09")
    assert [chat for chat, _ in await desk.at("2021-12-08 07:30")] == ["binh"]


async def test_the_page_on_the_province_and_an_agencys_week_on_monday(desk: Desk) -> None:
    await join(desk.database, "lan", "", Role.LEADER)
    await join(desk.database, "an", "thanh-tra-tinh")
    await desk.done("4e", "thanh-tra-tinh")
    found = dict(await desk.at("2021-12-06 07:30"))
    assert "Hoàn thành đúng hạn: 1" in found["lan"]
    assert "Chưa hoàn thành, quá hạn: 1" in found["lan"]
    assert "Chưa ghi nhận báo cáo quý IV" in found["lan"]
    assert "Sở Lao động" in found["lan"]
    assert len(found["lan"]) <= 2000
    assert found["an"].startswith("Thanh tra tỉnh: tuần 06/12/2021")
    later = dict(await desk.at("2021-12-13 07:30"))
    assert "(so với tuần trước: " not in later["lan"]
    await desk.done("5g", "so-lao-dong-thuong-binh-va-xa-hoi")
    later = dict(await desk.at("2021-12-20 07:30"))
    assert "Hoàn thành đúng hạn: 2 (so với tuần trước: +1)" in later["lan"]


async def test_a_deputy_hears_instead_and_it_says_so(desk: Desk) -> None:
    an = await join(desk.database, "an", "thanh-tra-tinh")
    await join(desk.database, "binh", "so-y-te")
    await desk.at("2021-12-07 07:30")
    desk.channel.taken()
    async with desk.database.writing() as connection:
        away = await listeners.of_person(connection, an)
        deputy = (await listeners.listening(connection, 0, 9))[1]
        assert away
        absence = Absence(away.id, date(2021, 12, 8), date(2021, 12, 10), deputy.id)
        await absences.leave(connection, absence)
    [(chat, text)] = await desk.at("2021-12-08 07:30")
    assert chat == "binh"
    assert "II.4.e" in text
    assert "nhận thay an đang nghỉ" in text
    assert [chat for chat, _ in await desk.at("2021-12-17 07:30")] == ["an", "binh"]


async def test_on_leave_without_a_deputy_one_hears_all_when_back(desk: Desk) -> None:
    an = await join(desk.database, "an", "thanh-tra-tinh")
    await desk.at("2021-12-06 07:30")
    async with desk.database.writing() as connection:
        away = await listeners.of_person(connection, an)
        assert away
        await absences.leave(
            connection, Absence(away.id, date(2021, 12, 7), date(2021, 12, 9), None)
        )
    assert await desk.at("2021-12-08 07:30") == []
    assert await desk.at("2021-12-09 07:30") == []
    [(_, text)] = await desk.at("2021-12-10 07:30")
    assert text.count("Quá hạn 1 ngày") == 2


async def test_a_refusing_chat_is_left_alone_until_its_person_writes(desk: Desk) -> None:
    await join(desk.database, "an", "so-y-te")
    desk.channel.failures = [ChannelRefusedError("blocked")]
    assert await desk.at("2021-12-08 07:30") == []
    assert await desk.states() == {"failed": 1}
    assert await desk.at("2021-12-09 07:30") == []
    assert await desk.states() == {"failed": 1, "skipped": 1}
    async with desk.database.writing() as connection:
        await people.used(connection, "telegram", "an", None, local("2021-12-09 09:00"))
    assert len(await desk.at("2021-12-10 07:30")) == 1


async def test_a_refused_message_goes_by_the_persons_next_channel(desk: Desk) -> None:
    zalo = FakeChannel("zalo")
    await join(desk.database, "an", "so-y-te", channels=("zalo", "telegram"))
    async with desk.database.writing() as connection:
        await people.used(connection, "zalo", "an", None, local("2021-12-01 09:00"))
    zalo.failures = [ChannelRefusedError("blocked")]
    desk.ticker = desk.another(desk.channel, zalo)
    await desk.at("2021-12-08 07:30")
    await desk.ticker.tick()
    assert zalo.sent == []
    assert await desk.states() == {"failed": 1, "sent": 1}


async def test_a_guest_is_known_by_the_chat_and_heard_again_after_writing(desk: Desk) -> None:
    async with desk.database.writing() as connection:
        guest = await listeners.add(
            connection, covered=date(2021, 12, 7), channel="telegram", user="9", chat="9"
        )
        await subscriptions.subscribe(connection, guest.id, Subscription(Scope.TASK, f"{PLAN}/4e"))
        await refusals.refused(connection, "telegram", "9", "blocked", local("2021-12-07 09:00"))
    assert await desk.at("2021-12-08 07:30") == []
    async with desk.database.writing() as connection:
        await conversations.save(connection, "telegram", "9", "{}", local("2021-12-08 09:00"))
    [(chat, text)] = await desk.at("2021-12-09 07:30")
    assert chat == "9"
    assert "II.4.e" in text


async def test_429_is_obeyed(desk: Desk) -> None:
    await join(desk.database, "an", "so-y-te")
    await join(desk.database, "binh", "so-cong-thuong")
    desk.channel.failures = [ChannelQuotaError("slow down", 3600)]
    assert await desk.at("2021-12-08 07:30") == []
    assert await desk.at("2021-12-08 07:40") == []
    assert await desk.states() == {"due": 2}
    desk.ticker = desk.another()
    assert len(await desk.at("2021-12-08 08:40")) == 2


@pytest.mark.parametrize(
    "error", [ChannelDownError("cut", sent_unknown=True), RuntimeError("a fault of ours")]
)
async def test_what_may_have_arrived_is_sent_once_more_only(desk: Desk, error: Exception) -> None:
    await join(desk.database, "an", "so-y-te")
    desk.channel.failures = [error] * 9
    for _ in range(3):
        desk.ticker = desk.another()
        await desk.at("2021-12-08 07:30")
    assert await desk.states() == {"unknown": 1}
    assert desk.channel.failures == [error] * 7


async def test_a_bad_token_stops_the_channel_only(desk: Desk) -> None:
    await join(desk.database, "an", "so-y-te")
    desk.channel.failures = [ChannelAuthError("401")]
    assert await desk.at("2021-12-08 07:30") == []
    assert await desk.states() == {"due": 1}


@dataclass(slots=True)
class Usage:
    messages: int
    message_limit: int = 3000

    @property
    def messages_left(self) -> int:
        return self.message_limit - self.messages


class Counted(FakeChannel):
    used = 0

    async def usage(self) -> Usage:
        return Usage(self.used)


@pytest.mark.parametrize(("used", "chats"), [(2600, ["an", "lan"]), (2700, ["an"]), (3000, [])])
async def test_urgent_messages_go_first_where_the_month_runs_short(
    desk: Desk, used: int, chats: list[str]
) -> None:
    zalo = Counted("zalo")
    zalo.used = used
    desk.ticker = desk.another(zalo)
    await join(desk.database, "lan", "", Role.LEADER, channels=("zalo",))
    await join(desk.database, "an", "so-y-te", channels=("zalo",))
    await desk.at("2021-12-06 07:30")
    assert [chat for chat, _ in zalo.sent] == chats


async def test_a_notice_goes_at_once_at_any_hour_and_is_marked(desk: Desk) -> None:
    an = await join(desk.database, "an", "so-y-te")
    desk.clock.set("2021-12-11 23:15")
    body = {"key": "alerts.more", "places": {"count": 3}, "task": f"{PLAN}/5k",
            "choices": [["alerts.act.done", "up.done.1"]]}  # fmt: skip
    async with desk.database.writing() as connection:
        id = await notices.put(connection, an, body, 7, desk.clock.now())
    await desk.ticker.tick()
    [(chat, reply)] = desk.channel.sent
    desk.channel.sent.clear()
    assert chat == "an"
    assert reply.text == "Xem thêm 3 việc"
    assert [(c.label, c.action) for c in reply.choices] == [("Xong", "up.done.1")]
    async with desk.database.reading() as connection:
        assert await notices.unsent(connection) == ()
        [told] = await notices.of_entry(connection, 7)
    assert (told.id, told.sent) == (id, desk.clock.now())
    assert await desk.at("2021-12-11 23:16") == []


async def test_what_a_dead_process_was_sending_is_sent_again_once(desk: Desk) -> None:
    await join(desk.database, "an", "so-y-te")
    await join(desk.database, "binh", "so-cong-thuong")
    desk.clock.set("2021-12-08 07:30")
    await rounds.decide(desk.database, desk.library, desk.clock.now(), {"telegram"})
    memory = delivery.Memory()
    claimed = await delivery.claim(
        desk.database, desk.library, desk.clock.now(), {"telegram": 9}, 8, memory
    )
    Journal(desk.folder / "journal").begin(claimed[0].ids)
    assert await desk.at("2021-12-08 07:31") == []

    await desk.another().recover()
    assert await desk.states() == {"unknown": 1, "due": 1}
    assert len(await desk.at("2021-12-08 07:32")) == 2

    async with desk.database.writing() as connection:
        rows = await sentlog.logged(connection, claimed[0].listener)
    assert rows[0].attempts == 2


async def test_it_wakes_by_itself_and_stops(desk: Desk) -> None:
    await join(desk.database, "an", "so-y-te")
    desk.clock.set("2021-12-08 07:30")
    await desk.ticker.start()
    desk.ticker.wake()
    await asyncio.wait_for(desk.channel.came.wait(), 10)
    await desk.ticker.stop()
    assert len(desk.channel.sent) == 1
    assert await desk.states() == {"sent": 1}


def test_pace_keeps_to_the_rate_and_to_one_a_second_in_a_chat() -> None:
    pace = Pace(25)
    waits = [pace.wait(("telegram", str(n)), 0.0) for n in range(26)]
    assert waits[0] == 0
    assert waits[25] == pytest.approx(1.0)
    pace = Pace(25)
    assert [pace.wait(("telegram", "1"), 0.0) for _ in range(3)] == [0, 1, 2]


async def test_preview_tells_who_gets_what_and_sends_nothing(desk: Desk) -> None:
    await join(desk.database, "an", "thanh-tra-tinh")
    await join(desk.database, "binh", "so-y-te", channels=("console",))
    now = local("2021-12-08 12:00")
    async with desk.database.writing() as connection:
        found = [
            each async for each in previews.preview(connection, desk.library, now, {"telegram"})
        ]
    assert [each.name for each in found] == ["an", "binh"]
    assert {row.task for row in found[0].rows} == {f"{PLAN}/4e", f"{PLAN}/III6"}
    assert all(row.why == "lead:thanh-tra-tinh" for row in found[0].rows)
    assert [(row.state, row.reason) for row in found[1].rows] == [(State.SKIPPED, "no-channel")]
    assert await desk.states() == {}


def test_the_clock_of_the_helpers_is_local() -> None:
    assert local("2021-12-06 07:30").utcoffset() == timedelta(hours=7)
    assert LONG_AGO.tzinfo is not None

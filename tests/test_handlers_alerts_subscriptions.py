from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from bot.ticker import Pace, Ticker
from data.loading.library import load_library
from data.model import Role
from data.record import Status
from data.reminders import Scope
from data.search import TopicIndex
from data.store import notices, people, updates
from data.store.alerts import listeners, refusals, subscriptions
from data.store.database import Database
from data.store.work import Work
from handlers.alerts.subscriptions import Subscriptions
from handlers.messages import Message, Reply, ReplyKind
from handlers.understanding.recognise import Recogniser
from tests.alert_helpers import PLAN, FakeChannel, FakeClock, join, local

LIBRARY = load_library()
HANDLER = Subscriptions(
    LIBRARY, Recogniser(LIBRARY, TopicIndex(LIBRARY.tasks())), "https://dondoc.example"
)


@dataclass(slots=True)
class Chat:
    """A conversation with the handler of reminders, on the morning of 8 December 2021."""

    database: Database
    clock: FakeClock
    channel: FakeChannel

    async def say(
        self, user: str, text: str, press: str = "", shown: tuple[str, ...] = ()
    ) -> Reply | None:
        """What the handler says; None where it leaves the message to others."""
        async with Work(self.database) as work:
            person = await people.person(work, "telegram", user)
            message = Message("telegram", user, user, self.clock.now(), text=text, press=press)
            message = await HANDLER.translated(message, person, None, work)
            return await HANDLER.handle(message, person, shown, work)

    async def meant(
        self, user: str, text: str, press: str = "", since: datetime | None = None
    ) -> Message:
        """What a button or number of a reminder stands for."""
        async with Work(self.database) as work:
            person = await people.person(work, "telegram", user)
            message = Message("telegram", user, user, self.clock.now(), text=text, press=press)
            return await HANDLER.translated(message, person, since, work)

    async def tick(self, text: str) -> list[tuple[str, str]]:
        """What a tick at that time sends."""
        self.clock.set(text)
        ticker = Ticker(
            self.database, LIBRARY, [self.channel], self.clock.now, pace=Pace(10**6, 0.0)
        )
        await ticker.tick()
        return self.channel.taken()

    async def wishes(self, user: str) -> list[tuple[str, str, str, bool, tuple[int, ...]]]:
        """What is kept of somebody's wishes."""
        async with self.database.reading() as connection:
            person = await people.find(connection, "telegram", user)
            listener = (
                await listeners.of_person(connection, person.id)
                if person
                else await listeners.of_user(connection, "telegram", user)
            )
            found = await subscriptions.wishes_of(connection, listener.id) if listener else ()
        return [(s.scope.value, s.value, s.plan, s.wanted, s.leads) for s in found]


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    database = Database(f"sqlite:///{tmp_path}/dondoc.sqlite")
    await database.open()
    await join(database, "an", "so-y-te")
    yield Chat(database, FakeClock(local("2021-12-08 09:00")), FakeChannel())
    await database.close()


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("theo dõi 5k", (Scope.TASK, f"{PLAN}/5k", "", ())),
        ("theo doi 5K giup toi", (Scope.TASK, f"{PLAN}/5k", "", ())),
        ("tôi muốn theo dõi mục II.5.k", (Scope.TASK, f"{PLAN}/5k", "", ())),
        ("nhắc tôi việc của Sở Y tế trước 7 ngày", (Scope.AGENCY, "so-y-te", PLAN, (7,))),
        ("nhac toi viec cua so y te truoc 7 ngay", (Scope.AGENCY, "so-y-te", PLAN, (7,))),
        ("nhắc tôi việc của Sở Xây dựng trước 2 tuần", (Scope.AGENCY, "so-xay-dung", PLAN, (14,))),
        ("nhắc tôi 5k trước 10, 5 và 2 ngày", (Scope.TASK, f"{PLAN}/5k", "", (10, 5, 2))),
        ("theo dõi chủ đề viện phí", (Scope.TOPIC, "viện phí", PLAN, ())),
        ("theo dõi kế hoạch Bình Dương", (Scope.PLAN, "binh-duong-2019", "", ())),
        ("nhắc tôi báo cáo định kỳ của Sở Y tế", (Scope.REPORTS, "so-y-te", PLAN, ())),
    ],
)
async def test_follow_in_words(
    chat: Chat, text: str, wish: tuple[Scope, str, str, tuple[int, ...]]
) -> None:
    reply = await chat.say("an", text)
    assert reply
    assert reply.kind is ReplyKind.DONE, reply.text
    scope, value, plan, leads = wish
    assert await chat.wishes("an") == [(scope.value, value, plan, True, leads)]


@pytest.mark.parametrize(
    "text",
    [
        "Sở Y tế phụ trách việc gì?",
        "ai theo dõi chỉ số nộp thuế?",
        "cơ quan nào theo dõi 5k?",
        "theo dõi chỉ số này là sở nào",
        "hạn của 5k khi nào?",
        "5k xong",
        "Sở Y tế đã nộp báo cáo quý I chưa?",
        "ai chưa nộp báo cáo quý này",
        "xin chào",
        "2",
    ],
)
async def test_questions_and_updates_are_left_to_others(chat: Chat, text: str) -> None:
    assert await chat.say("an", text) is None


async def test_stop_mutes_what_the_role_brings_and_follow_takes_it_back(chat: Chat) -> None:
    assert await chat.say("an", "thôi nhắc III6")
    assert await chat.wishes("an") == [("task", f"{PLAN}/III6", "", False, ())]
    assert await chat.tick("2021-12-08 09:30") == []
    why = await chat.say("an", "vì sao tôi không nhận được nhắc việc?")
    assert why
    assert "anh/chị đã yêu cầu thôi nhắc III6" in why.text
    assert await chat.say("an", "theo dõi III6")
    assert len(await chat.tick("2021-12-09 07:30")) == 1


async def test_what_cannot_be_meant_is_said(chat: Chat) -> None:
    for text, words in (
        ("theo dõi câu cá", "Không có việc nào"),
        ("theo dõi việc này", "việc nào"),
        ("nhắc tôi lúc 23 giờ", "06:00"),
        ("lịch của Hội Nhà văn", ""),
    ):
        reply = await chat.say("an", text)
        if words:
            assert reply
            assert reply.kind is ReplyKind.REFUSAL
            assert words in reply.text


async def test_this_task_is_the_one_last_spoken_of(chat: Chat) -> None:
    assert await chat.say("an", "theo dõi việc này", shown=(f"{PLAN}/5k",))
    assert [w[1] for w in await chat.wishes("an")] == [f"{PLAN}/5k"]
    reply = await chat.say("an", "thôi nhắc", shown=(f"{PLAN}/5k", f"{PLAN}/4e"))
    assert reply
    assert reply.kind is ReplyKind.CHOICE
    assert await chat.say("an", "", press=reply.choices[1].action)
    assert ("task", f"{PLAN}/4e", "", False, ()) in await chat.wishes("an")


async def test_hour_and_days(chat: Chat) -> None:
    reply = await chat.say("an", "nhắc lúc 8 giờ")
    assert reply
    assert "08:00" in reply.text
    reply = await chat.say("an", "đừng nhắc tôi thứ bảy")
    assert reply
    assert "thứ Bảy" in reply.text
    await chat.say("an", "đừng nhắc tôi thứ năm")
    assert await chat.tick("2021-12-09 09:00") == []
    [(_, text)] = await chat.tick("2021-12-10 08:00")
    assert "Quá hạn 1 ngày" in text
    reply = await chat.say("an", "nhắc tôi cả thứ năm")
    assert reply
    assert "thứ Năm" not in reply.text


async def test_what_do_i_follow_with_a_button_for_each(chat: Chat) -> None:
    await chat.say("an", "theo dõi 5k")
    reply = await chat.say("an", "tôi đang theo dõi gì?")
    assert reply
    assert "Việc do Sở Y tế thực hiện" in reply.text
    assert "07:30" in reply.text
    assert await chat.say("an", "", press=reply.choices[0].action)
    assert await chat.wishes("an") == []
    again = await chat.say("an", "", press=reply.choices[0].action)
    assert again
    assert again.kind is ReplyKind.REFUSAL


async def test_a_guest_follows_public_dates(chat: Chat) -> None:
    reply = await chat.say("khach", "theo dõi 4e")
    assert reply
    assert "công khai" in reply.text
    sent = dict(await chat.tick("2021-12-09 07:30"))
    assert "Hôm nay là hạn cuối" in sent["khach"]
    assert await chat.say("khach", "thôi nhắc 4e")
    assert await chat.wishes("khach") == []


async def test_nobody_drops_the_wish_of_another(chat: Chat) -> None:
    await chat.say("an", "theo dõi 5k")
    listed = await chat.say("an", "tôi đang theo dõi gì?")
    assert listed
    reply = await chat.say("khach", "", press=listed.choices[0].action)
    assert reply
    assert reply.kind is ReplyKind.REFUSAL
    assert len(await chat.wishes("an")) == 1


async def test_the_deputy_is_the_other_one_or_is_asked_for(chat: Chat) -> None:
    alone = await chat.say("an", "tôi nghỉ đến thứ Sáu, chuyển cho cấp phó")
    assert alone
    assert "chưa có người khác" in alone.text
    await join(chat.database, "binh", "so-y-te")
    reply = await chat.say("an", "tôi nghỉ đến thứ Sáu, chuyển cho cấp phó")
    assert reply
    assert "08/12/2021 đến hết 10/12/2021" in reply.text
    assert "binh nhận nhắc việc thay" in reply.text
    sent = await chat.tick("2021-12-09 07:30")
    assert [who for who, _ in sent] == ["binh"]
    assert await chat.say("an", "tôi đã đi làm lại")
    await join(chat.database, "chi", "so-y-te")
    choice = await chat.say("an", "tôi nghỉ từ 13/12 đến 17/12, nhờ cấp phó")
    assert choice
    assert [c.label for c in choice.choices] == ["binh", "chi"]
    reply = await chat.say("an", "", press=choice.choices[1].action)
    assert reply
    assert "13/12/2021 đến hết 17/12/2021" in reply.text
    stranger = await chat.say("khach", "", press=choice.choices[1].action)
    assert stranger
    assert stranger.kind is ReplyKind.REFUSAL


async def test_a_report_handed_in_is_an_entry_of_the_record(chat: Chat) -> None:
    reply = await chat.say("an", "Sở Y tế đã nộp báo cáo quý IV, số 45/BC-SYT")
    assert reply
    assert reply.kind is ReplyKind.DONE
    assert "còn trong hạn" in reply.text
    async with chat.database.reading() as connection:
        [entry] = await updates.of_task(connection, PLAN, "III6")
        assert (await updates.prove(connection)).broken is None
    assert entry.fields["due"] == "2021-12-09"
    assert entry.fields["status"] == Status.DONE
    assert entry.documents == ("số 45/BC-SYT",)
    assert await chat.tick("2021-12-09 07:30") == []
    assert await chat.say("an", "Sở Y tế chưa nộp báo cáo quý IV")
    [(_, text)] = await chat.tick("2021-12-10 07:30")
    assert "Quá hạn 1 ngày" in text


async def test_only_the_agency_itself_or_the_coordinator_enters_a_report(chat: Chat) -> None:
    await join(chat.database, "lan", "so-ke-hoach-va-dau-tu", Role.COORDINATOR)
    text = "Sở Công Thương đã nộp báo cáo quý IV"
    for user in ("an", "khach"):
        reply = await chat.say(user, text)
        assert reply
        assert reply.kind is ReplyKind.REFUSAL
    reply = await chat.say("lan", text)
    assert reply
    assert reply.kind is ReplyKind.DONE


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("done", "xong III6"),
        ("part", "III6 70%"),
        ("extend", "xin gia hạn III6"),
        ("blocked", "III6 vướng mắc"),
        ("snooze", "nhắc lại III6 sau 3 ngày"),
        ("stop", "thôi nhắc III6"),
    ],
)
async def test_a_button_or_its_number_says_what_it_stands_for(
    chat: Chat, verb: str, words: str
) -> None:
    chat.clock.set("2021-12-08 07:30")
    ticker = Ticker(chat.database, LIBRARY, [chat.channel], chat.clock.now, pace=Pace(10**6, 0.0))
    await ticker.tick()
    [(_, reply)] = chat.channel.sent
    button = next(c for c in reply.choices if c.action.startswith(f"al.{verb}."))
    chat.clock.set("2021-12-08 08:30")
    pressed = await chat.meant("an", "", press=button.action)
    typed = await chat.meant("an", str(button.number))
    assert (pressed.text, pressed.press, pressed.plan) == (words, "", PLAN)
    assert typed == replace(pressed, text=words)
    stranger = await chat.meant("khach", "", press=button.action)
    assert stranger.press == button.action
    later = await chat.meant("an", str(button.number), since=local("2021-12-08 08:00"))
    assert later.text == str(button.number)
    async with Work(chat.database) as work:
        person = await people.person(work, "telegram", "an")
        message = Message("telegram", "an", "an", chat.clock.now(), text="xong")
        assert await HANDLER.reminded(message, person, None, work) == (f"{PLAN}/III6",)


async def test_a_task_of_several_and_what_did_not_fit(chat: Chat) -> None:
    await chat.say("an", "theo dõi kế hoạch Lạng Sơn")
    await chat.say("an", "nhắc tôi việc của Thanh tra tỉnh")
    [(_, text)] = await chat.tick("2021-12-09 07:30")
    assert "2 việc" in text
    card = await chat.meant("an", "2")
    reply = await chat.say("an", "", press=card.press)
    assert reply
    assert len(reply.tasks) == 1
    assert [c.action.split(".")[1] for c in reply.choices] == [
        "done", "part", "extend", "blocked", "snooze", "stop",
    ]  # fmt: skip
    rest = await chat.say("an", "3")
    assert rest
    assert rest.tasks


async def test_a_number_answers_a_notice(chat: Chat) -> None:
    body = {"key": "alerts.act.done", "choices": [["alerts.act.done", "up.done.1"]]}
    async with chat.database.writing() as connection:
        person = await people.find(connection, "telegram", "an")
        assert person
        await notices.put(connection, person.id, body, 1, chat.clock.now())
    await chat.tick("2021-12-07 05:00")
    assert (await chat.meant("an", "1")).press == "up.done.1"


async def test_remind_again_does_not_shift_the_series(chat: Chat) -> None:
    reply = await chat.say("an", "nhắc lại III6 sau 5 ngày")
    assert reply
    assert "13/12/2021" in reply.text
    assert len(await chat.tick("2021-12-09 07:30")) == 1
    await chat.tick("2021-12-10 07:30")
    [(_, text)] = await chat.tick("2021-12-13 07:30")
    assert "Quá hạn 4 ngày" in text
    [(_, text)] = await chat.tick("2021-12-17 07:30")
    assert "Quá hạn 8 ngày" in text


async def test_why_nothing_came(chat: Chat) -> None:
    nobody = await chat.say("khach", "vì sao tôi không nhận được nhắc việc?")
    assert nobody
    assert "theo dõi 5k" in nobody.text
    await chat.tick("2021-12-08 09:10")
    async with chat.database.writing() as connection:
        await refusals.refused(connection, "telegram", "an", "blocked", local("2021-12-08 10:00"))
    chat.clock.set("2021-12-08 11:00")
    reply = await chat.say("an", "tại sao tôi không nhận được nhắc việc")
    assert reply
    for words in ("từ chối nhận tin", "09:10 ngày 08/12/2021", "07:30 thứ Năm, 09/12/2021"):
        assert words in reply.text
    reply = await chat.say("an", "vì sao tôi không nhận được nhắc việc 5k?")
    assert reply
    assert "thường xuyên" in reply.text


async def test_nothing_is_promised_where_nothing_can_be_kept() -> None:
    message = Message("console", "1", "1", local("2021-12-08 09:00"), text="theo dõi 5k")
    reply = await HANDLER.handle(message, None, (), None)
    assert reply
    assert reply.kind is ReplyKind.REFUSAL
    question = replace(message, text="Sở Y tế phụ trách gì?")
    assert await HANDLER.handle(question, None, (), None) is None
    assert await HANDLER.translated(message, None, None, None) == message


async def test_the_calendar_comes_as_file_and_address_and_can_be_closed(chat: Chat) -> None:
    reply = await chat.say("an", "Lịch của Sở Y tế")
    assert reply
    [file] = reply.bubbles[0].files
    assert file.name == "lich-so-y-te.ics"
    assert b"BEGIN:VCALENDAR" in file.content
    assert "https://dondoc.example/calendar/" in reply.text
    await chat.say("an", "Tôi đóng lịch treo tường cho cả phòng, Sở Y tế có mốc nào")
    closed = await chat.say("an", "thu hồi lịch")
    assert closed
    assert "1 địa chỉ" in closed.text


async def test_guests_who_join_keep_their_wishes(chat: Chat) -> None:
    await chat.say("khach", "theo dõi 4e")
    await join(chat.database, "khach", "so-y-te")
    await chat.tick("2021-12-09 07:30")
    assert await chat.wishes("khach") == [("task", f"{PLAN}/4e", "", True, ())]
    async with chat.database.reading() as connection:
        everybody = await listeners.listening(connection, 0, 9)
    assert len(everybody) == 2
    assert all(listener.person for listener in everybody)

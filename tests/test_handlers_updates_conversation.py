"""The conversation: understood, repeated, stored with a yes, taken back."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from data.errors import StoreBusyError, StoreFullError
from data.record import Act
from data.store import people
from data.store.database import Database
from data.store.work import Work
from handlers.messages import Attachment, Message, Reply, ReplyKind
from handlers.updates.turns import RATE, Scene
from handlers.wording import catalogue, say
from tests.record_helpers import MORNING, PLAN, Brains, Town, brains, reopened, town

PHOTO = Attachment("anh.jpg", "image/jpeg", "var/evidence/ab", "ab" * 32)


@pytest.fixture(scope="module")
def known() -> Brains:
    return brains()


@pytest.fixture
async def place(tmp_path: Path, known: Brains) -> AsyncIterator[Town]:
    async with town(tmp_path, known) as built:
        yield built


def kinds(*replies: Reply) -> list[str]:
    return [reply.kind.value for reply in replies]


async def test_one_message_and_one_word_store_an_update(place: Town) -> None:
    asked = await place.heard("lan", "xong thanh toán viện phí, 100% bệnh viện, CV 123/SYT-VP")
    assert asked.kind is ReplyKind.CONFIRM
    assert "chưa thực hiện → hoàn thành" in asked.text
    assert "100% bệnh viện" in asked.text
    assert ": đạt" in asked.text
    assert "CV 123/SYT-VP" in asked.text
    assert [c.label for c in asked.choices] == ["Đúng", "Sửa", "Hủy"]
    assert [c.number for c in asked.choices] == [1, 2, 3]
    assert [t.ref for t in asked.tasks] == [f"{PLAN}/5k"]
    assert asked.statuses == {f"{PLAN}/5k": "not_started"}
    assert await place.entries() == ()
    stored = await place.heard("lan", "đúng")
    assert stored.kind is ReplyKind.DONE
    assert "Đã lưu" in stored.text
    assert stored.statuses == {f"{PLAN}/5k": "done"}
    (entry,) = await place.entries()
    assert (entry.name, entry.agency, entry.channel) == ("Hoàng Thị Lan", "so-y-te", "console")
    assert entry.words == "xong thanh toán viện phí, 100% bệnh viện, CV 123/SYT-VP"
    assert entry.documents == ("CV 123/SYT-VP",)
    assert entry.authority == "official:official-works-on-what-the-agency-carries"
    await place.proved()


@pytest.mark.parametrize("yes", ["đúng", "ok", "1", "Đúng rồi ạ", "dung"])
async def test_every_kind_of_yes_stores(place: Town, yes: str) -> None:
    await place.heard("lan", "5k 60%")
    assert (await place.heard("lan", yes)).kind is ReplyKind.DONE
    assert len(await place.entries()) == 1


async def test_the_button_stores_and_pressing_it_twice_stores_once(place: Town) -> None:
    await place.heard("lan", "5k 60%")
    action = place.action("lan", "Đúng")
    first = await place.heard("lan", press=action)
    second = await place.heard("lan", press=action)
    assert kinds(first, second) == ["done", "done"]
    assert "từ trước" in second.text
    assert len(await place.entries()) == 1


async def test_no_drops_it(place: Town) -> None:
    await place.heard("lan", "5k 60%")
    await place.heard("lan", "hủy")
    assert (await place.heard("lan", "đúng")).text == say("update.nothing_waiting")
    assert await place.entries() == ()


async def test_a_correction_amends_and_asks_again(place: Town) -> None:
    await place.heard("lan", "5k 60%")
    again = await place.heard("lan", "sửa 70%, CV 9/SYT")
    assert again.kind is ReplyKind.CONFIRM
    assert "70%" in again.text
    await place.heard("lan", "ok")
    (entry,) = await place.entries()
    assert (entry.fields["percent"], entry.documents) == (70, ("CV 9/SYT",))
    assert entry.words == "5k 60%\nsửa 70%, CV 9/SYT"


async def test_the_correcting_button_takes_the_next_message(place: Town) -> None:
    await place.heard("lan", "5k 60%")
    await place.heard("lan", press="Sửa")
    again = await place.heard("lan", "hoàn thành")
    assert "chưa thực hiện → hoàn thành" in again.text
    await place.heard("lan", "1")
    assert (await place.entries())[0].fields["status"] == "done"


async def test_a_bare_figure_corrects_what_waits(place: Town) -> None:
    await place.heard("lan", "5k 60%")
    again = await place.heard("lan", "65%")
    assert again.kind is ReplyKind.CONFIRM
    assert "65%" in again.text


async def test_what_waits_survives_a_restart(place: Town) -> None:
    await place.heard("lan", "5k 60%")
    after = reopened(place)
    assert (await after.heard("lan", "đúng")).kind is ReplyKind.DONE
    assert len(await place.entries()) == 1


async def test_what_waits_expires(place: Town) -> None:
    await place.heard("lan", "5k 60%")
    action = place.action("lan", "Đúng")
    place.later(minutes=31)
    late = await place.heard("lan", press=action)
    assert late.kind is ReplyKind.REFUSAL
    assert "gửi lại" in late.text
    assert await place.entries() == ()


async def test_a_late_yes_is_told_that_it_is_late(place: Town) -> None:
    await place.heard("lan", "5k 60%")
    place.later(minutes=31)
    assert (await place.heard("lan", "đúng")).kind is ReplyKind.REFUSAL
    assert (await place.heard("minh", "đúng")).text == say("update.nothing_waiting")


async def test_an_ok_to_another_answer_is_no_yes(place: Town) -> None:
    await place.heard("lan", "5k 60%")
    await place.heard("lan", "5k xong chưa?")
    assert await place.say("lan", "ok") is None
    assert await place.entries() == ()
    assert (await place.heard("lan", "đúng")).kind is ReplyKind.DONE


async def test_another_persons_yes_does_nothing(place: Town) -> None:
    await place.heard("lan", "5k 60%", chat="group")
    action = place.action("group", "Đúng")
    assert (await place.heard("minh", press=action, chat="group")).kind is ReplyKind.REFUSAL
    assert await place.entries() == ()
    assert (await place.heard("lan", press=action, chat="group")).kind is ReplyKind.DONE


async def test_the_later_of_two_officials_sees_the_earlier_first(place: Town) -> None:
    await place.heard("lan", "5k 60%")
    await place.heard("minh", "5k xong")
    await place.heard("minh", "đúng")
    shown = await place.heard("lan", "đúng")
    assert shown.kind is ReplyKind.CONFIRM
    assert "Nông Văn Minh" in shown.text
    assert "hoàn thành → đang thực hiện" in shown.text
    assert len(await place.entries()) == 1
    assert (await place.heard("lan", "đúng")).kind is ReplyKind.DONE
    assert [e.name for e in await place.entries()] == ["Nông Văn Minh", "Hoàng Thị Lan"]


async def test_undo_within_a_quarter_of_an_hour_leaves_both(place: Town) -> None:
    await place.heard("lan", "5k 40%")
    await place.heard("lan", "đúng")
    await place.heard("lan", "5k xong")
    await place.heard("lan", "đúng")
    place.later(minutes=14)
    undone = await place.heard("lan", "hoàn tác")
    assert undone.kind is ReplyKind.DONE
    assert undone.statuses == {f"{PLAN}/5k": "in_progress"}
    assert [e.act for e in await place.entries()] == [Act.UPDATE, Act.UPDATE, Act.UNDO]
    again = await place.heard("lan", "hoàn tác")
    assert again.kind is ReplyKind.REFUSAL
    history = await place.heard("lan", "lịch sử 5k")
    assert "(đã hoàn tác)" in history.text
    assert history.count == 3
    await place.proved()


async def test_undo_is_too_late_afterwards_and_nobody_elses(place: Town) -> None:
    await place.heard("lan", "5k 40%")
    await place.heard("lan", "đúng")
    assert (await place.heard("minh", "hoàn tác")).kind is ReplyKind.REFUSAL
    place.later(minutes=16)
    assert (await place.heard("lan", "hoàn tác")).kind is ReplyKind.REFUSAL
    assert len(await place.entries()) == 1


async def test_the_task_just_shown_is_meant_by_a_bare_word(place: Town) -> None:
    place.show("lan", "5k")
    asked = await place.heard("lan", "70%")
    assert [t.id for t in asked.tasks] == ["5k"]
    assert (await place.heard("lan", "ok")).kind is ReplyKind.DONE


async def test_several_tasks_shown_are_offered(place: Town) -> None:
    place.show("hoa", "2a3", "5g", "5k")
    asked = await place.heard("hoa", "xong rồi")
    assert asked.kind is ReplyKind.CHOICE
    assert [t.id for t in asked.tasks] == ["2a3", "5g"]
    chosen = await place.heard("hoa", "2")
    assert chosen.kind is ReplyKind.CONFIRM
    assert [t.id for t in chosen.tasks] == ["5g"]


async def test_two_tasks_that_fit_are_a_numbered_choice(place: Town) -> None:
    asked = await place.heard("xuan", "việc cấp phép xây dựng vướng: chờ Sở Tài chính duyệt")
    assert asked.kind is ReplyKind.CHOICE
    assert [t.id for t in asked.tasks] == ["1a3", "2b"]
    assert "1. " in asked.text
    confirm = await place.heard("xuan", "2")
    assert "Đang chờ: Sở Tài chính" in confirm.text
    await place.heard("xuan", "đúng")
    (entry,) = await place.entries()
    assert (entry.task, entry.fields["blocker"]) == ("2b", "so-tai-chinh")


async def test_no_task_named_and_one_of_the_own_proposes_it(place: Town) -> None:
    reply = await place.heard("lan", "70%")
    assert (reply.kind, [t.id for t in reply.tasks]) == (ReplyKind.CONFIRM, ["5k"])
    assert await place.entries() == ()


async def test_a_task_of_another_agency_is_refused_with_the_rule(place: Town) -> None:
    reply = await place.heard("xuan", "5k xong")
    assert reply.kind is ReplyKind.REFUSAL
    assert "Sở Y tế" in reply.text
    assert "Sở Xây dựng" in reply.text


async def test_a_guest_is_refused_and_nothing_is_kept(place: Town) -> None:
    assert (await place.heard("khach", "5k xong")).kind is ReplyKind.REFUSAL
    assert await place.say("khach", "thanh toán viện phí xong") is None
    assert await place.say("khach", "xong") is None
    assert await place.entries() == ()


async def test_rights_are_judged_again_at_the_yes(place: Town) -> None:
    await place.heard("lan", "5k xong")
    async with place.database.writing() as connection:
        lan = await people.find(connection, "console", "lan")
        assert lan is not None
        await people.end(connection, [m.id for m in lan.memberships], MORNING)
        await people.enrol(
            connection, lan.id, PLAN, "so-xay-dung", lan.memberships[0].role, MORNING
        )
    assert (await place.heard("lan", "đúng")).kind is ReplyKind.REFUSAL
    assert await place.entries() == ()


@pytest.mark.parametrize(
    "text", ["Mật: 5k xong", "5k xong (TỐI MẬT)", "tuyệt mật 5k 60%", "[MAT] 5k xong"]
)
async def test_secret_messages_are_not_kept(place: Town, text: str) -> None:
    assert (await place.heard("lan", text)).kind is ReplyKind.REFUSAL
    assert await place.entries() == ()
    assert await waiting_bodies(place.database) == []


async def waiting_bodies(database: Database) -> list[str]:
    from sqlalchemy import text

    async with database.reading() as connection:
        return list((await connection.execute(text("SELECT body FROM proposals"))).scalars())


@pytest.mark.parametrize("text", ["5k xong, đã bảo mật dữ liệu", "5k 60%, mật độ máy POS cao"])
async def test_compounds_are_no_marking(place: Town, text: str) -> None:
    assert (await place.heard("lan", text)).kind is ReplyKind.CONFIRM


async def test_whoever_goes_too_fast_waits(place: Town) -> None:
    for _ in range(RATE):
        assert (await place.heard("lan", "5k 60%")).kind is ReplyKind.CONFIRM
    assert (await place.heard("lan", "5k 60%")).kind is ReplyKind.REFUSAL
    assert (await place.heard("minh", "5k 60%")).kind is ReplyKind.CONFIRM
    place.later(minutes=6)
    assert (await place.heard("lan", "5k 60%")).kind is ReplyKind.CONFIRM


async def test_a_new_update_says_that_the_old_one_is_not_stored(place: Town) -> None:
    await place.heard("hoa", "5g 60%")
    reply = await place.heard("hoa", "2a3 xong")
    assert "5g" in reply.text
    assert "không được lưu" in reply.text


async def test_a_question_meanwhile_drops_nothing(place: Town) -> None:
    await place.heard("lan", "5k 60%")
    answer = await place.heard("lan", "5k xong chưa?")
    assert answer.kind is ReplyKind.ANSWER
    assert (await place.heard("lan", "đúng")).kind is ReplyKind.DONE


async def test_a_photo_is_evidence(place: Town) -> None:
    await place.heard("lan", "5k xong")
    again = await place.heard("lan", files=(PHOTO,))
    assert "anh.jpg" in again.text
    await place.heard("lan", "đúng")
    (entry,) = await place.entries()
    (proof,) = entry.evidence
    assert (proof.name, proof.sha256, proof.path) == ("anh.jpg", "ab" * 32, "var/evidence/ab")


async def test_a_photo_with_its_caption_is_one_update(place: Town) -> None:
    await place.heard("lan", "5k xong", files=(PHOTO,))
    await place.heard("lan", "đúng")
    assert len((await place.entries())[0].evidence) == 1


async def test_a_long_note_is_cut_and_said_so(place: Town) -> None:
    asked = await place.heard("lan", "5k vướng: " + "thiếu kinh phí, " * 700)
    assert "2.000 ký tự" in asked.text
    assert len(asked.text) < 2000
    await place.heard("lan", "đúng")
    assert len((await place.entries())[0].fields["note"]) <= 2000


async def test_a_report_is_for_its_quarter(place: Town) -> None:
    asked = await place.heard("lan", "đã báo cáo quý I, CV 45/SYT")
    assert "09/03/2021" in asked.text
    await place.heard("lan", "đúng")
    (entry,) = await place.entries()
    assert (entry.task, entry.fields["due"], entry.fields["for"]) == (
        "III6",
        "2021-03-09",
        "so-y-te",
    )


async def test_done_in_the_future_is_refused(place: Town) -> None:
    reply = await place.heard("lan", "5k đã hoàn thành ngày 5/6")
    assert reply.kind is ReplyKind.REFUSAL
    assert "05/06/2021" in reply.text


async def test_a_figure_is_held_against_the_target(place: Town) -> None:
    asked = await place.heard("lan", "5k đạt 60%")
    assert "chưa đạt" in asked.text
    assert "đang thực hiện" in asked.text


async def test_receipts_hold_what_was_reported_and_no_formula(place: Town) -> None:
    await place.heard("lan", "5k vướng: =HYPERLINK('x')")
    await place.heard("lan", "đúng")
    reply = await place.heard("lan", "biên nhận của tôi")
    (file,) = reply.bubbles[0].files
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert rows[1][3] == "5k"
    assert not any(cell.startswith("=") for cell in rows[1])


async def test_without_a_store_nothing_is_promised(place: Town, known: Brains) -> None:
    message = Message("console", "c", "lan", MORNING, "5k xong")
    said = await known.updates.handle(message, None, None, Scene())
    assert said is not None
    assert said.reply.kind is ReplyKind.REFUSAL


async def test_a_locked_database_loses_nothing(place: Town) -> None:
    await place.heard("lan", "5k 60%")
    impatient = Database(place.database._url.render_as_string(), wait=0.1)
    await impatient.open()
    hurried = replace(place, database=impatient)
    async with place.database.writing():
        with pytest.raises(StoreBusyError):
            await hurried.say("lan", "đúng")
    await impatient.close()
    assert await place.entries() == ()
    assert (await place.heard("lan", "đúng")).kind is ReplyKind.DONE


async def limited(place: Town, more: int) -> None:
    """Lets the file grow by so many pages only."""
    async with place.database.writing() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + more}")


async def stored_until_full(place: Town) -> int:
    """How many updates were stored before the disk was full."""
    for number in range(400):
        try:
            await place.heard("lan", f"5k vướng: lần {number} " + "thiếu kinh phí " * 100)
            await place.heard("lan", "đúng")
        except StoreFullError:
            return len(await place.entries())
        assert len(await place.entries()) == number + 1
        place.later(minutes=1)
    raise AssertionError("the disk never became full")


async def test_a_full_disk_loses_nothing(place: Town) -> None:
    await limited(place, 12)
    stored = await stored_until_full(place)
    assert len(await place.entries()) == stored
    await place.proved()
    await limited(place, 1000)
    await place.heard("lan", "5k xong")
    assert (await place.heard("lan", "đúng")).kind is ReplyKind.DONE
    assert len(await place.entries()) == stored + 1


async def test_many_at_once_all_get_in_and_the_chain_holds(place: Town) -> None:
    message = Message("console", "x", "lan", MORNING, "5k 10%")

    async def one(number: int) -> None:
        chat = f"chat{number}"
        mine = replace(message, chat=chat, channel="console")
        for text in (f"5k {number + 1}%", "đúng", "đúng", "đúng", "đúng", "đúng"):
            async with Work(place.database) as work:
                person = await people.person(work, "console", "lan")
                said = await place.brains.updates.handle(
                    replace(mine, text=text), person, work, Scene()
                )
            if said and said.reply.kind is ReplyKind.DONE:
                return

    await asyncio.gather(*(one(n) for n in range(5)))
    assert len(await place.entries()) >= 1
    await place.proved()


def test_every_sentence_of_updates_is_in_both_languages() -> None:
    vi, en = catalogue("vi"), catalogue("en")
    ours = ("update.", "status.", "notice.", "receipts.", "cli.verify", "cli.export")
    ids = {m.id for m in vi if isinstance(m.id, str) and m.id.startswith(ours)}
    assert ids
    assert not [id for id in ids if not (en.get(id) and en.get(id).string)]  # type: ignore[union-attr]
    assert say("update.button.yes") == "Đúng"


@pytest.mark.parametrize("text", ["5k 150%", "5k 999999999999999999%", "5k đạt 101% bệnh viện"])
async def test_a_share_of_more_than_a_whole_is_refused(place: Town, text: str) -> None:
    reply = await place.heard("lan", text)
    assert (reply.kind, "100%" in reply.text) == (ReplyKind.REFUSAL, True)
    await place.say("lan", "đúng")
    assert await place.entries() == ()


async def test_a_share_below_nothing_is_refused(place: Town) -> None:
    reply = await place.heard("lan", "5k -5%")
    assert reply.text == say("update.percent.negative")


async def test_a_correction_to_more_than_a_whole_leaves_what_waits(place: Town) -> None:
    await place.heard("lan", "5k 60%")
    assert (await place.heard("lan", "sửa 150%")).kind is ReplyKind.REFUSAL
    await place.heard("lan", "đúng")
    assert [e.fields["percent"] for e in await place.entries()] == [60]


@pytest.mark.parametrize("text", ["5k 50%, 4a2 30%", "5k 50%, 2b 30%"])
async def test_two_tasks_in_one_message_are_asked_for_one_by_one(place: Town, text: str) -> None:
    reply = await place.heard("lan", text)
    first, second = text.split()[0], text.split()[2]
    assert reply.text == say("update.task.one", ids=f"{first}, {second}")


async def test_a_period_that_has_not_begun_is_not_reported(place: Town) -> None:
    reply = await place.heard("lan", "đã nộp báo cáo quý IV")
    assert reply.text == say("update.period.future", day="01/10/2021")
    due = await place.heard("lan", "đã nộp báo cáo quý I")
    assert due.kind is ReplyKind.CONFIRM


async def test_a_report_of_the_year_is_no_other_task(place: Town) -> None:
    reply = await place.heard("lan", "đã nộp báo cáo năm")
    assert [t.id for t in reply.tasks] == ["III6"]


@pytest.mark.parametrize("words", ["ngày 32/13", "31/2"])
async def test_a_day_that_is_in_no_calendar_is_asked_for_again(place: Town, words: str) -> None:
    reply = await place.heard("lan", f"5k xong {words}")
    assert reply.text == say("update.date.faulty", words=words)
    assert await place.entries() == ()


async def test_a_task_named_behind_a_greeting_is_found(place: Town) -> None:
    reply = await place.heard("lan", "xong rồi em ơi, việc viện phí ấy")
    assert [t.id for t in reply.tasks] == ["5k"]
    assert reply.kind is ReplyKind.CONFIRM


@pytest.mark.parametrize("text", ["đúng", "sửa 70%", "hủy"])
async def test_an_answer_to_nothing_is_told_so(place: Town, text: str) -> None:
    assert (await place.heard("lan", text)).text == say("update.nothing_waiting")
    assert (await place.heard("khach", text)).text == say("update.guest")


async def test_taking_back_is_for_people_with_a_role(place: Town) -> None:
    assert (await place.heard("lan", "hoàn tác")).kind is ReplyKind.REFUSAL
    assert (await place.heard("khach", "hoàn tác")).text == say("update.guest")


async def test_a_change_that_is_no_figure_is_left_to_others(place: Town) -> None:
    assert await place.say("khach", "đổi sang kế hoạch Bình Dương") is None
    assert await place.say("khach", "so tai chinh") is None
    assert await place.say("lan", "đổi sang kế hoạch Bình Dương") is None


async def test_the_percentage_on_record_stands_before_the_new_one(place: Town) -> None:
    for text in ("5k 80%", "5k xong"):
        await place.heard("lan", text)
        await place.heard("lan", "đúng")
    await place.heard("ke", "xác nhận 5k")
    await place.heard("ke", "đúng")
    again = await place.heard("lan", "5k 20%")
    assert "80% → 20%" in again.text
    assert say("update.confirmed.before") in again.text

"""Confirming, returning, extending, blocking, pressing, and tasks of one's own."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path

import pytest

from data.record import Act
from data.store import notices, people
from data.store.notices import Notice
from handlers.messages import ReplyKind
from handlers.updates.workflow import notice_reply, task_buttons
from handlers.wording import say
from tests.record_helpers import PLAN, STAFF, ZONE, Brains, Town, brains, town


@pytest.fixture(scope="module")
def known() -> Brains:
    return brains()


@pytest.fixture
async def place(tmp_path: Path, known: Brains) -> AsyncIterator[Town]:
    async with town(tmp_path, known) as built:
        yield built


async def outbox(place: Town) -> list[tuple[str, str, Notice]]:
    """(who, key, notice) of everything that waits to be sent."""
    async with place.database.reading() as connection:
        waiting = await notices.unsent(connection)
        names = await people.names(connection, [n.person for n in waiting])
    return [(names[n.person], str(n.body["key"]), n) for n in waiting]


async def stored(place: Town, user: str, text: str) -> None:
    assert (await place.heard(user, text)).kind is ReplyKind.CONFIRM, text
    assert (await place.heard(user, "đúng")).kind is ReplyKind.DONE, text


async def delivered(place: Town) -> None:
    async with place.database.writing() as connection:
        for notice in await notices.unsent(connection):
            await notices.sent(connection, notice.id, place.now)


async def test_a_returned_result_counts_as_not_done_and_the_author_is_told(place: Town) -> None:
    await stored(place, "lan", "5k xong")
    await stored(place, "ke", "trả lại 5k: thiếu số liệu tuyến huyện")
    ((who, key, notice),) = await outbox(place)
    assert (who, key) == ("Hoàng Thị Lan", "notice.return")
    reply = notice_reply(notice, place.brains.library)
    assert "thiếu số liệu tuyến huyện" in reply.text
    assert [t.id for t in reply.tasks] == ["5k"]
    state = await place.heard("lan", "5k xong chưa?")
    assert state.statuses == {f"{PLAN}/5k": "returned"}
    await stored(place, "lan", "5k xong")
    state = await place.heard("lan", "5k xong chưa?")
    assert state.statuses == {f"{PLAN}/5k": "done"}


async def test_a_return_needs_a_reason_and_something_to_return(place: Town) -> None:
    assert (await place.heard("ke", "trả lại 5k: thiếu số liệu")).kind is ReplyKind.REFUSAL
    await stored(place, "lan", "5k xong")
    assert (await place.heard("ke", "trả lại 5k")).kind is ReplyKind.REFUSAL


async def test_an_agency_pressed_by_name_has_its_open_tasks_to_choose_from(place: Town) -> None:
    reply = await place.heard("chu", "đôn đốc Sở Y tế")
    assert reply.kind is ReplyKind.CHOICE
    assert "5k" in [t.id for t in reply.tasks]
    assert len(reply.choices) == 9
    label = next(c.label for c in reply.choices if "5k" in c.label)
    shown = await place.heard("chu", press=label)
    assert shown.kind is ReplyKind.CONFIRM
    assert "Cơ quan: Sở Y tế" in shown.text
    await place.heard("chu", "đúng")
    common = await place.heard("chu", "đôn đốc Sở Y tế")
    label = next(c.label for c in common.choices if "III6" in c.label)
    assert "Cơ quan: Sở Y tế" in (await place.heard("chu", press=label)).text
    assert (await place.heard("lan", "đôn đốc Sở Y tế")).kind is ReplyKind.REFUSAL


async def test_pressing_for_what_is_overdue_where_nothing_is(place: Town) -> None:
    reply = await place.heard("chu", "đôn đốc các việc quá hạn")
    assert reply.text == "Hiện không có việc nào quá hạn để đôn đốc."
    place.now = datetime(2021, 3, 10, 8, tzinfo=ZONE)
    reply = await place.heard("chu", "đôn đốc Sở Y tế các việc quá hạn")
    assert [t.id for t in reply.tasks] == ["III6"]


@pytest.mark.parametrize("text", ["trả lại 5k: thiếu", "xác nhận 5k", "đôn đốc 5k"])
async def test_an_official_may_not_do_the_coordinators_work(place: Town, text: str) -> None:
    await stored(place, "lan", "5k xong")
    assert (await place.heard("lan", text)).kind is ReplyKind.REFUSAL
    assert len(await place.entries()) == 1


async def test_the_coordinator_accepts_only_what_is_reported_done(place: Town) -> None:
    await stored(place, "lan", "5k 60%")
    assert (await place.heard("ke", "xác nhận 5k")).kind is ReplyKind.REFUSAL
    await stored(place, "lan", "5k xong")
    await stored(place, "ke", "xác nhận 5k")
    assert "công nhận" in (await place.heard("lan", "5k xong chưa?")).text


async def test_an_extension_is_asked_for_and_granted_by_button(place: Town) -> None:
    await stored(place, "hoa", "xin gia hạn 5g đến 31/1/2022 vì chưa có kinh phí")
    ((who, key, notice),) = await outbox(place)
    assert (who, key) == ("Đỗ Kế", "notice.extend")
    sent = notice_reply(notice, place.brains.library)
    assert [c.label for c in sent.choices] == ["Đồng ý", "Không đồng ý"]
    granted = await place.heard("ke", press=sent.choices[0].action)
    assert granted.kind is ReplyKind.DONE
    again = await place.heard("ke", press=sent.choices[0].action)
    assert again.kind is ReplyKind.REFUSAL
    state = await place.heard("hoa", "5g xong chưa?")
    assert "31/12/2021" in state.text
    assert "31/01/2022" in state.text
    assert "đã gia hạn 1 lần" in state.text
    assert state.dates == (date(2021, 12, 31),)
    assert ("Trần Hòa", "notice.grant") in [(w, k) for w, k, _ in await outbox(place)]


async def test_only_a_coordinator_may_press_the_button(place: Town) -> None:
    await stored(place, "hoa", "xin gia hạn 5g đến 31/1/2022 vì chưa có kinh phí")
    assert (await place.heard("lan", press="upd.grant.1")).kind is ReplyKind.REFUSAL
    assert (await place.heard("hoa", press="upd.grant.1")).kind is ReplyKind.REFUSAL
    assert (await place.heard("khach", press="upd.grant.1")).kind is ReplyKind.REFUSAL
    assert [e.act for e in await place.entries()] == [Act.EXTEND]


async def test_a_refusal_keeps_the_date(place: Town) -> None:
    await stored(place, "hoa", "xin gia hạn 5g đến 31/1/2022 vì chưa có kinh phí")
    await stored(place, "ke", "không đồng ý gia hạn 5g: đã chậm nhiều lần")
    assert "31/01/2022" not in (await place.heard("hoa", "5g xong chưa?")).text
    told = {(who, key) for who, key, _ in await outbox(place)}
    assert ("Trần Hòa", "notice.refuse") in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("xin gia hạn 5g đến 31/1/2022", "lý do"),
        ("xin gia hạn 5g vì chưa có kinh phí", "ngày"),
        ("xin gia hạn 5g đến 30/11 vì chưa có kinh phí", "phải sau"),
        ("xin gia hạn 2a3 đến 31/12 vì chưa có kinh phí", "thường xuyên"),
    ],
)
async def test_what_an_extension_lacks_is_said(place: Town, text: str, words: str) -> None:
    reply = await place.heard("hoa", text)
    assert reply.kind is ReplyKind.REFUSAL
    assert words in reply.text


async def test_the_blocking_agency_is_told(place: Town) -> None:
    await stored(place, "xuan", "2b vướng: chờ Sở Tài chính duyệt kinh phí")
    ((who, key, notice),) = await outbox(place)
    assert (who, key) == ("Vi Văn Tài", "notice.blocked")
    text = notice_reply(notice, place.brains.library).text
    assert "Sở Xây dựng" in text
    assert "chờ Sở Tài chính duyệt kinh phí" in text


async def test_what_is_taken_back_is_not_sent(place: Town) -> None:
    await stored(place, "xuan", "2b vướng: chờ Sở Tài chính duyệt kinh phí")
    await place.heard("xuan", "hoàn tác")
    assert await outbox(place) == []


async def test_pressing_reaches_the_agency_and_its_answer_is_seen(place: Town) -> None:
    await stored(place, "chu", "đôn đốc 5k")
    waiting = await outbox(place)
    assert {(who, key) for who, key, _ in waiting} == {
        ("Hoàng Thị Lan", "notice.press"),
        ("Nông Văn Minh", "notice.press"),
    }
    sent = notice_reply(waiting[0][2], place.brains.library)
    assert [c.label for c in sent.choices] == ["Xong", "Vướng mắc", "Đã nhận"]
    await delivered(place)
    seen = await place.heard("chu", "ai đã xem đôn đốc 5k")
    assert "Đã xem: chưa có ai" in seen.text
    await place.heard("minh", press=sent.choices[2].action)
    asked = await place.heard("lan", press=sent.choices[0].action)
    assert asked.kind is ReplyKind.CONFIRM
    await place.heard("lan", "đúng")
    seen = await place.heard("chu", "ai đã xem đôn đốc 5k")
    assert "Đã xem: Hoàng Thị Lan và Nông Văn Minh" in seen.text
    assert "Đã trả lời: Hoàng Thị Lan" in seen.text


async def test_the_button_vuong_mac_asks_what_blocks(place: Town) -> None:
    action = dict(task_buttons(f"{PLAN}/2b"))["Vướng mắc"]
    assert len(action.encode()) <= 64
    await place.heard("xuan", press=action)
    asked = await place.heard("xuan", "Sở Tài chính chưa cấp kinh phí")
    assert asked.kind is ReplyKind.CONFIRM
    assert "→ vướng mắc" in asked.text
    await place.heard("xuan", "đúng")
    (entry,) = await place.entries()
    assert entry.fields["note"] == "Sở Tài chính chưa cấp kinh phí"
    assert entry.fields["blocker"] == "so-tai-chinh"


def test_every_button_fits_the_messengers(known: Brains) -> None:
    for task in known.library.tasks():
        for _, action in task_buttons(task.ref):
            assert len(action.encode()) <= 64


async def test_an_agencys_own_task_stays_inside_it(place: Town) -> None:
    await stored(place, "lan", "thêm việc con 5k: lắp máy POS hạn 30/6 giao anh Nam")
    (made,) = await place.entries()
    assert made.fields == {
        "for": "so-y-te",
        "id": "5k-1",
        "text": "lắp máy POS",
        "until": "2021-06-30",
        "assignee": "anh Nam",
    }
    assert "lắp máy POS" in (await place.heard("minh", "việc con 5k")).text
    assert "lắp máy POS" not in (await place.heard("ke", "lịch sử 5k")).text
    assert (await place.heard("xuan", "5k-1 xong")).kind is ReplyKind.REFUSAL
    await stored(place, "minh", "5k-1 xong")
    assert "đã xong" in (await place.heard("lan", "việc con 5k")).text
    assert (
        "Việc riêng của cơ quan (không tính vào kế hoạch): 1, đã xong: 1"
        in (await place.heard("lan", "tiến độ của Sở Y tế")).text
    )
    total = await place.heard("ke", "tỷ lệ hoàn thành")
    assert "lắp máy" not in total.text
    assert (await place.heard("lan", "5k xong chưa?")).statuses == {f"{PLAN}/5k": "not_started"}


async def test_an_unknown_own_task_is_refused(place: Town) -> None:
    assert (await place.heard("lan", "5k-7 xong")).kind is ReplyKind.REFUSAL


async def test_a_co_operating_agency_comments_but_does_not_update(place: Town) -> None:
    library = place.brains.library
    task = next(t for t in library.plans[PLAN].tasks if t.coordinating and t.lead)
    partner = task.coordinating[0]
    async with place.database.writing() as connection:
        person = await people.add(connection, "Phối Hợp", place.now)
        await people.add_identity(connection, person, "console", "phoi", "phoi", place.now)
        from data.model import Role

        await people.enrol(connection, person, PLAN, partner, Role.OFFICIAL, place.now)
    assert (await place.heard("phoi", f"{task.id} xong")).kind is ReplyKind.REFUSAL
    await stored(place, "phoi", f"ghi chú {task.id}: cần họp liên ngành")
    (entry,) = await place.entries()
    assert (entry.act, entry.fields["note"]) == (Act.COMMENT, "cần họp liên ngành")


@pytest.mark.parametrize(
    "press",
    [
        "upd.", "upd.yes.", "upd.yes.x", "upd.yes.99999999", "upd.pick.1.x", "upd.pick.1.99",
        "upd.do.done.nowhere/5k", "upd.do.nothing.lang-son-2021/5k", "upd.undo.77",
        "upd.grant.0", "upd.grant.x", "upd.zzz", "upd.state.", "upd.do", "upd.fix.9", "upd.no.9",
    ],
)  # fmt: skip
async def test_a_forged_button_does_nothing(place: Town, press: str) -> None:
    reply = await place.heard("lan", press=press)
    assert reply.kind is ReplyKind.REFUSAL
    assert await place.entries() == ()


async def test_pressing_offers_no_percentage_and_says_that_it_was_sent(place: Town) -> None:
    asked = await place.heard("chu", "đôn đốc 5k")
    assert "70%" not in asked.text
    sent = await place.heard("chu", "đúng")
    assert say("update.press.sent", agency="Sở Y tế", count=2) in sent.text


async def test_pressing_an_agency_without_officials_says_so(place: Town) -> None:
    plan = place.brains.library.plans[PLAN]
    task = next(t for t in plan.tasks if t.lead and t.lead[0] not in {s[2] for s in STAFF})
    await place.heard("chu", f"đôn đốc {task.id}")
    sent = await place.heard("chu", "đúng")
    assert "chưa có cán bộ" in sent.text


def test_only_a_task_with_a_deadline_offers_an_extension() -> None:
    assert len(task_buttons("x/1")) == 3
    assert len(task_buttons("x/1", dated=False)) == 2

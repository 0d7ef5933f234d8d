"""Where things stand, in the ways in which officials ask."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from data.store import people
from data.store.work import Work
from handlers.messages import Bubble, Choice, Line, Message, Reply, ReplyKind
from tests.record_helpers import PLAN, ZONE, Brains, Town, brains, town


@pytest.fixture(scope="module")
def known() -> Brains:
    return brains()


@pytest.fixture
async def place(tmp_path: Path, known: Brains) -> AsyncIterator[Town]:
    async with town(tmp_path, known) as built:
        yield built


async def stored(place: Town, user: str, text: str) -> None:
    assert (await place.heard(user, text)).kind is ReplyKind.CONFIRM, text
    assert (await place.heard(user, "đúng")).kind is ReplyKind.DONE, text


def ids(reply: Reply) -> list[str]:
    return [task.id for task in reply.tasks]


async def test_progress_of_an_agency_has_the_four_counts(place: Town) -> None:
    reply = await place.heard("hoa", "tiến độ của Sở Lao động")
    for words in (
        "Hoàn thành đúng hạn: 0",
        "Hoàn thành quá hạn: 0",
        "Đang thực hiện trong hạn: 3",
        "Đang thực hiện quá hạn: 0",
        "Việc thường xuyên",
    ):
        assert words in reply.text
    assert {"5g", "2a3", "1b4", "III6"} <= set(ids(reply))
    await stored(place, "hoa", "5g xong")
    reply = await place.heard("ke", "tiến độ Sở LĐTBXH")
    assert "Hoàn thành đúng hạn: 1" in reply.text
    assert reply.statuses[f"{PLAN}/5g"] == "done"


@pytest.mark.parametrize(
    "text",
    ["tiến độ", "tiến độ kế hoạch", "tình hình thực hiện", "tien do ke hoach", "tiến độ chung"],
)
async def test_the_coordinator_sees_the_whole_plan(place: Town, text: str) -> None:
    reply = await place.heard("ke", text)
    assert reply.kind is ReplyKind.ANSWER
    assert reply.count == 65
    assert "Nhiệm vụ có thời hạn: 4" in reply.text


async def test_what_is_overdue(place: Town) -> None:
    place.now = datetime(2021, 3, 10, 8, tzinfo=ZONE)
    await stored(place, "lan", "đã báo cáo quý I")
    reply = await place.heard("ke", "việc nào quá hạn")
    assert ids(reply) == ["III6"]
    assert reply.count == 1
    place.now = datetime(2022, 1, 1, 8, tzinfo=ZONE)
    reply = await place.heard("ke", "việc nào quá hạn?")
    assert set(ids(reply)) == {"III6", "4a2", "4e", "5g"}
    mine = await place.heard("hoa", "tôi có việc nào quá hạn không?")
    assert "5g" in ids(mine)
    assert "4e" not in ids(mine)


async def test_an_extended_task_is_not_overdue_by_its_new_date(place: Town) -> None:
    await stored(place, "hoa", "xin gia hạn 5g đến 31/1/2022 vì chưa có kinh phí")
    await stored(place, "ke", "đồng ý gia hạn 5g")
    place.now = datetime(2022, 1, 1, 8, tzinfo=ZONE)
    assert "5g" not in ids(await place.heard("ke", "việc nào quá hạn"))
    reply = await place.heard("ke", "tỷ lệ hoàn thành")
    assert "Đang thực hiện quá hạn: 4" in reply.text
    assert "Tính theo hạn đã được gia hạn:" in reply.text
    assert "Đang thực hiện quá hạn: 3" in reply.text


@pytest.mark.parametrize(
    "text",
    [
        "ai chưa báo cáo quý này",
        "ai chưa báo cáo quý này?",
        "cơ quan nào chưa báo cáo quý I",
        "đơn vị nào chưa nộp báo cáo quý 1",
        "ai chua bao cao quy nay",
        "những ai chưa gửi báo cáo quý I/2021",
    ],
)
async def test_who_has_not_reported(place: Town, text: str) -> None:
    before = await place.heard("ke", text)
    await stored(place, "lan", "đã báo cáo quý I")
    after = await place.heard("ke", text)
    assert "so-y-te" in before.agencies
    assert set(before.agencies) - set(after.agencies) == {"so-y-te"}
    assert after.count == len(after.agencies)
    assert ids(after) == ["III6"]


async def test_who_has_not_reported_counts_whom_the_plan_names(place: Town) -> None:
    for user in ("ke", "chu"):
        reply = await place.heard(user, "ai chưa báo cáo quý này")
        known = place.brains.library.directory.agencies
        assert all(PLAN in known[key].plans for key in reply.agencies)
        assert {"so-y-te", "cuc-thue", "ubnd-cap-huyen"} <= set(reply.agencies)
        assert reply.text.count(";") < 10
        assert f"và {len(reply.agencies) - 10} cơ quan khác" in reply.text
        assert "UBND cấp huyện chưa báo cáo: 11/11" in reply.text


async def test_a_common_duty_is_judged_by_those_whom_the_plan_names(place: Town) -> None:
    await stored(place, "tai", "đã báo cáo quý I")
    shown = await place.heard("ke", "III6 đến đâu rồi")
    total = int(shown.text.split("Việc chung của ")[1].split()[0])
    waiting = await place.heard("ke", "ai chưa báo cáo quý này")
    assert waiting.count is not None
    assert total == waiting.count - 1 + 11 + 1
    assert "hoàn thành: 1 cơ quan" in shown.text


async def test_an_official_is_told_that_only_the_own_agency_is_meant(place: Town) -> None:
    reply = await place.heard("lan", "ai chưa báo cáo quý này")
    assert reply.agencies == ("so-y-te",)
    assert "chỉ gồm cơ quan của anh/chị" in reply.text


async def test_nothing_is_in_time_before_anything_is_finished(place: Town) -> None:
    reply = await place.heard("ke", "tỷ lệ hoàn thành")
    assert "Tỷ lệ hoàn thành: 0%" in reply.text
    assert "đúng hạn: 100%" not in reply.text
    await stored(place, "hoa", "5g xong")
    assert "tỷ lệ đúng hạn: 100%" in (await place.heard("ke", "tỷ lệ hoàn thành")).text


async def test_a_report_of_one_quarter_is_none_of_the_next(place: Town) -> None:
    await stored(place, "lan", "đã báo cáo quý I")
    assert "so-y-te" in (await place.heard("ke", "ai chưa báo cáo quý II")).agencies


async def test_an_official_asks_whether_the_own_report_is_in(place: Town) -> None:
    reply = await place.heard("lan", "đã báo cáo quý I chưa?")
    assert reply.statuses == {f"{PLAN}/III6": "not_started"}
    await stored(place, "lan", "đã báo cáo quý I")
    reply = await place.heard("lan", "đã báo cáo quý I chưa?")
    assert reply.statuses == {f"{PLAN}/III6": "done"}


async def test_the_rate_of_completion(place: Town) -> None:
    await stored(place, "hoa", "5g xong")
    reply = await place.heard("ke", "tỷ lệ hoàn thành")
    assert "Tỷ lệ hoàn thành: 25%" in reply.text
    assert "tỷ lệ đúng hạn: 100%" in reply.text
    each = await place.heard("ke", "tỷ lệ hoàn thành của từng cơ quan")
    assert "Sở Lao động - Thương binh và Xã hội: 1/3 việc hoàn thành" in each.text
    quarter = await place.heard("ke", "tỷ lệ hoàn thành quý I")
    assert "Nhiệm vụ có thời hạn: 1" in quarter.text


async def test_agencies_are_compared_one_a_line(place: Town) -> None:
    reply = await place.heard("ke", "so sánh tiến độ Sở Y tế và Bảo hiểm xã hội")
    assert reply.agencies == ("so-y-te", "bao-hiem-xa-hoi")
    assert len(reply.text.splitlines()) == 3
    assert reply.text.splitlines()[1].startswith("– Sở Y tế: ")
    denied = await place.heard("lan", "so sánh tiến độ Sở Y tế và Bảo hiểm xã hội")
    assert denied.kind is ReplyKind.REFUSAL


async def test_what_falls_due_in_a_quarter_summed_up(place: Town) -> None:
    reply = await place.heard("ke", "tổng hợp tiến độ quý 4")
    assert set(ids(reply)) == {"4e", "5g", "III6", "4a2"}


async def test_presses_that_nobody_read(place: Town) -> None:
    assert (await place.heard("chu", "ai chưa đọc đôn đốc")).count == 0
    await stored(place, "chu", "đôn đốc 5k")
    for user in ("chu", "ke", "lan"):
        reply = await place.heard(user, "ai chưa đọc đôn đốc?")
        assert ids(reply) == ["5k"]
        assert "Hoàng Thị Lan" in reply.text
    assert (await place.heard("xuan", "ai chưa đọc đôn đốc")).count == 0
    assert (await place.heard("khach", "ai chưa đọc đôn đốc")).kind is ReplyKind.REFUSAL


async def test_extensions_that_wait_for_a_decision(place: Town) -> None:
    await stored(place, "hoa", "xin gia hạn 5g đến 31/1/2022 vì chưa có kinh phí")
    for text in ("có đề nghị gia hạn nào không", "ai đang xin gia hạn?"):
        reply = await place.heard("ke", text)
        assert (ids(reply), reply.count) == (["5g"], 1)
        assert "31/01/2022" in reply.text
    assert (await place.heard("lan", "có đề nghị gia hạn nào không")).count == 0
    await stored(place, "ke", "đồng ý gia hạn 5g")
    assert (await place.heard("ke", "có đề nghị gia hạn nào không")).count == 0


async def test_a_long_list_goes_on_behind_a_button(place: Town) -> None:
    first = await place.heard("ke", "việc nào chưa xong")
    more = first.choices[-1]
    assert (len(first.choices), more.label) == (6, "Xem thêm (60 việc)")
    place.scenes.clear()
    place.labels.clear()
    after = await place.heard("ke", press=more.action)
    lines = [line for line in after.text.splitlines() if line[:2] in ("1.", "5.")]
    assert "Việc 6–10 trong 65" in after.text
    assert len(lines) == 2
    assert not set(first.text.splitlines()[2:]) & set(lines)
    for reply in (first, await place.heard("ke", "tiến độ Sở Lao động - Thương binh và Xã hội")):
        assert all(len(c.action.encode()) <= 64 for c in reply.choices)
        assert "Xem thêm" in reply.choices[-1].label


async def test_a_long_history_begins_with_its_latest_entries(place: Town) -> None:
    for percent in range(10, 22):
        place.later(minutes=10)
        await stored(place, "lan", f"5k {percent}%")
    shown = await place.heard("ke", "lịch sử 5k")
    assert shown.count == 12
    assert "21%" in shown.text
    assert "11%" not in shown.text
    earlier = await place.heard("ke", press=shown.choices[-1].action)
    assert "10%" in earlier.text
    assert "11%" in earlier.text
    assert "12%" not in earlier.text
    assert earlier.choices == ()


async def test_who_updated_last_and_the_history(place: Town) -> None:
    empty = await place.heard("ke", "ai cập nhật 5k lần cuối")
    assert "Chưa có ai" in empty.text
    await stored(place, "lan", "5k 60%")
    await stored(place, "minh", "5k 70%")
    last = await place.heard("ke", "ai cập nhật 5k lần cuối?")
    assert "Nông Văn Minh" in last.text
    assert "Hoàng Thị Lan" not in last.text
    history = await place.heard("ke", "lịch sử 5k")
    assert history.count == 2
    assert history.text.index("60%") < history.text.index("70%")


@pytest.mark.parametrize(
    "text",
    [
        "5k xong chưa?", "5k xong chua", "tiến độ 5k", "5k đến đâu rồi", "5k thế nào rồi",
        "thanh toán viện phí đến đâu rồi", "5k đang vướng không", "trạng thái 5k",
        "5k đã hoàn thành chưa", "việc thanh toán viện phí xong chưa",
    ],
)  # fmt: skip
async def test_where_one_task_stands(place: Town, text: str) -> None:
    await stored(place, "lan", "5k 60%")
    reply = await place.heard("lan", text)
    assert reply.kind is ReplyKind.ANSWER
    assert ids(reply) == ["5k"]
    assert reply.statuses == {f"{PLAN}/5k": "in_progress"}
    assert "60%" in reply.text
    assert [c.label for c in reply.choices] == ["Xong", "Vướng mắc"]
    assert len(await place.entries()) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("việc nào đang vướng", ["2b"]),
        ("việc nào bị vướng mắc?", ["2b"]),
        ("việc nào đã hoàn thành", ["5g"]),
        ("những việc nào đã xong", ["5g"]),
        ("việc nào đang thực hiện", ["5k"]),
        ("việc nào chờ công nhận", ["5g"]),
    ],
)
async def test_lists_by_status(place: Town, text: str, expected: list[str]) -> None:
    await stored(place, "xuan", "2b vướng: chờ Sở Tài chính duyệt")
    await stored(place, "hoa", "5g xong")
    await stored(place, "lan", "5k 60%")
    reply = await place.heard("ke", text)
    assert ids(reply) == expected
    assert reply.count == len(expected)


async def test_what_is_not_done_yet_without_diacritics(place: Town) -> None:
    reply = await place.heard("lan", "viec nao chua xong")
    assert "5k" in ids(reply)
    await stored(place, "lan", "5k xong")
    assert "5k" not in ids(await place.heard("lan", "viec nao chua xong"))


async def test_a_number_shows_the_task_of_that_line(place: Town) -> None:
    await place.heard("hoa", "việc nào chưa xong")
    shown = await place.heard("hoa", "1")
    assert len(shown.tasks) == 1
    assert "Trạng thái: chưa thực hiện" in shown.text


async def test_an_official_does_not_see_another_agency(place: Town) -> None:
    await stored(place, "lan", "5k 60%")
    for text in ("tiến độ của Sở Y tế", "lịch sử 5k", "5k xong chưa?", "tỷ lệ hoàn thành Sở Y tế"):
        reply = await place.heard("xuan", text)
        assert reply.kind is ReplyKind.REFUSAL, text
        assert "60%" not in reply.text
        assert reply.statuses == {}


async def test_an_officials_list_is_of_the_own_agency(place: Town) -> None:
    reply = await place.heard("xuan", "việc nào chưa xong")
    assert {"1a3", "2b"} <= set(ids(reply))
    assert "5k" not in ids(reply)


@pytest.mark.parametrize("text", ["lịch sử 5k", "tỷ lệ hoàn thành", "5k xong chưa?"])
async def test_a_guest_sees_no_status(place: Town, text: str) -> None:
    await stored(place, "lan", "5k 60%")
    reply = await place.heard("khach", text)
    assert reply.kind is ReplyKind.REFUSAL
    assert "60%" not in reply.text
    assert reply.statuses == {}


@pytest.mark.parametrize(
    "text",
    [
        "việc nào quá hạn", "Sở Y tế phụ trách gì?", "hạn 5k", "ai làm 5k", "chào bạn",
        "Cục Thuế còn việc gì chưa xong?", "báo cáo quý gửi ai", "5k", "thanh toán viện phí",
    ],
)  # fmt: skip
async def test_a_guests_questions_on_the_plan_are_left_to_the_plan(place: Town, text: str) -> None:
    assert await place.say("khach", text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Sở Y tế phụ trách gì?", "hạn 5k", "ai làm 5k", "chào bạn", "báo cáo quý gửi ai",
        "thanh toán viện phí", "Sở Xây dựng phối hợp với ai", "chỉ tiêu 5k là bao nhiêu",
        "xong việc này thì báo ai?", "quý III có việc gì đến hạn", "II.5.k nói gì",
    ],
)  # fmt: skip
async def test_an_officials_questions_on_the_plan_too(place: Town, text: str) -> None:
    assert await place.say("lan", text) is None
    assert await place.entries() == ()


async def beside(place: Town, user: str, *names: str) -> tuple[Reply, tuple[object, ...]]:
    """A plain answer on these tasks, with what the person may see and do beside it."""
    tasks = tuple(t for n in names if (t := place.brains.library.task(f"{PLAN}/{n}")))
    plain = Reply(ReplyKind.ANSWER, (Bubble((Line("x"),), ((Choice(1, "1", "1.1"),),)),), tasks)
    message = Message("console", user, user, place.now)
    async with Work(place.database) as work:
        person = await people.person(work, "console", user)
        return await place.brains.status.dressed(plain, [{"card": "x"}], message, person, work)


async def test_an_answer_from_the_plan_carries_the_state_for_those_who_may_see_it(
    place: Town,
) -> None:
    await stored(place, "lan", "5k 60%")
    reply, doings = await beside(place, "lan", "5k")
    assert reply.statuses == {f"{PLAN}/5k": "in_progress"}
    assert [(c.number, c.label) for c in reply.choices[1:]] == [
        (2, "Xong"),
        (3, "Vướng mắc"),
    ]
    assert len(doings) == 3
    reply, _ = await beside(place, "ke", "5k")
    assert reply.statuses == {f"{PLAN}/5k": "in_progress"}
    assert len(reply.choices) == 1
    for user in ("xuan", "khach"):
        reply, doings = await beside(place, user, "5k")
        assert (reply.statuses, reply.text, len(doings)) == ({}, "x", 1)
    several, _ = await beside(place, "lan", "5k", "III6", "2b")
    assert several.statuses == {f"{PLAN}/5k": "in_progress", f"{PLAN}/III6": "not_started"}


async def test_a_role_in_one_plan_opens_no_other(place: Town) -> None:
    for text in ("tiến độ Bình Dương", "việc nào quá hạn ở Bình Dương", "tỷ lệ hoàn thành"):
        reply = await place.say("ke", text, plan="binh-duong-2019")
        assert reply is None or not reply.statuses, text
    reply = await place.say("ke", "tiến độ Bình Dương")
    assert reply is None or all(t.plan == PLAN for t in reply.tasks)


async def test_a_number_keeps_the_agency_of_the_list(place: Town) -> None:
    await stored(place, "lan", "III6 đã nộp báo cáo quý I")
    listed = await place.heard("ke", "tiến độ của Sở Y tế")
    place_of = next(n for n, line in enumerate(listed.text.splitlines()) if "(III6)" in line)
    number = listed.text.splitlines()[place_of].partition(".")[0]
    shown = await place.heard("ke", number)
    assert "Cơ quan: Sở Y tế" in shown.text
    assert shown.statuses == {f"{PLAN}/III6": "done"}


@pytest.mark.parametrize(
    "text",
    [
        "Quý này phải xong việc gì?", "Việc nào phải xong trước tháng 12/2021?",
        "Sở Y tế được giao mấy việc riêng?", "Cuối quý I phải làm xong cái chi?",
        "Thức ăn chăn nuôi nhập khẩu mà vướng thì sở nào gỡ cho doanh nghiệp?",
    ],
)  # fmt: skip
async def test_what_must_be_done_is_asked_of_the_plan(place: Town, text: str) -> None:
    assert await place.say("lan", text) is None
    assert await place.say("ke", text) is None

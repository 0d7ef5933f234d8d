import asyncio
import logging
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import ZONE
from data.errors import StoreBusyError
from data.loading.library import Library, load_library
from data.model import Person, Role
from data.search import TopicIndex
from data.store import codes, people
from data.store.codes import Grant
from data.store.database import Database
from data.store.work import Work
from handlers.membership.door import Memberships
from handlers.membership.senders import NAME_LENGTH, named
from handlers.messages import Message, Reply, ReplyKind
from handlers.understanding.membership import Want, Wishes
from handlers.understanding.recognise import Recogniser

AT = datetime(2021, 3, 1, 8, tzinfo=ZONE)
LS, BD = "lang-son-2021", "binh-duong-2019"
CHANNELS = ("telegram", "zalo", "web", "console")


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="module")
def recogniser(library: Library) -> Recogniser:
    return Recogniser(library, TopicIndex(library.tasks()))


class Office:
    """Sends messages as the core does: each in a unit of work of its own."""

    def __init__(self, database: Database, handler: Memberships) -> None:
        self.database = database
        self.handler = handler
        self.now = AT

    async def person(self, user: str) -> Person | None:
        channel, _, name = user.partition(":")
        async with Work(self.database) as work:
            return await people.person(work, channel, name)

    async def send(self, user: str, text: str = "", **more: str) -> Reply | None:
        channel, _, id = user.partition(":")
        message = Message(channel, more.pop("chat", id), id, self.now, text, **more)  # type: ignore[arg-type]
        async with Work(self.database) as work:
            person = await people.person(work, channel, id)
            reply = await self.handler.handle(message, person, work)
            if person:
                await self.handler.met(message, person, work)
            return reply

    async def say(self, user: str, text: str, **more: str) -> Reply:
        reply = await self.send(user, text, **more)
        assert reply is not None, text
        return reply

    async def press(self, user: str, reply: Reply, label: str) -> Reply:
        action = next(c.action for c in reply.choices if label in c.label)
        return await self.say(user, "", press=action)

    async def add(
        self, user: str, role: Role, agency: str = "", plan: str = LS, name: str = ""
    ) -> None:
        channel, _, id = user.partition(":")
        async with self.database.writing() as connection:
            known = await people.find(connection, channel, id)
            who = known.id if known else await people.add(connection, name, AT)
            if not known:
                await people.add_identity(connection, who, channel, id, id, AT)
            await people.enrol(connection, who, plan, agency, role, AT)

    async def invitation(self, name: str = "", role: Role = Role.OFFICIAL) -> str:
        async with self.database.writing() as connection:
            grant = Grant(0, None, LS, "so-y-te", role, name)
            return codes.grouped(await codes.invite(connection, grant, self.now))

    async def posts(self, user: str) -> list[str]:
        person = await self.person(user)
        return [f"{m.role} {m.agency} {m.plan}" for m in person.memberships] if person else []


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables, to be copied: making them takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "dondoc.sqlite"

    async def make() -> None:
        database = Database(f"sqlite:///{path}")
        await database.open()
        await database.close()

    asyncio.run(make())
    return path


@pytest.fixture
async def office(
    tmp_path: Path, empty: Path, library: Library, recogniser: Recogniser
) -> AsyncIterator[Office]:
    shutil.copy(empty, tmp_path / "dondoc.sqlite")
    database = Database(f"sqlite:///{tmp_path}/dondoc.sqlite")
    await database.open()
    yield Office(database, Memberships(library, recogniser))
    await database.close()


def code_in(reply: Reply) -> str:
    found = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}|\b\d{3} \d{3}\b", reply.text)
    assert found, reply.text
    return found[0]


# ---- joining


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    "words", ["tham gia {}", "Mã {}", "ma moi {} ạ", "/start {}", "{}", "tham gia: “{}”."]
)
async def test_joining_by_code_on_every_channel(office: Office, channel: str, words: str) -> None:
    user = f"{channel}:77"
    reply = await office.say(user, words.format(await office.invitation()), name="Lò Thị Ước")
    assert reply.kind is ReplyKind.DONE
    assert "Sở Y tế" in reply.text
    assert await office.posts(user) == ["official so-y-te lang-son-2021"]
    person = await office.person(user)
    assert person
    assert person.name == "Lò Thị Ước"


async def test_deep_link_carries_the_code_without_dashes(office: Office) -> None:
    code = await office.invitation()
    await office.say("telegram:5", f"/start {code.replace('-', '')}")
    assert await office.posts("telegram:5")


async def test_code_joins_once(office: Office) -> None:
    code = await office.invitation()
    assert (await office.say("web:a", f"tham gia {code}")).kind is ReplyKind.DONE
    assert (await office.say("web:b", f"tham gia {code}")).kind is ReplyKind.REFUSAL
    assert await office.posts("web:b") == []


async def test_old_code_joins_nobody(office: Office) -> None:
    code = await office.invitation()
    office.now += timedelta(days=7)
    assert (await office.say("web:a", f"tham gia {code}")).kind is ReplyKind.REFUSAL
    assert await office.posts("web:a") == []


async def test_who_has_the_role_leaves_the_code_to_others(office: Office) -> None:
    await office.add("web:a", Role.OFFICIAL, "so-y-te")
    code = await office.invitation()
    assert (await office.say("web:a", f"tham gia {code}")).kind is ReplyKind.REFUSAL
    assert (await office.say("web:b", f"tham gia {code}")).kind is ReplyKind.DONE


async def test_five_wrong_codes_then_a_pause(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    good = await office.invitation()
    guesses = [f"tham gia WRNG-WRNG-WRN{n}" for n in range(2, 7)]
    with caplog.at_level(logging.WARNING):
        texts = [(await office.say("web:x", guess)).text for guess in guesses]
    assert ["còn 4" in texts[0], "còn 1" in texts[3], "15 phút" in texts[4]] == [True] * 3
    assert [r.getMessage() for r in caplog.records][-1].startswith("wrong code number 5")
    assert "WRNG" not in caplog.text
    assert (await office.say("web:x", f"tham gia {good}")).kind is ReplyKind.REFUSAL
    assert await office.posts("web:x") == []
    office.now += timedelta(minutes=15, seconds=1)
    assert (await office.say("web:x", f"tham gia {good}")).kind is ReplyKind.DONE


async def test_wrong_codes_of_one_do_not_stop_another(office: Office) -> None:
    for n in range(2, 9):
        await office.say("web:x", f"mã WRNG-WRNG-WRN{n}")
    assert (await office.say("web:y", f"mã {await office.invitation()}")).kind is ReplyKind.DONE


async def test_misshapen_code_is_no_guess(office: Office) -> None:
    for _ in range(7):
        assert "12 chữ và số" in (await office.say("web:x", "tham gia ABCD-EFG")).text
    assert (await office.say("web:x", f"mã {await office.invitation()}")).kind is ReplyKind.DONE


async def test_nobody_joins_as_a_group(office: Office) -> None:
    reply = await office.say("telegram:-100123", f"tham gia {await office.invitation()}")
    assert reply.kind is ReplyKind.REFUSAL
    assert await office.person("telegram:-100123") is None


async def test_name_of_the_invitation_comes_first(office: Office) -> None:
    await office.say("web:a", f"mã {await office.invitation('Trần Thị B')}", name="bé Bi <b>")
    person = await office.person("web:a")
    assert person
    assert person.name == "Trần Thị B"


async def test_who_joins_without_a_name_is_asked_for_it_once(office: Office) -> None:
    reply = await office.say("console:a", f"mã {await office.invitation()}")
    assert "tôi tên là" in reply.text
    await office.say("console:a", "tôi tên là Lò Văn Ước")
    assert "Lò Văn Ước" in (await office.say("console:a", "tên tôi là Nguyễn Văn A")).text
    person = await office.person("console:a")
    assert person
    assert person.name == "Lò Văn Ước"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Trần \n Thị\tB\x00 ", "Trần Thị B"),
        ("<b>B</b>\u202e", "<b>B</b>"),
        ("\ud800B", "B"),
        ("A" * 10_000, "A" * NAME_LENGTH),
        ("'; DROP TABLE people; --", "'; DROP TABLE people; --"),
    ],
    ids=["control", "markup", "surrogate", "long", "sql"],
)
def test_name_is_kept_as_one_short_line(typed: str, kept: str) -> None:
    assert named(typed) == kept


# ---- inviting


async def test_coordinator_invites_an_official_in_chat(office: Office) -> None:
    await office.add("telegram:1", Role.COORDINATOR, "so-ke-hoach-va-dau-tu")
    office.handler.inviting.telegram = "dondoc_bot"
    reply = await office.say("telegram:1", "tạo mã mời cho Sở Y tế")
    code = code_in(reply)
    assert f"https://t.me/dondoc_bot?start={code.replace('-', '')}" in reply.text
    assert f"tham gia {code}" in reply.text
    await office.say("zalo:9", f"tham gia {code}")
    assert await office.posts("zalo:9") == ["official so-y-te lang-son-2021"]


async def test_without_the_bots_name_only_the_words_are_given(office: Office) -> None:
    await office.add("telegram:1", Role.COORDINATOR, "so-ke-hoach-va-dau-tu")
    reply = await office.say("telegram:1", "mời Nguyễn Văn A làm cán bộ Sở Y tế")
    assert "t.me" not in reply.text
    await office.say("web:9", f"tham gia {code_in(reply)}")
    person = await office.person("web:9")
    assert person
    assert person.name == "Nguyễn Văn A"


async def test_plan_is_asked_for_where_several_fit(office: Office) -> None:
    for plan in (LS, BD):
        await office.add("zalo:1", Role.ADMIN, plan=plan)
    reply = await office.say("zalo:1", "mời lãnh đạo")
    assert reply.kind is ReplyKind.CHOICE
    assert all(len(c.action.encode()) <= 64 for c in reply.choices)
    made = await office.press("zalo:1", reply, "Bình Dương")
    await office.say("web:b", f"mã {code_in(made)}")
    assert await office.posts("web:b") == [f"leader  {BD}"]
    named_at_once = await office.say("zalo:1", "tạo mã mời cán bộ Sở Y tế Lạng Sơn")
    assert "Lạng Sơn 2021" in named_at_once.text


@pytest.mark.parametrize(
    ("role", "words", "allowed"),
    [
        (None, "tạo mã mời cán bộ Sở Y tế", False),
        (Role.OFFICIAL, "tạo mã mời cán bộ Sở Y tế", False),
        (Role.LEADER, "tạo mã mời cán bộ Sở Y tế", False),
        (Role.COORDINATOR, "tạo mã mời cán bộ Sở Y tế", True),
        (Role.COORDINATOR, "mời quản trị viên", False),
        (Role.COORDINATOR, "mời điều phối viên", False),
        (Role.ADMIN, "mời cán bộ Sở Y tế", True),
        (Role.ADMIN, "mời quản trị viên", True),
        (Role.ADMIN, "mời điều phối viên", True),
    ],
)
async def test_who_may_invite_whom(
    office: Office, role: Role | None, words: str, allowed: bool
) -> None:
    if role:
        await office.add("web:1", role, "so-ke-hoach-va-dau-tu")
    reply = await office.say("web:1", words)
    assert reply.kind is (ReplyKind.DONE if allowed else ReplyKind.REFUSAL)


async def test_pressed_invitation_is_judged_again(office: Office) -> None:
    for plan in (LS, BD):
        await office.add("web:1", Role.ADMIN, plan=plan)
    reply = await office.say("web:1", "mời quản trị viên")
    stranger = await office.press("web:2", reply, "Lạng Sơn")
    assert stranger.kind is ReplyKind.REFUSAL
    left = await office.say("web:1", "rời khỏi")
    await office.press("web:1", left, "tất cả")
    assert (await office.press("web:1", reply, "Lạng Sơn")).kind is ReplyKind.REFUSAL


@pytest.mark.parametrize("channel", ["telegram", "zalo"])
@pytest.mark.parametrize("words", ["tạo mã mời cán bộ Sở Y tế Lạng Sơn", "liên kết"])
async def test_secrets_are_not_said_in_a_group(office: Office, channel: str, words: str) -> None:
    await office.add(f"{channel}:1", Role.COORDINATOR, "so-ke-hoach-va-dau-tu")
    reply = await office.say(f"{channel}:1", words, chat="-500")
    assert reply.kind is ReplyKind.REFUSAL
    assert "nhắn riêng" in reply.text


# ---- leaving and handing over


async def test_leaving_ends_the_rights_at_once(office: Office) -> None:
    await office.add("web:1", Role.OFFICIAL, "so-y-te")
    asked = await office.say("web:1", "tôi muốn rời khỏi")
    assert asked.kind is ReplyKind.CONFIRM
    assert await office.posts("web:1")
    done = await office.press("web:1", asked, "Rời: ")
    assert done.kind is ReplyKind.DONE
    assert await office.posts("web:1") == []
    assert (await office.press("web:1", asked, "Rời: ")).kind is ReplyKind.REFUSAL


async def test_one_of_several_roles_can_be_left(office: Office) -> None:
    await office.add("web:1", Role.OFFICIAL, "so-y-te")
    await office.add("web:1", Role.OFFICIAL, "so-tu-phap")
    asked = await office.say("web:1", "rời khỏi Sở Tư pháp")
    await office.press("web:1", asked, "Sở Tư pháp")
    assert await office.posts("web:1") == ["official so-y-te lang-son-2021"]
    asked = await office.say("web:1", "rời khỏi")
    kept = await office.press("web:1", asked, "Không thay đổi")
    assert kept.kind is ReplyKind.ANSWER
    assert await office.posts("web:1") == ["official so-y-te lang-son-2021"]


async def test_role_of_another_cannot_be_left_by_pressing(office: Office) -> None:
    await office.add("web:1", Role.OFFICIAL, "so-y-te")
    await office.add("web:2", Role.OFFICIAL, "so-y-te")
    asked = await office.say("web:1", "rời khỏi")
    assert (await office.press("web:2", asked, "Rời: ")).kind is ReplyKind.REFUSAL
    assert await office.posts("web:1")
    assert await office.posts("web:2")


async def test_button_to_leave_grows_old(office: Office) -> None:
    await office.add("web:1", Role.OFFICIAL, "so-y-te")
    asked = await office.say("web:1", "rời khỏi")
    office.now += timedelta(minutes=16)
    assert (await office.press("web:1", asked, "Rời: ")).kind is ReplyKind.REFUSAL
    assert await office.posts("web:1")


async def test_handing_over_names_the_successor(office: Office) -> None:
    await office.add("web:1", Role.OFFICIAL, "so-y-te", name="Nguyễn Văn An")
    await office.add("web:2", Role.OFFICIAL, "so-y-te", name="Trần Thị Bình")
    await office.add("web:3", Role.OFFICIAL, "so-tu-phap", name="Lê Bình")
    asked = await office.say("web:1", "bàn giao cho Bình")
    assert asked.kind is ReplyKind.CONFIRM
    done = await office.press("web:1", asked, "Trần Thị Bình")
    assert "Trần Thị Bình" in done.text
    assert await office.posts("web:1") == []
    assert await office.posts("web:2") == ["official so-y-te lang-son-2021"]
    successor = await office.person("web:2")
    assert successor
    async with Work(office.database) as work, work.reading() as connection:
        from data.store.schema import memberships

        rows = (await connection.execute(memberships.select())).all()
    assert [row.successor for row in rows if row.ended] == [successor.id]


async def test_handing_over_needs_somebody_with_the_same_role(office: Office) -> None:
    await office.add("web:1", Role.OFFICIAL, "so-y-te", name="Nguyễn Văn An")
    await office.add("web:3", Role.OFFICIAL, "so-tu-phap", name="Lê Bình")
    assert (await office.say("web:1", "bàn giao cho Lê Bình")).kind is ReplyKind.REFUSAL
    assert (await office.say("web:1", "bàn giao cho Nguyễn Văn An")).kind is ReplyKind.REFUSAL
    assert await office.posts("web:1")


async def test_two_of_one_name_are_a_choice(office: Office) -> None:
    await office.add("web:1", Role.OFFICIAL, "so-y-te", name="An")
    for user in ("web:2", "web:3"):
        await office.add(user, Role.OFFICIAL, "so-y-te", name=f"{user[-1]} Bình")
    asked = await office.say("web:1", "bàn giao công việc cho Bình nhé")
    assert asked.kind is ReplyKind.CHOICE
    await office.press("web:1", asked, "3 Bình")
    assert await office.posts("web:1") == []


# ---- one person, several channels


async def test_linking_makes_two_channels_one_person(office: Office) -> None:
    await office.add("telegram:1", Role.OFFICIAL, "so-y-te", name="An")
    code = code_in(await office.say("telegram:1", "liên kết zalo"))
    assert (await office.say("zalo:z", f"liên kết {code}")).kind is ReplyKind.DONE
    assert await office.posts("zalo:z") == ["official so-y-te lang-son-2021"]
    one, other = await office.person("telegram:1"), await office.person("zalo:z")
    assert one == other
    again = await office.say("web:w", f"liên kết {code}")
    assert again.kind is ReplyKind.REFUSAL


async def test_linking_brings_together_what_two_persons_held(office: Office) -> None:
    await office.add("telegram:1", Role.OFFICIAL, "so-y-te", name="An")
    await office.add("zalo:z", Role.OFFICIAL, "so-tu-phap", name="An trên Zalo")
    code = code_in(await office.say("telegram:1", "liên kết"))
    await office.say("zalo:z", f"mã {code.replace(' ', '')}")
    assert await office.posts("telegram:1") == await office.posts("zalo:z")
    assert len(await office.posts("zalo:z")) == 2


async def test_guest_gets_no_linking_code(office: Office) -> None:
    assert (await office.say("web:1", "liên kết")).kind is ReplyKind.REFUSAL


async def test_linking_code_is_not_for_the_channel_that_made_it(office: Office) -> None:
    await office.add("telegram:1", Role.OFFICIAL, "so-y-te")
    code = code_in(await office.say("telegram:1", "liên kết"))
    assert (await office.say("telegram:1", f"liên kết {code}")).kind is ReplyKind.REFUSAL
    assert (await office.say("zalo:z", f"liên kết {code}")).kind is ReplyKind.DONE


async def test_linking_code_dies_after_five_wrong_guesses_of_many(office: Office) -> None:
    await office.add("telegram:1", Role.OFFICIAL, "so-y-te")
    code = code_in(await office.say("telegram:1", "liên kết")).replace(" ", "")
    other = "000000" if code != "000000" else "111111"
    for n in range(5):
        await office.say(f"web:{n}", f"liên kết {other}")
    assert (await office.say("zalo:z", f"liên kết {code}")).kind is ReplyKind.REFUSAL
    assert await office.person("zalo:z") is None


async def test_messages_go_where_the_person_wrote_last_or_chose(office: Office) -> None:
    await office.add("telegram:1", Role.OFFICIAL, "so-y-te")
    code = code_in(await office.say("telegram:1", "liên kết"))
    office.now += timedelta(minutes=1)
    await office.say("zalo:z", f"liên kết {code}")

    async def first() -> str:
        person = await office.person("zalo:z")
        return person.identities[0].channel if person else ""

    assert await first() == "zalo"
    office.now += timedelta(minutes=1)
    await office.send("telegram:1", "Sở Y tế phụ trách gì?")
    assert await first() == "telegram"
    await office.say("telegram:1", "nhắc tôi qua Zalo")
    assert await first() == "zalo"
    assert (await office.say("zalo:z", "nhắc tôi qua trang web")).kind is ReplyKind.REFUSAL
    await office.say("zalo:z", "bỏ chọn kênh")
    office.now += timedelta(minutes=1)
    await office.send("telegram:1", "cảm ơn")
    assert await first() == "telegram"


async def test_group_is_not_remembered_as_the_private_chat(office: Office) -> None:
    await office.add("telegram:1", Role.OFFICIAL, "so-y-te")
    await office.send("telegram:1", "tôi là ai", chat="-500")
    person = await office.person("telegram:1")
    assert person
    assert person.identities[0].used == AT
    assert person.identities[0].chat == "1"


async def test_store_that_fails_costs_no_answer(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.add("telegram:1", Role.OFFICIAL, "so-y-te")

    async def busy(self: Work) -> None:
        raise StoreBusyError("locked")

    monkeypatch.setattr(Work, "begin", busy)
    assert await office.send("telegram:1", "Sở Y tế phụ trách gì?") is None


# ---- who am I


async def test_who_am_i(office: Office) -> None:
    guest = await office.say("zalo:z1", "Tôi là ai?")
    assert "khách" in guest.text
    assert "z1" in guest.text
    await office.add("zalo:z1", Role.OFFICIAL, "so-y-te", name="Trần Thị B")
    await office.add("zalo:z1", Role.LEADER, plan=BD)
    known = await office.say("zalo:z1", "toi la ai")
    for words in ("Trần Thị B", "Sở Y tế, Kế hoạch Lạng Sơn 2021", "lãnh đạo", "Zalo"):
        assert words in known.text
    in_group = await office.say("zalo:z1", "tôi là ai", chat="g")
    assert "z1" not in in_group.text


async def test_without_a_store_it_says_so(office: Office) -> None:
    message = Message("web", "c", "w", AT, "tham gia ABCD-EFGH-JKLM")
    reply = await office.handler.handle(message, None, None)
    assert reply
    assert reply.kind is ReplyKind.REFUSAL
    assert await office.handler.handle(replace(message, text="xin chào"), None, None) is None


@pytest.mark.parametrize("press", ["1.2", "upd.ok", "mem.", "mem.nothing.1", "member"])
async def test_buttons_of_others_are_left_alone(office: Office, press: str) -> None:
    assert await office.send("web:1", "", press=press) is None


@pytest.mark.parametrize(
    "press",
    [
        "mem.leave",
        "mem.leave.all.zz",
        "mem.leave.1.ffffffffffffffffffff",
        "mem.hand.x.1",
        "mem.hand.999999999999999999999.60",
        "mem.inv.boss.1.2",
        "mem.inv.admin.1.2",
    ],
)
async def test_forged_button_does_nothing(office: Office, press: str) -> None:
    await office.add("web:1", Role.OFFICIAL, "so-y-te")
    assert (await office.say("web:1", "", press=press)).kind is ReplyKind.REFUSAL
    assert await office.posts("web:1")


# ---- what is of this kind, and what is a question


@pytest.fixture(scope="module")
def wishes() -> Wishes:
    return Wishes()


@pytest.mark.parametrize(
    ("text", "want", "rest"),
    [
        ("tham gia ABCD-EFGH-JKLM", Want.JOIN, "ABCD-EFGH-JKLM"),
        ("THAM GIA abcd efgh jklm", Want.JOIN, "abcd efgh jklm"),
        ("nhập mã mời ABCDEFGHJKLM nhé", Want.JOIN, "ABCDEFGHJKLM"),
        ("mã 123456", Want.JOIN, "123456"),
        ("liên kết 123 456", Want.JOIN, "123 456"),
        ("/start@dondoc_bot ABCDEFGHJKLM", Want.JOIN, "ABCDEFGHJKLM"),
        ("lien ket zalo", Want.LINK, ""),
        ("cho tôi mã liên kết ạ", Want.LINK, ""),
        ("tôi có quyền gì?", Want.WHO, ""),
        ("xin rời khỏi Sở Y tế", Want.LEAVE, "Sở Y tế"),
        ("tôi chuyển công tác rồi", Want.LEAVE, ""),
        ("ban giao cho Tran Thi B", Want.HANDOVER, "Tran Thi B"),
        ("mời cán bộ Sở Y tế", Want.INVITE, "cán bộ Sở Y tế"),
        ("tạo mã mời Sở Y tế", Want.INVITE, "Sở Y tế"),
        ("nhắc tôi qua telegram", Want.CHOOSE, "telegram"),
        ("nhắn cho tôi qua trang web nhé", Want.CHOOSE, "web"),
        ("bỏ chọn kênh", Want.UNCHOOSE, ""),
        ("họ tên: Lò Văn Ước", Want.NAME, "Lò Văn Ước"),
    ],
)
def test_wishes_are_understood(wishes: Wishes, text: str, want: Want, rest: str) -> None:
    wish = wishes.read(text)
    assert wish
    assert (wish.want, wish.rest, wish.sound) == (want, rest, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/start",
        "Sở Y tế tham gia việc gì?",
        "tham gia",
        "tham gia thị trường thế giới là việc của ai?",
        "mã QR do ai phụ trách",
        "mã số thuế",
        "liên kết vùng do ai phụ trách?",
        "rời",
        "mới nhất có gì",
        "moi nhat co gi",
        "môi trường kinh doanh",
        "mời thầu qua mạng do ai chủ trì",
        "mời lãnh đạo Ngân hàng Nhà nước tỉnh dự họp thì hỏi họ về việc gì",
        "bàn giao",
        "bàn giao đất cho doanh nghiệp",
        "nhắc tôi việc của Sở Y tế trước 7 ngày",
        "tôi tên là <script>alert(1)</script>",
        "tôi là cán bộ Sở Y tế, tôi phụ trách gì?",
        "xong 5k",
        "123456",
        "tham gia " + "A" * 10_000,
    ],
)
def test_questions_and_updates_are_left_to_others(wishes: Wishes, text: str) -> None:
    assert wishes.read(text) is None


@pytest.mark.parametrize(
    "text", ["rời khỏi thị trường", "bàn giao cho ai", "bàn giao cho huyện nào", "mã mời thầu"]
)
async def test_words_that_lead_nowhere_are_left_to_others(office: Office, text: str) -> None:
    await office.add("web:1", Role.OFFICIAL, "so-y-te")
    assert await office.send("web:1", text) is None

"""One conversation on every channel: the same replies, each within its channel's limits."""

import asyncio
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.core import Router as Talker
from data.loading.library import load_library
from data.model import Role
from data.record import Act
from data.store import codes, updates
from handlers.router import Router
from handlers.wording import say
from tests.talks import CHANNELS, Heard, House, Talk, TelegramTalk, ZaloTalk, fits, opened

PLAN = "lang-son-2021"
JPEG = b"\xff\xd8\xff\xe0" + b"anh" * 50


@dataclass(frozen=True, slots=True)
class Turn:
    """What the person does, and what kind of reply it gets.

    `text` is typed; `choose` is part of a choice, whose number is typed or whose button is
    pressed. `elsewhere` is typed on a second channel. {code} stands for an invitation, {link}
    for the linking code of an earlier reply. `words` stand in the reply.
    """

    kind: str
    words: str
    text: str = ""
    choose: str = ""
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What the whole script brought: the replies, and what was entered."""

    heard: list[Heard]
    entries: list[tuple[object, ...]]


def typed(text: str, kind: str, words: str) -> Turn:
    return Turn(kind, words, text=text)


def chosen(label: str, kind: str, words: str) -> Turn:
    return Turn(kind, words, choose=label)


def elsewhere(text: str, kind: str, words: str) -> Turn:
    return Turn(kind, words, elsewhere=text)


SCRIPT = (
    typed("xin chào", "answer", "Đôn Đốc"),
    typed("Sở Y tế Lạng Sơn phụ trách gì?", "answer", "(II.5.k)"),
    chosen("1", "answer", "Nguồn: Kế hoạch Lạng Sơn 2021"),
    typed("Sở Công Thương phụ trách gì?", "answer", "3 việc riêng"),
    chosen("Xem thêm", "answer", "(II.1.a.6)"),
    typed("còn Sở Xây dựng thì sao?", "answer", "Sở Xây dựng chủ trì"),
    typed("thanh tra làm gì?", "choice", "có thể là nhiều cơ quan"),
    chosen("Thanh tra tỉnh", "answer", "Thanh tra tỉnh"),
    typed("thời tiết hôm nay thế nào?", "refusal", "nằm ngoài kế hoạch"),
    chosen("1", "answer", "việc"),
    typed("việc 5k", "answer", "Thanh toán viện phí"),
    chosen("Trích nguyên văn", "answer", "tiết kiệm thời gian khám chữa bệnh"),
    typed("trích nguyên văn mục II.5 kế hoạch Lạng Sơn", "answer", "(mã 5a1)"),
    chosen("Xem thêm", "answer", "(mã 5d)"),
    typed("tham gia ABCD-EFGH-JKLM", "refusal", "4 lần thử"),
    typed("tham gia {code}", "done", "Sở Y tế"),
    typed("xong thanh toán viện phí, 100% bệnh viện, CV 123/SYT-VP", "confirm", "→ hoàn thành"),
    chosen("Đúng", "done", "Đã lưu"),
    typed("việc 5k", "answer", "(5k): hoàn thành"),
    typed("hoàn tác", "done", "Đã hoàn tác mục 1"),
    typed("5k 60%", "confirm", "60%"),
    chosen("Sửa", "confirm", "cần sửa"),
    typed("70%, còn vướng kinh phí", "confirm", "70%"),
    typed("đúng", "done", "Đã lưu"),
    typed("5k 80%", "confirm", "70% → 80%"),
    chosen("Hủy", "answer", "Đã bỏ"),
    typed("liên kết", "done", "Mã liên kết"),
    elsewhere("liên kết {link}", "done", "Đã liên kết"),
    elsewhere("việc 5k", "answer", "(5k): vướng mắc"),
)


@pytest.fixture(scope="module")
def router() -> Talker:
    return Router(load_library())


async def _invited(house: House) -> str:
    grant = codes.Grant(0, None, PLAN, "so-y-te", Role.OFFICIAL, "Hoàng Thị Lan")
    async with house.database.writing() as connection:
        return codes.grouped(await codes.invite(connection, grant, house.clock.now()))


async def conversation(house: House, name: str, *, pressed: bool) -> list[Heard]:
    """The script on one channel; its second channel is the next one."""
    talk: Talk = await house.talk(name)
    second: Talk = await house.talk(CHANNELS[(CHANNELS.index(name) + 1) % len(CHANNELS)])
    said = {"code": await _invited(house), "link": ""}
    heard: list[Heard] = []
    for turn in SCRIPT:
        reply = await _taken(turn, talk, second, said, heard[-1] if heard else None, pressed)
        on = second if turn.elsewhere else talk
        assert all(fits(text, on.limit) for text in reply.texts if text), turn
        if found := re.search(r"\b(\d{3}) (\d{3})\b", " ".join(reply.lines)):
            said["link"] = found[1] + found[2]
        heard.append(reply)
    return heard


async def _taken(
    turn: Turn, talk: Talk, second: Talk, said: dict[str, str], last: Heard | None, pressed: bool
) -> Heard:
    if turn.elsewhere:
        return await second.say(turn.elsewhere.format(**said))
    if not turn.choose:
        return await talk.say(turn.text.format(**said))
    assert last is not None
    number = last.number(turn.choose)
    return await (talk.press(number) if pressed else talk.say(str(number)))


def plain(heard: Heard) -> tuple[str, dict[int, str]]:
    """What was said, whichever channel said it: words, and what can be chosen by which number."""
    words = " ".join(heard.lines)
    for pattern, place in ((r"\b\d{3} ?\d{3}\b", "<mã>"), *_NAMES):
        words = re.sub(pattern, place, words)
    return words, heard.choices


async def record(house: House) -> list[tuple[object, ...]]:
    """What the conversation entered, less the channel's name."""
    async with house.database.reading() as connection:
        found = await updates.of_plans(connection, [PLAN])
    return [(e.act, e.task, e.at, e.name, e.agency, e.words, dict(e.fields)) for e in found]


_NAMES = tuple((re.escape(say(f"channel.{name}")), "<kênh>") for name in CHANNELS)


@pytest.fixture(scope="module")
def expected(router: Talker, tmp_path_factory: pytest.TempPathFactory) -> Held:
    """The conversation in the terminal, everything typed."""
    return asyncio.run(held(router, tmp_path_factory.mktemp("console") / "house", "console"))


async def held(router: Talker, folder: Path, name: str, *, pressed: bool = False) -> Held:
    """The conversation in a house of its own."""
    async with opened(router, folder) as house:
        return Held(await conversation(house, name, pressed=pressed), await record(house))


def test_each_turn_gets_what_it_asks_for(expected: Held) -> None:
    for turn, reply in zip(SCRIPT, expected.heard, strict=True):
        assert turn.words in "\n".join(reply.texts), (turn, reply)
        if not turn.elsewhere:
            assert reply.kind == turn.kind, (turn, reply)
    longest = max(len("\n".join(reply.texts)) for reply in expected.heard)
    assert longest > 1900, "no reply that Zalo must split"
    acts = [entry[0] for entry in expected.entries]
    assert acts == [Act.UPDATE, Act.UNDO, Act.UPDATE]


@pytest.mark.parametrize(
    ("name", "pressed"),
    [
        ("console", True),
        ("web", False),
        ("web", True),
        ("telegram", False),
        ("telegram", True),
        ("zalo", False),
    ],
)
async def test_every_channel_says_and_stores_the_same(
    router: Talker,
    expected: Held,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    pressed: bool,
) -> None:
    monkeypatch.setattr("bot.channels.telegram.transport.Pace.wait", lambda *_: 0.0)
    ours = await held(router, tmp_path / "house", name, pressed=pressed)
    for turn, there, here in zip(SCRIPT, expected.heard, ours.heard, strict=True):
        assert plain(here) == plain(there), turn
    assert ours.entries == expected.entries


@pytest.mark.parametrize("name", ["telegram", "zalo"])
async def test_a_photo_is_the_evidence_of_the_update_that_it_came_with(
    router: Talker, tmp_path: Path, name: str
) -> None:
    async with opened(router, tmp_path / name) as house:
        talk: TelegramTalk | ZaloTalk = await house.talk(name)
        await talk.say(f"tham gia {await _invited(house)}")
        asked = await talk.send(JPEG, "5k 60%")
        assert any(".jpg" in line for line in asked.lines), asked
        refused = await talk.refused(b"MZ a program", "5k 70%")
        assert refused.texts == (say("evidence.type"),)
        stored = await talk.say("đúng")
        assert "Đã lưu" in stored.texts[0]
        async with house.database.reading() as connection:
            (entry,) = await updates.of_plans(connection, [PLAN])
        (proof,) = entry.evidence
        assert (proof.media_type, proof.sha256) == ("image/jpeg", hashlib.sha256(JPEG).hexdigest())
        assert (tmp_path / name / proof.path).read_bytes() == JPEG
        assert entry.fields["percent"] == 60

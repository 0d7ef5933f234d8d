import json
from dataclasses import replace
from datetime import date

from bot.replies import contract, from_json, to_json
from data.model import Comparator, Deadline, Kind, Target, Task
from handlers.messages import Bubble, Choice, Document, Line, Reply, ReplyKind, Style

TARGET = Target(Comparator.AT_LEAST, 30.0, "%", "người hưởng trợ cấp", "ít nhất 30%")
TASK = Task(
    id="5k",
    plan="lang-son-2021",
    clause="II.5.k",
    heading="5. Thanh toán không dùng tiền mặt",
    kind=Kind.TASK,
    title="Thanh toán viện phí không dùng tiền mặt",
    quote="k) Sở Y tế: phấn đấu 100% bệnh viện",
    lead=("so-y-te",),
    coordinating=("ngan-hang-nha-nuoc",),
    deadline=Deadline("đến hết năm 2021", (date(2021, 12, 31),)),
    targets=(TARGET,),
)
REPLY = Reply(
    ReplyKind.ANSWER,
    (
        Bubble(
            (Line("1. Thanh toán viện phí", Style.STRONG), Line("<b>&", Style.QUOTE)),
            ((Choice(1, "Xem thêm", "more:1"), Choice(2, "Trích dẫn", "q:5k", listed=True)), ()),
        ),
        Bubble((Line("Báo cáo"),), files=(Document("a.docx", "x/y", b"\x00\xffPK"),)),
    ),
    tasks=(TASK, replace(TASK, id="5l", deadline=None)),
    agencies=("so-y-te",),
    dates=(date(2021, 12, 31),),
    figures=(TARGET, replace(TARGET, value=6.5)),
    count=2,
    statuses={"lang-son-2021/5k": "done"},
)


def test_whole_reply_comes_back() -> None:
    assert from_json(to_json(REPLY)) == REPLY
    bare = Reply(ReplyKind.REFUSAL, (Bubble((Line("Xin lỗi"),)),))
    assert from_json(to_json(bare)) == bare


def test_reply_kept_by_another_version_can_be_read() -> None:
    kept = json.loads(to_json(REPLY))
    kept["mood"] = kept["tasks"][0]["weight"] = "no longer known"
    assert from_json(json.dumps(kept)) == REPLY


def test_values_come_back_in_their_types() -> None:
    back = from_json(to_json(REPLY))
    assert back.kind is ReplyKind.ANSWER
    assert back.bubbles[0].lines[0].style is Style.STRONG
    assert back.figures[0].comparator is Comparator.AT_LEAST
    assert isinstance(back.tasks[0].due[0], date)


def test_line_out_is_as_the_contract_says() -> None:
    line = json.loads(json.dumps(contract(REPLY, "q1")))
    first = {
        "id": "5k",
        "plan": "lang-son-2021",
        "clause": "II.5.k",
        "title": "Thanh toán viện phí không dùng tiền mặt",
        "quote": "k) Sở Y tế: phấn đấu 100% bệnh viện",
        "lead": ["so-y-te"],
        "coordinating": ["ngan-hang-nha-nuoc"],
        "due": ["2021-12-31"],
        "status": "done",
    }
    assert line == {
        "id": "q1",
        "kind": "answer",
        "messages": [
            {
                "text": "1. Thanh toán viện phí\n<b>&",
                "buttons": [["Xem thêm", "Trích dẫn"]],
                "files": [],
            },
            {"text": "Báo cáo", "buttons": [], "files": ["a.docx"]},
        ],
        "tasks": [first, {**first, "id": "5l", "due": [], "status": "not_started"}],
        "agencies": ["so-y-te"],
        "dates": ["2021-12-31"],
        "figures": [
            {"value": 30, "unit": "%", "comparator": ">="},
            {"value": 6.5, "unit": "%", "comparator": ">="},
        ],
        "count": 2,
    }
    assert isinstance(line["figures"][0]["value"], int)

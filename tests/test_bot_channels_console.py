"""The conversation for programs: a line that cannot be read stops nothing."""

import io
import json
from datetime import datetime

import pytest

from bot.channels.console import Console
from bot.clock import ZONE
from handlers.messages import Bubble, Line, Message, Reply, ReplyKind


class Echo:
    """A core that says what it was told."""

    async def receive(self, message: Message) -> Reply | None:
        return Reply(ReplyKind.ANSWER, (Bubble((Line(message.text),)),))

    async def answered(self, message: Message) -> None:
        """Not asked by the terminal."""


async def served(*lines: str) -> list[dict[str, object]]:
    console = Console(Echo(), lambda: datetime(2021, 3, 1, 8, tzinfo=ZONE))
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    await console.serve(iter(lines), out)
    out.seek(0)
    return [json.loads(line) for line in out]


@pytest.mark.parametrize(
    "line",
    [
        "no JSON",
        "[]",
        "[" * 20_000 + "]" * 20_000,
        '{"a":' * 20_000 + "1" + "}" * 20_000,
        '{"id": ' + "1" * 5_000 + ', "text": "5k"}',
        '{"text": ["5k"]}',
        '{"id": "q"}',
        '{"text": "5k", "as_of": "0001-01-01T00:00+14:00"}',
        '{"text": "5k", "user": "telegram:1001"}',
    ],
)
async def test_a_line_that_cannot_be_read_is_named_and_the_next_is_served(line: str) -> None:
    bad, good = await served(line, '{"id": "next", "text": "5k"}')
    assert bad["id"] is None
    assert bad["error"]
    assert good["id"] == "next"


async def test_half_a_surrogate_pair_is_no_text_and_stops_nothing() -> None:
    row, after = await served('{"id": "\\ud800", "text": "5k \\udfff"}', '{"text": "5k"}')
    assert row["id"] == "?"
    assert row["messages"] == [{"text": "5k ?", "buttons": [], "files": []}]
    assert "error" not in after

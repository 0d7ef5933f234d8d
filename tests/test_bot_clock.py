import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import ZONE, Clock

ROOT = Path(__file__).parent.parent
WALL_CLOCK = re.compile(
    r"\bdatetime\.(now|utcnow|today)\b|\bdate\.today\b|\btime\.(time|time_ns|localtime|gmtime)\b"
    r"|\bfrom time import .*\btime\b"
)


def test_tells_the_local_time() -> None:
    before = datetime.now(UTC)
    now = Clock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(hours=7)


def test_starts_as_told_and_ticks_on(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([100.0, 100.0, 190.5])
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
    clock = Clock(datetime(2021, 3, 1, 8, tzinfo=ZONE))
    assert clock.now().isoformat() == "2021-03-01T08:00:00+07:00"
    assert clock.now().isoformat() == "2021-03-01T08:01:30.500000+07:00"


def test_zone_of_the_start_is_local_if_none_is_given() -> None:
    clock = Clock(datetime(2021, 12, 31, 23, 59, 59))  # noqa: DTZ001
    assert clock.now().tzinfo is ZONE
    assert clock.now().year in (2021, 2022)
    assert Clock(datetime(2021, 3, 1, 1, tzinfo=UTC)).now().hour == 8


def test_nobody_else_reads_the_wall_clock() -> None:
    files = [f for folder in ("bot", "handlers", "data") for f in (ROOT / folder).rglob("*.py")]
    readers = {
        str(file.relative_to(ROOT))
        for file in files
        if WALL_CLOCK.search(file.read_text(encoding="utf-8"))
    }
    assert readers == {"bot/clock.py"}

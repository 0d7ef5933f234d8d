"""The real ticker, killed 220 times at random: nothing is lost, and what is doubled was under
way when the process died."""

import json
import random
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

from tests.alerts_under_fire import FIRST, expected

ROOT = Path(__file__).resolve().parent.parent
KILLS = 220


def test_killed_at_random_no_reminder_is_lost_and_none_doubled_without_cause(
    tmp_path: Path,
) -> None:
    seed = random.SystemRandom().randrange(10**9)
    command = [sys.executable, "-m", "tests.alerts_under_fire", str(tmp_path), str(KILLS)]
    ended = subprocess.run(
        [*command, str(seed)], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    sent = Counter((chat, day, tuple(tasks)) for chat, day, tasks in told["sent"])
    wanted = expected(FIRST, date.fromisoformat(told["last"]))
    under_way = {(chat, day) for chat, day in told["between"]}

    assert wanted - sent.keys() == set(), f"lost, seed {seed}"
    assert sent.keys() - wanted == set(), f"invented, seed {seed}"
    doubled = {message for message, times in sent.items() if times > 1}
    assert {m[:2] for m in doubled} <= under_way, f"doubled without cause, seed {seed}"
    assert max(sent.values()) <= 2, f"repeated more than once, seed {seed}"
    assert doubled, "no kill fell between sending and recording"
    assert len(wanted) > 100

"""The process is killed at random over some hundred updates: what it said it stored, it has.

The times at which it is killed are random, within the time that one update takes; nothing is
waited for by time.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.record import Act, Proof
from data.store import updates
from data.store.database import Database
from tests.record_helpers import MORNING, PLAN, settle

SEED = 20210301
UPDATES = 220
PROCESS = [sys.executable, "-m", "bot", "chat", "--jsonl"]
ROOT = Path(__file__).resolve().parent.parent


class DiedError(Exception):
    """The process did not live to answer."""


@dataclass
class Chat:
    """A real process that is talked to in lines, and killed."""

    url: str
    process: subprocess.Popen[str] | None = None
    now: datetime = MORNING

    def start(self) -> None:
        self.process = subprocess.Popen(
            PROCESS,
            cwd=ROOT,
            env={**os.environ, "DONDOC_DATABASE_URL": self.url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            bufsize=1,
        )

    def say(self, text: str) -> dict[str, Any]:
        """One line in, one line out; DiedError where none came."""
        self.put(text)
        return self.get()

    def put(self, text: str) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.now += timedelta(seconds=20)
        at = self.now.replace(tzinfo=None).isoformat()
        row = {"id": "x", "chat": "k", "user": "console:lan", "text": text, "as_of": at}
        self.process.stdin.write(json.dumps(row) + "\n")
        self.process.stdin.flush()

    def get(self) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.endswith("\n"):
            raise DiedError
        answer: dict[str, Any] = json.loads(line)
        return answer

    def kill(self) -> None:
        """Without a warning."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        self.process = None


@dataclass
class Tally:
    """What was said, what was answered, and how often the process was killed."""

    said: list[int] = field(default_factory=list)
    stored: set[int] = field(default_factory=set)
    kills: int = 0
    mid_answer: int = 0


def words(number: int) -> str:
    return f"5k {number % 99 + 1}%, đợt số {number}"


def one(chat: Chat, number: int) -> bool:
    """One update with its yes; whether it was said to be stored."""
    confirm = chat.say(words(number))
    assert confirm["kind"] == "confirm", confirm
    done = chat.say("đúng")
    assert done["kind"] == "done", done
    assert "Đã lưu" in done["messages"][0]["text"]
    return True


def killed_within(chat: Chat, number: int, luck: random.Random, pace: float, seen: Tally) -> None:
    """One update during which the process dies, at the confirmation or at the yes."""
    at_yes = luck.random() < 0.75
    try:
        if at_yes:
            chat.say(words(number))
            chat.put("đúng")
        else:
            chat.put(words(number))
        time.sleep(luck.uniform(0, pace))
        chat.kill()
        answer = chat.get()
    except (DiedError, BrokenPipeError):
        seen.mid_answer += 1
        return
    if answer["kind"] == "done":
        seen.stored.add(number)


def run(url: str, luck: random.Random) -> Tally:
    """Says some hundred updates to a process that is killed every now and then."""
    seen, chat = Tally(), Chat(url)
    number, pace = 0, 0.02
    chat.start()
    try:
        while number < UPDATES:
            for _ in range(luck.randint(8, 20)):
                number += 1
                seen.said.append(number)
                began = time.perf_counter()
                if one(chat, number):
                    seen.stored.add(number)
                pace = (time.perf_counter() - began) / 2
            number += 1
            seen.said.append(number)
            killed_within(chat, number, luck, pace, seen)
            seen.kills += 1
            chat.close()
            chat.start()
            if chat.say("đúng")["kind"] == "done":
                seen.stored.add(number)
    finally:
        chat.close()
    return seen


async def prepared(url: str) -> None:
    database = Database(url)
    await database.open()
    await settle(database)
    await database.close()


async def record(url: str) -> tuple[Proof, list[tuple[str, int]]]:
    database = Database(url)
    await database.open()
    async with database.reading() as connection:
        proof = await updates.prove(connection)
        entries = await updates.of_plans(connection, [PLAN])
    await database.close()
    assert all(e.act is Act.UPDATE and e.fields["status"] for e in entries)
    return proof, [(e.words, e.fields["percent"]) for e in entries]


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of POSIX")
def test_what_was_said_to_be_stored_is_there_once_and_nothing_is_half_there(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/dondoc.sqlite"
    asyncio.run(prepared(url))
    seen = run(url, random.Random(SEED))
    proof, found = asyncio.run(record(url))
    assert proof == Proof(len(found))
    told = [text for text, _ in found]
    assert len(told) == len(set(told))
    assert {words(n) for n in seen.stored} <= set(told)
    assert set(told) <= {words(n) for n in seen.said}
    assert {percent for text, percent in found} == {
        int(text.removeprefix("5k ").partition("%")[0]) for text, _ in found
    }
    assert len(found) >= UPDATES * 0.9
    assert seen.kills >= 10
    assert seen.mid_answer > 0

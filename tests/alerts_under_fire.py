"""Reminds in a process that is killed at random, over and over, with a clock that runs fast.

Run as `python -m tests.alerts_under_fire FOLDER KILLS SEED`. The parent has everything imported
and forks; each child opens the store, runs the ticker against a channel that writes to a file,
and is killed after some milliseconds. Prints what was delivered and when the kills fell, as
one JSON object. The clock is in a file: it runs through a morning, and goes on to the next
working day once nothing is left to do, so that what is expected on each day is known exactly.
"""

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.channels.base import Limits
from bot.clock import ZONE
from bot.ticker import Pace, Ticker
from data import deadlines
from data.loading.directory import Directory
from data.loading.library import Library
from data.model import Agency, Deadline, Kind, Plan, Role, Task
from data.reminders import LEADS
from data.store import people
from data.store.alerts import enrolment, hours, sentlog
from data.store.database import Database
from handlers.alerts.mornings import OVERDUE_WEEKS
from handlers.messages import Reply

FIRST = date(2021, 1, 4)
LAST = date(2021, 12, 31)
AGENCIES = tuple(f"so-{letter}" for letter in "abcde")
PEOPLE = 15
FAST = 60.0
"""Seconds that pass on the clock in one second."""
STARTING = 0.1
"""The share of kills that may fall before the ticker runs."""
DAY = timedelta(days=1)


def tasks() -> tuple[Task, ...]:
    """A task a day, each of another agency."""
    days = [FIRST + n * DAY for n in range((LAST - FIRST).days + 1)]
    return tuple(
        Task(
            id=f"t{n}",
            plan="p",
            clause=f"II.{n}",
            heading="",
            kind=Kind.TASK,
            title=f"Việc số {n}",
            quote=f"Việc số {n}",
            lead=(AGENCIES[n % len(AGENCIES)],),
            deadline=Deadline("", (due,)),
        )
        for n, due in enumerate(days)
    )


def library() -> Library:
    """One plan, long out of its weeks of digests, with a task a day."""
    plan = Plan(
        "p", "P", "", "", "", "", "", (date(2019, 1, 1), date(2019, 12, 31)), AGENCIES[0],
        tasks=tasks(),
    )  # fmt: skip
    directory = Directory({key: Agency(key, key) for key in AGENCIES})
    return Library(directory, {"p": plan}, {}, {})


def expected(first: date, last: date) -> set[tuple[str, str, tuple[str, ...]]]:
    """(chat, day, tasks) of every message from the first day to the last, by brute force."""
    found = set()
    day = first
    while day <= last:
        if deadlines.is_working(day):
            for person in range(PEOPLE):
                told = tuple(sorted(_told(AGENCIES[person % len(AGENCIES)], day)))
                if told:
                    found.add((str(1000 + person), day.isoformat(), told))
        day += DAY
    return found


def _told(agency: str, day: date) -> Iterable[str]:
    coming = [day]
    while not deadlines.is_working(coming[-1] + DAY):
        coming.append(coming[-1] + DAY)
    past = [day]
    while not deadlines.is_working(past[-1] - DAY):
        past.append(past[-1] - DAY)
    late = {1 + 7 * n for n in range(OVERDUE_WEEKS)}
    for task in tasks():
        if agency in task.lead:
            due = task.due[0]
            if due >= day and any((due - each).days in LEADS for each in coming):
                yield task.id
            if due < day and any((each - due).days in late for each in past):
                yield task.id


class Calendar:
    """The clock: a day and the moment at which it began, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def set(self, day: date) -> None:
        """Begins a day."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps([day.isoformat(), time.monotonic()]))
        fresh.replace(self._path)

    @property
    def day(self) -> date:
        """The day of now."""
        return date.fromisoformat(json.loads(self._path.read_text())[0])

    def now(self) -> datetime:
        """The time: from 07:29 on, and fast, until the evening."""
        day, began = json.loads(self._path.read_text())
        passed = min((time.monotonic() - began) * FAST, 3600 * 12)
        begin = datetime.fromisoformat(f"{day}T07:29:58").replace(tzinfo=ZONE)
        return begin + timedelta(seconds=passed)


class FileChannel:
    """A messenger that notes each message in a file, then takes its time to say so."""

    name = "telegram"
    limits = Limits(4096, True, True, True)

    def __init__(self, path: Path, calendar: Calendar) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._calendar = calendar

    async def start(self) -> None:
        """Nothing to do."""

    async def stop(self) -> None:
        """Nothing to do."""

    async def send(self, chat: str, reply: Reply) -> None:
        """Delivers at once; the answer takes some milliseconds."""
        row = [chat, self._calendar.day.isoformat(), sorted(task.id for task in reply.tasks)]
        os.write(self._file, (json.dumps(row) + "\n").encode())
        await asyncio.sleep(0.005)


async def prepare(url: str) -> None:
    """The people, each in one agency."""
    database = Database(url)
    await database.open()
    since = datetime(2020, 1, 1, tzinfo=UTC)
    async with database.writing() as connection:
        for number in range(PEOPLE):
            person = await people.add(connection, f"P{number}", since)
            user = str(1000 + number)
            await people.add_identity(connection, person, "telegram", user, user, since)
            agency = AGENCIES[number % len(AGENCIES)]
            await people.enrol(connection, person, "p", agency, Role.OFFICIAL, since)
    await database.close()


async def remind(
    folder: Path, plans: Library, days: int = 10**6, ready: Callable[[], None] = lambda: None
) -> None:
    """The ticker, day after day, until it is killed or so many days are over."""
    calendar = Calendar(folder / "clock")
    database = Database(f"sqlite:///{folder}/store.sqlite")
    await database.open()
    channel = FileChannel(folder / "sent", calendar)
    ticker = Ticker(
        database, plans, [channel], calendar.now, journal=folder / "journal", interval=0.002,
        pace=Pace(10**6, 0.0),
    )  # fmt: skip
    await ticker.start()
    ready()
    while days:
        if await settled(database, calendar.now()):
            calendar.set(deadlines.next_working(calendar.day))
            days -= 1
        await asyncio.sleep(0.002)
    await ticker.stop()
    await database.close()


async def settled(database: Database, now: datetime) -> bool:
    """Whether everybody was dealt with today and nothing is left to send."""
    async with database.reading() as connection:
        if await enrolment.unenrolled(connection):
            return False
        if await hours.waiting(connection, now.date(), 24 * 60):
            return False
        return not await sentlog.claim(connection, {"telegram": 9}, 1) and "sending" not in (
            await sentlog.counted(connection)
        )


def fire(folder: Path, kills: int, seed: int) -> dict[str, Any]:
    """Forks and kills so often; then lets the day that was begun end in peace."""
    plans = library()
    warm(folder / "warm", plans)
    calendar = Calendar(folder / "clock")
    calendar.set(FIRST)
    chance = random.Random(seed)
    between: list[list[str]] = []
    for _ in range(kills):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            _live(folder, plans, writing)
        if chance.random() < STARTING:
            time.sleep(chance.uniform(0.0, 0.1))
        else:
            os.read(reading, 1)
            time.sleep(chance.uniform(0.0, 0.2))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)
        os.close(writing)
        between += under_way(folder)
    last = calendar.day
    asyncio.run(remind(folder, plans, days=1))
    sent = [json.loads(line) for line in (folder / "sent").read_text().splitlines()]
    return {"last": last.isoformat(), "sent": sent, "between": between}


def warm(folder: Path, plans: Library) -> None:
    """One day in another store, so that the children have everything at hand."""
    folder.mkdir()
    Calendar(folder / "clock").set(FIRST)
    asyncio.run(prepare(f"sqlite:///{folder}/store.sqlite"))
    asyncio.run(remind(folder, plans, days=1))


def _live(folder: Path, plans: Library, started: int) -> None:
    try:
        asyncio.run(remind(folder, plans, ready=lambda: _tell(started)))
    finally:
        os._exit(1)


def _tell(started: int) -> None:
    os.write(started, b"!")


def under_way(folder: Path) -> list[list[str]]:
    """The messages that were noted as being sent when the process was killed: chat and day."""
    with sqlite3.connect(folder / "store.sqlite") as connection:
        rows = connection.execute(
            "SELECT DISTINCT chat, day FROM alerts WHERE state = 'sending'"
        ).fetchall()
    connection.close()
    return [list(row) for row in rows]


def main(folder: Path, kills: int, seed: int) -> None:
    """Prepares the store, kills, prints."""
    asyncio.run(prepare(f"sqlite:///{folder}/store.sqlite"))
    json.dump(fire(folder, kills, seed), sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

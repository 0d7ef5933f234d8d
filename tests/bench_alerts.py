"""One tick of the reminders: 100,000 subscriptions, 10,000 tasks, held against plain SQL.

A tick decides for everybody what is due on a working morning and enters it into the log. The
plain read fetches the same subscriptions and listeners once, through the same driver, with no
work on them. Memory is the peak of a tick for few people and for four times as many.
"""

import asyncio
import random
import sqlite3
import tempfile
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

from bot.clock import ZONE
from data.loading.library import Library
from data.model import Deadline, Task
from data.reminders import Scope, State
from data.store.alerts import sentlog
from data.store.database import Database
from handlers.alerts import rounds
from handlers.alerts.occasions import Dates
from tests.bench_registry import recombined
from tests.bench_rows import Row, limited, median
from tests.phrase_sets import library

TASKS, PEOPLE, EACH = 10_000, 20_000, 5
"""Five subscriptions a person: 100,000."""
FEW, MANY = PEOPLE // 2, PEOPLE * 2
MORNING = datetime(2021, 6, 16, 7, 30, tzinfo=ZONE)
_ROUNDS = 5
_COPIES = "listeners", "subscriptions"


def rows() -> Iterator[Row]:
    """The figures for tests.bench."""
    plans = spread(library())
    with tempfile.TemporaryDirectory() as folder:
        made = filled(Path(folder) / "store.sqlite", plans, PEOPLE)
        pairs = [(plain(made), ticked(made, plans)) for _ in range(_ROUNDS + 1)][1:]
        read, tick = median([a for a, _ in pairs]), median([b for _, b in pairs])
        name = f"reminders, {PEOPLE * EACH:,} subscriptions, {TASKS:,} tasks"
        yield Row(f"{name}: plain read", f"{read:.0f} ms")
        yield Row(f"{name}: one tick", f"{tick:.0f} ms")
        yield limited("reminders: tick / plain read", tick / read, 3)
        few = peak(filled(Path(folder) / "few.sqlite", plans, FEW), plans)
        many = peak(filled(Path(folder) / "many.sqlite", plans, MANY), plans)
        yield Row(f"reminders: peak memory of a tick, {MANY:,} people", f"{many:.1f} MB")
        yield limited(f"reminders: memory for {MANY:,} / {FEW:,} people", many / few, 1.2)


def spread(known: Library) -> Library:
    """So many tasks, their dates over the whole year, each led by one agency."""
    agencies = sorted(a.key for a in known.directory.agencies.values() if not a.is_group)
    numbers = count()
    plans = {
        name: replace(
            plan, tasks=tuple(_dated(task, next(numbers), agencies) for task in plan.tasks)
        )
        for name, plan in recombined(known, TASKS).plans.items()
    }
    return replace(known, plans=plans)


def _dated(task: Task, number: int, agencies: list[str]) -> Task:
    due = date(2021, 1, 1) + timedelta(days=number % 365)
    lead = (agencies[number % len(agencies)],)
    return replace(task, id=f"n{number}", lead=lead, addressed=(), deadline=Deadline("", (due,)))


def filled(path: Path, plans: Library, people: int) -> Path:
    """A store with so many guests, each with five subscriptions."""
    asyncio.run(_made(path))
    dice = random.Random(1)
    refs = [task.ref for task in plans.tasks()]
    agencies = sorted({task.lead[0] for task in plans.tasks()})
    listeners = [
        (n, None, "telegram", str(n), str(n), 450, "", None, "2021-06-15")
        for n in range(1, people + 1)
    ]
    wishes = []
    for listener in range(1, people + 1):
        wishes += [
            (listener, Scope.TASK.value, ref, "", True, "") for ref in dice.sample(refs, EACH - 1)
        ]
        agency = dice.choice(agencies)
        last = (Scope.AGENCY.value, agency) if listener % 10 == 0 else (Scope.TASK.value, "p/x")
        wishes.append((listener, *last, "", True, "7,1" if listener % 3 else ""))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(f"INSERT INTO listeners VALUES ({','.join('?' * 9)})", listeners)
        connection.executemany(
            "INSERT INTO subscriptions (listener, scope, value, plan, wanted, leads)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            wishes,
        )
    return path


async def _made(path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    await database.open()
    await database.close()


def plain(path: Path) -> float:
    """Milliseconds to fetch the same rows once, through the same driver."""
    return asyncio.run(_read(path))


async def _read(path: Path) -> float:
    database = Database(f"sqlite:///{path}")
    await database.open()
    loop = asyncio.get_running_loop()
    start = loop.time()
    async with database.reading() as connection:
        for name in _COPIES:
            (await connection.exec_driver_sql(f"SELECT * FROM {name}")).fetchall()
    passed = (loop.time() - start) * 1000
    await database.close()
    return passed


def ticked(path: Path, plans: Library) -> float:
    """Milliseconds of one tick over everybody."""
    fresh(path)
    return asyncio.run(_decided(path, plans))


async def _decided(path: Path, plans: Library) -> float:
    database = Database(f"sqlite:///{path}")
    await database.open()
    dates = Dates(plans)
    loop = asyncio.get_running_loop()
    start = loop.time()
    people = await rounds.decide(database, plans, MORNING, {"telegram"}, dates)
    passed = (loop.time() - start) * 1000
    assert people in (FEW, PEOPLE, MANY)
    async with database.reading() as connection:
        assert (await sentlog.counted(connection))[State.DUE] > people // 10
    await database.close()
    return passed


def peak(path: Path, plans: Library) -> float:
    """Megabytes that a tick needs at most."""
    fresh(path)
    tracemalloc.start()
    asyncio.run(_decided(path, plans))
    used = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return used


def fresh(path: Path) -> None:
    """Puts the morning before it is dealt with."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM alerts")
        connection.execute("UPDATE listeners SET heard = NULL, covered = '2021-06-15'")

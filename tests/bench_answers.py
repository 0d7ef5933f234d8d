"""Time from question to reply inside the process, over the phrases to build with."""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rapidfuzz import process

from data.loading.library import Library
from handlers.messages import Message
from handlers.router import Router
from tests.bench_registry import recombined
from tests.bench_rows import milliseconds
from tests.phrase_sets import ASKED_AT, Phrase, library, phrases

_TIMES = 4


@dataclass(frozen=True, slots=True)
class Timings:
    """Of one registry: milliseconds for each question, seconds to build, peak megabytes.

    `replying` is in the chat of a plan; `roaming` of every plan at once.
    """

    tasks: int
    building: float
    peak: float
    reading: Sequence[float]
    replying: Sequence[float]
    roaming: Sequence[float]


def questions(step: int = 1) -> list[Phrase]:
    """Every so-many-th phrase that stands alone."""
    return [phrase for phrase in phrases("building") if not phrase.after][::step]


def replying(router: Router, asked: Sequence[Phrase]) -> list[float]:
    """Milliseconds to the reply for each question, at best: others use the machine too."""
    with asyncio.Runner() as runner:
        return [_replied(runner, router, phrase) for phrase in asked]


def _replied(runner: asyncio.Runner, router: Router, phrase: Phrase) -> float:
    message = Message("console", "bench", "bench", ASKED_AT, text=phrase.text, plan=phrase.plan)

    async def timed() -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        await router.reply(message, None, None)
        return (loop.time() - start) * 1000

    return min(runner.run(timed()) for _ in range(_TIMES))


def reading(router: Router, asked: Sequence[Phrase]) -> list[float]:
    """Milliseconds to understand each question, at best, no topic being looked for."""
    day = ASKED_AT.date()

    def read(phrase: Phrase) -> float:
        return milliseconds(lambda: router.explain(phrase.text, day, _plans(phrase)))

    return [min(read(phrase) for _ in range(_TIMES)) for phrase in asked]


def _plans(phrase: Phrase) -> tuple[str, ...]:
    return (phrase.plan,) if phrase.plan else ()


def extracting(known: Library, asked: Sequence[Phrase]) -> list[float]:
    """Milliseconds that RapidFuzz takes to compare each question with every quote."""
    quotes = [task.quote for task in known.tasks()]
    return [milliseconds(lambda t=phrase.text: process.extract(t, quotes)) for phrase in asked]


def timings(count: int | None, step: int) -> Timings:
    """Of a registry with so many tasks; None is the registry as packaged."""
    known = recombined(library(), count) if count else library()
    asked = questions(step)
    start = time.perf_counter()
    router = Router(known)
    router.inquiry.index.prepare()
    building = time.perf_counter() - start
    bound = replying(router, [phrase for phrase in asked if phrase.plan])
    roaming = replying(router, [phrase for phrase in asked if not phrase.plan])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    read = reading(router, [phrase for phrase in asked if phrase.plan])
    return Timings(len(known.tasks()), building, peak, read, bound, roaming)


if __name__ == "__main__":
    size = int(sys.argv[1])
    json.dump(asdict(timings(size or None, int(sys.argv[2]))), sys.stdout)

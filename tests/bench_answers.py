"""Time from question to reply inside the process, over the phrases to build with."""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from rapidfuzz import process

from data.loading.library import Library
from handlers.messages import Message
from handlers.router import Router
from tests.bench_registry import recombined
from tests.bench_rows import median, milliseconds
from tests.phrase_sets import ASKED_AT, Phrase, library, phrases

_TIMES = 4


@dataclass(frozen=True, slots=True)
class Growth:
    """A large registry beside the one as packaged, in one process, question by question.

    `building` is in seconds, the peaks in megabytes; the rest are milliseconds, those of the
    small registry first. `roaming` are questions put to every plan at once.
    """

    small: int
    tasks: int
    building: float
    peak_before: float
    peak: float
    reading: tuple[float, float]
    replying: tuple[float, float]
    roaming: tuple[float, float]


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
        return milliseconds(lambda: router.inquiry.explain(phrase.text, day, _plans(phrase)))

    return [min(read(phrase) for _ in range(_TIMES)) for phrase in asked]


def _plans(phrase: Phrase) -> tuple[str, ...]:
    return (phrase.plan,) if phrase.plan else ()


def extracting(known: Library, asked: Sequence[Phrase]) -> list[float]:
    """Milliseconds that RapidFuzz takes to compare each question with every quote."""
    quotes = [task.quote for task in known.tasks()]
    return [milliseconds(lambda t=phrase.text: process.extract(t, quotes)) for phrase in asked]


def grown(count: int, step: int) -> Growth:
    """A registry of so many tasks, asked every so-many-th question."""
    small = Router(library())
    small.inquiry.index.prepare()
    before = _peak()
    known = recombined(library(), count)
    start = time.perf_counter()
    large = Router(known)
    large.inquiry.index.prepare()
    building = time.perf_counter() - start
    bound = [phrase for phrase in questions(step) if phrase.plan]
    free = [phrase for phrase in questions(step) if not phrase.plan]
    return Growth(
        len(library().tasks()),
        len(known.tasks()),
        building,
        before,
        _peak(),
        _medians(reading, small, large, bound),
        _medians(replying, small, large, bound),
        _medians(replying, small, large, free),
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _medians(
    timed: Callable[[Router, Sequence[Phrase]], list[float]],
    small: Router,
    large: Router,
    asked: Sequence[Phrase],
) -> tuple[float, float]:
    """The median of each router, both asked one question after the other."""
    pairs = [(timed(small, [phrase])[0], timed(large, [phrase])[0]) for phrase in asked]
    return median([a for a, _ in pairs]), median([b for _, b in pairs])


if __name__ == "__main__":
    json.dump(asdict(grown(int(sys.argv[1]), int(sys.argv[2]))), sys.stdout)

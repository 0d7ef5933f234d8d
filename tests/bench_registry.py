"""A registry of any size: sentences of the plans recombined across clauses, agencies kept."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from data.loading.library import Library
from data.model import Plan, Task

_SENTENCE = re.compile(r"(?<=[.;])\s+")


def recombined(library: Library, count: int, seed: int = 1) -> Library:
    """The library with so many tasks, its own first, each plan growing by the same share."""
    known = len(library.tasks())
    plans = {}
    left, tasks_left = count, known
    for name, plan in library.plans.items():
        wanted = left * len(plan.tasks) // tasks_left
        left, tasks_left = left - wanted, tasks_left - len(plan.tasks)
        plans[name] = _grown(plan, wanted, random.Random(seed))
    return replace(library, plans=plans)


def _grown(plan: Plan, count: int, dice: random.Random) -> Plan:
    new = _mixed(plan.tasks, dice)
    more = (next(new) for _ in range(count - len(plan.tasks)))
    return replace(plan, tasks=(*plan.tasks[:count], *more))


def _mixed(tasks: Sequence[Task], dice: random.Random) -> Iterator[Task]:
    """Tasks without end: clause, agencies, deadline of one, sentences and topics of others."""
    sentences = [s for task in tasks for s in _SENTENCE.split(task.quote)]
    number = 0
    while True:
        for frame in tasks:
            number += 1
            donor = dice.choice(tasks)
            size = max(1, len(_SENTENCE.split(frame.quote)))
            yield replace(
                frame,
                id=f"{frame.id}n{number}",
                title=donor.title,
                quote=" ".join(dice.choices(sentences, k=size)),
                topics=donor.topics,
            )

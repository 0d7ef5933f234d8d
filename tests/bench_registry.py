"""A registry of any size: more plans of the usual size, made of the sentences of the real ones.

In each new plan the sentences of its model are recombined across clauses; agencies, clauses
and dates are kept.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from data.loading.library import Library
from data.model import Plan, Task

_SENTENCE = re.compile(r"(?<=[.;])\s+")


def recombined(library: Library, count: int, seed: int = 1) -> Library:
    """The library with so many tasks, its own plans first."""
    dice = random.Random(seed)
    plans = dict(library.plans)
    left = count - len(library.tasks())
    number = 0
    while left > 0:
        number += 1
        for model in library.plans.values():
            plan = _copied(model, number, left, dice)
            plans[plan.id] = plan
            left -= len(plan.tasks)
    return replace(library, plans=plans)


def _copied(model: Plan, number: int, most: int, dice: random.Random) -> Plan:
    name = f"tinh-{number}-{model.id}"
    tasks = tuple(replace(task, plan=name) for task in _mixed(model.tasks, dice))[:most]
    return replace(model, id=name, province=f"Tỉnh {number}", tasks=tasks)


def _mixed(tasks: Sequence[Task], dice: random.Random) -> list[Task]:
    """The tasks with their sentences dealt out anew, each with as many as it had."""
    dealt = [_SENTENCE.split(task.quote) for task in tasks]
    sentences = [sentence for quote in dealt for sentence in quote]
    dice.shuffle(sentences)
    return [
        replace(task, quote=" ".join(sentences.pop() for _ in quote))
        for task, quote in zip(tasks, dealt, strict=True)
    ]

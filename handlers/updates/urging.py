"""What may be pressed for where only an agency is named, or only what is overdue."""

import re
from dataclasses import dataclass
from datetime import date

from data.loading.library import Library
from data.model import Plan
from data.record import Entry, Status
from data.text.normalise import fold, words
from handlers.updates import progress
from handlers.updates.finding import Aim, Finder
from handlers.updates.progress import Bucket, Judgement, Overview
from handlers.updates.reading import Reading

_LATE = re.compile(r"\b(?:qua|tre|cham|lo)\s+(?:han|tien do)\b")
_FILLING = frozenset(
    [
        "cac", "nhung", "moi", "tat", "ca", "viec", "nhiem", "vu", "dang", "bi", "da", "con",
        "qua", "tre", "cham", "lo", "tien", "do",
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Urge:
    """Whom to press, all where nobody is named; and whether only for what is overdue."""

    agencies: tuple[str, ...]
    late: bool


def urge(
    reading: Reading, text: str, finder: Finder, plans: tuple[Plan, ...], today: date
) -> Urge | None:
    """What the words press for at large; None where they name a task or a topic."""
    if reading.ids or reading.clauses:
        return None
    late = bool(_LATE.search(fold(text)))
    rest = " ".join(w for w in words(reading.topic) if not late or fold(w) not in _FILLING)
    if rest and finder.topical(rest, [p.id for p in plans], today):
        return None
    agencies = finder.agencies(rest, today)
    return Urge(agencies, late) if agencies or late else None


def urged(
    wanted: Urge,
    entries: tuple[Entry, ...],
    library: Library,
    finder: Finder,
    plans: tuple[Plan, ...],
    today: date,
) -> tuple[Aim, ...]:
    """The open tasks, those overdue first, then those that the agencies lead."""
    overview = Overview(library, entries, today)
    held: list[Judgement] = []
    for plan in plans:
        for task in progress.counted(plan.tasks, None):
            carriers = overview.carriers(task)
            for key in wanted.agencies:
                heir = finder.acts_for(key, task, today)
                if key in carriers or finder.took_over(key, heir, task, today):
                    held.append(overview.of_agency(task, heir))
            if not wanted.agencies and task.responsible:
                held.append(overview.of_task(task))
    waiting = [
        j
        for j in held
        if j.condition.status is not Status.DONE
        and (not wanted.late or j.bucket_extended is Bucket.OPEN_LATE)
    ]
    waiting.sort(key=lambda j: (progress.badness(j), not j.task.lead, str(j.extended or "")))
    return tuple(dict.fromkeys(Aim(j.task) for j in waiting))

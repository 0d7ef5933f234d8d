"""The dates of the plans as they stand."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from data.loading.library import Library
from data.model import Task


@dataclass(frozen=True, slots=True)
class Occasion:
    """A task that falls due: `original` by the plan, `due` as extended.

    `agency` is the only agency whose date this is; `without` are those that have their own.
    """

    task: Task
    original: date
    due: date
    agency: str = ""
    without: frozenset[str] = frozenset()

    def concerns(self, agency: str) -> bool:
        """Whether it is this agency's date."""
        return agency not in self.without and self.agency in ("", agency)


class Dates:
    """Every date of the plans as they stand, found by task and by day. Built once."""

    def __init__(self, library: Library) -> None:
        self.of_task: defaultdict[str, list[Occasion]] = defaultdict(list)
        self.on: defaultdict[date, list[Occasion]] = defaultdict(list)
        self.keys: dict[tuple[date, str, tuple[str, ...]], frozenset[str]] = {}
        for task in library.tasks():
            for due in task.due:
                occasion = Occasion(task, due, due)
                self.of_task[task.ref].append(occasion)
                self.on[due].append(occasion)

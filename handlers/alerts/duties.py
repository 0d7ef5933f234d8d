"""The duties to report, with what Nghị định 09/2019 says of their figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from data import deadlines
from data.deadlines import Span
from data.model import Kind, Task


@dataclass(frozen=True, slots=True)
class Report:
    """One occurrence of a report duty, with what Nghị định 09/2019 says of its figures.

    `number` is the quarter; `whole_year` marks the last one, which is the year's report too.
    `cut_off` is the last day of the figures; `early` that the plan's date comes before it.
    """

    task: Task
    due: date
    number: int
    whole_year: bool
    figures: Span
    early: bool

    @property
    def cut_off(self) -> date:
        """The last day whose figures the report takes in."""
        return self.figures[1]


def report(task: Task, due: date) -> Report | None:
    """The report duty that falls due on a day; None where the task is no recurring report."""
    if task.kind is not Kind.REPORT or task.deadline is None or not task.deadline.every:
        return None
    number = deadlines.quarter_of(due)
    figures = deadlines.reporting_quarter(due.year, number)
    return Report(task, due, number, number == 4, figures, due < figures[1])


def report_duties(tasks: Iterable[Task]) -> tuple[Report, ...]:
    """Every occurrence of every recurring report, by date."""
    found = (report(task, due) for task in tasks for due in task.due)
    return tuple(sorted((r for r in found if r), key=lambda r: (r.due, r.task.ref)))

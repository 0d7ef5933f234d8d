"""The tasks with their dates and the agencies that they concern, and a morning's agenda."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property

from data.loading.library import Library
from data.model import Kind, Task
from data.record import Act
from data.reminders import Scope
from data.text.normalise import slug
from handlers.alerts.mornings import DAY, OVERDUE_WEEKS, Morning, overdue_on
from handlers.alerts.occasions import Dates, Occasion
from handlers.alerts.topics import on_topic
from handlers.updates import progress
from handlers.updates.progress import Condition, Overview

_KNOWN = 10_000


class Field:
    """The tasks with their dates and the agencies that they concern, for one day.

    Without an overview only the public plan is known: what a guest may hear.
    """

    def __init__(
        self,
        library: Library,
        overview: Overview | None,
        day: date,
        dates: Dates | None = None,
    ) -> None:
        self.library = library
        self.overview = overview
        self.day = day
        self._dates = dates or Dates(library)
        self._agendas: dict[Morning, Agenda] = {}

    def agenda(self, morning: Morning, leads: frozenset[int]) -> "Agenda":
        """What is announced on a morning, for anybody with these lead times."""
        if morning not in self._agendas:
            self._agendas[morning] = Agenda(self, morning, leads)
        return self._agendas[morning]

    @cached_property
    def occasions(self) -> tuple[Occasion, ...]:
        """Every date of every task."""
        return tuple(o for ref in self._dates.of_task for o in self.dates(ref))

    def dates(self, ref: str) -> Sequence[Occasion]:
        """Every date of one task, as extended."""
        moved = self._extended.get(ref)
        return self._dates.of_task.get(ref, ()) if moved is None else moved

    def on(self, days: Iterable[date]) -> Iterator[Occasion]:
        """What falls due on these days by the plan, and everything that was extended."""
        extended = self._extended
        for day in days:
            for occasion in self._dates.on.get(day, ()):
                if occasion.task.ref not in extended:
                    yield occasion
        for moved in extended.values():
            yield from moved

    @cached_property
    def _extended(self) -> dict[str, list[Occasion]]:
        """The dates of the tasks of which any was extended."""
        if self.overview is None:
            return {}
        found = {}
        for ref, occasions in self._dates.of_task.items():
            task = occasions[0].task
            if any(entry.act is Act.GRANT for entry in self.overview.entries(task)):
                found[ref] = list(self._of(task))
        return found

    def _of(self, task: Task) -> Iterator[Occasion]:
        moved = self._moved(task)
        for due in task.due:
            own = {agency: new for (day, agency), new in moved.items() if day == due}
            if "" in own:
                yield Occasion(task, due, own[""])
                continue
            yield Occasion(task, due, due, without=frozenset(own))
            for agency, new in own.items():
                yield Occasion(task, due, new, agency)

    def _moved(self, task: Task) -> dict[tuple[date, str], date]:
        """The dates that were extended, by the plan's date and the agency ("" for the leads)."""
        entries = self.overview.entries(task) if self.overview else ()
        agencies = {progress.concerned(e) for e in entries if e.act is Act.GRANT}
        found = {}
        for agency in {""} if task.lead else agencies:
            for due in task.due:
                extended = self._condition(task, due, agency).granted
                if extended:
                    found[due, agency] = extended
        return found

    def condition(self, occasion: Occasion, agency: str) -> Condition:
        """Where a task stands at one of its dates, for its leads or for an agency of a group."""
        return self._condition(occasion.task, occasion.original, agency)

    def _condition(self, task: Task, due: date, agency: str) -> Condition:
        entries = self.overview.entries(task) if self.overview else ()
        if not entries:
            return Condition()
        own = progress.part(task, entries, "" if task.lead else agency)
        return progress.condition(progress.of_occurrence(task, own, due))

    def keys(self, task: Task) -> frozenset[str]:
        """The agencies that carry a task, under their names of then and of now.

        Whoever gathers the reports of a group owes none.
        """
        known = self._dates.keys
        place = self.day, task.plan, (*task.responsible, "", *task.recipients[:1])
        if place not in known:
            if len(known) > _KNOWN:
                known.clear()
            known[place] = frozenset(self._carriers(task))
        return known[place]

    def _carriers(self, task: Task) -> Iterator[str]:
        directory = self.library.directory
        plan = self.library.plans[task.plan]
        province = slug(plan.province)
        gathers = task.recipients[:1] if task.kind is Kind.REPORT and not task.lead else ()
        for key in task.responsible or (plan.coordinator,):
            for member in (key, *directory.members(key, province)):
                if member in gathers:
                    continue
                yield member
                for row in directory.successors(member, province):
                    if row.successor and row.since <= self.day:
                        yield row.successor


class Agenda:
    """What is announced on one morning, found by what a person may wish to hear of."""

    def __init__(self, field: Field, morning: Morning, leads: frozenset[int]) -> None:
        self.field = field
        self.morning = morning
        self._by: defaultdict[tuple[Scope, str, str], list[Occasion]] = defaultdict(list)
        self._topics: dict[tuple[str, str], list[Occasion]] = {}
        self.occasions = [o for o in field.on(self._days(leads)) if self._speaks(o, leads)]
        for occasion in self.occasions:
            self._enter(occasion)

    def _days(self, leads: frozenset[int]) -> set[date]:
        """The days of which a morning can speak."""
        morning = self.morning
        ahead = (morning.last - morning.first).days + 1
        late = (morning.day - morning.since).days + 1
        coming = {morning.first + DAY * (n + lead) for n in range(ahead) for lead in leads}
        weeks = range(1, 7 * OVERDUE_WEEKS, 7)
        return coming | {morning.since + DAY * (n - w) for n in range(late) for w in weeks}

    def _speaks(self, occasion: Occasion, leads: frozenset[int]) -> bool:
        span = self.leads(occasion.due)
        return any(lead in span for lead in leads) or self.overdue(occasion) is not None

    def leads(self, due: date) -> range:
        """The lead times that fall on this morning for a date."""
        first, last = self.morning.first, self.morning.last
        return range(max(0, (due - last).days), (due - first).days + 1)

    def overdue(self, occasion: Occasion) -> date | None:
        """The day by which it is told on this morning that the date has passed."""
        if self.field.overview is None:
            return None
        return overdue_on(occasion.due, self.morning.since, self.morning.day)

    def _enter(self, occasion: Occasion) -> None:
        task = occasion.task
        self._by[Scope.TASK, task.ref, ""].append(occasion)
        self._by[Scope.PLAN, task.plan, ""].append(occasion)
        keys = self.field.keys(task)
        for key in keys:
            if occasion.concerns(key):
                for plan in ("", task.plan):
                    self._by[Scope.AGENCY, key, plan].append(occasion)
        if task.kind is Kind.REPORT:
            for key in ("", *keys):
                if not key or occasion.concerns(key):
                    for plan in ("", task.plan):
                        self._by[Scope.REPORTS, key, plan].append(occasion)

    def of(self, scope: Scope, value: str, plan: str) -> Iterable[Occasion]:
        """What is announced on something that can be followed."""
        if scope is not Scope.TOPIC:
            return self._by.get((scope, value, plan), ())
        if (value, plan) not in self._topics:
            self._topics[value, plan] = [
                o for o in self.occasions if plan in ("", o.task.plan) and on_topic(o.task, value)
            ]
        return self._topics[value, plan]

    def values(self, topics: Iterable[str]) -> frozenset[str]:
        """The values of all subscriptions that this morning can concern."""
        named = {value for _, value, _ in self._by}
        return frozenset(named | {t for t in topics if self.of(Scope.TOPIC, t, "")})

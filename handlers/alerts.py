"""What is due to whom on a morning, and why: pure, from tasks, their state, wishes and days.

A deadline is announced so many days before its last day in time; an announcement that falls
on a day without office hours goes out on the working day before. What is overdue is told the
day after and then once a week, on the next working day where that is none. Guests hear of the
plan's public deadlines and nothing of what officials reported.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise

from data import deadlines
from data.deadlines import Span
from data.loading.library import Library
from data.model import Kind, Plan, Role, Task
from data.record import Act, Status
from data.reminders import LEADS, QUIET_FROM, QUIET_UNTIL, Absence, Alert, Scope, State, Wishes
from data.text import normalise
from data.text.normalise import compatible, fold, slug
from handlers.updates import progress
from handlers.updates.progress import Condition, Overview

OVERDUE_WEEKS = 12
"""How often what is overdue is told before only the digests speak of it."""
DIGEST_AFTER = timedelta(days=60)
"""How long after its period a plan still has digests."""
CATCH_UP = timedelta(days=31)
"""How far back announcements that were missed are looked for."""
URGENT = 2
"""The least urgent rank that still goes out where a channel's quota runs short."""
_DAY = timedelta(days=1)
_NEAREST = {Scope.TASK: 0, Scope.TOPIC: 1, Scope.REPORTS: 2, Scope.AGENCY: 3, Scope.PLAN: 5}
_ROLE = 4
_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class Morning:
    """The days that one morning's message answers for.

    `first` to `last` are the days whose announcements go out on `day`; what fell overdue is
    looked for from `since` on.
    """

    day: date
    first: date
    last: date
    since: date


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


@dataclass(frozen=True, slots=True)
class Found:
    """What one listener is to be told: the occasion, how, and by whose wish."""

    occasion: Occasion
    kind: str
    date: date
    why: str
    agency: str
    state: State = State.DUE
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Interest:
    nearness: int
    scope: Scope
    value: str
    plan: str
    leads: tuple[int, ...]
    why: str


def working(day: date, quiet: Collection[int] = ()) -> bool:
    """Whether somebody who wants rest on these weekdays is reminded on that day."""
    return day.weekday() not in quiet and deadlines.is_working(day)


def morning(
    day: date, quiet: Collection[int], heard: date | None, covered: date | None
) -> Morning | None:
    """The days that the message of `day` answers for; None on a day without a message."""
    if not working(day, quiet):
        return None
    last = day
    while not working(last + _DAY, quiet):
        last += _DAY
    before = day - _DAY
    while not working(before, quiet):
        before -= _DAY
    told = before if heard is None else min(heard, before)
    earliest = day - CATCH_UP
    first = day if covered is None else max(min(covered + _DAY, day), earliest)
    return Morning(day, first, last, max(told + _DAY, earliest))


def may_send(now: datetime) -> bool:
    """Whether a morning's message may go out at this moment."""
    minute = now.hour * 60 + now.minute
    return QUIET_UNTIL <= minute < QUIET_FROM and deadlines.is_working(now.date())


def overdue_on(due: date, since: date, day: date) -> date | None:
    """The last day from `since` to `day` on which it is told that `due` has passed."""
    weeks = min((day - due - _DAY).days // 7, OVERDUE_WEEKS - 1)
    told = due + _DAY + weeks * timedelta(days=7)
    return told if weeks >= 0 and told >= since else None


def rank(kind: str, due: date, day: date) -> int:
    """How urgent: 0 goes at once, 1 is today's, 2 overdue or near, 3 later, 4 a digest."""
    if kind.startswith("notice."):
        return 0
    if kind == "digest":
        return 4
    left = (due - day).days
    return 1 if left == 0 else 2 if left <= 3 else 3


def urgency(due: date, day: date) -> tuple[int, int]:
    """By this the lines of a message are put in order: today's, overdue, then by day."""
    left = (due - day).days
    return (0 if left == 0 else 1 if left < 0 else 2, abs(left))


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
        coming = {morning.first + _DAY * (n + lead) for n in range(ahead) for lead in leads}
        weeks = range(1, 7 * OVERDUE_WEEKS, 7)
        return coming | {morning.since + _DAY * (n - w) for n in range(late) for w in weeks}

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


def on_topic(task: Task, topic: str) -> bool:
    """Whether a task speaks of a topic: each of its words stands there beside its neighbour.

    Diacritics that are typed count; those that are left out are forgiven.
    """
    text = normalise.words(" ".join((task.title, *task.topics, task.quote)))
    typed = normalise.words(topic)
    if len(typed) < 2:
        return any(compatible(word, other) for word in typed for other in text)
    pairs = defaultdict(list)
    for pair in pairwise(text):
        pairs[fold(pair[0]), fold(pair[1])].append(pair)
    covered: set[int] = set()
    for place, (one, other) in enumerate(pairwise(typed)):
        found = pairs.get((fold(one), fold(other)), ())
        if any(compatible(one, x) and compatible(other, y) for x, y in found):
            covered |= {place, place + 1}
    return len(covered) == len(typed)


def interests(wishes: Wishes) -> list[_Interest]:
    """What somebody hears of, the nearest wish first: a task before its agency."""
    found = [
        _Interest(
            _NEAREST[s.scope],
            s.scope,
            s.value,
            s.plan,
            (*s.leads, 0) if s.leads else LEADS,
            f"{s.scope}:{s.value}",
        )
        for s in wishes.subscriptions
        if s.wanted and s.scope in _NEAREST
    ]
    found += [
        _Interest(_ROLE, Scope.AGENCY, agency, plan, LEADS, f"lead:{agency}")
        for plan, agency, role in wishes.memberships
        if agency and role in (Role.OFFICIAL, Role.COORDINATOR)
    ]
    return sorted(found, key=lambda interest: interest.nearness)


def due_to(wishes: Wishes, agenda: Agenda) -> list[Found]:
    """What somebody is to be told on a morning, the most urgent first."""
    day = agenda.morning.day
    chosen: dict[tuple[str, date], tuple[_Interest, Occasion]] = {}
    for interest in interests(wishes):
        for occasion in agenda.of(interest.scope, interest.value, interest.plan):
            if occasion.concerns(_agency(wishes, interest, occasion, agenda.field)):
                chosen.setdefault((occasion.task.ref, occasion.original), (interest, occasion))
    found = [
        alert
        for interest, occasion in chosen.values()
        if (alert := _announced(wishes, interest, occasion, agenda))
    ]
    told = {(f.occasion.task.ref, f.occasion.original) for f in found}
    found += [f for f in _snoozed(wishes, agenda) if (f.occasion.task.ref, f.date) not in told]
    return sorted(found, key=lambda f: urgency(f.occasion.due, day))


def _agency(wishes: Wishes, interest: _Interest, occasion: Occasion, field: Field) -> str:
    """The agency as whose member somebody hears of a task, or whose task it follows."""
    if interest.scope in (Scope.AGENCY, Scope.REPORTS) and interest.value:
        return interest.value
    keys = field.keys(occasion.task)
    own = (a for plan, a, _ in wishes.memberships if plan == occasion.task.plan and a in keys)
    return next(own, "")


def _announced(
    wishes: Wishes, interest: _Interest, occasion: Occasion, agenda: Agenda
) -> Found | None:
    """How an occasion is told; None where there is nothing to tell on this morning."""
    agency = _agency(wishes, interest, occasion, agenda.field)
    if occasion.due < agenda.morning.day:
        told = agenda.overdue(occasion)
        if told is None:
            return None
        found = Found(occasion, "overdue", told, interest.why, agency)
    else:
        span = agenda.leads(occasion.due)
        fitting = [lead for lead in interest.leads if lead in span]
        if not fitting:
            return None
        kind = f"before.{min(fitting)}"
        found = Found(occasion, kind, occasion.due, interest.why, agency)
    return _held_back(wishes, interest, found, agenda)


def _held_back(wishes: Wishes, interest: _Interest, found: Found, agenda: Agenda) -> Found | None:
    """Nothing where the task is done; skipped where it is muted or waits for another agency."""
    state = agenda.field.condition(found.occasion, found.agency)
    if state.status is Status.DONE:
        return None
    if state.status is Status.BLOCKED and state.blocker:
        return replace(found, state=State.SKIPPED, reason=f"blocked:{state.blocker}")
    for wish in wishes.subscriptions:
        nearness = min(_NEAREST.get(wish.scope, 9), _ROLE) if wish.scope in _NEAREST else 9
        muting = not wish.wanted and nearness <= interest.nearness
        if muting and found.occasion in agenda.of(wish.scope, wish.value, wish.plan):
            reason = f"muted:{wish.scope}:{wish.value}"
            return replace(found, state=State.SKIPPED, reason=reason)
    return found


def _snoozed(wishes: Wishes, agenda: Agenda) -> Iterator[Found]:
    """What somebody asked to be reminded of again by now."""
    for ref, due, again in wishes.snoozes:
        task = agenda.field.library.task(ref)
        if task is None or again > agenda.morning.last:
            continue
        occasion = Occasion(task, due, due)
        keys = agenda.field.keys(task)
        agency = next((a for p, a, _ in wishes.memberships if p == task.plan and a in keys), "")
        state = agenda.field.condition(occasion, agency)
        if state.status is not Status.DONE:
            due = state.granted or due
            yield Found(replace(occasion, due=due), "snoozed", again, f"task:{ref}", agency)


def digests_due(wishes: Wishes, morning: Morning, plans: Mapping[str, Plan]) -> list[str]:
    """The digests of a week's first working day: `digest/<plan>` and, for an agency's week,
    `digest/<plan>/<agency>`."""
    if not wishes.memberships:
        return []
    monday = deadlines.week_span(morning.day)[0]
    first = monday if deadlines.is_working(monday) else deadlines.next_working(monday)
    if not morning.since <= first <= morning.day:
        return []
    refused = {s.value for s in wishes.subscriptions if s.scope is Scope.DIGEST and not s.wanted}
    found: dict[str, None] = {}
    for name, agency, role in wishes.memberships:
        plan = plans.get(name)
        if plan is None or name in refused or not digesting(plan, morning.day):
            continue
        if role in (Role.COORDINATOR, Role.LEADER):
            found[f"digest/{name}"] = None
        elif role == Role.OFFICIAL and agency:
            found[f"digest/{name}/{agency}"] = None
    return list(found)


def digesting(plan: Plan, day: date) -> bool:
    """Whether a plan still has digests on that day."""
    return plan.period[0] <= day <= plan.period[1] + DIGEST_AFTER


def stand_ins(away: Iterable[Absence]) -> Mapping[int, tuple[int, ...]]:
    """For each listener who hears instead of others on leave: those others.

    A deputy who is on leave too passes on what came; nobody hears instead of themselves.
    """
    passed = {absence.listener: absence.deputy for absence in away}
    found: defaultdict[int, list[int]] = defaultdict(list)
    for absent in passed:
        deputy, seen = passed[absent], {absent}
        while deputy is not None and deputy in passed and deputy not in seen:
            seen.add(deputy)
            deputy = passed[deputy]
        if deputy is not None and deputy not in passed:
            found[deputy].append(absent)
    return {deputy: tuple(absents) for deputy, absents in found.items()}


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


def to_log(
    found: Found, wishes: Wishes, place: tuple[str, str], day: date, stands_for: int = 0
) -> Alert:
    """What was found, as a row of the log for a chat (channel, chat)."""
    due = found.occasion.due
    return Alert(
        listener=wishes.listener.id,
        channel=place[0],
        chat=place[1],
        task=found.occasion.task.ref,
        kind=found.kind,
        date=found.date,
        due=due,
        day=day,
        why=f"{found.why}|{stands_for}" if stands_for else found.why,
        agency=found.agency,
        state=found.state,
        reason=found.reason,
        rank=rank(found.kind, due, day),
    )

"""The state's arithmetic: where a task stands by its entries, and the four buckets. Pure.

The four buckets are those of the reports on tasks given (1270/BC-TCTTTg, 2017): done in time
or late, being done in time or overdue. A standing duty has no deadline and is in none of them.
A task that the plan gives to leads has one state; a task given to a group as a whole has one
for each agency of the group, and for the plan it stands where the last of them stands.
A recurring task counts once, by the worst of its occurrences up to the next one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from data.deadlines import Span
from data.loading.library import Library
from data.model import Kind, Plan, Task
from data.record import Act, Entry, Status
from data.text.normalise import slug


class Bucket(StrEnum):
    """One of the four counts of the state's reports."""

    DONE_IN_TIME = "done_in_time"
    DONE_LATE = "done_late"
    OPEN_IN_TIME = "open_in_time"
    OPEN_LATE = "open_late"


_WORST_FIRST = (Bucket.OPEN_LATE, Bucket.OPEN_IN_TIME, Bucket.DONE_LATE, Bucket.DONE_IN_TIME)


@dataclass(frozen=True, slots=True)
class Condition:
    """Where a task (or one occurrence of it) stands.

    `last` is the entry that said so. `granted` is the deadline that was granted, None where
    none was; `extensions` how many were. `request` is the extension asked for and not decided.
    `reason` is why it was returned or what blocks it, `blocker` the agency that blocks it.
    `told` is the last percentage on record, whatever was said without one since.
    """

    status: Status = Status.NOT_STARTED
    percent: int | None = None
    done_on: date | None = None
    last: Entry | None = None
    figures: tuple[Mapping[str, Any], ...] = ()
    documents: tuple[str, ...] = ()
    confirmed: bool = False
    reason: str = ""
    blocker: str = ""
    granted: date | None = None
    extensions: int = 0
    request: Entry | None = None
    presses: int = 0
    told: int | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A task held against its deadlines.

    `due` is the deadline of the plan and `extended` the one granted in its place (the same
    where none was). The buckets are None for a standing duty. `agency` is empty where the
    task has one state for all.
    """

    task: Task
    condition: Condition
    agency: str = ""
    due: date | None = None
    extended: date | None = None
    bucket: Bucket | None = None
    bucket_extended: Bucket | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tasks are in each bucket; standing duties are counted apart."""

    done_in_time: int = 0
    done_late: int = 0
    open_in_time: int = 0
    open_late: int = 0
    standing: int = 0
    standing_done: int = 0

    @property
    def total(self) -> int:
        """The tasks that have a deadline."""
        return self.done_in_time + self.done_late + self.open_in_time + self.open_late

    @property
    def done(self) -> int:
        """The tasks done, in time or not."""
        return self.done_in_time + self.done_late

    @property
    def done_rate(self) -> float | None:
        """The percentage done, to a tenth; None where no task has a deadline."""
        return round(100 * self.done / self.total, 1) if self.total else None

    @property
    def in_time_rate(self) -> float | None:
        """100% less the late rate; None until something is finished or late.

        Late rate = (open late + done late) / to be handled: the formula by which Gia Lai
        province publishes the rates of its one-stop offices.
        """
        late = self.open_late + self.done_late
        judged = self.done + self.open_late
        return round(100 - 100 * late / self.total, 1) if judged else None


def live(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries that count: those taken back are left out, and so is the taking back."""
    listed = tuple(entries)
    reversed_ids = {e.fields.get("reverses") for e in listed if e.act is Act.UNDO}
    return tuple(e for e in listed if e.act is not Act.UNDO and e.id not in reversed_ids)


def concerned(entry: Entry) -> str:
    """The agency of the plan for which an entry counts."""
    return str(entry.fields.get("for") or entry.agency)


def part(task: Task, entries: Iterable[Entry], agency: str = "") -> tuple[Entry, ...]:
    """The live entries on the task itself that count for an agency, or for the leads."""
    own = [e for e in live(entries) if e.plan == task.plan and e.task == task.id]
    if task.lead and (not agency or agency in task.lead):
        return tuple(e for e in own if concerned(e) in task.lead)
    return tuple(e for e in own if not agency or concerned(e) == agency)


def condition(entries: Iterable[Entry]) -> Condition:
    """Where something stands after these live entries, in their order."""
    now = Condition()
    for entry in entries:
        now = _after(now, entry)
    return now


def _after(now: Condition, entry: Entry) -> Condition:
    if entry.act is Act.UPDATE:
        return _updated(now, entry)
    if entry.act is Act.CONFIRM:
        return replace(now, confirmed=True)
    if entry.act is Act.RETURN:
        return replace(
            now,
            status=Status.RETURNED,
            done_on=None,
            confirmed=False,
            last=entry,
            reason=str(entry.fields.get("reason", "")),
            blocker="",
        )
    if entry.act is Act.EXTEND:
        return replace(now, request=entry)
    if entry.act in (Act.GRANT, Act.REFUSE):
        now = replace(now, request=None)
        if entry.act is Act.REFUSE:
            return now
        granted = date.fromisoformat(entry.fields["to"])
        return replace(now, granted=granted, extensions=now.extensions + 1)
    return replace(now, presses=now.presses + 1) if entry.act is Act.PRESS else now


def _updated(now: Condition, entry: Entry) -> Condition:
    fields = entry.fields
    status = Status(fields["status"])
    told = fields.get("done_on")
    if status is not Status.DONE:
        done_on = None
    elif told:
        done_on = date.fromisoformat(told)
    else:
        done_on = now.done_on or entry.at.date()
    return replace(
        now,
        status=status,
        percent=fields.get("percent"),
        told=fields.get("percent", now.told),
        done_on=done_on,
        last=entry,
        figures=tuple(fields.get("figures", ())) or now.figures,
        documents=(*now.documents, *(d for d in entry.documents if d not in now.documents)),
        confirmed=False,
        reason=str(fields.get("note", "")) if status is Status.BLOCKED else "",
        blocker=str(fields.get("blocker", "")) if status is Status.BLOCKED else "",
    )


def bucket(now: Condition, due: date, today: date) -> Bucket:
    """The bucket against one deadline, the last day in time."""
    if now.status is Status.DONE:
        return Bucket.DONE_IN_TIME if (now.done_on or today) <= due else Bucket.DONE_LATE
    return Bucket.OPEN_IN_TIME if today <= due else Bucket.OPEN_LATE


def recurring(task: Task) -> bool:
    """Whether the task falls due several times."""
    return len(task.due) > 1


def of_occurrence(task: Task, entries: Iterable[Entry], due: date) -> tuple[Entry, ...]:
    """The entries on one occurrence of a recurring task."""
    day = due.isoformat()
    return tuple(e for e in entries if not recurring(task) or e.fields.get("due") == day)


def occurrence(
    task: Task, entries: Sequence[Entry], day: date, period: Span | None
) -> date | None:
    """The occurrence that a report of that day is about: of the period that it names, or the
    nearest one that is not done. None for a task that does not recur."""
    if not recurring(task):
        return None
    named = [d for d in task.due if period and period[0] <= d <= period[1]]
    waiting = [
        d for d in task.due if condition(of_occurrence(task, entries, d)).status is not Status.DONE
    ]
    choice = named or waiting or list(task.due)
    return min(choice, key=lambda d: abs((d - day).days))


def judge(
    task: Task,
    entries: Iterable[Entry],
    today: date,
    agency: str = "",
    period: Span | None = None,
) -> Judgement:
    """The task as it stands for an agency, or for its leads where none is named.

    With a period, only what falls due within it is looked at.
    """
    own = part(task, entries, agency)
    named = "" if agency in task.lead else agency
    if not recurring(task):
        return _held(task, condition(own), named, task.due[0] if task.due else None, today)
    days = [d for d in task.due if period is None or period[0] <= d <= period[1]] or [task.due[-1]]
    coming = [d for d in days if d >= today]
    looked_at = [d for d in days if d < today] + coming[:1]
    held = [
        _held(task, condition(of_occurrence(task, own, d)), named, d, today) for d in looked_at
    ]
    return min(held, key=badness)


def badness(held: Judgement) -> int:
    """Where to place it so that what is late comes first and standing duties last."""
    kind = held.bucket_extended
    return _WORST_FIRST.index(kind) if kind else len(_WORST_FIRST)


def _held(task: Task, now: Condition, agency: str, due: date | None, today: date) -> Judgement:
    if due is None:
        return Judgement(task, now, agency)
    extended = now.granted or due
    return Judgement(
        task, now, agency, due, extended, bucket(now, due, today), bucket(now, extended, today)
    )


def tally(judgements: Iterable[Judgement], *, extended: bool) -> Tally:
    """The counts, against the extended deadlines or against those of the plan."""
    counts: defaultdict[str, int] = defaultdict(int)
    for held in judgements:
        kind = held.bucket_extended if extended else held.bucket
        if kind:
            counts[kind.value] += 1
            continue
        counts["standing"] += 1
        counts["standing_done"] += held.condition.status is Status.DONE
    return Tally(**counts)


DISTRICTS = "ubnd-cap-huyen"
"""The group of the district People's Committees."""


class Overview:
    """The entries of some plans, asked for the state of tasks, agencies and plans."""

    def __init__(self, library: Library, entries: Iterable[Entry], today: date) -> None:
        self.library = library
        self.today = today
        self._by_task: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            self._by_task[entry.ref].append(entry)

    def entries(self, task: Task) -> tuple[Entry, ...]:
        """Every entry on a task, those taken back too."""
        return tuple(self._by_task.get(task.ref, ()))

    def entries_named(self, task: Task) -> tuple[Entry, ...]:
        """Every entry on a task and on the tasks of one's own under it, in order."""
        own = f"{task.ref}-"
        found = [
            e
            for ref, entries in self._by_task.items()
            if ref == task.ref or ref.startswith(own)
            for e in entries
        ]
        return tuple(sorted(found, key=lambda e: e.id))

    def carriers(self, task: Task) -> tuple[str, ...]:
        """The agencies that answer for a task: its leads, else the members of its groups."""
        if task.lead:
            return task.lead
        province = slug(self.library.plans[task.plan].province)
        agencies = self.library.directory.agencies
        members = (
            key
            for group in task.addressed
            for key in (self.library.directory.members(group, province) or (group,))
        )
        known = [k for k in dict.fromkeys(members) if k in agencies]
        single = [k for k in known if not agencies[k].is_group]
        return tuple(k for k in single if not agencies[k].central) or tuple(known)

    def reporting(self, task: Task) -> dict[str, tuple[str, ...]]:
        """Who is counted for a task: its carriers that the plan names, each alone, and the
        districts as one group. Who receives the report is not asked for it."""
        agencies = self.library.directory.agencies
        counted: dict[str, tuple[str, ...]] = {}
        for key in self.carriers(task):
            if DISTRICTS in agencies[key].groups:
                counted[DISTRICTS] = (*counted.get(DISTRICTS, ()), key)
            elif key in task.lead or (
                task.plan in agencies[key].plans and key not in task.recipients
            ):
                counted[key] = (key,)
        return counted

    def sharers(self, task: Task) -> tuple[str, ...]:
        """The agencies by which a common duty is judged: those counted, each district for
        itself, and whoever else said something of it."""
        counted = {key for keys in self.reporting(task).values() for key in keys}
        heard = {concerned(e) for e in live(self._by_task.get(task.ref, ()))}
        carriers = self.carriers(task)
        return tuple(k for k in carriers if k in counted or k in heard) or carriers

    def of_agency(self, task: Task, agency: str, period: Span | None = None) -> Judgement:
        """The task as it stands for one agency."""
        return judge(task, self._by_task.get(task.ref, ()), self.today, agency, period)

    def of_task(self, task: Task, period: Span | None = None) -> Judgement:
        """The task as it stands for the plan: where the last of its agencies stands."""
        if task.lead or not task.addressed:
            return judge(task, self._by_task.get(task.ref, ()), self.today, "", period)
        each = [self.of_agency(task, key, period) for key in self.sharers(task)]
        if not each:
            return judge(task, (), self.today, "", period)
        return min(each, key=lambda held: (badness(held), _PROGRESS.index(held.condition.status)))

    def status(self, task: Task, agency: str = "") -> Status:
        """One word for a task; for a task of a group, what its agencies have in common."""
        if agency or task.lead or not task.addressed:
            return self.of_agency(task, agency).condition.status
        said = {self.of_agency(task, key).condition.status for key in self.sharers(task)}
        if len(said) == 1:
            return said.pop()
        return Status.IN_PROGRESS

    def of_plan(self, plan: Plan, period: Span | None = None) -> tuple[Judgement, ...]:
        """Every task that somebody answers for, each once."""
        return tuple(
            self.of_task(task, period) for task in counted(plan.tasks, period) if task.responsible
        )

    def own(self, agency: str, tasks: Iterable[Task]) -> tuple[Entry, ...]:
        """The tasks of an agency's own under these, as the entries that made them."""
        return tuple(
            e
            for task in tasks
            for e in live(self._by_task.get(task.ref, ()))
            if e.act is Act.SUBTASK and e.agency == agency
        )

    def own_done(self, made: Entry) -> bool:
        """Whether a task of one's own is done."""
        ref = f"{made.plan}/{made.fields['id']}"
        return condition(live(self._by_task.get(ref, ()))).status is Status.DONE


_PROGRESS = (
    Status.NOT_STARTED, Status.RETURNED, Status.BLOCKED, Status.IN_PROGRESS, Status.DONE,
)  # fmt: skip


def counted(tasks: Iterable[Task], period: Span | None) -> tuple[Task, ...]:
    """The tasks that count within a period: those that fall due in it; without one, all but
    the plan's general aims."""
    return tuple(
        task
        for task in tasks
        if task.kind is not Kind.TARGET
        and (period is None or any(period[0] <= d <= period[1] for d in task.due))
    )

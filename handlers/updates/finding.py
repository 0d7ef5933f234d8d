"""Which task an official means: by its id, by its clause, by topic, or what was spoken of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from data.coverage import Part
from data.loading.library import Library
from data.model import Person, Plan, Task
from data.search import TopicIndex
from data.text.clauses import fits
from data.text.normalise import fold, slug, words
from handlers.hits import nearest
from handlers.permissions import Action, Decision, may
from handlers.understanding.recognise import Recogniser
from handlers.updates.reading import Reading

_ENOUGH = 0.75


@dataclass(frozen=True, slots=True)
class Aim:
    """A task that may be meant; `own` is the number of a task of one's own under it."""

    task: Task
    own: int = 0

    @property
    def name(self) -> str:
        """What entries call it: `5k`, `5k-1`."""
        return f"{self.task.id}-{self.own}" if self.own else self.task.id

    @property
    def ref(self) -> str:
        """Plan and name in one word."""
        return f"{self.task.plan}/{self.name}"


@dataclass(frozen=True, slots=True)
class Search:
    """What was found: the tasks that the person may act on, or the first that not.

    `named` says that the words named a task at all, whether or not there is one.
    """

    aims: tuple[Aim, ...] = ()
    denied: Decision | None = None
    denied_task: Task | None = None
    named: bool = False


class Finder:
    """Finds tasks. Built once; holds no state of any conversation."""

    def __init__(self, library: Library, index: TopicIndex, recogniser: Recogniser) -> None:
        self.library = library
        self._index = index
        self._recogniser = recogniser

    def aim(self, ref: str) -> Aim | None:
        """The aim behind `lang-son-2021/5k-1`; None where there is no such task."""
        name, dash, own = ref.rpartition("-") if "-" in ref.partition("/")[2] else (ref, "", "")
        task = self.library.task(name)
        if task is None or (dash and not own.isdigit()):
            return None
        return Aim(task, int(own) if dash else 0)

    def find(
        self,
        reading: Reading,
        person: Person | None,
        action: Action,
        today: date,
        plan: str | None,
    ) -> Search:
        """What the words name; nothing where they name nothing."""
        plans = self.plans(person, plan)
        if reading.ids or reading.clauses:
            aims = self._by_id(reading, plans)
            return self._allowed(aims, person, action, today)
        if reading.topic:
            return self.by_topic(reading.topic, person, action, today, plan)
        return Search()

    def plans(self, person: Person | None, plan: str | None) -> tuple[Plan, ...]:
        """The plan asked for, else those in which the person has a role, else all."""
        if plan in self.library.plans:
            return (self.library.plans[plan or ""],)
        held = {m.plan for m in person.memberships} if person else set()
        own = tuple(p for p in self.library.plans.values() if p.id in held)
        return own or tuple(self.library.plans.values())

    def _by_id(self, reading: Reading, plans: Sequence[Plan]) -> list[Aim]:
        aims = []
        for id in reading.ids:
            name, _, own = id.partition("-")
            for plan in plans:
                task = self.library.task(f"{plan.id}/{name}")
                if task:
                    aims.append(Aim(task, int(own or 0)))
        for ref in reading.clauses if not aims else ():
            aims += [Aim(t) for plan in plans for t in plan.tasks if fits(ref, t.clause)]
        return aims

    def _allowed(
        self, aims: Sequence[Aim], person: Person | None, action: Action, today: date
    ) -> Search:
        decisions = [may(person, action, aim.task, self.library, today) for aim in aims]
        allowed = tuple(a for a, d in zip(aims, decisions, strict=True) if d.allowed)
        if allowed or not aims:
            return Search(allowed, named=True)
        return Search((), decisions[0], aims[0].task, named=True)

    def by_topic(
        self, topic: str, person: Person | None, action: Action, today: date, plan: str | None
    ) -> Search:
        """The tasks on a topic: first among those that the person may act on."""
        tasks = [t for p in self.plans(person, plan) for t in p.tasks]
        may_be = [t for t in tasks if may(person, action, t, self.library, today).allowed]
        parts = self._parts(topic, [p.id for p in self.plans(person, plan)], today)
        if not parts:
            return Search()
        own = self._near(may_be, parts)
        other = self._near(tasks, parts)
        if own:
            return Search(tuple(map(Aim, own)), named=True)
        if other:
            return self._allowed([Aim(other[0])], person, action, today)
        return Search(named=True)

    def _near(self, tasks: Iterable[Task], parts: Sequence[Part]) -> list[Task]:
        hits = [h for h in self._index.among(tasks, parts) if h.coverage >= _ENOUGH]
        hits = [h for h in hits if h.place != "heading"]
        return [h.task for h in nearest(hits)]

    def _parts(self, topic: str, plans: Sequence[str], today: date) -> tuple[Part, ...]:
        """The topic's words as the reader of questions takes them, agencies left out."""
        question = self._recogniser.read(topic, today, plans)
        if question.topic:
            return question.topic
        named = {w for m in question.agencies for w in words(fold(m.words))}
        run = [w for w in words(topic) if fold(w) not in named]
        return (self._recogniser.synonyms.part(run),) if run else ()

    def topical(self, text: str, plans: Sequence[str], today: date) -> bool:
        """Whether a text speaks of anything beside agencies."""
        return bool(self._parts(text, plans, today))

    def near(self, topic: Sequence[Part], plans: Sequence[str]) -> tuple[Task, ...]:
        """The tasks of these plans that speak of a topic as the reader of questions took it."""
        return tuple(self._near((t for t in self.library.tasks() if t.plan in plans), topic))

    def took_over(self, agency: str, lead: str, task: Task, today: date) -> bool:
        """Whether the duties of a lead have passed to the agency by that day."""
        province = slug(self.library.plans[task.plan].province)
        rows = self.library.directory.predecessors(agency, province)
        return any(row.predecessor == lead and row.since <= today for row in rows)

    def agencies(self, text: str, today: date) -> tuple[str, ...]:
        """The agencies that a text names, each surely."""
        if not text:
            return ()
        question = self._recogniser.read(text, today, tuple(self.library.plans))
        return tuple(dict.fromkeys(m.keys[0] for m in question.agencies if len(m.keys) == 1))

    def acts_for(self, agency: str, task: Task, today: date) -> str:
        """The agency of the plan for which somebody of `agency` acts: a lead that it is or
        took over from, else itself."""
        if not task.lead or agency in task.lead:
            return agency
        province = slug(self.library.plans[task.plan].province)
        rows = self.library.directory.predecessors(agency, province)
        heirs = [row.predecessor for row in rows if row.since <= today]
        inherited = next((key for key in heirs if key in task.lead), None)
        if inherited or task.addressed:
            return inherited or agency
        return task.lead[0]

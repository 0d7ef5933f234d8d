"""Which tasks a question concerns: by agency and role, topic, clause, document, time.

An agency's tasks come in four shares: what it leads, what it co-operates in, the duties of
the groups it belongs to, and what it took over from agencies that are no more.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from data.coverage import Hit
from data.deadlines import last_in_time
from data.loading.library import Library
from data.model import Plan, Succession, Task
from data.search import TopicIndex
from data.text.clauses import ClauseRef, fits
from data.text.dates import Period, occurrences
from data.text.documents import same
from data.text.figures import Figure
from data.text.normalise import fold, slug, words
from handlers.hits import OWN_WORDS, fitting, nameless, nearest, of_plans, scattered
from handlers.understanding.question import Question, Role


@dataclass(frozen=True, slots=True)
class Inherited:
    """The tasks that came to an agency by a succession."""

    row: Succession
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """What one agency has to do in one plan, in its four parts."""

    agency: str
    plan: Plan
    lead: tuple[Task, ...] = ()
    coordinating: tuple[Task, ...] = ()
    common: tuple[Task, ...] = ()
    inherited: tuple[Inherited, ...] = ()

    @property
    def own(self) -> tuple[Task, ...]:
        """What names the agency itself, in the plan's order."""
        named = _once((*self.lead, *self.coordinating))
        if not self.lead or not self.coordinating:
            return named
        refs = {t.ref for t in named}
        return tuple(t for t in self.plan.tasks if t.ref in refs)

    @property
    def taken_over(self) -> tuple[Task, ...]:
        """All that came from predecessors, each once."""
        return _once(t for part in self.inherited for t in part.tasks)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Everything: its own first, then what it took over, then the common duties."""
        return _once((*self.lead, *self.coordinating, *self.taken_over, *self.common))


class Selector:
    """Picks tasks. Built once from the library; holds no state of any conversation."""

    def __init__(self, library: Library, index: TopicIndex) -> None:
        self.library = library
        self.index = index
        self._lead: dict[tuple[str, str], list[Task]] = defaultdict(list)
        self._coordinating: dict[tuple[str, str], list[Task]] = defaultdict(list)
        self._addressed: dict[tuple[str, str], list[Task]] = defaultdict(list)
        self._aiming: dict[float, list[Task]] = defaultdict(list)
        self._place = {task.ref: place for place, task in enumerate(library.tasks())}
        self._shares: dict[tuple[str, str], Share] = {}
        for task in library.tasks():
            for key in task.lead:
                self._lead[task.plan, key].append(task)
            for key in task.coordinating:
                self._coordinating[task.plan, key].append(task)
            for key in task.addressed:
                self._addressed[task.plan, key].append(task)
            for target in task.targets:
                self._aiming[target.value].append(task)

    def plans(self, question: Question, limit: Sequence[str]) -> tuple[Plan, ...]:
        """The plans that the question is about."""
        names = question.plans or tuple(limit) or tuple(self.library.plans)
        chosen = [self.library.plans[n] for n in names if n in self.library.plans]
        of_year = [p for p in chosen if p.year == question.year]
        return tuple(of_year or chosen)

    def named(self, key: str, plan: Plan) -> bool:
        """Whether the plan names the agency or addresses the group."""
        place = (plan.id, key)
        return place in self._lead or place in self._coordinating or place in self._addressed

    def share(self, key: str, plan: Plan) -> Share:
        """The agency's share of a plan."""
        known = self._shares.get((key, plan.id))
        if known is None:
            known = self._shares[key, plan.id] = self._share(key, plan)
        return known

    def _share(self, key: str, plan: Plan) -> Share:
        lead = list(self._lead.get((plan.id, key), ()))
        if self._is_group(key):
            lead += self._addressed.get((plan.id, key), ())
        own = {t.ref for t in lead}
        common = _once(
            t
            for group in self.library.directory.groups_of(key)
            for t in self._addressed.get((plan.id, group), ())
            if t.ref not in own
        )
        coordinating = [t for t in self._coordinating.get((plan.id, key), ()) if t.ref not in own]
        return Share(
            key,
            plan,
            self._ordered(lead),
            self._ordered(coordinating),
            self._ordered(common),
            self._inherited(key, plan),
        )

    def _inherited(self, key: str, plan: Plan) -> tuple[Inherited, ...]:
        parts = []
        rows = self.library.directory.predecessors(key, slug(plan.province))
        for row in rows:
            tasks = (
                *self._lead.get((plan.id, row.predecessor), ()),
                *self._coordinating.get((plan.id, row.predecessor), ()),
            )
            if tasks:
                parts.append(Inherited(_reached(row, key, rows), self._ordered(tasks)))
        return tuple(parts)

    def _ordered(self, tasks: Iterable[Task]) -> tuple[Task, ...]:
        """The tasks in their plan's order, each once."""
        return tuple(sorted(_once(tasks), key=lambda task: self._place[task.ref]))

    def of_agency(self, question: Question, key: str, plan: Plan) -> Share:
        """The share, narrowed by everything else that the question says."""
        share = self.share(key, plan)
        keep = self.keeper(question)
        lead, coordinating = keep(share.lead), keep(share.coordinating)
        common = keep(share.common) if question.common is not False else ()
        inherited = tuple(
            Inherited(part.row, kept)
            for part in share.inherited
            if (kept := keep(self._in_role(part, question.role)))
        )
        if question.role is Role.COORDINATING and coordinating and not question.has("who"):
            lead, common = (), ()
        if question.role is Role.LEAD and (lead or inherited or question.has("strict_lead")):
            coordinating, common = (), ()
        narrowed = question.has("narrowed") or (question.topic and question.has("narrow"))
        if narrowed and question.common is not True and (lead or coordinating):
            common = ()
        if question.common is True or (self._is_group(key) and question.has("common_duties")):
            coordinating, inherited = (), ()
            lead = lead if self._is_group(key) else ()
        return Share(key, plan, lead, coordinating, common, inherited)

    def _is_group(self, key: str) -> bool:
        agency = self.library.directory.agencies.get(key)
        return bool(agency and agency.is_group)

    def _in_role(self, part: Inherited, role: Role | None) -> tuple[Task, ...]:
        old = part.row.predecessor
        if role is Role.LEAD:
            return tuple(t for t in part.tasks if old in t.lead)
        if role is Role.COORDINATING:
            return tuple(t for t in part.tasks if old in t.coordinating)
        return part.tasks

    def keeper(self, question: Question) -> "Keeper":
        """What narrows any list of tasks to what the question says beside the agency."""
        return Keeper(self, question)

    def on_topic(self, question: Question, plans: Sequence[Plan]) -> list[Hit]:
        """The tasks on the question's topic, the best first; only those near the best."""
        if not question.topic:
            return []
        if hits := of_plans([self._reaching(question, p) for p in plans], question):
            return hits
        found = [fitting(question, partial(self.index.find, plans=(p.id,))) for p in plans]
        hits = of_plans(found, question)
        return [] if scattered(hits, question) or nameless(hits, question, self.index) else hits

    def _reaching(self, question: Question, plan: Plan) -> list[Hit]:
        """The tasks that are to reach the figure named, as far as they are on the topic: of
        those the words need tell less."""
        near = (t for f in question.figures for t in self._aiming.get(f.value, ()))
        tasks = _once(t for t in near if t.plan == plan.id and reaches(t, question.figures))
        if not tasks:
            return []
        look = partial(self.index.among, tasks)
        best = [h for h in look(question.topic)[:1] if h.coverage >= OWN_WORDS]
        return fitting(question, look) or best

    def by_clause(self, question: Question, plans: Sequence[Plan]) -> tuple[Task, ...]:
        """The tasks under the clauses that the question names."""
        refs = clauses_named(question)
        found = self._under(refs, plans)
        if not found:
            counted = [
                replace(ref, number=ref.rest[0], rest=ref.rest[1:])
                for ref in refs
                if ref.rest and ref.number is None and ref.letter is None
            ]
            found = self._under(counted, plans)
        return found

    def _under(self, refs: Sequence[ClauseRef], plans: Sequence[Plan]) -> tuple[Task, ...]:
        return tuple(
            t for plan in plans for t in plan.tasks if any(fits(ref, t.clause) for ref in refs)
        )

    def citing(self, question: Question, plans: Sequence[Plan]) -> tuple[Task, ...]:
        """The tasks that cite the documents that the question names."""
        return tuple(
            t
            for plan in plans
            for t in plan.tasks
            if any(same(c, cited) for c in question.documents for cited in t.documents)
        )

    def due(self, tasks: Iterable[Task], question: Question) -> list[tuple[date, Task]]:
        """Each last day in time within the question's period, with its task, by date."""
        found = []
        for task in tasks:
            period = question.periods.get(task.plan)
            for day in task.due:
                if period is None or self._within(day, period, task.plan):
                    found.append((day, task))
        return sorted(found, key=lambda pair: pair[0])

    def _within(self, day: date, period: Period, plan: str) -> bool:
        """Whether a day is asked about; a day named of each quarter stands for itself and for
        the last day before it."""
        if period.every:
            named = occurrences(period, self.library.plans[plan].period)
            return any(day in (d, last_in_time(d)) for d in named)
        return within(day, period.start, period.end)


class Keeper:
    """Narrows tasks by topic, clause, document, period and excluded agencies."""

    def __init__(self, selector: Selector, question: Question) -> None:
        self._selector = selector
        self._question = question

    def __call__(self, tasks: Iterable[Task]) -> tuple[Task, ...]:
        """The tasks that stay, in their order."""
        question = self._question
        kept = tuple(tasks)
        if question.clauses:
            kept = tuple(t for t in kept if any(fits(ref, t.clause) for ref in question.clauses))
        if question.documents:
            kept = tuple(
                t
                for t in kept
                if any(same(c, cited) for c in question.documents for cited in t.documents)
            )
        if question.periods:
            kept = tuple(t for t in kept if self._selector.due([t], question))
        banned = {key for m in question.excluded for key in m.keys}
        if banned:
            kept = tuple(t for t in kept if not self._of(banned, t))
            if question.has("without_partner"):
                kept = tuple(t for t in kept if banned.isdisjoint(t.coordinating))
        if question.has("undated"):
            kept = tuple(t for t in kept if not t.due)
        if question.has("with_figure"):
            kept = tuple(t for t in kept if t.targets)
        if question.has("without_figure"):
            kept = tuple(t for t in kept if not t.targets)
        kept = self._left_in(kept)
        if question.figures:
            kept = tuple(t for t in kept if reaches(t, question.figures)) or kept
        if question.topic and not self._headed(kept):
            hits = fitting(question, lambda parts: self._selector.index.among(kept, parts))
            chosen = {hit.task.ref for hit in hits}
            kept = tuple(t for t in kept if t.ref in chosen)
        return kept

    def _of(self, banned: Set[str], task: Task) -> bool:
        """Whether a task is that of the agencies left out: led by one of them, or, where it is
        asked who else there is, by no other."""
        by_all = banned >= {*task.lead, *task.addressed}
        return by_all or not (self._question.has("who") or banned.isdisjoint(task.lead))

    def _headed(self, tasks: Sequence[Task]) -> bool:
        """Whether the topic is what a clause that the question names is headed: then all under
        it is on the topic."""
        said = {fold(w) for part in self._question.topic for w in part.options[0]}
        return bool(self._question.clauses and tasks) and all(
            said <= set(words(fold(t.heading))) for t in tasks
        )

    def _left_in(self, tasks: tuple[Task, ...]) -> tuple[Task, ...]:
        """The tasks that the question does not leave out."""
        without = self._question.without
        kept = tuple(t for t in tasks if not any(fits(ref, t.clause) for ref in without.clauses))
        of_kind = tuple(t for t in kept if t.kind in without.kinds)
        others = tuple(t for t in kept if t.kind not in without.kinds)
        if not without.topic:
            return others
        if of_matter := self._on_topic_left_out(of_kind):
            return tuple(t for t in kept if t.ref not in of_matter)
        out = self._on_topic_left_out(others)
        return tuple(t for t in others if t.ref not in out)

    def _on_topic_left_out(self, tasks: tuple[Task, ...]) -> Set[str]:
        """The tasks on the topic that the question leaves out, by their names."""
        hits = self._selector.index.among(tasks, self._question.without.topic) if tasks else []
        return {hit.task.ref for hit in nearest(hits)}


def _reached(row: Succession, key: str, rows: Sequence[Succession]) -> Succession:
    """The row as what it passed on reached the agency: of several steps with the last one's
    day and act."""
    last = row
    while last.successor != key:
        last = next(r for r in rows if r.predecessor == last.successor)
    return replace(row, since=last.since, basis=last.basis, certainty=last.certainty)


def clauses_named(question: Question) -> list[ClauseRef]:
    """The clauses named; a code that is the whole message is meant as it is typed, while the
    "d" of "muc II.2.d noi gi" may be a "đ"."""
    size = len(question.text.split())
    return [
        replace(ref, letter_sure=True)
        if "." in ref.words and len(ref.words.split()) == size
        else ref
        for ref in question.clauses
    ]


def reaches(task: Task, figures: Iterable[Figure]) -> bool:
    """Whether the task is to reach one of the figures that are named."""
    return any(f.is_that(x.value, x.unit) for x in task.targets for f in figures)


def within(day: date, start: date | None, end: date | None) -> bool:
    """Whether a day lies in a span whose ends may be open."""
    return (start is None or start <= day) and (end is None or day <= end)


def _once(tasks: Iterable[Task]) -> tuple[Task, ...]:
    return tuple({t.ref: t for t in tasks}.values())

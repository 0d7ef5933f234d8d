"""The answer to each kind of question: what is selected, and which facts are stated."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from data.loading.library import Library
from data.model import Kind, Plan, Task
from data.search import Part, TopicIndex
from data.text.documents import read_documents, same
from data.text.normalise import fold, slug, words
from handlers.cards import Answer, Cards, Offer, Section, target_words
from handlers.messages import ReplyKind
from handlers.selection import Selector, Share, within
from handlers.understanding.intents import Kind as QuestionKind
from handlers.understanding.question import Question, Role, Want
from handlers.wording import day, listing, say

_OFFERED = 3
_FEW = 3
_CLEARLY = 0.6
_DOCUMENTS_SHOWN = 16
_FACTUAL = frozenset(
    {Want.TASKS, Want.LEAD, Want.DEADLINE, Want.FIGURES, Want.RECIPIENTS, Want.PARTNERS}
)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question ready to be answered: its plans, its agencies settled, the day it is asked."""

    question: Question
    plans: tuple[Plan, ...]
    keys: tuple[str, ...]
    today: date


def _joined(answer: Answer, further: Answer) -> Answer:
    """One answer with the facts of both, and the tasks that carry them."""
    if further.kind is not ReplyKind.ANSWER or not (further.dates or further.figures):
        return answer
    known = {t.ref for t in answer.tasks}
    more = tuple(
        Section(s.title, new)
        for s in further.sections
        if (new := tuple(t for t in s.tasks if t.ref not in known))
    )
    return replace(
        answer,
        notes=(*answer.notes, further.headline, *further.notes[:_FEW]),
        sections=(*answer.sections, *more),
        dates=answer.dates or further.dates,
        figures=answer.figures or further.figures,
    )


class Answers:
    """Answers questions on the registry. Holds no state of any conversation."""

    def __init__(self, library: Library, index: TopicIndex, kinds: Sequence[QuestionKind]) -> None:
        self.library = library
        self.selector = Selector(library, index)
        self.cards = Cards(library)
        self._kinds = kinds
        self._by_want: dict[Want, Callable[[Ask], Answer]] = {
            Want.TASKS: self._tasks,
            Want.LEAD: self._lead,
            Want.PARTNERS: self._partners,
            Want.RECIPIENTS: self._recipients,
            Want.DEADLINE: self._deadline,
            Want.DUE: self._due,
            Want.OVERDUE: self._overdue,
            Want.HEIRS: self._heirs,
            Want.FIGURES: self._figures,
            Want.COUNT: self._count,
            Want.MOST: self._most,
            Want.COMPARE: self._compare,
            Want.SHARED: self._shared,
            Want.INDICATORS: self._indicators,
            Want.DOCUMENTS: self._documents,
            Want.CLAUSE: self._clause,
            Want.PLAN: self._plan,
            Want.GREETING: self._greeting,
            Want.THANKS: self._thanks,
            Want.FAREWELL: self._farewell,
            Want.HELP: self._help,
        }

    def answer(self, question: Question, limit: Sequence[str], today: date) -> Answer:
        """The answer; a refusal where the registry does not hold it."""
        plans = self.selector.plans(question, limit)
        keys = tuple(dict.fromkeys(k for m in question.agencies for k in m.keys[:1]))
        ask = Ask(question, plans, keys, today)
        if question.scope:
            return self._outside(ask)
        if any(not m.keys for m in question.agencies):
            return self._unknown_agency(ask)
        answer = self._by_want[question.want](ask)
        if answer.kind is ReplyKind.REFUSAL and question.lead_in:
            shorter = replace(question, topic=question.topic[question.lead_in :], lead_in=0)
            again = self.answer(shorter, limit, today)
            answer = again if again.kind is ReplyKind.ANSWER else answer
        return self._completed(ask, answer)

    def _completed(self, ask: Ask, answer: Answer) -> Answer:
        """The answer with the further facts that were asked for in one breath."""
        if answer.kind is not ReplyKind.ANSWER:
            return answer
        question = ask.question
        for cue, want, method in (
            ("when", Want.DEADLINE, self._deadline),
            ("how_much", Want.FIGURES, self._figures),
        ):
            if question.has(cue) and question.want is not want and question.want in _FACTUAL:
                answer = _joined(answer, method(ask))
        if question.has("who") and not answer.agencies and not ask.keys:
            few = answer.tasks[:_FEW] if len(answer.tasks) <= _FEW else ()
            answer = replace(answer, agencies=self._carriers(few))
        return answer

    def about(self, ask: Ask, tasks: Sequence[Task]) -> Answer:
        """A fact asked about tasks that were just shown: who, when, how much, the words."""
        question = ask.question
        if question.want is Want.LEAD:
            return self._led_by(ask, tasks)
        if question.want is Want.PARTNERS:
            keys = tuple(dict.fromkeys(k for t in tasks for k in t.coordinating))
            if not keys:
                return Answer(say("partners.none"), sections=self._by_plan(tasks))
            return Answer(
                say("partners.answer", agencies=self.cards.names(keys)),
                sections=self._by_plan(tasks),
                agencies=keys,
            )
        if question.want is Want.RECIPIENTS:
            return self._sent_to(tasks)
        if question.want is Want.DEADLINE:
            return self._deadlines(tasks)
        if question.want is Want.FIGURES:
            return (
                self._figured(tasks)
                if any(t.targets for t in tasks)
                else Answer(say("figures.none"), sections=self._by_plan(tasks))
            )
        if question.want is Want.COUNT:
            return replace(self._listing_of(ask, tasks), count=len(tasks))
        if question.want is Want.DOCUMENTS:
            return self._documented(tasks)
        if question.want is Want.DUE:
            return self._deadlines(tuple(t for t in tasks if t.due) or tasks)
        return Answer(
            tasks[0].title if len(tasks) == 1 else say("tasks.found", count=len(tasks)),
            sections=self._by_plan(tasks),
            whole=question.has("quote"),
        )

    # tasks

    def _tasks(self, ask: Ask) -> Answer:
        question = ask.question
        if ask.keys:
            return self._agency_tasks(ask)
        if question.documents:
            return self._cited(ask)
        if question.clauses:
            return self._clause(ask)
        if question.topic or question.indicators:
            return self._topic(ask)
        if question.common is True:
            return self._common(ask)
        if question.provinces or question.has("task", "what"):
            return self._plan(ask)
        return self._not_understood(ask)

    def _agency_tasks(self, ask: Ask) -> Answer:
        shares = [
            self.selector.of_agency(ask.question, key, plan)
            for key in ask.keys
            for plan in ask.plans
        ]
        if not any(s.tasks for s in shares):
            return self._nothing_for_agency(ask)
        if not ask.question.has("today"):
            shares = [replace(s, inherited=()) if s.own else s for s in shares]
        named = [s for s in shares if s.own or s.inherited] or shares
        sections = [part for s in named for part in self._share_sections(s, len(shares) > 1)]
        unnamed = [s for s in shares if s not in named]
        sections += [part for s in unnamed for part in self._share_sections(s, True)]
        headline = say(
            "tasks.agency",
            agency=self.cards.names(ask.keys),
            own=sum(len(s.own) for s in shares),
            common=sum(len(s.common) for s in shares),
        )
        if not any(s.own for s in shares):
            headline = say("tasks.agency.unnamed", agency=self.cards.names(ask.keys))
        return Answer(
            headline,
            self._agency_notes(ask, shares),
            tuple(sections),
            offers=tuple(o for s in shares if s.own for o in self._inheritance(ask, s)),
        )

    def _inheritance(self, ask: Ask, share: Share) -> tuple[Offer, ...]:
        """What an agency took over since, apart from what the plan gave it."""
        if ask.question.has("today") or ask.question.topic:
            return ()
        whole = self.selector.share(share.agency, share.plan)
        agency = self.library.directory.name(share.agency)
        return tuple(
            Offer(
                say(
                    "offer.inherited",
                    count=len(part.tasks),
                    old=self.library.directory.name(part.row.predecessor),
                    since=day(part.row.since),
                ),
                say("offer.inherited.ask", agency=agency, province=share.plan.province),
            )
            for part in whole.inherited
            if part.row.since <= ask.today
        )

    def _heirs(self, ask: Ask) -> Answer:
        """Who carries an agency's duties today, since when, by which act."""
        if not ask.keys:
            return self._province_heirs(ask)
        lines, heirs = [], []
        for key in ask.keys:
            for plan in ask.plans:
                rows = self.library.directory.successors(key, slug(plan.province))
                lines += [
                    say(
                        "heirs.line" if row.successor else "note.no_heir",
                        agency=self.library.directory.name(row.predecessor),
                        new=self.library.directory.name(row.successor or ""),
                        since=day(row.since),
                        basis=row.basis or say("basis.unknown"),
                    )
                    for row in rows
                ]
                heirs += self.library.directory.heirs(key, slug(plan.province))
        lines = list(dict.fromkeys(lines))
        if not lines:
            return Answer(say("heirs.none", agency=self.cards.names(ask.keys)))
        keys = tuple(dict.fromkeys(heirs))
        return Answer(
            say("heirs.answer", agencies=self.cards.names(keys)) if keys else lines[0],
            tuple(lines if keys else lines[1:]),
            agencies=keys,
        )

    def _province_heirs(self, ask: Ask) -> Answer:
        """Which province carries on, since when, by which act."""
        lines = []
        for province in ask.question.provinces:
            place = self.library.directory.provinces[province]
            if place.successor is None:
                lines.append(say("heirs.none", agency=place.name))
                continue
            lines.append(
                say(
                    "heirs.line",
                    agency=place.name,
                    new=place.successor.name,
                    since=day(place.successor.since),
                    basis=place.successor.basis,
                )
            )
        return Answer(lines[0], tuple(lines[1:]))

    def _share_sections(self, share: Share, with_plan: bool) -> list[Section]:
        plan = self.cards.plan_name(share.plan) if with_plan else ""
        agency = self.library.directory.name(share.agency)
        parts = [
            Section(self._titled("section.lead", plan, agency), share.lead),
            Section(self._titled("section.coordinating", plan, agency), share.coordinating),
            *(
                Section(
                    say(
                        "section.inherited",
                        old=self.library.directory.name(part.row.predecessor),
                        since=day(part.row.since),
                        basis=part.row.basis or say("basis.unknown"),
                    ),
                    part.tasks,
                )
                for part in share.inherited
            ),
            Section(self._titled("section.common", plan, agency), share.common),
        ]
        return [part for part in parts if part.tasks]

    def _titled(self, key: str, plan: str, agency: str) -> str:
        title = say(key, agency=agency)
        return say("section.in_plan", title=title, plan=plan) if plan else title

    def _agency_notes(self, ask: Ask, shares: Sequence[Share]) -> tuple[str, ...]:
        notes = []
        if len(ask.plans) == 1:
            notes.append(say("note.plan", plan=self.cards.plan_name(ask.plans[0])))
        for share in shares:
            if not share.own and share.inherited:
                notes.append(self._heir_note(share))
            elif not share.own and not self.selector.named(share.agency, share.plan):
                notes.append(
                    say(
                        "note.not_named",
                        agency=self.library.directory.name(share.agency),
                        plan=self.cards.plan_name(share.plan),
                    )
                )
        notes += [note for key in ask.keys if (note := self._successor_note(ask, key))]
        return tuple(dict.fromkeys(notes))

    def _heir_note(self, share: Share) -> str:
        olds = listing(
            self.library.directory.name(part.row.predecessor) for part in share.inherited
        )
        return say(
            "note.heir",
            agency=self.library.directory.name(share.agency),
            plan=self.cards.plan_name(share.plan),
            old=olds,
        )

    def _successor_note(self, ask: Ask, key: str) -> str:
        """Who carries the duties today, where the message is of a day after the change."""
        for plan in ask.plans:
            rows = self.library.directory.successors(key, slug(plan.province))
            for row in rows:
                if row.since > ask.today:
                    continue
                agency = self.library.directory.name(key)
                if row.successor is None:
                    return say("note.no_heir", agency=agency, since=day(row.since))
                heirs = self.library.directory.heirs(key, slug(plan.province))
                if heirs and heirs != (key,):
                    return say(
                        "note.successor",
                        agency=agency,
                        new=self.cards.names(heirs),
                        since=day(row.since),
                        basis=row.basis or say("basis.unknown"),
                    )
        return ""

    def _common(self, ask: Ask) -> Answer:
        tasks = tuple(t for p in ask.plans for t in p.tasks if t.addressed)
        return Answer(say("tasks.common", count=len(tasks)), sections=self._by_plan(tasks))

    def _topic(self, ask: Ask) -> Answer:
        tasks = self._topical(ask)
        if not tasks:
            return self._nowhere(ask)
        words = ask.question.topic_words or listing(ask.question.indicators)
        headline = say("tasks.topic", topic=words, count=len(tasks))
        return Answer(headline, sections=self._by_plan(tasks))

    def _topical(self, ask: Ask) -> tuple[Task, ...]:
        """The tasks on the topic that every other condition of the question lets stand."""
        question = ask.question
        hits = self.selector.on_topic(question, ask.plans)
        keep = self.selector.keeper(replace(question, topic=()))
        tasks = keep(hit.task for hit in hits)
        if ask.keys:
            tasks = tuple(t for t in tasks if self._involves(t, ask.keys))
        return tasks

    def _involves(self, task: Task, keys: Iterable[str]) -> bool:
        plan = self.library.plans[task.plan]
        return any(
            task.ref in {t.ref for t in self.selector.share(key, plan).tasks} for key in keys
        )

    def _by_plan(self, tasks: Sequence[Task]) -> tuple[Section, ...]:
        plans = dict.fromkeys(t.plan for t in tasks)
        return tuple(
            Section(
                self.cards.plan_name(self.library.plans[plan]),
                tuple(t for t in tasks if t.plan == plan),
            )
            for plan in plans
        )

    # who

    def _lead(self, ask: Ask) -> Answer:
        question = ask.question
        if question.has("plan_coordinator"):
            return self._coordinators(ask)
        if question.indicators or question.has("indicator"):
            found = self._indicator_tasks(ask)
            if found and not question.has("indicator", "indicator_list"):
                found = tuple(dict.fromkeys((*found, *self._best_led(ask))))
            if found:
                return self._led_by(ask, found)
        if question.documents:
            tasks = self.selector.citing(question, ask.plans)
        elif question.clauses:
            tasks = self.selector.by_clause(question, ask.plans)
        elif question.topic:
            tasks = self._best_led(ask) or self._best_led(self._agency_as_topic(ask))
        elif question.periods:
            return self._due(ask)
        elif ask.keys:
            return self._agency_tasks(ask)
        else:
            return self._not_understood(ask)
        return self._led_by(ask, tasks) if tasks else self._nowhere(ask)

    def _coordinators(self, ask: Ask) -> Answer:
        """Who gathers the reports of the whole plan."""
        tasks = tuple(
            t
            for p in ask.plans
            for t in p.tasks
            if t.kind is Kind.REPORT and p.coordinator in t.lead
        )
        keys = tuple(dict.fromkeys(p.coordinator for p in ask.plans))
        return Answer(
            say("coordinator.answer", agencies=self.cards.names(keys)),
            sections=self._by_plan(tasks),
            agencies=keys,
        )

    def _agency_as_topic(self, ask: Ask) -> Ask:
        """The question with its agencies read as part of the topic: "cho Quỹ bảo lãnh"."""
        parts = tuple(Part((tuple(words(m.words)),)) for m in ask.question.agencies)
        topic = (*ask.question.topic, *parts)
        return replace(ask, keys=(), question=replace(ask.question, topic=topic, agencies=()))

    def _best_led(self, ask: Ask) -> tuple[Task, ...]:
        """The tasks nearest to the topic that somebody carries."""
        kept = {t.ref for t in self._topical(ask)}
        hits = [
            h
            for h in self.selector.on_topic(ask.question, ask.plans)
            if h.task.ref in kept and h.task.responsible
        ]
        hits = [h for h in hits if h.task.lead] or hits
        best = {
            plan.id: max((h.score for h in hits if h.task.plan == plan.id), default=0.0)
            for plan in ask.plans
        }
        return tuple(h.task for h in hits if h.score >= _CLEARLY * best[h.task.plan])

    def _indicator_tasks(self, ask: Ask) -> tuple[Task, ...]:
        """The focal points of the indicators named; where there are none, who works on them."""
        question = ask.question
        tasks = [t for p in ask.plans for t in p.tasks if t.indicators and t.responsible]
        if question.indicators:
            wanted = {i.casefold() for i in question.indicators}
            tasks = [t for t in tasks if wanted & {i.casefold() for i in t.indicators}]
        elif question.topic:
            chosen = {t.ref for t in self.selector.keeper(replace(question, periods={}))(tasks)}
            tasks = [t for t in tasks if t.ref in chosen]
        focal = [t for t in tasks if t.kind is Kind.INDICATOR]
        having = {t.plan for t in focal}
        return tuple(focal + [t for t in tasks if t.plan not in having])

    def _led_by(self, ask: Ask, tasks: Sequence[Task]) -> Answer:
        out = {k for m in ask.question.excluded for k in m.keys}
        keys = tuple(
            k for k in dict.fromkeys(k for t in tasks for k in t.responsible) if k not in out
        )
        if not keys:
            return replace(self._listing_of(ask, tasks), headline=say("lead.nobody"))
        notes = [note for key in keys[:_FEW] if (note := self._successor_note(ask, key))]
        return Answer(
            say("lead.answer", agencies=self.cards.names(keys)),
            tuple(notes),
            sections=self._by_plan(tasks),
            agencies=keys,
        )

    def _listing_of(self, ask: Ask, tasks: Sequence[Task]) -> Answer:
        return Answer(say("tasks.found", count=len(tasks)), sections=self._by_plan(tasks))

    def _partners(self, ask: Ask) -> Answer:
        question = replace(ask.question, role=None)
        if ask.keys:
            tasks = tuple(
                t
                for key in ask.keys
                for plan in ask.plans
                for share in (self.selector.of_agency(question, key, plan),)
                for t in (*share.lead, *share.coordinating, *share.taken_over)
            )
        elif question.clauses:
            tasks = self.selector.by_clause(question, ask.plans)
        else:
            tasks = self._topical(ask)
        found = tuple(dict.fromkeys(tasks))
        tasks = tuple(t for t in found if t.coordinating)
        if not tasks and found and not ask.keys:
            return self._led_by(ask, [t for t in found if t.responsible] or found)
        if not tasks:
            return self._no_partners(ask)
        mine = set(ask.keys)
        for key in ask.keys:
            for plan in ask.plans:
                mine |= {
                    r.predecessor
                    for r in self.library.directory.predecessors(key, slug(plan.province))
                }
        keys = tuple(
            dict.fromkeys(
                k
                for t in tasks
                for k in (
                    t.coordinating
                    if not mine or mine & set(t.lead)
                    else (*t.lead, *t.coordinating)
                )
                if k not in mine
            )
        )
        return Answer(
            say("partners.answer", agencies=self.cards.names(keys)),
            sections=self._by_plan(tasks),
            agencies=keys,
        )

    def _no_partners(self, ask: Ask) -> Answer:
        if ask.question.topic and not self.selector.on_topic(ask.question, ask.plans):
            return self._nowhere(ask)
        return Answer(say("partners.none"), kind=ReplyKind.REFUSAL, offers=self._offers(ask))

    def _recipients(self, ask: Ask) -> Answer:
        tasks = tuple(t for p in ask.plans for t in p.tasks if t.recipients)
        question = replace(ask.question, periods={})
        if "quy" in fold(question.text).split():
            tasks = tuple(t for t in tasks if t.deadline and t.deadline.every)
        if ask.keys:
            own = tuple(t for t in tasks if set(ask.keys) & set(t.lead))
            tasks = own or tuple(t for t in tasks if self._involves(t, ask.keys))
        if question.topic:
            kept = self.selector.keeper(question)(tasks)
            tasks = kept or tuple(t for t in tasks if t.deadline and t.deadline.every)
        elif not ask.keys:
            tasks = tuple(t for t in tasks if t.deadline and t.deadline.every) or tasks
        return self._sent_to(tasks) if tasks else self._nowhere(ask)

    def _sent_to(self, tasks: Sequence[Task]) -> Answer:
        keys = tuple(dict.fromkeys(k for t in tasks for k in t.recipients))
        if not keys:
            return Answer(say("recipients.none"), sections=self._by_plan(tasks))
        return Answer(
            say("recipients.answer", agencies=self.cards.names(keys)),
            sections=self._by_plan(tasks),
            agencies=keys,
            dates=tuple(d for t in tasks for d in t.due),
        )

    # time

    def _deadline(self, ask: Ask) -> Answer:
        question = replace(ask.question, periods={})
        if question.clauses:
            tasks = self.selector.by_clause(question, ask.plans)
        elif question.documents:
            tasks = self.selector.citing(question, ask.plans)
        elif ask.keys:
            shares = [
                self.selector.of_agency(question, key, plan)
                for key in ask.keys
                for plan in ask.plans
            ]
            tasks = (
                tuple(t for s in shares for t in (*s.own, *s.taken_over) if t.due)
                or tuple(t for s in shares for t in s.common if t.due)
                or tuple(t for s in shares for t in s.tasks)
            )
            if not tasks:
                return self._nothing_for_agency(ask)
        elif question.topic or question.indicators:
            tasks = self._topical(replace(ask, question=question))
        elif question.has("send"):
            tasks = tuple(t for p in ask.plans for t in p.tasks if t.recipients)
        else:
            return self._due(ask)
        return self._deadlines(tasks) if tasks else self._nowhere(ask)

    def _deadlines(self, tasks: Sequence[Task]) -> Answer:
        dated = tuple(t for t in tasks if t.due)
        if not dated:
            return Answer(say("deadline.none"), sections=self._by_plan(tasks[:_OFFERED]))
        dates = tuple(sorted({d for t in dated for d in t.due}))
        return Answer(
            say("deadline.answer", days=listing(day(d) for d in dates)),
            tuple(
                dict.fromkeys(
                    say("deadline.words", words=t.deadline.words) for t in dated[:2] if t.deadline
                )
            ),
            self._by_plan(dated),
            dates=dates,
        )

    def _due(self, ask: Ask) -> Answer:
        question = ask.question
        tasks = self._dated(ask)
        found = self.selector.due(tasks, question)
        if not question.periods and question.has("soon"):
            ahead = [(d, t) for d, t in found if d >= ask.today]
            found = [(d, t) for d, t in ahead if d == ahead[0][0]] if ahead else []
        if question.periods and any(p.start is None for p in question.periods.values()):
            found = [(d, t) for d, t in found if self._open_start(ask, t, d)]
        if not found:
            return Answer(
                say("due.none", period=self._period_words(question)),
                kind=ReplyKind.REFUSAL if question.topic else ReplyKind.ANSWER,
                offers=self._offers(ask),
            )
        return Answer(
            say("due.answer", period=self._period_words(question), count=len(found)),
            sections=self._by_date(found),
            dates=tuple(d for d, _ in found),
            agencies=self._carriers(t for _, t in found) if question.has("who") else (),
            listed=True,
        )

    def _open_start(self, ask: Ask, task: Task, due: date) -> bool:
        plan = self.library.plans[task.plan]
        return within(due, plan.period[0], None)

    def _dated(self, ask: Ask) -> tuple[Task, ...]:
        """The tasks with a deadline that the question's other conditions let stand."""
        question = replace(ask.question, periods={})
        if ask.keys:
            tasks: Iterable[Task] = (
                t
                for key in ask.keys
                for plan in ask.plans
                for t in self.selector.of_agency(question, key, plan).tasks
            )
        else:
            tasks = (t for plan in ask.plans for t in plan.tasks)
        dated = tuple(dict.fromkeys(t for t in tasks if t.due))
        return self.selector.keeper(question)(dated)

    def _carriers(self, tasks: Iterable[Task]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(k for t in tasks for k in t.responsible))

    def _by_date(self, found: Sequence[tuple[date, Task]]) -> tuple[Section, ...]:
        days = dict.fromkeys((d, t.plan) for d, t in found)
        several = len({t.plan for _, t in found}) > 1
        return tuple(
            Section(
                self._due_title(when, self.library.plans[plan] if several else None),
                tuple(t for d, t in found if d == when and t.plan == plan),
            )
            for when, plan in days
        )

    def _due_title(self, when: date, plan: Plan | None) -> str:
        title = say("due.day", day=day(when))
        if plan is None:
            return title
        return say("section.in_plan", title=title, plan=self.cards.plan_name(plan))

    def _period_words(self, question: Question) -> str:
        return next((p.words for p in question.periods.values()), "")

    def _overdue(self, ask: Ask) -> Answer:
        tasks = self._dated(ask)
        late = [(d, t) for d, t in self.selector.due(tasks, ask.question) if d < ask.today]
        if not late:
            return Answer(say("overdue.none", day=day(ask.today)), offers=self._offers(ask))
        return Answer(
            say("overdue.answer", day=day(ask.today), count=len(late)),
            (say("overdue.note"),),
            self._by_date(late),
            dates=tuple(d for d, _ in late),
            listed=True,
        )

    # figures, counts

    def _figures(self, ask: Ask) -> Answer:
        question = ask.question
        if question.clauses:
            tasks = self.selector.by_clause(question, ask.plans)
        elif question.topic:
            pool = [t for p in ask.plans for t in p.tasks if t.targets]
            if ask.keys:
                own = [t for t in pool if set(ask.keys) & {*t.lead, *t.coordinating}]
                pool = own or [t for t in pool if self._involves(t, ask.keys)]
            tasks = self.selector.keeper(question)(pool)
        elif ask.keys:
            tasks = tuple(
                t
                for key in ask.keys
                for plan in ask.plans
                for share in (self.selector.of_agency(question, key, plan),)
                for t in (*share.own, *share.taken_over)
            )
        else:
            tasks = tuple(t for p in ask.plans for t in p.tasks)
        tasks = tuple(t for t in tasks if t.targets)
        return self._figured(tasks) if tasks else self._no_figure(ask)

    def _figured(self, tasks: Sequence[Task]) -> Answer:
        tasks = tuple(t for t in tasks if t.targets)
        figures = tuple(x for t in tasks for x in t.targets)
        return Answer(
            say("figures.answer", figures=target_words(figures[0]))
            if len(figures) == 1
            else say("figures.several", count=len(figures)),
            tuple(target_words(x) for x in figures[:4]) if len(figures) > 1 else (),
            self._by_plan(tasks),
            figures=figures,
        )

    def _no_figure(self, ask: Ask) -> Answer:
        if ask.question.topic and not self.selector.on_topic(ask.question, ask.plans):
            return self._nowhere(ask)
        near = self._topical(ask)[:_OFFERED]
        if near:
            return Answer(say("figures.none"), sections=self._by_plan(near))
        return Answer(say("figures.none"), kind=ReplyKind.REFUSAL, offers=self._offers(ask))

    def _count(self, ask: Ask) -> Answer:
        question = ask.question
        if question.has("how_many_agencies"):
            return self._count_agencies(ask)
        if question.has("how_many_indicators"):
            return self._indicators(ask)
        if not ask.keys:
            return self._count_plan(ask)
        shares = [
            self.selector.of_agency(question, key, plan) for key in ask.keys for plan in ask.plans
        ]
        leads = sum(len(s.lead) for s in shares)
        coordinating = sum(len(s.coordinating) for s in shares)
        taken = sum(len(s.taken_over) for s in shares)
        common = sum(len(s.common) for s in shares)
        counted = leads or coordinating or taken or common
        if question.role is Role.COORDINATING:
            counted = coordinating
        if not any(s.tasks for s in shares):
            return self._nothing_for_agency(ask)
        sections = tuple(part for s in shares for part in self._share_sections(s, len(shares) > 1))
        return Answer(
            say(
                "count.agency",
                agency=self.cards.names(ask.keys),
                lead=leads,
                coordinating=coordinating,
                common=common,
            ),
            self._agency_notes(ask, shares),
            sections,
            count=counted,
        )

    def _count_plan(self, ask: Ask) -> Answer:
        question = ask.question
        if question.periods or question.has("due", "overdue"):
            answer = self._overdue(ask) if question.has("overdue") else self._due(ask)
            return replace(answer, count=len(answer.tasks))
        if question.topic or question.documents or question.clauses:
            answer = self._tasks(replace(ask, question=replace(question, want=Want.TASKS)))
            return replace(answer, count=len(answer.tasks) or None)
        lines = []
        total = 0
        for plan in ask.plans:
            tasks = self.selector.keeper(question)(plan.tasks)
            total += len(tasks)
            kinds = Counter(t.kind for t in tasks)
            lines.append(
                say(
                    "count.plan.kinds",
                    plan=self.cards.plan_name(plan),
                    count=len(tasks),
                    kinds=listing(f"{n} {say(f'kind.{k}')}" for k, n in kinds.items()),
                )
            )
        return Answer(say("count.plan", count=total), tuple(lines), count=total)

    def _count_agencies(self, ask: Ask) -> Answer:
        tasks = [t for p in ask.plans for t in self.selector.keeper(ask.question)(p.tasks)]
        keys = tuple(dict.fromkeys(k for t in tasks for k in t.lead))
        if not keys:
            return self._nowhere(ask)
        return Answer(
            say("count.agencies", count=len(keys)),
            (self.cards.names(keys),),
            agencies=keys,
            count=len(keys),
        )

    def _most(self, ask: Ask) -> Answer:
        least = ask.question.has("least")
        lines, keys, tasks = [], [], []
        top = 0
        for plan in ask.plans:
            counts = Counter(
                k for t in self.selector.keeper(ask.question)(plan.tasks) for k in t.lead
            )
            if not counts:
                continue
            top = min(counts.values()) if least else max(counts.values())
            best = [k for k, n in counts.items() if n == top]
            keys += best
            tasks += [t for t in plan.tasks if set(best) & set(t.lead)]
            lines.append(
                say(
                    "most.plan",
                    plan=self.cards.plan_name(plan),
                    agencies=self.cards.names(best),
                    count=top,
                )
            )
        if not lines:
            return self._nowhere(ask)
        return Answer(
            say("least.answer" if least else "most.answer"),
            tuple(lines),
            self._by_plan(tasks),
            agencies=tuple(dict.fromkeys(keys)),
            count=top if len(ask.plans) == 1 else None,
            listed=True,
        )

    # several at once

    def _compare(self, ask: Ask) -> Answer:
        if not ask.keys:
            return self._compare_topic(ask)
        if len(ask.keys) > 1:
            ask = replace(ask, question=replace(ask.question, common=False))
        answer = self._agency_tasks(replace(ask, question=replace(ask.question, role=None)))
        if answer.kind is not ReplyKind.ANSWER:
            return answer
        shares = [self.selector.share(key, plan) for key in ask.keys for plan in ask.plans]
        lines = [
            say(
                "compare.line",
                agency=self.library.directory.name(s.agency),
                plan=self.cards.plan_name(s.plan),
                lead=len(s.lead),
                coordinating=len(s.coordinating),
            )
            for s in shares
        ]
        most = max(len(s.lead) for s in shares)
        ahead = tuple(dict.fromkeys(s.agency for s in shares if len(s.lead) == most))
        return replace(
            answer,
            headline=say("compare.headline"),
            notes=tuple(lines),
            listed=True,
            agencies=ahead if ask.question.has("more_work") and len(ask.keys) > 1 else (),
        )

    def _compare_topic(self, ask: Ask) -> Answer:
        question = ask.question
        if question.has("when", "due"):
            return self._deadline(ask)
        if question.has("how_much"):
            return self._figures(ask)
        if question.topic or question.indicators:
            answer = self._topic(ask)
            return replace(answer, figures=tuple(x for t in answer.tasks for x in t.targets))
        return self._count_plan(ask)

    def _shared(self, ask: Ask) -> Answer:
        question = replace(ask.question, role=None, common=None)
        if len(ask.keys) < 2:
            return self._agency_tasks(replace(ask, question=question))
        tasks = []
        for plan in ask.plans:
            shares = [self.selector.of_agency(question, key, plan) for key in ask.keys]
            both = [
                t
                for t in plan.tasks
                if all(t.ref in {x.ref for x in (*s.own, *s.taken_over)} for s in shares)
            ]
            tasks += both
        if not tasks:
            common = tuple(
                t
                for plan in ask.plans
                for t in plan.tasks
                if all(
                    t.ref in {x.ref for x in self.selector.of_agency(question, k, plan).common}
                    for k in ask.keys
                )
            )
            return Answer(
                say("shared.none", agencies=self.cards.names(ask.keys)),
                (say("shared.common", count=len(common)),) if common else (),
                self._by_plan(common),
                listed=True,
            )
        return Answer(
            say("shared.answer", agencies=self.cards.names(ask.keys), count=len(tasks)),
            sections=self._by_plan(tasks),
        )

    def _indicators(self, ask: Ask) -> Answer:
        tasks = tuple(
            t
            for p in ask.plans
            for t in p.tasks
            if t.kind is Kind.INDICATOR and (not ask.keys or self._carries(t, ask.keys))
        )
        if not tasks:
            tasks = tuple(
                t
                for p in ask.plans
                for t in p.tasks
                if t.indicators and (not ask.keys or set(ask.keys) & set(t.responsible))
            )
        if not tasks:
            return self._nothing_for_agency(ask) if ask.keys else self._nowhere(ask)
        return Answer(
            say("indicators.answer", count=len(tasks)),
            sections=self._by_plan(tasks),
            agencies=self._carriers(tasks) if ask.question.has("who", "lead") else (),
            count=len({i for t in tasks for i in t.indicators}) or len(tasks),
            listed=True,
        )

    def _carries(self, task: Task, keys: Iterable[str]) -> bool:
        """Whether one of the agencies leads the task, or took it over from who did."""
        plan = self.library.plans[task.plan]
        heirs = {
            heir
            for lead in task.lead
            for heir in self.library.directory.heirs(lead, slug(plan.province))
        }
        return bool(set(keys) & {*task.lead, *heirs})

    # documents, clauses, the plan itself

    def _cited(self, ask: Ask) -> Answer:
        numbered = tuple(p for p in self.library.plans.values() if self._is_plan(p, ask.question))
        if numbered:
            return self._plan(replace(ask, plans=numbered))
        tasks = self.selector.citing(ask.question, ask.plans)
        if ask.question.topic:
            tasks = self.selector.keeper(ask.question)(tasks) or tasks
        named = listing(c.words for c in ask.question.documents)
        if tasks:
            return Answer(
                say("documents.cited", document=named, count=len(tasks)),
                sections=self._by_plan(tasks),
            )
        for plan in ask.plans:
            place = next(
                (p for p in plan.background if self._mentions(p.text, ask.question)), None
            )
            if place:
                return Answer(
                    say(
                        "documents.background",
                        document=named,
                        plan=self.cards.plan_name(plan),
                        clause=place.clause,
                    )
                )
            if self._mentions(plan.implements, ask.question):
                return Answer(
                    say(
                        "documents.implemented",
                        document=plan.implements,
                        plan=self.cards.plan_name(plan),
                    )
                )
        return Answer(
            say("documents.nowhere", document=named),
            kind=ReplyKind.REFUSAL,
            offers=self._offers(ask),
        )

    def _is_plan(self, plan: Plan, question: Question) -> bool:
        """Whether the document named is the plan itself."""
        return bool(plan.number) and any(
            same(c, f"Kế hoạch số {plan.number}") for c in question.documents if c.number
        )

    def _mentions(self, text: str, question: Question) -> bool:
        return any(
            same(c, found.words) for c in question.documents for found in read_documents(text)
        )

    def _documents(self, ask: Ask) -> Answer:
        question = ask.question
        if question.documents:
            return self._cited(ask)
        if ask.keys:
            tasks: Iterable[Task] = (
                t
                for key in ask.keys
                for plan in ask.plans
                for t in self.selector.of_agency(question, key, plan).tasks
            )
        elif question.clauses:
            tasks = self.selector.by_clause(question, ask.plans)
        elif question.topic:
            tasks = self._topical(ask)
        else:
            tasks = (t for p in ask.plans for t in p.tasks)
        citing = tuple(dict.fromkeys(t for t in tasks if t.documents))
        if not citing:
            return Answer(say("documents.none"), kind=ReplyKind.REFUSAL, offers=self._offers(ask))
        return self._documented(citing)

    def _documented(self, tasks: Sequence[Task]) -> Answer:
        documents = tuple(dict.fromkeys(d for t in tasks for d in t.documents))
        if not documents:
            return Answer(say("documents.none"), sections=self._by_plan(tasks))
        return Answer(
            say("documents.answer", count=len(documents)),
            documents[:_DOCUMENTS_SHOWN],
            self._by_plan(tasks),
            count=len(documents),
            listed=len(tasks) > 1,
        )

    def _clause(self, ask: Ask) -> Answer:
        tasks = self.selector.by_clause(ask.question, ask.plans)
        named = listing(c.words for c in ask.question.clauses)
        if not tasks:
            return Answer(
                say("clause.none", clause=named),
                kind=ReplyKind.REFUSAL,
                offers=self._offers(ask),
            )
        return Answer(
            say("clause.answer", clause=named, count=len(tasks))
            if len(tasks) > 1
            else tasks[0].title,
            sections=self._by_plan(tasks),
            whole=ask.question.has("quote"),
        )

    def _plan(self, ask: Ask) -> Answer:
        question = ask.question
        if question.has("plan_aims"):
            tasks = tuple(t for p in ask.plans for t in p.tasks if t.kind is Kind.TARGET)
            return Answer(
                say("plan.aims", count=len(tasks)), sections=self._by_plan(tasks), listed=True
            )
        lines = [line for plan in ask.plans for line in self._plan_lines(plan, question)]
        names = listing(self.cards.plan_name(p) for p in ask.plans)
        return Answer(
            say("plan.headline", plans=names),
            tuple(lines),
            dates=tuple(p.issued for p in ask.plans if p.issued and question.has("plan_date")),
            count=len(ask.plans) if question.has("plan_list") else None,
            offers=self._offers(ask) if question.want is Want.TASKS else (),
        )

    def _plan_lines(self, plan: Plan, question: Question) -> list[str]:
        unknown = say("plan.unknown")
        facts = [
            ("plan.title", plan.title),
            ("plan.number", plan.number or unknown),
            ("plan.signer", f"{plan.signer}, {plan.signer_title}"),
            ("plan.issued", day(plan.issued) if plan.issued else unknown),
            ("plan.issuer", plan.issuer),
            ("plan.implements", plan.implements),
            ("plan.tasks", str(len(plan.tasks))),
        ]
        if question.has("plan_recipients"):
            facts.append(("plan.distribution", "; ".join(plan.distribution) or unknown))
        return [say(key, value=value) for key, value in facts]

    # talk

    def _greeting(self, ask: Ask) -> Answer:
        return Answer(say("greeting"), self._scope_notes(ask), offers=self._offers(ask))

    def _thanks(self, ask: Ask) -> Answer:
        return Answer(say("thanks"))

    def _farewell(self, ask: Ask) -> Answer:
        return Answer(say("farewell"))

    def _help(self, ask: Ask) -> Answer:
        lines = [
            say("help.line", title=kind.title, example=kind.examples[0])
            for kind in self._kinds
            if kind.examples
        ]
        return Answer(say("help.headline"), (*self._scope_notes(ask), *lines))

    def _scope_notes(self, ask: Ask) -> tuple[str, ...]:
        names = listing(self.cards.plan_name(p) for p in self.library.plans.values())
        return (say("help.plans", plans=names),)

    # what cannot be answered

    def _refused(self, ask: Ask, sentence: str) -> Answer:
        return Answer(sentence, kind=ReplyKind.REFUSAL, offers=self._offers(ask))

    def _outside(self, ask: Ask) -> Answer:
        return self._refused(ask, say("refusal.scope"))

    def _not_understood(self, ask: Ask) -> Answer:
        return self._refused(ask, say("refusal.not_understood"))

    def _unknown_agency(self, ask: Ask) -> Answer:
        name = next(m.words for m in ask.question.agencies if not m.keys)
        return self._refused(ask, say("refusal.agency", name=name))

    def _nowhere(self, ask: Ask) -> Answer:
        words = ask.question.topic_words or listing(ask.question.indicators)
        if not words:
            return self._not_understood(ask)
        plans = listing(self.cards.plan_name(p) for p in ask.plans)
        return self._refused(ask, say("refusal.topic", topic=words, plans=plans))

    def _nothing_for_agency(self, ask: Ask) -> Answer:
        names = self.cards.names(ask.keys)
        plans = listing(self.cards.plan_name(p) for p in ask.plans)
        if ask.question.topic:
            return self._refused(
                ask,
                say(
                    "refusal.agency_topic",
                    agency=names,
                    topic=ask.question.topic_words,
                    plans=plans,
                ),
            )
        if any(self.selector.share(k, p).tasks for k in ask.keys for p in ask.plans):
            return self._refused(ask, say("refusal.agency_none", agency=names, plans=plans))
        return self._refused(ask, say("refusal.agency_unnamed", agency=names, plans=plans))

    def _offers(self, ask: Ask) -> tuple[Offer, ...]:
        """Two or three questions that can be answered, made from what was asked."""
        texts = []
        plan = ask.plans[0] if ask.plans else next(iter(self.library.plans.values()))
        for key in ask.keys[:1]:
            if any(self.selector.share(key, p).tasks for p in ask.plans):
                texts.append(
                    say(
                        "offer.agency",
                        agency=self.library.directory.name(key),
                        province=plan.province,
                    )
                )
        if not texts and plan.tasks:
            leads = Counter(k for t in plan.tasks for k in t.lead)
            name = self.library.directory.name(leads.most_common(1)[0][0])
            texts.append(say("offer.agency", agency=name, province=plan.province))
        texts.append(say("offer.due", province=plan.province))
        texts.append(say("offer.indicators", province=plan.province))
        return tuple(Offer(text, text) for text in texts[:_OFFERED])

"""Which answer each kind of question gets, and what is added when more is asked at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from data.loading.library import Library
from data.model import Plan, Task
from data.search import TopicIndex
from data.text.documents import same
from handlers.answers import (
    comparisons,
    counts,
    dates,
    figures,
    heirs,
    indicators,
    people,
    plans,
    refusals,
    sources,
    talk,
    tasks,
)
from handlers.answers.desk import Ask, Desk, carriers
from handlers.cards import PAGE, Answer, Cards, Section
from handlers.messages import ReplyKind
from handlers.selection import Selector
from handlers.understanding.intents import Kind
from handlers.understanding.question import Question, Want
from handlers.wording import say

_FEW = 3
_NUMBER = re.compile(r"\d+")
_FACTUAL = frozenset(
    {Want.TASKS, Want.LEAD, Want.DEADLINE, Want.FIGURES, Want.RECIPIENTS, Want.PARTNERS}
)
_LISTS = frozenset({Want.DUE, Want.TASKS})
_IN_ONE_BREATH = (("when", Want.DEADLINE), ("how_much", Want.FIGURES))
_ANSWERS: Mapping[Want, Callable[[Desk, Ask], Answer]] = {
    Want.TASKS: tasks.tasks,
    Want.LEAD: people.lead,
    Want.PARTNERS: people.partners,
    Want.RECIPIENTS: people.recipients,
    Want.DEADLINE: dates.deadline,
    Want.DUE: dates.due,
    Want.OVERDUE: dates.overdue,
    Want.HEIRS: heirs.heirs,
    Want.FIGURES: figures.figures,
    Want.COUNT: counts.count,
    Want.MOST: counts.most,
    Want.COMPARE: comparisons.compare,
    Want.SHARED: comparisons.shared,
    Want.INDICATORS: indicators.indicators,
    Want.DOCUMENTS: sources.documents,
    Want.CLAUSE: sources.clause,
    Want.PLAN: plans.plan,
    Want.GREETING: talk.greeting,
    Want.THANKS: talk.thanks,
    Want.FAREWELL: talk.farewell,
    Want.HELP: talk.guide,
}


class Answers:
    """Answers questions on the registry. Holds no state of any conversation."""

    def __init__(self, library: Library, index: TopicIndex, kinds: Sequence[Kind]) -> None:
        self.library = library
        self.selector = Selector(library, index)
        self.cards = Cards(library)
        self._desk = Desk(library, self.selector, self.cards, kinds)

    def answer(self, question: Question, limit: Sequence[str], today: date) -> Answer:
        """The answer; a refusal where the registry does not hold it."""
        question = self._without_plan_itself(question)
        keys = tuple(dict.fromkeys(k for m in question.agencies for k in m.keys[:1]))
        ask = Ask(question, self.selector.plans(question, limit), keys, today)
        if question.scope:
            return refusals.outside(self._desk, ask)
        if question.has("spared"):
            return refusals.not_understood(self._desk, ask)
        if any(not m.keys for m in question.agencies):
            return refusals.unknown_agency(self._desk, ask)
        if question.want is Want.DUE and len(question.loose) == len(question.topic) > 0:
            ask = ask.reworded(replace(question, topic=(), topic_words="", loose=()))
        answer = _ANSWERS[question.want](self._desk, ask)
        firm = tuple(p for i, p in enumerate(question.topic) if i not in question.loose)
        named = firm or question.agencies or question.periods
        if answer.kind is ReplyKind.REFUSAL and question.loose and named and not question.missing:
            shorter = replace(question, topic=firm, loose=())
            again = self.answer(shorter, limit, today)
            if again.kind is ReplyKind.ANSWER:
                notes = (*tasks.nothing_on(question.inherited_topic), *again.notes)
                answer = replace(again, notes=notes)
        return self._completed(ask, answer)

    def several(
        self, questions: Sequence[Question], limit: Sequence[str], today: date
    ) -> Answer | None:
        """One answer to several questions; None unless each has tasks of its own for answer."""
        answers = [self.answer(question, limit, today) for question in questions]
        told = [{t.ref for t in answer.tasks} for answer in answers]
        apart = len(set().union(*told)) == sum(map(len, told))
        if not all(told) or not apart or any(a.kind is not ReplyKind.ANSWER for a in answers):
            return None
        share = max(1, PAGE // len(answers))
        return Answer(
            say("several.headline"),
            notes=tuple(dict.fromkeys(note for a in answers for note in a.notes)),
            sections=(
                *(Section(a.headline, a.tasks[:share]) for a in answers),
                *(Section(a.headline, a.tasks[share:]) for a in answers),
            ),
            agencies=tuple(dict.fromkeys(key for a in answers for key in a.agencies)),
            dates=tuple(day for a in answers for day in a.dates),
            figures=tuple(figure for a in answers for figure in a.figures),
            listed=True,
        )

    def _without_plan_itself(self, question: Question) -> Question:
        """An agency's tasks "theo kế hoạch 629" are no tasks that cite the plan."""
        if not question.agencies or not question.documents:
            return question
        own = [
            name
            for plan in self.library.plans.values()
            for name in (f"Kế hoạch số {plan.number}", plan.implements, *_called_after(plan))
        ]
        cited = {d for t in self.library.tasks() for d in t.documents}
        kept = tuple(
            c
            for c in question.documents
            if not any(same(c, name) for name in own)
            or (question.want is Want.PARTNERS and any(same(c, d) for d in cited))
        )
        return replace(question, documents=kept)

    def _completed(self, ask: Ask, answer: Answer) -> Answer:
        """The answer with the further facts that were asked for in one breath."""
        if answer.kind is not ReplyKind.ANSWER:
            return answer
        question = ask.question
        for cue, want in _IN_ONE_BREATH:
            if question.documents and want is Want.FIGURES:
                continue
            if question.has(cue) and question.want is not want and question.want in _FACTUAL:
                answer = _joined(answer, _ANSWERS[want](self._desk, ask))
        counted = question.want is Want.DUE and question.has("how_much")
        if counted or (question.want in _LISTS and question.has("with_figure")):
            answer = replace(answer, figures=tuple(x for t in answer.tasks for x in t.targets))
        if question.has("who") and not answer.agencies and not ask.keys:
            few = answer.tasks if len(answer.tasks) <= _FEW else ()
            answer = replace(answer, agencies=carriers(few))
        return _with_shown(answer)

    def about(self, ask: Ask, shown: Sequence[Task]) -> Answer:
        """Facts asked about tasks that were just shown: who, when, how much, the words."""
        want = ask.question.want
        answer = self._fact(ask, want, shown)
        for cue, other in _IN_ONE_BREATH:
            if ask.question.has(cue) and other is not want and want in _FACTUAL:
                answer = _joined(answer, self._fact(ask, other, shown))
        return answer

    def _fact(self, ask: Ask, want: Want, shown: Sequence[Task]) -> Answer:
        """One fact of tasks that were just shown."""
        desk = self._desk
        if want is Want.LEAD:
            return people.led_by(desk, ask, shown)
        if want is Want.PARTNERS:
            return people.partners_in(desk, ask, shown)
        if want is Want.RECIPIENTS:
            return people.sent_to(desk, shown)
        if want is Want.DEADLINE:
            return dates.deadlines(desk, shown)
        if want is Want.DUE:
            return dates.deadlines(desk, [t for t in shown if t.due] or shown)
        if want is Want.FIGURES:
            return figures.figures_of(desk, shown)
        if want is Want.DOCUMENTS:
            return sources.documented(desk, shown)
        if want is Want.COUNT:
            return replace(tasks.counted(desk, shown), count=len(shown))
        answer = replace(tasks.counted(desk, shown), whole=ask.question.has("quote", "detail"))
        return replace(answer, headline=shown[0].title) if len(shown) == 1 else answer


def _called_after(plan: Plan) -> tuple[str, ...]:
    """What people call a plan by the number of the resolution that it carries out: "kế hoạch
    02"."""
    number = _NUMBER.search(plan.implements)
    return (f"Kế hoạch số {number[0]}",) if number else ()


def _with_shown(answer: Answer) -> Answer:
    """The answer with the facts that its cards and lines show."""
    if not answer.dates and len(answer.tasks) <= PAGE:
        answer = replace(answer, dates=tuple(d for t in answer.tasks for d in t.due))
    if not answer.figures and len(answer.tasks) == 1:
        answer = replace(answer, figures=answer.tasks[0].targets)
    return answer


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

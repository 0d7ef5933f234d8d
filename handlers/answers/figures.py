"""How much: the figures that tasks are to reach."""

import re
from collections.abc import Sequence
from dataclasses import replace

from data.coverage import Hit
from data.model import Task
from data.text.figures import Figure, asked_unit, read_figures, same_unit
from data.text.patterns import typed
from handlers.answers.desk import Ask, Desk
from handlers.answers.refusals import nowhere, refused
from handlers.answers.sources import told_of_before
from handlers.cards import Answer, target_words
from handlers.hits import ENOUGH
from handlers.selection import reaches
from handlers.understanding.grammar import Look, looks
from handlers.understanding.question import Question
from handlers.wording import say

_WORDED = 4
_NEAR = 3
_MUCH = 0.15
_SPOKEN_OF = 0.3
_CLEARLY = 0.1
_TWO = 2
_SHARE = "%"
_NUMBER = re.compile(r"\d[\d.,]*")


def figures(desk: Desk, ask: Ask) -> Answer:
    """The figures of what the question names."""
    if _of_another_year(ask):
        return told_of_before(desk, ask) or nowhere(desk, ask)
    tasks = tuple(t for t in _asked_about(desk, ask) if t.targets)
    if not tasks and ask.question.topic and ask.question.periods:
        return figures(desk, ask.reworded(replace(ask.question, periods={})))
    if tasks and _better_without(desk, ask, tasks):
        return nowhere(desk, ask)
    if (unit := asked_unit(ask.question.text)) and tasks:
        tasks = tuple(t for t in tasks if any(same_unit(x.unit, unit) for x in t.targets))
        if not tasks:
            return nowhere(desk, ask)
    if named := ask.question.figures:
        stating = tuple(t for t in ask.tasks if any(_states(t, f) for f in named))
        spoken_of = tasks if ask.question.topic else ()
        tasks = tuple(t for t in tasks if reaches(t, named)) or spoken_of or stating
        if tasks and not any(t.targets for t in tasks):
            return Answer(say("figures.stated"), sections=desk.by_plan(tasks), whole=True)
    return figures_of(desk, tasks) if tasks else _no_figure(desk, ask)


def _of_another_year(ask: Ask) -> bool:
    """Whether the figure of a year before the plan's is asked for, not one to compare with."""
    year, said = ask.question.year, typed(ask.question.text)
    earlier = year is not None and all(year < p.year for p in ask.plans)
    return earlier and not looks(Look.COMPARED).search(said)


def _better_without(desk: Desk, ask: Ask, tasks: Sequence[Task]) -> bool:
    """Whether tasks without a figure speak much more of the topic than these do."""
    question = ask.question
    if not question.topic or question.clauses or ask.keys:
        return False
    index = desk.selector.index
    best = index.find(question.topic, tuple(p.id for p in ask.plans))[:1]
    having = index.among(tasks, question.topic)[:1]
    return bool(best and having) and best[0].coverage - having[0].coverage > _MUCH


def _states(task: Task, figure: Figure) -> bool:
    """Whether the task's text states the figure."""
    number = _NUMBER.search(figure.words)
    if not number or number[0] not in task.quote:
        return False
    return any(figure.is_that(f.value, f.unit) for f in read_figures(task.quote))


def _asked_about(desk: Desk, ask: Ask) -> tuple[Task, ...]:
    question = ask.question
    if question.clauses:
        named = desk.selector.by_clause(question, ask.plans)
        within = desk.selector.keeper(replace(question, clauses=()))(named)
        if any(t.targets for t in within):
            return within
        if not question.topic or any(t.targets for t in named):
            return named
        question = replace(question, clauses=())
    if question.topic:
        pool = [t for t in ask.tasks if t.targets]
        if ask.keys:
            own = [t for t in pool if set(ask.keys) & {*t.lead, *t.coordinating}]
            pool = own or [t for t in pool if desk.involves(t, ask.keys)]
        keep = desk.selector.keeper(question)
        kept = tuple(t for p in ask.plans for t in keep(t for t in pool if t.plan == p.id))
        return kept or _in_unit(desk, question, pool)
    if ask.keys:
        shares = desk.shares(ask)
        named = tuple(t for s in shares for t in s.own)
        given = any(t.targets for t in named)
        return named if given else tuple(t for s in shares for t in s.taken_over)
    return desk.selector.keeper(question)(ask.tasks) if question.periods else ask.tasks


def _in_unit(desk: Desk, question: Question, pool: Sequence[Task]) -> tuple[Task, ...]:
    """The task of each plan nearest to the topic of the few whose figure is in the unit asked
    for: of hours the plans speak once, and the words need tell less. Shares are too many."""
    unit = asked_unit(question.text)
    if not unit or unit == _SHARE or question.missing:
        return ()
    few = [t for t in pool if any(same_unit(x.unit, unit) for x in t.targets)]
    plans = dict.fromkeys(t.plan for t in few)
    hits = (
        desk.selector.index.among([t for t in few if t.plan == plan], question.topic)
        for plan in plans
    )
    return tuple(
        found[0].task
        for found in hits
        if found and found[0].coverage >= _SPOKEN_OF and _ahead(found)
    )


def _ahead(hits: Sequence[Hit]) -> bool:
    """Whether the first of the hits speaks clearly more of the topic than the second."""
    return len(hits) < _TWO or hits[0].coverage - hits[1].coverage >= _CLEARLY


def figures_of(desk: Desk, tasks: Sequence[Task]) -> Answer:
    """The figures of these tasks, or that they have none."""
    found = tuple(x for t in tasks for x in t.targets)
    if not found:
        return Answer(say("figures.none"), sections=desk.by_plan(tasks))
    having = desk.by_plan([t for t in tasks if t.targets])
    if len(found) == 1:
        said = say("figures.answer", figures=target_words(found[0]))
        return Answer(said, sections=having, figures=found)
    return Answer(
        say("figures.several", count=len(found)),
        tuple(target_words(x) for x in found[:_WORDED]),
        having,
        figures=found,
    )


def _no_figure(desk: Desk, ask: Ask) -> Answer:
    if ask.question.topic and not desk.selector.on_topic(ask.question, ask.plans):
        return nowhere(desk, ask)
    sure = {
        h.task.ref for h in desk.selector.on_topic(ask.question, ask.plans) if h.coverage >= ENOUGH
    }
    if near := [t for t in desk.topical(ask) if t.ref in sure][:_NEAR]:
        return Answer(say("figures.none"), sections=desk.by_plan(near))
    return refused(desk, ask, say("figures.none"))

"""The indicators of competitiveness: who follows which, and who works on them."""

from collections.abc import Iterable
from dataclasses import replace

from data.model import Kind, Task
from data.text.normalise import fold, slug, words
from handlers.answers import shares
from handlers.answers.desk import Ask, Desk, carriers
from handlers.answers.refusals import nothing_for_agency, nowhere
from handlers.cards import Answer
from handlers.wording import say


def indicators(desk: Desk, ask: Ask) -> Answer:
    """The focal points of indicators; where there are none, the tasks on indicators."""
    ask = _of_all(desk, ask)
    tasks = tuple(
        t
        for t in ask.tasks
        if t.kind is Kind.INDICATOR and (not ask.keys or carries(desk, t, ask.keys))
    ) or tuple(
        t
        for t in ask.tasks
        if t.indicators and (not ask.keys or set(ask.keys) & set(t.responsible))
    )
    if not tasks:
        return nothing_for_agency(desk, ask) if ask.keys else nowhere(desk, ask)
    without = replace(ask.question.without, kinds=())
    kept = desk.selector.keeper(replace(ask.question, periods={}, without=without))(tasks)
    tasks = kept or _ranked(tasks, ask.question.text) or tasks
    own = tuple(t for t in tasks if set(ask.keys) & set(t.lead))
    took_over = [s for s in desk.shares(ask) if s.own and s.inherited] if own else []
    tasks = own or tasks
    return Answer(
        say("indicators.answer", count=len(tasks)),
        sections=desk.by_plan(tasks),
        agencies=carriers(tasks) if ask.question.has("who", "lead") else (),
        count=len({i for t in tasks for i in t.indicators}) or len(tasks),
        offers=tuple(o for s in took_over for o in shares.inheritance(desk, ask, s)),
        listed=True,
    )


def _of_all(desk: Desk, ask: Ask) -> Ask:
    """The question without a group of agencies: "chia cho các sở ra sao" asks of each."""
    agencies = desk.library.directory.agencies
    groups = ask.keys and all(k in agencies and agencies[k].is_group for k in ask.keys)
    return replace(ask, keys=()) if groups else ask


def _ranked(tasks: Iterable[Task], text: str) -> tuple[Task, ...]:
    """The indicators of a ranking that the text names as the plan does: "EoDB", "WEF"."""
    said = f" {' '.join(words(fold(text)))} "
    return tuple(t for t in tasks if any(f" {fold(topic)} " in said for topic in t.topics))


def carries(desk: Desk, task: Task, keys: Iterable[str]) -> bool:
    """Whether one of the agencies leads the task, or took it over from who did."""
    province = slug(desk.library.plans[task.plan].province)
    heirs = {heir for lead in task.lead for heir in desk.library.directory.heirs(lead, province)}
    return bool(set(keys) & {*task.lead, *heirs})


def indicator_tasks(desk: Desk, ask: Ask) -> tuple[Task, ...]:
    """The focal points of the indicators named; where there are none, who works on them."""
    question = ask.question
    tasks = [t for t in ask.tasks if t.indicators and t.responsible]
    if question.indicators:
        wanted = {i.casefold() for i in question.indicators}
        tasks = [t for t in tasks if wanted & {i.casefold() for i in t.indicators}]
    elif question.topic:
        chosen = {t.ref for t in desk.selector.keeper(replace(question, periods={}))(tasks)}
        tasks = [t for t in tasks if t.ref in chosen]
    focal = [t for t in tasks if t.kind is Kind.INDICATOR]
    having = {t.plan for t in focal}
    return tuple(focal + [t for t in tasks if t.plan not in having])

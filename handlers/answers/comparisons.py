"""Several at once: agencies or plans side by side, and what agencies have in common."""

from dataclasses import replace

from handlers.answers.counts import count_plan
from handlers.answers.dates import deadline
from handlers.answers.desk import Ask, Desk
from handlers.answers.figures import figures
from handlers.answers.tasks import agency_tasks, on_topic
from handlers.cards import Answer
from handlers.messages import ReplyKind
from handlers.wording import say


def compare(desk: Desk, ask: Ask) -> Answer:
    """How much each agency has to do; without an agency, what each plan says."""
    if not ask.keys:
        return _compare_plans(desk, ask)
    question = replace(ask.question, role=None)
    if len(ask.keys) > 1:
        question = replace(question, common=False)
    answer = agency_tasks(desk, ask.reworded(question))
    if answer.kind is not ReplyKind.ANSWER:
        return answer
    shares = [desk.selector.share(key, plan) for key in ask.keys for plan in ask.plans]
    lines = (
        say(
            "compare.line",
            agency=desk.name(s.agency),
            plan=desk.cards.plan_name(s.plan),
            lead=len(s.lead),
            coordinating=len(s.coordinating),
        )
        for s in shares
    )
    most = max(len(s.lead) for s in shares)
    ahead = tuple(dict.fromkeys(s.agency for s in shares if len(s.lead) == most))
    return replace(
        answer,
        headline=say("compare.headline"),
        notes=tuple(lines),
        listed=True,
        agencies=ahead if question.has("more_work") and len(ask.keys) > 1 else (),
        figures=tuple(x for s in shares for t in s.own for x in t.targets)
        if question.has("how_much")
        else (),
    )


def _compare_plans(desk: Desk, ask: Ask) -> Answer:
    """What each plan says on the dates, figures or topic asked about; else how much it has."""
    question = ask.question
    if question.has("when", "due"):
        return deadline(desk, ask)
    if question.has("how_much"):
        return figures(desk, ask)
    if question.topic or question.indicators:
        answer = on_topic(desk, ask)
        return replace(answer, figures=tuple(x for t in answer.tasks for x in t.targets))
    return count_plan(desk, ask)


def shared(desk: Desk, ask: Ask) -> Answer:
    """The tasks that name all the agencies; where there are none, the duties of all."""
    ask = ask.reworded(replace(ask.question, role=None, common=None))
    if len(ask.keys) < 2:
        return agency_tasks(desk, ask)
    names = desk.names(ask.keys)
    tasks, common = [], []
    for plan in ask.plans:
        shares = desk.shares(replace(ask, plans=(plan,)))
        own = [{t.ref for t in (*s.own, *s.taken_over)} for s in shares]
        groups = [{t.ref for t in s.common} for s in shares]
        tasks += [t for t in plan.tasks if all(t.ref in refs for refs in own)]
        common += [t for t in plan.tasks if all(t.ref in refs for refs in groups)]
    if not tasks:
        return Answer(
            say("shared.none", agencies=names),
            (say("shared.common", count=len(common)),) if common else (),
            desk.by_plan(common),
            listed=True,
        )
    return Answer(
        say("shared.answer", agencies=names, count=len(tasks)), sections=desk.by_plan(tasks)
    )

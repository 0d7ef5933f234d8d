"""How many: the tasks of an agency or a plan, the agencies at work, who has most."""

from collections import Counter
from dataclasses import replace

from handlers.answers import dates, shares
from handlers.answers.desk import Ask, Desk
from handlers.answers.indicators import indicators
from handlers.answers.refusals import nothing_for_agency, nowhere
from handlers.answers.tasks import tasks
from handlers.cards import Answer
from handlers.understanding.question import Role, Want
from handlers.wording import listing, say


def count(desk: Desk, ask: Ask) -> Answer:
    """How many agencies, indicators or tasks."""
    if ask.question.has("how_many_agencies"):
        return _agencies(desk, ask)
    if ask.question.has("how_many_indicators"):
        return indicators(desk, ask)
    if not ask.keys:
        return count_plan(desk, ask)
    return _of_agency(desk, ask)


def _of_agency(desk: Desk, ask: Ask) -> Answer:
    found = desk.shares(ask)
    if not any(s.tasks for s in found):
        return nothing_for_agency(desk, ask)
    found = shares.of_the_plan(ask, found)
    lead = sum(len(s.lead) for s in found)
    coordinating = sum(len(s.coordinating) for s in found)
    taken = sum(len(s.taken_over) for s in found)
    common = sum(len(s.common) for s in found)
    counted = lead or coordinating or taken or common
    return Answer(
        say(
            "count.agency",
            agency=desk.names(ask.keys),
            lead=lead,
            coordinating=coordinating,
            common=common,
        ),
        shares.notes(desk, ask, found),
        tuple(part for s in found for part in shares.sections(desk, s, len(found) > 1)),
        count=coordinating if ask.question.role is Role.COORDINATING else counted,
    )


def count_plan(desk: Desk, ask: Ask) -> Answer:
    """How many tasks a plan has: due in a time, on a topic, or of each kind."""
    question = ask.question
    if question.periods or question.has("due", "overdue"):
        when = dates.overdue if question.has("overdue") else dates.due
        answer = when(desk, ask)
        return replace(answer, count=len(answer.tasks))
    if question.topic or question.documents or question.clauses:
        answer = tasks(desk, ask.reworded(replace(question, want=Want.TASKS)))
        return replace(answer, count=len(answer.tasks) or None)
    lines = []
    total = 0
    for plan in ask.plans:
        kept = desk.selector.keeper(question)(plan.tasks)
        total += len(kept)
        kinds = Counter(t.kind for t in kept)
        lines.append(
            say(
                "count.plan.kinds",
                plan=desk.cards.plan_name(plan),
                count=len(kept),
                kinds=listing(f"{n} {say(f'kind.{k}')}" for k, n in kinds.items()),
            )
        )
    return Answer(say("count.plan", count=total), tuple(lines), count=total)


def _agencies(desk: Desk, ask: Ask) -> Answer:
    """How many agencies lead what the question names."""
    kept = [t for p in ask.plans for t in desk.selector.keeper(ask.question)(p.tasks)]
    keys = tuple(dict.fromkeys(k for t in kept for k in t.lead))
    if not keys:
        return nowhere(desk, ask)
    return Answer(
        say("count.agencies", count=len(keys)),
        (desk.names(keys),),
        desk.by_plan(kept) if ask.question.topic else (),
        agencies=keys,
        count=len(keys),
    )


def _titled(least: bool, helping: bool) -> str:
    if helping:
        return say("least.coordinating") if least else say("most.coordinating")
    return say("least.answer") if least else say("most.answer")


def most(desk: Desk, ask: Ask) -> Answer:
    """Who leads most tasks, or fewest, in each plan."""
    least = ask.question.has("least")
    helping = ask.question.has("partner", "coordinating_role") and not ask.question.has("lead")
    if not ask.question.has("mention"):
        ask = ask.reworded(replace(ask.question, topic=(), topic_words=""))
    lines, keys, led = [], [], []
    top = 0
    for plan in ask.plans:
        kept = desk.selector.keeper(ask.question)(plan.tasks)
        counts = Counter(k for t in kept for k in (t.coordinating if helping else t.lead))
        if not counts:
            continue
        top = min(counts.values()) if least else max(counts.values())
        best = [k for k, n in counts.items() if n == top]
        keys += best
        led += [t for t in plan.tasks if set(best) & {*(t.coordinating if helping else t.lead)}]
        name = desk.cards.plan_name(plan)
        lines.append(say("most.plan", plan=name, agencies=desk.names(best), count=top))
    if not lines:
        return nowhere(desk, ask)
    return Answer(
        _titled(least, helping),
        tuple(lines),
        desk.by_plan(led),
        agencies=tuple(dict.fromkeys(keys)),
        count=top if len(ask.plans) == 1 else None,
        listed=True,
    )

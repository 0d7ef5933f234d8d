"""What a plan is: its title, number, signer, day, aims."""

from data.model import Kind, Plan
from handlers.answers.desk import Ask, Desk
from handlers.answers.refusals import offers
from handlers.cards import Answer
from handlers.understanding.question import Question, Want
from handlers.wording import day, say


def plan(desk: Desk, ask: Ask) -> Answer:
    """The facts of the plans asked about, or their aims."""
    question = ask.question
    if question.has("plan_aims", "aim"):
        aims = tuple(t for t in ask.tasks if t.kind is Kind.TARGET)
        return Answer(say("plan.aims", count=len(aims)), sections=desk.by_plan(aims), listed=True)
    return Answer(
        say("plan.headline", plans=desk.plan_names(ask.plans)),
        tuple(line for p in ask.plans for line in _lines(p, question)),
        dates=tuple(p.issued for p in ask.plans if p.issued and question.has("plan_date")),
        count=len(ask.plans) if question.has("plan_list") else None,
        offers=offers(desk, ask) if question.want is Want.TASKS else (),
    )


def _lines(plan: Plan, question: Question) -> list[str]:
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

"""What is said beside the plans: a greeting, thanks, a farewell, what can be asked."""

from handlers.answers.desk import Ask, Desk
from handlers.answers.refusals import offers
from handlers.cards import Answer
from handlers.wording import say


def greeting(desk: Desk, ask: Ask) -> Answer:
    """A greeting, the plans that are known and what can be asked of them."""
    return Answer(say("greeting"), (_known_plans(desk),), offers=offers(desk, ask))


def thanks(desk: Desk, ask: Ask) -> Answer:
    """The reply to thanks."""
    return Answer(say("thanks"))


def farewell(desk: Desk, ask: Ask) -> Answer:
    """The reply to a farewell."""
    return Answer(say("farewell"))


def guide(desk: Desk, ask: Ask) -> Answer:
    """Each kind of question with an example."""
    lines = (
        say("help.line", title=kind.title, example=kind.examples[0])
        for kind in desk.kinds
        if kind.examples
    )
    return Answer(say("help.headline"), (_known_plans(desk), *lines))


def _known_plans(desk: Desk) -> str:
    return say("help.plans", plans=desk.plan_names(desk.library.plans.values()))

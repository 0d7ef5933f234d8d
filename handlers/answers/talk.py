"""What is said beside the plans: a greeting, thanks, a farewell, what can be asked."""

from handlers.answers.desk import Ask, Desk
from handlers.answers.refusals import offers
from handlers.cards import Answer, Offer
from handlers.wording import say

_USUAL = 8


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
    """What can be asked: the usual questions to press, or each kind with an example."""
    known = [kind for kind in desk.kinds if kind.examples]
    if not ask.question.has("help_all"):
        usual = tuple(Offer(k.examples[0], k.examples[0]) for k in known[:_USUAL])
        more = Offer(say("help.more"), say("help.more.ask"))
        notes = (_known_plans(desk), say("help.doing"))
        return Answer(say("help.headline"), notes, offers=(*usual, more))
    lines = (say("help.line", title=k.title, example=k.examples[0]) for k in known)
    doing = (say(f"help.{deed}") for deed in ("report", "extend", "remind", "calendar", "join"))
    return Answer(say("help.headline"), (_known_plans(desk), *lines, *doing))


def _known_plans(desk: Desk) -> str:
    return say("help.plans", plans=desk.plan_names(desk.library.plans.values()))

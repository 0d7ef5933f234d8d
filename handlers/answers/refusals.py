"""What cannot be answered: why, and the questions offered instead."""

from collections import Counter

from handlers.answers.desk import Ask, Desk
from handlers.cards import Answer, Offer, shortened
from handlers.messages import ReplyKind
from handlers.understanding.question import ELSEWHERE, OTHER_YEAR
from handlers.wording import listing, say

_ECHOED = 60
_OFFERED = 3
_PERHAPS = 0.5


def refused(desk: Desk, ask: Ask, sentence: str) -> Answer:
    """A refusal with questions that can be answered."""
    return Answer(sentence, kind=ReplyKind.REFUSAL, offers=offers(desk, ask))


def outside(desk: Desk, ask: Ask) -> Answer:
    """What is asked lies outside the plans, or is told only to those who report."""
    question = ask.question
    if question.scope == ELSEWHERE:
        known = listing(plan.province for plan in desk.library.plans.values())
        place = question.scope_words.title()
        return refused(desk, ask, say("refusal.place", place=place, provinces=known))
    if question.scope == OTHER_YEAR:
        known = desk.plan_names(desk.library.plans.values())
        return refused(desk, ask, say("refusal.year", plans=known))
    inside = question.scope == "status"
    return refused(desk, ask, say("refusal.status" if inside else "refusal.scope"))


def not_understood(desk: Desk, ask: Ask) -> Answer:
    """Nothing in the question says what is wanted."""
    return refused(desk, ask, say("refusal.not_understood"))


def unknown_agency(desk: Desk, ask: Ask) -> Answer:
    """The question names an agency that the directory does not have."""
    name = next(m.words for m in ask.question.agencies if not m.keys)
    return refused(desk, ask, say("refusal.agency", name=name))


def _echoed(ask: Ask) -> str:
    """The words that are said back, cut where they are long."""
    words = ask.question.topic_words or listing(ask.question.indicators)
    return words if len(words) <= _ECHOED else shortened(words, _ECHOED)


def nowhere(desk: Desk, ask: Ask) -> Answer:
    """The plans say nothing on the topic."""
    words = _echoed(ask)
    if not words:
        return not_understood(desk, ask)
    plans = desk.plan_names(ask.plans)
    if near := _perhaps(desk, ask):
        said = say("choice.task", topic=words, plans=plans)
        return Answer(said, kind=ReplyKind.CHOICE, offers=near)
    return refused(desk, ask, say("refusal.topic", topic=words, plans=plans))


def _perhaps(desk: Desk, ask: Ask) -> tuple[Offer, ...]:
    """The tasks that the question may be about, where nothing says so for sure."""
    ids = tuple(p.id for p in ask.plans)
    if not ask.question.topic or ask.question.missing:
        return ()
    hits = desk.selector.index.find(ask.question.topic, ids)
    near = [h.task for h in hits[:_OFFERED] if h.coverage >= _PERHAPS and h.telling]
    return tuple(Offer(t.title, task=t.ref) for t in near)


def nothing_for_agency(desk: Desk, ask: Ask) -> Answer:
    """The agencies have no such task, or none at all."""
    names, plans = desk.names(ask.keys), desk.plan_names(ask.plans)
    if ask.question.topic:
        topic = ask.question.topic_words
        return refused(
            desk, ask, say("refusal.agency_topic", agency=names, topic=topic, plans=plans)
        )
    if any(desk.selector.share(k, p).tasks for k in ask.keys for p in ask.plans):
        return refused(desk, ask, say("refusal.agency_none", agency=names, plans=plans))
    return refused(desk, ask, say("refusal.agency_unnamed", agency=names, plans=plans))


def offers(desk: Desk, ask: Ask) -> tuple[Offer, ...]:
    """Two or three questions that can be answered, made from what was asked."""
    plan = ask.plans[0] if ask.plans else next(iter(desk.library.plans.values()))
    agency = next(
        (k for k in ask.keys[:1] if any(desk.selector.share(k, p).tasks for p in ask.plans)), ""
    )
    if not agency and plan.tasks:
        leads = Counter(k for t in plan.tasks for k in t.lead)
        agency = leads.most_common(1)[0][0]
    texts = (
        [say("offer.agency", agency=desk.name(agency), province=plan.province)] if agency else []
    )
    texts.append(say("offer.due", province=plan.province))
    texts.append(say("offer.indicators", province=plan.province))
    return tuple(Offer(text, text) for text in texts)

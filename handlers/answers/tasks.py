"""Which tasks: of an agency, on a topic, of everyone."""

from collections.abc import Sequence
from dataclasses import replace

from data.model import Task
from data.text.normalise import fold
from handlers.answers import shares
from handlers.answers.desk import Ask, Desk, agencies_as_topic
from handlers.answers.plans import plan
from handlers.answers.refusals import not_understood, nothing_for_agency, nowhere
from handlers.answers.sources import cited, clause
from handlers.cards import Answer
from handlers.selection import Share
from handlers.wording import listing, say


def tasks(desk: Desk, ask: Ask) -> Answer:
    """The tasks asked for, by whatever the question names."""
    question = ask.question
    if ask.keys:
        return agency_tasks(desk, ask)
    if question.documents:
        return cited(desk, ask)
    if question.clauses:
        return clause(desk, ask)
    if question.topic or question.indicators:
        return on_topic(desk, ask)
    if question.common is True or {"among_all", "shared"} <= question.cues:
        return _common(desk, ask)
    if question.has("undated", "with_figure", "without_figure"):
        return counted(desk, desk.selector.keeper(question)(ask.tasks))
    unresolved = question.has("that_agency", "those", "except", "heir", "instead")
    of_plan = "ke hoach" in fold(question.text) and question.has("task", "what")
    of_province = question.provinces and not question.has("that_agency")
    if of_province or (of_plan and not unresolved):
        return plan(desk, ask)
    return not_understood(desk, ask)


def agency_tasks(desk: Desk, ask: Ask) -> Answer:
    """What the agencies lead, co-operate in, took over and have in common with others."""
    found, left = desk.shares(ask), ""
    if _own_lost(desk, ask, found):
        left = ask.question.inherited_topic
        ask = ask.reworded(replace(ask.question, topic=(), topic_words=""))
        found = desk.shares(ask)
    if not any(s.tasks for s in found):
        worded = agencies_as_topic(desk, ask)
        leads = any(desk.selector.share(k, p).lead for k in ask.keys for p in ask.plans)
        if not leads and _quoted(ask, desk.topical(worded)):
            return on_topic(desk, worded)
        return nothing_for_agency(desk, ask)
    found = shares.of_the_plan(ask, found)
    named = [s for s in found if s.own or s.inherited] or found
    unnamed = [s for s in found if s not in named]
    sections = [part for s in named for part in shares.sections(desk, s, len(found) > 1)]
    sections += [part for s in unnamed for part in shares.sections(desk, s, True)]
    return Answer(
        _headline(desk, ask, found),
        (*nothing_on(left), *shares.notes(desk, ask, found)),
        tuple(sections),
        offers=tuple(o for s in found for o in shares.offers(desk, ask, s)),
        whole=ask.question.has("quote"),
    )


def _headline(desk: Desk, ask: Ask, found: Sequence[Share]) -> str:
    """How many tasks are the agencies' own; or that none is, or none of those asked about."""
    own = sum(len(s.own) for s in found)
    named = any(desk.selector.share(s.agency, s.plan).own for s in found)
    return say(
        "tasks.agency" if own else "tasks.agency.none" if named else "tasks.agency.unnamed",
        agency=desk.names(ask.keys),
        own=own,
        common=sum(len(s.common) for s in found),
    )


def nothing_on(topic: str) -> tuple[str, ...]:
    """That nothing is on the topic of the question before, and all is shown; () for none."""
    return (say("tasks.nothing_on", topic=topic),) if topic else ()


def _own_lost(desk: Desk, ask: Ask, found: Sequence[Share]) -> bool:
    """Whether words that nothing marks as a topic left only common duties of an agency that
    has tasks of its own: they were no topic."""
    if not ask.question.topic or ask.question.missing or ask.question.has("mention", "confirms"):
        return False
    if ask.question.loose and not any(s.own or s.inherited for s in found):
        return True
    marked = ask.question.has("matter") or ask.question.inherited_topic
    if len(ask.question.loose) == len(ask.question.topic) and not marked:
        return True
    if not any(s.common for s in found) or any(s.own or s.inherited for s in found):
        return False
    whole = [desk.selector.share(k, p) for k in ask.keys for p in ask.plans]
    return any(s.own or s.inherited for s in whole)


def _quoted(ask: Ask, found: Sequence[Task]) -> bool:
    """Whether the words that name the agencies stand in the tasks as they are."""
    names = [fold(m.words) for m in ask.question.agencies]
    compound = all(" " in name for name in names)
    return (
        compound
        and bool(found)
        and all(any(name in fold(t.quote) for t in found) for name in names)
    )


def on_topic(desk: Desk, ask: Ask) -> Answer:
    """The tasks on a topic."""
    found = desk.topical(ask)
    if not found:
        return nowhere(desk, ask)
    words = ask.question.topic_words or listing(ask.question.indicators)
    return Answer(
        say("tasks.topic", topic=words, count=len(found)),
        sections=desk.by_plan(found),
        whole=ask.question.has("quote"),
    )


def _common(desk: Desk, ask: Ask) -> Answer:
    """The duties of groups of agencies."""
    found = tuple(t for t in ask.tasks if t.addressed)
    return Answer(say("tasks.common", count=len(found)), sections=desk.by_plan(found))


def counted(desk: Desk, these: Sequence[Task]) -> Answer:
    """These tasks, counted."""
    return Answer(say("tasks.found", count=len(these)), sections=desk.by_plan(these))

"""Where a duty stands and what it rests on: clauses and cited documents."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from data.coverage import Part
from data.model import Plan, Task
from data.text.clauses import fits, parts_of
from data.text.documents import read_documents, same
from data.text.normalise import fold, words
from handlers.answers.desk import Ask, Desk
from handlers.answers.plans import plan
from handlers.answers.refusals import refused
from handlers.cards import Answer, Offer, shortened
from handlers.messages import ReplyKind
from handlers.selection import clauses_named
from handlers.understanding.question import Question
from handlers.wording import listing, say

_DOCUMENTS_SHOWN = 16
_BACKGROUND = 500
_ENOUGH = 0.5


def clause(desk: Desk, ask: Ask) -> Answer:
    """The tasks under the clauses named."""
    tasks = desk.selector.by_clause(ask.question, ask.plans)
    named = listing(c.words for c in ask.question.clauses)
    if ask.question.excluded:
        tasks = desk.selector.keeper(replace(ask.question, clauses=(), topic=()))(tasks)
    if not tasks and (around := _background(desk, ask)):
        return around
    if not tasks:
        return refused(desk, ask, say("clause.none", clause=named))
    if letters := _letters(ask.question, tasks):
        return Answer(say("choice.clause", clause=named), kind=ReplyKind.CHOICE, offers=letters)
    several = say("clause.answer", clause=named, count=len(tasks))
    return Answer(
        several if len(tasks) > 1 else tasks[0].title,
        sections=desk.by_plan(tasks),
        whole=ask.question.has("quote"),
    )


def _background(desk: Desk, ask: Ask) -> Answer | None:
    """What stands under the clauses named though it gives no tasks; None where nothing does."""
    refs = clauses_named(ask.question)
    found = [
        (plan, place)
        for plan in ask.plans
        for place in plan.background
        if any(fits(ref, place.clause) for ref in refs)
    ]
    if not found:
        return None
    named = listing(c.words for c in ask.question.clauses)
    plans = desk.plan_names(dict.fromkeys(plan for plan, _ in found))
    quotes = tuple(say("card.quote", quote=shortened(p.text, _BACKGROUND)) for _, p in found)
    return Answer(say("clause.background", clause=named, plans=plans), quotes)


def told_of_before(desk: Desk, ask: Ask) -> Answer | None:
    """What a plan's background tells of the year before it on a matter; None where it is silent.

    A background lists its results between semicolons; the one that has most of the words, side
    by side as they were said, counts.
    """
    question = ask.question
    said = words(fold(question.topic_words))
    pairs = {f"{one} {other}" for one, other in pairwise(said)}
    told = [
        (sum(pair in fold(part) for pair in pairs), part.strip(), place, plan)
        for plan in ask.plans
        for place in plan.background
        if str(question.year) in place.text
        for part in place.text.split(";")
        if any(c.isdigit() for c in part) and _speaks(part, question)
    ]
    best = max(told, key=lambda found: found[0], default=None)
    if best is None or not pairs or best[0] < len(pairs) * _ENOUGH:
        return None
    _, part, place, plan = best
    headline = say("clause.background", clause=place.clause, plans=desk.plan_names([plan]))
    return Answer(headline, (say("card.quote", quote=part),))


def _speaks(part: str, question: Question) -> bool:
    """Whether a passage has all words of the topic, in one of the ways to say each part of it."""
    there = set(words(fold(part)))
    return all(any(there.issuperset(map(fold, way)) for way in t.options) for t in question.topic)


def _letters(question: Question, tasks: Sequence[Task]) -> tuple[Offer, ...]:
    """The clauses that a bare "d" may name, where there is a "d" and a "đ"."""
    if all(ref.letter_sure for ref in clauses_named(question)):
        return ()
    found: dict[tuple[str | None, int | None, str | None], Task] = {}
    for task in tasks:
        place = parts_of(task.clause)
        found.setdefault((place.part, place.number, place.letter), task)
    if {letter for _, _, letter in found} != {"d", "đ"}:
        return ()
    names = [f"{part}.{number}.{letter}" for part, number, letter in found]
    titles = [task.title for task in found.values()]
    return tuple(Offer(f"{n}: {title}", n) for n, title in zip(names, titles, strict=True))


def documents(desk: Desk, ask: Ask) -> Answer:
    """The documents that the tasks asked about cite."""
    question = ask.question
    if question.documents:
        return cited(desk, ask)
    if ask.keys:
        tasks = tuple(t for share in desk.shares(ask) for t in share.tasks)
    elif question.clauses:
        tasks = desk.selector.by_clause(question, ask.plans)
    elif question.topic:
        tasks = desk.topical(ask)
    else:
        tasks = ask.tasks
    citing = tuple(dict.fromkeys(t for t in tasks if t.documents))
    if not citing:
        return refused(desk, ask, say("documents.none"))
    return documented(desk, citing)


def documented(desk: Desk, tasks: Sequence[Task]) -> Answer:
    """The documents that these tasks cite."""
    found = tuple(dict.fromkeys(d for t in tasks for d in t.documents))
    if not found:
        return Answer(say("documents.none"), sections=desk.by_plan(tasks))
    return Answer(
        say("documents.answer", count=len(found)),
        found[:_DOCUMENTS_SHOWN],
        desk.by_plan(tasks),
        count=len(found),
        listed=len(tasks) > 1,
    )


def cited(desk: Desk, ask: Ask) -> Answer:
    """Where a document is cited: in tasks, in a plan's background, as what it implements."""
    numbered = tuple(p for p in desk.library.plans.values() if _is_plan(p, ask.question))
    if numbered:
        return plan(desk, replace(ask, plans=numbered))
    tasks = desk.selector.citing(ask.question, ask.plans)
    if ask.question.topic:
        tasks = desk.selector.keeper(ask.question)(tasks) or tasks
    named = listing(c.words for c in ask.question.documents)
    if tasks:
        return _where_cited(desk, ask, tasks)
    worded = _as_topic(ask)
    if worded.question.topic and (tasks := desk.topical(worded)):
        headline = say("documents.cited", document=named, count=len(tasks))
        return Answer(headline, sections=desk.by_plan(tasks))
    for told_in in ask.plans:
        if around := _around(desk, told_in, ask.question):
            return around
    return refused(desk, ask, say("documents.nowhere", document=named))


def _where_cited(desk: Desk, ask: Ask, tasks: Sequence[Task]) -> Answer:
    """The tasks that cite the document, under its name as they cite it; its date if that is
    asked for."""
    question = ask.question
    names = dict.fromkeys(
        d for t in tasks for d in t.documents if any(same(c, d) for c in question.documents)
    )
    notes, days = [say("documents.as_cited", document=name) for name in _fullest(names)], []
    if question.has("plan_date", "when"):
        days = sorted({c.issued for name in names for c in read_documents(name) if c.issued})
        if not days:
            notes.append(say("documents.undated"))
    named = listing(c.words for c in question.documents)
    return Answer(
        say("documents.cited", document=named, count=len(tasks)),
        tuple(notes),
        sections=desk.by_plan(tasks),
        dates=tuple(days),
        whole=len(tasks) == 1,
    )


def _fullest(names: Iterable[str]) -> list[str]:
    """The names without those that only say less of the same document."""
    kept: list[str] = []
    for name in sorted(names, key=len, reverse=True):
        if not any(same(c, longer) for c in read_documents(name) for longer in kept):
            kept.append(name)
    return kept


def _as_topic(ask: Ask) -> Ask:
    """A document named without a number, as a topic: "nghị quyết giao Quỹ Đầu tư …"."""
    unnumbered = [c for c in ask.question.documents if not c.number and not c.issued]
    parts = tuple(Part((tuple(words(c.words)),)) for c in unnumbered)
    topic = (*ask.question.topic, *parts) if parts else ()
    return ask.reworded(replace(ask.question, documents=(), topic=topic))


def _around(desk: Desk, plan: Plan, question: Question) -> Answer | None:
    """Where a plan names a document outside its tasks; None where it does not."""
    name = desk.cards.plan_name(plan)
    for place in plan.background:
        if named := _mentioned(place.text, question):
            said = say("documents.background", document=named, plan=name, clause=place.clause)
            return Answer(said, (say("card.quote", quote=shortened(place.text, _BACKGROUND)),))
    if _mentioned(plan.implements, question):
        return Answer(say("documents.implemented", document=plan.implements, plan=name))
    return None


def _is_plan(plan: Plan, question: Question) -> bool:
    """Whether the document named is the plan itself."""
    return bool(plan.number) and any(
        same(c, f"Kế hoạch số {plan.number}") for c in question.documents if c.number
    )


def _mentioned(text: str, question: Question) -> str:
    """The document named, as the text cites it; "" where it does not."""
    cited = (found.words for found in read_documents(text))
    return next((words for words in cited if any(same(c, words) for c in question.documents)), "")

"""Who: who leads, who co-operates, who receives the reports, who gathers them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from data.model import Kind, Task
from data.text.normalise import fold, slug, words
from data.text.patterns import typed
from handlers.answers import dates
from handlers.answers.desk import Ask, Desk, agencies_as_topic, carriers
from handlers.answers.heirs import successor_note
from handlers.answers.indicators import carries, indicator_tasks
from handlers.answers.refusals import not_understood, nowhere, refused
from handlers.answers.tasks import agency_tasks, on_topic
from handlers.cards import Answer
from handlers.hits import ENOUGH
from handlers.understanding.grammar import Look, Use, looks, plays
from handlers.understanding.question import Question
from handlers.wording import say

_NOTED = 3
_PLAINLY = 0.95
_CLEARLY = 0.6
_SHORT = 3
_MORE = 3
_NEARLY_ALL = 0.8
_MANY = 3
_INDICATOR = "chỉ số"


def lead(desk: Desk, ask: Ask) -> Answer:
    """Who leads what the question names; for an agency alone, its tasks."""
    question = ask.question
    matter = question.topic or question.indicators
    if question.has("confirms") and not question.has("who") and ask.keys and matter:
        return _confirmed(desk, ask)
    if question.has("one_of") and ask.keys and question.topic and not _of_one(desk, ask):
        return agency_tasks(desk, ask)
    if question.has("plan_coordinator") and len(question.topic) < _MANY:
        return _coordinators(desk, ask)
    if found := _following_indicators(desk, ask):
        return led_by(desk, ask, found)
    if question.documents:
        tasks = desk.selector.citing(question, ask.plans)
        kept = desk.selector.keeper(replace(question, documents=()))(tasks)
        tasks = kept or _rather_on_topic(desk, ask, tasks)
    elif question.clauses:
        tasks = desk.selector.by_clause(question, ask.plans)
    elif question.topic:
        tasks = _best_led(desk, ask) or _best_led(desk, agencies_as_topic(desk, ask))
    elif question.periods:
        return dates.due(desk, ask)
    elif ask.keys:
        tasks = _helped(desk, ask)
        if not tasks:
            return agency_tasks(desk, ask)
    else:
        return not_understood(desk, ask)
    if not tasks and not question.has("who"):
        return on_topic(desk, ask)
    return led_by(desk, ask, tasks) if tasks else nowhere(desk, ask)


def _confirmed(desk: Desk, ask: Ask) -> Answer:
    """Whether a matter is of the agencies named, as their own, taken over or common task; who
    leads it instead is told only of a matter that is plainly another's."""
    question = ask.question
    followed = question.indicators or (question.has("indicator") and question.topic)
    following = indicator_tasks(desk, ask) if followed else ()
    if theirs := tuple(t for t in following if carries(desk, t, ask.keys)):
        return led_by(desk, ask, theirs)
    shares = desk.shares(ask)
    bound = any(s.lead or s.inherited or s.common for s in shares) and not following
    if bound or not (following or _plain(desk, ask)):
        return agency_tasks(desk, ask)
    other = lead(desk, replace(ask, keys=(), question=replace(question, agencies=())))
    if not other.agencies:
        return agency_tasks(desk, ask)
    return replace(other, notes=(say("lead.other", agency=desk.names(ask.keys)), *other.notes))


def _of_one(desk: Desk, ask: Ask) -> bool:
    """Whether just one of the agencies leads tasks on the matter."""
    return len({share.agency for share in desk.shares(ask) if share.lead}) == 1


def _plain(desk: Desk, ask: Ask) -> bool:
    """Whether the plans speak of the whole matter in one place, and no document is its subject."""
    if ask.question.documents or any(c.isdigit() for c in ask.question.topic_words):
        return False
    unnamed = replace(ask.question, agencies=())
    hits = desk.selector.on_topic(unnamed, ask.plans)
    return bool(hits) and hits[0].coverage >= _PLAINLY and bool(hits[0].task.lead)


def _rather_on_topic(desk: Desk, ask: Ask, citing: tuple[Task, ...]) -> tuple[Task, ...]:
    """The tasks on the topic, where several cite the document and none of them is on it."""
    timeless = ask.reworded(replace(ask.question, documents=()))
    hits = desk.selector.on_topic(timeless.question, ask.plans) if len(citing) > 1 else []
    if not hits or hits[0].coverage < ENOUGH:
        return citing
    return _best_led(desk, timeless) or citing


def _helped(desk: Desk, ask: Ask) -> tuple[Task, ...]:
    """The tasks of others in which the agencies have a part, where they lead none of their own:
    "Kho bạc dính vào việc của cơ quan nào"."""
    whole = [desk.selector.share(k, p) for k in ask.keys for p in ask.plans]
    if any(s.lead or s.inherited for s in whole) or ask.question.common is not None:
        return ()
    helped = tuple(t for s in desk.shares(ask) for t in s.coordinating)
    return helped or desk.topical(agencies_as_topic(desk, ask))


def _following_indicators(desk: Desk, ask: Ask) -> tuple[Task, ...]:
    """The tasks on the indicators named, with those that fit the topic best."""
    if not ask.question.indicators and not ask.question.has("indicator"):
        return ()
    found = indicator_tasks(desk, ask)
    named = any(name.casefold().startswith(_INDICATOR) for name in ask.question.indicators)
    if found and named:
        having = {t.plan for t in found}
        return (*found, *(t for t in _best_led(desk, ask) if t.plan not in having))
    if found and (other := _spoken_of(desk, ask, found)):
        return other
    if not found or ask.question.has("indicator", "indicator_list"):
        return found
    of_name = max((len(name.split()) for name in ask.question.indicators), default=0)
    if len(ask.question.topic_words.split()) >= of_name + _MORE:
        return _best_led(desk, ask) or found
    return tuple(dict.fromkeys((*found, *_best_led(desk, ask))))


def _spoken_of(desk: Desk, ask: Ask, found: Sequence[Task]) -> tuple[Task, ...]:
    """The tasks that say nearly all of a topic that is more than the indicator's name, where
    those that follow the indicator do not: who raises an indicator is not who follows it."""
    named = {fold(word) for name in ask.question.indicators for word in name.split()}
    if all(fold(word) in named for word in ask.question.topic_words.split()):
        return ()
    hits = desk.selector.on_topic(ask.question, ask.plans)
    followed = {t.ref for t in found}
    if not hits or hits[0].coverage < _NEARLY_ALL or any(h.task.ref in followed for h in hits):
        return ()
    return _best_led(desk, ask)


def _coordinators(desk: Desk, ask: Ask) -> Answer:
    """Who gathers the reports of the whole plan."""
    tasks = tuple(
        t for p in ask.plans for t in p.tasks if t.kind is Kind.REPORT and p.coordinator in t.lead
    )
    keys = tuple(dict.fromkeys(p.coordinator for p in ask.plans))
    return Answer(
        say("coordinator.answer", agencies=desk.names(keys)),
        sections=desk.by_plan(tasks),
        agencies=keys,
    )


def _best_led(desk: Desk, ask: Ask) -> tuple[Task, ...]:
    """The tasks nearest to the topic that somebody carries."""
    kept = {t.ref for t in desk.topical(ask)}
    hits = [
        h
        for h in desk.selector.on_topic(ask.question, ask.plans)
        if h.task.ref in kept and h.task.responsible
    ]
    hits = [h for h in hits if h.task.lead] or hits
    best = {
        plan.id: max((h.score for h in hits if h.task.plan == plan.id), default=0.0)
        for plan in ask.plans
    }
    whole = len(ask.question.topic_words.split()) <= _SHORT
    return tuple(
        h.task
        for h in hits
        if h.score >= _CLEARLY * best[h.task.plan] or (whole and h.coverage >= 1)
    )


def led_by(desk: Desk, ask: Ask, tasks: Sequence[Task]) -> Answer:
    """Who carries these tasks, leaving out whom the question leaves out."""
    out = {k for m in ask.question.excluded for k in m.keys}
    keys = _departments(desk, ask, [k for k in carriers(tasks) if k not in out])
    if not keys:
        return Answer(say("lead.nobody"), sections=desk.by_plan(tasks))
    notes = [successor_note(desk, ask, key) for key in keys[:_NOTED]]
    others = _joining(desk, ask, tasks, {*keys, *out})
    if others:
        notes.insert(0, say("partners.answer", agencies=desk.names(others)))
    return Answer(
        say("lead.answer", agencies=desk.names(keys)),
        tuple(note for note in notes if note),
        desk.by_plan(tasks),
        agencies=(*keys, *others),
    )


def _joining(
    desk: Desk, ask: Ask, tasks: Sequence[Task], named: Collection[str]
) -> tuple[str, ...]:
    """Who co-operates in these tasks, where both roles are asked for."""
    if not ask.question.has("both_roles"):
        return ()
    return _departments(desk, ask, (k for t in tasks for k in t.coordinating if k not in named))


def partners(desk: Desk, ask: Ask) -> Answer:
    """With whom the agencies work, or who co-operates in what the question names."""
    ask = ask.reworded(replace(ask.question, role=None))
    found = _worked_on(desk, ask)
    tasks = [t for t in found if t.coordinating]
    if not tasks and found and not ask.keys:
        return led_by(desk, ask, [t for t in found if t.responsible] or found)
    if not tasks:
        if ask.question.topic and not desk.selector.on_topic(ask.question, ask.plans):
            return nowhere(desk, ask)
        return refused(desk, ask, say("partners.none"))
    own = _with_predecessors(desk, ask)
    out = {k for m in ask.question.excluded for k in m.keys}
    keys = (
        k
        for t in tasks
        for k in (t.coordinating if not own or own & set(t.lead) else t.lead)
        if k not in own and k not in out
    )
    return _joined_by(desk, ask, tasks, keys)


def _worked_on(desk: Desk, ask: Ask) -> tuple[Task, ...]:
    """The tasks whose partners are asked for: the agencies' own, of clauses or on a topic."""
    if ask.keys:
        shares = desk.shares(ask)
        parts = (t for s in shares for t in (*s.lead, *s.coordinating, *s.taken_over))
        return tuple(dict.fromkeys(parts))
    if ask.question.clauses:
        return tuple(dict.fromkeys(desk.selector.by_clause(ask.question, ask.plans)))
    return tuple(dict.fromkeys(desk.topical(ask)))


def _with_predecessors(desk: Desk, ask: Ask) -> set[str]:
    """The agencies asked about, and those whose duties they took over."""
    rows = (
        row
        for key in ask.keys
        for plan in ask.plans
        for row in desk.library.directory.predecessors(key, slug(plan.province))
    )
    return {*ask.keys, *(row.predecessor for row in rows)}


def partners_in(desk: Desk, ask: Ask, tasks: Sequence[Task]) -> Answer:
    """Who co-operates in these tasks."""
    if not any(t.coordinating for t in tasks):
        return Answer(say("partners.none"), sections=desk.by_plan(tasks))
    return _joined_by(desk, ask, tasks, (k for t in tasks for k in t.coordinating))


def _joined_by(desk: Desk, ask: Ask, tasks: Sequence[Task], partners: Iterable[str]) -> Answer:
    keys = _departments(desk, ask, partners)
    return Answer(
        say("partners.answer", agencies=desk.names(keys)),
        sections=desk.by_plan(tasks),
        agencies=keys,
    )


def _departments(desk: Desk, ask: Ask, keys: Iterable[str]) -> tuple[str, ...]:
    """The agencies, each once; "sở nào" asks for none of the groups if others are named."""
    keys = tuple(dict.fromkeys(keys))
    said = words(fold(ask.question.text))
    asked = {one for one, other in pairwise(said) if plays(other, Use.WHICH)}
    kinds = {w for w in asked if plays(w, Use.OFFICE) and not plays(w, Use.DEPARTMENT)}
    of_kind = tuple(k for k in keys if words(fold(desk.name(k)))[0] in kinds)
    if of_kind:
        return of_kind
    if not looks(Look.WHICH_DEPARTMENT).search(typed(ask.question.text)):
        return keys
    known = desk.library.directory.agencies
    return tuple(k for k in keys if not known[k].is_group) or keys


def recipients(desk: Desk, ask: Ask) -> Answer:
    """Who receives the reports that the question speaks of; unless it says, the recurring."""
    question = replace(ask.question, periods={})
    tasks = tuple(t for t in ask.tasks if t.recipients)
    if question.has("recurring") or "quy" in fold(question.text).split():
        tasks = dates.recurring(tasks)
    if ask.keys and question.has("receives"):
        return senders(desk, ask)
    if ask.keys:
        own = tuple(t for t in tasks if set(ask.keys) & {*t.lead, *t.addressed})
        tasks = own or tuple(t for t in tasks if desk.involves(t, ask.keys))
    if question.topic:
        of_plans = [tuple(t for t in tasks if t.plan == p.id) for p in ask.plans]
        tasks = tuple(t for found in of_plans for t in _reports(desk, question, found))
        if not tasks and question.has("who"):
            return lead(desk, ask)
    elif not ask.keys:
        tasks = dates.recurring(tasks) or tasks
    if not tasks:
        return nowhere(desk, ask)
    answer = sent_to(desk, tasks, {k for m in question.excluded for k in m.keys})
    counted = question.has("how_many_agencies", "how_much", "how_many")
    return replace(answer, count=len(answer.agencies)) if counted else answer


def senders(desk: Desk, ask: Ask) -> Answer:
    """Who reports to the agencies, in which tasks."""
    tasks = tuple(t for t in ask.tasks if set(ask.keys) & set(t.recipients))
    if not tasks:
        return refused(desk, ask, say("senders.none", agency=desk.names(ask.keys)))
    keys = carriers(tasks)
    return Answer(
        say("senders.answer", agency=desk.names(ask.keys), senders=desk.names(keys)),
        sections=desk.by_plan(tasks),
        agencies=keys,
        dates=tuple(dict.fromkeys(d for t in tasks for d in t.due)),
    )


def _reports(desk: Desk, question: Question, tasks: Sequence[Task]) -> tuple[Task, ...]:
    """The reports on the topic; the recurring ones where it is only "báo cáo"."""
    kept = desk.selector.keeper(question)(tasks)
    return kept or (dates.recurring(tasks) if "bao cao" in fold(question.text) else ())


def sent_to(desk: Desk, tasks: Sequence[Task], out: Collection[str] = ()) -> Answer:
    """Who receives the reports of these tasks, leaving out some, and by which days."""
    keys = tuple(dict.fromkeys(k for t in tasks for k in t.recipients if k not in out))
    if not keys:
        return Answer(say("recipients.none"), sections=desk.by_plan(tasks))
    return Answer(
        say("recipients.answer", agencies=desk.names(keys)),
        sections=desk.by_plan(tasks),
        agencies=keys,
        dates=tuple(d for t in tasks for d in t.due),
    )

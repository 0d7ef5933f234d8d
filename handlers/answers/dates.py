"""When: the deadline of a task, what falls due in a time, what is past its day."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date

from data.deadlines import remark
from data.model import Task
from handlers.answers.desk import Ask, Desk, carriers, in_plan
from handlers.answers.refusals import nothing_for_agency, nowhere, offers
from handlers.cards import Answer, Section
from handlers.hits import ENOUGH
from handlers.messages import ReplyKind
from handlers.selection import within
from handlers.understanding.question import Question
from handlers.wording import day, listing, say

_SHOWN_UNDATED = 3
_CLEARLY = 2.0
_WORDED = 2
_REMARKED = 3


def deadline(desk: Desk, ask: Ask) -> Answer:
    """By when what the question names is to be done."""
    timeless = ask.reworded(replace(ask.question, periods={}))
    question = timeless.question
    if question.clauses:
        tasks = desk.selector.by_clause(question, ask.plans)
    elif question.documents:
        tasks = desk.selector.citing(question, ask.plans)
    elif question.has("recurring"):
        every = recurring(ask.tasks)
        own = tuple(t for t in every if ask.keys and desk.involves(t, ask.keys))
        tasks = own or every
    elif ask.keys:
        tasks = _of_agencies(desk, timeless)
        if not tasks:
            return nothing_for_agency(desk, ask)
    elif question.topic or question.indicators:
        tasks = desk.topical(timeless)
        tasks = tasks if any(t.due for t in tasks) else _dated_near(desk, timeless) or tasks
    elif question.has("send"):
        tasks = tuple(t for t in ask.tasks if t.recipients)
    else:
        return due(desk, ask)
    if not tasks:
        return nowhere(desk, ask)
    if question.has("recurring") and question.has("soon"):
        return _next(desk, ask, tasks)
    within_period = desk.selector.due(tasks, ask.question) if ask.question.periods else []
    if within_period:
        return deadlines(desk, [t for _, t in within_period], {d for d, _ in within_period})
    return deadlines(desk, tasks)


def _dated_near(desk: Desk, ask: Ask) -> tuple[Task, ...]:
    """The task with a deadline that is clearly the most on the topic of those that have one,
    where those nearest to it have none."""
    if ask.question.missing or ask.question.figures:
        return ()
    hits = desk.selector.index.find(ask.question.topic, tuple(p.id for p in ask.plans))
    near = [h for h in hits if h.coverage >= ENOUGH and h.task.due]
    near.sort(key=lambda hit: -hit.score)
    clear = near[:1] and all(h.score * _CLEARLY <= near[0].score for h in near[1:])
    return (near[0].task,) if clear else ()


def _next(desk: Desk, ask: Ask, tasks: Sequence[Task]) -> Answer:
    """The next day that each of the recurring tasks is due, from the day of the question on."""
    ahead = {t: [d for d in t.due if d >= ask.today] for t in tasks}
    coming = [t for t in tasks if ahead[t]]
    if not coming:
        return Answer(say("recurring.over", day=day(ask.today)), offers=offers(desk, ask))
    return deadlines(desk, coming, {min(ahead[t]) for t in coming})


def recurring(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Those that are due again and again: the reports of each quarter or year."""
    return tuple(t for t in tasks if t.deadline and t.deadline.every)


def _of_agencies(desk: Desk, ask: Ask) -> tuple[Task, ...]:
    """The agencies' own tasks, with the common ones where none of their own is dated."""
    shares = desk.shares(ask)
    own = tuple(t for s in shares for t in (s.own or s.taken_over))
    if any(t.due for t in own):
        return own
    return (*own, *(t for s in shares for t in s.common))


def deadlines(desk: Desk, tasks: Sequence[Task], only: Collection[date] = ()) -> Answer:
    """By when these tasks are to be done; of recurring days those in `only`, if given."""
    dated = tuple(dict.fromkeys(t for t in tasks if t.due))
    if not dated:
        return Answer(say("deadline.none"), sections=desk.by_plan(tasks[:_SHOWN_UNDATED]))
    days = tuple(sorted({d for t in dated for d in t.due if not only or d in only}))
    worded = (say("deadline.words", words=t.deadline.words) for t in dated[:_WORDED] if t.deadline)
    undated = len(dict.fromkeys(tasks)) - len(dated)
    rest = (say("deadline.rest", count=undated),) if undated else ()
    remarks = (said for d in days[:_REMARKED] if (said := remarked(d)))
    return Answer(
        say("deadline.answer", days=listing(day(d) for d in days)),
        (*dict.fromkeys(worded), *rest, *remarks),
        desk.by_plan(dated),
        dates=days,
    )


def remarked(when: date) -> str:
    """That a day is no working day, and the one before; "" for a working day."""
    found = remark(when)
    if found.working:
        return ""
    return say(
        "due.remark",
        day=day(when),
        what=found.holiday or say(f"weekday.{found.weekday}"),
        before=day(found.previous),
    )


def due(desk: Desk, ask: Ask) -> Answer:
    """What falls due in the time asked about."""
    found = _falling_due(desk, ask)
    if not found and (sooner := _until_then(ask)):
        ask, found = sooner, _falling_due(desk, sooner)
    question = ask.question
    if not found:
        return Answer(
            say("due.none", period=_period_words(question)),
            kind=ReplyKind.REFUSAL if question.topic else ReplyKind.ANSWER,
            offers=offers(desk, ask),
        )
    return Answer(
        say("due.answer", period=_period_words(question), count=len(found)),
        tuple(dict.fromkeys(said for d, _ in found[:_REMARKED] if (said := remarked(d)))),
        sections=_by_date(desk, found),
        dates=tuple(d for d, _ in found),
        agencies=carriers(t for _, t in found) if question.has("who") else (),
        listed=True,
    )


def _until_then(ask: Ask) -> Ask | None:
    """The question about all days up to one that is named by its distance: of "7 ngày nữa" a
    person in a hurry means the days between as well."""
    periods = ask.question.periods
    if not any(p.kind == "ahead" for p in periods.values()):
        return None
    sooner = {plan: replace(p, start=ask.today) for plan, p in periods.items()}
    return ask.reworded(replace(ask.question, periods=sooner))


def _falling_due(desk: Desk, ask: Ask) -> list[tuple[date, Task]]:
    """Each last day in time with its task; for "soon" only the next day that there is."""
    question = ask.question
    found = desk.selector.due(_dated(desk, ask), question)
    if question.has("soon") and all(p.end is None for p in question.periods.values()):
        ahead = [(d, t) for d, t in found if d >= ask.today]
        found = [(d, t) for d, t in ahead if d == ahead[0][0]]
    if question.has("not_yet"):
        found = [(d, t) for d, t in found if d >= ask.today]
    if any(p.start is None for p in question.periods.values()):
        plans = desk.library.plans
        found = [(d, t) for d, t in found if within(d, plans[t.plan].period[0], None)]
    return found


def _dated(desk: Desk, ask: Ask) -> tuple[Task, ...]:
    """The tasks with a deadline that the question's other conditions let stand."""
    timeless = ask.reworded(replace(ask.question, periods={}))
    if ask.keys:
        tasks = tuple(t for share in desk.shares(timeless) for t in share.tasks)
    else:
        tasks = ask.tasks
    dated = tuple(dict.fromkeys(t for t in tasks if t.due))
    return desk.selector.keeper(timeless.question)(dated)


def _by_date(desk: Desk, found: Sequence[tuple[date, Task]]) -> tuple[Section, ...]:
    days = dict.fromkeys((d, t.plan) for d, t in found)
    several = len({t.plan for _, t in found}) > 1
    return tuple(
        Section(
            in_plan(
                say("due.day", day=day(when)),
                desk.cards.plan_name(desk.library.plans[plan]) if several else "",
            ),
            tuple(t for d, t in found if d == when and t.plan == plan),
        )
        for when, plan in days
    )


def _period_words(question: Question) -> str:
    """The time asked about by its days: "Từ 01/01/2019 đến 31/03/2019"."""
    period = next(iter(question.periods.values()), None)
    if period is None or (period.start is None and period.end is None):
        return say("period.all")
    if period.start is None:
        return say("period.until", end=day(period.end)) if period.end else say("period.all")
    if period.end is None:
        return say("period.since", start=day(period.start))
    if period.start == period.end:
        return say("period.day", day=day(period.start))
    return say("period.span", start=day(period.start), end=day(period.end))


def overdue(desk: Desk, ask: Ask) -> Answer:
    """What was due before the day of the question; "đến hôm nay" is that day."""
    if all(p.end == ask.today for p in ask.question.periods.values()):
        ask = ask.reworded(replace(ask.question, periods={}))
    found = desk.selector.due(_dated(desk, ask), ask.question)
    late = [(d, t) for d, t in found if d < ask.today]
    if not late:
        return Answer(say("overdue.none", day=day(ask.today)), offers=offers(desk, ask))
    return Answer(
        say("overdue.answer", day=day(ask.today), count=len(late)),
        (say("overdue.note"),),
        _by_date(desk, late),
        dates=tuple(d for d, _ in late),
        listed=True,
    )

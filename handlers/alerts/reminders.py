"""How a morning's message and a notice are worded: one message, the most urgent first."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from data.loading.library import Library
from data.model import Task
from data.reminders import Alert
from handlers.alerts import duties
from handlers.messages import Bubble, Choice, Line, Reply, ReplyKind, Style
from handlers.wording import day as day_words
from handlers.wording import listing, say

LIMIT = 1900
"""Characters of a message with its choices: one Zalo message, with something to spare."""
AT_ONCE = 10
SNOOZE = 3
"""Days after which "nhắc lại" reminds again."""
ACTIONS = ("done", "part", "extend", "blocked", "snooze", "stop")
GUEST_ACTIONS = ("snooze", "stop")


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the message: the row of the log, its task, and what is known of both.

    `original` is the plan's date where it was extended; `absent` the name of the person on
    leave for whom somebody else hears. `guest` may only be reminded, not report.
    """

    alert: Alert
    task: Task
    original: date | None = None
    absent: str = ""
    guest: bool = False


def action(verb: str, id: int) -> str:
    """What a button of a reminder sends: `al.done.17`."""
    return f"al.{verb}.{id}"


def weekday(day: date) -> str:
    """ "thứ Hai"."""
    return say(f"alerts.weekday.{day.weekday()}")


def left(due: date, day: date) -> str:
    """ "Còn 3 ngày", "Hôm nay là hạn cuối", "Quá hạn 8 ngày"."""
    days = (due - day).days
    key = "today" if days == 0 else "days" if days > 0 else "overdue"
    return say(f"alerts.left.{key}", days=abs(days))


def message(
    items: Sequence[Item], digests: Sequence[Sequence[Line]], library: Library, day: date
) -> Reply:
    """The morning's message: digests that fit before the tasks, and as many tasks as fit."""
    head = [line for digest in digests for line in (*digest, Line(""))]
    if not items:
        return _reply([Bubble(tuple(head[:-1]))], ())
    before = [Bubble(tuple(head[:-1]))] if _size(head) > LIMIT // 2 else []
    lines = [] if before else head
    title = "alerts.title" if len(items) == 1 else "alerts.title.many"
    words = say(title, weekday=weekday(day), day=day_words(day), count=len(items))
    lines = [*lines, Line(words, Style.STRONG)]
    tasks = [item.task for item in items]
    if len(items) == 1:
        return _reply([*before, card(items[0], library, day, lines)], tasks)
    shown = _fitting(items, library, day, LIMIT - _size(lines))
    return _reply([*before, _page(lines, items, shown, library, day)], tasks)


def rest(items: Sequence[Item], library: Library, day: date) -> Reply:
    """What did not fit into the message, in as many bubbles as it takes."""
    bubbles = []
    tasks = [item.task for item in items]
    while items:
        count = _fitting(items, library, day, LIMIT, whole=True)
        bubbles.append(_page([], items[:count], count, library, day))
        items = items[count:]
    return _reply(bubbles, tasks)


def surely_shown(items: Sequence[Item], library: Library, day: date) -> int:
    """How many tasks stand in the message whatever else it says."""
    return _fitting(items, library, day, LIMIT - LIMIT // 2 - 100)


def card(item: Item, library: Library, day: date, head: Iterable[Line] = ()) -> Bubble:
    """One task with what can be done from the reminder, by button, number or words."""
    lines = [*head, Line(line_of(item, library, day))]
    if item.task.deadline:
        lines.append(Line(say("alerts.words", words=item.task.deadline.words)))
    verbs = GUEST_ACTIONS if item.guest else ACTIONS
    labels = [
        Choice(n, say(f"alerts.act.{verb}", days=SNOOZE), action(verb, item.alert.id))
        for n, verb in enumerate(verbs, 1)
    ]
    rows = tuple(tuple(labels[n : n + 2]) for n in range(0, len(labels), 2))
    return Bubble(tuple(lines), rows)


def line_of(item: Item, library: Library, day: date) -> str:
    """A task in a reminder: how long is left, title, clause, last day, and what a report needs."""
    task, due = item.task, item.alert.due
    plan = library.plans[task.plan]
    text = say(
        "alerts.item",
        left=left(due, day),
        title=titled(task, item.original or due),
        clause=task.clause,
        id=task.id,
        plan=say("plan.name", province=plan.province, year=plan.year),
        weekday=weekday(due),
        due=day_words(due),
    )
    parts = [text]
    if item.original and item.original != due:
        parts.append(say("alerts.extended", original=day_words(item.original)))
    if due >= day:
        parts += report_words(task, item.original or due, library)
    if item.absent:
        parts.append(say("alerts.instead", name=item.absent))
    return " ".join(parts)


def titled(task: Task, due: date) -> str:
    """The task's title; of a recurring report with the period that falls due on that day."""
    duty = duties.report(task, due)
    if duty is None:
        return task.title
    key = "alerts.report.title.year" if duty.whole_year else "alerts.report.title"
    return say(key, title=task.title, number=roman(duty.number), year=due.year)


def roman(number: int) -> str:
    """A quarter's number as offices write it."""
    return ("I", "II", "III", "IV")[number - 1]


def report_words(task: Task, due: date, library: Library) -> list[str]:
    """Recipients and figures of a report duty, with the warning where they do not go together."""
    duty = duties.report(task, due)
    if duty is None:
        return []
    first, last = map(day_words, duty.figures)
    words = []
    if task.recipients:
        names = listing(library.directory.name(key) for key in task.recipients)
        words.append(say("alerts.report.recipients", names=names))
    words.append(say("alerts.report.figures", first=first, last=last))
    if duty.early:
        words.append(say("alerts.report.early", due=day_words(due), last=last))
    return words


def notice(alert: Alert, library: Library) -> Reply:
    """A notice that goes at once, as whoever put it into the outbox worded it."""
    body: Mapping[str, Any] = json.loads(alert.body)
    text = say(body["key"], **body.get("places", {}))
    given = body.get("choices", ())
    choices = tuple((Choice(n, say(key), press),) for n, (key, press) in enumerate(given, 1))
    task = library.task(alert.task)
    lines = tuple(Line(part) for part in text.split("\n"))
    return _reply([Bubble(lines, choices)], (task,) if task else ())


def _reply(bubbles: Sequence[Bubble], tasks: Sequence[Task]) -> Reply:
    unique = tuple({task.ref: task for task in tasks}.values())
    return Reply(ReplyKind.ANSWER, tuple(bubbles), tasks=unique)


def _page(
    head: Sequence[Line], items: Sequence[Item], count: int, library: Library, day: date
) -> Bubble:
    lines = [*head, *(Line(_numbered(item, library, day)) for item in items[:count])]
    numbers = [
        Choice(item.alert.place, str(item.alert.place), action("card", item.alert.id), True)
        for item in items[:count]
    ]
    rows = [tuple(numbers[n : n + 5]) for n in range(0, len(numbers), 5)]
    if count < len(items):
        rows.append((_more(items, count),))
    return Bubble(tuple(lines), tuple(rows))


def _more(items: Sequence[Item], count: int) -> Choice:
    label = say("alerts.more", count=len(items) - count)
    following = items[count].alert
    return Choice(items[-1].alert.place + 1, label, action("more", following.id))


def _numbered(item: Item, library: Library, day: date) -> str:
    return f"{item.alert.place}. {line_of(item, library, day)}"


def _fitting(
    items: Sequence[Item], library: Library, day: date, room: int, whole: bool = False
) -> int:
    """How many items fit, with a line for the choice that shows the rest."""
    used = 0 if whole else len(_more(items, 0).label) + 6
    for count, item in enumerate(items[:AT_ONCE]):
        used += len(_numbered(item, library, day)) + 1
        if used > room:
            return max(count, 1)
    return min(len(items), AT_ONCE)


def _size(lines: Iterable[Line]) -> int:
    return sum(len(line.text) + 1 for line in lines)

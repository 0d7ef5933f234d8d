"""How updates look: what awaits a yes, before and after; what was stored; a task's history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from data.loading.library import Library
from data.model import Task
from data.record import Act, Entry, Status
from handlers.cards import shortened, target_words
from handlers.messages import Bubble, Choice, Document, Line, Reply, ReplyKind, Style
from handlers.updates.finding import Aim
from handlers.updates.progress import Condition
from handlers.updates.proposals import Pending
from handlers.wording import day, listing, number, say

SHOWN = 300


@dataclass(frozen=True, slots=True)
class Said:
    """A reply, what each of its numbers does, and the tasks that are now spoken of."""

    reply: Reply
    doings: tuple[dict[str, str], ...] = ()
    shown: tuple[str, ...] = ()


def choices(*offered: tuple[str, str]) -> tuple[Choice, ...]:
    """Buttons of (label, action), numbered from 1."""
    return tuple(Choice(n, label, action) for n, (label, action) in enumerate(offered, 1))


def said(
    kind: ReplyKind,
    lines: Iterable[str],
    offered: Sequence[tuple[str, str]] = (),
    *,
    aims: Sequence[Aim] = (),
    statuses: Mapping[str, str] | None = None,
    listed: bool = False,
    numbered: bool = False,
    files: tuple[Document, ...] = (),
    dates: tuple[date, ...] = (),
    agencies: tuple[str, ...] = (),
    count: int | None = None,
) -> Said:
    """A reply whose first line stands out, with its buttons and what they do.

    `listed` adds a line for each button; `numbered` says that the lines are there already.
    """
    shown = [Line(text, Style.PLAIN if at else Style.STRONG) for at, text in enumerate(lines)]
    rows: tuple[tuple[Choice, ...], ...]
    if listed:
        rows = tuple((Choice(c.number, c.label, c.action, True),) for c in choices(*offered))
        shown += [Line(f"{row[0].number}. {row[0].label}") for row in rows]
    else:
        row = tuple(replace(c, listed=numbered) for c in choices(*offered))
        rows = (row,) if row else ()
    tasks = tuple({a.task.ref: a.task for a in aims}.values())
    reply = Reply(
        kind,
        (Bubble(tuple(shown), rows, files),),
        tasks=tasks,
        agencies=agencies,
        dates=dates,
        count=count,
        statuses=dict(statuses or {}),
    )
    doings = tuple({"press": action} for _, action in offered)
    return Said(reply, doings, tuple(a.ref for a in aims))


def refused(key: str, **places: object) -> Said:
    """A refusal in one sentence."""
    return said(ReplyKind.REFUSAL, [say(key, **places)])


def moment(at: datetime) -> str:
    """ "09:15 ngày 05/03/2021"."""
    return say("update.moment", time=at.strftime("%H:%M"), day=day(at.date()))


class UpdateCards:
    """Renders updates with the names of tasks and agencies."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def title(self, aim: Aim, own_text: str = "") -> str:
        """The task in one line: title, clause and id."""
        if aim.own:
            text = shortened_to(own_text or aim.name, SHOWN)
            return say("update.own", text=text, id=aim.name, title=aim.task.title)
        return say("update.task", title=aim.task.title, clause=aim.task.clause, id=aim.task.id)

    def confirmation(self, held: Pending, aim: Aim, before: Condition, own_text: str) -> list[str]:
        """What was understood, before and after, one line each."""
        lines = [say(f"update.confirm.{held.act}"), self.title(aim, own_text)]
        if held.act == Act.UPDATE:
            lines += self._changes(held, before)
        lines += self._facts(held, aim.task, before)
        if held.cut:
            lines.append(say("update.cut", limit=number(2000)))
        return lines

    def _changes(self, held: Pending, before: Condition) -> list[str]:
        after = Status(held.status or before.status)
        line = say(
            "update.line.status", before=status_words(before.status), after=status_words(after)
        )
        lines = [line]
        if held.percent is not None:
            old = say("update.none") if before.told is None else f"{before.told}%"
            lines.append(say("update.line.percent", before=old, after=f"{held.percent}%"))
        return lines

    def _facts(self, held: Pending, task: Task, before: Condition) -> list[str]:
        lines = [figure_words(f, task) for f in held.figures]
        facts: list[tuple[str, str]] = [
            ("agency", self._library.directory.name(held.acts_for) if held.acts_for else ""),
            ("documents", "; ".join(held.documents)),
            ("done_on", _day(held.done_on)),
            ("due", _day(held.due)),
            ("until", self._until(held, task, before)),
            ("blocker", self._library.directory.name(held.blocker) if held.blocker else ""),
            ("assignee", held.assignee),
            ("note", shortened_to(held.note, SHOWN)),
            ("evidence", "; ".join(e[0] for e in held.evidence)),
        ]
        lines += [say(f"update.line.{key}", value=value) for key, value in facts if value]
        return lines

    def _until(self, held: Pending, task: Task, before: Condition) -> str:
        if not held.until:
            return ""
        if held.act not in (Act.EXTEND, Act.GRANT, Act.REFUSE):
            return _day(held.until)
        planned = date.fromisoformat(held.due) if held.due else (task.due[0] if task.due else None)
        due = before.granted or planned
        return say(
            "update.extension.dates" if before.extensions else "update.extension.first",
            old=day(due) if due else say("update.none"),
            new=_day(held.until),
            count=before.extensions,
        )

    def entry(self, entry: Entry) -> str:
        """An entry in one line: when, who, what."""
        who = entry.name or say("update.nobody")
        agency = self._library.directory.name(entry.agency) if entry.agency else ""
        by = say("update.by", name=who, agency=agency) if agency else who
        key = f"update.entry.{entry.act}"
        line = say(key, id=entry.id, at=moment(entry.at), by=by, what=self.content(entry))
        return line.removesuffix(" – ")

    def content(self, entry: Entry) -> str:
        """What an entry states, in words."""
        fields = entry.fields
        parts = []
        if entry.act is Act.UPDATE:
            parts.append(status_words(Status(fields["status"])))
            if fields.get("percent") is not None:
                parts.append(f"{fields['percent']}%")
        task = self._library.task(entry.ref)
        if task:
            parts += [figure_words(f, task) for f in fields.get("figures", ())]
        for name in ("done_on", "due", "to", "until"):
            if fields.get(name):
                granted = entry.act is Act.GRANT and name == "to"
                key = "update.line.granted" if granted else f"update.line.{name}"
                parts.append(say(key, value=_day(fields[name])))
        for name in ("text", "assignee", "reason", "note"):
            if fields.get(name):
                parts.append(shortened_to(str(fields[name]), SHOWN))
        if entry.documents:
            parts.append("; ".join(entry.documents))
        if entry.evidence:
            names = listing(e.name for e in entry.evidence)
            parts.append(say("update.line.evidence", value=names))
        if entry.act is Act.UNDO:
            parts.append(say("update.undone", id=fields.get("reverses")))
        return "; ".join(parts)


def shortened_to(text: str, limit: int) -> str:
    """The text on one line, cut at a word where it is longer."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    return shortened(text, limit) if " " in text[:limit] else text[:limit] + " …"


def status_words(status: Status) -> str:
    """ "đang thực hiện"."""
    return say(f"update.status.{status}")


def figure_words(figure: Mapping[str, Any], task: Task) -> str:
    """A reported figure, its target, and whether it is reached."""
    unit = str(figure["unit"])
    value = number(float(figure["value"])) + (unit if unit == "%" else f" {unit}")
    about = f"{value} {figure.get('about', '')}".strip()
    target = next((t for t in task.targets if t.words == figure.get("target")), None)
    if target is None:
        return say("update.figure", value=about)
    key = "update.figure.met" if figure.get("met") else "update.figure.unmet"
    return say(key, value=about, target=target_words(target))


def _day(text: str) -> str:
    return day(date.fromisoformat(text)) if text else ""


def with_more(shown: Said, label: str, action: str) -> Said:
    """The same with a button of its own row that shows what follows."""
    bubble, *rest = shown.reply.bubbles
    button = Choice(len(shown.doings) + 1, label, action)
    bubbles = (replace(bubble, choices=(*bubble.choices, (button,))), *rest)
    reply = replace(shown.reply, bubbles=bubbles)
    return replace(shown, reply=reply, doings=(*shown.doings, {"press": action}))


def with_line(shown: Said, line: str, *, last: bool = False) -> Said:
    """The same with a line before the others, or behind them."""
    bubble, *rest = shown.reply.bubbles
    added = Line(line)
    lines = (*bubble.lines, added) if last else (added, *bubble.lines)
    bubbles = (replace(bubble, lines=lines), *rest)
    return replace(shown, reply=replace(shown.reply, bubbles=bubbles))

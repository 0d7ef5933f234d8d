"""How updates look: what awaits a yes, before and after; what was stored; a task's history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from data.loading.library import Library
from data.model import Target, Task
from data.record import Act, Entry, Evidence, Status
from data.text.figures import met
from data.text.normalise import clean, fold, words
from handlers.cards import shortened, target_words
from handlers.messages import Bubble, Choice, Document, Line, Message, Reply, ReplyKind, Style
from handlers.updates.finding import Aim
from handlers.updates.progress import Condition
from handlers.updates.reading import Reading
from handlers.wording import day, listing, number, say

SHOWN = 300


@dataclass(frozen=True, slots=True)
class Pending:
    """What awaits a yes, as plain data.

    `ref` is empty while it is open which of `candidates` is meant. `seen` is the last entry on
    the task that the person was shown. `fixing` says that the next message corrects it.
    """

    act: str
    ref: str = ""
    acts_for: str = ""
    words: str = ""
    status: str | None = None
    percent: int | None = None
    figures: tuple[Mapping[str, Any], ...] = ()
    documents: tuple[str, ...] = ()
    done_on: str = ""
    due: str = ""
    until: str = ""
    note: str = ""
    blocker: str = ""
    assignee: str = ""
    evidence: tuple[tuple[str, str, str, str], ...] = ()
    period: tuple[str, str] | None = None
    candidates: tuple[str, ...] = ()
    seen: int = 0
    cut: bool = False
    fixing: bool = False

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Pending":
        """What `to_json` gave; fields of an older program are passed over."""
        known = {f.name for f in fields(cls)}
        held = {name: value for name, value in data.items() if name in known}
        for name in ("figures", "documents", "candidates"):
            held[name] = tuple(held.get(name, ()))
        held["evidence"] = tuple(tuple(e) for e in held.get("evidence", ()))
        held["period"] = tuple(held["period"]) if held.get("period") else None
        return cls(**held)

    @property
    def proofs(self) -> tuple[Evidence, ...]:
        """The files that came with it."""
        return tuple(Evidence(*each) for each in self.evidence)

    def fields(self) -> dict[str, Any]:
        """The fields of the entry that it becomes."""
        held: dict[str, Any] = {"for": self.acts_for}
        for name in (
            "status", "percent", "done_on", "due", "note", "blocker", "assignee",
        ):  # fmt: skip
            if getattr(self, name) not in (None, ""):
                held[name] = getattr(self, name)
        if self.act in (Act.RETURN, Act.EXTEND, Act.REFUSE) and "note" in held:
            held["reason"] = held.pop("note")
        if self.act == Act.SUBTASK and "note" in held:
            held["text"] = held.pop("note")
        if self.figures:
            held["figures"] = [dict(f) for f in self.figures]
        if self.until:
            held["to" if self.act == Act.EXTEND else "until"] = self.until
        if self.cut:
            held["cut"] = True
        return held


def pending(reading: Reading, act: Act, message: Message) -> Pending:
    """What a reading comes to, before its task is known."""
    figures = tuple(
        {"value": f.value, "unit": f.unit, "about": f.about, "reached": f.reached}
        for f in reading.figures
    )
    period = reading.period
    return Pending(
        act=act.value,
        words=clean(message.text)[:4000],
        status=reading.status.value if reading.status else None,
        percent=reading.percent,
        figures=figures,
        documents=reading.documents,
        done_on=reading.done_on.isoformat() if reading.done_on else "",
        until=reading.until.isoformat() if reading.until else "",
        note=reading.note,
        assignee=reading.assignee,
        evidence=attached(message),
        period=(period[0].isoformat(), period[1].isoformat()) if period else None,
        cut=reading.cut,
    )


def attached(message: Message) -> tuple[tuple[str, str, str, str], ...]:
    """The files of a message that lie under `var/`."""
    return tuple(
        (a.name[:200], a.media_type[:100], a.sha256, a.path)
        for a in message.attachments
        if a.sha256
    )


def amended(held: Pending, new: Pending) -> Pending:
    """What awaits a yes, with everything in its place that the correction states."""
    stated = {
        name: getattr(new, name)
        for name in (
            "status", "percent", "figures", "documents", "done_on", "until", "note", "assignee",
            "period",
        )
        if getattr(new, name) not in (None, "", ())
    }  # fmt: skip
    if "status" in stated and stated["status"] != Status.BLOCKED:
        stated["blocker"] = ""
    if new.percent is None and "status" in stated:
        stated["percent"] = None
    said = f"{held.words}\n{new.words}"[:4000]
    evidence = held.evidence + tuple(e for e in new.evidence if e not in held.evidence)
    return replace(
        held, **stated, words=said, evidence=evidence, fixing=False, cut=held.cut or new.cut
    )


def fitted(held: Pending, task: Task) -> Pending:
    """The figures held against the task's targets: which one, and whether it is reached."""
    figures = []
    percent = held.percent
    for figure in held.figures:
        target = target_of(task, str(figure["unit"]), str(figure.get("about", "")))
        figure = {k: v for k, v in figure.items() if k not in ("target", "met")}
        if target:
            figure["target"] = target.words
            figure["met"] = met(target, float(figure["value"]))
        if not target and figure["unit"] == "%" and not figure.get("about") and percent is None:
            percent = round(float(figure["value"]))
            continue
        figures.append(figure)
    return replace(held, figures=tuple(figures), percent=percent)


def target_of(task: Task, unit: str, about: str) -> Target | None:
    """The task's target in that unit; where it has several, the one that the words name."""
    same = [t for t in task.targets if t.unit == unit or t.unit.startswith(f"{unit} ")]
    said = set(words(fold(about)))
    if not same or (len(same) > 1 and not said):
        return same[0] if len(same) == 1 else None
    return max(same, key=lambda t: len(said & set(words(fold(t.measures)))))


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
            old = say("update.none") if before.percent is None else f"{before.percent}%"
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

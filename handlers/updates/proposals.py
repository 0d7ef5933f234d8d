"""What awaits a yes: an update as understood, kept as plain data until it is confirmed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from data.model import Target, Task
from data.record import Act, Evidence, Status
from data.text.figures import met
from data.text.normalise import clean, fold, words
from handlers.messages import Message
from handlers.updates.reading import Reading


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

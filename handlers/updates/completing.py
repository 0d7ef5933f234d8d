"""An update with all that follows from its task, or why it cannot be."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from data.model import Task
from data.record import Act, Entry, Status
from data.text.normalise import fold
from handlers.permissions import Decision
from handlers.updates import progress
from handlers.updates.cards import Said, refused
from handlers.updates.finding import Aim, Finder
from handlers.updates.progress import Condition
from handlers.updates.proposals import Pending, fitted
from handlers.updates.turns import ACTION_OF, Turn
from handlers.updates.workflow import Workflow, condition_of
from handlers.wording import day, number

WHOLE = 100
_GROWTH = re.compile(r"\b(?:tang|giam|vuot|so voi)\b")
_NEEDS_NOTE = (Act.RETURN, Act.SUBTASK, Act.COMMENT, Act.REFUSE)
_OF_COORDINATOR = (Act.CONFIRM, Act.RETURN, Act.PRESS, Act.GRANT, Act.REFUSE)


class Completing:
    """Completes updates, and judges them by the table of rights and by what was said before."""

    def __init__(self, finder: Finder, workflow: Workflow) -> None:
        self._finder = finder
        self._workflow = workflow

    def completed(
        self, turn: Turn, held: Pending, aim: Aim, entries: Sequence[Entry]
    ) -> Pending | Said:
        """The update with all that follows from the task, or why it cannot be."""
        act = Act(held.act)
        decision = self._workflow.allowed(turn.person, ACTION_OF[act], aim.task, turn.today)
        if not decision.allowed or decision.by is None:
            return self._workflow.denied(decision, aim.task)
        if aim.own and not _made(aim, entries, decision.by.agency):
            return refused("update.own.unknown", id=aim.name)
        acts_for = self._acts_for(turn, held, aim, decision, entries)
        if isinstance(acts_for, Said):
            return acts_for
        held = replace(held, ref=aim.ref, acts_for=acts_for, candidates=())
        held = self._with_due(held, aim, entries, turn.today)
        before = condition_of(aim, entries, acts_for, held.due)
        held = self._with_status(fitted(held, aim.task), before, turn.today)
        if act in (Act.GRANT, Act.REFUSE) and before.request:
            held = replace(held, until=before.request.fields["to"])
        last = [e.id for e in entries if e.task == aim.name]
        held = replace(held, seen=last[-1] if last else 0)
        return self._objection(held, aim, before, turn.today) or held

    def _acts_for(
        self,
        turn: Turn,
        held: Pending,
        aim: Aim,
        decision: Decision,
        entries: Sequence[Entry],
    ) -> str | Said:
        """The agency of the plan that it counts for."""
        agency = decision.by.agency if decision.by else ""
        if Act(held.act) not in _OF_COORDINATOR:
            return self._finder.acts_for(agency, aim.task, turn.today)
        if aim.task.lead:
            return aim.task.lead[0]
        named = self._finder.agencies(held.words, turn.today)
        heard = {
            progress.concerned(e)
            for e in progress.live(entries)
            if e.act in (Act.UPDATE, Act.EXTEND)
        }
        chosen = named or tuple(heard)
        if len(chosen) != 1:
            return refused("update.which_agency", id=aim.name)
        return chosen[0]

    def _with_due(self, held: Pending, aim: Aim, entries: Sequence[Entry], today: date) -> Pending:
        """For a recurring task, the occurrence that it is about."""
        if aim.own or not progress.recurring(aim.task):
            return held
        period = None
        if held.period:
            period = (date.fromisoformat(held.period[0]), date.fromisoformat(held.period[1]))
        own = progress.part(aim.task, entries, held.acts_for)
        due = progress.occurrence(aim.task, own, today, period)
        return replace(held, due=due.isoformat() if due else "")

    def _with_status(self, held: Pending, before: Condition, today: date) -> Pending:
        if held.act != Act.UPDATE:
            return held
        status = Status(held.status) if held.status else before.status
        if not held.status and held.percent == 100:
            status = Status.DONE
        elif not held.status and status in (Status.NOT_STARTED, Status.RETURNED):
            status = Status.IN_PROGRESS
        blocker = ""
        if status is Status.BLOCKED:
            others = [a for a in self._finder.agencies(held.note, today) if a != held.acts_for]
            blocker = others[0] if others else ""
        return replace(held, status=status.value, blocker=blocker)

    def _objection(self, held: Pending, aim: Aim, before: Condition, today: date) -> Said | None:
        """Why it cannot be, or what is missing; None where all is well."""
        act = Act(held.act)
        if held.done_on and date.fromisoformat(held.done_on) > today:
            return refused("update.future", day=day(date.fromisoformat(held.done_on)))
        if held.status == Status.DONE and held.period:
            begins = date.fromisoformat(held.period[0])
            if begins > today:
                return refused("update.period.future", day=day(begins))
        if act is Act.UPDATE and (excess := _excess(held, aim.task)):
            return refused("update.percent.excess", value=number(excess))
        if act in _NEEDS_NOTE and not held.note:
            return refused(f"update.needs.{act}", id=aim.name)
        if act in (Act.CONFIRM, Act.RETURN) and before.last is None:
            return refused("update.nothing", id=aim.name)
        if act is Act.CONFIRM and before.status is not Status.DONE:
            return refused("update.not_done", id=aim.name)
        if act in (Act.GRANT, Act.REFUSE) and before.request is None:
            return refused("update.request.none")
        if act is Act.EXTEND:
            return self._extension(held, aim, before)
        return None

    def _extension(self, held: Pending, aim: Aim, before: Condition) -> Said | None:
        due = date.fromisoformat(held.due) if held.due else (aim.task.due or (None,))[0]
        current = before.granted or due
        if current is None:
            return refused("update.extend.standing", id=aim.name)
        if not held.until or not held.note:
            return refused("update.needs.extend", id=aim.name)
        if date.fromisoformat(held.until) <= current:
            return refused("update.extend.earlier", current=day(current))
        return None


def _excess(held: Pending, task: Task) -> float | None:
    """A share of more than a whole that is reported; growth may be more."""
    growing = {t.words for t in task.targets if t.unit == "%" and t.value > WHOLE}
    for figure in held.figures:
        grows = figure.get("target") in growing or _GROWTH.search(fold(held.words))
        if figure["unit"] == "%" and float(figure["value"]) > WHOLE and not grows:
            return float(figure["value"])
    return float(held.percent) if held.percent is not None and held.percent > WHOLE else None


def _made(aim: Aim, entries: Sequence[Entry], agency: str) -> Entry | None:
    """The entry that made a task of one's own, if it is of that agency."""
    return next(
        (
            e
            for e in progress.live(entries)
            if e.act is Act.SUBTASK and e.fields.get("id") == aim.name and e.agency == agency
        ),
        None,
    )

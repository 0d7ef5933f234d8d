"""Answers on reports that fall due: who has sent one, and who has not."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from data import deadlines
from data.deadlines import Span
from data.model import Kind, Plan, Task
from data.record import Status
from handlers.messages import ReplyKind
from handlers.updates import progress
from handlers.updates.cards import Said, UpdateCards, said
from handlers.updates.finding import Aim
from handlers.updates.progress import DISTRICTS, Overview
from handlers.updates.scopes import Scope, own_agencies, sees_all
from handlers.updates.state_cards import StatusCards, day_words
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.work import Work


Waited = Mapping[str, tuple[str, ...]]
"""Agencies, and groups counted as one, with their members."""


class Reports:
    """Answers on the reports of a period."""

    def __init__(self, cards: UpdateCards, status: StatusCards) -> None:
        self._cards = cards
        self._status = status

    async def missing(self, scope: Scope, overview: Overview, work: "Work") -> Said | None:
        """The agencies that have not reported: of those that the asker may see."""
        lines, keys, aims = [], [], []
        for plan in scope.plans:
            period = _period(scope, plan)
            for task in _due(plan, period):
                own = own_agencies(scope, plan)
                asked = {key: (key,) for key in own} or overview.reporting(task)
                waited = _waited(overview, task, asked, period)
                lines.append(_missing_line(task, period, len(waited), len(asked)))
                lines += self._status.names(tuple(waited))
                lines += self._districts(waited, asked)
                keys += list(waited)
                aims.append(Aim(task))
            if aims and not scope.agencies and not sees_all(scope, plan):
                lines.append(say("status.missing.own"))
        if not aims:
            return said(ReplyKind.ANSWER, [say("status.missing.none")])
        agencies = tuple(dict.fromkeys(keys))
        return said(
            ReplyKind.ANSWER, lines, aims=aims, agencies=agencies, count=len(agencies),
            statuses={a.task.ref: overview.status(a.task).value for a in aims},
        )  # fmt: skip

    def _districts(self, waited: Waited, asked: Waited) -> list[str]:
        """How many of the districts have not reported, where they are counted as one."""
        left = waited.get(DISTRICTS, ())
        if not left:
            return []
        total = len(asked[DISTRICTS])
        return [say("status.missing.districts", count=len(left), total=total)]

    async def reported(self, scope: Scope, overview: Overview, work: "Work") -> Said | None:
        """ "đã báo cáo quý I chưa?": for the agency asked about, or for all."""
        for plan in scope.plans:
            period = _period(scope, plan)
            tasks = _due(plan, period)
            agencies = own_agencies(scope, plan)
            if not tasks:
                continue
            if not agencies:
                return await self.missing(scope, overview, work)
            lines: list[str] = []
            held = [overview.of_agency(t, key, period) for t in tasks for key in agencies]
            for judged in held:
                lines += self._status.task(judged, self._cards)
            aims = tuple(map(Aim, tasks))
            statuses = {j.task.ref: j.condition.status.value for j in held}
            return said(ReplyKind.ANSWER, lines, aims=aims, statuses=statuses)
        return said(ReplyKind.ANSWER, [say("status.missing.none")])


def _waited(overview: Overview, task: Task, asked: Waited, period: Span) -> Waited:
    """Those of the agencies whose report is not in; of a group, the members."""
    left = {
        name: tuple(
            key
            for key in keys
            if overview.of_agency(task, key, period).condition.status is not Status.DONE
        )
        for name, keys in asked.items()
    }
    return {name: keys for name, keys in left.items() if keys}


def _missing_line(task: Task, period: Span, count: int, total: int) -> str:
    due = [d for d in task.due if period[0] <= d <= period[1]]
    return say(
        "status.missing",
        title=task.title,
        id=task.id,
        due=", ".join(map(day_words, due)),
        count=count,
        total=total,
    )


def _period(scope: Scope, plan: Plan) -> Span:
    """The time asked about, else the present quarter."""
    today = scope.today
    current = deadlines.quarter_span(today.year, deadlines.quarter_of(today))
    return scope.period(plan) or current


def _due(plan: Plan, period: Span) -> list[Task]:
    """The tasks that are reports and fall due within the period."""
    due = [t for t in plan.tasks if any(period[0] <= d <= period[1] for d in t.due)]
    return [t for t in due if progress.recurring(t) or t.kind is Kind.REPORT]

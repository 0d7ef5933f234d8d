"""Answers on many tasks: progress, rates, lists, and the agencies behind them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Plan, Task
from data.record import Status
from handlers.messages import ReplyKind
from handlers.updates import progress
from handlers.updates.cards import Said, said, with_more
from handlers.updates.finding import Aim, Finder
from handlers.updates.progress import Bucket, Judgement, Overview
from handlers.updates.scopes import LISTS, Scope, more_action, own_agencies, sees_all
from handlers.updates.state_cards import StatusCards, day_words, statuses_of
from handlers.updates.workflow import STATE
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.work import Work

_LONGEST_ACTION = 64


class Lists:
    """Answers on all tasks of agencies and plans."""

    def __init__(self, library: Library, finder: Finder, status: StatusCards) -> None:
        self._library = library
        self._finder = finder
        self._status = status

    async def progress(self, scope: Scope, overview: Overview, work: "Work") -> Said | None:
        """How far agencies and plans have come: the counts, then the tasks, the late first."""
        if len(scope.agencies) > 1:
            return self._compared(scope, overview)
        judged = self._judged(scope, overview)
        lines = [say("status.progress", whose=self._whose(scope), day=day_words(scope.today))]
        lines += self._tallied(judged)
        lines += self._own_tally(scope, overview)
        return self._listed(scope, overview, lines, judged, count=len(judged))

    def _judged(self, scope: Scope, overview: Overview) -> tuple[Judgement, ...]:
        """Every task that is asked about, for the agencies named or for the plans."""
        found: list[Judgement] = []
        for plan in scope.plans:
            period = scope.period(plan)
            agencies = own_agencies(scope, plan)
            if not agencies:
                found += overview.of_plan(plan, period)
            for key in agencies:
                found += self._of_agency(scope, overview, plan, key)
        return tuple(found)

    def _of_agency(
        self, scope: Scope, overview: Overview, plan: Plan, key: str
    ) -> list[Judgement]:
        """The tasks of one agency in a plan, its share of common duties too."""
        period = scope.period(plan)
        tasks = [t for t in plan.tasks if key in overview.carriers(t) or key in t.lead]
        tasks += [t for t in plan.tasks if self._inherits(key, t, scope.today, tasks)]
        return [
            overview.of_agency(t, self._finder.acts_for(key, t, scope.today), period)
            for t in progress.counted(tasks, period)
        ]

    def _compared(self, scope: Scope, overview: Overview) -> Said:
        """One line for each of the agencies that are named."""
        lines = [say("status.progress", whose=self._whose(scope), day=day_words(scope.today))]
        everything: list[Judgement] = []
        for key in scope.agencies:
            judged = [
                j for plan in scope.plans for j in self._of_agency(scope, overview, plan, key)
            ]
            everything += judged
            states = [j.condition.status for j in judged]
            lines.append(
                say(
                    "status.compared",
                    agency=self._library.directory.name(key),
                    total=len(judged),
                    done=states.count(Status.DONE),
                    untouched=states.count(Status.NOT_STARTED),
                    late=sum(j.bucket_extended is Bucket.OPEN_LATE for j in judged),
                )
            )
        aims = tuple(Aim(j.task) for j in everything)
        return said(ReplyKind.ANSWER, lines, aims=aims, agencies=scope.agencies)

    def _inherits(self, key: str, task: Task, today: date, known: Sequence[Task]) -> bool:
        """Whether an agency took the task over from one that is no more."""
        if task in known or not task.lead:
            return False
        heir = self._finder.acts_for(key, task, today)
        return heir in task.lead and self._finder.took_over(key, heir, task, today)

    def _whose(self, scope: Scope) -> str:
        agencies = [a for plan in scope.plans for a in own_agencies(scope, plan)]
        return self._status.whose(tuple(dict.fromkeys(agencies)), scope.plans)

    def _tallied(self, judged: Sequence[Judgement]) -> list[str]:
        plain = progress.tally(judged, extended=False)
        extended = progress.tally(judged, extended=True)
        lines = self._status.tally(plain)
        if any(j.condition.granted for j in judged):
            lines.append(say("status.extended"))
            lines += self._status.tally(replace(extended, standing=0))
        return lines

    def _own_tally(self, scope: Scope, overview: Overview) -> list[str]:
        """How many tasks of its own the asker's agency has; never in the plan's totals."""
        held = {m.agency for m in scope.person.memberships if m.agency}
        asked = [key for plan in scope.plans for key in own_agencies(scope, plan) if key in held]
        made = [
            e
            for key in dict.fromkeys(asked)
            for plan in scope.plans
            for e in overview.own(key, plan.tasks)
        ]
        if not made:
            return []
        done = sum(overview.own_done(e) for e in made)
        return [say("status.own.tally", count=len(made), done=done)]

    async def rate(self, scope: Scope, overview: Overview, work: "Work") -> Said | None:
        """The counts with their rates; for each agency where that is asked."""
        if len(scope.agencies) > 1:
            return self._compared(scope, overview)
        judged = self._judged(scope, overview)
        lines = [say("status.rate", whose=self._whose(scope), day=day_words(scope.today))]
        lines += self._tallied(judged)
        if "ask_each" in scope.cues and not scope.agencies:
            lines += self._each(scope, overview)
        return said(ReplyKind.ANSWER, lines)

    def _each(self, scope: Scope, overview: Overview) -> list[str]:
        """One line for each leading agency, for those who see all."""
        lines = []
        for plan in scope.plans:
            if not sees_all(scope, plan):
                continue
            for key in dict.fromkeys(k for t in plan.tasks for k in t.lead):
                tasks = [t for t in plan.tasks if key in t.lead]
                judged = [overview.of_agency(t, key, scope.period(plan)) for t in tasks]
                done = sum(j.condition.status is Status.DONE for j in judged)
                late = sum(j.bucket_extended is Bucket.OPEN_LATE for j in judged)
                name = self._library.directory.name(key)
                lines.append(
                    say("status.each", agency=name, total=len(judged), done=done, late=late)
                )
        return lines

    async def filtered(self, scope: Scope, overview: Overview, work: "Work") -> Said | None:
        """The tasks in the state that is asked about, or the agencies behind them."""
        cue = next((c for c in LISTS if c in scope.cues), None)
        if cue is None:
            return None
        found = [j for j in self._judged(scope, overview) if LISTS[cue](j)]
        if "ask_who" in scope.cues and "ask_which" not in scope.cues:
            return self._agencies_of(scope, overview, cue, found)
        key = f"status.list.{cue.removeprefix('ask_')}"
        lines = [say(key, whose=self._whose(scope), count=len(found))]
        return self._listed(scope, overview, lines, found, count=len(found))

    def _agencies_of(
        self, scope: Scope, overview: Overview, cue: str, found: Sequence[Judgement]
    ) -> Said:
        """The agencies behind a list: "cơ quan nào quá hạn"."""
        keys = tuple(
            dict.fromkeys(
                key
                for j in found
                for key in ((j.agency,) if j.agency else overview.carriers(j.task))
                if j.agency or overview.of_agency(j.task, key).condition.status is not Status.DONE
            )
        )
        names = self._status.names(keys)
        text = f"status.who.{cue.removeprefix('ask_')}"
        lines = [say(text, count=len(keys)), *names]
        aims = tuple(Aim(j.task) for j in found)
        return said(
            ReplyKind.ANSWER, lines, aims=aims, agencies=keys, count=len(keys),
            statuses=statuses_of(found),
        )  # fmt: skip

    def _listed(
        self,
        scope: Scope,
        overview: Overview,
        lines: list[str],
        judged: Sequence[Judgement],
        count: int,
    ) -> Said:
        """The tasks one a line, the late ones first; each number shows one."""
        ordered = sorted(
            judged, key=lambda j: (progress.badness(j), not j.task.lead, str(j.extended or ""))
        )
        start = min(scope.offset, len(ordered))
        shown = ordered[start : start + self._status.PAGE]
        offered = [(str(n), _state_action(j)) for n, j in enumerate(shown, 1)]
        if start:
            end = start + len(shown)
            lines = [lines[0], say("status.page", first=start + 1, last=end, total=len(ordered))]
        elif len(ordered) > len(shown):
            lines = [*lines, say("status.more", shown=len(shown), total=len(ordered))]
        lines = [*lines, *(f"{n}. {self._status.line(j)}" for n, j in enumerate(shown, 1))]
        result = said(
            ReplyKind.ANSWER,
            lines,
            offered,
            aims=tuple(Aim(j.task) for j in ordered),
            statuses=statuses_of(ordered),
            numbered=True,
            count=count,
        )
        result = replace(result, shown=tuple(j.task.ref for j in shown))
        left = len(ordered) - start - len(shown)
        action = more_action(scope, start + len(shown)) if left else ""
        return with_more(result, say("status.more.tasks", left=left), action) if action else result


def _state_action(held: Judgement) -> str:
    """What shows where a task stands; for a common duty, for that agency where it fits."""
    action = f"{STATE}{held.task.ref}"
    whole = f"{action}@{held.agency}"
    return whole if held.agency and len(whole.encode()) <= _LONGEST_ACTION else action

"""Answers on one task: where it stands, what was said of it, who was pressed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Task
from data.record import Act, Entry
from handlers.messages import ReplyKind
from handlers.permissions import Action, may
from handlers.updates import progress
from handlers.updates.cards import Said, UpdateCards, said, with_more
from handlers.updates.progress import Overview
from handlers.updates.scopes import Scope, more_action, own_agencies, sees_all
from handlers.updates.state_cards import StatusCards
from handlers.updates.workflow import task_buttons
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.work import Work


_HISTORY = 10
"""How many entries of a history stand in one message."""


class Standing:
    """Answers on the tasks that a question names."""

    def __init__(self, library: Library, cards: UpdateCards, status: StatusCards) -> None:
        self._library = library
        self._cards = cards
        self._status = status

    async def state(self, scope: Scope, overview: Overview, work: "Work") -> Said | None:
        """Where each task stands that the question names."""
        lines: list[str] = []
        statuses: dict[str, str] = {}
        for aim in scope.aims:
            if aim.own:
                lines += self._status.own_task(aim, overview)
                continue
            plan = self._library.plans[aim.task.plan]
            agency = self._agency_for(scope, aim.task)
            if not agency and aim.task.addressed and not aim.task.lead:
                lines += self._status.shared(aim.task, overview, scope.period(plan))
            else:
                held = overview.of_agency(aim.task, agency, scope.period(plan))
                lines += self._status.task(held, self._cards)
            statuses[aim.task.ref] = overview.status(aim.task, agency).value
        offered = self._deeds(scope) if len(scope.aims) == 1 else ()
        dates = tuple(d for a in scope.aims for d in a.task.due)
        return said(
            ReplyKind.ANSWER, lines, offered, aims=scope.aims, statuses=statuses, dates=dates
        )

    def _agency_for(self, scope: Scope, task: Task) -> str:
        """The agency whose state of a task is asked about; none for all together."""
        if scope.agencies:
            return scope.agencies[0]
        plan = self._library.plans[task.plan]
        own = own_agencies(scope, plan)
        return own[0] if own and not task.lead else ""

    def _deeds(self, scope: Scope) -> tuple[tuple[str, str], ...]:
        aim = scope.aims[0]
        if not may(scope.person, Action.UPDATE, aim.task, self._library, scope.today).allowed:
            return ()
        return task_buttons(aim.ref, dated=bool(aim.task.due or aim.own))

    async def history(self, scope: Scope, overview: Overview, work: "Work") -> Said | None:
        """The latest entries on the task that the person may read, those taken back too."""
        aim = scope.aims[0]
        scope = replace(scope, words=say("status.history.ask", id=aim.name), limit=aim.task.plan)
        entries = [
            e for e in overview.entries_named(aim.task) if e.task == aim.name or not aim.own
        ]
        entries = self._readable(scope, aim.task, entries)
        end = max(0, len(entries) - scope.offset)
        start = max(0, end - _HISTORY)
        lines = [say("status.history", task=self._cards.title(aim), count=len(entries))]
        undone = {e.fields.get("reverses") for e in entries if e.act is Act.UNDO}
        for entry in entries[start:end]:
            line = self._cards.entry(entry)
            lines.append(say("status.undone", line=line) if entry.id in undone else line)
            lines += await self._seen(entry, work)
        if not entries:
            lines.append(say("status.history.none"))
        status = overview.status(aim.task).value
        shown = said(
            ReplyKind.ANSWER, lines, aims=(aim,), statuses={aim.task.ref: status},
            count=len(entries),
        )  # fmt: skip
        action = more_action(scope, len(entries) - start) if start else ""
        return (
            with_more(shown, say("status.more.earlier", left=start), action) if action else shown
        )

    def _readable(self, scope: Scope, task: Task, entries: Sequence[Entry]) -> list[Entry]:
        """What the person may read: tasks of one's own stay inside the agency."""
        plan = self._library.plans[task.plan]
        own = {m.agency for m in scope.person.memberships if m.plan == plan.id}
        return [
            e
            for e in entries
            if e.agency in own
            or (sees_all(scope, plan) and e.act is not Act.SUBTASK and e.task == task.id)
            or (task.lead and e.task == task.id and e.act is not Act.SUBTASK)
        ]

    async def _seen(self, entry: Entry, work: "Work") -> list[str]:
        """Who saw and who answered, for an entry that presses."""
        from data.store import notices, people

        if entry.act is not Act.PRESS:
            return []
        async with work.reading() as reading:
            told = await notices.of_entry(reading, entry.id)
            names = await people.names(reading, [n.person for n in told])
        return self._status.seen(told, names)

    async def last(self, scope: Scope, overview: Overview, work: "Work") -> Said | None:
        """The last entry that counts."""
        aim = scope.aims[0]
        entries = self._readable(scope, aim.task, progress.live(overview.entries_named(aim.task)))
        entries = [e for e in entries if e.task == aim.name]
        if not entries:
            lines = [say("status.last.none", task=self._cards.title(aim))]
        else:
            lines = [
                say("status.last", task=self._cards.title(aim)),
                self._cards.entry(entries[-1]),
            ]
        status = overview.status(aim.task).value
        return said(ReplyKind.ANSWER, lines, aims=(aim,), statuses={aim.task.ref: status})

    async def pressed_on(self, scope: Scope, overview: Overview, work: "Work") -> Said | None:
        """How often the task was pressed for, and who saw it."""
        aim = scope.aims[0]
        pressed = [e for e in progress.live(overview.entries(aim.task)) if e.act is Act.PRESS]
        lines = [say("status.pressed", task=self._cards.title(aim), count=len(pressed))]
        for entry in pressed:
            lines.append(self._cards.entry(entry))
            lines += await self._seen(entry, work)
        return said(ReplyKind.ANSWER, lines, aims=(aim,), count=len(pressed))

    async def own(self, scope: Scope, overview: Overview, work: "Work") -> Said | None:
        """The agency's own tasks under a plan task."""
        aim = scope.aims[0]
        plan = self._library.plans[aim.task.plan]
        held = [m.agency for m in scope.person.memberships if m.plan == plan.id and m.agency]
        made = [e for key in dict.fromkeys(held) for e in overview.own(key, [aim.task])]
        lines = [say("status.own", task=self._cards.title(aim), count=len(made))]
        lines += [self._status.own_line(e, overview) for e in made]
        return said(ReplyKind.ANSWER, lines, aims=(aim,), count=len(made))

"""An answer from the plans with the state of its tasks beside it, for those who may see it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from data.errors import StoreError
from data.loading.library import Library
from data.model import Person, Role, Task
from handlers.messages import Choice, Line, Message, Reply, ReplyKind
from handlers.permissions import Action, may, visible
from handlers.updates.progress import Overview
from handlers.updates.state_cards import StatusCards
from handlers.updates.workflow import task_buttons

if TYPE_CHECKING:
    from data.store.work import Work

_log = logging.getLogger(__name__)


class Dressing:
    """Adds statuses, and on the card of one task the line of its state and the buttons."""

    def __init__(self, library: Library, status: StatusCards) -> None:
        self._library = library
        self._status = status

    async def dressed(
        self,
        reply: Reply,
        doings: Sequence[Mapping[str, str]],
        message: Message,
        person: Person | None,
        work: "Work | None",
    ) -> tuple[Reply, tuple[Mapping[str, str], ...]]:
        """An answer from the plan with what this person may see and do beside it: the status
        of its tasks, and on a card of one task the line of its state and the three buttons."""
        today = message.at.date()
        if work is None or person is None or reply.kind is not ReplyKind.ANSWER:
            return reply, tuple(doings)
        seen = visible(person, reply.tasks, self._library, today)
        if not seen:
            return reply, tuple(doings)
        from data.store import updates

        try:
            async with work.reading() as reading:
                entries = await updates.of_plans(reading, sorted({t.plan for t in seen}))
        except StoreError as error:
            _log.warning("an answer goes without the state: %s", error)
            return reply, tuple(doings)
        overview = Overview(self._library, entries, today)
        statuses = {t.ref: overview.status(t, self._of(person, t)).value for t in seen}
        reply = replace(reply, statuses=statuses)
        if len(reply.tasks) != 1 or len(reply.bubbles) != 1:
            return reply, tuple(doings)
        return self._with_buttons(reply, doings, person, overview)

    def _of(self, person: Person, task: Task) -> str:
        """The agency whose state of a common duty is meant: the person's own."""
        if task.lead:
            return ""
        roles = [m for m in person.memberships if m.plan == task.plan]
        if any(m.role is not Role.OFFICIAL for m in roles):
            return ""
        return next((m.agency for m in roles), "")

    def _with_buttons(
        self,
        reply: Reply,
        doings: Sequence[Mapping[str, str]],
        person: Person,
        overview: Overview,
    ) -> tuple[Reply, tuple[Mapping[str, str], ...]]:
        task = reply.tasks[0]
        held = overview.of_agency(task, self._of(person, task))
        bubble = reply.bubbles[0]
        lines = (*bubble.lines, Line(self._status.line(held)))
        if not may(person, Action.UPDATE, task, self._library, overview.today).allowed:
            return replace(reply, bubbles=(replace(bubble, lines=lines),)), tuple(doings)
        offered = task_buttons(task.ref, dated=bool(task.due))
        first = max((c.number for c in reply.choices), default=len(doings)) + 1
        row = tuple(Choice(first + n, *each) for n, each in enumerate(offered))
        bubble = replace(bubble, lines=lines, choices=(*bubble.choices, row))
        more = tuple({"press": action} for _, action in offered)
        return replace(reply, bubbles=(bubble,)), (*doings, *more)

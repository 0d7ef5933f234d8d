"""The yes: what awaits it is judged once more and stored."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from data.record import Act, Entry
from handlers.messages import ReplyKind
from handlers.updates.cards import Said, UpdateCards, moment, refused, said, with_line
from handlers.updates.finding import Aim, Finder
from handlers.updates.proposals import Pending
from handlers.updates.proposing import Proposing, own_text
from handlers.updates.turns import ACTION_OF, WAITS, Turn, held_in
from handlers.updates.workflow import Deed, Workflow
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.people import Connection


class Confirming:
    """Stores what somebody confirms."""

    def __init__(
        self, finder: Finder, cards: UpdateCards, workflow: Workflow, proposing: Proposing
    ) -> None:
        self._finder = finder
        self._cards = cards
        self._workflow = workflow
        self._proposing = proposing

    async def confirm(self, turn: Turn, id: int) -> Said:
        """Stores what awaits this yes, unless another entry came meanwhile."""
        from data.store import proposals, updates

        connection = await turn.work.begin()
        message = turn.message
        waiting = await proposals.waiting(connection, message.channel, message.chat, message.user)
        if waiting is None or waiting.id != id:
            return await self._settled(connection, turn, id)
        if message.at - waiting.at > WAITS:
            await proposals.settle(connection, id)
            return refused("update.expired")
        held = held_in(waiting)
        aim = self._finder.aim(held.ref) if held.ref else None
        if aim is None:
            return refused("update.task.choose_first")
        entries = await updates.of_task(connection, aim.task.plan, aim.task.id)
        ready = self._proposing.completing.completed(turn, held, aim, entries)
        if isinstance(ready, Said):
            await proposals.settle(connection, id)
            return ready
        newer = [e for e in entries if e.id > held.seen and e.task == aim.name]
        if newer:
            await proposals.amend(connection, id, json.dumps(ready.to_json()), message.at)
            return self._overtaken(self._proposing.shown(turn, id, ready, aim, entries), newer)
        return await self._store(connection, turn, ready, aim, id)

    async def _settled(self, connection: "Connection", turn: Turn, id: int) -> Said:
        """A second yes to what is stored already says so; anything else is too late."""
        from data.store import updates

        entry = await updates.of_proposal(connection, id)
        if entry is None or entry.person != turn.person.id:
            return refused("update.expired")
        aim = self._finder.aim(entry.ref)
        lines = [say("update.saved.before", id=entry.id, at=moment(entry.at))]
        return said(ReplyKind.DONE, lines, aims=(aim,) if aim else ())

    def _overtaken(self, shown: Said, newer: Sequence[Entry]) -> Said:
        lines = [say("update.overtaken"), *(self._cards.entry(e) for e in newer)]
        for line in reversed(lines):
            shown = with_line(shown, line)
        return shown

    async def _store(
        self, connection: "Connection", turn: Turn, held: Pending, aim: Aim, id: int
    ) -> Said:
        from data.store import proposals, updates

        act = Act(held.act)
        decision = self._workflow.allowed(turn.person, ACTION_OF[act], aim.task, turn.today)
        deed = Deed(turn.message, turn.person, decision)
        await proposals.settle(connection, id)
        if act in (Act.GRANT, Act.REFUSE):
            now = await self._workflow.condition(connection, aim, held.acts_for, held.due)
            request = now.request.id if now.request else 0
            return await self._workflow.decide(
                connection, deed, request, granted=act is Act.GRANT, reason=held.note
            )
        fields = held.fields()
        if act is Act.SUBTASK:
            entries = await updates.of_task(connection, aim.task.plan, aim.task.id)
            made = sum(e.act is Act.SUBTASK for e in entries)
            fields["id"] = f"{aim.task.id}-{made + 1}"
        entry = await self._workflow.enter(connection, deed, aim, act, fields, held, id)
        now = await self._workflow.condition(connection, aim, held.acts_for, held.due)
        own = own_text(aim, await updates.of_task(connection, aim.task.plan, aim.task.id))
        stored = self._workflow.stored(aim, entry, now.status, own)
        if act is Act.PRESS:
            agency = self._finder.library.directory.name(held.acts_for)
            heard = await self._workflow.pressed(connection, aim.task, held.acts_for)
            key = "update.press.sent" if heard else "update.press.nobody"
            return with_line(stored, say(key, agency=agency, count=heard), last=True)
        if act is Act.SUBTASK:
            return with_line(stored, say("update.own.made", id=fields["id"]), last=True)
        return stored

"""Lets an update await its yes, repeats it before and after, and corrects it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from data.model import Kind, Task
from data.record import Act, Entry, Status
from data.text.normalise import fold
from handlers.messages import ReplyKind
from handlers.permissions import Action
from handlers.updates.cards import Said, UpdateCards, refused, said, with_line
from handlers.updates.completing import Completing
from handlers.updates.finding import Aim, Finder, Search
from handlers.updates.proposals import Pending, amended, pending
from handlers.updates.reading import Reading, Say
from handlers.updates.turns import ACTIONS, RATE, RATE_WITHIN, Turn, awaiting, held_in, too_fast
from handlers.updates.urging import urge, urged
from handlers.updates.workflow import PRESS, Workflow, condition_of
from handlers.wording import listing, say

if TYPE_CHECKING:
    from data.store.proposals import Proposal

OFFERED = 6
_CHOSEN = 9
_PLAIN = (Act.PRESS, Act.RETURN, Act.EXTEND, Act.CONFIRM, Act.GRANT, Act.REFUSE)
"""What is no report of progress, so that there is no percentage to correct."""


class Proposing:
    """Proposes updates and keeps what awaits a yes."""

    def __init__(self, finder: Finder, cards: UpdateCards, workflow: Workflow) -> None:
        self._finder = finder
        self._cards = cards
        self._workflow = workflow
        self.completing = Completing(finder, workflow)

    async def proposed(
        self, turn: Turn, reading: Reading, replaced: "Proposal | None"
    ) -> Said | None:
        """What was said of a task, repeated; or why it cannot be, or which task is meant."""
        act, action = ACTIONS[reading.say]
        urging = await self._urged(turn, reading) if reading.say is Say.PRESS else None
        if urging:
            return urging
        search = self._aims(turn, reading, action)
        if not search.aims:
            return await self._none_found(turn, reading, search, action)
        named = tuple(dict.fromkeys(reading.ids))
        blocked = reading.status is Status.BLOCKED
        if reading.say is Say.UPDATE and len(named) > 1 and not blocked:
            return refused("update.task.one", ids=", ".join(named))
        held = pending(reading, act, turn.message)
        aims = _likeliest(reading, search.aims)
        if await too_fast(turn):
            return refused("update.rate", count=RATE, minutes=RATE_WITHIN.seconds // 60)
        if len(aims) > 1:
            return await self._choose(turn, held, aims)
        return await self.propose(turn, held, aims[0], replaced)

    async def _urged(self, turn: Turn, reading: Reading) -> Said | None:
        """The choice of tasks to press for where only an agency or the overdue are named."""
        from data.store import updates

        plans = self._finder.plans(turn.person, turn.message.plan)
        wanted = urge(reading, turn.message.text, self._finder, plans, turn.today)
        if wanted is None:
            return None
        async with turn.work.reading() as connection:
            entries = await updates.of_plans(connection, [p.id for p in plans])
        library = self._finder.library
        aims = urged(wanted, entries, library, self._finder, plans, turn.today)
        for aim in aims[:1]:
            decision = self._workflow.allowed(turn.person, Action.PRESS, aim.task, turn.today)
            if not decision.allowed:
                return self._workflow.denied(decision, aim.task)
        whose = listing(map(library.directory.name, wanted.agencies))
        if not aims:
            key = "update.press.none_late" if wanted.late else "update.press.none"
            return said(ReplyKind.ANSWER, [say(f"{key}.of" if whose else key, whose=whose)])
        if await too_fast(turn):
            return refused("update.rate", count=RATE, minutes=RATE_WITHIN.seconds // 60)
        shown = await self._choose(turn, pending(reading, Act.PRESS, turn.message), aims)
        left = len(aims) - _CHOSEN
        return (
            with_line(shown, say("update.press.left", left=left), last=True) if left > 0 else shown
        )

    def _aims(self, turn: Turn, reading: Reading, action: Action) -> Search:
        """The tasks that are meant: named, or else the ones spoken of."""
        found = self._finder.find(reading, turn.person, action, turn.today, turn.message.plan)
        if found.aims or found.denied:
            return found
        spoken = self._spoken(turn, action)
        if reading.topic and not (spoken.aims and reading.status is Status.BLOCKED):
            return found
        if spoken.aims or spoken.denied or not reading.after:
            return spoken
        return self._finder.by_topic(
            reading.after, turn.person, action, turn.today, turn.message.plan
        )

    def _spoken(self, turn: Turn, action: Action) -> Search:
        """The tasks of the message replied to, or of the last answer."""
        refs = turn.scene.replied or turn.scene.shown
        aims = [aim for ref in refs if (aim := self._finder.aim(ref))]
        decisions = [
            (a, self._workflow.allowed(turn.person, action, a.task, turn.today)) for a in aims
        ]
        allowed = tuple(a for a, d in decisions if d.allowed)
        if allowed or not decisions:
            return Search(allowed)
        return Search((), decisions[0][1], decisions[0][0].task)

    async def _none_found(
        self, turn: Turn, reading: Reading, search: Search, action: Action
    ) -> Said | None:
        if search.denied and not reading.weak:
            return self._workflow.denied(search.denied, search.denied_task)
        if reading.weak and (reading.topic or search.denied):
            return None
        if reading.names_task:
            if reading.say is not Say.UPDATE and not (reading.ids or reading.clauses):
                return None
            words = ", ".join(reading.ids) or reading.topic or reading.clauses[0].words
            return refused("update.task.unknown", words=words)
        own = [
            Aim(task)
            for plan in self._finder.plans(turn.person, turn.message.plan)
            for task in plan.tasks
            if self._workflow.allowed(turn.person, action, task, turn.today).allowed
        ]
        named = [a for a in own if a.task.lead]
        if not own or reading.say is not Say.UPDATE:
            return None if not own else refused("update.task.which")
        if len(named) > OFFERED or not named:
            return refused("update.task.which")
        return await self._choose(turn, pending(reading, Act.UPDATE, turn.message), tuple(named))

    async def _choose(self, turn: Turn, held: Pending, aims: Sequence[Aim]) -> Said:
        """A numbered choice among the tasks that fit."""
        from data.store import proposals

        if len(aims) == 1:
            return await self.propose(turn, held, aims[0])
        connection = await turn.work.begin()
        refs = tuple(a.ref for a in aims[:_CHOSEN])
        message = turn.message
        body = json.dumps(replace(held, candidates=refs).to_json())
        id = await proposals.propose(
            connection, message.channel, message.chat, message.user, body, message.at
        )
        offered = [
            (self._cards.title(a), f"{PRESS}pick.{id}.{n}") for n, a in enumerate(aims[:_CHOSEN])
        ]
        return said(
            ReplyKind.CHOICE,
            [say("update.task.choice")],
            offered,
            aims=aims[:_CHOSEN],
            listed=True,
        )

    async def propose(
        self, turn: Turn, held: Pending, aim: Aim, replaced: "Proposal | None" = None
    ) -> Said:
        """Lets the update await its yes, and repeats it."""
        from data.store import proposals, updates

        message = turn.message
        connection = await turn.work.begin()
        entries = await updates.of_task(connection, aim.task.plan, aim.task.id)
        ready = self.completing.completed(turn, held, aim, entries)
        if isinstance(ready, Said):
            return ready
        body = json.dumps(ready.to_json())
        id = await proposals.propose(
            connection, message.channel, message.chat, message.user, body, message.at
        )
        await proposals.forget_before(connection, message.at - timedelta(days=2))
        shown = self.shown(turn, id, ready, aim, entries)
        old = held_in(replaced) if replaced else None
        if old and old.ref and old.ref != aim.ref:
            return with_line(shown, say("update.replaced", task=old.ref.partition("/")[2]))
        return shown

    def shown(
        self, turn: Turn, id: int, held: Pending, aim: Aim, entries: Sequence[Entry]
    ) -> Said:
        """The confirmation: before and after, and its three buttons."""
        before = condition_of(aim, entries, held.acts_for, held.due)
        lines = self._cards.confirmation(held, aim, before, own_text(aim, entries))
        if held.act == Act.UPDATE and before.confirmed:
            lines.append(say("update.confirmed.before"))
        lines.append(say("update.confirm.plain" if held.act in _PLAIN else "update.confirm.how"))
        offered = [
            (say("update.button.yes"), f"{PRESS}yes.{id}"),
            (say("update.button.fix"), f"{PRESS}fix.{id}"),
            (say("update.button.no"), f"{PRESS}no.{id}"),
        ]
        return said(
            ReplyKind.CONFIRM,
            lines,
            offered,
            aims=(aim,),
            statuses={} if aim.own else {aim.task.ref: before.status.value},
        )

    async def amend(self, turn: Turn, waiting: "Proposal", new: Pending) -> Said:
        """Corrects what awaits a yes, and repeats it."""
        from data.store import proposals, updates

        held = amended(held_in(waiting), new)
        connection = await turn.work.begin()
        aim = self._finder.aim(held.ref) if held.ref else None
        if aim is None:
            await proposals.amend(
                connection, waiting.id, json.dumps(held.to_json()), turn.message.at
            )
            aims = [a for ref in held.candidates if (a := self._finder.aim(ref))]
            return await self._choose(turn, held, aims)
        entries = await updates.of_task(connection, aim.task.plan, aim.task.id)
        ready = self.completing.completed(turn, held, aim, entries)
        if isinstance(ready, Said):
            return ready
        body = json.dumps(ready.to_json())
        await proposals.amend(connection, waiting.id, body, turn.message.at)
        return self.shown(turn, waiting.id, ready, aim, entries)

    async def drop(self, turn: Turn, id: int) -> Said:
        """Forgets what awaits a yes."""
        from data.store import proposals

        if not await proposals.settle(await turn.work.begin(), id):
            return refused("update.expired")
        return said(ReplyKind.ANSWER, [say("update.dropped")])

    async def ask_fix(self, turn: Turn, id: int) -> Said:
        """Asks for the correction; the next message is taken for it."""
        from data.store import proposals

        waiting = await awaiting(turn)
        if waiting is None or waiting.id != id:
            return refused("update.expired")
        held = held_in(waiting)
        body = json.dumps(replace(held, fixing=True).to_json())
        await proposals.amend(await turn.work.begin(), id, body, turn.message.at)
        key = (
            "update.fix.note" if held.status == Status.BLOCKED and not held.note else "update.fix"
        )
        aim = self._finder.aim(held.ref)
        return said(ReplyKind.CONFIRM, [say(key)], aims=(aim,) if aim else ())


def _likeliest(reading: Reading, aims: tuple[Aim, ...]) -> tuple[Aim, ...]:
    """The tasks left where the words fit several: those with a target in the figure's unit,
    those that fall due in the period named, those that the plan gives to leads by name."""
    if len(aims) < 2 or reading.ids or reading.clauses:
        return aims
    units = {f.unit for f in reading.figures}
    start, end = reading.period or (date.max, date.min)
    reports = fold(reading.topic) == "bao cao"
    wishes: tuple[Callable[[Task], bool], ...] = (
        lambda task: any(t.unit.split()[0] in units for t in task.targets),
        lambda task: any(start <= d <= end for d in task.due),
        lambda task: reports and task.kind is Kind.REPORT,
        lambda task: bool(task.lead),
    )
    for wish in wishes:
        aims = tuple(a for a in aims if wish(a.task)) or aims
    return aims


def own_text(aim: Aim, entries: Sequence[Entry]) -> str:
    """The words of a task of one's own; none for a task of the plan."""
    made = [e for e in entries if e.act is Act.SUBTASK and e.fields.get("id") == aim.name]
    return str(made[0].fields.get("text", "")) if made and aim.own else ""

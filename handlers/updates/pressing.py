"""Buttons: those of a confirmation, a notice, a card and a reminder."""

from data.record import Act, Status
from handlers.messages import ReplyKind
from handlers.permissions import Action
from handlers.updates.cards import Said, refused, said
from handlers.updates.confirming import Confirming
from handlers.updates.finding import Finder
from handlers.updates.proposals import Pending
from handlers.updates.proposing import Proposing
from handlers.updates.turns import RATE, RATE_WITHIN, Turn, awaiting, held_in, too_fast
from handlers.updates.workflow import PRESS, Deed, Workflow
from handlers.wording import say


class Pressing:
    """Does what a button stands for."""

    def __init__(
        self, finder: Finder, workflow: Workflow, proposing: Proposing, confirming: Confirming
    ) -> None:
        self._finder = finder
        self._workflow = workflow
        self._proposing = proposing
        self._confirming = confirming

    async def pressed(self, turn: Turn, action: str) -> Said:
        """What is said to the press."""
        deed, _, rest = action.removeprefix(PRESS).partition(".")
        await self._seen(turn)
        number, _, place = rest.partition(".")
        if deed in ("yes", "no", "fix", "undo", "grant", "refuse", "pick"):
            if not number.isdigit():
                return refused("press.old")
            return await self._numbered_deed(turn, deed, int(number), place)
        if deed == "do":
            return await self._do(turn, number, place)
        if deed == "seen":
            return said(ReplyKind.DONE, [say("update.press.seen")])
        return refused("press.old")

    async def _numbered_deed(self, turn: Turn, deed: str, id: int, place: str) -> Said:
        if deed == "yes":
            return await self._confirming.confirm(turn, id)
        if deed == "fix":
            return await self._proposing.ask_fix(turn, id)
        if deed == "no":
            waiting = await awaiting(turn)
            if waiting is None or waiting.id != id:
                return refused("update.expired")
            return await self._proposing.drop(turn, id)
        if deed == "undo":
            connection = await turn.work.begin()
            return await self._workflow.undo(connection, turn.message, turn.person, id)
        if deed == "pick":
            return await self._picked(turn, id, place)
        return await self._decided(turn, id, granted=deed == "grant")

    async def _picked(self, turn: Turn, id: int, place: str) -> Said:
        waiting = await awaiting(turn)
        if waiting is None or waiting.id != id or not place.isdigit():
            return refused("update.expired")
        held = held_in(waiting)
        if int(place) >= len(held.candidates):
            return refused("update.expired")
        aim = self._finder.aim(held.candidates[int(place)])
        return await self._proposing.propose(turn, held, aim) if aim else refused("update.expired")

    async def _decided(self, turn: Turn, request: int, *, granted: bool) -> Said:
        from data.store import updates

        connection = await turn.work.begin()
        asked = await updates.entry(connection, request)
        aim = self._finder.aim(asked.ref) if asked else None
        if aim is None:
            return refused("update.request.none")
        decision = self._workflow.allowed(
            turn.person, Action.DECIDE_EXTENSION, aim.task, turn.today
        )
        if not decision.allowed:
            return self._workflow.denied(decision, aim.task)
        deed = Deed(turn.message, turn.person, decision)
        return await self._workflow.decide(connection, deed, request, granted=granted, reason="")

    async def _do(self, turn: Turn, deed: str, ref: str) -> Said:
        """The buttons of a card or a reminder: xong, gia hạn, vướng mắc."""
        aim = self._finder.aim(ref)
        if aim is None:
            return refused("press.old")
        if deed == "extend" and not (aim.task.due or aim.own):
            return refused("update.extend.standing", id=aim.name)
        if deed == "extend":
            lines = [say("update.needs.extend", id=aim.name)]
            return said(ReplyKind.ANSWER, lines, aims=(aim,))
        status = {"done": Status.DONE, "blocked": Status.BLOCKED}.get(deed)
        if status is None:
            return refused("press.old")
        if await too_fast(turn):
            return refused("update.rate", count=RATE, minutes=RATE_WITHIN.seconds // 60)
        words = say("update.pressed", label=say(f"update.button.{deed}"))
        held = Pending(Act.UPDATE.value, words=words, status=status.value)
        shown = await self._proposing.propose(turn, held, aim)
        if status is Status.BLOCKED and shown.reply.kind is ReplyKind.CONFIRM:
            waiting = await awaiting(turn)
            return await self._proposing.ask_fix(turn, waiting.id) if waiting else shown
        return shown

    async def _seen(self, turn: Turn) -> None:
        from data.store import notices

        async with turn.work.reading() as reading:
            unseen = await notices.unseen(reading, turn.person.id)
        if unseen:
            await notices.seen(await turn.work.begin(), turn.person.id, turn.message.at)

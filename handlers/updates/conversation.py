"""Updates in conversation: read, repeated before and after, and stored with a yes.

The router asks `handle` before it takes a message for a question. What awaits a yes lies in
the store, so that it survives a restart; it is judged again at the moment of the yes.
"""

import json
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Person
from data.record import Act
from data.search import TopicIndex
from data.text.secrecy import secret
from handlers.messages import Message, ReplyKind
from handlers.permissions import Action, may_in
from handlers.understanding.recognise import Recogniser
from handlers.updates.cards import Said, UpdateCards, refused, said
from handlers.updates.confirming import Confirming
from handlers.updates.finding import Finder
from handlers.updates.pressing import Pressing
from handlers.updates.proposals import Pending, attached, pending
from handlers.updates.proposing import Proposing
from handlers.updates.reader import Reader
from handlers.updates.reading import WEAK, Say
from handlers.updates.receipts import receipts
from handlers.updates.turns import (
    ACTIONS,
    Scene,
    Turn,
    action_of,
    awaiting,
    cut,
    held_in,
    just_asked,
)
from handlers.updates.workflow import PRESS, STATE, Workflow
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.proposals import Proposal
    from data.store.work import Work


class Updates:
    """Takes the messages that say, confirm, correct or take back something of a task."""

    def __init__(self, library: Library, index: TopicIndex, recogniser: Recogniser) -> None:
        self._library = library
        self._reader = Reader(task.id for task in library.tasks())
        self._finder = Finder(library, index, recogniser)
        self._cards = UpdateCards(library)
        self._workflow = Workflow(library, self._finder, self._cards)
        self._proposing = Proposing(self._finder, self._cards, self._workflow)
        self._confirming = Confirming(self._finder, self._cards, self._workflow, self._proposing)
        self._pressing = Pressing(self._finder, self._workflow, self._proposing, self._confirming)

    async def handle(
        self, message: Message, person: Person | None, work: "Work | None", scene: Scene
    ) -> Said | None:
        """What is said back; None where the message is a question or idle talk."""
        if message.text and secret(message.text):
            return refused("update.secret")
        action = action_of(message, scene)
        if action:
            if not action.startswith(PRESS) or action.startswith(STATE):
                return None
            if work is None:
                return refused("update.nowhere")
            if person is None:
                return self._guest()
            return await self._pressing.pressed(Turn(message, person, work, scene), action)
        if person is None or work is None or not person.memberships:
            return self._stranger(message, person, work)
        return await self._said(Turn(message, person, work, scene))

    def _guest(self) -> Said:
        decision = may_in(None, Action.UPDATE, next(iter(self._library.plans), ""))
        return self._workflow.denied(decision, None)

    def _stranger(
        self, message: Message, person: Person | None, work: "Work | None"
    ) -> Said | None:
        """A guest who says something of a task or answers is told why that cannot be."""
        reading = self._reader.read(message.text, message.at.date())
        answers = self._reader.only_answers(message.text, message.at.date())
        undoes = reading is not None and reading.say is Say.UNDO
        if undoes or answers:
            return refused("update.guest")
        if reading is None or reading.weak or not (reading.ids or reading.clauses):
            return None
        if reading.say not in ACTIONS:
            return None
        if work is None:
            return refused("update.nowhere")
        action = ACTIONS[reading.say][1]
        found = self._finder.find(reading, person, action, message.at.date(), message.plan)
        return self._workflow.denied(found.denied, found.denied_task) if found.denied else None

    async def _said(self, turn: Turn) -> Said | None:
        answer = self._reader.answer(turn.message.text)
        reading = self._reader.read(turn.message.text, turn.today)
        files = attached(turn.message)
        if reading is None and self._reader.negative(turn.message.text):
            return refused("update.percent.negative")
        if answer is None and reading is None and not files:
            fixing = not self._reader.asks(turn.message.text) and await self._fixing(turn)
            return await self._noted(turn) if fixing else None
        waiting = await awaiting(turn)
        if answer and answer[1] == WEAK and not just_asked(turn.scene):
            answer = None
        if waiting and (answer or (files and reading is None)):
            return await self._answered(turn, waiting, answer)
        alone = bool(answer) and self._reader.only_answers(turn.message.text, turn.today)
        if answer and (alone or reading is None or not reading.names_task):
            old = await awaiting(turn, old=True)
            if old is None and not alone:
                return None
            return refused("update.expired" if old else "update.nothing_waiting")
        if reading is None:
            return None
        if faulty := self._reader.faulty(turn.message.text, reading, turn.today):
            return refused("update.date.faulty", words=", ".join(faulty))
        if waiting and reading.say is Say.UPDATE and not reading.names_task:
            held = held_in(waiting)
            if not turn.message.reply_to or held.fixing:
                return await self._proposing.amend(
                    turn, waiting, pending(reading, Act.UPDATE, turn.message)
                )
        if reading.say is Say.UNDO:
            return await self._workflow.undo(
                await turn.work.begin(), turn.message, turn.person, None
            )
        if reading.say is Say.RECEIPTS:
            return await self._receipts(turn)
        return await self._proposing.proposed(turn, reading, replaced=waiting)

    async def _fixing(self, turn: Turn) -> bool:
        waiting = await awaiting(turn)
        return bool(waiting and json.loads(waiting.body).get("fixing"))

    async def _noted(self, turn: Turn) -> Said | None:
        """Words that were asked for and are no fields: the note."""
        waiting = await awaiting(turn)
        if waiting is None:
            return None
        held = held_in(waiting)
        new = Pending(held.act, words=turn.message.text[:4000], note=cut(turn.message.text))
        return await self._proposing.amend(turn, waiting, new)

    async def _answered(
        self, turn: Turn, waiting: "Proposal", answer: tuple[Say, str] | None
    ) -> Said | None:
        if answer is None:
            held = held_in(waiting)
            return await self._proposing.amend(
                turn, waiting, Pending(held.act, evidence=attached(turn.message))
            )
        kind, rest = answer
        if kind is Say.YES:
            return await self._confirming.confirm(turn, waiting.id)
        if kind is Say.NO:
            return await self._proposing.drop(turn, waiting.id)
        if not rest:
            return await self._proposing.ask_fix(turn, waiting.id)
        reading = self._reader.read(rest, turn.today)
        held = held_in(waiting)
        if reading and reading.say is Say.UPDATE:
            new = pending(reading, Act.UPDATE, turn.message)
        else:
            new = Pending(held.act, words=turn.message.text[:4000], note=cut(rest))
        return await self._proposing.amend(turn, waiting, new)

    async def _receipts(self, turn: Turn) -> Said:
        from data.store import updates

        plans = dict.fromkeys(m.plan for m in turn.person.memberships)
        if not any(may_in(turn.person, Action.EXPORT_OWN, plan).allowed for plan in plans):
            plan = next(iter(plans))
            return self._workflow.denied(may_in(turn.person, Action.EXPORT_OWN, plan), None)
        async with turn.work.reading() as reading:
            own = await updates.of_people(reading, [turn.person.id])
        lines = [say("update.receipts", count=len(own))]
        files = (receipts(own, self._library, self._cards),)
        return said(ReplyKind.ANSWER, lines, files=files, count=len(own))

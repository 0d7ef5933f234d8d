"""Updates in conversation: read, repeated before and after, and stored with a yes.

The router asks `handle` before it takes a message for a question. What awaits a yes lies in
the store, so that it survives a restart; it is judged again at the moment of the yes.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Person, Task
from data.record import Act, Entry, Status
from data.search import TopicIndex
from data.text.secrecy import secret
from handlers.dialogue import ordinal
from handlers.messages import Line, Message, ReplyKind
from handlers.permissions import Action, Decision, may_in
from handlers.understanding.recognise import Recogniser
from handlers.updates import progress
from handlers.updates.cards import (
    Pending,
    Said,
    UpdateCards,
    amended,
    attached,
    fitted,
    moment,
    pending,
    refused,
    said,
)
from handlers.updates.finding import Aim, Finder, Search
from handlers.updates.progress import Condition
from handlers.updates.reader import Reader
from handlers.updates.reading import WEAK, Reading, Say
from handlers.updates.receipts import receipts
from handlers.updates.workflow import PRESS, STATE, Deed, Workflow, condition_of
from handlers.wording import day, say

if TYPE_CHECKING:
    from data.store.people import Connection
    from data.store.proposals import Proposal
    from data.store.work import Work

WAITS = timedelta(minutes=30)
"""How long a confirmation awaits its yes."""
RATE, RATE_WITHIN = 20, timedelta(minutes=5)
"""How many updates one person may begin within that time."""
OFFERED = 6

_ACTIONS = {
    Say.UPDATE: (Act.UPDATE, Action.UPDATE),
    Say.EXTEND: (Act.EXTEND, Action.ASK_EXTENSION),
    Say.CONFIRM: (Act.CONFIRM, Action.CONFIRM_TASK),
    Say.RETURN: (Act.RETURN, Action.RETURN),
    Say.PRESS: (Act.PRESS, Action.PRESS),
    Say.SUBTASK: (Act.SUBTASK, Action.ADD_SUBTASK),
    Say.COMMENT: (Act.COMMENT, Action.COMMENT),
    Say.GRANT: (Act.GRANT, Action.DECIDE_EXTENSION),
    Say.REFUSE: (Act.REFUSE, Action.DECIDE_EXTENSION),
}
_ACTION_OF = dict(_ACTIONS.values())
_NEEDS_NOTE = (Act.RETURN, Act.SUBTASK, Act.COMMENT, Act.REFUSE)
_OF_COORDINATOR = (Act.CONFIRM, Act.RETURN, Act.PRESS, Act.GRANT, Act.REFUSE)


@dataclass(frozen=True, slots=True)
class Scene:
    """What the conversation spoke of last: the tasks shown, by ref, and what numbers do.

    `replied` are the tasks of the message that this one answers, where that is known.
    """

    shown: tuple[str, ...] = ()
    doings: tuple[Mapping[str, str], ...] = ()
    replied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Turn:
    """One message with all that it is dealt with by."""

    message: Message
    person: Person
    work: "Work"
    scene: Scene

    @property
    def today(self) -> date:
        return self.message.at.date()


class Updates:
    """Takes the messages that say, confirm, correct or take back something of a task."""

    def __init__(self, library: Library, index: TopicIndex, recogniser: Recogniser) -> None:
        self._library = library
        self._reader = Reader(task.id for task in library.tasks())
        self._finder = Finder(library, index, recogniser)
        self._cards = UpdateCards(library)
        self._workflow = Workflow(library, self._finder, self._cards)

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
            return await self._pressed(_Turn(message, person, work, scene), action)
        if person is None or work is None or not person.memberships:
            return self._stranger(message, person, work)
        return await self._said(_Turn(message, person, work, scene))

    def _guest(self) -> Said:
        decision = may_in(None, Action.UPDATE, next(iter(self._library.plans), ""))
        return self._workflow.denied(decision, None)

    def _stranger(
        self, message: Message, person: Person | None, work: "Work | None"
    ) -> Said | None:
        """A guest who names a task and says something of it is told why that cannot be."""
        reading = self._reader.read(message.text, message.at.date())
        if reading is None or reading.weak or not (reading.ids or reading.clauses):
            return None
        if reading.say not in _ACTIONS:
            return None
        if work is None:
            return refused("update.nowhere")
        action = _ACTIONS[reading.say][1]
        found = self._finder.find(reading, person, action, message.at.date(), message.plan)
        return self._workflow.denied(found.denied, found.denied_task) if found.denied else None

    # what is said

    async def _said(self, turn: _Turn) -> Said | None:
        answer = self._reader.answer(turn.message.text)
        reading = self._reader.read(turn.message.text, turn.today)
        files = attached(turn.message)
        if answer is None and reading is None and not files:
            fixing = not self._reader.asks(turn.message.text) and await self._fixing(turn)
            return await self._noted(turn) if fixing else None
        waiting = await self._waiting(turn)
        if answer and answer[1] == WEAK and not _just_asked(turn.scene):
            answer = None
        if waiting and (answer or (files and reading is None)):
            return await self._answered(turn, waiting, answer)
        if answer and (reading is None or not reading.names_task):
            return refused("update.expired") if await self._waiting(turn, old=True) else None
        if reading is None:
            return None
        if waiting and reading.say is Say.UPDATE and not reading.names_task:
            held = Pending.from_json(json.loads(waiting.body))
            if not turn.message.reply_to or held.fixing:
                return await self._amend(turn, waiting, pending(reading, Act.UPDATE, turn.message))
        if reading.say is Say.UNDO:
            return await self._workflow.undo(
                await turn.work.begin(), turn.message, turn.person, None
            )
        if reading.say is Say.RECEIPTS:
            return await self._receipts(turn)
        return await self._proposed(turn, reading, replaced=waiting)

    async def _waiting(self, turn: _Turn, *, old: bool = False) -> "Proposal | None":
        """What awaits this person's yes and is not too old for it, unless old ones count."""
        from data.store import proposals

        message = turn.message
        async with turn.work.reading() as reading:
            found = await proposals.waiting(reading, message.channel, message.chat, message.user)
        return found if found and (old or message.at - found.at <= WAITS) else None

    async def _fixing(self, turn: _Turn) -> bool:
        waiting = await self._waiting(turn)
        return bool(waiting and json.loads(waiting.body).get("fixing"))

    async def _noted(self, turn: _Turn) -> Said | None:
        """Words that were asked for and are no fields: the note."""
        waiting = await self._waiting(turn)
        if waiting is None:
            return None
        held = Pending.from_json(json.loads(waiting.body))
        new = Pending(held.act, words=turn.message.text[:4000], note=_cut(turn.message.text))
        return await self._amend(turn, waiting, new)

    async def _answered(
        self, turn: _Turn, waiting: "Proposal", answer: tuple[Say, str] | None
    ) -> Said | None:
        if answer is None:
            held = Pending.from_json(json.loads(waiting.body))
            return await self._amend(
                turn, waiting, Pending(held.act, evidence=attached(turn.message))
            )
        kind, rest = answer
        if kind is Say.YES:
            return await self._confirm(turn, waiting.id)
        if kind is Say.NO:
            return await self._drop(turn, waiting.id)
        if not rest:
            return await self._ask_fix(turn, waiting.id)
        reading = self._reader.read(rest, turn.today)
        held = Pending.from_json(json.loads(waiting.body))
        if reading and reading.say is Say.UPDATE:
            new = pending(reading, Act.UPDATE, turn.message)
        else:
            new = Pending(held.act, words=turn.message.text[:4000], note=_cut(rest))
        return await self._amend(turn, waiting, new)

    # proposals

    async def _proposed(
        self, turn: _Turn, reading: Reading, replaced: "Proposal | None"
    ) -> Said | None:
        act, action = _ACTIONS[reading.say]
        search = self._aims(turn, reading, action)
        if not search.aims:
            return await self._none_found(turn, reading, search, action)
        held = pending(reading, act, turn.message)
        aims = _likeliest(reading, search.aims)
        if await self._too_fast(turn):
            return refused("update.rate", count=RATE, minutes=RATE_WITHIN.seconds // 60)
        if len(aims) > 1:
            return await self._choose(turn, held, aims)
        return await self._propose(turn, held, aims[0], replaced)

    def _aims(self, turn: _Turn, reading: Reading, action: Action) -> Search:
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

    def _spoken(self, turn: _Turn, action: Action) -> Search:
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
        self, turn: _Turn, reading: Reading, search: Search, action: Action
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

    async def _too_fast(self, turn: _Turn) -> bool:
        from data.store import proposals

        message = turn.message
        async with turn.work.reading() as reading:
            made = await proposals.made_since(
                reading, message.channel, message.user, message.at - RATE_WITHIN
            )
        return made >= RATE

    async def _choose(self, turn: _Turn, held: Pending, aims: Sequence[Aim]) -> Said:
        """A numbered choice among the tasks that fit."""
        from data.store import proposals

        connection = await turn.work.begin()
        refs = tuple(a.ref for a in aims[:9])
        message = turn.message
        body = json.dumps(replace(held, candidates=refs).to_json())
        id = await proposals.propose(
            connection, message.channel, message.chat, message.user, body, message.at
        )
        offered = [(self._cards.title(a), f"{PRESS}pick.{id}.{n}") for n, a in enumerate(aims[:9])]
        return said(
            ReplyKind.CHOICE, [say("update.task.choice")], offered, aims=aims[:9], listed=True
        )

    async def _propose(
        self, turn: _Turn, held: Pending, aim: Aim, replaced: "Proposal | None" = None
    ) -> Said:
        """Lets the update await its yes, and repeats it."""
        from data.store import proposals, updates

        message = turn.message
        connection = await turn.work.begin()
        entries = await updates.of_task(connection, aim.task.plan, aim.task.id)
        ready = self._completed(turn, held, aim, entries)
        if isinstance(ready, Said):
            return ready
        body = json.dumps(ready.to_json())
        id = await proposals.propose(
            connection, message.channel, message.chat, message.user, body, message.at
        )
        await proposals.forget_before(connection, message.at - timedelta(days=2))
        shown = self._shown(turn, id, ready, aim, entries)
        old = Pending.from_json(json.loads(replaced.body)) if replaced else None
        if old and old.ref and old.ref != aim.ref:
            return _with_line(shown, say("update.replaced", task=old.ref.partition("/")[2]))
        return shown

    def _completed(
        self, turn: _Turn, held: Pending, aim: Aim, entries: Sequence[Entry]
    ) -> Pending | Said:
        """The update with all that follows from the task, or why it cannot be."""
        act = Act(held.act)
        decision = self._workflow.allowed(turn.person, _ACTION_OF[act], aim.task, turn.today)
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
        turn: _Turn,
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

    def _shown(
        self, turn: _Turn, id: int, held: Pending, aim: Aim, entries: Sequence[Entry]
    ) -> Said:
        """The confirmation: before and after, and its three buttons."""
        before = condition_of(aim, entries, held.acts_for, held.due)
        lines = self._cards.confirmation(held, aim, before, _text(aim, entries))
        lines.append(say("update.confirm.how"))
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

    async def _amend(self, turn: _Turn, waiting: "Proposal", new: Pending) -> Said:
        """Corrects what awaits a yes, and repeats it."""
        from data.store import proposals, updates

        held = amended(Pending.from_json(json.loads(waiting.body)), new)
        connection = await turn.work.begin()
        aim = self._finder.aim(held.ref) if held.ref else None
        if aim is None:
            await proposals.amend(
                connection, waiting.id, json.dumps(held.to_json()), turn.message.at
            )
            aims = [a for ref in held.candidates if (a := self._finder.aim(ref))]
            return await self._choose(turn, held, aims)
        entries = await updates.of_task(connection, aim.task.plan, aim.task.id)
        ready = self._completed(turn, held, aim, entries)
        if isinstance(ready, Said):
            return ready
        body = json.dumps(ready.to_json())
        await proposals.amend(connection, waiting.id, body, turn.message.at)
        return self._shown(turn, waiting.id, ready, aim, entries)

    async def _drop(self, turn: _Turn, id: int) -> Said:
        from data.store import proposals

        if not await proposals.settle(await turn.work.begin(), id):
            return refused("update.expired")
        return said(ReplyKind.ANSWER, [say("update.dropped")])

    async def _ask_fix(self, turn: _Turn, id: int) -> Said:
        """Asks for the correction; the next message is taken for it."""
        from data.store import proposals

        waiting = await self._waiting(turn)
        if waiting is None or waiting.id != id:
            return refused("update.expired")
        held = Pending.from_json(json.loads(waiting.body))
        body = json.dumps(replace(held, fixing=True).to_json())
        await proposals.amend(await turn.work.begin(), id, body, turn.message.at)
        key = (
            "update.fix.note" if held.status == Status.BLOCKED and not held.note else "update.fix"
        )
        aim = self._finder.aim(held.ref)
        return said(ReplyKind.CONFIRM, [say(key)], aims=(aim,) if aim else ())

    # the yes

    async def _confirm(self, turn: _Turn, id: int) -> Said:
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
        held = Pending.from_json(json.loads(waiting.body))
        aim = self._finder.aim(held.ref) if held.ref else None
        if aim is None:
            return refused("update.task.choose_first")
        entries = await updates.of_task(connection, aim.task.plan, aim.task.id)
        ready = self._completed(turn, held, aim, entries)
        if isinstance(ready, Said):
            await proposals.settle(connection, id)
            return ready
        newer = [e for e in entries if e.id > held.seen and e.task == aim.name]
        if newer:
            await proposals.amend(connection, id, json.dumps(ready.to_json()), message.at)
            return self._overtaken(self._shown(turn, id, ready, aim, entries), newer)
        return await self._store(connection, turn, ready, aim, id)

    async def _settled(self, connection: "Connection", turn: _Turn, id: int) -> Said:
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
            shown = _with_line(shown, line)
        return shown

    async def _store(
        self, connection: "Connection", turn: _Turn, held: Pending, aim: Aim, id: int
    ) -> Said:
        from data.store import proposals, updates

        act = Act(held.act)
        decision = self._workflow.allowed(turn.person, _ACTION_OF[act], aim.task, turn.today)
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
        own = _text(aim, await updates.of_task(connection, aim.task.plan, aim.task.id))
        stored = self._workflow.stored(aim, entry, now.status, own)
        if act is Act.SUBTASK:
            return _with_line(stored, say("update.own.made", id=fields["id"]), last=True)
        return stored

    # buttons

    async def _pressed(self, turn: _Turn, action: str) -> Said:
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

    async def _numbered_deed(self, turn: _Turn, deed: str, id: int, place: str) -> Said:
        if deed == "yes":
            return await self._confirm(turn, id)
        if deed == "fix":
            return await self._ask_fix(turn, id)
        if deed == "no":
            waiting = await self._waiting(turn)
            if waiting is None or waiting.id != id:
                return refused("update.expired")
            return await self._drop(turn, id)
        if deed == "undo":
            connection = await turn.work.begin()
            return await self._workflow.undo(connection, turn.message, turn.person, id)
        if deed == "pick":
            return await self._picked(turn, id, place)
        return await self._decided(turn, id, granted=deed == "grant")

    async def _picked(self, turn: _Turn, id: int, place: str) -> Said:
        waiting = await self._waiting(turn)
        if waiting is None or waiting.id != id or not place.isdigit():
            return refused("update.expired")
        held = Pending.from_json(json.loads(waiting.body))
        if int(place) >= len(held.candidates):
            return refused("update.expired")
        aim = self._finder.aim(held.candidates[int(place)])
        return await self._propose(turn, held, aim) if aim else refused("update.expired")

    async def _decided(self, turn: _Turn, request: int, *, granted: bool) -> Said:
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

    async def _do(self, turn: _Turn, deed: str, ref: str) -> Said:
        """The buttons of a card or a reminder: xong, gia hạn, vướng mắc."""
        aim = self._finder.aim(ref)
        if aim is None:
            return refused("press.old")
        if deed == "extend":
            lines = [say("update.needs.extend", id=aim.name)]
            return said(ReplyKind.ANSWER, lines, aims=(aim,))
        status = {"done": Status.DONE, "blocked": Status.BLOCKED}.get(deed)
        if status is None:
            return refused("press.old")
        if await self._too_fast(turn):
            return refused("update.rate", count=RATE, minutes=RATE_WITHIN.seconds // 60)
        words = say("update.pressed", label=say(f"update.button.{deed}"))
        held = Pending(Act.UPDATE.value, words=words, status=status.value)
        shown = await self._propose(turn, held, aim)
        if status is Status.BLOCKED and shown.reply.kind is ReplyKind.CONFIRM:
            waiting = await self._waiting(turn)
            return await self._ask_fix(turn, waiting.id) if waiting else shown
        return shown

    async def _seen(self, turn: _Turn) -> None:
        from data.store import notices

        async with turn.work.reading() as reading:
            unseen = await notices.unseen(reading, turn.person.id)
        if unseen:
            await notices.seen(await turn.work.begin(), turn.person.id, turn.message.at)

    async def _receipts(self, turn: _Turn) -> Said:
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


def action_of(message: Message, scene: Scene) -> str:
    """The action of the button pressed, or of the number typed where it is one of ours."""
    if message.press:
        return message.press
    number = ordinal(message.text, len(scene.doings))
    if number is None or not 0 < number <= len(scene.doings):
        return ""
    return scene.doings[number - 1].get("press", "")


def _likeliest(reading: Reading, aims: tuple[Aim, ...]) -> tuple[Aim, ...]:
    """The tasks left where the words fit several: those with a target in the figure's unit,
    those that fall due in the period named, those that the plan gives to leads by name."""
    if len(aims) < 2 or reading.ids or reading.clauses:
        return aims
    units = {f.unit for f in reading.figures}
    start, end = reading.period or (date.max, date.min)
    wishes: tuple[Callable[[Task], bool], ...] = (
        lambda task: any(t.unit.split()[0] in units for t in task.targets),
        lambda task: any(start <= d <= end for d in task.due),
        lambda task: bool(task.lead),
    )
    for wish in wishes:
        aims = tuple(a for a in aims if wish(a.task)) or aims
    return aims


def _just_asked(scene: Scene) -> bool:
    """Whether the last reply asked whether something is right."""
    return any(doing.get("press", "").startswith(f"{PRESS}yes.") for doing in scene.doings)


def _cut(text: str) -> str:
    return " ".join(text.split())[:2000]


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


def _text(aim: Aim, entries: Sequence[Entry]) -> str:
    made = [e for e in entries if e.act is Act.SUBTASK and e.fields.get("id") == aim.name]
    return str(made[0].fields.get("text", "")) if made and aim.own else ""


def _with_line(shown: Said, line: str, *, last: bool = False) -> Said:
    """The same with a line before the others, or behind them."""
    bubble, *rest = shown.reply.bubbles
    added = Line(line)
    lines = (*bubble.lines, added) if last else (added, *bubble.lines)
    bubbles = (replace(bubble, lines=lines), *rest)
    return replace(shown, reply=replace(shown.reply, bubbles=bubbles))

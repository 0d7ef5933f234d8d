"""What follows from an update: the entry, who is told, decisions on deadlines, and taking back.

Everything here runs in the writing transaction of one message. A notice carries a key of the
catalogue and its places; `notice_reply` makes the reply of it when it is sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from data.loading.library import Library
from data.model import Person, Role, Task
from data.record import Act, Draft, Entry, Status
from data.text.normalise import clean
from handlers.messages import Bubble, Choice, Line, Message, Reply, ReplyKind, Style
from handlers.permissions import Action, Decision, may, refusal
from handlers.updates import progress
from handlers.updates.cards import Said, UpdateCards, refused, said
from handlers.updates.finding import Aim, Finder
from handlers.updates.progress import Condition
from handlers.updates.proposals import Pending
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.notices import Notice
    from data.store.people import Connection

PRESS = "upd."
"""Stands before the actions of these buttons."""

STATE = f"{PRESS}state."
"""Stands before the ref in the action that shows where a task stands."""

UNDO_WITHIN = timedelta(minutes=15)
_ANSWERS = (Act.UPDATE, Act.EXTEND, Act.COMMENT)


@dataclass(frozen=True, slots=True)
class Deed:
    """Who does something, how, and by which decision of the table of rights."""

    message: Message
    person: Person
    decision: Decision

    @property
    def agency(self) -> str:
        """The agency on whose behalf it is done."""
        return self.decision.by.agency if self.decision.by else ""

    def words(self, act: Act) -> str:
        """What was typed, or the name of the button."""
        label = f"update.act.{act}"
        return clean(self.message.text) or say("update.pressed", label=say(label))

    @property
    def authority(self) -> str:
        """Role and rule: "official:official-works-on-what-the-agency-carries"."""
        role = self.decision.by.role.value if self.decision.by else "guest"
        return f"{role}:{self.decision.rule}"[:64]


class Workflow:
    """Enters what was confirmed and tells whom it concerns."""

    def __init__(self, library: Library, finder: Finder, cards: UpdateCards) -> None:
        self._library = library
        self._finder = finder
        self._cards = cards

    async def enter(
        self,
        connection: "Connection",
        deed: Deed,
        aim: Aim,
        act: Act,
        fields: Mapping[str, Any],
        held: Pending | None = None,
        proposal: int = 0,
    ) -> Entry:
        """The new entry; those whom it concerns find it in their outbox."""
        from data.store import updates

        before = await updates.of_task(connection, aim.task.plan, aim.task.id)
        draft = Draft(
            plan=aim.task.plan,
            task=aim.name,
            act=act,
            at=deed.message.at,
            person=deed.person.id,
            name=deed.person.name,
            agency=deed.agency,
            authority=deed.authority,
            channel=deed.message.channel,
            words=held.words if held else deed.words(act),
            fields=fields,
            evidence=held.proofs if held else (),
            documents=held.documents if held else (),
            proposal=proposal,
        )
        entry = await updates.append(connection, draft)
        await self._tell(connection, deed, aim, entry, before)
        await self._answer(connection, deed, entry, before)
        return entry

    async def _answer(
        self, connection: "Connection", deed: Deed, entry: Entry, before: Sequence[Entry]
    ) -> None:
        """Whoever acts on a task has answered those who pressed for it."""
        from data.store import notices

        if entry.act not in _ANSWERS:
            return
        for pressed in before:
            if pressed.act is Act.PRESS and pressed.task == entry.task:
                await notices.answered(connection, deed.person.id, pressed.id, entry.at)

    async def _tell(
        self,
        connection: "Connection",
        deed: Deed,
        aim: Aim,
        entry: Entry,
        before: Sequence[Entry],
    ) -> None:
        from data.store import notices

        told = await self._told(connection, aim.task, entry, before)
        places = {
            "title": aim.task.title,
            "id": aim.name,
            "clause": aim.task.clause,
            "who": deed.person.name or say("update.nobody"),
            "agency": self._library.directory.name(entry.agency) if entry.agency else "",
            "what": self._cards.content(entry),
        }
        body = {
            "key": f"notice.{_sort(entry)}",
            "places": places,
            "task": aim.task.ref,
            "choices": _offered(entry, aim),
        }
        for person in dict.fromkeys(told):
            if person != deed.person.id:
                await notices.put(connection, person, body, entry.id, entry.at)

    async def _told(
        self, connection: "Connection", task: Task, entry: Entry, before: Sequence[Entry]
    ) -> list[int]:
        """Whom an entry concerns besides its author."""
        if entry.act is Act.EXTEND:
            return await _serving(connection, task.plan, (), Role.COORDINATOR)
        if entry.act in (Act.GRANT, Act.REFUSE):
            return [e.person for e in before if e.id == entry.fields.get("request")]
        if entry.act is Act.RETURN:
            last = progress.condition(
                progress.part(task, before, str(entry.fields.get("for", "")))
            ).last
            return [last.person] if last else []
        if entry.act is Act.PRESS:
            return await self._pressed(connection, task, str(entry.fields["for"]))
        if entry.act is Act.COMMENT:
            return await _serving(connection, task.plan, task.lead, Role.OFFICIAL)
        if entry.act is Act.UPDATE and entry.fields.get("blocker"):
            blocker = [str(entry.fields["blocker"])]
            return await _serving(connection, task.plan, blocker, Role.OFFICIAL)
        return []

    async def _pressed(self, connection: "Connection", task: Task, agency: str) -> list[int]:
        """The officials who are pressed: those of the agency and of those that lead with it."""
        pressed = task.lead if agency in task.lead else (agency,)
        return await _serving(connection, task.plan, pressed, Role.OFFICIAL)

    async def pressed(self, connection: "Connection", task: Task, agency: str) -> int:
        """How many officials are told when the agency is pressed on a task."""
        return len(set(await self._pressed(connection, task, agency)))

    async def decide(
        self,
        connection: "Connection",
        deed: Deed,
        request: int,
        *,
        granted: bool,
        reason: str,
    ) -> Said:
        """Grants or refuses the extension that an entry asks for."""
        from data.store import updates

        asked = await updates.entry(connection, request)
        aim = self._finder.aim(asked.ref) if asked else None
        if asked is None or aim is None or asked.act is not Act.EXTEND:
            return refused("update.request.none")
        now = await self.condition(
            connection, aim, progress.concerned(asked), str(asked.fields.get("due", ""))
        )
        if now.request is None or now.request.id != asked.id:
            return refused("update.request.settled")
        fields = {
            "for": progress.concerned(asked),
            "request": asked.id,
            "to": asked.fields["to"],
        }
        if asked.fields.get("due"):
            fields["due"] = asked.fields["due"]
        if reason:
            fields["reason"] = reason
        act = Act.GRANT if granted else Act.REFUSE
        entry = await self.enter(connection, deed, aim, act, fields)
        return self.stored(aim, entry, now.status)

    async def condition(
        self, connection: "Connection", aim: Aim, acts_for: str, due: str
    ) -> Condition:
        """Where the task (or its occurrence) stands for that agency."""
        from data.store import updates

        entries = await updates.of_task(connection, aim.task.plan, aim.task.id)
        return condition_of(aim, entries, acts_for, due)

    def stored(self, aim: Aim, entry: Entry, status: Status, own_text: str = "") -> Said:
        """ "Đã lưu", and the button that takes it back."""
        lines = [say("update.saved", id=entry.id), self._cards.title(aim, own_text)]
        content = self._cards.content(entry)
        if content:
            lines.append(say("update.saved.what", what=content))
        lines.append(say("update.saved.undo", minutes=UNDO_WITHIN.seconds // 60))
        return said(
            ReplyKind.DONE,
            lines,
            [(say("update.button.undo"), f"{PRESS}undo.{entry.id}")],
            aims=(aim,),
            statuses={} if aim.own else {aim.task.ref: status.value},
        )

    async def undo(
        self, connection: "Connection", message: Message, person: Person, id: int | None
    ) -> Said:
        """Takes the person's last entry back, or the one pressed for; both stay."""
        from data.store import notices, updates

        own = await updates.of_people(connection, [person.id])
        last = own[-1] if own else None
        if last is None or last.act is Act.UNDO or (id is not None and last.id != id):
            return refused("update.undo.none", minutes=UNDO_WITHIN.seconds // 60)
        if message.at - last.at > UNDO_WITHIN:
            return refused("update.undo.late", minutes=UNDO_WITHIN.seconds // 60)
        aim = self._finder.aim(last.ref)
        held = next((m for m in person.memberships if m.plan == last.plan), None)
        if aim is None or held is None:
            return refused("update.undo.none", minutes=UNDO_WITHIN.seconds // 60)
        decision = Decision(True, Action.UPDATE, "author-takes-back", held)
        fields = {"for": progress.concerned(last), "reverses": last.id}
        await notices.withdraw(connection, last.id)
        deed = Deed(message, person, decision)
        entry = await self.enter(connection, deed, aim, Act.UNDO, fields)
        now = await self.condition(
            connection, aim, progress.concerned(last), str(last.fields.get("due", ""))
        )
        lines = [
            say("update.undo.done", id=last.id, entry=entry.id),
            self._cards.title(aim),
            say("update.undo.now", status=say(f"update.status.{now.status}")),
        ]
        return said(ReplyKind.DONE, lines, aims=(aim,), statuses={aim.task.ref: now.status.value})

    def denied(self, decision: Decision, task: Task | None) -> Said:
        """The refusal of the table of rights."""
        return Said(refusal(decision, self._library, task))

    def allowed(self, person: Person, action: Action, task: Task, today: date) -> Decision:
        """What the table of rights says."""
        return may(person, action, task, self._library, today)


def condition_of(aim: Aim, entries: Iterable[Entry], acts_for: str, due: str) -> Condition:
    """Where a task, its occurrence of that day, or a task of one's own stands."""
    if aim.own:
        return progress.condition(e for e in progress.live(entries) if e.task == aim.name)
    own = progress.part(aim.task, entries, acts_for)
    if due:
        own = progress.of_occurrence(aim.task, own, date.fromisoformat(due))
    return progress.condition(own)


async def _serving(
    connection: "Connection", plan: str, agencies: Sequence[str], role: Role
) -> list[int]:
    from data.store import people

    return [p.id for p in await people.serving(connection, plan, agencies, [role])]


def _sort(entry: Entry) -> str:
    return "blocked" if entry.act is Act.UPDATE else entry.act.value


def _offered(entry: Entry, aim: Aim) -> list[list[str]]:
    """The buttons of a notice, as label key and action."""
    if entry.act is Act.EXTEND:
        return [
            ["update.button.grant", f"{PRESS}grant.{entry.id}"],
            ["update.button.refuse", f"{PRESS}refuse.{entry.id}"],
        ]
    if entry.act is Act.PRESS:
        deeds = ("done", "extend", "blocked") if aim.task.due else ("done", "blocked")
        offered = [[f"update.button.{deed}", f"{PRESS}do.{deed}.{aim.ref}"] for deed in deeds]
        return [*offered, ["update.button.seen", f"{PRESS}seen"]]
    return []


def task_buttons(ref: str, *, dated: bool = True) -> tuple[tuple[str, str], ...]:
    """The buttons of a card or a reminder, as (label, action): xong, vướng mắc, and gia hạn
    where the task has a deadline."""
    return tuple(
        (say(f"update.button.{deed}"), f"{PRESS}do.{deed}.{ref}")
        for deed in ("done", "extend", "blocked")
        if dated or deed != "extend"
    )


def notice_reply(notice: "Notice", library: Library) -> Reply:
    """The notice as it is sent."""
    body = notice.body
    task = library.task(str(body.get("task", "")))
    lines = [
        Line(say(f"{body['key']}.title", **body["places"]), Style.STRONG),
        Line(say(str(body["key"]), **body["places"])),
    ]
    row = tuple(
        Choice(n, say(label), action) for n, (label, action) in enumerate(body["choices"], 1)
    )
    return Reply(
        ReplyKind.ANSWER,
        (Bubble(tuple(lines), (row,) if row else ()),),
        tasks=(task,) if task else (),
    )

"""What somebody hears of and when, in words and by button; and what a reminder's buttons do.

The action of a button is `al.<verb>.<row of the log>`, or carries all that it needs. What a
button of a reminder does to a task is said in words ("xong 5k"), for whoever takes updates.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Person
from data.reminders import Alert, Listener, State
from handlers.alerts import listening, reminders
from handlers.alerts.deeds import Deed, Said
from handlers.alerts.field import Field
from handlers.alerts.following import Following
from handlers.alerts.leaves import Leaves
from handlers.alerts.reader import Reader
from handlers.alerts.reminders import ACTIONS, GUEST_ACTIONS, SNOOZE, Item
from handlers.alerts.reports import ReportDuties
from handlers.alerts.silences import WhyNot
from handlers.messages import Bubble, Line, Message, Reply, ReplyKind
from handlers.wording import day as day_words
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.people import Connection
    from data.store.work import Work
    from handlers.understanding.recognise import Recogniser

PRESS = "al."
"""Stands before the actions of these buttons."""

ANSWERED_WITHIN = timedelta(days=3)
"""So long after a reminder a bare "xong" or "2" can be meant for it."""
_NUMBER = re.compile(r"\s*(?:số|so)?\s*(\d{1,2})\s*[.)]?\s*", re.IGNORECASE)
_SPOKEN = {
    "done": "xong {id}",
    "part": "{id} 70%",
    "extend": "xin gia hạn {id}",
    "blocked": "{id} vướng mắc",
    "snooze": "nhắc lại {id} sau {days} ngày",
    "stop": "thôi nhắc {id}",
}


class Subscriptions:
    """Takes messages about reminders. `address` is the web server's, as seen from outside;
    without one calendars come as files only."""

    def __init__(self, library: Library, recogniser: "Recogniser", address: str = "") -> None:
        self._library = library
        self._recogniser = recogniser
        self._address = address
        self._reader = Reader([task.id for task in library.tasks()])
        self._following = Following(library, recogniser)
        self._leaves = Leaves(library)
        self._reports = ReportDuties(library, recogniser)
        self._why = WhyNot(library)

    async def translated(
        self, message: Message, person: Person | None, since: datetime | None, work: "Work | None"
    ) -> Message:
        """A button or number of a reminder as the words or the press that it stands for.

        A number counts only where nothing was said in the chat since the reminder came;
        `since` is when the chat last spoke.
        """
        if work is None:
            return message
        if message.press.startswith(PRESS):
            verb, _, id = message.press.removeprefix(PRESS).partition(".")
            return await self._pressed(verb, id, message, person, work)
        number = _NUMBER.fullmatch(message.text)
        if message.press or number is None:
            return message
        told = await self._last(message, person, since, work)
        return self._chosen(int(number[1]), told, message, person)

    async def reminded(
        self, message: Message, person: Person | None, since: datetime | None, work: "Work | None"
    ) -> tuple[str, ...]:
        """The tasks of a reminder to which a bare "xong" may be the answer, by their refs."""
        if work is None:
            return ()
        told = await self._last(message, person, since, work)
        return tuple(alert.task for alert in told if self._library.task(alert.task))

    async def handle(
        self,
        message: Message,
        person: Person | None,
        shown: Sequence[str],
        work: "Work | None",
    ) -> Reply | None:
        """The reply; None where the message is none of ours.

        `shown` are the refs of the tasks last spoken of, those of a reminder among them.
        """
        if message.press:
            if not message.press.startswith(PRESS):
                return None
            if work is None:
                return listening.no_store()
            return await self._do(message, person, work)
        said = self._reader.read(message.text, message.at.date())
        if said is None:
            return None
        if work is None:
            return listening.no_store()
        return await self._said(said, message, person, shown, work)

    async def _said(
        self,
        said: Said,
        message: Message,
        person: Person | None,
        shown: Sequence[str],
        work: "Work",
    ) -> Reply | None:
        match said.deed:
            case Deed.FOLLOW:
                return await self._following.follow(said, message, person, shown, work)
            case Deed.STOP:
                return await self._following.stop(said, message, person, shown, work)
            case Deed.LIST:
                return await self._following.listed(message, person, work)
            case Deed.WHY:
                return await self._why.explain(said.ids, message, person, work)
            case Deed.AGAIN:
                return await self._again(said, message, person, shown, work)
            case Deed.HOUR:
                return await self._following.hour(said.minute, message, person, work)
            case Deed.REST | Deed.WORK:
                wanted = said.deed is Deed.WORK
                return await self._following.rest(said.weekdays, wanted, message, person, work)
            case Deed.LEAVE:
                return await self._leaves.leave(said, message, person, work)
            case Deed.BACK:
                return await self._leaves.back(message, person, work)
            case Deed.REPORTED | Deed.UNREPORTED:
                return await self._reports.enter(said, message, person, work)
            case Deed.CALENDAR | Deed.REVOKE:
                return await self._calendar(said, message, person, work)

    async def _pressed(
        self, verb: str, id: str, message: Message, person: Person | None, work: "Work"
    ) -> Message:
        """The words of a button of a reminder; the message as it is where it is no such one."""
        if verb not in _SPOKEN or not id.isdigit():
            return message
        alert = await self._row(int(id), message, person, work)
        return self._spoken(verb, alert, message) if alert else message

    def _spoken(self, verb: str, alert: Alert, message: Message) -> Message:
        task = self._library.task(alert.task)
        if task is None:
            return message
        text = _SPOKEN[verb].format(id=task.id, days=SNOOZE)
        return replace(message, press="", text=text, plan=task.plan)

    def _chosen(
        self, number: int, told: Sequence[Alert], message: Message, person: Person | None
    ) -> Message:
        """What a typed number of the last reminder stands for."""
        if not told:
            return message
        first = told[0]
        if first.kind.startswith("notice."):
            given = json.loads(first.body).get("choices", ())
            if 0 < number <= len(given):
                return replace(message, press=given[number - 1][1], text="")
            return message
        tasks = [alert for alert in told if self._library.task(alert.task)]
        if len(tasks) == 1:
            guest = not (person and person.memberships)
            verbs = GUEST_ACTIONS if guest else ACTIONS
            fits = 0 < number <= len(verbs)
            return self._spoken(verbs[number - 1], tasks[0], message) if fits else message
        if 0 < number <= len(tasks):
            press = reminders.action("card", tasks[number - 1].id)
            return replace(message, press=press, text="")
        if number == len(tasks) + 1 and tasks:
            items = [Item(a, t) for a in tasks if (t := self._library.task(a.task))]
            shown = reminders.surely_shown(items, self._library, first.day)
            following = tasks[min(shown, len(tasks) - 1)]
            return replace(message, press=reminders.action("more", following.id), text="")
        return message

    async def _last(
        self, message: Message, person: Person | None, since: datetime | None, work: "Work"
    ) -> tuple[Alert, ...]:
        """The rows of the last message that came unasked, if it is the last thing said here."""
        from data.store.alerts import sentlog

        earliest = message.at - ANSWERED_WITHIN
        async with work.reading() as connection:
            listener = await listening.known(connection, message, person)
            if listener is None:
                return ()
            return await sentlog.last_message(
                connection, listener.id, max(since or earliest, earliest), message.channel
            )

    async def _row(
        self, id: int, message: Message, person: Person | None, work: "Work"
    ) -> Alert | None:
        """The row of the log, if it is this person's."""
        from data.store.alerts import sentlog

        async with work.reading() as connection:
            listener = await listening.known(connection, message, person)
            alert = await sentlog.alert(connection, id)
        return alert if alert and listener and alert.listener == listener.id else None

    async def _do(self, message: Message, person: Person | None, work: "Work") -> Reply:
        """What a button does that was not put into words."""
        verb, *rest = message.press.removeprefix(PRESS).split(".")
        reply: Reply | None = None
        if verb in ("card", "more") and rest and rest[0].isdigit():
            reply = await self._shown(verb, int(rest[0]), message, person, work)
        elif verb == "drop" and rest and rest[0].isdigit():
            reply = await self._following.drop(int(rest[0]), message, person, work)
        elif verb == "deputy":
            reply = await self._leaves.chosen(rest, message, person, work)
        elif verb in ("mute", "follow"):
            task = self._library.task(".".join(rest))
            if task is not None:
                said = Said(Deed.STOP if verb == "mute" else Deed.FOLLOW, (task.id.casefold(),))
                here = replace(message, press="", plan=task.plan)
                reply = await self._said(said, here, person, (), work)
        return reply or listening.answer(ReplyKind.REFUSAL, [say("press.old")])

    async def _shown(
        self, verb: str, id: int, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        """One task of a reminder with its buttons, or the tasks that did not fit."""
        from data.store.alerts import sentlog

        alert = await self._row(id, message, person, work)
        if alert is None:
            return None
        day = message.at.date()
        guest = not (person and person.memberships)
        if verb == "card":
            task = self._library.task(alert.task)
            if task is None:
                return None
            bubble = reminders.card(Item(alert, task, guest=guest), self._library, day)
            return Reply(ReplyKind.ANSWER, (bubble,), tasks=(task,))
        async with work.reading() as connection:
            told = await sentlog.same_message(connection, alert)
        items = [
            Item(each, task, guest=guest)
            for each in told
            if (task := self._library.task(each.task)) and each.place >= alert.place
        ]
        placed = [
            replace(item, alert=replace(item.alert, place=place))
            for place, item in enumerate(items, 1)
        ]
        return reminders.rest(placed, self._library, day)

    async def _again(
        self,
        said: Said,
        message: Message,
        person: Person | None,
        shown: Sequence[str],
        work: "Work",
    ) -> Reply | None:
        """Reminds once more after some days; the usual reminders stay as they are."""
        from data.store.alerts import subscriptions

        refs = self._meant(said, message, person) or tuple(shown)
        task = self._library.task(refs[0]) if len(refs) == 1 else None
        if task is None:
            return listening.answer(ReplyKind.REFUSAL, [say("follow.what")])
        connection = await work.begin()
        listener = await listening.made(connection, message, person)
        today = message.at.date()
        coming = [due for due in task.due if due >= today]
        due = min(coming) if coming else max(task.due, default=today)
        told = await self._due(connection, listener, task.ref)
        day = today + timedelta(days=said.days or SNOOZE)
        await subscriptions.snooze(connection, listener.id, task.ref, told or due, day)
        words = say("follow.again", id=task.id, title=task.title, day=day_words(day))
        reply = listening.answer(ReplyKind.DONE, [words])
        return replace(reply, tasks=(task,))

    async def _due(self, connection: "Connection", listener: Listener, ref: str) -> date | None:
        """The date of which somebody was last told for a task, as the plan has it."""
        from data.store.alerts import sentlog

        log = await sentlog.logged(connection, listener.id, 50)
        told = next((a for a in log if a.task == ref and a.state is State.SENT), None)
        task = self._library.task(ref)
        return told.due if told and task and told.due in task.due else None

    def _meant(self, said: Said, message: Message, person: Person | None) -> tuple[str, ...]:
        own = {m.plan for m in person.memberships} if person else set()
        found = [t for t in self._library.tasks() if t.id.casefold() in said.ids]
        found = [t for t in found if t.plan == message.plan] or found
        found = [t for t in found if t.plan in own] or found
        return tuple(task.ref for task in found)

    async def _calendar(
        self, said: Said, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        """The file, and an address to subscribe to; or the address closed."""
        from data.store.alerts import calendars as opened

        agency, plan = self._of_calendar(said, message, person)
        if said.deed is Deed.REVOKE:
            connection = await work.begin()
            listener = await listening.made(connection, message, person)
            closed = await opened.revoke_calendars(
                connection, listener.id, agency or None, message.at
            )
            return listening.answer(ReplyKind.DONE, [say("calendar.closed", count=closed)])
        if not agency:
            return (
                None if said.rest else listening.answer(ReplyKind.REFUSAL, [say("calendar.whose")])
            )
        from handlers.alerts import calendars

        field = await self._field(message, person, plan, work)
        found = calendars.occasions(field, agency, plan)
        name = self._library.directory.name(agency)
        if not found:
            return listening.answer(ReplyKind.ANSWER, [say("calendar.empty", agency=name)])
        lines = [say("calendar.file", agency=name, count=len(found))]
        if self._address:
            secret = calendars.new_secret()
            connection = await work.begin()
            listener = await listening.made(connection, message, person)
            digest = calendars.digest(secret)
            await opened.offer_calendar(connection, digest, listener.id, agency, plan, message.at)
            lines.append(say("calendar.address", address=calendars.address(self._address, secret)))
        file = calendars.document(field, agency, plan, message.at)
        bubble = Bubble(tuple(Line(line) for line in lines), files=(file,))
        return Reply(
            ReplyKind.ANSWER,
            (bubble,),
            tasks=tuple({o.task.ref: o.task for o in found}.values()),
            dates=tuple(sorted({o.due for o in found})),
        )

    def _of_calendar(self, said: Said, message: Message, person: Person | None) -> tuple[str, str]:
        """Whose calendar, of which plan: as named, else of the person's own agency."""
        limit = (message.plan,) if message.plan and message.plan in self._library.plans else ()
        read = self._recogniser.read(
            said.rest, message.at.date(), limit or tuple(self._library.plans)
        )
        own = {m.plan for m in person.memberships} if person else set()
        plans = tuple(read.plans) or limit or (tuple(own) if len(own) == 1 else ())
        keys = read.agencies[0].keys if read.agencies else ()
        if not said.rest and person:
            keys = tuple(m.agency for m in person.memberships if m.agency)[:1]
        return (keys[0] if len(keys) == 1 else "", plans[0] if len(plans) == 1 else "")

    async def _field(
        self, message: Message, person: Person | None, plan: str, work: "Work"
    ) -> Field:
        """What the person may know: the state of the plans, or only the plans."""
        from data.store import updates
        from handlers.updates.progress import Overview

        day = message.at.date()
        if person is None or not person.memberships:
            return Field(self._library, None, day)
        plans = [m.plan for m in person.memberships]
        async with work.reading() as connection:
            entries = await updates.of_plans(connection, plans)
        return Field(self._library, Overview(self._library, entries, day), day)

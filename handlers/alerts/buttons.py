"""What the buttons of a reminder, and numbers typed after one, stand for.

The action of a button is `al.<verb>.<row of the log>`, or carries all that it needs. What a
button of a reminder does to a task is said in words ("xong 5k"), for whoever takes updates.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Person
from data.reminders import Alert
from handlers.alerts import listening, reminders
from handlers.alerts.reminders import ACTIONS, GUEST_ACTIONS, SNOOZE, Item
from handlers.messages import Message, Reply, ReplyKind

if TYPE_CHECKING:
    from data.store.work import Work

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


class Buttons:
    """Reads what was pressed or typed against the log of what was sent."""

    def __init__(self, library: Library) -> None:
        self._library = library

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

    async def shown(
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

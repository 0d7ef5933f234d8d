"""Tasks of which somebody wants to be reminded once more."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Person
from data.reminders import Listener, State
from handlers.alerts import listening
from handlers.alerts.deeds import Said
from handlers.alerts.reminders import SNOOZE
from handlers.messages import Message, Reply, ReplyKind
from handlers.wording import day as day_words
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.people import Connection
    from data.store.work import Work


class Snoozes:
    """Reminds once more after some days; the usual reminders stay as they are."""

    def __init__(self, library: Library) -> None:
        self._library = library

    async def again(
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

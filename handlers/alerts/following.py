"""What somebody follows or not: tasks, agencies, topics, plans, reports."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Person, Role, Task
from data.reminders import Listener, Scope, Subscription
from handlers.alerts import listening
from handlers.alerts.aims import Aims, plain
from handlers.alerts.deeds import Said
from handlers.alerts.habits import when
from handlers.alerts.names import Names
from handlers.messages import Message, Reply, ReplyKind
from handlers.wording import day as day_words
from handlers.wording import listing, say

if TYPE_CHECKING:
    from data.store.work import Work
    from handlers.understanding.recognise import Recogniser

SHOWN = 15


class Following:
    """Follows and stops following."""

    def __init__(self, library: Library, recogniser: "Recogniser") -> None:
        self._library = library
        self._names = Names(library)
        self._aims = Aims(library, recogniser, self._names)

    async def follow(
        self,
        said: Said,
        message: Message,
        person: Person | None,
        shown: Sequence[str],
        work: "Work",
    ) -> Reply | None:
        """Enters the wishes; None where the words name nothing that can be followed."""
        from data.store.alerts import subscriptions

        aim = self._aims.read(said, message, person, shown)
        if aim is None:
            return None
        if aim.unclear:
            return listening.answer(ReplyKind.REFUSAL, [aim.unclear])
        connection = await work.begin()
        listener = await listening.made(connection, message, person)
        for wish in aim.wishes:
            if wish.scope is Scope.DIGEST:
                await subscriptions.unsubscribe(connection, listener.id, wish)
            else:
                await subscriptions.subscribe(connection, listener.id, wish)
        return self._followed(aim.wishes, person, message.at.date(), listener)

    async def stop(
        self,
        said: Said,
        message: Message,
        person: Person | None,
        shown: Sequence[str],
        work: "Work",
    ) -> Reply | None:
        """Takes wishes back; what a role or a wider wish brings is muted instead."""
        from data.store.alerts import subscriptions

        if not plain(said.rest) and len(shown) > 1 and not said.ids and not said.digest:
            return self._which(shown)
        aim = self._aims.read(said, message, person, shown)
        if aim is None:
            return None
        if aim.unclear:
            return listening.answer(ReplyKind.REFUSAL, [aim.unclear])
        connection = await work.begin()
        listener = await listening.made(connection, message, person)
        for wish in aim.wishes:
            gone = await subscriptions.unsubscribe(connection, listener.id, wish)
            others = await subscriptions.wishes_of(connection, listener.id)
            if (person and person.memberships) or others or not gone:
                await subscriptions.subscribe(connection, listener.id, replace(wish, wanted=False))
        names = listing(self._names.of(wish) for wish in aim.wishes)
        return listening.answer(ReplyKind.DONE, [say("follow.stopped", names=names)])

    async def drop(self, id: int, message: Message, person: Person | None, work: "Work") -> Reply:
        """Takes back the wish of that number, if it is this person's."""
        from data.store.alerts import subscriptions

        connection = await work.begin()
        listener = await listening.made(connection, message, person)
        wishes = await subscriptions.wishes_of(connection, listener.id)
        wish = next((each for each in wishes if each.id == id), None)
        if wish is None:
            return listening.answer(ReplyKind.REFUSAL, [say("follow.gone")])
        await subscriptions.unsubscribe(connection, listener.id, wish)
        key = "follow.dropped" if wish.wanted else "follow.unmuted"
        return listening.answer(ReplyKind.DONE, [say(key, name=self._names.of(wish))])

    async def listed(self, message: Message, person: Person | None, work: "Work") -> Reply:
        """What somebody hears of, by role and by wish, and when."""
        from data.store.alerts import subscriptions

        async with work.reading() as connection:
            listener = await listening.known(connection, message, person)
            wishes = await subscriptions.wishes_of(connection, listener.id) if listener else ()
        lines = [
            say(
                "follow.list.role",
                agency=self._names.agency(m.agency),
                plan=self._names.plan(m.plan),
            )
            for m in (person.memberships if person else ())
            if m.agency and m.role in (Role.OFFICIAL, Role.COORDINATOR)
        ]
        lines += [
            say("follow.list.digest", plan=self._names.plan(m.plan))
            for m in (person.memberships if person else ())
            if m.role in (Role.COORDINATOR, Role.LEADER)
        ]
        choices = []
        for wish in wishes[:SHOWN]:
            key = "follow.list.wish" if wish.wanted else "follow.list.muted"
            lines.append(say(key, name=self._names.of(wish), leads=self._names.leads(wish)))
            label = "follow.drop" if wish.wanted else "follow.unmute"
            choices.append((say(label, name=self._names.short(wish)), f"al.drop.{wish.id}"))
        if not lines:
            return listening.answer(ReplyKind.ANSWER, [say("follow.list.none")])
        head = [say("follow.list.title")]
        tail = [when(listener)] if listener else [say("follow.when", hour="07:30", quiet="")]
        return listening.answer(ReplyKind.ANSWER, [*head, *lines, *tail], choices)

    def _followed(
        self,
        wishes: Iterable[Subscription],
        person: Person | None,
        today: date,
        listener: Listener,
    ) -> Reply:
        lines: list[str] = []
        tasks: list[Task] = []
        for wish in wishes:
            if wish.scope is Scope.DIGEST:
                lines.append(say("follow.digest", plan=self._names.plan(wish.value)))
                continue
            found = self._aims.concerned(wish)
            tasks += found
            dates = sorted({due for task in found for due in task.due if due >= today})
            dated = sum(1 for task in found if task.due)
            lines.append(
                say("follow.done", name=self._names.of(wish), leads=self._names.leads(wish))
            )
            if len(found) > 1:
                lines.append(say("follow.counted", count=len(found), dated=dated))
            key = "next" if dates else "past" if dated else "standing"
            due = day_words(dates[0]) if dates else ""
            lines.append(say(f"follow.{key}", due=due))
        lines.append(when(listener))
        if person is None or not person.memberships:
            lines.append(say("follow.guest"))
        reply = listening.answer(ReplyKind.DONE, lines)
        return replace(reply, tasks=tuple(tasks[:1] if len(tasks) == 1 else ()))

    def _which(self, shown: Sequence[str]) -> Reply:
        tasks = [task for ref in shown if (task := self._library.task(ref))]
        choices = [
            (say("follow.stop_one", id=t.id, title=t.title), f"al.mute.{t.ref}")
            for t in tasks[:SHOWN]
        ]
        return listening.answer(ReplyKind.CHOICE, [say("follow.stop_which")], choices)

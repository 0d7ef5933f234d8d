"""Leave: who hears instead of somebody who is away, and from when on they are back."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Person, Role
from data.reminders import Absence, Listener
from data.text.normalise import fold
from handlers.alerts import listening
from handlers.alerts.deeds import Said
from handlers.messages import Message, Reply, ReplyKind
from handlers.wording import day as day_words
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.people import Connection
    from data.store.work import Work

OFFERED = 6


class Leaves:
    """Enters leaves."""

    def __init__(self, library: Library) -> None:
        self._library = library

    async def leave(
        self, said: Said, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        """Enters the leave; where several could hear instead, asks who."""
        if said.span is None:
            return None
        if person is None or not person.memberships:
            return listening.answer(ReplyKind.REFUSAL, [say("leave.guest")])
        connection = await work.begin()
        others = await self._colleagues(connection, person)
        named = [each for each in others if _named(each, said.deputy)]
        fitting = named or (others if said.deputy in ("", "*") else [])
        if said.deputy not in ("", "*") and not named:
            lines = [say("leave.unknown", name=said.deputy)]
            return listening.answer(
                ReplyKind.CHOICE if others else ReplyKind.REFUSAL,
                lines,
                _offers(others, said.span),
            )
        if len(fitting) > 1 and said.deputy:
            return listening.answer(
                ReplyKind.CHOICE, [say("leave.who")], _offers(fitting, said.span)
            )
        deputy = fitting[0] if len(fitting) == 1 else None
        return await self._enter(connection, message, person, said.span, deputy)

    async def chosen(
        self, rest: Sequence[str], message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        """The button of somebody who is to hear instead: person, first and last day."""
        from data.store import people

        if person is None or len(rest) != 3 or not rest[0].isdigit():
            return None
        connection = await work.begin()
        deputy = await people.get(connection, int(rest[0]))
        colleagues = await self._colleagues(connection, person)
        first, last = (_day(text) for text in rest[1:])
        if first is None or last is None or deputy is None:
            return None
        if deputy.id not in {each.id for each in colleagues} or last < message.at.date():
            return listening.answer(ReplyKind.REFUSAL, [say("press.old")])
        return await self._enter(connection, message, person, (first, last), deputy)

    async def back(self, message: Message, person: Person | None, work: "Work") -> Reply:
        """Ends the leave."""
        from data.store.alerts import absences

        connection = await work.begin()
        listener = await listening.known(connection, message, person)
        ended = listener and await absences.back(connection, listener.id, message.at.date())
        key = "leave.back" if ended else "leave.none"
        return listening.answer(ReplyKind.DONE if ended else ReplyKind.ANSWER, [say(key)])

    async def _enter(
        self,
        connection: "Connection",
        message: Message,
        person: Person,
        span: tuple[date, date],
        deputy: Person | None,
    ) -> Reply:
        from data.store.alerts import absences

        listener = await listening.made(connection, message, person)
        stands_in = await _listener_of(connection, deputy, message) if deputy else None
        first, last = span
        absence = Absence(listener.id, first, last, stands_in.id if stands_in else None)
        await absences.leave(connection, absence)
        key = "leave.done" if deputy else "leave.alone"
        name = (deputy.name or str(deputy.id)) if deputy else ""
        words = say(key, first=day_words(first), last=day_words(last), name=name)
        return listening.answer(ReplyKind.DONE, [words])

    async def _colleagues(self, connection: "Connection", person: Person) -> list[Person]:
        """Everybody else with a role in one of the person's agencies."""
        from data.store import people

        found: dict[int, Person] = {}
        for held in person.memberships:
            if not held.agency:
                continue
            roles = (Role.OFFICIAL, Role.COORDINATOR)
            for each in await people.serving(connection, held.plan, [held.agency], roles):
                if each.id != person.id:
                    found[each.id] = each
        return list(found.values())


async def _listener_of(connection: "Connection", person: Person, message: Message) -> Listener:
    from data.store.alerts import listeners

    found = await listeners.of_person(connection, person.id)
    return found or await listeners.add(connection, covered=message.at.date(), person=person.id)


def _named(person: Person, words: str) -> bool:
    said = fold(words).split()
    name = fold(person.name).split()
    return bool(name) and words not in ("", "*") and name == said[-len(name) :]


def _offers(found: Sequence[Person], span: tuple[date, date]) -> list[tuple[str, str]]:
    days = ".".join(day.strftime("%Y%m%d") for day in span)
    return [(each.name or str(each.id), f"al.deputy.{each.id}.{days}") for each in found[:OFFERED]]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

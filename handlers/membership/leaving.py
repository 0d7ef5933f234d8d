"""Leaving a role, or handing it over to a colleague: each asked first, done by one tap."""

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Membership, Person
from data.text.normalise import fold
from handlers.membership.posts import agency_named, described
from handlers.membership.replies import fresh, offered, refused, reply, stamped
from handlers.messages import Message, Reply, ReplyKind
from handlers.understanding.membership import Wish
from handlers.wording import listing, say

if TYPE_CHECKING:
    from data.store.people import Connection
    from data.store.work import Work

_log = logging.getLogger(__name__)


class Leaving:
    """Ends memberships."""

    def __init__(self, library: Library) -> None:
        self._library = library

    async def leave(
        self, wish: Wish, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        """Which role to leave, to be confirmed by one tap."""
        held = person.memberships if person else ()
        if wish.rest:
            agency = agency_named(self._library.directory, wish.rest)
            if agency is None:
                return None
            held = tuple(m for m in held if m.agency == agency)
        if not held:
            return refused("member.leave.none")
        stamp = stamped(message.at)
        options = [
            (say("member.leave.one", post=described(self._library, m)), f"leave.{m.id}.{stamp}")
            for m in held
        ]
        if len(held) > 1 and not wish.rest:
            options.append((say("member.leave.all"), f"leave.all.{stamp}"))
        options.append((say("member.stay"), "stay"))
        kind = ReplyKind.CONFIRM if len(held) == 1 else ReplyKind.CHOICE
        return offered(kind, [say("member.leave.ask"), say("member.leave.keeps")], options)

    async def left(self, rest: Sequence[str], message: Message, work: "Work") -> Reply:
        """Ends the roles that a button of `leave` stands for."""
        from data.store import people

        if len(rest) != 2 or not fresh(rest[1], message.at):
            return refused("press.old")
        connection = await work.begin()
        person = await people.find(connection, message.channel, message.user)
        held = [
            m
            for m in (person.memberships if person else ())
            if rest[0] == "all" or str(m.id) == rest[0]
        ]
        if person is None or not held:
            return refused("press.old")
        await people.end(connection, [m.id for m in held], message.at, by=person.id)
        _log.info("person %s left %s", person.id, [m.id for m in held])
        lines = [say("member.leave.done", post=described(self._library, m)) for m in held]
        return reply(ReplyKind.DONE, [*lines, say("member.leave.keeps")])

    async def hand_over(
        self, wish: Wish, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        """To whom, to be confirmed by one tap; only to somebody with the same role there."""
        if person is None or not person.memberships:
            return None
        async with work.reading() as connection:
            colleagues = await _colleagues(connection, person)
        fitting = [c for c in colleagues if _called(c.name, wish.rest)]
        if not fitting:
            meant = all(word[:1].isupper() for word in wish.rest.split())
            return refused("member.hand.nobody", name=wish.rest) if meant else None
        stamp = stamped(message.at)
        options = [
            (
                say("member.hand.one", name=c.name, posts=self._posts(_shared(person, c))),
                f"hand.{c.id}.{stamp}",
            )
            for c in fitting
        ]
        options.append((say("member.stay"), "stay"))
        kind = ReplyKind.CONFIRM if len(fitting) == 1 else ReplyKind.CHOICE
        return offered(kind, [say("member.hand.ask"), say("member.leave.keeps")], options)

    async def handed(self, rest: Sequence[str], message: Message, work: "Work") -> Reply:
        """Hands over to whom a button of `hand_over` stands for."""
        from data.store import people

        if len(rest) != 2 or not rest[0].isdecimal() or not fresh(rest[1], message.at):
            return refused("press.old")
        connection = await work.begin()
        person = await people.find(connection, message.channel, message.user)
        successor = await people.get(connection, int(rest[0]))
        held = _shared(person, successor) if person and successor else []
        if person is None or successor is None or not held or person.id == successor.id:
            return refused("press.old")
        ids = [m.id for m in held]
        await people.end(connection, ids, message.at, by=person.id, successor=successor.id)
        _log.info("person %s handed %s over to %s", person.id, ids, successor.id)
        done = say("member.hand.done", name=successor.name, posts=self._posts(held))
        return reply(ReplyKind.DONE, [done, say("member.leave.keeps")])

    async def stayed(self, rest: Sequence[str], message: Message, work: "Work") -> Reply:
        """Leaves everything as it is."""
        return reply(ReplyKind.ANSWER, [say("member.stayed")])

    def _posts(self, held: Iterable[Membership]) -> str:
        return listing(described(self._library, m) for m in held)


async def _colleagues(connection: "Connection", person: Person) -> list[Person]:
    """Everybody else with one of the person's roles in the same agency and plan."""
    from data.store import people

    found: dict[int, Person] = {}
    for m in person.memberships:
        for other in await people.serving(connection, m.plan, [m.agency], [m.role]):
            if other.id != person.id:
                found[other.id] = other
    return list(found.values())


def _shared(person: Person, other: Person) -> list[Membership]:
    """The person's roles that the other one has too."""
    theirs = {(m.plan, m.agency, m.role) for m in other.memberships}
    return [m for m in person.memberships if (m.plan, m.agency, m.role) in theirs]


def _called(name: str, said: str) -> bool:
    """Whether somebody of that name may be called so: the whole name, or its last words."""
    whole, part = fold(name).split(), fold(said).split()
    return bool(part) and whole[-len(part) :] == part

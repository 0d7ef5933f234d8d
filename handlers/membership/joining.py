"""Joining by a code: an invitation to a post, or one person on another channel."""

import logging
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Membership, Person, Role
from handlers.membership.posts import described
from handlers.membership.replies import channel_names, refused, reply
from handlers.membership.senders import anonymous, identify, is_private, named, newcomer
from handlers.messages import Message, Reply, ReplyKind
from handlers.understanding.membership import Wish
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.codes import Grant
    from data.store.people import Connection
    from data.store.work import Work

_log = logging.getLogger(__name__)


class Joining:
    """Takes codes, and makes those that link channels."""

    def __init__(self, library: Library) -> None:
        self._library = library

    async def join(
        self, wish: Wish, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        """Uses a code up: an invitation, or one that makes two channels one person."""
        from data.store import codes, people

        code = codes.invitation(wish.rest) or codes.link(wish.rest) if wish.sound else None
        if code is None:
            return refused("member.code.shape")
        if anonymous(message):
            return refused("member.anonymous")
        async with work.reading() as reading:
            if await _tired(reading, message, person):
                return refused("member.code.tired")
        connection = await work.begin()
        person = await people.find(connection, message.channel, message.user)
        if await _tired(connection, message, person):
            return refused("member.code.tired")
        grant = await codes.open_to(connection, code, message.at)
        if grant is None:
            return await _wrong(connection, code, message, person)
        if grant.role is None:
            return await self._be_one(connection, grant, message, person)
        return await self._enrol(connection, grant, message, person)

    async def _enrol(
        self, connection: "Connection", grant: "Grant", message: Message, who: Person | None
    ) -> Reply:
        """Uses an invitation up; one for a role that the person has already stays open."""
        from data.store import codes, people

        role = grant.role or Role.OFFICIAL
        for held in who.memberships if who else ():
            if (held.plan, held.agency, held.role) == (grant.plan, grant.agency, role):
                return refused("member.join.held", post=described(self._library, held))
        name = grant.name or named(message.name)
        id = who.id if who else await newcomer(connection, name, message)
        if who and not who.name and name:
            await people.rename(connection, id, name)
        await codes.use(connection, grant, id, message.at)
        await people.enrol(
            connection, id, grant.plan, grant.agency, role, message.at, by=grant.maker
        )
        joined = await people.get(connection, id)
        _log.info("person %s joined %s as %s", id, grant.plan, role)
        held = Membership(0, grant.plan, grant.agency, role)
        lines = [
            say("member.join.done", post=described(self._library, held)),
            say(f"member.can.{role}"),
        ]
        if not (joined and joined.name):
            lines.append(say("member.join.name"))
        return reply(ReplyKind.DONE, lines)

    async def _be_one(
        self, connection: "Connection", grant: "Grant", message: Message, who: Person | None
    ) -> Reply:
        """Makes whoever writes here one with the person who made the code elsewhere."""
        from data.store import codes, people

        maker = await people.get(connection, grant.maker) if grant.maker else None
        if maker is None or not maker.identities:
            return refused("member.code.shape")
        if who is not None and who.id == maker.id:
            return refused("member.link.same")
        await codes.use(connection, grant, maker.id, message.at)
        if who is None:
            await identify(connection, maker.id, message)
        else:
            await people.merge(connection, who.id, maker.id, message.at)
        if not maker.name and (name := (who.name if who else "") or named(message.name)):
            await people.rename(connection, maker.id, name)
        linked = await people.get(connection, maker.id) or maker
        _log.info("person %s linked %s", maker.id, message.channel)
        return reply(
            ReplyKind.DONE, [say("member.link.done", channels=channel_names(linked.identities))]
        )

    async def link(
        self, wish: Wish, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        """A code by which the person is known on another channel too."""
        from data.store import codes

        if person is None:
            return refused("member.link.guest")
        if not is_private(message):
            return refused("member.private")
        code = await codes.make_link(await work.begin(), person.id, message.at)
        return reply(
            ReplyKind.DONE,
            [
                say("member.link.code", code=f"{code[:3]} {code[3:]}"),
                say("member.link.how", code=code),
            ],
        )


async def _tired(connection: "Connection", message: Message, person: Person | None) -> bool:
    """Whether this person guessed wrong too often to try again now."""
    from data.store import codes

    id = person.id if person else None
    wrong = await codes.guessed(connection, message.channel, message.user, id, message.at)
    return wrong >= codes.GUESSES


async def _wrong(
    connection: "Connection", code: str, message: Message, person: Person | None
) -> Reply:
    from data.store import codes

    id = person.id if person else None
    await codes.wrong(connection, code, message.channel, message.user, id, message.at)
    count = await codes.guessed(connection, message.channel, message.user, id, message.at)
    _log.warning(
        "wrong code number %d within a quarter of an hour from %r on %s",
        count,
        message.user,
        message.channel,
    )
    if count >= codes.GUESSES:
        return refused("member.code.tired")
    return refused("member.code.wrong", left=codes.GUESSES - count)

"""Joining by a code, inviting, leaving, handing over, linking a channel, and "tôi là ai".

The action of a button is `mem.<deed>…`; what it needs stands in it, so that a button works
after a restart, and everything is judged again when it is pressed.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from data.errors import StoreBrokenError, StoreError
from data.loading.library import Library
from data.model import Identity, Membership, Person, Role
from data.text.normalise import clean, fold
from handlers.failures import failure
from handlers.inviting import Inviting, is_private
from handlers.messages import Bubble, Choice, Line, Message, Reply, ReplyKind, Style
from handlers.posts import agency_named, described
from handlers.understanding.membership import Want, Wish, Wishes
from handlers.wording import listing, say

if TYPE_CHECKING:
    from data.store.codes import Grant
    from data.store.people import Connection
    from data.store.work import Work
    from handlers.understanding.recognise import Recogniser

PRESS = "mem."
"""Stands before the actions of these buttons."""

NAME_LENGTH = 80
_USED_AFTER = timedelta(minutes=10)
_BUTTON_LASTS = timedelta(minutes=15)
_log = logging.getLogger(__name__)


class Memberships:
    """Takes the messages about people."""

    def __init__(self, library: Library, recogniser: "Recogniser") -> None:
        self._library = library
        self._wishes = Wishes()
        self.inviting = Inviting(library, recogniser, self._wishes)
        self._deeds = {
            Want.JOIN: self._join,
            Want.LINK: self._link,
            Want.WHO: self._who,
            Want.LEAVE: self._leave,
            Want.HANDOVER: self._hand_over,
            Want.INVITE: self.inviting.asked,
            Want.CHOOSE: self._choose,
            Want.UNCHOOSE: self._choose,
            Want.NAME: self._name,
        }
        self._pressable = {
            "leave": self._left,
            "hand": self._handed,
            "inv": self.inviting.pressed,
            "stay": self._stayed,
        }

    async def handle(
        self, message: Message, person: Person | None, work: "Work | None"
    ) -> Reply | None:
        """The reply; None where the message is none of ours. `person` is who wrote it."""
        if message.press:
            deed, *rest = message.press.removeprefix(PRESS).split(".")
            if not message.press.startswith(PRESS) or deed not in self._pressable:
                return None
            return await self._pressable[deed](rest, message, work) if work else _no_store()
        wish = self._wishes.read(message.text)
        if wish is None:
            return None
        if work is None:
            return _no_store()
        return await self._deeds[wish.want](wish, message, person, work)

    async def met(self, message: Message, person: Person, work: "Work") -> None:
        """Remembers that the person used this channel now; a store that fails costs nothing."""
        if not _stale(message, person):
            return
        from data.store import people

        try:
            await people.used(
                await work.begin(), message.channel, message.user, _chat(message), message.at
            )
        except StoreError as error:
            _log.warning("not noted which channel was used: %s", error)

    async def _join(
        self, wish: Wish, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        from data.store import codes, people

        code = codes.invitation(wish.rest) or codes.link(wish.rest) if wish.sound else None
        if code is None:
            return _refused("member.code.shape")
        if _anonymous(message):
            return _refused("member.anonymous")
        async with work.reading() as reading:
            if await _tired(reading, message, person):
                return _refused("member.code.tired")
        connection = await work.begin()
        person = await people.find(connection, message.channel, message.user)
        if await _tired(connection, message, person):
            return _refused("member.code.tired")
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
                return _refused("member.join.held", post=described(self._library, held))
        name = grant.name or named(message.name)
        id = who.id if who else await _newcomer(connection, name, message)
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
        return _reply(ReplyKind.DONE, lines)

    async def _be_one(
        self, connection: "Connection", grant: "Grant", message: Message, who: Person | None
    ) -> Reply:
        """Makes whoever writes here one with the person who made the code elsewhere."""
        from data.store import codes, people

        maker = await people.get(connection, grant.maker) if grant.maker else None
        if maker is None or not maker.identities:
            return _refused("member.code.shape")
        if who is not None and who.id == maker.id:
            return _refused("member.link.same")
        await codes.use(connection, grant, maker.id, message.at)
        if who is None:
            await _identify(connection, maker.id, message)
        else:
            await people.merge(connection, who.id, maker.id, message.at)
        if not maker.name and (name := (who.name if who else "") or named(message.name)):
            await people.rename(connection, maker.id, name)
        linked = await people.get(connection, maker.id) or maker
        _log.info("person %s linked %s", maker.id, message.channel)
        return _reply(
            ReplyKind.DONE, [say("member.link.done", channels=_channels(linked.identities))]
        )

    async def _link(
        self, wish: Wish, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        from data.store import codes

        if person is None:
            return _refused("member.link.guest")
        if not is_private(message):
            return _refused("member.private")
        code = await codes.make_link(await work.begin(), person.id, message.at)
        return _reply(
            ReplyKind.DONE,
            [
                say("member.link.code", code=f"{code[:3]} {code[3:]}"),
                say("member.link.how", code=code),
            ],
        )

    async def _who(
        self, wish: Wish, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        private = is_private(message)
        lines = []
        if person is None or not person.memberships:
            lines.append(say("member.who.guest"))
        else:
            name = person.name or say("member.nameless")
            lines.append(say("member.who.name", name=name))
            lines += [f"• {described(self._library, held)}" for held in person.memberships]
            roles = dict.fromkeys(held.role for held in person.memberships)
            lines += [say(f"member.can.{role}") for role in roles]
        if private and person is not None and person.identities:
            lines.append(say("member.who.channels", channels=_channels(person.identities)))
            if person.chosen:
                lines.append(say("member.who.chosen", channel=_channel(person.chosen)))
        if private:
            channel = _channel(message.channel)
            lines.append(say("member.who.here", channel=channel, id=message.user))
        return _reply(ReplyKind.ANSWER, lines)

    async def _leave(
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
            return _refused("member.leave.none")
        stamp = _stamp(message.at)
        options = [
            (say("member.leave.one", post=described(self._library, m)), f"leave.{m.id}.{stamp}")
            for m in held
        ]
        if len(held) > 1 and not wish.rest:
            options.append((say("member.leave.all"), f"leave.all.{stamp}"))
        options.append((say("member.stay"), "stay"))
        kind = ReplyKind.CONFIRM if len(held) == 1 else ReplyKind.CHOICE
        return _offered(kind, [say("member.leave.ask"), say("member.leave.keeps")], options)

    async def _left(self, rest: Sequence[str], message: Message, work: "Work") -> Reply:
        from data.store import people

        if len(rest) != 2 or not _fresh(rest[1], message.at):
            return _refused("press.old")
        connection = await work.begin()
        person = await people.find(connection, message.channel, message.user)
        held = [
            m
            for m in (person.memberships if person else ())
            if rest[0] == "all" or str(m.id) == rest[0]
        ]
        if person is None or not held:
            return _refused("press.old")
        await people.end(connection, [m.id for m in held], message.at, by=person.id)
        _log.info("person %s left %s", person.id, [m.id for m in held])
        lines = [say("member.leave.done", post=described(self._library, m)) for m in held]
        return _reply(ReplyKind.DONE, [*lines, say("member.leave.keeps")])

    async def _hand_over(
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
            return _refused("member.hand.nobody", name=wish.rest) if meant else None
        stamp = _stamp(message.at)
        options = [
            (
                say("member.hand.one", name=c.name, posts=self._posts(_shared(person, c))),
                f"hand.{c.id}.{stamp}",
            )
            for c in fitting
        ]
        options.append((say("member.stay"), "stay"))
        kind = ReplyKind.CONFIRM if len(fitting) == 1 else ReplyKind.CHOICE
        return _offered(kind, [say("member.hand.ask"), say("member.leave.keeps")], options)

    async def _handed(self, rest: Sequence[str], message: Message, work: "Work") -> Reply:
        from data.store import people

        if len(rest) != 2 or not rest[0].isdecimal() or not _fresh(rest[1], message.at):
            return _refused("press.old")
        connection = await work.begin()
        person = await people.find(connection, message.channel, message.user)
        successor = await people.get(connection, int(rest[0]))
        held = _shared(person, successor) if person and successor else []
        if person is None or successor is None or not held or person.id == successor.id:
            return _refused("press.old")
        ids = [m.id for m in held]
        await people.end(connection, ids, message.at, by=person.id, successor=successor.id)
        _log.info("person %s handed %s over to %s", person.id, ids, successor.id)
        done = say("member.hand.done", name=successor.name, posts=self._posts(held))
        return _reply(ReplyKind.DONE, [done, say("member.leave.keeps")])

    async def _stayed(self, rest: Sequence[str], message: Message, work: "Work") -> Reply:
        return _reply(ReplyKind.ANSWER, [say("member.stayed")])

    async def _choose(
        self, wish: Wish, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        """The channel to be written to: the one named, or whichever was used last."""
        from data.store import people

        if person is None:
            return _refused("member.choose.guest")
        chosen = wish.rest or None
        if chosen and chosen not in {one.channel for one in person.identities}:
            return _refused("member.choose.unlinked", channel=_channel(chosen))
        await people.choose(await work.begin(), person.id, chosen)
        if chosen is None:
            return _reply(ReplyKind.DONE, [say("member.choose.last")])
        return _reply(ReplyKind.DONE, [say("member.choose.done", channel=_channel(chosen))])

    async def _name(
        self, wish: Wish, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        """Takes the name of somebody who has none; to change one is for the admin."""
        from data.store import people

        name = named(wish.rest)
        if person is None or not name:
            return None
        if person.name:
            return _refused("member.name.known", name=person.name)
        await people.rename(await work.begin(), person.id, name)
        return _reply(ReplyKind.DONE, [say("member.name.done", name=name)])

    def _posts(self, held: Iterable[Membership]) -> str:
        return listing(described(self._library, m) for m in held)


def named(text: str) -> str:
    """A name as it is kept: one line without control characters, 80 characters at most."""
    sound = clean(text).encode("utf-8", "ignore").decode()
    return " ".join(sound.split())[:NAME_LENGTH].strip()


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
        return _refused("member.code.tired")
    return _refused("member.code.wrong", left=codes.GUESSES - count)


async def _newcomer(connection: "Connection", name: str, message: Message) -> int:
    from data.store import people

    id = await people.add(connection, name, message.at)
    await _identify(connection, id, message)
    return id


async def _identify(connection: "Connection", person: int, message: Message) -> None:
    """Makes whoever writes here this person."""
    from data.store import people

    channel, user = message.channel, message.user
    chat = _chat(message) or user
    await people.add_identity(connection, person, channel, user, chat, message.at)
    await people.used(connection, channel, user, None, message.at)


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


def _stale(message: Message, person: Person) -> bool:
    """Whether it is worth noting that the person writes here now."""
    here = next(
        (
            one
            for one in person.identities
            if (one.channel, one.user) == (message.channel, message.user)
        ),
        None,
    )
    if here is None or here.used is None:
        return here is not None
    latest = max(one.used for one in person.identities if one.used)
    chat = _chat(message)
    moved = chat is not None and chat != here.chat
    return moved or here.used < latest or abs(message.at - here.used) >= _USED_AFTER


def _chat(message: Message) -> str | None:
    """The chat in which to write to the person alone; None in a group."""
    return message.chat if is_private(message) else None


def _anonymous(message: Message) -> bool:
    """Whether a group or a channel speaks, and no person (Telegram's negative ids)."""
    return message.channel == "telegram" and message.user.startswith("-")


def _channel(name: str) -> str:
    return say(f"channel.{name}")


def _channels(identities: Iterable[Identity]) -> str:
    return listing(dict.fromkeys(_channel(one.channel) for one in identities))


def _stamp(at: datetime) -> str:
    return format(int(at.timestamp()), "x")


def _fresh(stamp: str, now: datetime) -> bool:
    """Whether a button made at `stamp` may still be pressed."""
    try:
        age = timedelta(seconds=now.timestamp() - int(stamp, 16))
    except (ValueError, OverflowError):
        return False
    return timedelta(seconds=-1) <= age <= _BUTTON_LASTS


def _offered(kind: ReplyKind, text: Sequence[str], options: Sequence[tuple[str, str]]) -> Reply:
    """Lines, then numbered options with their buttons; an option is a label and a deed."""
    lines = [Line(text[0], Style.STRONG), *(Line(line) for line in text[1:])]
    rows = []
    for number, (label, deed) in enumerate(options, 1):
        lines.append(Line(f"{number}. {label}"))
        rows.append((Choice(number, label, f"{PRESS}{deed}", listed=True),))
    return Reply(kind, (Bubble(tuple(lines), tuple(rows)),))


def _reply(kind: ReplyKind, lines: Sequence[str]) -> Reply:
    return Reply(kind, (Bubble(tuple(Line(line) for line in lines)),))


def _refused(key: str, **places: object) -> Reply:
    return _reply(ReplyKind.REFUSAL, [say(key, **places)])


def _no_store() -> Reply:
    return failure(StoreBrokenError("nothing can be stored"))

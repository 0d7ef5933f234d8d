"""Joining by a code, inviting, leaving, handing over, linking a channel, and "tôi là ai".

The action of a button is `mem.<deed>…`; what it needs stands in it, so that a button works
after a restart, and everything is judged again when it is pressed.
"""

import logging
from typing import TYPE_CHECKING

from data.errors import StoreError
from data.loading.library import Library
from data.model import Person
from handlers.membership.inviting import Inviting
from handlers.membership.joining import Joining
from handlers.membership.leaving import Leaving
from handlers.membership.posts import described
from handlers.membership.replies import (
    PRESS,
    channel_name,
    channel_names,
    no_store,
    refused,
    reply,
)
from handlers.membership.senders import is_private, named, own_chat, stale
from handlers.messages import Message, Reply, ReplyKind
from handlers.understanding.membership import Want, Wish, Wishes
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.work import Work
    from handlers.understanding.recognise import Recogniser

_log = logging.getLogger(__name__)


class Memberships:
    """Takes the messages about people."""

    def __init__(self, library: Library, recogniser: "Recogniser") -> None:
        self._library = library
        self._wishes = Wishes()
        self.inviting = Inviting(library, recogniser, self._wishes)
        joining, leaving = Joining(library), Leaving(library)
        self._deeds = {
            Want.JOIN: joining.join,
            Want.LINK: joining.link,
            Want.WHO: self._who,
            Want.LEAVE: leaving.leave,
            Want.HANDOVER: leaving.hand_over,
            Want.INVITE: self.inviting.asked,
            Want.CHOOSE: self._choose,
            Want.UNCHOOSE: self._choose,
            Want.NAME: self._name,
        }
        self._pressable = {
            "leave": leaving.left,
            "hand": leaving.handed,
            "inv": self.inviting.pressed,
            "stay": leaving.stayed,
        }

    async def handle(
        self, message: Message, person: Person | None, work: "Work | None"
    ) -> Reply | None:
        """The reply; None where the message is none of ours. `person` is who wrote it."""
        if message.press:
            deed, *rest = message.press.removeprefix(PRESS).split(".")
            if not message.press.startswith(PRESS) or deed not in self._pressable:
                return None
            return await self._pressable[deed](rest, message, work) if work else no_store()
        wish = self._wishes.read(message.text)
        if wish is None:
            return None
        if work is None:
            return no_store()
        return await self._deeds[wish.want](wish, message, person, work)

    async def met(self, message: Message, person: Person, work: "Work") -> None:
        """Remembers that the person used this channel now; a store that fails costs nothing."""
        if not stale(message, person):
            return
        from data.store import people

        try:
            await people.used(
                await work.begin(), message.channel, message.user, own_chat(message), message.at
            )
        except StoreError as error:
            _log.warning("not noted which channel was used: %s", error)

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
            lines.append(say("member.who.channels", channels=channel_names(person.identities)))
            if person.chosen:
                lines.append(say("member.who.chosen", channel=channel_name(person.chosen)))
        if private:
            channel = channel_name(message.channel)
            lines.append(say("member.who.here", channel=channel, id=message.user))
        return reply(ReplyKind.ANSWER, lines)

    async def _choose(
        self, wish: Wish, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        """The channel to be written to: the one named, or whichever was used last."""
        from data.store import people

        if person is None:
            return refused("member.choose.guest")
        chosen = wish.rest or None
        if chosen and chosen not in {one.channel for one in person.identities}:
            return refused("member.choose.unlinked", channel=channel_name(chosen))
        await people.choose(await work.begin(), person.id, chosen)
        if chosen is None:
            return reply(ReplyKind.DONE, [say("member.choose.last")])
        return reply(ReplyKind.DONE, [say("member.choose.done", channel=channel_name(chosen))])

    async def _name(
        self, wish: Wish, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        """Takes the name of somebody who has none; to change one is for the admin."""
        from data.store import people

        name = named(wish.rest)
        if person is None or not name:
            return None
        if person.name:
            return refused("member.name.known", name=person.name)
        await people.rename(await work.begin(), person.id, name)
        return reply(ReplyKind.DONE, [say("member.name.done", name=name)])

"""Inviting somebody in chat: who is meant, whether one may, and the code to hand on."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Person, Role
from handlers.membership.posts import Post, PostError, described, invitation, post
from handlers.membership.senders import is_private
from handlers.messages import Bubble, Choice, Line, Message, Reply, ReplyKind, Style
from handlers.permissions import Action, may_in, refusal
from handlers.understanding.membership import Wish, Wishes
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.work import Work
    from handlers.understanding.recognise import Recogniser


class Inviting:
    """Makes invitations. `telegram` is the bot's name there, once it is known."""

    def __init__(self, library: Library, recogniser: "Recogniser", wishes: Wishes) -> None:
        self.telegram = ""
        self._library = library
        self._recogniser = recogniser
        self._wishes = wishes

    async def asked(
        self, wish: Wish, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        """The invitation; or which plan it is for; None for words that invite nobody."""
        guest = self._wishes.guest(wish.rest)
        said = self._recogniser.read(guest.post, message.at.date(), tuple(self._library.plans))
        keys = {key for mention in said.agencies for key in mention.keys}
        role = guest.role or Role.OFFICIAL
        limit = tuple(plan for plan in self._library.plans if plan == message.plan)
        plans = said.plans or limit or tuple(self._library.plans)
        rights = {plan: may_in(person, action_for(role), plan) for plan in plans}
        allowed = [plan for plan, right in rights.items() if right.allowed]
        if not allowed:
            meant = bool(keys or guest.role or not wish.rest) and bool(plans)
            return refusal(rights[plans[0]], self._library) if meant else None
        if len(keys) > 1 or (not keys and role is Role.OFFICIAL):
            return _refused(say("member.invite.agency"))
        return await self._choose("".join(keys), role, guest.name, allowed, message, work)

    async def pressed(self, rest: Sequence[str], message: Message, work: "Work") -> Reply:
        """The invitation that a button of `asked` stands for."""
        if len(rest) != 3 or rest[0] not in list(Role):
            return _refused(say("press.old"))
        plan = next((p for p in self._library.plans if _mark(p) == rest[1]), "")
        agencies = ("", *self._library.directory.agencies)
        agency = next((a for a in agencies if _mark(a) == rest[2]), "")
        try:
            offered = post(self._library, plan, agency, rest[0])
        except PostError as error:
            return _refused(str(error))
        return await self._make(offered, "", message, work)

    async def _choose(
        self,
        agency: str,
        role: Role,
        name: str,
        plans: Sequence[str],
        message: Message,
        work: "Work",
    ) -> Reply:
        """The invitation where one plan fits; else the plans to choose from."""
        posts: list[Post] = []
        fault = ""
        for plan in plans:
            try:
                posts.append(post(self._library, plan, agency, role))
            except PostError as error:
                fault = str(error)
        if not posts:
            return _refused(fault)
        if len(posts) == 1:
            return await self._make(posts[0], name, message, work)
        lines = [Line(say("member.invite.plan"), Style.STRONG)]
        rows = []
        for number, each in enumerate(posts, 1):
            label = described(self._library, each)
            action = f"mem.inv.{role}.{_mark(each.plan.id)}.{_mark(agency)}"
            lines.append(Line(f"{number}. {label}"))
            rows.append((Choice(number, label, action, listed=True),))
        return Reply(ReplyKind.CHOICE, (Bubble(tuple(lines), tuple(rows)),))

    async def _make(self, offered: Post, name: str, message: Message, work: "Work") -> Reply:
        """Makes the code, if the person may: rights are read again where it is written."""
        from data.store import codes, people

        if not is_private(message):
            return _refused(say("member.private"))
        connection = await work.begin()
        person = await people.find(connection, message.channel, message.user)
        decision = may_in(person, action_for(offered.role), offered.plan.id)
        if person is None or not decision.allowed:
            return refusal(decision, self._library)
        grant = codes.Grant(0, person.id, offered.plan.id, offered.agency, offered.role, name)
        code = codes.grouped(await codes.invite(connection, grant, message.at))
        until = message.at + codes.INVITATION_LASTS
        lines = invitation(self._library, offered, code, until, self.telegram)
        return Reply(ReplyKind.DONE, (Bubble(tuple(Line(line) for line in lines)),))


def action_for(role: Role) -> Action:
    """The right that inviting somebody to a role takes."""
    return Action.INVITE if role is Role.OFFICIAL else Action.MANAGE_PEOPLE


def _refused(sentence: str) -> Reply:
    return Reply(ReplyKind.REFUSAL, (Bubble((Line(sentence),)),))


def _mark(key: str) -> str:
    """A short name for a key, so that an action stays within 64 bytes."""
    return hashlib.sha256(key.encode()).hexdigest()[:10]

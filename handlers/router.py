"""Which handler takes a message. The only place where the order of handlers matters.

People come first (a code must join whoever holds it), then what a person wishes to be
reminded of, then updates and questions on the state; whatever is left is a question on the
plans. A number typed does what the choice of that number in the last reply does.
"""

import logging
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from data import files
from data.errors import StoreError
from data.loading.library import Library
from data.model import Person
from data.text.secrecy import secret
from handlers.alerts.subscriptions import Subscriptions
from handlers.dialogue import Context, advanced, context
from handlers.inquiry import Inquiry
from handlers.membership.door import Memberships
from handlers.messages import Bubble, Line, Message, Reply, ReplyKind
from handlers.pointing import ordinal
from handlers.understanding.phrase_files import phrases
from handlers.updates.door import Reporting
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.work import Work

State = dict[str, Any]
_log = logging.getLogger(__name__)


class Router:
    """Takes a message to its handler. Built once; all state comes in and goes out."""

    def __init__(self, library: Library, address: str = "") -> None:
        """`address` is the web server's as seen from outside, for calendars to subscribe to."""
        self.inquiry = Inquiry(library)
        self.members = Memberships(library, self.inquiry.recogniser)
        self.subscriptions = Subscriptions(library, self.inquiry.recogniser, address)
        self.reporting = Reporting(library, self.inquiry.index, self.inquiry.recogniser)
        self._commands = {
            f"/{name}": str(words)
            for name, words in phrases(files.PHRASES / "commands.yaml").items()
        }

    async def reply(
        self, message: Message, state: State | None, work: "Work | None"
    ) -> tuple[Reply, State | None]:
        """The reply and the conversation's state after it."""
        known = context(state, message.at)
        if message.text and secret(message.text):
            return _told(say("update.secret")), state
        person = await _person(message, work)
        since = datetime.fromisoformat(known.at) if known.at else None
        message = await self.subscriptions.translated(self._worded(message), person, since, work)
        message = _meant(message, known)
        reply = await self._handled(message, known, person, since, work)
        if reply is not None:
            after: State | None = _after(known, message, reply)
        else:
            reply, after = self.inquiry.reply(message, known, person)
            reply, after = await self.reporting.dressed(reply, after, message, person, work)
        if person and work:
            await self.members.met(message, person, work)
        return reply, after

    async def _handled(
        self,
        message: Message,
        known: Context,
        person: Person | None,
        since: datetime | None,
        work: "Work | None",
    ) -> Reply | None:
        """The reply of the first handler whose matter this is; None for a question."""
        reply = await self.members.handle(message, person, work)
        if reply is not None:
            return reply
        reminded = await self.subscriptions.reminded(message, person, since, work)
        shown = reminded or known.shown
        reply = await self.subscriptions.handle(message, person, shown, work)
        if reply is not None:
            return reply
        return await self.reporting.handle(message, person, work, known, reminded)

    def _worded(self, message: Message) -> Message:
        """A bare menu command ("/han") as the sentence that it stands for."""
        words = self._commands.get(message.text.strip().lower())
        return replace(message, text=words) if words else message


def _told(sentence: str) -> Reply:
    return Reply(ReplyKind.REFUSAL, (Bubble((Line(sentence),)),))


async def _person(message: Message, work: "Work | None") -> Person | None:
    """Who wrote; nobody known where the store cannot be read, so that questions go on."""
    if work is None:
        return None
    from data.store import people

    try:
        return await people.person(work, message.channel, message.user)
    except StoreError as error:
        _log.warning("who wrote cannot be read: %s", error)
        return None


def _meant(message: Message, known: Context) -> Message:
    """A typed number as the press of the button that has it, where it is a lasting one."""
    number = ordinal(message.text, len(known.doings)) if not message.press else None
    if number is None or not 0 < number <= len(known.doings):
        return message
    action = known.doings[number - 1].get("press")
    return replace(message, press=action, text="") if action else message


def _after(known: Context, message: Message, reply: Reply) -> State:
    """The state after a reply whose buttons carry all they need themselves."""
    doings = tuple({"press": choice.action} for choice in reply.choices)
    refs = tuple(task.ref for task in reply.tasks)
    after = advanced(
        known, message.at, None, doings=doings, shown=refs or known.shown, refs=refs or known.refs
    )
    return after.to_json()

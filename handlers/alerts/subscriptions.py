"""What somebody hears of and when, in words and by button."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Person
from handlers.alerts import listening
from handlers.alerts.buttons import PRESS, Buttons
from handlers.alerts.deeds import Deed, Said
from handlers.alerts.following import Following
from handlers.alerts.habits import Habits
from handlers.alerts.leaves import Leaves
from handlers.alerts.offers import Offers
from handlers.alerts.reader import Reader
from handlers.alerts.reports import ReportDuties
from handlers.alerts.silences import WhyNot
from handlers.alerts.snoozes import Snoozes
from handlers.messages import Message, Reply, ReplyKind
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.work import Work
    from handlers.understanding.recognise import Recogniser


class Subscriptions:
    """Takes messages about reminders. `address` is the web server's, as seen from outside;
    without one calendars come as files only."""

    def __init__(self, library: Library, recogniser: "Recogniser", address: str = "") -> None:
        self._library = library
        self._buttons = Buttons(library)
        self._reader = Reader([task.id for task in library.tasks()])
        self._following = Following(library, recogniser)
        self._habits = Habits()
        self._snoozes = Snoozes(library)
        self._offers = Offers(library, recogniser, address)
        self._leaves = Leaves(library)
        self._reports = ReportDuties(library, recogniser)
        self._why = WhyNot(library)

    async def translated(
        self, message: Message, person: Person | None, since: datetime | None, work: "Work | None"
    ) -> Message:
        """A button or number of a reminder as the words or the press that it stands for.

        A number counts only where nothing was said in the chat since the reminder came;
        `since` is when the chat last spoke.
        """
        return await self._buttons.translated(message, person, since, work)

    async def reminded(
        self, message: Message, person: Person | None, since: datetime | None, work: "Work | None"
    ) -> tuple[str, ...]:
        """The tasks of a reminder to which a bare "xong" may be the answer, by their refs."""
        return await self._buttons.reminded(message, person, since, work)

    async def handle(
        self,
        message: Message,
        person: Person | None,
        shown: Sequence[str],
        work: "Work | None",
    ) -> Reply | None:
        """The reply; None where the message is none of ours.

        `shown` are the refs of the tasks last spoken of, those of a reminder among them.
        """
        if message.press:
            if not message.press.startswith(PRESS):
                return None
            if work is None:
                return listening.no_store()
            return await self._do(message, person, work)
        said = self._reader.read(message.text, message.at.date())
        if said is None:
            return None
        if work is None:
            return listening.no_store()
        return await self._said(said, message, person, shown, work)

    async def _said(
        self,
        said: Said,
        message: Message,
        person: Person | None,
        shown: Sequence[str],
        work: "Work",
    ) -> Reply | None:
        match said.deed:
            case Deed.FOLLOW:
                return await self._following.follow(said, message, person, shown, work)
            case Deed.STOP:
                return await self._following.stop(said, message, person, shown, work)
            case Deed.LIST:
                return await self._following.listed(message, person, work)
            case Deed.WHY:
                return await self._why.explain(said.ids, message, person, work)
            case Deed.AGAIN:
                return await self._snoozes.again(said, message, person, shown, work)
            case Deed.HOUR:
                return await self._habits.hour(said.minute, message, person, work)
            case Deed.REST | Deed.WORK:
                wanted = said.deed is Deed.WORK
                return await self._habits.rest(said.weekdays, wanted, message, person, work)
            case Deed.LEAVE:
                return await self._leaves.leave(said, message, person, work)
            case Deed.BACK:
                return await self._leaves.back(message, person, work)
            case Deed.REPORTED | Deed.UNREPORTED:
                return await self._reports.enter(said, message, person, work)
            case Deed.CALENDAR | Deed.REVOKE:
                return await self._offers.answer(said, message, person, work)

    async def _do(self, message: Message, person: Person | None, work: "Work") -> Reply:
        """What a button does that was not put into words."""
        verb, *rest = message.press.removeprefix(PRESS).split(".")
        reply: Reply | None = None
        if verb in ("card", "more") and rest and rest[0].isdigit():
            reply = await self._buttons.shown(verb, int(rest[0]), message, person, work)
        elif verb == "drop" and rest and rest[0].isdigit():
            reply = await self._following.drop(int(rest[0]), message, person, work)
        elif verb == "deputy":
            reply = await self._leaves.chosen(rest, message, person, work)
        elif verb in ("mute", "follow"):
            task = self._library.task(".".join(rest))
            if task is not None:
                said = Said(Deed.STOP if verb == "mute" else Deed.FOLLOW, (task.id.casefold(),))
                here = replace(message, press="", plan=task.plan)
                reply = await self._said(said, here, person, (), work)
        return reply or listening.answer(ReplyKind.REFUSAL, [say("press.old")])

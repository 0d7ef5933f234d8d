"""Calendars that people ask for: the file, an address to subscribe to, the address closed."""

from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Person
from handlers.alerts import listening
from handlers.alerts.deeds import Deed, Said
from handlers.alerts.field import Field
from handlers.messages import Bubble, Line, Message, Reply, ReplyKind
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.work import Work
    from handlers.understanding.recognise import Recogniser


class Offers:
    """Hands out calendars. `address` is the web server's, as seen from outside; without one
    calendars come as files only."""

    def __init__(self, library: Library, recogniser: "Recogniser", address: str = "") -> None:
        self._library = library
        self._recogniser = recogniser
        self._address = address

    async def answer(
        self, said: Said, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        """The file, and an address to subscribe to; or the address closed."""
        agency, plan = self._of_calendar(said, message, person)
        if said.deed is Deed.REVOKE:
            return await self._closed(agency, message, person, work)
        if not agency:
            return (
                None if said.rest else listening.answer(ReplyKind.REFUSAL, [say("calendar.whose")])
            )
        return await self._offered(agency, plan, message, person, work)

    async def _closed(
        self, agency: str, message: Message, person: Person | None, work: "Work"
    ) -> Reply:
        from data.store.alerts import calendars as opened

        connection = await work.begin()
        listener = await listening.made(connection, message, person)
        closed = await opened.revoke_calendars(connection, listener.id, agency or None, message.at)
        return listening.answer(ReplyKind.DONE, [say("calendar.closed", count=closed)])

    async def _offered(
        self, agency: str, plan: str, message: Message, person: Person | None, work: "Work"
    ) -> Reply:
        """The file; with an address where the web server has one."""
        from handlers.alerts import calendars

        field = await self._field(message, person, plan, work)
        found = calendars.occasions(field, agency, plan)
        name = self._library.directory.name(agency)
        if not found:
            return listening.answer(ReplyKind.ANSWER, [say("calendar.empty", agency=name)])
        lines = [say("calendar.file", agency=name, count=len(found))]
        if self._address:
            secret = await self._opened(agency, plan, message, person, work)
            lines.append(say("calendar.address", address=calendars.address(self._address, secret)))
        file = calendars.document(field, agency, plan, message.at)
        bubble = Bubble(tuple(Line(line) for line in lines), files=(file,))
        return Reply(
            ReplyKind.ANSWER,
            (bubble,),
            tasks=tuple({o.task.ref: o.task for o in found}.values()),
            dates=tuple(sorted({o.due for o in found})),
        )

    async def _opened(
        self, agency: str, plan: str, message: Message, person: Person | None, work: "Work"
    ) -> str:
        """The secret of a calendar that is open from now on."""
        from data.store.alerts import calendars as opened
        from handlers.alerts import calendars

        secret = calendars.new_secret()
        connection = await work.begin()
        listener = await listening.made(connection, message, person)
        digest = calendars.digest(secret)
        await opened.offer_calendar(connection, digest, listener.id, agency, plan, message.at)
        return secret

    def _of_calendar(self, said: Said, message: Message, person: Person | None) -> tuple[str, str]:
        """Whose calendar, of which plan: as named, else of the person's own agency."""
        limit = (message.plan,) if message.plan and message.plan in self._library.plans else ()
        read = self._recogniser.read(
            said.rest, message.at.date(), limit or tuple(self._library.plans)
        )
        own = {m.plan for m in person.memberships} if person else set()
        plans = tuple(read.plans) or limit or (tuple(own) if len(own) == 1 else ())
        keys = read.agencies[0].keys if read.agencies else ()
        if not said.rest and person:
            keys = tuple(m.agency for m in person.memberships if m.agency)[:1]
        return (keys[0] if len(keys) == 1 else "", plans[0] if len(plans) == 1 else "")

    async def _field(
        self, message: Message, person: Person | None, plan: str, work: "Work"
    ) -> Field:
        """What the person may know: the state of the plans, or only the plans."""
        from data.store import updates
        from handlers.updates.progress import Overview

        day = message.at.date()
        if person is None or not person.memberships:
            return Field(self._library, None, day)
        plans = [m.plan for m in person.memberships]
        async with work.reading() as connection:
            entries = await updates.of_plans(connection, plans)
        return Field(self._library, Overview(self._library, entries, day), day)

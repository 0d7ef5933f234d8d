"""At what hour, and on which weekdays, somebody is reminded."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from data.model import Person
from data.reminders import QUIET_FROM, QUIET_UNTIL, Listener
from handlers.alerts import listening
from handlers.alerts.reminders import weekday
from handlers.messages import Message, Reply, ReplyKind
from handlers.wording import listing, say

if TYPE_CHECKING:
    from data.store.work import Work


class Habits:
    """Sets the hour and the days of rest."""

    async def hour(
        self, minute: int | None, message: Message, person: Person | None, work: "Work"
    ) -> Reply:
        """Sets the hour of the morning's message."""
        from data.store.alerts import listeners

        if minute is None or not QUIET_UNTIL <= minute < QUIET_FROM:
            return listening.answer(ReplyKind.REFUSAL, [say("follow.hour.quiet")])
        connection = await work.begin()
        listener = await listening.made(connection, message, person)
        await listeners.prefer(connection, listener.id, minute=minute)
        return listening.answer(ReplyKind.DONE, [when(replace(listener, minute=minute))])

    async def rest(
        self,
        days: Sequence[int],
        wanted: bool,
        message: Message,
        person: Person | None,
        work: "Work",
    ) -> Reply:
        """Leaves weekdays without a message, or takes them back."""
        from data.store.alerts import listeners

        connection = await work.begin()
        listener = await listening.made(connection, message, person)
        quiet = listener.quiet - set(days) if wanted else listener.quiet | set(days)
        if set(range(5)) <= quiet:
            return listening.answer(ReplyKind.REFUSAL, [say("follow.rest.all")])
        await listeners.prefer(connection, listener.id, quiet=quiet)
        lines = [when(replace(listener, quiet=frozenset(quiet)))]
        if {5, 6} & set(days):
            lines.append(say("follow.rest.weekend"))
        return listening.answer(ReplyKind.DONE, lines)


def when(listener: Listener) -> str:
    """At what hour, and on which days not."""
    hour = f"{listener.minute // 60:02d}:{listener.minute % 60:02d}"
    days = [weekday(date(2024, 1, 1 + number)) for number in sorted(listener.quiet)]
    quiet = say("follow.when.quiet", days=listing(days)) if days else ""
    return say("follow.when", hour=hour, quiet=quiet)

"""Words the messages to send from what is known at that moment."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.record import Status
from data.reminders import Alert, State
from data.store import people
from data.store.alerts import listeners, sentlog, weeks
from handlers.alerts import digests, mornings, occasions, reminders
from handlers.alerts.field import Field
from handlers.alerts.reminders import Item
from handlers.messages import Line, Reply
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.people import Connection

PAST = timedelta(days=14)
"""What could not be sent for so long is no longer sent."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send, and the rows of the log that it settles."""

    channel: str
    chat: str
    listener: int
    reply: Reply
    alerts: tuple[Alert, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """The rows of the log."""
        return tuple(alert.id for alert in self.alerts)


@dataclass(slots=True)
class Composer:
    """Words messages from what is known now, not from what was known when they were decided."""

    library: Library
    now: datetime
    state: Field
    served: Mapping[str, frozenset[str]]
    guests: Collection[int]

    async def outgoing(
        self, connection: "Connection", message: Sequence[Alert]
    ) -> Outgoing | None:
        """The message; None where nothing in it matters any more."""
        first = message[0]
        if first.kind.startswith("notice."):
            reply = reminders.notice(first, self.library)
            return Outgoing(first.channel, first.chat, first.listener, reply, (first,))
        kept, items, pages = await self._sorted(connection, message)
        if not items and not pages:
            return None
        placed = [
            replace(item, alert=replace(item.alert, place=n)) for n, item in enumerate(items, 1)
        ]
        reply = reminders.message(placed, pages, self.library, self.now.date())
        return Outgoing(first.channel, first.chat, first.listener, reply, tuple(kept))

    async def _sorted(
        self, connection: "Connection", message: Sequence[Alert]
    ) -> tuple[list[Alert], list[Item], list[tuple[Line, ...]]]:
        """The rows that still matter: tasks in their order, then digests, with their words."""
        day = self.now.date()
        pages: list[tuple[Line, ...]] = []
        news: list[Alert] = []
        skipped: dict[str, list[int]] = {}
        items: dict[tuple[str, date], Item] = {}
        guest = message[0].listener in self.guests
        for alert in sorted(
            message, key=lambda a: (mornings.urgency(a.due, day), -a.day.toordinal())
        ):
            reason = self._outdated(alert, guest)
            if not reason and alert.kind == "digest":
                if lines := await self._page(connection, alert):
                    pages.append(lines)
                    news.append(alert)
                else:
                    reason = "nothing"
            elif not reason:
                item = await self._item(connection, alert, guest)
                place = (alert.task, item.original or alert.due)
                reason = "merged" if items.setdefault(place, item) is not item else ""
            if reason:
                skipped.setdefault(reason, []).append(alert.id)
        for reason, ids in skipped.items():
            await sentlog.settle(connection, ids, State.SKIPPED, reason)
        told = list(items.values())
        return [*(item.alert for item in told), *news], told, pages

    def _outdated(self, alert: Alert, guest: bool) -> str:
        """Why a row no longer matters; nothing where it does."""
        if alert.kind == "digest":
            return "" if alert.day == self.now.date() else "past"
        task = self.library.task(alert.task)
        if task is None or self.now.date() - alert.day > PAST:
            return "past"
        if guest:
            return "" if alert.due >= self.now.date() else "past"
        state = self.state.condition(self._occasion(alert), alert.agency)
        return "done" if state.status is Status.DONE else ""

    def _occasion(self, alert: Alert) -> occasions.Occasion:
        """The plan's date behind a row: the one that it names, or that was extended to it."""
        task = self.library.task(alert.task)
        assert task is not None  # noqa: S101
        of_task = self.state.dates(task.ref)
        fitting = [o for o in of_task if o.due == alert.due and o.concerns(alert.agency)]
        named = [o for o in of_task if o.original == alert.due]
        return next(iter(fitting + named), occasions.Occasion(task, alert.due, alert.due))

    async def _item(self, connection: "Connection", alert: Alert, guest: bool) -> Item:
        occasion = self._occasion(alert)
        _, _, absent = alert.why.partition("|")
        name = await self._name(connection, int(absent)) if absent else ""
        return Item(alert, occasion.task, occasion.original, name, guest)

    async def _name(self, connection: "Connection", listener: int) -> str:
        known = await listeners.get(connection, listener)
        names = await people.names(connection, [known.person] if known and known.person else [])
        return next((name for name in names.values() if name), say("alerts.absent.unnamed"))

    async def _page(self, connection: "Connection", alert: Alert) -> tuple[Line, ...]:
        """A digest; the counts of this week are kept for the next one."""
        _, name, *agency = alert.task.split("/")
        plan = self.library.plans.get(name)
        if plan is None:
            return ()
        if agency:
            return digests.agency_week(self.state, plan, agency[0], alert.day)
        await weeks.put_week(connection, name, alert.date, digests.counts(self.state, plan))
        before = await weeks.week(connection, name, alert.date)
        served = self.served.get(name, frozenset())
        return digests.province_page(self.state, plan, alert.day, before, served)

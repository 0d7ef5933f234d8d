""" "Vì sao tôi không nhận được nhắc việc?": answered from the log, and from what comes next."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Person
from data.record import Status
from data.reminders import LEADS, Alert, Listener, State, Wishes
from handlers.alerts import interests, listening, mornings, occasions, reasons, reminders
from handlers.alerts.field import Field
from handlers.messages import Message, Reply, ReplyKind
from handlers.updates.progress import Overview
from handlers.wording import day as day_words
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.people import Connection
    from data.store.work import Work

LOOKED_BACK = timedelta(days=30)
LOOKED_AHEAD = 90
SHOWN = 5


class WhyNot:
    """Explains what was sent, what was not, and what will be."""

    def __init__(self, library: Library) -> None:
        self._library = library

    async def explain(
        self, ids: Sequence[str], message: Message, person: Person | None, work: "Work"
    ) -> Reply:
        """Why somebody heard nothing, of everything or of one task."""
        from data.store.alerts import absences, listeners, refusals, sentlog

        async with work.reading() as connection:
            listener = await listening.known(connection, message, person)
            if listener is None and not (person and person.memberships):
                return listening.answer(ReplyKind.ANSWER, [say("why.nothing_followed")])
            listener = listener or Listener(0, person.id if person else None)
            today = message.at.date()
            [wishes] = await listeners.gathered(connection, [listener], today)
            wishes = _with_roles(wishes, person)
            log = await sentlog.logged(connection, listener.id, 50)
            refusing = await refusals.refusing(connection, listener)
            field = await self._field(connection, wishes, today)
            away = await absences.away(connection, today)
        lines = [say("why.refused", channel=_channel(name)) for name in refusing]
        lines += [
            say("why.away", last=day_words(absence.last))
            for absence in away
            if absence.listener == listener.id
        ]
        lines += self._of_tasks(ids, wishes, field)
        lines += self._told(log, today)
        if not ids:
            lines += self._next(wishes, field, today)
        return listening.answer(ReplyKind.ANSWER, lines)

    async def _field(self, connection: "Connection", wishes: Wishes, today: date) -> Field:
        from data.store import updates

        if wishes.guest:
            return Field(self._library, None, today)
        entries = await updates.of_plans(connection, list(self._library.plans))
        return Field(self._library, Overview(self._library, entries, today), today)

    def _of_tasks(self, ids: Iterable[str], wishes: Wishes, field: Field) -> list[str]:
        """Why nothing came of these tasks."""
        lines = []
        own = {plan for plan, _, _ in wishes.memberships}
        for id in ids:
            found = [t for t in self._library.tasks() if t.id.casefold() == id]
            found = [t for t in found if t.plan in own] or found
            for task in found[:1]:
                due = task.due[0] if task.due else date.max
                state = field.condition(occasions.Occasion(task, due, due), "")
                key = "standing" if not task.due else ""
                if state.status is Status.DONE and len(task.due) < 2:
                    key = "done"
                if key:
                    lines.append(say(f"why.task.{key}", id=task.id, title=task.title))
                else:
                    lines.append(
                        say(
                            "why.task.due",
                            id=task.id,
                            title=task.title,
                            due=day_words(state.granted or task.due[-1]),
                        )
                    )
        return lines

    def _told(self, log: Sequence[Alert], today: date) -> list[str]:
        """The last message that went out, and what did not, with the reasons."""
        lines = []
        sent = [alert for alert in log if alert.sent]
        if sent:
            latest = max(alert.sent for alert in sent if alert.sent)
            count = sum(1 for alert in sent if alert.sent == latest)
            lines.append(
                say(
                    "why.last",
                    hour=f"{latest:%H:%M}",
                    day=day_words(latest.date()),
                    channel=_channel(sent[0].channel),
                    count=count,
                )
            )
        else:
            lines.append(say("why.never"))
        fresh = [a for a in log if a.state is not State.SENT and today - a.day <= LOOKED_BACK]
        for alert in fresh[:SHOWN]:
            lines.append(
                say(
                    "why.unsent",
                    day=day_words(alert.day),
                    what=reasons.subject(alert, self._library),
                    reason=reasons.reason_words(alert.reason, self._library),
                )
            )
        return lines

    def _next(self, wishes: Wishes, field: Field, today: date) -> list[str]:
        """When the next message comes, and of how many tasks."""
        leads = frozenset({*LEADS, *(n for s in wishes.subscriptions for n in s.leads)})
        listener = replace(wishes.listener, heard=None, covered=None)
        hour = f"{listener.minute // 60:02d}:{listener.minute % 60:02d}"
        for number in range(1, LOOKED_AHEAD):
            day = today + timedelta(days=number)
            morning = mornings.morning(day, listener.quiet, None, None)
            if morning is None:
                continue
            later = Field(self._library, field.overview, day)
            found = interests.due_to(wishes, later.agenda(morning, leads))
            due = [each for each in found if each.state is State.DUE]
            if due:
                return [
                    say(
                        "why.next",
                        hour=hour,
                        weekday=reminders.weekday(day),
                        day=day_words(day),
                        count=len(due),
                        title=due[0].occasion.task.title,
                    )
                ]
        return [say("why.nothing_due", days=LOOKED_AHEAD)]


def _with_roles(wishes: Wishes, person: Person | None) -> Wishes:
    """The roles of somebody who was not dealt with by a tick yet are known all the same."""
    if wishes.memberships or person is None:
        return wishes
    roles = tuple((m.plan, m.agency, m.role.value) for m in person.memberships)
    return replace(wishes, memberships=roles)


def _channel(name: str) -> str:
    return {"telegram": "Telegram", "zalo": "Zalo"}.get(name) or say("why.channel.web")

""" "Sở Y tế đã nộp báo cáo quý I, số 45/BC-SYT": a report handed in, or not after all.

It is an entry of the record like any other update, so that it is chained, can be taken back,
and counts in the four buckets.
"""

from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Membership, Person, Role, Task
from data.record import Act, Draft, Status
from handlers import permissions
from handlers.alerts import duties, listening
from handlers.alerts.deeds import Deed, Said
from handlers.alerts.duties import Report
from handlers.alerts.field import Field
from handlers.alerts.reminders import roman
from handlers.messages import Message, Reply, ReplyKind
from handlers.permissions import Action, Decision
from handlers.wording import day as day_words
from handlers.wording import listing, say

if TYPE_CHECKING:
    from data.store.work import Work
    from handlers.understanding.recognise import Recogniser


class ReportDuties:
    """Enters who handed in which report."""

    def __init__(self, library: Library, recogniser: "Recogniser") -> None:
        self._library = library
        self._recogniser = recogniser

    async def enter(
        self, said: Said, message: Message, person: Person | None, work: "Work"
    ) -> Reply | None:
        """The entry; None where no report duty is meant."""
        found = self._duty(said, message, person)
        if found is None:
            return None
        duty, agency = found
        if isinstance(agency, Reply):
            return agency
        decision = self._decision(person, duty.task, agency, message)
        if person is None or not decision.allowed:
            return permissions.refusal(decision, self._library, duty.task)
        from data.store import updates

        draft = _draft(duty, agency, said, message, person, decision)
        entry = await updates.append(await work.begin(), draft)
        return self._told(duty, agency, said, message, entry.id)

    def _told(self, duty: Report, agency: str, said: Said, message: Message, entry: int) -> Reply:
        done = said.deed is Deed.REPORTED
        late = (message.at.date() - duty.due).days
        key = "report.entered" if done else "report.missing"
        number = say("report.number", number=said.number) if said.number else ""
        lines = [
            say(
                key,
                agency=self._library.directory.name(agency),
                quarter=roman(duty.number),
                year=duty.due.year,
                number=number,
            ),
            say("report.late" if late > 0 else "report.in_time", due=day_words(duty.due)),
            say("report.undo", entry=entry),
        ]
        reply = listening.answer(ReplyKind.DONE, lines)
        statuses = {duty.task.ref: Status.DONE.value} if done else {}
        return Reply(reply.kind, reply.bubbles, (duty.task,), dates=(duty.due,), statuses=statuses)

    def _duty(
        self, said: Said, message: Message, person: Person | None
    ) -> tuple[Report, "str | Reply"] | None:
        """The report duty that is meant, and whose; a reply where the name is not clear."""
        today = message.at.date()
        limit = _limit(message, self._library)
        read = self._recogniser.read(message.text, today, limit or tuple(self._library.plans))
        own = [m for m in (person.memberships if person else ()) if m.agency]
        keys = read.agencies[0].keys if read.agencies else tuple(m.agency for m in own[:1])
        plans = (
            tuple(read.plans) or limit or tuple(m.plan for m in own) or tuple(self._library.plans)
        )
        tasks = [task for name in plans for task in self._library.plans[name].tasks]
        fitting = [r for r in duties.report_duties(tasks) if _meant(r, said)]
        if not fitting or said.span is None:
            return None
        duty = min(fitting, key=lambda r: abs((r.due - today).days))
        if len(keys) == 1:
            return self._owed(duty, keys[0], message)
        names = listing(self._library.directory.name(key) for key in keys)
        words = say("follow.which_agency", names=names) if keys else say("report.whose")
        return duty, listening.answer(ReplyKind.REFUSAL, [words])

    def _owed(self, duty: Report, agency: str, message: Message) -> tuple[Report, "str | Reply"]:
        field = Field(self._library, None, message.at.date())
        if agency in field.keys(duty.task):
            return duty, agency
        name = self._library.directory.name(agency)
        return duty, listening.answer(
            ReplyKind.REFUSAL, [say("report.not_owed", agency=name, clause=duty.task.clause)]
        )

    def _decision(
        self, person: Person | None, task: Task, agency: str, message: Message
    ) -> Decision:
        """By right of the agency itself, or of whoever follows the whole plan."""
        today = message.at.date()
        follows = permissions.may_in(person, Action.CONFIRM_TASK, task.plan)
        if follows.allowed:
            return follows
        if person is None or any(_speaks_for(m, task, agency) for m in person.memberships):
            return permissions.may(person, Action.UPDATE, task, self._library, today)
        own = permissions.may(person, Action.UPDATE, task, self._library, today)
        if not own.allowed:
            return own
        return Decision(False, Action.UPDATE, by=own.by, denial=permissions.Denial.AGENCY)


def _draft(
    duty: Report, agency: str, said: Said, message: Message, person: Person, decision: Decision
) -> Draft:
    """The entry that a report is in, or is not."""
    done = said.deed is Deed.REPORTED
    status = Status.DONE if done else Status.NOT_STARTED
    fields: dict[str, object] = {
        "status": status.value,
        "percent": 100 if done else 0,
        "due": duty.due.isoformat(),
        "for": agency,
    }
    if done:
        fields["done_on"] = message.at.date().isoformat()
    held = decision.by
    return Draft(
        plan=duty.task.plan,
        task=duty.task.id,
        act=Act.UPDATE,
        at=message.at,
        person=person.id,
        name=person.name,
        agency=held.agency if held else "",
        authority=f"{held.role.value if held else ''}:{decision.rule}"[:64],
        channel=message.channel,
        words=message.text,
        fields=fields,
        documents=(said.number,) if said.number else (),
    )


def _limit(message: Message, library: Library) -> tuple[str, ...]:
    return (message.plan,) if message.plan and message.plan in library.plans else ()


def _speaks_for(held: Membership, task: Task, agency: str) -> bool:
    return held.plan == task.plan and held.agency == agency and held.role is Role.OFFICIAL


def _meant(duty: Report, said: Said) -> bool:
    """Whether the period that was named is the one that falls due on the duty's day."""
    if said.span is None:
        return False
    start, end = said.span
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    if months > 3:
        return duty.whole_year and start.month <= duty.due.month <= end.month
    return start.month <= duty.due.month <= end.month

"""How the state looks: one task, the four counts, lists, who saw and who answered."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from data.deadlines import Span
from data.loading.library import Library
from data.model import Plan, Task
from data.record import Entry, Status
from handlers.updates.cards import UpdateCards, figure_words, moment, shortened_to, status_words
from handlers.updates.finding import Aim
from handlers.updates.progress import Bucket, Judgement, Overview, Tally
from handlers.wording import day, listing, number, say

if TYPE_CHECKING:
    from data.store.notices import Notice

_NAMES = 10


class StatusCards:
    """Renders the state with the names of agencies and plans."""

    PAGE = 5

    def __init__(self, library: Library) -> None:
        self._library = library

    def whose(self, agencies: Sequence[str], plans: Sequence[Plan]) -> str:
        """ "Sở Y tế, Kế hoạch Lạng Sơn 2021"."""
        names = [self._library.directory.name(key) for key in agencies]
        named = [say("plan.name", province=p.province, year=p.year) for p in plans]
        return ", ".join([*([listing(names)] if names else []), listing(named)])

    def names(self, keys: Sequence[str]) -> list[str]:
        """The names of agencies in one line; the last ones counted where there are many."""
        names = [self._library.directory.name(key) for key in keys]
        if not names:
            return []
        more = len(names) - _NAMES
        text = "; ".join(names[:_NAMES])
        return [say("status.names.more", names=text, more=more) if more > 0 else text]

    def tally(self, counts: Tally) -> list[str]:
        """The four counts with their rates, and the standing duties apart."""
        lines = [say("status.total", count=counts.total)]
        if counts.total:
            lines += [
                say(f"status.bucket.{bucket}", count=getattr(counts, bucket.value))
                for bucket in Bucket
            ]
            lines.append(self._rates(counts))
        if counts.standing:
            lines.append(say("status.standing", count=counts.standing, done=counts.standing_done))
        return lines

    def _rates(self, counts: Tally) -> str:
        """The rates; that of being in time only once something is finished or late."""
        done = number(counts.done_rate or 0)
        if counts.in_time_rate is None:
            return say("status.rates.done", done=done)
        return say("status.rates", done=done, in_time=number(counts.in_time_rate))

    def line(self, held: Judgement) -> str:
        """One task in a list: title, id, status, deadline."""
        places = {
            "title": shortened_to(held.task.title, 120),
            "id": held.task.id,
            "status": status_words(held.condition.status),
        }
        if held.extended is None or held.bucket_extended is None:
            return say("status.line.standing", **places)
        state = say(f"status.mark.{held.bucket_extended}")
        return say("status.line", **places, due=day(held.extended), state=state)

    def task(self, held: Judgement, cards: UpdateCards) -> list[str]:
        """Where one task stands, in full."""
        now = held.condition
        lines = [cards.title(Aim(held.task))]
        if held.agency:
            name = self._library.directory.name(held.agency)
            lines.append(say("update.line.agency", value=name))
        percent = f", {now.percent}%" if now.percent is not None else ""
        lines.append(say("status.is", status=status_words(now.status) + percent))
        lines += self._deadline(held)
        lines += [figure_words(f, held.task) for f in now.figures]
        facts = [
            ("update.line.done_on", day(now.done_on) if now.done_on else ""),
            ("update.line.documents", "; ".join(now.documents)),
            ("status.reason", shortened_to(now.reason, 300)),
            (
                "update.line.blocker",
                self._library.directory.name(now.blocker) if now.blocker else "",
            ),
            ("status.confirmed", "" if not now.confirmed else " "),
            ("status.request", cards.content(now.request) if now.request else ""),
            ("status.presses", str(now.presses) if now.presses else ""),
        ]
        lines += [say(key, value=value) for key, value in facts if value]
        if now.last:
            who = now.last.name or say("update.nobody")
            lines.append(say("status.by", who=who, at=moment(now.last.at), id=now.last.id))
        return lines

    def _deadline(self, held: Judgement) -> list[str]:
        if held.due is None or held.bucket is None or held.bucket_extended is None:
            return [say("status.no_deadline")]
        lines = [say("status.due", due=day(held.due), bucket=say(f"status.kind.{held.bucket}"))]
        if held.condition.granted and held.extended:
            lines.append(
                say(
                    "status.due.extended",
                    due=day(held.extended),
                    bucket=say(f"status.kind.{held.bucket_extended}"),
                    count=held.condition.extensions,
                )
            )
        return lines

    def shared(self, task: Task, overview: Overview, period: Span | None) -> list[str]:
        """Where a task stands that is given to a group: how many of its agencies are where."""
        keys = overview.sharers(task)
        said = [overview.of_agency(task, key, period) for key in keys]
        lines = [say("update.task", title=task.title, clause=task.clause, id=task.id)]
        lines.append(say("status.shared", count=len(keys)))
        for status in Status:
            there = [j.agency for j in said if j.condition.status is status]
            if there:
                lines.append(
                    say("status.shared.line", status=status_words(status), count=len(there))
                )
                if status is not Status.NOT_STARTED:
                    lines += self.names(there)
        return lines

    def own_task(self, aim: Aim, overview: Overview) -> list[str]:
        """Where a task of one's own stands."""
        made = next(
            (e for e in overview.entries(aim.task) if e.fields.get("id") == aim.name), None
        )
        return (
            [self.own_line(made, overview)] if made else [say("update.own.unknown", id=aim.name)]
        )

    def own_line(self, made: Entry, overview: Overview) -> str:
        """One task of one's own: id, text, person, deadline, whether it is done."""
        fields = made.fields
        state = say("status.own.done" if overview.own_done(made) else "status.own.open")
        parts = [str(fields["id"]), shortened_to(str(fields.get("text", "")), 200)]
        if fields.get("assignee"):
            parts.append(str(fields["assignee"]))
        if fields.get("until"):
            year, month, date_ = str(fields["until"]).split("-")
            parts.append(f"{date_}/{month}/{year}")
        return "; ".join([*parts, state])

    def seen(self, told: "Sequence[Notice]", names: Mapping[int, str]) -> list[str]:
        """Who was told, who saw it, who answered."""
        if not told:
            return [say("status.seen.nobody")]
        people = [names.get(n.person) or say("update.nobody") for n in told]
        saw = [p for p, n in zip(people, told, strict=True) if n.seen or n.answered]
        answered = [p for p, n in zip(people, told, strict=True) if n.answered]
        none = say("status.seen.none")
        return [
            say(
                "status.seen",
                told=listing(people),
                seen=listing(saw) or none,
                answered=listing(answered) or none,
            )
        ]


def statuses_of(judged: Sequence[Judgement]) -> dict[str, str]:
    """The status of each task, by its ref."""
    return {j.task.ref: j.condition.status.value for j in judged}


def day_words(day: date) -> str:
    """ "05/03/2021"."""
    return day.strftime("%d/%m/%Y")

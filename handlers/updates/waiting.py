"""Answers on what waits in the whole plan: extensions to decide, and presses unread."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.record import Act, Entry
from handlers.messages import ReplyKind
from handlers.updates import progress
from handlers.updates.cards import Said, UpdateCards, said, with_more
from handlers.updates.finding import Aim
from handlers.updates.progress import Overview
from handlers.updates.scopes import Scope, more_action, own_agencies
from handlers.updates.state_cards import StatusCards
from handlers.updates.workflow import STATE
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.work import Work

_Found = list[tuple[Aim, Entry]]


class Waiting:
    """Answers on all tasks that the asker may see; an official's own agency's alone."""

    def __init__(self, library: Library, cards: UpdateCards, status: StatusCards) -> None:
        self._library = library
        self._cards = cards
        self._status = status

    async def requests(self, scope: Scope, overview: Overview, work: "Work") -> Said | None:
        """The extensions asked for that nobody decided yet."""
        found = self._found(scope, overview, Act.EXTEND)
        found = [(aim, e) for aim, e in found if e.id in _open(overview.entries(aim.task))]
        head = say("status.requests", whose=self._whose(scope), count=len(found))
        return self._listed(scope, head, found, {})

    async def presses(self, scope: Scope, overview: Overview, work: "Work") -> Said | None:
        """The presses that not everybody has read who was told, and who has."""
        from data.store import notices, people

        found, seen = [], {}
        for aim, entry in self._found(scope, overview, Act.PRESS):
            async with work.reading() as reading:
                told = await notices.of_entry(reading, entry.id)
                names = await people.names(reading, [n.person for n in told])
            if not told or not all(n.seen or n.answered for n in told):
                found.append((aim, entry))
                seen[entry.id] = self._status.seen(told, names)
        head = say("status.presses.unread", whose=self._whose(scope), count=len(found))
        return self._listed(scope, head, found, seen)

    def _whose(self, scope: Scope) -> str:
        agencies = [a for plan in scope.plans for a in own_agencies(scope, plan)]
        return self._status.whose(tuple(dict.fromkeys(agencies)), scope.plans)

    def _found(self, scope: Scope, overview: Overview, act: Act) -> _Found:
        """The live entries of that kind which concern the agencies asked about."""
        return [
            (Aim(task), entry)
            for plan in scope.plans
            for task in plan.tasks
            for entry in progress.live(overview.entries(task))
            if entry.act is act
            and (
                not (own := own_agencies(scope, plan))
                or progress.concerned(entry) in own
                or (task.lead and not set(own).isdisjoint(task.lead))
            )
        ]

    def _listed(
        self, scope: Scope, head: str, found: _Found, beside: dict[int, list[str]]
    ) -> Said:
        """A page of them, each number showing where its task stands."""
        start, page = scope.offset, self._status.PAGE
        lines, offered = [head], []
        for n, (aim, entry) in enumerate(found[start : start + page], 1):
            lines += [f"{n}. {self._cards.title(aim)}", self._cards.entry(entry)]
            lines += beside.get(entry.id, [])
            offered.append((str(n), f"{STATE}{aim.ref}"))
        aims = tuple(dict.fromkeys(aim for aim, _ in found))
        shown = said(ReplyKind.ANSWER, lines, offered, aims=aims, numbered=True, count=len(found))
        left = len(found) - start - page
        action = more_action(scope, start + page) if left > 0 else ""
        return with_more(shown, say("status.more.entries", left=left), action) if action else shown


def _open(entries: Iterable[Entry]) -> set[int]:
    """The requests that stand undecided: none is granted or refused, nor asked anew."""
    waiting: dict[tuple[str, str], int] = {}
    for entry in progress.live(entries):
        if entry.act is Act.EXTEND:
            about = progress.concerned(entry), str(entry.fields.get("due", ""))
            waiting[about] = entry.id
        elif entry.act in (Act.GRANT, Act.REFUSE):
            settled = entry.fields.get("request")
            waiting = {about: id for about, id in waiting.items() if id != settled}
    return set(waiting.values())

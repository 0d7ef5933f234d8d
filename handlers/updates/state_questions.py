"""Questions on where things stand, answered from the record for those who may see it.

A guest gets no answer here: what the plan itself says of deadlines is public, what officials
reported is not. An official sees the own agency; the others see all (`permissions`).
"""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from data.loading.library import Library
from data.model import Person
from data.search import TopicIndex
from data.text.secrecy import secret
from handlers.messages import Message, ReplyKind
from handlers.permissions import Action, may, may_in, reason
from handlers.understanding.recognise import Recogniser
from handlers.updates.cards import Said, UpdateCards, refused, said
from handlers.updates.dressing import Dressing
from handlers.updates.finding import Finder
from handlers.updates.lists import Lists
from handlers.updates.progress import Overview
from handlers.updates.reports import Reports
from handlers.updates.scopes import MORE, Ask, Scope, Scopes, asked_on
from handlers.updates.standing import Standing
from handlers.updates.state_cards import StatusCards
from handlers.updates.turns import Scene, action_of
from handlers.updates.waiting import Waiting
from handlers.updates.workflow import STATE

if TYPE_CHECKING:
    from data.store.work import Work

_FOR_GUESTS_TOO = (Ask.HISTORY, Ask.LAST, Ask.RATE, Ask.PRESSED, Ask.REQUESTS, Ask.PRESSES)


class StatusQuestions:
    """Answers questions on the state. Built once; holds no state of any conversation."""

    def __init__(self, library: Library, index: TopicIndex, recogniser: Recogniser) -> None:
        self._library = library
        self._recogniser = recogniser
        self._finder = Finder(library, index, recogniser)
        self._scopes = Scopes(library, self._finder, recogniser)
        cards, status = UpdateCards(library), StatusCards(library)
        self._standing = standing = Standing(library, cards, status)
        self._lists = lists = Lists(library, self._finder, status)
        reports = Reports(cards, status)
        waiting = Waiting(library, cards, status)
        self.dressed = Dressing(library, status).dressed
        self._answers: dict[
            Ask, Callable[[Scope, Overview, Work], Coroutine[Any, Any, Said | None]]
        ] = {
            Ask.HISTORY: standing.history,
            Ask.LAST: standing.last,
            Ask.PRESSED: standing.pressed_on,
            Ask.EXTENSIONS: standing.state,
            Ask.OWN: standing.own,
            Ask.TASK: standing.state,
            Ask.MISSING: reports.missing,
            Ask.REPORTED: reports.reported,
            Ask.RATE: lists.rate,
            Ask.LIST: lists.filtered,
            Ask.PROGRESS: self._progress,
            Ask.REQUESTS: waiting.requests,
            Ask.PRESSES: waiting.presses,
        }

    async def handle(
        self, message: Message, person: Person | None, work: "Work | None", scene: Scene
    ) -> Said | None:
        """The answer; None where the message asks nothing about the state."""
        if work is None or (message.text and secret(message.text)):
            return None
        action = action_of(message, scene)
        offset = 0
        if action.startswith(MORE):
            message, offset = asked_on(action, message)
            action = ""
        if action.startswith(STATE):
            return await self._shown(action.removeprefix(STATE), message, person, work)
        if action or not message.text:
            return None
        cues = frozenset(self._scopes.reader.cues(message.text))
        kind = self._scopes.kind(message, cues)
        if kind is None:
            return None
        if person is None or not person.memberships:
            return self._guest(message, kind)
        scope = self._scopes.scope(message, person, kind, cues, scene)
        return await self._answer(replace(scope, offset=offset), work) if scope else None

    def _guest(self, message: Message, kind: Ask) -> Said | None:
        """A guest is told that the state is for officials, where just that is asked."""
        named = self._scopes.reader.ids(message.text)
        if kind not in _FOR_GUESTS_TOO and not (kind is Ask.TASK and named):
            return None
        plan = next(iter(self._library.plans))
        decision = may_in(None, Action.SEE_STATUS, plan)
        return said(ReplyKind.REFUSAL, [reason(decision, self._library)])

    async def _shown(
        self, ref: str, message: Message, person: Person | None, work: "Work"
    ) -> Said | None:
        ref, _, agency = ref.partition("@")
        aim = self._finder.aim(ref)
        if aim is None or person is None or not person.memberships:
            return refused("press.old")
        agencies = (agency,) if agency in self._library.directory.agencies else ()
        empty = self._recogniser.read("", message.at.date(), ())
        plans = (self._library.plans[aim.task.plan],)
        scope = Scope(
            Ask.TASK, person, empty, plans, agencies, (aim,), message.at.date(), frozenset()
        )
        return await self._answer(scope, work)

    async def _answer(self, scope: Scope, work: "Work") -> Said | None:
        from data.store import updates

        denied = self._denied(scope)
        if denied:
            return denied
        async with work.reading() as reading:
            entries = await updates.of_plans(reading, [p.id for p in scope.plans])
        overview = Overview(self._library, entries, scope.today)
        return await self._answers[scope.kind](scope, overview, work)

    def _denied(self, scope: Scope) -> Said | None:
        """The refusal of the table of rights, where anything asked for is closed."""
        for aim in scope.aims:
            decision = may(scope.person, Action.SEE_STATUS, aim.task, self._library, scope.today)
            if not decision.allowed:
                text = reason(decision, self._library, aim.task)
                return said(ReplyKind.REFUSAL, [text])
        if scope.aims and not scope.agencies:
            return None
        for agency in scope.agencies:
            for plan in scope.plans:
                decision = may_in(scope.person, Action.SEE_STATUS, plan.id, agency)
                if not decision.allowed:
                    return said(ReplyKind.REFUSAL, [reason(decision, self._library)])
        return None

    async def _progress(self, scope: Scope, overview: Overview, work: "Work") -> Said | None:
        """Where the tasks stand that the question names; without a name, all of them."""
        if scope.aims:
            return await self._standing.state(scope, overview, work)
        return await self._lists.progress(scope, overview, work)

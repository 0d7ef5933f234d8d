"""Questions on where things stand, answered from the record for those who may see it.

A guest gets no answer here: what the plan itself says of deadlines is public, what officials
reported is not. An official sees the own agency; the others see all (`permissions`).
"""

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from data import deadlines
from data.deadlines import Span
from data.errors import StoreError
from data.loading.library import Library
from data.model import Kind, Person, Plan, Role, Task
from data.record import Act, Entry, Status
from data.search import TopicIndex
from data.text.secrecy import secret
from handlers.messages import Choice, Line, Message, Reply, ReplyKind
from handlers.permissions import Action, may, may_in, reason, visible
from handlers.understanding.question import Question
from handlers.understanding.recognise import Recogniser
from handlers.updates import progress
from handlers.updates.cards import Said, UpdateCards, refused, said
from handlers.updates.finding import Aim, Finder
from handlers.updates.progress import Bucket, Judgement, Overview
from handlers.updates.reader import Reader
from handlers.updates.state_cards import StatusCards
from handlers.updates.turns import Scene, action_of
from handlers.updates.workflow import STATE, task_buttons
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.work import Work


_LONGEST_ACTION = 64
_log = logging.getLogger(__name__)


class Ask(StrEnum):
    """The kinds of question on the state."""

    HISTORY = "history"
    LAST = "last"
    PRESSED = "pressed"
    EXTENSIONS = "extensions"
    OWN = "own"
    TASK = "task"
    MISSING = "missing"
    REPORTED = "reported"
    RATE = "rate"
    LIST = "list"
    PROGRESS = "progress"


_LISTS: dict[str, Callable[[Judgement], bool]] = {
    "ask_overdue": lambda j: j.bucket_extended is Bucket.OPEN_LATE,
    "ask_returned": lambda j: j.condition.status is Status.RETURNED,
    "ask_blocked": lambda j: j.condition.status is Status.BLOCKED,
    "ask_untouched": lambda j: j.condition.status is Status.NOT_STARTED,
    "ask_open": lambda j: j.condition.status is not Status.DONE,
    "ask_unconfirmed": lambda j: j.condition.status is Status.DONE and not j.condition.confirmed,
    "ask_extension": lambda j: j.condition.extensions > 0,
    "ask_doing": lambda j: j.condition.status is Status.IN_PROGRESS,
    "ask_done": lambda j: j.condition.status is Status.DONE,
}
_OF_A_TASK = (
    "ask_progress", "ask_overdue", "ask_returned", "ask_blocked", "ask_untouched", "ask_open",
    "ask_unconfirmed", "ask_doing", "ask_done", "ask_reported", "ask_missing",
)  # fmt: skip
_OF_A_TASK_THOUGH = ("ask_progress", "ask_overdue", "ask_returned", "ask_blocked")
"""The signs that speak of a task's state even beside "ai", "gì", "nào"."""

_FOR_GUESTS_TOO = (Ask.HISTORY, Ask.LAST, Ask.RATE, Ask.PRESSED)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is asked about: who asks, the plans, agencies, tasks and time."""

    kind: Ask
    person: Person
    question: Question
    plans: tuple[Plan, ...]
    agencies: tuple[str, ...]
    aims: tuple[Aim, ...]
    today: date
    cues: frozenset[str]

    def period(self, plan: Plan) -> Span | None:
        """The time asked about in that plan; None for all of it."""
        found = self.question.periods.get(plan.id)
        if found is None or found.start is None or found.end is None:
            return None
        return found.start, found.end


class StatusQuestions:
    """Answers questions on the state. Built once; holds no state of any conversation."""

    def __init__(self, library: Library, index: TopicIndex, recogniser: Recogniser) -> None:
        self._library = library
        self._recogniser = recogniser
        self._reader = Reader(task.id for task in library.tasks())
        self._finder = Finder(library, index, recogniser)
        self._cards = UpdateCards(library)
        self._status = StatusCards(library)
        self._answers: dict[
            Ask, Callable[[_Scope, Overview, Work], Coroutine[Any, Any, Said | None]]
        ] = {
            Ask.HISTORY: self._history,
            Ask.LAST: self._last,
            Ask.PRESSED: self._pressed_on,
            Ask.EXTENSIONS: self._state,
            Ask.OWN: self._own,
            Ask.TASK: self._state,
            Ask.MISSING: self._missing,
            Ask.REPORTED: self._reported,
            Ask.RATE: self._rate,
            Ask.LIST: self._list,
            Ask.PROGRESS: self._progress,
        }

    async def handle(
        self, message: Message, person: Person | None, work: "Work | None", scene: Scene
    ) -> Said | None:
        """The answer; None where the message asks nothing about the state."""
        if work is None or (message.text and secret(message.text)):
            return None
        action = action_of(message, scene)
        if action.startswith(STATE):
            return await self._shown(action.removeprefix(STATE), message, person, work)
        if action or not message.text:
            return None
        cues = frozenset(self._reader.cues(message.text))
        kind = self._kind(message, cues)
        if kind is None:
            return None
        if person is None or not person.memberships:
            return self._guest(message, kind)
        scope = self._scope(message, person, kind, cues, scene)
        return await self._answer(scope, work) if scope else None

    def _guest(self, message: Message, kind: Ask) -> Said | None:
        """A guest is told that the state is for officials, where just that is asked."""
        named = self._reader.ids(message.text)
        if kind not in _FOR_GUESTS_TOO and not (kind is Ask.TASK and named):
            return None
        plan = next(iter(self._library.plans))
        decision = may_in(None, Action.SEE_STATUS, plan)
        return said(ReplyKind.REFUSAL, [reason(decision, self._library)])

    def _kind(self, message: Message, cues: frozenset[str]) -> Ask | None:
        """What is asked, by the words alone."""
        ids = self._reader.ids(message.text)
        asking = self._reader.asks(message.text)
        for cue, kind in (
            ("ask_history", Ask.HISTORY),
            ("ask_last", Ask.LAST),
            ("ask_own", Ask.OWN),
            ("ask_pressed", Ask.PRESSED),
        ):
            if cue in cues and (ids or kind is not Ask.OWN):
                return kind
        if "ask_extension" in cues and ids and asking:
            return Ask.EXTENSIONS
        of_task = not cues.isdisjoint(_OF_A_TASK)
        if "ask_must" in cues and cues.isdisjoint({"ask_overdue", "ask_open", "ask_progress"}):
            return None
        if "ask_thing" in cues and (not ids or cues.isdisjoint(_OF_A_TASK_THOUGH)):
            of_task = False
        if ids and of_task:
            return Ask.TASK
        if "ask_missing" in cues and asking:
            return Ask.MISSING if "ask_who" in cues else Ask.REPORTED
        if "ask_reported" in cues and asking:
            return Ask.REPORTED
        if "ask_rate" in cues:
            return Ask.RATE
        if "ask_which" in cues and not cues.isdisjoint(_LISTS):
            return Ask.LIST
        if "ask_who" in cues and not cues.isdisjoint({"ask_overdue", "ask_untouched"}):
            return Ask.LIST
        if "ask_progress" in cues:
            return Ask.PROGRESS
        return Ask.TASK if asking and of_task else None

    def _scope(
        self,
        message: Message,
        person: Person,
        kind: Ask,
        cues: frozenset[str],
        scene: Scene,
    ) -> _Scope | None:
        """All that the question is about; None where it names no task and must."""
        today = message.at.date()
        plans = self._finder.plans(person, message.plan)
        question = self._recogniser.read(message.text, today, [p.id for p in plans])
        if question.plans:
            named = tuple(self._library.plans[name] for name in question.plans)
            plans = tuple(p for p in named if message.plan in (None, p.id)) or plans
        agencies = tuple(dict.fromkeys(m.keys[0] for m in question.agencies if m.keys))
        plans = tuple(p for p in plans if any(m.plan == p.id for m in person.memberships))
        if not plans:
            return None
        aims = self._aims(message, person, question, plans, kind, scene)
        if kind is Ask.TASK and not aims:
            return None
        if not aims and kind in (Ask.HISTORY, Ask.LAST, Ask.OWN, Ask.PRESSED, Ask.EXTENSIONS):
            return None
        return _Scope(kind, person, question, plans, agencies, aims, today, cues)

    def _aims(
        self,
        message: Message,
        person: Person,
        question: Question,
        plans: Sequence[Plan],
        kind: Ask,
        scene: Scene,
    ) -> tuple[Aim, ...]:
        """The tasks that the question names, or that were just spoken of."""
        ids = self._reader.ids(message.text)
        refs = [f"{plan.id}/{id}" for plan in plans for id in ids]
        aims = [a for ref in refs if (a := self._finder.aim(ref))]
        if aims:
            return tuple(aims)
        needs = kind in (
            Ask.HISTORY, Ask.LAST, Ask.OWN, Ask.PRESSED, Ask.EXTENSIONS, Ask.TASK, Ask.PROGRESS,
        )  # fmt: skip
        names = [p.id for p in plans]
        about = self._recogniser.read(self._reader.about(message.text), message.at.date(), names)
        if about.topic and needs:
            found = self._finder.near(about.topic, names)
            seen = visible(person, found, self._library, message.at.date()) or found
            led = tuple(t for t in seen if t.lead) or seen
            if led:
                return tuple(map(Aim, led[:5]))
        if about.topic or question.agencies or kind is Ask.PROGRESS:
            return ()
        return tuple(a for ref in scene.shown[:1] if needs and (a := self._finder.aim(ref)))

    async def _answer(self, scope: _Scope, work: "Work") -> Said | None:
        from data.store import updates

        denied = self._denied(scope)
        if denied:
            return denied
        async with work.reading() as reading:
            entries = await updates.of_plans(reading, [p.id for p in scope.plans])
        overview = Overview(self._library, entries, scope.today)
        return await self._answers[scope.kind](scope, overview, work)

    def _denied(self, scope: _Scope) -> Said | None:
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

    def _sees_all(self, scope: _Scope, plan: Plan) -> bool:
        held = {m.role for m in scope.person.memberships if m.plan == plan.id}
        return bool(held & {Role.COORDINATOR, Role.LEADER, Role.ADMIN})

    def _own_agencies(self, scope: _Scope, plan: Plan) -> tuple[str, ...]:
        """The agencies asked about; an official's own where none is named."""
        if scope.agencies:
            return scope.agencies
        if self._sees_all(scope, plan):
            return ()
        return tuple(
            dict.fromkeys(m.agency for m in scope.person.memberships if m.plan == plan.id)
        )

    async def dressed(
        self,
        reply: Reply,
        doings: Sequence[Mapping[str, str]],
        message: Message,
        person: Person | None,
        work: "Work | None",
    ) -> tuple[Reply, tuple[Mapping[str, str], ...]]:
        """An answer from the plan with what this person may see and do beside it: the status
        of its tasks, and on a card of one task the line of its state and the three buttons."""
        today = message.at.date()
        if work is None or person is None or reply.kind is not ReplyKind.ANSWER:
            return reply, tuple(doings)
        seen = visible(person, reply.tasks, self._library, today)
        if not seen:
            return reply, tuple(doings)
        from data.store import updates

        try:
            async with work.reading() as reading:
                entries = await updates.of_plans(reading, sorted({t.plan for t in seen}))
        except StoreError as error:
            _log.warning("an answer goes without the state: %s", error)
            return reply, tuple(doings)
        overview = Overview(self._library, entries, today)
        statuses = {t.ref: overview.status(t, self._of(person, t)).value for t in seen}
        reply = replace(reply, statuses=statuses)
        if len(reply.tasks) != 1 or len(reply.bubbles) != 1:
            return reply, tuple(doings)
        return self._with_buttons(reply, doings, person, overview)

    def _of(self, person: Person, task: Task) -> str:
        """The agency whose state of a common duty is meant: the person's own."""
        if task.lead:
            return ""
        roles = [m for m in person.memberships if m.plan == task.plan]
        if any(m.role is not Role.OFFICIAL for m in roles):
            return ""
        return next((m.agency for m in roles), "")

    def _with_buttons(
        self,
        reply: Reply,
        doings: Sequence[Mapping[str, str]],
        person: Person,
        overview: Overview,
    ) -> tuple[Reply, tuple[Mapping[str, str], ...]]:
        task = reply.tasks[0]
        held = overview.of_agency(task, self._of(person, task))
        bubble = reply.bubbles[0]
        lines = (*bubble.lines, Line(self._status.line(held)))
        if not may(person, Action.UPDATE, task, self._library, overview.today).allowed:
            return replace(reply, bubbles=(replace(bubble, lines=lines),)), tuple(doings)
        offered = task_buttons(task.ref)
        first = max((c.number for c in reply.choices), default=len(doings)) + 1
        row = tuple(Choice(first + n, *each) for n, each in enumerate(offered))
        bubble = replace(bubble, lines=lines, choices=(*bubble.choices, row))
        more = tuple({"press": action} for _, action in offered)
        return replace(reply, bubbles=(bubble,)), (*doings, *more)

    # one task

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
        scope = _Scope(
            Ask.TASK, person, empty, plans, agencies, (aim,), message.at.date(), frozenset()
        )
        return await self._answer(scope, work)

    def _agency_for(self, scope: _Scope, task: Task) -> str:
        """The agency whose state of a task is asked about; none for all together."""
        if scope.agencies:
            return scope.agencies[0]
        plan = self._library.plans[task.plan]
        own = self._own_agencies(scope, plan)
        return own[0] if own and not task.lead else ""

    async def _state(self, scope: _Scope, overview: Overview, work: "Work") -> Said | None:
        """Where each task stands that the question names."""
        lines: list[str] = []
        statuses: dict[str, str] = {}
        for aim in scope.aims:
            if aim.own:
                lines += self._status.own_task(aim, overview)
                continue
            plan = self._library.plans[aim.task.plan]
            agency = self._agency_for(scope, aim.task)
            if not agency and aim.task.addressed and not aim.task.lead:
                lines += self._status.shared(aim.task, overview, scope.period(plan))
            else:
                held = overview.of_agency(aim.task, agency, scope.period(plan))
                lines += self._status.task(held, self._cards)
            statuses[aim.task.ref] = overview.status(aim.task, agency).value
        offered = self._deeds(scope) if len(scope.aims) == 1 else ()
        dates = tuple(d for a in scope.aims for d in a.task.due)
        return said(
            ReplyKind.ANSWER, lines, offered, aims=scope.aims, statuses=statuses, dates=dates
        )

    def _deeds(self, scope: _Scope) -> tuple[tuple[str, str], ...]:
        aim = scope.aims[0]
        if not may(scope.person, Action.UPDATE, aim.task, self._library, scope.today).allowed:
            return ()
        return task_buttons(aim.ref)

    async def _history(self, scope: _Scope, overview: Overview, work: "Work") -> Said | None:
        aim = scope.aims[0]
        entries = [
            e for e in overview.entries_named(aim.task) if e.task == aim.name or not aim.own
        ]
        entries = self._readable(scope, aim.task, entries)
        lines = [say("status.history", task=self._cards.title(aim), count=len(entries))]
        undone = {e.fields.get("reverses") for e in entries if e.act is Act.UNDO}
        for entry in entries:
            line = self._cards.entry(entry)
            lines.append(say("status.undone", line=line) if entry.id in undone else line)
            lines += await self._seen(entry, work)
        if not entries:
            lines.append(say("status.history.none"))
        status = overview.status(aim.task).value
        return said(
            ReplyKind.ANSWER, lines, aims=(aim,), statuses={aim.task.ref: status},
            count=len(entries),
        )  # fmt: skip

    def _readable(self, scope: _Scope, task: Task, entries: Sequence[Entry]) -> list[Entry]:
        """What the person may read: tasks of one's own stay inside the agency."""
        plan = self._library.plans[task.plan]
        own = {m.agency for m in scope.person.memberships if m.plan == plan.id}
        return [
            e
            for e in entries
            if e.agency in own
            or (self._sees_all(scope, plan) and e.act is not Act.SUBTASK and e.task == task.id)
            or (task.lead and e.task == task.id and e.act is not Act.SUBTASK)
        ]

    async def _seen(self, entry: Entry, work: "Work") -> list[str]:
        """Who saw and who answered, for an entry that presses."""
        from data.store import notices, people

        if entry.act is not Act.PRESS:
            return []
        async with work.reading() as reading:
            told = await notices.of_entry(reading, entry.id)
            names = await people.names(reading, [n.person for n in told])
        return self._status.seen(told, names)

    async def _last(self, scope: _Scope, overview: Overview, work: "Work") -> Said | None:
        aim = scope.aims[0]
        entries = self._readable(scope, aim.task, progress.live(overview.entries_named(aim.task)))
        entries = [e for e in entries if e.task == aim.name]
        if not entries:
            lines = [say("status.last.none", task=self._cards.title(aim))]
        else:
            lines = [
                say("status.last", task=self._cards.title(aim)),
                self._cards.entry(entries[-1]),
            ]
        status = overview.status(aim.task).value
        return said(ReplyKind.ANSWER, lines, aims=(aim,), statuses={aim.task.ref: status})

    async def _pressed_on(self, scope: _Scope, overview: Overview, work: "Work") -> Said | None:
        aim = scope.aims[0]
        pressed = [e for e in progress.live(overview.entries(aim.task)) if e.act is Act.PRESS]
        lines = [say("status.pressed", task=self._cards.title(aim), count=len(pressed))]
        for entry in pressed:
            lines.append(self._cards.entry(entry))
            lines += await self._seen(entry, work)
        return said(ReplyKind.ANSWER, lines, aims=(aim,), count=len(pressed))

    async def _own(self, scope: _Scope, overview: Overview, work: "Work") -> Said | None:
        """The agency's own tasks under a plan task."""
        aim = scope.aims[0]
        plan = self._library.plans[aim.task.plan]
        held = [m.agency for m in scope.person.memberships if m.plan == plan.id and m.agency]
        made = [e for key in dict.fromkeys(held) for e in overview.own(key, [aim.task])]
        lines = [say("status.own", task=self._cards.title(aim), count=len(made))]
        lines += [self._status.own_line(e, overview) for e in made]
        return said(ReplyKind.ANSWER, lines, aims=(aim,), count=len(made))

    # many tasks

    def _judged(self, scope: _Scope, overview: Overview) -> tuple[Judgement, ...]:
        """Every task that is asked about, for the agencies named or for the plans."""
        found: list[Judgement] = []
        for plan in scope.plans:
            period = scope.period(plan)
            agencies = self._own_agencies(scope, plan)
            if not agencies:
                found += overview.of_plan(plan, period)
            for key in agencies:
                tasks = [t for t in plan.tasks if key in overview.carriers(t) or key in t.lead]
                tasks += [t for t in plan.tasks if self._inherits(key, t, scope.today, tasks)]
                found += [
                    overview.of_agency(t, self._finder.acts_for(key, t, scope.today), period)
                    for t in progress.counted(tasks, period)
                ]
        return tuple(found)

    def _inherits(self, key: str, task: Task, today: date, known: Sequence[Task]) -> bool:
        """Whether an agency took the task over from one that is no more."""
        if task in known or not task.lead:
            return False
        heir = self._finder.acts_for(key, task, today)
        return heir in task.lead and self._finder.took_over(key, heir, task, today)

    def _whose(self, scope: _Scope) -> str:
        agencies = [a for plan in scope.plans for a in self._own_agencies(scope, plan)]
        return self._status.whose(tuple(dict.fromkeys(agencies)), scope.plans)

    async def _progress(self, scope: _Scope, overview: Overview, work: "Work") -> Said | None:
        if scope.aims:
            return await self._state(scope, overview, work)
        judged = self._judged(scope, overview)
        lines = [say("status.progress", whose=self._whose(scope), day=_day(scope.today))]
        lines += self._tallied(judged)
        lines += self._own_tally(scope, overview)
        return self._listed(scope, overview, lines, judged, count=len(judged))

    def _tallied(self, judged: Sequence[Judgement]) -> list[str]:
        plain = progress.tally(judged, extended=False)
        extended = progress.tally(judged, extended=True)
        lines = self._status.tally(plain)
        if any(j.condition.granted for j in judged):
            lines.append(say("status.extended"))
            lines += self._status.tally(replace(extended, standing=0))
        return lines

    def _own_tally(self, scope: _Scope, overview: Overview) -> list[str]:
        """How many tasks of its own the asker's agency has; never in the plan's totals."""
        held = {m.agency for m in scope.person.memberships if m.agency}
        asked = [
            key for plan in scope.plans for key in self._own_agencies(scope, plan) if key in held
        ]
        made = [
            e
            for key in dict.fromkeys(asked)
            for plan in scope.plans
            for e in overview.own(key, plan.tasks)
        ]
        if not made:
            return []
        done = sum(overview.own_done(e) for e in made)
        return [say("status.own.tally", count=len(made), done=done)]

    async def _rate(self, scope: _Scope, overview: Overview, work: "Work") -> Said | None:
        judged = self._judged(scope, overview)
        lines = [say("status.rate", whose=self._whose(scope), day=_day(scope.today))]
        lines += self._tallied(judged)
        if "ask_each" in scope.cues and not scope.agencies:
            lines += self._each(scope, overview)
        return said(ReplyKind.ANSWER, lines)

    def _each(self, scope: _Scope, overview: Overview) -> list[str]:
        """One line for each leading agency, for those who see all."""
        lines = []
        for plan in scope.plans:
            if not self._sees_all(scope, plan):
                continue
            for key in dict.fromkeys(k for t in plan.tasks for k in t.lead):
                tasks = [t for t in plan.tasks if key in t.lead]
                judged = [overview.of_agency(t, key, scope.period(plan)) for t in tasks]
                done = sum(j.condition.status is Status.DONE for j in judged)
                late = sum(j.bucket_extended is Bucket.OPEN_LATE for j in judged)
                name = self._library.directory.name(key)
                lines.append(
                    say("status.each", agency=name, total=len(judged), done=done, late=late)
                )
        return lines

    async def _list(self, scope: _Scope, overview: Overview, work: "Work") -> Said | None:
        cue = next((c for c in _LISTS if c in scope.cues), None)
        if cue is None:
            return None
        found = [j for j in self._judged(scope, overview) if _LISTS[cue](j)]
        if "ask_who" in scope.cues and "ask_which" not in scope.cues:
            return self._agencies_of(scope, overview, cue, found)
        key = f"status.list.{cue.removeprefix('ask_')}"
        lines = [say(key, whose=self._whose(scope), count=len(found))]
        return self._listed(scope, overview, lines, found, count=len(found))

    def _agencies_of(
        self, scope: _Scope, overview: Overview, cue: str, found: Sequence[Judgement]
    ) -> Said:
        """The agencies behind a list: "cơ quan nào quá hạn"."""
        keys = tuple(
            dict.fromkeys(
                key
                for j in found
                for key in ((j.agency,) if j.agency else overview.carriers(j.task))
                if j.agency or overview.of_agency(j.task, key).condition.status is not Status.DONE
            )
        )
        names = self._status.names(keys)
        text = f"status.who.{cue.removeprefix('ask_')}"
        lines = [say(text, count=len(keys)), *names]
        aims = tuple(Aim(j.task) for j in found)
        return said(
            ReplyKind.ANSWER, lines, aims=aims, agencies=keys, count=len(keys),
            statuses=_statuses(found),
        )  # fmt: skip

    def _listed(
        self,
        scope: _Scope,
        overview: Overview,
        lines: list[str],
        judged: Sequence[Judgement],
        count: int,
    ) -> Said:
        """The tasks one a line, the late ones first; each number shows one."""
        ordered = sorted(
            judged, key=lambda j: (progress.badness(j), not j.task.lead, str(j.extended or ""))
        )
        shown = ordered[: self._status.PAGE]
        offered = [(str(n), _state_action(j)) for n, j in enumerate(shown, 1)]
        if len(ordered) > len(shown):
            lines = [*lines, say("status.more", shown=len(shown), total=len(ordered))]
        lines = [*lines, *(f"{n}. {self._status.line(j)}" for n, j in enumerate(shown, 1))]
        result = said(
            ReplyKind.ANSWER,
            lines,
            offered,
            aims=tuple(Aim(j.task) for j in ordered),
            statuses=_statuses(ordered),
            numbered=True,
            count=count,
        )
        return replace(result, shown=tuple(j.task.ref for j in shown))

    # reports

    def _report_period(self, scope: _Scope, plan: Plan) -> Span:
        """The time asked about, else the present quarter."""
        today = scope.today
        current = deadlines.quarter_span(today.year, deadlines.quarter_of(today))
        return scope.period(plan) or current

    def _reports(self, plan: Plan, period: Span) -> list[Task]:
        """The tasks that are reports and fall due within the period."""
        due = [t for t in plan.tasks if any(period[0] <= d <= period[1] for d in t.due)]
        return [t for t in due if progress.recurring(t) or t.kind is Kind.REPORT]

    async def _missing(self, scope: _Scope, overview: Overview, work: "Work") -> Said | None:
        """The agencies that have not reported: of those that the asker may see."""
        lines, keys, aims = [], [], []
        for plan in scope.plans:
            period = self._report_period(scope, plan)
            for task in self._reports(plan, period):
                asked = self._own_agencies(scope, plan) or overview.carriers(task)
                missing = [
                    key
                    for key in asked
                    if overview.of_agency(task, key, period).condition.status is not Status.DONE
                ]
                due = [d for d in task.due if period[0] <= d <= period[1]]
                lines.append(
                    say(
                        "status.missing",
                        title=task.title,
                        id=task.id,
                        due=", ".join(map(_day, due)),
                        count=len(missing),
                        total=len(asked),
                    )
                )
                lines += self._status.names(missing)
                keys += missing
                aims.append(Aim(task))
        if not aims:
            return said(ReplyKind.ANSWER, [say("status.missing.none")])
        agencies = tuple(dict.fromkeys(keys))
        return said(
            ReplyKind.ANSWER, lines, aims=aims, agencies=agencies, count=len(agencies),
            statuses={a.task.ref: overview.status(a.task).value for a in aims},
        )  # fmt: skip

    async def _reported(self, scope: _Scope, overview: Overview, work: "Work") -> Said | None:
        """ "đã báo cáo quý I chưa?": for the agency asked about, or for all."""
        for plan in scope.plans:
            period = self._report_period(scope, plan)
            tasks = self._reports(plan, period)
            agencies = self._own_agencies(scope, plan)
            if not tasks:
                continue
            if not agencies:
                return await self._missing(scope, overview, work)
            lines: list[str] = []
            held = [overview.of_agency(t, key, period) for t in tasks for key in agencies]
            for judged in held:
                lines += self._status.task(judged, self._cards)
            aims = tuple(map(Aim, tasks))
            statuses = {j.task.ref: j.condition.status.value for j in held}
            return said(ReplyKind.ANSWER, lines, aims=aims, statuses=statuses)
        return said(ReplyKind.ANSWER, [say("status.missing.none")])


def _state_action(held: Judgement) -> str:
    """What shows where a task stands; for a common duty, for that agency where it fits."""
    action = f"{STATE}{held.task.ref}"
    whole = f"{action}@{held.agency}"
    return whole if held.agency and len(whole.encode()) <= _LONGEST_ACTION else action


def _statuses(judged: Sequence[Judgement]) -> dict[str, str]:
    return {j.task.ref: j.condition.status.value for j in judged}


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")

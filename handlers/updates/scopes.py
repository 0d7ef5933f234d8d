"""What a question on the state is about: its kind, and whose tasks, which, and when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from data.deadlines import Span
from data.loading.library import Library
from data.model import Person, Plan, Role
from data.record import Status
from data.text.normalise import fold
from handlers.messages import Message
from handlers.permissions import visible
from handlers.understanding.question import Question
from handlers.understanding.recognise import Recogniser
from handlers.updates.finding import Aim, Finder
from handlers.updates.progress import Bucket, Judgement
from handlers.updates.reader import Reader
from handlers.updates.turns import Scene
from handlers.updates.workflow import STATE


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
    REQUESTS = "requests"
    PRESSES = "presses"


LISTS: dict[str, Callable[[Judgement], bool]] = {
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


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked about: who asks, the plans, agencies, tasks and time.

    `words` are those of the question, `limit` the plan to which the message limits it;
    `offset` is how many lines of the answer were shown before.
    """

    kind: Ask
    person: Person
    question: Question
    plans: tuple[Plan, ...]
    agencies: tuple[str, ...]
    aims: tuple[Aim, ...]
    today: date
    cues: frozenset[str]
    words: str = ""
    limit: str = ""
    offset: int = 0

    def period(self, plan: Plan) -> Span | None:
        """The time asked about in that plan; None for all of it."""
        found = self.question.periods.get(plan.id)
        if found is None or found.start is None or found.end is None:
            return None
        return found.start, found.end


MORE = f"{STATE}+"
"""Stands before the offset, the plan and the words in the action that asks on."""
_LONGEST_ACTION = 64


def more_action(scope: Scope, offset: int) -> str:
    """The action that asks the same from a line on; empty where the words are too long."""
    words = " ".join(scope.words.split()).strip(" ?.!")
    for said in (words, fold(words)):
        action = f"{MORE}{offset}.{scope.limit}.{said}"
        if len(action.encode()) <= _LONGEST_ACTION:
            return action
    return ""


def asked_on(action: str, message: Message) -> tuple[Message, int]:
    """The message that such an action stands for, and the line from which to answer."""
    offset, _, rest = action.removeprefix(MORE).partition(".")
    plan, _, words = rest.partition(".")
    again = replace(message, text=words, press="", plan=plan or message.plan)
    return again, int(offset) if offset.isdigit() else 0


class Scopes:
    """Takes from a message what it asks about the state. Holds no state of its own."""

    def __init__(self, library: Library, finder: Finder, recogniser: Recogniser) -> None:
        self.reader = Reader(task.id for task in library.tasks())
        self._library = library
        self._finder = finder
        self._recogniser = recogniser

    def kind(self, message: Message, cues: frozenset[str]) -> Ask | None:
        """What is asked, by the words alone."""
        ids = self.reader.ids(message.text)
        asking = self.reader.asks(message.text)
        for cue, kind in (
            ("ask_history", Ask.HISTORY),
            ("ask_last", Ask.LAST),
            ("ask_own", Ask.OWN),
            ("ask_pressed", Ask.PRESSED),
        ):
            whole = kind is Ask.PRESSED and not ids and "ask_presses" in cues
            if cue in cues and (ids or kind is not Ask.OWN) and not whole:
                return kind
        if "ask_extension" in cues and ids and asking:
            return Ask.EXTENSIONS
        if not ids:
            for cue, kind in (("ask_request", Ask.REQUESTS), ("ask_presses", Ask.PRESSES)):
                if cue in cues:
                    return kind
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
        if "ask_which" in cues and not cues.isdisjoint(LISTS):
            return Ask.LIST
        if "ask_who" in cues and not cues.isdisjoint({"ask_overdue", "ask_untouched"}):
            return Ask.LIST
        if "ask_progress" in cues:
            return Ask.PROGRESS
        return Ask.TASK if asking and of_task else None

    def scope(
        self,
        message: Message,
        person: Person,
        kind: Ask,
        cues: frozenset[str],
        scene: Scene,
    ) -> Scope | None:
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
        words, limit = message.text, message.plan or ""
        return Scope(kind, person, question, plans, agencies, aims, today, cues, words, limit)

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
        ids = self.reader.ids(message.text)
        refs = [f"{plan.id}/{id}" for plan in plans for id in ids]
        aims = [a for ref in refs if (a := self._finder.aim(ref))]
        if aims:
            return tuple(aims)
        needs = kind in (
            Ask.HISTORY, Ask.LAST, Ask.OWN, Ask.PRESSED, Ask.EXTENSIONS, Ask.TASK, Ask.PROGRESS,
        )  # fmt: skip
        names = [p.id for p in plans]
        about = self._recogniser.read(self.reader.about(message.text), message.at.date(), names)
        if about.topic and needs:
            found = self._finder.near(about.topic, names)
            seen = visible(person, found, self._library, message.at.date()) or found
            led = tuple(t for t in seen if t.lead) or seen
            if led:
                return tuple(map(Aim, led[:5]))
        if about.topic or question.agencies or kind is Ask.PROGRESS:
            return ()
        return tuple(a for ref in scene.shown[:1] if needs and (a := self._finder.aim(ref)))


def sees_all(scope: Scope, plan: Plan) -> bool:
    """Whether the asker sees the whole plan."""
    held = {m.role for m in scope.person.memberships if m.plan == plan.id}
    return bool(held & {Role.COORDINATOR, Role.LEADER, Role.ADMIN})


def own_agencies(scope: Scope, plan: Plan) -> tuple[str, ...]:
    """The agencies asked about; an official's own where none is named."""
    if scope.agencies:
        return scope.agencies
    if sees_all(scope, plan):
        return ()
    return tuple(dict.fromkeys(m.agency for m in scope.person.memberships if m.plan == plan.id))

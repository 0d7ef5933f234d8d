"""What somebody means to follow: the wishes that the words come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Kind, Person, Task
from data.reminders import Scope, Subscription
from data.text.normalise import fold
from handlers.alerts import topics
from handlers.alerts.deeds import Said
from handlers.alerts.field import Field
from handlers.alerts.names import Names
from handlers.messages import Message
from handlers.wording import listing, say

if TYPE_CHECKING:
    from handlers.understanding.question import Question
    from handlers.understanding.recognise import Recogniser

_ALL = {"tat ca", "het", "moi viec", "toan bo", "tat ca cac viec"}
_IDLE = ("chu de", "linh vuc", "mang", "ve", "cua", "viec", "noi dung", "ca", "nhiem vu")


@dataclass(frozen=True, slots=True)
class Aim:
    """What is meant: the wishes it comes to, or the sentence that says why it is not clear."""

    wishes: tuple[Subscription, ...] = ()
    unclear: str = ""


class Aims:
    """Reads what is to be followed or not."""

    def __init__(self, library: Library, recogniser: "Recogniser", names: Names) -> None:
        self._library = library
        self._recogniser = recogniser
        self._names = names

    def read(
        self, said: Said, message: Message, person: Person | None, shown: Sequence[str]
    ) -> Aim | None:
        """What the words mean; None where they name nothing of the plans."""
        limit = _limit(message, self._library)
        if said.ids:
            return self._tasks(said, person, limit)
        rest = said.rest.strip()
        if not plain(rest) and not (said.report or said.digest):
            return self._shown(said, shown)
        read = self._recogniser.read(rest, message.at.date(), limit or tuple(self._library.plans))
        plans = tuple(read.plans) or limit
        own = {m.plan for m in person.memberships} if person else set()
        plan = plans[0] if len(plans) == 1 else own.pop() if len(own) == 1 and not plans else ""
        if said.digest:
            return self._digests(person, plan)
        if plain(rest) in _ALL:
            return Aim(tuple(Subscription(Scope.PLAN, each) for each in self._library.plans))
        if read.clauses:
            return self._of_clauses(read, plans, said.leads)
        if read.agencies:
            return self._of_agency(read.agencies[0].keys, plan, said)
        if said.report:
            held = [m.agency for m in person.memberships if m.agency] if person else []
            value = held[0] if held else ""
            return Aim((Subscription(Scope.REPORTS, value, plan, leads=said.leads),))
        if plan and (read.provinces or read.plans) and not read.topic:
            return Aim((Subscription(Scope.PLAN, plan, leads=said.leads),))
        return self._topic(rest, plan, said.leads)

    def _of_clauses(
        self, read: "Question", plans: Sequence[str], leads: tuple[int, ...]
    ) -> Aim | None:
        """The tasks under the clauses that were named."""
        from data.text.clauses import fits

        tasks = [
            t for t in self._library.tasks()
            if t.plan in (plans or self._library.plans)
            and any(fits(ref, t.clause) for ref in read.clauses)
        ]  # fmt: skip
        return Aim(tuple(_task(t, leads) for t in tasks)) if tasks else None

    def _of_agency(self, keys: Sequence[str], plan: str, said: Said) -> Aim:
        """The work of an agency, or its reports."""
        if len(keys) > 1:
            names = listing(self._names.agency(key) for key in keys)
            return Aim(unclear=say("follow.which_agency", names=names))
        scope = Scope.REPORTS if said.report else Scope.AGENCY
        return Aim((Subscription(scope, keys[0], plan, leads=said.leads),))

    def _tasks(self, said: Said, person: Person | None, limit: Sequence[str]) -> Aim:
        """The tasks of these ids: in the plan that is meant, else in the person's own."""
        own = {m.plan for m in person.memberships} if person else set()
        wishes = []
        for id in said.ids:
            found = [t for t in self._library.tasks() if t.id.casefold() == id]
            found = [t for t in found if t.plan in limit] or found
            found = [t for t in found if t.plan in own] or found
            if len(found) > 1:
                plans = listing(self._names.plan(t.plan) for t in found)
                return Aim(unclear=say("follow.which_plan", id=found[0].id, plans=plans))
            wishes += [_task(t, said.leads) for t in found]
        return Aim(tuple(wishes))

    def _shown(self, said: Said, shown: Sequence[str]) -> Aim | None:
        """What was last spoken of, where it is one task."""
        task = self._library.task(shown[0]) if len(shown) == 1 else None
        if task is None:
            return Aim(unclear=say("follow.what")) if said.this or not said.rest else None
        return Aim((_task(task, said.leads),))

    def _digests(self, person: Person | None, plan: str) -> Aim:
        plans = {m.plan for m in person.memberships} if person else set()
        chosen = [name for name in plans if plan in ("", name)]
        if not chosen:
            return Aim(unclear=say("follow.digest.none"))
        return Aim(tuple(Subscription(Scope.DIGEST, name) for name in sorted(chosen)))

    def _topic(self, rest: str, plan: str, leads: tuple[int, ...]) -> Aim | None:
        words = rest.split()
        while idle := _idle([fold(word) for word in words]):
            words = words[idle:]
        topic = " ".join(words)[:160]
        if not topic:
            return None
        wish = Subscription(Scope.TOPIC, topic, plan, leads=leads)
        if not self.concerned(wish):
            return Aim(unclear=say("follow.topic.none", topic=topic))
        return Aim((wish,))

    def concerned(self, wish: Subscription) -> list[Task]:
        """The tasks that a wish is about."""
        field = Field(self._library, None, date.max)
        found = []
        for task in self._library.tasks():
            if wish.plan not in ("", task.plan):
                continue
            keys = field.keys(task)
            fits = {
                Scope.TASK: task.ref == wish.value,
                Scope.PLAN: task.plan == wish.value,
                Scope.AGENCY: wish.value in keys,
                Scope.REPORTS: task.kind is Kind.REPORT and wish.value in ("", *keys),
            }.get(wish.scope)
            if fits or (wish.scope is Scope.TOPIC and topics.on_topic(task, wish.value)):
                found.append(task)
        return found


def _task(task: Task, leads: tuple[int, ...]) -> Subscription:
    return Subscription(Scope.TASK, task.ref, leads=leads)


def _idle(folded: Sequence[str]) -> int:
    """How many words at the beginning do not name a topic."""
    for idle in _IDLE:
        words = idle.split()
        if list(folded[: len(words)]) == words:
            return len(words)
    return 0


def _limit(message: Message, library: Library) -> tuple[str, ...]:
    """The plan to which the message is limited, if it is."""
    return (message.plan,) if message.plan and message.plan in library.plans else ()


def plain(text: str) -> str:
    """Words without case, diacritics and needless blanks."""
    return " ".join(fold(text).split())

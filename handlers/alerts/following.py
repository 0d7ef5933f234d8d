"""What somebody follows or not: tasks, agencies, topics, plans, reports; at what hour."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from data.loading.library import Library
from data.model import Kind, Person, Role, Task
from data.reminders import QUIET_FROM, QUIET_UNTIL, Listener, Scope, Subscription
from data.text.normalise import fold
from handlers.alerts import listening, topics
from handlers.alerts.deeds import Said
from handlers.alerts.field import Field
from handlers.alerts.reminders import weekday
from handlers.messages import Message, Reply, ReplyKind
from handlers.wording import day as day_words
from handlers.wording import listing, say

if TYPE_CHECKING:
    from data.store.work import Work
    from handlers.understanding.recognise import Recogniser

SHOWN = 15
_ALL = {"tat ca", "het", "moi viec", "toan bo", "tat ca cac viec"}
_IDLE = ("chu de", "linh vuc", "mang", "ve", "cua", "viec", "noi dung", "ca", "nhiem vu")


@dataclass(frozen=True, slots=True)
class Aim:
    """What is meant: the wishes it comes to, or the sentence that says why it is not clear."""

    wishes: tuple[Subscription, ...] = ()
    unclear: str = ""


class Following:
    """Follows and stops following."""

    def __init__(self, library: Library, recogniser: "Recogniser") -> None:
        self._library = library
        self._recogniser = recogniser

    async def follow(
        self,
        said: Said,
        message: Message,
        person: Person | None,
        shown: Sequence[str],
        work: "Work",
    ) -> Reply | None:
        """Enters the wishes; None where the words name nothing that can be followed."""
        from data.store.alerts import subscriptions

        aim = self._aim(said, message, person, shown)
        if aim is None:
            return None
        if aim.unclear:
            return listening.answer(ReplyKind.REFUSAL, [aim.unclear])
        connection = await work.begin()
        listener = await listening.made(connection, message, person)
        for wish in aim.wishes:
            if wish.scope is Scope.DIGEST:
                await subscriptions.unsubscribe(connection, listener.id, wish)
            else:
                await subscriptions.subscribe(connection, listener.id, wish)
        return self._followed(aim.wishes, person, message.at.date(), listener)

    async def stop(
        self,
        said: Said,
        message: Message,
        person: Person | None,
        shown: Sequence[str],
        work: "Work",
    ) -> Reply | None:
        """Takes wishes back; what a role or a wider wish brings is muted instead."""
        from data.store.alerts import subscriptions

        if not _plain(said.rest) and len(shown) > 1 and not said.ids and not said.digest:
            return self._which(shown)
        aim = self._aim(said, message, person, shown)
        if aim is None:
            return None
        if aim.unclear:
            return listening.answer(ReplyKind.REFUSAL, [aim.unclear])
        connection = await work.begin()
        listener = await listening.made(connection, message, person)
        for wish in aim.wishes:
            gone = await subscriptions.unsubscribe(connection, listener.id, wish)
            others = await subscriptions.wishes_of(connection, listener.id)
            if (person and person.memberships) or others or not gone:
                await subscriptions.subscribe(connection, listener.id, replace(wish, wanted=False))
        names = listing(self.name(wish) for wish in aim.wishes)
        return listening.answer(ReplyKind.DONE, [say("follow.stopped", names=names)])

    async def drop(self, id: int, message: Message, person: Person | None, work: "Work") -> Reply:
        """Takes back the wish of that number, if it is this person's."""
        from data.store.alerts import subscriptions

        connection = await work.begin()
        listener = await listening.made(connection, message, person)
        wishes = await subscriptions.wishes_of(connection, listener.id)
        wish = next((each for each in wishes if each.id == id), None)
        if wish is None:
            return listening.answer(ReplyKind.REFUSAL, [say("follow.gone")])
        await subscriptions.unsubscribe(connection, listener.id, wish)
        key = "follow.dropped" if wish.wanted else "follow.unmuted"
        return listening.answer(ReplyKind.DONE, [say(key, name=self.name(wish))])

    async def listed(self, message: Message, person: Person | None, work: "Work") -> Reply:
        """What somebody hears of, by role and by wish, and when."""
        from data.store.alerts import subscriptions

        async with work.reading() as connection:
            listener = await listening.known(connection, message, person)
            wishes = await subscriptions.wishes_of(connection, listener.id) if listener else ()
        lines = [
            say("follow.list.role", agency=self._agency(m.agency), plan=self._plan(m.plan))
            for m in (person.memberships if person else ())
            if m.agency and m.role in (Role.OFFICIAL, Role.COORDINATOR)
        ]
        lines += [
            say("follow.list.digest", plan=self._plan(m.plan))
            for m in (person.memberships if person else ())
            if m.role in (Role.COORDINATOR, Role.LEADER)
        ]
        choices = []
        for wish in wishes[:SHOWN]:
            key = "follow.list.wish" if wish.wanted else "follow.list.muted"
            lines.append(say(key, name=self.name(wish), leads=self._leads(wish)))
            label = "follow.drop" if wish.wanted else "follow.unmute"
            choices.append((say(label, name=self._short(wish)), f"al.drop.{wish.id}"))
        if not lines:
            return listening.answer(ReplyKind.ANSWER, [say("follow.list.none")])
        head = [say("follow.list.title")]
        tail = [_when(listener)] if listener else [say("follow.when", hour="07:30", quiet="")]
        return listening.answer(ReplyKind.ANSWER, [*head, *lines, *tail], choices)

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
        return listening.answer(ReplyKind.DONE, [_when(replace(listener, minute=minute))])

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
        lines = [_when(replace(listener, quiet=frozenset(quiet)))]
        if {5, 6} & set(days):
            lines.append(say("follow.rest.weekend"))
        return listening.answer(ReplyKind.DONE, lines)

    def _aim(
        self, said: Said, message: Message, person: Person | None, shown: Sequence[str]
    ) -> Aim | None:
        """What the words mean; None where they name nothing of the plans."""
        today = message.at.date()
        limit = _limit(message, self._library)
        if said.ids:
            return self._tasks(said, person, limit)
        rest = said.rest.strip()
        if not _plain(rest) and not (said.report or said.digest):
            return self._shown(said, shown)
        read = self._recogniser.read(rest, today, limit or tuple(self._library.plans))
        plans = tuple(read.plans) or limit
        own = {m.plan for m in person.memberships} if person else set()
        plan = plans[0] if len(plans) == 1 else own.pop() if len(own) == 1 and not plans else ""
        if said.digest:
            return self._digests(person, plan)
        if _plain(rest) in _ALL:
            return Aim(tuple(Subscription(Scope.PLAN, each) for each in self._library.plans))
        if read.clauses:
            from data.text.clauses import fits

            tasks = [
                t for t in self._library.tasks()
                if t.plan in (plans or self._library.plans)
                and any(fits(ref, t.clause) for ref in read.clauses)
            ]  # fmt: skip
            return Aim(tuple(_task(t, said.leads) for t in tasks)) if tasks else None
        if read.agencies:
            keys = read.agencies[0].keys
            if len(keys) > 1:
                names = listing(self._agency(key) for key in keys)
                return Aim(unclear=say("follow.which_agency", names=names))
            scope = Scope.REPORTS if said.report else Scope.AGENCY
            return Aim((Subscription(scope, keys[0], plan, leads=said.leads),))
        if said.report:
            held = [m.agency for m in person.memberships if m.agency] if person else []
            value = held[0] if held else ""
            return Aim((Subscription(Scope.REPORTS, value, plan, leads=said.leads),))
        if plan and (read.provinces or read.plans) and not read.topic:
            return Aim((Subscription(Scope.PLAN, plan, leads=said.leads),))
        return self._topic(rest, plan, said.leads)

    def _tasks(self, said: Said, person: Person | None, limit: Sequence[str]) -> Aim:
        """The tasks of these ids: in the plan that is meant, else in the person's own."""
        own = {m.plan for m in person.memberships} if person else set()
        wishes = []
        for id in said.ids:
            found = [t for t in self._library.tasks() if t.id.casefold() == id]
            found = [t for t in found if t.plan in limit] or found
            found = [t for t in found if t.plan in own] or found
            if len(found) > 1:
                plans = listing(self._plan(t.plan) for t in found)
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
        if not self._concerned(wish):
            return Aim(unclear=say("follow.topic.none", topic=topic))
        return Aim((wish,))

    def _concerned(self, wish: Subscription) -> list[Task]:
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

    def _followed(
        self,
        wishes: Iterable[Subscription],
        person: Person | None,
        today: date,
        listener: Listener,
    ) -> Reply:
        lines: list[str] = []
        tasks: list[Task] = []
        for wish in wishes:
            if wish.scope is Scope.DIGEST:
                lines.append(say("follow.digest", plan=self._plan(wish.value)))
                continue
            found = self._concerned(wish)
            tasks += found
            dates = sorted({due for task in found for due in task.due if due >= today})
            dated = sum(1 for task in found if task.due)
            lines.append(say("follow.done", name=self.name(wish), leads=self._leads(wish)))
            if len(found) > 1:
                lines.append(say("follow.counted", count=len(found), dated=dated))
            key = "next" if dates else "past" if dated else "standing"
            due = day_words(dates[0]) if dates else ""
            lines.append(say(f"follow.{key}", due=due))
        lines.append(_when(listener))
        if person is None or not person.memberships:
            lines.append(say("follow.guest"))
        reply = listening.answer(ReplyKind.DONE, lines)
        return replace(reply, tasks=tuple(tasks[:1] if len(tasks) == 1 else ()))

    def _which(self, shown: Sequence[str]) -> Reply:
        tasks = [task for ref in shown if (task := self._library.task(ref))]
        choices = [
            (say("follow.stop_one", id=t.id, title=t.title), f"al.mute.{t.ref}")
            for t in tasks[:SHOWN]
        ]
        return listening.answer(ReplyKind.CHOICE, [say("follow.stop_which")], choices)

    def name(self, wish: Subscription) -> str:
        """What a wish is about: "việc của Sở Y tế (Kế hoạch Lạng Sơn 2021)"."""
        plan = say("follow.name.in", plan=self._plan(wish.plan)) if wish.plan else ""
        task = self._library.task(wish.value) if wish.scope is Scope.TASK else None
        value = wish.value
        if task:
            value = say("follow.name.of_task", id=task.id, title=task.title)
        elif wish.scope in (Scope.AGENCY, Scope.REPORTS):
            value = self._agency(wish.value) if wish.value else say("alerts.everybody")
        elif wish.scope in (Scope.PLAN, Scope.DIGEST):
            value = self._plan(wish.value)
        return say(f"follow.name.{wish.scope}", value=value, plan=plan)

    def _short(self, wish: Subscription) -> str:
        task = self._library.task(wish.value) if wish.scope is Scope.TASK else None
        return task.id if task else self.name(wish)

    def _leads(self, wish: Subscription) -> str:
        if not wish.leads or not wish.wanted:
            return ""
        days = listing(str(lead) for lead in wish.leads if lead)
        return say("follow.leads", days=days) if days else say("follow.leads.day")

    def _agency(self, key: str) -> str:
        return self._library.directory.name(key)

    def _plan(self, name: str) -> str:
        plan = self._library.plans.get(name)
        return say("plan.name", province=plan.province, year=plan.year) if plan else name


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


def _plain(text: str) -> str:
    return " ".join(fold(text).split())


def _when(listener: Listener) -> str:
    """At what hour, and on which days not."""
    hour = f"{listener.minute // 60:02d}:{listener.minute % 60:02d}"
    days = [weekday(date(2024, 1, 1 + number)) for number in sorted(listener.quiet)]
    quiet = say("follow.when.quiet", days=listing(days)) if days else ""
    return say("follow.when", hour=hour, quiet=quiet)

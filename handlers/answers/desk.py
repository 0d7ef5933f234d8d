"""What every answer draws on: the question with its plans and agencies, and the registry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from data.coverage import Part
from data.loading.library import Library
from data.model import Plan, Task
from data.text.normalise import words
from handlers.cards import Cards, Section
from handlers.selection import Selector, Share
from handlers.understanding.intents import Kind
from handlers.understanding.question import Question
from handlers.wording import listing, say


@dataclass(frozen=True, slots=True)
class Ask:
    """A question ready to be answered: its plans, its agencies settled, the day it is asked."""

    question: Question
    plans: tuple[Plan, ...]
    keys: tuple[str, ...]
    today: date

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Every task of the plans asked about."""
        return tuple(t for p in self.plans for t in p.tasks)

    def reworded(self, question: Question) -> "Ask":
        """The same plans, agencies and day under another question."""
        return replace(self, question=question)


@dataclass(frozen=True, slots=True)
class Desk:
    """The library, what selects from it and what names its contents; no conversation."""

    library: Library
    selector: Selector
    cards: Cards
    kinds: Sequence[Kind]

    def name(self, key: str) -> str:
        """The name of an agency."""
        return self.library.directory.name(key)

    def names(self, keys: Iterable[str]) -> str:
        """The names of agencies as a list in words."""
        return self.cards.names(keys)

    def plan_names(self, plans: Iterable[Plan]) -> str:
        """The names of plans as a list in words."""
        return listing(self.cards.plan_name(p) for p in plans)

    def by_plan(self, tasks: Sequence[Task]) -> tuple[Section, ...]:
        """Tasks under the names of their plans."""
        plans = dict.fromkeys(t.plan for t in tasks)
        return tuple(
            Section(
                self.cards.plan_name(self.library.plans[plan]),
                tuple(t for t in tasks if t.plan == plan),
            )
            for plan in plans
        )

    def shares(self, ask: Ask) -> list[Share]:
        """What each agency asked about has in each plan, narrowed by the question."""
        return [
            self.selector.of_agency(ask.question, key, plan)
            for key in ask.keys
            for plan in ask.plans
        ]

    def topical(self, ask: Ask) -> tuple[Task, ...]:
        """The tasks on the topic that every other condition of the question lets stand."""
        hits = self.selector.on_topic(ask.question, ask.plans)
        keep = self.selector.keeper(replace(ask.question, topic=()))
        tasks = keep(hit.task for hit in hits)
        if ask.keys:
            tasks = tuple(t for t in tasks if self.involves(t, ask.keys))
        return tasks

    def involves(self, task: Task, keys: Iterable[str]) -> bool:
        """Whether the task is in the share of one of the agencies."""
        plan = self.library.plans[task.plan]
        return any(
            task.ref in {t.ref for t in self.selector.share(key, plan).tasks} for key in keys
        )


def agencies_as_topic(desk: Desk, ask: Ask) -> Ask:
    """The question with its agencies read as part of the topic, by the name they are called or
    the full one: "cho Quỹ bảo lãnh"."""
    named = [(m.words, *map(desk.name, m.keys[:1])) for m in ask.question.agencies]
    parts = tuple(Part(tuple(dict.fromkeys(tuple(words(n)) for n in of_one))) for of_one in named)
    question = replace(
        ask.question,
        topic=(*ask.question.topic, *parts),
        topic_words=ask.question.topic_words or " ".join(m.words for m in ask.question.agencies),
        agencies=(),
    )
    return replace(ask, keys=(), question=question)


def in_plan(title: str, plan: str) -> str:
    """The title of a section, with the plan's name where several are shown."""
    return say("section.in_plan", title=title, plan=plan) if plan else title


def carriers(tasks: Iterable[Task]) -> tuple[str, ...]:
    """The agencies that carry the tasks, each once."""
    return tuple(dict.fromkeys(k for t in tasks for k in t.responsible))

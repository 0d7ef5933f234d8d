"""How an answer looks on a phone: lists of tasks, a card for one, pages, offers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from data.loading.library import Library
from data.model import Comparator, Plan, Target, Task
from handlers.messages import Bubble, Choice, Line, Reply, ReplyKind, Style
from handlers.wording import day, listing, number, say

PAGE = 5
WHOLE = 3
QUOTE_SHOWN = 420
WHOLE_QUOTE = 6000


@dataclass(frozen=True, slots=True)
class Section:
    """Tasks under one heading of an answer; `dates` are those to show beside each task."""

    title: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A question that the bot can answer, or a task, to be pressed or typed by its number."""

    label: str
    text: str = ""
    task: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be said, before it is cut to the size of a phone.

    `agencies`, `dates`, `figures` and `count` are the facts stated; `whole` asks for the
    tasks' quotes in full.
    """

    headline: str
    notes: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    kind: ReplyKind = ReplyKind.ANSWER
    agencies: tuple[str, ...] = ()
    dates: tuple[date, ...] = ()
    figures: tuple[Target, ...] = ()
    count: int | None = None
    offers: tuple[Offer, ...] = ()
    whole: bool = False
    listed: bool = False

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Every task spoken of, each once, in the order shown."""
        return tuple({t.ref: t for s in self.sections for t in s.tasks}.values())


@dataclass(slots=True)
class _Page:
    lines: list[Line] = field(default_factory=list)
    rows: list[tuple[Choice, ...]] = field(default_factory=list)
    doings: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A reply, and what each of its numbers does (for the conversation's state)."""

    reply: Reply
    doings: tuple[dict[str, str], ...]
    shown: tuple[str, ...]


class Cards:
    """Renders answers with the names of agencies and plans."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def plan_name(self, plan: Plan) -> str:
        """ "Kế hoạch Lạng Sơn 2021"."""
        return say("plan.name", province=plan.province, year=plan.year)

    def names(self, keys: Iterable[str]) -> str:
        """The names of agencies as a list in words."""
        return listing(self._library.directory.name(key) for key in keys)

    def render(self, answer: Answer, turn: int, offset: int = 0) -> Rendered:
        """The page of an answer that starts at task number `offset`."""
        page = _Page()
        page.lines.append(Line(answer.headline, Style.STRONG))
        if not offset:
            page.lines += [Line(note) for note in answer.notes if note]
        single = len(answer.tasks) == 1 and not answer.listed
        if single or answer.whole:
            shown = answer.tasks[offset : offset + (WHOLE if answer.whole else PAGE)]
            for task in shown:
                self._card(page, task, answer.whole, turn)
            total = len(answer.tasks)
        else:
            shown, total = self._list(page, answer, offset, turn)
        for offer in answer.offers:
            self._offer(page, offer, turn)
        self._more(page, offset + len(shown), total, turn)
        reply = Reply(
            answer.kind,
            (Bubble(tuple(page.lines), tuple(page.rows)),),
            tasks=answer.tasks,
            agencies=answer.agencies,
            dates=tuple(sorted(set(answer.dates))),
            figures=answer.figures,
            count=answer.count,
        )
        return Rendered(reply, tuple(page.doings), tuple(t.ref for t in shown))

    def _list(
        self, page: _Page, answer: Answer, offset: int, turn: int
    ) -> tuple[tuple[Task, ...], int]:
        """The tasks of this page, and how many lines the whole list has."""
        rows = [(section.title, task) for section in answer.sections for task in section.tasks]
        numbers: list[Choice] = []
        title = ""
        for heading, task in rows[offset : offset + PAGE]:
            if heading and heading != title:
                page.lines.append(Line(heading, Style.STRONG))
                title = heading
            label = str(len(page.doings) + 1)
            choice = self._choice(page, label, {"card": task.ref}, turn, True)
            numbers.append(choice)
            page.lines.append(Line(f"{choice.number}. {self.line(task)}"))
        if numbers:
            page.rows.append(tuple(numbers))
        return tuple(task for _, task in rows[offset : offset + PAGE]), len(rows)

    def line(self, task: Task) -> str:
        """One line for a task in a list: title, clause, deadline."""
        due = task.due[-1] if len(task.due) == 1 else None
        key = "list.item.due" if due else "list.item"
        return say(key, title=task.title, clause=task.clause, due=day(due) if due else "")

    def _more(self, page: _Page, upto: int, total: int, turn: int) -> None:
        if upto < total:
            label = say("list.more", left=total - upto)
            choice = self._choice(page, label, {"more": str(upto)}, turn, False)
            page.rows.append((choice,))

    def _offer(self, page: _Page, offer: Offer, turn: int) -> None:
        doing = {"card": offer.task} if offer.task else {"ask": offer.text}
        choice = self._choice(page, offer.label, doing, turn, True)
        page.lines.append(Line(f"{choice.number}. {offer.label}"))
        page.rows.append((choice,))

    def _choice(
        self, page: _Page, label: str, doing: dict[str, str], turn: int, listed: bool
    ) -> Choice:
        page.doings.append(doing)
        at = len(page.doings)
        return Choice(at, label, f"{turn}.{at}", listed)

    def _card(self, page: _Page, task: Task, whole: bool, turn: int) -> None:
        plan = self._library.plans[task.plan]
        facts = [
            ("card.lead", self.names(task.responsible)),
            ("card.coordinating", self.names(task.coordinating)),
            ("card.recipients", self.names(task.recipients)),
            ("card.due", due_words(task)),
            ("card.targets", "; ".join(target_words(t) for t in task.targets)),
        ]
        if page.lines[-1].text != task.title:
            page.lines.append(Line(task.title))
        if not whole:
            page.lines += [Line(say(key, value=value)) for key, value in facts if value]
        page.lines.append(
            Line(say("card.source", plan=self.plan_name(plan), clause=task.clause, id=task.id))
        )
        limit = WHOLE_QUOTE if whole else QUOTE_SHOWN
        quote = task.quote if len(task.quote) <= limit else shortened(task.quote, limit)
        page.lines.append(Line(say("card.quote", quote=quote), Style.QUOTE))
        if quote != task.quote:
            choice = self._choice(page, say("card.whole"), {"quote": task.ref}, turn, False)
            page.rows.append((choice,))


def shortened(text: str, limit: int) -> str:
    """The text cut at a word, with an ellipsis."""
    cut = text.rfind(" ", 0, limit)
    return text[: cut if cut > 0 else limit].rstrip(" ,;:") + " …"


def due_words(task: Task) -> str:
    """The deadline: the plan's words and the last day in time."""
    if task.deadline is None:
        return ""
    days = listing(day(d) for d in task.due)
    return say("card.due.value", words=task.deadline.words, days=days)


def target_words(target: Target) -> str:
    """ "≥ 30% dịch vụ công …" as the plan words it."""
    return say(
        "target.value",
        comparator=say(f"comparator.{_comparator(target)}"),
        value=number(target.value),
        unit=target.unit if target.unit == "%" else f" {target.unit}",
        measures=target.measures,
    )


def _comparator(target: Target) -> str:
    """The key of the comparator's word: of all there are one says "đạt", not "ít nhất"."""
    whole = target.value == 100 and target.unit == "%"
    comparator = Comparator.EQUAL if whole else target.comparator
    return comparator.name.lower()

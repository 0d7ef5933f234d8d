"""A plan's text and its reviewed registry (YAML) → records, or every fault at once.

A plan with any fault is not given: what the bot says must be what a person signed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from data.errors import Fault, fault
from data.loading import documents
from data.loading.directory import Directory
from data.loading.documents import Section
from data.loading.proof import Proof
from data.loading.repair import Report, repair
from data.model import Comparator, Deadline, Kind, Passage, Plan, Target, Task
from data.text.dates import read_deadline

TITLE_LIMIT = 80
ID_LIMIT = 8

_CLAUSE = re.compile(r"[IVX]+(?:\.(?:\d{1,2}|[a-zđ]))*")
_NUMBER = re.compile(r"\d+(?:\.\d{3})*(?:,\d+)?")
_COUNTED: Mapping[str, float] = {
    "một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5,
    "sáu": 6, "bảy": 7, "tám": 8, "chín": 9, "mười": 10,
}  # fmt: skip
_EVERY = ("quarter", "year")
_MARK = re.compile(r"(?:[IVX]+\.|\d+\.|[a-zđ][.)])\s+")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plan, or None and its faults; `repairs` is None where the text could not be read."""

    plan: Plan | None
    faults: tuple[Fault, ...]
    repairs: Report | None


def load_plan(txt: Path, registry: Path, directory: Directory | None) -> Loaded:
    """Loads and proves a plan; agency keys are not proved where `directory` is None."""
    raw = documents.read_text(txt)
    document = documents.read(registry)
    faults = list(document.faults)
    if isinstance(raw, Fault):
        faults.append(raw)
    repaired = repair(raw) if isinstance(raw, str) else None
    report = repaired.report if repaired else None
    if document.root is None and faults:
        return Loaded(None, _sorted(faults), report)
    reader = _Reader(document, faults, directory, Proof(repaired) if repaired else None)
    plan = reader.plan(registry.stem)
    faults += reader.lost(txt)
    return Loaded(None if faults else plan, _sorted(faults), report)


def _sorted(faults: list[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: (fault.path, fault.line)))


def task_id(clause: str) -> str:
    """The id that people type: II.5.k → 5k, II.1.a.3 → 1a3, II.2.a.1.4 → 2a1.4, III.6 → III6."""
    head, *rest = clause.split(".")
    if head == "II" and any(mark.isalpha() for mark in rest):
        head = ""
    short = head
    for mark in rest:
        short += "." + mark if short[-1:].isdigit() and mark.isdigit() else mark
    return short


def heading_of(clause: str, headings: Iterable[Passage]) -> str:
    """The text, without its mark, of the nearest named heading at or above a clause.

    A line that only introduces others ("Các sở, ban, ngành:") is no named heading.
    """
    above = [
        heading
        for heading in headings
        if f"{clause}.".startswith(f"{heading.clause}.") and not heading.text.endswith(":")
    ]
    nearest = max(above, key=lambda heading: heading.clause.count("."), default=None)
    return _MARK.sub("", nearest.text, count=1) if nearest else ""


class _Reader:
    """Reads one registry, gathering its faults."""

    def __init__(
        self,
        document: documents.Document,
        faults: list[Fault],
        directory: Directory | None,
        proof: Proof | None,
    ) -> None:
        self._root = Section(document, faults)
        self._directory = directory
        self._proof = proof
        self._clauses: dict[str, int] = {}
        self._ids: dict[str, int] = {}

    def plan(self, name: str) -> Plan | None:
        """The plan; what could not be read is empty in it and stands among the faults."""
        head = self._root.section("plan", required=True)
        period = self._period(head) if head else None
        headings = self._passages("headings")
        background = self._passages("background")
        tasks = tuple(
            self._task(section, name, headings, period)
            for section in self._root.sections("tasks", required=True)
        )
        self._root.close()
        if head is None:
            return None
        plan = Plan(
            id=self._id(head, name),
            province=head.text("province"),
            title=head.text("title"),
            issuer=head.text("issuer"),
            signer=head.text("signer"),
            signer_title=head.text("signer_title"),
            implements=head.text("implements"),
            period=period or (date.min, date.max),
            coordinator=self._agency(head, "coordinator"),
            number=head.maybe("number"),
            place=head.maybe("place"),
            issued=head.day("issued"),
            distribution=head.texts("distribution"),
            headings=headings,
            background=background,
            tasks=tasks,
        )
        head.close()
        return plan

    def lost(self, txt: Path) -> list[Fault]:
        """The lines of the text that the registry left out."""
        lines = self._proof.lost() if self._proof else ()
        return [fault(txt, number, "text-lost", text=text) for number, text in lines]

    def _id(self, head: Section, name: str) -> str:
        plan_id = head.text("id")
        if plan_id and plan_id != name:
            head.add("plan-id", "id", id=plan_id, name=name)
        return plan_id

    def _period(self, head: Section) -> tuple[date, date] | None:
        before = len(head.faults)
        days = head.days("period", required=True)
        if len(head.faults) > before:
            return None
        if len(days) != 2:
            head.add("period-form", "period")
            return None
        begin, end = days
        if begin > end:
            head.add("period", "period", begin=begin, end=end)
            return None
        return begin, end

    def _passages(self, name: str) -> tuple[Passage, ...]:
        passages = []
        for section in self._root.sections(name):
            clause = section.text("clause")
            if clause and not _CLAUSE.fullmatch(clause):
                section.add("clause-form", "clause", clause=clause)
            passages.append(Passage(clause, self._quote(section, "text")))
            section.close()
        return tuple(passages)

    def _task(
        self,
        section: Section,
        plan: str,
        headings: tuple[Passage, ...],
        period: tuple[date, date] | None,
    ) -> Task:
        clause = section.text("clause")
        kind = section.choice("kind", Kind)
        quote = self._quote(section, "quote")
        task = Task(
            id=self._name(section, clause),
            plan=plan,
            clause=clause,
            heading=heading_of(clause, headings),
            kind=kind or Kind.TASK,
            title=self._title(section),
            quote=quote,
            lead=self._agencies(section, "lead"),
            coordinating=self._agencies(section, "coordinating"),
            addressed=self._agencies(section, "addressed", groups=True),
            deadline=_deadline(section.section("deadline"), quote, period),
            recipients=self._agencies(section, "recipients"),
            targets=tuple(_target(target, quote) for target in section.sections("targets")),
            indicators=section.texts("indicators"),
            documents=_documents(section, quote),
            topics=section.texts("topics"),
        )
        if kind and kind is not Kind.TARGET and not task.responsible:
            section.add("leaderless", clause=clause)
        section.close()
        return task

    def _name(self, section: Section, clause: str) -> str:
        """The task's id, proved to be short and the only one."""
        if not clause:
            return ""
        if not _CLAUSE.fullmatch(clause):
            section.add("clause-form", "clause", clause=clause)
            return ""
        short, line = task_id(clause), section.line("clause")
        if clause in self._clauses:
            section.add("clause-twice", "clause", clause=clause, first=self._clauses[clause])
        elif short.casefold() in self._ids:
            first = self._ids[short.casefold()]
            section.add("id-twice", "clause", clause=clause, id=short, first=first)
        if len(short) > ID_LIMIT:
            section.add("id-long", "clause", clause=clause, id=short, limit=ID_LIMIT)
        self._clauses.setdefault(clause, line)
        self._ids.setdefault(short.casefold(), line)
        return short

    def _title(self, section: Section) -> str:
        title = section.text("title")
        if len(title) > TITLE_LIMIT:
            section.add("title-long", "title", length=len(title), limit=TITLE_LIMIT)
        return title

    def _quote(self, section: Section, name: str) -> str:
        quote = " ".join(section.text(name).split())
        if quote and self._proof and not self._proof.mark(quote):
            section.add("quote-missing", name, text=self._proof.differing(quote))
        return quote

    def _agency(self, section: Section, name: str) -> str:
        key = section.text(name)
        if key and self._directory and key not in self._directory.agencies:
            section.add("agency-unknown", name, key=key)
        return key

    def _agencies(self, section: Section, name: str, groups: bool = False) -> tuple[str, ...]:
        keys = section.texts(name)
        for place, key in enumerate(keys if self._directory else ()):
            agency = self._directory.agencies.get(key) if self._directory else None
            if agency is None:
                section.add("agency-unknown", name, place, key=key)
            elif groups and not agency.is_group:
                section.add("group-unknown", name, place, key=key)
        return keys


def _documents(section: Section, quote: str) -> tuple[str, ...]:
    """The cited documents, as the quote cites them."""
    cited = section.texts("documents")
    for place, words in enumerate(cited):
        if words not in quote:
            section.add("words-missing", "documents", place, words=words)
    return cited


def _deadline(
    section: Section | None, quote: str, period: tuple[date, date] | None
) -> Deadline | None:
    """The deadline, held against what its words mean."""
    if section is None:
        return None
    words, every = section.text("words"), section.maybe("every")
    if every not in (None, *_EVERY):
        section.add("not-allowed", "every", name="every", value=every, allowed=", ".join(_EVERY))
    given = Deadline(words, section.days("due", required=True), every)
    section.close()
    if not words or not given.due:
        return given
    if words not in quote:
        section.add("words-missing", "words", words=words)
    if period:
        meant = read_deadline(words, period)
        if not meant.due:
            section.add("deadline-unread", "words", words=words)
        elif (meant.due, meant.every) != (given.due, given.every):
            section.add(
                "deadline-wrong", "due", words=words, read=_when(meant), given=_when(given)
            )
    return given


def _when(deadline: Deadline) -> str:
    days = ", ".join(map(str, deadline.due))
    return f"{days} ({deadline.every})" if deadline.every else days


def _target(section: Section, quote: str) -> Target:
    """The figure to reach, held against its words."""
    target = Target(
        comparator=section.choice("comparator", Comparator) or Comparator.EQUAL,
        value=section.number("value") or 0,
        unit=section.text("unit"),
        measures=section.text("measures"),
        words=section.text("words"),
    )
    section.close()
    if target.words and target.words not in quote:
        section.add("words-missing", "words", words=target.words)
    elif target.words and target.value not in _numbers(target.words):
        section.add("figure-wrong", "value", words=target.words, value=f"{target.value:g}")
    return target


def _numbers(words: str) -> set[float]:
    """Every number in words: "30%" → 30, "1.234,5" → 1234.5, "một lần" → 1."""
    found = {float(n.replace(".", "").replace(",", ".")) for n in _NUMBER.findall(words)}
    return found | {_COUNTED[word] for word in words.casefold().split() if word in _COUNTED}

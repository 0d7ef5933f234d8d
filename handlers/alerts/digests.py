"""The digests of a Monday: an agency's week, and one page on the province."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import date, timedelta

from data import deadlines
from data.loading.library import Library
from data.model import Kind, Plan
from data.record import Status
from handlers.alerts.duties import Report, report_duties
from handlers.alerts.field import Field
from handlers.alerts.reminders import roman, titled
from handlers.messages import Line, Style
from handlers.updates import progress
from handlers.updates.progress import Bucket, Judgement, Tally
from handlers.wording import day as day_words
from handlers.wording import listing, say

NAMED = 6
"""So many tasks or agencies of a list are named; the rest is counted."""
REPORT_BEFORE, REPORT_AFTER = timedelta(days=14), timedelta(days=60)
"""How long before and after its last day a report that is missing is spoken of."""
PAGE = 1900


def agency_week(field: Field, plan: Plan, agency: str, day: date) -> tuple[Line, ...]:
    """What a week brings an agency, for its own people; nothing where it brings nothing."""
    first, last = deadlines.week_span(day)
    open_dates = [
        (occasion.due, occasion.task, field.condition(occasion, agency))
        for occasion in field.occasions
        if occasion.task.plan == plan.id
        and agency in field.keys(occasion.task)
        and occasion.concerns(agency)
    ]
    waiting = [(due, task, now) for due, task, now in open_dates if now.status != Status.DONE]
    week = sorted((d, t.ref, t) for d, t, _ in waiting if day <= d <= last)
    overdue = sorted((d, t.ref, t) for d, t, _ in waiting if d < day)
    blocked = [t for d, t, now in waiting if now.status is Status.BLOCKED]
    if not (week or overdue or blocked):
        return ()
    title = say(
        "digest.agency.title",
        agency=field.library.directory.name(agency),
        first=day_words(first),
        last=day_words(last),
    )
    lines = [
        Line(title, Style.STRONG),
        Line(say("digest.agency", due=len(week), overdue=len(overdue), blocked=len(blocked))),
    ]
    lines += [
        Line(say("digest.due", due=day_words(d), title=titled(t, d))) for d, _, t in week[:NAMED]
    ]
    lines += [
        Line(say("digest.overdue", due=day_words(d), title=titled(t, d)))
        for d, _, t in overdue[:NAMED]
    ]
    return tuple(lines)


def province_page(
    field: Field, plan: Plan, day: date, before: str | None, served: Collection[str]
) -> tuple[Line, ...]:
    """The province on one page: four buckets and their change, what fell overdue, who has not
    reported, who waits for whom, who has nobody to be reminded.

    `before` is what `counts` gave a week ago, `served` the agencies with people on the bot.
    """
    assert field.overview is not None  # noqa: S101
    held = field.overview.of_plan(plan)
    tally = progress.tally(held, extended=True)
    title = say(
        "digest.province.title",
        plan=say("plan.name", province=plan.province, year=plan.year),
        day=day_words(day),
    )
    lines = [Line(title, Style.STRONG), *_buckets(tally, before)]
    lines += _fell_overdue(held, day)
    lines += _unreported(field, plan, day)
    lines += _blocked(held, field.library)
    lines += _unserved(field, plan, day, served)
    return _cut(lines)


def counts(field: Field, plan: Plan) -> str:
    """The four buckets as JSON text, for the comparison a week later."""
    assert field.overview is not None  # noqa: S101
    tally = progress.tally(field.overview.of_plan(plan), extended=True)
    return json.dumps(asdict(tally), separators=(",", ":"))


def _buckets(tally: Tally, before: str | None) -> list[Line]:
    then = json.loads(before) if before else {}
    lines = []
    for name in (b.value for b in Bucket):
        now = getattr(tally, name)
        change = now - then[name] if name in then else 0
        told = say("digest.change", change=f"{change:+d}") if change else ""
        lines.append(Line(say(f"digest.bucket.{name}", count=now, change=told)))
    return [*lines, Line(say("digest.total", total=tally.total, standing=tally.standing))]


def _fell_overdue(held: Iterable[Judgement], day: date) -> list[Line]:
    week = day - timedelta(days=7)
    fresh = [
        h
        for h in held
        if h.bucket_extended is Bucket.OPEN_LATE and h.extended and week <= h.extended < day
    ]
    if not fresh:
        return [Line(say("digest.fell_overdue.none"))]
    lines = [Line(say("digest.fell_overdue", count=len(fresh)), Style.STRONG)]
    for h in fresh[:NAMED]:
        due = day_words(h.extended) if h.extended else ""
        lines.append(Line(say("digest.overdue", due=due, title=h.task.title)))
    return lines


def _unreported(field: Field, plan: Plan, day: date) -> list[Line]:
    lines = []
    for duty in report_duties(plan.tasks):
        if not duty.due - REPORT_BEFORE <= day <= duty.due + REPORT_AFTER:
            continue
        missing = unreported(field, duty)
        if missing:
            names = _names(field.library, missing)
            key = "digest.unreported.late" if duty.due < day else "digest.unreported"
            lines.append(
                Line(say(key, number=roman(duty.number), due=day_words(duty.due), names=names))
            )
    return lines


def unreported(field: Field, duty: Report) -> list[str]:
    """The agencies asked for a report that have not handed it in, in the directory's order."""
    assert field.overview is not None  # noqa: S101
    entries = field.overview.entries(duty.task)
    return [
        key
        for key in field.overview.sharers(duty.task)
        if key not in duty.task.recipients
        and progress.condition(
            progress.of_occurrence(duty.task, progress.part(duty.task, entries, key), duty.due)
        ).status
        is not Status.DONE
    ]


def _blocked(held: Iterable[Judgement], library: Library) -> list[Line]:
    waiting = [h for h in held if h.condition.status is Status.BLOCKED]
    if not waiting:
        return []
    lines = [Line(say("digest.blocked", count=len(waiting)), Style.STRONG)]
    for h in waiting[:NAMED]:
        blocker = h.condition.blocker
        by = library.directory.name(blocker) if blocker else h.condition.reason
        lead = listing(library.directory.name(key) for key in (h.agency,) if key) or listing(
            library.directory.name(key) for key in h.task.responsible
        )
        lines.append(Line(say("digest.blocked.by", title=h.task.title, lead=lead, by=by)))
    return lines


def _unserved(field: Field, plan: Plan, day: date, served: Collection[str]) -> list[Line]:
    """Who has a date in the next month and nobody on the bot who would hear of it."""
    soon = day + timedelta(days=31)
    missing: dict[str, None] = {}
    for occasion in field.occasions:
        task = occasion.task
        named = task.plan == plan.id and task.lead and task.kind is not Kind.TARGET
        if named and day <= occasion.due <= soon and field.keys(task).isdisjoint(served):
            missing.update(dict.fromkeys(task.lead))
    if not missing:
        return []
    return [Line(say("digest.unserved", names=_names(field.library, list(missing))))]


def _names(library: Library, keys: Sequence[str]) -> str:
    names = [library.directory.name(key) for key in keys[:NAMED]]
    if len(keys) > NAMED:
        names.append(say("digest.others", count=len(keys) - NAMED))
    return listing(names)


def _cut(lines: Sequence[Line]) -> tuple[Line, ...]:
    """As many lines as one page holds."""
    kept: list[Line] = []
    used = 0
    for line in lines:
        used += len(line.text) + 1
        if used > PAGE:
            kept.append(Line("…"))
            break
        kept.append(line)
    return tuple(kept)

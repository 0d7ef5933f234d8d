"""What is due to whom on a morning, and why: pure, from tasks, their state, wishes and days.

Guests hear of the plan's public deadlines and nothing of what officials reported.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from data.model import Role
from data.record import Status
from data.reminders import LEADS, Scope, State, Wishes
from handlers.alerts.field import Agenda, Field
from handlers.alerts.mornings import urgency
from handlers.alerts.occasions import Occasion

_NEAREST = {Scope.TASK: 0, Scope.TOPIC: 1, Scope.REPORTS: 2, Scope.AGENCY: 3, Scope.PLAN: 5}
_ROLE = 4


@dataclass(frozen=True, slots=True)
class Found:
    """What one listener is to be told: the occasion, how, and by whose wish."""

    occasion: Occasion
    kind: str
    date: date
    why: str
    agency: str
    state: State = State.DUE
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Interest:
    nearness: int
    scope: Scope
    value: str
    plan: str
    leads: tuple[int, ...]
    why: str


def interests(wishes: Wishes) -> list[_Interest]:
    """What somebody hears of, the nearest wish first: a task before its agency."""
    found = [
        _Interest(
            _NEAREST[s.scope],
            s.scope,
            s.value,
            s.plan,
            (*s.leads, 0) if s.leads else LEADS,
            f"{s.scope}:{s.value}",
        )
        for s in wishes.subscriptions
        if s.wanted and s.scope in _NEAREST
    ]
    found += [
        _Interest(_ROLE, Scope.AGENCY, agency, plan, LEADS, f"lead:{agency}")
        for plan, agency, role in wishes.memberships
        if agency and role in (Role.OFFICIAL, Role.COORDINATOR)
    ]
    return sorted(found, key=lambda interest: interest.nearness)


def due_to(wishes: Wishes, agenda: Agenda) -> list[Found]:
    """What somebody is to be told on a morning, the most urgent first."""
    day = agenda.morning.day
    chosen: dict[tuple[str, date], tuple[_Interest, Occasion]] = {}
    for interest in interests(wishes):
        for occasion in agenda.of(interest.scope, interest.value, interest.plan):
            if occasion.concerns(_agency(wishes, interest, occasion, agenda.field)):
                chosen.setdefault((occasion.task.ref, occasion.original), (interest, occasion))
    found = [
        alert
        for interest, occasion in chosen.values()
        if (alert := _announced(wishes, interest, occasion, agenda))
    ]
    told = {(f.occasion.task.ref, f.occasion.original) for f in found}
    found += [f for f in _snoozed(wishes, agenda) if (f.occasion.task.ref, f.date) not in told]
    return sorted(found, key=lambda f: urgency(f.occasion.due, day))


def _agency(wishes: Wishes, interest: _Interest, occasion: Occasion, field: Field) -> str:
    """The agency as whose member somebody hears of a task, or whose task it follows."""
    if interest.scope in (Scope.AGENCY, Scope.REPORTS) and interest.value:
        return interest.value
    keys = field.keys(occasion.task)
    own = (a for plan, a, _ in wishes.memberships if plan == occasion.task.plan and a in keys)
    return next(own, "")


def _announced(
    wishes: Wishes, interest: _Interest, occasion: Occasion, agenda: Agenda
) -> Found | None:
    """How an occasion is told; None where there is nothing to tell on this morning."""
    agency = _agency(wishes, interest, occasion, agenda.field)
    if occasion.due < agenda.morning.day:
        told = agenda.overdue(occasion)
        if told is None:
            return None
        found = Found(occasion, "overdue", told, interest.why, agency)
    else:
        span = agenda.leads(occasion.due)
        fitting = [lead for lead in interest.leads if lead in span]
        if not fitting:
            return None
        kind = f"before.{min(fitting)}"
        found = Found(occasion, kind, occasion.due, interest.why, agency)
    return _held_back(wishes, interest, found, agenda)


def _held_back(wishes: Wishes, interest: _Interest, found: Found, agenda: Agenda) -> Found | None:
    """Nothing where the task is done; skipped where it is muted or waits for another agency."""
    state = agenda.field.condition(found.occasion, found.agency)
    if state.status is Status.DONE:
        return None
    if state.status is Status.BLOCKED and state.blocker:
        return replace(found, state=State.SKIPPED, reason=f"blocked:{state.blocker}")
    for wish in wishes.subscriptions:
        nearness = min(_NEAREST.get(wish.scope, 9), _ROLE) if wish.scope in _NEAREST else 9
        muting = not wish.wanted and nearness <= interest.nearness
        if muting and found.occasion in agenda.of(wish.scope, wish.value, wish.plan):
            reason = f"muted:{wish.scope}:{wish.value}"
            return replace(found, state=State.SKIPPED, reason=reason)
    return found


def _snoozed(wishes: Wishes, agenda: Agenda) -> Iterator[Found]:
    """What somebody asked to be reminded of again by now."""
    for ref, due, again in wishes.snoozes:
        task = agenda.field.library.task(ref)
        if task is None or again > agenda.morning.last:
            continue
        occasion = Occasion(task, due, due)
        keys = agenda.field.keys(task)
        agency = next((a for p, a, _ in wishes.memberships if p == task.plan and a in keys), "")
        state = agenda.field.condition(occasion, agency)
        if state.status is not Status.DONE:
            due = state.granted or due
            yield Found(replace(occasion, due=due), "snoozed", again, f"task:{ref}", agency)

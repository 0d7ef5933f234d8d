"""Which days a morning answers for, and when what is overdue is told.

A deadline is announced so many days before its last day in time; an announcement that falls
on a day without office hours goes out on the working day before. What is overdue is told the
day after and then once a week, on the next working day where that is none.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from data import deadlines
from data.model import Plan, Role
from data.reminders import QUIET_FROM, QUIET_UNTIL, Absence, Scope, Wishes

OVERDUE_WEEKS = 12
"""How often what is overdue is told before only the digests speak of it."""
DIGEST_AFTER = timedelta(days=60)
"""How long after its period a plan still has digests."""
CATCH_UP = timedelta(days=31)
"""How far back announcements that were missed are looked for."""
URGENT = 2
"""The least urgent rank that still goes out where a channel's quota runs short."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Morning:
    """The days that one morning's message answers for.

    `first` to `last` are the days whose announcements go out on `day`; what fell overdue is
    looked for from `since` on.
    """

    day: date
    first: date
    last: date
    since: date


def working(day: date, quiet: Collection[int] = ()) -> bool:
    """Whether somebody who wants rest on these weekdays is reminded on that day."""
    return day.weekday() not in quiet and deadlines.is_working(day)


def morning(
    day: date, quiet: Collection[int], heard: date | None, covered: date | None
) -> Morning | None:
    """The days that the message of `day` answers for; None on a day without a message."""
    if not working(day, quiet):
        return None
    last = day
    while not working(last + DAY, quiet):
        last += DAY
    before = day - DAY
    while not working(before, quiet):
        before -= DAY
    told = before if heard is None else min(heard, before)
    earliest = day - CATCH_UP
    first = day if covered is None else max(min(covered + DAY, day), earliest)
    return Morning(day, first, last, max(told + DAY, earliest))


def may_send(now: datetime) -> bool:
    """Whether a morning's message may go out at this moment."""
    minute = now.hour * 60 + now.minute
    return QUIET_UNTIL <= minute < QUIET_FROM and deadlines.is_working(now.date())


def overdue_on(due: date, since: date, day: date) -> date | None:
    """The last day from `since` to `day` on which it is told that `due` has passed."""
    weeks = min((day - due - DAY).days // 7, OVERDUE_WEEKS - 1)
    told = due + DAY + weeks * timedelta(days=7)
    return told if weeks >= 0 and told >= since else None


def rank(kind: str, due: date, day: date) -> int:
    """How urgent: 0 goes at once, 1 is today's, 2 overdue or near, 3 later, 4 a digest."""
    if kind.startswith("notice."):
        return 0
    if kind == "digest":
        return 4
    left = (due - day).days
    return 1 if left == 0 else 2 if left <= 3 else 3


def urgency(due: date, day: date) -> tuple[int, int]:
    """By this the lines of a message are put in order: today's, overdue, then by day."""
    left = (due - day).days
    return (0 if left == 0 else 1 if left < 0 else 2, abs(left))


def digests_due(wishes: Wishes, morning: Morning, plans: Mapping[str, Plan]) -> list[str]:
    """The digests of a week's first working day: `digest/<plan>` and, for an agency's week,
    `digest/<plan>/<agency>`."""
    if not wishes.memberships:
        return []
    monday = deadlines.week_span(morning.day)[0]
    first = monday if deadlines.is_working(monday) else deadlines.next_working(monday)
    if not morning.since <= first <= morning.day:
        return []
    refused = {s.value for s in wishes.subscriptions if s.scope is Scope.DIGEST and not s.wanted}
    found: dict[str, None] = {}
    for name, agency, role in wishes.memberships:
        plan = plans.get(name)
        if plan is None or name in refused or not digesting(plan, morning.day):
            continue
        if role in (Role.COORDINATOR, Role.LEADER):
            found[f"digest/{name}"] = None
        elif role == Role.OFFICIAL and agency:
            found[f"digest/{name}/{agency}"] = None
    return list(found)


def digesting(plan: Plan, day: date) -> bool:
    """Whether a plan still has digests on that day."""
    return plan.period[0] <= day <= plan.period[1] + DIGEST_AFTER


def stand_ins(away: Iterable[Absence]) -> Mapping[int, tuple[int, ...]]:
    """For each listener who hears instead of others on leave: those others.

    A deputy who is on leave too passes on what came; nobody hears instead of themselves.
    """
    passed = {absence.listener: absence.deputy for absence in away}
    found: defaultdict[int, list[int]] = defaultdict(list)
    for absent in passed:
        deputy, seen = passed[absent], {absent}
        while deputy is not None and deputy in passed and deputy not in seen:
            seen.add(deputy)
            deputy = passed[deputy]
        if deputy is not None and deputy not in passed:
            found[deputy].append(absent)
    return {deputy: tuple(absents) for deputy, absents in found.items()}

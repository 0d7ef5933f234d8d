from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from data.loading.directory import Directory
from data.loading.library import Library, load_library
from data.model import Agency, Deadline, Kind, Plan, Role, Task
from data.record import Act, Entry, Status
from data.reminders import Absence, Address, Listener, Scope, State, Subscription, Wishes
from handlers.alerts import duties, interests, mornings, occasions, reminders
from handlers.alerts.field import Field
from handlers.alerts.interests import Found
from handlers.alerts.reminders import Item
from handlers.alerts.rows import to_log
from handlers.updates.progress import Overview

DUE = date(2021, 6, 24)
"""A Thursday."""
ADDRESS = (Address("telegram", "1"),)
OFFICIAL = (("p", "so-a", Role.OFFICIAL.value),)
LEADS = frozenset({30, 7, 5, 3, 1, 0})


def task(id: str, due: date | None = DUE, lead: str = "so-a", title: str = "") -> Task:
    return Task(
        id=id,
        plan="p",
        clause=f"II.{id}",
        heading="",
        kind=Kind.TASK,
        title=title or f"Việc {id}",
        quote=f"Việc {id}",
        lead=(lead,),
        deadline=Deadline("trước hạn", (due,)) if due else None,
    )


def plans(*tasks: Task) -> Library:
    plan = Plan(
        "p", "P", "", "", "", "", "", (date(2021, 1, 1), date(2021, 12, 31)), "so-a", tasks=tasks
    )
    agencies = {key: Agency(key, key.title()) for key in ("so-a", "so-b", "so-c")}
    return Library(Directory(agencies), {"p": plan}, {}, {})


def entry(id: int, act: Act, **fields: object) -> Entry:
    at = datetime(2021, 6, 1, tzinfo=UTC)
    return Entry(
        "p", "1", act, at, 1, "A", "so-a", "official", "telegram", "", fields=fields, id=id
    )


def wishes(
    *subscriptions: Subscription,
    memberships: tuple[tuple[str, str, str], ...] = OFFICIAL,
    snoozes: tuple[tuple[str, date, date], ...] = (),
) -> Wishes:
    return Wishes(Listener(1, 1), memberships, subscriptions, ADDRESS, snoozes)


def told(
    day: date,
    who: Wishes,
    *tasks: Task,
    entries: tuple[Entry, ...] = (),
    heard: date | None = None,
    covered: date | None = None,
) -> list[Found]:
    library = plans(*tasks)
    morning = mornings.morning(day, who.listener.quiet, heard, covered)
    if morning is None:
        return []
    overview = None if who.guest else Overview(library, entries, day)
    agenda = Field(library, overview, day).agenda(morning, LEADS)
    return interests.due_to(who, agenda)


def days_of(who: Wishes, one: Task, first: date, last: date) -> list[tuple[str, str]]:
    """(day, kind) of everything told of one task, day by day."""
    found = []
    day = first
    while day <= last:
        found += [(day.isoformat(), f.kind) for f in told(day, who, one)]
        day += timedelta(days=1)
    return found


def test_default_days_then_once_a_week_when_overdue() -> None:
    assert days_of(wishes(), task("1"), date(2021, 5, 1), date(2021, 7, 10)) == [
        ("2021-05-25", "before.30"),
        ("2021-06-17", "before.7"),
        ("2021-06-21", "before.3"),
        ("2021-06-23", "before.1"),
        ("2021-06-24", "before.0"),
        ("2021-06-25", "overdue"),
        ("2021-07-02", "overdue"),
        ("2021-07-09", "overdue"),
    ]


def test_overdue_ends_after_twelve_weeks() -> None:
    found = days_of(wishes(), task("1"), DUE, date(2022, 6, 1))
    assert [kind for _, kind in found] == ["before.0", *["overdue"] * 12]


def test_what_falls_on_days_of_rest_is_told_on_the_working_day_before() -> None:
    saturday = date(2021, 6, 26)
    found = days_of(wishes(), task("1", saturday), date(2021, 6, 20), date(2021, 7, 1))
    assert found == [
        ("2021-06-23", "before.3"),
        ("2021-06-25", "before.0"),
        ("2021-06-28", "overdue"),
    ]
    holiday = date(2021, 9, 2)
    found = days_of(wishes(), task("1", holiday), date(2021, 8, 28), date(2021, 9, 5))
    assert found[-1] == ("2021-09-01", "before.0")


def test_weekdays_of_rest_are_ones_own() -> None:
    rested = Wishes(Listener(1, 1, quiet=frozenset({3})), OFFICIAL, (), ADDRESS)
    found = days_of(rested, task("1"), date(2021, 6, 20), date(2021, 6, 30))
    assert found == [
        ("2021-06-21", "before.3"),
        ("2021-06-23", "before.0"),
        ("2021-06-25", "overdue"),
    ]


def test_own_lead_times_of_the_nearest_wish_count_and_the_day_itself_stays() -> None:
    own = wishes(Subscription(Scope.AGENCY, "so-a", leads=(5,)))
    found = days_of(own, task("1"), date(2021, 6, 1), DUE)
    assert found == [("2021-06-18", "before.5"), ("2021-06-24", "before.0")]


def test_after_days_away_the_missed_announcement_says_what_is_left() -> None:
    [found] = told(
        date(2021, 6, 18),
        wishes(),
        task("1"),
        heard=date(2021, 6, 15),
        covered=date(2021, 6, 15),
    )
    assert found.kind == "before.7"
    [late] = told(
        date(2021, 6, 28), wishes(), task("1"), heard=date(2021, 6, 15), covered=date(2021, 6, 15)
    )
    assert late.kind == "overdue"


def test_done_is_not_told_and_returned_is() -> None:
    done = entry(1, Act.UPDATE, status=Status.DONE.value, percent=100)
    assert told(DUE, wishes(), task("1"), entries=(done,)) == []
    returned = entry(2, Act.RETURN, reason="thiếu số liệu")
    assert told(DUE, wishes(), task("1"), entries=(done, returned))


def test_whoever_waits_for_another_agency_is_not_nagged() -> None:
    blocked = entry(1, Act.UPDATE, status=Status.BLOCKED.value, blocker="so-b")
    [found] = told(DUE, wishes(), task("1"), entries=(blocked,))
    assert (found.state, found.reason) == (State.SKIPPED, "blocked:so-b")


def test_an_extension_moves_the_announcements() -> None:
    granted = entry(1, Act.GRANT, to="2021-07-15")
    assert told(DUE, wishes(), task("1"), entries=(granted,)) == []
    [found] = told(date(2021, 7, 15), wishes(), task("1"), entries=(granted,))
    assert (found.kind, found.occasion.original) == ("before.0", DUE)


def test_a_guest_hears_of_the_public_date_only() -> None:
    guest = wishes(Subscription(Scope.TASK, "p/1"), memberships=())
    done = entry(1, Act.UPDATE, status=Status.DONE.value)
    assert told(DUE, guest, task("1"), entries=(done,))
    assert told(DUE + timedelta(days=1), guest, task("1")) == []


@pytest.mark.parametrize(
    ("muting", "wanted", "state"),
    [
        (Subscription(Scope.TASK, "p/1", wanted=False), (), State.SKIPPED),
        (Subscription(Scope.AGENCY, "so-a", wanted=False), (), State.SKIPPED),
        (Subscription(Scope.PLAN, "p", wanted=False), (), State.SKIPPED),
        (
            Subscription(Scope.AGENCY, "so-a", wanted=False),
            (Subscription(Scope.TASK, "p/1"),),
            State.DUE,
        ),
    ],
)
def test_the_nearer_wish_wins(
    muting: Subscription, wanted: tuple[Subscription, ...], state: State
) -> None:
    [found] = told(DUE, wishes(muting, *wanted), task("1"))
    assert found.state is state
    assert found.reason == ("" if state is State.DUE else f"muted:{muting.scope}:{muting.value}")


@pytest.mark.parametrize(
    "wish",
    [
        Subscription(Scope.TASK, "p/1"),
        Subscription(Scope.AGENCY, "so-b"),
        Subscription(Scope.AGENCY, "so-b", "p"),
        Subscription(Scope.TOPIC, "viện phí"),
        Subscription(Scope.TOPIC, "vien phi"),
        Subscription(Scope.PLAN, "p"),
    ],
)
def test_one_hears_of_what_one_follows(wish: Subscription) -> None:
    one = task("1", lead="so-b", title="Thanh toán viện phí")
    other = task("2", lead="so-c", due=DUE + timedelta(days=1))
    found = told(DUE, wishes(wish, memberships=()), one, other)
    assert "1" in [f.occasion.task.id for f in found]
    assert told(DUE, wishes(Subscription(Scope.TOPIC, "học phí"), memberships=()), one) == []


def test_a_snooze_reminds_again_and_leaves_the_series_alone() -> None:
    again = wishes(snoozes=(("p/1", DUE, date(2021, 6, 18)),))
    assert [f.kind for f in told(date(2021, 6, 18), again, task("1"))] == ["snoozed"]
    assert [f.kind for f in told(date(2021, 6, 21), wishes(), task("1"))] == ["before.3"]


def test_most_urgent_first() -> None:
    days = {"a": 3, "b": 0, "c": -1, "d": 7}
    found = told(DUE, wishes(), *(task(n, DUE + timedelta(days=d)) for n, d in days.items()))
    assert [f.occasion.task.id for f in found] == ["b", "c", "a", "d"]


def test_report_duties_of_both_plans() -> None:
    found = duties.report_duties(load_library().tasks())
    assert [(d.task.ref, d.due.isoformat(), d.number) for d in found] == [
        (f"{plan}/{id}", f"{year}-{month:02}-09", month // 3)
        for plan, id, year in (("binh-duong-2019", "III3", 2019), ("lang-son-2021", "III6", 2021))
        for month in (3, 6, 9, 12)
    ]
    assert all(d.early and d.cut_off == d.due + timedelta(days=5) for d in found)
    assert [d.whole_year for d in found] == [False, False, False, True] * 2


def test_whoever_gathers_the_reports_owes_none() -> None:
    library = load_library()
    field = Field(library, None, date(2021, 6, 1))
    duty = library.task("lang-son-2021/III6")
    assert duty
    assert "so-y-te" in field.keys(duty)
    assert "so-ke-hoach-va-dau-tu" not in field.keys(duty)


def test_todays_agency_hears_of_its_predecessors_tasks() -> None:
    library = load_library()
    task = library.task("lang-son-2021/5g")
    assert task
    assert "so-noi-vu" not in Field(library, None, date(2021, 6, 1)).keys(task)
    now = Field(library, None, date(2026, 6, 1)).keys(task)
    assert {"so-lao-dong-thuong-binh-va-xa-hoi", "so-noi-vu"} <= now


def test_deputies_hear_instead_along_the_chain() -> None:
    day = date(2021, 6, 1)
    away = [Absence(1, day, day, 2), Absence(2, day, day, 3), Absence(4, day, day)]
    assert mornings.stand_ins(away) == {3: (1, 2)}
    assert mornings.stand_ins([Absence(1, day, day, 2), Absence(2, day, day, 1)]) == {}


def test_digests_come_on_the_first_working_day_of_a_week() -> None:
    library = plans(task("1"))
    leader = wishes(memberships=(("p", "", Role.LEADER.value), ("p", "so-a", "official")))

    def on(day: date, heard: date | None = None) -> list[str]:
        found = mornings.morning(day, (), heard, None)
        return mornings.digests_due(leader, found, library.plans) if found else []

    assert on(date(2021, 6, 21)) == ["digest/p", "digest/p/so-a"]
    assert on(date(2021, 6, 22)) == []
    assert on(date(2021, 6, 22), heard=date(2021, 6, 18)) == ["digest/p", "digest/p/so-a"]
    assert on(date(2021, 5, 3)) == []  # a public holiday
    assert on(date(2021, 5, 4)) == ["digest/p", "digest/p/so-a"]
    assert on(date(2022, 6, 20)) == []


def items(count: int) -> list[Item]:
    library = plans(*(task(str(n), title="Việc rất dài " * 8) for n in range(count)))
    found = told(DUE, wishes(), *library.tasks())
    rows = [to_log(f, wishes(), ("zalo", "1"), DUE) for f in found]
    made = []
    for place, row in enumerate(rows, 1):
        known = library.task(row.task)
        assert known
        made.append(Item(replace(row, place=place, id=place), known))
    return made


@pytest.mark.parametrize("count", [1, 2, 5, 9, 40])
def test_one_message_fits_zalo_and_the_rest_is_behind_a_button(count: int) -> None:
    library = plans(*(task(str(n)) for n in range(count)))
    made = items(count)
    reply = reminders.message(made, (), library, DUE)
    [bubble] = reply.bubbles
    extra = [f"{c.number}. {c.label}\n" for c in reply.choices if not c.listed]
    assert len(bubble.text) + sum(map(len, extra)) <= 2000
    listed = [c for c in reply.choices if c.listed]
    more = [c for c in reply.choices if c.action.startswith("al.more.")]
    if count == 1:
        assert [c.action for c in reply.choices] == [f"al.{verb}.1" for verb in reminders.ACTIONS]
        return
    assert [c.number for c in listed] == list(range(1, len(listed) + 1))
    assert len(more) == (1 if len(listed) < count else 0)
    if more:
        assert more[0].number == count + 1
        assert more[0].label == f"Xem thêm {count - len(listed)} việc"
        following = int(more[0].action.rsplit(".", 1)[1])
        assert following == len(listed) + 1
        rest = reminders.rest(made[len(listed) :], library, DUE)
        assert all(len(b.text) <= 2000 for b in rest.bubbles)
        assert len([c for c in rest.choices if c.listed]) == count - len(listed)


def test_a_report_names_recipients_figures_and_the_early_date() -> None:
    library = load_library()
    duty = library.task("lang-son-2021/III6")
    assert duty
    due = date(2021, 12, 9)
    found = Found(occasions.Occasion(duty, due, due), "before.3", due, "lead:so-y-te", "so-y-te")
    row = to_log(found, wishes(), ("zalo", "1"), date(2021, 12, 6))
    text = reminders.line_of(Item(row, duty), library, date(2021, 12, 6))
    for words in ("Còn 3 ngày", "09/12/2021", "thứ Năm", "quý IV và cả năm 2021", "Sở Kế hoạch",
                  "15/09/2021", "14/12/2021", "Nghị định 09/2019", "Lưu ý"):  # fmt: skip
        assert words in text

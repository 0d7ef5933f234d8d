"""The four buckets, against the plan's deadline and the extended one."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from data.loading.library import Library, load_library
from data.model import Deadline, Kind, Plan, Task
from data.record import Act, Entry, Status
from handlers.updates import progress
from handlers.updates.progress import Bucket, Overview, Tally, judge, tally

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DUE = date(2021, 6, 30)
BEFORE, AFTER = date(2021, 6, 30), date(2021, 7, 1)


def task(id: str = "1a", due: tuple[date, ...] = (DUE,), **more: Any) -> Task:
    held = {"lead": ("so-y-te",), "deadline": Deadline("hạn", due) if due else None, **more}
    return Task(id, "p", f"I.{id}", "", Kind.TASK, "Việc", "việc", **held)


class Book:
    """A record that numbers its entries."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(
        self,
        act: Act,
        day: date = date(2021, 5, 1),
        *,
        agency: str = "so-y-te",
        on: str = "1a",
        **fields: Any,
    ) -> Entry:
        at = datetime(day.year, day.month, day.day, 9, tzinfo=ZONE)
        entry = Entry(
            plan="p", task=on, act=act, at=at, person=1, name="Lan", agency=agency,
            authority="", channel="console", words="", fields=fields, id=len(self.entries) + 1,
        )  # fmt: skip
        self.entries.append(entry)
        return entry

    def say(self, status: str, day: date = date(2021, 5, 1), **fields: Any) -> Entry:
        return self.add(Act.UPDATE, day, status=status, **fields)


def buckets(book: Book, today: date, of: Task | None = None) -> tuple[Any, Any]:
    held = judge(of or task(), book.entries, today)
    return held.bucket, held.bucket_extended


@pytest.mark.parametrize(
    ("status", "on", "today", "expected"),
    [
        ("done", BEFORE, AFTER, Bucket.DONE_IN_TIME),
        ("done", AFTER, AFTER, Bucket.DONE_LATE),
        ("in_progress", BEFORE, BEFORE, Bucket.OPEN_IN_TIME),
        ("in_progress", BEFORE, AFTER, Bucket.OPEN_LATE),
        ("blocked", BEFORE, AFTER, Bucket.OPEN_LATE),
        ("not_started", BEFORE, BEFORE, Bucket.OPEN_IN_TIME),
    ],
)
def test_each_task_is_in_one_of_four_buckets(
    status: str, on: date, today: date, expected: Bucket
) -> None:
    book = Book()
    book.say(status, on)
    assert buckets(book, today) == (expected, expected)


def test_a_task_nobody_spoke_of_is_open() -> None:
    assert buckets(Book(), BEFORE) == (Bucket.OPEN_IN_TIME, Bucket.OPEN_IN_TIME)
    assert buckets(Book(), AFTER) == (Bucket.OPEN_LATE, Bucket.OPEN_LATE)


def test_the_day_stated_counts_not_the_day_of_the_message() -> None:
    book = Book()
    book.say("done", AFTER, done_on="2021-06-29")
    assert buckets(book, AFTER)[0] is Bucket.DONE_IN_TIME


def test_adding_a_paper_later_does_not_make_it_late() -> None:
    book = Book()
    book.say("done", BEFORE)
    book.say("done", AFTER)
    assert buckets(book, AFTER)[0] is Bucket.DONE_IN_TIME


def test_an_extension_counts_only_when_granted_and_both_dates_are_kept() -> None:
    book = Book()
    request = book.add(Act.EXTEND, to="2021-09-30")
    assert buckets(book, AFTER) == (Bucket.OPEN_LATE, Bucket.OPEN_LATE)
    book.add(Act.GRANT, request=request.id, to="2021-09-30", **{"for": "so-y-te"})
    held = judge(task(), book.entries, AFTER)
    assert (held.bucket, held.bucket_extended) == (Bucket.OPEN_LATE, Bucket.OPEN_IN_TIME)
    assert (held.due, held.extended) == (DUE, date(2021, 9, 30))
    assert (held.condition.extensions, held.condition.request) == (1, None)
    book.say("done", AFTER)
    assert buckets(book, AFTER) == (Bucket.DONE_LATE, Bucket.DONE_IN_TIME)


def test_a_refused_extension_changes_no_date() -> None:
    book = Book()
    request = book.add(Act.EXTEND, to="2021-09-30")
    book.add(Act.REFUSE, request=request.id, to="2021-09-30", **{"for": "so-y-te"})
    held = judge(task(), book.entries, AFTER)
    assert (held.extended, held.condition.extensions) == (DUE, 0)


def test_what_is_returned_counts_as_not_done_until_corrected() -> None:
    book = Book()
    book.say("done", BEFORE)
    book.add(Act.CONFIRM, **{"for": "so-y-te"})
    book.add(Act.RETURN, AFTER, agency="so-tai-chinh", reason="thiếu", **{"for": "so-y-te"})
    held = judge(task(), book.entries, AFTER)
    assert (held.bucket, held.condition.status) == (Bucket.OPEN_LATE, Status.RETURNED)
    assert (held.condition.reason, held.condition.confirmed) == ("thiếu", False)
    book.say("done", AFTER)
    assert buckets(book, AFTER)[0] is Bucket.DONE_LATE


def test_undo_brings_back_what_was_before() -> None:
    book = Book()
    book.say("in_progress", percent=40)
    wrong = book.say("done")
    book.add(Act.UNDO, reverses=wrong.id)
    held = judge(task(), book.entries, BEFORE).condition
    assert (held.status, held.percent, len(book.entries)) == (Status.IN_PROGRESS, 40, 3)


def test_undo_of_an_earlier_entry_keeps_the_later_one() -> None:
    book = Book()
    wrong = book.say("in_progress", percent=90)
    book.say("done")
    book.add(Act.UNDO, reverses=wrong.id)
    assert judge(task(), book.entries, BEFORE).condition.status is Status.DONE


def test_a_standing_duty_is_never_overdue() -> None:
    book = Book()
    held = judge(task(due=()), book.entries, date(2030, 1, 1))
    assert (held.bucket, held.bucket_extended) == (None, None)
    counts = tally([held], extended=True)
    assert (counts.total, counts.standing, counts.done_rate) == (0, 1, None)


QUARTERS = (date(2021, 3, 9), date(2021, 6, 9), date(2021, 9, 9), date(2021, 12, 9))


def test_a_recurring_task_counts_by_its_worst_occurrence() -> None:
    reports, book = task(due=QUARTERS), Book()
    assert buckets(book, date(2021, 3, 9), reports)[0] is Bucket.OPEN_IN_TIME
    assert buckets(book, date(2021, 3, 10), reports)[0] is Bucket.OPEN_LATE
    book.say("done", date(2021, 3, 8), due="2021-03-09")
    assert buckets(book, date(2021, 3, 10), reports)[0] is Bucket.OPEN_IN_TIME
    assert buckets(book, date(2021, 6, 10), reports)[0] is Bucket.OPEN_LATE
    book.say("done", date(2021, 6, 11), due="2021-06-09")
    first = (date(2021, 1, 1), date(2021, 3, 31))
    second = (date(2021, 4, 1), date(2021, 6, 30))
    day = date(2021, 6, 12)
    assert judge(reports, book.entries, day, "", first).bucket is Bucket.DONE_IN_TIME
    assert judge(reports, book.entries, day, "", second).bucket is Bucket.DONE_LATE


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2021, 3, 5), QUARTERS[0]),
        (date(2021, 3, 20), QUARTERS[0]),
        (date(2021, 5, 20), QUARTERS[1]),
    ],
)
def test_a_report_is_for_the_nearest_occurrence_that_is_open(day: date, expected: date) -> None:
    reports, book = task(due=QUARTERS), Book()
    assert progress.occurrence(reports, book.entries, day, None) == expected


def test_a_report_for_a_named_quarter_is_for_that_quarter() -> None:
    reports = task(due=QUARTERS)
    third = (date(2021, 7, 1), date(2021, 9, 30))
    assert progress.occurrence(reports, (), date(2021, 3, 5), third) == QUARTERS[2]


def test_two_leads_share_one_state() -> None:
    book = Book()
    both = task(lead=("so-y-te", "cuc-thue"))
    book.add(Act.UPDATE, agency="cuc-thue", status="done")
    assert judge(both, book.entries, BEFORE, "so-y-te").condition.status is Status.DONE


def counts(**held: int) -> Tally:
    return Tally(**held)


@pytest.mark.parametrize(
    ("counted", "done", "in_time"),
    [
        (counts(done_in_time=2, done_late=1, open_in_time=1, open_late=4), 37.5, 37.5),
        (counts(done_in_time=1, open_in_time=2), 33.3, 100.0),
        (counts(open_late=3), 0.0, 0.0),
        (counts(standing=9), None, None),
        (counts(open_in_time=3), 0.0, None),
    ],
)
def test_rates_are_those_of_the_one_stop_offices(
    counted: Tally, done: float | None, in_time: float | None
) -> None:
    assert (counted.done_rate, counted.in_time_rate) == (done, in_time)


def test_the_four_counts_add_up_to_the_tasks_with_a_deadline() -> None:
    days = [DUE + timedelta(shift) for shift in (-20, -10, 10, 20)]
    judged = []
    for number, due in enumerate(days * 5):
        book = Book()
        if number % 3:
            book.say("done" if number % 2 else "in_progress", days[number % 4])
        judged.append(judge(task(due=(due,)), book.entries, DUE))
    counted = tally(judged, extended=False)
    assert counted.total == 20
    assert counted.done + counted.open_in_time + counted.open_late == 20


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def of_plan(library: Library) -> Plan:
    return library.plans["lang-son-2021"]


def entry(number: int, on: str, agency: str, **fields: Any) -> Entry:
    at = datetime(2021, 3, 5, 9, tzinfo=ZONE)
    return Entry(
        plan="lang-son-2021", task=on, act=Act.UPDATE, at=at, person=1, name="Lan",
        agency=agency, authority="", channel="console", words="", fields=fields, id=number,
    )  # fmt: skip


def test_a_groups_task_stands_where_its_last_agency_stands(library: Library) -> None:
    report = library.task("lang-son-2021/III6")
    assert report is not None
    first = entry(1, "III6", "so-y-te", status="done", due="2021-03-09")
    overview = Overview(library, [first], date(2021, 3, 10))
    assert overview.of_agency(report, "so-y-te").bucket is Bucket.OPEN_IN_TIME
    assert overview.of_agency(report, "so-xay-dung").bucket is Bucket.OPEN_LATE
    assert overview.of_task(report).bucket is Bucket.OPEN_LATE
    carriers = overview.carriers(report)
    assert {"so-y-te", "so-xay-dung"} <= set(carriers)
    assert "cac-so-ban-nganh" not in carriers


def test_aims_of_the_plan_and_own_tasks_are_in_no_total(library: Library) -> None:
    made = Entry(
        plan="lang-son-2021", task="5k", act=Act.SUBTASK,
        at=datetime(2021, 3, 5, 9, tzinfo=ZONE), person=1, name="Lan", agency="so-y-te",
        authority="", channel="console", words="", fields={"id": "5k-1", "text": "x"}, id=1,
    )  # fmt: skip
    plan = of_plan(library)
    bare = Overview(library, (), date(2021, 3, 10)).of_plan(plan)
    more = Overview(library, [made], date(2021, 3, 10)).of_plan(plan)
    assert len(bare) == len(more)
    assert not any(held.task.kind is Kind.TARGET for held in more)


def test_a_period_counts_only_what_falls_due_in_it(library: Library) -> None:
    first = (date(2021, 1, 1), date(2021, 3, 31))
    judged = Overview(library, (), date(2021, 3, 1)).of_plan(of_plan(library), first)
    assert {held.task.id for held in judged} == {"III6"}

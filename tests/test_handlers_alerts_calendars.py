from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar

from data.loading.library import load_library
from data.record import Act, Entry, Status
from handlers.alerts import calendars
from handlers.alerts.field import Field
from handlers.updates.progress import Overview

LIBRARY = load_library()
NOW = datetime(2021, 3, 1, 9, 0, tzinfo=UTC)
PLAN = "lang-son-2021"


def events(*entries: Entry, agency: str = "thanh-tra-tinh") -> dict[str, Calendar]:
    """The events of an agency's calendar, read back, by their UID."""
    field = Field(LIBRARY, Overview(LIBRARY, entries, NOW.date()), NOW.date())
    read = Calendar.from_ical(calendars.calendar(field, agency, PLAN, NOW))
    return {str(event["uid"]): event for event in read.walk("VEVENT")}


def entry(id: int, act: Act, task: str = "4e", **fields: object) -> Entry:
    return Entry(
        PLAN, task, act, NOW, 1, "A", "thanh-tra-tinh", "official", "web", "", fields=fields, id=id
    )


def test_an_event_for_each_date_with_clause_and_reminder_times() -> None:
    found = events()
    assert len(found) == 6
    event = found["lang-son-2021-4e-20211209@dondoc"]
    assert event["dtstart"].dt == date(2021, 12, 9)
    assert "II.4.e" in event["description"]
    assert "Chỉ thị số 20/CT-TTg" in event["description"]
    triggers = [alarm["trigger"].dt for alarm in event.walk("VALARM")]
    half_past_seven = timedelta(hours=7, minutes=30)
    assert triggers == [half_past_seven - timedelta(days=n) for n in (30, 7, 3, 1, 0)]
    report = found["lang-son-2021-iii6-20210309@dondoc"]
    assert "quý I/2021" in report["summary"]
    assert "Nghị định 09/2019" in report["description"]


def test_an_extension_moves_the_event_and_keeps_its_uid() -> None:
    before, after = events(), events(entry(1, Act.GRANT, to="2021-12-20"))
    assert before.keys() == after.keys()
    uid = "lang-son-2021-4e-20211209@dondoc"
    assert after[uid]["dtstart"].dt == date(2021, 12, 20)
    assert after[uid]["sequence"] > before[uid]["sequence"]


def test_what_is_done_says_so_and_rings_no_more() -> None:
    done = entry(1, Act.UPDATE, status=Status.DONE.value)
    event = events(done)["lang-son-2021-4e-20211209@dondoc"]
    assert event["summary"].startswith("Đã xong: ")
    assert event.walk("VALARM") == []


def test_the_text_follows_the_standard() -> None:
    field = Field(LIBRARY, None, NOW.date())
    text = calendars.calendar(field, "so-y-te", "", NOW)
    assert text.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    assert calendars.document(field, "so-y-te", PLAN, NOW).name == "lich-so-y-te.ics"


def test_a_secret_is_kept_as_its_digest_only() -> None:
    secret = calendars.new_secret()
    assert len(secret) == 32
    assert secret not in calendars.digest(secret)
    assert calendars.address("https://x.vn/", secret) == f"https://x.vn/calendar/{secret}.ics"

"""An agency's dates as an iCalendar file. The only home of icalendar.

An event's UID is made of the plan, the task and the plan's own date, so that a date that is
extended moves the event in place of adding one.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from data.loading.library import Library
from data.record import Status
from data.reminders import LEADS, MINUTE
from data.text.normalise import slug
from handlers.alerts import reminders
from handlers.alerts.field import Field
from handlers.alerts.occasions import Occasion
from handlers.messages import Document
from handlers.wording import listing, say

MEDIA_TYPE = "text/calendar"
REFRESH = timedelta(hours=12)
_ROUTE = "/calendar/"


def occasions(field: Field, agency: str, plan: str) -> list[Occasion]:
    """The dates of an agency, in one plan or in all, by day."""
    found = [
        o
        for o in field.occasions
        if plan in ("", o.task.plan) and agency in field.keys(o.task) and o.concerns(agency)
    ]
    return sorted(found, key=lambda o: (o.due, o.task.ref))


def calendar(
    field: Field, agency: str, plan: str, now: datetime, leads: Iterable[int] = LEADS
) -> bytes:
    """The calendar as text: a day for each date, with the clause and the reminder times."""
    library = field.library
    name = say("calendar.name", agency=library.directory.name(agency))
    made = Calendar()
    made.add("prodid", "-//Don Doc//dondoc//VI")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", "Asia/Ho_Chi_Minh")
    made.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    made.add("x-published-ttl", REFRESH)
    for occasion in occasions(field, agency, plan):
        made.add_component(_event(field, occasion, agency, now, tuple(leads)))
    return bytes(made.to_ical())


def document(field: Field, agency: str, plan: str, now: datetime) -> Document:
    """The calendar as a file to send."""
    return Document(f"lich-{slug(agency)}.ics", MEDIA_TYPE, calendar(field, agency, plan, now))


def uid(occasion: Occasion) -> str:
    """The name of an event, which a later date does not change."""
    task = occasion.task
    return f"{task.plan}-{slug(task.id)}-{occasion.original:%Y%m%d}@dondoc"


def _event(
    field: Field, occasion: Occasion, agency: str, now: datetime, leads: tuple[int, ...]
) -> Event:
    task, library = occasion.task, field.library
    plan = library.plans[task.plan]
    state = field.condition(occasion, agency)
    title = reminders.titled(task, occasion.original)
    done = state.status is Status.DONE
    event = Event()
    event.add("uid", uid(occasion))
    event.add("dtstamp", now)
    event.add("sequence", state.extensions + (1 if done else 0))
    event.add("dtstart", occasion.due)
    event.add("dtend", occasion.due + timedelta(days=1))
    event.add("summary", say("calendar.done", title=title) if done else title)
    event.add("description", _description(library, occasion))
    event.add("categories", [say("plan.name", province=plan.province, year=plan.year)])
    event.add("transp", "TRANSPARENT")
    event.add("status", "CONFIRMED")
    for lead in () if done else leads:
        event.add_component(_alarm(lead, title))
    return event


def _description(library: Library, occasion: Occasion) -> str:
    task = occasion.task
    plan = library.plans[task.plan]
    lines = [
        say(
            "calendar.clause",
            clause=task.clause,
            id=task.id,
            plan=say("plan.name", province=plan.province, year=plan.year),
        ),
        task.quote,
    ]
    if task.coordinating:
        names = listing(library.directory.name(key) for key in task.coordinating)
        lines.append(say("card.coordinating", value=names))
    lines += reminders.report_words(task, occasion.original, library)
    return "\n".join(lines)


def _alarm(lead: int, title: str) -> Alarm:
    """At half past seven, so many days before."""
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", timedelta(minutes=MINUTE) - timedelta(days=lead))
    return alarm


def new_secret() -> str:
    """What opens a calendar: 192 bits, not to be guessed."""
    return secrets.token_urlsafe(24)


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def address(base: str, secret: str) -> str:
    """Where the calendar is served."""
    return f"{base.rstrip('/')}{_ROUTE}{secret}.ics"

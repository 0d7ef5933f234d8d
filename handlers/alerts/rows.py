"""What is due, as a row of the log for a chat."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from data.reminders import Address, Alert, State, Wishes
from data.store import notices
from data.store.alerts import sentlog
from handlers.alerts import mornings
from handlers.alerts.interests import Found
from handlers.alerts.mornings import Morning


def to_log(
    found: Found, wishes: Wishes, place: tuple[str, str], day: date, stands_for: int = 0
) -> Alert:
    """What was found, as a row of the log for a chat (channel, chat)."""
    due = found.occasion.due
    return Alert(
        listener=wishes.listener.id,
        channel=place[0],
        chat=place[1],
        task=found.occasion.task.ref,
        kind=found.kind,
        date=found.date,
        due=due,
        day=day,
        why=f"{found.why}|{stands_for}" if stands_for else found.why,
        agency=found.agency,
        state=found.state,
        reason=found.reason,
        rank=mornings.rank(found.kind, due, day),
    )


def place_of(
    addresses: Sequence[Address], channels: Collection[str]
) -> tuple[tuple[str, str], str]:
    """Where to write to somebody, and why not where nowhere."""
    usable = next((a for a in addresses if a.channel in channels), None)
    if usable:
        return (usable.channel, usable.chat), ""
    return ("", ""), "no-channel"


def of_digest(wishes: Wishes, name: str, place: tuple[str, str], morning: Morning) -> Alert:
    """A digest that is due on a morning, as a row of the log."""
    day = morning.day
    rank = mornings.rank("digest", day, day)
    why = "digest:" + name.removeprefix("digest/")
    return Alert(wishes.listener.id, *place, name, "digest", day, day, day, why, rank=rank)


def of_notice(
    notice: notices.Notice, wishes: Wishes, channels: Collection[str], now: datetime
) -> Alert:
    """A notice of the outbox, as a row of the log."""
    place, reason = place_of(wishes.addresses, channels)
    day = notice.at.date()
    return Alert(
        wishes.listener.id,
        *place,
        str(notice.body.get("task", "")),
        f"notice.{notice.id}",
        day,
        day,
        now.date(),
        why=f"entry:{notice.entry}",
        state=State.SKIPPED if reason else State.DUE,
        reason=reason,
        body=sentlog.as_json(notice.body),
    )

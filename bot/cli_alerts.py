"""`dondoc alerts preview --on 2021-12-06`: what would be sent to whom, and why. Sends nothing."""

import argparse
import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from bot.clock import ZONE
from bot.settings import Settings
from data.reminders import Alert, State
from handlers.wording import day as day_words
from handlers.wording import say

if TYPE_CHECKING:
    from data.loading.library import Library
    from handlers.alerts.previews import Preview

CHANNELS = frozenset({"telegram", "zalo", "web"})


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `alerts` and what it can do."""
    alerts = commands.add_parser("alerts", help=say("cli.alerts"))
    doings = alerts.add_subparsers(required=True, metavar=say("cli.command"))
    preview = doings.add_parser("preview", help=say("cli.alerts.preview"))
    preview.add_argument("--on", type=_day, metavar="YYYY-MM-DD", help=say("cli.alerts.on"))
    preview.set_defaults(command=_preview, log_level="WARNING")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(say("cli.alerts.day", text=text)) from error


def _preview(options: argparse.Namespace, settings: Settings) -> int:
    from bot.clock import Clock

    day = options.on or Clock(settings.as_of).now().date()
    asyncio.run(_print(settings, day))
    return 0


async def _print(settings: Settings, day: date) -> None:
    from bot.app import build_library
    from handlers.alerts import mornings

    print(say("preview.title", day=day_words(day)))
    if not mornings.working(day):
        print(say("preview.rest", day=day_words(day)))
        return
    library = build_library()
    found = await _found(settings, library, day)
    for each in found:
        print("\n".join(lines(each, library)))
    print(say("preview.people", count=len(found)))


async def _found(settings: Settings, library: "Library", day: date) -> "list[Preview]":
    """Everybody's messages; what had to be written for that is taken back."""
    from data.store.database import Database
    from handlers.alerts import previews

    now = datetime.combine(day, time(12), ZONE)
    database = Database(settings.database_url)
    await database.open()
    found: list[Preview] = []
    try:
        with suppress(_UndoneError):
            async with database.writing() as connection:
                async for each in previews.preview(connection, library, now, CHANNELS):
                    found.append(each)
                raise _UndoneError
    finally:
        await database.close()
    return found


class _UndoneError(Exception):
    """Rolls a transaction back."""


def lines(each: "Preview", library: "Library") -> Iterable[str]:
    """One listener: name, hour, channel, then each row with its reason."""
    hour = f"{each.minute // 60:02d}:{each.minute % 60:02d}"
    place = next((row.channel for row in each.rows if row.channel), say("preview.nowhere"))
    yield say("preview.person", name=each.name, channel=place, hour=hour)
    for row in each.rows:
        yield f"  - {_line(row, library)}"


def _line(row: Alert, library: "Library") -> str:
    from handlers.alerts import reasons

    task = library.task(row.task)
    due = say("preview.due", due=day_words(row.due)) if task else ""
    text = say(
        "preview.row",
        kind=reasons.kind_words(row.kind),
        what=reasons.subject(row, library) + due,
        why=reasons.why_words(row.why, library),
    )
    if row.state is State.SKIPPED:
        text += say("preview.skipped", reason=reasons.reason_words(row.reason, library))
    return text

"""`dondoc verify` and `dondoc export receipts`."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.settings import Settings
from data.errors import StoreBrokenError
from handlers.wording import say

if TYPE_CHECKING:
    from data.record import Entry
    from data.store.database import Database

OK, FAILED = 0, 1
CHANNELS = ("telegram", "zalo", "web", "console")


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `verify` and `export` to the commands."""
    verify = commands.add_parser("verify", help=say("cli.verify"))
    verify.set_defaults(command=_verify, log_level="WARNING")

    export = commands.add_parser("export", help=say("cli.export"))
    kinds = export.add_subparsers(required=True, metavar=say("cli.export.what"))
    receipts = kinds.add_parser("receipts", help=say("cli.export.receipts"))
    receipts.add_argument(
        "--channel", required=True, choices=CHANNELS, help=say("cli.export.channel")
    )
    receipts.add_argument("--id", required=True, help=say("cli.export.id"))
    receipts.add_argument("--out", type=Path, help=say("cli.export.out"))
    receipts.set_defaults(command=_receipts, log_level="WARNING")


def _verify(options: argparse.Namespace, settings: Settings) -> int:
    sentence, code = asyncio.run(_proved(settings))
    print(sentence, file=sys.stdout if code == OK else sys.stderr)
    return code


async def _proved(settings: Settings) -> tuple[str, int]:
    from data.store import updates

    async with _database(settings) as database, database.reading() as reading:
        proof = await updates.prove(reading)
    if proof.broken is None:
        return say("cli.verify.sound", count=proof.count), OK
    return say(f"cli.verify.{proof.fault}", id=proof.broken), FAILED


def _receipts(options: argparse.Namespace, settings: Settings) -> int:
    from data.loading.library import load_library
    from handlers.updates.cards import UpdateCards
    from handlers.updates.receipts import table

    own = asyncio.run(_own(settings, options.channel, options.id))
    if own is None:
        print(say("cli.export.nobody"), file=sys.stderr)
        return FAILED
    library = load_library()
    text = table(own, library, UpdateCards(library))
    if not options.out:
        sys.stdout.write(text.replace("\r\n", "\n"))
        return OK
    try:
        options.out.write_text(text, "utf-8-sig", newline="")
    except OSError as error:
        print(say("cli.failed", reason=error), file=sys.stderr)
        return FAILED
    return OK


async def _own(settings: Settings, channel: str, user: str) -> "tuple[Entry, ...] | None":
    from data.store import people, updates

    async with _database(settings) as database, database.reading() as reading:
        person = await people.find(reading, channel, user)
        if person is None:
            return None
        return await updates.of_people(reading, [person.id])


@asynccontextmanager
async def _database(settings: Settings) -> "AsyncIterator[Database]":
    """The database, which must exist: proving an empty one would prove nothing."""
    from data.store.database import Database

    _require(settings.database_url)
    database = Database(settings.database_url)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def _require(url: str) -> None:
    """Raises StoreBrokenError where the file of the database does not exist."""
    from data.store.database import address

    found = address(url)
    file = Path(found.database or "")
    if found.get_backend_name() == "sqlite" and not file.exists():
        raise StoreBrokenError(f"there is no database at {file}")

"""`dondoc users add|list|remove` and `dondoc invite`."""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.clock import Clock
from bot.settings import Settings
from data.loading.library import Library, load_library
from data.model import Membership, Person
from handlers.membership.posts import (
    PostError,
    agency_named,
    described,
    invitation,
    post,
    role_named,
)
from handlers.membership.senders import named
from handlers.wording import say

if TYPE_CHECKING:
    from data.store.database import Database
    from data.store.people import Connection

OK, FAILED = 0, 1
CHANNELS = ("telegram", "zalo", "web", "console")
_LONGEST_ID = 255
_DAYS = range(1, 91)

Deed = Callable[[argparse.Namespace, Settings, Library], Coroutine[Any, Any, list[str]]]


class PersonError(ValueError):
    """What was asked cannot be done; the message says why, in Vietnamese."""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `users` and `invite` to the commands."""
    users = commands.add_parser("users", help=say("cli.users"))
    deeds = users.add_subparsers(required=True, metavar=say("cli.command"))

    add = deeds.add_parser("add", help=say("cli.users.add"))
    _who(add)
    add.add_argument("--name", default="", help=say("cli.users.name"))
    _post(add)
    _does(add, _add)

    remove = deeds.add_parser("remove", help=say("cli.users.remove"))
    _who(remove)
    _post(remove, required=False)
    remove.add_argument("--successor", metavar="CHANNEL:ID", help=say("cli.users.successor"))
    _does(remove, _remove)

    listing = deeds.add_parser("list", help=say("cli.users.list"))
    listing.add_argument("--plan", default="", help=say("cli.users.plan"))
    listing.add_argument("--json", action="store_true", help=say("cli.users.json"))
    _does(listing, _list)

    invite = commands.add_parser("invite", help=say("cli.invite"))
    _post(invite)
    invite.add_argument("--channel", default="", help=say("cli.invite.channel"))
    invite.add_argument("--name", default="", help=say("cli.users.name"))
    invite.add_argument("--days", type=int, default=7, help=say("cli.invite.days"))
    _does(invite, _invite)


def _who(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--channel", required=True, help=say("cli.users.channel"))
    parser.add_argument("--id", required=True, help=say("cli.users.id"))


def _post(parser: argparse.ArgumentParser, required: bool = True) -> None:
    parser.add_argument("--role", default="", required=required, help=say("cli.users.role"))
    parser.add_argument("--agency", default="", help=say("cli.users.agency"))
    parser.add_argument("--plan", default="", required=required, help=say("cli.users.plan"))


def _does(parser: argparse.ArgumentParser, deed: Deed) -> None:
    def run(options: argparse.Namespace, settings: Settings) -> int:
        try:
            lines = asyncio.run(deed(options, settings, load_library()))
        except (PostError, PersonError) as error:
            print(error, file=sys.stderr)
            return FAILED
        for line in lines:
            print(line)
        return OK

    parser.set_defaults(command=run, log_level="WARNING")


@asynccontextmanager
async def _writing(settings: Settings) -> "AsyncIterator[Connection]":
    """A writing transaction of its own."""
    async with _opened(settings) as database, database.writing() as connection:
        yield connection


@asynccontextmanager
async def _opened(settings: Settings) -> "AsyncIterator[Database]":
    from data.store.database import Database

    database = Database(settings.database_url)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


async def _add(options: argparse.Namespace, settings: Settings, library: Library) -> list[str]:
    from data.store import people

    channel, user = _identity(options.channel, options.id)
    given = post(library, options.plan, options.agency, options.role)
    name = named(options.name)
    at = Clock(settings.as_of).now()
    async with _writing(settings) as connection:
        known = await people.find(connection, channel, user)
        if known is None:
            id = await people.add(connection, name, at)
            await people.add_identity(connection, id, channel, user, user, at)
        else:
            id = known.id
            if name and name != known.name:
                await people.rename(connection, id, name)
        role, plan = given.role, given.plan.id
        fresh = await people.enrol(connection, id, plan, given.agency, role, at)
        name = name or (known.name if known else "") or say("member.nameless")
    key = "users.added" if fresh else "users.held"
    return [say(key, name=name, who=f"{channel}:{user}", post=described(library, given))]


async def _remove(options: argparse.Namespace, settings: Settings, library: Library) -> list[str]:
    from data.store import people

    channel, user = _identity(options.channel, options.id)
    fits = _filter(options, library)
    at = Clock(settings.as_of).now()
    async with _writing(settings) as connection:
        person = await _known(connection, channel, user)
        held = [m for m in person.memberships if fits(m)]
        if not held:
            raise PersonError(say("users.none", who=f"{channel}:{user}"))
        successor = None
        if options.successor:
            other, _, id = options.successor.partition(":")
            successor = (await _known(connection, *_identity(other, id))).id
        await people.end(connection, [m.id for m in held], at, successor=successor)
    name = person.name or say("member.nameless")
    return [say("users.removed", name=name, post=described(library, m)) for m in held]


async def _list(options: argparse.Namespace, settings: Settings, library: Library) -> list[str]:
    from data.store import people

    plan = options.plan or None
    if plan is not None and plan not in library.plans:
        post(library, plan, "", "leader")
    async with _opened(settings) as database, database.reading() as connection:
        found = await people.serving(connection, plan)
    rows = [(p, m) for p in found for m in p.memberships if plan in (None, m.plan)]
    if options.json:
        return [json.dumps([_plain(p) for p in found], ensure_ascii=False, indent=2)]
    if not rows:
        return [say("users.empty")]
    head = [say(f"users.head.{c}") for c in ("name", "role", "agency", "plan", "channels")]
    return _columns([head, *(_row(library, p, m) for p, m in rows)])


async def _invite(options: argparse.Namespace, settings: Settings, library: Library) -> list[str]:
    from data.store import codes

    offered = post(library, options.plan, options.agency, options.role)
    if options.channel:
        _channel(options.channel)
    if options.days not in _DAYS:
        raise PersonError(say("users.days", first=_DAYS[0], last=_DAYS[-1]))
    at = Clock(settings.as_of).now()
    lasts = timedelta(days=options.days)
    grant = codes.Grant(
        0, None, offered.plan.id, offered.agency, offered.role, named(options.name)
    )
    async with _writing(settings) as connection:
        code = codes.grouped(await codes.invite(connection, grant, at, lasts))
    telegram = "" if options.channel not in ("", "telegram") else await _bot_name(settings)
    return list(invitation(library, offered, code, at + lasts, telegram))


async def _bot_name(settings: Settings) -> str:
    """What Telegram calls the bot; empty where there is none or it does not answer soon."""
    if settings.telegram is None:
        return ""
    import httpx

    messenger = settings.telegram
    url = f"{messenger.api_url}/bot{messenger.token.reveal()}/getMe"
    try:
        async with httpx.AsyncClient(timeout=5) as client:
            answer = (await client.get(url)).json()
        name = answer["result"]["username"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return ""
    return name if isinstance(name, str) else ""


def _identity(channel: str, id: str) -> tuple[str, str]:
    """Channel and user; the user's id may carry the channel's name ("console:7")."""
    channel = _channel(channel)
    user = id.strip().removeprefix(f"{channel}:")
    if not user or len(user) > _LONGEST_ID or not user.isprintable():
        raise PersonError(say("users.id"))
    return channel, user


def _channel(name: str) -> str:
    found = name.strip().casefold()
    if found not in CHANNELS:
        raise PersonError(say("users.channel", channel=name, channels=", ".join(CHANNELS)))
    return found


async def _known(connection: "Connection", channel: str, user: str) -> Person:
    from data.store import people

    person = await people.find(connection, channel, user)
    if person is None:
        raise PersonError(say("users.unknown", who=f"{channel}:{user}"))
    return person


def _filter(options: argparse.Namespace, library: Library) -> Callable[[Membership], bool]:
    """Which roles are meant; all where nothing narrows it."""
    role = role_named(options.role) if options.role else None
    agency = agency_named(library.directory, options.agency) if options.agency else None
    if options.agency and agency is None:
        raise PostError(say("post.agency", agency=options.agency))
    return lambda m: (
        (role is None or m.role == role)
        and (agency is None or m.agency == agency)
        and options.plan in ("", m.plan)
    )


def _plain(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "identities": [
            {
                "channel": one.channel,
                "user": one.user,
                "used": one.used.isoformat() if one.used else None,
            }
            for one in person.identities
        ],
        "chosen": person.chosen,
        "memberships": [
            {"plan": m.plan, "agency": m.agency, "role": m.role.value} for m in person.memberships
        ],
    }


def _row(library: Library, person: Person, held: Membership) -> list[str]:
    places = ", ".join(f"{one.channel}:{one.user}" for one in person.identities)
    return [
        person.name or say("member.nameless"),
        held.role.value,
        held.agency or "-",
        held.plan,
        places,
    ]


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]

"""Builds everything, in one place.

Order: the library first (nothing runs without it), then the store, the core over both, the
channels over the core, and the server over the channels. What is opened is closed in reverse.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.clock import Clock
from bot.core import Conversations
from bot.settings import Messenger, Settings
from data.errors import StoreError
from data.loading.library import Library, load_library

if TYPE_CHECKING:
    from bot.channels.base import Channel
    from bot.channels.base import Core as CoreOfChannels
    from bot.metrics import Metrics
    from bot.ticker import Ticker
    from data.store.database import Database
    from handlers.router import Router

log = logging.getLogger(__name__)


def build_library() -> Library:
    """The sound plans; the log says which were left out, and what was repaired."""
    library = load_library()
    for name, faults in library.left_out.items():
        for fault in faults:
            log.error("plan %s left out: %s", name, fault)
    for name, report in library.repairs.items():
        log.debug("plan %s repaired: %s", name, report)
    return library


@dataclass(frozen=True, slots=True)
class House:
    """What every command that converses stands on; `database` is None where none opens."""

    library: Library
    router: "Router"
    database: "Database | None"
    core: Conversations


@asynccontextmanager
async def house(settings: Settings, clock: Clock) -> AsyncIterator[House]:
    """The conversation core with its store open; without one if it cannot be opened."""
    from handlers.router import Router

    library = build_library()
    router = Router(library, address(settings))
    async with AsyncExitStack() as stack:
        database = await _open_database(settings, stack)
        yield House(library, router, database, Conversations(router, database, clock))


def address(settings: Settings) -> str:
    """Where people reach the web server: as a webhook tells, else where it listens."""
    from bot.signed_links import public_base

    hooks = (m.webhook for m in (settings.telegram, settings.zalo) if m)
    hook = next((h for h in hooks if h), None)
    if hook:
        return public_base(hook.url)
    return f"http://{settings.http_host}:{settings.http_port}" if settings.http_port else ""


async def _open_database(settings: Settings, stack: AsyncExitStack) -> "Database | None":
    from data.store.database import Database

    database = Database(settings.database_url)
    try:
        await database.open()
    except StoreError as error:
        log.critical("the database cannot be opened, nothing will be stored: %s", error)
        return None
    stack.push_async_callback(database.close)
    return database


async def run(settings: Settings) -> None:
    """The bot on every channel that is configured, until it is told to stop."""
    from bot.calendar_feed import CalendarFeed
    from bot.metrics import ErrorCount, MeasuredCore, Metrics
    from bot.server import Server

    clock = Clock(settings.as_of)
    metrics = Metrics()
    logging.getLogger().addHandler(ErrorCount(metrics))
    async with AsyncExitStack() as stack:
        home = await stack.enter_async_context(house(settings, clock))
        core = MeasuredCore(home.core, metrics)
        channels = build_channels(settings, core, clock, home.database, metrics)
        extras = [CalendarFeed(home.database, home.library, clock.now)] if home.database else []
        server = Server(settings.http_host, settings.http_port, channels, metrics, extras)
        await server.start()
        stack.push_async_callback(server.stop)
        for channel in channels:
            await channel.start()
            stack.push_async_callback(channel.stop)
        if home.database:
            ticker = build_ticker(home.database, home.library, channels, clock)
            home.core.on_written = ticker.wake
            await ticker.start()
            stack.push_async_callback(ticker.stop)
        await _until_told_to_stop()


def build_ticker(
    database: "Database", library: Library, channels: "list[Channel]", clock: Clock
) -> "Ticker":
    """The clock of reminding over every channel that can write unasked.

    Its journal lies beside the database file; two bots must not share one.
    """
    from bot.ticker import Ticker

    journal = (database.folder or Path("var")) / "reminders.journal"
    return Ticker(database, library, channels, clock.now, journal=journal)


def build_channels(
    settings: Settings,
    core: "CoreOfChannels",
    clock: Clock,
    database: "Database | None",
    metrics: "Metrics",
) -> "list[Channel]":
    """The web chat, and each messenger that has a token."""
    from bot.channels.web import WebChannel

    channels: list[Channel] = [WebChannel(core, clock.now)]
    if settings.telegram:
        channels.append(_telegram(settings.telegram, core, clock, database))
    if settings.zalo:
        channels.append(_zalo(settings.zalo, core, clock, database, metrics))
    return channels


def _telegram(
    messenger: Messenger, core: "CoreOfChannels", clock: Clock, database: "Database | None"
) -> "Channel":
    from bot.channels.telegram import TelegramChannel

    webhook = messenger.webhook
    return TelegramChannel(
        messenger.token,
        core,
        clock.now,
        api_url=messenger.api_url,
        webhook_url=webhook.url if webhook else None,
        webhook_secret=webhook.secret if webhook else None,
        on_blocked=partial(_blocked, database, clock) if database else None,
    )


async def _blocked(database: "Database", clock: Clock, user: str, blocked: bool) -> None:
    """Whoever stopped the bot is not reminded there; on Telegram a person's chat has their id."""
    from data.store.alerts import refusals

    async with database.writing() as connection:
        if blocked:
            await refusals.refused(connection, "telegram", user, "blocked", clock.now())
        else:
            await refusals.admitted(connection, "telegram", user)


def _zalo(
    messenger: Messenger,
    core: "CoreOfChannels",
    clock: Clock,
    database: "Database | None",
    metrics: "Metrics",
) -> "Channel":
    from bot.channels.zalo import ZaloChannel
    from bot.signed_links import SignedLinks, public_base, signing_key

    webhook = messenger.webhook
    links = None
    if webhook:
        key = signing_key(messenger.token.reveal())
        links = SignedLinks(public_base(webhook.url), key, clock.now)
    return ZaloChannel(
        messenger.token,
        core,
        clock.now,
        api_url=messenger.api_url,
        webhook_url=webhook.url if webhook else None,
        webhook_secret=webhook.secret if webhook else None,
        database=database,
        links=links,
        on_quota=partial(metrics.quota, "zalo"),
    )


async def _until_told_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()
    log.info("stopping")

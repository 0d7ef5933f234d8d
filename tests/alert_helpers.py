"""People, a clock that is set by hand, and channels that write down what they are given."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.channels.base import Limits
from bot.clock import ZONE
from data.model import Role
from data.store import people
from data.store.database import Database
from handlers.messages import Reply

LONG_AGO = datetime(2021, 1, 1, tzinfo=UTC)
PLAN = "lang-son-2021"


def local(text: str) -> datetime:
    """A local time: "2021-12-06 07:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@dataclass(slots=True)
class FakeClock:
    """The time that a test says it is."""

    at: datetime

    def now(self) -> datetime:
        """The time."""
        return self.at

    def set(self, text: str) -> None:
        """Makes it another time."""
        self.at = local(text)


@dataclass(slots=True)
class FakeChannel:
    """Keeps what it is given; raises what stands in `failures` first."""

    name: str = "telegram"
    limits: Limits = field(default_factory=lambda: Limits(4096, True, True, True))
    sent: list[tuple[str, Reply]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """Nothing to do."""

    async def stop(self) -> None:
        """Nothing to do."""

    async def send(self, chat: str, reply: Reply) -> None:
        """Keeps the message, or fails."""
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((chat, reply))
        self.came.set()

    def taken(self) -> list[tuple[str, str]]:
        """(chat, text) of what came since the last look."""
        found = [(chat, reply.text) for chat, reply in self.sent]
        self.sent.clear()
        return found


async def join(
    database: Database,
    name: str,
    agency: str,
    role: Role = Role.OFFICIAL,
    channels: tuple[str, ...] = ("telegram",),
    plan: str = PLAN,
) -> int:
    """A person with a role, known on these channels as their name."""
    async with database.writing() as connection:
        person = await people.add(connection, name, LONG_AGO)
        for channel in channels:
            await people.add_identity(connection, person, channel, name, name, LONG_AGO)
        await people.enrol(connection, person, plan, agency, role, LONG_AGO)
    return person

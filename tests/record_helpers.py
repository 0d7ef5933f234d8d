"""A small town of officials, and a router that knows nothing but updates."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from data.loading.library import Library, load_library
from data.model import Role
from data.record import Entry
from data.search import TopicIndex
from data.store import people, updates
from data.store.database import Database
from data.store.work import Work
from handlers.messages import Attachment, Message, Reply
from handlers.understanding.recognise import Recogniser
from handlers.updates.cards import Said
from handlers.updates.conversation import Updates
from handlers.updates.state_questions import StatusQuestions
from handlers.updates.turns import Scene

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MORNING = datetime(2021, 3, 1, 9, 0, tzinfo=ZONE)
PLAN = "lang-son-2021"
STAFF = (
    ("lan", "Hoàng Thị Lan", "so-y-te", Role.OFFICIAL),
    ("minh", "Nông Văn Minh", "so-y-te", Role.OFFICIAL),
    ("xuan", "Lý Xuân", "so-xay-dung", Role.OFFICIAL),
    ("tai", "Vi Văn Tài", "so-tai-chinh", Role.OFFICIAL),
    ("hoa", "Trần Hòa", "so-lao-dong-thuong-binh-va-xa-hoi", Role.OFFICIAL),
    ("ke", "Đỗ Kế", "so-ke-hoach-va-dau-tu", Role.COORDINATOR),
    ("chu", "Chu Văn Trưởng", "", Role.LEADER),
)


@dataclass(frozen=True)
class Brains:
    """What is built once for all tests."""

    library: Library
    updates: Updates
    status: StatusQuestions


def brains() -> Brains:
    """Everything that takes a second to build."""
    library = load_library()
    index = TopicIndex(library.tasks())
    recogniser = Recogniser(library, index)
    return Brains(
        library,
        Updates(library, index, recogniser),
        StatusQuestions(library, index, recogniser),
    )


@dataclass
class Town:
    """The officials, their clock, and what each chat spoke of last."""

    database: Database
    brains: Brains
    now: datetime = MORNING
    scenes: dict[str, Scene] = field(default_factory=dict)

    def later(self, **span: float) -> None:
        """Lets time pass."""
        self.now += timedelta(**span)

    async def say(
        self,
        user: str,
        text: str = "",
        *,
        press: str = "",
        files: tuple[Attachment, ...] = (),
        channel: str = "console",
        plan: str | None = None,
        chat: str = "",
    ) -> Reply | None:
        """One message through the updates, then the questions on status."""
        if press and not press.startswith("upd."):
            press = self.action(user, press)
        message = Message(
            channel, chat or user, user, self.now, text, press=press, attachments=files, plan=plan
        )
        scene = self.scenes.get(message.chat, Scene())
        async with Work(self.database) as work:
            person = await people.person(work, channel, user)
            said = await self.brains.updates.handle(message, person, work, scene)
            if said is None:
                said = await self.brains.status.handle(message, person, work, scene)
        if said is None:
            return None
        self.scenes[message.chat] = Scene(said.shown or scene.shown, said.doings)
        self._choices(message.chat, said)
        return said.reply

    def _choices(self, chat: str, said: Said) -> None:
        self.labels = getattr(self, "labels", {})
        self.labels[chat] = {c.label: c.action for c in said.reply.choices}

    def action(self, chat: str, label: str) -> str:
        """What the button with that label in the chat's last reply does."""
        return self.labels[chat][label]  # type: ignore[no-any-return]

    def show(self, user: str, *ids: str) -> None:
        """Lets the bot have shown these tasks to a person."""
        self.scenes[user] = Scene(tuple(f"{PLAN}/{id}" for id in ids))

    async def heard(self, user: str, text: str = "", **more: object) -> Reply:
        """The same, where a reply is due."""
        reply = await self.say(user, text, **more)  # type: ignore[arg-type]
        assert reply is not None, text
        return reply

    async def entries(self, plan: str = PLAN) -> tuple[Entry, ...]:
        """The record."""
        async with self.database.reading() as connection:
            return await updates.of_plans(connection, [plan])

    async def proved(self) -> None:
        """Fails unless the chain holds."""
        async with self.database.reading() as connection:
            proof = await updates.prove(connection)
        assert proof.broken is None, proof


@asynccontextmanager
async def town(folder: Path, known: Brains) -> AsyncIterator[Town]:
    """A town with an empty record."""
    database = Database(f"sqlite:///{folder}/dondoc.sqlite")
    await database.open()
    await settle(database)
    yield Town(database, known)
    await database.close()


async def settle(database: Database) -> None:
    """Gives everybody their posts."""
    async with database.writing() as connection:
        for user, name, agency, role in STAFF:
            person = await people.add(connection, name, MORNING)
            await people.add_identity(connection, person, "console", user, user, MORNING)
            await people.enrol(connection, person, PLAN, agency, role, MORNING)


def reopened(place: Town) -> Town:
    """The same town after a restart: nothing is remembered but the store."""
    return replace(place, scenes={})

"""The tables, as SQLAlchemy Core sees them. A change here comes with a migration in versions/."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

_LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware time: kept in UTC, given back in Asia/Ho_Chi_Minh. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> datetime | None:
        """The time in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without zone: {value}")
        at: datetime = value.astimezone(UTC)
        return at

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The local time; SQLite gives UTC without saying so."""
        if value is None:
            return None
        aware: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(_LOCAL)


conversations = Table(
    "conversations",
    METADATA,
    Column("channel", String(16), primary_key=True),
    Column("chat", String(255), primary_key=True),
    Column("state", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "at"),
)

deliveries = Table(
    "deliveries",
    METADATA,
    Column("channel", String(16), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("chat", String(255), nullable=False),
    Column("at", Moment, nullable=False),
    Column("reply", Text, nullable=False),
    Column("answered", Boolean, nullable=False),
    Index(None, "at"),
)

inbox = Table(
    "inbox",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("key", String(255), nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("begun", Integer, nullable=False),
    Column("done", Boolean, nullable=False),
    UniqueConstraint("channel", "key"),
    Index(None, "at"),
)

traffic = Table(
    "traffic",
    METADATA,
    Column("channel", String(16), primary_key=True),
    Column("bot", String(64), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("sent", Integer, nullable=False),
    Column("received", Integer, nullable=False),
)

contacts = Table(
    "contacts",
    METADATA,
    Column("channel", String(16), primary_key=True),
    Column("bot", String(64), primary_key=True),
    Column("user", String(255), primary_key=True),
    Column("since", Moment, nullable=False),
)

people = Table(
    "people",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("since", Moment, nullable=False),
    Column("chosen", String(16)),
    Column("merged_into", Integer, ForeignKey("people.id")),
)

identities = Table(
    "identities",
    METADATA,
    Column("channel", String(16), primary_key=True),
    Column("user", String(255), primary_key=True),
    Column("person", Integer, ForeignKey("people.id"), nullable=False),
    Column("chat", String(255), nullable=False),
    Column("since", Moment, nullable=False),
    Column("used", Moment),
    Index(None, "person"),
)

memberships = Table(
    "memberships",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("person", Integer, ForeignKey("people.id"), nullable=False),
    Column("plan", String(64), nullable=False),
    Column("agency", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("since", Moment, nullable=False),
    Column("added_by", Integer, ForeignKey("people.id")),
    Column("ended", Moment),
    Column("ended_by", Integer, ForeignKey("people.id")),
    Column("successor", Integer, ForeignKey("people.id")),
    Index(None, "person"),
    Index(None, "plan", "agency"),
)

codes = Table(
    "codes",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("purpose", String(8), nullable=False),
    Column("opening", String(8), nullable=False),
    Column("salt", String(32), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("made", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("maker", Integer, ForeignKey("people.id")),
    Column("plan", String(64), nullable=False),
    Column("agency", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("name", String(120), nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("used", Moment),
    Column("used_by", Integer, ForeignKey("people.id")),
    Index(None, "purpose", "opening"),
)

guesses = Table(
    "guesses",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("user", String(255), nullable=False),
    Column("person", Integer, ForeignKey("people.id")),
    Column("at", Moment, nullable=False),
    Index(None, "channel", "user"),
    Index(None, "at"),
)

entries = Table(
    "entries",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("plan", String(64), nullable=False),
    Column("task", String(32), nullable=False),
    Column("act", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("person", Integer, nullable=False),
    Column("name", String(255), nullable=False),
    Column("agency", String(64), nullable=False),
    Column("authority", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("words", Text, nullable=False),
    Column("fields", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("documents", Text, nullable=False),
    Column("proposal", Integer, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("previous"),
    Index(None, "plan", "task"),
    Index(None, "person"),
)

chain = Table(
    "chain",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("entries", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

received = Table(
    "received",
    METADATA,
    Column("path", String(255), primary_key=True),
    Column("at", Moment, nullable=False),
    Index(None, "at"),
)

proposals = Table(
    "proposals",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("chat", String(255), nullable=False),
    Column("user", String(255), nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("waiting", Boolean, nullable=False),
    Index(None, "channel", "user"),
    Index(None, "at"),
)

notices = Table(
    "notices",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("person", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("sent", Moment),
    Column("seen", Moment),
    Column("answered", Moment),
    Index(None, "person"),
    Index(None, "sent"),
    Index(None, "entry"),
)

listeners = Table(
    "listeners",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("person", Integer, ForeignKey("people.id")),
    Column("channel", String(16), nullable=False),
    Column("user", String(255), nullable=False),
    Column("chat", String(255), nullable=False),
    Column("minute", Integer, nullable=False),
    Column("quiet", String(16), nullable=False),
    Column("heard", Date),
    Column("covered", Date),
    UniqueConstraint("person"),
    Index(None, "channel", "user"),
    Index(None, "heard"),
)

subscriptions = Table(
    "subscriptions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("listener", Integer, ForeignKey("listeners.id"), nullable=False),
    Column("scope", String(8), nullable=False),
    Column("value", String(160), nullable=False),
    Column("plan", String(64), nullable=False),
    Column("wanted", Boolean, nullable=False),
    Column("leads", String(64), nullable=False),
    UniqueConstraint("listener", "scope", "value", "plan"),
    Index(None, "value"),
    Index(None, "scope", "value"),
)

absences = Table(
    "absences",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("listener", Integer, ForeignKey("listeners.id"), nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("deputy", Integer, ForeignKey("listeners.id")),
    Index(None, "listener"),
    Index(None, "last"),
)

snoozes = Table(
    "snoozes",
    METADATA,
    Column("listener", Integer, ForeignKey("listeners.id"), primary_key=True),
    Column("task", String(96), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("due", Date, nullable=False),
    Index(None, "day"),
)

alerts = Table(
    "alerts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("listener", Integer, ForeignKey("listeners.id"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("chat", String(255), nullable=False),
    Column("task", String(96), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("date", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("day", Date, nullable=False),
    Column("why", String(200), nullable=False),
    Column("agency", String(64), nullable=False),
    Column("state", String(8), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("sent", Moment),
    UniqueConstraint("listener", "channel", "task", "kind", "date"),
    Index(None, "state"),
    Index(None, "at"),
)

unreachable = Table(
    "unreachable",
    METADATA,
    Column("channel", String(16), primary_key=True),
    Column("chat", String(255), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("reason", String(200), nullable=False),
)

weeks = Table(
    "weeks",
    METADATA,
    Column("plan", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("counts", Text, nullable=False),
)

calendars = Table(
    "calendars",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("listener", Integer, ForeignKey("listeners.id"), nullable=False),
    Column("agency", String(64), nullable=False),
    Column("plan", String(64), nullable=False),
    Column("made", Moment, nullable=False),
    Column("revoked", Moment),
    Index(None, "listener"),
)

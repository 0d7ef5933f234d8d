"""The tables, as SQLAlchemy Core sees them. A change here comes with a migration in versions/."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
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

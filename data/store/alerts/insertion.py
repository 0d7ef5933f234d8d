"""Insertions that leave what stands there as it is."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def ignoring(connection: AsyncConnection, table: Any) -> Any:
    """An insertion that leaves rows with a known key as they are."""
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    return kind.insert(table).on_conflict_do_nothing()

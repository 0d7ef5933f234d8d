"""Brings a database to the newest version of the tables.

Each change of the tables is a module in versions/, and HEAD names the last one. Alembic takes
a second to import, so it is imported only where the version found is not HEAD.
"""

import asyncio
import importlib

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data import files
from data.errors import StoreBrokenError

HEAD = "0006"


async def ensure_current(connection: AsyncConnection) -> None:
    """Migrates in the writing transaction of `connection`, if need be; StoreBrokenError if not
    possible."""
    if await connection.run_sync(version) == HEAD:
        return
    await asyncio.to_thread(importlib.import_module, "alembic.command")
    await connection.run_sync(upgrade)


def version(connection: Connection) -> str | None:
    """The version that the database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def upgrade(connection: Connection) -> None:
    """Runs the missing migrations on an open transaction."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", files.MIGRATIONS.as_posix().replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreBrokenError(f"cannot bring the database to version {HEAD}: {error}") from error

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

from data import files
from data.errors import StoreBrokenError
from data.store import migrations
from data.store.database import Database
from data.store.schema import METADATA

OPEN_AND_SHOW = """
import asyncio, sys
from data.store.database import Database

async def main():
    database = Database(sys.argv[1])
    await database.open()
    await database.close()
    print("alembic" in sys.modules)

asyncio.run(main())
"""


def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/dondoc.sqlite"


def differences(connection: Connection) -> list[object]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return list(compare_metadata(context, METADATA))


async def test_migrations_build_what_the_schema_says(tmp_path: Path) -> None:
    database = Database(url(tmp_path))
    await database.open()
    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []
        built = await connection.run_sync(
            lambda c: {t: inspect(c).get_pk_constraint(t) for t in METADATA.tables}
        )
    await database.close()
    for name, table in METADATA.tables.items():
        assert built[name]["constrained_columns"] == [c.name for c in table.primary_key]


def test_head_is_the_last_migration() -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(str(files.MIGRATIONS)).get_heads() == [migrations.HEAD]


async def test_current_database_needs_no_alembic(tmp_path: Path) -> None:
    """Alembic takes a second to import: a start on a current database must not pay it."""
    shown = [
        subprocess.run(  # noqa: ASYNC221
            [sys.executable, "-c", OPEN_AND_SHOW, url(tmp_path)],
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for _ in range(2)
    ]
    assert shown == ["True", "False"]


async def test_two_starts_at_once_migrate_once(tmp_path: Path) -> None:
    databases = [Database(url(tmp_path), wait=30) for _ in range(3)]
    await asyncio.gather(*(database.open() for database in databases))
    for database in databases:
        async with database.reading() as connection:
            assert await connection.run_sync(migrations.version) == migrations.HEAD
        await database.close()


async def test_database_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    database = Database(url(tmp_path))
    await database.open()
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    with pytest.raises(StoreBrokenError, match="9999"):
        await database.open()


async def test_failed_migration_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE half (n INTEGER)"))
        raise StoreBrokenError("no more")

    database = Database(url(tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "upgrade", fail)
        with pytest.raises(StoreBrokenError):
            await database.open()
    await database.open()
    async with database.reading() as connection:
        tables = await connection.run_sync(lambda c: set(inspect(c).get_table_names()))
    await database.close()
    assert tables == {*METADATA.tables, "alembic_version"}

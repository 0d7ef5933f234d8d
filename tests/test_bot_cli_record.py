"""`dondoc verify` and `dondoc export receipts`, as they are called."""

import asyncio
import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.cli import main
from data.record import Act, Draft
from data.store import people, updates
from data.store.database import Database
from tests.record_helpers import MORNING, PLAN, settle

FAILED, OK = 1, 0


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/dondoc.sqlite"
    monkeypatch.setenv("DONDOC_DATABASE_URL", url)
    return url


async def fill(url: str) -> None:
    database = Database(url)
    await database.open()
    await settle(database)
    async with database.writing() as connection:
        for user, words in (("lan", "5k xong"), ("xuan", "2b 60%"), ("lan", "=1+1")):
            person = await people.find(connection, "console", user)
            assert person is not None
            draft = Draft(
                PLAN, "5k", Act.UPDATE, MORNING, person.id, person.name, "so-y-te",
                "official:x", "console", words, {"status": "done"},
            )  # fmt: skip
            await updates.append(connection, draft)
    await database.close()


async def spoil(url: str, statement: str) -> None:
    database = Database(url)
    await database.open()
    async with database.writing() as connection:
        for verb in ("update", "delete"):
            await connection.execute(text(f"DROP TRIGGER entries_no_{verb}"))
        await connection.execute(text(statement))
    await database.close()


def test_a_whole_record_is_proved(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(fill(url))
    assert main(["verify"]) == OK
    assert "3 mục" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE entries SET words = 'khác' WHERE id = 2", "Mục 2 đã bị sửa"),
        ("DELETE FROM entries WHERE id = 2", "Mục 2 bị mất"),
        ("DELETE FROM entries WHERE id = 3", "từ mục 3"),
    ],
)
def test_the_first_broken_entry_is_named(
    url: str, capsys: pytest.CaptureFixture[str], statement: str, words: str
) -> None:
    asyncio.run(fill(url))
    asyncio.run(spoil(url, statement))
    assert main(["verify"]) == FAILED
    assert words in capsys.readouterr().err


def test_a_database_that_is_not_there_is_no_proof(
    url: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["verify"]) == FAILED
    assert not (tmp_path / "dondoc.sqlite").exists()


@pytest.mark.parametrize("to_file", [False, True])
def test_receipts_are_those_of_one_person(
    url: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, to_file: bool
) -> None:
    asyncio.run(fill(url))
    out = tmp_path / "bien-nhan.csv"
    told: Callable[[], str] = lambda: (  # noqa: E731
        out.read_text("utf-8-sig") if to_file else capsys.readouterr().out
    )
    arguments = ["export", "receipts", "--channel", "console", "--id", "lan"]
    assert main([*arguments, *(["--out", str(out)] if to_file else [])]) == OK
    rows = list(csv.DictReader(io.StringIO(told())))
    assert [row["Nguyên văn"] for row in rows] == ["5k xong", "'=1+1"]
    assert {row["Người báo cáo"] for row in rows} == {"Hoàng Thị Lan"}


def test_nobody_has_no_receipts(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(fill(url))
    assert main(["export", "receipts", "--channel", "console", "--id", "ai"]) == FAILED
    assert "Không có ai" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_named(
    url: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    asyncio.run(fill(url))
    out = tmp_path / "missing" / "bien-nhan.csv"
    command = ["export", "receipts", "--channel", "console", "--id", "lan", "--out", str(out)]
    assert main(command) == FAILED
    assert str(out) in capsys.readouterr().err

import argparse
import asyncio
from pathlib import Path

import pytest

from bot import cli_alerts
from bot.settings import read_settings
from data.store.alerts import listeners
from data.store.database import Database
from tests.alert_helpers import join


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/dondoc.sqlite"

    async def prepare() -> None:
        database = Database(url)
        await database.open()
        await join(database, "Trần An", "thanh-tra-tinh")
        await database.close()

    asyncio.run(prepare())
    return url


def run(url: str, *words: str) -> int:
    parser = argparse.ArgumentParser()
    cli_alerts.add_commands(parser.add_subparsers())
    options = parser.parse_args(["alerts", "preview", *words])
    code: int = options.command(options, read_settings({"DONDOC_DATABASE_URL": url}))
    return code


def test_preview_prints_what_to_whom_and_why(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(url, "--on", "2021-12-06") == 0
    out = capsys.readouterr().out
    for words in ("06/12/2021", "Trần An (telegram, 07:30)", "[trước 3 ngày]", "II.4.e",
                  "hạn cuối 09/12/2021", "vì: việc do Thanh tra tỉnh thực hiện",
                  "[bản tin tuần]", "Số người nhận: 1"):  # fmt: skip
        assert words in out


def test_preview_leaves_no_trace(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(url, "--on", "2021-12-06")

    async def count() -> int:
        database = Database(url)
        await database.open()
        async with database.reading() as connection:
            found = await listeners.listening(connection, 0, 9)
        await database.close()
        return len(found)

    assert asyncio.run(count()) == 0


def test_a_day_of_rest_says_so(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(url, "--on", "2021-12-05") == 0
    assert "ngày nghỉ" in capsys.readouterr().out


def test_a_day_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SystemExit):
        run(url, "--on", "hôm qua")

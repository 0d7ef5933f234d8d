"""The command line as a whole."""

import pwd

import pytest

from bot.cli import main


def test_an_account_without_a_name_may_run_the_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nameless(user: int) -> pwd.struct_passwd:
        raise KeyError(f"getpwuid(): uid not found: {user}")

    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nameless)
    assert main(["explain", "Sở Y tế phụ trách gì?"]) == 0
    assert "so-y-te" in capsys.readouterr().out

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

from bot.cli import main

ADD = ["users", "add", "--channel", "telegram", "--id", "1001", "--name", "Trần Thị B"]
POST = ["--role", "official", "--agency", "so-y-te", "--plan", "lang-son-2021"]
WHO = ["--channel", "telegram", "--id", "1001"]


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TELEGRAM_BOT_TOKEN", "TELEGRAM_API_URL", "ZALO_BOT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DONDOC_DATABASE_URL", f"sqlite:///{tmp_path}/dondoc.sqlite")
    monkeypatch.setenv("DONDOC_AS_OF", "2021-03-01T08:00")


class Shell:
    """Runs commands; keeps what the last one printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = ""
        self.err = ""

    def run(self, *arguments: str) -> int:
        self._capsys.readouterr()
        code = main(arguments)
        self.out, self.err = self._capsys.readouterr()
        return code


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


def test_added_person_is_listed(shell: Shell) -> None:
    assert shell.run(*ADD, *POST) == 0
    assert shell.out == (
        "Đã thêm Trần Thị B (telegram:1001): cán bộ cập nhật, Sở Y tế, Kế hoạch Lạng Sơn 2021.\n"
    )
    assert shell.run("users", "list") == 0
    head, row = shell.out.splitlines()
    assert head.split("  ")[0] == "Họ tên"
    assert row.split() == [
        "Trần", "Thị", "B", "official", "so-y-te", "lang-son-2021", "telegram:1001",
    ]  # fmt: skip


def test_adding_again_changes_nothing_but_the_name(shell: Shell) -> None:
    shell.run(*ADD, *POST)
    assert shell.run(*ADD[:-1], "Trần Thị Bình", *POST) == 0
    assert "đã có vai trò này" in shell.out
    shell.run("users", "list", "--json")
    (person,) = json.loads(shell.out)
    assert person["name"] == "Trần Thị Bình"
    assert person["memberships"] == [
        {"plan": "lang-son-2021", "agency": "so-y-te", "role": "official"}
    ]
    assert person["identities"] == [{"channel": "telegram", "user": "1001", "used": None}]


@pytest.mark.parametrize(
    ("role", "agency", "stored"),
    [
        ("official", "Sở Y tế", "so-y-te"),
        ("coordinator", "", "so-ke-hoach-va-dau-tu"),
        ("leader", "", ""),
        ("admin", "", ""),
        ("OFFICIAL", "SYT", "so-y-te"),
    ],
)
def test_roles_and_agencies(shell: Shell, role: str, agency: str, stored: str) -> None:
    assert shell.run(*ADD, "--role", role, "--agency", agency, "--plan", "lang-son-2021") == 0
    shell.run("users", "list", "--json")
    (held,) = json.loads(shell.out)[0]["memberships"]
    assert (held["role"], held["agency"]) == (role.lower(), stored)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("--role", "boss"), ["vai trò", "boss", "coordinator"]),
        (("--plan", "lang-son-2020"), ["kế hoạch", "lang-son-2020", "lang-son-2021"]),
        (("--agency", "so-y-tee"), ["cơ quan", "so-y-tee", "so-y-te"]),
        (("--agency", "bo-y-te"), ["Bộ Y tế", "Lạng Sơn"]),
        (("--agency", "ubnd-huyen-bau-bang"), ["Bàu Bàng", "Lạng Sơn"]),
        (("--agency", ""), ["cơ quan"]),
        (("--channel", "fax"), ["kênh", "fax", "telegram"]),
        (("--id", "  "), ["Mã người dùng"]),
        (("--id", "1\n2"), ["Mã người dùng"]),
        (("--id", "x" * 300), ["Mã người dùng"]),
    ],
)
def test_fault_is_named_in_one_line(
    shell: Shell, wrong: tuple[str, str], words: list[str]
) -> None:
    assert shell.run(*ADD, *POST, *wrong) != 0
    assert shell.out == ""
    assert len(shell.err.splitlines()) == 1
    assert [word for word in words if word not in shell.err] == []
    shell.run("users", "list", "--json")
    assert json.loads(shell.out) == []


def test_removing_ends_one_role_or_all(shell: Shell) -> None:
    shell.run(*ADD, *POST)
    shell.run(*ADD, "--role", "leader", "--plan", "lang-son-2021")
    assert shell.run("users", "remove", *WHO, "--role", "leader") == 0
    assert "lãnh đạo" in shell.out
    shell.run("users", "list")
    assert "leader" not in shell.out
    assert "official" in shell.out
    assert shell.run("users", "remove", *WHO) == 0
    shell.run("users", "list")
    assert shell.out == "Chưa có người dùng nào.\n"
    assert shell.run("users", "remove", *WHO) == 1
    assert len(shell.err.splitlines()) == 1


def test_removing_names_a_successor_who_is_known(shell: Shell) -> None:
    shell.run(*ADD, *POST)
    assert shell.run("users", "remove", *WHO, "--successor", "zalo:z") == 1
    assert "zalo:z" in shell.err
    shell.run("users", "add", "--channel", "zalo", "--id", "z", *POST)
    assert shell.run("users", "remove", *WHO, "--successor", "zalo:z") == 0
    shell.run("users", "list")
    assert "telegram:1001" not in shell.out


@pytest.mark.parametrize("who", [("telegram", "9"), ("fax", "9")])
def test_removing_a_stranger(shell: Shell, who: tuple[str, str]) -> None:
    assert shell.run("users", "remove", "--channel", who[0], "--id", who[1]) == 1
    assert len(shell.err.splitlines()) == 1


def test_list_of_one_plan(shell: Shell) -> None:
    shell.run(*ADD, *POST)
    shell.run("users", "list", "--plan", "binh-duong-2019")
    assert "Trần" not in shell.out
    assert shell.run("users", "list", "--plan", "nowhere") == 1
    assert "nowhere" in shell.err


def test_console_user_may_be_named_with_the_channel(shell: Shell) -> None:
    shell.run("users", "add", "--channel", "console", "--id", "console:7", *POST)
    shell.run("users", "list")
    assert "console:7\n" in shell.out
    assert "console:console" not in shell.out


def test_invitation_without_telegram_is_words_only(shell: Shell) -> None:
    assert shell.run("invite", *POST) == 0
    assert "t.me" not in shell.out
    assert re.search(r"tham gia [A-Z2-9]{4}(-[A-Z2-9]{4}){2}\n", shell.out)
    assert "08:00 08/03/2021" in shell.out


def test_invitation_can_be_short(shell: Shell) -> None:
    assert shell.run("invite", *POST, "--days", "1") == 0
    assert "08:00 02/03/2021" in shell.out
    assert shell.run("invite", *POST, "--days", "0") == 1
    assert shell.run("invite", *POST[:-1], "nowhere") == 1
    assert "nowhere" in shell.err


class BotApi(BaseHTTPRequestHandler):
    """Answers getMe as Telegram does, or with what is no JSON."""

    body: ClassVar[bytes] = b'{"ok":true,"result":{"id":1,"is_bot":true,"username":"dondoc_bot"}}'

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = HTTPServer(("127.0.0.1", 0), BotApi)
    thread = Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:abc")
    monkeypatch.setenv("TELEGRAM_API_URL", f"http://127.0.0.1:{server.server_port}")
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.usefixtures("telegram")
def test_invitation_with_telegram_is_a_deep_link(shell: Shell) -> None:
    assert shell.run("invite", *POST) == 0
    link = re.search(r"https://t\.me/dondoc_bot\?start=([A-Z2-9]{12})\b", shell.out)
    assert link
    assert f"{link[1][:4]}-{link[1][4:8]}-{link[1][8:]}" in shell.out
    shell.run("invite", *POST, "--channel", "zalo")
    assert "t.me" not in shell.out


@pytest.mark.usefixtures("telegram")
@pytest.mark.parametrize("body", ["<html>", "{}", '{"result":null}', "[]"])
def test_broken_telegram_costs_only_the_link(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    monkeypatch.setattr(BotApi, "body", body.encode())
    assert shell.run("invite", *POST) == 0
    assert "t.me" not in shell.out
    assert "tham gia" in shell.out

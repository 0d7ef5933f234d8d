from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.settings import DATABASE_URL, Messenger, Secret, Settings, Webhook, read_settings
from data.errors import SettingError

TOKEN = "123456:ABC-def_ghi"


def test_nothing_set_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({"TELEGRAM_BOT_TOKEN": " ", "DONDOC_HTTP_PORT": ""}) == Settings()
    assert Settings().database_url == DATABASE_URL
    assert (Settings().http_host, Settings().http_port) == ("127.0.0.1", 8080)


def test_everything_is_read() -> None:
    settings = read_settings(
        {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": "http://127.0.0.1:8081/",
            "TELEGRAM_WEBHOOK_URL": "https://bot.example.vn/telegram",
            "TELEGRAM_WEBHOOK_SECRET": "abc_-1",
            "ZALO_BOT_TOKEN": "12345689:abc-xyz",
            "DONDOC_DATABASE_URL": "postgresql+asyncpg://u:p%40ss@h/dondoc",
            "DONDOC_AS_OF": "2021-03-01T08:00",
            "DONDOC_HTTP_HOST": "0.0.0.0",
            "DONDOC_HTTP_PORT": "0",
        }
    )
    webhook = Webhook("https://bot.example.vn/telegram", Secret("abc_-1"))
    assert settings.telegram == Messenger(Secret(TOKEN), "http://127.0.0.1:8081", webhook)
    assert settings.zalo == Messenger(
        Secret("12345689:abc-xyz"), "https://bot-api.zaloplatforms.com"
    )
    assert settings.as_of == datetime(2021, 3, 1, 8, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert settings.http_port == 0
    assert set(settings.secrets) == {TOKEN, "abc_-1", "12345689:abc-xyz", "p@ss"}


def test_secrets_do_not_print() -> None:
    settings = read_settings(
        {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "DONDOC_DATABASE_URL": "postgresql://u:hidden@h/dondoc",
        }
    )
    assert settings.telegram is not None
    for shown in (repr(settings), str(settings), f"{settings.telegram.token}"):
        assert TOKEN not in shown
        assert "hidden" not in shown
    assert settings.telegram.token.reveal() == TOKEN


def test_time_with_a_zone_is_turned_to_local_time() -> None:
    at = read_settings({"DONDOC_AS_OF": "2021-03-01T01:00Z"}).as_of
    assert at is not None
    assert at.isoformat() == "2021-03-01T08:00:00+07:00"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DONDOC_HTTP_PORT", "65536"),
        ("DONDOC_HTTP_PORT", "-1"),
        ("DONDOC_HTTP_PORT", "80a"),
        ("DONDOC_HTTP_PORT", "８０"),
        ("DONDOC_HTTP_HOST", "http://127.0.0.1"),
        ("DONDOC_AS_OF", "hôm qua"),
        ("DONDOC_AS_OF", "2021-02-30T08:00"),
        ("DONDOC_DATABASE_URL", "mysql://h/x"),
        ("DONDOC_DATABASE_URL", "var/dondoc.db"),
        ("TELEGRAM_API_URL", "ftp://127.0.0.1"),
        ("TELEGRAM_API_URL", "127.0.0.1:8081"),
        ("TELEGRAM_API_URL", "http://127.0.0.1:99999"),
        ("TELEGRAM_API_URL", "http://"),
        ("TELEGRAM_BOT_TOKEN", "123456:ABC def"),
        ("TELEGRAM_BOT_TOKEN", "123456/ABC"),
        ("TELEGRAM_WEBHOOK_SECRET", "có dấu"),
        ("TELEGRAM_WEBHOOK_SECRET", "x" * 257),
        ("ZALO_API_URL", "file:///etc/passwd"),
        ("ZALO_BOT_TOKEN", "a b"),
        ("ZALO_WEBHOOK_URL", "bot.example.vn"),
        ("ZALO_WEBHOOK_SECRET", "1234567"),
        ("ZALO_WEBHOOK_SECRET", "x" * 257),
    ],
)
def test_wrong_value_names_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingError) as caught:
        read_settings({variable: value})
    sentence = str(caught.value)
    assert sentence.startswith(f"{variable}: ")
    assert "\n" not in sentence


def test_wrong_token_is_not_repeated() -> None:
    with pytest.raises(SettingError) as caught:
        read_settings({"TELEGRAM_BOT_TOKEN": f"{TOKEN} copied twice {TOKEN}"})
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("name", ["TELEGRAM", "ZALO"])
def test_webhook_needs_its_secret(name: str) -> None:
    with pytest.raises(SettingError, match=rf"^{name}_WEBHOOK_SECRET: .*{name}_WEBHOOK_URL"):
        read_settings({f"{name}_BOT_TOKEN": TOKEN, f"{name}_WEBHOOK_URL": "https://x.vn/hook"})

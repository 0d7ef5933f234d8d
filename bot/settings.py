"""Every variable, read once into one frozen record. A wrong value names its variable."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote, urlsplit

from bot.clock import ZONE
from data.errors import SettingError
from handlers.wording import say

DATABASE_URL = "sqlite+aiosqlite:///var/dondoc.sqlite"
TELEGRAM_API_URL = "https://api.telegram.org"
ZALO_API_URL = "https://bot-api.zaloplatforms.com"
_TOKEN = re.compile(r"[A-Za-z0-9:_-]{3,256}")
_TELEGRAM_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_ZALO_SECRET = re.compile(r"[!-~]{8,256}")


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A value that does not print; `reveal` gives it."""

    _value: str

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where the messenger calls us, and the secret that it shows."""

    url: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class Messenger:
    """How to reach a messenger: `/bot<token>/METHOD` follows `api_url`, which has no slash at
    its end. Without webhook it is polled."""

    token: Secret
    api_url: str
    webhook: Webhook | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the variables say. `telegram` and `zalo` are None without a token."""

    telegram: Messenger | None = None
    zalo: Messenger | None = None
    database_url: str = field(default=DATABASE_URL, repr=False)
    as_of: datetime | None = None
    http_host: str = "127.0.0.1"
    http_port: int = 8080

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that must not be seen in a log."""
        found = []
        for messenger in (self.telegram, self.zalo):
            if messenger:
                found.append(messenger.token.reveal())
                if messenger.webhook:
                    found.append(messenger.webhook.secret.reveal())
        if password := urlsplit(self.database_url).password:
            found.append(unquote(password))
        return tuple(found)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings of an environment; an empty variable counts as unset. Raises SettingError."""
    values = {name: value.strip() for name, value in environ.items() if value.strip()}
    return Settings(
        telegram=_messenger(values, "TELEGRAM", TELEGRAM_API_URL, _TELEGRAM_SECRET),
        zalo=_messenger(values, "ZALO", ZALO_API_URL, _ZALO_SECRET),
        database_url=_database_url(values),
        as_of=_as_of(values),
        http_host=_host(values),
        http_port=_port(values),
    )


def _messenger(
    values: Mapping[str, str], name: str, api_url: str, shape: re.Pattern[str]
) -> Messenger | None:
    base = _url(values, f"{name}_API_URL", api_url)
    webhook = _webhook(values, name, shape)
    token = values.get(f"{name}_BOT_TOKEN")
    if token is None:
        return None
    if not _TOKEN.fullmatch(token):
        raise _wrong(f"{name}_BOT_TOKEN", "token")
    return Messenger(Secret(token), base, webhook)


def _webhook(values: Mapping[str, str], name: str, shape: re.Pattern[str]) -> Webhook | None:
    variable = f"{name}_WEBHOOK_SECRET"
    secret = values.get(variable)
    if secret is not None and not shape.fullmatch(secret):
        raise _wrong(variable, f"secret.{name.lower()}")
    url = _url(values, f"{name}_WEBHOOK_URL", "")
    if not url:
        return None
    if secret is None:
        raise _wrong(variable, "secret.missing", other=f"{name}_WEBHOOK_URL")
    return Webhook(url, Secret(secret))


def _url(values: Mapping[str, str], variable: str, default: str) -> str:
    if variable not in values:
        return default
    url = values[variable].rstrip("/")
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment or re.search(r"\s", url):
        raise _wrong(variable, "url")
    return url


def _database_url(values: Mapping[str, str]) -> str:
    url = values.get("DONDOC_DATABASE_URL", DATABASE_URL)
    if not re.match(r"(sqlite(\+aiosqlite)?:///.|postgresql(\+asyncpg)?://.)", url):
        raise _wrong("DONDOC_DATABASE_URL", "database")
    return url


def _as_of(values: Mapping[str, str]) -> datetime | None:
    text = values.get("DONDOC_AS_OF")
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise _wrong("DONDOC_AS_OF", "time") from error
    return at.astimezone(ZONE) if at.tzinfo else at.replace(tzinfo=ZONE)


def _host(values: Mapping[str, str]) -> str:
    host = values.get("DONDOC_HTTP_HOST", "127.0.0.1")
    if not re.fullmatch(r"[A-Za-z0-9._:%-]+", host):
        raise _wrong("DONDOC_HTTP_HOST", "host")
    return host


def _port(values: Mapping[str, str]) -> int:
    text = values.get("DONDOC_HTTP_PORT", "8080")
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise _wrong("DONDOC_HTTP_PORT", "port")
    return int(text)


def _wrong(variable: str, fault: str, **places: str) -> SettingError:
    return SettingError(say(f"setting.{fault}", variable=variable, **places))

"""Calls to the Zalo Bot API, each failing as a ChannelError.

Zalo answers errors with HTTP 200: something was done only where `ok` is true. The token stands
in the address, so no exception of the HTTP library leaves this module, not even as a cause.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from bot.channels.base import Health
from bot.channels.mask import Mask
from data.errors import (
    ChannelAuthError,
    ChannelDownError,
    ChannelError,
    ChannelQuotaError,
    ChannelRefusedError,
)

LONGEST_PAUSE = 60.0
QUOTA_PAUSE = 60.0
_NOTHING_NEW = 408
_NO_WEBHOOK = 400
_SLACK = 15.0
_BEFORE_SENDING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


class ZaloClient:
    """One bot on one Bot API server. `answers` counts what the server answered, errors too."""

    def __init__(self, token: str, url: str, clock: Callable[[], datetime]) -> None:
        self._token = token
        self._base = f"{url.rstrip('/')}/bot{token}"
        self._clock = clock
        self._mask = Mask(token, "httpx", "httpcore")
        self._http: httpx.AsyncClient | None = None
        self.health = Health("zalo", up=False)
        self.answers = 0

    async def close(self) -> None:
        """Closes the connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None
        self._mask.take_off()
        self.health = Health("zalo", False, self.health.last_ok, self.health.last_error)

    async def call(self, method: str, **params: object) -> Any:
        """The result of a method."""
        answer = await self._ask(method, params, 20.0)
        if answer.get("ok") is True:
            return answer.get("result")
        if method == "deleteWebhook" and answer.get("error_code") == _NO_WEBHOOK:
            return None
        raise self._failed(refusal(method, answer, self._token))

    async def updates(self, seconds: int) -> object:
        """One poll of at most so many seconds: what came, or None for nothing new."""
        answer = await self._ask("getUpdates", {"timeout": str(seconds)}, seconds + _SLACK)
        if answer.get("ok") is True:
            return answer.get("result")
        if answer.get("error_code") == _NOTHING_NEW:
            self.heard()
            return None
        raise self._failed(refusal("getUpdates", answer, self._token))

    def heard(self) -> None:
        """Zalo gave a sign of life."""
        self.health = Health("zalo", True, self._clock(), self.health.last_error)

    async def _ask(self, method: str, params: dict[str, object], wait: float) -> dict[str, Any]:
        failure: ChannelError
        try:
            response = await self._open().post(
                f"{self._base}/{method}",
                json={name: _clean(value) for name, value in params.items()},
                timeout=httpx.Timeout(wait, connect=10.0),
            )
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            unknown = not isinstance(fault, _BEFORE_SENDING)
            text = f"{method}: {type(fault).__name__}"
            failure = ChannelDownError(text, sent_unknown=unknown)
        else:
            answer = _envelope(response)
            if answer is not None:
                self.answers += 1
                if answer.get("ok") is True:
                    self.heard()
                return answer
            failure = _unreadable(method, response)
        raise self._failed(failure)

    def _open(self) -> httpx.AsyncClient:
        if self._http is None:
            self._mask.put_on()
            self._http = httpx.AsyncClient(limits=httpx.Limits(max_connections=64))
        return self._http

    def _failed(self, error: ChannelError) -> ChannelError:
        down = isinstance(error, ChannelDownError | ChannelAuthError)
        last_ok = self.health.last_ok if down else self._clock()
        self.health = Health("zalo", not down, last_ok, str(error))
        return error


def backoff(attempt: int) -> float:
    """Seconds until the next attempt (1-based): 1, 2, 4 … 60."""
    return float(min(2 ** min(attempt - 1, 10), LONGEST_PAUSE))


def refusal(method: str, answer: dict[str, Any], token: str) -> ChannelError:
    """What `ok: false` means, by its code; the words of the server without the token."""
    code = answer.get("error_code")
    text = f"{method}: {code} {answer.get('description', '')}".replace(token, "***")
    match code:
        case 401:
            return ChannelAuthError(f"ZALO_BOT_TOKEN is not accepted by Zalo: {text}")
        case 429:
            return ChannelQuotaError(text, QUOTA_PAUSE)
        case 409:
            return ChannelDownError(f"another program polls this bot: {text}")
        case 408:
            return ChannelDownError(text, sent_unknown=True)
        case 400 | 404 | 426:
            return ChannelRefusedError(text)
    return ChannelDownError(text)


def _envelope(response: httpx.Response) -> dict[str, Any] | None:
    """The answer where it is one: an object that says `ok`."""
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) and isinstance(answer.get("ok"), bool) else None


def _unreadable(method: str, response: httpx.Response) -> ChannelError:
    """A gateway spoke in Zalo's place; what became of the message behind it is not known."""
    text = f"{method}: HTTP {response.status_code} without an answer of the Bot API"
    if response.status_code == 429:
        return ChannelQuotaError(text, QUOTA_PAUSE)
    return ChannelDownError(text, sent_unknown=True)


def _clean(value: object) -> object:
    """Lone surrogates cannot be sent."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else value

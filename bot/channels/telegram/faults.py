"""The library's exceptions as ours, and how long to wait after each."""

import os
from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from data.errors import (
    ChannelAuthError,
    ChannelDownError,
    ChannelError,
    ChannelQuotaError,
    ChannelRefusedError,
)

# Without this the library warns of its own attribute whenever Telegram answers 429.
os.environ.setdefault("PTB_TIMEDELTA", "true")

LONGEST_PAUSE = 30.0
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_GONE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "chat_write_forbidden",
    "not enough rights",
    "have no rights",
    "topic_closed",
    "message thread not found",
)


class FormError(ChannelRefusedError):
    """The way the message is written is refused; written plainly it may pass."""


def mapped(fault: TelegramError, token: str) -> ChannelError:
    """The library's exception as ours, without the token."""
    text = str(fault).replace(token, "***")
    lower = text.lower()
    match fault:
        case RetryAfter():
            return ChannelQuotaError(text, _seconds(fault))
        case InvalidToken() | EndPointNotFound():
            return ChannelAuthError(f"TELEGRAM_BOT_TOKEN is not accepted by Telegram: {text}")
        case Forbidden():
            return ChannelRefusedError(text)
        case BadRequest():
            gone = any(sign in lower for sign in _GONE)
            return ChannelRefusedError(text) if gone else FormError(text)
    if "too large" in lower:
        return ChannelRefusedError(text)
    sent_unknown = not isinstance(fault.__cause__, _BEFORE_SENDING)
    return ChannelDownError(text, sent_unknown=sent_unknown)


def pause(error: ChannelError, attempt: int, backoff: float) -> float:
    """Seconds until the next attempt (1-based): as told, else doubled each time."""
    if isinstance(error, ChannelQuotaError) and error.retry_after is not None:
        return error.retry_after
    return float(min(backoff * 2 ** min(attempt - 1, 10), LONGEST_PAUSE))


def _seconds(fault: RetryAfter) -> float:
    value = fault.retry_after
    return value.total_seconds() if isinstance(value, timedelta) else float(value)

"""Below the calls: the library's bot, and the pace of messages."""

from typing import Any

import telegram
from telegram.request import HTTPXRequest

from bot.channels.telegram.incoming import ALLOWED

BURST = 5
CHATTY = (
    "httpx",
    "telegram.Bot",
    "telegram.request.BaseRequest",
    "telegram.request.HTTPXRequest",
)
"""The loggers that print addresses, and so the token that stands in them."""

_SLACK = 10.0


class Pace:
    """When messages may go: 5 at once and then 1/s in a chat, 20/min in a group, 25/s in all."""

    def __init__(self) -> None:
        self._due: dict[int | str, float] = {}

    def wait(self, chat: int | str, now: float) -> float:
        """Books the next message to `chat`; the seconds until it may go."""
        grouped = isinstance(chat, str) or chat < 0
        for_chat = self._book(chat, now, 3.0 if grouped else 1.0, BURST)
        for_all = self._book("", now, 1 / 25, 25)
        if len(self._due) > 1000:
            self._due = {key: due for key, due in self._due.items() if due > now}
        return max(for_chat, for_all)

    def _book(self, key: int | str, now: float, interval: float, burst: int) -> float:
        due = max(self._due.get(key, now), now)
        self._due[key] = due + interval
        return max(0.0, due - (burst - 1) * interval - now)


class RawBot(telegram.Bot):
    """Gives updates unread, so that one that cannot be read does not hold up the rest."""

    async def raw_updates(self, offset: int | None, seconds: int) -> list[dict[str, Any]]:
        """The updates from `offset` on; the ones before are confirmed by asking."""
        data = {"offset": offset, "timeout": seconds, "allowed_updates": list(ALLOWED)}
        found = await self._post("getUpdates", data, read_timeout=seconds + _SLACK)
        return [update for update in found if isinstance(update, dict) and "update_id" in update]


def connect(token: str, url: str) -> RawBot:
    """A bot on the Bot API server at `url` (`/bot<token>/METHOD` follows)."""
    base = url.rstrip("/")
    return RawBot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=HTTPXRequest(
            connection_pool_size=64,
            connect_timeout=10,
            read_timeout=20,
            write_timeout=20,
            pool_timeout=60,
        ),
        get_updates_request=HTTPXRequest(connection_pool_size=1, connect_timeout=10),
    )

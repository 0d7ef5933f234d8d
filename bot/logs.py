"""Logging to stderr, with every token masked: messages, arguments and tracebacks."""

import logging
import re
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import TextIO
from urllib.parse import quote

MASK = "***"
_IN_PATH = re.compile(r"(?<=/bot)[^/\s:'\"]+(?::|%3A)[^/\s'\"?#]+", re.IGNORECASE)
_SHORTEST = 4


class MaskingFormatter(logging.Formatter):
    """Formats a record and then masks the secrets and whatever follows `/bot` as a token."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        forms = {form for secret in secrets for form in (secret, quote(secret, safe=""))}
        known = sorted((f for f in forms if len(f) >= _SHORTEST), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def format(self, record: logging.LogRecord) -> str:
        """The whole record, masked; one whose arguments do not fit is shown as it is."""
        try:
            text = super().format(record)
        except Exception as error:
            text = f"{record.levelname} {record.name}: {record.msg!r} {record.args!r} ({error!r})"
        return self.mask(text)

    def mask(self, text: str) -> str:
        """The text without secrets."""
        if self._known:
            text = self._known.sub(MASK, text)
        return _IN_PATH.sub(MASK, text)


def set_up(
    secrets: Iterable[str] = (), level: int = logging.INFO, stream: TextIO | None = None
) -> None:
    """Sends every record and every uncaught exception to `stream`, by default stderr."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(MaskingFormatter(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in ("httpx", "httpcore", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _uncaught


def _uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("bot").critical("uncaught exception", exc_info=(kind, error, trace))

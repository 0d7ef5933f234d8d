"""Files for people whose messenger carries none: links that are signed and expire.

A link reads /files/<expiry>.<id>.<signature>/<name>. The signature covers expiry, id and name,
so a link cannot be guessed, prolonged or renamed. It works until it expires, however often it
is opened: messengers open links themselves, to show a preview.
"""

import hashlib
import hmac
import logging
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tornado.web import HTTPError, RequestHandler

from handlers.messages import Document
from handlers.wording import say

log = logging.getLogger(__name__)

DIRECTORY = Path("var/links")
LIFE = timedelta(days=7)
_ROUTE = r"/files/([0-9a-f]{8,12})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})/([^/]+)"


class ExpiredError(Exception):
    """The link was ours, and is too old."""


class SignedLinks:
    """The files, the key that signs, and the address at which the server is seen from outside.

    `base` has no slash at its end. `clock` gives the aware time of now.
    """

    def __init__(
        self,
        base: str,
        key: bytes,
        clock: Callable[[], datetime],
        *,
        directory: Path = DIRECTORY,
        life: timedelta = LIFE,
    ) -> None:
        self._base = base.rstrip("/")
        self._key = key
        self._clock = clock
        self._directory = directory
        self._life = life

    @property
    def routes(self) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
        """What the server serves."""
        return [(_ROUTE, SignedDownload, {"links": self})]

    def publish(self, document: Document) -> str:
        """Keeps the file and gives its address. Raises OSError."""
        self._sweep()
        expiry = f"{int((self._clock() + self._life).timestamp()):x}"
        id = secrets.token_urlsafe(16)
        self._directory.mkdir(parents=True, exist_ok=True)
        head = document.media_type.encode() + b"\n"
        self._path(expiry, id).write_bytes(head + document.content)
        name = quote(document.name, safe="", errors="replace")
        return f"{self._base}/files/{expiry}.{id}.{self._sign(expiry, id, document.name)}/{name}"

    def find(self, expiry: str, id: str, signature: str, name: str) -> Document | None:
        """The file behind the parts of a link, or None; ExpiredError where it is too old."""
        if not hmac.compare_digest(signature, self._sign(expiry, id, name)):
            return None
        if int(expiry, 16) <= self._clock().timestamp():
            raise ExpiredError
        try:
            stored = self._path(expiry, id).read_bytes()
        except OSError:
            return None
        media_type, _, content = stored.partition(b"\n")
        return Document(name, media_type.decode(), content)

    def _path(self, expiry: str, id: str) -> Path:
        return self._directory / f"{expiry}.{id}"

    def _sign(self, expiry: str, id: str, name: str) -> str:
        words = f"{expiry}.{id}.{name}".encode(errors="replace")
        digest = hmac.new(self._key, words, hashlib.sha256).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")

    def _sweep(self) -> None:
        """Removes the files whose links have expired."""
        now = self._clock().timestamp()
        for path in self._directory.glob("*.*"):
            try:
                if int(path.name.partition(".")[0], 16) <= now:
                    path.unlink(missing_ok=True)
            except (ValueError, OSError) as error:
                log.warning("%s cannot be removed: %s", path, error)


def signing_key(secret: str) -> bytes:
    """A key of its own, from a secret that lasts as long as links should."""
    return hmac.new(secret.encode(), b"dondoc links", hashlib.sha256).digest()


def public_base(webhook_url: str) -> str:
    """The address of the server, from the address at which it is called: all before the path
    of the webhook."""
    return webhook_url.removesuffix("/zalo/webhook").removesuffix("/telegram/webhook").rstrip("/")


class SignedDownload(RequestHandler):
    """The file as a download; 404 for a link that is none of ours, 410 for one too old."""

    def initialize(self, links: SignedLinks) -> None:
        """Keeps the links."""
        self._links = links

    def get(self, expiry: str, id: str, signature: str, name: str) -> None:
        """The file."""
        try:
            file = self._links.find(expiry, id, signature, name)
        except ExpiredError:
            self.set_status(410)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(say("links.expired"))
            return
        if file is None:
            raise HTTPError(404)
        self.set_header("Content-Type", file.media_type)
        self.set_header("Cache-Control", "private, no-store")
        self.set_header(
            "Content-Disposition", f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
        )
        self.write(file.content)

    head = get

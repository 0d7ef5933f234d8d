"""The one web server: web chat, webhooks, /healthz and /metrics."""

import errno
import ipaddress
import json
import logging
import re
import socket
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import (
    Application,
    GZipContentEncoding,
    HTTPError,
    OutputTransform,
    RequestHandler,
    StaticFileHandler,
    stream_request_body,
)

from bot.channels.base import Channel
from bot.metrics import CONTENT_TYPE, Metrics
from data import files
from data.errors import SettingError
from handlers.wording import say

log = logging.getLogger(__name__)

BODY_BYTES = 1024 * 1024
_DRAINED_BYTES = 16 * BODY_BYTES
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")
_ASSETS = r"/(chat\.css|chat\.js|icon\.svg|icon-192\.png|icon-512\.png)"
_SPOKEN = (
    "web.name",
    "web.you",
    "web.online",
    "web.connecting",
    "web.offline",
    "web.sending",
    "web.not_sent",
    "web.resend",
    "web.today",
    "web.yesterday",
    "web.file",
    "web.choices",
)


@runtime_checkable
class Routed(Protocol):
    """A channel that brings routes of its own."""

    @property
    def routes(self) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
        """Pattern, handler, what the handler is made with."""


@runtime_checkable
class Hooked(Protocol):
    """A channel that takes calls of its messenger, at `/<name>/webhook`."""

    async def webhook(self, headers: Mapping[str, str], body: bytes) -> int:
        """Takes a call; gives the HTTP status to answer with."""


class SecurityHeaders(OutputTransform):
    """Puts on every answer what keeps browsers from doing more than the page asks."""

    def __init__(self, request: HTTPServerRequest) -> None:
        self._host = request.host if _HOST.fullmatch(request.host) else ""

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Adds the headers."""
        sockets = f" ws://{self._host} wss://{self._host}" if self._host else ""
        headers["Content-Security-Policy"] = (
            f"default-src 'self'; connect-src 'self'{sockets}; object-src 'none'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Server"] = "dondoc"
        headers.setdefault("Cache-Control", "no-cache")
        return status_code, headers, chunk


class Handler(RequestHandler):
    """Errors answer with their number and name only."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """One line of plain text."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code} {self._reason}\n")


class Missing(Handler):
    """Every address that is not served."""

    def prepare(self) -> None:
        """404."""
        raise HTTPError(404)


@stream_request_body
class TooLarge(Handler):
    """A body over the limit: thrown away as it comes, since few clients listen before they
    have sent it all; not even read where it is far over, or announced and awaits our word."""

    def prepare(self) -> None:
        """413 at once, or after the body."""
        declared = int(self.request.headers["Content-Length"])
        connection = self.request.connection
        if declared > _DRAINED_BYTES or "Expect" in self.request.headers:
            raise HTTPError(413)
        if isinstance(connection, HTTP1Connection):
            connection.set_max_body_size(declared)

    def data_received(self, chunk: bytes) -> None:
        """Nothing is kept."""

    def _refuse(self) -> None:
        raise HTTPError(413)

    get = head = post = put = patch = delete = options = _refuse


class Site(Application):
    """The routes; a request whose body is declared too large never reaches them."""

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
        """The handler of a request."""
        declared = request.headers.get("Content-Length", "")
        if declared.isascii() and declared.isdigit() and int(declared) > BODY_BYTES:
            return self.get_handler_delegate(request, TooLarge)
        return super().find_handler(request, **kwargs)


class Page(Handler):
    """A page of `bot/web` with the catalogue's words in it."""

    def initialize(self, file: str, media_type: str) -> None:
        """Keeps which file."""
        self._file = file
        self._media_type = media_type

    def get(self) -> None:
        """The page."""
        self.set_header("Content-Type", f"{self._media_type}; charset=utf-8")
        words = {key.removeprefix("web."): say(key) for key in _SPOKEN}
        self.render(self._file, say=say, words=json.dumps(words, ensure_ascii=False))

    head = get


class Health(Handler):
    """Which channels are up, and when each last worked; 503 where the web chat is down."""

    def initialize(self, channels: Sequence[Channel]) -> None:
        """Keeps the channels."""
        self._channels = channels

    def get(self) -> None:
        """The state as JSON."""
        states = {channel.name: _state(channel) for channel in self._channels}
        serving = states.get("web", {"up": True})["up"]
        well = serving and all(state["up"] for state in states.values())
        self.set_status(200 if serving else 503)
        self.set_header("Cache-Control", "no-store")
        self.write({"status": "ok" if well else "degraded", "channels": states})

    head = get


class Measures(Handler):
    """Prometheus text."""

    def initialize(self, channels: Sequence[Channel], metrics: Metrics) -> None:
        """Keeps what is shown."""
        self._channels = channels
        self._metrics = metrics

    def get(self) -> None:
        """Everything counted so far."""
        for channel in self._channels:
            self._metrics.up(channel.name, _state(channel)["up"])
        self.set_header("Content-Type", CONTENT_TYPE)
        self.set_header("Cache-Control", "no-store")
        self.write(self._metrics.exposition())


class Webhook(Handler):
    """A call of a messenger, handed to its channel as it came."""

    def initialize(self, channel: Hooked) -> None:
        """Keeps the channel."""
        self._channel = channel

    async def post(self) -> None:
        """Answers with the status that the channel gives."""
        self.set_status(await self._channel.webhook(self.request.headers, self.request.body))


class Server:
    """The web server over the channels; port 0 takes a free one, and `port` tells it.

    `extras` are further things with routes of their own, the calendars among them.
    """

    def __init__(
        self,
        host: str,
        port: int,
        channels: Sequence[Channel],
        metrics: Metrics,
        extras: Sequence[Routed] = (),
    ) -> None:
        self.host = host
        self.port = port
        self._http = HTTPServer(
            _site(channels, metrics, extras),
            max_body_size=BODY_BYTES,
            max_header_size=16 * 1024,
            idle_connection_timeout=75,
            body_timeout=15,
            xheaders=_is_loopback(host),
        )

    @property
    def url(self) -> str:
        """Where the web chat is."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"

    async def start(self) -> None:
        """Listens. Raises SettingError where the address cannot be had."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            listening = socket.create_server(
                (self.host, self.port),
                family=family,
                dualstack_ipv6=self.host == "::" and socket.has_dualstack_ipv6(),
            )
        except OSError as error:
            raise SettingError(_reason(error, self.host, self.port)) from error
        listening.setblocking(False)
        self.port = listening.getsockname()[1]
        self._http.add_socket(listening)
        log.info("web chat at %s", self.url)

    async def stop(self) -> None:
        """Stops listening and closes what is open, except WebSockets: the channel does."""
        self._http.stop()
        await self._http.close_all_connections()


def _site(channels: Sequence[Channel], metrics: Metrics, extras: Sequence[Routed] = ()) -> Site:
    html = {"file": "index.html", "media_type": "text/html"}
    manifest = {"file": "manifest.webmanifest", "media_type": "application/manifest+json"}
    routes: list[Any] = [
        (r"/", Page, html),
        (r"/manifest\.webmanifest", Page, manifest),
        (_ASSETS, StaticFileHandler, {"path": str(files.WEB)}),
        (r"/healthz", Health, {"channels": channels}),
        (r"/metrics", Measures, {"channels": channels, "metrics": metrics}),
    ]
    for channel in channels:
        if isinstance(channel, Routed):
            routes += channel.routes
        if isinstance(channel, Hooked):
            routes.append((rf"/{re.escape(channel.name)}/webhook", Webhook, {"channel": channel}))
    for extra in extras:
        routes += extra.routes
    return Site(
        routes,
        transforms=[GZipContentEncoding, SecurityHeaders],
        default_handler_class=Missing,
        template_path=str(files.WEB),
        log_function=lambda handler: None,
    )


def _state(channel: Channel) -> dict[str, Any]:
    worked = getattr(channel, "last_worked", None)
    notice = getattr(getattr(channel, "health", None), "notice", "")
    return {
        "up": bool(getattr(channel, "up", False)),
        "last_worked": worked.isoformat(timespec="seconds") if worked else None,
        **({"notice": notice} if notice else {}),
    }


def _is_loopback(host: str) -> bool:
    """Then whoever connects from afar came through a proxy, whose X-Real-Ip is believed."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return say("web.port_taken", variable="DONDOC_HTTP_PORT", host=host, port=port)
    if error.errno in (errno.EACCES, errno.EPERM):
        return say("web.port_forbidden", variable="DONDOC_HTTP_PORT", port=port)
    return say("web.host_wrong", variable="DONDOC_HTTP_HOST", host=host)

"""A Zalo Bot API server on 127.0.0.1, as part 8.1 of the specification says, with its faults.

`python -m tests.zalo_emulator --port 8090 --token 123456789:trial` runs it alone. Control, as
JSON: `POST /_zalo/inbound`, `GET /_zalo/sent`, `POST /_zalo/fault {method, kind, times}`.
"""

import argparse
import asyncio
import json
import socket
import struct
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Any, Self

import httpx
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

TOKEN = "123456789:zalo-stub_token-which-must-not-be-logged"
BOT = {
    "id": "1459232241454765289",
    "account_name": "bot.VDKyGxQvc",
    "account_type": "BASIC",
    "can_join_groups": False,
}
PERSON = "6ede9afa66b88fe6d6a9"
PATIENCE = 20.0
EPOCH = 1749632637199
HTML = "<html><body>502 Bad Gateway</body></html>"

KINDS = (
    "html",
    "broken",
    "reset_before",
    "reset_after",
    "slow",
    "slow_after",
    "list",
    "unverified",
)
"""Faults beside error codes: a gateway's page, half a JSON text, a connection cut before or
after the call takes effect, an answer that waits for `release` before or after it, a result
that is a list, a webhook that could not be verified."""


class Refused(Exception):
    """What Zalo answers in place of a result."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as a person sees it."""

    id: str
    chat: str
    text: str = ""
    params: dict[str, Any] = field(default_factory=dict)


class ZaloEmulator:
    """The server. `sent` is what people see; `calls` every method called, in order.

    `poll_cap` bounds a poll in seconds; `real_status` gives errors their HTTP status; `lossy`
    loses what comes while nobody polls; `wrapped` says how the webhook is called, at
    `deliver_to` in place of the public address; `quota` is how many messages may be sent.
    """

    def __init__(
        self,
        token: str = TOKEN,
        *,
        poll_cap: float = PATIENCE,
        real_status: bool = False,
        lossy: bool = False,
        wrapped: bool = False,
        quota: int = 3000,
        now: Callable[[], int] = lambda: EPOCH,
    ) -> None:
        self.token = token
        self.poll_cap = poll_cap
        self.real_status = real_status
        self.lossy = lossy
        self.wrapped = wrapped
        self.quota = quota
        self.now = now
        self.url = ""
        self.deliver_to = ""
        self.sent: list[Sent] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.updates: deque[dict[str, Any]] = deque()
        self.people: set[str] = {PERSON}
        self.hook: dict[str, Any] | None = None
        self.statuses: list[int] = []
        self.media: dict[str, bytes] = {}
        self.fetched: list[str] = []
        self.polling = False
        self._faults: dict[str, deque[str]] = {}
        self._numbers = count(1)
        self._poller: asyncio.Future[str] | None = None
        self._released = asyncio.Event()
        self._changed = asyncio.Condition()
        self._server: HTTPServer | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def open(self, port: int = 0) -> None:
        """Listens; on a free port where none is given."""
        routes = [
            (r"/bot([^/]+)/(\w+)", _Call, {"zalo": self}),
            (r"/_zalo/(inbound|sent|fault)", _Control, {"zalo": self}),
            (r"/media/([\w.-]+)", _Media, {"zalo": self}),
        ]
        sockets = bind_sockets(port, "127.0.0.1")
        self.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
        self._server = HTTPServer(Application(routes, log_function=lambda handler: None))
        self._server.add_sockets(sockets)

    async def close(self) -> None:
        """Stops listening and drops every connection."""
        self._released.set()
        self._wake("closing")
        if self._server:
            self._server.stop()
            await self._server.close_all_connections()
            self._server = None

    # What people do

    async def inbound(self, text: str | None = None, **more: Any) -> dict[str, Any]:
        """A person writes; gives the update. See `update` for what may be said."""
        update = self.update(text, **more)
        await self.deliver(update)
        return update

    def update(
        self,
        text: str | None = None,
        *,
        chat_id: str = PERSON,
        user_id: str | None = None,
        name: str = "Nguyễn Văn A",
        photo_url: str | None = None,
        photo: str | None = None,
        voice_url: str | None = None,
        caption: str | None = None,
        sticker: str | None = None,
        unsupported: bool = False,
        chat_type: str = "PRIVATE",
        is_bot: bool = False,
        event_name: str | None = None,
        message_id: str | None = None,
    ) -> dict[str, Any]:
        """An update as Zalo makes it; without any content a text is missing."""
        content = {
            "text": text,
            "photo_url": photo_url,
            "photo": photo,
            "voice_url": voice_url,
            "caption": caption,
            "sticker": sticker,
        }
        image = "image" if photo_url or photo else "voice" if voice_url else None
        kind = image or ("sticker" if sticker else "unsupported" if unsupported else "text")
        self.people.add(chat_id)
        return {
            "event_name": event_name or f"message.{kind}.received",
            "message": {
                "date": self.now(),
                "chat": {"chat_type": chat_type, "id": chat_id},
                "message_id": message_id or f"m{next(self._numbers):019x}",
                "from": {"id": user_id or chat_id, "is_bot": is_bot, "display_name": name},
                **{key: value for key, value in content.items() if value is not None},
            },
        }

    async def deliver(self, update: dict[str, Any]) -> None:
        """Hands an update over: to the webhook, to the poll, or to the next poll."""
        if self.hook:
            body = {"ok": True, "result": update} if self.wrapped else update
            await self.call_webhook(json.dumps(body).encode())
        elif self.polling or not self.lossy:
            self.updates.append(update)
            self._wake("update")

    async def call_webhook(self, body: bytes, secret: str | None = None) -> int:
        """Calls the webhook with these bytes; an empty body comes without content type."""
        assert self.hook is not None
        headers = {"X-Bot-Api-Secret-Token": secret or self.hook["secret_token"]}
        if body:
            headers["Content-Type"] = "application/json"
        async with httpx.AsyncClient() as http:
            answer = await http.post(
                self.deliver_to or self.hook["url"], content=body, headers=headers
            )
        self.statuses.append(answer.status_code)
        return answer.status_code

    def put(self, name: str, content: bytes) -> str:
        """Puts a file where a message can name it; gives its address."""
        self.media[name] = content
        return f"{self.url}/media/{name}"

    # What the test arranges and sees

    def fault(self, method: str, kind: str | int, times: int = 1) -> None:
        """The next calls of `method` fail so: a code answered with HTTP 200, or one of KINDS."""
        assert isinstance(kind, int) or kind in KINDS or kind.isdecimal(), kind
        self._faults.setdefault(method, deque()).extend([str(kind)] * times)

    def release(self) -> None:
        """Lets the slow answers go."""
        self._released.set()

    def expire(self) -> None:
        """The poll under way finds nothing new."""
        self._wake("nothing")

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits until a call or a change has made the condition true."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(condition)

    def texts(self, chat: str = PERSON) -> list[str]:
        """The texts that a chat shows."""
        return [sent.text for sent in self.sent if sent.chat == chat]

    def called(self, method: str) -> list[dict[str, Any]]:
        """The parameters of each call of a method."""
        return [params for name, params in self.calls if name == method]

    # The server's side

    async def call(self, method: str, params: dict[str, Any]) -> Any:
        """Carries out a call, or raises what was arranged."""
        self.calls.append((method, params))
        await self.tell()
        action = getattr(self, f"do_{method}", None)
        if action is None:
            raise Refused(404, "Not Found")
        waiting = self._faults.get(method)
        fault = waiting.popleft() if waiting else ""
        if fault.isdecimal():
            raise Refused(int(fault), f"Fault {fault}")
        if fault in ("html", "broken"):
            return fault
        if fault == "reset_before":
            raise ConnectionError
        if fault == "slow":
            await self._released.wait()
        result = await action(params) if method == "getUpdates" else action(params)
        if fault == "reset_after":
            raise ConnectionError
        if fault == "slow_after":
            await self.tell()
            await self._released.wait()
        if fault == "unverified":
            hint = {"ok": False, "outcome": "timeout", "status_code": 0, "hint": "no answer"}
            result["result"]["verification"] = hint
        if fault == "list":
            result["result"] = [result["result"]]
        return result

    async def do_getUpdates(self, params: dict[str, Any]) -> Any:
        if self.hook:
            raise Refused(400, "Bad Request: webhook is set")
        self._wake("conflict")
        if not self.updates:
            await self._wait(min(float(params.get("timeout") or 30), self.poll_cap))
        if not self.updates:
            raise Refused(408, "Request timeout")
        return {"ok": True, "result": self.updates.popleft()}

    async def _wait(self, seconds: float) -> None:
        mine = self._poller = asyncio.get_running_loop().create_future()
        self.polling = True
        await self.tell()
        try:
            async with asyncio.timeout(seconds):
                reason = await mine
                if reason == "conflict":
                    raise Refused(409, "Conflict: terminated by other getUpdates request")
                if reason == "gone":
                    raise Refused(408, "Request timeout")
        except TimeoutError:
            pass
        finally:
            if self._poller is mine:
                self.polling = False

    def do_getMe(self, params: dict[str, Any]) -> Any:
        return {"ok": True, "result": dict(BOT)}

    def do_setWebhook(self, params: dict[str, Any]) -> Any:
        if not str(params.get("url", "")).startswith("https://"):
            raise Refused(400, "Bad Request: url must be https")
        if not 8 <= len(str(params.get("secret_token", ""))) <= 256:
            raise Refused(400, "Bad Request: secret_token must have 8 to 256 characters")
        self.hook = params
        return {"ok": True, "result": {"url": params["url"], "updated_at": self.now()}}

    def do_getWebhookInfo(self, params: dict[str, Any]) -> Any:
        url = self.hook["url"] if self.hook else ""
        return {"ok": True, "result": {"url": url, "updated_at": self.now()}}

    def do_deleteWebhook(self, params: dict[str, Any]) -> Any:
        if not self.hook:
            raise Refused(400, "Bad Request: no webhook is set")
        self.hook = None
        return {"ok": True, "result": {"url": "", "updated_at": self.now()}}

    def do_sendMessage(self, params: dict[str, Any]) -> Any:
        text = params.get("text")
        if not isinstance(text, str) or not 1 <= len(text.encode("utf-16-le")) // 2 <= 2000:
            raise Refused(400, "Bad Request: text must have 1 to 2000 characters")
        return self._shown(params, text)

    def do_sendPhoto(self, params: dict[str, Any]) -> Any:
        return self._shown(params, f"[photo] {params['photo']}")

    def do_sendSticker(self, params: dict[str, Any]) -> Any:
        return self._shown(params, f"[sticker] {params['sticker']}")

    def do_sendVoice(self, params: dict[str, Any]) -> Any:
        return self._shown(params, f"[voice] {params['voice_url']}")

    def do_sendChatAction(self, params: dict[str, Any]) -> Any:
        self._reachable(params)
        return {"ok": True}

    def _reachable(self, params: dict[str, Any]) -> str:
        chat = str(params.get("chat_id", ""))
        if chat not in self.people:
            raise Refused(400, "Bad Request: chat not found")
        return chat

    def _shown(self, params: dict[str, Any], text: str) -> Any:
        chat = self._reachable(params)
        if len(self.sent) >= self.quota:
            raise Refused(429, "Quota exceeded")
        sent = Sent(f"s{next(self._numbers):019x}", chat, text, params)
        self.sent.append(sent)
        return {"ok": True, "result": {"message_id": sent.id, "date": self.now()}}

    def hung_up(self) -> None:
        """The one who polls is gone; what comes waits for the next poll."""
        self._wake("gone")

    def _wake(self, reason: str) -> None:
        if self._poller and not self._poller.done():
            self._poller.set_result(reason)
        self.polling = False

    async def tell(self) -> None:
        """Lets `until` look again."""
        async with self._changed:
            self._changed.notify_all()


class _Call(RequestHandler):
    def initialize(self, zalo: ZaloEmulator) -> None:
        self._zalo = zalo

    def on_connection_close(self) -> None:
        if self.request.path.endswith("/getUpdates"):
            self._zalo.hung_up()

    async def post(self, token: str, method: str) -> None:
        try:
            if token != self._zalo.token:
                raise Refused(401, "Unauthorized")
            self._answer(await self._zalo.call(method, self._params()))
        except ConnectionError:
            self._reset()
        except Refused as fault:
            self.set_status(fault.code if self._zalo.real_status else 200)
            self.finish({"ok": False, "description": fault.text, "error_code": fault.code})
        finally:
            await self._zalo.tell()

    get = post

    def _params(self) -> dict[str, Any]:
        params: dict[str, Any] = {
            name: values[-1].decode() for name, values in self.request.arguments.items()
        }
        if self.request.headers.get("Content-Type", "").startswith("application/json"):
            params |= json.loads(self.request.body or b"{}")
        return params

    def _answer(self, result: Any) -> None:
        if result == "html":
            self.set_status(502)
            self.finish(HTML)
        else:
            self.finish('{"ok": tr' if result == "broken" else result)

    def _reset(self) -> None:
        stream = self.detach()
        assert isinstance(stream, IOStream)
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stream.close()


class _Control(RequestHandler):
    def initialize(self, zalo: ZaloEmulator) -> None:
        self._zalo = zalo

    def get(self, what: str) -> None:
        self.finish({"sent": [{"id": s.id, **s.params} for s in self._zalo.sent]})

    async def post(self, what: str) -> None:
        params = json.loads(self.request.body)
        if what == "fault":
            self._zalo.fault(params["method"], params["kind"], params.get("times", 1))
            self.finish({"ok": True})
        else:
            self.finish(await self._zalo.inbound(**params))
            await self._zalo.tell()


class _Media(RequestHandler):
    def initialize(self, zalo: ZaloEmulator) -> None:
        self._zalo = zalo

    def get(self, name: str) -> None:
        self._zalo.fetched.append(name)
        if name not in self._zalo.media:
            self.set_status(404)
        else:
            self.set_header("Content-Type", "application/octet-stream")
            self.write(self._zalo.media[name])


async def _serve(token: str, port: int) -> None:
    zalo = ZaloEmulator(token)
    await zalo.open(port)
    sys.stdout.write(f"ZALO_API_URL={zalo.url}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A Zalo Bot API server for trials.")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--token", default=TOKEN)
    given = parser.parse_args()
    asyncio.run(_serve(given.token, given.port))

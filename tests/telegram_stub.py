"""A Bot API server on 127.0.0.1 that refuses what Telegram refuses, and fails on demand."""

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from types import TracebackType
from typing import Any, Self

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

TOKEN = "123456:AAHk-stub_token-which-must-not-be-logged"
BOT = {"id": 123456, "is_bot": True, "first_name": "Đôn Đốc", "username": "dondoc_bot"}
PATIENCE = 20.0

_TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre"}
_TAGS |= {"blockquote", "tg-spoiler", "tg-emoji", "span"}


class ApiFault(Exception):
    """What Telegram would answer in place of a result."""

    def __init__(self, code: int, text: str, **parameters: int) -> None:
        super().__init__(text)
        self.code, self.text, self.parameters = code, text, parameters


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure to come: an error answer, an HTML page, or a connection cut.

    `recorded` says that the call takes effect before it fails.
    """

    code: int = 0
    text: str = ""
    retry_after: int = 0
    recorded: bool = False


GATEWAY = Fault(502, "<html><body>Bad Gateway</body></html>")
CUT_BEFORE = Fault()
CUT_AFTER = Fault(recorded=True)


@dataclass(slots=True)
class Sent:
    """A message as the person sees it."""

    id: int
    chat: int
    text: str = ""
    html: str = ""
    keyboard: list[list[dict[str, str]]] = field(default_factory=list)
    document: tuple[str, bytes] | None = None
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        """The labels of all buttons."""
        return [button["text"] for row in self.keyboard for button in row]


class _Entities(HTMLParser):
    """Plain text of Telegram's HTML; raises ApiFault where Telegram would."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.text = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS or (tag == "blockquote" and tag in self.open):
            raise _unparsed(f'Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise _unparsed(f'Unmatched end tag "{tag}"')

    def handle_data(self, data: str) -> None:
        if "<" in data:
            raise _unparsed("Unsupported start tag")
        self.text += data

    def handle_entityref(self, name: str) -> None:
        known = name in {"lt", "gt", "amp", "quot"}
        self.text += unescape(f"&{name};") if known else f"&{name};"

    def handle_charref(self, name: str) -> None:
        self.text += unescape(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        raise _unparsed("Unsupported start tag")

    def handle_decl(self, decl: str) -> None:
        raise _unparsed("Unsupported start tag")

    def handle_pi(self, data: str) -> None:
        raise _unparsed("Unsupported start tag")


def _unparsed(why: str) -> ApiFault:
    return ApiFault(400, f"Bad Request: can't parse entities: {why} at byte offset 0")


def entities(text: str, mode: str) -> str:
    """The text after entities parsing, checked for its length."""
    if mode == "HTML":
        parser = _Entities()
        parser.feed(text)
        parser.close()
        if parser.open:
            raise _unparsed(f'Can\'t find end tag corresponding to start tag "{parser.open[-1]}"')
        text = parser.text
    if not text.strip():
        raise ApiFault(400, "Bad Request: message text is empty")
    if len(text.strip().encode("utf-16-le")) // 2 > 4096:
        raise ApiFault(400, "Bad Request: message is too long")
    return text.strip()


class TelegramStub:
    """The server. `sent` is what people see; `calls` every method called, in order."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.url = ""
        self.sent: list[Sent] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.updates: dict[int, dict[str, Any]] = {}
        self.confirmed = 0
        self.menu: list[dict[str, str]] = []
        self.hook: dict[str, Any] | None = None
        self.blocked: set[int] = set()
        self.moved: dict[int, int] = {}
        self.answered_queries: list[str] = []
        self.broken: list[str] = []
        self.files: dict[str, bytes] = {}
        self.fetched: list[str] = []
        self.expired: set[str] = set()
        self._queries: set[str] = set()
        self._faults: dict[tuple[str, int | None], deque[Fault]] = {}
        self._quiet_until: dict[int | None, float] = {}
        self._numbers = iter(range(1000, 100000))
        self._poller: asyncio.Future[str] | None = None
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
            (r"/bot([^/]+)/(\w+)", _Handler, {"stub": self}),
            (r"/file/bot([^/]+)/files/(\w+)", _File, {"stub": self}),
        ]
        sockets = bind_sockets(port, "127.0.0.1")
        self.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
        self._server = HTTPServer(Application(routes, log_function=lambda handler: None))
        self._server.add_sockets(sockets)

    async def close(self) -> None:
        """Stops listening and drops every connection."""
        self._wake("closing")
        if self._server:
            self._server.stop()
            await self._server.close_all_connections()
            self._server = None

    # What people do

    def say(self, text: str, chat: int = 1001, user: int | None = None, **more: Any) -> int:
        """A person sends a text; groups have negative ids. Gives the update's id."""
        return self.post({"message": self.message(chat, user, text=text, **more)})

    def message(self, chat: int, user: int | None = None, **more: Any) -> dict[str, Any]:
        """A message as it stands in an update."""
        person = {"id": user or abs(chat), "is_bot": False, "first_name": "Nguyễn Văn A"}
        kind = "supergroup" if chat < 0 else "private"
        place = {"id": chat, "type": kind, "title": "Tổ công tác", "first_name": "Nguyễn Văn A"}
        head = {"message_id": next(self._numbers), "date": 1614564000}
        return head | {"from": person, "chat": place} | more

    def put(self, content: bytes, **more: Any) -> dict[str, Any]:
        """A file as it stands in a message; a person has just sent its content."""
        id = f"F{next(self._numbers)}"
        self.files[id] = content
        return {"file_id": id, "file_unique_id": id, "file_size": len(content)} | more

    def press(
        self, sent: Sent, label: str, user: int | None = None, *, exact: bool = False
    ) -> int:
        """A person presses the button of that label (a part is enough, unless `exact`)."""
        buttons = [button for row in sent.keyboard for button in row]
        fitting = (b for b in buttons if label == b["text"] or (not exact and label in b["text"]))
        data = next(fitting)["callback_data"]
        query = str(next(self._numbers))
        self._queries.add(query)
        shown = self.message(sent.chat, text=sent.text) | {"message_id": sent.id, "from": BOT}
        person = {"id": user or abs(sent.chat), "is_bot": False, "first_name": "Nguyễn Văn A"}
        return self.post(
            {
                "callback_query": {
                    "id": query,
                    "from": person,
                    "chat_instance": "1",
                    "data": data,
                    "message": shown,
                }
            }
        )

    def post(self, content: dict[str, Any]) -> int:
        """Queues an update."""
        number = next(self._numbers)
        self.updates[number] = {"update_id": number} | content
        self._wake("update")
        return number

    # What the test arranges and sees

    def fail(self, method: str, *faults: Fault, chat: int | None = None) -> None:
        """The next calls of `method` (to `chat`) fail so, one after the other."""
        self._faults.setdefault((method, chat), deque()).extend(faults)

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits until a call or a change has made the condition true."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(condition)

    def called(self, method: str) -> list[dict[str, Any]]:
        """The parameters of each call of a method."""
        return [params for name, params in self.calls if name == method]

    def texts(self, chat: int = 1001) -> list[str]:
        """The texts that a chat shows."""
        return [sent.text for sent in self.sent if sent.chat == chat]

    @property
    def waiting(self) -> list[int]:
        """The updates not confirmed."""
        return sorted(self.updates)

    # The server's side

    async def call(self, method: str, params: dict[str, Any], files: dict[str, Any]) -> Any:
        """Carries out a call, or raises what was arranged."""
        self.calls.append((method, params))
        chat = int(params["chat_id"]) if "chat_id" in params else None
        action = getattr(self, f"do_{method}", None)
        if action is None:
            raise ApiFault(404, "Not Found")
        self._obeyed(method, chat)
        fault = self._arranged(method, chat)
        if fault and not fault.recorded:
            raise self._raised(fault, chat)
        result = await action(params, files) if method == "getUpdates" else action(params, files)
        if fault:
            raise self._raised(fault, chat)
        return result

    def _arranged(self, method: str, chat: int | None) -> Fault | None:
        for key in ((method, chat), (method, None)):
            if self._faults.get(key):
                return self._faults[key].popleft()
        return None

    def _raised(self, fault: Fault, chat: int | None) -> Exception:
        if fault.retry_after:
            now = asyncio.get_running_loop().time()
            self._quiet_until[chat] = now + fault.retry_after
            text = f"Too Many Requests: retry after {fault.retry_after}"
            return ApiFault(429, text, retry_after=fault.retry_after)
        return ApiFault(fault.code, fault.text) if fault.code else ConnectionError()

    def _obeyed(self, method: str, chat: int | None) -> None:
        """Who does not wait as long as told is told again, and the test hears of it."""
        left = self._quiet_until.get(chat, 0) - asyncio.get_running_loop().time()
        if chat is not None and left > 0 and method.startswith("send") and "Action" not in method:
            self.broken.append(f"{method} {left:.2f} s before the time told")
            raise ApiFault(429, "Too Many Requests: retry after 1", retry_after=1)

    async def do_getUpdates(self, params: dict[str, Any], files: dict[str, Any]) -> Any:
        if self.hook:
            raise ApiFault(409, "Conflict: can't use getUpdates method while webhook is active")
        if self._poller and not self._poller.done():
            self._poller.set_result("conflict")
        offset = int(params.get("offset") or 0)
        for number in [n for n in self.updates if n < offset]:
            del self.updates[number]
            self.confirmed = max(self.confirmed, number)
        await self.tell()
        if not self.updates and float(params.get("timeout") or 0):
            self._poller = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(float(params["timeout"])):
                    if await self._poller == "conflict":
                        raise ApiFault(409, "Conflict: terminated by other getUpdates request")
            except TimeoutError:
                pass
        limit = int(params.get("limit") or 100)
        return [self.updates[n] for n in sorted(self.updates) if n >= offset][:limit]

    def do_getMe(self, params: dict[str, Any], files: dict[str, Any]) -> Any:
        return BOT

    def do_setMyCommands(self, params: dict[str, Any], files: dict[str, Any]) -> Any:
        self.menu = json.loads(params["commands"])
        for entry in self.menu:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", entry["command"]):
                raise ApiFault(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(entry["description"]) <= 256:
                raise ApiFault(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        return True

    def do_setWebhook(self, params: dict[str, Any], files: dict[str, Any]) -> Any:
        if not params["url"].startswith("https://"):
            raise ApiFault(400, "Bad Request: bad webhook: An HTTPS URL must be provided")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", params.get("secret_token", "x")):
            raise ApiFault(400, "Bad Request: secret token contains unallowed characters")
        self.hook = params
        return True

    def do_deleteWebhook(self, params: dict[str, Any], files: dict[str, Any]) -> Any:
        self.hook = None
        return True

    def do_sendChatAction(self, params: dict[str, Any], files: dict[str, Any]) -> Any:
        self._reachable(params)
        return True

    def do_answerCallbackQuery(self, params: dict[str, Any], files: dict[str, Any]) -> Any:
        query = params["callback_query_id"]
        if query not in self._queries:
            raise ApiFault(400, "Bad Request: query is too old or query ID is invalid")
        self.answered_queries.append(query)
        return True

    def do_getFile(self, params: dict[str, Any], files: dict[str, Any]) -> Any:
        id = params["file_id"]
        if id not in self.files:
            raise ApiFault(400, "Bad Request: invalid file_id")
        size = len(self.files[id])
        if size > 20 * 1024 * 1024:
            raise ApiFault(400, "Bad Request: file is too big")
        head = {"file_id": id, "file_unique_id": id, "file_size": size}
        return head | {"file_path": f"files/{id}"}

    def do_sendMessage(self, params: dict[str, Any], files: dict[str, Any]) -> Any:
        chat = self._reachable(params)
        if len(params["text"].encode()) > 32768:
            raise ApiFault(400, "Bad Request: message is too long")
        text = entities(params["text"], params.get("parse_mode", ""))
        sent = Sent(next(self._numbers), chat, text, params["text"], _keyboard(params))
        return self._shown(sent, params)

    def do_sendDocument(self, params: dict[str, Any], files: dict[str, Any]) -> Any:
        chat = self._reachable(params)
        name = params["document"].removeprefix("attach://") if "document" in params else "document"
        file = files[name][0]
        if len(file["body"]) > 50 * 1024 * 1024:
            raise ApiFault(413, "Request Entity Too Large")
        sent = Sent(next(self._numbers), chat, document=(file["filename"], file["body"]))
        return self._shown(sent, params)

    def do_editMessageReplyMarkup(self, params: dict[str, Any], files: dict[str, Any]) -> Any:
        sent = next((s for s in self.sent if s.id == int(params["message_id"])), None)
        if sent is None:
            raise ApiFault(400, "Bad Request: message to edit not found")
        keyboard = _keyboard(params)
        if keyboard == sent.keyboard:
            raise ApiFault(400, "Bad Request: message is not modified")
        sent.keyboard = keyboard
        return self.message(sent.chat, text=sent.text) | {"message_id": sent.id}

    def _reachable(self, params: dict[str, Any]) -> int:
        chat = int(params["chat_id"])
        if chat in self.blocked:
            raise ApiFault(403, "Forbidden: bot was blocked by the user")
        if chat in self.moved:
            text = "Bad Request: group chat was upgraded to a supergroup chat"
            raise ApiFault(400, text, migrate_to_chat_id=self.moved[chat])
        return chat

    def _shown(self, sent: Sent, params: dict[str, Any]) -> dict[str, Any]:
        sent.params = params
        self.sent.append(sent)
        return self.message(sent.chat, text=sent.text) | {"message_id": sent.id}

    def _wake(self, reason: str) -> None:
        if self._poller and not self._poller.done():
            self._poller.set_result(reason)

    async def tell(self) -> None:
        """Lets `until` look again."""
        async with self._changed:
            self._changed.notify_all()


def _keyboard(params: dict[str, Any]) -> list[list[dict[str, str]]]:
    rows: list[list[dict[str, str]]] = json.loads(params.get("reply_markup") or "{}").get(
        "inline_keyboard", []
    )
    for button in (button for row in rows for button in row):
        if not 1 <= len(button["callback_data"].encode()) <= 64:
            raise ApiFault(400, "Bad Request: BUTTON_DATA_INVALID")
        if not button["text"].strip():
            raise ApiFault(400, "Bad Request: text buttons are unallowed in the inline keyboard")
    return rows


class _Handler(RequestHandler):
    def initialize(self, stub: TelegramStub) -> None:
        self._stub = stub

    async def post(self, token: str, method: str) -> None:
        params = {name: values[-1].decode() for name, values in self._arguments()}
        try:
            if token != self._stub.token:
                raise ApiFault(401, "Unauthorized")
            result = await self._stub.call(method, params, self.request.files)
            self.finish({"ok": True, "result": result})
        except ConnectionError:
            self.detach().close()
        except ApiFault as fault:
            self._refuse(fault)
        finally:
            await self._stub.tell()

    def _arguments(self) -> list[tuple[str, list[bytes]]]:
        if self.request.headers.get("Content-Type", "").startswith("application/json"):
            return [(k, [str(v).encode()]) for k, v in json.loads(self.request.body).items()]
        return list(self.request.arguments.items())

    def _refuse(self, fault: ApiFault) -> None:
        self.set_status(fault.code)
        if fault.text.startswith("<html>"):
            self.finish(fault.text)
            return
        answer: dict[str, Any] = {"ok": False, "error_code": fault.code, "description": fault.text}
        if fault.parameters:
            answer["parameters"] = fault.parameters
        self.finish(answer)


class _File(RequestHandler):
    def initialize(self, stub: TelegramStub) -> None:
        self._stub = stub

    def get(self, token: str, id: str) -> None:
        self._stub.fetched.append(id)
        if token != self._stub.token or id not in self._stub.files or id in self._stub.expired:
            self.set_status(404)
        else:
            self.finish(self._stub.files[id])

"""The terminal: a conversation for people, and one JSON object a line for programs."""

import asyncio
import json
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from bot.channels.base import Core, Limits, numbered
from bot.clock import ZONE
from bot.replies import contract
from handlers.messages import Choice, Message, Reply
from handlers.wording import say

LIMITS = Limits(text=1_000_000, buttons=False, files=False, editing=False)
CHANNEL = "console"


class LineError(ValueError):
    """A line of JSON that cannot be read; the message says why, for a program's author."""


def plain(reply: Reply) -> str:
    """A reply as text for a terminal, its choices numbered."""
    return "\n\n".join(numbered(bubble) for bubble in reply.bubbles)


@dataclass(slots=True)
class Console:
    """Talks with a core over text streams. `now` gives aware local time; a line may name one
    of `plans` only."""

    core: Core
    now: Callable[[], datetime]
    plans: Collection[str] = ()
    choices: dict[str, tuple[Choice, ...]] = field(default_factory=dict)

    async def talk(self, user: str, lines: Iterator[str], out: IO[str]) -> None:
        """A conversation: a line in, a reply out, until the lines end."""
        print(say("console.welcome"), file=out, flush=True)
        while True:
            print("> ", end="", file=out, flush=True)
            line = await asyncio.to_thread(next, lines, None)
            if line is None:
                print(file=out)
                return
            if not line.strip():
                continue
            message = Message(CHANNEL, f"terminal-{user}", user, at=self.now(), text=line.strip())
            reply = await self.core.receive(message)
            print(plain(reply) if reply else "", end="\n\n", file=out, flush=True)

    async def serve(self, lines: Iterator[str], out: IO[str]) -> None:
        """One JSON object a line in, one a line out, in order; a bad line stops nothing."""
        while (line := await asyncio.to_thread(next, lines, None)) is not None:
            if line.strip():
                answer = await self.line(line)
                out.write(_clean(json.dumps(answer, ensure_ascii=False)) + "\n")
                out.flush()

    async def line(self, line: str) -> dict[str, Any]:
        """The answer to one line."""
        try:
            row = _row(line)
            message = self._message(row)
        except LineError as error:
            return {"id": None, "error": str(error)}
        reply = await self.core.receive(message)
        if reply is None:
            return {"id": row.get("id"), "error": "already answered"}
        self.choices[message.chat] = reply.choices
        return contract(reply, row.get("id"))

    def _message(self, row: dict[str, Any]) -> Message:
        chat = str(row.get("chat") or "jsonl")
        channel, _, user = str(row.get("user") or "").rpartition(":")
        if channel not in ("", CHANNEL):
            raise LineError(f"user: {row['user']!r} is not of this channel")
        plan = row.get("plan") or None
        if plan is not None and self.plans and plan not in self.plans:
            raise LineError(f"plan: {plan!r} is not loaded")
        press = self._action(chat, row["press"]) if row.get("press") else ""
        return Message(
            CHANNEL,
            chat,
            user or chat,
            at=self._moment(row.get("as_of")),
            text=str(row.get("text") or ""),
            press=press,
            plan=plan,
        )

    def _moment(self, as_of: object) -> datetime:
        if not as_of:
            return self.now()
        try:
            moment = datetime.fromisoformat(str(as_of))
            return moment.astimezone(ZONE) if moment.tzinfo else moment.replace(tzinfo=ZONE)
        except (ValueError, OverflowError) as error:
            raise LineError(f"as_of: {as_of!r} is no local time") from error

    def _action(self, chat: str, label: object) -> str:
        """The action of the button with this label, or with this unique part of it."""
        choices = self.choices.get(chat, ())
        wanted = str(label).casefold().strip()
        exact = [c for c in choices if c.label.casefold() == wanted]
        partly = exact or [c for c in choices if wanted in c.label.casefold()]
        if len(partly) != 1:
            raise LineError(f"press: {label!r} is the label of {len(partly)} buttons")
        return partly[0].action


def _row(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise LineError(f"not JSON: {error}") from error
    if not isinstance(row, dict):
        raise LineError("not a JSON object")
    for name in ("text", "press", "plan", "chat", "user", "as_of"):
        if row.get(name) is not None and not isinstance(row[name], str | int):
            raise LineError(f"{name}: not a text")
        if isinstance(row.get(name), str):
            row[name] = _clean(row[name])
    if not row.get("text") and not row.get("press"):
        raise LineError("neither text nor press")
    return row


def _clean(text: str) -> str:
    """Halves of surrogate pairs, which JSON may carry and UTF-8 may not, become "?"."""
    return text.encode(errors="replace").decode()


def stdin_lines() -> Iterator[str]:
    """The lines of standard input; bytes that are no UTF-8 do not stop it."""
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", errors="replace")

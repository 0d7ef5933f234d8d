"""Replies as JSON: whole, to be kept until they have arrived, and as the contract's line out.

What is kept is ASCII, for half a surrogate pair, which JSON may bring in, is no UTF-8.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from data.model import Target, Task
from handlers.messages import Bubble, Reply

NOT_STARTED = "not_started"


def to_json(reply: Reply) -> str:
    """The whole reply; fields at their default are left out."""
    return json.dumps(reply, default=_plain, separators=(",", ":"))


def from_json(text: str) -> Reply:
    """The reply that `to_json` wrote; fields that an older program knew are passed over."""
    reply: Reply = _built(Reply, json.loads(text))
    return reply


def contract(reply: Reply, id: str | None) -> dict[str, Any]:
    """The line out of `chat --jsonl`; `reply.statuses` holds statuses by `Task.ref`."""
    return {
        "id": id,
        "kind": reply.kind.value,
        "messages": [_message(bubble) for bubble in reply.bubbles],
        "tasks": [_task(task, reply.statuses.get(task.ref, NOT_STARTED)) for task in reply.tasks],
        "agencies": list(reply.agencies),
        "dates": [day.isoformat() for day in reply.dates],
        "figures": [_figure(target) for target in reply.figures],
        "count": reply.count,
    }


def _message(bubble: Bubble) -> dict[str, Any]:
    return {
        "text": bubble.text,
        "buttons": [[choice.label for choice in row] for row in bubble.choices if row],
        "files": [file.name for file in bubble.files],
    }


def _task(task: Task, status: str) -> dict[str, Any]:
    return {
        "id": task.id,
        "plan": task.plan,
        "clause": task.clause,
        "title": task.title,
        "quote": task.quote,
        "lead": list(task.lead),
        "coordinating": list(task.coordinating),
        "due": [day.isoformat() for day in task.due],
        "status": status,
    }


def _figure(target: Target) -> dict[str, Any]:
    value = int(target.value) if target.value == int(target.value) else target.value
    return {"value": value, "unit": target.unit, "comparator": target.comparator.value}


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            name: found
            for name, default in _defaults(value.__class__)
            if (found := getattr(value, name)) != default
        }
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON for {value!r}")


@cache
def _defaults(kind: type[Any]) -> list[tuple[str, Any]]:
    return [(field.name, field.default) for field in fields(kind)]


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _built(kind: Any, value: Any) -> Any:
    """The value of that annotated type, from what JSON left of it."""
    if get_origin(kind) is UnionType:
        kinds = [each for each in get_args(kind) if each is not type(None)]
        return None if value is None else _built(kinds[0], value)
    if get_origin(kind) is tuple:
        return tuple(_built(get_args(kind)[0], each) for each in value)
    if is_dataclass(kind):
        hints = _hints(kind)  # type: ignore[arg-type]
        return kind(**{n: _built(hints[n], each) for n, each in value.items() if n in hints})  # type: ignore[operator]
    if kind is bytes:
        return b64decode(value)
    if kind is date:
        return date.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, (Enum, float)):
        return kind(value)
    return value

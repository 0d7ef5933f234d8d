"""What an update of Zalo says. It is read by the fields that it has, not by its name alone."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

KEY = "zalo:"
_LONGEST_ID = 200
_MESSAGES = re.compile(r"message\.(text|image|voice|sticker|unsupported)\.received")


@dataclass(frozen=True, slots=True)
class Me:
    """The bot's own account; `names` is what a mention of it may say."""

    id: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Media:
    """A photo or a voice message by its address; `kind` begins its media type."""

    address: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Item:
    """A message of a person. Without text and media it is nothing that can be read."""

    key: str
    chat: str
    user: str
    name: str
    group: bool
    text: str = ""
    media: tuple[Media, ...] = ()


def me(result: object) -> Me:
    """The account that getMe tells."""
    told = result if isinstance(result, Mapping) else {}
    names = (told.get("display_name"), told.get("account_name"))
    return Me(_id(told.get("id")), tuple(n for n in names if isinstance(n, str) and n))


def updates(data: object) -> Iterator[dict[str, Any]]:
    """The updates in a body: bare, wrapped in `result`, or a list of either."""
    if isinstance(data, list):
        for each in data:
            yield from updates(each)
    elif isinstance(data, dict):
        if "result" in data and "event_name" not in data:
            yield from updates(data["result"])
        elif isinstance(data.get("message"), dict):
            yield data


def read(update: Mapping[str, Any], bot: Me | None) -> Item | None:
    """What the update asks for; None where nothing is to be done."""
    message: Mapping[str, Any] = update["message"]
    sender, chat = _object(message.get("from")), _object(message.get("chat"))
    user, place = _id(sender.get("id")), _id(chat.get("id"))
    if not user or not place or sender.get("is_bot") is True or (bot and user == bot.id):
        return None
    text, media = _text(message, bot), _media(message)
    if not (text or media or _MESSAGES.fullmatch(str(update.get("event_name")))):
        return None
    return Item(
        key=_key(update, message),
        chat=place,
        user=user,
        name=str(sender.get("display_name") or ""),
        group=str(chat.get("chat_type")).upper() == "GROUP",
        text=text,
        media=media,
    )


def _key(update: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    """The message's id; where it has none, what the update says."""
    number = _id(message.get("message_id"))
    if number and len(number) <= _LONGEST_ID:
        return f"{KEY}{number}"
    told = json.dumps(update, sort_keys=True)
    return f"{KEY}sha256-{hashlib.sha256(told.encode()).hexdigest()}"


def _text(message: Mapping[str, Any], bot: Me | None) -> str:
    found = (message.get(name) for name in ("text", "caption"))
    text = next((each.strip() for each in found if isinstance(each, str) and each.strip()), "")
    for name in bot.names if bot else ():
        text = re.sub(rf"\s*@{re.escape(name)}(?!\w)[,:]?\s*", " ", text, flags=re.IGNORECASE)
    return text.strip()


def _media(message: Mapping[str, Any]) -> tuple[Media, ...]:
    number = re.sub(r"\W", "", _id(message.get("message_id")))[:40]
    kinds = (
        ("photo_url", "photo", "anh", "image/"),
        ("voice_url", "voice", "ghi-am", "audio/"),
    )
    found = (
        (_address(message.get(field)) or _address(message.get(other)), name, kind)
        for field, other, name, kind in kinds
    )
    return tuple(
        Media(address, f"{name}-{number}", kind) for address, name, kind in found if address
    )


def _address(value: object) -> str:
    if isinstance(value, Mapping):
        value = value.get("url")
    if isinstance(value, list):
        return _address(value[-1]) if value else ""
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else ""


def _id(value: object) -> str:
    """Ids are opaque texts; numbers are taken as well."""
    number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if number or isinstance(value, str) else ""


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

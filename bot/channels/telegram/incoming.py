"""What an update of Telegram says: a message to the core, or that the bot was blocked."""

import re
from dataclasses import dataclass
from datetime import datetime

import telegram
from telegram.constants import ChatMemberStatus, ChatType

from handlers.messages import Message
from handlers.wording import say

COMMANDS = ("start", "help", "viec", "han", "kehoach", "huy")
"""The menu; each is described by `telegram.command.<name>` and handed on as its text."""

ALLOWED = ("message", "callback_query", "my_chat_member")
_COMMAND = re.compile(r"/(\w+)(?:@(\w+))?(?!\S)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes: chat, topic of a forum, message answered (in groups)."""

    chat: int | str
    thread: int | None = None
    answering: int | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A file by Telegram's id for it; `size` in bytes, 0 where not told, and `kind` begins its
    media type where only one kind can come."""

    file: str
    name: str
    size: int = 0
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message for the core. `query` and `pressed` name a button's press and its message."""

    message: Message
    place: Place
    media: tuple[Media, ...] = ()
    query: str = ""
    pressed: int | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something sent in a private chat that is neither text nor a file that we take."""

    place: Place


@dataclass(frozen=True, slots=True)
class Blocked:
    """A person stopped the bot, or took it back."""

    place: Place
    user: str
    blocked: bool


Item = Incoming | Unreadable | Blocked | None


def commands() -> list[telegram.BotCommand]:
    """The menu of commands with their descriptions."""
    return [telegram.BotCommand(name, say(f"telegram.command.{name}")) for name in COMMANDS]


def read(update: telegram.Update, me: telegram.User, at: datetime) -> Item:
    """What the update asks for; None where nothing is to be done."""
    key = f"telegram:{me.id}:{update.update_id}"
    if update.callback_query:
        return _press(update.callback_query, key, at)
    if update.message:
        return _message(update.message, me, key, at)
    change = update.my_chat_member
    if change and change.chat.type == ChatType.PRIVATE:
        blocked = change.new_chat_member.status == ChatMemberStatus.BANNED
        return Blocked(Place(change.chat.id), str(change.from_user.id), blocked)
    return None


def _press(query: telegram.CallbackQuery, key: str, at: datetime) -> Incoming | None:
    if query.message is None:
        return None
    place = Place(query.message.chat.id)
    if isinstance(query.message, telegram.Message):
        place = _place(query.message, answering=None)
    message = Message(
        channel="telegram",
        chat=str(place.chat),
        user=str(query.from_user.id),
        at=at,
        key=key,
        press=query.data or "",
        name=query.from_user.full_name,
        reply_to=str(query.message.message_id),
    )
    return Incoming(message, place, query=query.id, pressed=query.message.message_id)


def _message(
    message: telegram.Message, me: telegram.User, key: str, at: datetime
) -> Incoming | Unreadable | None:
    private = message.chat.type == ChatType.PRIVATE
    user, name = _sender(message)
    text = message.text or message.caption or ""
    if not user or not (private or _meant(message, text, me)):
        return None
    place = _place(message, answering=None if private else message.message_id)
    media = _media(message)
    if not text and not media:
        return Unreadable(place) if private and message.effective_attachment else None
    said = Message(
        channel="telegram",
        chat=str(message.chat.id),
        user=user,
        at=at,
        text=_cleaned(text, me),
        key=key,
        name=name,
        reply_to=_reply_to(message),
    )
    return Incoming(said, place, media)


def _sender(message: telegram.Message) -> tuple[str, str]:
    """Id and name; a person who speaks as the group or a channel has that one's id."""
    if message.sender_chat:
        return str(message.sender_chat.id), message.sender_chat.effective_name or ""
    if message.from_user and not message.from_user.is_bot:
        return str(message.from_user.id), message.from_user.full_name
    return "", ""


def _meant(message: telegram.Message, text: str, me: telegram.User) -> bool:
    """Whether a group message is for the bot: a command, a mention, or a reply to it."""
    if command := _COMMAND.match(text):
        name, bot = command.groups()
        return _same(bot, me) if bot else name in COMMANDS
    if _mention(me).search(text):
        return True
    answered = message.reply_to_message
    return bool(answered and answered.from_user and answered.from_user.id == me.id)


def _cleaned(text: str, me: telegram.User) -> str:
    """The text without the bot's own name."""
    command = _COMMAND.match(text)
    if command and _same(command[2], me):
        text = f"/{command[1]}{text[command.end() :]}"
    return _mention(me).sub(" ", text).strip()


def _mention(me: telegram.User) -> re.Pattern[str]:
    name = re.escape(me.username or "\0")
    return re.compile(rf"\s*(?<![\w@/])@{name}\b[,:]?\s*", re.IGNORECASE)


def _same(name: str | None, me: telegram.User) -> bool:
    return (name or "").lower() == (me.username or "").lower()


def _place(message: telegram.Message, answering: int | None) -> Place:
    thread = message.message_thread_id if message.is_topic_message else None
    return Place(message.chat.id, thread, answering)


def _reply_to(message: telegram.Message) -> str:
    """The message answered; a topic's first message is not one."""
    answered = message.reply_to_message
    return "" if answered is None or answered.forum_topic_created else str(answered.message_id)


def _media(message: telegram.Message) -> tuple[Media, ...]:
    number = message.message_id
    if document := message.document:
        name = document.file_name or f"tep-{number}"
        return (Media(document.file_id, name, document.file_size or 0),)
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        name = f"anh-{number}.jpg"
        return (Media(largest.file_id, name, largest.file_size or 0, "image/"),)
    if sound := message.voice or message.audio:
        name = getattr(sound, "file_name", None) or f"ghi-am-{number}"
        return (Media(sound.file_id, name, sound.file_size or 0, "audio/"),)
    return ()

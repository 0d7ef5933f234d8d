"""A reply as Telegram takes it: HTML of at most 4096 characters, keyboards, documents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from bot.channels.base import pages, rows, split
from handlers.messages import Bubble, Choice, Document, Line, Reply, Style

TEXT = 4096
ACTION_BYTES = 64


@dataclass(frozen=True, slots=True)
class Button:
    """A button of an inline keyboard."""

    label: str
    action: str


@dataclass(frozen=True, slots=True)
class Part:
    """One message: a text, or a document. `plain` is said where the HTML is refused."""

    html: str = ""
    plain: tuple[str, ...] = ()
    keyboard: tuple[tuple[Button, ...], ...] = ()
    document: Document | None = None


def parts(reply: Reply) -> list[Part]:
    """The messages of a reply, in order."""
    return [part for bubble in reply.bubbles for part in _bubble(bubble)]


def markup(lines: Sequence[Line]) -> str:
    """Lines as Telegram's HTML; lines quoted one after the other are one quotation."""
    return "\n".join(
        _styled(style, "\n".join(escape(line.text, quote=False) for line in group))
        for style, group in groupby(lines, key=lambda line: line.style)
    )


def _styled(style: Style, text: str) -> str:
    match style:
        case Style.STRONG:
            return f"<b>{text}</b>"
        case Style.QUOTE:
            return f"<blockquote>{text}</blockquote>"
        case Style.PLAIN:
            return text


def _bubble(bubble: Bubble) -> Iterator[Part]:
    choices = [choice for row in rows(bubble) for choice in row]
    worded = any(line.text.strip() for line in bubble.lines)
    said = [c for c in choices if not worded or not (c.listed or _fits(c))]
    shown = [c for c in choices if not c.listed and c not in said]
    lines = [*bubble.lines, *map(_numbered, said)]
    texts = list(pages(lines, _limit(_plain(lines))))
    for page in texts[:-1]:
        yield Part(markup(page), (_plain(page),))
    for page in texts[-1:]:
        plain = _plain([*page, *map(_numbered, shown)])
        yield Part(markup(page), tuple(split(plain, _limit(plain))), _keyboard(bubble))
    for document in bubble.files:
        yield Part(document=document)


def _keyboard(bubble: Bubble) -> tuple[tuple[Button, ...], ...]:
    """The buttons, without the choices whose action no button can carry."""
    found = (
        tuple(Button(_label(choice), choice.action) for choice in row if _fits(choice))
        for row in rows(bubble)
    )
    return tuple(row for row in found if row)


def _fits(choice: Choice) -> bool:
    return 1 <= len(choice.action.encode()) <= ACTION_BYTES


def _label(choice: Choice) -> str:
    """The number stands on the button where it does not stand in the text."""
    return choice.label if choice.listed else f"{choice.number}. {choice.label}"


def _numbered(choice: Choice) -> Line:
    return Line(f"{choice.number}. {choice.label}")


def _plain(lines: Sequence[Line]) -> str:
    return "\n".join(line.text for line in lines)


def _limit(text: str) -> int:
    """Characters that hold in UTF-16 too, where an emoji counts for two."""
    return max(TEXT - sum(ord(character) > 0xFFFF for character in text), TEXT // 2)

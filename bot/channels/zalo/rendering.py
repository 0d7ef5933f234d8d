"""A reply as Zalo takes it: plain text of at most 2,000 characters, and addresses of files.

We work with 1,900, counted in NFC. Bubbles that fit one message go as one: the free plan
counts messages.
"""

import logging
from collections.abc import Callable, Iterator

from bot.channels.base import numbered, split
from handlers.messages import Bubble, Document, Reply
from handlers.wording import say

log = logging.getLogger(__name__)

TEXT = 1900
_MOST = 2000
Publish = Callable[[Document], str]


def parts(reply: Reply, publish: Publish | None = None) -> list[str]:
    """The messages of a reply, in order. `publish` gives the address of a file."""
    texts = (_text(bubble, publish) for bubble in reply.bubbles)
    return [piece for page in _packed(texts) for piece in split(page, limit(page))]


def limit(text: str) -> int:
    """Characters that hold in UTF-16 too, where an emoji counts for two."""
    wide = sum(ord(character) > 0xFFFF for character in text)
    return min(TEXT, max(_MOST - wide, _MOST // 2))


def _packed(texts: Iterator[str]) -> Iterator[str]:
    page = ""
    for text in texts:
        joined = f"{page}\n\n{text}" if page and text else page or text
        if page and len(joined) > limit(joined):
            yield page
            joined = text
        page = joined
    yield page


def _text(bubble: Bubble, publish: Publish | None) -> str:
    links = [_link(document, publish) for document in bubble.files]
    return "\n".join(filter(None, [numbered(bubble).strip(), *links]))


def _link(document: Document, publish: Publish | None) -> str:
    if publish is None:
        return say("zalo.file.elsewhere", name=document.name)
    try:
        return say("zalo.file", name=document.name, address=publish(document))
    except Exception:
        log.exception("Zalo: the file %s could not be published", document.name)
        return say("zalo.file.lost", name=document.name)

"""Whether a sentence asks; what asks is left to those who answer questions."""

import re

from data.record import Status
from handlers.updates.reading import Reading
from handlers.updates.sentences import NOISE, Piece, Sentence

_ASKS_AT_END = re.compile(r"[?？]\W*$|\s(?:à|hả|hử)[\s.!]*$", re.IGNORECASE)
_KNOWS = frozenset({"biet", "ro"})
_ASKED = ("ask", "ask_end", "ask_opening")


def question(laid: Sentence, upto: int) -> bool:
    """Whether the words before `upto` ask, or the end of the text does."""
    if asks_at_end(laid.text):
        return True
    kept = {i for p in laid.said if p.key == "no_block" for i in range(p.first, p.last)}
    found = laid.pieces(_ASKED, everywhere=True)
    asked = [p for p in found if kept.isdisjoint(range(p.first, p.last))]
    if any(p.key == "ask" and p.first < upto for p in asked):
        return True
    greeting = laid.pieces(NOISE)
    start = 0
    for piece in greeting:
        if piece.first == start:
            start = piece.last
    if any(p.key == "ask_opening" and p.first in (0, start) for p in asked):
        return True
    last = len(laid.words)
    while any(p.last == last and p.key in NOISE for p in greeting) and last > upto:
        last -= 1
    return any(
        p.last in (last, len(laid.words)) and _open_end(laid, p)
        for p in laid.pieces(("ask_end",), everywhere=True)
    )


def asks_on(laid: Sentence, reading: Reading) -> bool:
    """Whether the text ends in a question of its own, and not in a reason."""
    if _last_clause_asks(laid):
        return True
    if reading.status is Status.BLOCKED:
        return any(_opens_clause(laid, p) for p in laid.pieces(("ask_who",), everywhere=True))
    if reading.status is None and laid.pieces(("ask",), everywhere=True):
        return True
    last = len(laid.words)
    noise = {p.last: p.first for p in laid.said if p.key in NOISE}
    while last in noise:
        last = noise[last]
    asked = laid.pieces(("ask", "ask_end"), everywhere=True)
    return any(p.last in (last, len(laid.words)) and _open_end(laid, p) for p in asked)


def _last_clause_asks(laid: Sentence) -> bool:
    """Whether what follows the last comma asks, or the end of a text without one, and does not
    say what is not known yet."""
    start = 0
    for i in range(1, len(laid.words)):
        if "," in laid.text[laid.words[i - 1].end : laid.words[i].start]:
            start = i
    if any(w.folded in _KNOWS for w in laid.words[start:]):
        return False
    asked = [p for p in laid.pieces(("ask", "ask_who"), everywhere=True) if p.first >= start]
    return any(start or p.last == len(laid.words) for p in asked)


def _opens_clause(laid: Sentence, piece: Piece) -> bool:
    """Whether the words stand right after a comma: "…, sở nào phải gỡ"."""
    before = laid.words[piece.first - 1] if piece.first else None
    return before is not None and "," in laid.text[before.end : laid.words[piece.first].start]


def _open_end(laid: Sentence, piece: Piece) -> bool:
    """Whether "chưa" at the end asks; "vẫn chưa" does not, nor does a lone word."""
    before = laid.words[piece.first - 1].folded if piece.first else ""
    return piece.first > 0 and before not in ("van", "con")


def asks_at_end(text: str) -> bool:
    """Whether the text ends in a question mark or a word that makes it one."""
    return bool(_ASKS_AT_END.search(text))

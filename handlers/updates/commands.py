"""What is done with a task by a word of command: an extension, a return, a task of one's own."""

from datetime import date

from handlers.updates.asking import asks_at_end, question
from handlers.updates.reading import Reading, Say, span_of
from handlers.updates.sentences import NOISE, Piece, Sentence
from handlers.updates.topics import joined

_COMMANDS = (
    "undo", "grant", "refuse", "extend", "return", "confirm", "press", "subtask",
    "comment", "receipts",
)  # fmt: skip
_ANYWHERE = ("undo", "grant", "refuse", "extend", "receipts")


def command(laid: Sentence, today: date) -> Reading | None:
    """What is commanded; None where nothing is, or where it asks."""
    if not laid.words:
        return None
    found = laid.pieces(_COMMANDS)
    piece = next((p for p in found if _leads(laid, p)), None)
    if piece is None:
        return None
    say = Say(piece.key)
    if say in (Say.UNDO, Say.RECEIPTS):
        return _bare(laid, say, piece)
    stop = _reason_at(laid, piece.last)
    if question(laid, stop) and say is not Say.SUBTASK:
        return None
    reading = _commanded(laid, say, piece, stop)
    named = reading.ids or reading.clauses
    return None if not named and question(laid, len(laid.words)) else reading


def _leads(laid: Sentence, piece: Piece) -> bool:
    """Whether nothing but a task's name stands before the command."""
    if piece.key in _ANYWHERE:
        return True
    if piece.key == "comment" and any(
        f.span[0] < laid.words[piece.first].start for f in laid.figures
    ):
        return False
    noise = {i for p in laid.said if p.key in NOISE for i in range(p.first, p.last)}
    return all(laid.words[i].claimed or i in noise for i in range(piece.first))


def _bare(laid: Sentence, say: Say, piece: Piece) -> Reading | None:
    noise = {i for p in laid.pieces(NOISE) for i in range(p.first, p.last)}
    rest = [
        i
        for i in range(len(laid.words))
        if not piece.first <= i < piece.last and i not in noise and not laid.words[i].claimed
    ]
    if rest or (say is Say.UNDO and asks_at_end(laid.text)):
        return None
    return Reading(say, ids=tuple(id for id, _ in laid.ids), clauses=laid.clauses)


def _reason_at(laid: Sentence, start: int) -> int:
    """Where the reason begins: behind "vì", or behind the colon."""
    segment = laid.words[start - 1].segment
    for i in range(start, len(laid.words)):
        if any(p.key == "because" and p.first == i for p in laid.said):
            return i
        opened = laid.words[i].segment > segment
        if opened and (laid.ids or laid.clauses or i > start) and _free_from(laid, i):
            return i
    return len(laid.words)


def _free_from(laid: Sentence, i: int) -> bool:
    return not laid.words[i].claimed


def _commanded(laid: Sentence, say: Say, piece: Piece, stop: int) -> Reading:
    plain = [p for p in laid.said if p.key in (*NOISE, "because")]
    noise = {i for p in plain for i in range(p.first, p.last)}
    until = laid.pieces(("until",))
    dated = {i for p in until for i in range(p.first, p.last)}
    topic = [
        i
        for i in range(stop)
        if not laid.words[i].claimed
        and not piece.first <= i < piece.last
        and i not in noise
        and i not in dated
    ]
    reason = laid.pieces(("because",))
    at = next((p.last for p in reason if p.first == stop), stop)
    named = bool(laid.ids or laid.clauses)
    if say is Say.SUBTASK:
        return _subtask(laid, piece)
    if named and stop >= len(laid.words) and say in (Say.RETURN, Say.COMMENT, Say.REFUSE):
        at = next((i for i in topic if i >= piece.last), stop)
    return Reading(
        say,
        ids=tuple(id for id, _ in laid.ids),
        clauses=laid.clauses,
        topic="" if named else joined(laid, topic),
        documents=tuple(d.words for d in laid.documents),
        until=next((p.end for p in laid.periods if p.end), None),
        period=span_of(laid.periods),
        note=laid.slice(at),
    )


def _subtask(laid: Sentence, piece: Piece) -> Reading:
    """ "thêm việc con 5k: lắp máy POS hạn 30/6 giao anh Nam"."""
    start = piece.last
    noise = {i for p in laid.said if p.key in NOISE for i in range(p.first, p.last)}
    while start < len(laid.words) and (laid.words[start].claimed or start in noise):
        start += 1
    assign = [p for p in laid.pieces(("assign",)) if p.first > start]
    due = next((p for p in laid.periods if p.end), None)
    dated = [i for i, w in enumerate(laid.words) if due and w.start >= due.span[0]]
    until = [
        p.first
        for p in laid.pieces(("until",))
        if dated and p.first > start and dated[0] - p.last in (-1, 0, 1)
    ]
    ends = [p.first for p in assign] + until + [i for i in dated[:1] if i > start]
    stop = min(ends, default=len(laid.words))
    assignee = ""
    if assign:
        after = [e for e in ends if e > assign[-1].first]
        assignee = laid.slice(assign[-1].last, min(after, default=len(laid.words)))
    return Reading(
        Say.SUBTASK,
        ids=tuple(id for id, _ in laid.ids),
        clauses=laid.clauses,
        until=due.end if due else None,
        note=laid.slice(start, stop) if stop > start else "",
        assignee=assignee,
    )

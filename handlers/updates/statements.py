"""What a sentence states of a task: a status, a percentage, figures, a day, a note."""

import re
from datetime import date

from data.record import Status
from data.text.figures import Figure
from data.text.normalise import fold
from handlers.updates.asking import asks_on, question
from handlers.updates.reading import Reading, Say, Told, span_of
from handlers.updates.sentences import AROUND, NOISE, Piece, Sentence, Word
from handlers.updates.topics import note_start, topic_of

_STATUSES = {
    "done": Status.DONE,
    "in_progress": Status.IN_PROGRESS,
    "not_started": Status.NOT_STARTED,
    "blocked": Status.BLOCKED,
    "blocked_marked": Status.BLOCKED,
}
_BLOCKED = ("blocked", "blocked_marked")
_BOUND = re.compile(
    r"[<>≤≥]|\b(?:(?:it|thap|nhieu|cao|cham) nhat|toi (?:thieu|da)|khong|tren|duoi|phan dau)\b"
)
_NEAR = 3
_CLOSING = ("a", "r", "roi", "nhe", "nha", "thoi", "ok", "oke", "thi", "la", "ma", "ay", "oi")
_SIGNS = tuple("=+@<")


def statement(laid: Sentence, today: date) -> Reading | None:
    """What is stated; None where nothing is, or where it asks."""
    signal = _signal(laid)
    if signal is None:
        return None
    status, at, end = signal
    zone = note_start(laid, end, laid.words[min(at, len(laid.words) - 1)].segment)
    if question(laid, max(zone, at + 1)) or _lists(laid, at):
        return None
    reading = _told(laid, status, at, end, today)
    return None if reading is None or asks_on(laid, reading) else reading


def _lists(laid: Sentence, at: int) -> bool:
    """ "việc đang làm", "nhiệm vụ hoàn thành": a list is asked for."""
    opening = laid.words[:at]
    names = " ".join(w.folded for w in opening)
    return names in ("viec", "nhiem vu", "cong viec") and not laid.ids


def _signal(laid: Sentence) -> tuple[Status | None, int, int] | None:
    """The status that is stated, or None for a mere figure, and the words that state it."""
    stated = [p for p in laid.said if p.key in _STATUSES and not _supposed(laid, p)]
    stated = [p for p in stated if not _only_note(laid, p, stated)]
    blocked = next((p for p in stated if p.key in _BLOCKED), None)
    piece = blocked or (stated[0] if stated else None)
    if piece:
        return _STATUSES[piece.key], piece.first, piece.last
    figure = _first_figure(laid)
    span = figure.span if figure else _first_share(laid)
    if span is None:
        return None
    first = next((i for i, w in enumerate(laid.words) if w.start >= span[0]), 0)
    last = next((i for i, w in enumerate(laid.words) if w.start >= span[1]), None)
    return None, first, len(laid.words) if last is None else last


def _only_note(laid: Sentence, piece: Piece, stated: list[Piece]) -> bool:
    """Whether a status stands behind the reason of another one."""
    return any(
        other.first < piece.first and other.key in _BLOCKED and piece.key not in _BLOCKED
        for other in stated
    )


def _supposed(laid: Sentence, piece: Piece) -> bool:
    """Whether "phải", "khi", "nếu" stand close before, in the same segment."""
    segment = laid.words[piece.first].segment
    return any(
        p.key == "hypothetical"
        and laid.words[p.first].segment == segment
        and 0 <= piece.first - p.last <= _NEAR
        for p in laid.said
    )


def _first_figure(laid: Sentence) -> Figure | None:
    for figure in laid.figures:
        if laid.ids or laid.clauses:
            return figure
        if not _BOUND.search(fold(figure.words)) and (
            figure.unit == "%" or _marked(laid, figure, "reached")
        ):
            return figure
    return None


def _first_share(laid: Sentence) -> tuple[int, int] | None:
    """Where so many of so many are told of a task that is named."""
    return laid.shares[0] if laid.shares and (laid.ids or laid.clauses) else None


def _marked(laid: Sentence, figure: Figure, *keys: str) -> bool:
    """Whether "đạt", "còn" … stand right before the figure."""
    return _before(laid, figure, *keys) is not None


def _before(laid: Sentence, figure: Figure, *keys: str) -> str | None:
    """Those words, folded."""
    before = [i for i, w in enumerate(laid.words) if w.end <= figure.span[0]]
    found = [
        p for p in laid.said if before and p.key in keys and p.last - 1 <= before[-1] <= p.last
    ]
    if not found:
        return None
    return " ".join(w.folded for w in laid.words[found[-1].first : found[-1].last])


def _told(laid: Sentence, status: Status | None, at: int, end: int, today: date) -> Reading | None:
    percent, figures, counted = _figures(laid, status, at)
    topic, after, rest = topic_of(laid, at, end, counted)
    note = _note(laid, status, at, end, rest, counted)
    if status is None or (status is Status.DONE and percent not in (None, 100)):
        status = _inferred(percent)
    done_on = _done_on(laid) if status is Status.DONE else None
    named = bool(laid.ids or laid.clauses)
    stated = any(p.key in _STATUSES for p in laid.said)
    if status is Status.DONE and _ahead(laid, today):
        return None
    return Reading(
        Say.UPDATE,
        ids=tuple(id for id, _ in laid.ids),
        clauses=laid.clauses,
        topic="" if named else topic,
        after=after,
        status=status,
        percent=percent,
        figures=figures,
        documents=tuple(d.words for d in laid.documents),
        done_on=done_on,
        period=span_of(laid.periods),
        note=note,
        weak=not named and not stated and not _sure(laid),
    )


def _ahead(laid: Sentence, today: date) -> bool:
    """Whether "hoàn thành" goes with a time to come, so that it is what must be done."""
    if any(w.folded in ("da", "roi", "vua") for w in laid.words):
        return False
    return any(
        p.end is not None
        and p.end > today
        and (p.kind in ("before", "until") or p.start is None or p.start > today)
        for p in laid.periods
    )


def _sure(laid: Sentence) -> bool:
    return any(_marked(laid, f, "reached", "progress") for f in laid.figures)


def _figures(
    laid: Sentence, status: Status | None, at: int
) -> tuple[int | None, tuple[Told, ...], set[int]]:
    """Progress, reported figures, and the words that say what these count."""
    percent: int | None = None
    told: list[Told] = []
    counted: set[int] = set()
    for figure in laid.figures:
        first = next(
            (i for i, w in enumerate(laid.words) if w.start >= figure.span[1]), len(laid.words)
        )
        if status is Status.BLOCKED and first > at:
            continue
        about = _about(laid, figure, first)
        counted.update(range(first, first + len(about)))
        before = _before(laid, figure, "reached") or ""
        reached = "dat" in before.split() or "con" in before.split()
        words = " ".join(w.text for w in about)
        if figure.unit == "%" and not about and not reached and 0 <= figure.value <= 100:
            percent = round(figure.value) if percent is None else percent
        else:
            told.append(Told(figure.value, figure.unit, words, reached))
    return percent, tuple(told), counted


def _about(laid: Sentence, figure: Figure, first: int) -> list[Word]:
    """The words right behind a figure, up to the end of its segment or a wording."""
    taken = {i for p in laid.said for i in range(p.first, p.last)}
    gap = laid.text[figure.span[1] : laid.words[first].start] if first < len(laid.words) else ""
    if first >= len(laid.words) or gap.strip():
        return []
    about: list[Word] = []
    for i in range(first, len(laid.words)):
        word = laid.words[i]
        if word.claimed or i in taken or word.segment != laid.words[first].segment:
            break
        about.append(word)
    return about


def _note(
    laid: Sentence,
    status: Status | None,
    at: int,
    end: int,
    rest: int,
    counted: set[int],
) -> str:
    """What is said beyond the fields, in the person's words."""
    if status is Status.BLOCKED:
        waits = laid.words[at].folded in ("cho", "dang", "con", "phai") and end - at <= 2
        waits = waits and laid.words[end - 1].folded == "cho"
        while end < len(laid.words) and laid.words[end].claimed:
            end += 1
        return laid.slice(at if waits else end)
    share = next((i for i, w in enumerate(laid.words) if laid.counts_at(w.start)), rest)
    if share < rest:
        return laid.slice(share)
    called = [p for p in laid.said if p.key == "because" and p.first >= end and _names(laid, p)]
    if called:
        return laid.slice(called[0].last)
    if rest >= len(laid.words):
        return _without_documents(laid, _signs(laid, end))
    return _without_documents(laid, laid.slice(_opening(laid, end, rest)))


def _names(laid: Sentence, piece: Piece) -> bool:
    """Whether a wording is the name of the note itself: "ghi chú"."""
    return [w.folded for w in laid.words[piece.first : piece.last]] == ["ghi", "chu"]


def _opening(laid: Sentence, end: int, rest: int) -> int:
    """The note's first word: "đã" and "vì" before it are its own, "rồi ạ" is not."""
    kept = {
        i
        for p in laid.said
        if p.key in (*NOISE, "because")
        for i in range(p.first, p.last)
        if laid.words[i].folded not in _CLOSING
    }
    named = max((span[1] for span in laid.spans() if span[1] <= laid.words[rest].start), default=0)
    while rest - 1 >= end and rest - 1 in kept and laid.words[rest - 1].start >= named:
        if laid.words[rest - 1].segment != laid.words[rest].segment:
            break
        rest -= 1
    return rest


def _signs(laid: Sentence, end: int) -> str:
    """What is left where no word is: "=1+1"."""
    if end < len(laid.words) and not laid.words[end].claimed:
        left = laid.slice(end)
        return left if left[:1] in _SIGNS else ""
    return ""


def _without_documents(laid: Sentence, note: str) -> str:
    """The note without the documents that stand apart at its ends; they have their own place."""
    for document in laid.documents:
        head, found, tail = note.partition(document.words)
        if found and not tail.strip(AROUND) and head.rstrip()[-1:] in ("", ",", ";", ":"):
            note = head.strip(AROUND)
    return note


def _done_on(laid: Sentence) -> date | None:
    """The day on which it was done; a day right behind a document is the document's."""
    for period in laid.periods:
        if period.kind != "day" or period.start != period.end or period.every:
            continue
        gaps = [
            laid.text[d.span[1] : period.span[0]]
            for d in laid.documents
            if d.span[1] <= period.span[0]
        ]
        if all(gap.strip(" ,") or len(gap) > _NEAR for gap in gaps):
            return period.start
    return None


def _inferred(percent: int | None) -> Status | None:
    """The status that a mere percentage means."""
    if percent is None:
        return None
    return {0: Status.NOT_STARTED, 100: Status.DONE}.get(percent, Status.IN_PROGRESS)

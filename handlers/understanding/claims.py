"""The words that the readers of clauses, documents, dates and figures take for themselves."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

from data.loading.library import Library
from data.text.clauses import ClauseRef, read_clauses
from data.text.dates import Period, read_periods
from data.text.documents import read_documents
from data.text.figures import read_figures
from data.text.patterns import Pattern, typed
from handlers.understanding.found import Found, overlap
from handlers.understanding.grammar import Look, looks

_Span = tuple[int, int]
_ID = re.compile(r"(?<![\w.,/%-])\d{1,2}[a-zđ]\d{0,2}(?:\.\d{1,2})?(?![\w/%-])", re.IGNORECASE)


class _Read(Protocol):
    """What a reader found, and where."""

    @property
    def span(self) -> _Span: ...


def claim(
    found: Found, library: Library, ids: Collection[str], today: date, plans: Sequence[str]
) -> None:
    """Gives the readers their words: documents before clauses, then dates and figures.

    `ids` are the tasks' ids, which name their clauses wherever they stand ("hạn 5k"). A date
    without a year is of the plan's year, so that periods are read per plan.
    """
    text = _asked(found)
    found.documents = read_documents(text)
    cited = _spans(found.documents)
    named = _blotted(text, looks(Look.NO_CLAUSE))
    clauses = (*read_clauses(named), *_named_by_id(named, ids))
    taken = cited + _spans(clauses)
    timed = _blotted(text, looks(Look.NO_DATE))
    dated = _spans(read_periods(timed, today, None))
    found.clauses = tuple(c for c in clauses if _free(c, cited + dated))
    for plan in plans:
        year = library.plans[plan].year if plan in library.plans else None
        periods = [p for p in read_periods(timed, today, year) if _free(p, taken)]
        if periods:
            found.periods[plan] = _spanning(periods)
    taken += dated
    found.figures = tuple(f for f in read_figures(text) if _free(f, taken))
    taken += _spans(found.figures)
    found.claimed = {
        i
        for i, word in enumerate(found.words)
        if any(overlap((word.start, word.end), span) for span in taken)
    }


def _blotted(text: str, unlike: Pattern) -> str:
    """The text with what looks like a time or a clause and is none blotted out."""
    plain = typed(text)
    for match in unlike.finditer(plain):
        text = text[: match.start()] + "·" * len(match[0]) + text[match.end() :]
    return text


def _asked(found: Found) -> str:
    """The text with what is said by the way blotted out."""
    text = found.mended.text
    for i in found.aside:
        word = found.words[i]
        text = text[: word.start] + "·" * (word.end - word.start) + text[word.end :]
    return text


def _named_by_id(text: str, ids: Collection[str]) -> list[ClauseRef]:
    """The clauses of task ids that stand alone; what the reader of clauses took is its own."""
    taken = _spans(read_clauses(text))
    found = []
    for match in _ID.finditer(text):
        if match[0].casefold() not in ids or any(overlap(match.span(), t) for t in taken):
            continue
        for ref in read_clauses(f"nv {match[0]}"):
            found.append(replace(ref, words=match[0], span=match.span()))
    return found


def _spans(read: Iterable[_Read]) -> list[_Span]:
    return [r.span for r in read]


def _free(read: _Read, taken: Iterable[_Span]) -> bool:
    return not any(overlap(read.span, span) for span in taken)


def _spanning(periods: Sequence[Period]) -> Period:
    """One period for several named together ("quý I, quý II"): from the first to the last."""
    if len(periods) == 1:
        return periods[0]
    starts, ends = [p.start for p in periods], [p.end for p in periods]
    return replace(
        periods[0],
        start=None if None in starts else min(s for s in starts if s),
        end=None if None in ends else max(e for e in ends if e),
        words=", ".join(p.words for p in periods),
    )

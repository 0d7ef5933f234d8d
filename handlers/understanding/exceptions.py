"""What a question leaves out: "trừ Sở Y tế", "không kể báo cáo"."""

import re

from data.model import Kind
from handlers.understanding.found import Found, Piece, overlap
from handlers.understanding.grammar import Use, plays
from handlers.understanding.topics import left_over

_STOP = re.compile(r"[,;.?!]")
_STOPS = frozenset({"who", "what", "when", "how_much", "how_many", "where", "that_agency"})


def excepted(found: Found) -> frozenset[int]:
    """The words that say what is left out: from "trừ" to a comma or to the question."""
    cues = [p for p in found.pieces if p.sort == "cue"]
    refusing = (p for p in cues if _leaves_out(found, p))
    opening = next(refusing, None)
    if opening is None:
        return frozenset()
    asking = {p.start for p in cues if _STOPS.intersection(p.values)}
    closing = next(
        (i for i in range(opening.end, len(found.words)) if plays(found.words[i].folded, Use.OUT)),
        0,
    )
    if closing and asking.isdisjoint(range(opening.end, closing)):
        return frozenset(range(opening.end, closing))
    agencies = [p for p in found.pieces if p.sort == "agency"]
    named = {p.start for p in agencies if p.weak and any(q.end == p.start for q in agencies)}
    end = opening.end
    while end < len(found.words):
        between = found.between(end, end)
        listed = between.strip() == "," and end in named and "instead" not in opening.values
        if end > opening.end and ((_STOP.search(between) and not listed) or end in asking):
            break
        if plays(found.words[end].folded, Use.THEN):
            break
        end += 1
    return frozenset(range(opening.end, end))


def _leaves_out(found: Found, piece: Piece) -> bool:
    """Whether what follows is left out: "trừ …", "không kể việc chung với mục II.6"."""
    if "except" in piece.values:
        return not _denies(found, piece)
    joined = piece.end < len(found.words) and plays(found.words[piece.end].folded, Use.AND)
    return "no_common" in piece.values and joined


def _denies(found: Found, piece: Piece) -> bool:
    """Whether "không phải" stands alone and denies what was said before: "không phải, tôi hỏi
    Bảo hiểm xã hội"."""
    goes_on = piece.end < len(found.words)
    alone = goes_on and found.between(piece.end, piece.end).lstrip().startswith(",")
    return alone and "instead" in piece.values


def take_out(found: Found, piece: Piece) -> None:
    """What is left out: agencies, provinces, focal points of indicators."""
    if piece.sort == "agency":
        found.excluded.append(found.mention(piece))
    elif piece.sort == "province":
        found.without_provinces += piece.values
    elif piece.sort == "cue" and {"indicator", "indicator_list"} & set(piece.values):
        found.without_kinds.append(Kind.INDICATOR)
    elif piece.sort == "cue" and {"partner", "coordinating_role"} & set(piece.values):
        found.cues.add("without_partner")


def _known(found: Found) -> frozenset[int]:
    """What the person says to know already where the rest is asked for: "phần học phí em nắm
    rồi, cho xem các việc còn lại"."""
    ends = [p.start for p in found.pieces if p.sort == "cue" and "dismissed" in p.values]
    return frozenset(range(ends[0])) if ends and "rest" in found.cues else frozenset()


def divide(found: Found) -> None:
    """Sets what is left out apart from what is asked for."""
    out = found.except_words | _known(found)
    for run in filter(None, left_over(found)):
        words = tuple(found.words[i] for i in run)
        (found.without_runs if run[0] in out else found.runs).append(words)
    if any(plays(w.folded, Use.REPORT) for run in found.without_runs for w in run):
        found.without_kinds.append(Kind.REPORT)
    places = [(found.words[i].start, found.words[i].end) for i in sorted(out)]
    inside = [c for c in found.clauses if any(overlap(c.span, p) for p in places)]
    found.without_clauses = tuple(inside)
    found.clauses = tuple(c for c in found.clauses if c not in inside)

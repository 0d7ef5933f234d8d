"""The signs by which the kind of a question is told, beyond the wordings themselves."""

import re
from collections.abc import Mapping
from itertools import pairwise

from data.loading.library import Library
from data.search import TopicIndex
from data.text.normalise import fold
from data.text.patterns import typed
from handlers.understanding.found import Found, overlap
from handlers.understanding.grammar import Look, Use, looks, plays
from handlers.understanding.question import OTHER_YEAR

_PLAN_OF_YEAR = re.compile(r"ke hoach(?: cua)?(?: tinh)?(?: nam)? ((?:19|20)\d\d)\b")
_SHORT = 8
_FEW_WORDS = 3
_TOLD_OF = 2
_PART_END = re.compile(r"[,;:.?!]")
_ASKING = frozenset({"what", "who", "where", "how_many"})
_TOLD_ASKING = _ASKING | {"when", "how_much", "task", "send", "due"}
_TWO = 2
_SUM = re.compile(
    r"\d\s*(?:[+*×]|(?:cong|tru|nhan|chia)(?: voi| cho)?\b)\s*\d|phan tram\s+cua\s+\d|\d\s*x\s*\d"
)
_ASKED = frozenset(
    {"what", "task", "lead", "mine", "my_agency", "no_common", "how_many", "compare", "also"}
)
_NO_PERSON = frozenset(
    {"lead", "partner", "send", "due", "when", "plan_signer", "how_many", "aim"}
)
_OF_TIME = frozenset({"due", "when", "overdue", "soon", "send", "undated"})
_YEARLESS = frozenset({"today", "heir", "citing", "how_much", "due", "when", "overdue"})
_SHORT_YEAR = 5
_INDICATORS = frozenset({"indicator", "indicator_list", "how_many_indicators"})
_PLAN_FACTS = frozenset({"plan_signer", "plan_number", "plan_date", "plan_title"})
_WITH_OTHERS = frozenset({"partner", "coordinating_role"})
_OF_SEVERAL = frozenset({"when", "citing", "due", "overdue", "shared", "send"})
"""What is asked of "mấy việc": then it means several, and not how many."""
_AT_END = (
    (Look.ASKS_WHO, "who"), (Look.ASKS_WHEN, "when"), (Look.ASKS_FIGURE, "how_much"),
)  # fmt: skip
_NEW_YEAR, _LAST_DAY = (1, 1), (12, 31)
DERIVED = frozenset(
    {"agency", "agencies", "group", "province", "provinces", "period", "year", "short", "clause",
     "document", "topic", "indicator_name", "figure", "alone", "both_roles",
     "one_of"}
)  # fmt: skip
"""What is seen in a question beside the cues of `cues.yaml`."""


def go_on(found: Found) -> None:
    """Marks what goes on from what was said before: "rồi hải quan?", "Sở Tư pháp nữa"."""
    polite = {i for p in found.pieces if "thanks" in p.values for i in range(p.start, p.end)}
    said = [word.folded for i, word in enumerate(found.words) if i not in polite]
    named = found.agencies or found.indicators
    closed = said and plays(said[-1], Use.MORE) and named and len(said) <= _SHORT
    if closed or (said and plays(said[0], Use.GOES_ON)):
        found.cues.add("also")
    if found.words and plays(found.words[0].text, Use.APART) and found.agencies:
        found.cues.add("which_one")


def mark(found: Found, library: Library) -> None:
    """The signs that stand in more than one word or in where a word stands."""
    if found.words and plays(found.words[0].folded, Use.ENOUGH):
        found.cues.discard("narrow")
    if "presides" in found.cues and _WITH_OTHERS & found.cues and not found.agencies:
        found.cues.add("both_roles")
    if found.scope == "opinion" and found.documents:
        found.scope = ""
    if "how_much" in found.cues and _either_word(found):
        found.cues.discard("how_much")
    _ask_at_end(found)
    if _one_of(found):
        found.cues.add("one_of")
    if _put_as_true(found):
        found.cues.add("confirms")
    if "plural" in found.cues and _OF_SEVERAL & found.cues:
        found.cues.discard("how_many")
    year = _PLAN_OF_YEAR.search(fold(found.mended.text))
    if year and int(year[1]) not in {p.year for p in library.plans.values()}:
        found.scope = found.scope or OTHER_YEAR
    if _of_no_plan(found, library):
        found.scope = found.scope or OTHER_YEAR
    of_person = "who" in found.cues or (found.agencies and not _ASKED & found.cues)
    of_person = of_person or "how_much" in found.cues
    if "title" in found.cues and of_person and not _NO_PERSON & found.cues:
        found.scope = found.scope or "people"
    named = found.documents or (_PLAN_FACTS | _INDICATORS) & found.cues
    first = fold(found.scope_words).partition(" ")[0]
    if found.scope == "people" and plays(first, Use.NAME) and named:
        found.scope = ""
    if _SUM.search(fold(found.mended.text)):
        found.scope = found.scope or "world"


def _of_no_plan(found: Found, library: Library) -> bool:
    """Whether an agency's tasks are asked for in a year, named by its figures, that no plan is
    of: "năm 2023 Sở Tư pháp làm gì"."""
    years = {str(p.start.year) for p in found.periods.values() if p.start}
    said = typed(found.mended.text)
    if not years or not only_year(found) or _YEARLESS & found.cues or found.documents:
        return False
    if years & {str(p.year) for p in library.plans.values()} or looks(Look.COMPARED).search(said):
        return False
    named = any(year in said.split() for year in years)
    asked = found.agencies and _ASKED & found.cues
    bare = "also" in found.cues and len(found.words) <= _SHORT_YEAR
    return bool(named and (asked or bare or (found.agencies and "what" in found.cues)))


def _ask_at_end(found: Found) -> None:
    """Takes what is asked for in a word at the end: "khảo sát hài lòng: cơ quan?"."""
    text = typed(found.mended.text)
    for look, cue in _AT_END:
        if asking := looks(look).search(text):
            found.cues.add(cue)
            spans = [(i, (w.start, w.end)) for i, w in enumerate(found.words)]
            found.claimed |= {i for i, span in spans if overlap(span, asking.span())}


def _one_of(found: Found) -> bool:
    """Whether it is asked which of two agencies a matter is of: "Thanh tra tỉnh hay Sở Nội vụ đi
    kiểm tra"."""
    named = sorted((m for m in found.agencies if not m.weak), key=lambda m: m.start)
    return not _TOLD_ASKING & found.cues and any(
        b.start == a.end + 1 and plays(found.words[a.end].folded, Use.OR)
        for a, b in pairwise(named)
    )


def _put_as_true(found: Found) -> bool:
    """Whether who leads a matter is said and only to be confirmed: "Tòa án chủ trì à", "có phải
    Sở Y tế …"."""
    if not found.agencies or _TOLD_ASKING & found.cues:
        return False
    opened = looks(Look.IS_IT).match(typed(found.mended.text))
    if opened and min(m.start for m in found.agencies) == _TWO:
        return True
    closed = plays(found.words[-1].folded, Use.CONFIRMS)
    return closed and bool({"lead", "presides"} & found.cues)


def _either_word(found: Found) -> bool:
    """Whether what asks for a figure may as well ask for tasks: the bare "muc nao" is "mức nào"
    or "mục nào"."""
    asking = [p for p in found.pieces if p.sort == "cue" and "how_much" in p.values]
    return bool(found.agencies) and all("what" in p.values for p in asking)


def signs(found: Found, library: Library, index: TopicIndex) -> set[str]:
    """The cues, and what of agencies, time, clauses, documents and topic was named."""
    counted = [m for m in found.agencies if m.keys]
    groups = library.directory.agencies
    presence: Mapping[str, bool] = {
        "agency": bool(counted),
        "agencies": len(counted) > 1,
        "group": any(groups[k].is_group for m in counted for k in m.keys if k in groups),
        "province": bool(found.provinces),
        "provinces": len(found.provinces) > 1,
        "period": bool(found.periods) and not (only_year(found) or by_the_way(found, library)),
        "year": bool(found.periods) and only_year(found),
        "short": len(found.words) - len(found.claimed) <= _FEW_WORDS,
        "clause": bool(found.clauses),
        "document": bool(found.documents),
        "topic": any(index.kept([w.text for w in run]) for run in found.runs),
        "indicator_name": bool(found.indicators),
        "figure": bool(found.figures),
    }
    seen = found.cues | {name for name, there in presence.items() if there}
    return seen | {"alone"} if seen <= {"period"} else seen


def by_the_way(found: Found, library: Library) -> bool:
    """Whether no time is asked about: a day beside a document or clause ("mai" is the bare
    "mãi"), or days that no plan reaches beside an agency ("tên gọi từ 1/7/2025")."""
    if _OF_TIME & found.cues:
        return False
    spans = found.periods.values()
    if found.documents or found.clauses:
        return all(p.start == p.end for p in spans)
    if _said_apart(found):
        return True
    last = max(p.year for p in library.plans.values())
    asked = found.agencies and {"what", "task"} & found.cues
    return bool(asked) and all(p.start and p.start.year > last for p in spans)


def _said_apart(found: Found) -> bool:
    """Whether the time is told of something else, in a part of the sentence before the one that
    asks: "đoàn kiểm tra tuần tới xuống sở, em cần biết bên đó có việc gì"."""
    asking = [p.start for p in found.pieces if p.sort == "cue" and _ASKING.intersection(p.values)]
    if not asking or not found.claimed or not found.agencies:
        return False
    last = max(found.claimed)
    ends = [i for i in range(last + 1, min(asking) + 1) if "," in found.between(i, i)]
    if not ends:
        return False
    starts = [i for i in range(1, last + 1) if _PART_END.search(found.between(i, i))]
    part = range(max(starts, default=0), min(ends))
    return len([i for i in part if i not in found.covered]) >= _TOLD_OF


def only_year(found: Found) -> bool:
    """Whether the period is a whole year that only says which plan is meant."""
    if {"due", "when", "overdue"} & found.cues:
        return False
    return all(
        p.start
        and p.end
        and (p.start.month, p.start.day) == _NEW_YEAR
        and (p.end.month, p.end.day) == _LAST_DAY
        and p.start.year == p.end.year
        for p in found.periods.values()
    )

"""The words that nothing explains: the topic of a question, or a mere preamble to it."""

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from data.search import TopicIndex
from data.text.normalise import compatible, fold
from data.text.syllables import is_syllable
from handlers.understanding.found import Found
from handlers.understanding.grammar import Use, plays
from handlers.understanding.lexicon import Lexicon
from handlers.understanding.typed import Word

_TOPIC_FOLLOWS = frozenset({"task", "mention", "indicator", "due", "matter"})
_EVERYBODY = frozenset({"cac-don-vi-lien-quan", "cac-co-quan-don-vi"})
_COMPOUND = 2
_ASKED_IN_FULL = frozenset({"what", "task", "how_many", "due"})
_LABEL = re.compile(r"^\s*(?::|[-–—→]\s)")
_YEAR = re.compile(r"20[0-3]\d")
_DATED = frozenset({"due", "task", "send", "soon", "overdue", "when"})
_ASKS_FOR_TASKS = frozenset({"what", "task", "mine"})
_VERB_BEFORE = frozenset({"what", "task", "how_many"})
_WHOLE = frozenset(
    {"overdue", "soon", "most", "least", "plan_number", "plan_signer", "plan_date", "plan_issuer",
     "plan_aims", "aim", "plan_title", "plan_implements", "thanks", "greet", "bye", "compare",
     "both", "indicator_list", "those", "same", "how_many_agencies"}
)  # fmt: skip


def left_over(found: Found) -> list[tuple[int, ...]]:
    """The runs of words that make the topic: what nothing explains, and kept compounds."""
    agencies = {i for m in (*found.agencies, *found.excluded) for i in range(m.start, m.end)}
    silent = found.claimed | found.aside | agencies
    for piece in found.pieces:
        topical = (
            piece.sort in ("keep", "matters", "indicator")
            or "recurring" in piece.values
            or (
                piece.sort == "agency"
                and piece.start not in agencies
                and not _EVERYBODY.issuperset(piece.values)
            )
        )
        if not topical:
            silent |= set(range(piece.start, piece.end))
    silent |= {
        m.end
        for m in found.agencies
        if m.end < len(found.words) and plays(found.words[m.end].folded, Use.OLD_OR_NEW)
    }
    silent |= _closing(found, silent)
    places = {p.start for p in found.pieces if p.sort == "province"}
    turns = {i for i in places | found.claimed if i and i - 1 not in found.claimed}
    silent |= {i - 1 for i in turns if plays(found.words[i - 1].folded, Use.TOWARDS)}
    silent |= {i for i, word in enumerate(found.words) if _YEAR.fullmatch(word.text)}
    left = [i for i in range(len(found.words)) if i not in silent]
    runs: list[tuple[int, ...]] = []
    for i in left:
        goes_on = runs and runs[-1][-1] == i - 1
        if goes_on and ((i in found.except_words) == (i - 1 in found.except_words)):
            runs[-1] = (*runs[-1], i)
        else:
            runs.append((i,))
    return [_trimmed(found, run) for run in runs]


def _trimmed(found: Found, run: tuple[int, ...]) -> tuple[int, ...]:
    """The run without what only joins it to the next words or sets it apart ("riêng thanh toán"),
    and without the words for a place where that is asked for: "logistics mục, khoản nào"."""
    while len(run) > 1 and plays(found.words[run[0]].text, Use.APART):
        run = run[1:]
    while len(run) > 1 and plays(found.words[run[-1]].text, Use.APART):
        run = run[:-1]
    while run and plays(found.words[run[-1]].text, Use.HANGING):
        run = run[:-1]
    if "where" in found.cues:
        while len(run) != _COMPOUND and run and _place(found.words[run[-1]]):
            run = run[:-1]
    return run


def _place(word: Word) -> bool:
    return plays(word.folded, Use.CLAUSE, Use.PAGE)


def _closing(found: Found, silent: Collection[int]) -> set[int]:
    """The "không" that ends a question and is no "không" of its topic, and the like."""
    last = max((i for i in range(len(found.words)) if i not in silent), default=-1)
    if last <= 0:
        return set()
    word = found.words[last]
    insists = "instead" in found.cues and plays(word.folded, Use.INSISTS)
    return {last} if insists or plays(word.text, Use.CLOSES) else set()


def drop_preamble(found: Found, lexicon: Lexicon, index: TopicIndex) -> None:
    """Drops what comes before an agency and is not its topic: "em đang tổng hợp, cho em
    hỏi việc của Sở Y tế". A topic follows a word for work: "việc thoái vốn của …"."""
    if not found.agencies or "who" in found.cues or not _ASKS_FOR_TASKS & found.cues:
        return
    first = min(m.start for m in found.agencies)
    opened = {
        p.end for p in found.pieces if p.sort == "cue" and _TOPIC_FOLLOWS.intersection(p.values)
    }
    kept = []
    introduced = "my_agency" in found.cues
    for run in found.runs:
        at = found.words.index(run[0])
        if introduced and at < first:
            continue
        if (
            at > first
            or at in opened
            or _unknown(lexicon, run)
            or _led_over(found, run)
            or _spoken_of(run, index)
        ):
            kept.append(run)
    found.runs = kept


def _led_over(found: Found, run: Sequence[Word]) -> bool:
    """Whether what is asked is said of the words: "hóa đơn điện tử thì Cục Thuế làm gì"."""
    after = found.words.index(run[-1]) + 1
    return after < len(found.words) and plays(found.words[after].folded, Use.THEN)


def drop_light(found: Found, lexicon: Lexicon) -> None:
    """Drops what is no topic by itself beside an agency: "tổng hợp phần của Sở Y tế"."""
    if found.agencies and not {"mention", "who"} & found.cues:
        found.runs = [run for run in found.runs if not _light(run, lexicon)]


def _light(run: Sequence[Word], lexicon: Lexicon) -> bool:
    return any(
        len(words) == len(run)
        and all(compatible(w.text, word) for w, word in zip(run, words, strict=True))
        for words in lexicon.light
    )


def drop_heads(found: Found) -> None:
    """Drops what stands for an agency just named, its kind or its name once more: "Trung tâm
    Phục vụ hành chính công …, trung tâm có việc gì"."""
    heads = {
        tuple(w.folded for w in found.words[m.start : m.start + size])
        for m in found.agencies
        for size in (1, 2)
        if m.end - m.start >= size
    }
    found.runs = [run for run in found.runs if tuple(w.folded for w in run) not in heads]


def drop_unknown(found: Found, index: TopicIndex) -> None:
    """Drops words that are none of the plans' and that nothing marks as a topic, beside an
    agency or a time that is asked about: "đứng mũi chịu sào những việc nào"."""
    asked = [p for p in found.pieces if p.sort == "cue" and "what" in p.values]
    timed = bool(found.periods and _DATED & found.cues)
    if not timed and not (asked and (found.agencies or found.periods)):
        return
    said = timed or bool(found.agencies)
    marked_at = {
        p.end for p in found.pieces if p.sort == "cue" and _TOPIC_FOLLOWS.intersection(p.values)
    }
    counted_at = {p.end for p in found.pieces if p.sort == "cue" and "how_much" in p.values}
    last = max((p.end for p in asked), default=len(found.words))
    kept = []
    for run in found.runs:
        at = found.words.index(run[0])
        topical = at in marked_at | counted_at or (found.agencies and at >= last and len(run) > 1)
        if topical or _spoken_of(run, index) or (len(run) > 1 and not said):
            kept.append(run)
    found.runs = kept


def _spoken_of(run: Sequence[Word], index: TopicIndex) -> bool:
    """Whether the plans have two of the words side by side, or a name among them."""
    return any(index.pairs(a.folded, b.folded) for a, b in pairwise(run)) or any(
        index.knows(w.folded) and not is_syllable(w.folded) for w in run
    )


def drop_crumbs(found: Found) -> None:
    """Drops bare figures, and lone syllables of a question that asks something without them:
    a Vietnamese word is mostly two, and one that nothing explains is rather a slip or a
    particle than a topic. "Về" makes it one."""
    found.runs = [run for run in found.runs if not all(w.text.isdigit() for w in run)]
    timed = found.periods and (_DATED | _ASKS_FOR_TASKS) & found.cues
    complete = found.agencies or timed or _WHOLE & found.cues
    if complete:
        found.runs = [run for run in found.runs if not _lone(run) or _mentioned(found, run)]


def _mentioned(found: Found, run: tuple[Word, ...]) -> bool:
    """Whether "về" and the like stand right before, or nothing else is spoken of."""
    if "mention" not in found.cues:
        return False
    at = found.words.index(run[0])
    named = any(p.end == at and "mention" in p.values for p in found.pieces if p.sort == "cue")
    return named or (len(found.runs) == 1 and not found.agencies)


def faint(found: Found, runs: Sequence[tuple[Word, ...]]) -> bool:
    """Whether the topic is a lone syllable of a longer question, and nothing marks it as one:
    "vục làm gì"."""
    whole = len(found.words) == len(runs)
    asked = "mention" not in found.cues and _ASKS_FOR_TASKS & found.cues
    if not runs or not asked or whole:
        return False
    return all(map(_lone, runs))


def _lone(run: Sequence[Word]) -> bool:
    return len(run) == 1 and is_syllable(run[0].folded)


def missing(found: Found, index: TopicIndex) -> bool:
    """Whether a matter with a settled name is asked about that no plan has under that name:
    "thương mại điện tử" is not "thương mại" here and "điện tử" there."""
    asked = {word for run in found.runs for word in run}
    matters = [found.words[p.start : p.end] for p in found.pieces if p.sort == "matters"]
    matters += _as_indicators(found, index)
    return any(
        asked.issuperset(named)
        and not all(index.pairs(a.folded, b.folded) for a, b in pairwise(named))
        for named in matters
    )


def _as_indicators(found: Found, index: TopicIndex) -> list[tuple[Word, ...]]:
    """What is named as an indicator and is none of those that the plans follow."""
    after = {p.end for p in found.pieces if p.sort == "cue" and "indicator" in p.values}
    runs = [run for run in found.runs if found.words.index(run[0]) in after]
    kept = [tuple(w for w in run if index.kept([w.text])) for run in runs]
    return [] if found.indicators else [run for run in kept if len(run) > 1]


def either(found: Found, runs: Sequence[tuple[Word, ...]]) -> tuple[int, ...]:
    """Where the topics of a list begin: "về tuyên truyền và về khởi nghiệp"; () for one topic.

    What stands between two commas or joining words is one topic, of however many runs.
    """
    begins = [0]
    begins += [at for at in range(1, len(runs)) if _linked(found, runs[at - 1], runs[at])]
    return tuple(begins) if len(begins) > 1 else ()


def _linked(found: Found, one: tuple[Word, ...], other: tuple[Word, ...]) -> bool:
    """Whether two runs are joined as parts of a list."""
    words = list(found.words)
    between = words[words.index(one[-1]) + 1 : words.index(other[0])]
    comma = "," in found.mended.text[one[-1].end : other[0].start]
    joined = all(plays(w.folded, Use.AND, Use.OR, Use.ABOUT) for w in between)
    return joined and bool(between or comma)


def loose(
    found: Found, runs: Sequence[tuple[Word, ...]], lexicon: Lexicon, index: TopicIndex
) -> tuple[int, ...]:
    """Which runs may be no topic though nothing explains them: what comes before the agency,
    the verb of "phải xoay chuyện gì", what is said after the whole question."""
    return tuple(
        at
        for at, run in enumerate(runs)
        if _lead_in(found, runs, run, lexicon)
        or (_of_asking(found, run) and not _matter_of_plans(run, index))
        or _after_all(found, run)
        or _bracketed(found, run)
        or _light(run, lexicon)
    )


def _lead_in(
    found: Found, runs: Sequence[tuple[Word, ...]], run: tuple[Word, ...], lexicon: Lexicon
) -> bool:
    """Whether a run comes before the first agency, and nothing makes that a topic."""
    if not found.agencies or {"mention", "except"} & found.cues:
        return False
    first = found.words[min(m.start for m in found.agencies)].start
    leading = [r for r in runs if r[0].start < first]
    labels = _opened(found, run) or _led_over(found, run) or _labels(found, run)
    return run in leading and not labels and not any(_unknown(lexicon, r) for r in leading)


def _matter_of_plans(run: Sequence[Word], index: TopicIndex) -> bool:
    """Whether two words that the plans always have side by side are among the words: "phụ trách
    khởi nghiệp gì"."""
    return any(index.bound(a.folded, b.folded) for a, b in pairwise(run))


def _opened(found: Found, run: tuple[Word, ...]) -> bool:
    """Whether a word for work stands right before: "việc thoái vốn của", "phần đất đai của"."""
    at = found.words.index(run[0])
    cues = [p for p in found.pieces if p.end == at and p.sort == "cue"]
    return any(_TOPIC_FOLLOWS.intersection(p.values) for p in cues) or (
        at > 0 and plays(found.words[at - 1].folded, Use.PORTION)
    )


def _labels(found: Found, run: tuple[Word, ...]) -> bool:
    """Whether the words are what the rest is said of: "hóa đơn điện tử: phần của Cục Thuế"."""
    after = found.words.index(run[-1]) + 1
    return after < len(found.words) and _LABEL.search(found.between(after, after)) is not None


def _of_asking(found: Found, run: tuple[Word, ...]) -> bool:
    """Whether a run stands where the verb does of what is asked: "phải xoay chuyện gì", "cái gì
    phải hoàn tất"."""
    start = found.words.index(run[0])
    if _bare_verb(found, run, start):
        return True
    of_known = found.agencies or found.periods or "that_agency" in found.cues
    if len(run) > _COMPOUND or not of_known:
        return False
    end = start + len(run)
    asking = [p for p in found.pieces if p.sort == "cue" and _VERB_BEFORE.intersection(p.values)]
    follows = any(p.start == end for p in asking)
    if follows and not found.between(end, end).strip():
        return not any(p.end == start and "mention" in p.values for p in found.pieces)
    modal = start > 0 and plays(found.words[start - 1].folded, Use.MUST)
    return modal and any(p.end < start and "what" in p.values for p in asking)


def _bare_verb(found: Found, run: tuple[Word, ...], start: int) -> bool:
    """Whether a run is the one word between "phải" and a time: "phải trình trước ngày nào"."""
    ends = {p.start for p in found.pieces if p.sort == "cue" and "when" in p.values}
    modal = start > 0 and plays(found.words[start - 1].folded, Use.MUST)
    return len(run) == 1 and modal and bool({start + 1, start + 2} & ends)


def _after_all(found: Found, run: tuple[Word, ...]) -> bool:
    """Whether a run is of a part of the sentence that follows a question asked in full."""
    start = found.words.index(run[0])
    asking = [p for p in found.pieces if p.sort == "cue" and _ASKED_IN_FULL.intersection(p.values)]
    known = [m.end for m in found.agencies] or sorted(found.claimed)
    if not asking or not known or "mention" in found.cues:
        return False
    asked = max(max(p.end for p in asking), min(known))
    between = found.mended.text[found.words[asked - 1].end : run[0].start]
    return asked <= start and ("," in between or plays(fold(between).strip(), Use.SO_THAT))


def _bracketed(found: Found, run: tuple[Word, ...]) -> bool:
    """Whether a run stands in brackets: "Thuế tỉnh (cơ quan đổi tên rồi) có việc gì"."""
    before = found.mended.text[: run[0].start]
    return before.count("(") > before.count(")") and bool(found.agencies)


def _unknown(lexicon: Lexicon, run: Sequence[Word]) -> bool:
    return any(not lexicon.knows(w.folded) for w in run)

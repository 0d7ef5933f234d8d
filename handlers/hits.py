"""What a search for a topic found, weighed: which hits answer, and which are found by chance."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from data.coverage import Hit, Part
from data.search import TopicIndex
from data.text.normalise import fold, words
from data.text.syllables import is_syllable
from handlers.understanding.question import Question, Want

ENOUGH = 0.7
_FACT_ENOUGH = 0.55
_FACTS = frozenset(
    {Want.LEAD, Want.DEADLINE, Want.FIGURES, Want.PARTNERS, Want.DOCUMENTS, Want.COMPARE}
)
OWN_WORDS = 0.35
_TELLING = 2
_SEVERAL = 2
_MARGIN = 0.1
_NEAR = 0.06
_NEAR_FIGURES = 0.17
_ALL = 0.95
_WHOLE = 0.9
_OF_MANY = frozenset({Want.TASKS, Want.LEAD})
_APART = 0.1
_FAR_AHEAD = 4
_ABBREVIATION = 3
_LONG_MATTER = 5
_LESS_JOINED = 0.1


def _sufficient(question: Question) -> float:
    """How much of the topic a task must speak of: a fact is asked of one task in more words
    than its clause has, a list of tasks has to be on the topic."""
    return _FACT_ENOUGH if question.want in _FACTS else ENOUGH


def fitting(question: Question, look: Callable[[Sequence[Part]], list[Hit]]) -> list[Hit]:
    """The hits on the question's topic; on each part of it where it lists several topics. A
    fact is asked of a task that is on all of them, if there is one."""
    if question.faint or question.missing:
        return []
    near = _NEAR_FIGURES if question.want is Want.FIGURES else _NEAR
    together = nearest(look(question.topic), _sufficient(question), near)
    if question.want is Want.LEAD:
        together = _as_worded(together, question)
    of_all = together and together[0].coverage >= _ALL and question.want in _FACTS
    begins = [at for at in question.either if at < len(question.topic)]
    listed = len(begins) == len(question.topic)
    if len(begins) < _SEVERAL or of_all or (together and not listed):
        return together
    topics = [question.topic[a:b] for a, b in pairwise((*begins, len(question.topic)))]
    apart = [nearest(look(topic)) for topic in topics]
    return (
        list({h.task.ref: h for hits in apart for h in hits}.values()) if all(apart) else together
    )


def _as_worded(hits: list[Hit], question: Question) -> list[Hit]:
    """Of the hits on a long matter said in one breath those that word it alike: "giám định bảo
    hiểm y tế" is not "giám định y khoa … bảo hiểm y tế"."""
    if len(question.topic) != 1 or len(question.topic[0].options[0]) < _LONG_MATTER:
        return hits
    most = max((h.joined for h in hits), default=0.0)
    return [h for h in hits if h.joined >= most - _LESS_JOINED]


def scattered(hits: Sequence[Hit], question: Question) -> bool:
    """Whether the hits lack some of the topic and have the rest in words that many clauses
    share, one here and one there: "đào tạo nghề" is not "đào tạo" and "ngành nghề"."""
    if question.agencies or question.indicators or question.want not in _OF_MANY:
        return False
    return bool(hits) and all(h.coverage < _WHOLE and h.scattered for h in hits)


def nearest(hits: Sequence[Hit], enough: float = ENOUGH, near: float = _NEAR) -> list[Hit]:
    """The hits that speak of the whole topic, or nearly as much of it as the best."""
    if not hits or (hits[0].coverage < enough and not _stands_out(hits)):
        return []
    best = _leading(hits, enough)
    near = near if best.coverage >= ENOUGH else 0.0
    least = best.score / _FAR_AHEAD if best is not hits[0] else 0.0
    return [
        h
        for h in hits
        if h.coverage >= best.coverage - near
        and h.score >= least
        and (h.place == best.place or h.coverage >= best.coverage)
        and not (best.place == "text" and h.place != "text")
    ]


def _leading(hits: Sequence[Hit], enough: float) -> Hit:
    """The first of the hits, unless one that covers nearly as much is found by far better words:
    "che do" is rather "chế độ" than "chế" here and "đo" there."""
    first = hits[0]
    rivals = (
        h
        for h in hits[1:]
        if h.coverage >= max(enough, first.coverage - _APART)
        and h.score >= first.score * _FAR_AHEAD
    )
    return max(rivals, key=lambda h: h.score, default=first)


def _stands_out(hits: Sequence[Hit]) -> bool:
    """Whether one task alone speaks of the topic in words that few others have: the person
    says the rest in words of their own."""
    best = hits[0]
    apart = len(hits) == 1 or best.coverage - hits[1].coverage >= _MARGIN
    return apart and best.telling >= _TELLING and best.coverage >= OWN_WORDS


def _abbreviates(word: str) -> bool:
    """Whether a folded word is no Vietnamese syllable, and long enough to be a name."""
    return word.isalpha() and len(word) >= _ABBREVIATION and not is_syllable(word)


def of_plans(found: Sequence[list[Hit]], question: Question) -> list[Hit]:
    """What each plan has on the topic; of plans that say much less, nothing, unless they say
    it in words that tell as much."""
    hits = [h for of_plan in found for h in of_plan]
    if not hits or question.want is Want.COMPARE or question.has("both", "provinces"):
        return hits
    best = max((of_plan[0] for of_plan in found if of_plan), key=lambda h: h.coverage)
    telling = {
        h.task.ref
        for h in hits
        if h.task.plan != best.task.plan and h.coverage >= ENOUGH and h.telling > best.telling // 2
    }
    return [h for h in hits if h.coverage >= best.coverage - _APART or h.task.ref in telling]


def nameless(hits: Sequence[Hit], question: Question, index: TopicIndex) -> bool:
    """Whether the hits lack an abbreviation or a foreign word of the topic that another plan
    has: of "ddci ai khảo sát" the DDCI tells most. A word said otherwise as well is none."""
    if not hits or hits[0].coverage >= _WHOLE:
        return False
    ways = ([set(map(fold, way)) for way in part.options] for part in question.topic)
    said = set().union(*(set.intersection(*of_part) for of_part in ways))
    names = {w for w in said if _abbreviates(w) and index.knows(w)}
    told = {w for h in hits for w in words(fold(f"{h.task.title} {h.task.quote}"))}
    return not names <= told

"""How a message leans on the question before it: "còn Sở Xây dựng?", "hạn khi nào?"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.text.clauses import ClauseRef
from data.text.normalise import fold
from data.text.patterns import typed
from handlers.dialogue import Context
from handlers.understanding.grammar import Look, Use, looks, plays
from handlers.understanding.question import Mention, Question, Role, Want

ASKS_FACT = {
    Want.LEAD, Want.PARTNERS, Want.RECIPIENTS, Want.DEADLINE, Want.FIGURES, Want.DOCUMENTS,
    Want.COUNT,
}  # fmt: skip
_ASKED_ANEW = ("what", "who", "when", "how_much", "how_many", "citing", "send", "partner")
_ASKED = ("who", "when", "how_much", "quote", "partner", "coordinating_role")
_OF_NAME = frozenset({"topic", "indicator_name", "short"})
_OF_LISTS = frozenset({Want.TASKS, Want.DUE, Want.CLAUSE, Want.DOCUMENTS})
_OF_EVERY_TASK = frozenset({Want.DEADLINE, Want.PARTNERS})
_OF_PLACE = frozenset({"province", "also", "instead", "year", "short"})
_CHANGES = (
    "instead", "also", "no_common", "only_common", "with_common", "narrow", "except",
)  # fmt: skip
_SELF_SUFFICIENT = (
    "indicator", "most", "least", "plan_number", "plan_signer", "how_many_agencies",
    "how_many_indicators", "send", "citing",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leaning:
    """A question after the conversation has filled it in.

    `focus` names the tasks that a bare fact ("hạn khi nào?") is asked about; `otherwise` is the
    question as it stands alone, where it may be meant so and the filled one has no answer.
    """

    question: Question
    focus: tuple[str, ...] = ()
    otherwise: Question | None = None


def lean(new: Question, old: Question | None, known: Context) -> Leaning:
    """The new question filled in from the one before it, where it cannot stand alone."""
    if old is None or new.scope:
        return Leaning(new)
    if old.agencies and plays(fold(new.topic_words), Use.OFFICE):
        new = replace(new, topic=(), topic_words="")
    if new.has("that_agency") and new.want is Want.PARTNERS and old.want is Want.LEAD:
        return Leaning(replace(new, plans=new.plans or old.plans), known.shown)
    if new.has("that_agency") and not new.agencies and (known.agencies or old.agencies):
        named = tuple(Mention((key,), key, 0, 0) for key in known.agencies)
        mentions = named or old.agencies
        want = Want.TASKS if new.want in (Want.PLAN, Want.THANKS) else new.want
        return Leaning(replace(new, want=want, agencies=mentions, plans=new.plans or old.plans))
    if _elsewhere(new):
        kept = old.want if Want.PLAN is old.want or new.want is Want.INDICATORS else new.want
        return Leaning(replace(_replaced(new, old), want=kept))
    if new.want is Want.COMPARE and not (new.anchored or new.plans) and known.before:
        return Leaning(_held_together(new, old, known.before[-1]))
    if new.want is Want.COMPARE and new.plans and not new.anchored and old.anchored:
        plans = tuple(dict.fromkeys((*old.plans, *new.plans)))
        return Leaning(replace(old, want=new.want, text=new.text, plans=plans))
    if _of_another(new):
        return Leaning(_replaced(replace(new, topic=(), topic_words=""), old))
    if new.has("those") and new.role is Role.COORDINATING and new.agencies and old.agencies:
        return Leaning(_together(new, old))
    if new.has("those", "which_one") and new.agencies and _lists(old) and not new.topic:
        return Leaning(_narrowed(new, old))
    if new.has("those") and not (new.agencies or new.clauses or new.documents):
        return Leaning(replace(new, plans=new.plans or old.plans), known.refs)
    if (new.has(*_CHANGES) and _names_something(new)) or _bare_place(new):
        return Leaning(_replaced(new, old))
    if new.has("which_one") and (old.agencies or old.clauses) and not new.agencies:
        return Leaning(_within(new, old))
    if _of_those(new, old):
        return Leaning(_within(new, old), otherwise=new)
    if _named_alone(new) and old.want in ASKS_FACT:
        return Leaning(_replaced(new, old), otherwise=new)
    if _worked_with(new, old):
        return Leaning(_together(new, old))
    if _sifted(new, old):
        kept = Want.INDICATORS if new.has("indicator") else Want.TASKS
        return Leaning(replace(old, want=kept, text=new.text, cues=old.cues | new.cues))
    if _in_another_role(new, old):
        return Leaning(replace(_replaced(new, old), want=Want.TASKS, role=new.role))
    if _of_last_agency(new, old):
        return Leaning(replace(old, want=new.want, text=new.text, cues=old.cues | new.cues))
    counted = new.provinces and new.want is Want.COUNT
    if new.anchored or counted or new.has(*_SELF_SUFFICIENT):
        return Leaning(new)
    if new.want in ASKS_FACT or new.has("quote", "detail", "where") or _bare(new):
        question = replace(new, plans=new.plans or old.plans)
        of_all = new.has("quote") or new.want in _OF_EVERY_TASK
        return Leaning(question, known.refs if of_all else known.shown)
    return Leaning(new)


def _bare(new: Question) -> bool:
    """Whether nothing is said but that something is asked: "cụ thể phải làm những gì thế"."""
    return not new.score and new.has("what") and not new.has("rest", "except")


def _elsewhere(new: Question) -> bool:
    """Whether a bare fact is asked of the same in another province: "qua Bình Dương thì ai?"."""
    whole = new.has(*_SELF_SUFFICIENT) and not new.has("those")
    bare = new.provinces and not new.anchored and not whole
    fact = new.want in ASKS_FACT or (new.want is Want.INDICATORS and new.has("those"))
    return bool(bare and fact and new.want is not Want.COUNT)


def _of_those(new: Question, old: Question) -> bool:
    """Whether "việc nào về logistics?" may be asked of the tasks of the agency just spoken of."""
    names = new.agencies or new.plans or new.clauses or new.documents or new.periods
    opens = looks(Look.WHICH_TASK).match(typed(new.text))
    return bool(old.agencies and new.topic and opens and not names and new.want is Want.TASKS)


def _worked_with(new: Question, old: Question) -> bool:
    """Whether it is asked what the agency just spoken of does with another: "việc nào làm với Sở
    Nông nghiệp"."""
    if new.role is not Role.COORDINATING or new.want is not Want.TASKS or not old.agencies:
        return False
    said = f" {fold(new.text)} "
    known = {key for m in old.agencies for key in m.keys}
    return any(
        known.isdisjoint(m.keys)
        and plays(said.partition(f" {fold(m.words)} ")[0].rpartition(" ")[2], Use.AND)
        for m in new.agencies
    )


def _named_alone(new: Question) -> bool:
    """Whether only a matter is named and asked about: "tiếp cận tín dụng?"."""
    named = new.topic or new.indicators
    return bool(named) and new.cues <= _OF_NAME and new.text.rstrip().endswith("?")


def _lists(question: Question) -> bool:
    """Whether a question of no agency was answered with tasks of several."""
    named = question.periods or question.topic or question.clauses
    return bool(named) and not question.agencies and question.want in _OF_LISTS


def _narrowed(new: Question, old: Question) -> Question:
    """Of what an earlier question was answered with, the part of the agencies named now."""
    asked = replace(new, cues=new.cues | {"narrow"})
    want = Want.DUE if old.want is Want.DUE else Want.TASKS
    return replace(_replaced(asked, old), want=want, role=new.role)


def _held_together(new: Question, old: Question, before: Mapping[str, Any]) -> Question:
    """What the last two questions were about, to be compared: "so sánh hai bên"."""
    others = [Mention(tuple(keys), words, 0, 0) for keys, words in before["agencies"]]
    named = {m.keys for m in old.agencies}
    agencies = (*(m for m in others if m.keys not in named), *old.agencies)
    plans = tuple(dict.fromkeys((*before["plans"], *old.plans)))
    return replace(old, want=new.want, text=new.text, agencies=agencies, plans=plans)


def _within(new: Question, old: Question) -> Question:
    """What is asked of the tasks that an earlier question was answered with: "cái nào về quỹ?"."""
    return replace(
        new,
        want=old.want if new.want is Want.TASKS and old.want is not Want.CLAUSE else new.want,
        agencies=old.agencies,
        clauses=new.clauses or old.clauses,
        plans=new.plans or old.plans,
        common=old.common if new.common is None else new.common,
        role=new.role or old.role,
    )


def _sifted(new: Question, old: Question) -> bool:
    """Whether only some of the agency's tasks are asked for, by what they have or lack: "việc
    nào không ghi hạn?", "chỉ lấy phần theo dõi chỉ số"."""
    if new.anchored or new.plans or not old.agencies:
        return False
    lacking = new.has("undated", "with_figure", "without_figure") and new.want is Want.TASKS
    return bool(lacking or (new.has("narrow") and new.has("indicator")))


def _in_another_role(new: Question, old: Question) -> bool:
    """Whether the tasks of the agency just spoken of are asked for in a role: "còn phối hợp
    việc gì?"."""
    asked = new.has("what", "task", "where", "also", "narrow") and not new.has("mention")
    return bool(new.role and asked and old.agencies and not new.anchored)


def _of_another(new: Question) -> bool:
    """Whether the same is asked of another agency, plan or time: "tương tự cho Sở Tư pháp"."""
    same = new.has("same") or (new.has("those") and new.provinces and not new.has(*_ASKED))
    return bool(same and (new.agencies or new.plans or new.indicators or new.periods))


def _of_last_agency(new: Question, old: Question) -> bool:
    """Whether a bare question is one about the agency just spoken of: "việc nào có hạn?"."""
    of_plan = new.has("how_many_agencies") or new.has("the_plan")
    if new.anchored or not old.agencies or of_plan:
        return False
    due = new.want in (Want.DUE, Want.OVERDUE) and new.has("what", "task")
    return due or new.want in (Want.COUNT, Want.RECIPIENTS)


def _bare_place(new: Question) -> bool:
    """Only a province or a year was said: "Bình Dương thì sao", "Bình Dương?"."""
    return bool(new.provinces) and not new.anchored and new.cues <= _OF_PLACE


def _placed(ref: ClauseRef, before: Sequence[ClauseRef]) -> ClauseRef:
    """A letter alone ("còn điểm e?") is one of the section spoken of before."""
    if before and before[0].letter and ref.part == "I" and not (ref.number or ref.letter):
        return replace(before[0], letter="i", rest=(), words=ref.words)
    if not before or ref.part or ref.number:
        return ref
    return replace(ref, part=before[0].part, number=before[0].number)


def _names_something(new: Question) -> bool:
    """Whether the new message names anything that could stand in the old one's place."""
    changed = new.common is not None or new.has("with_common")
    return bool(
        new.anchored or new.plans or changed or new.year or new.excluded or new.without.any
    )


def _replaced(new: Question, old: Question) -> Question:
    """The old question with whatever the new one names put in its place."""
    if new.anchored and _complete(new) and not new.has("narrow", "no_common", "only_common"):
        return replace(new, plans=new.plans or old.plans)
    if new.has("narrow") and new.role is Role.COORDINATING and new.agencies and old.agencies:
        return _together(new, old)
    if new.common is not None and not new.has("mention", "narrow"):
        new = replace(new, topic=(), topic_words="")
    inherits = new.agencies and old.topic and not new.topic and not new.has("narrow", "same")
    if inherits:
        loose = tuple(range(len(old.topic)))
        old = replace(old, loose=loose, cues=old.cues - {"mention"})
    common = None if new.has("with_common") else new.common
    if common is None and not new.has("with_common"):
        common = old.common
    corrected = new.has("instead") and new.agencies
    want = Want.TASKS if old.want is Want.CLAUSE and new.agencies else old.want
    kept = {"narrowed"} if new.has("narrow") and new.agencies and old.topic else set()
    return replace(
        old,
        want=Want.COUNT if new.want is Want.COUNT else want,
        text=new.text,
        agencies=new.agencies or old.agencies,
        excluded=() if corrected else new.excluded or old.excluded,
        without=new.without if new.without.any else old.without,
        plans=new.plans or old.plans,
        topic=new.topic or old.topic,
        topic_words=new.topic_words or old.topic_words,
        missing=new.missing if new.topic else old.missing,
        indicators=new.indicators or (() if new.topic else old.indicators),
        periods=new.periods or old.periods,
        clauses=tuple(_placed(ref, old.clauses) for ref in new.clauses) or old.clauses,
        documents=new.documents or old.documents,
        common=common,
        cues=(old.cues - {"no_common", "only_common", "narrowed"})
        | (new.cues - set(_CHANGES))
        | kept,
        year=new.year or old.year,
    )


def _together(new: Question, old: Question) -> Question:
    """What the agencies just spoken of share with the new ones."""
    return replace(old, want=Want.SHARED, agencies=(*old.agencies, *new.agencies))


def _complete(new: Question) -> bool:
    """Whether the new message says itself what is wanted."""
    return new.has("lead", *_ASKED_ANEW)


def spoken_of_before(question: Question, known: Context) -> Mapping[str, Any] | None:
    """The last question that spoke of what is gone back to: "quay lại câu bảo hiểm xã hội"."""
    said = set(fold(question.topic_words).split())
    named = {key for m in question.agencies for key in m.keys}

    def speaks(data: Mapping[str, Any]) -> bool:
        of_agency = any(named.intersection(keys) for keys, _ in data["agencies"])
        return of_agency or bool(said and not named and said <= set(fold(data["text"]).split()))

    last = (known.slots,) if known.slots else ()
    return next(filter(speaks, (*last, *reversed(known.before))), None)


def asks_more(question: Question) -> bool:
    """Whether more is said than what to go back to."""
    of_two = bool(question.agencies and question.topic)
    limited = bool(question.plans or question.periods or question.without.any)
    return of_two or limited or question.common is not None or question.has(*_ASKED_ANEW)


def of_both_places(question: Question) -> bool:
    """Whether both plans are named and nothing else: "cả hai tỉnh luôn"."""
    said = fold(question.text).split()
    places = any(plays(word, Use.PROVINCE, Use.PLAN) for word in said)
    return question.has("both") and not question.anchored and places

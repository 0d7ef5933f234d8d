"""What a conversation remembers between two messages.

The state is plain JSON data: the last question in words that can be read again, the tasks
last shown, what each number of the last reply does, and the questions before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from handlers.understanding.question import Mention, Question, Role, Want
from handlers.understanding.recognise import Recogniser

CONTEXT_LASTS = timedelta(minutes=30)
_BACK_KEPT = 5


@dataclass(frozen=True, slots=True)
class Context:
    """The state of one conversation.

    `detour` says that a card or another page was opened from the last question's list.
    """

    at: str = ""
    turn: int = 0
    slots: Mapping[str, Any] | None = None
    shown: tuple[str, ...] = ()
    doings: tuple[Mapping[str, str], ...] = ()
    refs: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    offset: int = 0
    pending: Mapping[str, Any] | None = None
    before: tuple[Mapping[str, Any], ...] = ()
    detour: bool = False

    @property
    def lines(self) -> int:
        """How many lines the last reply has; of a list of tasks without what is offered below."""
        tasks = sum("card" in doing or "quote" in doing for doing in self.doings)
        return tasks or len(self.doings)

    def to_json(self) -> dict[str, Any]:
        """The state as plain JSON data."""
        return asdict(self)

    def fresh(self, now: datetime) -> bool:
        """Whether what was said before still counts."""
        if not self.at:
            return False
        return timedelta(0) <= now - datetime.fromisoformat(self.at) <= CONTEXT_LASTS


def context(state: Mapping[str, Any] | None, now: datetime) -> Context:
    """The context in `state`; an old one keeps its turn number and forgets the rest."""
    if not state:
        return Context()
    known = Context(
        at=state.get("at", ""),
        turn=state.get("turn", 0),
        slots=state.get("slots"),
        shown=tuple(state.get("shown", ())),
        doings=tuple(state.get("doings", ())),
        refs=tuple(state.get("refs", ())),
        agencies=tuple(state.get("agencies", ())),
        offset=state.get("offset", 0),
        pending=state.get("pending"),
        before=tuple(state.get("before", ())),
        detour=state.get("detour", False),
    )
    return known if known.fresh(now) else Context(turn=known.turn)


def slots(question: Question, plans: Sequence[str]) -> dict[str, Any]:
    """The question as plain data from which `restored` makes it again."""
    return {
        "want": question.want.value,
        "text": question.text,
        "agencies": [[list(m.keys), m.words] for m in question.agencies],
        "excluded": [[list(m.keys), m.words] for m in question.excluded],
        "role": question.role.value if question.role else None,
        "plans": list(question.plans or plans),
        "topic": [list(part.options[0]) for part in question.topic],
        "missing": question.missing,
        "topics": list(question.either),
        "loose": list(question.loose),
        "indicators": list(question.indicators),
        "periods": " ".join(dict.fromkeys(p.words for p in question.periods.values())),
        "clauses": " ; ".join(c.words for c in question.clauses),
        "documents": " ; ".join(d.words for d in question.documents),
        "common": question.common,
        "cues": sorted(question.cues),
        "year": question.year,
    }


def restored(
    data: Mapping[str, Any], recogniser: Recogniser, today: date, plans: Sequence[str]
) -> Question:
    """The question that `slots` kept."""
    reread = recogniser.read(
        " ; ".join(t for t in (data["periods"], data["clauses"], data["documents"]) if t),
        today,
        plans,
    )
    return Question(
        want=Want(data["want"]),
        text=data["text"],
        agencies=tuple(Mention(tuple(k), w, 0, 0) for k, w in data["agencies"]),
        excluded=tuple(Mention(tuple(k), w, 0, 0) for k, w in data["excluded"]),
        role=Role(data["role"]) if data["role"] else None,
        plans=tuple(data["plans"]),
        topic=tuple(recogniser.synonyms.part(words) for words in data["topic"]),
        topic_words=" ".join(" ".join(words) for words in data["topic"]),
        missing=data.get("missing", False),
        either=tuple(data.get("topics", ())),
        loose=tuple(data.get("loose", ())),
        indicators=tuple(data["indicators"]),
        periods=reread.periods if data["periods"] else {},
        clauses=reread.clauses if data["clauses"] else (),
        documents=reread.documents if data["documents"] else (),
        common=data["common"],
        cues=frozenset(data["cues"]),
        year=data["year"],
    )


def advanced(
    known: Context, now: datetime, data: Mapping[str, Any] | None, **changes: Any
) -> Context:
    """The context after a reply; the question before it can be gone back to."""
    before = known.before
    if known.slots and data is not None:
        before = (*before, known.slots)[-_BACK_KEPT:]
    return replace(
        Context(turn=known.turn + 1, before=before),
        at=now.isoformat(),
        slots=data if data is not None else known.slots,
        detour=data is None and bool(known.slots),
        **changes,
    )

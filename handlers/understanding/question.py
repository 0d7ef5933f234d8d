"""A question as a typed record: what is wanted, of which tasks, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from data.coverage import Part
from data.model import Kind
from data.text.clauses import ClauseRef
from data.text.dates import Period
from data.text.documents import Citation
from data.text.figures import Figure

ELSEWHERE = "other_place"
"""The scope of a question on another province; a key of `scope.yaml`."""
OTHER_YEAR = "other_year"
"""The scope of a question on a year that no plan is of."""

_ASKING = ("who", "what", "when", "how_much", "how_many", "where")
_LEAVING_OUT = ("except", "no_common", "only_common", "instead")


class Want(StrEnum):
    """The kinds of question; the keys of `kinds.yaml`."""

    TASKS = "tasks"
    LEAD = "lead"
    PARTNERS = "partners"
    RECIPIENTS = "recipients"
    DEADLINE = "deadline"
    DUE = "due"
    HEIRS = "heirs"
    OVERDUE = "overdue"
    FIGURES = "figures"
    COUNT = "count"
    MOST = "most"
    COMPARE = "compare"
    SHARED = "shared"
    INDICATORS = "indicators"
    DOCUMENTS = "documents"
    CLAUSE = "clause"
    PLAN = "plan"
    GREETING = "greeting"
    THANKS = "thanks"
    FAREWELL = "farewell"
    HELP = "help"


class Role(StrEnum):
    """In which part an agency is asked about."""

    LEAD = "lead"
    COORDINATING = "coordinating"


@dataclass(frozen=True, slots=True)
class Mention:
    """An agency named in a question; `keys` has several where the name fits several."""

    keys: tuple[str, ...]
    words: str
    start: int
    end: int
    weak: bool = False
    fuzzy: bool = False


@dataclass(frozen=True, slots=True)
class Without:
    """What a question leaves out beside agencies: "trừ việc theo dõi chỉ số"."""

    topic: tuple[Part, ...] = ()
    kinds: tuple[Kind, ...] = ()
    clauses: tuple[ClauseRef, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything is left out."""
        return bool(self.topic or self.kinds or self.clauses)


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked.

    `agencies` are those the tasks must concern, `excluded` those they must not.
    `common` is False where group duties are left out, True where only they are asked for.
    `periods` gives, per plan, the time asked about (a date without a year is of that plan's
    year); `year` is a whole year that only says which plan is meant.
    `either` says where the topics of a list begin among the parts of the topic, () for one topic;
    `faint` that the topic may be none at all.
    `missing` says that the topic has a settled name that no plan has.
    `loose` names the parts of the topic, by place, that may be none.
    `unknown` are words of weight that no plan knows; `scope` names what lies outside,
    `scope_words` the words that say so.
    """

    want: Want
    text: str
    agencies: tuple[Mention, ...] = ()
    excluded: tuple[Mention, ...] = ()
    without: Without = field(default_factory=Without)
    role: Role | None = None
    plans: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    topic: tuple[Part, ...] = ()
    topic_words: str = ""
    missing: bool = False
    either: tuple[int, ...] = ()
    faint: bool = False
    loose: tuple[int, ...] = ()
    indicators: tuple[str, ...] = ()
    periods: Mapping[str, Period] = field(default_factory=dict)
    year: int | None = None
    clauses: tuple[ClauseRef, ...] = ()
    documents: tuple[Citation, ...] = ()
    figures: tuple[Figure, ...] = ()
    common: bool | None = None
    cues: frozenset[str] = field(default_factory=frozenset)
    scope: str = ""
    scope_words: str = ""
    unknown: tuple[str, ...] = ()
    repairs: tuple[tuple[str, str], ...] = ()
    score: float = 0.0
    rivals: tuple[tuple[str, float], ...] = ()

    def has(self, *cues: str) -> bool:
        """Whether any of the cues was seen."""
        return not self.cues.isdisjoint(cues)

    @property
    def complete(self) -> bool:
        """Whether it asks something of a matter that it names, and so would do alone."""
        topical = len(self.topic_words.split()) > 1
        named = self.agencies or topical or self.indicators or self.clauses or self.documents
        return bool(named and self.has(*_ASKING)) and not (self.scope or self.missing)

    @property
    def asks(self) -> bool:
        """Whether it asks something, or says what to leave out of what is asked."""
        return self.has(*_ASKING, *_LEAVING_OUT)

    @property
    def inherited_topic(self) -> str:
        """The words of a topic that an earlier question named and this one does not."""
        said = self.text.split()
        return "" if set(self.topic_words.split()) & set(said) else self.topic_words

    @property
    def anchored(self) -> bool:
        """Whether it names anything itself, so that no earlier question is needed."""
        return bool(
            self.agencies
            or self.topic
            or self.periods
            or self.clauses
            or self.documents
            or self.indicators
        )

"""Small words by the part they play in a sentence, from `locales/vi/phrases/grammar.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from data import files
from data.text.normalise import fold
from data.text.patterns import Pattern, pattern
from handlers.understanding.phrase_files import phrases, wordings


class Use(StrEnum):
    """The part that a small word plays; `grammar.yaml` has the words and an example of each."""

    AND = "and"
    OR = "or"
    ABOUT = "about"
    OF = "of"
    THEN = "then"
    TOWARDS = "towards"
    SO_THAT = "so_that"
    MUST = "must"
    CLOSES = "closes"
    INSISTS = "insists"
    CONFIRMS = "confirms"
    WHICH = "which"
    ALSO = "also"
    MORE = "more"
    GOES_ON = "goes_on"
    ENOUGH = "enough"
    APART = "apart"
    DROP = "drop"
    OUT = "out"
    REFUSES = "refuses"
    NO_REFUSAL = "no_refusal"
    REPORT = "report"
    OLD_OR_NEW = "old_or_new"
    TOLD = "told"
    TELLS = "tells"
    PASSIVE = "passive"
    PLAN = "plan"
    PROVINCE = "province"
    DEPARTMENT = "department"
    OFFICE = "office"
    NAME = "name"
    PORTION = "portion"
    CLAUSE = "clause"
    PAGE = "page"
    BEFORE_FIGURE = "before_figure"
    HANGING = "hanging"


class Look(StrEnum):
    """What a stretch of text looks like."""

    NO_DATE = "no_date"
    NO_CLAUSE = "no_clause"
    COMPARED = "compared"
    WHICH_DEPARTMENT = "which_department"
    ASKS_WHO = "asks_who"
    ASKS_WHEN = "asks_when"
    ASKS_FIGURE = "asks_figure"
    IS_IT = "is_it"
    WHICH_TASK = "which_task"
    NEXT = "next"
    PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class Grammar:
    """The words of each use, and the pattern of each look."""

    words: Mapping[Use, frozenset[str]]
    patterns: Mapping[Look, Pattern]


@lru_cache(maxsize=1)
def grammar() -> Grammar:
    """The packaged grammar; ValueError for a part that no code knows or that has no words."""
    blocks = phrases(files.PHRASES / "grammar.yaml")
    folded, written, looks = (_block(blocks, k) for k in ("words", "written", "patterns"))
    words = {Use(key): frozenset(map(fold, value.split())) for key, value in folded.items()}
    words |= {Use(key): frozenset(value.split()) for key, value in written.items()}
    patterns = {Look(k): pattern("|".join(wordings(value))) for k, value in looks.items()}
    for part in (*Use, *Look):
        if not (words.get(part) if isinstance(part, Use) else patterns.get(part)):
            raise ValueError(part)
    return Grammar(words, patterns)


def _block(blocks: Mapping[str, object], key: str) -> Mapping[str, str]:
    block = blocks.get(key)
    if not isinstance(block, Mapping):
        raise ValueError(key)
    return {str(part): str(value) for part, value in block.items()}


def plays(word: str, *uses: Use) -> bool:
    """Whether a word plays one of the parts: given folded, but as written for HANGING and
    NO_REFUSAL."""
    words = grammar().words
    return any(word in words[use] for use in uses)


def looks(look: Look) -> Pattern:
    """The pattern for what looks so; it is held against `typed(text)`."""
    return grammar().patterns[look]

"""A question's text → a `Question`: entities first, then cues, then what is left over.

What the readers of dates, documents and clauses claim is theirs; over the rest the longest
wordings of the lexicon win; what remains is the topic.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from data.loading.directory import Province
from data.loading.library import Library
from data.model import Kind as TaskKind
from data.model import Plan
from data.search import TopicIndex
from data.text.clauses import ClauseRef, read_clauses
from data.text.dates import Period, read_periods
from data.text.documents import Citation, read_documents
from data.text.figures import Figure, read_figures
from data.text.normalise import fold, slug
from handlers.understanding import lexicon as lexicons
from handlers.understanding.intents import load_kinds, ranked
from handlers.understanding.lexicon import Entry, Lexicon, Meaning
from handlers.understanding.question import Mention, Question, Role, Want, Without
from handlers.understanding.spelling import Mended, Names, Speller, Word, careful_typist
from handlers.understanding.synonyms import Synonyms

_WORTH = {
    "section": 0.7, "agency": 0.6, "scope": 0.55, "indicator": 0.5, "province": 0.45, "cue": 0.4,
    "keep": 0.3, "noise": 0.1,
}  # fmt: skip
_WEAK_WORTH = -0.5
_LONGEST_NAME = 8
_LONGEST_HEADING = 6
_PLAN_OF_YEAR = re.compile(r"ke hoach(?: cua)?(?: tinh)?(?: nam)? (\d{4})\b")
_OFTEN_PARTS = frozenset({"where", "lead", "send", "due", "partner", "also", "except", "shared"})
_STOPS = frozenset({"who", "what", "when", "how_much", "how_many", "where"})
_AND = frozenset({",", "va", "voi", "cung", "cung voi", ", va", "&", "/"})
_OPENERS = frozenset({"the", "vay", "con", "roi"})


@dataclass(frozen=True, slots=True)
class _Piece:
    """A wording found: words `start` to `end` and what it stands for."""

    start: int
    end: int
    sort: str
    entries: tuple[Entry, ...]

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(e.meaning.value for e in self.entries))

    @property
    def weak(self) -> bool:
        return all(e.meaning.weak for e in self.entries)


@dataclass(slots=True)
class _Found:
    """What the readers and the lexicon made of a question."""

    mended: Mended
    periods: dict[str, Period] = field(default_factory=dict)
    clauses: tuple[ClauseRef, ...] = ()
    documents: tuple[Citation, ...] = ()
    figures: tuple[Figure, ...] = ()
    claimed: set[int] = field(default_factory=set)
    pieces: list[_Piece] = field(default_factory=list)
    agencies: list[Mention] = field(default_factory=list)
    excluded: list[Mention] = field(default_factory=list)
    provinces: list[str] = field(default_factory=list)
    indicators: list[str] = field(default_factory=list)
    cues: set[str] = field(default_factory=set)
    scope: str = ""
    runs: list[tuple[Word, ...]] = field(default_factory=list)
    except_words: frozenset[int] = frozenset()
    without_runs: list[tuple[Word, ...]] = field(default_factory=list)
    without_provinces: list[str] = field(default_factory=list)
    without_kinds: list[TaskKind] = field(default_factory=list)
    without_clauses: tuple[ClauseRef, ...] = ()


class Recogniser:
    """Reads questions. Built once from the library; holds no state of any conversation."""

    def __init__(self, library: Library, index: TopicIndex) -> None:
        self.library = library
        self.index = index
        self.lexicon: Lexicon = lexicons.build(library.directory, library.tasks())
        self._add_provinces(library.directory.provinces.values())
        for plan in library.plans.values():
            self.lexicon.add_name(plan.signer, Meaning("cue", "plan_signer"))
            self._add_sections(plan)
        self.synonyms = Synonyms.load(self.lexicon)
        self.speller = Speller(self.lexicon)
        self.names = Names(
            (form.text, agency.key)
            for agency in library.directory.agencies.values()
            for form in agency.forms
            if not form.weak
        )
        self.kinds = load_kinds()

    def _add_provinces(self, provinces: Iterable[Province]) -> None:
        for province in provinces:
            heir = province.successor
            for form in (*province.forms, *(heir.forms if heir else ())):
                self.lexicon.add(form.text, Meaning("province", province.slug, form.weak))

    def _add_sections(self, plan: Plan) -> None:
        """The plan's main headings as names of their clauses: "Tổ chức thực hiện"."""
        for heading in plan.headings:
            title = heading.text.partition(" ")[2]
            if heading.clause.count(".") < 2 and 2 < len(title.split()) <= _LONGEST_HEADING:
                self.lexicon.add_name(title, Meaning("section", heading.clause))

    def read(self, text: str, today: date, plans: Sequence[str]) -> Question:
        """The question in `text`, dates relative to `today`, about `plans` unless it says."""
        found = self._find(text, today, plans)
        seen = self._signs(found)
        scores = ranked(self.kinds, seen)
        want, score = scores[0] if scores else (Want.TASKS, 0.0)
        return self._question(found, seen, want, score, scores[1:4])

    def _find(self, text: str, today: date, plans: Sequence[str]) -> _Found:
        mended = self.speller.mend(text)
        found = _Found(mended)
        self._claim(found, today, plans)
        found.pieces = self._cover(found)
        found.except_words = self._exception(found)
        for piece in found.pieces:
            if piece.start in found.except_words:
                self._take_out(found, piece)
            else:
                self._take(found, piece)
        self._settle_weak(found)
        self._guess_names(found)
        self._mark(found)
        self._divide(found)
        self._preamble(found)
        return found

    def _mark(self, found: _Found) -> None:
        """The signs that stand in more than one word or in where a word stands."""
        items = found.mended.words
        if items and items[0].folded in _OPENERS:
            found.cues.add("also")
        if items and items[0].folded == "thoi":
            found.cues.discard("narrow")
        year = _PLAN_OF_YEAR.search(fold(found.mended.text))
        if year and int(year[1]) not in {p.year for p in self.library.plans.values()}:
            found.scope = found.scope or "other_year"
        asked = {"title", "who"} <= found.cues
        if asked and not {"lead", "partner", "send", "due", "when"} & found.cues:
            found.scope = found.scope or "people"

    def _divide(self, found: _Found) -> None:
        """Sets what is left out apart from what is asked for."""
        out = found.except_words
        for run in self._left_over(found):
            words = tuple(found.mended.words[i] for i in run)
            (found.without_runs if run[0] in out else found.runs).append(words)
        if any(w.folded in ("bao", "cao") for run in found.without_runs for w in run):
            found.without_kinds.append(TaskKind.REPORT)
        items = found.mended.words
        places = [(items[i].start, items[i].end) for i in sorted(out)]
        inside = [c for c in found.clauses if any(_overlap(c.span, p) for p in places)]
        found.without_clauses = tuple(inside)
        found.clauses = tuple(c for c in found.clauses if c not in inside)

    def _claim(self, found: _Found, today: date, plans: Sequence[str]) -> None:
        """Gives the readers their words: clauses, documents, then dates and figures."""
        text = found.mended.text
        found.clauses = read_clauses(text)
        found.documents = read_documents(text)
        taken = [r.span for r in (*found.documents, *found.clauses)]
        found.documents = tuple(d for d in found.documents)
        found.clauses = tuple(
            c for c in found.clauses if not any(_overlap(c.span, d.span) for d in found.documents)
        )
        for plan in plans:
            year = self.library.plans[plan].year if plan in self.library.plans else None
            periods = [
                p
                for p in read_periods(text, today, year)
                if not any(_overlap(p.span, span) for span in taken)
            ]
            if periods:
                found.periods[plan] = _spanning(periods)
        dated = [p.span for p in self._all_periods(text, today)]
        found.clauses = tuple(
            c for c in found.clauses if not any(_overlap(c.span, span) for span in dated)
        )
        taken += dated
        found.figures = tuple(
            f for f in read_figures(text) if not any(_overlap(f.span, span) for span in taken)
        )
        taken += [f.span for f in found.figures]
        found.claimed = {
            i
            for i, w in enumerate(found.mended.words)
            if any(_overlap((w.start, w.end), span) for span in taken)
        }

    def _all_periods(self, text: str, today: date) -> tuple[Period, ...]:
        return read_periods(text, today, None)

    def _cover(self, found: _Found) -> list[_Piece]:
        """The wordings that together explain most, longer ones counting for more."""
        typed = [w.text for w in found.mended.words]
        folded = [w.folded for w in found.mended.words]
        careful = [careful_typist(typed) and not w.typed for w in found.mended.words]
        count = len(typed)
        best: list[tuple[float, _Piece | None]] = [(0.0, None)] * (count + 1)
        for start in range(count - 1, -1, -1):
            choice: tuple[float, _Piece | None] = (best[start + 1][0], None)
            if start not in found.claimed:
                for end, entries in self.lexicon.matches(typed, folded, start, careful):
                    if any(i in found.claimed for i in range(start, end)):
                        continue
                    piece = _piece(start, end, entries)
                    if end == start + 1 and self._part_of_word(found, start, piece):
                        continue
                    worth = _WEAK_WORTH if piece.sort == "agency" and piece.weak else 0
                    score = (end - start) ** 2 + _WORTH[piece.sort] + worth + best[end][0]
                    if score > choice[0]:
                        choice = (score, piece)
            best[start] = choice
        pieces, at = [], 0
        while at < count:
            piece_here = best[at][1]
            if piece_here is None:
                at += 1
            else:
                pieces.append(piece_here)
                at = piece_here.end
        return pieces

    def _part_of_word(self, found: _Found, at: int, piece: _Piece) -> bool:
        """Whether a lone syllable belongs to its neighbour in the plans: the "tra" of "kiểm
        tra" is no request to look something up."""
        if piece.sort == "cue" and not _OFTEN_PARTS.issuperset(piece.values):
            return False
        if piece.sort not in ("cue", "noise", "scope"):
            return False
        items = found.mended.words
        careful = careful_typist([w.text for w in items])
        if careful and not (piece.sort == "noise" and self.index.spells(items[at].text)):
            return False
        before = at > 0 and self.index.pairs(items[at - 1].folded, items[at].folded)
        after = at + 1 < len(items) and self.index.pairs(items[at].folded, items[at + 1].folded)
        return before or after

    def _exception(self, found: _Found) -> frozenset[int]:
        """The words that say what is left out: from "trừ" to a comma or to the question."""
        items, text = found.mended.words, found.mended.text
        opening = next((p for p in found.pieces if p.sort == "cue" and "except" in p.values), None)
        if opening is None:
            return frozenset()
        end = opening.end
        while end < len(items):
            between = text[items[end - 1].end : items[end].start]
            asks = any(
                p.start == end and p.sort == "cue" and _STOPS.intersection(p.values)
                for p in found.pieces
            )
            if end > opening.end and ("," in between or ";" in between or asks):
                break
            if items[end].folded == "thi":
                break
            end += 1
        return frozenset(range(opening.end, end))

    def _take_out(self, found: _Found, piece: _Piece) -> None:
        """What is left out: agencies, provinces, focal points of indicators."""
        if piece.sort == "agency":
            said = self._said(found, piece)
            found.excluded.append(Mention(piece.values, said, piece.start, piece.end, piece.weak))
        elif piece.sort == "province":
            found.without_provinces += piece.values
        elif piece.sort == "cue" and {"indicator", "indicator_list"} & set(piece.values):
            found.without_kinds.append(TaskKind.INDICATOR)
        elif piece.sort == "cue" and "partner" in piece.values:
            found.cues.add("strict_lead")

    def _take(self, found: _Found, piece: _Piece) -> None:
        if piece.sort == "agency":
            mention = Mention(
                piece.values, self._said(found, piece), piece.start, piece.end, piece.weak
            )
            found.agencies.append(mention)
        elif piece.sort == "cue":
            found.cues.update(piece.values)
        elif piece.sort == "scope":
            found.scope = found.scope or piece.values[0]
        elif piece.sort == "province":
            found.provinces += [v for v in piece.values if v not in found.provinces]
        elif piece.sort == "indicator":
            found.indicators += [v for v in piece.values if v not in found.indicators]
        elif piece.sort == "section":
            part, _, number = piece.values[0].partition(".")
            ref = ClauseRef(part, int(number) if number else None, words=self._said(found, piece))
            found.clauses = (*found.clauses, ref)

    def _said(self, found: _Found, piece: _Piece) -> str:
        chosen = found.mended.words[piece.start : piece.end]
        return found.mended.text[chosen[0].start : chosen[-1].end]

    def _settle_weak(self, found: _Found) -> None:
        """An ordinary word names an agency only in an agency's place."""
        strong = [m for m in found.agencies if not m.weak]
        first = self._first_content(found)
        asked_who = "who" in found.cues and "partner" not in found.cues
        kept: list[Mention] = []
        for at, mention in enumerate(found.agencies):
            beside = [m for m in found.agencies[max(0, at - 1) : at + 2] if m is not mention]
            alone = not strong and mention.start == first and not asked_who
            if (
                not mention.weak
                or (alone and self._agency_place(found, mention))
                or any(self._listed(found, mention, m) and m in strong for m in beside)
            ):
                kept.append(mention)
        found.agencies = kept
        self._merge_doubts(found)

    def _listed(self, found: _Found, one: Mention, other: Mention) -> bool:
        """Whether two names stand in one list: "Công an, Sở Y tế"."""
        items, text = found.mended.words, found.mended.text
        first, second = sorted((one, other), key=lambda m: m.start)
        between = fold(text[items[first.end - 1].end : items[second.start].start]).strip()
        return between in _AND

    def _merge_doubts(self, found: _Found) -> None:
        """ "Sở nông nghiệp hay môi trường" is one name in doubt, not two agencies."""
        items, text = found.mended.words, found.mended.text
        for first in list(found.agencies):
            after = next(
                (
                    p
                    for p in found.pieces
                    if p.sort == "agency" and p.start == first.end + 1 and p.weak
                ),
                None,
            )
            if after is None or items[first.end].folded not in ("hay", "hoac"):
                continue
            said = text[items[first.start].start : items[after.end - 1].end]
            keys = tuple(dict.fromkeys((*first.keys, *after.values)))
            found.agencies = [
                m for m in found.agencies if m is not first and m.start != after.start
            ]
            found.agencies.append(Mention(keys, said, first.start, after.end))

    def _agency_place(self, found: _Found, mention: Mention) -> bool:
        """Whether nothing but cues and names follows the word: "thuế làm gì", "còn hải quan?"."""
        covered = {i for p in found.pieces for i in range(p.start, p.end)} | found.claimed
        rest = [i for i in range(mention.end, len(found.mended.words)) if i not in covered]
        spoken_of = {"mention", "indicator", "how_much", "when"} & found.cues
        return (
            not rest
            and not spoken_of
            and bool(
                {"what", "task", "lead", "also", "how_many", "partner", "mine"} & found.cues
                or len(found.mended.words) == mention.end - mention.start
            )
        )

    def _first_content(self, found: _Found) -> int:
        skipped = {
            i
            for p in found.pieces
            if p.sort in ("noise", "cue", "province")
            for i in range(p.start, p.end)
        } | found.claimed
        return next((i for i in range(len(found.mended.words)) if i not in skipped), -1)

    def _guess_names(self, found: _Found) -> None:
        """A name with a slip that is a word of its own: held against the table of names."""
        covered = {i for p in found.pieces for i in range(p.start, p.end)} | found.claimed
        items = found.mended.words
        for start, word in enumerate(items):
            mention = next((m for m in found.agencies if m.start == start), None)
            inside = any(m.start < start < m.end for m in found.agencies)
            if inside or not self.names.opens(word.folded):
                continue
            if start in covered and mention is None and not self._bare(found, start):
                continue
            shortest = mention.end if mention else start + 1
            for end in range(min(len(items), start + _LONGEST_NAME), shortest, -1):
                if any(self._taken(found, i, mention) for i in range(start, end)):
                    continue
                if mention and any(i in covered for i in range(mention.end, end)):
                    continue
                keys = self.names.nearest(tuple(w.folded for w in items[start:end]))
                if keys and (mention is None or set(keys) & set(mention.keys)):
                    self._name(found, start, end, keys, mention)
                    break

    def _taken(self, found: _Found, at: int, mention: Mention | None) -> bool:
        """Whether a word belongs to a name other than `mention`, or to a reader."""
        return at in found.claimed or any(
            m.start <= at < m.end for m in (*found.agencies, *found.excluded) if m is not mention
        )

    def _name(
        self, found: _Found, start: int, end: int, keys: tuple[str, ...], mention: Mention | None
    ) -> None:
        """Puts a name in the place of what stood at these words."""
        items = found.mended.words
        said = found.mended.text[items[start].start : items[end - 1].end]
        if mention:
            found.agencies.remove(mention)
        found.agencies.append(Mention(keys, said, start, end, fuzzy=True))
        kept = [p for p in found.pieces if p.end <= start or p.start >= end]
        found.pieces = [*kept, _Piece(start, end, "guess", ())]

    def _bare(self, found: _Found, at: int) -> bool:
        """Whether the word is covered by a piece of its own only."""
        return any(p.start == at and p.end == at + 1 for p in found.pieces)

    def _left_over(self, found: _Found) -> list[tuple[int, ...]]:
        """The runs of words that make the topic: what nothing explains, and kept compounds."""
        agencies = {i for m in (*found.agencies, *found.excluded) for i in range(m.start, m.end)}
        silent = found.claimed | agencies
        for piece in found.pieces:
            topical = piece.sort in ("keep", "indicator") or (
                piece.sort == "agency" and piece.start not in agencies
            )
            if not topical:
                silent |= set(range(piece.start, piece.end))
        left = [i for i in range(len(found.mended.words)) if i not in silent]
        runs: list[tuple[int, ...]] = []
        for i in left:
            goes_on = runs and runs[-1][-1] == i - 1
            if goes_on and ((i in found.except_words) == (i - 1 in found.except_words)):
                runs[-1] = (*runs[-1], i)
            else:
                runs.append((i,))
        return runs

    def _signs(self, found: _Found) -> set[str]:
        seen = set(found.cues)
        counted = [m for m in found.agencies if m.keys]
        groups = self.library.directory.agencies
        presence: Mapping[str, bool] = {
            "agency": bool(counted),
            "agencies": len(counted) > 1,
            "group": any(groups[k].is_group for m in counted for k in m.keys if k in groups),
            "province": bool(found.provinces),
            "period": bool(found.periods) and not self._only_year(found),
            "year": bool(found.periods) and self._only_year(found),
            "clause": bool(found.clauses),
            "document": bool(found.documents),
            "topic": any(self.index.kept([w.text for w in run]) for run in found.runs),
            "indicator_name": bool(found.indicators),
            "figure": bool(found.figures),
        }
        return seen | {name for name, there in presence.items() if there}

    def _only_year(self, found: _Found) -> bool:
        """Whether the period is a whole year that only says which plan is meant."""
        if {"due", "when", "overdue"} & found.cues:
            return False
        return all(
            p.start
            and p.end
            and (p.start.month, p.start.day, p.end.month, p.end.day) == (1, 1, 12, 31)
            and p.start.year == p.end.year
            for p in found.periods.values()
        )

    def _question(
        self,
        found: _Found,
        seen: set[str],
        want: Want,
        score: float,
        rivals: list[tuple[Want, float]],
    ) -> Question:
        kept = [run for run in found.runs if self.index.kept([w.text for w in run])]
        runs = [tuple(w.text for w in run) for run in kept]
        return Question(
            want=want,
            text=found.mended.text,
            agencies=tuple(found.agencies),
            excluded=tuple(found.excluded),
            without=self._without(found),
            role=_role(found.cues),
            plans=self._plans(found),
            provinces=tuple(found.provinces),
            topic=tuple(self.synonyms.part(run) for run in runs),
            topic_words=" ".join(" ".join(run) for run in runs),
            lead_in=self._lead_in(found, kept),
            indicators=tuple(found.indicators),
            periods=dict(found.periods) if not self._only_year(found) else {},
            year=next((p.start.year for p in found.periods.values() if p.start), None)
            if self._only_year(found)
            else None,
            clauses=found.clauses,
            documents=found.documents,
            figures=found.figures,
            common=_common(found.cues),
            cues=frozenset(seen),
            scope=found.scope,
            unknown=self._unknown(found),
            repairs=found.mended.repairs,
            score=score,
            rivals=tuple((str(w), s) for w, s in rivals),
        )

    def _preamble(self, found: _Found) -> None:
        """Drops what comes before an agency and is not its topic: "em đang tổng hợp, cho em
        hỏi việc của Sở Y tế". A topic follows a word for work: "việc thoái vốn của …"."""
        if not found.agencies or "who" in found.cues:
            return
        if not {"what", "task", "mine"} & found.cues:
            return
        items = found.mended.words
        first = min(m.start for m in found.agencies)
        named = {
            p.end
            for p in found.pieces
            if p.sort == "cue" and {"task", "mention", "indicator", "due"} & set(p.values)
        }
        kept = []
        for run in found.runs:
            at = items.index(run[0])
            unknown = any(not self.lexicon.knows(w.folded) for w in run)
            if at > first or at in named or unknown:
                kept.append(run)
        found.runs = kept

    def _lead_in(self, found: _Found, runs: Sequence[tuple[Word, ...]]) -> int:
        """How many runs come before the first agency, with nothing that makes them its topic."""
        if not found.agencies or {"mention", "except"} & found.cues:
            return 0
        first = found.mended.words[min(m.start for m in found.agencies)].start
        leading = [run for run in runs if run[0].start < first]
        if any(not self.lexicon.knows(w.folded) for run in leading for w in run):
            return 0
        return len(leading)

    def _without(self, found: _Found) -> Without:
        runs = [tuple(w.text for w in run) for run in found.without_runs]
        return Without(
            topic=tuple(self.synonyms.part(run) for run in runs if self.index.kept(run)),
            kinds=tuple(found.without_kinds),
            clauses=found.without_clauses,
        )

    def _plans(self, found: _Found) -> tuple[str, ...]:
        return tuple(
            name
            for name, plan in self.library.plans.items()
            if (not found.provinces or slug(plan.province) in found.provinces)
            and slug(plan.province) not in found.without_provinces
            and (found.provinces or found.without_provinces)
        )

    def _unknown(self, found: _Found) -> tuple[str, ...]:
        """The left-over words that no plan has, with the diacritics they were typed with."""
        return tuple(
            word.text
            for run in found.runs
            for word in run
            if not self.index.knows(word.folded) and not self.synonyms.knows(word.text)
        )


def _piece(start: int, end: int, entries: Sequence[Entry]) -> _Piece:
    """The piece for the strongest sort among the entries of one wording."""

    def rank(entry: Entry) -> float:
        weak = entry.meaning.sort == "agency" and entry.meaning.weak
        return 0.2 if weak else _WORTH[entry.meaning.sort]

    sort = max(entries, key=rank).meaning.sort
    same = tuple(e for e in entries if e.meaning.sort == sort)
    strong = tuple(e for e in same if not e.meaning.weak)
    return _Piece(start, end, sort, strong or same)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


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


def _role(cues: set[str]) -> Role | None:
    if "coordinating_role" in cues or ("partner" in cues and "lead" not in cues):
        return Role.COORDINATING
    if "strict_lead" in cues:
        return Role.LEAD
    return None


def _common(cues: set[str]) -> bool | None:
    if "no_common" in cues:
        return False
    return True if "only_common" in cues else None

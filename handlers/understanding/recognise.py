"""A question's text → a `Question`: entities first, then cues, then what is left over.

What the readers of dates, documents and clauses claim is theirs; over the rest the longest
wordings of the lexicon win; what remains is the topic.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice, pairwise

from data.loading.directory import Province
from data.loading.library import Library
from data.model import Plan
from data.search import TopicIndex
from data.text.clauses import ClauseRef
from data.text.normalise import fold, slug
from handlers.understanding import lexicon as lexicons
from handlers.understanding.asides import Asides
from handlers.understanding.claims import claim
from handlers.understanding.covering import Covering
from handlers.understanding.duties import common, role, settle_duties
from handlers.understanding.exceptions import divide, excepted, take_out
from handlers.understanding.found import Found, Piece
from handlers.understanding.intents import load_kinds, ranked
from handlers.understanding.lexicon import Lexicon, Meaning
from handlers.understanding.mentions import (
    doubt_names,
    drop_addressee,
    drop_merged,
    drop_owners,
    drop_which,
    guess_names,
    merge_doubts,
    name_kinds,
    settle_authority,
    settle_weak,
)
from handlers.understanding.names import Names
from handlers.understanding.parts import Parts
from handlers.understanding.proof import prove
from handlers.understanding.question import ELSEWHERE, Mention, Question, Want, Without
from handlers.understanding.signs import by_the_way, go_on, mark, only_year, signs
from handlers.understanding.spelling import Draft, Speller
from handlers.understanding.synonyms import Synonyms
from handlers.understanding.topics import (
    drop_crumbs,
    drop_heads,
    drop_light,
    drop_preamble,
    drop_unknown,
    either,
    faint,
    loose,
    missing,
)

_Scores = Sequence[tuple[Want, float]]
_LONGEST_HEADING = 6
_DOUBTS = 4
_JOINTS = 4


class Recogniser:
    """Reads questions. Built once from the library; holds no state of any conversation."""

    def __init__(self, library: Library, index: TopicIndex) -> None:
        prove()
        self.library = library
        self.index = index
        self.lexicon: Lexicon = lexicons.build(library.directory, library.tasks())
        self._add_provinces(library.directory.provinces.values())
        for plan in library.plans.values():
            self.lexicon.add_name(plan.signer, Meaning("cue", "plan_signer"))
            self._add_sections(plan)
        self.synonyms = Synonyms.load(self.lexicon, index)
        self.speller = Speller(self.lexicon)
        self.asides = Asides(self.lexicon)
        self._parts = Parts()
        self.names = Names(
            (form.text, agency.key)
            for agency in library.directory.agencies.values()
            for form in agency.forms
            if not form.weak
        )
        self.kinds = load_kinds()
        doing = {k for t in library.tasks() for k in (*t.lead, *t.coordinating)}
        self._in_plans = [(k, library.directory.name(k)) for k in sorted(doing)]
        self._ids = frozenset(t.id.casefold() for t in library.tasks())

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
        seen = signs(found, self.library, self.index)
        return self._question(found, seen, ranked(self.kinds, seen))

    def apart(self, question: Question, today: date, limit: Sequence[str]) -> tuple[Question, ...]:
        """The questions that a message is made of, each of which would do alone; none where it
        is one. The plans of the whole message count for each that names none."""
        parts: list[Question] = []
        rest = "" if question.scope else question.text
        while first := self._first_of(rest, today, limit):
            part, rest = first
            parts.append(part)
        if not parts or not (last := self.read(rest, today, limit)).complete:
            return ()
        return tuple(replace(q, plans=q.plans or question.plans) for q in (*parts, last))

    def _first_of(
        self, text: str, today: date, limit: Sequence[str]
    ) -> tuple[Question, str] | None:
        """The question that a text of several begins with, and what follows it."""
        for left, right in islice(self._parts.divisions(text), _JOINTS):
            first = self.read(left, today, limit)
            if first.complete:
                return first, right
        return None

    def core(self, question: Question, today: date, limit: Sequence[str]) -> Question | None:
        """The one clause of a message that would do alone, where the rest asks nothing: "lần
        trước thiếu, tôi bị nhắc; Sở Y tế lo gì"; None where there is no such clause."""
        clauses = self._parts.clauses(question.text)
        read = [self.read(clause, today, limit) for clause in clauses]
        asking = [q for q in read if q.complete]
        rest = [q for q in read if not q.complete]
        if len(asking) != 1 or not rest or any(q.scope or q.asks for q in rest):
            return None
        core = asking[0]
        if core.has("that_agency", "those"):
            return None
        if not core.agencies and any(q.agencies or self._speaks_of(q.topic_words) for q in rest):
            return None
        return replace(core, plans=core.plans or question.plans)

    def _speaks_of(self, topic: str) -> bool:
        """Whether the plans have two of the words side by side."""
        return any(self.index.pairs(a, b) for a, b in pairwise(map(fold, topic.split())))

    def title(self, want: Want) -> str:
        """What a kind of question is called."""
        return next((kind.title for kind in self.kinds if kind.want is want), want.value)

    def _find(self, text: str, today: date, plans: Sequence[str]) -> Found:
        found = self._best_read(text, today, plans)
        found.except_words = excepted(found)
        for piece in found.pieces:
            if piece.start in found.except_words and piece.sort != "scope":
                take_out(found, piece)
            else:
                _take(found, piece)
        self._add_named_provinces(found)
        if {"my_agency", "mine", "that_agency"} & found.cues and not found.agencies:
            found.agencies += self._told_of(found)
        go_on(found)
        drop_which(found)
        drop_owners(found, self.library.directory)
        settle_duties(found, self.library.directory)
        settle_authority(found)
        drop_addressee(found)
        drop_merged(found, self.library.directory)
        settle_weak(found)
        merge_doubts(found)
        guess_names(found, self.names, self.index)
        mark(found, self.library)
        divide(found)
        doubt_names(found, self.library.directory)
        drop_preamble(found, self.lexicon, self.index)
        drop_light(found, self.lexicon)
        drop_heads(found)
        drop_unknown(found, self.index)
        drop_crumbs(found)
        name_kinds(found, self._in_plans)
        return found

    def _add_named_provinces(self, found: Found) -> None:
        """The provinces within the names of agencies: "Cục Thuế tỉnh Bình Dương"."""
        typed, folded = [w.text for w in found.words], [w.folded for w in found.words]
        places = [(s, m.end) for m in found.agencies for s in range(m.start + 1, m.end)]
        named = [
            entry.meaning
            for start, last in places
            for end, entries in self.lexicon.matches(typed, folded, start)
            for entry in entries
            if end == last and entry.meaning.sort == "province" and not entry.meaning.weak
        ]
        found.provinces = list(dict.fromkeys((*found.provinces, *(m.value for m in named))))

    def _told_of(self, found: Found) -> list[Mention]:
        """The agency that a person says to be of: "em mới về Sở Nội vụ. … sở em …"."""
        typed, folded = [w.text for w in found.words], [w.folded for w in found.words]
        for start in sorted(found.aside):
            for end, entries in self.lexicon.matches(typed, folded, start):
                named = tuple(e for e in entries if e.meaning.sort == "agency")
                if named and found.aside.issuperset(range(start, end)):
                    return [found.mention(Piece(start, end, "agency", named))]
        return []

    def _best_read(self, text: str, today: date, plans: Sequence[str]) -> Found:
        """The text read so that the wordings and the readers explain most of it.

        A word in doubt is read as another only where that explains more than it costs.
        """
        draft = self.speller.draft(text)
        best, most = self._laid(draft, today, plans)
        reached, tried = most, set[int]()
        while len(tried) < _DOUBTS and (doubt := draft.doubt(tried)):
            tried.add(doubt.at)
            likelier = draft
            of_plans = self.index.spells(draft.words[doubt.at].text)
            for word in doubt.others:
                other = draft.reread(doubt.at, word)
                found, explained = self._laid(other, today, plans)
                outside = of_plans and _outside(found) > _outside(best)
                lost = (
                    outside
                    or len(found.aside) < len(best.aside)
                    or _words_of_names(found) < _words_of_names(best)
                )
                if explained - doubt.cost > most and not lost:
                    likelier, best, reached = other, found, explained
                    most = explained - doubt.cost
            if likelier is not draft:
                most = reached
                draft = self.speller.doubted(likelier)
        return best

    def _laid(self, draft: Draft, today: date, plans: Sequence[str]) -> tuple[Found, float]:
        """A draft with its claims and wordings, and how much they explain."""
        mended = self.speller.mended(draft)
        found = Found(mended, self.asides.find(mended))
        claim(found, self.library, self._ids, today, plans)
        covering = Covering(found, self.lexicon, self.index)
        found.pieces = covering.pieces()
        return found, covering.explained

    def _question(self, found: Found, seen: set[str], scores: _Scores) -> Question:
        kept = [run for run in found.runs if self.index.kept([w.text for w in run])]
        runs = [tuple(w.text for w in run) for run in kept]
        whole = only_year(found)
        years = (p.start.year for p in found.periods.values() if p.start)
        want, score = scores[0] if scores else (Want.TASKS, 0.0)
        return Question(
            want=want,
            text=found.mended.text,
            agencies=tuple(found.agencies),
            excluded=tuple(found.excluded),
            without=self._without(found),
            role=role(found.cues),
            plans=self._plans(found),
            provinces=tuple(found.provinces),
            topic=tuple(self.synonyms.part(run) for run in runs),
            topic_words=" ".join(" ".join(run) for run in runs),
            missing=missing(found, self.index),
            either=either(found, kept),
            faint=faint(found, kept),
            loose=loose(found, kept, self.lexicon, self.index),
            indicators=tuple(found.indicators),
            periods={} if whole or by_the_way(found, self.library) else dict(found.periods),
            year=next(years, None) if whole else None,
            clauses=found.clauses,
            documents=found.documents,
            figures=found.figures,
            common=common(found.cues),
            cues=frozenset(seen),
            scope=found.scope,
            scope_words=found.scope_words,
            unknown=self._unknown(found),
            repairs=found.mended.repairs,
            score=score,
            rivals=tuple((str(w), s) for w, s in scores[1:4]),
        )

    def _without(self, found: Found) -> Without:
        runs = [tuple(w.text for w in run) for run in found.without_runs]
        return Without(
            topic=tuple(self.synonyms.part(run) for run in runs if self.index.kept(run)),
            kinds=tuple(found.without_kinds),
            clauses=found.without_clauses,
        )

    def _plans(self, found: Found) -> tuple[str, ...]:
        """The plans of the provinces named, or of those not left out; else none."""
        if not found.provinces and not found.without_provinces:
            return ()
        provinces = {name: slug(plan.province) for name, plan in self.library.plans.items()}
        return tuple(
            name
            for name, province in provinces.items()
            if (not found.provinces or province in found.provinces)
            and province not in found.without_provinces
        )

    def _unknown(self, found: Found) -> tuple[str, ...]:
        """The left-over words that no plan has, with the diacritics they were typed with."""
        return tuple(
            word.text
            for run in found.runs
            for word in run
            if not self.index.knows(word.folded) and not self.synonyms.knows(word.text)
        )


def _outside(found: Found) -> bool:
    """Whether a wording speaks of what lies outside the plans, other provinces left aside."""
    return any(p.sort == "scope" and ELSEWHERE not in p.values for p in found.pieces)


def _words_of_names(found: Found) -> int:
    """How many words are part of agencies' own names."""
    return sum(p.end - p.start for p in found.pieces if p.sort == "agency" and not p.weak)


def _take(found: Found, piece: Piece) -> None:
    """What a wording stands for, put where it belongs."""
    if piece.sort == "agency":
        found.agencies.append(found.mention(piece))
    elif piece.sort == "cue":
        found.cues.update(piece.values)
    elif piece.sort == "scope":
        if found.scope in ("", ELSEWHERE):
            found.scope, found.scope_words = piece.values[0], found.said(piece.start, piece.end)
    elif piece.sort == "province":
        found.provinces += [v for v in piece.values if v not in found.provinces]
    elif piece.sort == "indicator":
        found.indicators += [v for v in piece.values if v not in found.indicators]
    elif piece.sort == "section":
        part, _, number = piece.values[0].partition(".")
        said = found.said(piece.start, piece.end)
        ref = ClauseRef(part, int(number) if number else None, words=said)
        found.clauses = (*found.clauses, ref)

"""What an official says of a task → a `Reading`; None for a question or for idle talk.

A sentence is taken for an update only where it states something of a task: a status, a
percentage, a figure. Whatever asks ("5k xong chưa?", "việc nào chưa xong", "ai làm 5k") is
left to those who answer questions. The words stand in `locales/vi/phrases/updates.yaml`.
Positions are those of the cleaned text.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from data import files
from data.deadlines import Span
from data.record import Status
from data.text.clauses import ClauseRef, read_clauses
from data.text.dates import Period, read_periods
from data.text.documents import Citation, read_documents
from data.text.figures import Figure, read_figures
from data.text.normalise import clean, compatible, fold, marked, same_word
from handlers.understanding.lexicon import Entry, Lexicon, Meaning, phrases, wordings

WEAK = "weak"
LIMIT = 2000
"""The longest note that is kept, in characters."""

_TOKEN = re.compile(r"\w+(?:[.]\w+)*")
_ID = re.compile(r"(?<![\w./-])[\wđĐ]+(?:\.\d+)?(?:-\d{1,2})?(?![\w/])(?!-\w)")
_BREAK = re.compile(r"[,;:\n()]|[.!?…](?=\s|$)|\s[-–—]+\s|->|=>")
_ASKS_AT_END = re.compile(r"[?？]\W*$|\s(?:à|hả|hử)[\s.!]*$", re.IGNORECASE)
_STATUSES = {
    "done": Status.DONE,
    "in_progress": Status.IN_PROGRESS,
    "not_started": Status.NOT_STARTED,
    "blocked": Status.BLOCKED,
    "blocked_marked": Status.BLOCKED,
}
_SAID = (
    "no_done", "no_block", "done", "in_progress", "not_started", "blocked", "blocked_marked",
    "hypothetical", "progress", "reached", "because", "noise", "noise_marked",
)  # fmt: skip
_ANSWERS = ("yes", "no", "yes_weak", "no_weak")
_BLOCKED = ("blocked", "blocked_marked")
_NOISE = ("noise", "noise_marked")
_KEPT = ("no_done", "no_block")
_EXACT = ("noise_marked", "blocked_marked")
_EXACT_IN_MARKED = ("blocked", "hypothetical", "because", "reached")
_ASKED = ("ask", "ask_end", "ask_opening")
_BOUND = re.compile(
    r"[<>≤≥]|\b(?:(?:it|thap|nhieu|cao|cham) nhat|toi (?:thieu|da)|khong|tren|duoi|phan dau)\b"
)
_NEAR = 3


class Say(StrEnum):
    """What a person does with a task by saying something."""

    UPDATE = "update"
    YES = "yes"
    NO = "no"
    FIX = "fix"
    UNDO = "undo"
    EXTEND = "extend"
    GRANT = "grant"
    REFUSE = "refuse"
    CONFIRM = "confirm"
    RETURN = "return"
    PRESS = "press"
    SUBTASK = "subtask"
    COMMENT = "comment"
    RECEIPTS = "receipts"


@dataclass(frozen=True, slots=True)
class Told:
    """A figure that was reported, and the words that say what it counts."""

    value: float
    unit: str
    about: str = ""
    reached: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What was said.

    `ids` and `clauses` name the task, `topic` are words that may. `after` are words that may
    name it where nothing else does. `percent` is progress, `figures` are held against the
    task's targets. `period` is the quarter or month that a report is for. `weak` marks words
    that might be no statement at all ("thanh toán viện phí 60%").
    """

    say: Say
    ids: tuple[str, ...] = ()
    clauses: tuple[ClauseRef, ...] = ()
    topic: str = ""
    after: str = ""
    status: Status | None = None
    percent: int | None = None
    figures: tuple[Told, ...] = ()
    documents: tuple[str, ...] = ()
    done_on: date | None = None
    period: Span | None = None
    until: date | None = None
    note: str = ""
    assignee: str = ""
    cut: bool = False
    weak: bool = False

    @property
    def names_task(self) -> bool:
        """Whether the words name a task themselves."""
        return bool(self.ids or self.clauses or self.topic)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    folded: str
    start: int
    end: int
    claimed: bool
    segment: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A wording found: words `first` up to `last`, and its key."""

    first: int
    last: int
    key: str


@dataclass(slots=True)
class _Text:
    """A text with everything that was found in it."""

    text: str
    ids: list[tuple[str, tuple[int, int]]] = field(default_factory=list)
    clauses: tuple[ClauseRef, ...] = ()
    documents: tuple[Citation, ...] = ()
    periods: tuple[Period, ...] = ()
    figures: tuple[Figure, ...] = ()
    words: list[_Word] = field(default_factory=list)
    said: list[_Piece] = field(default_factory=list)

    @property
    def marked(self) -> bool:
        """Whether any word was typed with diacritics."""
        return any(marked(w.text) for w in self.words)

    def fits(self, typed: Sequence[str], entry: Entry) -> bool:
        """Whether the typed words are the wording: diacritics may be left out, but not of a
        word that is another one without them, and not where the person types them."""
        key = entry.meaning.value
        if key in _EXACT or (key in _EXACT_IN_MARKED and self.marked):
            return all(map(same_word, typed, entry.wording))
        return all(
            same_word(t, w) or (not marked(t) and compatible(t, w))
            for t, w in zip(typed, entry.wording, strict=True)
        )

    def slice(self, first: int, last: int | None = None) -> str:
        """The text from word to word, without what surrounds it."""
        if first >= len(self.words):
            return ""
        end = self.words[last - 1].end if last is not None else len(self.text)
        return self.text[self.words[first].start : end].strip(" ,;:.-–—\n")


class Reader:
    """Reads sentences. Built once from the ids of all tasks; holds no state."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._ids = {id.casefold() for id in ids}
        self._lexicon = Lexicon()
        found = phrases(files.PHRASES / "updates.yaml")
        self._asking = tuple(key for key in found if key.startswith("ask"))
        for key, block in found.items():
            for wording in wordings(block):
                self._lexicon.add(wording, Meaning("update", key))

    def answer(self, text: str) -> tuple[Say, str] | None:
        """A yes, a no or a correction to what awaits one; the correction's own words too.

        Beside a yes or a no that says so only right after the question stands WEAK.
        """
        laid = self._laid(text, date.min)
        pieces = self._pieces(laid, ("fix", *_ANSWERS, *_NOISE))
        if not pieces or pieces[0].first:
            return None
        covered = sum(p.last - p.first for p in pieces) == len(laid.words)
        keys = {p.key for p in pieces}.difference(_NOISE)
        said = {key.removesuffix("_weak") for key in keys}
        if covered and said in ({"yes"}, {"no"}) and not _asks_at_end(laid.text):
            return Say(said.pop()), "" if keys & {"yes", "no"} else WEAK
        if pieces[0].key == "fix" and len(laid.words) > pieces[0].last:
            return Say.FIX, laid.slice(pieces[0].last)
        if covered and keys == {"fix"}:
            return Say.FIX, ""
        return None

    def read(self, text: str, today: date) -> Reading | None:
        """What is said of a task; None where nothing is, or where something is asked."""
        laid = self._laid(text, today)
        cut = len(clean(text)) > LIMIT
        reading = self._command(laid, today) or self._statement(laid, today)
        if reading and cut:
            return replace(reading, cut=True)
        return reading

    def asks(self, text: str) -> bool:
        """Whether the text is a question by its own words."""
        laid = self._laid(text, date.min)
        return self._question(laid, len(laid.words))

    def cues(self, text: str) -> set[str]:
        """The keys of all questions about the state that the text may hold."""
        laid = self._laid(text, date.min)
        return {
            piece.key
            for key in self._asking
            if key != "ask"
            for piece in self._pieces(laid, (key,), everywhere=True)
        }

    def about(self, text: str) -> str:
        """The words of a question about the state that do not ask: whose, on what, when."""
        laid = self._laid(text, date.min)
        asked = self._pieces(laid, self._asking, everywhere=True)
        taken = {i for p in asked for i in range(p.first, p.last)}
        return " ".join(w.text for i, w in enumerate(laid.words) if i not in taken)

    def ids(self, text: str) -> tuple[str, ...]:
        """The task ids that the text names."""
        return tuple(id for id, _ in self._laid(text, date.min).ids)

    def _laid(self, text: str, today: date) -> _Text:
        """The text with documents, ids, dates and figures found, in that order of right."""
        text = clean(text)[:LIMIT].strip()
        laid = _Text(text)
        laid.documents = read_documents(text)
        taken = [d.span for d in laid.documents]
        for match in _ID.finditer(text):
            if self._known(match[0]) and _free(match.span(), taken):
                laid.ids.append((match[0].casefold(), match.span()))
        taken += [span for _, span in laid.ids]
        if today > date.min:
            laid.clauses = tuple(
                c
                for c in read_clauses(text)
                if (c.letter or c.part) and c.letter_sure and _free(c.span, taken)
            )
            taken += [c.span for c in laid.clauses]
            laid.periods = tuple(
                p for p in read_periods(text, today, None) if _free(p.span, taken)
            )
            taken += [p.span for p in laid.periods]
            figures = (_bare(f) for f in read_figures(text))
            laid.figures = tuple(f for f in figures if _free(f.span, taken))
            taken += [f.span for f in laid.figures]
        laid.words = _words(text, taken)
        laid.said = self._pieces(laid, _SAID)
        return laid

    def _known(self, token: str) -> bool:
        name, dash, number = token.casefold().partition("-")
        return name in self._ids and (not dash or number.isdigit())

    def _pieces(
        self, laid: _Text, keys: Sequence[str], *, everywhere: bool = False
    ) -> list[_Piece]:
        """The wordings of these keys, longest first; an earlier key wins among equals."""
        typed = [w.text.lower() for w in laid.words]
        folded = [w.folded for w in laid.words]
        pieces, at = [], 0
        while at < len(typed):
            piece = self._piece(laid, typed, folded, at, keys, everywhere)
            if piece:
                pieces.append(piece)
            at = piece.last if piece else at + 1
        return pieces

    def _piece(
        self,
        laid: _Text,
        typed: list[str],
        folded: list[str],
        at: int,
        keys: Sequence[str],
        everywhere: bool,
    ) -> _Piece | None:
        for end, entries in self._lexicon.matches(typed, folded, at):
            run = laid.words[at:end]
            broken = any(w.segment != run[0].segment for w in run)
            if broken or (not everywhere and any(w.claimed for w in run)):
                continue
            fitting = [
                e.meaning.value
                for e in entries
                if e.meaning.value in keys and laid.fits(typed[at:end], e)
            ]
            if fitting:
                return _Piece(at, end, min(fitting, key=keys.index))
        return None

    # a question or not

    def _question(self, laid: _Text, upto: int) -> bool:
        """Whether the words before `upto` ask, or the end of the text does."""
        if _asks_at_end(laid.text):
            return True
        kept = {i for p in laid.said if p.key == "no_block" for i in range(p.first, p.last)}
        found = self._pieces(laid, _ASKED, everywhere=True)
        asked = [p for p in found if kept.isdisjoint(range(p.first, p.last))]
        if any(p.key == "ask" and p.first < upto for p in asked):
            return True
        greeting = self._pieces(laid, _NOISE)
        start = 0
        for piece in greeting:
            if piece.first == start:
                start = piece.last
        if any(p.key == "ask_opening" and p.first in (0, start) for p in asked):
            return True
        last = len(laid.words)
        while any(p.last == last and p.key in _NOISE for p in greeting) and last > upto:
            last -= 1
        return any(
            p.last in (last, len(laid.words)) and self._open_end(laid, p)
            for p in self._pieces(laid, ("ask_end",), everywhere=True)
        )

    def _open_end(self, laid: _Text, piece: _Piece) -> bool:
        """Whether "chưa" at the end asks; "vẫn chưa" does not, nor does a lone word."""
        before = laid.words[piece.first - 1].folded if piece.first else ""
        return piece.first > 0 and before not in ("van", "con")

    # statements

    def _statement(self, laid: _Text, today: date) -> Reading | None:
        signal = self._signal(laid)
        if signal is None:
            return None
        status, at, end = signal
        zone = self._stop(laid, end, laid.words[min(at, len(laid.words) - 1)].segment)
        if self._question(laid, max(zone, at + 1)) or self._lists(laid, at):
            return None
        reading = self._told(laid, status, at, end, today)
        return None if reading is None or self._asks_on(laid, reading) else reading

    def _lists(self, laid: _Text, at: int) -> bool:
        """ "việc đang làm", "nhiệm vụ hoàn thành": a list is asked for."""
        opening = laid.words[:at]
        names = " ".join(w.folded for w in opening)
        return names in ("viec", "nhiem vu", "cong viec") and not laid.ids

    def _asks_on(self, laid: _Text, reading: Reading) -> bool:
        """Whether the text ends in a question of its own, and not in a reason."""
        if reading.status is Status.BLOCKED:
            return False
        last = len(laid.words)
        noise = {p.last: p.first for p in laid.said if p.key in _NOISE}
        while last in noise:
            last = noise[last]
        asked = self._pieces(laid, ("ask", "ask_end"), everywhere=True)
        return any(p.last in (last, len(laid.words)) and self._open_end(laid, p) for p in asked)

    def _signal(self, laid: _Text) -> tuple[Status | None, int, int] | None:
        """The status that is stated, or None for a mere figure, and the words that state it."""
        stated = [p for p in laid.said if p.key in _STATUSES and not self._supposed(laid, p)]
        stated = [p for p in stated if not self._only_note(laid, p, stated)]
        blocked = next((p for p in stated if p.key in _BLOCKED), None)
        piece = blocked or (stated[0] if stated else None)
        if piece:
            return _STATUSES[piece.key], piece.first, piece.last
        figure = self._first_figure(laid)
        if figure is None:
            return None
        first = next((i for i, w in enumerate(laid.words) if w.start >= figure.span[0]), 0)
        last = next((i for i, w in enumerate(laid.words) if w.start >= figure.span[1]), None)
        return None, first, len(laid.words) if last is None else last

    def _only_note(self, laid: _Text, piece: _Piece, stated: list[_Piece]) -> bool:
        """Whether a status stands behind the reason of another one."""
        return any(
            other.first < piece.first and other.key in _BLOCKED and piece.key not in _BLOCKED
            for other in stated
        )

    def _supposed(self, laid: _Text, piece: _Piece) -> bool:
        """Whether "phải", "khi", "nếu" stand close before, in the same segment."""
        segment = laid.words[piece.first].segment
        return any(
            p.key == "hypothetical"
            and laid.words[p.first].segment == segment
            and 0 <= piece.first - p.last <= _NEAR
            for p in laid.said
        )

    def _first_figure(self, laid: _Text) -> Figure | None:
        for figure in laid.figures:
            if laid.ids or laid.clauses:
                return figure
            if not _BOUND.search(fold(figure.words)) and (
                figure.unit == "%" or self._marked(laid, figure, "reached")
            ):
                return figure
        return None

    def _marked(self, laid: _Text, figure: Figure, *keys: str) -> bool:
        """Whether "đạt", "còn" … stand right before the figure."""
        return self._before(laid, figure, *keys) is not None

    def _before(self, laid: _Text, figure: Figure, *keys: str) -> str | None:
        """Those words, folded."""
        before = [i for i, w in enumerate(laid.words) if w.end <= figure.span[0]]
        found = [
            p for p in laid.said if before and p.key in keys and p.last - 1 <= before[-1] <= p.last
        ]
        if not found:
            return None
        return " ".join(w.folded for w in laid.words[found[-1].first : found[-1].last])

    def _told(
        self, laid: _Text, status: Status | None, at: int, end: int, today: date
    ) -> Reading | None:
        percent, figures, counted = self._figures(laid, status, at)
        topic, after, rest = self._topic(laid, at, end, counted)
        note = self._note(laid, status, at, end, rest, counted)
        if status is None or (status is Status.DONE and percent not in (None, 100)):
            status = _inferred(percent)
        done_on = self._done_on(laid) if status is Status.DONE else None
        named = bool(laid.ids or laid.clauses)
        stated = any(p.key in _STATUSES for p in laid.said)
        if status is Status.DONE and self._ahead(laid, today):
            return None
        return Reading(
            Say.UPDATE,
            ids=tuple(id for id, _ in laid.ids),
            clauses=laid.clauses,
            topic="" if named else topic,
            after=after,
            status=status,
            percent=percent,
            figures=figures,
            documents=tuple(d.words for d in laid.documents),
            done_on=done_on,
            period=_span(laid.periods),
            note=note,
            weak=not named and not stated and not self._sure(laid),
        )

    def _ahead(self, laid: _Text, today: date) -> bool:
        """Whether "hoàn thành" goes with a time to come, so that it is what must be done."""
        if any(w.folded in ("da", "roi", "vua") for w in laid.words):
            return False
        return any(
            p.end is not None
            and p.end > today
            and (p.kind in ("before", "until") or p.start is None or p.start > today)
            for p in laid.periods
        )

    def _sure(self, laid: _Text) -> bool:
        return any(self._marked(laid, f, "reached", "progress") for f in laid.figures)

    def _figures(
        self, laid: _Text, status: Status | None, at: int
    ) -> tuple[int | None, tuple[Told, ...], set[int]]:
        """Progress, reported figures, and the words that say what these count."""
        percent: int | None = None
        told: list[Told] = []
        counted: set[int] = set()
        for figure in laid.figures:
            first = next(
                (i for i, w in enumerate(laid.words) if w.start >= figure.span[1]), len(laid.words)
            )
            if status is Status.BLOCKED and first > at:
                continue
            about = self._about(laid, figure, first)
            counted.update(range(first, first + len(about)))
            before = self._before(laid, figure, "reached") or ""
            reached = "dat" in before.split() or "con" in before.split()
            words = " ".join(w.text for w in about)
            if figure.unit == "%" and not about and not reached and 0 <= figure.value <= 100:
                percent = round(figure.value) if percent is None else percent
            else:
                told.append(Told(figure.value, figure.unit, words, reached))
        return percent, tuple(told), counted

    def _about(self, laid: _Text, figure: Figure, first: int) -> list[_Word]:
        """The words right behind a figure, up to the end of its segment or a wording."""
        taken = {i for p in laid.said for i in range(p.first, p.last)}
        gap = (
            laid.text[figure.span[1] : laid.words[first].start] if first < len(laid.words) else ""
        )
        if first >= len(laid.words) or gap.strip():
            return []
        about: list[_Word] = []
        for i in range(first, len(laid.words)):
            word = laid.words[i]
            if word.claimed or i in taken or word.segment != laid.words[first].segment:
                break
            about.append(word)
        return about

    def _free_words(self, laid: _Text, counted: set[int]) -> list[int]:
        """The words that nothing else explains."""
        said = [p for p in laid.said if p.key not in _KEPT]
        taken = {i for p in said for i in range(p.first, p.last)} | counted
        return [
            i
            for i, w in enumerate(laid.words)
            if not w.claimed and i not in taken and not w.text.isdigit()
        ]

    def _topic(self, laid: _Text, at: int, end: int, counted: set[int]) -> tuple[str, str, int]:
        """The words that may name the task, those that may else, and where the rest begins."""
        free = self._free_words(laid, counted)
        segment = laid.words[min(at, len(laid.words) - 1)].segment if laid.words else 0
        named = bool(laid.ids or laid.clauses)
        before = [i for i in free if i < at]
        stop = self._stop(laid, end, segment)
        behind = [i for i in free if end <= i < stop and laid.words[i].segment == segment]
        later = [i for i in free if i >= stop or laid.words[i].segment > segment]
        following = laid.words[later[0]].segment if later else segment
        after = self._joined(laid, [i for i in later if laid.words[i].segment == following])
        if named:
            last_id = max(
                span[1] for span in [s for _, s in laid.ids] + [c.span for c in laid.clauses]
            )
            rest = [i for i in free if i >= end and laid.words[i].start >= last_id]
            return "", "", rest[0] if rest else len(laid.words)
        if before:
            return self._joined(laid, before), after, behind[0] if behind else _or_end(laid, later)
        if behind:
            return self._joined(laid, behind), after, _or_end(laid, later)
        reported = " ".join(w.folded for w in laid.words[at:end])
        topic = "báo cáo" if "bao cao" in reported or "nop" in reported else ""
        return topic, after, _or_end(laid, later)

    def _stop(self, laid: _Text, end: int, segment: int) -> int:
        """Where "vì", "theo", "nhưng" or another segment begin the note."""
        for i in range(end, len(laid.words)):
            if laid.words[i].segment > segment:
                return i
            if any(p.key == "because" and p.first == i for p in laid.said):
                return i
        return len(laid.words)

    def _joined(self, laid: _Text, places: Sequence[int]) -> str:
        return " ".join(laid.words[i].text for i in places)

    def _note(
        self,
        laid: _Text,
        status: Status | None,
        at: int,
        end: int,
        rest: int,
        counted: set[int],
    ) -> str:
        """What is said beyond the fields, in the person's words."""
        if status is Status.BLOCKED:
            waits = laid.words[at].folded in ("cho", "dang", "con", "phai") and end - at <= 2
            waits = waits and laid.words[end - 1].folded == "cho"
            while end < len(laid.words) and laid.words[end].claimed:
                end += 1
            return laid.slice(at if waits else end)
        if rest >= len(laid.words):
            return ""
        because = [p for p in laid.said if p.key == "because" and p.last == rest]
        return laid.slice(because[0].first if because else rest)

    def _done_on(self, laid: _Text) -> date | None:
        """The day on which it was done; a day right behind a document is the document's."""
        for period in laid.periods:
            if period.kind != "day" or period.start != period.end or period.every:
                continue
            gaps = [
                laid.text[d.span[1] : period.span[0]]
                for d in laid.documents
                if d.span[1] <= period.span[0]
            ]
            if all(gap.strip(" ,") or len(gap) > _NEAR for gap in gaps):
                return period.start
        return None

    # what else is done with a task

    def _command(self, laid: _Text, today: date) -> Reading | None:
        if not laid.words:
            return None
        found = self._pieces(laid, _COMMANDS)
        piece = next((p for p in found if self._leads(laid, p)), None)
        if piece is None:
            return None
        say = Say(piece.key)
        if say in (Say.UNDO, Say.RECEIPTS):
            return self._bare(laid, say, piece)
        stop = self._reason_at(laid, piece.last)
        if self._question(laid, stop) and say is not Say.SUBTASK:
            return None
        reading = self._commanded(laid, say, piece, stop)
        named = reading.ids or reading.clauses
        return None if not named and self._question(laid, len(laid.words)) else reading

    def _leads(self, laid: _Text, piece: _Piece) -> bool:
        """Whether nothing but a task's name stands before the command."""
        if piece.key in _ANYWHERE:
            return True
        noise = {i for p in laid.said if p.key in _NOISE for i in range(p.first, p.last)}
        return all(laid.words[i].claimed or i in noise for i in range(piece.first))

    def _bare(self, laid: _Text, say: Say, piece: _Piece) -> Reading | None:
        noise = {i for p in self._pieces(laid, _NOISE) for i in range(p.first, p.last)}
        rest = [
            i
            for i in range(len(laid.words))
            if not piece.first <= i < piece.last and i not in noise and not laid.words[i].claimed
        ]
        if rest or (say is Say.UNDO and _asks_at_end(laid.text)):
            return None
        return Reading(say, ids=tuple(id for id, _ in laid.ids), clauses=laid.clauses)

    def _reason_at(self, laid: _Text, start: int) -> int:
        """Where the reason begins: behind "vì", or behind the colon."""
        segment = laid.words[start - 1].segment
        for i in range(start, len(laid.words)):
            if any(p.key == "because" and p.first == i for p in laid.said):
                return i
            opened = laid.words[i].segment > segment
            if opened and (laid.ids or laid.clauses or i > start) and self._free_from(laid, i):
                return i
        return len(laid.words)

    def _free_from(self, laid: _Text, i: int) -> bool:
        return not laid.words[i].claimed

    def _commanded(self, laid: _Text, say: Say, piece: _Piece, stop: int) -> Reading:
        plain = [p for p in laid.said if p.key in (*_NOISE, "because")]
        noise = {i for p in plain for i in range(p.first, p.last)}
        until = self._pieces(laid, ("until",))
        dated = {i for p in until for i in range(p.first, p.last)}
        topic = [
            i
            for i in range(stop)
            if not laid.words[i].claimed
            and not piece.first <= i < piece.last
            and i not in noise
            and i not in dated
        ]
        reason = self._pieces(laid, ("because",))
        at = next((p.last for p in reason if p.first == stop), stop)
        named = bool(laid.ids or laid.clauses)
        if say is Say.SUBTASK:
            return self._subtask(laid, piece)
        if named and stop >= len(laid.words) and say in (Say.RETURN, Say.COMMENT, Say.REFUSE):
            at = next((i for i in topic if i >= piece.last), stop)
        return Reading(
            say,
            ids=tuple(id for id, _ in laid.ids),
            clauses=laid.clauses,
            topic="" if named else self._joined(laid, topic),
            documents=tuple(d.words for d in laid.documents),
            until=next((p.end for p in laid.periods if p.end), None),
            period=_span(laid.periods),
            note=laid.slice(at),
        )

    def _subtask(self, laid: _Text, piece: _Piece) -> Reading:
        """ "thêm việc con 5k: lắp máy POS hạn 30/6 giao anh Nam"."""
        start = piece.last
        noise = {i for p in laid.said if p.key in _NOISE for i in range(p.first, p.last)}
        while start < len(laid.words) and (laid.words[start].claimed or start in noise):
            start += 1
        assign = [p for p in self._pieces(laid, ("assign",)) if p.first > start]
        due = next((p for p in laid.periods if p.end), None)
        dated = [i for i, w in enumerate(laid.words) if due and w.start >= due.span[0]]
        until = [
            p.first
            for p in self._pieces(laid, ("until",))
            if dated and p.first > start and dated[0] - p.last in (-1, 0, 1)
        ]
        ends = [p.first for p in assign] + until + [i for i in dated[:1] if i > start]
        stop = min(ends, default=len(laid.words))
        assignee = ""
        if assign:
            after = [e for e in ends if e > assign[-1].first]
            assignee = laid.slice(assign[-1].last, min(after, default=len(laid.words)))
        return Reading(
            Say.SUBTASK,
            ids=tuple(id for id, _ in laid.ids),
            clauses=laid.clauses,
            until=due.end if due else None,
            note=laid.slice(start, stop) if stop > start else "",
            assignee=assignee,
        )


_COMMANDS = (
    "undo", "grant", "refuse", "extend", "return", "confirm", "press", "subtask",
    "comment", "receipts",
)  # fmt: skip
_ANYWHERE = ("undo", "grant", "refuse", "extend", "receipts")


def _words(text: str, taken: Sequence[tuple[int, int]]) -> list[_Word]:
    """The words of a text, each with its segment; breaks within claimed places are none."""
    breaks = [m.start() for m in _BREAK.finditer(text) if _free(m.span(), taken)]
    found = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        claimed = not _free((start, end), taken)
        segment = sum(b < start for b in breaks)
        found.append(_Word(match[0], fold(match[0]), start, end, claimed, segment))
    return found


def _free(span: tuple[int, int], taken: Iterable[tuple[int, int]]) -> bool:
    return not any(span[0] < end and start < span[1] for start, end in taken)


def _bare(figure: Figure) -> Figure:
    """The figure without the words before it: "xay dung con 58 ngay" has no "đúng" in it."""
    digit = re.search(r"\d", figure.words)
    start = figure.span[0] + (digit.start() if digit else 0)
    return replace(figure, span=(start, figure.span[1]))


def _asks_at_end(text: str) -> bool:
    return bool(_ASKS_AT_END.search(text))


def _or_end(laid: _Text, places: Sequence[int]) -> int:
    return places[0] if places else len(laid.words)


def _inferred(percent: int | None) -> Status | None:
    """The status that a mere percentage means."""
    if percent is None:
        return None
    return {0: Status.NOT_STARTED, 100: Status.DONE}.get(percent, Status.IN_PROGRESS)


def _span(periods: Iterable[Period]) -> Span | None:
    """The month, quarter, half or year that is named."""
    for period in periods:
        if period.kind in ("month", "quarter", "half", "year") and period.start and period.end:
            return period.start, period.end
    return None

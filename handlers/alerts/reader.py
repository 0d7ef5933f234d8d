"""What somebody says of reminders → a `Said`; None for everything else.

A message is of this kind only if it begins with the words for it, or asks what is followed
and why nothing came. The words stand in `locales/vi/phrases/subscriptions.yaml`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from data import files
from data.reminders import LONGEST_LEAD
from data.text.dates import read_periods
from data.text.documents import read_documents
from data.text.normalise import clean, compatible, fold
from handlers.alerts.deeds import Deed, Said
from handlers.understanding.lexicon import Lexicon, Meaning
from handlers.understanding.phrase_files import phrases, wordings

_LIKELY = re.compile(
    r"nhac|theo doi|dang ki|dang ky|follow|nghi|vang|cong tac|di hoc|lam (?:viec )?(?:lai|tro lai)"
    r"|lich|bao cao|nop|gui|ban tin|nhan|tin|thong bao|bao (?:cho )?(?:toi|em|minh)"
)
_WORD = re.compile(r"\w+(?:[./-]\w+)*")
_LEADS = re.compile(
    r"(?<!\w)truoc(?: (?:han|khi den han))? "
    r"((?:\d{1,3}|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi)(?:[\s,]+(?:va )?\d{1,3})*)"
    r"\s*(ngay|tuan|thang|hom)\b"
)
_AGAIN = re.compile(r"(?<!\w)sau (\d{1,3}|mot|hai|ba|bon|nam|sau|bay|muoi)\s*(ngay|tuan|hom)\b")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})\s*(?:gio|h|g|:)\s*(\d{2}|ruoi)?(?: (sang|chieu|toi))?")
_QUESTION = re.compile(r"[?？]\s*$|\b(?:khong|chua|a|ha|hu)\W*$")
_NUMBERS = {
    "mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9,
    "muoi": 10,
}  # fmt: skip
_UNITS = {"ngay": 1, "hom": 1, "tuan": 7, "thang": 30}
_WEEKDAYS = {
    "monday": (0,), "tuesday": (1,), "wednesday": (2,), "thursday": (3,), "friday": (4,),
    "saturday": (5,), "sunday": (6,), "weekend": (5, 6),
}  # fmt: skip
_OPENING = (
    "why", "list", "back", "leave", "revoke", "calendar", "again", "hour", "stop", "follow",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Piece:
    first: int
    last: int
    key: str


class Reader:
    """Reads messages about reminders. Built once from the ids of all tasks."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = {id.casefold() for id in ids}
        self._lexicon = Lexicon()
        for key, block in phrases(files.PHRASES / "subscriptions.yaml").items():
            for wording in wordings(block):
                self._lexicon.add(wording, Meaning("alerts", key))

    def read(self, text: str, today: date) -> Said | None:
        """What is said of reminders; None where nothing is."""
        text = clean(text).strip()
        if not _LIKELY.search(fold(text)):
            return None
        typed = [match[0] for match in _WORD.finditer(text)]
        if not typed or len(typed) > 60:
            return None
        pieces = self._pieces(typed)
        keys = {piece.key for piece in pieces}
        report = self._report(text, typed, pieces, keys, today)
        if report is not None:
            return report
        opening = self._opening(typed, pieces)
        if opening is None:
            return None
        asking = "asks" in keys or bool(_QUESTION.search(fold(text)))
        if asking and opening.key not in ("why", "list", "again", "calendar"):
            return None
        return self._said(text, typed, pieces, opening, today)

    def _pieces(self, typed: list[str]) -> list[_Piece]:
        """Every wording, longest first; words inside one wording are not looked at again."""
        lowered = [word.lower() for word in typed]
        folded = [fold(word) for word in typed]
        found, at = [], 0
        while at < len(typed):
            piece = self._piece(lowered, folded, at)
            if piece:
                found.append(piece)
            at = piece.last if piece else at + 1
        return found

    def _piece(self, typed: list[str], folded: list[str], at: int) -> _Piece | None:
        for end, entries in self._lexicon.matches(typed, folded, at):
            keys = [
                entry.meaning.value
                for entry in entries
                if all(map(compatible, typed[at:end], entry.wording))
            ]
            if keys:
                return _Piece(at, end, min(keys, key=_order))
        return None

    def _opening(self, typed: Sequence[str], pieces: Sequence[_Piece]) -> _Piece | None:
        """The wording with which the message begins, after what is only polite."""
        at = 0
        for piece in pieces:
            if piece.first != at:
                return None
            if piece.key in _OPENING:
                return piece
            if piece.key not in ("polite", "hand"):
                return None
            at = piece.last
        return None

    def _said(
        self,
        text: str,
        typed: list[str],
        pieces: list[_Piece],
        opening: _Piece,
        today: date,
    ) -> Said | None:
        folded = " ".join(fold(text).split())
        rest = self._rest(typed, pieces, opening)
        ids = tuple(w.casefold() for w in typed[opening.last :] if w.casefold() in self._ids)
        if opening.key == "revoke" and rest:
            return None
        keys = {piece.key for piece in pieces}
        said = Said(
            Deed(opening.key),
            ids,
            rest,
            leads=_leads(folded),
            weekdays=tuple(d for p in pieces for d in _WEEKDAYS.get(p.key, ())),
            report="report" in keys,
            digest="digest" in keys,
            this="this" in keys,
        )
        return _completed(said, text, folded, typed, pieces, today)

    def _rest(self, typed: list[str], pieces: Sequence[_Piece], opening: _Piece) -> str:
        """The words that are left for a topic or a name."""
        taken = {i for p in pieces for i in range(p.first, p.last) if p.key not in ("asks",)}
        left = " ".join(
            word
            for i, word in enumerate(typed)
            if i >= opening.last and i not in taken and word.casefold() not in self._ids
        )
        leads = _LEADS.search(fold(left))
        return f"{left[: leads.start()]} {left[leads.end() :]}".strip() if leads else left

    def _report(
        self,
        text: str,
        typed: list[str],
        pieces: Sequence[_Piece],
        keys: set[str],
        today: date,
    ) -> Said | None:
        """ "Sở Y tế đã nộp báo cáo quý I, số 45/BC-SYT"."""
        deeds = [p for p in pieces if p.key in ("reported", "unreported")]
        if len(deeds) != 1 or "asks" in keys or _QUESTION.search(fold(text)):
            return None
        spoken = fold(" ".join(typed))
        spans = [p for p in read_periods(text, today, None) if p.kind in ("quarter", "year")]
        if "bao cao" not in spoken or not spans or spans[0].end is None:
            return None
        start, end = spans[0].start or spans[0].end, spans[0].end
        cited = [document.words for document in read_documents(text)]
        number = cited[0] if cited else ""
        return Said(Deed(deeds[0].key), span=(start, end), number=number, report=True)


def _order(key: str) -> int:
    return _OPENING.index(key) if key in _OPENING else len(_OPENING)


def _completed(
    said: Said, text: str, folded: str, typed: list[str], pieces: list[_Piece], today: date
) -> Said | None:
    """What the deed needs beyond its own words; None where it is missing."""
    match said.deed:
        case Deed.HOUR:
            clock = _CLOCK.search(folded)
            return Said(Deed.HOUR, minute=_minute(clock)) if clock else None
        case Deed.AGAIN:
            found = _AGAIN.search(folded)
            days = _number(found[1]) * _UNITS[found[2]] if found else 0
            return Said(Deed.AGAIN, said.ids, days=days, this=said.this)
        case Deed.LEAVE:
            return _leave(text, typed, pieces, today)
        case Deed.STOP if said.weekdays and not said.ids:
            return Said(Deed.REST, weekdays=said.weekdays)
        case Deed.FOLLOW if said.weekdays and not said.ids:
            return Said(Deed.WORK, weekdays=said.weekdays)
    return said


def _leave(text: str, typed: list[str], pieces: list[_Piece], today: date) -> Said | None:
    spans = read_periods(text, today, None)
    if not spans:
        return None
    first = next((p.start for p in spans if p.start), None) or today
    last = next((p.end for p in reversed(spans) if p.end), None)
    if last is None or last < today:
        return None
    hand = next((p for p in pieces if p.key == "hand"), None)
    named = " ".join(typed[hand.last :]) if hand else ""
    if any(p.key == "deputy" for p in pieces) or (hand and not named):
        named = "*"
    return Said(Deed.LEAVE, span=(max(first, today), last), deputy=named)


def _leads(folded: str) -> tuple[int, ...]:
    found = _LEADS.search(folded)
    if not found:
        return ()
    unit = _UNITS[found[2]]
    days = {_number(word) * unit for word in re.findall(r"\w+", found[1]) if word != "va"}
    return tuple(sorted((d for d in days if 0 <= d <= LONGEST_LEAD), reverse=True))


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word]


def _minute(clock: re.Match[str]) -> int | None:
    hour = int(clock[1])
    minute = 30 if clock[2] == "ruoi" else int(clock[2] or 0)
    if clock[3] in ("chieu", "toi") and hour < 12:
        hour += 12
    return hour * 60 + minute if hour < 24 and minute < 60 else None

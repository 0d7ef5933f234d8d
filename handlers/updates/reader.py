"""What an official says of a task → a `Reading`; None for a question or for idle talk.

A sentence is taken for an update only where it states something of a task: a status, a
percentage, a figure. Whatever asks ("5k xong chưa?", "việc nào chưa xong", "ai làm 5k") is
left to those who answer questions. The words stand in `locales/vi/phrases/updates.yaml`.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from data.record import Status
from data.text.dates import read_faulty
from data.text.normalise import clean
from handlers.updates.asking import asks_at_end, question
from handlers.updates.commands import command
from handlers.updates.reading import WEAK, Reading, Say
from handlers.updates.sentences import LIMIT, NOISE, Grammar
from handlers.updates.statements import statement

_NEGATIVE = re.compile(r"(?:^|[\s:])[-−]\d+(?:[.,]\d+)?\s*(?:%|phần trăm\b)")
_DATED = (Say.UPDATE, Say.EXTEND, Say.SUBTASK)
_ANSWERS = ("yes", "no", "yes_weak", "no_weak")


def _date(words: str) -> bool:
    """Whether words that are no date were meant for one: "12/15" may count something."""
    parts = [int(each) for each in re.findall(r"\d+", words)]
    return len(parts) != 2 or not words[:1].isdigit() or parts[0] > parts[1]


class Reader:
    """Reads sentences. Built once from the ids of all tasks; holds no state."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._grammar = Grammar(ids)

    def answer(self, text: str) -> tuple[Say, str] | None:
        """A yes, a no or a correction to what awaits one; the correction's own words too.

        Beside a yes or a no that says so only right after the question stands WEAK.
        """
        laid = self._grammar.laid(text, date.min)
        pieces = laid.pieces(("fix", *_ANSWERS, *NOISE))
        if not pieces or pieces[0].first:
            return None
        covered = sum(p.last - p.first for p in pieces) == len(laid.words)
        keys = {p.key for p in pieces}.difference(NOISE)
        said = {key.removesuffix("_weak") for key in keys}
        if covered and said in ({"yes"}, {"no"}) and not asks_at_end(laid.text):
            return Say(said.pop()), "" if keys & {"yes", "no"} else WEAK
        if pieces[0].key == "fix" and len(laid.words) > pieces[0].last:
            return Say.FIX, laid.slice(pieces[0].last)
        if covered and keys == {"fix"}:
            return Say.FIX, ""
        return None

    def only_answers(self, text: str, today: date) -> bool:
        """Whether the text can be nothing but an answer: "đúng", "hủy", "sửa 70%"; not "đổi
        sang kế hoạch khác"."""
        answer = self.answer(text)
        if answer is None or answer[1] == WEAK or self.asks(text):
            return False
        if answer[0] is not Say.FIX:
            return True
        if not answer[1]:
            pieces = self._grammar.laid(text, today).pieces(("fix", *NOISE))
            return pieces[0].key == "fix"
        fixed = self.read(answer[1], today)
        return fixed is not None and not fixed.names_task

    def read(self, text: str, today: date) -> Reading | None:
        """What is said of a task; None where nothing is, or where something is asked."""
        laid = self._grammar.laid(text, today)
        cut = len(clean(text)) > LIMIT
        reading = command(laid, today) or statement(laid, today)
        if reading and cut:
            return replace(reading, cut=True)
        return reading

    def asks(self, text: str) -> bool:
        """Whether the text is a question by its own words."""
        laid = self._grammar.laid(text, date.min)
        return question(laid, len(laid.words))

    def negative(self, text: str) -> bool:
        """Whether less than nothing is reported of a task that is named: "5k -5%"."""
        laid = self._grammar.laid(text, date.min)
        below = bool(laid.ids and _NEGATIVE.search(laid.text))
        return below and not question(laid, len(laid.words))

    def faulty(self, text: str, reading: Reading, today: date) -> tuple[str, ...]:
        """The words of dates that no calendar has, where a date matters to what is said."""
        if reading.say not in _DATED or reading.status is Status.BLOCKED:
            return ()
        laid = self._grammar.laid(text, today)
        plain = laid.text
        for start, end in (*(d.span for d in laid.documents), *laid.shares):
            plain = plain[:start] + " " * (end - start) + plain[end:]
        return tuple(words for words in read_faulty(plain, today.year) if _date(words))

    def cues(self, text: str) -> set[str]:
        """The keys of all questions about the state that the text may hold."""
        laid = self._grammar.laid(text, date.min)
        return {
            piece.key
            for key in self._grammar.asking
            if key != "ask"
            for piece in laid.pieces((key,), everywhere=True)
        }

    def about(self, text: str) -> str:
        """The words of a question about the state that do not ask: whose, on what, when."""
        laid = self._grammar.laid(text, date.min)
        asked = laid.pieces(self._grammar.asking, everywhere=True)
        taken = {i for p in asked for i in range(p.first, p.last)}
        return " ".join(w.text for i, w in enumerate(laid.words) if i not in taken)

    def ids(self, text: str) -> tuple[str, ...]:
        """The task ids that the text names."""
        return tuple(id for id, _ in self._grammar.laid(text, date.min).ids)

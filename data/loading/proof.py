"""Proof that a registry loses nothing: every line of the plan's duties stands in a passage."""

import re
from collections.abc import Iterator

from data.loading.repair import Line, Repaired

_BEGIN = re.compile(r"II\.\s")
_LAST_PART = re.compile(r"III\.\s")
_SIGNED = re.compile(r"Nơi nhận|(?:KT|TM|TL|Q)\.\s*[A-ZĐÀ-Ỹ]{2}")
_MARKS = " -–+•*"
_SHOWN = 40


class Proof:
    """Marks the passages of a registry in the plan's text, each at a place of its own."""

    def __init__(self, repaired: Repaired) -> None:
        self.text = repaired.text
        self._repaired = repaired
        self._covered = bytearray(len(self.text))
        self._begins = _begins(repaired)
        self._used: dict[str, int] = {}

    def mark(self, passage: str) -> bool:
        """Whether the text contains the passage, once more than it was marked before."""
        start = self._next(passage)
        if start < 0:
            return False
        end = start + len(passage)
        self._used[passage] = end
        self._covered[start:end] = b"\1" * (end - start)
        return True

    def differing(self, passage: str) -> str:
        """The piece of a passage around the point where the text no longer agrees."""
        low, high = 0, len(passage)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if passage[:middle] in self.text else (low, middle - 1)
        begin = max(0, low - _SHOWN)
        return passage[begin : low + _SHOWN]

    def lost(self) -> Iterator[tuple[int, str]]:
        """Number and text of each line of parts II and III that is in no passage."""
        for line in self._duties():
            if self._covered.find(0, line.start, line.end) < 0:
                continue
            span = range(line.start, line.end)
            left = "".join(self.text[place] for place in span if not self._covered[place])
            if left.strip(_MARKS):
                yield line.number, left.strip()

    def _next(self, passage: str) -> int:
        """Where the passage begins next; a place at a line's beginning goes before others."""
        after = self._used.get(passage, 0)
        first = start = self.text.find(passage, after)
        while start >= 0 and start not in self._begins:
            start = self.text.find(passage, start + 1)
        return start if start >= 0 else first

    def _duties(self) -> Iterator[Line]:
        """The lines from part II to the end of the plan, before the signature."""
        lines = self._repaired.lines
        begin = _first(_BEGIN, self._repaired, 0)
        if begin is None:
            begin = max(0, self._covered.find(1))
        last = _first(_LAST_PART, self._repaired, begin) or begin
        end = self.text.find("./.", last)
        if end < 0:
            end = _first(_SIGNED, self._repaired, last) or len(self.text)
        return (line for line in lines if begin <= line.start < end)


def _begins(repaired: Repaired) -> set[int]:
    """Where lines begin, before and after a bullet's mark."""
    begins = set()
    for line in repaired.lines:
        piece = repaired.piece(line)
        begins |= {line.start, line.end - len(piece.lstrip(_MARKS))}
    return begins


def _first(pattern: re.Pattern[str], repaired: Repaired, after: int) -> int | None:
    """Where the first line begins that is at or below `after` and fits."""
    for line in repaired.lines:
        if line.start >= after and pattern.match(repaired.text, line.start):
            return line.start
    return None

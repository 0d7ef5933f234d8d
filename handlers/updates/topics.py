"""The words of a statement that may name its task."""

from collections.abc import Sequence

from handlers.updates.sentences import Sentence

_PERIODS = {"nam", "quy", "thang", "tuan", "ky", "dinh"}
_KEPT = ("no_done", "no_block")


def topic_of(laid: Sentence, at: int, end: int, counted: set[int]) -> tuple[str, str, int]:
    """The words that may name the task, those that may else, and where the rest begins."""
    free = _free_words(laid, counted)
    segment = laid.words[min(at, len(laid.words) - 1)].segment if laid.words else 0
    named = bool(laid.ids or laid.clauses)
    before = [i for i in free if i < at]
    stop = note_start(laid, end, segment)
    behind = [i for i in free if end <= i < stop and laid.words[i].segment == segment]
    later = [i for i in free if i >= stop or laid.words[i].segment > segment]
    following = laid.words[later[0]].segment if later else segment
    after = joined(laid, [i for i in later if laid.words[i].segment == following])
    if named:
        last_id = max(
            span[1] for span in [s for _, s in laid.ids] + [c.span for c in laid.clauses]
        )
        rest = [i for i in free if i >= end and laid.words[i].start >= last_id]
        return "", "", rest[0] if rest else len(laid.words)
    if before:
        return joined(laid, before), after, behind[0] if behind else _or_end(laid, later)
    reported = " ".join(w.folded for w in laid.words[at:end])
    reporting = "bao cao" in reported or "nop" in reported
    if reporting and {laid.words[i].folded for i in behind} <= _PERIODS:
        return "báo cáo", after, _or_end(laid, later)
    if behind:
        return joined(laid, behind), after, _or_end(laid, later)
    return "", after, _or_end(laid, later)


def _free_words(laid: Sentence, counted: set[int]) -> list[int]:
    """The words that nothing else explains."""
    said = [p for p in laid.said if p.key not in _KEPT]
    taken = {i for p in said for i in range(p.first, p.last)} | counted
    return [
        i
        for i, w in enumerate(laid.words)
        if not w.claimed and i not in taken and not w.text.isdigit()
    ]


def note_start(laid: Sentence, end: int, segment: int) -> int:
    """Where "vì", "theo", "nhưng" or another segment begin the note."""
    for i in range(end, len(laid.words)):
        if laid.words[i].segment > segment:
            return i
        if any(p.key == "because" and p.first == i for p in laid.said):
            return i
    return len(laid.words)


def joined(laid: Sentence, places: Sequence[int]) -> str:
    """The words at these places."""
    return " ".join(laid.words[i].text for i in places)


def _or_end(laid: Sentence, places: Sequence[int]) -> int:
    return places[0] if places else len(laid.words)

"""Words a slip of the finger away. The one home of RapidFuzz."""

from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA


def slips(
    typed: str, among: Sequence[str], allowed: int, limit: int | None = None
) -> list[tuple[str, int]]:
    """The nearest first, each with its slips: a letter dropped, added, changed or swapped."""
    found = process.extract(typed, among, scorer=OSA.distance, score_cutoff=allowed, limit=limit)
    return [(word, distance) for word, distance, _ in found]

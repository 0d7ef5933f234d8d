"""The kinds of question, from `kinds.yaml`, and which of them the signs speak for."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from data import files
from handlers.understanding.phrase_files import phrases
from handlers.understanding.question import Want


@dataclass(frozen=True, slots=True)
class Sign:
    """What must be seen, and must not be, for a kind to have this score."""

    score: float
    present: frozenset[str]
    absent: frozenset[str]

    def holds(self, seen: Set[str]) -> bool:
        """Whether the sign stands in what was seen."""
        return self.present <= seen and not self.absent & seen


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of question: its title and examples for the help, and its signs."""

    want: Want
    title: str
    examples: tuple[str, ...]
    signs: tuple[Sign, ...]

    def score(self, seen: Set[str]) -> float:
        """The best score among the signs that hold; 0 if none does."""
        return max((s.score for s in self.signs if s.holds(seen)), default=0.0)


def load_kinds() -> tuple[Kind, ...]:
    """The kinds in the file's order; ValueError for a key that no code knows."""
    found = phrases(files.PHRASES / "kinds.yaml")
    kinds = []
    for key, row in found.items():
        if not isinstance(row, Mapping):
            raise ValueError(key)
        signs = tuple(_sign(line) for line in str(row["signs"]).splitlines() if line.strip())
        examples = tuple(str(e) for e in row.get("examples") or ())
        kinds.append(Kind(Want(key), str(row["title"]), examples, signs))
    return tuple(kinds)


def _sign(line: str) -> Sign:
    score, *rest = line.split()
    return Sign(
        float(score),
        frozenset(f for f in rest if not f.startswith("-")),
        frozenset(f[1:] for f in rest if f.startswith("-")),
    )


def ranked(kinds: tuple[Kind, ...], seen: Set[str]) -> list[tuple[Want, float]]:
    """The kinds that the signs speak for at all, the strongest first."""
    scores = [(kind.want, kind.score(seen)) for kind in kinds]
    return sorted(((w, s) for w, s in scores if s), key=lambda pair: -pair[1])

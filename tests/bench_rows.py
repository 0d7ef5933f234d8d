"""What a benchmark reports: a figure, the aim it has to reach, and whether it does."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; `met` is None where a figure is only reported."""

    name: str
    value: str
    aim: str = ""
    met: bool | None = None


def limited(name: str, value: float, limit: float, unit: str = "", places: int = 2) -> Row:
    """A figure that must not exceed a limit."""
    shown = f"{value:.{places}f}{unit}"
    return Row(name, shown, f"≤ {limit:g}{unit}", value <= limit)


def milliseconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def late(values: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def table(rows: Sequence[Row]) -> str:
    """The rows as a table of text."""
    lines = [("measured", "is", "aim", ""), *((r.name, r.value, r.aim, _mark(r)) for r in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(3)]
    return "\n".join(
        f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:<{widths[2]}}  {d}".rstrip()
        for a, b, c, d in lines
    )


def _mark(row: Row) -> str:
    return "" if row.met is None else "pass" if row.met else "FAIL"

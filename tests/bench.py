"""Benchmarks: a short table of figures, aims, pass or fail.

python -m tests.bench [--strict] [--quick]

Ratios are of two things measured in the same run, so that the machine matters little.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from handlers.router import Router
from tests import bench_answers, bench_hassil
from tests.bench_answers import Growth
from tests.bench_rows import Row, late, limited, median, milliseconds, table
from tests.phrase_sets import library

_ASK = [str(Path(sys.executable).with_name("dondoc")), "ask", "Sở Y tế phụ trách gì?"]
_TELEGRAM = [sys.executable, "-c", "import telegram.ext"]
_STARTS = 9
_SIZES = (10_000, 100_000)
_EACH = 12
_TIMES = 4


def main(arguments: list[str] | None = None) -> int:
    """Prints the table; 1 where an aim is missed and `--strict` is given."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--strict", action="store_true", help="fail where an aim is missed")
    parser.add_argument("--quick", action="store_true", help="leave out the large registries")
    options = parser.parse_args(arguments)
    parts: list[Callable[[], Iterator[Row]]] = [starting, answering, comparing]
    if not options.quick:
        parts.append(growing)
    if find_spec("tests.bench_alerts"):
        parts.append(importlib.import_module("tests.bench_alerts").rows)
    rows = [row for part in parts for row in part()]
    sys.stdout.write(table(rows) + "\n")
    return int(options.strict and any(row.met is False for row in rows))


def starting() -> Iterator[Row]:
    """`dondoc ask` held against the import of the Telegram library, both with bytecode."""
    with tempfile.TemporaryDirectory() as cache:
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment = kept | {"PYTHONPYCACHEPREFIX": cache}

        def run(command: list[str]) -> float:
            return milliseconds(
                lambda: subprocess.run(
                    command, env=environment, check=True, stdout=subprocess.DEVNULL
                )
            )

        pairs = [(run(_ASK), run(_TELEGRAM)) for _ in range(_STARTS + 1)][1:]
    asked, imported = median([a for a, _ in pairs]), median([b for _, b in pairs])
    yield Row("dondoc ask, start to end", f"{asked:.0f} ms")
    yield limited("dondoc ask / import telegram.ext", asked / imported, 1.5)


def answering() -> Iterator[Row]:
    """Question to reply in the process."""
    known, asked = library(), bench_answers.questions()
    replied = bench_answers.replying(Router(known), asked)
    extracted = median(bench_answers.extracting(known, asked))
    yield limited(f"question to reply, median of {len(asked)}", median(replied), 2, " ms")
    yield Row("question to reply, 95th percentile", f"{late(replied):.2f} ms")
    ratio = median(replied) / extracted
    yield Row("question to reply / rapidfuzz.process.extract", f"{ratio:.2f}")


def comparing() -> Iterator[Row]:
    """Understanding held against hassil with Home Assistant's Vietnamese sentences."""
    known = bench_hassil.recogniser()
    heard = sum(known(sentence) for sentence in bench_hassil.SENTENCES)
    theirs = [
        min(milliseconds(lambda said=sentence: known(said)) for _ in range(_TIMES))
        for sentence in bench_hassil.SENTENCES
    ]
    ours = bench_answers.reading(Router(library()), bench_answers.questions())
    yield Row(
        f"hassil, median a sentence ({heard} of {len(bench_hassil.SENTENCES)} known)",
        f"{median(theirs):.2f} ms",
    )
    yield Row("understanding, median a question", f"{median(ours):.2f} ms")
    yield limited("understanding / hassil", median(ours) / median(theirs), 1)


def growing() -> Iterator[Row]:
    """Large registries beside the small one, each in a process of its own."""
    for size in _SIZES:
        found = _child(size)
        name = f"{found.tasks:,} tasks"
        memory = (found.peak - found.peak_before) / (found.tasks / 10_000)
        yield Row(f"{name}: building", f"{found.building:.1f} s")
        yield Row(f"{name}: peak memory per 10,000 tasks", f"{memory:.0f} MB")
        yield Row(f"{name}: question to reply, median", f"{found.replying[1]:.2f} ms")
        yield Row(f"{name}: the same, of every plan at once", f"{found.roaming[1]:.2f} ms")
        sizes = f"{found.tasks:,} / {found.small} tasks"
        yield limited(f"{sizes}: question to reply", found.replying[1] / found.replying[0], 5)
        yield limited(f"{sizes}: understanding", found.reading[1] / found.reading[0], 1.5)


def _child(size: int) -> Growth:
    command = [sys.executable, "-m", "tests.bench_answers", str(size), str(_EACH)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Growth(**json.loads(done.stdout))


if __name__ == "__main__":
    sys.exit(main())

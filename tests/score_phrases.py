"""Prints how the phrases are answered, category by category.

python -m tests.score_phrases [building|measured] [--variant clean|bare|typo] [--show]
python -m tests.score_phrases building --command .venv/bin/dondoc chat --jsonl
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterable

from tests.phrase_sets import (
    HALVES,
    VARIANTS,
    Bot,
    Verdict,
    in_process,
    known_failures,
    spoken_to,
    verdicts,
)


def main(arguments: list[str] | None = None) -> int:
    """Scores the halves and variants asked for; 0 unless the bot cannot be asked."""
    options = _parser().parse_args(arguments)
    bot = spoken_to(options.command) if options.command else in_process
    for half in [options.half] if options.half else HALVES:
        for variant in [options.variant] if options.variant else VARIANTS:
            _score(half, variant, bot, options)
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.score_phrases", description=__doc__)
    parser.add_argument("half", nargs="?", choices=HALVES, help="default: both")
    parser.add_argument("--variant", choices=VARIANTS, help="default: all three")
    parser.add_argument("--category", help="only this one")
    parser.add_argument("--show", action="store_true", help="print what was answered wrongly")
    parser.add_argument("--sure", action="store_true", help="print only what was surely wrong")
    parser.add_argument(
        "--known", action="store_true", help="print what is wrong as known_failures.yaml"
    )
    parser.add_argument(
        "--command", nargs=argparse.REMAINDER, help="ask this command instead of the router"
    )
    return parser


def _score(half: str, variant: str, bot: Bot, options: argparse.Namespace) -> None:
    start = time.perf_counter()
    found = verdicts(half, variant, bot, options.category)
    took = time.perf_counter() - start
    wrong = [verdict for verdict in found if verdict.faults]
    if options.known:
        names = (f"- {quoted(verdict.phrase.name)}" for verdict in wrong)
        _say("\n".join(("# Phrases to build with that are not yet answered rightly.", *names)))
        return
    _say(f"== {half}, {variant}: {len(found)} phrases in {took:.1f} s")
    if options.show or options.sure:
        _show(verdict for verdict in wrong if options.show or verdict.sure_wrong)
    _say("\n".join(figures(found)))


def quoted(name: str) -> str:
    """The name as a YAML string."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _show(wrong: Iterable[Verdict]) -> None:
    known = known_failures()
    for verdict in wrong:
        phrase = verdict.phrase
        mark = " (sure)" if verdict.sure_wrong else ""
        listed = " (known)" if phrase.name in known else ""
        _say(f"{phrase.name}{mark}{listed}")
        if verdict.asked != phrase.text:
            _say(f"    typed: {verdict.asked}")
        for fault in verdict.faults[:4]:
            _say(f"    {fault}")


def figures(found: Iterable[Verdict]) -> list[str]:
    """Right, wrong and surely wrong, per category and in all."""
    tally: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for verdict in found:
        for key in (verdict.phrase.category, "TOTAL"):
            tally[key][0] += not verdict.faults
            tally[key][1] += bool(verdict.faults)
            tally[key][2] += verdict.sure_wrong
    lines = []
    for key in sorted(tally, key=lambda key: (key == "TOTAL", key)):
        right, wrong, sure = tally[key]
        share = right / (right + wrong)
        lines.append(f"{key}: {right} of {right + wrong} right ({share:.1%}), {sure} sure-wrong")
    return lines


if __name__ == "__main__":
    sys.exit(main())

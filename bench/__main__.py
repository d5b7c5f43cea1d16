"""`python -m bench [LINE …] [--small]`: measures, and writes bench/results.md with its picture.

Without names every line is measured; with some, or with `--small`, the page goes to build/ instead, so that
bench/results.md is always of one run. It says which lines a run was told to leave out.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping

from bench import growth, large, linking, programs, sessions, starting
from bench.cost import ROOT
from bench.picture import draw
from bench.report import write_report
from bench.row import Row, told
from bench.size import FULL, SMALL, Size
from mailsync.cli.garbage import collect_less

LINES: Mapping[str, Callable[[Size], list[Row]]] = {
    "sessions": sessions.measure,  # first, idle, 1 % changed, whole processes
    "growth": growth.measure_pairs,
    "accounts": growth.measure_accounts,  # long
    "large": large.measure,  # long
    "start": starting.measure,
    "decoding": programs.measure_decoding,
    "planner": programs.measure_planner,
    "linking": linking.measure,
    "store": programs.measure_store,
}


def main() -> None:
    """Runs lines, prints each as it is there, writes the page."""
    collect_less()  # as the program does
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("lines", nargs="*", choices=[*LINES, []], metavar="LINE", help=", ".join(LINES))
    parser.add_argument(
        "--without", action="append", default=[], choices=LINES, help="leave a line out (the long ones)"
    )
    parser.add_argument("--small", action="store_true", help="tiny sizes, to see that all of it works")
    asked = parser.parse_args()
    chosen = [name for name in (asked.lines or LINES) if name not in asked.without]
    begun = time.perf_counter()
    rows: list[Row] = []
    for name in chosen:
        for row in LINES[name](SMALL if asked.small else FULL):
            rows.append(row)
            print_row(row)
    whole = not (asked.lines or asked.small)
    caveat = "A small run, to see that it works: its figures mean nothing." if asked.small else ""
    if whole and asked.without:
        caveat = f"Left out of this run: {', '.join(asked.without)}."
    place = ROOT / ("bench" if whole else "build")
    place.mkdir(exist_ok=True)
    (place / "results.svg").write_text(draw(rows), encoding="utf-8")
    write_report(place / "results.md", rows, time.perf_counter() - begun, caveat=caveat, picture="results.svg")
    sys.stdout.write(f"{place.name}/results.md\n")


def print_row(row: Row) -> None:
    """One line on the terminal."""
    beside = [
        f"{name} {told(value)}" for name, value in (("floor", row.floor), (row.rival, row.peer)) if value is not None
    ]
    goal = "" if row.goal is None else f" (asked: {row.better.value} {told(row.goal)})"
    more = f"; {', '.join(beside)}" if beside else ""
    sys.stdout.write(f"{row.what}: {told(row.ours)} {row.unit}{goal}{more}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

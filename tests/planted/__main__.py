"""python -m tests.planted [BUG…] [--suite SUITE…] [--seconds N]: which suites notice which planted bugs.

Without names all bugs are planted, one after another, each in a copy of the program. Without --suite each is shown to
the suites that are known to notice it (bugs.py). Exit 1 if one of those does not.
"""

import argparse
import sys

from tests.planted.bugs import BUGS, SUITES
from tests.planted.garden import try_bug


def main() -> int:
    """0 = all were noticed."""
    by_name = {b.name: b for b in BUGS}
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("bugs", nargs="*", metavar="BUG", help=", ".join(by_name))
    parser.add_argument("--suite", action="append", choices=list(SUITES))
    parser.add_argument("--seconds", type=float, default=120, help="for each suite")
    parser.add_argument("--verbose", action="store_true", help="show what the suites print")
    asked = parser.parse_args()
    if unknown := [n for n in asked.bugs if n not in by_name]:
        parser.error(f"no such bug: {', '.join(unknown)}")
    missed = 0
    for bug in [by_name[n] for n in asked.bugs] or BUGS:
        for suite in asked.suite or bug.noticed:
            notice = try_bug(bug, suite, asked.seconds)
            missed += not notice.noticed
            print(f"{bug.name:28} {suite:22} {'noticed' if notice.noticed else 'NOT NOTICED'}", flush=True)
            if asked.verbose:
                print(notice.told, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

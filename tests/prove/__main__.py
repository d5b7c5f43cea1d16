"""The proof suite: `python -m tests.prove --budget SECONDS` (`make prove BUDGET=SECONDS`).

Runs every registered suite within the budget, two processes at once, and ends with the table of figures; exit 1 if
anything did not hold. `--only` picks suites by name, `--list` names them, `--out` appends the table as Markdown.
"""

import argparse
import shlex
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.prove.runner import ROOT, registered, run_all, run_part
from tests.prove.suite import Figures, Suite
from tests.prove.table import as_markdown, as_text


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    parser.add_argument("--budget", type=float, default=600.0, help="seconds of real time for all suites")
    parser.add_argument("--seed", type=int, default=0, help="where the seeds begin")
    parser.add_argument("--only", nargs="+", metavar="SUITE", help="these suites alone")
    parser.add_argument("--out", type=Path, help="append the table as Markdown to this file")
    parser.add_argument("--log", type=Path, help="keep what the suites print in this directory")
    parser.add_argument("--list", action="store_true", help="name the suites")
    parser.add_argument("--part", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    """Exit 0 = everything held, 1 = something did not, 2 = no such suite."""
    asked = _arguments()
    known = registered()
    chosen = [s for s in known if not asked.only or s.name in asked.only]
    if asked.list or len(chosen) < len(asked.only or ()) or not chosen:
        for suite in known:
            print(f"{suite.name:24} weight {suite.weight:<5g} {suite.title}")
        return 0 if asked.list else 2
    if asked.part is not None:
        run_part(chosen[0], asked.budget, asked.part, asked.seed)
        return 0
    log = asked.log or Path(tempfile.mkdtemp(prefix="mailsync-prove-"))
    log.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    figures = run_all(chosen, asked.budget, asked.seed, log, lambda line: print(line, file=sys.stderr))
    return _tell(asked, chosen, figures, time.monotonic() - begun)


def _tell(asked: argparse.Namespace, chosen: Sequence[Suite], figures: Mapping[str, Figures], seconds: float) -> int:
    failures = [(s, f) for s in chosen for f in figures[s.name].failures]
    for suite, failure in failures:
        print(f"\nFAILED {suite.title}: {failure.what}\n  repeat: {failure.repeat}")
    print(f"\n{as_text(chosen, figures)}\n\n{len(failures)} failures, {seconds:.0f} of {asked.budget:.0f} s")
    if asked.out:
        with asked.out.open("a") as page:
            page.write(f"\n{as_markdown(chosen, figures, _command(asked), ROOT)}")
    wrong = any(r.held < r.tried for f in figures.values() for r in f.rows)
    return 1 if failures or wrong else 0


def _command(asked: argparse.Namespace) -> str:
    """What gives the same figures again: without the files that this machine keeps them in."""
    words = ["python", "-m", "tests.prove", "--budget", f"{asked.budget:g}"]
    words += ["--seed", str(asked.seed)] if asked.seed else []
    words += ["--only", *asked.only] if asked.only else []
    return shlex.join(words)


if __name__ == "__main__":
    sys.exit(main())

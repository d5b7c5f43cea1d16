"""Planted bugs (tests/planted): each must be noticed by the suites that are known to; held = noticed."""

import time

from tests.planted.bugs import BUGS
from tests.planted.garden import try_bug
from tests.prove.suite import Failure, Figure, Figures, Share, Suite

SECONDS = 100.0
"""For one suite, at most."""


def run(share: Share) -> Figures:
    """Each bug and each of its suites in turn, as many as the share allows; one at least."""
    cases = [(bug, suite) for turn in range(len(BUGS)) for bug in BUGS for suite in bug.noticed[turn : turn + 1]]
    mine = cases[share.part :: share.parts]
    tried = noticed = 0
    failures: list[Failure] = []
    for bug, suite in mine:
        if tried and share.left <= 0:
            break
        notice = try_bug(bug, suite, SECONDS)
        tried, noticed = tried + 1, noticed + notice.noticed
        if not notice.noticed:
            repeat = f"python -m tests.planted {bug.name} --suite '{suite}'"
            failures.append(Failure(f"{bug.name}: not noticed by {suite}\n{notice.told}", repeat))
    left = len(mine) - tried
    told = f"{left} planted bugs not reached" if left else ""
    return Figures((Figure("planted bugs", tried, noticed),), tuple(failures), time.monotonic() - share.begun, told)


SUITE = Suite("planted", "planted bugs", 4.2, run, parts=2)

"""Mutants of the core: as many as the share allows, in the seed's order; held = a test notices it."""

import time
from collections.abc import Iterator

from tests.mutants.judgement import Judgement, all_mutants, in_order, read_known, stale
from tests.mutants.operators import Mutant
from tests.mutants.trial import run_mutants
from tests.prove.suite import Failure, Figure, Figures, Share, Suite

REPEAT = "python -m tests.mutants"


def run(share: Share) -> Figures:
    """The first mutants of the seed's order that the share has time for; one at least."""
    mutants, judgement = all_mutants(), Judgement(read_known())

    def reached() -> Iterator[Mutant]:
        for number, mutant in enumerate(in_order(mutants, share.seed)):
            if number and share.left <= 0:
                return
            yield mutant

    broken = run_mutants(reached, judgement.add)
    wrong = [*broken, *judgement.wrong, *stale(judgement.known.of(()), mutants)]
    failures = tuple(Failure(w, f"{REPEAT} {w.split(': ')[1]}" if ": " in w else REPEAT) for w in wrong)
    count = judgement.whole()
    rows = (
        Figure("mutants", count.tried - count.explained - count.open, count.killed),
        Figure("survivors that are explained", count.explained, count.explained),
    )
    left = len(mutants) - count.tried
    told = [f"{count.open} survivors open, see tests/mutants/open.txt"] if count.open else []
    told += [f"{left} mutants not reached"] if left else []
    return Figures(rows, failures, time.monotonic() - share.begun, "; ".join(told))


SUITE = Suite("mutants", "mutants of the core", 2.0, run)

"""The planner's laws over worlds that hypothesis draws, in new draws for every seed."""

import time
from collections.abc import Callable
from typing import Any

from hypothesis import settings

from tests.laws import test_planner_laws
from tests.prove.suite import Failure, Figure, Figures, Share, Suite

AT_ONCE = 50
"""Examples drawn from one seed."""
MOST_FAILURES = 20


def laws() -> dict[str, Any]:
    """The laws by their names."""
    return {n: f for n, f in vars(test_planner_laws).items() if n.startswith("test_")}


def check(name: str, number: int, count: Callable[[], None]) -> None:
    """One law over the examples of one seed (pytest --hypothesis-seed). Raises what hypothesis raises."""
    law = laws()[name]
    inner = law.hypothesis.inner_test

    def counted(*args: Any, **kwargs: Any) -> None:
        count()
        inner(*args, **kwargs)

    law.hypothesis.inner_test = counted
    law._hypothesis_internal_use_seed = number
    law._hypothesis_internal_use_settings = settings(test_planner_laws.LAWFUL, max_examples=AT_ONCE, database=None)
    try:
        law()
    finally:
        law.hypothesis.inner_test = inner


def run(share: Share) -> Figures:
    """All laws, seed after seed."""
    tried, failed, failures = 0, 0, list[Failure]()

    def count() -> None:
        nonlocal tried
        tried += 1

    for number in share.seeds():
        for name in laws() if len(failures) < MOST_FAILURES else ():
            try:
                check(name, number, count)
            except Exception as error:  # noqa: BLE001 - whatever a law raises is a failure to tell of
                failed += 1
                repeat = f"python -m pytest tests/laws/test_planner_laws.py -k {name} --hypothesis-seed={number}"
                failures.append(Failure(f"{name}, seed {number}: {error!r}"[:2000], repeat))
    row = Figure("planner runs", tried, tried - failed)
    return Figures((row,), tuple(failures), time.monotonic() - share.begun)


SUITE = Suite("planner", "planner laws", 2.0, run, parts=2)

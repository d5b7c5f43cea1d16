"""Suites that are pytest tests: run within a share, counted test by test, or by what their tests count themselves.

A test tells its own figures with `record_property("figure", ["cut points", tried, held])`, as often as it likes; tests
that can do more with more time read the seconds that the whole selection has from MAILSYNC_PROVE_SECONDS. The seed
decides their order, so that what one run does not reach the next one may.
"""

import os
import random
import shlex
import time
from collections import defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.prove.suite import Failure, Figure, Figures, Share, Suite

SECONDS = "MAILSYNC_PROVE_SECONDS"
LONGEST_TRACE = 4000
"""Characters kept of a failed test's report."""


def select(
    name: str,
    title: str,
    weight: float,
    paths: Sequence[str],
    what: str = "tests",
    arguments: Sequence[str] = (),
    options: Sequence[str] = (),
) -> Suite:
    """A suite of the tests under some paths (from the project's root); `what` they are called in the table. `arguments`
    choose among them, `options` say how they are run, also when one is repeated."""
    chosen = [*options, *arguments, *paths]

    def run(share: Share) -> Figures:
        count = _Count(share, what, shlex.join(["python", "-m", "pytest", *options]))
        os.environ[SECONDS] = str(share.seconds)
        try:
            code = pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", *chosen], plugins=[count])
        finally:
            del os.environ[SECONDS]
        return count.figures(int(code), chosen)

    return Suite(name, title, weight, run)


@dataclass(eq=False)  # pytest keeps its plugins in sets
class _Count:
    """A pytest plugin: counts, and stops starting tests once the share is used up."""

    share: Share
    what: str
    repeat: str
    tried: int = 0
    held: int = 0
    unreached: int = 0
    own: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    failures: list[Failure] = field(default_factory=list)

    @pytest.hookimpl(tryfirst=True)  # pytest itself brings together what shares a fixture, after this
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        draw = random.Random(self.share.seed)
        modules: dict[str, list[pytest.Item]] = defaultdict(list)
        for item in items:
            modules[item.nodeid.partition("::")[0]].append(item)
        mixed = list(modules.values())
        draw.shuffle(mixed)
        for module in mixed:
            draw.shuffle(module)
        items[:] = [item for module in mixed for item in module]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        if self.share.left <= 0 and self.tried:
            item.add_marker(pytest.mark.skip(reason="the share of the budget is used up"))
            self.unreached += 1
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for key, value in report.user_properties if report.when == "call" else ():
            if key == "figure":
                what, tried, held = value
                self.own[what][0] += int(tried)
                self.own[what][1] += int(held)
        if report.when == "call" and not report.skipped:
            self.tried += 1
            self.held += report.passed
        if report.failed:
            trace = f"{report.nodeid} ({report.when})\n{report.longreprtext}"[:LONGEST_TRACE]
            self.failures.append(Failure(trace, f"{self.repeat} '{report.nodeid}'"))

    def figures(self, code: int, arguments: Sequence[str]) -> Figures:
        """What was counted; a selection that is empty or could not be collected is a failure."""
        if code not in (0, 1) and not self.failures:
            repeat = f"python -m pytest {' '.join(arguments)}"
            self.failures.append(Failure(f"pytest ended with {code}: nothing was run", repeat))
        rows = [Figure(self.what, self.tried, self.held), *(Figure(w, t, h) for w, (t, h) in self.own.items())]
        unreached = f"{self.unreached} {self.what} not reached" if self.unreached else ""
        return Figures(tuple(rows), tuple(self.failures), time.monotonic() - self.share.begun, unreached)

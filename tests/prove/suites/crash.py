"""Sessions killed at every boundary (tests/crash): first one point for each state of the world, then all others."""

import time
from collections.abc import Callable, Sequence

import tests.crash.scenarios  # noqa: F401 - fills the catalogue
from tests.crash.catalogue import SCENARIOS
from tests.crash.scene import KINDS, Scene, playing
from tests.crash.trial import Scenario, Whole, every, telling, try_scenario
from tests.prove.selection import select
from tests.prove.suite import Failure, Figure, Figures, Share, Suite

MOST_FAILURES = 50
LAG = 180.0
"""Seconds after which Google's lists tell of a change, where they lag."""
Choice = Callable[[str, Whole], Sequence[int]]


class Count:
    """What one part has tried so far."""

    def __init__(self, share: Share) -> None:
        self.share = share
        self.scenarios: dict[tuple[str, str], bool] = {}
        self.tried = 0
        self.failures: list[Failure] = []

    @property
    def goes_on(self) -> bool:
        return self.share.left > 0 and len(self.failures) < MOST_FAILURES

    def try_points(self, scene: Scene, scenario: Scenario, choose: Choice) -> None:
        """The chosen points of a scenario, as long as there is time."""
        case = (f"{scene.kind} {scene.lag:g}", scenario.name)
        before = len(self.failures)
        try:
            for _, _, failure in try_scenario(scene, scenario, choose=choose):
                self.tried += 1
                if failure is not None:
                    repeat = str(failure).splitlines()[1].strip()
                    self.failures.append(Failure(str(failure)[:3000], repeat))
                if not self.goes_on:
                    break
        except AssertionError as error:
            self.tried += 1
            repeat = f"python -m tests.crash {scenario.name} --kind {scene.kind} --lag {scene.lag:g}"
            self.failures.append(Failure(f"{scenario.name} ({scene.kind}): {error}"[:3000], repeat))
        self.scenarios[case] = self.scenarios.get(case, True) and len(self.failures) == before


def rest(order: str, whole: Whole) -> Sequence[int]:
    """The points at which the world is as at one of the others: a request about to be sent, a reading answered."""
    return sorted(set(every(order, whole)) - whole.effects)


def run(share: Share) -> Figures:
    """Each part has its own scenarios; the seed says with which of them it begins."""
    count, unreached = Count(share), 0
    for choose in (telling, rest):
        for kind, lag in (*((k, 0.0) for k in KINDS), ("google", LAG)):
            mine = [s for s in SCENARIOS.values() if s.fits(KINDS[kind].can)][share.part :: share.parts]
            first = share.seed % len(mine)
            with playing(kind, lag) as scene:
                for scenario in [*mine[first:], *mine[:first]]:
                    if count.goes_on:
                        count.try_points(scene, scenario, choose)
                    else:
                        unreached += 1
    held = sum(count.scenarios.values())
    rows = (
        Figure("interrupted scenarios", len(count.scenarios), held),
        Figure("cut points, each a SIGKILL", count.tried, count.tried - len(count.failures)),
    )
    told = f"{unreached} times a scenario's points were not reached" if unreached else ""
    return Figures(rows, tuple(count.failures), time.monotonic() - share.begun, told)


SUITES = (
    Suite("interruptions", "interrupted sessions", 4.0, run, parts=2),
    select(
        "stopped",
        "sessions stopped or spoilt",
        1.0,
        ["tests/crash"],
        "tests",
        ["--ignore=tests/crash/test_interrupted.py"],
    ),
)

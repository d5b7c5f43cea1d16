"""Sessions killed at every boundary (tests/crash): first one point for each state of the world, then all others."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import tests.crash.scenarios  # noqa: F401 - fills the catalogue
from tests.crash.catalogue import SCENARIOS
from tests.crash.scene import KINDS, playing
from tests.crash.trial import Scenario, Whole, every, telling, try_scenario
from tests.prove.selection import select
from tests.prove.suite import Failure, Figure, Figures, Share, Suite
from tests.services.postgres import present_server, stores_on

MOST_FAILURES = 50
Choice = Callable[[str, Whole], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the scenarios are played: the kind of mailbox, and the seconds by which its lists lag."""

    kind: str
    lag: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind} with lists that lag" if self.lag else self.kind


SETTINGS = (*map(Setting, KINDS), Setting("google", 180.0))


@dataclass(slots=True)
class Count:
    """What was tried in one setting."""

    scenarios: dict[str, bool] = field(default_factory=dict)
    tried: int = 0
    failures: list[Failure] = field(default_factory=list)

    def rows(self, setting: Setting) -> Sequence[Figure]:
        held = sum(self.scenarios.values())
        return (
            Figure(f"interrupted scenarios, {setting}", len(self.scenarios), held),
            Figure(f"cut points, each a SIGKILL, {setting}", self.tried, self.tried - len(self.failures)),
        )


def rest(order: str, whole: Whole) -> Sequence[int]:
    """The points at which the world is as at one of the others: a request about to be sent, a reading answered."""
    return sorted(set(every(order, whole)) - whole.effects)


def in_turn(scenarios: Sequence[Scenario]) -> Iterator[tuple[Setting, Scenario]]:
    """Each scenario in one setting, then each in the next one: whatever the budget, every setting is reached alike."""
    for turn in range(len(SETTINGS)):
        for number, scenario in enumerate(scenarios):
            setting = SETTINGS[(number + turn) % len(SETTINGS)]
            if scenario.fits(KINDS[setting.kind].can):
                yield setting, scenario


def try_points(share: Share, setting: Setting, scenario: Scenario, choose: Choice, count: Count) -> None:
    """The chosen points of a scenario, as long as there is time."""
    before = len(count.failures)
    try:
        with playing(setting.kind, setting.lag) as scene:
            for _, _, failure in try_scenario(scene, scenario, choose=choose):
                count.tried += 1
                if failure is not None:
                    count.failures.append(Failure(str(failure)[:3000], failure.again))
                if share.left <= 0 or len(count.failures) >= MOST_FAILURES:
                    break
    except AssertionError as error:  # not even the run that nothing cuts off is as it should be
        count.tried += 1
        repeat = f"python -m tests.crash {scenario.name} --kind {setting.kind} --lag {setting.lag:g}"
        repeat += " --store postgresql" if present_server() else ""
        count.failures.append(Failure(f"{scenario.name} ({setting}): {error}"[:3000], repeat))
    count.scenarios[scenario.name] = count.scenarios.get(scenario.name, True) and len(count.failures) == before


def run_on(store: str, share: Share) -> Figures:
    """The same with the installation's store on one of postgres.STORES."""
    with stores_on(store):
        return run(share)


def run(share: Share) -> Figures:
    """Each part has its own scenarios; the seed says with which of them it begins."""
    mine = [*SCENARIOS.values()][share.part :: share.parts]
    first = share.seed % len(mine)
    counts, unreached = {s: Count() for s in SETTINGS}, 0
    for choose in (telling, rest):
        for setting, scenario in in_turn([*mine[first:], *mine[:first]]):
            if share.left > 0 and len(counts[setting].failures) < MOST_FAILURES:
                try_points(share, setting, scenario, choose, counts[setting])
            else:
                unreached += 1
    rows = [row for setting, count in counts.items() for row in count.rows(setting)]
    failures = [failure for count in counts.values() for failure in count.failures]
    told = f"{unreached} times a scenario's points were not reached" if unreached else ""
    return Figures(tuple(rows), tuple(failures), time.monotonic() - share.begun, told)


SUITES = (
    Suite("interruptions", "interrupted sessions", 16.0, run, parts=2),
    Suite(
        "interruptions-postgresql", "interrupted sessions on PostgreSQL", 4.0, partial(run_on, "postgresql"), parts=2
    ),
    select(
        "stopped",
        "sessions stopped or spoilt",
        1.0,
        ["tests/crash"],
        "tests",
        ["--ignore=tests/crash/test_interrupted.py"],
    ),
)

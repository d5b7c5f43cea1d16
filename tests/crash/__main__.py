"""python -m tests.crash [SCENARIO…] [--kind KIND] [--order ORDER] [--point N]: cuts scenarios off at every boundary.

Without a name all scenarios are tried; `--list` names them. A failure is printed with the command that repeats it.
"""

import argparse
import sys
import time
from collections.abc import Sequence

import tests.crash.scenarios  # noqa: F401 - fills the catalogue
from tests.crash.boundaries import ORDERS
from tests.crash.catalogue import SCENARIOS
from tests.crash.scene import KINDS, Scene, playing
from tests.crash.trial import Choice, Scenario, every, telling, try_scenario
from tests.services.postgres import STORES, stores_on


def main() -> int:
    """Returns 1 if a point failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("scenarios", nargs="*", choices=[[], *SCENARIOS], metavar="SCENARIO")
    parser.add_argument("--kind", choices=sorted(KINDS), action="append")
    parser.add_argument("--order", choices=ORDERS, action="append")
    parser.add_argument("--point", type=int, help="the one boundary to cut at; default: all")
    parser.add_argument("--telling", action="store_true", help="one point for each state of the world")
    parser.add_argument("--nth", type=int, default=1, help="with --telling: every n-th of them")
    parser.add_argument("--lag", type=float, default=0.0, help="seconds after which Google's lists tell of a change")
    parser.add_argument("--store", choices=STORES, default="sqlite", help="what the installation keeps its store on")
    parser.add_argument("--list", action="store_true", help="name the scenarios")
    asked = parser.parse_args()
    if asked.list:
        for scenario in SCENARIOS.values():
            print(f"{scenario.name:50} {' '.join(scenario.rules)}")
        return 0
    point = asked.point
    choice: Choice = every if point is None else lambda _order, _whole: [point]
    if asked.telling:
        choice = lambda order, whole: telling(order, whole)[:: asked.nth]  # noqa: E731
    failed = 0
    with stores_on(asked.store):
        for kind in asked.kind or sorted(KINDS):
            with playing(kind, asked.lag) as scene:
                for name in asked.scenarios or SCENARIOS:
                    if SCENARIOS[name].fits(KINDS[kind].can):
                        failed += _try(scene, SCENARIOS[name], asked.order or ORDERS, choice)
    return 1 if failed else 0


def _try(scene: Scene, scenario: Scenario, orders: Sequence[str], choose: Choice) -> int:
    began, tried, failures = time.monotonic(), 0, 0
    try:
        for _, _, failure in try_scenario(scene, scenario, orders, choose):
            tried += 1
            if failure is not None:
                failures += 1
                print(failure, file=sys.stderr, flush=True)
    except AssertionError as error:
        failures += 1
        print(f"{scenario.name} ({scene.kind}): {error}", file=sys.stderr, flush=True)
    seconds = time.monotonic() - began
    print(f"{scenario.name:50} {tried:5} points {failures:4} failed {seconds:6.1f} s", flush=True)
    return failures


if __name__ == "__main__":
    sys.exit(main())

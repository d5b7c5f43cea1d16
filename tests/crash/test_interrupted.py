"""L1, L2, B15: a session killed at any boundary and taken up again ends as if nothing had happened; so does a command.

This is the slice for every run: with Exchange each scenario at a third of the states that the world passes through, a
third of the scenarios in both orders; with Gmail and Microsoft 365 a third of the scenarios each, in one of the orders.
A story that a kind can't have is left out by what its mailbox declares (`Mailbox.capabilities`, with the vendor's
reason). `make prove` and `python -m tests.crash` try every boundary of all kinds in both orders.
"""

from collections.abc import Callable, Iterator, Sequence

import pytest

import tests.crash.scenarios  # noqa: F401 - fills the catalogue
from tests.crash.boundaries import ORDERS
from tests.crash.catalogue import SCENARIOS
from tests.crash.scene import KINDS, Scene, playing
from tests.crash.trial import Failure, Whole, telling, try_scenario

WHOLE = "exchange"
"""The kind with which every scenario is tried."""
PART = 3
"""Of scenarios with the other kinds, and of states, every third."""
TURN = {kind: turn for turn, kind in enumerate(KINDS)}


def is_due(kind: str, number: int) -> bool:
    """Whether a scenario, by its number, is tried with that kind in every run."""
    return kind == WHOLE or number % PART == TURN[kind] % PART


def orders_of(kind: str, number: int) -> Sequence[str]:
    """The orders in which it is tried."""
    return ORDERS if kind == WHOLE and number % PART == 0 else [ORDERS[number // PART % len(ORDERS)]]


CASES = [
    (kind, name)
    for kind in KINDS
    for number, (name, s) in enumerate(SCENARIOS.items())
    if s.fits(KINDS[kind].can) and is_due(kind, number)
]


@pytest.fixture(scope="module")
def scenes() -> Iterator[Callable[[str], Scene]]:
    """A scene of each kind, made when first asked for."""
    made: dict[str, tuple[object, Scene]] = {}

    def scene(kind: str) -> Scene:
        if kind not in made:
            standing = playing(kind)
            made[kind] = (standing, standing.__enter__())
        return made[kind][1]

    yield scene
    for standing, _ in made.values():
        standing.__exit__(None, None, None)  # type: ignore[attr-defined]


def choose_states(order: str, whole: Whole) -> Sequence[int]:
    """The points of a run that are tried in every run of the tests: the first, and every third after it."""
    return telling(order, whole)[::PART]


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_L2_B15_killed_at_the_boundaries_of(
    scenes: Callable[[str], Scene], record_property: Callable[[str, object], None], kind: str, name: str
):
    number = list(SCENARIOS).index(name)
    tried = list(try_scenario(scenes(kind), SCENARIOS[name], orders_of(kind, number), choose_states))
    failures: list[Failure] = [f for _, _, f in tried if f is not None]
    record_property("figure", ["cut points", len(tried), len(tried) - len(failures)])
    assert tried
    assert not failures, "\n\n".join(map(str, failures[:5]))


def test_what_a_kind_can_not_have_is_declared_with_its_reason():
    for kind, person in KINDS.items():
        for scenario in (s for s in SCENARIOS.values() if not s.fits(person.can)):
            reasons = [getattr(person.can, ability).reason for ability in scenario.needs]
            assert any(reasons), f"{scenario.name} on {kind}"
    assert all(s.fits(KINDS["exchange"].can) for s in SCENARIOS.values())
    fitting = {kind: sum(s.fits(person.can) for s in SCENARIOS.values()) for kind, person in KINDS.items()}
    assert fitting["google"] >= 80
    assert fitting["microsoft"] >= 95


def test_the_catalogue_is_as_large_as_it_claims_to_be():
    assert len(SCENARIOS) >= 100
    assert {rule[0] for s in SCENARIOS.values() for rule in s.rules} >= set("ABCDE")

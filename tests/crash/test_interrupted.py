"""L1, L2, B15: a session killed at any boundary and taken up again ends as if nothing had happened; so does a command.

This is the slice for every run: each scenario of each kind of mailbox at the states that the world passes through, all
of them with Exchange where Salesforce's feed answers first, a third of them otherwise. `make prove` and
`python -m tests.crash` try every boundary in both orders.
"""

from collections.abc import Callable, Iterator, Sequence

import pytest

import tests.crash.scenarios  # noqa: F401 - fills the catalogue
from tests.crash.catalogue import SCENARIOS
from tests.crash.scene import KINDS, Scene, playing
from tests.crash.trial import Failure, Whole, telling, try_scenario

WHOLE = ("exchange", "crm first")
"""The kind and order of which every state is tried."""
PART = 3
"""Of the others every third."""

CASES = [(kind, name) for kind in KINDS for name, s in SCENARIOS.items() if s.fits(KINDS[kind].can)]


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


def slice_of(kind: str, number: int) -> Callable[[str, Whole], Sequence[int]]:
    """The points of a scenario, by its number, that are tried in every run."""

    def choose(order: str, whole: Whole) -> Sequence[int]:
        points = telling(order, whole)
        return points if (kind, order) == WHOLE else points[number % PART :: PART]

    return choose


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_L2_B15_killed_at_the_boundaries_of(
    scenes: Callable[[str], Scene], record_property: Callable[[str, object], None], kind: str, name: str
):
    choose = slice_of(kind, list(SCENARIOS).index(name))
    tried = list(try_scenario(scenes(kind), SCENARIOS[name], choose=choose))
    failures: list[Failure] = [f for _, _, f in tried if f is not None]
    record_property("figure", ["cut points", len(tried), len(tried) - len(failures)])
    assert tried
    assert not failures, "\n\n".join(map(str, failures[:5]))


def test_the_catalogue_is_as_large_as_it_claims_to_be():
    assert len(SCENARIOS) >= 100
    assert {rule[0] for s in SCENARIOS.values() for rule in s.rules} >= set("ABCDE")

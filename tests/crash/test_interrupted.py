"""L1, L2, B15: a session killed at any boundary and taken up again ends as if nothing had happened; so does a command.

This is the slice for every run: with Exchange each scenario at a third of the states that the world passes through,
with Gmail and Microsoft 365 half of the scenarios each at every state, some at Gmail also while its lists lag; each in
one order. A story that a kind can't have is left out by what its mailbox declares (`Mailbox.capabilities`, with the
vendor's reason). `make prove` and `python -m tests.crash` try every boundary of all kinds in both orders.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest

import tests.crash.scenarios  # noqa: F401 - fills the catalogue
from tests.crash.boundaries import ORDERS
from tests.crash.catalogue import SCENARIOS
from tests.crash.scene import KINDS, Scene, playing
from tests.crash.trial import Choice, Whole, telling, try_scenario

WHOLE = "exchange"
"""The kind with which every scenario is tried, at every third state."""
PART = 3
LAGGING = (
    *("created_in_salesforce", "everything_at_once", "first_session", "trashed_and_created_again", "marked_outside"),
    *(
        "deleted_in_salesforce",
        "moved_out_and_created_again",
        "undone_removal",
        "folder_lost_for_good",
        "store_restored",
        "reset_with_an_edit_that_can_not_be_placed",
    ),
)
"""What is played at Gmail while its lists lag, too."""
MINUTES = 180.0
"""For so long they do: "several minutes" (connections.list)."""

TURN = {kind: turn for turn, kind in enumerate(KINDS)}


def is_due(kind: str, number: int) -> bool:
    """Whether a scenario, by its number, is tried with that kind in every run."""
    return kind == WHOLE or (number + TURN[kind]) % 2 == 0


def order_of(kind: str, number: int) -> str:
    """The order in which it is tried."""
    return ORDERS[(number // 2 + TURN[kind]) % len(ORDERS)]


NUMBERS = {name: number for number, name in enumerate(SCENARIOS)}
CASES = [
    (kind, name)
    for kind in KINDS
    for name, s in SCENARIOS.items()
    if s.fits(KINDS[kind].can) and is_due(kind, NUMBERS[name])
]


Scenes = Callable[[str, float], Scene]


@pytest.fixture(scope="module")
def scenes() -> Iterator[Scenes]:
    """A scene of each kind and lag, made when first asked for."""
    with ExitStack() as standing:
        made: dict[tuple[str, float], Scene] = {}

        def scene(kind: str, lag: float) -> Scene:
            if (kind, lag) not in made:
                made[kind, lag] = standing.enter_context(playing(kind, lag))
            return made[kind, lag]

        yield scene


def choose_states(order: str, whole: Whole) -> Sequence[int]:
    """The first point, and every third state after it."""
    return telling(order, whole)[::PART]


def try_points(scene: Scene, name: str, choose: Choice, record_property: Callable[[str, object], None]) -> None:
    tried = list(try_scenario(scene, SCENARIOS[name], [order_of(scene.kind, NUMBERS[name])], choose))
    failures = [f for _, _, f in tried if f is not None]
    record_property("figure", ["cut points", len(tried), len(tried) - len(failures)])
    assert tried
    assert not failures, "\n\n".join(map(str, failures[:5]))


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_L2_B15_killed_at_the_boundaries_of(
    scenes: Scenes, record_property: Callable[[str, object], None], kind: str, name: str
):
    try_points(scenes(kind, 0.0), name, choose_states if kind == WHOLE else telling, record_property)


@pytest.mark.parametrize("name", LAGGING)
def test_L2_B15_killed_at_gmail_and_taken_up_while_its_lists_lag(
    scenes: Scenes, record_property: Callable[[str, object], None], name: str
):
    try_points(scenes("google", MINUTES), name, telling, record_property)


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

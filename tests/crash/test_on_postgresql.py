"""L2, B15, A2: what tests/crash says of a store in a file holds of one on a server, whose locks and half-done
transactions end when it notices that their process is gone.

A slice: every sixteenth scenario, the kinds of mailbox in turn, at each state of the world. `make prove` tries all of
them with all kinds (interrupted sessions on PostgreSQL).
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

import tests.crash.scenarios  # noqa: F401 - fills the catalogue
from tests.crash.boundaries import ORDERS
from tests.crash.catalogue import SCENARIOS
from tests.crash.scene import KINDS, Scene, playing
from tests.crash.trial import begin, run_whole, strike, telling, try_scenario
from tests.services.postgres import STORES, stores_on

EVERY = 16
ALWAYS = ("first_session", "store_restored", "taken_over_after_the_store_was_lost")
"""What is about the store itself."""
PLAYED = [*ALWAYS, *(name for name in list(SCENARIOS)[::EVERY] if name not in ALWAYS)]


def kind_for(number: int, name: str) -> str:
    """The kinds in turn, among those that have such a story."""
    fitting = [kind for kind, person in KINDS.items() if SCENARIOS[name].fits(person.can)]
    return fitting[number % len(fitting)]


Scenes = Callable[[str], Scene]


@pytest.fixture(scope="module")
def scenes() -> Iterator[Scenes]:
    """A scene of each kind on one server, made when first asked for."""
    with stores_on("postgresql"), ExitStack() as standing:
        made: dict[str, Scene] = {}

        def scene(kind: str) -> Scene:
            if kind not in made:
                made[kind] = standing.enter_context(playing(kind))
            return made[kind]

        yield scene


@pytest.mark.parametrize(("number", "name"), list(enumerate(PLAYED)))
def test_L2_B15_killed_at_the_boundaries_of(
    scenes: Scenes, record_property: Callable[[str, object], None], number: int, name: str
):
    scene, order = scenes(kind_for(number, name)), ORDERS[number % len(ORDERS)]
    tried = list(try_scenario(scene, SCENARIOS[name], [order], telling))
    failures = [f for _, _, f in tried if f is not None]
    record_property("figure", ["cut points", len(tried), len(tried) - len(failures)])
    assert tried
    assert not failures, "\n\n".join(map(str, failures[:5]))


def test_a_session_can_be_cut_off_at_the_same_points_on_either_store():
    """Else one of them would write more often than the other, or a boundary would not be seen."""
    found: dict[str, tuple[str, ...]] = {}
    for store in STORES:
        with stores_on(store), playing("exchange") as scene:
            start = begin(scene, SCENARIOS["everything_at_once"])
            found[store] = run_whole(scene, start, ORDERS[0]).boundaries
    assert found["sqlite"] == found["postgresql"]
    assert found["sqlite"].count("after commit") > 3


@pytest.mark.parametrize("phase", ["before", "after"])
def test_L2_a_server_that_is_lost_at_any_commit(scenes: Scenes, phase: str):
    """The process lives, and can't know whether its commit counts: it does (after) or it does not (before)."""
    scene, order = scenes("exchange"), ORDERS[0]
    start = begin(scene, SCENARIOS["everything_at_once"])
    whole = run_whole(scene, start, order)
    points = [n for n, boundary in enumerate(whole.boundaries, 1) if boundary == f"{phase} commit"]
    found = {point: strike(scene, start, whole, order, point) for point in points}
    assert {point: told for point, told in found.items() if told} == {}
    assert len(points) > 5

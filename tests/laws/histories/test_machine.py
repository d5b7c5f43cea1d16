"""The same acts drawn by hypothesis, which shrinks what breaks a law: in memory, and over HTTP."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.laws.histories.people import BACK
from tests.laws.histories.play import Player
from tests.laws.histories.script import ACTS, DURING, MOST_CALLS, QUIET, SESSION, TROUBLES, Step
from tests.laws.histories.wire import SKIPPED, Wire, wire
from tests.laws.histories.wirekinds import KINDS, NEEDED
from tests.laws.histories.world import make_world

NUMBERS = st.tuples(st.integers(0, 999), st.integers(0, 999), st.integers(0, 999))
MEANWHILE = st.builds(lambda name, n: " ".join(["act", name, *map(str, n)]), st.sampled_from(DURING), NUMBERS)
WRONG = st.lists(
    st.tuples(st.integers(1, MOST_CALLS), st.sampled_from(TROUBLES) | MEANWHILE), max_size=3, unique_by=lambda t: t[0]
)
MACHINE = settings(
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)


class Machine(RuleBasedStateMachine):
    """Acts, sessions and quiet points in any order; the last thing is a quiet point."""

    def __init__(self, begin: Callable[[ExitStack], Player]) -> None:
        super().__init__()
        self.ending = ExitStack()
        self.player = begin(self.ending)

    @rule(name=st.sampled_from(sorted(ACTS)), numbers=NUMBERS)
    def somebody_acts(self, name: str, numbers: tuple[int, int, int]) -> None:
        self._perform(Step(name, numbers))

    @rule(wrong=WRONG)
    def a_session(self, wrong: list[tuple[int, str]]) -> None:
        self._perform(Step(SESSION, troubles=tuple(sorted(wrong))))

    @rule()
    def nobody_acts(self) -> None:
        self._perform(Step(QUIET))

    def _perform(self, step: Step) -> None:
        self.player.perform(step)
        assert self.player.wrong == [], "\n".join(self.player.world.trace)

    def teardown(self) -> None:
        try:
            if not self.player.wrong:
                self._perform(Step(QUIET))
                assert self.player.witness.leaks() == []
        finally:
            self.ending.close()


def in_memory(_: ExitStack) -> Player:
    player = Player(make_world(0))
    player.world.org.views[BACK.id] = BACK
    return player


def test_L1_to_L9_drawn_by_hypothesis_in_memory() -> None:
    run_state_machine_as_test(
        lambda: Machine(in_memory), settings=settings(MACHINE, max_examples=100, stateful_step_count=30)
    )


@pytest.fixture(scope="module", params=KINDS)
def wired(request: pytest.FixtureRequest) -> Iterator[Wire]:
    with wire(request.param) as running:
        yield running


def test_L1_to_L9_drawn_by_hypothesis_over_http(wired: Wire) -> None:
    def begin(ending: ExitStack) -> Player:
        return ending.enter_context(wired.begin(0))

    run_state_machine_as_test(
        lambda: Machine(begin), settings=settings(MACHINE, max_examples=10, stateful_step_count=25)
    )


def test_the_machine_finds_a_law_that_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A16, D7 … any law: here quiet points are made to find the distribution list that somebody adds."""

    def quiet(self: Any) -> None:
        if any(i.is_list for i in self.world.post.items.values()):
            self.wrong.append("a list")

    monkeypatch.setattr(Player, "_quiet", quiet)
    with pytest.raises(AssertionError, match="add_list"):
        run_state_machine_as_test(
            lambda: Machine(in_memory), settings=settings(MACHINE, max_examples=300, stateful_step_count=20)
        )


def test_what_is_skipped_over_http_is_an_act() -> None:
    assert ACTS.keys() > SKIPPED | NEEDED.keys()

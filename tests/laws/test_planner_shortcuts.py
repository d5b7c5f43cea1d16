"""What the planner passes over to be quick changes no plan: with and without it, plans are equal to the letter."""

from typing import Any

import pytest
from hypothesis import given

from mailsync.core import marks
from mailsync.core.marks import sort_marks
from mailsync.core.planner import plan, questions
from tests.laws.acts import rules
from tests.laws.planning import answers, see
from tests.laws.test_planner_laws import LAWFUL, History, histories, lived
from tests.unit.core.builders import make_policy


@LAWFUL
@given(histories, rules)
def test_L1_passing_over_pairs_in_step_changes_no_plan(history: History, chosen: dict[str, Any]) -> None:
    policy = make_policy(**chosen)
    world = lived(history, policy)
    sight, known = see(world), answers(world)
    with pytest.MonkeyPatch.context() as slow:
        slow.setattr(marks, "is_in_step", lambda *_: False)
        asked_of_all, looked_through = questions(sight, policy), plan(sight, known, policy)
    found = sort_marks(sight)
    assert questions(sight, policy, found) == questions(sight, policy) == asked_of_all
    assert plan(sight, known, policy, found) == plan(sight, known, policy) == looked_through

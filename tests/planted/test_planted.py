"""The planted bugs still fit the program, and a suite that lets one through is told of."""

import pytest

from tests.planted.bugs import BUGS, SUITES, Bug, Edit
from tests.planted.garden import find_misplaced, planted, run_suite, try_bug

PROTECTIONS = {
    *("echo suppression", "journal order", "guard", "privacy filter", "per-side base", "token expiry"),
    *("history", "order of changes"),
}


@pytest.mark.parametrize("bug", BUGS, ids=lambda b: b.name)
def test_each_bug_can_be_planted_and_has_a_suite_that_notices_it(bug: Bug) -> None:
    assert [find_misplaced(e) for e in bug.edits if find_misplaced(e)] == []
    assert all(e.right != e.wrong for e in bug.edits)
    assert bug.noticed
    assert set(bug.noticed) <= set(SUITES)


def test_there_is_a_bug_for_each_protection() -> None:
    assert {b.about for b in BUGS} == PROTECTIONS


def test_a_suite_notices_the_bug_and_nothing_else() -> None:
    """The whole way, with the quickest suite; `python -m tests.planted` and `make prove` plant all of them."""
    guard = next(b for b in BUGS if b.about == "guard")
    assert try_bug(guard, "unit", 300).noticed
    with planted(None) as copy:
        assert run_suite("unit", copy, 300)[0]


def test_a_bug_that_does_not_fit_is_refused() -> None:
    bug = BUGS[0]
    gone = Bug(bug.name, bug.about, bug.what, (Edit(bug.edits[0].path, "no such text", ""),), ())
    with pytest.raises(ValueError, match="0 times"), planted(gone):
        pass

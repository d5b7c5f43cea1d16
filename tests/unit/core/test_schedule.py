"""A2, C3, C4: when the next session is due, and whose turn it is."""

from datetime import UTC, datetime, timedelta

import pytest

from mailsync.core.schedule import (
    Ending,
    Standing,
    Suspension,
    advance,
    first_time,
    may_ask,
    next_time,
    take_turns,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("ended", "due"),
    [
        (0, 30),  # on time
        (1, 30),  # late: the place in the interval stays
        (15, 30),  # the shortest pause is half an interval
        (15.1, 60),
        (30, 60),
        (1000, 1020),  # after an outage everybody is back in their place
        (-3, 30),  # asked for early: one longer pause
        (-15, 0),
        (-30, 0),
        (-390, -360),  # the pause of a short budget is over (C4)
    ],
)
def test_A2_a_user_keeps_their_place_in_the_interval(ended: float, due: float) -> None:
    assert next_time(at(ended), NOW, HALF_HOUR) == at(due)


def test_A2_without_a_plan_the_interval_begins_now() -> None:
    assert next_time(NOW, None, HALF_HOUR) == at(30)


@pytest.mark.parametrize(("slowed", "minutes"), [(1, 150), (2, 270), (3, 390)])
def test_C4_the_interval_grows_but_never_shrinks(slowed: int, minutes: int) -> None:
    assert next_time(NOW, NOW, HALF_HOUR, slowed) == at(minutes)
    assert next_time(NOW, NOW, timedelta(days=1), slowed) == at(24 * 60)


def test_A2_first_sessions_are_spread_by_five_seconds_a_user_and_over_no_more_than_the_interval() -> None:
    assert first_time(NOW, HALF_HOUR, 1, 0.9) == NOW
    assert first_time(NOW, HALF_HOUR, 3, 0.5) == NOW + timedelta(seconds=5)
    assert first_time(NOW, HALF_HOUR, 10_000, 0.5) == at(15)


@pytest.mark.parametrize(
    ("before", "ending", "after"),
    [
        (Standing(3, 2, 1), Ending.COMPLETE, Standing()),
        (Standing(3, 2, 1), Ending.FAILED, Standing(4, 0, 0)),
        (Standing(3, 2, 1), Ending.LOGIN_REFUSED, Standing(4, 3, 0)),
        (Standing(3, 2, 1), Ending.BUDGET, Standing(3, 2, 2)),
        (Standing(0, 0, 3), Ending.BUDGET, Standing(0, 0, 3)),
        (Standing(3, 2, 1), Ending.SKIPPED, Standing(3, 2, 0)),
    ],
)
def test_C3_C4_what_adds_up_from_session_to_session(before: Standing, ending: Ending, after: Standing) -> None:
    assert advance(before, ending) == after


@pytest.mark.parametrize(
    ("standing", "suspension"),
    [
        (Standing(9, 5), Suspension.NONE),
        (Standing(10, 0), Suspension.FAILING),
        (Standing(6, 6), Suspension.NEEDS_LOGIN),
        (Standing(10, 6), Suspension.NEEDS_LOGIN),
    ],
)
def test_C3_six_refused_log_ins_or_ten_failures(standing: Standing, suspension: Suspension) -> None:
    assert standing.suspension is suspension


@pytest.mark.parametrize(("since", "taken"), [(0, False), (59.9, False), (60, True), (-1, True)])
def test_A2_sync_now_is_taken_once_a_minute(since: float, taken: bool) -> None:
    assert may_ask(NOW, NOW + timedelta(seconds=since)) is taken
    assert may_ask(None, NOW)


def test_A2_organisations_take_turns_each_in_its_own_order() -> None:
    waiting = {"big": ["b1", "b2", "b3", "b4"], "small": ["s1"], "other": ["o1", "o2"]}
    assert take_turns(waiting, 9) == ["b1", "s1", "o1", "b2", "o2", "b3", "b4"]
    assert take_turns(waiting, 4) == ["b1", "s1", "o1", "b2"]
    assert take_turns({"none": []}, 4) == []
    assert take_turns({}, 4) == []

"""A2: whatever a user was given out for, the session's end ends the claim, also where their place in the interval, and
so their next time, is the same as before."""

import threading
from datetime import timedelta

import pytest

from mailsync.bootstrap import SystemClock, open_setup
from mailsync.worker.service import enrol
from mailsync.worker.signs import Signs
from mailsync.worker.turn import take_claimed_turn
from tests.e2e.stage import Stage


@pytest.mark.parametrize("why", ["a person asks", "stopped on request"])
def test_A2_a_session_out_of_turn_leaves_nobody_due(synced: Stage, why: str) -> None:
    clock = SystemClock()
    with open_setup(synced.config) as setup:
        schedule, signs = setup.store.schedule, Signs(setup.store.gates, {})
        enrol(setup, clock)
        if why == "a person asks":
            assert schedule.ask("ann", clock.now())
        else:
            schedule.put_back("ann", clock.now())
        assert [due.user for due in schedule.claim(clock.now(), 9)] == ["ann"]
        report = take_claimed_turn(setup, "ann", threading.Event(), signs)
        assert report is not None
        assert report.status == "done"
        slot = schedule.slot("ann")
        assert slot is not None
        assert slot.queued is None
        assert slot.next_run is not None
        assert slot.next_run > clock.now() + timedelta(minutes=10)
        assert schedule.claim(clock.now(), 9) == []

"""C4 and outages: when the gate before a vendor's tenant closes, for how long, and who may try it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailsync.core.gate import (
    AWAY,
    TRIAL,
    TRIPS,
    AskedToWait,
    Away,
    Gate,
    Short,
    Sign,
    Well,
    Why,
    is_closed,
    is_short,
    let_through,
    note,
    spend,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def after(*signs: Sign, gate: Gate | None = None, now: datetime = NOW) -> Gate:
    found = gate or Gate()
    for sign in signs:
        found = note(found, sign, now)
    return found


def test_five_sessions_in_a_row_close_the_gate() -> None:
    assert not is_closed(after(*[Away()] * (TRIPS - 1)), NOW)
    assert not is_closed(after(*[Away()] * (TRIPS - 1), Well(), *[Away()] * (TRIPS - 1)), NOW)
    gate = after(*[Away()] * TRIPS)
    assert (gate.why, gate.closed) == (Why.AWAY, NOW + MINUTE)
    assert let_through(gate, 5, 0, NOW + MINUTE - SECOND)[0] == 0


def test_those_that_were_under_way_when_it_closed_do_not_close_it_for_longer() -> None:
    assert after(*[Away()] * 30).closed == NOW + MINUTE


def test_one_tries_and_each_failure_closes_it_for_longer() -> None:
    gate, now, lengths = after(*[Away()] * TRIPS), NOW, list[timedelta]()
    for _ in range(6):
        assert gate.closed is not None
        lengths.append(gate.closed - now)
        now = gate.closed
        passed, gate = let_through(gate, 100, 0, now)
        assert passed == 1
        assert let_through(gate, 100, 0, now + SECOND)[0] == 0
        gate = note(gate, Away(), now + SECOND)
        now += SECOND
    assert lengths == [*AWAY, AWAY[-1]]


def test_a_success_opens_it() -> None:
    gate = after(*[Away()] * TRIPS)
    _, trying = let_through(gate, 9, 0, NOW + MINUTE)
    opened = note(trying, Well(), NOW + MINUTE + SECOND)
    assert let_through(opened, 9, 0, NOW + MINUTE + SECOND)[0] == 9
    assert (opened.failures, opened.step, opened.trying) == (0, 0, False)
    early = note(gate, Well(), NOW + SECOND)  # one that was under way: the vendor is there
    assert not is_closed(early, NOW + SECOND)


def test_where_the_one_that_tries_is_lost_another_one_does() -> None:
    _, trying = let_through(after(*[Away()] * TRIPS), 9, 0, NOW + MINUTE)
    assert let_through(trying, 9, 0, NOW + MINUTE + TRIAL - SECOND)[0] == 0
    assert let_through(trying, 9, 0, NOW + MINUTE + TRIAL)[0] == 1


def test_the_vendors_own_wait_is_kept_whatever_others_met() -> None:
    gate = after(AskedToWait(10 * MINUTE), AskedToWait(MINUTE), Well())
    assert (gate.closed, gate.why) == (NOW + 10 * MINUTE, Why.WAIT)
    assert let_through(gate, 9, 0, NOW + 10 * MINUTE - SECOND)[0] == 0
    assert let_through(gate, 9, 0, NOW + 10 * MINUTE)[0] == 9  # no trial: it said when
    away = after(*[Away()] * TRIPS, AskedToWait(10 * MINUTE))
    assert away.closed == NOW + MINUTE


def test_C4_a_short_budget_closes_it_for_hours_and_one_tries() -> None:
    gate, now, hours = after(Short(95, 100)), NOW, list[float]()
    for _ in range(4):
        assert gate.closed is not None
        hours.append((gate.closed - now) / timedelta(hours=1))
        now = gate.closed
        passed, gate = let_through(gate, 9, 0, now)
        assert passed == 1
        gate = note(gate, Short(96, 100), now)
    assert hours == [2.5, 4.5, 6.5, 6.5]
    assert (gate.used, gate.allowed, gate.why) == (96, 100, Why.BUDGET)
    assert note(gate, Short(97, 100), now).closed == gate.closed
    _, trying = let_through(gate, 9, 0, now + timedelta(hours=6.5))
    opened = note(trying, Well(5, 100), now + timedelta(hours=6.5))
    assert (opened.used, let_through(opened, 9, 0, now + timedelta(hours=6.5))[0]) == (5, 9)


def test_C4_one_that_was_under_way_does_not_reopen_a_short_budget() -> None:
    assert is_closed(after(Short(95, 100), Well(50, 100)), NOW)


def test_another_reason_begins_with_its_own_first_length() -> None:
    gate = after(*[Away()] * TRIPS)
    _, trying = let_through(gate, 1, 0, NOW + MINUTE)
    short = note(trying, Short(95, 100), NOW + MINUTE)
    assert short.closed == NOW + MINUTE + timedelta(hours=2.5)


@pytest.mark.parametrize(
    ("used", "allowed", "short"),
    [(14_000, 15_000, True), (13_500, 15_000, False), (13_501, 15_000, True), (0, 999, True), (0, 1000, False)],
)
def test_C4_short_by_number_or_by_share(used: int, allowed: int, short: bool) -> None:
    assert is_short(used, allowed, 1000, 10) is short


def test_tokens_come_back_with_time_and_never_beyond_a_minutes_worth() -> None:
    passed, gate = let_through(Gate(), 100, 30, NOW)
    assert passed == 30
    assert let_through(gate, 100, 30, NOW + SECOND)[0] == 0
    passed, later = let_through(gate, 100, 30, NOW + 10 * SECOND)
    assert passed == 5
    assert let_through(later, 3, 30, NOW + timedelta(hours=9))[0] == 3
    assert let_through(later, 100, 30, NOW + timedelta(hours=9))[0] == 30
    assert let_through(Gate(), 100, 0.5, NOW)[0] == 1


def test_sessions_that_ask_much_are_paid_for_afterwards() -> None:
    _, gate = let_through(Gate(), 30, 30, NOW)
    gate = spend(gate, 20)
    assert let_through(gate, 9, 30, NOW + 40 * SECOND)[0] == 0
    assert let_through(gate, 9, 30, NOW + 42 * SECOND)[0] == 1


def test_nobody_wanted_changes_nothing() -> None:
    gate = replace(after(*[Away()] * TRIPS), closed=NOW)
    assert let_through(gate, 0, 0, NOW) == (0, gate)


def test_C4_the_calls_last_seen_are_kept_where_a_session_saw_none() -> None:
    for sign in (Well, Short):
        seen = after(sign(5, 100))
        assert (seen.used, seen.allowed) == (5, 100)
        assert (note(seen, sign(), NOW).used, note(seen, sign(), NOW).allowed) == (5, 100)
        later = note(seen, sign(6, 200), NOW)
        assert (later.used, later.allowed) == (6, 200)


def test_a_success_after_a_wait_that_is_over_forgets_it() -> None:
    gate = note(after(AskedToWait(MINUTE)), Well(), NOW + MINUTE)
    assert (gate.why, gate.closed) == (Why.NOTHING, None)


def test_a_longer_wait_takes_the_place_of_a_shorter_one() -> None:
    assert after(AskedToWait(MINUTE), AskedToWait(10 * MINUTE)).closed == NOW + 10 * MINUTE


def test_the_one_that_tries_may_be_asked_to_wait() -> None:
    _, trying = let_through(after(*[Away()] * TRIPS), 1, 0, NOW + MINUTE)
    gate = note(trying, AskedToWait(10 * MINUTE), NOW + MINUTE)
    assert (gate.why, gate.closed, gate.trying) == (Why.WAIT, NOW + 11 * MINUTE, False)


def test_C4_a_short_budget_is_closed_for_longer_by_those_that_try_alone() -> None:
    short = after(Short(95, 100))
    assert short.closed is not None
    assert note(short, Short(96, 100), NOW + SECOND) == replace(short, used=96)
    again = note(short, Short(96, 100), short.closed)
    assert again.closed == short.closed + timedelta(hours=4.5)
    _, trying = let_through(short, 1, 0, short.closed)
    assert (trying.trying, note(trying, Short(96, 100), short.closed).trying) == (True, False)


def test_C4_a_short_budget_outlasts_a_wait() -> None:
    gate = after(AskedToWait(MINUTE), Short(95, 100))
    assert (gate.why, gate.closed) == (Why.BUDGET, NOW + timedelta(hours=2.5))


def test_nobody_wanted_spends_no_time_and_one_wanted_passes() -> None:
    assert let_through(Gate(), 0, 30, NOW) == (0, Gate())
    assert let_through(Gate(), 1, 0, NOW) == (1, Gate())


def test_nobody_tries_while_no_session_may_be_given_out() -> None:
    gate = Gate(closed=NOW, why=Why.AWAY, tokens=0, filled=NOW)
    assert let_through(gate, 5, 1, NOW) == (0, gate)


def test_time_gives_its_tokens_once() -> None:
    _, gate = let_through(Gate(), 30, 30, NOW)
    passed, gate = let_through(gate, 100, 30, NOW + 10 * SECOND)
    assert (passed, let_through(gate, 100, 30, NOW + 10 * SECOND)[0]) == (5, 0)

"""The schedule on both databases: who is due, who is claimed, who sleeps, and what each session's end makes of it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailsync.core.gate import AskedToWait, Away, Short, Well, Why
from mailsync.ports.ledger import Batch
from mailsync.ports.schedule import LOST, Home
from mailsync.store import SqlStore
from mailsync.store.schedule import AT_A_TIME
from tests.contract.store.people import NOW, reopen

MINUTE = timedelta(minutes=1)
ORG, OTHER = Home("salesforce acme", "google acme"), Home("salesforce globex", "google globex")


def at(*times: datetime) -> Callable[[], datetime]:
    """First times, one after another; the last one for all who follow."""
    left = list(times)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def claim(store: SqlStore, now: datetime = NOW, limit: int = 10) -> list[str]:
    return [due.user for due in store.schedule.claim(now, limit)]


def session(store: SqlStore, user: str, now: datetime, after: timedelta = 30 * MINUTE) -> None:
    """A session from beginning to end."""
    fence = store.begin(user, now)
    store.commit(user, fence, Batch(state={"next_run": (now + after).isoformat()}), now)
    store.finish(user, fence, {}, now)


def test_A2_enrolled_users_are_due_at_their_first_time_and_later_ones_after_their_session(store: SqlStore) -> None:
    times = at(NOW + MINUTE, NOW, NOW - MINUTE)
    assert store.schedule.enrol({"ann": ORG, "bob": ORG, "cem": ORG}, times) == 3
    assert claim(store) == ["cem", "bob"]
    assert claim(store) == []  # given once
    session(store, "cem", NOW)
    assert claim(store, NOW + 29 * MINUTE) == ["ann"]
    assert claim(store, NOW + 30 * MINUTE) == ["cem"]
    assert claim(store, NOW + 60 * MINUTE) == []  # ann's and bob's are still in the queue


def test_who_leaves_the_file_is_scheduled_no_more(store: SqlStore) -> None:
    store.schedule.enrol({"ann": ORG, "bob": ORG}, at(NOW))
    session(store, "bob", NOW - 60 * MINUTE)
    assert store.schedule.enrol({"bob": OTHER, "cem": ORG}, at(NOW + MINUTE)) == 1
    assert [(d.user, d.organisation) for d in store.schedule.claim(NOW, 9)] == [("bob", OTHER.organisation)]
    slot = store.schedule.slot("ann")
    assert slot is not None
    assert slot.organisation == ""
    assert store.schedule.slot("nobody") is None


def test_of_whom_something_is_stored_already_gets_a_first_time_too(store: SqlStore) -> None:
    store.save_settings("ann", {"view": "all"})
    assert claim(store) == []
    store.schedule.enrol({"ann": ORG}, at(NOW))
    assert claim(store) == ["ann"]


def test_A2_organisations_take_turns(store: SqlStore) -> None:
    big = {f"b{n}": ORG for n in range(30)}
    store.schedule.enrol({**big, "s1": OTHER, "s2": OTHER}, at(NOW - MINUTE))
    first = claim(store, limit=4)
    assert sorted(user[0] for user in first) == ["b", "b", "s", "s"]
    store.schedule.enrol({**big, "s1": OTHER, "s2": OTHER, "t1": Home("third")}, at(NOW - MINUTE))
    assert claim(store, limit=1) == ["t1"]  # never served yet
    rest = [user for _ in range(30) for user in claim(store, limit=4)]
    assert len(rest) == 28


def test_A2_organisations_without_due_users_keep_nobody_waiting(store: SqlStore) -> None:
    idle = {f"i{n}": Home(f"idle {n:03d}") for n in range(AT_A_TIME + 10)}
    store.schedule.enrol(idle, at(NOW + 60 * MINUTE))
    store.schedule.enrol({**idle, "ann": Home("zebra")}, at(NOW))
    assert "ann" in [*claim(store), *claim(store, NOW + MINUTE)]


def test_C4_behind_a_closed_gate_nobody_is_due(store: SqlStore) -> None:
    store.schedule.enrol({"ann": ORG, "bob": ORG, "cem": OTHER}, at(NOW))
    store.gates.note(ORG.organisation, Short(95, 100), NOW)
    assert claim(store) == ["cem"]
    later = NOW + timedelta(hours=2.5)
    assert claim(store, later - MINUTE) == []
    first = claim(store, later)
    assert len(first) == 1  # it tries
    assert claim(store, later) == []
    store.gates.note(ORG.organisation, Well(5, 100), later)
    assert len(claim(store, later)) == 1
    assert (store.gates.find(ORG.organisation).used, store.gates.closed(later)) == (5, [])


def test_an_outage_of_a_mailbox_tenant_stops_its_users_alone(store: SqlStore) -> None:
    elsewhere = Home(ORG.organisation, "exchange mail.acme")
    store.schedule.enrol({"ann": ORG, "bob": elsewhere, "cem": elsewhere}, at(NOW))
    for _ in range(5):
        store.gates.note("exchange mail.acme", Away(), NOW)
    assert [key for key, _ in store.gates.closed(NOW)] == ["exchange mail.acme"]
    assert claim(store) == ["ann"]
    assert len(claim(store, NOW + MINUTE)) == 1
    assert claim(store, NOW + MINUTE) == []
    store.gates.note("exchange mail.acme", Well(), NOW + MINUTE)
    assert len(claim(store, NOW + MINUTE)) == 1
    assert store.gates.find("exchange mail.acme").why is Why.NOTHING


def test_what_a_vendor_asks_for_is_kept_by_all_workers(home: Path) -> None:
    one, other = reopen(home), reopen(home)
    one.schedule.enrol({"ann": ORG, "bob": ORG}, at(NOW))
    one.gates.note(ORG.organisation, AskedToWait(10 * MINUTE), NOW)
    assert claim(other, NOW + 9 * MINUTE) == []
    assert claim(other, NOW + 10 * MINUTE) == ["ann", "bob"]
    one.close()
    other.close()


def test_sessions_a_minute_are_limited_for_all_dispatchers_together(home: Path) -> None:
    stores = [reopen(home) for _ in range(2)]
    stores[0].schedule.enrol({f"u{n}": ORG for n in range(30)}, at(NOW))
    limited = [replace(store.schedule, rates={ORG.organisation: 6}) for store in stores]
    assert [len(schedule.claim(NOW, 10)) for schedule in limited] == [6, 0]
    assert [len(schedule.claim(NOW + MINUTE / 2, 10)) for schedule in limited] == [3, 0]
    stores[0].gates.spend(ORG.organisation, 3)  # sessions that asked much
    assert len(limited[1].claim(NOW + MINUTE, 10)) == 0
    for store in stores:
        store.close()


def test_claims_of_several_dispatchers_never_overlap(home: Path) -> None:
    stores = [reopen(home) for _ in range(3)]
    stores[0].schedule.enrol({f"u{n}": ORG for n in range(200)}, at(NOW))
    taken: list[str] = []

    def take(store: SqlStore) -> None:
        while found := claim(store, limit=7):
            taken.extend(found)

    threads = [threading.Thread(target=take, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while found := claim(stores[0]):  # rows that two looked at in the same moment
        taken.extend(found)
    assert sorted(taken) == sorted(f"u{n}" for n in range(200))
    for store in stores:
        store.close()


def test_a_claim_ends_with_the_session_and_a_job_given_twice_finds_nothing(store: SqlStore) -> None:
    store.schedule.enrol({"ann": ORG}, at(NOW))
    (due,) = store.schedule.claim(NOW, 1)
    assert store.schedule.claimed(due.number) == "ann"
    session(store, "ann", NOW)
    assert store.schedule.claimed(due.number) is None
    assert store.schedule.claimed(999) is None


def test_a_claim_of_which_no_session_comes_is_given_out_again(store: SqlStore) -> None:
    store.schedule.enrol({"ann": ORG, "bob": ORG}, at(NOW))
    assert len(claim(store)) == 2
    fence = store.begin("bob", NOW)
    assert store.schedule.release_lost(NOW + LOST) == 0
    late = NOW + LOST + timedelta(seconds=1)
    assert store.schedule.release_lost(late) == 1
    assert claim(store, late) == ["ann"]
    store.renew("bob", fence, NOW + 5 * MINUTE)  # a long session
    assert store.schedule.release_lost(NOW + 6 * MINUTE) == 1
    assert store.schedule.release_lost(NOW + 6 * MINUTE + timedelta(seconds=1)) == 1  # silent for over a minute
    assert sorted(claim(store, NOW + 7 * MINUTE)) == ["ann", "bob"]


def test_a_turn_without_a_session_comes_back_when_it_is_told_to(store: SqlStore) -> None:
    store.schedule.enrol({"ann": ORG}, at(NOW))
    claim(store)
    store.schedule.put_back("ann", NOW + MINUTE)
    assert claim(store) == []
    assert claim(store, NOW + MINUTE) == ["ann"]


def test_A2_sync_now_comes_first_and_once_a_minute(store: SqlStore) -> None:
    store.schedule.enrol({"ann": ORG, "bob": ORG}, at(NOW + MINUTE, NOW - MINUTE))
    assert store.schedule.ask("ann", NOW) is True
    assert store.schedule.ask("ann", NOW + timedelta(seconds=59)) is False
    assert store.schedule.ask("nobody", NOW) is False
    found = store.schedule.claim(NOW, 10)
    assert [(due.user, due.waited_for) for due in found] == [("ann", True), ("bob", False)]
    session(store, "ann", NOW)
    assert claim(store, NOW + 29 * MINUTE) == []
    assert store.schedule.ask("ann", NOW + MINUTE) is True


def test_A2_sync_now_while_a_session_runs_gives_another_one_at_once(store: SqlStore) -> None:
    store.schedule.enrol({"ann": ORG}, at(NOW))
    claim(store)
    fence = store.begin("ann", NOW)
    assert store.schedule.ask("ann", NOW) is True
    store.commit("ann", fence, Batch(state={"next_run": (NOW + 30 * MINUTE).isoformat()}), NOW)
    store.finish("ann", fence, {}, NOW)
    assert claim(store) == ["ann"]
    session(store, "ann", NOW)
    assert claim(store, NOW + 29 * MINUTE) == []


@pytest.mark.parametrize(
    ("state", "reason"), [({"paused": True}, "paused"), ({"suspended": "failing"}, "failing"), ({"paused": False}, "")]
)
def test_C3_E5_who_is_paused_or_suspended_sleeps(store: SqlStore, state: dict[str, object], reason: str) -> None:
    store.schedule.enrol({"ann": ORG}, at(NOW))
    store.save_state("ann", state)
    slot = store.schedule.slot("ann")
    assert slot is not None
    assert slot.asleep == reason
    assert claim(store) == ([] if reason else ["ann"])
    store.save_state("ann", {"paused": False, "suspended": "", "next_run": None})
    assert claim(store) == ["ann"]


def test_E5_a_pause_outlives_a_reset_and_a_suspension_does_not(store: SqlStore) -> None:
    store.schedule.enrol({"ann": ORG, "bob": ORG}, at(NOW + 30 * MINUTE))
    store.save_state("ann", {"paused": True})
    store.save_state("bob", {"suspended": "failing"})
    store.forget("ann", keep_settings=True)
    store.forget("bob", keep_settings=True)
    assert claim(store) == ["bob"]


def test_A15_who_is_switched_off_sleeps_until_it_is_looked_at_again(store: SqlStore) -> None:
    store.schedule.enrol({"ann": ORG}, at(NOW))
    for wake in (
        lambda: store.save_settings("ann", {"contacts": None}),
        lambda: store.schedule.enrol({"ann": ORG}, at(NOW)),
    ):
        assert claim(store) == ["ann"]
        store.schedule.rest("ann", "off")
        assert claim(store, NOW + 60 * MINUTE) == []
        store.save_settings("ann", {"view": "all"})
        assert claim(store, NOW + 60 * MINUTE) == []
        wake()


def test_a_removed_user_is_not_scheduled_and_one_who_is_back_is(store: SqlStore) -> None:
    store.schedule.enrol({"ann": ORG}, at(NOW))
    store.forget("ann", keep_settings=False)
    assert claim(store) == []
    store.save_settings("ann", {"contacts": "on"})
    assert claim(store) == ["ann"]


def test_the_backlog_in_numbers(store: SqlStore) -> None:
    store.schedule.enrol({f"u{n}": ORG for n in range(6)}, at(*(NOW - n * MINUTE for n in range(6))))
    store.save_state("u5", {"paused": True})
    store.save_state("u4", {"suspended": "failing"})
    store.save_state("u3", {"next_run": None})
    store.save_settings("none", {"view": "all"})
    claim(store, NOW, 1)
    backlog = store.schedule.backlog(NOW)
    assert (backlog.users, backlog.due, backlog.queued) == (6, 3, 1)
    assert backlog.oldest == NOW - 2 * MINUTE
    assert backlog.asleep == {"paused": 1, "failing": 1}
    assert store.schedule.backlog(NOW - 60 * MINUTE).oldest is None

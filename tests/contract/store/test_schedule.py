"""The schedule on both databases: who is due, who is claimed, who sleeps, and what each session's end makes of it."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailsync.ports.ledger import Batch
from mailsync.ports.schedule import LOST
from mailsync.store import SqlStore
from tests.contract.store.people import NOW, reopen

MINUTE = timedelta(minutes=1)
ORG, OTHER = "acme.my.salesforce.com", "globex.my.salesforce.com"


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
    assert [(d.user, d.organisation) for d in store.schedule.claim(NOW, 9)] == [("bob", OTHER)]
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
    store.schedule.enrol({**big, "s1": OTHER, "s2": OTHER, "t1": "third"}, at(NOW - MINUTE))
    assert claim(store, limit=1) == ["t1"]  # never served yet
    rest = [user for _ in range(30) for user in claim(store, limit=4)]
    assert len(rest) == 28


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

"""Presets, groups and the activity log, on both databases."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailsync.errors import FenceLost, LockHeld, StoreError
from mailsync.ports.activity import Act
from mailsync.ports.ledger import Batch
from mailsync.ports.presets import Book, Mode, Preset
from mailsync.ports.schedule import Home
from mailsync.store import SqlStore
from mailsync.store.activity import KEPT
from tests.contract.store.people import NOW, make_pair

HOUSE = Preset("house", Mode.OVERRIDE, {"auto_removal": "not-allowed"}, everybody=True, about="Regel für alle")
SALES = Preset("sales", Mode.PRESERVE, {"guard.count": "20", "view": "all"}, groups=("sales",))
ANN = Preset("ann", Mode.PRESERVE, {"view": "mine"}, users=("ann", "gone"))
BOOK = Book((HOUSE, SALES, ANN), {"sales": ("ann", "bob")})


def save(store: SqlStore, book: Book, states: Mapping[str, Mapping[str, Any]] | None = None) -> None:
    with store.acting() as hand:
        for user, state in sorted((states or {}).items()):
            hand.settle(user, state, NOW)
        hand.replace_presets(book)


def add(store: SqlStore, *acts: Act) -> None:
    with store.acting() as hand:
        hand.record(acts)


def names(store: SqlStore, user: str) -> list[str]:
    return [preset.name for preset in store.presets.of(user)]


def test_a_store_has_no_presets_at_first(store: SqlStore) -> None:
    assert store.presets.book() == Book()
    assert store.presets.of("ann") == ()


def test_presets_are_kept_in_order_and_read_for_one_user(store: SqlStore) -> None:
    save(store, BOOK)
    assert store.presets.book() == BOOK
    assert names(store, "ann") == ["house", "sales", "ann"]
    assert names(store, "bob") == ["house", "sales"]
    assert names(store, "cem") == ["house"]
    assert store.presets.of("bob")[1].settings == SALES.settings
    assert list(store.presets.members("sales")) == ["ann", "bob"]


def test_other_presets_replace_them_all(store: SqlStore) -> None:
    save(store, BOOK)
    other = Book((Preset("house", Mode.PRESERVE, {"view": "all"}, users=("bob",)),), {})
    save(store, other)
    assert store.presets.book() == other
    assert names(store, "ann") == []


def test_what_presets_mean_for_users_is_stored_with_them(store: SqlStore) -> None:
    store.save_settings("bob", {"contacts": "off"})
    store.schedule.enrol({"bob": Home("acme")}, lambda: NOW)
    store.schedule.rest("bob", "off")
    save(store, BOOK, {"ann": {"crm_cursor": None, "scope_approved": True}, "bob": {}})
    assert store.state("ann")["scope_approved"] is True
    slot = store.schedule.slot("bob")
    assert slot is not None
    assert slot.asleep == ""


def act(n: int, action: str = "set", user: str = "ann") -> Act:
    return Act(NOW + timedelta(seconds=n), "root", action, user, {"view": {"before": "mine", "after": f"view:Ü{n}"}})


def test_acts_are_read_back_the_latest_first(store: SqlStore) -> None:
    add(store, act(1), act(2, user="bob"), act(3, "pause"))
    assert store.activity.latest(10) == [act(3, "pause"), act(2, user="bob"), act(1)]
    assert store.activity.latest(1) == [act(3, "pause")]
    assert store.activity.latest(10, user="bob") == [act(2, user="bob")]
    assert store.activity.latest(10, action="pause") == [act(3, "pause")]


def test_acts_are_kept_for_a_year(store: SqlStore) -> None:
    add(store, act(1))
    later = Act(NOW + KEPT + timedelta(seconds=2), "root", "pause", "ann")
    add(store, later)
    assert store.activity.latest(10) == [later]


def test_a_change_and_its_act_are_one_transaction(store: SqlStore) -> None:
    def change() -> None:
        with store.acting() as hand:
            hand.save_settings("ann", {"view": "all"}, {"hold_deletions": True})
            hand.save_state("bob", {"paused": True})
            hand.record([act(1)])
            hand.answer("ann", "D1-z", "approve")  # there is no such hold

    with pytest.raises(StoreError):
        change()
    assert (store.settings("ann"), store.state("bob"), store.activity.latest(10)) == ({}, {}, [])


def test_E6_a_removal_is_one_transaction(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    store.commit("ann", fence, Batch(pairs=(make_pair(1),)), NOW)

    def remove(**state: object) -> None:
        with store.acting() as hand:
            hand.forget("ann", keep_settings=False)
            hand.save_settings("ann", {"contacts": "off"}, state)
            hand.record([act(1, "remove")])

    with pytest.raises(AssertionError):
        remove(unfit=object())
    assert (store.count("ann"), store.settings("ann")) == (1, {})
    remove()
    assert (store.count("ann"), store.settings("ann")) == (0, {"contacts": "off"})
    assert store.activity.latest(10) == [act(1, "remove")]


def test_a_sessions_act_is_announced_with_its_lock_and_sealed_with_its_end(store: SqlStore) -> None:
    begun = Act(NOW, "root", "undo", "ann", {"session": 7, "status": "begun"})
    add(store, act(0), Act(NOW, "kim", "undo", "ann", {"session": 6, "status": "begun"}))
    fence = store.begin("ann", NOW, begun)
    with pytest.raises(LockHeld):
        store.begin("ann", NOW, begun)
    assert store.activity.latest(1) == [begun]
    ended = replace(begun, details={"session": 7, "status": "done"})
    with pytest.raises(FenceLost):
        store.finish("ann", fence + 1, {}, NOW, act=ended)
    assert store.activity.latest(1) == [begun]
    store.finish("ann", fence, {}, NOW, act=ended)
    assert [a.details.get("status") for a in store.activity.latest(10)] == ["done", "begun", None]


def test_D9_an_act_that_is_sealed_after_its_user_was_erased_does_not_come_back(store: SqlStore) -> None:
    add(store, act(1))
    store.erase("ann", [act(2, "erase", "")])
    with store.acting() as hand:
        hand.seal(act(1), status="done")
    assert store.activity.latest(10) == [act(2, "erase", "")]


def test_D9_erasing_a_user_takes_their_name_out_of_everything(store: SqlStore) -> None:
    save(store, BOOK, {"ann": {}})
    add(store, act(1), act(2, user="bob"))
    exported = store.export("ann")
    assert [a["action"] for a in exported["activity"]] == ["set"]
    assert (exported["preset_targets"], exported["members"]) == ([{"preset": "ann"}], [{"group_name": "sales"}])
    store.erase("ann")
    assert store.activity.latest(10) == [act(2, user="bob")]
    assert names(store, "ann") == ["house"]
    assert store.presets.book().groups == {"sales": ("bob",)}

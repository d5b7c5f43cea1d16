"""Presets, groups and the activity log, on both databases."""

from datetime import timedelta

from mailsync.ports.activity import Act
from mailsync.ports.presets import Book, Mode, Preset
from mailsync.ports.schedule import Home
from mailsync.store import SqlStore
from mailsync.store.activity import KEPT
from tests.contract.store.people import NOW

HOUSE = Preset("house", Mode.OVERRIDE, {"auto_removal": "not-allowed"}, everybody=True, about="Regel für alle")
SALES = Preset("sales", Mode.PRESERVE, {"guard.count": "20", "view": "all"}, groups=("sales",))
ANN = Preset("ann", Mode.PRESERVE, {"view": "mine"}, users=("ann", "gone"))
BOOK = Book((HOUSE, SALES, ANN), {"sales": ("ann", "bob")})


def names(store: SqlStore, user: str) -> list[str]:
    return [preset.name for preset in store.presets.of(user)]


def test_a_store_has_no_presets_at_first(store: SqlStore) -> None:
    assert store.presets.book() == Book()
    assert store.presets.of("ann") == ()


def test_presets_are_kept_in_order_and_read_for_one_user(store: SqlStore) -> None:
    store.presets.save(BOOK, {}, NOW)
    assert store.presets.book() == BOOK
    assert names(store, "ann") == ["house", "sales", "ann"]
    assert names(store, "bob") == ["house", "sales"]
    assert names(store, "cem") == ["house"]
    assert store.presets.of("bob")[1].settings == SALES.settings
    assert list(store.presets.members("sales")) == ["ann", "bob"]


def test_other_presets_replace_them_all(store: SqlStore) -> None:
    store.presets.save(BOOK, {}, NOW)
    other = Book((Preset("house", Mode.PRESERVE, {"view": "all"}, users=("bob",)),), {})
    store.presets.save(other, {}, NOW)
    assert store.presets.book() == other
    assert names(store, "ann") == []


def test_what_presets_mean_for_users_is_stored_with_them(store: SqlStore) -> None:
    store.save_settings("bob", {"contacts": "off"})
    store.schedule.enrol({"bob": Home("acme")}, lambda: NOW)
    store.schedule.rest("bob", "off")
    store.presets.save(BOOK, {"ann": {"crm_cursor": None, "scope_approved": True}, "bob": {}}, NOW)
    assert store.state("ann")["scope_approved"] is True
    slot = store.schedule.slot("bob")
    assert slot is not None
    assert slot.asleep == ""


def act(n: int, action: str = "set", user: str = "ann") -> Act:
    return Act(NOW + timedelta(seconds=n), "root", action, user, {"view": {"before": "mine", "after": f"view:Ü{n}"}})


def test_acts_are_read_back_the_latest_first(store: SqlStore) -> None:
    store.activity.add([act(1), act(2, user="bob"), act(3, "pause")])
    assert store.activity.latest(10) == [act(3, "pause"), act(2, user="bob"), act(1)]
    assert store.activity.latest(1) == [act(3, "pause")]
    assert store.activity.latest(10, user="bob") == [act(2, user="bob")]
    assert store.activity.latest(10, action="pause") == [act(3, "pause")]


def test_acts_are_kept_for_a_year(store: SqlStore) -> None:
    store.activity.add([act(1)])
    later = Act(NOW + KEPT + timedelta(seconds=2), "root", "pause", "ann")
    store.activity.add([later])
    assert store.activity.latest(10) == [later]


def test_D9_erasing_a_user_takes_their_name_out_of_everything(store: SqlStore) -> None:
    store.presets.save(BOOK, {"ann": {}}, NOW)
    store.activity.add([act(1), act(2, user="bob")])
    exported = store.export("ann")
    assert [a["action"] for a in exported["activity"]] == ["set"]
    assert (exported["preset_targets"], exported["members"]) == ([{"preset": "ann"}], [{"group_name": "sales"}])
    store.erase("ann")
    assert store.activity.latest(10) == [act(2, user="bob")]
    assert names(store, "ann") == ["house"]
    assert store.presets.book().groups == {"sales": ("bob",)}

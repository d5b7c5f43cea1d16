"""Users, settings, schedule; what is forgotten, purged, exported and erased."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mailsync.core.changes import FolderMark
from mailsync.core.entries import FORGOTTEN, Change, Entry
from mailsync.core.notices import HoldMember, Issue, Parked
from mailsync.core.pair import Base, Tombstone
from mailsync.core.refs import FieldName, Key, Side, Version
from mailsync.errors import FenceLost, StoreError
from mailsync.ports.activity import Act
from mailsync.ports.ledger import Batch, Intent, Pending, creation
from mailsync.ports.presets import Book, Mode, Preset
from mailsync.store import SqlStore
from tests.contract.store.people import NOW, item, make_entry, make_hold, make_pair, record, reopen
from tests.fakes.store import FakeStore

FULL = Batch(
    pairs=(make_pair(1), make_pair(2)),
    tombstones=(Tombstone(record(9), None, "D1"),),
    intents=(Intent(Key("k"), Side.MAILBOX, make_pair(3, item=None), NOW, 1, "A17"),),
    parked=(Parked(Side.CRM, record(4), "B8", "refused"),),
    issues=(Issue("REFUSED", "B8", "no", record(4)),),
    holds=(make_hold("D1-a", HoldMember(record(1), item(1))),),
    entries=(make_entry("update", Side.CRM),),
    state={"folder": "F1", "crm_cursor": "c", "started": True, "paused": True, "next_run": NOW.isoformat()},
)


FORGOTTEN_CREATE = creation(FULL.intents[0], FULL.intents[0].pair, NOW, FORGOTTEN)
"""What the history says of FULL's intent once it is forgotten (L5, I16)."""


def _fill(store: SqlStore, user: str) -> int:
    fence = store.begin(user, NOW)
    store.commit(user, fence, FULL, NOW)
    store.save_settings(user, {"direction": "up", "view": "all"})
    store.logins.save_credentials(user, {"token": "hush"})
    preset = Preset("everyones", Mode.PRESERVE, {"view": "all"}, users=("ann", "bob"))
    with store.acting() as hand:
        hand.record([Act(NOW, "root", "set", user)])
        hand.replace_presets(Book((preset,), {"all": ("ann", "bob")}))
    return fence


def _rows(folder: Path, user: str) -> int:
    """How many rows of all tables belong to a user."""
    with closing(sqlite3.connect(folder / "mailsync.db")) as database:
        found = database.execute("SELECT id FROM users WHERE name = ?", (user,)).fetchone()
        tables = [r[0] for r in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        owned = [t for t in tables if any(c[1] == "user_id" for c in database.execute(f"PRAGMA table_info({t})"))]
        assert len(owned) == 11
        query = "SELECT count(*) FROM {} WHERE user_id = ?"
        return sum(database.execute(query.format(t), found).fetchone()[0] for t in owned) if found else 0


def test_settings_are_stored_and_forgotten(store: SqlStore) -> None:
    assert store.settings("ann") == {}
    store.save_settings("ann", {"direction": "up", "block": "a@b.example,c.example"})
    store.save_settings("ann", {"direction": None, "view": "all", "never": None})
    assert store.settings("ann") == {"block": "a@b.example,c.example", "view": "all"}
    assert store.settings("bob") == {}
    assert store.users() == ["ann"]


def test_D2_settings_and_what_they_mean_for_the_next_session_are_one_transaction(store: SqlStore) -> None:
    _fill(store, "ann")
    store.save_settings("ann", {"auto_removal": "allowed"}, {"hold_deletions": True}, NOW)
    assert store.settings("ann")["auto_removal"] == "allowed"
    assert store.state("ann")["hold_deletions"] is True
    assert [p.due for p in store.parked("ann", NOW)] == [NOW]
    store.save_settings("ann", {"view": "mine"}, {})
    assert store.state("ann")["hold_deletions"] is True
    unfit = {"hold_deletions": object()}  # no JSON value: nothing of it is stored
    with pytest.raises(AssertionError):
        store.save_settings("ann", {"auto_removal": "not-allowed"}, unfit)
    assert store.settings("ann")["auto_removal"] == "allowed"


def test_a_reset_keeps_settings_folder_and_history_and_repairs(store: SqlStore) -> None:
    fence = _fill(store, "ann")
    store.forget("ann", keep_settings=True)
    assert store.count("ann") == 0
    assert (store.intents("ann"), store.parked("ann"), store.issues("ann"), store.holds("ann")) == ([], [], [], [])
    assert store.state("ann") == {"folder": "F1", "paused": True, "repairing": True}
    assert store.settings("ann") == {"direction": "up", "view": "all"}
    assert store.logins.credential("ann", "token") == "hush"
    assert store.history("ann") == [*FULL.entries, FORGOTTEN_CREATE]
    assert store.tombstones("ann", [record(9)])
    with pytest.raises(FenceLost):  # a session that ran meanwhile
        store.commit("ann", fence, Batch(pairs=(make_pair(1),)), NOW)
    assert store.begin("ann", NOW) > fence


@pytest.mark.rule("A1")
@pytest.mark.rule("E6")
@pytest.mark.parametrize("fake", [False, True])
def test_E6_a_reset_keeps_what_no_item_tells_of_its_pair_until_it_is_found_again(
    store: SqlStore, *, fake: bool
) -> None:
    """Born in the mailbox, and never made anew, the item says so itself: it carries no key of ours."""
    keeper = FakeStore(FolderMark("inst-1", 1)) if fake else store
    plain = {"pinned": False, "origin": Side.CRM, "made_item": True}
    changes = (
        {},
        {"edited": True},
        {"pinned": True, "made_item": False},  # put back into the folder (A19)
        {"pinned": True},
        {"pinned": True, "made_item": False, "origin": Side.MAILBOX, "edited": True},
        {"pinned": True, "origin": Side.MAILBOX},  # born in the mailbox, and created again (D1)
    )
    pairs = tuple(make_pair(n, **(plain | c)) for n, c in enumerate(changes))
    keeper.commit("ann", keeper.begin("ann", NOW), Batch(pairs=pairs), NOW)
    keeper.commit("bob", keeper.begin("bob", NOW), Batch(pairs=(make_pair(7, edited=True),)), NOW)
    keeper.forget("ann", keep_settings=True)
    known = {"edited": [record(1), record(4)], "theirs": [record(2), record(3), record(5)]}
    assert keeper.state("ann") == {"repairing": True, **known}

    found = (replace(pairs[1], edited=False), make_pair(6, edited=True))
    keeper.commit("ann", keeper.begin("ann", NOW), Batch(pairs=found), NOW)
    keeper.forget("ann", keep_settings=True)
    assert keeper.state("ann") == {"repairing": True, **known, "edited": [record(1), record(4), record(6)]}

    ended = {"repairing": False, "edited": False, "theirs": False}
    keeper.commit("ann", keeper.begin("ann", NOW), Batch(state=ended), NOW)
    keeper.forget("ann", keep_settings=False)
    assert keeper.state("ann") == {}


@pytest.mark.rule("L5")
@pytest.mark.parametrize("keep_settings", [True, False])
def test_L5_a_write_whose_answer_was_lost_is_in_the_history_of_whoever_is_forgotten(
    store: SqlStore, keep_settings: bool
) -> None:
    """Nobody looks for it any more, and a value that it replaced is nowhere else."""
    fence = store.begin("ann", NOW)
    fields = {"Title": Change("CEO", "CTO", "CEO")}
    update = Pending(Key("p"), item(1), Entry(fence, NOW, "B12", Side.MAILBOX, "update", record(1), item(1), fields))
    move = Pending(Key("m"), item(2), Entry(fence, NOW, "A7", Side.MAILBOX, "move", record(2), item(2)))
    store.commit("ann", fence, Batch(pending=(update, move), intents=FULL.intents), NOW)
    store.forget("ann", keep_settings=keep_settings)
    assert store.pending("ann") == []
    assert store.history("ann") == [FORGOTTEN_CREATE, replace(update.entry, reason=FORGOTTEN)]
    create = FORGOTTEN_CREATE
    assert (create.kind, create.side, create.record, create.item) == ("create", Side.MAILBOX, record(3), None)


@pytest.mark.rule("A1")
def test_a_reset_before_the_first_session_is_one_as_well(store: SqlStore) -> None:
    store.forget("ann", keep_settings=True)
    assert (store.state("ann"), store.users()) == ({"repairing": True}, ["ann"])


def test_a_removed_user_is_forgotten_but_for_the_history(store: SqlStore) -> None:
    fence = _fill(store, "ann")
    _fill(store, "bob")
    store.forget("ann", keep_settings=False)
    assert store.users() == ["bob"]
    assert (store.state("ann"), store.settings("ann"), store.logins.credential("ann", "token")) == ({}, {}, None)
    assert store.tombstones("ann", [record(9)]) == []
    assert store.history("ann") == [*FULL.entries, FORGOTTEN_CREATE]
    with pytest.raises(FenceLost):
        store.commit("ann", fence, Batch(), NOW)
    assert store.count("bob") == 2
    assert store.begin("ann", NOW) > fence
    assert store.users() == ["ann", "bob"]


@pytest.mark.rule("D9")
def test_D9_history_and_tombstones_go_in_their_time(store: SqlStore) -> None:
    fence = store.begin("ann", NOW - timedelta(days=91))
    old = make_entry("update", Side.CRM, NOW - timedelta(days=90, seconds=1))
    young = replace(old, time=NOW - timedelta(days=90))
    batch = Batch(entries=(old, young), tombstones=(Tombstone(record(1), None, "D1"),))
    store.commit("ann", fence, batch, NOW - timedelta(days=30, seconds=1))
    store.commit("ann", fence, Batch(tombstones=(Tombstone(record(2), None, "D1"),)), NOW - timedelta(days=30))
    store.finish("ann", fence, {}, NOW)
    store.begin("ann", NOW)
    store.purge(NOW)
    assert store.history("ann") == [young]
    assert [s.record for s in store.tombstones("ann", [record(1), record(2)])] == [record(2)]
    assert [s.number for s in store.sessions("ann", 9)] == [2]
    store.purge(NOW, history=timedelta(days=89), user="bob")
    assert store.history("ann") == [young]
    store.purge(NOW, history=timedelta(days=89), tombstones=timedelta(days=1), user="ann")
    assert store.history("ann") == []
    assert store.tombstones("ann", [record(2)]) == []


@pytest.mark.rule("D9")
def test_D9_the_export_has_everything_as_json(store: SqlStore) -> None:
    _fill(store, "ann")
    _fill(store, "bob")
    kept = json.loads(json.dumps(store.export("ann")))
    assert kept["user"] == "ann"
    assert kept["settings"] == [{"key": "direction", "value": "up"}, {"key": "view", "value": "all"}]
    assert {p["record"] for p in kept["pairs"]} == {record(1), record(2)}
    assert kept["pairs"][0]["crm_values"]["MailingAddress"]["city"] == "Köln"
    assert all(kept[name] for name in kept), [name for name in kept if not kept[name]]
    assert "hush" not in json.dumps(kept)
    assert all(not rows for name, rows in store.export("nobody").items() if name != "user")


@pytest.mark.rule("D9")
def test_D9_erased_is_erased_from_the_files_too(tmp_path: Path) -> None:
    store = reopen(tmp_path)
    values = {FieldName("LastName"): "Quetzalcoatl"}
    fence = store.begin("ann", NOW)
    pair = make_pair(1, crm=Base(values, Version("")), mailbox=Base(values, Version("")))
    store.commit("ann", fence, Batch(pairs=(pair,)), NOW)
    store.commit("ann", fence, Batch(pairs=(replace(pair, edited=True),)), NOW)
    _fill(store, "bob")
    assert b"Quetzalcoatl" in b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert _rows(tmp_path, "ann") > 0
    store.erase("ann")
    assert b"Quetzalcoatl" not in b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert _rows(tmp_path, "ann") == 0
    assert store.users() == ["bob"]
    assert store.count("bob") == 2
    assert store.begin("ann", NOW) > fence  # an old session's fence is never given again
    store.close()


def test_D9_what_somebody_still_reads_out_of_the_log_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pragmas = ("journal_mode=WAL", "secure_delete=ON", "busy_timeout=1")
    monkeypatch.setattr("mailsync.store.sqlite._PRAGMAS", pragmas)
    store = reopen(tmp_path)
    _fill(store, "ann")
    with closing(sqlite3.connect(tmp_path / "mailsync.db", isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM users").fetchone()
        with pytest.raises(StoreError, match="in the store's log still"):
            store.erase("ann")
    store.erase("ann")
    assert store.users() == []
    store.close()


@pytest.mark.rule("A9")
def test_A9_an_ended_pair_leaves_no_values_in_the_database(tmp_path: Path) -> None:
    store = reopen(tmp_path)
    fence = store.begin("ann", NOW)
    values = {FieldName("LastName"): "Quetzalcoatl"}
    pair = make_pair(1, crm=Base(values, Version("")), mailbox=Base(values, Version("")))
    store.commit("ann", fence, Batch(pairs=(pair,)), NOW)
    store.commit("ann", fence, Batch(ended=(pair.record,)), NOW)
    store.close()
    assert b"Quetzalcoatl" not in (tmp_path / "mailsync.db").read_bytes()


def test_a_failing_database_speaks_to_a_person(tmp_path: Path) -> None:
    store = reopen(tmp_path)
    fence = store.begin("ann", NOW)
    with closing(sqlite3.connect(tmp_path / "mailsync.db")) as database, database:
        database.execute("DROP TABLE pairs")
    with pytest.raises(StoreError) as caught:
        store.commit("ann", fence, Batch(pairs=(make_pair(1),)), NOW)
    assert caught.value.remedy
    assert "Müller" not in str(caught.value)
    assert "INSERT" not in str(caught.value)
    store.close()

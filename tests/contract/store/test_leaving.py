"""D9: what is stored of a user is given out as a whole, and erased as a whole, on either database."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, text

from mailsync.core.notices import HoldMember, Issue, Parked
from mailsync.core.pair import Base, Pair, Tombstone
from mailsync.core.refs import AccountId, FieldName, ItemId, Key, RecordId, Side, Version
from mailsync.ports.activity import Act
from mailsync.ports.ledger import Batch, Change, Entry, Intent
from mailsync.ports.presets import Book, Mode, Preset
from mailsync.store import SqlStore
from mailsync.store import tables as t
from mailsync.store.places import open_database
from tests.contract.store.people import NOW, make_hold

APART = {
    "alembic_version",
    "feed_candidates",
    "feed_views",
    "feeds",
    "gates",
    "installation",
    "organisations",
    "presets",
    "preset_settings",
}
"""Tables that hold nothing of anybody."""


def fill(store: SqlStore, user: str, mark: str) -> list[str]:
    """A row in each table, each with a word of the user's own; returns these words."""
    words: list[str] = [user]

    def word(what: str) -> str:
        words.append(f"{mark}{what}")
        return words[-1]

    record, item = RecordId(word("rec").ljust(18, "A")), ItemId(word("item"))
    values = {FieldName("LastName"): word("Name"), FieldName("Email"): word("@x.example")}
    pair = Pair(record, item, Base(values, Version(word("v"))), Base(values), account_name=word("Account"))
    pair_to_be = Pair(RecordId(""), ItemId(word("intended")), Base(values), Base({}), account=AccountId("001"))
    hold = make_hold(f"B12-{mark}", HoldMember(record, item, note=word("note")))
    changes = {"LastName": Change(word("before"), word("after"), word("lost"))}
    store.save_settings(user, {"view": word("view")})
    store.logins.save_credentials(user, {word("login"): "hush"})
    fence = store.begin(user, NOW)
    batch = Batch(
        pairs=(pair,),
        tombstones=(Tombstone(RecordId(word("stone")), None, "D1", {FieldName("LastName"): word("gone")}),),
        intents=(Intent(Key(word("key")), Side.CRM, pair_to_be, NOW, fence, "A7"),),
        parked=(Parked(Side.CRM, record, "B8", word("refused"), print=word("print")),),
        issues=(Issue("X", "B8", word("message"), record),),
        holds=(hold,),
        entries=(Entry(fence, NOW, "B10", Side.CRM, "update", record, item, changes, word("reason")),),
        state={"crm_cursor": word("cursor")},
    )
    store.commit(user, fence, batch, NOW)
    store.answer(user, hold.name, "reject", word("typed"))
    store.finish(user, fence, {"notes": [word("report")]}, NOW)
    act = Act(NOW, "root", "set", user, {"block": word("blocked")})
    former = store.presets.book()
    name = group = f"department{len(former.presets)}"  # not the user's own word
    preset = Preset(name, Mode.PRESERVE, {"view": "all"}, users=(user,), groups=(group,))
    with store.acting() as hand:
        hand.record([act])
        hand.replace_presets(Book((*former.presets, preset), {**former.groups, group: (user,)}))
    return words


def rows_of(home: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of every table that the database has, told by the database itself."""
    named = home / "store.url"
    database = open_database(named.read_text() if named.exists() else home / "mailsync.db")
    with database.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            if table not in APART:
                for row in connection.execute(text(f'SELECT * FROM "{table}"')).mappings():  # noqa: S608
                    yield table, dict(row)
    database.engine.dispose()


def holds_word(word: str, *values: Any) -> bool:
    return word in json.dumps(values, default=str)


def test_D9_the_export_gives_each_row_of_each_table(store: SqlStore, home: Path) -> None:
    words = fill(store, "annelies", "quetzal")
    others = fill(store, "bertram", "marabou")
    exported = store.export("annelies")
    stored = [(table, row) for table, row in rows_of(home) if holds_word("annelies", row) or holds_word("quetzal", row)]
    assert {table for table, _ in stored} == {table.name for table in t.metadata.sorted_tables} - APART
    for table in {name for name, _ in stored}:
        assert len(exported[table]) == sum(name == table for name, _ in stored), table
    assert [w for w in words if not holds_word(w, exported)] == []
    assert [w for w in others if holds_word(w, exported)] == []
    assert not holds_word("hush", exported)


def test_D9_erased_leaves_no_byte_in_any_file_and_no_row_in_any_table(store: SqlStore, home: Path) -> None:
    words = fill(store, "annelies", "quetzal")
    others = fill(store, "bertram", "marabou")
    before = store.export("bertram")
    with store.logins.renewing("annelies", "salesforce"):
        pass
    tokens = [row["token"] for table, row in rows_of(home) if table == "credentials" and holds_word("quetzal", row)]
    fill(store, "annelies", "quetzal2")
    store.erase("annelies")
    gone = [*words, "quetzal", *tokens]
    for path in home.rglob("*"):
        assert not any(w in path.name for w in gone)
        content = path.read_bytes() if path.is_file() else b""
        assert [w for w in gone if w.encode() in content or w.encode("utf-16-le") in content] == [], path
    left = list(rows_of(home))
    assert [w for w in gone if holds_word(w, left)] == []
    assert store.export("bertram") == before
    assert [w for w in others if not holds_word(w, before)] == []
    assert store.users() == ["bertram"]

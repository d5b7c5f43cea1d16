"""Nothing that comes in is too long for its column: not on PostgreSQL either, which refuses what is."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, LargeBinary, Text, select

from mailsync.ports.feeds import Described
from mailsync.store import SqlStore, upgrade
from mailsync.store.columns import Instant, Words
from mailsync.store.places import open_database
from mailsync.store.tables import metadata
from tests.contract.store.people import NOW
from tests.contract.store.test_upgrades import RELEASED, make_old, place_of

LONG = 300
"""Longer than any name, id or key that a vendor or a settings file has."""


def long_value(column: Column[Any]) -> Any:
    """A value for a column: texts longer than any that is known."""
    if isinstance(column.type, Text | Words):
        return f"{column.table.name}.{column.name} ".ljust(LONG, "ü")
    if isinstance(column.type, LargeBinary):
        return b"sixteen bytes..."
    return NOW if isinstance(column.type, Instant) else column.type.python_type(7)


@pytest.mark.parametrize("revision", RELEASED)
def test_every_text_may_be_long_whatever_revision_the_store_comes_from(home: Path, revision: str) -> None:
    make_old(home, revision)
    upgrade(place_of(home))
    database = open_database(place_of(home))
    rows = {table: {c.name: long_value(c) for c in table.columns} for table in metadata.sorted_tables}
    with database.alone() as connection:
        for table, row in rows.items():
            connection.execute(table.insert(), row)
        assert {t: dict(connection.execute(select(t)).mappings().one()) for t in rows} == rows
    database.engine.dispose()


def test_no_text_has_a_length() -> None:
    limited = [str(c) for t in metadata.tables.values() for c in t.c if getattr(c.type, "length", None)]
    assert [name for name in limited if not name.endswith("item_hash")] == []


def test_A16_a_list_view_is_described_by_whatever_names_it(store: SqlStore) -> None:
    """By an id (18 characters), or a developer name of up to 80, with the setting's own prefix."""
    for view in ("00B000000000001AAA", "view:00B000000000001AAA", "view:" + "N" * 80):
        store.feeds.describe_view("salesforce acme", view, "d" * 64, NOW)
        assert store.feeds.view("salesforce acme", view) == Described("d" * 64, NOW)

"""Pairs, holds and entries for the store's tests."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mailsync.core.notices import Hold, HoldMember
from mailsync.core.pair import Base, Pair
from mailsync.core.person import Address
from mailsync.core.refs import FieldName, ItemId, RecordId, Side, Version
from mailsync.ports.ledger import Change, Entry
from mailsync.store import Secrets, SqlStore, open_store

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


def reopen(folder: Path) -> SqlStore:
    """The store of a folder: the database that its file store.url names, else a SQLite file in it."""
    named = folder / "store.url"
    place = named.read_text() if named.exists() else folder / "mailsync.db"
    return open_store(place, Secrets(folder / "mailsync.key"))


def record(number: int) -> RecordId:
    return RecordId(f"003{number:012d}AAA")


def item(number: int) -> ItemId:
    return ItemId("AAMkAD" + "x" * 120 + f"{number:010d}=")


def make_pair(number: int, **changed: Any) -> Pair:
    values = {
        FieldName("LastName"): f"Müller {number}",
        FieldName("Email"): f"m{number}@acme.example",
        FieldName("MailingAddress"): Address(street="1 Main St\nFloor 2", city="Köln", country="DE"),
        FieldName("OtherAddress"): Address(),
        FieldName("Phone"): "",
    }
    parts: dict[str, Any] = {
        "record": record(number),
        "item": item(number),
        "crm": Base(values, Version("2026-11-20T08:00:00.000+0000")),
        "mailbox": Base({**values, FieldName("Title"): "Dr"}, Version("EQAAABYA")),
    }
    return Pair(**(parts | changed))


def make_hold(name: str, *members: HoldMember, answer: str = "") -> Hold:
    return Hold(name, name.partition("-")[0], "is it so?", "yes, then", "no, then", members, answer)


def make_entry(kind: str, side: Side, time: datetime = NOW, fields: dict[str, Change] | None = None) -> Entry:
    return Entry(1, time, "B10", side, kind, record(1), item(1), fields or {}, "changed")

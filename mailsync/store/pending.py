"""Pending writes to rows and back: they lie with the intents, told apart from a create's pair by being an object."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from mailsync.core.refs import AccountId, Key, RecordId
from mailsync.ports.ledger import Pending
from mailsync.store.codec import (
    Row,
    entry_row,
    from_json,
    pair_values,
    row_entry,
    row_pair,
    row_tombstone,
    to_json,
    tombstone_row,
    values_from,
)

_ENTRY = ("kind", "record", "item", "fields", "reason")
_STONE = ("record", "item", "rule", "last")


def pending_row(pending: Pending) -> Row:
    """A pending write as a row of the intents."""
    entry = entry_row(pending.entry)
    stone = tombstone_row(pending.stone, pending.entry.time) if pending.stone else None
    parts = {
        "ref": pending.ref,
        "entry": {name: entry[name] for name in _ENTRY},
        "values": to_json(pending.values),
        "account": pending.account,
        "pair": pair_values(pending.pair) if pending.pair else None,
        "ended": pending.ended,
        "begun": pending.begun.isoformat() if pending.begun else None,
        "stone": {name: stone[name] for name in _STONE} if stone else None,
    }
    told = {name: entry[name] for name in ("side", "session", "rule")}
    return {"key": pending.key, "pair": to_json(parts), "begun": pending.entry.time, **told}


def is_pending(row: Any) -> bool:
    """Whether a row of the intents is a pending write."""
    return row.pair.startswith("{")


def row_pending(row: Any) -> Pending:
    """A pending write from its row."""
    parts = from_json(row.pair)
    told = {"session": row.session, "time": row.begun, "rule": row.rule, "side": row.side}
    account, ended, begun = parts["account"], parts["ended"], parts.get("begun")
    return Pending(
        Key(row.key),
        parts["ref"],
        row_entry(SimpleNamespace(**told, **parts["entry"])),
        values_from(parts["values"]),
        AccountId(account) if account is not None else None,
        row_pair(parts["pair"]) if parts["pair"] else None,
        RecordId(ended) if ended else None,
        row_tombstone(SimpleNamespace(**parts["stone"])) if parts["stone"] else None,
        datetime.fromisoformat(begun) if begun else None,
    )

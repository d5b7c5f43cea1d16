"""Values to rows and back, as JSON: whatever a vendor sent, lone surrogates included, can be kept."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from operator import attrgetter
from typing import Any

import orjson

from mailsync.core.entries import APART, Change, Entry
from mailsync.core.notices import Hold, HoldMember, Issue, Parked
from mailsync.core.pair import Base, Pair, PairState, Tombstone
from mailsync.core.person import NOWHERE, Address, Value, Values, is_blank
from mailsync.core.refs import AccountId, FieldName, ItemId, Key, RecordId, Side, Version
from mailsync.ports.ledger import Intent

Row = dict[str, Any]

PAIR_COLUMNS = (
    "record",
    "item",
    "crm_values",
    "crm_version",
    "mailbox_values",
    "mailbox_version",
    "state",
    "frozen_for",
    "pinned",
    "in_scope",
    "origin",
    "made_item",
    "edited",
    "account",
    "account_name",
    "recreated",
    "link_note",
)
"""The columns of a pair in the order that `row_pair` takes them."""


def _parts(address: object) -> dict[str, str]:
    """An address as an object of its filled parts."""
    if address is NOWHERE:
        return {}
    assert isinstance(address, Address), type(address)
    return {name: part for name, part in zip(_PARTS, _read_parts(address), strict=True) if part}


_PARTS = ("street", "city", "state", "postal_code", "country")
_read_parts = attrgetter(*_PARTS)
_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
_encode_any = json.JSONEncoder(separators=(",", ":"), default=_parts).encode


def _encode(value: Any) -> str:
    """Halves of surrogate pairs, which are no UTF-8, are kept as escapes by the slower encoder."""
    try:
        return orjson.dumps(value, default=_parts, option=_OPTIONS).decode()
    except orjson.JSONEncodeError:
        return _encode_any(value)


def _decode(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def to_json(value: Any) -> str:
    """A JSON value (addresses allowed) as text."""
    return _encode(value)


def from_json(text: str) -> Any:
    """A JSON value from text."""
    return _decode(text)


def item_hash(item: str | None) -> bytes | None:
    """What an item id is looked up by: 16 bytes in place of about 150 characters."""
    return blake2b(item.encode("utf-8", "surrogatepass"), digest_size=16).digest() if item else None


def _value(value: Any) -> Value:
    return value if isinstance(value, str) else Address(**value) if value else NOWHERE


def values_from(text: str) -> Values:
    """A person's values from JSON."""
    values: dict[FieldName, Any] = _decode(text)
    addresses = [name for name, value in values.items() if type(value) is dict]
    for name in addresses:
        values[name] = _value(values[name])
    return values


_SIDES = {side.value: side for side in Side}
_STATES = {state.value: state for state in PairState}


def pair_values(pair: Pair) -> tuple[Any, ...]:
    """A pair's columns in the order of PAIR_COLUMNS."""
    crm, mailbox = pair.crm.values, pair.mailbox.values
    crm_text = _encode(crm)
    return (
        pair.record,
        pair.item,
        crm_text,
        pair.crm.version,
        crm_text if mailbox == crm else _encode(mailbox),
        pair.mailbox.version,
        pair.state.value,
        pair.frozen_for,
        pair.pinned,
        pair.in_scope,
        pair.origin.value,
        pair.made_item,
        pair.edited,
        pair.account,
        pair.account_name,
        pair.recreated,
        pair.link_note,
    )


def row_pair(row: Sequence[Any]) -> Pair:
    """A pair from its columns in the order of PAIR_COLUMNS."""
    record, item, crm, crm_version, mailbox, mailbox_version, state, frozen_for, pinned, in_scope, origin, *rest = row
    made_item, edited, account, account_name, recreated, link_note = rest
    crm_values = values_from(crm)
    # What both sides hold alike is one object: half the memory of a full reading, and compared at once.
    mailbox_values = crm_values if mailbox == crm else values_from(mailbox)
    return Pair(
        RecordId(record),
        ItemId(item) if item is not None else None,
        Base(crm_values, Version(crm_version)),
        Base(mailbox_values, Version(mailbox_version)),
        _STATES[state],
        frozen_for,
        bool(pinned),
        bool(in_scope),
        _SIDES[origin],
        bool(made_item),
        bool(edited),
        AccountId(account) if account is not None else None,
        account_name,
        recreated,
        link_note,
    )


def tombstone_row(stone: Tombstone, ended: datetime) -> Row:
    """A tombstone as a row."""
    last = to_json(stone.last)
    return {"record": stone.record, "item": stone.item, "rule": stone.rule, "last": last, "ended": ended}


def row_tombstone(row: Any) -> Tombstone:
    """A tombstone from its row."""
    item = ItemId(row.item) if row.item is not None else None
    return Tombstone(RecordId(row.record), item, row.rule, values_from(row.last))


def intent_row(intent: Intent) -> Row:
    """An intent as a row."""
    return {
        "key": intent.key,
        "side": intent.side.value,
        "pair": to_json(pair_values(intent.pair)),
        "begun": intent.begun,
        "session": intent.session,
        "rule": intent.rule,
    }


def row_intent(row: Any) -> Intent:
    """An intent from its row."""
    return Intent(Key(row.key), _SIDES[row.side], row_pair(from_json(row.pair)), row.begun, row.session, row.rule)


def parked_row(parked: Parked) -> Row:
    """A parked change as a row."""
    return {
        "side": parked.side.value,
        "ref": parked.ref,
        "rule": parked.rule,
        "reason": parked.reason,
        "due": parked.due,
        "print": parked.print,
        "in_scope": parked.in_scope,
    }


def row_parked(row: Any) -> Parked:
    """A parked change from its row."""
    return Parked(_SIDES[row.side], row.ref, row.rule, row.reason, row.due, row.print, row.in_scope)


def issue_row(issue: Issue) -> Row:
    """An issue as a row; "" stands for no reference, since it is part of the key."""
    return {
        "code": issue.code,
        "record": issue.record or "",
        "item": issue.item or "",
        "field": issue.field,
        "rule": issue.rule,
        "message": issue.message,
    }


def row_issue(row: Any) -> Issue:
    """An issue from its row."""
    record = RecordId(row.record) if row.record else None
    return Issue(row.code, row.rule, row.message, record, ItemId(row.item) if row.item else None, row.field)


def hold_row(hold: Hold) -> Row:
    """A hold as a row."""
    members = [[m.record, m.item, m.crm_version, m.mailbox_version, m.note] for m in hold.members]
    return {
        "name": hold.name,
        "rule": hold.rule,
        "question": hold.question,
        "on_approve": hold.on_approve,
        "on_reject": hold.on_reject,
        "members": to_json(members),
        "answer": hold.answer,
        "typed": hold.typed,
    }


def members_from(text: str) -> tuple[HoldMember, ...]:
    """A hold's members from JSON."""
    return tuple(
        HoldMember(
            RecordId(record) if record is not None else None,
            ItemId(item) if item is not None else None,
            Version(crm),
            Version(mailbox),
            note,
        )
        for record, item, crm, mailbox, note in from_json(text)
    )


def row_hold(row: Any) -> Hold:
    """A hold from its row."""
    words = (row.name, row.rule, row.question, row.on_approve, row.on_reject)
    return Hold(*words, members_from(row.members), row.answer, row.typed)


def _blanked(kind: str, fields: Mapping[str, Change]) -> int:
    """How many values an entry turned blank (D8); deletions and removals count by themselves."""
    if kind != "update":
        return 0
    valued = [c for name, c in fields.items() if name not in APART]
    return sum(1 for c in valued if not is_blank(c.before) and is_blank(c.after))


def entry_row(entry: Entry) -> Row:
    """A history entry as a row."""
    return {
        "session": entry.session,
        "time": entry.time,
        "rule": entry.rule,
        "side": entry.side.value,
        "kind": entry.kind,
        "record": entry.record,
        "item": entry.item,
        "item_hash": item_hash(entry.item),
        "fields": to_json({name: [c.before, c.after, c.lost] for name, c in entry.fields.items()}),
        "blanked": _blanked(entry.kind, entry.fields),
        "reason": entry.reason,
    }


def row_entry(row: Any) -> Entry:
    """A history entry from its row."""
    fields = {name: Change(*map(_value, change)) for name, change in from_json(row.fields).items()}
    record = RecordId(row.record) if row.record is not None else None
    item = ItemId(row.item) if row.item is not None else None
    return Entry(row.session, row.time, row.rule, _SIDES[row.side], row.kind, record, item, fields, row.reason)

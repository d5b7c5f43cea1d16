"""What is read of a user, as the core's values. Reads of many references come in chunks, never one by one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    or_,
    select,
)

from mailsync.core.notices import Hold, Issue, Parked
from mailsync.core.pair import UNDONE, Pair, PairState, Tombstone
from mailsync.core.refs import AccountId, ItemId, RecordId, Side
from mailsync.ports.ledger import Entry, Intent, Pending
from mailsync.store import tables as t
from mailsync.store.bulk import chunks, is_among
from mailsync.store.codec import (
    PAIR_COLUMNS,
    from_json,
    item_hash,
    row_entry,
    row_hold,
    row_intent,
    row_issue,
    row_pair,
    row_parked,
    row_tombstone,
)
from mailsync.store.pending import is_pending, row_pending

ORGANISATION = "organisation"
"""The key of the state that says of which Salesforce organisation a user's pairs are."""
PAGE = 1000
"""Pairs read at once."""

_PAIR = [t.pairs.c[name] for name in PAIR_COLUMNS]
_OWNER = bindparam("owner", type_=Integer())
_PAIRS_OF_OWNER = select(func.count()).select_from(t.pairs).where(t.pairs.c.user_id == _OWNER)
_WAITING = select(func.count(t.parked.c.ref.distinct())).where(
    and_(t.parked.c.user_id == _OWNER, t.parked.c.in_scope.is_(True), t.parked.c.side == Side.CRM.value),
    ~exists().where(t.pairs.c.user_id == _OWNER, t.pairs.c.record == t.parked.c.ref),
)
# Those outside are few: what is counted of them is in an index of its own.
_IN_SCOPE = select(
    _PAIRS_OF_OWNER.scalar_subquery()
    - _PAIRS_OF_OWNER.where(t.pairs.c.in_scope.is_(False)).scalar_subquery()
    + _WAITING.scalar_subquery()
)
PLACED = select(t.history.c.item).where(
    t.history.c.user_id == _OWNER,
    t.history.c.time >= bindparam("since", type_=t.history.c.time.type),
    or_(*(t.history.c.kind == kind for kind in ("create", "move", "pair"))),
    t.history.c.item.is_not(None),
)
_PARKED_ORDER = (t.parked.c.side.desc(), t.parked.c.ref, t.parked.c.rule)
_USER_ID = select(t.users.c.id).where(t.users.c.name == bindparam("user"))


@dataclass(frozen=True, slots=True)
class Past:
    """A session that was begun. `ended` and `report` are None where it never got to its end."""

    number: int
    begun: datetime  # UTC
    ended: datetime | None
    report: Mapping[str, Any] | None


def user_id(connection: Connection, user: str) -> int:
    """The user's own number in the database; 0, which nobody has, where the user is not known."""
    return connection.execute(_USER_ID, {"user": user}).scalar() or 0


def read_users(connection: Connection) -> list[str]:
    """The users' names, in order."""
    query = select(t.users.c.name).where(t.users.c.removed.is_(False)).order_by(t.users.c.name)
    return list(connection.execute(query).scalars())


def read_settings(connection: Connection, owner: int) -> dict[str, str]:
    """Stored settings."""
    return {row.key: row.value for row in _rows(connection, t.settings, owner)}


def read_state(connection: Connection, owner: int, keys: Collection[str] | None = None) -> dict[str, Any]:
    """The user's state, or these keys of it."""
    if keys is None:
        rows = _rows(connection, t.state, owner)
    else:
        rows = connection.execute(_state_at(tuple(keys)), {"owner": owner}).all()
    return {row.key: from_json(row.value) for row in rows}


def read_page(connection: Connection, owner: int, after: str) -> list[Pair]:
    """The pairs whose record ids follow `after`, a page of them."""
    query = select(*_PAIR).where(t.pairs.c.user_id == owner, t.pairs.c.record > after)
    return [row_pair(row) for row in connection.execute(query.order_by(t.pairs.c.record).limit(PAGE))]


def read_paired(connection: Connection, owner: int) -> dict[RecordId, bool]:
    """The record of every pair, and whether the pair is active and in scope."""
    columns = t.pairs.c.record, t.pairs.c.state, t.pairs.c.in_scope
    rows = connection.execute(select(*columns).where(t.pairs.c.user_id == owner))
    return {RecordId(record): state == PairState.ACTIVE.value and inside for record, state, inside in rows}


def read_pairs_of(
    connection: Connection, owner: int, records: Collection[RecordId], items: Collection[ItemId]
) -> list[Pair]:
    """The pairs of these records and of these items, each once."""
    found: dict[str, Pair] = {}
    hashes = [item_hash(item) for item in items]
    for column, wanted in ((t.pairs.c.record, list(records)), (t.pairs.c.item_hash, hashes)):
        for part in chunks(wanted):
            query = select(*_PAIR).where(t.pairs.c.user_id == owner, is_among(connection, column, part))
            found |= {row[0]: row_pair(row) for row in connection.execute(query) if row[0] not in found}
    return [found[record] for record in sorted(found)]


def read_pairs_in(connection: Connection, owner: int, accounts: Collection[AccountId]) -> list[Pair]:
    """The pairs whose records belong to these Accounts."""
    found: list[Pair] = []
    for part in chunks(list(accounts)):
        query = select(*_PAIR).where(t.pairs.c.user_id == owner, is_among(connection, t.pairs.c.account, part))
        found += [row_pair(row) for row in connection.execute(query.order_by(t.pairs.c.record))]
    return found


def count_pairs(connection: Connection, owner: int) -> int:
    """How many pairs there are."""
    return connection.execute(_PAIRS_OF_OWNER, {"owner": owner}).scalar() or 0


def count_in_scope(connection: Connection, owner: int) -> int:
    """Pairs in scope, and parked records in scope that have no pair: each record once, however often it is parked."""
    return connection.execute(_IN_SCOPE, {"owner": owner}).scalar() or 0


def read_tombstones(connection: Connection, owner: int, records: Collection[RecordId]) -> list[Tombstone]:
    """The tombstones of these records."""
    found: list[Tombstone] = []
    for part in chunks(list(records)):
        query = select(t.tombstones).where(
            t.tombstones.c.user_id == owner, is_among(connection, t.tombstones.c.record, part)
        )
        found += [row_tombstone(row) for row in connection.execute(query)]
    return found


def read_intents(connection: Connection, owner: int) -> list[Intent]:
    """Open intents, the oldest first."""
    return [row_intent(row) for row in _announced(connection, owner) if not is_pending(row)]


def read_pending(connection: Connection, owner: int) -> list[Pending]:
    """Announced writes, the oldest first."""
    return [row_pending(row) for row in _announced(connection, owner) if is_pending(row)]


def _announced(connection: Connection, owner: int) -> list[Any]:
    return list(_rows(connection, t.intents, owner, t.intents.c.begun, t.intents.c.key))


def read_parked(connection: Connection, owner: int, now: datetime | None) -> list[Parked]:
    """Parked entries; with `now` those whose time has come. One without a time waits for an event, not for time."""
    query = _of_owner(t.parked, *_PARKED_ORDER)
    due = query.where(t.parked.c.due <= now) if now else query
    return [row_parked(row) for row in connection.execute(due, {"owner": owner})]


def read_issues(connection: Connection, owner: int) -> list[Issue]:
    """Open issues."""
    columns = t.issues.c
    return [
        row_issue(row)
        for row in _rows(connection, t.issues, owner, columns.rule, columns.record, columns.item, columns.code)
    ]


def read_holds(connection: Connection, owner: int) -> list[Hold]:
    """Open holds, by name."""
    return [row_hold(row) for row in _rows(connection, t.holds, owner, t.holds.c.name)]


def read_mirrored_elsewhere(connection: Connection, owner: int, records: Collection[RecordId]) -> frozenset[RecordId]:
    """Those of the records that have a pair of another user of the same organisation (D3): a sandbox has the ids of
    the production that it is a copy of."""
    found: set[RecordId] = set()
    elsewhere = _is_of_another_organisation(connection, owner)
    for part in chunks(sorted(records)):
        c = t.pairs.c
        query = select(c.record).where(c.user_id != owner, is_among(connection, c.record, part), ~elsewhere)
        found.update(RecordId(r) for r in connection.execute(query).scalars())
    return frozenset(found)


def _is_of_another_organisation(connection: Connection, owner: int) -> ColumnElement[bool]:
    """Whether a pair's user is known to belong to another organisation than the owner."""
    c = t.state.c
    mine = select(c.value).where(c.user_id == owner, c.key == ORGANISATION)
    own = connection.execute(mine).scalar()
    return exists().where(c.user_id == t.pairs.c.user_id, c.key == ORGANISATION, c.value != own) if own else false()


def read_placed(connection: Connection, owner: int, since: datetime) -> list[ItemId]:
    """Items created in the mailbox, moved there or paired since then."""
    return [ItemId(i) for i in connection.execute(PLACED, {"owner": owner, "since": since}).scalars()]


def read_history(connection: Connection, owner: int, record: str | None, item: str | None) -> list[Entry]:
    """Entries, oldest first; with references those that name the record or the item."""
    either: list[ColumnElement[bool]] = []
    if record:
        either.append(t.history.c.record == record)
    if item:
        either.append(t.history.c.item_hash == item_hash(item))
    query = select(t.history).where(t.history.c.user_id == owner, *([or_(*either)] if either else []))
    return [row_entry(row) for row in connection.execute(query.order_by(t.history.c.id))]


def read_guarded(connection: Connection, owner: int, since: datetime) -> dict[str, int]:
    """What D8 counts: deletions in Salesforce, removals from the mailbox, values turned blank (also by side)."""
    c = t.history.c
    mine = (c.user_id == owner, c.time >= since, c.rule != UNDONE)  # an undo was approved by a person
    sums = (func.sum(case((c.kind == kind, 1), else_=0)) for kind in ("delete", "remove"))
    query = select(c.side, *sums, func.sum(c.blanked)).where(*mine).group_by(c.side)
    found = {row[0]: tuple(map(int, row[1:])) for row in connection.execute(query)}
    (deleted, _, blank_crm), (_, removed, blank_mailbox) = (found.get(s.value, (0, 0, 0)) for s in Side)
    by_side = {f"blank {Side.CRM.value}": blank_crm, f"blank {Side.MAILBOX.value}": blank_mailbox}
    return {"delete": deleted, "remove": removed, "blank": blank_crm + blank_mailbox, **by_side}


def read_sessions(connection: Connection, owner: int, limit: int) -> list[Past]:
    """The latest sessions, the last one first."""
    query = select(t.sessions).where(t.sessions.c.user_id == owner).order_by(t.sessions.c.number.desc()).limit(limit)
    return [
        Past(row.number, row.begun, row.ended, from_json(row.report) if row.report else None)
        for row in connection.execute(query)
    ]


def read_everything(connection: Connection, owner: int) -> dict[str, list[dict[str, Any]]]:
    """All that is stored of a user (D9), by table, as JSON values; of log-ins only that they are there."""
    hidden = {"user_id", "item_hash", "token", "id"}
    kept: dict[str, list[dict[str, Any]]] = {}
    for table in (t.users, *t.OWNED):
        names = [name for name in table.c.keys() if name not in hidden]  # noqa: SIM118
        mine = t.users.c.id == owner if table is t.users else table.c.user_id == owner
        rows = connection.execute(select(*(table.c[n] for n in names)).where(mine))
        kept[table.name] = [{n: _plain(table, n, v) for n, v in zip(names, row, strict=True)} for row in rows]
    return kept


def _plain(table: Table, name: str, value: Any) -> Any:
    if value is None:
        return None
    if (table.name, name) in t.JSON_COLUMNS:
        return from_json(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _rows(connection: Connection, table: Table, owner: int, *order: ColumnElement[Any]) -> Sequence[Any]:
    return connection.execute(_of_owner(table, *order), {"owner": owner}).all()


@cache
def _state_at(keys: tuple[str, ...]) -> Select[Any]:
    """Of the few sets of keys that are asked for."""
    return select(t.state).where(t.state.c.user_id == _OWNER, or_(*(t.state.c.key == key for key in keys)))


@cache
def _of_owner(table: Table, *order: ColumnElement[Any]) -> Select[Any]:
    """Built once: every session asks it of most tables, and building costs more than asking."""
    return select(table).where(table.c.user_id == bindparam("owner")).order_by(*order)


def read_credential(connection: Connection, owner: int, name: str) -> str | None:
    """A log-in as it is stored: encrypted."""
    mine = (t.credentials.c.user_id == owner, t.credentials.c.name == name)
    return connection.execute(select(t.credentials.c.token).where(*mine)).scalar()

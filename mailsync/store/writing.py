"""What is written of a user: the parts of a batch, in bulk. Every function runs inside the caller's transaction.

"Replaced" is a deletion and an insertion, in every database alike. Removals of a batch come before its insertions, so
that within one batch an item may pass from one pair to another, and a notice may be taken back and given again.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Integer, Table, bindparam, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mailsync.core.entries import FORGOTTEN, doubt
from mailsync.core.notices import Hold
from mailsync.core.pair import Pair
from mailsync.core.refs import ItemId, RecordId, Side
from mailsync.errors import StoreError
from mailsync.ports.ledger import Batch, creation
from mailsync.store import tables as t
from mailsync.store.bulk import delete_rare, delete_rows, insert_rows
from mailsync.store.codec import (
    PAIR_COLUMNS,
    Row,
    entry_row,
    from_json,
    hold_row,
    intent_row,
    issue_row,
    item_hash,
    members_from,
    pair_values,
    parked_row,
    to_json,
    tombstone_row,
)
from mailsync.store.columns import Instant
from mailsync.store.pending import pending_row
from mailsync.store.reading import read_intents, read_pending, read_state

NEXT_RUN, PAUSED, SUSPENDED = "next_run", "paused", "suspended"
"""The keys of the user's state that the schedule's columns follow."""
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""The next time of a user who waits for nothing but their turn."""
CONTACTS, OFF = "contacts", "off"
"""The setting that puts a user to sleep, and the reason that then stands in the schedule (A15)."""
EDITED, THEIRS = "edited", "theirs"
"""The keys of the user's state under which a reset keeps what no item tells: the records whose items were edited in the
mailbox, and those whose items are a person's though the agent made them (A14, A19, E6)."""
KEPT_BY_RESET = ("folder", "paused", EDITED, THEIRS)
"""State that outlives a reset: the folder is found again by its id (A3), and a pause is a person's word (E5)."""
REPAIRING = "repairing"
"""The key of the user's state that makes the next session match again without deleting anything (A1)."""


_OWNED = bindparam("owner", type_=Integer())
_OF_THE_FEEDS = delete(t.issues).where(t.issues.c.user_id == _OWNED, t.issues.c.record == "", t.issues.c.item == "")
# Whoever asked for a session while one was running gets another one at once (A2).
_RESCHEDULE = (
    update(t.users)
    .where(t.users.c.id == _OWNED)
    .values(
        queued=None,
        next_run_at=case((t.users.c.priority > 0, t.users.c.asked), else_=bindparam("due", type_=Instant())),
    )
)
_MINE = select(t.users.c.id, t.users.c.removed).where(t.users.c.name == bindparam("user")).with_for_update()


def add_user(connection: Connection, user: str) -> int:
    """The user's number in the database; a new user gets one, and a removed one is back."""
    found = connection.execute(_MINE, {"user": user}).first()
    if found is None:
        floor = select(t.installation.c.fence_floor).scalar_subquery()
        row = {"name": user, "fence": floor, "holder": "", "removed": False}
        connection.execute(insert_new(connection, t.users).values(row).on_conflict_do_nothing())
        return int(connection.execute(_MINE, {"user": user}).one().id)
    if found.removed:
        connection.execute(update(t.users).where(t.users.c.id == found.id).values(removed=False))
    return int(found.id)


def insert_new(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insertion that may give way to what another process inserted meanwhile."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def write_batch(connection: Connection, owner: int, batch: Batch, now: datetime) -> None:
    """The whole of a batch."""
    _take_out(connection, owner, batch)
    _put_in(connection, owner, batch, now)
    if batch.state:
        write_state(connection, owner, batch.state)


def _take_out(connection: Connection, owner: int, batch: Batch) -> None:
    delete_rows(connection, t.pairs, owner, ("record",), [(r,) for r in batch.ended])
    delete_rows(connection, t.intents, owner, ("key",), [(k,) for k in batch.settled])
    delete_rare(connection, t.parked, owner, ("side", "ref"), [(side.value, ref) for side, ref in batch.unparked])
    _remove_issues(connection, owner, batch.mended)
    delete_rows(connection, t.holds, owner, ("name",), [(n,) for n in batch.released])


def _remove_issues(connection: Connection, owner: int, mended: Iterable[tuple[RecordId | None, ItemId | None]]) -> None:
    """Issues of a record or of an item; (None, None) are those that name neither."""
    mended = list(mended)
    delete_rare(connection, t.issues, owner, ("record",), [(r,) for r, _ in mended if r])
    delete_rare(connection, t.issues, owner, ("item",), [(i,) for _, i in mended if i])
    if (None, None) in mended:
        connection.execute(_OF_THE_FEEDS, {"owner": owner})


def _put_in(connection: Connection, owner: int, batch: Batch, now: datetime) -> None:
    _replace_pairs(connection, owner, batch.pairs)
    _replace(connection, t.tombstones, owner, ("record",), (tombstone_row(s, now) for s in batch.tombstones))
    _replace(connection, t.intents, owner, ("key",), map(intent_row, batch.intents))
    _replace(connection, t.intents, owner, ("key",), map(pending_row, batch.pending))
    _replace(connection, t.parked, owner, ("side", "ref", "rule"), map(parked_row, batch.parked))
    _replace(connection, t.issues, owner, ("code", "record", "item", "field"), map(issue_row, batch.issues))
    _replace(connection, t.holds, owner, ("name",), map(hold_row, _keep_answers(connection, owner, batch.holds)))
    _insert(connection, t.history, owner, [entry_row(e) for e in batch.entries])


def _keep_answers(connection: Connection, owner: int, holds: Sequence[Hold]) -> list[Hold]:
    """A hold that is asked again keeps its answer as long as it is about the same members at the same versions."""
    if not holds:
        return []
    query = select(t.holds.c.name, t.holds.c.members, t.holds.c.answer, t.holds.c.typed)
    answered = query.where(t.holds.c.user_id == owner, t.holds.c.answer != "")
    known = {row.name: (set(members_from(row.members)), row.answer, row.typed) for row in connection.execute(answered)}
    return [_with_answer(hold, known) for hold in holds]


def _with_answer(hold: Hold, known: Mapping[str, tuple[set[Any], str, str | None]]) -> Hold:
    members, answer, typed = known.get(hold.name, (set[Any](), "", None))
    if hold.answer or not answer or members != set(hold.members):
        return hold
    return replace(hold, answer=answer, typed=typed)


def write_state(connection: Connection, owner: int, changed: Mapping[str, Any]) -> None:
    """Sets keys of the user's state; others stay."""
    rows = [{"user_id": owner, "key": str(key), "value": to_json(value)} for key, value in changed.items()]
    if rows:
        connection.execute(_set_state(connection.dialect.name), rows)
    if NEXT_RUN in changed:
        due = datetime.fromisoformat(changed[NEXT_RUN]) if changed[NEXT_RUN] else AT_ONCE
        connection.execute(_RESCHEDULE, {"owner": owner, "due": due})
    if PAUSED in changed or SUSPENDED in changed:
        asleep = _asleep(connection, owner)
        connection.execute(update(t.users).where(t.users.c.id == owner).values(asleep=asleep))


@cache
def _set_state(dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Built once: every session writes its state twice."""
    insertion = postgresql.insert(t.state) if dialect == "postgresql" else sqlite.insert(t.state)
    return insertion.on_conflict_do_update(index_elements=["user_id", "key"], set_={"value": insertion.excluded.value})


def _asleep(connection: Connection, owner: int) -> str:
    """Why the user has no sessions, by the state."""
    c = t.state.c
    query = select(c.key, c.value).where(c.user_id == owner, c.key.in_((PAUSED, SUSPENDED)))
    found = {row.key: from_json(row.value) for row in connection.execute(query)}
    return PAUSED if found.get(PAUSED) else str(found.get(SUSPENDED) or "")


def make_due(connection: Connection, owner: int, now: datetime, refs: Collection[str] | None) -> int:
    """Parked changes are due now: those of some records or items, or (None) all. Returns how many there are."""
    mine = [t.parked.c.user_id == owner, *([t.parked.c.ref.in_(list(refs))] if refs is not None else [])]
    return connection.execute(update(t.parked).where(*mine).values(due=now)).rowcount


def write_settings(connection: Connection, owner: int, changed: Mapping[str, str | None]) -> None:
    """Sets stored settings; None forgets one."""
    delete_rows(connection, t.settings, owner, ("key",), [(key,) for key in changed])
    rows = [{"key": key, "value": value} for key, value in changed.items() if value is not None]
    _replace(connection, t.settings, owner, ("key",), rows)
    if CONTACTS in changed:
        wake(connection, owner)


def wake(connection: Connection, owner: int) -> None:
    """Whoever slept because contacts were off is looked at again."""
    mine = (t.users.c.id == owner, t.users.c.asleep == OFF)
    connection.execute(update(t.users).where(*mine).values(asleep="", next_run_at=AT_ONCE))


def write_credentials(connection: Connection, owner: int, tokens: Mapping[str, str | None]) -> None:
    """Sets encrypted credentials; None forgets one."""
    delete_rows(connection, t.credentials, owner, ("name",), [(name,) for name in tokens])
    rows = [{"name": name, "token": token} for name, token in tokens.items() if token is not None]
    _replace(connection, t.credentials, owner, ("name",), rows)


def forget_sync(connection: Connection, owner: int, *, keep_settings: bool) -> None:
    """Forgets what the port's `forget` names. A session that runs meanwhile loses its lock."""
    keep = KEPT_BY_RESET if keep_settings else ()
    known: Mapping[str, Sequence[str]] = _known_of_pairs(connection, owner) if keep_settings else {}
    _tell_open(connection, owner)
    for table in (t.pairs, t.intents, t.parked, t.issues, t.holds):
        connection.execute(delete(table).where(table.c.user_id == owner))
    connection.execute(delete(t.state).where(t.state.c.user_id == owner, t.state.c.key.not_in(keep)))
    changed: dict[str, Any] = {"holder": "", "renewed": None, "next_run_at": AT_ONCE, "queued": None}
    if keep_settings:
        write_state(connection, owner, {REPAIRING: True, **known})
    else:
        for table in (t.settings, t.credentials, t.tombstones):
            connection.execute(delete(table).where(table.c.user_id == owner))
        changed["removed"] = True
    changed["asleep"] = _asleep(connection, owner)  # a suspension is forgotten, a pause is not
    connection.execute(update(t.users).where(t.users.c.id == owner).values(changed))


def _known_of_pairs(connection: Connection, owner: int) -> Mapping[str, Sequence[str]]:
    """What a reset keeps of pairs, by its key: with what an earlier one kept of pairs that are not found again yet."""
    before = read_state(connection, owner, (EDITED, THEIRS))
    p = t.pairs.c
    born_there = (p.origin == Side.MAILBOX.value) & ~p.made_item  # which the item tells itself: it has no key
    asked = {EDITED: p.edited, THEIRS: (p.pinned | ~p.made_item) & ~born_there}
    found = {key: connection.scalars(select(p.record).where(p.user_id == owner, c)) for key, c in asked.items()}
    kept = {key: sorted({*records, *(before.get(key) or ())}) for key, records in found.items()}
    return {key: records for key, records in kept.items() if records}


def _tell_open(connection: Connection, owner: int) -> None:
    """L5: writes whose answers were lost are in the history, as nobody will look for them any more."""
    creates = [creation(i, i.pair, i.begun, FORGOTTEN) for i in read_intents(connection, owner)]
    writes = [doubt(w.entry, FORGOTTEN) for w in read_pending(connection, owner) if w.entry.fields]
    _insert(connection, t.history, owner, [entry_row(e) for e in (*creates, *writes)])


def erase_user(connection: Connection, owner: int) -> None:
    """Everything of a user. Their fences are never given again, so that an old session can't write for a new user."""
    fence = connection.execute(select(t.users.c.fence).where(t.users.c.id == owner)).scalar() or 0
    floor = t.installation.c.fence_floor
    connection.execute(update(t.installation).where(floor < fence).values(fence_floor=fence))
    connection.execute(delete(t.users).where(t.users.c.id == owner))


def _replace(connection: Connection, table: Table, owner: int, key: tuple[str, ...], rows: Iterable[Row]) -> None:
    """Inserts rows in the place of those with the same key; of several the last counts."""
    latest = {tuple(row[name] for name in key): row for row in rows}
    if latest:
        delete_rows(connection, table, owner, key, latest)
        _insert(connection, table, owner, list(latest.values()))


def _insert(connection: Connection, table: Table, owner: int, rows: Sequence[Row]) -> None:
    """Inserts rows that all have the same columns."""
    if rows:
        names = tuple(rows[0])
        insert_rows(connection, table, (*names, "user_id"), [(*(row[name] for name in names), owner) for row in rows])


def _replace_pairs(connection: Connection, owner: int, pairs: Iterable[Pair]) -> None:
    latest = {pair.record: pair for pair in pairs}
    delete_rows(connection, t.pairs, owner, ("record",), [(record,) for record in latest])
    rows = [(*pair_values(pair), item_hash(pair.item), owner) for pair in latest.values()]
    insert_rows(connection, t.pairs, (*PAIR_COLUMNS, "item_hash", "user_id"), rows)


def keep_key(connection: Connection) -> None:
    """No rotation of the key begins or is under way until the end of the transaction (`renew_tokens` writes this row;
    on SQLite there is one writer at a time)."""
    connection.execute(select(t.installation.c.id).with_for_update(read=True))


def renew_tokens(connection: Connection, renew: Callable[[str], str]) -> None:
    """Every encrypted value under another key."""
    check = connection.execute(select(t.installation.c.key_check)).scalar_one()
    connection.execute(update(t.installation).values(key_check=renew(check)))
    c = t.credentials.c
    for row in connection.execute(select(t.credentials)).all():
        mine = (c.user_id == row.user_id, c.name == row.name)
        connection.execute(update(t.credentials).where(*mine).values(token=renew(row.token)))


ANSWERS = ("approve", "reject")


def answer_hold(connection: Connection, owner: int, hold: str, answer: str, typed: str | None) -> bool:
    """Stores an answer; whether the hold is open. Raises StoreError for what is no answer."""
    if answer not in ANSWERS:
        raise StoreError(f"{hold}: {answer!r} is no answer", "answer approve or reject")
    mine = (t.holds.c.user_id == owner, t.holds.c.name == hold)
    return connection.execute(update(t.holds).where(*mine).values(answer=answer, typed=typed)).rowcount > 0

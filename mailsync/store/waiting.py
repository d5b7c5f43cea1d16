"""What waits for a user's next session, and for its user: nearly always nothing, which is one statement."""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Integer, Table, bindparam, exists, or_, select

from mailsync.core.notices import Hold, Issue
from mailsync.ports.ledger import Waiting
from mailsync.store import reading as read
from mailsync.store import tables as t

_OWNER = bindparam("owner", type_=Integer())
_NEVER = datetime(9999, 12, 31, tzinfo=UTC)


def _has_rows(table: Table) -> ColumnElement[bool]:
    return exists().where(table.c.user_id == _OWNER)


_WAITS = select(or_(_has_rows(t.intents), _has_rows(t.parked), _has_rows(t.holds), exists(read.PLACED)))
_TOLD = select(or_(_has_rows(t.holds), _has_rows(t.issues)))


def read_waiting(connection: Connection, owner: int, since: datetime | None) -> Waiting:
    """What is left for the next session; `placed` since then (None: nothing)."""
    if not connection.execute(_WAITS, {"owner": owner, "since": since or _NEVER}).scalar():
        return Waiting()
    return Waiting(
        intents=tuple(read.read_intents(connection, owner)),
        pending=tuple(read.read_pending(connection, owner)),
        parked=tuple(read.read_parked(connection, owner, None)),
        holds=tuple(read.read_holds(connection, owner)),
        placed=tuple(read.read_placed(connection, owner, since)) if since else (),
    )


def read_notices(connection: Connection, owner: int) -> tuple[list[Hold], list[Issue]]:
    """Open holds and issues."""
    if not connection.execute(_TOLD, {"owner": owner}).scalar():
        return [], []
    return read.read_holds(connection, owner), read.read_issues(connection, owner)

"""What a cursor knows by itself: what a reading that found nothing would say, and how far its scope reaches."""

from hashlib import sha256

from mailsync.core.changes import CrmChanges
from mailsync.crm import soql
from mailsync.crm.salesforce.cursor import load
from mailsync.crm.salesforce.describe import limits_of
from mailsync.crm.salesforce.transport import VENDOR
from mailsync.mapping.table import Table
from mailsync.ports.crm import Reach, Remembered, Watch

_MINE = "mine"


def remember(watch: Watch, table: Table) -> Remembered | None:
    """None for a cursor that can't stand for a reading: of another scope or mapping, met by a fault, or amid a scope
    that is read in parts; or where only the user's own records count and the cursor does not know who that is."""
    cursor = load(watch.cursor)
    if cursor is None or cursor.view != watch.scope.view or cursor.properties != table.properties(VENDOR):
        return None
    chosen = cursor.selection
    if chosen is None or cursor.after:
        return None
    mine = chosen.scope.casefold() == _MINE
    if mine and not cursor.user:
        return None
    changes = CrmChanges(
        records=(),
        traces=(),
        count=0,
        members=None,
        accounts={},
        limits=limits_of(cursor.description, table),
        complete=False,
        cursor=watch.cursor or "",
        now=cursor.mark,
        asked=False,
    )
    # A path to a parent has a dot; so may a text have, which only makes the user ask more often.
    parents = "." in chosen.where
    digest = _hash(chosen) if cursor.view_id else ""
    return Remembered(changes, Reach(cursor.user if mine else None, parents, cursor.view_id, digest))


def knows_user(cursor: str | None) -> bool:
    """Whether a cursor says who the user is."""
    known = load(cursor)
    return known is not None and bool(known.user)


def _hash(chosen: soql.Selection) -> str:
    """Filters may hold names and numbers (L9)."""
    return sha256("\n".join((chosen.source, chosen.scope, chosen.where)).encode()).hexdigest()

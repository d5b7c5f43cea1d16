"""What changed since a cursor: one composite request when idle, asked again where what it was built on has changed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from mailsync.core.changes import CrmChanges
from mailsync.crm.salesforce import cursor as cursors
from mailsync.crm.salesforce import views
from mailsync.crm.salesforce.answers import as_object, as_time, failure
from mailsync.crm.salesforce.arrivals import Reported, read_reported
from mailsync.crm.salesforce.basis import OVERLAP, Basis, begin, parts_of, queries_of
from mailsync.crm.salesforce.composite import Bundle, PartReply, run
from mailsync.crm.salesforce.connection import Connection
from mailsync.crm.salesforce.cursor import Cursor
from mailsync.crm.salesforce.describe import columns, differs, limits_of
from mailsync.crm.salesforce.memory import Memory, read_describes
from mailsync.crm.salesforce.transport import VENDOR
from mailsync.errors import AnswerBroken, ViewBroken
from mailsync.mapping.table import Table
from mailsync.ports.crm import Watch

OLDEST = timedelta(days=14)
"""A cursor older than that reads all: Salesforce remembers deletions for 15 days at most."""

_ROUNDS = 6  # a view's id, its query, the fields, a lost window: no more can turn out otherwise one after another
_UNUSABLE = frozenset({"INVALID_FIELD", "MALFORMED_QUERY", "INVALID_QUERY_SCOPE"})


def observe(connection: Connection, table: Table, watch: Watch, memory: Memory) -> CrmChanges:
    """Reads what changed. Raises VendorError and its kinds; a fault of the scope is told in the changes (A16)."""
    cursor, basis = begin(watch, table)
    for _ in range(_ROUNDS):
        bundle = run(connection, parts_of(basis, queries_of(basis, table)))
        if bundle.date is None:
            raise AnswerBroken(VENDOR, "Salesforce's answer has no Date", code="date")
        after = _learn(connection, basis, bundle, bundle.date, table)
        if _settled(basis, after, table):
            return _report(connection, table, memory, cursor, after, bundle, bundle.date)
        basis = after
    raise AnswerBroken(VENDOR, "what this user may see keeps changing while it is read", code="unsettled")


def _settled(before: Basis, after: Basis, table: Table) -> bool:
    """Whether the answer holds all that would be asked now."""
    asked, wanted = queries_of(before, table), queries_of(after, table)
    same = (before.view_id, before.end, before.conditional) == (after.view_id, after.end, after.conditional)
    return same and all(asked.get(name) == query for name, query in wanted.items())


def _report(
    connection: Connection,
    table: Table,
    memory: Memory,
    cursor: Cursor | None,
    basis: Basis,
    bundle: Bundle,
    date: datetime,
) -> CrmChanges:
    memory.description = basis.description
    memory.user = memory.user or (cursor.user if cursor else None)
    memory.selections[basis.view] = basis.selection
    reported = read_reported(connection, table, basis, bundle.replies)
    memory.deleted.update(trace.id for trace in reported.traces if trace.deleted)
    following = replace(_following(basis, reported, table, date), user=memory.user)
    changed = cursor is not None and (
        cursor.properties != following.properties or differs(cursor.description, basis.description)
    )
    return CrmChanges(
        records=reported.records,
        traces=reported.traces,
        count=reported.count,
        members=reported.members,
        accounts=reported.accounts,
        limits=limits_of(basis.description, table),
        complete=basis.full and not basis.fault and reported.rest is None,
        cursor=cursors.dump(following),
        now=date,
        fault=basis.fault,
        described=changed,
        traced=basis.mark is not None and not basis.after,
        rest=reported.rest,
    )


def _following(basis: Basis, reported: Reported, table: Table, date: datetime) -> Cursor:
    """Where the next reading goes on. Amid a scope the mark stays, and its first part counts for a sweep: what
    is edited unseen later on is told by the first one that follows (A18)."""
    begun = reported.rest is not None and basis.swept is None
    return Cursor(
        mark=basis.mark if basis.mark and basis.after else date,
        view=basis.view,
        view_id=basis.view_id,
        selection=basis.selection,
        description=basis.description,
        described=basis.described or date,
        properties=table.properties(VENDOR),
        swept=date if reported.members is not None or begun else basis.swept,
        after=reported.last,
    )


def _learn(connection: Connection, basis: Basis, bundle: Bundle, date: datetime, table: Table) -> Basis:
    """The basis as it is after this answer."""
    replies = bundle.replies
    description = read_describes(basis.description, replies["contact"], replies["account"], table)
    gained = set(columns(description, table)) - set(columns(basis.description, table))
    described = basis.described if replies["contact"].status == 304 else date
    after = replace(basis, description=description, described=described, fault="")
    after = after.whole() if gained and not basis.full else after
    after = _learn_view(connection, after, replies)
    after = _learn_window(after, replies.get("gone"), date)
    return _learn_refusals(basis, after, replies, table)


def _learn_view(connection: Connection, basis: Basis, replies: Mapping[str, PartReply]) -> Basis:
    try:
        if "views" in replies:
            reply = replies["views"]
            if reply.status >= 400:
                raise failure(reply.status, reply.faults, reply.headers)
            found = views.find_view(views.read_list(connection, reply.content), basis.view)
            return replace(basis, view_id=found, listed=True)
        if "view" not in replies:
            return basis
        if replies["view"].status >= 400 and not basis.listed and not views.known_id(basis.view):
            # Named by DeveloperName or label: another view may bear the name now.
            return replace(basis, view_id="", selection=None).whole()
        chosen = views.read_selection(replies["view"])
    except ViewBroken as error:
        return replace(basis, fault=f"{error}: {error.remedy}", selection=None)
    moved = basis.selection is not None and basis.selection != chosen
    if moved and basis.after:
        return replace(basis, selection=chosen).whole()
    return replace(basis, selection=chosen, sweep=basis.sweep or moved)


def _learn_window(basis: Basis, gone: PartReply | None, date: datetime) -> Basis:
    """A cursor too old, in the future, or whose deletions are forgotten, reads everything once."""
    if basis.mark is None or gone is None:
        return basis
    reset = replace(basis, mark=None, end=None).whole()
    if date - basis.mark > OLDEST or basis.mark - date > OVERLAP:
        return reset
    if gone.code == "INVALID_REPLICATION_DATE" and basis.end is None:
        return replace(basis, end=max(date, basis.mark + timedelta(minutes=2)))
    if gone.code == "INVALID_REPLICATION_DATE":
        return reset
    if gone.status >= 400:
        raise failure(gone.status, gone.faults, gone.headers)
    earliest = as_object(gone.content).get("earliestDateAvailable")
    return reset if earliest and as_time(earliest) > basis.mark else basis


def _learn_refusals(before: Basis, after: Basis, replies: Mapping[str, PartReply], table: Table) -> Basis:
    """A field that the describe promised and the query refuses is described anew; else it is the view's own fault."""
    refused = [
        replies[name] for name in ("delta", "count", "rest", "sweep") if name in replies and replies[name].status >= 400
    ]
    if not refused or not _settled(before, after, table):
        return after
    first = refused[0]
    if first.code == "INVALID_FIELD" and before.conditional:
        return replace(after, conditional=False)
    if first.code in _UNUSABLE and "view" in replies:
        return replace(after, fault="Salesforce refuses the list view's query: open and save the view", selection=None)
    raise failure(first.status, first.faults, first.headers)

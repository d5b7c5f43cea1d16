"""An answer to a request for changes, read to the end of its pages: records, traces, members, accounts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mailsync.core.changes import Record, Trace
from mailsync.core.refs import AccountId, RecordId, widen
from mailsync.crm import soql
from mailsync.crm.salesforce.answers import as_list, as_object
from mailsync.crm.salesforce.basis import Basis, queries_of
from mailsync.crm.salesforce.composite import PartReply
from mailsync.crm.salesforce.connection import Connection
from mailsync.crm.salesforce.contacts import EVERYTHING, record_of
from mailsync.crm.salesforce.queries import (
    Query,
    Row,
    Stretch,
    ask_batches,
    count_of,
    id_batches,
    read_stretch,
    rows_reply,
)
from mailsync.mapping.table import Table


@dataclass(frozen=True, slots=True)
class Reported:
    """What was reported; `members` None: not swept. Of a scope that is read in parts: the `last` id of this one, and
    how many are left for later."""

    records: tuple[Record, ...]
    traces: tuple[Trace, ...]
    count: int
    members: frozenset[RecordId] | None
    accounts: Mapping[AccountId, str]
    last: str
    rest: int | None


def read_reported(connection: Connection, table: Table, basis: Basis, replies: Mapping[str, PartReply]) -> Reported:
    """Everything that the answer to a settled request holds. Raises VendorError and its kinds."""
    queries = queries_of(basis, table)

    def stretch(name: str, most: int | None = None, unless: int = 0) -> Stretch:
        if name not in queries:
            return Stretch()
        return read_stretch(connection, queries[name], rows_reply(replies[name]), most, unless)

    def rows(name: str) -> tuple[Row, ...]:
        return stretch(name).rows

    delta = stretch("delta", basis.part if basis.full else None, basis.at_most or 0)
    part = stretch("rest", basis.part)
    records = tuple(record_of(row, table, in_scope=True) for row in (*delta.rows, *part.rows))
    read_in_parts = delta.left > 0 or "rest" in queries
    members: frozenset[RecordId] | None = None
    if "sweep" in queries:
        members = frozenset(RecordId(widen(str(row["Id"]))) for row in rows("sweep"))
    elif basis.full and "delta" in queries and not read_in_parts:
        members = frozenset(record.id for record in records)
    listed = _listed(replies["gone"]) if "gone" in replies and basis.mark else frozenset[RecordId]()
    return Reported(
        records=records,
        traces=_traces(connection, rows("traces"), listed),
        count=count_of(replies["count"]) if "count" in queries else 0,
        members=members,
        accounts={AccountId(widen(str(row["Id"]))): str(row.get("Name") or "") for row in rows("accounts")},
        last=(delta if delta.left else part).last,
        rest=delta.left + part.left if read_in_parts else None,
    )


def read_states(connection: Connection, records: Collection[RecordId]) -> dict[RecordId, Trace]:
    """What queryAll says of records, live or in the recycle bin; those it does not show are absent."""

    def build(ids: Collection[str]) -> Query:
        text = soql.select(("Id", "IsDeleted", "MasterRecordId"), EVERYTHING, soql.ids("Id", ids))
        return Query(text, deleted=True)

    found = ask_batches(connection, id_batches(records, build))
    return {trace.id: trace for trace in map(_trace, found.all_rows())}


def deleted_ids(content: object) -> frozenset[RecordId]:
    """The ids in a list of deletions."""
    entries = as_list(as_object(content).get("deletedRecords") or [])
    return frozenset(RecordId(widen(str(entry.get("id")))) for entry in entries if entry.get("id"))


def follow(trace: Trace, known: Mapping[RecordId, Trace]) -> Trace:
    """The trace with the last winner of a chain of merges; without one where the last winner was deleted itself."""
    seen = {trace.id}
    master = trace.master
    while master is not None and master in known and known[master].deleted and master not in seen:
        seen.add(master)
        master = known[master].master
    return Trace(trace.id, trace.deleted, None if master in seen else master)


def _listed(gone: PartReply) -> frozenset[RecordId]:
    return deleted_ids(rows_reply(gone))


def _traces(connection: Connection, rows: Collection[Row], listed: frozenset[RecordId]) -> tuple[Trace, ...]:
    """Traces of both sources. What the list alone names was purged, unless it was undeleted: that is asked for."""
    known = {trace.id: trace for trace in map(_trace, rows)}
    unseen = listed - known.keys()
    if unseen:
        states = read_states(connection, unseen)
        known.update({record: states.get(record, Trace(record, deleted=True)) for record in unseen})
    return tuple(follow(trace, known) for trace in known.values())


def _trace(row: Row) -> Trace:
    master: object = row.get("MasterRecordId")
    winner = RecordId(widen(master)) if isinstance(master, str) and master else None
    deleted = row.get("IsDeleted") is True
    return Trace(RecordId(widen(str(row["Id"]))), deleted, winner if deleted else None)

"""Records asked for by name: by id, by fate, by e-mail address or name, by who created them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from mailsync.core.changes import Record, Trace
from mailsync.core.refs import OwnerId, RecordId, widen
from mailsync.crm import soql
from mailsync.crm.salesforce.arrivals import deleted_ids, follow, read_states
from mailsync.crm.salesforce.basis import deleted_part
from mailsync.crm.salesforce.composite import run
from mailsync.crm.salesforce.connection import Connection
from mailsync.crm.salesforce.contacts import EVERYTHING, contacts_query, ids_query, record_of
from mailsync.crm.salesforce.memory import Memory, learn_description, learn_selection
from mailsync.crm.salesforce.queries import (
    Batch,
    Query,
    ask,
    ask_batches,
    batches_of,
    id_batches,
    read_pages,
    rows_reply,
)
from mailsync.mapping.table import Table
from mailsync.ports.crm import MatchKeys, Scope

_LIST_WINDOW = timedelta(days=14, hours=12)  # the list of deletions reaches back 15 days
_LONGEST_EMAIL = 80  # Contact.Email
_LONGEST_NAME = 121  # Contact.Name; FirstName and LastName are shorter
_MOST_NAMES = 100  # pairs of names in one query: an OR each
_CHAIN = 10  # merges in a row that are followed


def read_records(
    connection: Connection, table: Table, memory: Memory, records: Collection[RecordId], scope: Scope
) -> Mapping[RecordId, Record | None]:
    """Records by id: None where the user can't read one. With a scope at fault none counts as inside (A16)."""
    if not records:
        return {}
    known = learn_description(connection, table, memory)
    selection = learn_selection(connection, scope.view, memory)
    wanted = {RecordId(widen(record)) for record in records}

    def visible(ids: Sequence[str]) -> Query:
        return contacts_query(known, table, EVERYTHING, soql.ids("Id", ids))

    def members(ids: Sequence[str]) -> Query:
        return ids_query(known, selection or EVERYTHING, soql.ids("Id", ids))

    batches = id_batches(wanted, visible)
    if selection not in (None, EVERYTHING):
        batches.extend(id_batches(wanted, members))
    found = ask_batches(connection, batches)
    shown = found.rows_by(visible)
    scoped = shown if selection == EVERYTHING else found.rows_by(members)
    inside = {row["Id"] for row in scoped}
    read = {r.id: r for r in (record_of(row, table, in_scope=row["Id"] in inside) for row in shown)}
    return {record: read.get(RecordId(widen(record))) for record in records}


def read_fates(connection: Connection, memory: Memory, records: Collection[RecordId]) -> Mapping[RecordId, Trace]:
    """What is proven of records that can't be read (D7): the recycle bin, merges to their last winner, the list."""
    wanted = {RecordId(widen(record)) for record in records}
    if not wanted:
        return {}
    known = read_states(connection, wanted)
    masters = {trace.master for trace in known.values() if trace.master}
    for _ in range(_CHAIN):
        further = masters - known.keys()
        if not further:
            break
        states = read_states(connection, further)
        known.update(states)
        masters = {trace.master for trace in states.values() if trace.master}
        if not states:
            break
    unseen = wanted - known.keys()
    listed = frozenset(memory.deleted)
    if unseen - listed:
        listed |= _list_deleted(connection)
    fates = {record: follow(known[record], known) for record in wanted & known.keys() if known[record].deleted}
    return fates | {record: Trace(record, deleted=True) for record in unseen & listed}


def find_candidates(connection: Connection, table: Table, memory: Memory, keys: MatchKeys) -> Sequence[Record]:
    """Visible contacts with one of the addresses or names (B2); `in_scope` is not looked up and False."""
    known = learn_description(connection, table, memory)
    emails = sorted(e for e in keys.emails if e and len(e) <= _LONGEST_EMAIL)
    names = sorted(n for n in keys.names if n[1] and max(map(len, n)) <= _LONGEST_NAME)

    def by_email(some: Sequence[str]) -> Query:
        return contacts_query(known, table, EVERYTHING, soql.one_of("Email", some))

    def by_name(some: Sequence[tuple[str, str]]) -> Query:
        return contacts_query(known, table, EVERYTHING, " OR ".join(map(_named, some)))

    batches: list[Batch[Any]] = []
    if "Email" in known.fields:
        batches.extend(batches_of(emails, by_email, size=lambda text: 2 * len(text) + 4))
    if {"FirstName", "LastName"} <= known.fields.keys():
        batches.extend(batches_of(names, by_name, size=lambda pair: 2 * len(pair[0] + pair[1]) + 60, most=_MOST_NAMES))
    rows = ask_batches(connection, batches).all_rows() if batches else ()
    return [record_of(row, table, in_scope=False) for row in rows]


def find_own(connection: Connection, table: Table, memory: Memory, user: OwnerId, since: datetime) -> Sequence[Record]:
    """Contacts that the user created since then (B15); `in_scope` is not looked up and False."""
    known = learn_description(connection, table, memory)
    mine = f"CreatedById = {soql.quote(user)} AND CreatedDate >= {soql.instant(since)}"
    query = contacts_query(known, table, EVERYTHING, mine, order=("CreatedDate", "Id"))
    first = rows_reply(ask(connection, {"own": query})["own"])
    return [record_of(row, table, in_scope=False) for row in read_pages(connection, query, first)]


def _named(name: tuple[str, str]) -> str:
    first, last = name
    same_first = f"FirstName = {soql.quote(first)}" if first else "FirstName = null"
    return f"({same_first} AND LastName = {soql.quote(last)})"


def _list_deleted(connection: Connection) -> frozenset[RecordId]:
    """The list of deletions as far back as it goes; nothing where Salesforce has forgotten it."""
    now = connection.date
    if now is None:
        return frozenset()
    reply = run(connection, [deleted_part(now - _LIST_WINDOW, now)]).replies["gone"]
    if reply.code == "INVALID_REPLICATION_DATE":
        return frozenset()
    return deleted_ids(rows_reply(reply))

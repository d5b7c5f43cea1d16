"""What a request for changes is built on, and the request itself: at most five queries, describes, deletions, view."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote as percent

from mailsync.crm import soql
from mailsync.crm.salesforce import views
from mailsync.crm.salesforce.composite import Part, query_part
from mailsync.crm.salesforce.contacts import beyond, contacts_query, count_query, ids_query, since
from mailsync.crm.salesforce.cursor import Cursor, load
from mailsync.crm.salesforce.describe import Description, assumed
from mailsync.crm.salesforce.memory import describe_parts
from mailsync.crm.salesforce.queries import Query
from mailsync.crm.salesforce.transport import VENDOR
from mailsync.mapping.table import Table
from mailsync.ports.crm import Watch

OVERLAP = timedelta(minutes=10)
"""Read again each time: rows commit later than their stamps say (reports of 5 min; others look back 10)."""

WINDOW = timedelta(days=15)
"""Beyond any cursor's age, so that the window of deletions ends now or later."""
_DESCRIBED_FOR = timedelta(hours=24)  # field security need not touch a describe's Last-Modified

_TRACE = ("Id", "IsDeleted", "MasterRecordId", "OwnerId", "SystemModstamp")
_BY_STAMP = ("SystemModstamp", "Id")


@dataclass(frozen=True, slots=True)
class Basis:
    """`mark` None: nothing is known of before. `full`: read the whole scope. Times are UTC."""

    view: str  # the scope, as the settings name it
    view_id: str  # of a list view, "" until it is found
    selection: soql.Selection | None  # None: not known yet, or at fault
    description: Description
    described: datetime | None  # when the whole description was last read
    mark: datetime | None
    full: bool
    sweep: bool = False
    swept: datetime | None = None  # when all ids were last read
    conditional: bool = False  # ask for describes only if modified
    listed: bool = False  # the list view was looked up by name in this session
    fault: str = ""
    end: datetime | None = None  # of the window of deletions, where it may not lie in the future
    at_most: int | None = None  # a scope of more records is read in parts
    after: str = ""  # where the last part ended

    @property
    def part(self) -> int | None:
        """How many records make a part: half of what is read at once, for they meet the echo of the part before."""
        return None if self.at_most is None else -(-self.at_most // 2)

    def whole(self) -> "Basis":
        """The same, but that everything is read anew, and in one go: what is known already may be wrong."""
        return replace(self, full=True, at_most=None, after="")


def begin(watch: Watch, table: Table) -> tuple[Cursor | None, Basis]:
    """The cursor, if it is one, and what the first request is built on."""
    cursor, view = load(watch.cursor), watch.scope.view
    plain = views.plain_selection(view)
    same = cursor is not None and cursor.properties == table.properties(VENDOR)
    description = cursor.description if cursor and same else assumed(table)
    described = cursor.described if cursor and same else None
    fresh = cursor is not None and described is not None and cursor.mark - described < _DESCRIBED_FOR
    basis = Basis(view, views.known_id(view), plain, description, described, None, full=True, conditional=fresh)
    if cursor is None or cursor.view != view:
        # Nothing that was said of another scope counts; what the object looks like still does.
        return cursor, replace(basis, at_most=watch.at_most if watch.cursor is None else None)
    known = Basis(
        view=view,
        view_id=cursor.view_id or basis.view_id,
        selection=plain or cursor.selection,
        description=description,
        described=described,
        mark=cursor.mark,
        full=False,
        sweep=watch.sweep,
        swept=cursor.swept,
        conditional=fresh,
        at_most=watch.at_most if cursor.after else None,
        after=cursor.after,
    )
    return cursor, known.whole() if cursor.selection is None or not same else known


def queries_of(basis: Basis, table: Table) -> dict[str, Query]:
    """The queries of a request, by name."""
    found: dict[str, Query] = {}
    if basis.after and basis.selection and not basis.fault:
        # What changed meanwhile is asked for once the scope was read to its end: the mark stays where it is.
        found["rest"] = contacts_query(basis.description, table, basis.selection, beyond(basis.after))
        found["count"] = count_query(basis.description, basis.selection)
        return found
    start = basis.mark - OVERLAP if basis.mark else None
    if basis.selection and not basis.fault:
        changed = "" if basis.full or start is None else since(_earliest(basis, start))
        order = _BY_STAMP if changed else ("Id",)
        found["delta"] = contacts_query(basis.description, table, basis.selection, changed, order=order)
        found["count"] = count_query(basis.description, basis.selection)
        if basis.sweep and not basis.full:
            found["sweep"] = ids_query(basis.description, basis.selection)
    if start is not None:
        # Without scope: a record that was given away bumps its stamp, but the scope hides it.
        traces = soql.select(_TRACE, soql.Selection(), since(start), order=_BY_STAMP)
        found["traces"] = Query(traces, deleted=True)
        if basis.description.accounts:
            names = soql.select(("Id", "Name"), soql.Selection("Account"), since(start), order=_BY_STAMP)
            found["accounts"] = Query(names)
    return found


def _earliest(basis: Basis, start: datetime) -> datetime:
    """A sweep reads again what was changed since the last one: what was edited while it was not shared with the user,
    and is again by now, was in no delta (A18)."""
    return min(start, basis.swept - OVERLAP) if basis.sweep and basis.swept else start


def parts_of(basis: Basis, queries: Mapping[str, Query]) -> list[Part]:
    """The whole request."""
    parts = [query_part(name, query.text, deleted=query.deleted) for name, query in queries.items()]
    parts.extend(describe_parts(basis.description if basis.conditional else None))
    if basis.mark is not None and not basis.after:
        # No overlap here: a purge within it would make the window invalid, and late rows are in the traces.
        parts.append(deleted_part(basis.mark, basis.end or basis.mark + WINDOW))
    if views.plain_selection(basis.view) is None:
        parts.append(views.describe_part(basis.view_id) if basis.view_id else views.list_part())
    return parts


def deleted_part(start: datetime, end: datetime) -> Part:
    """Asks for the list of deletions, which also knows what was purged. Its times are cut to the minute."""
    times = (percent(moment.isoformat(timespec="seconds"), safe="") for moment in (start, end))
    return Part("gone", "GET", "sobjects/Contact/deleted/?start={}&end={}".format(*times))

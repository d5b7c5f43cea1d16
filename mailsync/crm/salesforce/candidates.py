"""What was touched in the whole organisation, by a log-in that sees all of it: ids, owners and stamps (decision 0028).

One composite: Contacts with those in the recycle bin, Accounts, the list of deletions (which alone knows what was
purged), and whether the objects' descriptions changed (304 where they did not).
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mailsync.core.refs import OwnerId, widen
from mailsync.crm import soql
from mailsync.crm.salesforce.answers import as_list, as_object, as_time, failure
from mailsync.crm.salesforce.basis import OVERLAP, WINDOW, deleted_part
from mailsync.crm.salesforce.composite import Bundle, Part, PartReply, query_part, run
from mailsync.crm.salesforce.connection import Connection
from mailsync.crm.salesforce.contacts import since
from mailsync.crm.salesforce.feed import OLDEST
from mailsync.crm.salesforce.login import SalesforceLogin
from mailsync.crm.salesforce.queries import Query, Row, read_pages, rows_reply
from mailsync.crm.salesforce.transport import VENDOR
from mailsync.errors import AnswerBroken
from mailsync.ports.feeds import Candidate, CandidateSource, Found, Kind

_ORDER = ("SystemModstamp", "Id")
_OBJECTS = {"contact": "Contact", "account": "Account"}


@dataclass(frozen=True, slots=True)
class _Cursor:
    """`mark`: the vendor's time of the last reading; `modified`: Last-Modified of the objects' descriptions."""

    mark: datetime
    modified: Mapping[str, str]


def open_candidates(login: SalesforceLogin, *, sleep: Callable[[float], None] = time.sleep) -> CandidateSource:
    """An organisation's candidates; nothing is sent before it is read. Raises SettingsError."""
    return Candidates(Connection(login, sleep))


@dataclass(frozen=True, slots=True)
class Candidates:
    """The port `CandidateSource`."""

    connection: Connection

    def read(self, cursor: str) -> Found:
        """What was touched since. A cursor too old, in the future, or whose deletions are forgotten, is none: nothing
        is found, from then on everything is."""
        known = _load(cursor)
        if known is None:
            return self._begin()
        bundle = run(self.connection, _parts(known, None))
        date = _date(bundle)
        if bundle.replies["gone"].code == "INVALID_REPLICATION_DATE":
            # Its end may lie too far in the future, or its start be forgotten.
            bundle = run(self.connection, _parts(known, max(date, known.mark + timedelta(minutes=2))))
            date = _date(bundle)
        if _is_forgotten(known, bundle.replies["gone"], date):
            return self._begin()
        modified = {**known.modified, **_modified(bundle.replies)}
        found = (*self._touched(known, bundle.replies), *_described(known.modified, modified, date))
        return Found(found, _dump(_Cursor(date, modified)), date)

    def close(self) -> None:
        """Closes its connections."""
        self.connection.close()

    def _begin(self) -> Found:
        bundle = run(self.connection, _describe_parts({}))
        date = _date(bundle)
        return Found((), _dump(_Cursor(date, _modified(bundle.replies))), date, fresh=True)

    def _touched(self, known: _Cursor, replies: Mapping[str, PartReply]) -> Iterator[Candidate]:
        for name, query in _queries(known).items():
            kind = Kind(name)
            for row in read_pages(self.connection, query, rows_reply(replies[f"{name}s"])):
                yield _candidate(kind, row)
        for entry in as_list(as_object(rows_reply(replies["gone"])).get("deletedRecords") or []):
            yield Candidate(Kind.CONTACT, widen(str(entry.get("id"))), as_time(entry.get("deletedDate")))


def _queries(known: _Cursor) -> dict[str, Query]:
    start = since(known.mark - OVERLAP)
    contacts = soql.select(("Id", "OwnerId", "SystemModstamp"), soql.Selection(), start, order=_ORDER)
    accounts = soql.select(("Id", "SystemModstamp"), soql.Selection("Account"), start, order=_ORDER)
    return {Kind.CONTACT.value: Query(contacts, deleted=True), Kind.ACCOUNT.value: Query(accounts)}


def _parts(known: _Cursor, end: datetime | None) -> list[Part]:
    queries = [query_part(f"{name}s", q.text, deleted=q.deleted) for name, q in _queries(known).items()]
    return [*queries, deleted_part(known.mark, end or known.mark + WINDOW), *_describe_parts(known.modified)]


def _describe_parts(modified: Mapping[str, str]) -> list[Part]:
    def unless(name: str) -> dict[str, str]:
        return {"If-Modified-Since": modified[name]} if modified.get(name) else {}

    return [Part(name, "GET", f"sobjects/{kind}/describe", headers=unless(name)) for name, kind in _OBJECTS.items()]


def _modified(replies: Mapping[str, PartReply]) -> dict[str, str]:
    """Last-Modified of the descriptions that were sent. Raises the error of one that failed."""
    for name in _OBJECTS:
        reply = replies[name]
        if reply.status >= 400:
            raise failure(reply.status, reply.faults, reply.headers)
    return {name: replies[name].headers.get("last-modified", "") for name in _OBJECTS if replies[name].status != 304}


def _described(before: Mapping[str, str], after: Mapping[str, str], date: datetime) -> Iterator[Candidate]:
    for name, kind in _OBJECTS.items():
        if before.get(name) != after.get(name):
            yield Candidate(Kind.DESCRIPTION, kind, date)


def _candidate(kind: Kind, row: Row) -> Candidate:
    owner: object = row.get("OwnerId")
    told = OwnerId(widen(owner)) if isinstance(owner, str) and owner else None
    return Candidate(kind, widen(str(row["Id"])), as_time(row.get("SystemModstamp")), told)


def _is_forgotten(known: _Cursor, gone: PartReply, date: datetime) -> bool:
    """Whether something may have gone that nothing names any more. What is purged is in no list: only the time of the
    latest purge is told, to the minute; so one within the minute of the last reading may have come after it."""
    if date - known.mark > OLDEST or known.mark - date > OVERLAP or gone.code == "INVALID_REPLICATION_DATE":
        return True
    earliest = as_object(rows_reply(gone)).get("earliestDateAvailable")
    return bool(earliest) and as_time(earliest) >= known.mark.replace(second=0, microsecond=0)


def _date(bundle: Bundle) -> datetime:
    if bundle.date is None:
        raise AnswerBroken(VENDOR, "Salesforce's answer has no Date", code="date")
    return bundle.date


def _dump(cursor: _Cursor) -> str:
    return json.dumps({"form": 1, "mark": cursor.mark.isoformat(), "modified": dict(cursor.modified)})


def _load(text: str) -> _Cursor | None:
    """None for none, and for one that another version wrote."""
    try:
        content: dict[str, Any] = json.loads(text or "")
        if content["form"] != 1:
            return None
        mark = datetime.fromisoformat(str(content["mark"])).astimezone(UTC)
        return _Cursor(mark, {str(k): str(v) for k, v in dict[str, Any](content["modified"]).items()})
    except (ValueError, KeyError, TypeError):
        return None

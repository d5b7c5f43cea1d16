"""Writes: creates in collections, conditional updates, deletions; each record with an outcome of its own."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from email.utils import format_datetime
from typing import Any, TypeVar
from urllib.parse import quote as percent

from mailsync.core.person import Values
from mailsync.core.refs import AccountId, RecordId, Version, widen
from mailsync.crm import soql
from mailsync.crm.salesforce.answers import PASSING, as_list, as_object, as_time, failure
from mailsync.crm.salesforce.composite import MOST_PARTS, MOST_QUERIES, OF_ALL, Part, PartReply, run
from mailsync.crm.salesforce.connection import Answer, Connection
from mailsync.crm.salesforce.outcomes import item_outcome, refused, written
from mailsync.crm.salesforce.transport import VENDOR
from mailsync.errors import AnswerBroken, OutcomeUnknown, PermissionMissing, VendorError
from mailsync.mapping.interpreter import write
from mailsync.mapping.table import Table
from mailsync.ports.crm import RecordDraft, RecordEdit
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Stale

MOST_RECORDS = 200
"""Records of one collection."""

T = TypeVar("T")


def create_records(
    connection: Connection, table: Table, drafts: Sequence[RecordDraft], external_id: str
) -> list[Outcome]:
    """Creates, 1,000 a request, sent once. With an external-id field they are upserts by key, and may be repeated.

    Raises OutcomeUnknown where some may have been carried out and which is not known (B15).
    """
    outcomes: list[Outcome] = []
    for some in _cut(drafts, MOST_RECORDS * MOST_QUERIES):
        bodies = [_new_body(draft, table, external_id) for draft in some]
        path = f"composite/sobjects/Contact/{external_id}" if external_id else "composite/sobjects"
        method = "PATCH" if external_id else "POST"
        groups = _cut(bodies, MOST_RECORDS)
        parts = [
            Part(f"c{number}", method, path, {"allOrNone": False, "records": group})
            for number, group in enumerate(groups)
        ]
        replies = run(connection, parts, safe=bool(external_id), writes=True).replies
        for part, group in zip(parts, groups, strict=True):
            outcomes.extend(_created(replies[part.name], group, table))
    return outcomes


def update_records(connection: Connection, table: Table, edits: Sequence[RecordEdit]) -> list[Outcome]:
    """Conditional updates, 25 a request: Salesforce refuses one whose record was modified after the version seen.

    An edit without a version is stale: it can't be sent safely, and is planned afresh. Being conditional, they may
    be repeated; one that was carried out the first time is then stale too.
    """
    outcomes: dict[int, Outcome] = {}
    waiting: list[tuple[int, Part, Mapping[str, Any]]] = []
    for number, edit in enumerate(edits):
        body, condition = _changed_body(edit, table), _unmodified_since(edit.version)
        if condition is None:
            outcomes[number] = Stale()
        elif not soql.is_id(edit.record):
            outcomes[number] = Missing()
        elif not body:
            outcomes[number] = written(edit.record)
        else:
            headers = {"If-Unmodified-Since": condition}
            part = Part(f"u{number}", "PATCH", f"sobjects/Contact/{edit.record}", body, headers)
            waiting.append((number, part, body))
    for some in _cut(waiting, MOST_PARTS):
        replies = run(connection, [part for _, part, _ in some], writes=True).replies
        for number, part, body in some:
            outcomes[number] = _updated(replies[part.name], edits[number].record, body, table)
    return [outcomes[number] for number in range(len(edits))]


def delete_records(connection: Connection, table: Table, records: Sequence[RecordId]) -> list[Outcome]:
    """To the recycle bin. Salesforce knows no condition here: the caller has read the records just before (B15)."""
    if not all(soql.is_id(record) for record in records):
        raise ValueError("only Salesforce ids can be deleted")
    outcomes: list[Outcome] = []
    for some in _cut(records, MOST_RECORDS * MOST_QUERIES):
        groups = _cut(some, MOST_RECORDS)
        parts = [
            Part(f"d{number}", "DELETE", f"composite/sobjects?ids={percent(','.join(group))}&allOrNone=false")
            for number, group in enumerate(groups)
        ]
        replies = run(connection, parts, writes=True).replies
        for part, group in zip(parts, groups, strict=True):
            outcomes.extend(_deleted(replies[part.name], group, table))
    return outcomes


def create_account(connection: Connection, name: str) -> AccountId:
    """A new Account (B7), sent once. Raises OutcomeUnknown, PermissionMissing, VendorError with Salesforce's code."""

    def read(reply: Answer) -> AccountId:
        content = as_object(reply.content)
        if content.get("success") is not True or not soql.is_id(str(content.get("id"))):
            raise AnswerBroken(VENDOR, "Salesforce did not say which account it created", code="shape")
        return AccountId(widen(str(content["id"])))

    path = f"{connection.root}/sobjects/Account"
    try:
        return connection.ask("POST", path, {"Name": name}, read=read, safe=False)
    except VendorError as error:
        if error.code in ("NOT_FOUND", "INVALID_TYPE", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"):
            remedy = "let the user create accounts, or turn auto_create_account off"
            message = "this user can't create accounts in Salesforce"
            raise PermissionMissing(VENDOR, message, code=error.code, remedy=remedy) from None
        raise


def _new_body(draft: RecordDraft, table: Table, external_id: str) -> dict[str, Any]:
    values = {name: value for name, value in _wire(draft.values, table).items() if value is not None}
    body: dict[str, Any] = {"attributes": {"type": "Contact"}, **draft.defaults, **values}
    if draft.account:
        body["AccountId"] = draft.account
    if external_id:
        body[external_id] = draft.key
    return body


def _changed_body(edit: RecordEdit, table: Table) -> dict[str, Any]:
    account = {"AccountId": edit.account or None} if edit.account is not None else {}
    return {**_wire(edit.values, table), **account}


def _wire(values: Values, table: Table) -> dict[str, str | None]:
    """Values by API name; blank is null. Parent paths (Account.Name) are no fields that could be written."""
    found = write(table, VENDOR, values)
    return {name: value or None for name, value in found.items() if "." not in name}


def _unmodified_since(version: Version) -> str | None:
    """LastModifiedDate as an HTTP date, which has whole seconds: rounded up, or the record would never match."""
    if not version:
        return None
    try:
        moment = as_time(version)
    except AnswerBroken:
        return None
    whole = moment.replace(microsecond=0)
    return format_datetime(whole if whole == moment else whole + timedelta(seconds=1), usegmt=True)


def _created(reply: PartReply, sent: Sequence[Mapping[str, Any]], table: Table) -> list[Outcome]:
    if reply.status >= 500 or reply.code in PASSING - {"UNABLE_TO_LOCK_ROW"}:
        raise OutcomeUnknown(VENDOR, "Salesforce failed while it was creating", code=reply.code)
    return _collected(reply, sent, lambda item, values: item_outcome(item, values, table), table)


def _updated(reply: PartReply, record: RecordId, sent: Mapping[str, Any], table: Table) -> Outcome:
    if reply.status < 300:
        return written(record)
    _check_general(reply)
    return Stale() if reply.status == 412 else refused(reply.faults, reply.status, sent, table)


def _deleted(reply: PartReply, records: Sequence[RecordId], table: Table) -> list[Outcome]:
    def read(item: Mapping[str, Any], record: RecordId) -> Outcome:
        outcome = written(record) if item.get("success") is True else item_outcome(item, {}, table)
        # "invalid cross reference id": there is no record of that id that this user could see.
        gone = isinstance(outcome, Refusal) and outcome.code == "INVALID_CROSS_REFERENCE_KEY"
        return Missing() if gone else outcome

    return _collected(reply, records, read, table)


def _collected(
    reply: PartReply, sent: Sequence[T], read: Callable[[Mapping[str, Any], T], Outcome], table: Table
) -> list[Outcome]:
    """The outcomes of a collection, in order. One that was refused as a whole is refused for each of its records."""
    if reply.status >= 400:
        _check_general(reply)
        return [refused(reply.faults, reply.status, {}, table) for _ in sent]
    items = as_list(reply.content)
    if len(items) != len(sent):
        raise OutcomeUnknown(VENDOR, f"Salesforce answered {len(items)} of {len(sent)} records", code="items")
    return [read(item, one) for item, one in zip(items, sent, strict=True)]


def _check_general(reply: PartReply) -> None:
    """Raises what a part was refused for that is no matter of its records: an edit is not to be given up for it."""
    if reply.status == 401 or reply.code in OF_ALL:
        raise failure(reply.status, reply.faults, reply.headers)


def _cut(items: Sequence[T], most: int) -> list[Sequence[T]]:
    return [items[start : start + most] for start in range(0, len(items), most)]

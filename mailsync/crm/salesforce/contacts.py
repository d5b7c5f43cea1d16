"""Contacts as rows of a query, and as the core's records."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from mailsync.core.changes import Record
from mailsync.core.refs import AccountId, OwnerId, RecordId, Version, widen
from mailsync.crm import soql
from mailsync.crm.salesforce.answers import as_object, as_time
from mailsync.crm.salesforce.describe import COMPANY, VENDOR, Description, columns
from mailsync.crm.salesforce.queries import Query, Row
from mailsync.mapping.interpreter import read
from mailsync.mapping.table import Table

EVERYTHING = soql.Selection()


def contacts_query(
    known: Description, table: Table, selection: soql.Selection, *conditions: str, order: Sequence[str] = ("Id",)
) -> Query:
    """Contacts with all mapped fields that the user may read."""
    return Query(soql.select(columns(known, table), selection, *conditions, _no_person(known), order=order))


def ids_query(known: Description, selection: soql.Selection, *conditions: str) -> Query:
    """The ids of contacts."""
    return Query(soql.select(("Id",), selection, *conditions, _no_person(known), order=("Id",)))


def count_query(known: Description, selection: soql.Selection) -> Query:
    """How many contacts there are."""
    return Query(soql.select(("COUNT()",), selection, _no_person(known)))


def since(moment: datetime) -> str:
    """The condition of what was touched since a moment, by users or by automation (SystemModstamp sees both)."""
    return f"SystemModstamp >= {soql.instant(moment)}"


def beyond(last: str) -> str:
    """The condition of what comes after an id in the order of ids."""
    return f"Id > {soql.quote(last)}"


def record_of(row: Row, table: Table, *, in_scope: bool) -> Record:
    """A row of `contacts_query` as a record. Raises AnswerBroken for what is none."""
    values = read(table, VENDOR, _flat(row, table))
    account: object = row.get("AccountId")
    return Record(
        id=RecordId(widen(str(row["Id"]))),
        version=Version(str(row.get("LastModifiedDate") or "")),
        values=values,
        owner=OwnerId(widen(str(row.get("OwnerId") or ""))),
        account=AccountId(widen(account)) if isinstance(account, str) and account else None,
        created=as_time(row.get("CreatedDate")),
        created_by=OwnerId(widen(str(row.get("CreatedById") or ""))),
        in_scope=in_scope,
        modified=as_time(row["LastModifiedDate"]) if row.get("LastModifiedDate") else None,
    )


def _flat(row: Row, table: Table) -> Mapping[str, str]:
    """Mapped fields by API name; null is blank, what was not selected or can't be seen is absent."""
    flat = {name: _text(row[name]) for name in table.properties(VENDOR) if name in row}
    if COMPANY in table.properties(VENDOR) and "Account" in row:
        account: object = row["Account"]
        if account is not None:
            flat[COMPANY] = _text(as_object(cast(dict[str, Any], account)).get("Name"))
        elif not row.get("AccountId"):
            flat[COMPANY] = ""  # an account that is linked but null is one that the user can't see
    return flat


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _no_person(known: Description) -> str:
    """A14: contacts of Person Accounts are left out. The field is there only where the organisation has them."""
    return "IsPersonAccount = false" if known.person_contacts else ""

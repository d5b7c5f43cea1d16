# ruff: noqa: S608 - queries made of text are what is tested here
"""A small organisation whose answers to a query can be told by looking at it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mailsync.sandbox.salesforce.soql import Field, Row, Table, parse, run

ME = "005000000000001AAA"
OTHER = "005000000000002AAA"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)  # a Sunday


def _table(name: str, *fields: Field) -> Table:
    return Table(name, {found.name.lower(): found for found in fields}, ("everything", "mine", "team"))


def _owner() -> Field:
    return Field("OwnerId", "reference", relationship="Owner", refers_to="User")


TABLES = {
    table.name.lower(): table
    for table in (
        _table(
            "Contact",
            Field("Id", "id"),
            Field("IsDeleted", "boolean"),
            Field("MasterRecordId", "reference", relationship="MasterRecord", refers_to="Contact"),
            Field("AccountId", "reference", relationship="Account", refers_to="Account"),
            Field("FirstName", "string"),
            Field("LastName", "string"),
            Field("Email", "email"),
            Field("LeadSource", "picklist"),
            Field("Langs__c", "multipicklist"),
            Field("Score__c", "double"),
            Field("Birthdate", "date"),
            Field("Description", "textarea", filterable=False, sortable=False),
            _owner(),
            Field("SystemModstamp", "datetime"),
        ),
        _table(
            "Account",
            Field("Id", "id"),
            Field("Name", "string"),
            Field("ParentId", "reference", relationship="Parent", refers_to="Account"),
            Field("CreatedDate", "datetime"),
            _owner(),
        ),
        _table("User", Field("Id", "id"), Field("Name", "string")),
    )
}

ACME, GLOBEX = "001000000000001AAA", "001000000000002AAA"

WORLD: dict[str, list[Row]] = {
    "User": [{"Id": ME, "Name": "Ann Admin"}, {"Id": OTHER, "Name": "Otto Other"}],
    "Account": [
        {"Id": ACME, "Name": "Acme", "OwnerId": ME, "CreatedDate": datetime(2026, 1, 5, tzinfo=UTC)},
        {"Id": GLOBEX, "Name": "50% off_x", "ParentId": ACME, "OwnerId": OTHER, "CreatedDate": NOW},
    ],
}


def contact(number: int, last: str, **values: Any) -> Row:
    """A contact of mine, 003…number; what isn't given is null."""
    return {
        "Id": f"003{number:012d}AAA",
        "IsDeleted": False,
        "LastName": last,
        "OwnerId": ME,
        "SystemModstamp": NOW,
        **values,
    }


@dataclass(frozen=True)
class Organisation:
    """A Source of given contacts, WORLD's other records, one user and one moment."""

    contacts: Sequence[Row] = ()
    tables: Mapping[str, Table] = field(default_factory=lambda: TABLES)
    now: datetime = NOW
    user_id: str = ME
    path: str = "/services/data/v68.0"

    def table(self, name: str) -> Table | None:
        return self.tables.get(name.lower())

    def rows(self, table: str, deleted: bool) -> Iterable[Row]:
        found = self.contacts if table == "Contact" else WORLD[table]
        return (row for row in found if deleted or not row.get("IsDeleted"))

    def parent(self, table: str, record_id: str) -> Row | None:
        return next((row for row in self.rows(table, deleted=False) if row["Id"] == record_id), None)

    def in_scope(self, table: str, scope: str, row: Row) -> bool:
        assert scope in TABLES[table.lower()].scopes
        return scope == "everything" or (scope == "mine" and row["OwnerId"] == self.user_id)


def records(soql: str, *contacts: Row, deleted: bool = False) -> list[dict[str, Any]]:
    """The records of an answer over these contacts."""
    return list(run(parse(soql), Organisation(contacts), deleted=deleted).records)


def names(condition: str, *contacts: Row) -> str:
    """The last names of the contacts for which a condition holds, in one word: names are single letters."""
    found = records(f"SELECT LastName FROM Contact c WHERE {condition}", *contacts)
    return "".join(record["LastName"] for record in found)

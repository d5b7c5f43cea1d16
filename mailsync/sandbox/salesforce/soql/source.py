"""What a SOQL query needs to know of the organisation it runs in, and what comes out of a query."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

Row = Mapping[str, Any]
"""One record as stored: API field name -> str, float, int, bool, None or an aware UTC datetime; dates are ISO text."""


class SoqlError(Exception):
    """A query that Salesforce refuses: `code` (MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE …) and its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Field:
    """A field as this user's describe shows it; a field hidden from the user is not there at all."""

    name: str
    type: str  # the describe's type: id, string, picklist, email, phone, textarea, date, datetime, boolean, reference …
    filterable: bool = True
    sortable: bool = True
    relationship: str | None = None  # Account for AccountId
    refers_to: str | None = None  # Account
    targets: tuple[str, ...] = ()  # the objects of a lookup that takes several: Contact and Lead
    labels: Mapping[str, str] = field(default_factory=dict[str, str])  # of picklist values that have one of their own
    label_field: str | None = None  # the field that holds the label: MailingState of MailingStateCode


@dataclass(frozen=True, slots=True)
class Child:
    """Records that point at this object: `name` is the relationship's (Contacts), `lookup` their field."""

    name: str
    table: str
    lookup: str


@dataclass(frozen=True, slots=True)
class Table:
    """An object as this user's describe shows it. `fields` is keyed by the lower-case name."""

    name: str
    fields: Mapping[str, Field]
    scopes: tuple[str, ...]  # everything, mine, team, scopingRule
    children: Mapping[str, Child] = field(default_factory=dict[str, Child])  # keyed by the lower-case name
    queryable: bool = True


class Source(Protocol):
    """The organisation as one user sees it at one moment; sharing and field security are applied here."""

    @property
    def now(self) -> datetime: ...
    @property
    def user_id(self) -> str: ...
    @property
    def path(self) -> str:
        """The prefix of record urls, as /services/data/v68.0."""
        ...

    def table(self, name: str) -> Table | None:
        """The object of that name (any case), or None if there is none for this user."""
        ...

    def rows(self, table: str, deleted: bool) -> Iterable[Row]:
        """All records the user can see; with `deleted` those in the recycle bin too (queryAll)."""
        ...

    def parent(self, table: str, record_id: str) -> Row | None:
        """A record that a lookup points at, or None if there is none that this user may see.

        The object Name stands for whatever a lookup of several objects points at; its rows have a Type.
        """
        ...

    def in_scope(self, table: str, scope: str, row: Row) -> bool:
        """Whether USING SCOPE `scope` holds the record; only asked for scopes that the table names."""
        ...


@dataclass(frozen=True, slots=True)
class Result:
    """The whole answer of a query, in order and cut to LIMIT/OFFSET, as JSON values that keep the SELECT's order."""

    total: int
    records: Sequence[dict[str, Any]]  # empty for COUNT()

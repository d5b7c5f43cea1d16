"""The table of mapped fields: loaded from packaged TOML, checked where it comes in, changed field by field."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, get_args

from mailsync.core.person import Field, FieldType, Flow
from mailsync.core.refs import FieldName
from mailsync.errors import SettingsError

Kind = Literal["exchange", "google", "microsoft"]
"""The kinds of mailbox."""

Vendor = Literal["salesforce", Kind]
"""The vendors that tables name."""

PARTS = 5
"""Properties of an address: street, city, state, code, country."""


@dataclass(frozen=True, slots=True)
class Row:
    """One mapped field and the vendors' properties that hold it: one, or five of an address."""

    field: Field
    salesforce: tuple[str, ...]
    mailbox: tuple[str, ...]
    mailbox_length: int = 255

    def held_by(self, vendor: Vendor) -> tuple[str, ...]:
        """The properties that hold the field in that vendor's system."""
        return self.salesforce if vendor == "salesforce" else self.mailbox


@dataclass(frozen=True, slots=True)
class Table:
    """The mapping of one object to one kind of mailbox."""

    rows: tuple[Row, ...]
    mailbox: Kind = "exchange"
    live: tuple[Row, ...] = field(init=False, repr=False, compare=False)
    """The rows whose field is not off; every reading of a contact goes through them."""
    held: Mapping[Vendor, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    """By vendor, the properties of those fields."""

    def __post_init__(self) -> None:
        live = tuple(row for row in self.rows if row.field.flow is not Flow.OFF)
        object.__setattr__(self, "live", live)
        held = {v: tuple(name for row in live for name in row.held_by(v)) for v in get_args(Vendor)}
        object.__setattr__(self, "held", held)

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields, those that are off too, in the table's order."""
        return tuple(row.field for row in self.rows)

    def properties(self, vendor: Vendor) -> tuple[str, ...]:
        """The vendor's properties of all fields that are not off: what has to be asked for."""
        return self.held[vendor]

    def field(self, name: str) -> Field:
        """The field of that name. Raises SettingsError where the table has none."""
        return _row(self, name).field

    def with_flows(self, changes: Mapping[FieldName, Flow]) -> "Table":
        """The table with other directions (E3). Raises SettingsError for a field it does not have."""
        for name in changes:
            _row(self, name)
        return replace(self, rows=tuple(_redirect(row, changes) for row in self.rows))


def _row(table: Table, name: str) -> Row:
    for row in table.rows:
        if row.field.name == name:
            return row
    known = ", ".join(row.field.name for row in table.rows)
    raise SettingsError((f"mapping: there is no field {name}; the fields are {known}",))


def _redirect(row: Row, changes: Mapping[FieldName, Flow]) -> Row:
    return replace(row, field=replace(row.field, flow=changes.get(row.field.name, row.field.flow)))


@lru_cache
def load(mailbox: str = "exchange") -> Table:
    """The table of Contacts for a kind of mailbox, profile `standard`. Raises SettingsError for an unknown kind."""
    kinds = get_args(Kind)
    if mailbox not in kinds:
        raise SettingsError((f"mailbox: there is no field mapping for {mailbox!r}; use {', '.join(kinds)}",))
    packaged = files("mailsync.mapping").joinpath(f"contact_{mailbox}.toml")
    return parse(packaged.read_text(encoding="utf-8"))


def parse(toml: str) -> Table:
    """A table from its TOML. Raises SettingsError naming the field that is wrong."""
    try:
        document = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError((f"mapping: this is not TOML ({error})",)) from error
    rows = tuple(_read_row(entry) for entry in document.get("field", ()))
    return Table(rows, document.get("mailbox", "exchange"))


def _read_row(entry: Mapping[str, Any]) -> Row:
    name = str(entry.get("name", "without a name"))
    try:
        field = Field(FieldName(entry["name"]), FieldType(entry["type"]), Flow(entry["flow"]))
        row = Row(field, tuple(entry["salesforce"]), tuple(entry["mailbox"]), entry.get("mailbox_length", 255))
    except (KeyError, ValueError) as error:
        raise SettingsError((f"mapping: field {name}: {error} is missing or unknown",)) from error
    width = PARTS if field.type is FieldType.ADDRESS else 1
    if (len(row.salesforce), len(row.mailbox)) != (width, width):
        raise SettingsError((f"mapping: field {name}: name {width} of each side's properties",))
    return row

"""Columns of an upload: which field each header names, and what the text of a cell is as a value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mailsync.sandbox.salesforce.bulk.sheets import BatchError
from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.rows import find_by_key, key_field
from mailsync.sandbox.salesforce.schema import FieldSpec, ObjectSpec
from mailsync.sandbox.salesforce.viewer import Viewer

NULL = "#N/A"
_NUMBERS = ("int", "double", "currency", "percent")


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is the field that is written; `read` makes its value of a cell and raises ApiError where it can't."""

    name: str
    read: Callable[[str], Any]


def find_columns(viewer: Viewer, spec: ObjectSpec, header: Sequence[str]) -> list[Column]:
    """The fields of a header: API names, or Relationship.ExternalId for a lookup. Raises BatchError."""
    columns = [_find_column(viewer, spec, name) for name in header]
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            raise BatchError(f"InvalidBatch : Duplicate field name : {column.name}")
        seen.add(column.name)
    return columns


def read_row(columns: Sequence[Column], row: Sequence[str]) -> dict[str, Any]:
    """The values of a row: an empty cell says nothing, #N/A is null."""
    pairs = zip(columns, row, strict=True)
    return {column.name: None if cell == NULL else column.read(cell) for column, cell in pairs if cell}


def _find_column(viewer: Viewer, spec: ObjectSpec, name: str) -> Column:
    relationship, dot, key = name.partition(".")
    if dot:
        return _find_lookup(viewer, spec, name, relationship, key)
    field = viewer.fields(spec).get(name.lower())
    if field is None:
        raise BatchError(f"InvalidBatch : Field name not found : {name}")
    return Column(field.name, lambda cell: _read_cell(field, cell))


def _find_lookup(viewer: Viewer, spec: ObjectSpec, name: str, relationship: str, key: str) -> Column:
    fields = viewer.fields(spec).values()
    lookup = next((field for field in fields if (field.relationship or "").lower() == relationship.lower()), None)
    target = None if lookup is None or lookup.refers_to is None else viewer.org.spec(lookup.refers_to)
    if lookup is None or target is None:
        raise BatchError(f"InvalidBatch : Field name not found : {name}")
    try:
        found = key_field(viewer, target, key)
    except ApiError:
        raise BatchError(f"InvalidBatch : Field name not found : {name}") from None

    def read(cell: str) -> str:
        matches = find_by_key(viewer, target, found, cell)
        if len(matches) != 1:
            reason = "not found" if not matches else "more than one record found"
            raise ApiError(
                "INVALID_FIELD",
                f"Foreign key external ID: {cell} {reason} for field {found.name} in entity {target.name}",
                (),
            )
        return matches[0]["Id"]

    return Column(lookup.name, read)


def _read_cell(field: FieldSpec, cell: str) -> Any:
    """Text as the JSON value that the field takes; what is no such value stays text and is refused on save."""
    if field.type == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(cell.strip().lower(), cell)
    if field.type in _NUMBERS:
        try:
            return float(cell)
        except ValueError:
            return cell
    return cell

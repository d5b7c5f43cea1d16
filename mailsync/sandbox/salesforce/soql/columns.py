"""Finds the fields a query names, as this user may see them, and reads their values from records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from mailsync.sandbox.salesforce.soql.periods import week_in_year
from mailsync.sandbox.salesforce.soql.refusals import (
    malformed,
    missing_column,
    missing_relationship,
    missing_type,
    refusal,
)
from mailsync.sandbox.salesforce.soql.source import Field, Row, SoqlError, Source, Table
from mailsync.sandbox.salesforce.soql.syntax import Call, Path, Query, Term

Read = Callable[[Any], Any]

# What a lookup of several objects points at, as parent paths see it.
POLYMORPHIC = "Name"
# A parent path crosses at most five relationships (SOQL guide, relationship query limits).
_DEEPEST = 5
_KINDS = {
    "id": "id",
    "reference": "id",
    "int": "number",
    "long": "number",
    "double": "number",
    "currency": "number",
    "percent": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "address": "other",
    "location": "other",
    "base64": "other",
}


@dataclass(frozen=True, slots=True)
class Entity:
    """The object of a query, seen through one user's eyes. `parents` remembers the records that lookups found."""

    source: Source
    table: Table
    names: frozenset[str]  # the object's name and its alias, casefolded: a path may begin with one of them
    text: str
    parents: dict[tuple[str, str], Row | None] = field(default_factory=dict[tuple[str, str], "Row | None"])


@dataclass(frozen=True, slots=True)
class Step:
    """One crossing of a relationship: the lookup field, the relationship's name and the parent's object."""

    lookup: str
    relationship: str
    table: str


@dataclass(frozen=True, slots=True)
class Column:
    """A path that was found: the relationships to cross, then the field."""

    steps: tuple[Step, ...]
    table: Table
    field: Field


@dataclass(frozen=True, slots=True)
class Operand:
    """What a condition or an order is about. `kind`: id, string, number, boolean, date (ISO text), datetime, other."""

    name: str
    type: str
    kind: str
    target: str | None  # the object that an id names
    filterable: bool
    sortable: bool
    at: int
    read: Read


def enter(query: Query, source: Source) -> Entity:
    """The object of a query. Raises SoqlError(INVALID_TYPE)."""
    table = source.table(query.object)
    if table is None:
        raise missing_type(query.text, query.object_at, query.object)
    if not table.queryable:
        raise SoqlError("INVALID_TYPE_FOR_OPERATION", f"entity type {table.name} does not support query")
    names = {table.name.casefold(), (query.alias or table.name).casefold()}
    return Entity(source, table, frozenset(names), query.text)


def find_column(entity: Entity, path: Path) -> Column:
    """The field at the end of a path. Raises SoqlError(INVALID_FIELD) naming what isn't there for this user."""
    names = list(path.names)
    if len(names) > 1 and names[0].casefold() in entity.names:
        names = names[1:]
    if len(names) > _DEEPEST + 1:
        raise malformed(entity.text, path.at, f"'{path.text}' crosses more than {_DEEPEST} relationships")
    table = entity.table
    steps: list[Step] = []
    for name in names[:-1]:
        step, table = _cross(entity, table, name, path)
        steps.append(step)
    found = table.fields.get(names[-1].lower())
    if found is None:
        raise missing_column(entity.text, path.at, names[-1], table.name)
    return Column(tuple(steps), table, found)


def find_lookup(entity: Entity, path: Path) -> Column:
    """The lookup whose relationship ends a path of relationships alone, as TYPEOF names it. Raises SoqlError."""
    table = entity.table
    steps: list[Step] = []
    for name in path.names[:-1]:
        step, table = _cross(entity, table, name, path)
        steps.append(step)
    wanted = path.names[-1].casefold()
    for candidate in table.fields.values():
        if candidate.relationship is not None and candidate.relationship.casefold() == wanted:
            return Column(tuple(steps), table, candidate)
    raise missing_relationship(entity.text, path.at, path.names[-1])


def _cross(entity: Entity, table: Table, name: str, path: Path) -> tuple[Step, Table]:
    wanted = name.casefold()
    for candidate in table.fields.values():
        if candidate.relationship is not None and candidate.relationship.casefold() == wanted:
            target = POLYMORPHIC if candidate.targets else candidate.refers_to
            parent = entity.source.table(target) if target else None
            if parent is not None:
                return Step(candidate.name, candidate.relationship, parent.name), parent
    raise missing_relationship(entity.text, path.at, name)


def find_parent(entity: Entity, step: Step, row: Row) -> Row | None:
    """The record a lookup points at; None if it is empty or this user may not see it."""
    record_id = row.get(step.lookup)
    if record_id is None:
        return None
    key = (step.table, record_id)
    if key not in entity.parents:
        entity.parents[key] = entity.source.parent(step.table, record_id)
    return entity.parents[key]


def read_column(entity: Entity, column: Column) -> Read:
    """Reads a column from a record of the entity; an empty lookup on the way gives None."""
    name = column.field.name
    if not column.steps:
        return lambda row: row.get(name)
    steps = column.steps

    def read(row: Row) -> Any:
        at: Row | None = row
        for step in steps:
            at = find_parent(entity, step, at)
            if at is None:
                return None
        return at.get(name)

    return read


def read_label(entity: Entity, column: Column) -> Read:
    """Reads the label of a picklist's value, of several the label of each; a value without one is its own label."""
    found = column.field
    if found.label_field is not None:
        return read_column(entity, replace(column, field=replace(found, name=found.label_field)))
    return translate(found.labels, read_column(entity, column))


def translate(labels: Mapping[str, str], read: Read) -> Read:
    """Reads the labels of a picklist instead of its values; of several values, parted by semicolons, each one."""
    if not labels:
        return read

    def read_label(row: Any) -> Any:
        value = read(row)
        return ";".join(labels.get(one, one) for one in value.split(";")) if isinstance(value, str) else value

    return read_label


def find_operand(entity: Entity, term: Term) -> Operand:
    """A field, toLabel() of one or a part of a date, as WHERE and ORDER BY see it. Raises SoqlError."""
    if isinstance(term, Path):
        column = find_column(entity, term)
        found = column.field
        kind = _KINDS.get(found.type.lower(), "string")
        target = found.refers_to if found.type == "reference" else column.table.name
        read = read_column(entity, column)
        return Operand(found.name, found.type, kind, target, found.filterable, found.sortable, term.at, read)
    if term.function == "TOLABEL" and isinstance(term.argument, Path):
        operand, column = find_operand(entity, term.argument), find_column(entity, term.argument)
        return replace(operand, read=read_label(entity, column))
    if term.function in ("TOLABEL", "CONVERTTIMEZONE"):
        return find_operand(entity, term.argument)
    if term.function not in _PARTS:
        raise malformed(entity.text, term.at, f"the function '{term.text}' is not allowed here")
    return _date_part(entity, term)


def _date_part(entity: Entity, term: Call) -> Operand:
    moment = find_operand(entity, term.argument)
    timed = term.function in ("DAY_ONLY", "HOUR_IN_DAY")
    if moment.kind != "datetime" and (timed or moment.kind != "date"):
        wanted = "dateTime" if timed else "date or dateTime"
        raise refusal("INVALID_FIELD", entity.text, term.at, f"field '{moment.name}' must be of type {wanted}")
    part = _PARTS[term.function]
    read = moment.read
    kind = "date" if term.function == "DAY_ONLY" else "number"

    def read_part(row: Row) -> Any:
        value = read(row)
        return None if value is None else part(_as_moment(value))

    type_name = "date" if kind == "date" else "int"
    return Operand(term.text, type_name, kind, None, moment.filterable, moment.sortable, term.at, read_part)


def _as_moment(value: datetime | str) -> datetime:
    """Parts of dates are those of the UTC day, as for a user whose time zone is GMT."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)


def _quarter(moment: datetime) -> int:
    return (moment.month + 2) // 3


_PARTS: dict[str, Callable[[datetime], Any]] = {
    "CALENDAR_YEAR": lambda moment: moment.year,
    "CALENDAR_QUARTER": _quarter,
    "CALENDAR_MONTH": lambda moment: moment.month,
    "FISCAL_YEAR": lambda moment: moment.year,
    "FISCAL_QUARTER": _quarter,
    "FISCAL_MONTH": lambda moment: moment.month,
    "DAY_ONLY": lambda moment: moment.date().isoformat(),
    "DAY_IN_WEEK": lambda moment: moment.isoweekday() % 7 + 1,
    "DAY_IN_MONTH": lambda moment: moment.day,
    "DAY_IN_YEAR": lambda moment: moment.timetuple().tm_yday,
    "WEEK_IN_MONTH": lambda moment: (moment.day - 1) // 7 + 1,
    "WEEK_IN_YEAR": lambda moment: week_in_year(moment.date()),
    "HOUR_IN_DAY": lambda moment: moment.hour,
}


def comparable(kind: str) -> Callable[[Any], Any] | None:
    """What makes two values of a kind equal and ordered: text without case, ids by their first 15 characters.

    None: values compare as they are. (vendors/salesforce.md, sections 5 and 2: 15 and 18 characters name one record.)
    """
    if kind == "string":
        return str.casefold
    if kind == "id":
        return _short_id
    return None


def _short_id(record_id: str) -> str:
    return record_id[:15]

"""Makes the JSON values of an answer out of the records that a query found."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, overload

from mailsync.sandbox.salesforce.soql.columns import (
    POLYMORPHIC,
    Column,
    Entity,
    Read,
    Step,
    find_column,
    find_lookup,
    find_parent,
    read_column,
    read_label,
)
from mailsync.sandbox.salesforce.soql.refusals import malformed, missing_type, refusal
from mailsync.sandbox.salesforce.soql.source import Row, Table
from mailsync.sandbox.salesforce.soql.syntax import (
    Call,
    Children,
    EveryField,
    Item,
    Path,
    Query,
    Selected,
    Term,
    TypeOf,
)

Record = dict[str, Any]

# FIELDS() is served up to this LIMIT (SOQL guide, FIELDS()).
_FIELDS_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a record: reached over `steps`, then `make` gives its value from the record there."""

    steps: tuple[Step, ...]
    key: str
    make: Read


Nest = Callable[[Children], Entry]
"""Makes the entry of a child subquery."""


def find_entries(entity: Entity, query: Query, nest: Nest) -> list[Entry]:
    """The keys that a SELECT list asks for, in order. Raises SoqlError for a field that is missing or comes twice."""
    entries: list[Entry] = []
    seen: set[tuple[tuple[Step, ...], str]] = set()
    for item in query.items:
        for entry in _find_item(entity, query, item, nest):
            key = (entry.steps, entry.key.casefold())
            if key in seen:
                message = f"duplicate field selected: {entry.key}"
                raise refusal("INVALID_FIELD", query.text, place_of(item), message)
            seen.add(key)
            entries.append(entry)
    return entries


def place_of(item: Item) -> int:
    """The character at which an item of the SELECT list begins."""
    return item.term.at if isinstance(item, Selected) else item.at


def _find_item(entity: Entity, query: Query, item: Item, nest: Nest) -> list[Entry]:
    match item:
        case Selected():
            return [_find_selected(entity, item)]
        case EveryField(which, at):
            if query.limit is None or query.limit > _FIELDS_LIMIT:
                message = f"The SOQL FIELDS function must have a LIMIT of at most {_FIELDS_LIMIT}"
                raise malformed(query.text, at, message)
            return _every_field(entity, which)
        case Children():
            return [nest(item)]
        case TypeOf():
            return [_find_type_of(entity, item)]


def _find_type_of(entity: Entity, item: TypeOf) -> Entry:
    """TYPEOF: the record that a lookup of several objects points at, with the fields that its type asks for."""
    *way, name = item.relationship.split(".")
    lookup = find_lookup(entity, Path((*way, name), item.at))
    if not lookup.field.targets:
        raise malformed(entity.text, item.at, f"TYPEOF needs a polymorphic relationship; '{name}' is none")
    makers: dict[str, Callable[[Row], Record]] = {}
    for target, paths in item.branches:
        table = entity.source.table(target)
        if table is None or table.name not in lookup.field.targets:
            raise missing_type(entity.text, item.at, target)
        makers[table.name] = _compile_branch(entity, table, paths)
    other = entity.source.table(POLYMORPHIC)
    otherwise = _compile_branch(entity, other, item.otherwise) if other is not None else None
    read = read_column(entity, lookup)
    targets = lookup.field.targets

    def make(row: Row) -> Record | None:
        record_id = _lift(read, row)
        for target in targets if record_id else ():
            found = entity.source.parent(target, record_id)
            if found is not None and target in makers:
                return makers[target](found)
        named = entity.source.parent(POLYMORPHIC, record_id) if record_id else None
        return None if named is None or otherwise is None else otherwise(named)

    return Entry((), lookup.field.relationship or name, make)


def _lift(read: Read, row: Row) -> str:
    return read(row) or ""


def _compile_branch(entity: Entity, table: Table, paths: Sequence[Path]) -> Callable[[Row], Record]:
    inner = Entity(entity.source, table, frozenset({table.name.casefold()}), entity.text)
    return compile_record(inner, [_find_selected(inner, Selected(path, None)) for path in paths])


def _every_field(entity: Entity, which: str) -> list[Entry]:
    """All fields the user sees; a custom field is one whose name ends in __c or __pc."""
    return [
        Entry((), found.name, _maker(Column((), entity.table, found), formatted=False))
        for found in entity.table.fields.values()
        if which == "ALL" or (which == "CUSTOM") == found.name.endswith(("__c", "__pc"))
    ]


def _find_selected(entity: Entity, item: Selected) -> Entry:
    column = find_column(entity, _path_of(entity, item.term))
    formatted = _uses(item.term, "FORMAT")
    if item.alias is None:
        if _uses(item.term, "TOLABEL"):
            return Entry(column.steps, column.field.name, read_label(entity, replace(column, steps=())))
        return Entry(column.steps, column.field.name, _maker(column, formatted=formatted))
    if isinstance(item.term, Path):
        raise malformed(entity.text, item.term.at, "only aggregate expressions use field aliasing")
    read = read_label(entity, column) if _uses(item.term, "TOLABEL") else read_column(entity, column)
    if formatted:
        return Entry((), item.alias, lambda row: format_value(read(row), column.field.type))
    return Entry((), item.alias, lambda row: render_value(read(row)))


def _path_of(entity: Entity, term: Term) -> Path:
    """The field inside toLabel(), FORMAT() and convertTimezone()."""
    while isinstance(term, Call):
        if term.function == "CONVERTCURRENCY":
            message = "convertCurrency is not allowed: this organisation has one currency"
            raise refusal("INVALID_FIELD", entity.text, term.at, message)
        if term.function not in ("TOLABEL", "FORMAT", "CONVERTTIMEZONE"):
            raise malformed(entity.text, term.at, f"the function '{term.text}' needs GROUP BY")
        term = term.argument
    return term


def _uses(term: Term, function: str) -> bool:
    return isinstance(term, Call) and (term.function == function or _uses(term.argument, function))


def _maker(column: Column, *, formatted: bool) -> Read:
    name, type_name = column.field.name, column.field.type
    if formatted:
        return lambda row: format_value(row.get(name), type_name)
    if type_name == "datetime":
        return lambda row: render_value(row.get(name))
    return lambda row: row.get(name)


def render_value(value: Any) -> Any:
    """A stored value as JSON: a datetime becomes 2026-11-22T09:00:00.000+0000, everything else stays."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")[:23] + "+0000"
    return value


def format_value(value: Any, type_name: str) -> Any:
    """FORMAT() of a value of a field of this type, as an English (US) user whose time zone is GMT sees it."""
    if isinstance(value, datetime):
        half = "AM" if value.hour < 12 else "PM"
        return f"{value.month}/{value.day}/{value.year}, {value.hour % 12 or 12}:{value.minute:02d} {half}"
    if type_name == "date" and isinstance(value, str):
        day = date.fromisoformat(value)
        return f"{day.month}/{day.day}/{day.year}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:,}"
    return value


def compile_record(entity: Entity, entries: Sequence[Entry]) -> Callable[[Row], Record]:
    """The function that makes a record's JSON: attributes first, then the keys in order, parents nested or null."""
    return _compile_level(entity, entity.table.name, entries, 0)


def _compile_level(entity: Entity, table: str, entries: Sequence[Entry], depth: int) -> Callable[[Row], Record]:
    parts: dict[str, Read] = {}
    for entry in entries:
        if len(entry.steps) == depth:
            parts[entry.key] = entry.make
        elif entry.steps[depth].relationship not in parts:
            step = entry.steps[depth]
            below = [other for other in entries if len(other.steps) > depth and other.steps[depth] == step]
            parts[step.relationship] = _parent_maker(entity, step, _compile_level(entity, step.table, below, depth + 1))
    pairs = tuple(parts.items())
    sobjects = f"{entity.source.path}/sobjects"
    prefix = f"{sobjects}/{table}/"

    def make(row: Row) -> Record:
        url = prefix + row["Id"] if table != POLYMORPHIC else f"{sobjects}/{row['Type']}/{row['Id']}"
        record: Record = {"attributes": {"type": table, "url": url}}
        for key, part in pairs:
            record[key] = part(row)
        return record

    return make


def _parent_maker(entity: Entity, step: Step, make: Callable[[Row], Record]) -> Read:
    def parent(row: Row) -> Record | None:
        found = find_parent(entity, step, row)
        return None if found is None else make(found)

    return parent


@dataclass(frozen=True, slots=True, eq=False)
class Pages(Sequence[Record]):
    """A long answer whose records are made when they are asked for: only the pages a client fetches cost anything."""

    rows: Sequence[Row]
    make: Callable[[Row], Record]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Record]:
        return map(self.make, self.rows)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        if isinstance(index, slice):
            return [self.make(row) for row in self.rows[index]]
        return self.make(self.rows[index])

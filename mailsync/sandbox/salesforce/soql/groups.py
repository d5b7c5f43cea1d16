"""Aggregate queries: COUNT(f), MIN, MAX, SUM, AVG, GROUP BY and HAVING."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from mailsync.sandbox.salesforce.soql.columns import Entity, Operand, Read, comparable, find_operand
from mailsync.sandbox.salesforce.soql.records import Record, format_value, place_of, render_value
from mailsync.sandbox.salesforce.soql.refusals import malformed, refusal
from mailsync.sandbox.salesforce.soql.source import Row
from mailsync.sandbox.salesforce.soql.syntax import AGGREGATES, Call, Item, Path, Query, Selected, Term


@dataclass(frozen=True, slots=True)
class Bundle:
    """The records of one group; none only for the one group of a query without GROUP BY that finds nothing.

    `omitted` are the places of the GROUP BY terms over which a subtotal of ROLLUP or CUBE goes.
    """

    rows: Sequence[Row]
    omitted: frozenset[int] = frozenset()


def is_aggregate(query: Query) -> bool:
    """Whether a query answers groups and not records."""
    return bool(query.group) or any(isinstance(item, Selected) and _aggregates(item.term) for item in query.items)


def _aggregates(term: Term) -> bool:
    return isinstance(term, Call) and (term.function in AGGREGATES or _aggregates(term.argument))


def compile_groups(entity: Entity, query: Query) -> Callable[[Iterable[Row]], list[Bundle]]:
    """The function that parts records into groups, in the order of their first record. Raises SoqlError."""
    operands = [find_operand(entity, term) for term in query.group]
    for operand in operands:
        if operand.kind == "other" or not operand.sortable:
            message = f"field '{operand.name}' can not be grouped in a query call"
            raise refusal("INVALID_FIELD", query.text, operand.at, message)
    if not operands:
        return lambda rows: [Bundle(list(rows))]
    keys = [_key(operand) for operand in operands]
    sets = _grouping_sets(len(keys), query.totals)

    def part(rows: Iterable[Row]) -> list[Bundle]:
        found = list(rows)
        return [bundle for omitted in sets for bundle in _part_by(found, keys, omitted)]

    return part


def _grouping_sets(count: int, totals: str | None) -> list[frozenset[int]]:
    """Which terms are left out: none; of ROLLUP the last ones, one more each time; of CUBE every choice."""
    if totals is None:
        return [frozenset()]
    if totals == "ROLLUP":
        return [frozenset(range(kept, count)) for kept in range(count, -1, -1)]
    choices = (frozenset(chosen) for size in range(count + 1) for chosen in combinations(range(count), size))
    return list(choices)


def _part_by(rows: Sequence[Row], keys: Sequence[Read], omitted: frozenset[int]) -> list[Bundle]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    kept = [key for at, key in enumerate(keys) if at not in omitted]
    for row in rows:
        groups.setdefault(tuple(key(row) for key in kept), []).append(row)
    return [Bundle(group, omitted) for group in groups.values()]


def _key(operand: Operand) -> Read:
    read = operand.read
    key = comparable(operand.kind)
    if key is None:
        return read
    return lambda row: None if (value := read(row)) is None else key(value)


def find_bundle_operand(entity: Entity, query: Query, term: Term) -> Operand:
    """A grouped field or an aggregate, as HAVING, ORDER BY and SELECT see it: it reads groups, not records.

    Raises SoqlError(MALFORMED_QUERY) for a field that is neither.
    """
    if isinstance(term, Call) and term.function in AGGREGATES:
        return _aggregate_operand(entity, term)
    if isinstance(term, Call) and term.function == "GROUPING":
        return _grouping_operand(entity, query, term)
    operand = find_operand(entity, term)
    place = _place_in_group(entity, query, term)
    read = operand.read

    def read_group(bundle: Bundle) -> Any:
        return None if place in bundle.omitted else read(bundle.rows[0])

    return _with_read(operand, operand.name, operand.type, operand.kind, read_group)


def _place_in_group(entity: Entity, query: Query, term: Term) -> int:
    for place, grouped in enumerate(query.group):
        if _same(entity, term, grouped):
            return place
    raise malformed(entity.text, term.at, f"Field must be grouped or aggregated: {term.text}")


def _grouping_operand(entity: Entity, query: Query, term: Call) -> Operand:
    """GROUPING(field): 1 in a row that is a subtotal over the field, else 0."""
    inner = find_operand(entity, term.argument)
    place = _place_in_group(entity, query, term.argument)
    return _with_read(inner, term.text, "int", "number", lambda bundle: int(place in bundle.omitted))


def _same(entity: Entity, term: Term, other: Term) -> bool:
    """Whether two terms are one: names compare without case and without the object's prefix."""
    if isinstance(term, Path) or isinstance(other, Path):
        return isinstance(term, Path) and isinstance(other, Path) and _names(entity, term) == _names(entity, other)
    return term.function == other.function and _same(entity, term.argument, other.argument)


def _names(entity: Entity, path: Path) -> tuple[str, ...]:
    names = tuple(name.casefold() for name in path.names)
    return names[1:] if len(names) > 1 and names[0] in entity.names else names


def _with_read(operand: Operand, name: str, type_name: str, kind: str, read: Read) -> Operand:
    return Operand(name, type_name, kind, operand.target, True, True, operand.at, read)


def _aggregate_operand(entity: Entity, term: Call) -> Operand:
    inner = find_operand(entity, term.argument)
    _check(entity, term, inner)
    read = inner.read
    reduce = _REDUCERS[term.function]
    key = comparable(inner.kind)

    def read_bundle(bundle: Bundle) -> Any:
        return reduce([value for row in bundle.rows if (value := read(row)) is not None], key)

    if term.function in ("MIN", "MAX"):
        return _with_read(inner, term.text, inner.type, inner.kind, read_bundle)
    kind = "int" if term.function.startswith("COUNT") else "double"
    return _with_read(inner, term.text, kind, "number", read_bundle)


def _check(entity: Entity, term: Call, inner: Operand) -> None:
    numeric = term.function in ("SUM", "AVG")
    if inner.kind == "other" or (numeric and inner.kind != "number") or not inner.filterable:
        message = f"field {inner.name} does not support aggregate operator {term.function}"
        raise refusal("INVALID_FIELD", entity.text, inner.at, message)
    if term.function in ("MIN", "MAX") and inner.kind == "boolean":
        message = f"field {inner.name} does not support aggregate operator {term.function}"
        raise refusal("INVALID_FIELD", entity.text, inner.at, message)


Key = Callable[[Any], Any] | None


def _count_distinct(values: Sequence[Any], key: Key) -> int:
    return len({key(value) for value in values} if key else set(values))


def _average(values: Sequence[Any], _key: Key) -> float | None:
    return sum(values) / len(values) if values else None


_REDUCERS: dict[str, Callable[[Sequence[Any], Key], Any]] = {
    "COUNT": lambda values, key: len(values),
    "COUNT_DISTINCT": _count_distinct,
    "MIN": lambda values, key: min(values, key=key, default=None),
    "MAX": lambda values, key: max(values, key=key, default=None),
    "SUM": lambda values, key: sum(values) if values else None,
    "AVG": _average,
}


def compile_bundle(entity: Entity, query: Query) -> Callable[[Bundle], Record]:
    """The function that makes a group's JSON: attributes of a type without url, then aliases, field names and expr0 …

    Raises SoqlError for a field that is neither grouped nor aggregated, and for a name that comes twice.
    """
    parts: dict[str, Read] = {}
    unnamed = 0
    for item in query.items:
        key, make = _compile_item(entity, query, item)
        if key is None:
            key = f"expr{unnamed}"
            unnamed += 1
        if key.casefold() in {name.casefold() for name in parts}:
            raise malformed(query.text, place_of(item), f"duplicate alias: {key}")
        parts[key] = make
    pairs = tuple(parts.items())

    def record(bundle: Bundle) -> Record:
        made: Record = {"attributes": {"type": "AggregateResult"}}
        for key, make in pairs:
            made[key] = make(bundle)
        return made

    return record


def _compile_item(entity: Entity, query: Query, item: Item) -> tuple[str | None, Read]:
    """The key of an item (None: it is the next of expr0, expr1 …) and what reads its value from a group."""
    if not isinstance(item, Selected):
        raise malformed(query.text, item.at, "Field must be grouped or aggregated")
    term = item.term
    formatted = False
    if isinstance(term, Call) and term.function == "FORMAT":
        term, formatted = term.argument, True
    operand = find_bundle_operand(entity, query, term)
    read, type_name = operand.read, operand.type
    key = item.alias or (operand.name if isinstance(term, Path) else None)
    if formatted:
        return key, lambda bundle: format_value(read(bundle), type_name)
    return key, lambda bundle: render_value(read(bundle))

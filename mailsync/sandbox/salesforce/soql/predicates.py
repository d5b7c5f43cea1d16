"""Makes of a condition a test of records, once per query."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from mailsync.sandbox.salesforce.soql.columns import Operand, Read, comparable
from mailsync.sandbox.salesforce.soql.patterns import compile_pattern
from mailsync.sandbox.salesforce.soql.periods import days_of
from mailsync.sandbox.salesforce.soql.refusals import malformed, refusal
from mailsync.sandbox.salesforce.soql.source import SoqlError
from mailsync.sandbox.salesforce.soql.syntax import (
    Comparison,
    Condition,
    Group,
    Membership,
    Negation,
    Period,
    Query,
    SemiJoin,
    Term,
    Value,
)

Predicate = Callable[[Any], bool]

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_LITERALS = {
    "id": ("string",),
    "string": ("string", "pattern"),
    "number": ("number",),
    "boolean": ("boolean",),
    "date": ("date", "period"),
    "datetime": ("datetime", "period"),
}
_TYPES = {"datetime": "dateTime", "id": "ID", "string": "string"}
_EQUALITIES = ("=", "!=", "IN", "NOT IN")
_ORDERS = ("<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a condition is judged in: the text for messages, the present day, how terms and semi-joins are found.

    `ids` gives the short ids that a semi-join's query selects; None inside a semi-join, where none may be.
    """

    text: str
    today: date
    operand: Callable[[Term], Operand]
    ids: Callable[[Query, Operand], frozenset[str]] | None


def compile_condition(setting: Setting, condition: Condition, *, either: bool = False) -> Predicate:
    """The test of one condition; `either` inside an OR, where semi-joins aren't allowed.

    Raises SoqlError: INVALID_FIELD for a field that isn't there, can't be filtered or is compared to a literal of
    another type, INVALID_QUERY_FILTER_OPERATOR for an operator its type doesn't know and for an id that is none.
    """
    match condition:
        case Group(conjunction, conditions):
            either = either or conjunction == "OR"
            return _joined(conjunction, [compile_condition(setting, part, either=either) for part in conditions])
        case Negation(inner):
            holds = compile_condition(setting, inner, either=either)
            return lambda row: not holds(row)
        case Comparison(term, sign, value):
            return _comparison(setting, _filterable(setting, term), sign, value)
        case Membership(term, sign, values):
            return _membership(setting, _filterable(setting, term), sign, values)
        case SemiJoin():
            return _semi_join(setting, condition, either)


def _joined(conjunction: str, parts: Sequence[Predicate]) -> Predicate:
    decisive = conjunction == "OR"

    def holds(row: Any) -> bool:
        for part in parts:
            if part(row) is decisive:
                return decisive
        return not decisive

    return holds


def _filterable(setting: Setting, term: Term) -> Operand:
    operand = setting.operand(term)
    if not operand.filterable or operand.kind == "other":
        message = f"field '{operand.name}' can not be filtered in a query call"
        raise refusal("INVALID_FIELD", setting.text, operand.at, message)
    return operand


def _comparison(setting: Setting, operand: Operand, sign: str, value: Value) -> Predicate:
    _check(setting, operand, sign, value)
    read = operand.read
    if _is_null(value):
        if sign in ("=", "!="):
            return _null_test(read, wanted=sign == "=")
        return lambda row: False
    if isinstance(value.value, Period):
        return _period_test(setting, operand, sign, value.value)
    if value.kind == "pattern":
        fits = compile_pattern(str(value.value))
        return lambda row: (text := read(row)) is not None and fits(text.casefold())
    key = comparable(operand.kind)
    wanted = key(value.value) if key else value.value
    if sign == "!=":
        return _negated(_order_test(read, key, operator.eq, wanted))
    return _order_test(read, key, _OPERATORS[sign], wanted)


def _order_test(
    read: Read, key: Callable[[Any], Any] | None, test: Callable[[Any, Any], bool], wanted: Any
) -> Predicate:
    if key is None:
        return lambda row: (value := read(row)) is not None and test(value, wanted)
    return lambda row: (value := read(row)) is not None and test(key(value), wanted)


def _negated(holds: Predicate) -> Predicate:
    """A null isn't equal to any value, so != and NOT IN hold for it."""
    return lambda row: not holds(row)


def _null_test(read: Read, *, wanted: bool) -> Predicate:
    return lambda row: (read(row) is None) is wanted


def _is_null(value: Value) -> bool:
    """Salesforce stores no empty text: '' in a filter asks for null."""
    return value.kind == "null" or (value.kind in ("string", "pattern") and value.value == "")


def _period_test(setting: Setting, operand: Operand, sign: str, period: Period) -> Predicate:
    read = operand.read
    first, after = (_edge(operand.kind, day) for day in days_of(period, setting.today))
    if sign in ("<", ">="):
        return _order_test(read, None, _OPERATORS[sign], first)
    if sign in ("<=", ">"):
        return _order_test(read, None, operator.lt if sign == "<=" else operator.ge, after)
    within: Predicate = lambda row: (value := read(row)) is not None and first <= value < after  # noqa: E731
    return within if sign == "=" else _negated(within)


def _edge(kind: str, day: date) -> str | datetime:
    return day.isoformat() if kind == "date" else datetime.combine(day, time.min, UTC)


def _membership(setting: Setting, operand: Operand, sign: str, values: Sequence[Value]) -> Predicate:
    for value in values:
        _check(setting, operand, sign, value)
    if sign in ("INCLUDES", "EXCLUDES"):
        holds = _includes_test(operand.read, values)
        return holds if sign == "INCLUDES" else _negated(holds)
    periods = [_comparison(setting, operand, "=", value) for value in values if value.kind == "period"]
    holds = _in_test(operand, [value for value in values if value.kind != "period"])
    if periods:
        holds = _joined("OR", [holds, *periods])
    return holds if sign == "IN" else _negated(holds)


def _in_test(operand: Operand, values: Sequence[Value]) -> Predicate:
    read = operand.read
    key = comparable(operand.kind)
    null = any(_is_null(value) for value in values)
    plain = [value.value for value in values if not _is_null(value)]
    wanted = frozenset(key(value) for value in plain) if key else frozenset(plain)
    if key is None:
        return lambda row: null if (value := read(row)) is None else value in wanted
    return lambda row: null if (value := read(row)) is None else key(value) in wanted


def _includes_test(read: Read, values: Sequence[Value]) -> Predicate:
    """Of a multi-select picklist: any value of the list, of which all parts between semicolons are chosen."""
    wanted = [_choices(str(value.value)) for value in values if not _is_null(value)]
    null = len(wanted) < len(values)

    def includes(row: Any) -> bool:
        value = read(row)
        if value is None:
            return null
        chosen = _choices(value)
        return any(choice <= chosen for choice in wanted)

    return includes


def _choices(text: str) -> frozenset[str]:
    return frozenset(part.strip().casefold() for part in text.split(";"))


def _semi_join(setting: Setting, condition: SemiJoin, either: bool) -> Predicate:
    operand = _filterable(setting, condition.term)
    if setting.ids is None:
        raise malformed(setting.text, operand.at, "Nesting of semi join sub-selects is not supported")
    if either:
        raise malformed(setting.text, operand.at, "Semi join sub-selects are not allowed with the 'OR' operator")
    if operand.kind != "id":
        raise malformed(setting.text, operand.at, f"Semi join sub-selects need an ID field; '{operand.name}' is none")
    ids = setting.ids(condition.query, operand)
    read = operand.read
    holds: Predicate = lambda row: (value := read(row)) is not None and value[:15] in ids  # noqa: E731
    return holds if condition.operator == "IN" else _negated(holds)


def _check(setting: Setting, operand: Operand, sign: str, value: Value) -> None:
    if not _knows(operand, sign):
        message = f"invalid operator on {operand.type.lower()} field"
        raise refusal("INVALID_QUERY_FILTER_OPERATOR", setting.text, operand.at, message)
    if value.kind == "null":
        return
    if value.kind not in _LITERALS[operand.kind]:
        raise _mistyped(setting, operand, value)
    if operand.kind == "id" and value.value != "":
        text = str(value.value)
        if len(text) not in (15, 18) or not (text.isascii() and text.isalnum()):
            raise refusal("INVALID_QUERY_FILTER_OPERATOR", setting.text, value.at, f"invalid ID field: {text}")


def _knows(operand: Operand, sign: str) -> bool:
    """Which operators a type knows: LIKE is for text, INCLUDES for multi-select picklists; booleans have no order."""
    if sign in ("INCLUDES", "EXCLUDES"):
        return operand.type.lower() == "multipicklist"
    if sign == "LIKE":
        return operand.kind == "string" and operand.type.lower() != "multipicklist"
    return sign in _EQUALITIES or (sign in _ORDERS and operand.kind != "boolean")


def _mistyped(setting: Setting, operand: Operand, value: Value) -> SoqlError:
    quoted = "should be" if operand.kind in ("id", "string") else "should not be"
    message = (
        f"value of filter criterion for field '{operand.name}' must be of type "
        f"{_TYPES.get(operand.kind, operand.type.lower())} and {quoted} enclosed in quotes"
    )
    return refusal("INVALID_FIELD", setting.text, value.at, message)

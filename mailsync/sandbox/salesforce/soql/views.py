"""What a list view's describe says of its query, and queries made out of other queries."""

from collections.abc import Sequence
from typing import Any

from mailsync.sandbox.salesforce.soql.syntax import (
    Comparison,
    Condition,
    Group,
    Membership,
    Negation,
    Query,
    SemiJoin,
)

# vendors/salesforce.md, section 2: the operators of a describe's whereCondition.
_OPERATORS = {
    "=": "equals",
    "!=": "notEquals",
    "<": "lessThan",
    "<=": "lessThanOrEqualTo",
    ">": "greaterThan",
    ">=": "greaterThanOrEqualTo",
    "LIKE": "like",
    "IN": "in",
    "NOT IN": "notIn",
    "INCLUDES": "includes",
    "EXCLUDES": "excludes",
}


def where_tree(query: Query) -> dict[str, Any] | None:
    """The `whereCondition` of a list view's describe; None without WHERE. Values are literals as they were written."""
    return None if query.where is None else _tree(query.where)


def _tree(condition: Condition) -> dict[str, Any]:
    match condition:
        case Group(conjunction, conditions):
            return {"conditions": [_tree(part) for part in conditions], "conjunction": conjunction.lower()}
        case Negation(inner):
            return {"condition": _tree(inner)}
        case Comparison(term, sign, value):
            return {"field": term.text, "operator": _OPERATORS[sign], "values": [value.text]}
        case Membership(term, sign, values):
            return {"field": term.text, "operator": _OPERATORS[sign], "values": [value.text for value in values]}
        case SemiJoin(term, sign, _, text):
            return {"field": term.text, "operator": _OPERATORS[sign], "subQuery": text}


def with_select(query: Query, fields: Sequence[str], *, order_by: str | None = None) -> str:
    """The text of a query for other fields of the same records: FROM, scope and WHERE stay as they were written.

    ORDER BY is `order_by`; the old order, LIMIT and OFFSET are left out. At least one field must be given.
    """
    parts = ["SELECT", ", ".join(fields), "FROM", query.object]
    if query.alias:
        parts.append(query.alias)
    if query.scope:
        parts += ["USING SCOPE", query.scope]
    if query.where_text:
        parts += ["WHERE", query.where_text]
    if order_by:
        parts += ["ORDER BY", order_by]
    return " ".join(parts)

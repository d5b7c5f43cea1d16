"""Reads the conditions of WHERE and HAVING, and the fields and functions they are about."""

from mailsync.sandbox.salesforce.soql.cursor import RESERVED, Cursor
from mailsync.sandbox.salesforce.soql.literals import parse_value
from mailsync.sandbox.salesforce.soql.syntax import (
    FUNCTIONS,
    Call,
    Comparison,
    Condition,
    Group,
    Membership,
    Negation,
    Path,
    Query,
    Selected,
    SemiJoin,
    Term,
    Value,
)
from mailsync.sandbox.salesforce.soql.tokens import Token

_COMPARISONS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "LIKE": "LIKE"}


def parse_condition(cursor: Cursor) -> Condition:
    """Takes a whole condition. AND and OR never mix without parentheses, and NOT stands alone or in parentheses
    (the verdicts of Salesforce's grammar, vendors/salesforce.md section 9). Raises SoqlError.
    """
    if cursor.skip("NOT"):
        return Negation(_parse_part(cursor))
    first = _parse_part(cursor)
    conjunction = cursor.token.word
    if conjunction not in ("AND", "OR"):
        return first
    parts = [first]
    while cursor.skip(conjunction):
        parts.append(_parse_part(cursor))
    return Group(conjunction, tuple(parts))


def _parse_part(cursor: Cursor) -> Condition:
    if not cursor.skip("("):
        return _parse_comparison(cursor)
    cursor.deepen()
    condition = parse_condition(cursor)
    cursor.expect(")")
    cursor.rise()
    return condition


def _parse_comparison(cursor: Cursor) -> Condition:
    term = parse_term(cursor)
    word = cursor.token.word
    if word in _COMPARISONS:
        cursor.take()
        return Comparison(term, _COMPARISONS[word], parse_value(cursor, pattern=word == "LIKE"))
    for words in (("IN",), ("NOT", "IN"), ("INCLUDES",), ("EXCLUDES",)):
        if cursor.skip(*words):
            return _parse_membership(cursor, term, " ".join(words))
    raise cursor.unexpected()


def _parse_membership(cursor: Cursor, term: Term, operator: str) -> Membership | SemiJoin:
    cursor.expect("(")
    if cursor.token.word == "SELECT" and operator in ("IN", "NOT IN"):
        return _parse_semi_join(cursor, term, operator)
    values: list[Value] = [parse_value(cursor)]
    while cursor.skip(","):
        values.append(parse_value(cursor))
    cursor.expect(")")
    return Membership(term, operator, tuple(values))


def _parse_semi_join(cursor: Cursor, term: Term, operator: str) -> SemiJoin:
    """The query of a semi-join: one field, one object, at most a scope and a WHERE (no order, no limit)."""
    cursor.deepen()
    start = cursor.token.at
    cursor.expect("SELECT")
    items = (Selected(parse_path(cursor), None),)
    cursor.expect("FROM")
    name = cursor.object_name()
    alias = parse_object_alias(cursor)
    scope = parse_scope(cursor)
    where, where_text = parse_where(cursor)
    end = cursor.read_to
    query = Query(
        cursor.text,
        items,
        name.text,
        name.at,
        alias=alias,
        scope=scope.text if scope else None,
        scope_at=scope.at if scope else 0,
        where=where,
        where_text=where_text,
    )
    cursor.expect(")")
    cursor.rise()
    return SemiJoin(term, operator, query, cursor.text[start:end])


def parse_scope(cursor: Cursor) -> Token | None:
    """Takes USING SCOPE if it is there. The grammar takes any word; whether the object has it is decided in run()."""
    return cursor.any_name() if cursor.skip("USING", "SCOPE") else None


def parse_where(cursor: Cursor) -> tuple[Condition | None, str | None]:
    """Takes WHERE if it is there: the condition, and its text without the word WHERE."""
    if not cursor.skip("WHERE"):
        return None, None
    start = cursor.token.at
    condition = parse_condition(cursor)
    return condition, cursor.text[start : cursor.read_to]


def parse_alias(cursor: Cursor) -> str | None:
    """Takes an alias if the next token can be one."""
    token = cursor.token
    if token.kind != "name" or "." in token.text or token.word in RESERVED:
        return None
    return cursor.take().text


def parse_object_alias(cursor: Cursor) -> str | None:
    """Takes the alias of an object if there is one; only here the grammar knows AS."""
    return cursor.name().text if cursor.skip("AS") else parse_alias(cursor)


def parse_path(cursor: Cursor) -> Path:
    """Takes a field or a parent path. Raises SoqlError."""
    token = cursor.name(dotted=True)
    return Path(tuple(token.text.split(".")), token.at)


def parse_term(cursor: Cursor) -> Term:
    """Takes a field, or a function of FUNCTIONS with one argument. Raises SoqlError."""
    token = cursor.token
    if cursor.following.word != "(":
        return parse_path(cursor)
    if token.word not in FUNCTIONS:
        raise cursor.unexpected()
    cursor.take()
    cursor.expect("(")
    cursor.deepen()
    argument = parse_term(cursor)
    cursor.expect(")")
    cursor.rise()
    return Call(token.word, argument, token.at, cursor.text[token.at : cursor.read_to])

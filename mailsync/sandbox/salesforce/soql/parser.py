"""Reads a SOQL text into its tree, or refuses it as Salesforce's own grammar does."""

from mailsync.sandbox.salesforce.soql.cursor import Cursor
from mailsync.sandbox.salesforce.soql.filters import (
    parse_alias,
    parse_condition,
    parse_object_alias,
    parse_path,
    parse_scope,
    parse_term,
    parse_where,
)
from mailsync.sandbox.salesforce.soql.literals import parse_count
from mailsync.sandbox.salesforce.soql.source import SoqlError
from mailsync.sandbox.salesforce.soql.syntax import (
    Children,
    Condition,
    EveryField,
    Item,
    Ordering,
    Path,
    Query,
    Selected,
    Term,
    TypeOf,
)

# vendors/salesforce.md, section 3: at most 100,000 characters of SOQL.
_LONGEST = 100_000


def parse(text: str) -> Query:
    """The tree of a whole SOQL text; a closing semicolon is allowed.

    Raises SoqlError: MALFORMED_QUERY with the place and the token, or QUERY_TOO_COMPLICATED for a text that is too
    long or nests too deep. Objects and fields aren't looked up here but in run().
    """
    if len(text) > _LONGEST:
        raise SoqlError("QUERY_TOO_COMPLICATED", f"a query has at most {_LONGEST} characters; this one has {len(text)}")
    cursor = Cursor(text)
    query = _parse_query(cursor)
    cursor.skip(";")
    if cursor.token.kind != "end":
        raise cursor.unexpected()
    return query


def _parse_query(cursor: Cursor) -> Query:
    cursor.expect("SELECT")
    items = _parse_items(cursor)
    cursor.expect("FROM")
    name = cursor.object_name()
    alias = parse_object_alias(cursor)
    scope = parse_scope(cursor)
    where, where_text = parse_where(cursor)
    _skip_mode(cursor)
    group, totals, having = _parse_group(cursor, lone_count=not items)
    order = _parse_order(cursor)
    limit = parse_count(cursor) if cursor.skip("LIMIT") else None
    offset = parse_count(cursor) if cursor.skip("OFFSET") else 0
    _skip_purpose(cursor)
    return Query(
        text=cursor.text,
        items=items,
        object=name.text,
        object_at=name.at,
        alias=alias,
        scope=scope.text if scope else None,
        scope_at=scope.at if scope else 0,
        where=where,
        where_text=where_text,
        group=group,
        totals=totals,
        having=having,
        order=order,
        limit=limit,
        offset=offset,
    )


def _parse_items(cursor: Cursor) -> tuple[Item, ...]:
    if cursor.skip("COUNT", "(", ")"):
        return ()
    items = [_parse_item(cursor)]
    while cursor.skip(","):
        items.append(_parse_item(cursor))
    return tuple(items)


def _parse_item(cursor: Cursor) -> Item:
    token = cursor.token
    if cursor.skip("("):
        cursor.deepen()
        query = _parse_query(cursor)
        cursor.expect(")")
        cursor.rise()
        return Children(query, token.at)
    if token.word == "TYPEOF" and cursor.following.kind == "name":
        return _parse_type_of(cursor)
    if cursor.skip("FIELDS", "("):
        if cursor.token.word not in ("ALL", "STANDARD", "CUSTOM"):
            raise cursor.unexpected()
        which = cursor.take().word
        cursor.expect(")")
        return EveryField(which, token.at)
    return Selected(parse_term(cursor), parse_alias(cursor))


def _parse_type_of(cursor: Cursor) -> TypeOf:
    at = cursor.take().at
    relationship = cursor.name(dotted=True).text
    branches: list[tuple[str, tuple[Path, ...]]] = []
    if cursor.token.word != "WHEN":
        raise cursor.unexpected()
    while cursor.skip("WHEN"):
        name = cursor.object_name().text
        cursor.expect("THEN")
        branches.append((name, _parse_paths(cursor)))
    otherwise = _parse_paths(cursor) if cursor.skip("ELSE") else ()
    cursor.expect("END")
    return TypeOf(relationship, tuple(branches), otherwise, at)


def _parse_paths(cursor: Cursor) -> tuple[Path, ...]:
    paths = [parse_path(cursor)]
    while cursor.skip(","):
        paths.append(parse_path(cursor))
    return tuple(paths)


def _skip_mode(cursor: Cursor) -> None:
    """WITH SECURITY_ENFORCED and its kind: every query here runs with the user's own rights, so they change nothing."""
    if not cursor.skip("WITH"):
        return
    if cursor.token.word not in ("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"):
        raise cursor.unexpected()
    cursor.take()


def _parse_group(cursor: Cursor, *, lone_count: bool) -> tuple[tuple[Term, ...], str | None, Condition | None]:
    """Fields, or ROLLUP or CUBE of fields: the grammar doesn't mix them."""
    if lone_count or not cursor.skip("GROUP", "BY"):
        return (), None, None
    totals = cursor.token.word if cursor.token.word in ("ROLLUP", "CUBE") and cursor.following.word == "(" else None
    if totals:
        cursor.take()
        cursor.expect("(")
    terms = [parse_term(cursor)]
    while cursor.skip(","):
        terms.append(parse_term(cursor))
    if totals:
        cursor.expect(")")
    return tuple(terms), totals, parse_condition(cursor) if cursor.skip("HAVING") else None


def _parse_order(cursor: Cursor) -> tuple[Ordering, ...]:
    if not cursor.skip("ORDER", "BY"):
        return ()
    orderings = [_parse_ordering(cursor)]
    while cursor.skip(","):
        orderings.append(_parse_ordering(cursor))
    return tuple(orderings)


def _parse_ordering(cursor: Cursor) -> Ordering:
    """Nulls come first when ascending and last when descending, unless NULLS says otherwise."""
    term = parse_term(cursor)
    descending = not cursor.skip("ASC") and cursor.skip("DESC")
    nulls_first = not descending
    if cursor.skip("NULLS"):
        nulls_first = cursor.skip("FIRST")
        if not nulls_first:
            cursor.expect("LAST")
    return Ordering(term, descending, nulls_first)


def _skip_purpose(cursor: Cursor) -> None:
    """FOR VIEW and FOR REFERENCE mark records for people's screens: nothing a query shows. FOR UPDATE is Apex only."""
    if cursor.skip("FOR"):
        if cursor.token.word not in ("VIEW", "REFERENCE"):
            raise cursor.unexpected()
        cursor.take()
    more = cursor.skip("UPDATE")
    while more:
        if cursor.token.word not in ("TRACKING", "VIEWSTAT"):
            raise cursor.unexpected()
        cursor.take()
        more = cursor.skip(",")

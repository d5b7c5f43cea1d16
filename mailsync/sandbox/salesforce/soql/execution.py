"""Runs a query: finds, orders, cuts and shows the records."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from mailsync.sandbox.salesforce.soql.columns import Entity, Operand, comparable, enter, find_operand
from mailsync.sandbox.salesforce.soql.groups import compile_bundle, compile_groups, find_bundle_operand, is_aggregate
from mailsync.sandbox.salesforce.soql.predicates import Predicate, Setting, compile_condition
from mailsync.sandbox.salesforce.soql.records import Entry, Pages, compile_record, find_entries
from mailsync.sandbox.salesforce.soql.refusals import malformed, missing_child, refusal
from mailsync.sandbox.salesforce.soql.source import Result, Row, SoqlError, Source
from mailsync.sandbox.salesforce.soql.syntax import Children, Ordering, Query, Selected, Term

# vendors/salesforce.md, section 3.
_DEEPEST_OFFSET = 2_000
# Levels of child subqueries (SOQL guide, relationship query limits, since v58).
_DEEPEST_CHILDREN = 5
# One page of an answer: longer ones make their records page by page. Aggregate answers have one page only.
_PAGE = 2_000

Sort = Callable[[Iterable[Any]], list[Any]]


def run(query: Query, source: Source, *, deleted: bool) -> Result:
    """The whole answer to a query; `deleted` (queryAll) takes in the records of the recycle bin.

    Days are those of UTC, weeks start on Sunday and the fiscal year is the calendar year.
    Raises SoqlError as Salesforce would: INVALID_TYPE, INVALID_FIELD, INVALID_QUERY_SCOPE,
    INVALID_QUERY_FILTER_OPERATOR, NUMBER_OUTSIDE_VALID_RANGE, MALFORMED_QUERY, EXCEEDED_ID_LIMIT. An answer of more
    than a page is made as it is read: `records` then shows the rows as they are at that time.
    """
    if query.offset > _DEEPEST_OFFSET:
        raise SoqlError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {_DEEPEST_OFFSET}")
    entity = enter(query, source)
    rows = _find_rows(query, entity, deleted)
    if query.counts:
        return _run_count(query, rows())
    if is_aggregate(query):
        return _run_groups(query, entity, rows, deleted)
    make = compile_record(entity, find_entries(entity, query, _child_maker(entity, deleted, 1)))
    sort = _compile_sort(query, lambda term: find_operand(entity, term))
    found = _cut(query, sort(rows()) if sort else rows())
    if len(found) <= _PAGE:
        return Result(len(found), [make(row) for row in found])
    return Result(len(found), Pages(found, make))


def _find_rows(query: Query, entity: Entity, deleted: bool, *, nested: bool = False) -> Callable[[], Iterable[Row]]:
    """What gives the rows of scope and WHERE; all refusals come before the first row is read."""
    source, table = entity.source, entity.table.name
    scope = _find_scope(query, entity)
    holds = _compile_where(query, entity, deleted, nested=nested)

    def rows() -> Iterable[Row]:
        found = source.rows(table, deleted)
        if scope is not None:
            found = (row for row in found if source.in_scope(table, scope, row))
        return found if holds is None else filter(holds, found)

    return rows


def _find_scope(query: Query, entity: Entity) -> str | None:
    if query.scope is None:
        return None
    for scope in entity.table.scopes:
        if scope.casefold() == query.scope.casefold():
            return scope
    message = f"The scope '{query.scope}' is not supported for the object '{entity.table.name}'"
    raise refusal("INVALID_QUERY_SCOPE", query.text, query.scope_at, message)


def _compile_where(query: Query, entity: Entity, deleted: bool, *, nested: bool = False) -> Predicate | None:
    if query.where is None:
        return None
    return compile_condition(_setting(entity, lambda term: find_operand(entity, term), deleted, nested), query.where)


def _setting(entity: Entity, operand: Callable[[Term], Operand], deleted: bool, nested: bool) -> Setting:
    source = entity.source

    def ids(query: Query, outer: Operand) -> frozenset[str]:
        return _semi_join_ids(query, outer, source, deleted)

    return Setting(entity.text, source.now.date(), operand, None if nested else ids)


def _semi_join_ids(query: Query, outer: Operand, source: Source, deleted: bool) -> frozenset[str]:
    """The short ids that the query of a semi-join selects; nulls are none of them."""
    entity = enter(query, source)
    item = query.items[0]
    assert isinstance(item, Selected), "the parser lets a semi-join select one field only"
    inner = find_operand(entity, item.term)
    if inner.kind != "id" or inner.target != outer.target:
        message = (
            f"The selected field '{inner.name}' in the subquery and the left operand field in the where expression "
            f"in the outer query '{outer.name}' should point to the same object type"
        )
        raise malformed(query.text, inner.at, message)
    rows = _find_rows(query, entity, deleted, nested=True)
    found = (inner.read(row) for row in rows())
    return frozenset(record_id[:15] for record_id in found if record_id is not None)


def _child_maker(entity: Entity, deleted: bool, level: int) -> Callable[[Children], Entry]:
    """What makes entries of the child subqueries of an entity: the records that point at a row, or null for none.

    All children of a row come with it; the vendor would page very long lists by a locator of their own.
    """

    def compile_children(item: Children) -> Entry:
        query = item.query
        child = entity.table.children.get(query.object.lower())
        if child is None:
            raise missing_child(query.text, query.object_at, query.object)
        if query.counts or is_aggregate(query):
            raise malformed(query.text, item.at, "aggregates are not allowed in a subquery of child records")
        if level > _DEEPEST_CHILDREN:
            raise malformed(query.text, item.at, f"subqueries nest at most {_DEEPEST_CHILDREN} levels deep")
        inner = enter(replace(query, object=child.table), entity.source)
        make = compile_record(inner, find_entries(inner, query, _child_maker(inner, deleted, level + 1)))
        rows = _find_rows(query, inner, deleted)
        sort = _compile_sort(query, lambda term: find_operand(inner, term))
        families: dict[str, list[Row]] = {}
        read = False

        def show(parent: Row) -> dict[str, Any] | None:
            nonlocal read
            if not read:
                read = True
                for row in sort(rows()) if sort else rows():
                    families.setdefault(row.get(child.lookup) or "", []).append(row)
            found = [make(row) for row in _cut(query, families.get(parent["Id"], []))]
            return {"totalSize": len(found), "done": True, "records": found} if found else None

        return Entry((), child.name, show)

    return compile_children


def _run_count(query: Query, rows: Iterable[Row]) -> Result:
    if query.order:
        raise malformed(query.text, query.order[0].term.at, "COUNT() can't be ordered: remove ORDER BY")
    last = None if query.limit is None else query.offset + query.limit
    return Result(sum(1 for _ in islice(rows, query.offset, last)), ())


def _run_groups(query: Query, entity: Entity, rows: Callable[[], Iterable[Row]], deleted: bool) -> Result:
    def operand(term: Term) -> Operand:
        return find_bundle_operand(entity, query, term)

    make = compile_bundle(entity, query)
    part = compile_groups(entity, query)
    having = compile_condition(_setting(entity, operand, deleted, False), query.having) if query.having else None
    sort = _compile_sort(query, operand)
    bundles = part(rows())
    if having is not None:
        bundles = list(filter(having, bundles))
    found = _cut(query, sort(bundles) if sort else bundles)
    if len(found) > _PAGE:
        raise SoqlError("EXCEEDED_ID_LIMIT", "Aggregate query does not support queryMore(), use LIMIT")
    return Result(len(found), [make(bundle) for bundle in found])


def _compile_sort(query: Query, operand: Callable[[Term], Operand]) -> Sort | None:
    """What orders rows or groups; rows that are equal in all terms keep the order in which they came."""
    if not query.order:
        return None
    keys = [(ordering, _sortable(query, operand(ordering.term))) for ordering in query.order]

    def sort(rows: Iterable[Any]) -> list[Any]:
        ordered = list(rows)
        for ordering, key in reversed(keys):
            ordered = _sorted_by(ordered, ordering, key)
        return ordered

    return sort


def _sortable(query: Query, operand: Operand) -> Operand:
    if not operand.sortable or operand.kind == "other":
        message = f"field '{operand.name}' can not be sorted in a query call"
        raise refusal("INVALID_FIELD", query.text, operand.at, message)
    return operand


def _sorted_by(rows: list[Any], ordering: Ordering, operand: Operand) -> list[Any]:
    read = operand.read
    fold = comparable(operand.kind)
    nulls = [row for row in rows if read(row) is None]
    rest = rows if not nulls else [row for row in rows if read(row) is not None]
    rest = sorted(rest, key=(lambda row: fold(read(row))) if fold else read, reverse=ordering.descending)
    return nulls + rest if ordering.nulls_first else rest + nulls


def _cut(query: Query, rows: Iterable[Any]) -> Sequence[Any]:
    last = None if query.limit is None else query.offset + query.limit
    return list(islice(rows, query.offset, last))

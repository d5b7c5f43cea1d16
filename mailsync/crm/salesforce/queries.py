"""Queries to the end of their pages, and long lists of things asked for in as few requests as there can be."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from mailsync.crm.salesforce.answers import TOO_MUCH, as_list, as_object, failure
from mailsync.crm.salesforce.composite import MOST_QUERIES, PartReply, query_part, run
from mailsync.crm.salesforce.connection import Answer, Connection
from mailsync.crm.salesforce.transport import VENDOR
from mailsync.crm.soql import LONGEST_QUERY
from mailsync.errors import AnswerBroken, CursorInvalid

_MOST_PAGES = 50_000  # of 200 rows at least

Row = Mapping[str, Any]
Item = TypeVar("Item")

MOST_ITEMS = 500
"""Items of one query: as many as keep its answer within one page of 2,000 rows and its text well within limits."""


@dataclass(frozen=True, slots=True)
class Query:
    """The text of a query; `deleted` also sees what is in the recycle bin."""

    text: str
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Batch(Generic[Item]):
    """One query for several items. `build` makes it for any part of them, should the whole be too much."""

    items: tuple[Item, ...]
    build: Callable[[Sequence[Item]], Query]


@dataclass(frozen=True, slots=True)
class Found(Generic[Item]):
    """What batches found: the rows of each query with the items it was for, and items that were too much alone."""

    rows: tuple[tuple[Batch[Item], tuple[Row, ...]], ...] = ()
    failed: tuple[Item, ...] = field(default=())

    def rows_by(self, build: Callable[[Sequence[Item]], Query]) -> list[Row]:
        """The rows of the queries that `build` made."""
        return [row for batch, rows in self.rows if batch.build is build for row in rows]

    def all_rows(self) -> Iterable[Row]:
        """The rows of all queries, each record once, by its Id."""
        return {str(row["Id"]): row for _, rows in self.rows for row in rows}.values()


@dataclass(frozen=True, slots=True)
class Stretch:
    """The first rows of a query, and how many it has beyond them."""

    rows: tuple[Row, ...] = ()
    left: int = 0

    @property
    def last(self) -> str:
        """The id of the last row where there are more; else ""."""
        return str(self.rows[-1]["Id"]) if self.left else ""


def read_pages(connection: Connection, query: Query, first: object) -> tuple[Row, ...]:
    """All rows of a query whose first page is `first`, each record once. Raises as `read_stretch` does."""
    return read_stretch(connection, query, first, None).rows


def read_stretch(connection: Connection, query: Query, first: object, most: int | None, unless: int = 0) -> Stretch:
    """The pages of a query, from its `first`, until they have `most` rows, each record once. All pages where that is
    None, or where the query has no more rows than `unless`.

    A locator that is no longer valid, and a list shorter than Salesforce announced, are read again from the start,
    once; then AnswerBroken or CursorInvalid is raised: nothing of a list with holes may be believed.
    """
    try:
        return _follow(connection, first, most, unless)
    except (CursorInvalid, AnswerBroken):
        return _follow(connection, rows_reply(ask(connection, {"again": query})["again"]), most, unless)


def rows_reply(reply: PartReply) -> object:
    """The first page in a part's reply. Raises the error of one that failed."""
    if reply.status >= 400:
        raise failure(reply.status, reply.faults, reply.headers)
    return reply.content


def count_of(reply: PartReply) -> int:
    """The result of COUNT(). Raises the error of one that failed."""
    return _size(as_object(rows_reply(reply)))


def ask(connection: Connection, queries: Mapping[str, Query]) -> Mapping[str, PartReply]:
    """The first pages of up to five queries, in one request."""
    parts = [query_part(name, query.text, deleted=query.deleted) for name, query in queries.items()]
    return run(connection, parts).replies


def ask_batches(connection: Connection, batches: Iterable[Batch[Item]]) -> Found[Item]:
    """Runs all batches, five queries a request, to the end of their pages.

    A batch that is too much for Salesforce is halved until it isn't; single items that still are, are `failed`.
    """
    waiting = list(batches)
    done: list[tuple[Batch[Item], tuple[Row, ...]]] = []
    failed: list[Item] = []
    while waiting:
        round_, waiting = waiting[:MOST_QUERIES], waiting[MOST_QUERIES:]
        queries = {f"q{number}": batch.build(batch.items) for number, batch in enumerate(round_)}
        replies = ask(connection, queries)
        for batch, (name, query) in zip(round_, queries.items(), strict=True):
            if replies[name].code not in TOO_MUCH:
                done.append((batch, read_pages(connection, query, rows_reply(replies[name]))))
            elif len(batch.items) == 1:
                failed.extend(batch.items)
            else:
                waiting.extend(_halves(batch))
    return Found(tuple(done), tuple(failed))


def batches_of(
    items: Iterable[Item],
    build: Callable[[Sequence[Item]], Query],
    *,
    size: Callable[[Item], int],
    most: int = MOST_ITEMS,
) -> list[Batch[Item]]:
    """Items cut into batches of `most`, and of no more text than half a query holds (`size`: an item's characters)."""
    found: list[Batch[Item]] = []
    current: list[Item] = []
    room = LONGEST_QUERY // 2
    for item in items:
        cost = size(item)
        if current and (len(current) >= most or cost > room):
            found.append(Batch(tuple(current), build))
            current, room = [], LONGEST_QUERY // 2
        current.append(item)
        room -= cost
    return [*found, Batch(tuple(current), build)] if current else found


def id_batches(ids: Iterable[str], build: Callable[[Sequence[str]], Query]) -> list[Batch[str]]:
    """Ids cut into batches."""
    return batches_of(sorted(set(ids)), build, size=lambda text: len(text) + 4)


def _halves(batch: Batch[Item]) -> tuple[Batch[Item], Batch[Item]]:
    middle = len(batch.items) // 2
    return Batch(batch.items[:middle], batch.build), Batch(batch.items[middle:], batch.build)


def _follow(connection: Connection, first: object, most: int | None, unless: int) -> Stretch:
    page = as_object(first)
    size = _size(page)
    rows: dict[str, Row] = {}
    seen: set[str] = set()
    while True:
        rows.update((str(record["Id"]), record) for record in as_list(page.get("records")) if record.get("Id"))
        if page.get("done") is True:
            break
        if most is not None and unless < size and most <= len(rows) < size:
            return Stretch(tuple(rows.values()), size - len(rows))
        if len(seen) > min(size, _MOST_PAGES):
            raise AnswerBroken(VENDOR, "Salesforce's list has more pages than records", code="pages")
        url = _next(page, connection.root, seen)
        page = as_object(connection.ask("GET", url, read=_content))
    if len(rows) != size:
        raise AnswerBroken(VENDOR, f"Salesforce listed {len(rows)} of {size} records", code="pages")
    return Stretch(tuple(rows.values()))


def _next(page: Mapping[str, Any], root: str, seen: set[str]) -> str:
    """The path of the next page. It must be one of this API and not one that was read already."""
    url = page.get("nextRecordsUrl")
    version = root.rpartition("/")[0]
    if not isinstance(url, str) or not url.startswith(version + "/") or not url.isascii() or " " in url or url in seen:
        raise AnswerBroken(VENDOR, "Salesforce's list has no continuation", code="pages")
    seen.add(url)
    return url


def _size(page: Mapping[str, Any]) -> int:
    size = page.get("totalSize")
    if not isinstance(size, int) or size < 0:
        raise AnswerBroken(VENDOR, "Salesforce's answer has another shape than documented", code="shape")
    return size


def _content(reply: Answer) -> Any:
    return reply.content

"""query, queryAll and their further pages (vendors/salesforce.md §3, §10)."""

import re
from datetime import timedelta
from typing import Any

from mailsync.sandbox.salesforce.org import Cursor
from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.rest import Ask, Reply
from mailsync.sandbox.salesforce.soql import parse, run

_LIFE = timedelta(days=2)  # LIM:salesforce-app-limits-platform-apicursors
_LARGEST = 2000
_SMALLEST = 200
_LOCATOR = re.compile(r"(01g[A-Za-z0-9]{12,15})-(\d+)")


def start_query(ask: Ask) -> Reply:
    """GET query?q= → the first page of what the user sees."""
    return _answer(ask, deleted=False)


def start_query_all(ask: Ask) -> Reply:
    """GET queryAll?q= → the same with the recycle bin."""
    return _answer(ask, deleted=True)


def continue_query(ask: Ask) -> Reply:
    """GET query/{locator} → the next page. Raises INVALID_QUERY_LOCATOR: unknown, expired, or another user's."""
    found = _LOCATOR.fullmatch(ask.arguments[0])
    cursor = None if found is None else ask.viewer.org.cursors.get(found[1])
    if found is None or cursor is None or cursor.user != ask.viewer.user_id or cursor.until <= ask.viewer.now:
        raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
    return Reply(200, _page(ask, cursor, found[1], int(found[2])))


def batch_size(header: str) -> int:
    """The page size that Sforce-Query-Options asks for, within 200 and 2,000; 2,000 where it asks for none."""
    found = re.search(r"batchSize\s*=\s*(\d+)", header, re.IGNORECASE)
    return _LARGEST if found is None else max(_SMALLEST, min(_LARGEST, int(found[1])))


def _answer(ask: Ask, *, deleted: bool) -> Reply:
    text = ask.query.get("q")
    if not text:
        raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
    query = parse(text)
    result = run(query, ask.viewer, deleted=deleted)
    if query.counts:
        return Reply(200, {"totalSize": result.total, "done": True, "records": []})
    size = min(ask.viewer.org.largest_page, batch_size(ask.headers.get("sforce-query-options", "")))
    cursor = Cursor(ask.viewer.user_id, result.records, size, ask.viewer.now + _LIFE)
    locator = ""
    if len(result.records) > size:
        locator = ask.viewer.org.allot("01g")
        ask.viewer.org.cursors[locator] = cursor
    return Reply(200, _page(ask, cursor, locator, 0))


def _page(ask: Ask, cursor: Cursor, locator: str, start: int) -> dict[str, Any]:
    end = start + cursor.size
    page: dict[str, Any] = {"totalSize": len(cursor.records), "done": end >= len(cursor.records)}
    if not page["done"]:
        page["nextRecordsUrl"] = f"{ask.viewer.path}/query/{locator}-{end}"
    page["records"] = list(cursor.records[start:end])
    return page

"""Query pages that lie: left out, told twice, without an end, empty, unordered, with a record twice."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, cast

import orjson

from mailsync.sandbox.salesforce.gateway import person_of
from mailsync.sandbox.salesforce.org import Cursor, Org
from mailsync.sandbox.salesforce.rest import bearer_of
from mailsync.sandbox.salesforce.splicing import list_parts, load_part
from mailsync.sandbox.vendor import Answer, Request

HOW: Final = ("missing", "repeated", "loop", "zero", "unordered", "twice")
_LOCATOR: Final = re.compile(r"/query(?:All)?/(01g[A-Za-z0-9]{12,15})-(\d+)")
_VERSION: Final = re.compile(r"/services/data/v\d+\.0")


def spoil_pages(org: Org, request: Request, how: str, answer: Callable[[Request], Answer]) -> Answer:
    """The answer with each page of records in it spoiled; answers without one stay as they are."""
    given = answer(request)
    if given.status != 200:
        return given
    try:
        content: object = orjson.loads(given.body)
    except orjson.JSONDecodeError:
        return given
    listed = list_parts(request)
    pages = [(request.path, content)] if listed is None else _pages_of(listed[1], content)
    for path, page in pages:
        if isinstance(page, dict) and isinstance(cast(dict[str, Any], page).get("records"), list) and "done" in page:
            _spoil(org, request, path, cast(dict[str, Any], page), how)
    return replace(given, body=orjson.dumps(content))


def _pages_of(parts: list[Any], content: object) -> list[tuple[str, object]]:
    shown = cast(dict[str, Any], content) if isinstance(content, dict) else {}
    results: list[Any] = shown.get("compositeResponse") or shown.get("results") or []
    return [
        (load_part(part)[1], result.get("body", result.get("result")))
        for part, result in zip(parts, results, strict=False)
    ]


def _spoil(org: Org, request: Request, path: str, page: dict[str, Any], how: str) -> None:
    records: list[Any] = page["records"]
    match how:
        case "missing":
            page["records"] = []
        case "unordered":
            page["records"] = records[::-1]
        case "twice":
            page["records"] = [*records, *records[:1]]
        case _:
            page["nextRecordsUrl"] = _find_start(org, request, path, page, first=how == "loop")
            page["done"] = False
            page["records"] = [] if how == "zero" else records


def _find_start(org: Org, request: Request, path: str, page: Mapping[str, Any], *, first: bool) -> str:
    """The URL of the page itself or of the first one; a query that had only one page gets a cursor for it."""
    records: list[Any] = page["records"]
    following, own = _LOCATOR.search(str(page.get("nextRecordsUrl", ""))), _LOCATOR.search(path)
    if following is not None:
        locator, start = following[1], int(following[2]) - len(records)
    elif own is not None:
        locator, start = own[1], int(own[2])
    else:
        locator, start = org.allot("01g"), 0
        person = person_of(org, bearer_of(request.headers))
        user = "" if person is None else person.id
        org.cursors[locator] = Cursor(user, records, max(1, len(records)), org.clock.now() + timedelta(days=2))
    version = _VERSION.search(path)
    return f"{version[0] if version else ''}/query/{locator}-{0 if first else start}"

"""Pages of lists and deltas that lie, and deltas that don't know yet what changed."""

from dataclasses import replace
from typing import Any, Final, cast
from urllib.parse import quote

import orjson

from mailsync.sandbox.vendor import Answer, Request

HOW: Final = ("missing", "repeated", "loop", "zero", "unordered", "twice")
_LINKS: Final = ("@odata.nextLink", "@odata.deltaLink")


def spoil_pages(answer: Answer, request: Request, how: str) -> Answer:
    """The answer with its page spoiled; one that has no page, or was refused, stays as it is."""
    shown = _read_page(answer)
    if shown is None:
        return answer
    value = cast(list[Any], shown["value"])
    if how in ("missing", "zero"):
        shown["value"] = []
    elif how == "unordered":
        shown["value"] = value[::-1]
    elif how == "twice" and value:
        shown["value"] = [*value, value[0]]
    if how in ("repeated", "zero", "loop"):
        for link in _LINKS:
            shown.pop(link, None)
        shown["@odata.nextLink"] = _write_link(request, request.query if how != "loop" else _drop_place(request.query))
    return replace(answer, body=orjson.dumps(shown))


def hold_back(answer: Answer, request: Request) -> Answer:
    """The answer of a delta that tells of no change and gives its token back."""
    shown = _read_page(answer)
    if shown is None or not any(link in shown for link in _LINKS):
        return answer
    for link in _LINKS:
        shown.pop(link, None)
    kind = "@odata.nextLink" if "skiptoken" in request.query else "@odata.deltaLink"
    return replace(answer, body=orjson.dumps({**shown, kind: _write_link(request, request.query), "value": []}))


def _read_page(answer: Answer) -> dict[str, Any] | None:
    if answer.status != 200 or not answer.headers.get("content-type", "").startswith("application/json"):
        return None
    shown: object = orjson.loads(answer.body)
    if not isinstance(shown, dict):
        return None
    content = cast(dict[str, Any], shown)
    return content if isinstance(content.get("value"), list) else None


def _write_link(request: Request, query: str) -> str:
    place = f"{request.scheme}://{request.headers.get('host', 'graph.microsoft.com')}{quote(request.path, safe='/$')}"
    return f"{place}?{query}" if query else place


def _drop_place(query: str) -> str:
    """The query of the first page: without the place that a later one goes on from."""
    names = ("$skip", "%24skip", "$skiptoken", "%24skiptoken", "$deltatoken", "%24deltatoken")
    return "&".join(part for part in query.split("&") if part.partition("=")[0].lower() not in names)

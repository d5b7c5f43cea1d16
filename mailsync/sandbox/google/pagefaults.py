"""Pages that lie: left out, told twice, without an end, empty, unordered, with one row twice."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import orjson

from mailsync.sandbox.google.methods import find_method
from mailsync.sandbox.google.tokens import Place, read_token, write_token
from mailsync.sandbox.vendor import Answer, Request

HOW: Final = ("missing", "repeated", "loop", "zero", "unordered", "twice")
_LISTS: Final[Mapping[str, str]] = {
    "connections.list": "connections",
    "contactGroups.list": "contactGroups",
    "otherContacts.list": "otherContacts",
}


def spoil_pages(request: Request, answer: Callable[[], Answer], how: str) -> Answer:
    """The answer with its page spoiled; one that has no pages, or was refused, stays as it is."""
    found = find_method(request.method.upper(), request.path)
    key = "" if found is None else _LISTS.get(found[0].name, "")
    given = answer()
    if given.status != 200 or not key:
        return given
    content: dict[str, Any] = orjson.loads(given.body)
    rows: list[Any] = content.get(key, [])
    match how:
        case "missing":
            content.pop(key, None)
        case "unordered":
            content[key] = rows[::-1]
        case "twice":
            content[key] = [*rows, *rows[:1]]
        case _:
            content["nextPageToken"] = _find_start(request, content, len(rows), first=how == "loop")
            content.pop("nextSyncToken", None)
            if how == "zero":
                content.pop(key, None)
    return replace(given, body=orjson.dumps(content))


def _find_start(request: Request, content: Mapping[str, Any], rows: int, *, first: bool) -> str:
    """The token of the page itself, or of the first one."""
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    own = query.get("pageToken")
    if own and not first:
        return own
    following = content.get("nextPageToken")
    if following:
        place = read_token(str(following), "pageToken")
        return write_token(replace(place, skip=0 if first else place.skip - rows))
    if own:
        return write_token(replace(read_token(own, "pageToken"), skip=0))
    return _make_start(content, query)


def _make_start(content: Mapping[str, Any], query: Mapping[str, str]) -> str:
    """A token for the one page that there is, made of its sync token; without one it leads nowhere."""
    synced = content.get("nextSyncToken")
    if not synced:
        return urlencode(query) or "none"
    place = read_token(str(synced), "syncToken")
    since = read_token(query["syncToken"], "syncToken").since if query.get("syncToken") else -1
    return write_token(
        Place(
            place.kind.split(".")[0].replace("sync", "connections"),
            place.owner,
            place.bound,
            since,
            place.last,
            place.full,
        )
    )

"""Collections page by page: contacts of a folder, folders, categories."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from mailsync.sandbox.exchange.records import Folder
from mailsync.sandbox.microsoft.context import Context, answer_json, read_page_size
from mailsync.sandbox.microsoft.errors import Failed
from mailsync.sandbox.microsoft.queries import DEFAULT_TOP, MOST, read_options, read_query, sort_items
from mailsync.sandbox.microsoft.rendering import write_contact
from mailsync.sandbox.vendor import Answer


def list_contacts(context: Context, folder: Folder, place: str) -> Answer:
    """The contacts of a folder, newest first unless ordered; `place` is the collection's path below the person.

    Distribution lists are counted and never told (docs-contrib #4041).
    """
    query = read_query(context.request.query)
    items = [item for item in reversed(folder.items.values()) if query.holds is None or query.holds(item)]
    items = sort_items(items, query.order)
    size = query.top or read_page_size(context, DEFAULT_TOP, MOST)
    page = items[query.skip : query.skip + size]
    value = [write_contact(context, item, query.selected, query.expanded) for item in page if item.kind == "Contact"]
    left = len(items) > query.skip + size
    following = {**query.given, "$skip": str(query.skip + size)} if left else None
    count = len(items) if query.counting else None
    chosen = "" if query.selected is None else f"({','.join(sorted(query.selected))})"
    return _answer_page(context, place, f"{place}{chosen}", value, following, count)


def list_plain(context: Context, place: str, entries: list[dict[str, Any]], allowed: tuple[str, ...]) -> Answer:
    """A collection of small entries with `displayName`: filter by its equality, $top, $skip, $count, $select."""
    given = read_options(context.request.query)
    unknown = [name for name in given if name not in allowed]
    if unknown:
        raise Failed("ErrorInvalidUrlQuery", f"The query parameter '{unknown[0]}' is not supported here.")
    found = [entry for entry in entries if _holds(entry, given.get("$filter", ""))]
    skip = _read_count(given, "$skip", 0)
    size = _read_count(given, "$top", 0) or read_page_size(
        context, MOST if "$top" not in allowed else DEFAULT_TOP, MOST
    )
    page = found[skip : skip + size]
    names = {name.strip() for name in given.get("$select", "").split(",") if name.strip()}
    if names:
        page = [{name: text for name, text in entry.items() if name in names or name == "id"} for entry in page]
    following = {**given, "$skip": str(skip + size)} if len(found) > skip + size else None
    count = len(found) if given.get("$count", "").lower() == "true" else None
    return _answer_page(context, place, place, page, following, count)


def _holds(entry: Mapping[str, Any], text: str) -> bool:
    if not text:
        return True
    words = text.strip().split(None, 2)
    if len(words) != 3 or words[0] != "displayName" or words[1] != "eq" or not words[2].startswith("'"):
        raise Failed("ErrorInvalidUrlQueryFilter")
    return str(entry["displayName"]).casefold() == words[2][1:-1].replace("''", "'").casefold()


def _read_count(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, str(default))
    if not text.isdecimal() or int(text) > MOST * 1000:
        raise Failed("BadRequest", f"Invalid value '{text}' for {name} query option found.")
    return min(int(text), MOST) if name == "$top" else int(text)


def _answer_page(
    context: Context,
    place: str,
    metadata: str,
    value: list[dict[str, Any]],
    following: Mapping[str, str] | None,
    count: int | None,
) -> Answer:
    shown: dict[str, Any] = {"@odata.context": context.metadata(metadata)}
    if count is not None:
        shown["@odata.count"] = count
    shown["value"] = value
    if following is not None:
        shown["@odata.nextLink"] = f"{context.link(place)}?{urlencode(following, quote_via=quote, safe='$')}"
    return answer_json(shown)

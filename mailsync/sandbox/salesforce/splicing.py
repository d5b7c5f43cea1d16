"""Batches of which some items are refused on purpose: the rest is carried out, the refusals are put in their places."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast
from urllib.parse import urlencode

import orjson

from mailsync.sandbox.salesforce.composite import split_url
from mailsync.sandbox.salesforce.gateway import show
from mailsync.sandbox.salesforce.ids import full_id
from mailsync.sandbox.salesforce.refusal import ApiError, describe_item_refusal, describe_refusal
from mailsync.sandbox.salesforce.rest import Reply, read_query
from mailsync.sandbox.vendor import Answer, Request

_PART_LISTS: Final = {"composite": "compositeRequest", "composite/batch": "batchRequests"}
AnswerRequest = Callable[[Request], Answer]
Choose = Callable[[Sequence[Any]], Mapping[int, ApiError]]


@dataclass(frozen=True, slots=True)
class Collection:
    """The items of a collections request: records or ids, and where they stand (`records`, `ids`, or the query)."""

    place: str
    items: Sequence[Any]
    all_or_none: bool
    reads: bool


def list_parts(request: Request) -> tuple[str, list[Any]] | None:
    """The parts of a composite or composite/batch request with the key that holds them; None for other requests."""
    split = split_url(request.path.rstrip("/"))
    key = _PART_LISTS.get("/".join(split[1])) if split is not None else None
    if key is None or request.method != "POST":
        return None
    content = _load(request.body)
    parts: object = cast(dict[str, Any], content).get(key) if isinstance(content, dict) else None
    return (key, cast(list[Any], parts)) if isinstance(parts, list) else None


def read_collection(method: str, path: str, query: str, content: object) -> Collection | None:
    """The collection that a request or part is; None for anything else."""
    split = split_url(path.rstrip("/"))
    if split is None or split[1][:2] != ("composite", "sobjects"):
        return None
    reads = len(split[1]) == 3
    given = cast(dict[str, Any], content) if isinstance(content, dict) else {}
    for key in ("records", "ids"):
        if isinstance(given.get(key), list):
            return Collection(key, given[key], given.get("allOrNone") is True, reads)
    values = read_query(query)
    ids = [text for text in values.get("ids", "").split(",") if text]
    return Collection("query", ids, values.get("allOrNone", "").lower() == "true", reads) if ids else None


def splice_parts(request: Request, key: str, chosen: Mapping[int, ApiError], answer: AnswerRequest) -> Answer:
    """Answers a composite whose chosen parts are refused. What refers to such a part is halted by the vendor itself."""
    content: dict[str, Any] = orjson.loads(request.body)
    parts: list[dict[str, Any]] = content[key]
    rest = [part for at, part in enumerate(parts) if at not in chosen]
    batch = key == "batchRequests"
    if chosen and content.get("allOrNone") is True and not batch:
        halted = ApiError("PROCESSING_HALTED", _HALTED)
        return _show_parts(key, [_show_part(part, chosen.get(at, halted), batch) for at, part in enumerate(parts)])
    results: list[Any] = []
    headers: Mapping[str, str] = {}
    if rest:
        inner = answer(replace(request, body=orjson.dumps({**content, key: rest})))
        if inner.status != 200:
            return inner
        results, headers = orjson.loads(inner.body)["results" if batch else "compositeResponse"], inner.headers
    left = iter(results)
    merged = [_show_part(part, chosen[at], batch) if at in chosen else next(left) for at, part in enumerate(parts)]
    return _show_parts(key, merged, headers)


def splice_collection(request: Request, collection: Collection, choose: Choose, answer: AnswerRequest) -> Answer:
    """Answers a collections request whose chosen items are refused."""
    chosen = choose(collection.items)
    rest = [item for at, item in enumerate(collection.items) if at not in chosen]
    if not chosen:
        return answer(request)
    if not rest or (collection.all_or_none and not collection.reads):
        return show(Reply(200, merge_results(collection, chosen, None)))
    query, content = write_collection(collection, rest, request.query, _load(request.body))
    inner = answer(replace(request, query=query, body=b"" if content is None else orjson.dumps(content)))
    if inner.status != 200:
        return inner
    merged = merge_results(collection, chosen, orjson.loads(inner.body))
    return replace(inner, body=orjson.dumps(merged))


def write_collection(collection: Collection, items: Sequence[Any], query: str, content: object) -> tuple[str, object]:
    """Query and content of the same request with other items."""
    if collection.place != "query":
        return query, {**cast(dict[str, Any], content), collection.place: list(items)}
    return urlencode({**read_query(query), "ids": ",".join(map(str, items))}), content


def merge_results(
    collection: Collection, chosen: Mapping[int, ApiError], results: Sequence[Any] | None
) -> list[dict[str, Any] | None]:
    """The results of all items in their order; `results` None = those that were not chosen were rolled back."""
    rolled_back = ApiError("ALL_OR_NONE_OPERATION_ROLLED_BACK", _ROLLED_BACK)
    left = None if results is None else iter(results)
    merged: list[dict[str, Any] | None] = []
    for at, item in enumerate(collection.items):
        if at not in chosen and left is not None:
            merged.append(next(left))
        elif collection.reads:
            merged.append(None)
        else:
            merged.append(_show_item(item, chosen.get(at, rolled_back)))
    return merged


def load_part(part: object) -> tuple[str, str, str, object]:
    """Method, path, query and body of a composite's part."""
    given = cast(dict[str, Any], part) if isinstance(part, dict) else {}
    url = str(given.get("url", ""))
    path, _, query = (url if url.startswith("/services/data/") else f"/services/data/{url.lstrip('/')}").partition("?")
    return str(given.get("method", "")), path, query, given.get("body", given.get("richInput"))


_HALTED = "The transaction was rolled back since another operation in the same transaction failed."
_ROLLED_BACK = "Record rolled back because not all records were valid and the request was using AllOrNone header"


def _show_item(item: object, error: ApiError) -> dict[str, Any]:
    fields = cast(dict[str, Any], item) if isinstance(item, dict) else {"id": item}
    known = full_id(next((value for name, value in fields.items() if name.lower() == "id"), None))
    named = {} if known is None else {"id": known}
    return {**named, "success": False, "errors": [describe_item_refusal(error)]}


def _show_part(part: Mapping[str, Any], error: ApiError, batch: bool) -> dict[str, Any]:
    body = [describe_refusal(error)]
    if batch:
        return {"statusCode": error.status, "result": body}
    reference = part.get("referenceId")
    return {"body": body, "httpHeaders": {}, "httpStatusCode": error.status, "referenceId": reference}


def _show_parts(key: str, results: list[Any], headers: Mapping[str, str] | None = None) -> Answer:
    if key == "compositeRequest":
        return show(Reply(200, {"compositeResponse": results}, headers or {}))
    failed = any(result["statusCode"] >= 400 for result in results)
    return show(Reply(200, {"hasErrors": failed, "results": results}, headers or {}))


def _load(body: bytes) -> object:
    try:
        return orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        return None

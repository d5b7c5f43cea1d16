"""What a request is, without carrying it out: the vendor's name for it and its actions."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import orjson

from mailsync.sandbox.salesforce.composite import VERSIONS, split_url
from mailsync.sandbox.salesforce.soap import SoapFault, name_of, read_envelope
from mailsync.sandbox.vendor import Call, Request

UNKNOWN = Call("unknown", ("other",))

_WRITES: Mapping[str, tuple[str, ...]] = {"POST": ("create",), "PATCH": ("update",), "DELETE": ("delete",)}
_SOAP_ACTIONS: Mapping[str, tuple[str, ...]] = {"merge": ("update", "delete"), "undelete": ("update",)}
_OAUTH: Mapping[str, Call] = {
    "userinfo": Call("userinfo", ("read",)),
    "introspect": Call("introspect", ("token",)),
    "token": Call("token", ("token",)),
    "revoke": Call("revoke", ("token",)),
    "authorize": Call("authorize", ("token",)),
}
_READS: Mapping[str, str] = {"query": "query", "queryAll": "queryAll", "limits": "limits"}
_INGESTS: Mapping[str, tuple[str, ...]] = {
    "insert": ("create",),
    "update": ("update",),
    "upsert": ("create", "update"),
    "delete": ("delete",),
    "hardDelete": ("delete",),
}
_FEEDS = ("updated", "deleted")


def classify_request(request: Request) -> Call:
    """The call that a request is. Never raises."""
    path = request.path.rstrip("/")
    if path.startswith("/services/oauth2/"):
        return _OAUTH.get(path.rpartition("/")[2], UNKNOWN)
    if path.startswith("/id/"):
        return Call("identity", ("read",))
    if path.startswith("/services/Soap"):
        return _classify_soap(request.body)
    if path == "/services/data":
        return Call("versions", ("read",))
    split = split_url(path)
    if split is None:
        return Call("resources", ("read",)) if path.removeprefix("/services/data/") in VERSIONS else UNKNOWN
    _, parts, _ = split
    if parts[0] == "composite" and len(parts) < 3 and parts[1:] != ("sobjects",):
        return _classify_parts(parts, request.body)
    if parts == ("jobs", "ingest") and request.method == "POST":
        return _classify_ingest(request.body)
    return classify_resource(request.method, parts)


def classify_resource(method: str, parts: tuple[str, ...]) -> Call:
    """The call of one REST resource, by its segments after the version."""
    match parts:
        case ("query" | "queryAll", _):
            return Call("queryMore", ("read",))
        case (name,) if name in _READS:
            return Call(_READS[name], ("read",))
        case ("composite", "sobjects", *rest):
            return Call("composite/sobjects", _collection_actions(method, rest))
        case ("sobjects", *rest):
            return _classify_object(method, rest)
        case ("jobs", "query" | "ingest" as kind, *_):
            return Call(f"jobs/{kind}", ("read",) if method == "GET" or kind == "query" else ("other",))
        case _:
            return UNKNOWN


def _collection_actions(method: str, rest: list[str]) -> tuple[str, ...]:
    if len(rest) == 2:
        return ("create", "update")
    return ("read",) if rest else _WRITES.get(method, ("other",))


def _classify_object(method: str, rest: list[str]) -> Call:
    match rest:
        case [_, "describe"] | []:
            return Call("describe", ("read",))
        case [_, feed] if feed in _FEEDS:
            return Call(feed, ("changes",))
        case [_, "listviews", *_]:
            return Call("listviews", ("read",))
        case [_, _, _] if method == "PATCH":
            return Call("sobjects", ("create", "update"))
        case _:
            return Call("sobjects", ("read",) if method in ("GET", "HEAD") else _WRITES.get(method, ("other",)))


def _classify_parts(parts: tuple[str, ...], body: bytes) -> Call:
    try:
        content: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Call("/".join(parts), ("other",))
    key = "batchRequests" if len(parts) == 2 else "compositeRequest"
    found: object = cast(dict[str, Any], content).get(key) if isinstance(content, dict) else None
    items = cast(list[object], found) if isinstance(found, list) else []
    actions = [action for item in items for action in _part_actions(item)]
    return Call("/".join(parts), _distinct(actions) or ("other",))


def _classify_ingest(body: bytes) -> Call:
    """A new job says what its rows will do; the upload itself and its end are `other`."""
    try:
        content: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        content = None
    operation = cast(dict[str, Any], content).get("operation") if isinstance(content, dict) else None
    return Call("jobs/ingest", _INGESTS.get(str(operation), ("other",)))


def _part_actions(item: object) -> tuple[str, ...]:
    part = cast(dict[str, Any], item) if isinstance(item, dict) else {}
    url = str(part.get("url", ""))
    split = split_url(url if url.startswith("/services/data/") else f"/services/data/{url.lstrip('/')}")
    return ("other",) if split is None else classify_resource(str(part.get("method", "")), split[1]).actions


def _classify_soap(body: bytes) -> Call:
    try:
        operation, _ = read_envelope(body)
    except SoapFault:
        return UNKNOWN
    name = name_of(operation)
    return Call(name, _SOAP_ACTIONS.get(name, ("other",)))


def _distinct(actions: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(actions))

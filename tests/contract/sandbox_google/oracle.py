"""Google's own discovery document as the judge of every request and answer of the sandbox's People API.

It is the one that google-api-python-client ships; the sandbox itself doesn't read it.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl

from mailsync.sandbox.log import Entry

_INT32 = range(-(2**31), 2**31)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
_STATUS = {"code", "message", "errors", "status", "details"}


@cache
def load_discovery() -> dict[str, Any]:
    """The discovery document of people.v1."""
    place = files("googleapiclient") / "discovery_cache" / "documents" / "people.v1.json"
    return json.loads(place.read_text("utf-8"))


@cache
def list_methods() -> tuple[dict[str, Any], ...]:
    """Every method of the API."""

    def walk(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield from resource.get("methods", {}).values()
        for inner in resource.get("resources", {}).values():
            yield from walk(inner)

    return tuple(walk(load_discovery()))


def find_method(verb: str, path: str) -> dict[str, Any] | None:
    """The method that a request is for."""
    for method in list_methods():
        pattern = re.sub(r"\\{\w+\\}", "[^/:]+", re.escape(method["flatPath"]))
        if method["httpMethod"] == verb and re.fullmatch(f"/{pattern}", path):
            return method
    return None


def find_violations(value: Any, name: str, place: str = "") -> list[str]:
    """What the document has against a value as the message of that name."""
    schema = load_discovery()["schemas"][name]
    if not isinstance(value, dict):
        return [f"{place}: {name} is an object, not {value!r}"]
    found: list[str] = []
    for key, content in value.items():
        known = schema.get("properties", {}).get(key)
        where = f"{place}.{key}"
        found += [f"{where}: {name} has no such field"] if known is None else _check(content, known, where)
    return found


def _check(value: Any, known: dict[str, Any], place: str) -> list[str]:
    if "$ref" in known:
        return find_violations(value, known["$ref"], place)
    match known["type"]:
        case "array":
            if not isinstance(value, list):
                return [f"{place}: not a list"]
            return [text for at, item in enumerate(value) for text in _check(item, known["items"], f"{place}[{at}]")]
        case "object":
            inner = known.get("additionalProperties", {"type": "any"})
            return [text for key, item in value.items() for text in _check(item, inner, f"{place}.{key}")]
        case "any":
            return []
        case kind:
            fits = _fits(value, kind, known)
            return [] if fits else [f"{place}: {value!r} is no {known.get('format', kind)}"]


def _fits(value: Any, kind: str, known: dict[str, Any]) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool) and value in _INT32
    if not isinstance(value, str):
        return False
    if "enum" in known:
        return value in known["enum"]
    return known.get("format") != "google-datetime" or _TIME.fullmatch(value) is not None


def check_answer(verb: str, path: str, status: int, body: bytes) -> list[str]:
    """What the document, or google.rpc.Status, has against an answer."""
    method = find_method(verb, path)
    content = json.loads(body)
    if status != 200:
        shown = content.get("error", {})
        complete = isinstance(shown, dict) and {"code", "message", "status"} <= set(shown) <= _STATUS
        return [] if complete and shown["code"] == status else [f"{path}: {status} isn't told as Google tells it"]
    return [f"{path}: no such method"] if method is None else find_violations(content, method["response"]["$ref"])


def check_request(verb: str, path: str, query: str, body: bytes) -> list[str]:
    """What the document has against a request."""
    method = find_method(verb, path)
    if method is None:
        return [f"{path}: no such method"]
    known = set(method["parameters"]) | set(load_discovery()["parameters"])
    found = [f"{path}: no parameter {name}" for name, _ in parse_qsl(query) if name not in known]
    if "request" in method:
        return found + find_violations(json.loads(body or b"{}"), method["request"]["$ref"])
    return found


def list_violations(entries: Iterable[Entry]) -> list[str]:
    """What Google's document has against the answers to People requests, and the requests that were carried out.

    Left out: what a fault struck, and paths that are no method.
    """
    found: list[str] = []
    for entry in entries:
        path, verb = entry.request.path, entry.request.method
        api = entry.vendor == "google" and path.startswith("/v1/") and path != "/v1/userinfo"
        if not api or entry.fault or entry.status is None or entry.dropped:
            continue
        answer = check_answer(verb, path, entry.status, entry.response)
        request = check_request(verb, path, entry.request.query, entry.request.body) if entry.status == 200 else []
        found += [f"{entry.n} {entry.call.operation} answer: {text}" for text in answer]
        found += [f"{entry.n} {entry.call.operation} request: {text}" for text in request]
    return found

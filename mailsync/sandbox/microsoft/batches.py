"""$batch: up to 20 requests in one, each with a status and headers of its own (GRD concepts/json-batching).

Requests that depend on each other are carried out in their order, and after one that failed the rest are 424; all
others are independent, and their answers come in another order than they were asked for. A batch is either fully
sequential or fully parallel (docs-contrib #2339).
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import unquote

import orjson

from mailsync.sandbox.microsoft.context import answer_json
from mailsync.sandbox.microsoft.decoding import read_object
from mailsync.sandbox.microsoft.errors import Failed
from mailsync.sandbox.vendor import Answer, Request

MOST: Final = 20
_METHODS: Final = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a batch."""

    id: str
    request: Request
    depends_on: tuple[str, ...]


def carry_out_batch(request: Request, answer: Callable[[Request], Answer]) -> Answer:
    """The answer to a batch. Raises Failed where the batch itself is not in order, nothing then being carried out."""
    parts = read_parts(request)
    _check_order(parts)
    answered: dict[str, Answer] = {}
    for part in parts:
        if any(answered[name].status >= 400 for name in part.depends_on):
            answered[part.id] = answer_json(
                make_part_error(
                    "FailedDependency", "The request was not executed because a request that it depends on failed."
                ),
                424,
            )
        else:
            answered[part.id] = answer(part.request)
    sequential = any(part.depends_on for part in parts)
    order = list(answered) if sequential else list(answered)[1:] + list(answered)[:1]
    return answer_json({"responses": [_show(name, answered[name]) for name in order]})


def make_part_error(code: str, text: str) -> dict[str, Any]:
    """The body of a part's error that no resource made."""
    return {"error": {"code": code, "message": text}}


def read_parts(request: Request) -> list[Part]:
    """The parts of a batch. Raises Failed for what is no batch."""
    listed: object = read_object(request.body).get("requests")
    if not isinstance(listed, list):
        raise Failed("BadRequest", "Invalid batch payload format.")
    entries = cast(list[object], listed)
    if len(entries) > MOST:
        raise Failed("BadRequest", f"Number of batch request steps exceeds the maximum value of {MOST}.")
    parts = [_read_part(request, entry) for entry in entries]
    if len({part.id for part in parts}) != len(parts):
        raise Failed("BadRequest", "Batch request steps must have unique ids.")
    return parts


def _read_part(batch: Request, entry: object) -> Part:
    if not isinstance(entry, dict):
        raise Failed("BadRequest", "Invalid batch payload format.")
    content = cast(dict[str, Any], entry)
    identifier, method, url = (content.get(name) for name in ("id", "method", "url"))
    if not isinstance(identifier, str) or not identifier or not isinstance(url, str) or not isinstance(method, str):
        raise Failed("BadRequest", "Invalid batch payload format.")
    if method.upper() not in _METHODS or "://" in url:
        raise Failed("BadRequest", f"Invalid request with id '{identifier}': give a method and a relative url.")
    headers = _read_headers(content.get("headers"))
    body = _read_body(identifier, content, headers)
    path, _, query = url.partition("?")
    inherited = {name: batch.headers[name] for name in ("authorization", "host") if name in batch.headers}
    path = f"/v1.0/{unquote(path).strip('/')}"
    inner = Request(method.upper(), path, query, {**inherited, **headers}, body, batch.connection, batch.scheme)
    depends: object = content.get("dependsOn") or []
    if not isinstance(depends, list):
        raise Failed("BadRequest", "Invalid batch payload format.")
    return Part(identifier, inner, tuple(map(str, cast(list[object], depends))))


def _read_headers(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Failed("BadRequest", "Invalid batch payload format.")
    return {str(name).lower(): str(text) for name, text in cast(Mapping[Any, Any], value).items()}


def _read_body(identifier: str, content: Mapping[str, Any], headers: Mapping[str, str]) -> bytes:
    body: object = content.get("body")
    if body is None:
        return b""
    kind = headers.get("content-type", "")
    if not kind:
        raise Failed("BadRequest", f"Write request with id '{identifier}' does not contain a Content-Type header.")
    if isinstance(body, str) and not kind.startswith("application/json"):
        try:
            return base64.b64decode(body, validate=True)
        except binascii.Error:
            raise Failed("BadRequest", f"The body of request '{identifier}' is no base64.") from None
    return orjson.dumps(body)


def _check_order(parts: list[Part]) -> None:
    """Dependencies lie before, and are those of a chain, or the same one for all that have any."""
    known: list[str] = []
    for part in parts:
        if any(name not in known for name in part.depends_on):
            raise Failed("BadRequest", f"Invalid dependency for request Id '{part.id}'.")
        known.append(part.id)
    chained = [part.depends_on for part in parts[1:]]
    serial = [(before.id,) for before in parts[:-1]] == chained
    if not serial and len({names for names in chained if names}) > 1:
        raise Failed("BadRequest", "Batch should be either fully sequential or fully parallel.")


def _show(identifier: str, answer: Answer) -> dict[str, Any]:
    names = {
        "content-type": "Content-Type",
        "retry-after": "Retry-After",
        "location": "Location",
        "etag": "ETag",
        "preference-applied": "Preference-Applied",
    }
    headers = {names[name]: text for name, text in answer.headers.items() if name in names}
    shown: dict[str, Any] = {"id": identifier, "status": answer.status, "headers": headers}
    if answer.body:
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        shown["body"] = orjson.loads(answer.body) if is_json else base64.b64encode(answer.body).decode()
    return shown

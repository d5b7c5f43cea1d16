"""From a request to its answer: who asks, for which method, with what; and every refusal in Google's shape."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, cast
from urllib.parse import parse_qsl

import orjson

from mailsync.sandbox.google.checking import parse_body, read_integer, read_message, refuse_value, to_camel, to_snake
from mailsync.sandbox.google.errors import (
    JSON,
    ApiError,
    bad_request,
    invalid_credentials,
    missing_credentials,
    missing_scope,
    show_error,
)
from mailsync.sandbox.google.grants import SCOPES, Access
from mailsync.sandbox.google.methods import Method, find_method
from mailsync.sandbox.google.partial import choose_fields
from mailsync.sandbox.google.quotas import charge
from mailsync.sandbox.google.schema import READ_SOURCES
from mailsync.sandbox.google.service import Ask, Service
from mailsync.sandbox.vendor import Answer, Call, Request

FIXED: Final = "sandbox-"
# Parameters that every method takes (discovery document, parameters).
_COMMON: Final = frozenset(
    {
        "$.xgafv",
        "access_token",
        "alt",
        "callback",
        "fields",
        "key",
        "oauth_token",
        "prettyPrint",
        "quotaUser",
        "uploadType",
        "upload_protocol",
    }
)
_LARGEST: Final = 10 * 1024 * 1024
_RPC: Final = "google.people.v1.PeopleService"


def unwrap(request: Request) -> Request:
    """The request meant: a GET whose query is too long for an address comes as a form that is posted, by the header
    X-HTTP-Method-Override (Google's client libraries do so from 2,048 characters on).
    """
    meant = request.headers.get("x-http-method-override", "").upper()
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if request.method.upper() != "POST" or meant != "GET" or not form:
        return request
    query = "&".join(filter(None, (request.query, request.body.decode(errors="replace"))))
    return replace(request, method=meant, query=query, body=b"")


def classify(request: Request) -> Call:
    """The API's own name for the request and what it does; a list that tells of changes is `changes`."""
    found = find_method(request.method.upper(), request.path)
    if found is None:
        return Call("unknown", ("other",))
    method, _ = found
    syncs = "syncToken=" in request.query or "requestSyncToken=true" in request.query
    action = "changes" if method.action == "read" and syncs else method.action
    return Call(method.name, (action,))


def answer_request(service: Service, request: Request) -> Answer:
    """Carries a request of the People API out."""
    query = _split_query(request.query)
    try:
        return write_answer(query, _carry_out(service, request, query))
    except ApiError as error:
        return write_refusal(request, error)


def write_refusal(request: Request, error: ApiError) -> Answer:
    """A refusal of this request."""
    query = _split_query(request.query)
    listed = query.get("$.xgafv", ["1"])[-1] != "2"
    return Answer(error.code, _dump(query, show_error(error, listed=listed)), {**JSON, **error.headers})


def write_answer(query: Mapping[str, Sequence[str]], content: Mapping[str, Any]) -> Answer:
    """The content as far as `fields` asks for it."""
    chosen = query.get("fields", [""])[-1]
    return Answer(200, _dump(query, choose_fields(content, chosen) if chosen else content), JSON)


def find_access(service: Service, request: Request) -> Access | None:
    """The access that the request's token gives; None for a token that is none. Raises ApiError without a token."""
    query = _split_query(request.query)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        token = query.get("access_token", query.get("oauth_token", [""]))[-1]
    if not token:
        raise missing_credentials()
    return look_up(service, token.strip())


def look_up(service: Service, token: str) -> Access | None:
    """The access of a token: a fixed one of a mailbox's user, or one that was given and still holds."""
    now = service.clock.now()
    user = token.removeprefix(FIXED)
    if token.startswith(FIXED) and user in service.boxes:
        return Access(token, user, "sandbox", SCOPES, now + timedelta(hours=1))
    access = service.grants.access.get(token)
    return access if access is not None and access.until > now and access.user in service.boxes else None


def _carry_out(service: Service, request: Request, query: Mapping[str, list[str]]) -> dict[str, Any]:
    found = find_method(request.method.upper(), request.path)
    if found is None:
        raise ApiError("NOT_FOUND", "Method not found.")
    method, place = found
    access = find_access(service, request)
    if access is None:
        raise invalid_credentials()
    if not set(method.scopes).intersection(access.scopes):
        raise missing_scope(f"{_RPC}.{method.rpc}", method.scopes)
    ask = Ask(
        service=service,
        box=service.boxes[access.user],
        now=service.clock.now(),
        place=place,
        query=_check_query(method, query),
        body=_read_body(method, request.body),
    )
    charge(service.quotas, access.user, method.costs, ask.now)
    if method.mutates:
        _take_turn(ask, request.connection)
    return method.carry_out(ask)


def _take_turn(ask: Ask, connection: int) -> None:
    """Refuses a change that another connection sends while the one before is taken to be at work."""
    busy, box = ask.service.settings.busy, ask.box
    if not busy:
        return
    if box.busy is not None and box.busy[0] != connection and ask.now < box.busy[1]:
        raise ApiError("ABORTED", "The operation was aborted, typically due to a concurrent change of the same user.")
    box.busy = (connection, ask.now + timedelta(seconds=busy))


def _read_body(method: Method, body: bytes) -> dict[str, Any]:
    if len(body) > _LARGEST:
        raise ApiError("INVALID_ARGUMENT", "Request payload size exceeds the limit: 10485760 bytes.", http=413)
    if method.message:
        return read_message(parse_body(body), method.message, method.root)
    content = parse_body(body)
    if content != {}:
        names = list(cast(dict[str, object], content)) if isinstance(content, dict) else [""]
        texts = [f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.' for name in names]
        raise bad_request([("", text) for text in texts])
    return {}


def _check_query(method: Method, query: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The parameters by their JSON names. Raises ApiError for one that the method doesn't know, or of another type."""
    read: dict[str, list[str]] = {}
    for name, values in query.items():
        if name in _COMMON:
            continue
        known = name if name in method.query else to_camel(name)
        kind = method.query.get(known)
        if kind is None:
            text = (
                f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                f"Field '{name}' could not be found in request message."
            )
            raise bad_request((("", text),))
        for value in values:
            _check_parameter(to_snake(known), kind, value)
        read[known] = values
    return read


def _check_parameter(path: str, kind: str, value: str) -> None:
    if kind == "int32" and value:
        read_integer(value, path)
    if kind == "bool" and value.lower() not in ("true", "false", "1", "0", ""):
        raise refuse_value(path, "bool", value)
    values = READ_SOURCES if kind == "@reads" else tuple(kind.split("|")) if "|" in kind else ()
    if values and value not in values:
        enum = "ReadSourceType" if kind == "@reads" else "ListConnectionsRequest.SortOrder"
        raise refuse_value(path, f"type.googleapis.com/google.people.v1.{enum}", value)


def _split_query(text: str) -> dict[str, list[str]]:
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        query.setdefault(name, []).append(value)
    return query


def _dump(query: Mapping[str, Sequence[str]], content: object) -> bytes:
    pretty = query.get("prettyPrint", ["true"])[-1].lower() not in ("false", "0")
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE if pretty else 0)

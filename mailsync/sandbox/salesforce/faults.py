"""The vendor's own faults: refused, throttled, sessions that ended, locked rows, rejected items, lying pages, lag."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

import orjson

from mailsync.sandbox.faultdetails import (
    check_keys,
    choose_items,
    read_choice,
    read_flag,
    read_integer,
    read_items,
    read_retry_after,
    read_text,
)
from mailsync.sandbox.salesforce.gateway import (
    answer_request,
    concurrency_exceeded,
    invalid_session,
    refuse,
    show,
    usage_header,
)
from mailsync.sandbox.salesforce.org import Org
from mailsync.sandbox.salesforce.pagefaults import HOW, spoil_pages
from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.rejections import make_rejection
from mailsync.sandbox.salesforce.rest import Reply
from mailsync.sandbox.salesforce.soap import SoapFault, show_fault
from mailsync.sandbox.salesforce.splicing import (
    Choose,
    list_parts,
    load_part,
    merge_results,
    read_collection,
    splice_collection,
    splice_parts,
    write_collection,
)
from mailsync.sandbox.vendor import Answer, Refused, Request

_THROTTLES: Final = {
    "SERVER_UNAVAILABLE": (503, "Server Unavailable"),
    "REQUEST_LIMIT_EXCEEDED": (403, "TotalRequests Limit exceeded."),
}
_LIMITS: Final = {
    "ConcurrentRequests": "ConcurrentRequests (Concurrent API Requests)",
    "ConcurrentPerOrgLongTxn": "ConcurrentPerOrgLongTxn",
}
_UNEXPECTED: Final = (500, "An unexpected error occurred. Please include this ErrorId if you contact support")
_RETRY: Final = frozenset({"retry_after", "retry_after_as"})
_REFUSAL: Final = frozenset({"code", "message", "status", "carry_out"}) | _RETRY
_FEEDS: Final = {"updated": 30, "deleted": 15}  # days back that each may be asked for


def answer_fault(org: Org, kind: str, request: Request, details: Mapping[str, Any]) -> Answer | None:
    """The answer for a fault of this vendor, None for a kind it doesn't have; docs/sandbox.md describes them.

    Raises Refused for details that don't fit the kind, before anything is carried out.
    """
    known = KINDS.get(kind)
    if known is None:
        return None
    takes, strike = known
    check_keys(kind, details, takes)
    return strike(org, request, details)


def _refuse_request(org: Org, request: Request, details: Mapping[str, Any]) -> Answer:
    return _refuse_all(org, request, details, "UNKNOWN_EXCEPTION", _UNEXPECTED)


def _throttle(org: Org, request: Request, details: Mapping[str, Any]) -> Answer:
    code = read_text(details, "code", "SERVER_UNAVAILABLE")
    return _refuse_all(org, request, details, code, _THROTTLES.get(code, (503, "Server Unavailable")))


def _refuse_all(org: Org, request: Request, details: Mapping[str, Any], code: str, default: tuple[int, str]) -> Answer:
    headers = read_retry_after(details, org.clock.now())
    error = ApiError(
        read_text(details, "code", code),
        read_text(details, "message", default[1]),
        status=read_integer(details, "status", default[0], least=400, most=599),
    )
    if read_flag(details, "carry_out"):
        answer_request(org, request)
    return _show_refusal(org, request, error, headers)


def _limit_concurrency(org: Org, request: Request, details: Mapping[str, Any]) -> Answer:
    limit = read_choice(details, "limit", tuple(_LIMITS), "ConcurrentRequests")
    return _show_refusal(org, request, concurrency_exceeded(_LIMITS[limit]), {})


def _end_session(message: str, org: Org, request: Request, _details: Mapping[str, Any]) -> Answer:
    error = invalid_session()
    if message:
        error = ApiError("INVALID_SESSION_ID", message, status=401)
    return _show_refusal(org, request, error, {})


def _lock(org: Org, request: Request, _details: Mapping[str, Any]) -> Answer:
    org.locked = True
    try:
        return answer_request(org, request)
    finally:
        org.locked = False


def _lag(org: Org, request: Request, details: Mapping[str, Any]) -> Answer:
    seconds = read_integer(details, "seconds", 60, least=0, most=86400)
    usual, org.lag = org.lag, seconds
    try:
        return answer_request(org, request)
    finally:
        org.lag = usual


def _spoil_pages(org: Org, request: Request, details: Mapping[str, Any]) -> Answer:
    how = read_choice(details, "how", HOW, "")
    return spoil_pages(org, request, how, partial(answer_request, org))


def _expire_cursor(org: Org, request: Request, _details: Mapping[str, Any]) -> Answer:
    """Locators of queries and windows of the deleted and updated feeds are too old; all else is carried out."""
    listed = list_parts(request)
    if listed is None:
        error = _find_expired(request.path)
        return answer_request(org, request) if error is None else _show_refusal(org, request, error, {})
    key, parts = listed
    found = ((at, _find_expired(load_part(part)[1])) for at, part in enumerate(parts))
    chosen = {at: error for at, error in found if error is not None}
    return splice_parts(request, key, chosen, partial(answer_request, org))


def _find_expired(path: str) -> ApiError | None:
    before, last = path.rstrip("/").split("/")[-2:] if path.count("/") > 1 else ("", "")
    if before in ("query", "queryAll"):
        return make_rejection("INVALID_QUERY_LOCATOR", {})
    if last in _FEEDS:
        message = f"startDate cannot be more than {_FEEDS[last]} days ago"
        return make_rejection("INVALID_REPLICATION_DATE", {"message": message})
    return None


def _reject(org: Org, request: Request, details: Mapping[str, Any]) -> Answer:
    """Refuses some or all items of a batch, each with its code; the others are carried out."""
    code = read_text(details, "code", "")
    wanted = read_items(details, code)
    if not code and (wanted is None or "" in wanted.values()):
        raise Refused('code: reject needs why, such as "UNABLE_TO_LOCK_ROW", or items with a code each')
    make_rejection(code, details)
    part = read_integer(details, "part", 0, least=0, most=24) if "part" in details else None
    answer = partial(answer_request, org)

    def choose(items: Any) -> dict[int, ApiError]:
        chosen = choose_items(wanted, len(items), code)
        return {at: make_rejection(why, details) for at, why in chosen.items()}

    listed = list_parts(request)
    if listed is not None:
        key, parts = listed
        if part is None:
            return splice_parts(request, key, choose(parts), answer)
        return _reject_in_part(request, key, part, choose, answer)
    collection = read_collection(request.method, request.path, request.query, _load(request))
    if collection is not None:
        return splice_collection(request, collection, choose, answer)
    single = choose([request])
    return _show_refusal(org, request, single[0], {}) if single else answer(request)


def _reject_in_part(
    request: Request, key: str, part: int, choose: Choose, answer: Callable[[Request], Answer]
) -> Answer:
    """Refuses items of the collection that one part of a composite is."""
    content: dict[str, Any] = orjson.loads(request.body)
    parts: list[dict[str, Any]] = content[key]
    method, path, query, body = load_part(parts[part]) if part < len(parts) else ("", "", "", None)
    collection = read_collection(method, path, query, body)
    if collection is None:
        return answer(request)
    chosen = choose(collection.items)
    if not chosen:
        return answer(request)
    rest = [item for at, item in enumerate(collection.items) if at not in chosen]
    nothing = not rest or (collection.all_or_none and not collection.reads)
    # With nothing left to do the part still has to be answered for: deleting nothing is refused, its answer replaced.
    query, body = write_collection(collection, [] if nothing else rest, query, body)
    name = "body" if key == "compositeRequest" else "richInput"
    changed = {**parts[part], "url": f"{path}?{query}" if query else path, **({} if body is None else {name: body})}
    spared = [changed if at == part else each for at, each in enumerate(parts)]
    inner = answer(replace(request, body=orjson.dumps({**content, key: spared})))
    if inner.status != 200:
        return inner
    shown = orjson.loads(inner.body)
    result = shown["compositeResponse" if key == "compositeRequest" else "results"][part]
    place = "body" if key == "compositeRequest" else "result"
    result[place] = merge_results(collection, chosen, None if nothing else result[place])
    result["httpStatusCode" if key == "compositeRequest" else "statusCode"] = 200
    return Answer(inner.status, orjson.dumps(shown), inner.headers)


def _load(request: Request) -> object:
    try:
        return orjson.loads(request.body) if request.body else None
    except orjson.JSONDecodeError:
        return None


def _show_refusal(org: Org, request: Request, error: ApiError, headers: Mapping[str, str]) -> Answer:
    if request.path.startswith("/services/Soap"):
        return show_fault(SoapFault(error.code, error.message))
    if request.path.startswith("/services/oauth2"):
        if error.code == "INVALID_SESSION_ID":  # a token endpoint has no session: what expires is the refresh token
            error = ApiError("invalid_grant", "expired access/refresh token")
        return show(Reply(error.status, {"error": error.code, "error_description": error.message}, headers))
    return refuse(error, {**headers, **({} if error.status == 401 else usage_header(org))})


_NONE: Final = frozenset[str]()
_SCOPELESS: Final = "This session is not valid for use with the REST API"
_Strike = Callable[[Org, Request, Mapping[str, Any]], Answer]
KINDS: Final[Mapping[str, tuple[frozenset[str], _Strike]]] = {
    "refuse": (_REFUSAL, _refuse_request),
    "throttle": (_REFUSAL, _throttle),
    "concurrency": (frozenset({"limit"}), _limit_concurrency),
    "expire_token": (_NONE, partial(_end_session, "")),
    "revoke_token": (_NONE, partial(_end_session, "")),
    "change_password": (_NONE, partial(_end_session, "")),
    "remove_scope": (_NONE, partial(_end_session, _SCOPELESS)),
    "lock": (_NONE, _lock),
    "lag": (frozenset({"seconds"}), _lag),
    "reject": (frozenset({"code", "items", "part", "message", "status", "fields", "records"}), _reject),
    "expire_cursor": (_NONE, _expire_cursor),
    "paging": (frozenset({"how"}), _spoil_pages),
}

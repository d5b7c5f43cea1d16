"""Google's own faults: throttled, refused, log-ins that ended, lost tokens, rejected items, lying pages, lag."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
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
from mailsync.sandbox.google.batches import refuse_batch
from mailsync.sandbox.google.errors import (
    STATUSES,
    ApiError,
    expired_sync_token,
    invalid_credentials,
    make_info,
    missing_scope,
    not_found,
    show_status,
    stale_etag,
)
from mailsync.sandbox.google.gateway import write_refusal
from mailsync.sandbox.google.methods import find_method
from mailsync.sandbox.google.oauth import is_log_in
from mailsync.sandbox.google.oauth.forms import OAuthError, show_error
from mailsync.sandbox.google.pagefaults import HOW, spoil_pages
from mailsync.sandbox.google.quotas import BUCKETS, make_refusal
from mailsync.sandbox.google.service import Service
from mailsync.sandbox.vendor import Answer, Refused, Request

_RETRY: Final = frozenset({"retry_after", "retry_after_as"})
_BATCHES: Final[Mapping[str, tuple[str, str]]] = {
    "batchCreateContacts": ("contacts", "BatchCreateContactsErrorDetails"),
    "batchUpdateContacts": ("contacts", "BatchUpdateContactsErrorDetails"),
    "batchDeleteContacts": ("resourceNames", ""),
    "members.modify": ("resourceNamesToAdd", ""),
}
_READS: Final = ("getBatchGet", "contactGroups.batchGet")


@dataclass(frozen=True, slots=True)
class Struck:
    """A request that a fault strikes, and how to carry it out."""

    service: Service
    request: Request
    answer: Callable[[Request], Answer]

    def carry_out(self) -> Answer:
        """The answer that it would have had."""
        return self.answer(self.request)

    @property
    def method(self) -> str:
        """The name of its method, "" for a request that is none."""
        found = find_method(self.request.method.upper(), self.request.path)
        return "" if found is None else found[0].name


def answer_fault(
    service: Service,
    kind: str,
    request: Request,
    details: Mapping[str, Any],
    answer: Callable[[Request], Answer],
) -> Answer | None:
    """The answer for a fault of this vendor, None for a kind it doesn't have; docs/sandbox.md describes them.

    Raises Refused for details that don't fit the kind, before anything is carried out.
    """
    known = KINDS.get(kind)
    if known is None:
        return None
    takes, strike = known
    check_keys(kind, details, takes)
    return strike(Struck(service, request, answer), details)


def _throttle(struck: Struck, details: Mapping[str, Any]) -> Answer:
    """429 for a bucket that is used up; with another status the shape of that one: 403 or 503."""
    quota = read_choice(details, "quota", tuple(BUCKETS), "critical_reads")
    status = read_integer(details, "status", 429, least=400, most=599)
    headers = read_retry_after(details, struck.service.clock.now())
    error = make_refusal(quota)
    if status == 403:
        error = replace(error, status="PERMISSION_DENIED", reason="userRateLimitExceeded")
    elif status != 429:
        error = ApiError("UNAVAILABLE", "The service is currently unavailable.", http=status)
    if read_flag(details, "carry_out"):
        struck.carry_out()
    return _show(struck, replace(error, headers=headers))


def _end_day(struck: Struck, details: Mapping[str, Any]) -> Answer:
    return _throttle(struck, {**details, "quota": "daily_writes"})


def _refuse(struck: Struck, details: Mapping[str, Any]) -> Answer:
    code = _read_code(read_text(details, "code", "INTERNAL"))
    error = _make_error(code, read_text(details, "message", ""))
    if "status" in details:
        error = replace(error, http=read_integer(details, "status", 500, least=400, most=599))
    if read_text(details, "reason", ""):
        error = replace(error, details=(make_info(read_text(details, "reason", "")),))
    if read_flag(details, "carry_out"):
        struck.carry_out()
    return _show(struck, error)


def _end_token(struck: Struck, _details: Mapping[str, Any]) -> Answer:
    """An access token that was given stays ended; its refresh token goes on."""
    struck.service.grants.access.pop(_token_of(struck.request), None)
    return _show(struck, invalid_credentials())


def _revoke(struck: Struck, _details: Mapping[str, Any]) -> Answer:
    """The token is gone for good: where the request came with one that was given, its grant ends too."""
    access = struck.service.grants.access.pop(_token_of(struck.request), None)
    if access is not None:
        struck.service.grants.refresh.pop(access.grant, None)
    return _show(struck, invalid_credentials())


def _token_of(request: Request) -> str:
    return request.headers.get("authorization", "").partition(" ")[2].strip()


def _remove_scope(struck: Struck, _details: Mapping[str, Any]) -> Answer:
    return _show(struck, missing_scope("google.people.v1.PeopleService"))


def _expire_cursor(struck: Struck, details: Mapping[str, Any]) -> Answer:
    """EXPIRED_SYNC_TOKEN for a list that goes on from a sync token; all else is carried out."""
    status = read_integer(details, "status", struck.service.settings.expired_status, least=400, most=410)
    if status not in (400, 410):
        raise Refused("status: give 400 or 410")
    if "syncToken=" not in struck.request.query:
        return struck.carry_out()
    return _show(struck, expired_sync_token(status))


def _reject(struck: Struck, details: Mapping[str, Any]) -> Answer:
    """A batch with items that are refused is refused as a whole; of a batch that reads, those items are."""
    code = read_text(details, "code", "")
    wanted = read_items(details, code)
    if not code and (wanted is None or "" in wanted.values()):
        raise Refused('code: reject needs why, such as "FAILED_PRECONDITION", or items with a code each')
    for each in [code] if wanted is None else wanted.values():
        _read_code(each)
    text = read_text(details, "message", "")
    method = struck.method
    if method in _READS:
        return _reject_reads(struck, wanted, code, text)
    key, name = _BATCHES.get(method, ("", ""))
    items = _list_items(struck.request, key)
    chosen = choose_items(wanted, len(items), code)
    if not chosen or not method:
        return struck.carry_out()
    errors = {items[at]: _make_error(why, text) for at, why in chosen.items()}
    return _show(struck, refuse_batch(name, errors) if name else next(iter(errors.values())))


def _reject_reads(struck: Struck, wanted: Mapping[int, str] | None, code: str, text: str) -> Answer:
    given = struck.carry_out()
    if given.status != 200:
        return given
    content: dict[str, Any] = orjson.loads(given.body)
    responses: list[dict[str, Any]] = content.get("responses", [])
    for at, why in choose_items(wanted, len(responses), code).items():
        error = _make_error(why, text)
        status = {"code": STATUSES[error.status][0], "message": error.message}
        name = responses[at].get("requestedResourceName", "")
        responses[at] = {"requestedResourceName": name, "httpStatusCode": error.code, "status": status}
        if struck.method == "contactGroups.batchGet":
            del responses[at]["httpStatusCode"]
    return replace(given, body=orjson.dumps(content))


def _fail_parts(struck: Struck, details: Mapping[str, Any]) -> Answer:
    """A batch that is carried out and tells of these parts that they failed; without a code, not a word of them."""
    code = read_text(details, "code", "")
    wanted = read_items(details, code)
    for each in {code, *(wanted or {}).values()} - {""}:
        _read_code(each)
    given = struck.carry_out()
    if given.status != 200:
        return given
    content: dict[str, Any] = orjson.loads(given.body)
    updated: dict[str, dict[str, Any]] = content.get("updateResult", {})
    parts: list[dict[str, Any]] = [*content.get("responses", ()), *content.get("createdPeople", ()), *updated.values()]
    for at, why in choose_items(wanted, len(parts), code).items():
        for key in parts[at].keys() - {"requestedResourceName"}:
            del parts[at][key]
        parts[at] |= {"status": show_status(_make_error(why, ""))} if why else {}
    return replace(given, body=orjson.dumps(content))


def _list_items(request: Request, key: str) -> list[str]:
    """The items of a batch by what its refusal calls them; a request that is no batch is one item."""
    try:
        content: Any = orjson.loads(request.body) if key else None
    except orjson.JSONDecodeError:
        content = None
    items: Any = content.get(key) if isinstance(content, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - any JSON
    if isinstance(items, dict):
        return [str(name) for name in items]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - any JSON
    return [str(at) for at in range(len(items))] if isinstance(items, list) else ["0"]  # pyright: ignore[reportUnknownArgumentType] - any JSON


def _spoil_pages(struck: Struck, details: Mapping[str, Any]) -> Answer:
    how = read_choice(details, "how", HOW, "")
    return spoil_pages(struck.request, struck.carry_out, how)


def _lag(struck: Struck, _details: Mapping[str, Any]) -> Answer:
    """A list that goes on from a sync token is told of no change, and gets a token of the same place."""
    struck.service.lagging = True
    try:
        return struck.carry_out()
    finally:
        struck.service.lagging = False


def _replay(struck: Struck, _details: Mapping[str, Any]) -> Answer:
    """A list that goes on from a sync token is told of every contact."""
    struck.service.replaying = True
    try:
        return struck.carry_out()
    finally:
        struck.service.replaying = False


def _abort(struck: Struck, _details: Mapping[str, Any]) -> Answer:
    return _show(struck, ApiError("ABORTED", "The operation was aborted."))


def _read_code(code: str) -> str:
    if code not in STATUSES and code not in _OWN:
        raise Refused(f"code: give one of Google's status names: {', '.join([*STATUSES, *_OWN])}")
    return code


def _make_error(code: str, text: str) -> ApiError:
    error = _OWN[code] if code in _OWN else ApiError(code, _TEXTS.get(code, "Request contains an invalid argument."))
    return replace(error, message=text) if text else error


def _show(struck: Struck, error: ApiError) -> Answer:
    if not is_log_in(struck.request.path) or struck.request.path.endswith("userinfo"):
        return write_refusal(struck.request, error)
    if error.status == "UNAUTHENTICATED":  # a token endpoint has no session: what ends is the refresh token
        return show_error(OAuthError("invalid_grant", "Token has been expired or revoked."))
    shown = show_error(OAuthError(_CODES.get(error.status, "internal_failure"), error.message, error.code))
    return replace(shown, headers={**shown.headers, **error.headers})


_TEXTS: Final = {
    "INTERNAL": "Internal error encountered.",
    "UNAVAILABLE": "The service is currently unavailable.",
    "NOT_FOUND": "Requested entity was not found.",
    "PERMISSION_DENIED": "The caller does not have permission",
    "RESOURCE_EXHAUSTED": "Resource has been exhausted (e.g. check quota).",
    "FAILED_PRECONDITION": "Precondition check failed.",
    "ABORTED": "The operation was aborted.",
    "ALREADY_EXISTS": "Requested entity already exists",
}
_CODES: Final = {"RESOURCE_EXHAUSTED": "rate_limit_exceeded", "PERMISSION_DENIED": "access_denied"}
# Refusals by the words of their causes.
_OWN: Final[Mapping[str, ApiError]] = {
    "STALE_ETAG": stale_etag("person.etag"),
    "CONTACT_GONE": not_found(),
    "CONTACT_LIMIT": ApiError("FAILED_PRECONDITION", "MY_CONTACTS_OVERFLOW_COUNT"),
}
_NONE: Final = frozenset[str]()
_Strike = Callable[[Struck, Mapping[str, Any]], Answer]
KINDS: Final[Mapping[str, tuple[frozenset[str], _Strike]]] = {
    "throttle": (frozenset({"quota", "status", "carry_out"}) | _RETRY, _throttle),
    "refuse": (frozenset({"code", "message", "status", "reason", "carry_out"}), _refuse),
    "reject": (frozenset({"code", "items", "message"}), _reject),
    "fail_parts": (frozenset({"code", "items"}), _fail_parts),
    "paging": (frozenset({"how"}), _spoil_pages),
    "expire_cursor": (frozenset({"status"}), _expire_cursor),
    "lag": (_NONE, _lag),
    "replay": (_NONE, _replay),
    "abort": (_NONE, _abort),
    "expire_token": (_NONE, _end_token),
    "revoke_token": (_NONE, _revoke),
    "change_password": (_NONE, _revoke),
    "remove_scope": (_NONE, _remove_scope),
    "quota_day": (frozenset({"carry_out"}), _end_day),
}

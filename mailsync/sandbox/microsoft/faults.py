"""Graph's own faults: throttled, refused, log-ins that ended, lost tokens, rejected parts, lying pages, stale feeds.

What is about single requests strikes the parts of a $batch as well, each in its place.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from mailsync.sandbox.exchange.records import Mailbox
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
from mailsync.sandbox.microsoft.admission import refuse_token
from mailsync.sandbox.microsoft.batches import carry_out_batch, read_parts
from mailsync.sandbox.microsoft.changes import rewind_token
from mailsync.sandbox.microsoft.errors import STATUSES, Failed
from mailsync.sandbox.microsoft.oauth.asking import answer_object
from mailsync.sandbox.microsoft.oauth.endpoints import find_endpoint
from mailsync.sandbox.microsoft.oauth.refusals import Refusal, make_body
from mailsync.sandbox.microsoft.pagefaults import HOW, hold_back, spoil_pages
from mailsync.sandbox.microsoft.routing import BATCH, ROOT
from mailsync.sandbox.vendor import Answer, Refused, Request

_CODE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_TOKENS: Final = ("$deltatoken", "$skiptoken")


@dataclass(frozen=True, slots=True)
class Struck:
    """A request that a fault strikes: how to carry one out, how to refuse one, whose mailbox it asks, the time."""

    request: Request
    answer: Callable[[Request], Answer]
    refuse: Callable[[Request, Failed], Answer]
    find_box: Callable[[Request], Mailbox | None]
    now: datetime

    @property
    def is_batch(self) -> bool:
        """Whether it is a $batch."""
        return self.request.path == f"{ROOT}{BATCH}"

    def carry_out(self) -> Answer:
        """The answer that it would have had."""
        return self.answer(self.request)


def answer_fault(kind: str, struck: Struck, details: Mapping[str, Any]) -> Answer | None:
    """The answer for a fault of this vendor, None for a kind it doesn't have; docs/sandbox.md describes them.

    Raises Refused for details that don't fit the kind, before anything is carried out.
    """
    known = KINDS.get(kind)
    if known is None:
        return None
    takes, strike = known
    check_keys(kind, details, takes)
    return strike(struck, details)


def _strike_each(struck: Struck, strike: Callable[[Request, int], Answer]) -> Answer:
    """The request by itself, or each part of a batch, answered by `strike` with its position."""
    if not struck.is_batch:
        return strike(struck.request, 0)
    position = iter(range(1000))
    try:
        return carry_out_batch(struck.request, lambda request: strike(request, next(position)))
    except Failed as failed:
        return struck.refuse(struck.request, failed)


def _throttle(struck: Struck, details: Mapping[str, Any]) -> Answer:
    status = read_integer(details, "status", 429, least=400, most=599)
    untold = details.get("retry_after", 10) is None
    headers = {} if untold else read_retry_after({"retry_after": 10, **details}, struck.now)
    code = "ApplicationThrottled" if status == 429 else "serviceNotAvailable"
    text = "Application is over its MailboxConcurrency limit." if status == 429 else ""
    failed = Failed(code, text, status, headers)
    items = read_items(details, code)
    carry_out = read_flag(details, "carry_out")
    if items is None or not struck.is_batch:
        if carry_out:
            struck.carry_out()
        return struck.refuse(struck.request, failed)
    return _strike_parts(struck, items, lambda _: failed, carry_out=carry_out)


def _strike_parts(
    struck: Struck, items: Mapping[int, str] | None, make: Callable[[str], Failed], *, carry_out: bool = False
) -> Answer:
    try:
        chosen = choose_items(items, len(read_parts(struck.request)), "")
    except Failed:
        return struck.carry_out()

    def strike(request: Request, position: int) -> Answer:
        if position not in chosen:
            return struck.answer(request)
        if carry_out:
            struck.answer(request)
        return struck.refuse(request, make(chosen[position]))

    return _strike_each(struck, strike)


def _refuse(struck: Struck, details: Mapping[str, Any]) -> Answer:
    code = _read_code(read_text(details, "code", "ErrorInternalServerError"))
    status = read_integer(details, "status", STATUSES.get(code, 400), least=400, most=599)
    text = read_text(details, "message", "")
    if read_flag(details, "carry_out"):
        struck.carry_out()
    return struck.refuse(struck.request, Failed(code, text, status))


def _refuse_with(code: str, struck: Struck, _details: Mapping[str, Any]) -> Answer:
    return struck.refuse(struck.request, Failed(code))


def _end_session(text: str, number: int, struck: Struck, _details: Mapping[str, Any]) -> Answer:
    """401 of Graph; of the sign-in invalid_grant."""
    if find_endpoint(struck.request.path) is None:
        return struck.refuse(struck.request, refuse_token(text))
    origin = f"{struck.request.scheme}://{struck.request.headers.get('host', 'login.microsoftonline.com')}"
    return answer_object(make_body(Refusal(number), struck.now, origin), 400)


def _reject(struck: Struck, details: Mapping[str, Any]) -> Answer:
    code = read_text(details, "code", "")
    if not code and "items" not in details:
        raise Refused("code: reject needs the code that the parts get, or items with a code each")
    wanted = read_items(details, code)
    for each in [code, *(wanted or {}).values()]:
        if each:
            _read_code(each)
    if wanted is not None and "" in wanted.values():
        raise Refused("code: reject needs the code that the parts get, or items with a code each")
    text = read_text(details, "message", "")
    if not struck.is_batch:
        return struck.carry_out()
    return _strike_parts(struck, wanted if wanted is not None else None, lambda each: Failed(each or code, text))


def _expire_cursor(struck: Struck, details: Mapping[str, Any]) -> Answer:
    """410 for what goes on from a token; SyncStateNotFound, or (resync) with the place to begin anew."""
    form = read_choice(details, "form", ("state", "resync"), "state")

    def strike(request: Request, _position: int) -> Answer:
        if _find_token(request) is None:
            return struck.answer(request)
        if form == "state":
            return struck.refuse(request, Failed("SyncStateNotFound"))
        place = f"{request.scheme}://{request.headers.get('host', 'graph.microsoft.com')}{quote(request.path)}"
        text = "Resync required. Replace any local items with the server's version."
        return struck.refuse(request, Failed("resyncRequired", text, 410, {"location": f"{place}?$deltatoken="}))

    return _strike_each(struck, strike)


def _spoil_pages(struck: Struck, details: Mapping[str, Any]) -> Answer:
    how = read_choice(details, "how", HOW, "")
    return _strike_each(struck, lambda request, _: spoil_pages(struck.answer(request), request, how))


def _lag(struck: Struck, _details: Mapping[str, Any]) -> Answer:
    def strike(request: Request, _position: int) -> Answer:
        given = struck.answer(request)
        return given if _find_token(request) is None else hold_back(given, request)

    return _strike_each(struck, strike)


def _replay(struck: Struck, _details: Mapping[str, Any]) -> Answer:
    """A delta that tells everything as changed once more."""

    def strike(request: Request, _position: int) -> Answer:
        found, box = _find_token(request), struck.find_box(request)
        if found is None or box is None:
            return struck.answer(request)
        try:
            query = urlencode({found[0]: rewind_token(box, found[1])}, safe="$")
        except Failed:
            return struck.answer(request)
        return struck.answer(replace(request, query=query))

    return _strike_each(struck, strike)


def _find_token(request: Request) -> tuple[str, str] | None:
    given = {name.lower(): value for name, value in parse_qsl(request.query, keep_blank_values=True)}
    return next(((name, given[name]) for name in _TOKENS if given.get(name)), None)


def _read_code(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise Refused("code: give one of Graph's error codes, such as ErrorQuotaExceeded")
    return code


_NONE: Final = frozenset[str]()
_Strike = Callable[[Struck, Mapping[str, Any]], Answer]
_THROTTLE: Final = frozenset({"status", "retry_after", "retry_after_as", "carry_out", "items"})
_EXPIRED: Final = "Lifetime validation failed, the token is expired."
_REVOKED: Final = "Continuous access evaluation resulted in challenge with result: InteractionRequired."
KINDS: Final[Mapping[str, tuple[frozenset[str], _Strike]]] = {
    "throttle": (_THROTTLE, _throttle),
    "refuse": (frozenset({"code", "message", "status", "carry_out"}), _refuse),
    "access_denied": (_NONE, partial(_refuse_with, "ErrorAccessDenied")),
    "remove_scope": (_NONE, partial(_refuse_with, "ErrorAccessDenied")),
    "expire_token": (_NONE, partial(_end_session, _EXPIRED, 70008)),
    "revoke_token": (_NONE, partial(_end_session, _REVOKED, 50173)),
    "change_password": (_NONE, partial(_end_session, _REVOKED, 50173)),
    "expire_cursor": (frozenset({"form"}), _expire_cursor),
    "reject": (frozenset({"code", "items", "message"}), _reject),
    "paging": (frozenset({"how"}), _spoil_pages),
    "lag": (_NONE, _lag),
    "replay": (_NONE, _replay),
}

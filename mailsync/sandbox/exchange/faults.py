"""Exchange's own faults: busy, refused, log-ins that ended, lost states, rejected inputs, lying pages, stale reads."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from mailsync.sandbox.exchange.context import list_inputs
from mailsync.sandbox.exchange.errors import Failed, Fault, get_error_text
from mailsync.sandbox.exchange.login import CHALLENGE
from mailsync.sandbox.exchange.pagefaults import HOW, SYNCS, hold_back, spoil_pages
from mailsync.sandbox.exchange.replica import READS
from mailsync.sandbox.exchange.schema import OPERATIONS
from mailsync.sandbox.exchange.soap import (
    XML,
    Element,
    find_child,
    get_local_name,
    get_text,
    read_envelope,
    write_fault,
)
from mailsync.sandbox.exchange.splicing import refuse_inputs
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
from mailsync.sandbox.vendor import Answer, Refused, Request

_BACK_OFF: Final = 1500  # milliseconds
_LONGEST: Final = 10 * 366 * 86_400_000  # milliseconds
_CODE: Final = re.compile(r"Error[A-Za-z0-9]+")
_HTML: Final = {"content-type": "text/html; charset=us-ascii"}


@dataclass(frozen=True, slots=True)
class Struck:
    """A request that a fault strikes: how to carry it out, also by a server that is behind, and the time (UTC)."""

    request: Request
    answer: Callable[[Request], Answer]
    answer_as_of: Callable[[Request, datetime], Answer]
    now: datetime

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


def _throttle(struck: Struck, details: Mapping[str, Any]) -> Answer:
    """ErrorServerBusy as a fault or in each item (an inner error), or HTTP 503 or 429 of the web server before it."""
    default = "http" if {"status", "retry_after"} & set(details) else "fault"
    form = read_choice(details, "form", ("fault", "items", "http"), default)
    status = read_integer(details, "status", 503, least=400, most=599)
    headers = read_retry_after(details, struck.now)
    milliseconds = details.get("milliseconds", _BACK_OFF)
    if milliseconds is not None:
        milliseconds = read_integer(details, "milliseconds", _BACK_OFF, least=0, most=_LONGEST)
    back_off = "" if milliseconds is None else f'<t:Value Name="BackOffMilliseconds">{milliseconds}</t:Value>'
    if read_flag(details, "carry_out"):
        struck.carry_out()
    if form == "http":
        return _write_page(status, headers)
    if form == "fault":
        return Answer(500, write_fault(Fault("ErrorServerBusy", values=(back_off,) if back_off else ())), XML)
    inner = (
        f'<t:Value Name="InnerErrorMessageText">{get_error_text("ErrorServerBusy")}</t:Value>'
        '<t:Value Name="InnerErrorResponseCode">ErrorServerBusy</t:Value>'
        f'<t:Value Name="InnerErrorDescriptiveLinkKey">0</t:Value>{back_off}'
    )
    return _refuse_all(struck, Failed("ErrorInternalServerError", path_xml=inner))


def _refuse(struck: Struck, details: Mapping[str, Any]) -> Answer:
    code = _read_code(read_text(details, "code", "ErrorInternalServerError"))
    text = read_text(details, "message", "")
    form = read_choice(details, "form", ("items", "fault"), "items")
    if read_flag(details, "carry_out"):
        struck.carry_out()
    if form == "fault":
        return Answer(500, write_fault(Fault(code, text)), XML)
    return _refuse_all(struck, Failed(code, text))


def _refuse_with(code: str, struck: Struck, _details: Mapping[str, Any]) -> Answer:
    return _refuse_all(struck, Failed(code))


def _end_session(_struck: Struck, _details: Mapping[str, Any]) -> Answer:
    return Answer(401, b"", CHALLENGE)


def _expire_cursor(struck: Struck, _details: Mapping[str, Any]) -> Answer:
    """ErrorInvalidSyncStateData for a sync that goes on from a state; all else is carried out."""
    operation = _read_operation(struck.request)
    if operation is None or get_local_name(operation) not in SYNCS:
        return struck.carry_out()
    if not get_text(find_child(operation, "SyncState")).strip():
        return struck.carry_out()
    return _refuse_all(struck, Failed("ErrorInvalidSyncStateData"))


def _reject(struck: Struck, details: Mapping[str, Any]) -> Answer:
    """Refuses some or all inputs, each with its code; the others are carried out."""
    code = read_text(details, "code", "")
    wanted = read_items(details, code)
    for each in [code] if wanted is None else wanted.values():
        _read_code(each)
    text = read_text(details, "message", "")
    operation = _read_operation(struck.request)
    if operation is None or get_local_name(operation) not in OPERATIONS:
        return struck.carry_out()
    chosen = choose_items(wanted, len(list_inputs(operation)), code)
    return refuse_inputs(struck.request, {at: Failed(why, text) for at, why in chosen.items()}, struck.answer)


def _spoil_pages(struck: Struck, details: Mapping[str, Any]) -> Answer:
    how = read_choice(details, "how", HOW, "")
    operation = _read_operation(struck.request)
    given = struck.carry_out()
    return given if operation is None else spoil_pages(given, operation, how)


def _lag(struck: Struck, details: Mapping[str, Any]) -> Answer:
    """Reads are answered by a server that is behind, syncs tell of no change; all else is carried out."""
    seconds = read_integer(details, "seconds", 60, least=0, most=86400)
    operation = _read_operation(struck.request)
    if operation is not None and get_local_name(operation) in READS:
        return struck.answer_as_of(struck.request, struck.now - timedelta(seconds=seconds))
    given = struck.carry_out()
    return given if operation is None else hold_back(given, operation)


def _limit_connections(struck: Struck, details: Mapping[str, Any]) -> Answer:
    """Too many requests of this user at once: another limit than a spent budget, and it says no time to wait."""
    if read_choice(details, "form", ("fault", "items"), "fault") == "items":
        return _refuse_all(struck, Failed("ErrorExceededConnectionCount"))
    return Answer(500, write_fault(Fault("ErrorExceededConnectionCount")), XML)


def _refuse_all(struck: Struck, failed: Failed) -> Answer:
    """The error for each input, nothing being carried out; a fault where the request can't be read."""
    operation = _read_operation(struck.request)
    if operation is None or get_local_name(operation) not in OPERATIONS:
        return Answer(500, write_fault(Fault(failed.code, failed.text)), XML)
    chosen = dict.fromkeys(range(len(list_inputs(operation))), failed)
    return refuse_inputs(struck.request, chosen, struck.answer)


def _read_operation(request: Request) -> Element | None:
    try:
        return read_envelope(request.body).operation
    except Fault:
        return None


def _read_code(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise Refused("code: give one of Exchange's response codes, such as ErrorQuotaExceeded")
    return code


def _write_page(status: int, headers: Mapping[str, str]) -> Answer:
    """The page of the web server in front of Exchange (http.sys); no SOAP."""
    reason = {429: "Too Many Requests", 503: "Service Unavailable"}.get(status, "Error")
    body = f"<BODY><h2>{reason}</h2><hr><p>HTTP Error {status}.</p></BODY>"
    page = f"<HTML><HEAD><TITLE>{reason}</TITLE></HEAD>{body}</HTML>"
    return Answer(status, page.encode(), {**_HTML, **headers})


_NONE: Final = frozenset[str]()
_Strike = Callable[[Struck, Mapping[str, Any]], Answer]
_THROTTLE: Final = frozenset({"milliseconds", "form", "status", "retry_after", "retry_after_as", "carry_out"})
KINDS: Final[Mapping[str, tuple[frozenset[str], _Strike]]] = {
    "throttle": (_THROTTLE, _throttle),
    "refuse": (frozenset({"code", "message", "form", "carry_out"}), _refuse),
    "access_denied": (_NONE, partial(_refuse_with, "ErrorAccessDenied")),
    "remove_scope": (_NONE, partial(_refuse_with, "ErrorAccessDenied")),
    "invalid_sync_state": (_NONE, partial(_refuse_with, "ErrorInvalidSyncStateData")),
    "expire_token": (_NONE, _end_session),
    "revoke_token": (_NONE, _end_session),
    "change_password": (_NONE, _end_session),
    "expire_cursor": (_NONE, _expire_cursor),
    "reject": (frozenset({"code", "items", "message"}), _reject),
    "paging": (frozenset({"how"}), _spoil_pages),
    "lag": (frozenset({"seconds"}), _lag),
    "concurrency": (frozenset({"form"}), _limit_connections),
}
LOG_INS_END: Final = frozenset({"expire_token", "revoke_token", "change_password"})

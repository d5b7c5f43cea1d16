"""What an answer of Google that is no success means: google.rpc.Status, as one of our errors."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from mailsync.errors import (
    AnswerBroken,
    CursorInvalid,
    LoginRefused,
    PermissionMissing,
    Throttled,
    Unreachable,
    VendorError,
)
from mailsync.line import Reply, read_wait
from mailsync.mailbox.google.login import VENDOR
from mailsync.mailbox.google.told import Json, as_table, as_tables

# ErrorInfo's reasons and the older errors[].reason, both found on the wire (vendors/mailbox.md D2).
_EXPIRED = frozenset({"EXPIRED_SYNC_TOKEN"})
_QUOTA = frozenset({"RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"})
_NOT_GRANTED = frozenset({"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"})


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as Google tells it. `code` is google.rpc.Code's name, `reasons` are machine-readable, `violations` the
    paths of fields at fault.
    """

    status: int
    code: str = ""
    message: str = ""
    reasons: frozenset[str] = frozenset()
    violations: tuple[str, ...] = ()

    @property
    def told(self) -> bool:
        """Whether Google itself said it: a redirect, or the page of something in between, is none of its errors."""
        return bool(self.code or self.reasons or self.message)

    @property
    def name(self) -> str:
        """The vendor's own code, for issues."""
        return next(iter(sorted(self.reasons)), self.code) or str(self.status)


class Rejected(VendorError):
    """The request was understood and refused as a whole; nothing of it was carried out."""

    def __init__(self, fault: Fault) -> None:
        text = f"Google refused a request: {fault.message or fault.name}"
        super().__init__(VENDOR, text, code=fault.name)
        self.fault = fault


class Full(VendorError):
    """The account holds as many contacts as Google allows; nothing was created."""

    def __init__(self) -> None:
        remedy = "delete contacts that are no longer needed (contacts.google.com), then run: mailsync retry USER"
        text = "the Google account is full: it can hold no more contacts (25,000)"
        super().__init__(VENDOR, text, code="MY_CONTACTS_OVERFLOW_COUNT", remedy=remedy)


def read_fault(reply: Reply) -> Fault:
    """The error of an answer; whatever is not said stays empty."""
    error = as_table(as_table(_parse(reply.body)).get("error"))
    details = as_tables(error.get("details"))
    older = as_tables(error.get("errors"))
    reasons = {str(d["reason"]) for d in (*details, *older) if d.get("reason")}
    paths = [str(v.get("field", "")) for d in details for v in as_tables(d.get("fieldViolations"))]
    code, message = str(error.get("status", "")), str(error.get("message", ""))
    return Fault(reply.status, code, message, frozenset(reasons), tuple(filter(None, paths)))


def read_status(status: Json) -> Fault:
    """The fault of one part of a batch: google.rpc.Status with its code as a number."""
    number = int(status.get("code", 0) or 0)
    name = _CODES.get(number, str(number))
    details = as_tables(status.get("details"))
    reasons = frozenset(str(d["reason"]) for d in details if d.get("reason"))
    paths = [str(v.get("field", "")) for d in details for v in as_tables(d.get("fieldViolations"))]
    return Fault(_HTTP.get(name, 400), name, str(status.get("message", "")), reasons, tuple(filter(None, paths)))


_CODES = {
    2: "UNKNOWN",
    3: "INVALID_ARGUMENT",
    4: "DEADLINE_EXCEEDED",
    5: "NOT_FOUND",
    7: "PERMISSION_DENIED",
    8: "RESOURCE_EXHAUSTED",
    9: "FAILED_PRECONDITION",
    10: "ABORTED",
    13: "INTERNAL",
    14: "UNAVAILABLE",
}
_HTTP = {
    "NOT_FOUND": 404,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "UNKNOWN": 500,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""As google.rpc.Code maps them (google/rpc/code.proto); all others are the request's own fault."""


def _parse(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None


def as_error(fault: Fault, headers: Mapping[str, str]) -> VendorError:
    """The error that a refused request is; Rejected where only the request itself is at fault, AnswerBroken where it
    was not Google that refused. ABORTED: another change of the same person's contacts was at work (vendors/mailbox.md
    D1), nothing was done.
    """
    if fault.status == 401:
        remedy = "give a token that is valid, with access to Google Contacts"
        return LoginRefused(VENDOR, "Google refused the log-in", code=fault.name, remedy=remedy)
    if fault.reasons & _EXPIRED or fault.status == 410:
        return CursorInvalid(VENDOR, "Google no longer knows how far it was read", code="EXPIRED_SYNC_TOKEN")
    if fault.status == 429 or (fault.status == 403 and fault.reasons & _QUOTA):
        return Throttled(VENDOR, "Google asks to wait", code=fault.name, after=read_wait(headers))
    if fault.code == "ABORTED":
        return Throttled(VENDOR, "Google is at work on another change of these contacts", code=fault.name)
    if fault.status == 403:
        return _denied(fault)
    if fault.status >= 500:
        return _failed(fault, headers)
    if not fault.told:
        text = f"something in between answered with {fault.status} in Google's place"
        return AnswerBroken(VENDOR, text, code=fault.name)
    return Full() if "MY_CONTACTS_OVERFLOW_COUNT" in fault.message else Rejected(fault)


def _denied(fault: Fault) -> VendorError:
    remedy = "ask the administrator to allow the People API for this account and program"
    if fault.reasons & _NOT_GRANTED:
        remedy = "log in again and grant access to Google Contacts (scope https://www.googleapis.com/auth/contacts)"
    return PermissionMissing(VENDOR, "Google denies access to the contacts", code=fault.name, remedy=remedy)


def _failed(fault: Fault, headers: Mapping[str, str]) -> VendorError:
    wait = read_wait(headers)
    if wait is not None:
        return Throttled(VENDOR, "Google is not available and asks to wait", code=str(fault.status), after=wait)
    return Unreachable(VENDOR, "Google is not available at the moment", code=str(fault.status))

"""The vendor's own faults: refused on purpose, throttled, a session that expired, rows that are locked."""

from collections.abc import Mapping
from typing import Any

from mailsync.sandbox.salesforce.gateway import answer_request, invalid_session, refuse, show, usage_header
from mailsync.sandbox.salesforce.org import Org
from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.rest import Reply
from mailsync.sandbox.salesforce.soap import SoapFault, show_fault
from mailsync.sandbox.vendor import Answer, Request

_THROTTLES = {
    "SERVER_UNAVAILABLE": (503, "Server Unavailable"),
    "REQUEST_LIMIT_EXCEEDED": (403, "TotalRequests Limit exceeded."),
}


def answer_fault(org: Org, kind: str, request: Request, details: Mapping[str, Any]) -> Answer | None:
    """The answer for a fault of this vendor, None for a kind it doesn't have.

    `refuse` and `throttle` take code, message and status; a composite is refused as a whole. `lock` carries the
    request out as far as rows need not be written.
    """
    match kind:
        case "refuse":
            default = (500, "An unexpected error occurred. Please include this ErrorId if you contact support")
            return _refuse(org, request, _read(details, "UNKNOWN_EXCEPTION", default))
        case "throttle":
            code = str(details.get("code", "SERVER_UNAVAILABLE"))
            return _refuse(org, request, _read(details, code, _THROTTLES.get(code, (503, "Server Unavailable"))))
        case "expire_token":
            return _refuse(org, request, invalid_session())
        case "lock":
            return _answer_locked(org, request)
        case _:
            return None


def _read(details: Mapping[str, Any], code: str, default: tuple[int, str]) -> ApiError:
    status, message = default
    given: object = details.get("status", status)
    return ApiError(
        str(details.get("code", code)),
        str(details.get("message", message)),
        status=given if isinstance(given, int) else status,
    )


def _refuse(org: Org, request: Request, error: ApiError) -> Answer:
    if request.path.startswith("/services/Soap"):
        return show_fault(SoapFault(error.code, error.message))
    if request.path.startswith("/services/oauth2"):
        if error.code == "INVALID_SESSION_ID":  # a token endpoint has no session: what expires is the refresh token
            error = ApiError("invalid_grant", "expired access/refresh token")
        return show(Reply(error.status, {"error": error.code, "error_description": error.message}))
    return refuse(error, {} if error.status == 401 else usage_header(org))


def _answer_locked(org: Org, request: Request) -> Answer:
    org.locked = True
    try:
        return answer_request(org, request)
    finally:
        org.locked = False

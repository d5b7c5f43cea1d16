"""Graph's refusals: an HTTP status with `{"error": {"code", "message", "innerError"}}`, and the usual texts."""

from collections.abc import Mapping
from typing import Any, Final

TEXTS: Final = {
    "ErrorAccessDenied": "Access is denied. Check credentials and try again.",
    "ErrorFolderExists": "A folder with the specified name already exists.",
    "ErrorFolderNotFound": "The specified folder could not be found in the store.",
    "ErrorInternalServerError": "An internal server error occurred. The operation failed.",
    "ErrorInvalidIdMalformed": "Id is malformed.",
    "ErrorInvalidRequest": "The OData request is not supported.",
    "ErrorInvalidUrlQueryFilter": "The query filter contains one or more invalid nodes.",
    "ErrorIrresolvableConflict": (
        "The send or update operation could not be performed because the change key passed in the request does not "
        "match the current change key for the item."
    ),
    "ErrorItemNotFound": "The specified object was not found in the store.",
    "ErrorQuotaExceeded": "The mailbox has exceeded its storage quota.",
    "InvalidAuthenticationToken": "Access token is empty.",
    "MailboxNotEnabledForRESTAPI": "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
    "SyncStateNotFound": "The sync state generation is not found; generation=149;[highest=157][157][155][156].",
    "TooManyRequests": "Too many requests.",
    "generalException": "General exception while processing.",
    "serviceNotAvailable": "The service is temporarily unavailable. Please try again later.",
}
STATUSES: Final = {
    "ErrorAccessDenied": 403,
    "ErrorFolderExists": 409,
    "ErrorFolderNotFound": 404,
    "ErrorInternalServerError": 500,
    "ErrorInvalidUser": 404,
    "ErrorIrresolvableConflict": 412,
    "ErrorItemNotFound": 404,
    "ErrorQuotaExceeded": 507,
    "ApplicationThrottled": 429,
    "InvalidAuthenticationToken": 401,
    "MailboxNotEnabledForRESTAPI": 404,
    "SyncStateNotFound": 410,
    "TooManyRequests": 429,
    "serviceNotAvailable": 503,
    "generalException": 500,
}


class Failed(Exception):
    """A refused request; the status and the text are the code's own unless given."""

    def __init__(self, code: str, text: str = "", status: int = 0, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.text = text or TEXTS.get(code, code)
        self.status = status or STATUSES.get(code, 400)
        self.headers = dict(headers or {})


def make_error(code: str, text: str, stamp: str, request_id: str, client_request_id: str) -> dict[str, Any]:
    """The body of an error; `stamp` is the time without a zone, as Graph writes it here."""
    inner = {"date": stamp, "request-id": request_id, "client-request-id": client_request_id}
    return {"error": {"code": code, "message": text, "innerError": inner}}

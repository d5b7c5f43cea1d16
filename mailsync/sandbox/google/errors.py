"""Google's refusals: one exception, and the JSON in which every Google API tells of it (google.rpc.Status)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

JSON: Final = {
    "content-type": "application/json; charset=UTF-8",
    "vary": "Origin, X-Origin, Referer",
    "cache-control": "private",
}
SERVICE: Final = "people.googleapis.com"
# Status names by google.rpc.Code, with the HTTP status and the reason in the older list of errors.
STATUSES: Final[Mapping[str, tuple[int, int, str]]] = {
    "INVALID_ARGUMENT": (3, 400, "badRequest"),
    "NOT_FOUND": (5, 404, "notFound"),
    "ALREADY_EXISTS": (6, 409, "alreadyExists"),
    "PERMISSION_DENIED": (7, 403, "forbidden"),
    "RESOURCE_EXHAUSTED": (8, 429, "rateLimitExceeded"),
    "FAILED_PRECONDITION": (9, 400, "failedPrecondition"),
    "ABORTED": (10, 409, "aborted"),
    "UNIMPLEMENTED": (12, 501, "notImplemented"),
    "INTERNAL": (13, 500, "backendError"),
    "UNAVAILABLE": (14, 503, "backendError"),
    "UNAUTHENTICATED": (16, 401, "authError"),
}
NOT_FOUND: Final = "Requested entity was not found."
_CREDENTIALS: Final = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
    "See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


@dataclass(frozen=True, slots=True)
class ApiError(Exception):
    """A refusal of the whole request. `http` is the HTTP status where it is another than the status name's."""

    status: str
    message: str
    details: Sequence[Mapping[str, Any]] = ()
    http: int | None = None
    reason: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def code(self) -> int:
        """The HTTP status."""
        return STATUSES[self.status][1] if self.http is None else self.http


def show_error(error: ApiError, *, listed: bool = True) -> dict[str, Any]:
    """The body of a refusal; `listed`: with the list of errors of older APIs ($.xgafv=2 leaves it out)."""
    reason = error.reason or STATUSES[error.status][2]
    shown: dict[str, Any] = {"code": error.code, "message": error.message}
    if listed:
        shown["errors"] = [{"message": error.message, "domain": "global", "reason": reason}]
    shown["status"] = error.status
    if error.details:
        shown["details"] = list(error.details)
    return {"error": shown}


def show_status(error: ApiError) -> dict[str, Any]:
    """The refusal of one item of a batch (google.rpc.Status)."""
    return {"code": STATUSES[error.status][0], "message": error.message}


def make_info(reason: str, domain: str = SERVICE, **metadata: str) -> dict[str, Any]:
    """A google.rpc.ErrorInfo, the detail by which programs are to decide."""
    info: dict[str, Any] = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": domain}
    return {**info, "metadata": metadata} if metadata else info


def invalid(message: str, field_name: str = "") -> ApiError:
    """INVALID_ARGUMENT, with the field where there is one to name."""
    if not field_name:
        return ApiError("INVALID_ARGUMENT", message)
    return bad_request(((field_name, message),))


def bad_request(violations: Sequence[tuple[str, str]]) -> ApiError:
    """INVALID_ARGUMENT for fields of the request, each with its description; the message has them line by line."""
    listed = [{"field": name, "description": text} if name else {"description": text} for name, text in violations]
    details = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": listed}
    return ApiError("INVALID_ARGUMENT", "\n".join(text for _, text in violations), (details,))


def not_found() -> ApiError:
    return ApiError("NOT_FOUND", NOT_FOUND)


def missing_credentials() -> ApiError:
    """401 for a request without a token."""
    text = f"Request is missing required authentication credential. {_CREDENTIALS}"
    details = (make_info("CREDENTIALS_MISSING", "googleapis.com", service=SERVICE),)
    headers = {"www-authenticate": 'Bearer realm="https://accounts.google.com/"'}
    return ApiError("UNAUTHENTICATED", text, details, reason="required", headers=headers)


def invalid_credentials() -> ApiError:
    """401 for a token that is unknown, expired or revoked."""
    text = f"Request had invalid authentication credentials. {_CREDENTIALS}"
    details = (make_info("ACCESS_TOKEN_EXPIRED", "googleapis.com", service=SERVICE),)
    headers = {"www-authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'}
    return ApiError("UNAUTHENTICATED", text, details, headers=headers)


def missing_scope(method: str, scopes: Sequence[str] = ()) -> ApiError:
    """403 for a token whose scopes don't allow the method."""
    wanted = " ".join(scopes)
    details = (make_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "googleapis.com", service=SERVICE, method=method),)
    challenge = f'Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="{wanted}"'
    return ApiError(
        "PERMISSION_DENIED",
        "Request had insufficient authentication scopes.",
        details,
        reason="insufficientPermissions",
        headers={"www-authenticate": challenge},
    )


def stale_etag(what: str) -> ApiError:
    """400 failedPrecondition for an etag that is not the present one (googleapis/google-api-go-client #1904)."""
    subject = "person" if what.startswith("person") else "contact group"
    text = f"Request {what} is different than the current {what}. Clear local cache and get the latest {subject}."
    return ApiError("FAILED_PRECONDITION", text)


def expired_sync_token(http: int) -> ApiError:
    """A sync token that is older than seven days; 400 now, 410 in the days of older clients."""
    text = "Sync token is expired. Clear local cache and retry call without the sync token."
    details = (make_info("EXPIRED_SYNC_TOKEN"),)
    reason = "updatedMinTooLongAgo" if http == 410 else None
    return ApiError("FAILED_PRECONDITION", text, details, http=http, reason=reason)

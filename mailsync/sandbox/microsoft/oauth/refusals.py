"""Refusals of the sign-in: OAuth's code, and AADSTS's number and text (GRD, entra reference-error-codes)."""

from datetime import datetime
from typing import Any, Final
from uuid import uuid4

_NUMBERS: Final[dict[int, tuple[str, str]]] = {
    50011: (
        "invalid_request",
        "The redirect URI '{0}' specified in the request does not match the redirect URIs "
        "configured for the application '{1}'.",
    ),
    50126: ("invalid_grant", "Error validating credentials due to invalid username or password."),
    50173: (
        "invalid_grant",
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. "
        "The user might have changed or reset their password.",
    ),
    54005: (
        "invalid_grant",
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or "
        "use an existing refresh token.",
    ),
    65001: (
        "invalid_grant",
        "The user or administrator has not consented to use the application with ID '{0}'. Send "
        "an interactive authorization request for this user and resource.",
    ),
    65004: ("access_denied", "User declined to consent to access the app."),
    70000: ("invalid_grant", "The provided value for the input parameter '{0}' is not valid."),
    70003: ("unsupported_grant_type", "The app requested an unsupported grant type '{0}'."),
    70008: (
        "invalid_grant",
        "The provided authorization code or refresh token has expired due to inactivity. Send a "
        "new interactive authorization request for this user and resource.",
    ),
    70011: (
        "invalid_scope",
        "The provided value for the input parameter 'scope' is not valid. The scope {0} is not valid.",
    ),
    70016: ("authorization_pending", "OAuth 2.0 device flow error. Authorization is pending. Continue polling."),
    70019: ("expired_token", "Verification code expired. Have the user retry the sign-in."),
    90002: (
        "invalid_request",
        "Tenant '{0}' not found. Check to make sure you have the correct tenant ID and are "
        "signing into the correct cloud.",
    ),
    90014: ("invalid_request", "The required field '{0}' is missing from the credential."),
    501481: (
        "invalid_grant",
        "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
    ),
    700016: ("unauthorized_client", "Application with identifier '{0}' was not found in the directory 'Acme'."),
    700027: (
        "invalid_client",
        "The certificate with identifier used to sign the client assertion is not registered on "
        "application, or the assertion is not valid: {0}",
    ),
    700054: ("unsupported_response_type", "response_type '{0}' is not enabled for the application."),
    900144: ("invalid_request", "The request body must contain the following parameter: '{0}'."),
    1002012: (
        "invalid_scope",
        "The provided value for scope {0} is not valid. Client credential flows must have a "
        "scope value with /.default suffixed to the resource identifier (application ID URI).",
    ),
    7000215: (
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the "
        "client secret value, not the client secret ID, for a secret added to app '{0}'.",
    ),
    7000218: (
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
}


class Refusal(Exception):
    """A refused sign-in, by AADSTS's number; `words` fill its text."""

    def __init__(self, number: int, *words: str) -> None:
        super().__init__(number)
        self.number = number
        self.code, text = _NUMBERS[number]
        self.text = f"AADSTS{number}: {text.format(*words)}"


def make_body(refusal: Refusal, now: datetime, origin: str) -> dict[str, Any]:
    """The body of a refusal."""
    trace, correlation, stamp = str(uuid4()), str(uuid4()), f"{now:%Y-%m-%d %H:%M:%SZ}"
    shown: dict[str, Any] = {
        "error": refusal.code,
        "error_description": f"{refusal.text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}",
        "error_codes": [refusal.number],
        "timestamp": stamp,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"{origin}/error?code={refusal.number}",
    }
    if refusal.number == 65001:
        shown["suberror"] = "consent_required"
    return shown

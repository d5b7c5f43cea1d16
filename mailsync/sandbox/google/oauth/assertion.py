"""A service account's assertion: a JWT, RS256, with `sub` in the name of a user of the domain.

Google's guide "Using OAuth 2.0 for server to server applications"; the descriptions are those of its error table.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from mailsync.sandbox.google.grants import ServiceAccount
from mailsync.sandbox.google.oauth.forms import Form, OAuthError, read_scopes, show_object
from mailsync.sandbox.google.oauth.sessions import open_access
from mailsync.sandbox.vendor import Answer

AUDIENCE: Final = "https://oauth2.googleapis.com/token"
_AUDIENCES: Final = (
    AUDIENCE,
    "https://accounts.google.com/o/oauth2/token",
    "https://www.googleapis.com/oauth2/v4/token",
)
_LONGEST: Final = 3600  # seconds that an assertion may hold
_SKEW: Final = 300
_TIMES: Final = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)
_UNAUTHORIZED: Final = (
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the "
    "scopes requested."
)


def bear(form: Form) -> Answer:
    """An access token in the name of the assertion's `sub`. Raises OAuthError."""
    assertion = form.need("assertion")
    header, claims = _read_parts(assertion)
    account = form.service.grants.services.get(str(claims.get("iss", "")))
    if account is None:
        raise OAuthError("invalid_grant", "Invalid grant: account not found")
    _check_signature(assertion, header, account)
    if claims.get("aud") not in (*_AUDIENCES, f"{form.origin}{form.request.path}"):
        raise OAuthError("invalid_grant", f"Invalid JWT: Failed audience check. The right audience is {AUDIENCE}")
    _check_times(claims, form.now)
    if not claims.get("scope"):
        raise OAuthError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    scopes = read_scopes(str(claims["scope"]))
    subject = str(claims.get("sub") or claims.get("prn") or "")
    if not subject or subject == account.email:  # the account itself has no mailbox here
        raise OAuthError("unauthorized_client", _UNAUTHORIZED, 401)
    box = next((each for each in form.service.boxes.values() if each.address.lower() == subject.lower()), None)
    if box is None:
        raise OAuthError("invalid_grant", "Invalid email or User ID")
    if not set(scopes) <= set(account.delegated):
        raise OAuthError("unauthorized_client", _UNAUTHORIZED, 401)
    return show_object(open_access(form.service, box.user, account.client_id, scopes))


def load_key(pem: str) -> RSAPublicKey:
    """The RSA public key of a PEM. Raises ValueError."""
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey):
        raise ValueError("the key of a service account is an RSA key")
    return key


def _read_parts(assertion: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    try:
        head, body, _ = assertion.split(".")
        header: Any = orjson.loads(_decode(head))
        claims: Any = orjson.loads(_decode(body))
    except ValueError:
        header = claims = None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise OAuthError("invalid_grant", "Invalid JWT: Failed to parse the assertion.")
    return header, claims  # pyright: ignore[reportUnknownVariableType] - any JSON


def _check_signature(assertion: str, header: Mapping[str, Any], account: ServiceAccount) -> None:
    signed, _, signature = assertion.rpartition(".")
    named = account.keys.get(str(header.get("kid", "")))
    keys = [named] if named else list(account.keys.values()) if "kid" not in header else []
    if header.get("alg") == "RS256":
        for pem in keys:
            try:
                load_key(pem).verify(_decode(signature), signed.encode(), PKCS1v15(), SHA256())
            except (InvalidSignature, ValueError):
                continue
            return
    raise OAuthError("invalid_grant", "Invalid JWT Signature.")


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    issued, ends = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int | float) or not isinstance(ends, int | float):
        raise OAuthError("invalid_grant", _TIMES)
    present = now.timestamp()
    if not (issued <= present + _SKEW and present - _SKEW < ends <= issued + _LONGEST + 1):
        raise OAuthError("invalid_grant", _TIMES)


def _decode(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("no base64url") from error

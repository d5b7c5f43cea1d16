"""JWT bearer assertions (RFC 7523), RS256 alone: whom an application says it speaks for, checked to the letter."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, cast

import orjson
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from mailsync.sandbox.salesforce.oauth.exchange import OAuthError

AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com", "https://acme.my.salesforce.com")
_LONGEST = timedelta(minutes=5)  # HELP:remoteaccess_oauth_jwt_flow: exp lies within 5 minutes


def load_key(pem: str) -> RSAPublicKey:
    """The RSA key in the PEM of a certificate or of a public key. Raises ValueError for anything else."""
    content = pem.encode()
    certified = b"CERTIFICATE" in content
    key = x509.load_pem_x509_certificate(content).public_key() if certified else load_pem_public_key(content)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("no RSA key")
    return key


def read_claims(assertion: str) -> Mapping[str, Any]:
    """The claims, still unchecked. Raises OAuthError for what is no RS256 assertion."""
    header, claims, _ = _split(assertion)
    if _read_object(header).get("alg") != "RS256":
        raise _invalid()
    return _read_object(claims)


def check_assertion(assertion: str, pem: str | None, now: datetime, origin: str) -> None:
    """Raises OAuthError unless the key signed it, for one of our addresses, and it holds at `now` (UTC)."""
    header, claims, signature = _split(assertion)
    if pem is None:
        raise _invalid()
    try:
        load_key(pem).verify(_decode(signature), f"{header}.{claims}".encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        raise _invalid() from None
    given = _read_object(claims)
    audience: object = given.get("aud")
    named = cast(list[object], audience) if isinstance(audience, list) else [audience]
    if not any(isinstance(name, str) and name.removesuffix("/") in (*AUDIENCES, origin) for name in named):
        raise OAuthError("invalid_grant", "audience is invalid")
    expires = _seconds(given.get("exp"))
    if expires is None or expires > (now + _LONGEST).timestamp():
        raise _invalid()
    if expires <= now.timestamp():
        raise OAuthError("invalid_grant", "expired authorization code")


def _split(assertion: str) -> tuple[str, str, str]:
    parts = assertion.split(".")
    if len(parts) != 3:
        raise _invalid()
    return parts[0], parts[1], parts[2]


def _read_object(part: str) -> dict[str, Any]:
    try:
        value: object = orjson.loads(_decode(part))
    except (orjson.JSONDecodeError, binascii.Error, ValueError):
        raise _invalid() from None
    if not isinstance(value, dict):
        raise _invalid()
    return cast(dict[str, Any], value)


def _decode(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _seconds(value: object) -> float | None:
    """A numeric date; simple-salesforce sends it as text and the vendor takes that (§7)."""
    try:
        found = float(cast(Any, value))
    except (TypeError, ValueError, OverflowError):
        return None
    return found if isfinite(found) and not isinstance(value, bool) else None


def _invalid() -> OAuthError:
    return OAuthError("invalid_grant", "invalid assertion")

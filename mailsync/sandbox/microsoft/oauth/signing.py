"""JSON web tokens: those the tenant signs (RS256, its key published), and assertions that applications sign."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final, cast

import orjson
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from mailsync.sandbox.microsoft.oauth.refusals import Refusal

KEY_ID: Final = "sandbox-key-1"
_LONGEST: Final = 600  # seconds that an assertion may live; Entra advises five to ten minutes


@cache
def _get_key() -> RSAPrivateKey:
    """The tenant's key: one per process, as nobody keeps its public half longer than a log-in."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def sign_token(claims: Mapping[str, Any]) -> str:
    """A token of those claims."""
    header = _encode(orjson.dumps({"typ": "JWT", "alg": "RS256", "kid": KEY_ID}))
    content = f"{header}.{_encode(orjson.dumps(claims))}"
    return f"{content}.{_encode(_get_key().sign(content.encode(), PKCS1v15(), SHA256()))}"


def list_keys() -> dict[str, Any]:
    """The tenant's public keys as a JSON web key set."""
    numbers = _get_key().public_key().public_numbers()
    modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
    key = {"kty": "RSA", "use": "sig", "kid": KEY_ID, "alg": "RS256", "n": _encode(modulus), "e": "AQAB"}
    return {"keys": [key]}


def check_assertion(assertion: str, certificate: str, client_id: str, audience: str, now: datetime) -> None:
    """Raises Refusal unless that certificate's key signed it, for this token endpoint, and it holds now."""
    parts = assertion.split(".")
    if len(parts) != 3 or not certificate:
        raise Refusal(700027, "no assertion, or no certificate registered")
    header, claims = _read(parts[0]), _read(parts[1])
    _verify(parts, str(header.get("alg")), certificate)
    subject = (claims.get("iss"), claims.get("sub"))
    named = str(claims.get("aud")).rstrip("/")
    if subject != (client_id, client_id) or not named.endswith(audience):
        raise Refusal(700027, "issuer, subject or audience")
    expires = claims.get("exp")
    seconds = now.timestamp()
    if not isinstance(expires, int | float) or not seconds < expires <= seconds + _LONGEST + 300:
        raise Refusal(700027, "it has expired, or lives too long")


def _verify(parts: list[str], algorithm: str, certificate: str) -> None:
    key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    paddings = {"RS256": PKCS1v15(), "PS256": PSS(MGF1(SHA256()), PSS.DIGEST_LENGTH)}
    if not isinstance(key, RSAPublicKey) or algorithm not in paddings:
        raise Refusal(700027, f"algorithm {algorithm}")
    try:
        key.verify(_decode(parts[2]), f"{parts[0]}.{parts[1]}".encode(), paddings[algorithm], SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        raise Refusal(700027, "signature") from None


def _read(part: str) -> dict[str, Any]:
    try:
        value: object = orjson.loads(_decode(part))
    except (orjson.JSONDecodeError, binascii.Error, ValueError):
        raise Refusal(700027, "it is no JSON web token") from None
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

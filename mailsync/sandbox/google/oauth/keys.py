"""Acts of an administrator: keys of service accounts, and what those may do in the name of the domain's users."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from mailsync.sandbox.google.grants import SCOPES, ServiceAccount
from mailsync.sandbox.google.oauth.assertion import AUDIENCE
from mailsync.sandbox.google.service import Service
from mailsync.sandbox.google.worldvalues import need_text, need_texts
from mailsync.sandbox.vendor import Refused

SERVICE_ACCOUNT: Final = "mailsync@sandbox-project.iam.gserviceaccount.com"


def issue_key(service: Service, details: Mapping[str, Any]) -> dict[str, Any]:
    """service_account_key {account, url}: a new key, as the JSON file that Google's console gives once.

    With `url`, the sandbox's address, token_uri leads there instead of to Google.
    """
    account = _find(service, details)
    url = need_text(details.get("url", AUDIENCE.removesuffix("/token")), "url")
    key = generate_private_key(public_exponent=65537, key_size=2048)
    identifier = secrets.token_hex(20)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    account.keys[identifier] = public.decode()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {
        "type": "service_account",
        "project_id": "sandbox-project",
        "private_key_id": identifier,
        "private_key": private.decode(),
        "client_email": account.email,
        "client_id": account.client_id,
        "auth_uri": f"{url}/o/oauth2/auth",
        "token_uri": f"{url}/token",
        "universe_domain": "googleapis.com",
    }


def delegate(service: Service, details: Mapping[str, Any]) -> dict[str, Any]:
    """delegate {account, scopes}: domain-wide delegation, as the Workspace admin console sets it."""
    account = _find(service, details)
    scopes = need_texts(details.get("scopes"), "scopes")
    wrong = [scope for scope in scopes if scope not in SCOPES]
    if wrong:
        raise Refused(f"scopes: {wrong[0]} is none that the sandbox gives; give some of {', '.join(SCOPES)}")
    account.delegated = scopes
    return {"account": account.email, "scopes": list(scopes)}


def _find(service: Service, details: Mapping[str, Any]) -> ServiceAccount:
    email = need_text(details.get("account", SERVICE_ACCOUNT), "account")
    account = service.grants.services.get(email)
    if account is None:
        known = ", ".join(service.grants.services) or "none"
        raise Refused(f"account: there is no service account {email}; there is {known}")
    return account

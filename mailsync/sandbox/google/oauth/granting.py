"""POST /token: authorization_code, refresh_token, device_code and jwt-bearer."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from mailsync.sandbox.google.grants import Code
from mailsync.sandbox.google.oauth.assertion import bear
from mailsync.sandbox.google.oauth.forms import Form, OAuthError, authenticate, read_scopes, show_object
from mailsync.sandbox.google.oauth.sessions import end_grant, find_grant, open_access, open_grant
from mailsync.sandbox.vendor import Answer

INTERVAL: Final = 5  # seconds between two polls of a device
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636 4.1


def give_token(form: Form) -> Answer:
    """Carries out the grant that the form asks for. Raises OAuthError."""
    if form.request.method.upper() != "POST":
        raise OAuthError("invalid_request", "Bad Request", 405)
    grant = _GRANTS.get(form.need("grant_type"))
    if grant is None:
        raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type')}")
    return grant(form)


def _exchange_code(form: Form) -> Answer:
    application = authenticate(form)
    code = form.service.grants.codes.get(form.need("code"))
    if code is None or code.client_id != application.client_id or code.until <= form.now:
        raise OAuthError("invalid_grant", "Malformed auth code." if code is None else "Bad Request")
    if code.spent is not None:
        _end_spent(form, code.spent)
        raise OAuthError("invalid_grant", "Bad Request")
    if form.get("redirect_uri") != code.redirect_uri:
        raise OAuthError("redirect_uri_mismatch", "Bad Request")
    _check_verifier(code, form.get("code_verifier"))
    grant = open_grant(form.service, code.user, code.client_id, code.scopes) if code.offline else None
    answer = open_access(form.service, code.user, code.client_id, code.scopes, grant)
    code.spent = str(answer["access_token"])
    return show_object(answer if grant is None else {**answer, "refresh_token": grant.token})


def _end_spent(form: Form, token: str) -> None:
    """RFC 6749 4.1.2: whoever has a code twice is not to keep what the first time gave."""
    access = form.service.grants.access.pop(token, None)
    grant = None if access is None else form.service.grants.refresh.get(access.grant)
    if grant is not None:
        end_grant(form.service, grant)


def _check_verifier(code: Code, verifier: str) -> None:
    if not code.challenge:
        return
    if not verifier:
        raise OAuthError("invalid_grant", "Missing code verifier.")
    made = verifier
    if code.method == "S256":
        made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(made.encode(), code.challenge.encode()):
        raise OAuthError("invalid_grant", "Invalid code verifier.")


def _refresh(form: Form) -> Answer:
    """The refresh token stays as it is: Google doesn't rotate."""
    application = authenticate(form)
    grant = find_grant(form.service, form.need("refresh_token"), application.client_id)
    if grant is None:
        raise OAuthError("invalid_grant", "Token has been expired or revoked.")
    scopes = grant.scopes
    if form.get("scope"):
        scopes = read_scopes(form.get("scope"))
        if not set(scopes) <= set(grant.scopes):
            raise OAuthError("invalid_scope", "Bad Request")
    grant.used = form.now
    return show_object(open_access(form.service, grant.user, grant.client_id, scopes, grant))


def _poll(form: Form) -> Answer:
    """A device asks whether its code was typed in (OAuth 2.0 for TV and limited-input device applications)."""
    application = authenticate(form)
    device = form.service.grants.devices.get(form.need("device_code"))
    if device is None or device.client_id != application.client_id:
        raise OAuthError("invalid_grant", "Malformed auth code.")
    if device.until <= form.now:
        raise OAuthError("expired_token", "The device code has expired.")
    early = device.asked is not None and form.now < device.asked + timedelta(seconds=INTERVAL)
    device.asked = form.now
    if device.user is None:
        raise OAuthError("access_denied", "Forbidden", 403)
    if early:
        raise OAuthError("slow_down", "Forbidden", 403)
    if not device.user:
        raise OAuthError("authorization_pending", "Precondition Required", 428)
    del form.service.grants.devices[form.get("device_code")]
    grant = open_grant(form.service, device.user, application.client_id, device.scopes)
    answer = open_access(form.service, device.user, application.client_id, device.scopes, grant)
    return show_object({**answer, "refresh_token": grant.token})


_GRANTS: Final[Mapping[str, Callable[[Form], Answer]]] = {
    "authorization_code": _exchange_code,
    "refresh_token": _refresh,
    "urn:ietf:params:oauth:grant-type:device_code": _poll,
    "http://oauth.net/grant_type/device/1.0": _poll,
    "urn:ietf:params:oauth:grant-type:jwt-bearer": bear,
}

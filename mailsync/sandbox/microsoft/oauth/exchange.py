"""POST /{tenant}/oauth2/v2.0/token: codes, refresh tokens, device codes and an application's own credentials."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any, Final

from mailsync.sandbox.microsoft.oauth.asking import Asking, authenticate
from mailsync.sandbox.microsoft.oauth.granting import (
    RESOURCES,
    Grant,
    give_app_token,
    give_tokens,
    has_consented,
    read_scopes,
)
from mailsync.sandbox.microsoft.oauth.records import App, Refresh
from mailsync.sandbox.microsoft.oauth.refusals import Refusal

_DEVICE: Final = "urn:ietf:params:oauth:grant-type:device_code"


def exchange(asking: Asking) -> dict[str, Any]:
    """The tokens for what is given. Raises Refusal."""
    kind = asking.need("grant_type")
    redeem = _GRANTS.get(kind)
    if redeem is None:
        raise Refusal(70003, kind)
    return redeem(asking)


def _redeem_code(asking: Asking) -> dict[str, Any]:
    app, text = authenticate(asking), asking.need("code")
    if text in asking.registry.spent:
        raise Refusal(54005)
    code = asking.registry.codes.pop(text, None)
    if code is None or code.client_id != app.client_id or asking.form.get("redirect_uri") != code.redirect_uri:
        raise Refusal(70000, "code" if code is None else "redirect_uri")
    asking.registry.spent.add(text)
    if code.until <= asking.now:
        raise Refusal(70008)
    verifier = asking.form.get("code_verifier", "")
    if code.challenge and not hmac.compare_digest(_hash(verifier), code.challenge):
        raise Refusal(501481)
    return give_tokens(
        asking.registry, Grant(app, asking.people[code.user], code.scopes, code.nonce), asking.issuer, asking.now
    )


def _hash(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _refresh(asking: Asking) -> dict[str, Any]:
    """A new access token and a new refresh token; the old one stays good until it expires, as Entra's do."""
    app = authenticate(asking)
    held = _find_refresh(asking, app)
    scopes = held.scopes
    if asking.form.get("scope"):
        wanted = read_scopes(app, asking.form["scope"], asking.origin)
        if not has_consented(asking.registry, app, held.user, wanted):
            raise Refusal(65001, app.client_id)
        scopes = tuple(dict.fromkeys((*wanted, "offline_access")))
    grant = Grant(app, asking.people[held.user], scopes, root=held.root)
    return give_tokens(asking.registry, grant, asking.issuer, asking.now)


def _find_refresh(asking: Asking, app: App) -> Refresh:
    held = asking.registry.refreshes.get(asking.need("refresh_token"))
    if held is None or held.client_id != app.client_id:
        raise Refusal(70000, "refresh_token")
    if held.root in asking.registry.changed:
        raise Refusal(50173)
    if held.root in asking.registry.revoked or held.until <= asking.now:
        raise Refusal(70008 if held.until <= asking.now else 50173)
    if held.user not in asking.people:
        raise Refusal(70000, "refresh_token")
    return held


def _redeem_device(asking: Asking) -> dict[str, Any]:
    app = authenticate(asking)
    device = asking.registry.devices.get(asking.need("device_code"))
    if device is None or device.client_id != app.client_id:
        raise Refusal(70000, "device_code")
    if device.until <= asking.now:
        raise Refusal(70019)
    if device.denied:
        raise Refusal(65004)
    if not device.user:
        raise Refusal(70016)
    del asking.registry.devices[asking.need("device_code")]
    return give_tokens(
        asking.registry, Grant(app, asking.people[device.user], device.scopes), asking.issuer, asking.now
    )


def _give_own(asking: Asking) -> dict[str, Any]:
    app = authenticate(asking, needed=True)
    scope = asking.need("scope")
    if scope not in [f"{resource}.default" for resource in (*RESOURCES, f"{asking.origin}/")]:
        raise Refusal(1002012, scope)
    return give_app_token(asking.registry, app, asking.issuer, asking.now)


_GRANTS: Final[dict[str, Callable[[Asking], dict[str, Any]]]] = {
    "authorization_code": _redeem_code,
    "refresh_token": _refresh,
    _DEVICE: _redeem_device,
    "device_code": _redeem_device,
    "client_credentials": _give_own,
}

"""Acts of a person in their Google account: allowing an application without a browser, device codes, taking it back."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from mailsync.sandbox.google.grants import CONTACTS, EMAIL, SCOPES, Application
from mailsync.sandbox.google.oauth.authorization import allow, read_wish, send_back
from mailsync.sandbox.google.oauth.devices import find_device
from mailsync.sandbox.google.oauth.forms import OAuthError
from mailsync.sandbox.google.oauth.registry import INSTALLED
from mailsync.sandbox.google.oauth.sessions import end_approval, open_access, open_grant
from mailsync.sandbox.google.records import Mailbox
from mailsync.sandbox.google.service import Service
from mailsync.sandbox.google.worldvalues import need_text, need_texts
from mailsync.sandbox.vendor import Refused, Request

_USUAL: Final = [CONTACTS, EMAIL]


def consent(service: Service, box: Mailbox, details: Mapping[str, Any]) -> dict[str, Any]:
    """consent {url, deny}: what the authorization page of that address ends in, as `location`.

    Without url, consent {client_id, scopes} answers the tokens themselves.
    """
    if "url" in details:
        return _follow(service, box, need_text(details["url"], "url"), deny=details.get("deny", False) is True)
    application = _find(service, details)
    scopes = need_texts(details.get("scopes", _USUAL), "scopes")
    wrong = [scope for scope in scopes if scope not in SCOPES]
    if wrong:
        raise Refused(f"scopes: {wrong[0]} is none that the sandbox gives; give some of {', '.join(SCOPES)}")
    service.grants.approvals[box.user, application.client_id] = scopes
    grant = open_grant(service, box.user, application.client_id, scopes)
    tokens = open_access(service, box.user, application.client_id, scopes, grant)
    known = {"client_id": application.client_id, "client_secret": application.secret}
    return {**tokens, "refresh_token": grant.token, **known}


def enter_code(service: Service, box: Mailbox, details: Mapping[str, Any]) -> dict[str, Any]:
    """enter_code {user_code, allow}: the code of a device is typed in."""
    device = find_device(service, need_text(details.get("user_code"), "user_code"))
    if device is None:
        raise Refused("user_code: no device waits with this code")
    agreed = details.get("allow", True)
    if not isinstance(agreed, bool):
        raise Refused("allow: give true or false")
    device.user = box.user if agreed else None
    return {"scopes": list(device.scopes)}


def revoke_access(service: Service, box: Mailbox, details: Mapping[str, Any]) -> dict[str, Any]:
    """revoke_access {client_id}: the application is removed from the account; all its tokens end."""
    return {"refresh_tokens": end_approval(service, box.user, _find(service, details).client_id)}


def _follow(service: Service, box: Mailbox, url: str, *, deny: bool) -> dict[str, Any]:
    split = urlsplit(url)
    try:
        wish = read_wish(service, Request("GET", split.path, split.query, {}, b""))
    except OAuthError as error:
        raise Refused(f"url: Google shows an error page, {error.code}: {error.description}") from None
    answer = send_back(wish, {"error": "access_denied"}) if deny else allow(wish, box, asked=True)
    return {"location": answer.headers["location"]}


def _find(service: Service, details: Mapping[str, Any]) -> Application:
    client_id = need_text(details.get("client_id", INSTALLED), "client_id")
    application = service.grants.applications.get(client_id)
    if application is None:
        known = ", ".join(service.grants.applications) or "none"
        raise Refused(f"client_id: there is no application {client_id}; there is {known}")
    return application

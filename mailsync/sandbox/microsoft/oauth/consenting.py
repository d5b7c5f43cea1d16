"""What a person does in a browser: signs in and agrees, at `authorize` or with a device code. And the pages for it.

The acts `approve_sign_in` and `approve_device` do the same without a browser.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

from mailsync.sandbox.microsoft.directory import Person
from mailsync.sandbox.microsoft.oauth.asking import Asking, find_app, read_form, sign_in
from mailsync.sandbox.microsoft.oauth.granting import add_consent, read_scopes
from mailsync.sandbox.microsoft.oauth.records import App, Code, Device
from mailsync.sandbox.microsoft.oauth.refusals import Refusal, make_body
from mailsync.sandbox.vendor import Answer

_CODE_LIFE: Final = timedelta(minutes=10)
_DEVICE_LIFE: Final = timedelta(minutes=15)
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ23456789"  # pragma: allowlist secret
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_STYLE: Final = "body{font:16px/1.5 sans-serif;max-width:26rem;margin:3rem auto}input,button{display:block;width:100%}"
_HTML: Final = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What an application asks a person for, checked."""

    app: App
    redirect_uri: str
    state: str
    scopes: tuple[str, ...]
    challenge: str
    nonce: str
    fragment: bool


def authorize(asking: Asking) -> Answer:
    """GET: the page to sign in and agree on. POST: back to the application, with a code or with access_denied."""
    try:
        wish = _read_wish(asking)
    except Refusal as refusal:
        return _show_problem(refusal)
    try:
        wish = _check_wish(asking, wish)
        if asking.request.method.upper() != "POST":
            if asking.form.get("prompt") == "none":
                raise Refusal(65001, wish.app.client_id)
            return _show_page(asking, wish.app, wish.scopes)
        posted = read_form(asking.request)
        person = sign_in(asking, posted.get("login", ""), posted.get("passwd", ""))
        if posted.get("step") == "deny":
            raise Refusal(65004)
        return _send_back(wish, give_code(asking, wish, person))
    except Refusal as refusal:
        if refusal.number == 50126:
            return _show_page(asking, wish.app, wish.scopes, refusal.text)
        body = make_body(refusal, asking.now, asking.origin)
        return _send_back(wish, {name: str(body[name]) for name in ("error", "error_description")})


def approve(asking: Asking, person: Person, *, agree: bool) -> str:
    """Where a browser is sent after the page of an authorize address. Raises Refusal where that shows an error."""
    wish = _check_wish(asking, _read_wish(asking))
    values = (
        give_code(asking, wish, person) if agree else {"error": "access_denied", "error_description": "AADSTS65004"}
    )
    return _send_back(wish, values).headers["location"]


def give_code(asking: Asking, wish: Wish, person: Person) -> dict[str, str]:
    """The parameters of the way back, with a new code; the person's consent is kept."""
    add_consent(asking.registry, wish.app, person.name, wish.scopes)
    text = f"0.A{secrets.token_urlsafe(60)}"
    until = asking.now + _CODE_LIFE
    code = Code(wish.app.client_id, person.name, wish.scopes, wish.redirect_uri, wish.challenge, wish.nonce, until)
    asking.registry.codes[text] = code
    return {"code": text, "session_state": secrets.token_hex(16)}


def start_device(asking: Asking) -> dict[str, Any]:
    """POST devicecode: a code for the person and one for the application to poll with."""
    app = find_app(asking, asking.need("client_id"))
    scopes = read_scopes(app, asking.need("scope"), asking.origin)
    user_code = "".join(secrets.choice(_LETTERS) for _ in range(9))
    device_code = secrets.token_urlsafe(60)
    asking.registry.devices[device_code] = Device(app.client_id, user_code, scopes, asking.now + _DEVICE_LIFE)
    place = f"{asking.origin}/common/oauth2/deviceauth"
    return {
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": place,
        "expires_in": int(_DEVICE_LIFE.total_seconds()),
        "interval": 5,
        "message": f"To sign in, use a web browser to open the page {place} and enter the code {user_code} to "
        "authenticate.",
    }


def enter_device(asking: Asking) -> Answer:
    """The page where a person enters a device code, signs in and agrees."""
    if asking.request.method.upper() != "POST":
        return _show_page(asking, None, ())
    posted = read_form(asking.request)
    try:
        person = sign_in(asking, posted.get("login", ""), posted.get("passwd", ""))
    except Refusal as refusal:
        return _show_page(asking, None, (), refusal.text)
    if not settle_device(asking, posted.get("otc", ""), person, agree=posted.get("step") != "deny"):
        return _show_page(asking, None, (), "That code didn't work. Check the code and try again.")
    return _write_page("<p>You have signed in. You may now close this window.</p>")


def settle_device(asking: Asking, user_code: str, person: Person, *, agree: bool) -> bool:
    """Agrees, or not, to the device code of that user code; False: there is none that waits."""
    for device in asking.registry.devices.values():
        if device.user_code == user_code.strip().upper() and device.until > asking.now and not device.user:
            device.denied = not agree
            if agree:
                device.user = person.name
                add_consent(asking.registry, asking.registry.apps[device.client_id], person.name, device.scopes)
            return True
    return False


def _read_wish(asking: Asking) -> Wish:
    """Raises Refusal where there is no address that an error could be sent to."""
    app = find_app(asking, asking.need("client_id"))
    redirect_uri = asking.form.get("redirect_uri", "")
    if not _is_registered(app, redirect_uri):
        raise Refusal(50011, redirect_uri, app.client_id)
    form = asking.form
    fragment = form.get("response_mode", "query") == "fragment"
    challenge = form.get("code_challenge", "")
    return Wish(app, redirect_uri, form.get("state", ""), (), challenge, form.get("nonce", ""), fragment)


def _is_registered(app: App, redirect_uri: str) -> bool:
    """Loopback addresses are the application's on every port (RFC 8252 7.3, which Entra follows for http://localhost)."""
    portless = re.sub(r"^(http://(?:localhost|127\.0\.0\.1)):\d+", r"\1", redirect_uri)
    registered = [re.sub(r"^(http://(?:localhost|127\.0\.0\.1)):\d+", r"\1", uri) for uri in app.redirect_uris]
    return bool(redirect_uri) and portless.rstrip("/") in [uri.rstrip("/") for uri in registered]


def _check_wish(asking: Asking, wish: Wish) -> Wish:
    """The wish with its scopes. Raises Refusal, which the application may be told."""
    if asking.form.get("response_type") != "code":
        raise Refusal(700054, asking.form.get("response_type", ""))
    method = asking.form.get("code_challenge_method", "")
    if wish.challenge and (method != "S256" or not _CHALLENGE.fullmatch(wish.challenge)):
        raise Refusal(70000, "code_challenge")
    return replace(wish, scopes=read_scopes(wish.app, asking.need("scope"), asking.origin))


def _send_back(wish: Wish, values: Mapping[str, str]) -> Answer:
    given = {**values, "state": wish.state} if wish.state else values
    mark = "#" if wish.fragment else "&" if "?" in wish.redirect_uri else "?"
    location = f"{wish.redirect_uri}{mark}{urlencode(given)}"
    return Answer(302, b"", {"location": location, "cache-control": "no-store"})


def _show_problem(refusal: Refusal) -> Answer:
    page = _write_page(f'<p role="alert">{escape(refusal.text)}</p>')
    return Answer(400, page.body, page.headers)


def _show_page(asking: Asking, app: App | None, scopes: tuple[str, ...], complaint: str = "") -> Answer:
    alert = f'<p role="alert">{escape(complaint)}</p>' if complaint else ""
    asked = "".join(f"<li>{escape(scope)}</li>" for scope in scopes)
    wanted = (
        f"<p><strong>{escape(app.client_id)}</strong> asks for:</p><ul>{asked}</ul>"
        if app
        else ('<label for="otc">Code</label><input id="otc" name="otc" required autocomplete="off">')
    )
    hint = escape(asking.form.get("login_hint", ""))
    return _write_page(
        f'{alert}<form method="post">{wanted}<label for="login">Account</label>'
        f'<input id="login" name="login" autocomplete="username" required value="{hint}">'
        '<label for="passwd">Password</label>'
        '<input id="passwd" name="passwd" type="password" autocomplete="current-password" required>'
        '<button name="step" value="accept">Accept</button><button name="step" value="deny">Cancel</button></form>'
        "<p>This is the sandbox: the password is the same for everybody.</p>"
    )


def _write_page(content: str) -> Answer:
    body = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Sign in to your account</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main><h1>Sign in</h1>{content}</main></body></html>"
    )
    return Answer(200, body.encode(), _HTML)

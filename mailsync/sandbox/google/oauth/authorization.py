"""GET and POST /o/oauth2/v2/auth: a person signs in, allows or cancels, and is sent back with a code.

An error goes to the redirect address only once that is known to be the application's; everything else is a page.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from mailsync.sandbox.google.grants import Application
from mailsync.sandbox.google.oauth.forms import Form, OAuthError, find_application, read_form, read_scopes
from mailsync.sandbox.google.oauth.pages import show_approval, show_log_in, show_problem
from mailsync.sandbox.google.oauth.sessions import give_code
from mailsync.sandbox.google.records import Mailbox
from mailsync.sandbox.google.service import Service
from mailsync.sandbox.vendor import Answer, Request

PASSWORD: Final = "sandbox"
WRONG: Final = "Wrong password. Try again or click Forgot password to reset it."
_COOKIE: Final = "SID"
_BROWSER_LIFE: Final = timedelta(hours=2)
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_PROMPTS: Final = frozenset({"none", "consent", "select_account"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What an application asks a person for, checked; `action` is the address that its forms post to."""

    form: Form
    application: Application
    redirect_uri: str
    action: str
    scopes: tuple[str, ...] = ()
    prompts: frozenset[str] = frozenset()
    challenge: str = ""
    method: str = "plain"


def authorize(service: Service, request: Request) -> Answer:
    """Carries out one step: page, log-in, consent or the way back."""
    try:
        wish = read_wish(service, request)
    except OAuthError as error:
        return show_problem(error.code, error.description, error.status)
    try:
        if request.method.upper() == "POST":
            return _take_step(wish, read_form(service, request))
        return _open(wish)
    except OAuthError as error:
        return send_back(wish, {"error": error.code})


def read_wish(service: Service, request: Request) -> Wish:
    """What the query asks for. Raises OAuthError: Google shows all of these on a page of its own."""
    form = read_form(service, request, body=False)
    application = find_application(form)
    redirect_uri = form.need("redirect_uri")
    if not _is_own(application, redirect_uri):
        raise OAuthError("redirect_uri_mismatch", "The redirect URI in the request does not match a registered one.")
    if form.need("response_type") != "code":
        raise OAuthError("unsupported_response_type", f"Invalid response_type: {form.get('response_type')}")
    if form.get("access_type") not in ("", "online", "offline"):
        raise OAuthError("invalid_request", f"Invalid parameter value for access_type: {form.get('access_type')}")
    prompts = frozenset(form.get("prompt").split())
    if prompts - _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise OAuthError("invalid_request", f"Invalid parameter value for prompt: {form.get('prompt')}")
    challenge, method = form.get("code_challenge"), form.get("code_challenge_method") or "plain"
    if method not in ("plain", "S256"):
        raise OAuthError("invalid_request", f"Invalid parameter value for code_challenge_method: {method}")
    if challenge and not _CHALLENGE.fullmatch(challenge):
        raise OAuthError("invalid_request", "Invalid parameter value for code_challenge")
    action = f"{request.path}?{request.query}"
    scopes = read_scopes(form.get("scope"))
    return Wish(form, application, redirect_uri, action, scopes, prompts, challenge, method)


def allow(wish: Wish, box: Mailbox, *, asked: bool) -> Answer:
    """The way back with a code. `asked`: the person saw the consent page, so that a refresh token is given again."""
    offline = wish.application.kind == "installed" or (asked and wish.form.get("access_type") == "offline")
    scopes = wish.scopes
    if wish.form.get("include_granted_scopes") == "true":
        before = wish.form.service.grants.approvals.get((box.user, wish.application.client_id), ())
        scopes = tuple(dict.fromkeys((*scopes, *before)))
    code = give_code(
        wish.form.service, box.user, wish.application, wish.redirect_uri, scopes,
        offline=offline, challenge=wish.challenge, method=wish.method,
    )  # fmt: skip
    return send_back(wish, {"code": code, "scope": " ".join(scopes)})


def send_back(wish: Wish, values: dict[str, str]) -> Answer:
    """The redirect to the application, with its state."""
    state = wish.form.values.get("state")
    given = values if state is None else {"state": state, **values}
    split = urlsplit(wish.redirect_uri)
    query = "&".join(part for part in (split.query, urlencode(given)) if part)
    return Answer(302, b"", {"location": urlunsplit(split._replace(query=query)), "cache-control": "no-store"})


def find_person(service: Service, address: str, password: str) -> Mailbox | None:
    """The account of that address or user, if the password is right."""
    given = address.strip().lower()
    if not hmac.compare_digest(password.encode(), PASSWORD.encode()):
        return None
    return next((box for box in service.boxes.values() if given in (box.address.lower(), box.user)), None)


def _is_own(application: Application, redirect_uri: str) -> bool:
    """A registered address; an installed application's may be any of the loopback interface (RFC 8252 7.3)."""
    if redirect_uri in application.redirect_uris:
        return True
    try:
        split = urlsplit(redirect_uri)
        host, _ = split.hostname, split.port
    except ValueError:
        return False
    return application.kind == "installed" and split.scheme == "http" and host in _LOOPBACK and not split.fragment


def _open(wish: Wish) -> Answer:
    box = _find_browser(wish)
    held = () if box is None else wish.form.service.grants.approvals.get((box.user, wish.application.client_id), ())
    allowed = box is not None and set(wish.scopes) <= set(held)
    if "none" in wish.prompts and not allowed:
        raise OAuthError("interaction_required" if box is not None else "login_required", "")
    if box is None or "select_account" in wish.prompts:
        return show_log_in(wish.action, wish.form.get("login_hint"))
    if allowed and "consent" not in wish.prompts:
        return allow(wish, box, asked=False)
    return _ask(wish, box)


def _take_step(wish: Wish, posted: Form) -> Answer:
    if posted.get("step") == "login":
        return _log_in(wish, posted)
    box = _find_browser(wish)
    if box is None:
        return show_log_in(wish.action, wish.form.get("login_hint"))
    if not hmac.compare_digest(posted.get("proof").encode(), _prove(wish).encode()):
        return _ask(wish, box)
    if posted.get("step") == "allow":
        return allow(wish, box, asked=True)
    raise OAuthError("access_denied", "")


def _log_in(wish: Wish, posted: Form) -> Answer:
    service = wish.form.service
    box = find_person(service, posted.get("identifier"), posted.get("password"))
    if box is None:
        return show_log_in(wish.action, posted.get("identifier"), WRONG)
    now = wish.form.now
    browsers = {key: held for key, held in service.grants.browsers.items() if held[1] > now}
    cookie = secrets.token_urlsafe(32)
    service.grants.browsers = {**browsers, cookie: (box.user, now + _BROWSER_LIFE)}
    secure = "; Secure" if wish.form.request.scheme == "https" else ""
    chosen = wish.action.replace("prompt=select_account", "prompt=")
    headers = {
        "location": chosen,
        "set-cookie": f"{_COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax{secure}",
        "cache-control": "no-store",
    }
    return Answer(302, b"", headers)


def _ask(wish: Wish, box: Mailbox) -> Answer:
    return show_approval(wish.action, wish.application.client_id, box.address, wish.scopes, _prove(wish))


def _prove(wish: Wish) -> str:
    """What a form of this browser alone knows: derived of its cookie, which no other site can read."""
    return hmac.new(_read_cookie(wish).encode(), wish.action.encode(), "sha256").hexdigest()


def _find_browser(wish: Wish) -> Mailbox | None:
    user, until = wish.form.service.grants.browsers.get(_read_cookie(wish), ("", wish.form.now))
    return wish.form.service.boxes.get(user) if until > wish.form.now else None


def _read_cookie(wish: Wish) -> str:
    try:
        cookie = SimpleCookie(wish.form.request.headers.get("cookie", "")).get(_COOKIE)
    except CookieError:
        return ""
    return "" if cookie is None else cookie.value

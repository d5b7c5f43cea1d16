"""GET and POST /services/oauth2/authorize: a person logs in, allows or denies, and is sent back with a code.

An error goes to the redirect address only once that is known to be the application's; everything else is a page.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from mailsync.sandbox.salesforce.grants import SCOPES, Browser, ConnectedApp
from mailsync.sandbox.salesforce.oauth.exchange import Form, OAuthError, find_app, origin_of, read_form
from mailsync.sandbox.salesforce.oauth.granting import find_by_username, may_use
from mailsync.sandbox.salesforce.oauth.pages import show_approval, show_log_in, show_problem
from mailsync.sandbox.salesforce.oauth.sessions import find_person, give_code
from mailsync.sandbox.salesforce.org import Org, Person
from mailsync.sandbox.vendor import Answer, Request

PASSWORD = "sandbox"
_COOKIE = "sid"
_BROWSER_LIFE = timedelta(hours=2)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of a SHA-256
_WRONG = "Please check your username and password. If you still can't log in, contact your Salesforce administrator."


@dataclass(frozen=True, slots=True)
class Wish:
    """What an application asks a person for, checked; `action` is the address that its forms post to."""

    form: Form
    app: ConnectedApp
    redirect_uri: str
    state: str | None
    prompts: frozenset[str]
    action: str
    scopes: tuple[str, ...] = ()
    challenge: str | None = None


def authorize(org: Org, request: Request) -> Answer:
    """Carries out one step: page, log-in, approval or the way back."""
    asked = read_form(org, Request("GET", request.path, request.query, request.headers, b""), with_query=True)
    try:
        wish = _read_wish(asked, request)
    except OAuthError as error:
        return show_problem(error.code, error.description)
    try:
        wish = _check_wish(wish)
        if request.method.upper() == "POST":
            return _take_step(wish, read_form(org, request))
        return _open(wish)
    except OAuthError as error:
        return _send_back(wish, {"error": error.code, "error_description": error.description})


def _read_wish(asked: Form, request: Request) -> Wish:
    """Raises OAuthError where there is no address that an error could be sent to."""
    app = find_app(asked.org, asked.get("client_id"))
    redirect_uri = asked.get("redirect_uri")
    if not redirect_uri:
        raise OAuthError("invalid_request", "missing required parameter: redirect_uri")
    if redirect_uri not in app.redirect_uris:
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
    kept = [(name, value) for name, value in parse_qsl(request.query, keep_blank_values=True) if name != "prompt"]
    return Wish(
        form=Form(asked.org, request, asked.values),
        app=app,
        redirect_uri=redirect_uri,
        state=asked.values.get("state"),
        prompts=frozenset(asked.get("prompt").split()),
        action=f"{request.path}?{urlencode(kept)}",
    )


def _check_wish(wish: Wish) -> Wish:
    asked, app = wish.form, wish.app
    if asked.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "response type not supported")
    challenge = asked.get("code_challenge") or None
    if challenge is None and app.pkce_required:
        raise OAuthError("invalid_request", "missing required code challenge")
    # Salesforce's pages name no method, and jsforce (and so Salesforce's own command line) sends none: S256.
    if challenge is not None and (asked.get("code_challenge_method") or "S256") != "S256":
        raise OAuthError("invalid_request", "code challenge method not supported")
    if challenge is not None and not _CHALLENGE.fullmatch(challenge):
        raise OAuthError("invalid_request", "invalid code challenge")
    scopes = tuple(dict.fromkeys(asked.get("scope").split())) or app.scopes
    if any(scope not in SCOPES for scope in scopes):
        raise OAuthError("invalid_scope", "the requested scope is invalid, unknown, or malformed")
    if any(scope not in app.scopes for scope in scopes):
        raise OAuthError("invalid_scope", "the requested scope is not allowed")
    return Wish(wish.form, app, wish.redirect_uri, wish.state, wish.prompts, wish.action, scopes, challenge)


def _open(wish: Wish) -> Answer:
    """What a browser sees first: the log-in page, the approval page, or at once the way back."""
    browser = _find_browser(wish)
    person = None if browser is None else find_person(wish.form.org, browser.user_id)
    approved = person is not None and _has_approved(wish, person)
    if "none" in wish.prompts and not approved:
        raise OAuthError("immediate_unsuccessful", "the user is not logged in, or has not approved this consumer")
    if browser is None or person is None or "login" in wish.prompts:
        return show_log_in(wish.action, wish.form.get("login_hint"))
    if approved and "consent" not in wish.prompts:
        return _send_code(wish, person)
    return _ask(wish, person, browser)


def _take_step(wish: Wish, posted: Form) -> Answer:
    if posted.get("step") == "login":
        return _log_in(wish, posted)
    browser = _find_browser(wish)
    person = None if browser is None else find_person(wish.form.org, browser.user_id)
    if browser is None or person is None:
        return show_log_in(wish.action, wish.form.get("login_hint"))
    if not hmac.compare_digest(posted.get("proof").encode(), browser.proof.encode()):
        return _ask(wish, person, browser)
    if posted.get("step") == "allow":
        return _send_code(wish, person)
    raise OAuthError("access_denied", "end-user denied authorization")


def _log_in(wish: Wish, posted: Form) -> Answer:
    org = wish.form.org
    username = posted.get("username")
    person = find_by_username(org, username)
    right = hmac.compare_digest(posted.get("pw").encode(), PASSWORD.encode())
    if person is None or not person.active or not right:
        return show_log_in(wish.action, username, _WRONG)
    now = org.clock.now()
    org.grants.browsers = {key: held for key, held in org.grants.browsers.items() if held.until > now}
    cookie = secrets.token_urlsafe(32)
    org.grants.browsers[cookie] = Browser(person.id, secrets.token_urlsafe(24), now + _BROWSER_LIFE)
    consent = "&prompt=consent" if "consent" in wish.prompts else ""
    secure = "; Secure" if origin_of(wish.form.request).startswith("https") else ""
    headers = {
        "location": f"{wish.action}{consent}",
        "set-cookie": f"{_COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax{secure}",
        "cache-control": "no-store",
    }
    return Answer(302, b"", headers)


def _ask(wish: Wish, person: Person, browser: Browser) -> Answer:
    username = str(wish.form.org.records["User"][person.id].get("Username"))
    return show_approval(wish.action, wish.app.client_id, username, wish.scopes, browser.proof)


def _find_browser(wish: Wish) -> Browser | None:
    """The browser's log-in, as long as its user is active."""
    org = wish.form.org
    try:
        cookie = SimpleCookie(wish.form.request.headers.get("cookie", "")).get(_COOKIE)
    except CookieError:
        return None
    browser = None if cookie is None else org.grants.browsers.get(cookie.value)
    if browser is None or browser.until <= org.clock.now():
        return None
    person = find_person(org, browser.user_id)
    return browser if person is not None and person.active else None


def _has_approved(wish: Wish, person: Person) -> bool:
    """Whether the person has allowed this application all of these scopes before."""
    return any(
        family.client_id == wish.app.client_id and family.user_id == person.id and set(wish.scopes) <= {*family.scopes}
        for family in wish.form.org.grants.families.values()
    )


def _send_code(wish: Wish, person: Person) -> Answer:
    if wish.app.approved is not None and not may_use(wish.form.org, wish.app, person):
        raise OAuthError("OAUTH_APP_BLOCKED", "this app is blocked by admin")
    code = give_code(wish.form.org, wish.app, person.id, wish.scopes, wish.redirect_uri, wish.challenge)
    return _send_back(wish, {"code": code})


def _send_back(wish: Wish, values: dict[str, str]) -> Answer:
    given = values if wish.state is None else {**values, "state": wish.state}
    split = urlsplit(wish.redirect_uri)
    query = "&".join(part for part in (split.query, urlencode(given)) if part)
    return Answer(302, b"", {"location": urlunsplit(split._replace(query=query)), "cache-control": "no-store"})

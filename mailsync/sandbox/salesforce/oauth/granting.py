"""POST /services/oauth2/token: the four grants (vendors/salesforce.md §7)."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any

from mailsync.sandbox.salesforce.grants import REFRESH_SCOPES, Code, ConnectedApp, Session
from mailsync.sandbox.salesforce.oauth.assertion import check_assertion, read_claims
from mailsync.sandbox.salesforce.oauth.exchange import (
    Form,
    OAuthError,
    authenticate_app,
    find_app,
    instance_of,
    is_log_in_host,
    origin_of,
    show_object,
)
from mailsync.sandbox.salesforce.oauth.sessions import (
    end_family,
    find_family,
    find_person,
    open_session,
    rotate_family,
    start_family,
)
from mailsync.sandbox.salesforce.org import Org, Person
from mailsync.sandbox.vendor import Answer

_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# RFC 7636 §4.1 ends at 128 characters; Salesforce's pages ask for 128 random bytes in base64url; jsforce sends that.
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,171}")


def give_token(form: Form) -> Answer:
    """Carries out the grant that the form asks for. Raises OAuthError."""
    if form.request.method.upper() != "POST":
        raise OAuthError("invalid_request", "must use HTTP POST")
    grant = _GRANTS.get(form.get("grant_type"))
    if grant is None:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    return grant(form)


def may_use(org: Org, app: ConnectedApp, person: Person) -> bool:
    """Whether an administrator approved the user for the app, or they approved it themselves."""
    if app.approved is None or person.name in app.approved:
        return True
    mine = (family for family in org.grants.families.values() if family.user_id == person.id)
    return any(family.client_id == app.client_id for family in mine)


def _exchange_code(form: Form) -> Answer:
    org = form.org
    app = authenticate_app(form)
    text = form.get("code")
    code = org.grants.codes.get(text)
    if code is None or code.client_id != app.client_id:
        raise OAuthError("invalid_grant", "invalid authorization code")
    if code.spent is not None:  # RFC 6749 §4.1.2: whoever has it twice is not to keep what the first time gave
        end_family(org, code.spent)
        raise OAuthError("invalid_grant", "expired authorization code")
    if code.until <= org.clock.now():
        raise OAuthError("invalid_grant", "expired authorization code")
    if form.get("redirect_uri") != code.redirect_uri:
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
    _check_verifier(code, form.get("code_verifier"))
    _active(org, code.user_id)
    family = start_family(org, text)
    session = open_session(org, app, code.user_id, code.scopes, family.id)
    return _show_token(form, app, session, family.refresh)


def _refresh(form: Form) -> Answer:
    org = form.org
    app = authenticate_app(form)
    family = find_family(org, app, form.get("refresh_token"))
    if family is None:
        raise OAuthError("invalid_grant", "expired access/refresh token")
    _active(org, family.user_id)
    renewed = rotate_family(org, app, family)
    session = open_session(org, app, family.user_id, family.scopes, family.id)
    return _show_token(form, app, session, renewed.refresh if renewed.refresh != family.refresh else None)


def _bear(form: Form) -> Answer:
    org = form.org
    assertion = form.get("assertion")
    claims = read_claims(assertion)
    app = find_app(org, str(claims.get("iss", "")))
    check_assertion(assertion, app.public_key, org.clock.now(), origin_of(form.request))
    person = find_by_username(org, str(claims.get("sub") or claims.get("prn") or ""))
    if person is None or not may_use(org, app, person):
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    _active(org, person.id)
    scopes = tuple(scope for scope in app.scopes if scope not in REFRESH_SCOPES)
    return _show_token(form, app, open_session(org, app, person.id, scopes))


def _run_as(form: Form) -> Answer:
    org = form.org
    if is_log_in_host(form.request):  # vendors/salesforce.md §7: My Domain host required
        raise OAuthError("invalid_grant", "request not supported on this domain")
    app = authenticate_app(form, secret_needed=True)
    person = org.people.get(app.run_as or "")
    if person is None:
        raise OAuthError("invalid_grant", "no client credentials user enabled")
    _active(org, person.id)
    scopes = tuple(scope for scope in app.scopes if scope not in REFRESH_SCOPES)
    return _show_token(form, app, open_session(org, app, person.id, scopes))


def find_by_username(org: Org, username: str) -> Person | None:
    """The user of a Username, in any case."""
    for row in org.records["User"].values():
        if str(row.get("Username", "")).casefold() == username.casefold():
            return find_person(org, row["Id"])
    return None


def _check_verifier(code: Code, verifier: str) -> None:
    """S256 alone; a verifier for a code without challenge is refused as a wrong one (RFC 9700 §2.1.1)."""
    if code.challenge is None and not verifier:
        return
    digest = hashlib.sha256(verifier.encode()).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    given = code.challenge or ""
    if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(expected.encode(), given.encode()):
        raise OAuthError("invalid_grant", "invalid code verifier")


def _active(org: Org, user_id: str) -> None:
    person = find_person(org, user_id)
    if person is None or not person.active:
        raise OAuthError("inactive_user", "user is inactive")


def _show_token(form: Form, app: ConnectedApp, session: Session, refresh: str | None = None) -> Answer:
    """The answer's fields (§7); there is no expires_in: how long it holds is the organisation's session timeout."""
    identity = f"{origin_of(form.request)}/id/{form.org.id}/{session.user_id}"
    issued = str(int(session.issued.timestamp() * 1000))
    digest = hmac.new(app.client_secret.encode(), f"{identity}{issued}".encode(), hashlib.sha256).digest()
    body: dict[str, Any] = {
        "access_token": session.token,
        **({} if refresh is None else {"refresh_token": refresh}),
        "signature": base64.b64encode(digest).decode(),
        "scope": " ".join(session.scopes),
        "instance_url": instance_of(form.request),
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued,
    }
    return show_object(body)


_GRANTS: Mapping[str, Callable[[Form], Answer]] = {
    "authorization_code": _exchange_code,
    "refresh_token": _refresh,
    _JWT: _bear,
    "client_credentials": _run_as,
}

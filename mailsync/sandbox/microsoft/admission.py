"""Who a request to Graph is from, and whether it may do what it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mailsync.sandbox.microsoft.directory import TENANT, Person
from mailsync.sandbox.microsoft.errors import Failed
from mailsync.sandbox.microsoft.oauth.records import DELEGATED, ROLES, Registry
from mailsync.sandbox.microsoft.oauth.registration import CLIENT_ID
from mailsync.sandbox.vendor import Request

FIXED: Final = "sandbox-"  # the beginning of a person's fixed bearer
APP_BEARER: Final = "sandbox-app"  # the fixed bearer of the application itself, with all roles
_PLACE: Final = f"https://login.microsoftonline.com/{TENANT}/oauth2/authorize"
_CHALLENGE: Final = {
    "www-authenticate": f'Bearer realm="", authorization_uri="{_PLACE}", '
    'client_id="00000003-0000-0000-c000-000000000000"'
}


@dataclass(frozen=True, slots=True)
class Caller:
    """An application, on behalf of a person or (`person` None) in its own name."""

    client_id: str
    person: Person | None
    permissions: frozenset[str]


def admit(registry: Registry, people: Mapping[str, Person], request: Request, now: datetime) -> Caller:
    """The caller of a request. Raises Failed 401 for a token that is missing, unknown or over."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Failed("InvalidAuthenticationToken", headers=_CHALLENGE)
    token = token.strip()
    if token == APP_BEARER:
        return Caller(CLIENT_ID, None, frozenset(ROLES))
    if token.startswith(FIXED) and token.removeprefix(FIXED) in people:
        return Caller(CLIENT_ID, people[token.removeprefix(FIXED)], frozenset(DELEGATED))
    session = registry.sessions.get(token)
    if session is None:
        text = "IDX14100: JWT is not well formed, there are no dots (.)." if "." not in token else "Invalid token."
        raise refuse_token(text)
    if session.until <= now:
        raise refuse_token("Lifetime validation failed, the token is expired.")
    if not session.user:
        return Caller(session.client_id, None, frozenset(session.roles))
    if session.user not in people:
        raise refuse_token("Invalid token.")
    return Caller(session.client_id, people[session.user], frozenset(session.scopes))


def refuse_token(text: str) -> Failed:
    """The 401 for a token that can't be used."""
    return Failed("InvalidAuthenticationToken", text, headers=_CHALLENGE)


def check_permission(caller: Caller, scope: str, *, writing: bool) -> None:
    """Raises Failed 403 unless the caller has the permission; "" = any sign-in."""
    wanted = {f"{scope}.ReadWrite"} if writing else {f"{scope}.ReadWrite", f"{scope}.Read"}
    if scope and not wanted & caller.permissions:
        raise Failed("ErrorAccessDenied")

"""Tokens: given, found again, rotated and revoked.

With rotation a refresh token holds once. Whoever brings a rotated one again ends the whole family, the newest refresh
token and all access tokens included (HELP:005316711): of two refreshes at the same time the second one does that.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from mailsync.sandbox.salesforce.grants import REFRESH_SCOPES, Code, ConnectedApp, Family, Session
from mailsync.sandbox.salesforce.org import Org, Person

CODE_LIFE = timedelta(minutes=15)  # HELP:remoteaccess_oauth_web_server_flow: a code expires after 15 minutes
API_SCOPES = frozenset({"api", "full"})


def find_session(org: Org, token: str) -> Session | None:
    """The session of an access token that holds. Using it in its second half starts its life anew (session timeout)."""
    session = org.grants.sessions.get(token)
    if session is None:
        return None
    now = org.clock.now()
    if session.until <= now:
        del org.grants.sessions[token]
        return None
    life = timedelta(seconds=org.session_life)
    if session.until - now < life / 2:
        session = replace(session, until=now + life)
        org.grants.sessions[token] = session
    return session


def find_caller(org: Org, token: str, *, for_api: bool = False) -> Person | None:
    """The active user of a fixed bearer sandbox-<user> or an access token; `for_api`: one that may use the API."""
    if token.startswith("sandbox-"):
        person = org.people.get(token.removeprefix("sandbox-"))
    else:
        session = find_session(org, token)
        barred = session is None or (for_api and API_SCOPES.isdisjoint(session.scopes))
        person = None if session is None or barred else find_person(org, session.user_id)
    return person if person is not None and person.active else None


def find_person(org: Org, user_id: str) -> Person | None:
    """The user of an id, also one who was deactivated."""
    return next((person for person in org.people.values() if person.id == user_id), None)


def open_session(org: Org, app: ConnectedApp, user_id: str, scopes: tuple[str, ...], family: str = "") -> Session:
    """A new access token; earlier ones go on until their own end."""
    now = org.clock.now()
    org.grants.sessions = {key: held for key, held in org.grants.sessions.items() if held.until > now}
    token = f"{org.id[:15]}!AQ{secrets.token_urlsafe(70).replace('-', '.')}"
    session = Session(token, app.client_id, user_id, scopes, family, now, now + timedelta(seconds=org.session_life))
    org.grants.sessions[token] = session
    return session


def give_code(
    org: Org, app: ConnectedApp, user_id: str, scopes: tuple[str, ...], redirect_uri: str, challenge: str | None
) -> str:
    """A code for one exchange. It ends in == as the vendor's do, so it must be decoded from the redirect's query."""
    now = org.clock.now()
    org.grants.codes = {key: code for key, code in org.grants.codes.items() if code.until + CODE_LIFE > now}
    text = f"aPrx{secrets.token_urlsafe(56)}=="
    org.grants.codes[text] = Code(app.client_id, user_id, scopes, redirect_uri, challenge, now + CODE_LIFE)
    return text


def start_family(org: Org, code_text: str) -> Family:
    """Spends a code: the family that its tokens belong to, with a refresh token where the scopes have one."""
    code = org.grants.codes[code_text]
    now = org.clock.now()
    refresh = _new_refresh() if REFRESH_SCOPES & set(code.scopes) else None
    family = Family(secrets.token_hex(8), code.client_id, code.user_id, code.scopes, refresh, (), now, now)
    org.grants.codes[code_text] = replace(code, spent=family.id)
    _keep(org, family)
    return family


def find_family(org: Org, app: ConnectedApp, refresh: str) -> Family | None:
    """The family whose refresh token holds; bringing a rotated one ends the family. None: it doesn't hold."""
    family = org.grants.families.get(org.grants.refreshes.get(refresh, ""))
    if family is None or family.client_id != app.client_id:
        return None
    if family.refresh != refresh or _ends(app, family) <= org.clock.now():
        end_family(org, family.id)
        return None
    return family


def rotate_family(org: Org, app: ConnectedApp, family: Family) -> Family:
    """The family after one refresh: with a new refresh token, or with the same where the app doesn't rotate."""
    renewed = replace(family, used=org.clock.now())
    if app.rotating and family.refresh is not None:
        renewed = replace(renewed, refresh=_new_refresh(), spent=(*family.spent, family.refresh))
    _keep(org, renewed)
    return renewed


def end_family(org: Org, family_id: str) -> None:
    """Takes back an approval: its refresh token and all access tokens."""
    org.grants.families.pop(family_id, None)
    org.grants.refreshes = {key: held for key, held in org.grants.refreshes.items() if held != family_id}
    end_sessions(org, lambda session: session.family == family_id)


def end_families(org: Org, chosen: Callable[[Family], bool]) -> int:
    """Takes back the approvals that are chosen; returns how many."""
    ended = [family.id for family in org.grants.families.values() if chosen(family)]
    for family_id in ended:
        end_family(org, family_id)
    return len(ended)


def end_sessions(org: Org, chosen: Callable[[Session], bool]) -> int:
    """Ends the access tokens that are chosen, without their approvals; returns how many."""
    sessions = org.grants.sessions
    org.grants.sessions = {token: session for token, session in sessions.items() if not chosen(session)}
    return len(sessions) - len(org.grants.sessions)


def refresh_ends(org: Org, family: Family) -> datetime:
    """When its refresh token ends if it lies idle."""
    return _ends(org.grants.apps[family.client_id], family)


def _ends(app: ConnectedApp, family: Family) -> datetime:
    return family.used + app.idle


def _keep(org: Org, family: Family) -> None:
    org.grants.families[family.id] = family
    if family.refresh is not None:
        org.grants.refreshes[family.refresh] = family.id


def _new_refresh() -> str:
    return f"5Aep861{secrets.token_urlsafe(60).replace('-', '.')}"

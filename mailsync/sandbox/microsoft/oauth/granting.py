"""Scopes and consent, and the tokens that are given out."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from mailsync.sandbox.microsoft.directory import TENANT, Person
from mailsync.sandbox.microsoft.oauth.records import ROLES, SIGN_IN, App, Refresh, Registry, Session
from mailsync.sandbox.microsoft.oauth.refusals import Refusal
from mailsync.sandbox.microsoft.oauth.signing import sign_token

RESOURCES: Final = ("https://graph.microsoft.com/", "https://outlook.office365.com/", "https://outlook.office.com/")
ACCESS_LIFE: Final = timedelta(seconds=3599)
REFRESH_LIFE: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Grant:
    """What tokens are made for."""

    app: App
    person: Person
    scopes: tuple[str, ...]
    nonce: str = ""
    root: str = ""


def read_scopes(app: App, text: str, origin: str) -> tuple[str, ...]:
    """The scopes of a request without their resource; /.default is all the application is registered for.

    Raises Refusal for what is none of the application's.
    """
    scopes: list[str] = []
    for word in text.split():
        name = word
        for resource in (*RESOURCES, f"{origin}/"):
            name = name.removeprefix(resource)
        if name == ".default":
            scopes += app.scopes
            continue
        found = next((each for each in (*app.scopes, *SIGN_IN) if each.lower() == name.lower()), None)
        if found is None:
            raise Refusal(70011, word)
        scopes.append(found)
    return tuple(dict.fromkeys(scopes))


def has_consented(registry: Registry, app: App, user: str, scopes: tuple[str, ...]) -> bool:
    """Whether the person, or an administrator for all, has agreed to these scopes."""
    agreed = {*registry.consents.get((app.client_id, user), ()), *registry.consents.get((app.client_id, ""), ())}
    return {scope for scope in scopes if scope not in SIGN_IN} <= agreed


def add_consent(registry: Registry, app: App, user: str, scopes: tuple[str, ...]) -> None:
    """Keeps that somebody (user "" = an administrator, for all) agreed to scopes."""
    wanted = [scope for scope in scopes if scope not in SIGN_IN]
    kept = registry.consents.get((app.client_id, user), ())
    registry.consents[(app.client_id, user)] = tuple(dict.fromkeys((*kept, *wanted)))


def give_tokens(registry: Registry, grant: Grant, issuer: str, now: datetime) -> dict[str, Any]:
    """An access token, with a refresh token and an id token where the scopes say so."""
    delegated = [scope for scope in grant.scopes if scope not in SIGN_IN]
    session = _open_session(registry, grant, issuer, now)
    shown: dict[str, Any] = {
        "token_type": "Bearer",
        "scope": " ".join((*delegated, *(scope for scope in grant.scopes if scope in ("openid", "profile", "email")))),
        "expires_in": int(ACCESS_LIFE.total_seconds()),
        "ext_expires_in": int(ACCESS_LIFE.total_seconds()),
        "access_token": session.token,
    }
    if "offline_access" in grant.scopes:
        token = f"0.A{secrets.token_urlsafe(120)}"
        root = grant.root or token
        refresh = Refresh(token, grant.app.client_id, grant.person.name, grant.scopes, root, now + REFRESH_LIFE)
        registry.refreshes[token] = refresh
        shown["refresh_token"] = token
    if "openid" in grant.scopes:
        shown["id_token"] = sign_token(_make_identity(grant, issuer, now))
        shown["client_info"] = _make_client_info(grant.person)
    return shown


def give_app_token(registry: Registry, app: App, issuer: str, now: datetime) -> dict[str, Any]:
    """An application's own access token, with the roles that an administrator granted it."""
    roles = tuple(role for role in app.roles if role in ROLES)
    claims = {**_make_claims(app, issuer, now), "roles": list(roles), "idtyp": "app", "oid": app.client_id}
    token = sign_token(claims)
    registry.sessions[token] = Session(token, app.client_id, "", (), roles, now + ACCESS_LIFE)
    seconds = int(ACCESS_LIFE.total_seconds())
    return {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token}


def _open_session(registry: Registry, grant: Grant, issuer: str, now: datetime) -> Session:
    scopes = tuple(scope for scope in grant.scopes if scope not in SIGN_IN)
    claims = {
        **_make_claims(grant.app, issuer, now),
        "scp": " ".join(scopes),
        "idtyp": "user",
        "oid": grant.person.id,
        "upn": grant.person.principal,
    }
    session = Session(sign_token(claims), grant.app.client_id, grant.person.name, scopes, (), now + ACCESS_LIFE)
    registry.sessions = {token: held for token, held in registry.sessions.items() if held.until > now}
    registry.sessions[session.token] = session
    return session


def _make_claims(app: App, issuer: str, now: datetime) -> dict[str, Any]:
    start = int(now.timestamp())
    return {
        "aud": "https://graph.microsoft.com",
        "iss": issuer,
        "iat": start,
        "nbf": start,
        "exp": start + int(ACCESS_LIFE.total_seconds()),
        "appid": app.client_id,
        "azp": app.client_id,
        "tid": TENANT,
        "uti": secrets.token_urlsafe(16),
        "ver": "2.0",
    }


def _make_identity(grant: Grant, issuer: str, now: datetime) -> dict[str, Any]:
    person = grant.person
    claims = {
        **_make_claims(grant.app, issuer, now),
        "aud": grant.app.client_id,
        "sub": person.id,
        "oid": person.id,
        "name": person.name.capitalize(),
        "preferred_username": person.principal,
    }
    return {**claims, "nonce": grant.nonce} if grant.nonce else claims


def _make_client_info(person: Person) -> str:
    return base64.urlsafe_b64encode(orjson.dumps({"uid": person.id, "utid": TENANT})).rstrip(b"=").decode()

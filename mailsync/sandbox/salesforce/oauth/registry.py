"""Connected apps and tokens as parts of a world, and apps as an administrator registers them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from mailsync.sandbox.salesforce.details import read_count, read_flag, read_items, read_moment, read_person, read_text
from mailsync.sandbox.salesforce.grants import SCOPES, ConnectedApp, Family, Session
from mailsync.sandbox.salesforce.oauth.assertion import load_key
from mailsync.sandbox.salesforce.oauth.sessions import find_person
from mailsync.sandbox.salesforce.org import Org
from mailsync.sandbox.salesforce.values import show_instant
from mailsync.sandbox.vendor import Refused

_DEFAULT: Mapping[str, Any] = {
    "client_id": "mailsync",
    "client_secret": "sandbox-secret",
    "redirect_uris": [
        "http://127.0.0.1:8765/callback",
        "http://localhost:8765/callback",
        "https://mailsync.example/callback",
    ],
    "scopes": ["id", "api", "refresh_token"],
    "run_as": "admin",
}
_KEYS = frozenset(
    {
        "client_id",
        "client_secret",
        "redirect_uris",
        "scopes",
        "certificate",
        "public_key",
        "run_as",
        "secret_required",
        "pkce_required",
        "rotating",
        "idle",
        "approved",
    }
)
_IDLE = timedelta(days=30)


def read_log_ins(org: Org, world: Mapping[str, Any]) -> None:
    """The apps of a world (left out: the app mailsync) and the tokens that hold in it. Raises Refused."""
    for item in read_items(world, "connected_apps") if "connected_apps" in world else [_default(org)]:
        app = read_app(org, item)
        org.grants.apps[app.client_id] = app
    for item in read_items(world, "approvals"):
        family = Family(
            id=read_text(item, "id"),
            refresh=read_text(item, "refresh_token") if item.get("refresh_token") else None,
            spent=_texts(item, "spent", ()),
            issued=read_moment(item, "issued"),
            used=read_moment(item, "used"),
            **_read_holder(org, item),
        )
        org.grants.families[family.id] = family
        tokens = [*family.spent, *([family.refresh] if family.refresh else [])]
        org.grants.refreshes |= dict.fromkeys(tokens, family.id)
    for item in read_items(world, "sessions"):
        session = Session(
            token=read_text(item, "access_token"),
            family=str(item.get("approval") or ""),
            issued=read_moment(item, "issued"),
            until=read_moment(item, "until"),
            **_read_holder(org, item),
        )
        org.grants.sessions[session.token] = session


def read_app(org: Org, item: Mapping[str, Any]) -> ConnectedApp:
    """An app from its JSON object. Raises Refused, naming the key that is wrong."""
    unknown = sorted(set(item) - _KEYS)
    if unknown:
        raise Refused(f"connected_apps.{unknown[0]}: unknown key; an app's keys are {', '.join(sorted(_KEYS))}")
    client_id = read_text(item, "client_id")
    scopes = _texts(item, "scopes", ("id", "api", "refresh_token"))
    wrong = [scope for scope in scopes if scope not in SCOPES]
    if wrong:
        raise Refused(f"connected_apps.{client_id}.scopes: {wrong[0]} is none; give some of {', '.join(SCOPES)}")
    secret = str(item.get("client_secret") or "")
    secret_required = read_flag(item, "secret_required", True)
    if secret_required and not secret:
        raise Refused(f"connected_apps.{client_id}.client_secret: give one, or secret_required: false")
    approved = _texts(item, "approved", ()) if item.get("approved") is not None else None
    for name in approved or ():
        read_person(org, {"approved": name}, "approved")
    return ConnectedApp(
        client_id=client_id,
        client_secret=secret,
        redirect_uris=_texts(item, "redirect_uris", ()),
        scopes=scopes,
        public_key=_read_key(item, client_id),
        run_as=read_person(org, item, "run_as").name if item.get("run_as") else None,
        secret_required=secret_required,
        pkce_required=read_flag(item, "pkce_required", True),
        rotating=read_flag(item, "rotating", True),
        idle=timedelta(seconds=read_count(item, "idle", _IDLE.total_seconds())),
        approved=approved,
    )


def dump_log_ins(org: Org) -> dict[str, Any]:
    """The same as JSON; codes and browsers' log-ins are left out, they last for minutes."""
    now = org.clock.now()
    return {
        "connected_apps": [_dump_app(app) for app in org.grants.apps.values()],
        "approvals": [_dump_family(org, family) for family in org.grants.families.values()],
        "sessions": [_dump_session(org, held) for held in org.grants.sessions.values() if held.until > now],
    }


def _default(org: Org) -> dict[str, Any]:
    """The app of worlds that name none; it runs as an administrator if there is one called admin."""
    return {key: value for key, value in _DEFAULT.items() if key != "run_as" or value in org.people}


def _read_key(item: Mapping[str, Any], client_id: str) -> str | None:
    key = "certificate" if item.get("certificate") else "public_key"
    if not item.get(key):
        return None
    pem = read_text(item, key)
    try:
        load_key(pem)
    except ValueError:
        raise Refused(f"connected_apps.{client_id}.{key}: give the PEM of an RSA certificate or public key") from None
    return pem


def _read_holder(org: Org, item: Mapping[str, Any]) -> dict[str, Any]:
    client_id = read_text(item, "app")
    if client_id not in org.grants.apps:
        raise Refused(f"app: there is no connected app {client_id}")
    person = read_person(org, item, "user")
    return {"client_id": client_id, "user_id": person.id, "scopes": _texts(item, "scopes", ())}


def _dump_app(app: ConnectedApp) -> dict[str, Any]:
    optional: dict[str, Any] = {
        "public_key": app.public_key,
        "run_as": app.run_as,
        "approved": None if app.approved is None else list(app.approved),
    }
    return {
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "redirect_uris": list(app.redirect_uris),
        "scopes": list(app.scopes),
        "secret_required": app.secret_required,
        "pkce_required": app.pkce_required,
        "rotating": app.rotating,
        "idle": app.idle.total_seconds(),
        **{key: value for key, value in optional.items() if value is not None},
    }


def _dump_family(org: Org, family: Family) -> dict[str, Any]:
    return {
        "id": family.id,
        **_dump_holder(org, family),
        "refresh_token": family.refresh,
        "spent": list(family.spent),
        "issued": show_instant(family.issued),
        "used": show_instant(family.used),
    }


def _dump_session(org: Org, session: Session) -> dict[str, Any]:
    return {
        "access_token": session.token,
        **_dump_holder(org, session),
        "approval": session.family,
        "issued": show_instant(session.issued),
        "until": show_instant(session.until),
    }


def _dump_holder(org: Org, held: Family | Session) -> dict[str, Any]:
    person = find_person(org, held.user_id)
    assert person is not None, "users are never removed"
    return {"app": held.client_id, "user": person.name, "scopes": list(held.scopes)}


def _texts(item: Mapping[str, Any], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    value: object = item.get(key)
    if value is None:
        return default
    if not isinstance(value, list) or not all(isinstance(text, str) for text in cast(list[object], value)):
        raise Refused(f"{key}: give a list of texts")
    return tuple(cast(list[str], value))

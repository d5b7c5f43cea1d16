"""Applications, consents and tokens as parts of a world."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cryptography import x509

from mailsync.sandbox.exchange.worlditems import need_list, need_object, need_text
from mailsync.sandbox.exchange.worldsettings import check_keys
from mailsync.sandbox.microsoft.oauth.records import DELEGATED, ROLES, App, Refresh, Registry, Session
from mailsync.sandbox.vendor import Refused

CLIENT_ID: Final = "6d61696c-7379-6e63-0000-000000000001"  # the app of worlds that name none: "mailsync" in hexadecimal
_DEFAULT: Final[Mapping[str, Any]] = {
    "client_id": CLIENT_ID,
    "client_secret": "sandbox-secret",
    "redirect_uris": ["http://localhost", "http://127.0.0.1", "https://mailsync.example/callback"],
    "roles": ["Contacts.ReadWrite", "MailboxSettings.ReadWrite"],
}
_APP_KEYS: Final = ("client_id", "client_secret", "certificate", "redirect_uris", "scopes", "roles", "public")
KEYS: Final = ("apps", "consents", "refresh_tokens", "access_tokens")


def read_registry(world: Mapping[str, Any]) -> Registry:
    """The sign-in's part of a world. Raises Refused, naming the key that is wrong."""
    registry = Registry()
    for position, part in enumerate(need_list(world.get("apps", [_DEFAULT]), "microsoft.apps")):
        app = read_app(need_object(part, f"microsoft.apps[{position}]"), f"microsoft.apps[{position}]")
        registry.apps[app.client_id] = app
    for part in _list_objects(world, "consents"):
        client_id, user = need_text(part.get("app"), "microsoft.consents.app"), str(part.get("user", ""))
        _check_app(registry, client_id, "consents")
        registry.consents[(client_id, user)] = _read_texts(part, "scopes", "microsoft.consents")
    for part in _list_objects(world, "refresh_tokens"):
        held = Refresh(**_read_holder(registry, part, "refresh_tokens"), root=str(part.get("root") or part["token"]))
        registry.refreshes[held.token] = held
        if part.get("ended"):
            (registry.changed if part["ended"] == "password" else registry.revoked).add(held.root)
    for part in _list_objects(world, "access_tokens"):
        roles = _read_texts(part, "roles", "microsoft.access_tokens")
        session = Session(**_read_holder(registry, part, "access_tokens"), roles=roles)
        registry.sessions[session.token] = session
    return registry


def read_app(part: Mapping[str, Any], where: str) -> App:
    """An application from its JSON object. Raises Refused, naming the key that is wrong."""
    check_keys(part, _APP_KEYS, where)
    certificate = need_text(part.get("certificate", ""), f"{where}.certificate")
    if certificate:
        try:
            x509.load_pem_x509_certificate(certificate.encode())
        except ValueError:
            raise Refused(f"{where}.certificate: give a certificate as PEM") from None
    scopes = _read_texts(part, "scopes", where) if "scopes" in part else DELEGATED
    roles = _read_texts(part, "roles", where)
    wrong = [name for name in scopes if name not in DELEGATED] + [name for name in roles if name not in ROLES]
    if wrong:
        raise Refused(f"{where}: there is no permission {wrong[0]} here; docs/sandbox.md lists them")
    return App(
        need_text(part.get("client_id"), f"{where}.client_id"),
        need_text(part.get("client_secret", ""), f"{where}.client_secret"),
        certificate,
        _read_texts(part, "redirect_uris", where),
        scopes,
        roles,
        part.get("public", True) is True,
    )


def write_registry(registry: Registry, now: datetime) -> dict[str, Any]:
    """The part of a world that `read_registry` reads; codes on their way are left out, they last for minutes."""
    return {
        "apps": [_write_app(app) for app in registry.apps.values()],
        "consents": [
            {"app": client_id, "user": user, "scopes": list(scopes)}
            for (client_id, user), scopes in registry.consents.items()
        ],
        "refresh_tokens": [_write_refresh(registry, held) for held in registry.refreshes.values()],
        "access_tokens": [
            {**_write_holder(held), "roles": list(held.roles)}
            for held in registry.sessions.values()
            if held.until > now
        ],
    }


def _list_objects(world: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return [need_object(part, f"microsoft.{key}") for part in need_list(world.get(key, []), f"microsoft.{key}")]


def _read_texts(part: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    return tuple(need_text(text, f"{where}.{key}") for text in need_list(part.get(key, []), f"{where}.{key}"))


def _check_app(registry: Registry, client_id: str, key: str) -> None:
    if client_id not in registry.apps:
        raise Refused(f"microsoft.{key}.app: there is no application {client_id}")


def _read_holder(registry: Registry, part: Mapping[str, Any], key: str) -> dict[str, Any]:
    where = f"microsoft.{key}"
    client_id = need_text(part.get("app"), f"{where}.app")
    _check_app(registry, client_id, key)
    try:
        until = datetime.fromisoformat(need_text(part.get("until"), f"{where}.until"))
    except ValueError:
        raise Refused(f"{where}.until: give a date and time") from None
    return {
        "token": need_text(part.get("token"), f"{where}.token"),
        "client_id": client_id,
        "user": str(part.get("user", "")),
        "scopes": _read_texts(part, "scopes", where),
        "until": until,
    }


def _write_holder(held: Refresh | Session) -> dict[str, Any]:
    shown = {"token": held.token, "app": held.client_id, "user": held.user}
    return {**shown, "scopes": list(held.scopes), "until": held.until.isoformat()}


def _write_refresh(registry: Registry, held: Refresh) -> dict[str, Any]:
    shown = {**_write_holder(held), "root": held.root}
    if held.root in registry.changed:
        return {**shown, "ended": "password"}
    return {**shown, "ended": "revoked"} if held.root in registry.revoked else shown


def _write_app(app: App) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "client_id": app.client_id,
        "client_secret": app.secret,
        "certificate": app.certificate,
    }
    lists: dict[str, Any] = {
        "redirect_uris": list(app.redirect_uris),
        "scopes": list(app.scopes),
        "roles": list(app.roles),
    }
    return {**{key: value for key, value in shown.items() if value}, **lists, "public": app.public}

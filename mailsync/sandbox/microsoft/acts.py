"""What people and administrators do with the tenant that no API does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from mailsync.sandbox.exchange.errors import Failed as EwsFailed
from mailsync.sandbox.exchange.items import restore_item
from mailsync.sandbox.exchange.records import Mailbox
from mailsync.sandbox.exchange.store import move_item, place_folder
from mailsync.sandbox.exchange.values import get_display_name
from mailsync.sandbox.microsoft.directory import Person
from mailsync.sandbox.microsoft.errors import Failed
from mailsync.sandbox.microsoft.identifiers import find_contact, find_folder, write_rest
from mailsync.sandbox.microsoft.oauth.asking import Asking, read_form
from mailsync.sandbox.microsoft.oauth.consenting import approve, settle_device
from mailsync.sandbox.microsoft.oauth.endpoints import find_endpoint
from mailsync.sandbox.microsoft.oauth.granting import add_consent
from mailsync.sandbox.microsoft.oauth.records import App, Registry
from mailsync.sandbox.microsoft.oauth.refusals import Refusal
from mailsync.sandbox.microsoft.oauth.registration import read_app
from mailsync.sandbox.microsoft.settings import PARENT_FOLDER, QUIRKS, Settings
from mailsync.sandbox.vendor import Refused, Request

ADMIN: Final = "admin"


@dataclass(frozen=True, slots=True)
class Tenant:
    """What the acts work on; `user` is who acts."""

    boxes: Mapping[str, Mailbox]
    settings: Settings
    registry: Registry
    people: Mapping[str, Person]
    now: datetime
    user: str


def act_out(tenant: Tenant, op: str, details: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the act answers; None for one that the tenant doesn't know. Raises Refused."""
    carry_out = _ACTS.get(op)
    return None if carry_out is None else carry_out(tenant, details)


def _consent(tenant: Tenant, details: Mapping[str, Any]) -> dict[str, Any]:
    app = _find_app(tenant, details)
    for_all = _read_flag(details, "tenant", False)
    if for_all:
        _need_admin(tenant, "tenant_consent")
    scopes = tuple(str(scope) for scope in details.get("scopes", app.scopes))
    add_consent(tenant.registry, app, "" if for_all else tenant.user, scopes)
    if for_all and "roles" in details:
        app.roles = tuple(str(role) for role in details["roles"])
    return {"scopes": list(scopes), "roles": list(app.roles)}


def _approve_sign_in(tenant: Tenant, details: Mapping[str, Any]) -> dict[str, Any]:
    split = urlsplit(str(details.get("url", "")))
    found = find_endpoint(split.path)
    if found is None or found[1] != "authorize":
        raise Refused("url: give the address of an authorize request, as the application made it")
    request = Request("GET", split.path, split.query, {"host": split.netloc}, b"", 0, split.scheme or "http")
    asking = _ask(tenant, request, found[0])
    try:
        return {"location": approve(asking, _find_self(tenant), agree=_read_flag(details, "approved", True))}
    except Refusal as refusal:
        raise Refused(f"url: {refusal.text}") from None


def _approve_device(tenant: Tenant, details: Mapping[str, Any]) -> dict[str, Any]:
    asking = _ask(tenant, Request("POST", "/", "", {}, b""), "common")
    agree = _read_flag(details, "approved", True)
    if not settle_device(asking, str(details.get("user_code", "")), _find_self(tenant), agree=agree):
        raise Refused("user_code: no device code of that user code waits")
    return {"approved": agree}


def _register_app(tenant: Tenant, details: Mapping[str, Any]) -> dict[str, Any]:
    _need_admin(tenant, "tenant_app")
    app = read_app(details, "tenant_app")
    tenant.registry.apps[app.client_id] = app
    return {"client_id": app.client_id}


def _end_log_ins(tenant: Tenant, details: Mapping[str, Any]) -> dict[str, Any]:
    """A password that is changed ends refresh tokens (AADSTS50173); a revocation ends access tokens as well."""
    user = str(details.get("user", tenant.user))
    if user != tenant.user:
        _need_admin(tenant, "tenant_revoke")
    roots = {held.root for held in tenant.registry.refreshes.values() if held.user == user}
    by_password = str(details.get("by", "password"))
    if by_password not in ("password", "revocation"):
        raise Refused("by: give password or revocation")
    (tenant.registry.changed if by_password == "password" else tenant.registry.revoked).update(roots)
    for token in [token for token, held in tenant.registry.sessions.items() if held.user == user]:
        del tenant.registry.sessions[token]
    return {"ended": len(roots)}


def _enable_ews(tenant: Tenant, details: Mapping[str, Any]) -> dict[str, Any]:
    _need_admin(tenant, "ews_enabled")
    enabled = _read_flag(details, "enabled", True)
    user = details.get("user")
    if user is None:
        tenant.settings.ews_tenant = enabled
    elif user in tenant.people:
        tenant.settings.ews_users[str(user)] = enabled
    else:
        raise Refused(f"user: there is nobody called {user!r}; leave it out for the whole tenant")
    return {"tenant": tenant.settings.ews_tenant, "users": dict(tenant.settings.ews_users)}


def _set_quirk(tenant: Tenant, details: Mapping[str, Any]) -> dict[str, Any]:
    _need_admin(tenant, "tenant_quirk")
    if "parent_folder" in details:
        if details["parent_folder"] not in PARENT_FOLDER:
            raise Refused(f"parent_folder: give one of {', '.join(PARENT_FOLDER)}")
        tenant.settings.parent_folder = str(details["parent_folder"])
    quirk = details.get("quirk")
    if quirk is not None:
        if quirk not in QUIRKS:
            raise Refused(f"quirk: there is no {quirk!r}; give one of {', '.join(sorted(QUIRKS))}")
        on = _read_flag(details, "on", True)
        (tenant.settings.quirks.add if on else tenant.settings.quirks.discard)(str(quirk))
    return {"quirks": sorted(tenant.settings.quirks), "parent_folder": tenant.settings.parent_folder}


def _move_contact(tenant: Tenant, details: Mapping[str, Any]) -> dict[str, Any]:
    """What a person does in Outlook by dragging; `folder` is an id, a well-known name, or a name below Contacts."""
    box = next((box for box in tenant.boxes.values() if box.user == tenant.user), None)
    if box is None:
        raise Refused("move_contact: whoever acts has no mailbox in the tenant")
    box.now = tenant.now
    try:
        item = find_contact(box, str(details.get("item", "")))
        folder = find_folder(box, str(details.get("folder", "contacts")))
    except Failed as failed:
        raise Refused(f"item, folder: {failed.text}") from None
    moved = move_item(box, item, folder)
    return {"id": write_rest(moved.id)}


def _move_folder(tenant: Tenant, details: Mapping[str, Any]) -> dict[str, Any]:
    """What a person does in Outlook by dragging a folder; `parent` is an id or a well-known name."""
    box = next((box for box in tenant.boxes.values() if box.user == tenant.user), None)
    if box is None:
        raise Refused("move_folder: whoever acts has no mailbox in the tenant")
    box.now = tenant.now
    try:
        folder = find_folder(box, str(details.get("folder", "")))
        place_folder(box, folder, find_folder(box, str(details.get("parent", "contacts"))).id, folder.name)
    except (Failed, EwsFailed) as failed:
        raise Refused(f"folder, parent: {failed.text}") from None
    return {"id": write_rest(folder.id)}


def _restore_contact(tenant: Tenant, details: Mapping[str, Any]) -> dict[str, Any]:
    """What a person does with Recover deleted items, which Graph can't reach."""
    box = next((box for box in tenant.boxes.values() if box.user == tenant.user), None)
    if box is None:
        raise Refused("restore_contact: whoever acts has no mailbox in the tenant")
    box.now = tenant.now
    deletions = box.folders[box.distinguished["recoverableitemsdeletions"]]
    wanted = str(details.get("name", ""))
    for item in list(deletions.items.values()):
        if get_display_name(item) == wanted:
            return {"id": write_rest(restore_item(box, item).id)}
    raise Refused("name: no contact of that display name is among the recoverable items")


def _find_app(tenant: Tenant, details: Mapping[str, Any]) -> App:
    client_id = str(details.get("client_id", next(iter(tenant.registry.apps), "")))
    if client_id not in tenant.registry.apps:
        raise Refused(f"client_id: there is no application {client_id}")
    return tenant.registry.apps[client_id]


def _find_self(tenant: Tenant) -> Person:
    if tenant.user not in tenant.people:
        raise Refused(f"as: there is nobody called {tenant.user!r} in the tenant")
    return tenant.people[tenant.user]


def _ask(tenant: Tenant, request: Request, name: str) -> Asking:
    form = read_form(request, with_query=True)
    return Asking(tenant.registry, tenant.people, request, name, form, tenant.now)


def _need_admin(tenant: Tenant, op: str) -> None:
    if tenant.user != ADMIN:
        raise Refused(f"{op}: only admin can do that")


def _read_flag(details: Mapping[str, Any], key: str, default: bool) -> bool:
    value = details.get(key, default)
    if not isinstance(value, bool):
        raise Refused(f"{key}: give true or false")
    return value


_ACTS: Final[dict[str, Callable[[Tenant, Mapping[str, Any]], dict[str, Any]]]] = {
    "tenant_consent": _consent,
    "tenant_sign_in": _approve_sign_in,
    "tenant_device": _approve_device,
    "tenant_app": _register_app,
    "tenant_revoke": _end_log_ins,
    "ews_enabled": _enable_ews,
    "tenant_quirk": _set_quirk,
    "move_contact": _move_contact,
    "move_folder": _move_folder,
    "restore_contact": _restore_contact,
}

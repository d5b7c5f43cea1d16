"""Applications, service accounts and tokens of a world; codes, devices and browsers last minutes and are left out."""

from collections.abc import Mapping
from typing import Any, Final

from mailsync.sandbox.google.grants import Access, Application, Grant, Grants, ServiceAccount
from mailsync.sandbox.google.oauth.assertion import load_key
from mailsync.sandbox.google.oauth.registry import make_applications, make_services
from mailsync.sandbox.google.rendering import show_time
from mailsync.sandbox.google.service import Service
from mailsync.sandbox.google.worldvalues import check_keys, need_object, need_objects, need_text, need_texts, need_time
from mailsync.sandbox.vendor import Refused

GRANT_KEYS: Final = ("applications", "service_accounts", "approvals", "refresh_tokens", "access_tokens")
_KINDS: Final = ("installed", "web", "device")


def load_grants(service: Service, world: Mapping[str, Any]) -> None:
    """Puts them into the service. Raises Refused, naming the key that is wrong."""
    grants = service.grants
    grants.applications = _load_applications(world) if "applications" in world else make_applications()
    grants.services = _load_services(world) if "service_accounts" in world else make_services()
    for where, part in need_objects(world, "approvals", "google"):
        check_keys(part, ("user", "client_id", "scopes"), where)
        user, client_id = _read_holder(service, part, where)
        grants.approvals[user, client_id] = need_texts(part.get("scopes", []), f"{where}.scopes")
    for where, part in need_objects(world, "refresh_tokens", "google"):
        grant = _load_grant(service, part, where)
        grants.refresh[grant.token] = grant
    for where, part in need_objects(world, "access_tokens", "google"):
        access = _load_access(service, part, where)
        grants.access[access.token] = access


def dump_grants(service: Service) -> dict[str, Any]:
    """The same as JSON."""
    grants, now = service.grants, service.clock.now()
    shown: dict[str, Any] = {
        "applications": [_dump_application(each) for each in grants.applications.values()],
        "service_accounts": [_dump_service(each) for each in grants.services.values()],
    }
    held = {
        "approvals": [
            {"user": user, "client_id": client_id, "scopes": list(scopes)}
            for (user, client_id), scopes in grants.approvals.items()
        ],
        "refresh_tokens": [_dump_grant(each) for each in grants.refresh.values()],
        "access_tokens": [_dump_access(each, grants) for each in grants.access.values() if each.until > now],
    }
    return {**shown, **{key: items for key, items in held.items() if items}}


def _load_applications(world: Mapping[str, Any]) -> dict[str, Application]:
    applications: dict[str, Application] = {}
    for where, part in need_objects(world, "applications", "google"):
        check_keys(part, ("client_id", "client_secret", "kind", "redirect_uris"), where)
        kind = part.get("kind", "installed")
        if kind not in _KINDS:
            raise Refused(f"{where}.kind: give one of {', '.join(_KINDS)}")
        client_id = need_text(part.get("client_id"), f"{where}.client_id")
        secret = need_text(part.get("client_secret"), f"{where}.client_secret")
        uris = need_texts(part.get("redirect_uris", []), f"{where}.redirect_uris")
        applications[client_id] = Application(client_id, secret, kind, uris)
    return applications


def _load_services(world: Mapping[str, Any]) -> dict[str, ServiceAccount]:
    services: dict[str, ServiceAccount] = {}
    for where, part in need_objects(world, "service_accounts", "google"):
        check_keys(part, ("email", "client_id", "keys", "delegated"), where)
        keys = need_object(part.get("keys", {}), f"{where}.keys")
        for identifier, pem in keys.items():
            try:
                load_key(need_text(pem, f"{where}.keys.{identifier}"))
            except ValueError:
                raise Refused(f"{where}.keys.{identifier}: give the PEM of an RSA public key") from None
        email = need_text(part.get("email"), f"{where}.email")
        client_id = need_text(part.get("client_id", email), f"{where}.client_id")
        delegated = need_texts(part.get("delegated", []), f"{where}.delegated")
        services[email] = ServiceAccount(email, client_id, dict(keys), delegated)
    return services


def _load_grant(service: Service, part: Mapping[str, Any], where: str) -> Grant:
    check_keys(part, ("token", "user", "client_id", "scopes", "used", "until"), where)
    user, client_id = _read_holder(service, part, where)
    return Grant(
        need_text(part.get("token"), f"{where}.token"),
        user,
        client_id,
        need_texts(part.get("scopes", []), f"{where}.scopes"),
        need_time(part["used"], f"{where}.used") if "used" in part else service.clock.now(),
        need_time(part["until"], f"{where}.until") if "until" in part else None,
    )


def _load_access(service: Service, part: Mapping[str, Any], where: str) -> Access:
    check_keys(part, ("token", "user", "client_id", "scopes", "until", "grant"), where)
    user = need_text(part.get("user"), f"{where}.user")
    return Access(
        need_text(part.get("token"), f"{where}.token"),
        user,
        need_text(part.get("client_id"), f"{where}.client_id"),
        need_texts(part.get("scopes", []), f"{where}.scopes"),
        need_time(part.get("until"), f"{where}.until"),
        need_text(part["grant"], f"{where}.grant") if "grant" in part else "",
    )


def _read_holder(service: Service, part: Mapping[str, Any], where: str) -> tuple[str, str]:
    user, client_id = (
        need_text(part.get("user"), f"{where}.user"),
        need_text(part.get("client_id"), f"{where}.client_id"),
    )
    if user not in service.boxes:
        raise Refused(f"{where}.user: {user} has no mailbox in this world")
    if client_id not in service.grants.applications:
        raise Refused(f"{where}.client_id: there is no application {client_id}")
    return user, client_id


def _dump_application(each: Application) -> dict[str, Any]:
    shown = {"client_id": each.client_id, "client_secret": each.secret, "kind": each.kind}
    return {**shown, **({"redirect_uris": list(each.redirect_uris)} if each.redirect_uris else {})}


def _dump_service(each: ServiceAccount) -> dict[str, Any]:
    shown: dict[str, Any] = {"email": each.email, "client_id": each.client_id, "delegated": list(each.delegated)}
    return {**shown, **({"keys": dict(each.keys)} if each.keys else {})}


def _dump_grant(each: Grant) -> dict[str, Any]:
    shown: dict[str, Any] = {"token": each.token, "user": each.user, "client_id": each.client_id}
    shown |= {"scopes": list(each.scopes), "used": show_time(each.used)}
    return {**shown, **({"until": show_time(each.until)} if each.until else {})}


def _dump_access(each: Access, grants: Grants) -> dict[str, Any]:
    shown: dict[str, Any] = {"token": each.token, "user": each.user, "client_id": each.client_id}
    shown |= {"scopes": list(each.scopes), "until": show_time(each.until)}
    return {**shown, **({"grant": each.grant} if each.grant in grants.refresh else {})}

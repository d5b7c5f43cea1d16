"""Google's part of a world: accounts with their contacts and groups, settings, and tokens.

A mailbox gives `user`, `address`, `contacts` (persons by the API's field names, with the `groups` they are in),
`groups` and `other_contacts`. A dump adds what makes it the same world again: ids, stamps, and the numbers by which
sync tokens that were handed out stay good.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from mailsync.sandbox.google.ids import make_number
from mailsync.sandbox.google.quotas import BUCKETS, Quotas
from mailsync.sandbox.google.records import Group, Mailbox
from mailsync.sandbox.google.rendering import show_time
from mailsync.sandbox.google.service import DELAY, Service, Settings
from mailsync.sandbox.google.worldcontacts import dump_contact, dump_deleted, load_contact, load_deleted
from mailsync.sandbox.google.worldgrants import GRANT_KEYS, dump_grants, load_grants
from mailsync.sandbox.google.worldvalues import (
    check_keys,
    need_count,
    need_object,
    need_objects,
    need_seconds,
    need_text,
    need_time,
)
from mailsync.sandbox.vendor import Clock, Refused

_KEYS: Final = ("mailboxes", "propagation_seconds", "expired_token_status", "mutate_seconds", "quotas", *GRANT_KEYS)
_MAILBOX_KEYS: Final = ("user", "address", "contacts", "groups", "other_contacts", "deleted", "log")
_GROUP_KEYS: Final = ("name", "id", "number", "updateTime", "clientData", "deleted")


def load_world(world: Mapping[str, Any], clock: Clock) -> Service:
    """The service of a world. Raises Refused, naming the key that is wrong."""
    check_keys(world, _KEYS, "google")
    service = Service(clock)
    service.settings = _load_settings(world)
    service.quotas = Quotas(load_limits(need_object(world.get("quotas", {}), "google.quotas"), "google.quotas"))
    for where, part in need_objects(world, "mailboxes", "google"):
        box = _load_mailbox(part, where, clock.now())
        if box.user in service.boxes or any(box.address == each.address for each in service.boxes.values()):
            raise Refused(f"{where}.address: there are two mailboxes of {box.user} or {box.address}")
        service.boxes[box.user] = box
    load_grants(service, world)
    return service


def dump_world(service: Service) -> dict[str, Any]:
    """The service as a part of a world."""
    settings = service.settings
    world: dict[str, Any] = {"propagation_seconds": settings.delay}
    if settings.expired_status != 400:
        world["expired_token_status"] = settings.expired_status
    if settings.busy:
        world["mutate_seconds"] = settings.busy
    if service.quotas.limits:
        world["quotas"] = dict(service.quotas.limits)
    return {**world, "mailboxes": [_dump_mailbox(box) for box in service.boxes.values()], **dump_grants(service)}


def load_limits(part: Mapping[str, Any], where: str) -> dict[str, int]:
    """The sizes of quota buckets. Raises Refused, naming the key that is wrong."""
    check_keys(part, tuple(BUCKETS), where)
    return {name: need_count(value, f"{where}.{name}") for name, value in part.items()}


def _load_settings(world: Mapping[str, Any]) -> Settings:
    status = world.get("expired_token_status", 400)
    if status not in (400, 410):
        raise Refused("google.expired_token_status: give 400 or 410")
    return Settings(
        delay=need_seconds(world.get("propagation_seconds", DELAY), "google.propagation_seconds"),
        expired_status=status,
        busy=need_seconds(world.get("mutate_seconds", 0), "google.mutate_seconds"),
    )


def _load_mailbox(part: Mapping[str, Any], where: str, now: datetime) -> Mailbox:
    check_keys(part, _MAILBOX_KEYS, where)
    user = need_text(part.get("user"), f"{where}.user")
    address = need_text(part.get("address", f"{user}@acme.example"), f"{where}.address")
    box = Mailbox(user, address, make_number(user, "account", 0))
    for place, group in need_objects(part, "groups", where):
        _load_group(box, group, place, now)
    for place, contact in need_objects(part, "contacts", where):
        load_contact(box, contact, place, now)
    for place, contact in need_objects(part, "other_contacts", where):
        load_contact(box, contact, place, now, other=True)
    for place, contact in need_objects(part, "deleted", where):
        load_deleted(box, contact, place, now)
    log = need_object(part.get("log", {}), f"{where}.log")
    check_keys(log, ("number", "revision"), f"{where}.log")
    box.number = max(box.number, need_count(log.get("number", 0), f"{where}.log.number"))
    box.revision = max(box.revision, need_count(log.get("revision", 0), f"{where}.log.revision"))
    return box


def _load_group(box: Mailbox, part: Mapping[str, Any], where: str, now: datetime) -> None:
    check_keys(part, _GROUP_KEYS, where)
    name = need_text(part.get("name"), f"{where}.name").strip()
    deleted = part.get("deleted", False)
    if not isinstance(deleted, bool):
        raise Refused(f"{where}.deleted: give true or false")
    taken = {group.name.casefold() for group in box.groups.values() if not group.deleted}
    if not deleted and name.casefold() in taken:
        raise Refused(f"{where}.name: there are two groups {name}")
    number = need_count(part.get("number", box.number + 1), f"{where}.number")
    box.number = max(box.number, number)
    identifier = need_text(part.get("id", f"{make_number(box.user, 'group', number):x}"), f"{where}.id")
    if identifier in box.groups:
        raise Refused(f"{where}.id: there are two groups {identifier}")
    updated = need_time(part["updateTime"], f"{where}.updateTime") if "updateTime" in part else now
    data = [dict(each) for _, each in need_objects(part, "clientData", where)]
    for each in data:
        check_keys(each, ("key", "value"), f"{where}.clientData")
    box.groups[identifier] = Group(identifier, name, updated, number, data, deleted)


def _dump_mailbox(box: Mailbox) -> dict[str, Any]:
    present = [contact for contact in box.contacts.values() if not contact.now.deleted]
    gone = [contact for contact in box.contacts.values() if contact.now.deleted]
    return {
        "user": box.user,
        "address": box.address,
        "groups": [_dump_group(group) for group in box.groups.values()],
        "contacts": [dump_contact(box, contact) for contact in present],
        "other_contacts": [dump_contact(box, contact, other=True) for contact in box.others.values()],
        **({"deleted": [dump_deleted(contact) for contact in gone]} if gone else {}),
        "log": {"number": box.number, "revision": box.revision},
    }


def _dump_group(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "id": group.id,
        "number": group.number,
        "updateTime": show_time(group.updated),
        **({"clientData": group.client_data} if group.client_data else {}),
        **({"deleted": True} if group.deleted else {}),
    }

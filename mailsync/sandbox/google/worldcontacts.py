"""Contacts of a world: persons by the API's field names, and what a dump adds to them."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from mailsync.sandbox.google.checking import read_message
from mailsync.sandbox.google.errors import ApiError
from mailsync.sandbox.google.ids import make_number
from mailsync.sandbox.google.persons import check_size, read_fields
from mailsync.sandbox.google.records import MY_CONTACTS, SYSTEM_GROUPS, Contact, Mailbox, Version
from mailsync.sandbox.google.rendering import show_time
from mailsync.sandbox.google.schema import UPDATABLE
from mailsync.sandbox.google.worldvalues import (
    check_keys,
    need_bytes,
    need_count,
    need_id,
    need_list,
    need_text,
    need_texts,
    need_time,
)
from mailsync.sandbox.vendor import Refused

_OWN: Final = ("groups", "photo", "id", "number", "revision", "updateTime", "previous")
_FIELDS: Final = tuple(sorted(UPDATABLE - {"memberships"}))


def load_contact(box: Mailbox, part: Mapping[str, Any], where: str, now: datetime, *, other: bool = False) -> None:
    """Puts a contact into the mailbox. Raises Refused, naming the key that is wrong."""
    check_keys(part, (*_FIELDS, *_OWN), where)
    person = {name: value for name, value in part.items() if name not in _OWN}
    try:
        fields = read_fields(read_message(person, "Person", where), _FIELDS)
        check_size(fields)
    except ApiError as error:
        raise Refused(f"{where}: {error.message.splitlines()[0]}") from None
    number = need_count(part.get("number", box.number + 1), f"{where}.number")
    revision = need_count(part.get("revision", box.revision + 1), f"{where}.revision")
    box.number, box.revision = max(box.number, number), max(box.revision, revision)
    previous = tuple(need_id(each, f"{where}.previous") for each in need_list(part.get("previous", []), where))
    version = Version(
        number=number,
        revision=revision,
        updated=need_time(part["updateTime"], f"{where}.updateTime") if "updateTime" in part else now,
        fields=fields,
        groups=() if other else _read_groups(box, part, where),
        previous=previous,
        photo=need_bytes(part["photo"], f"{where}.photo") if "photo" in part else None,
    )
    kind = "other" if other else "contact"
    identifier = need_id(part["id"], f"{where}.id") if "id" in part else make_number(box.user, kind, number)
    _keep(box, Contact(identifier, [version]), where, other=other)
    box.moved |= dict.fromkeys(previous, identifier)


def load_deleted(box: Mailbox, part: Mapping[str, Any], where: str, now: datetime) -> None:
    """What sync requests are still told of. Raises Refused, naming the key that is wrong."""
    check_keys(part, ("id", "number", "revision", "updateTime"), where)
    number = need_count(part.get("number", box.number + 1), f"{where}.number")
    revision = need_count(part.get("revision", 0), f"{where}.revision")
    updated = need_time(part["updateTime"], f"{where}.updateTime") if "updateTime" in part else now
    box.number = max(box.number, number)
    version = Version(number, revision, updated, {}, (), deleted=True)
    _keep(box, Contact(need_id(part.get("id"), f"{where}.id"), [version]), where, other=False)


def dump_contact(box: Mailbox, contact: Contact, *, other: bool = False) -> dict[str, Any]:
    """A contact as `load_contact` reads it."""
    version = contact.now
    names = [each if each in SYSTEM_GROUPS else box.groups[each].name for each in version.groups]
    shown: dict[str, Any] = {**version.fields, **({} if other else {"groups": names})}
    if version.photo is not None:
        shown["photo"] = base64.b64encode(version.photo).decode()
    if version.previous:
        shown["previous"] = [str(number) for number in version.previous]
    return {**shown, **_dump_stamps(contact)}


def dump_deleted(contact: Contact) -> dict[str, Any]:
    """A deleted contact as `load_deleted` reads it."""
    return _dump_stamps(contact)


def _dump_stamps(contact: Contact) -> dict[str, Any]:
    version = contact.now
    return {
        "id": str(contact.id),
        "number": version.number,
        "revision": version.revision,
        "updateTime": show_time(version.updated),
    }


def _keep(box: Mailbox, contact: Contact, where: str, *, other: bool) -> None:
    if contact.id in box.contacts or contact.id in box.others:
        raise Refused(f"{where}.id: there are two contacts {contact.id}")
    (box.others if other else box.contacts)[contact.id] = contact


def _read_groups(box: Mailbox, part: Mapping[str, Any], where: str) -> tuple[str, ...]:
    """The ids of the groups that a contact names: the owner's by their names, others by their ids."""
    own = {group.name: group.id for group in box.groups.values() if not group.deleted}
    groups: list[str] = []
    for name in need_texts(part.get("groups", [MY_CONTACTS]), f"{where}.groups"):
        known = name if name in SYSTEM_GROUPS and name != "all" else own.get(need_text(name, where))
        if known is None:
            raise Refused(
                f"{where}.groups: the mailbox has no group {name}; give the names of its groups, or myContacts"
            )
        groups.append(known)
    if not groups:
        raise Refused(f"{where}.groups: a contact is in one group at least")
    return tuple(dict.fromkeys(groups))

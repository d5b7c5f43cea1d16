"""What people and administrators do that no API does: consent, end tokens, merge contacts, set the service."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from mailsync.sandbox.google.errors import ApiError
from mailsync.sandbox.google.ids import make_number, name_person
from mailsync.sandbox.google.oauth.consent import consent, enter_code, revoke_access
from mailsync.sandbox.google.oauth.keys import delegate, issue_key
from mailsync.sandbox.google.quotas import BUCKETS
from mailsync.sandbox.google.records import Contact, Fields, Mailbox
from mailsync.sandbox.google.schema import SINGLETONS
from mailsync.sandbox.google.service import Service
from mailsync.sandbox.google.store import (
    change_contact,
    find_contact,
    list_present,
    repeat_contact,
)
from mailsync.sandbox.google.world import load_limits
from mailsync.sandbox.google.worldvalues import need_object, need_seconds, need_text
from mailsync.sandbox.vendor import Refused

_ADMIN: Final = "admin"


def carry_out(service: Service, user: str, op: str, details: Mapping[str, Any]) -> dict[str, Any] | None:
    """The outcome of an act, None for one that isn't Google's. Raises Refused where it can't be done."""
    if op in _ADMINISTRATIVE:
        if user != _ADMIN:
            raise Refused(f"{op}: only admin can do that")
        return _ADMINISTRATIVE[op](service, details)
    known = _PERSONAL.get(op)
    return None if known is None else known(service, _find_box(service, user, details), details)


def _find_box(service: Service, user: str, details: Mapping[str, Any]) -> Mailbox:
    """The mailbox of who acts; admin names whose it is."""
    name = details.get("user") if user == _ADMIN else user
    box = service.boxes.get(str(name))
    if box is None:
        known = ", ".join(service.boxes) or "nobody"
        raise Refused(f"user: {name} has no Google account here; {known} has")
    return box


def _set_delay(service: Service, details: Mapping[str, Any]) -> dict[str, Any]:
    service.settings.delay = need_seconds(details.get("seconds"), "seconds")
    return {"seconds": service.settings.delay}


def _set_quotas(service: Service, details: Mapping[str, Any]) -> dict[str, Any]:
    """`on` true: all buckets in their usual sizes; `limits`: those; both left out or false: none is counted."""
    on = details.get("on", "limits" in details)
    if not isinstance(on, bool):
        raise Refused("on: give true or false")
    limits = load_limits(need_object(details.get("limits", {}), "limits"), "limits")
    usual = {} if "limits" in details else {name: bucket.usual for name, bucket in BUCKETS.items()}
    service.quotas.limits = {**usual, **limits} if on else {}
    service.quotas.used.clear()
    return {"quotas": dict(service.quotas.limits)}


def _set_busy(service: Service, details: Mapping[str, Any]) -> dict[str, Any]:
    service.settings.busy = need_seconds(details.get("seconds"), "seconds")
    return {"seconds": service.settings.busy}


def _set_expired_status(service: Service, details: Mapping[str, Any]) -> dict[str, Any]:
    status = details.get("status")
    if status not in (400, 410):
        raise Refused("status: give 400, or 410 as older clients knew it")
    service.settings.expired_status = int(status)
    return {"status": status}


def _replay(service: Service, box: Mailbox, _details: Mapping[str, Any]) -> dict[str, Any]:
    now = service.clock.now()
    contacts = list(list_present(box))
    for contact in contacts:
        repeat_contact(box, contact, now)
    return {"contacts": len(contacts)}


def _merge(service: Service, box: Mailbox, details: Mapping[str, Any]) -> dict[str, Any]:
    """Merge & fix: the contact that is kept takes the others' values; their names become its former ones."""
    kept, lost = _find(box, details, "keep"), _find(box, details, "lose")
    if kept is lost:
        raise Refused("lose: give another contact than the one that is kept")
    now, delay = service.clock.now(), service.settings.delay
    fields = _join(kept.now.fields, lost.now.fields)
    groups = tuple(dict.fromkeys((*kept.now.groups, *lost.now.groups)))
    previous = (*kept.now.previous, *lost.now.previous, lost.id)
    change_contact(box, kept, now, delay, fields=fields, groups=groups, previous=previous)
    _forget(box, lost, kept)
    return {"resourceName": name_person(kept.id), "previousResourceNames": [name_person(each) for each in previous]}


def _rename(service: Service, box: Mailbox, details: Mapping[str, Any]) -> dict[str, Any]:
    """A contact gets another resource name, as when it is linked to a profile."""
    old = _find(box, details, "contact")
    now, delay = service.clock.now(), service.settings.delay
    contact = Contact(make_number(box.user, "renamed", box.number + 1), list(old.versions))
    change_contact(box, contact, now, delay, previous=(*old.now.previous, old.id))
    box.contacts[contact.id] = contact
    _forget(box, old, contact)
    return {"resourceName": name_person(contact.id)}


def _restore(service: Service, box: Mailbox, details: Mapping[str, Any]) -> dict[str, Any]:
    """Out of the bin, where a deleted contact lies for 30 days, with its name, values and groups."""
    number = need_text(details.get("contact"), "contact").removeprefix("people/c")
    contact = box.contacts.get(int(number)) if number.isascii() and number.isdigit() else None
    if contact is None or not contact.now.deleted or len(contact.versions) < 2:
        raise Refused("contact: no such contact in the bin of this mailbox")
    before = contact.versions[-2]
    groups = tuple(each for each in before.groups if each not in box.groups or not box.groups[each].deleted)
    change_contact(
        box, contact, service.clock.now(), service.settings.delay,
        fields=before.fields, groups=groups or ("myContacts",), photo=before.photo,
    )  # fmt: skip
    return {"resourceName": name_person(contact.id)}


def _find(box: Mailbox, details: Mapping[str, Any], key: str) -> Contact:
    try:
        return find_contact(box, need_text(details.get(key), key))
    except ApiError:
        raise Refused(f"{key}: no such contact in this mailbox; give its resource name, people/c…") from None


def _forget(box: Mailbox, contact: Contact, instead: Contact) -> None:
    """The old name leads to the new one; sync requests tell of it by the new one's previousResourceNames alone."""
    del box.contacts[contact.id]
    box.moved[contact.id] = instead.id


def _join(kept: Fields, lost: Fields) -> Fields:
    joined: Fields = dict(kept)
    for name, values in lost.items():
        own = kept.get(name, [])
        if not own or name not in SINGLETONS:
            joined[name] = [*own, *(value for value in values if value not in own)]
    return joined


_Administrative = Callable[[Service, Mapping[str, Any]], dict[str, Any]]
_ADMINISTRATIVE: Final[Mapping[str, _Administrative]] = {
    "propagation_delay": _set_delay,
    "quotas": _set_quotas,
    "sequential_mutates": _set_busy,
    "expired_token_status": _set_expired_status,
    "service_account_key": issue_key,
    "delegate": delegate,
}
_Personal = Callable[[Service, Mailbox, Mapping[str, Any]], dict[str, Any]]
_PERSONAL: Final[Mapping[str, _Personal]] = {
    "replay": _replay,
    "merge_contacts": _merge,
    "rename_contact": _rename,
    "restore_contact": _restore,
    "consent": consent,
    "enter_code": enter_code,
    "revoke_access": revoke_access,
}

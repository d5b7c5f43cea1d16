"""Many contacts at once: all are created, updated or deleted, or none is.

The documents say only that an unsuccessful batch answers an error for each contact; that nothing was done then is what
an integration has to expect (vendors' notes, open points).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mailsync.sandbox.google.contacts import read_new, read_update
from mailsync.sandbox.google.errors import ApiError, invalid, show_status
from mailsync.sandbox.google.masks import read_optional, read_update_mask
from mailsync.sandbox.google.persons import check_room
from mailsync.sandbox.google.records import Contact, Fields
from mailsync.sandbox.google.rendering import show_person
from mailsync.sandbox.google.service import Ask
from mailsync.sandbox.google.store import add_contact, change_contact, delete_contact, find_contact

MOST_WRITTEN: Final = 200
MOST_DELETED: Final = 500
_DETAILS: Final = "type.googleapis.com/google.people.v1"


def create_contacts(ask: Ask) -> dict[str, Any]:
    """people.batchCreateContacts. Without a read mask nothing is answered, not even names."""
    contacts: list[dict[str, Any]] = ask.body.get("contacts", [])
    _check_count(len(contacts), MOST_WRITTEN, "contacts")
    mask = _read_mask(ask, "people/batchCreateContacts")
    made: list[tuple[Fields, tuple[str, ...]]] = []
    errors: dict[str, ApiError] = {}
    for at, item in enumerate(contacts):
        try:
            made.append(read_new(ask.box, item.get("contactPerson", {})))
        except ApiError as error:
            errors[str(at)] = error
    if errors:
        raise refuse_batch("BatchCreateContactsErrorDetails", errors)
    check_room(ask.box, len(made))
    added = [add_contact(ask.box, ask.now, ask.delay, fields, groups) for fields, groups in made]
    return {"createdPeople": [_answer_for(each, mask) for each in added]} if mask else {}


def update_contacts(ask: Ask) -> dict[str, Any]:
    """people.batchUpdateContacts: one mask for all of them."""
    given: dict[str, dict[str, Any]] = ask.body.get("contacts", {})
    _check_count(len(given), MOST_WRITTEN, "contacts")
    method = "people/batchUpdateContacts"
    replaced = read_update_mask(str(ask.body.get("updateMask", "")), "updateMask", method)
    mask = _read_mask(ask, method)
    changes: dict[str, tuple[Contact, Fields, tuple[str, ...]]] = {}
    errors: dict[str, ApiError] = {}
    for name, person in given.items():
        try:
            contact = find_contact(ask.box, name)
            changes[name] = (contact, *read_update(ask.box, contact, person, replaced))
        except ApiError as error:
            errors[name] = error
    if errors:
        raise refuse_batch("BatchUpdateContactsErrorDetails", errors)
    for contact, fields, groups in changes.values():
        change_contact(ask.box, contact, ask.now, ask.delay, fields=fields, groups=groups)
    if not mask:
        return {}
    return {"updateResult": {name: _answer_for(contact, mask, name) for name, (contact, _, _) in changes.items()}}


def delete_contacts(ask: Ask) -> dict[str, Any]:
    """people.batchDeleteContacts."""
    names: list[str] = ask.body.get("resourceNames", [])
    _check_count(len(names), MOST_DELETED, "resource_names")
    contacts = {contact.id: contact for contact in (find_contact(ask.box, name) for name in names)}
    for contact in contacts.values():
        delete_contact(ask.box, contact, ask.now, ask.delay)
    return {}


def refuse_batch(details: str, errors: Mapping[str, ApiError]) -> ApiError:
    """The refusal of a batch: the first error's, with an error for each contact in its details."""
    first = next(iter(errors.values()))
    listed = {name: show_status(error) for name, error in errors.items()}
    detail = {"@type": f"{_DETAILS}.{details}", "contactErrors": listed}
    return ApiError(first.status, first.message, (*first.details, detail))


def _read_mask(ask: Ask, method: str) -> Sequence[str]:
    return read_optional(str(ask.body.get("readMask", "")), "readMask", method, ())


def _check_count(count: int, most: int, name: str) -> None:
    if not 1 <= count <= most:
        raise invalid(f"Must specify between 1 and {most} {name.replace('_', ' ')}.", name)


def _answer_for(contact: Contact, mask: Sequence[str], name: str = "") -> dict[str, Any]:
    person = show_person(contact, contact.now, mask)
    return {
        "person": person,
        "httpStatusCode": 200,
        "requestedResourceName": name or person["resourceName"],
        "status": {},
    }

"""Contacts one by one: read, create, update, delete, and their photos."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from mailsync.sandbox.google.errors import ApiError, invalid, stale_etag
from mailsync.sandbox.google.ids import make_person_etag, make_source_etag
from mailsync.sandbox.google.masks import check_sources, read_optional, read_person_fields, read_update_mask
from mailsync.sandbox.google.persons import check_room, check_size, read_fields, read_groups, read_new_groups
from mailsync.sandbox.google.records import Contact, Fields, Mailbox
from mailsync.sandbox.google.rendering import show_person, show_self
from mailsync.sandbox.google.schema import READABLE, UPDATABLE
from mailsync.sandbox.google.service import Ask
from mailsync.sandbox.google.store import add_contact, change_contact, delete_contact, find_contact

_MOST_READ: Final = 200
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def get_person(ask: Ask) -> dict[str, Any]:
    """people.get."""
    mask = read_person_fields(ask, "people/get")
    return read_one(ask.box, ask.place["name"], mask, ask.query.get("sources", ()))


def get_people(ask: Ask) -> dict[str, Any]:
    """people.getBatchGet: a response for each name, in order, also for those that are not found."""
    mask = read_person_fields(ask, "people/getBatchGet")
    names = ask.query.get("resourceNames", ())
    if not names:
        raise invalid("Must specify at least one resource name.", "resourceNames")
    if len(names) > _MOST_READ:
        raise invalid(f"Must specify at most {_MOST_READ} resource names.", "resourceNames")
    return {"responses": [_answer_for(ask, name, mask) for name in names]}


def create_contact(ask: Ask) -> dict[str, Any]:
    """people.createContact."""
    mask = read_optional(ask.text("personFields"), "personFields", "people/createContact", READABLE)
    fields, groups = read_new(ask.box, ask.body)
    check_room(ask.box, 1)
    contact = add_contact(ask.box, ask.now, ask.delay, fields, groups)
    return show_person(contact, contact.now, mask)


def update_contact(ask: Ask) -> dict[str, Any]:
    """people.updateContact: the mask's fields are replaced."""
    method = "people/updateContact"
    replaced = read_update_mask(ask.text("updatePersonFields"), "updatePersonFields", method)
    mask = read_optional(ask.text("personFields"), "personFields", method, READABLE)
    contact = find_contact(ask.box, ask.place["name"])
    fields, groups = read_update(ask.box, contact, ask.body, replaced)
    change_contact(ask.box, contact, ask.now, ask.delay, fields=fields, groups=groups)
    return show_person(contact, contact.now, mask)


def remove_contact(ask: Ask) -> dict[str, Any]:
    """people.deleteContact; no etag is asked for."""
    delete_contact(ask.box, find_contact(ask.box, ask.place["name"]), ask.now, ask.delay)
    return {}


def update_photo(ask: Ask) -> dict[str, Any]:
    """people.updateContactPhoto."""
    photo: bytes = ask.body.get("photoBytes", b"")
    if not photo.startswith(_PICTURES):
        raise invalid("Photo bytes must be a JPEG or PNG picture.", "photo_bytes")
    return _change_photo(ask, photo, str(ask.body.get("personFields", "")))


def delete_photo(ask: Ask) -> dict[str, Any]:
    """people.deleteContactPhoto."""
    return _change_photo(ask, None, ask.text("personFields"))


def read_one(box: Mailbox, name: str, mask: Sequence[str], sources: Collection[str]) -> dict[str, Any]:
    """A person by its resource name: the account's own, or a contact. Raises ApiError."""
    if name in ("people/me", f"people/{box.account}"):
        return show_self(box, mask)
    contact = find_contact(box, name)
    return show_person(contact, contact.now, mask if check_sources(sources) else ())


def read_new(box: Mailbox, person: Mapping[str, Any]) -> tuple[Fields, tuple[str, ...]]:
    """The values and groups of a new contact. Raises ApiError."""
    fields = read_fields(person, UPDATABLE)
    check_size(fields)
    return fields, read_new_groups(box, person)


def read_update(
    box: Mailbox, contact: Contact, person: Mapping[str, Any], replaced: Collection[str]
) -> tuple[Fields, tuple[str, ...]]:
    """The contact's values and groups after an update. Raises ApiError, for a stale etag too."""
    _check_etag(contact, person)
    kept = {name: values for name, values in contact.now.fields.items() if name not in replaced}
    fields = {**kept, **read_fields(person, replaced)}
    check_size(fields)
    if "memberships" not in replaced:
        return fields, contact.now.groups
    groups = read_groups(box, person, contact.now.groups)
    if not groups:
        raise invalid("A contact must have at least one contact group membership.", "person.memberships")
    return fields, groups


def _check_etag(contact: Contact, person: Mapping[str, Any]) -> None:
    """The etag of the person, or of its source of type CONTACT; each that is given has to be the present one."""
    sources: list[dict[str, Any]] = person.get("metadata", {}).get("sources", [])
    own = [source for source in sources if source.get("type") == "CONTACT"]
    if sources and not own:
        raise invalid("Request person.metadata.sources has no source of type CONTACT.", "person.metadata.sources")
    etags = [str(source["etag"]) for source in own if source.get("etag")]
    whole = str(person.get("etag", ""))
    if not etags and not whole:
        text = "Request must set person.etag or person.metadata.sources.etag for the source that is being updated."
        raise invalid(text)
    revision = contact.now.revision
    if whole and whole != make_person_etag(contact.id, revision):
        raise stale_etag("person.etag")
    if any(etag != make_source_etag(contact.id, revision) for etag in etags):
        raise stale_etag("person.metadata.sources.etag")


def _answer_for(ask: Ask, name: str, mask: Sequence[str]) -> dict[str, Any]:
    try:
        person = read_one(ask.box, name, mask, ask.query.get("sources", ()))
    except ApiError as error:
        status = {"code": 5, "message": error.message}
        return {"requestedResourceName": name, "httpStatusCode": error.code, "status": status}
    return {"person": person, "httpStatusCode": 200, "requestedResourceName": name, "status": {}}


def _change_photo(ask: Ask, photo: bytes | None, mask: str) -> dict[str, Any]:
    shown = read_optional(mask, "personFields", "people/updateContactPhoto", ())
    contact = find_contact(ask.box, ask.place["name"])
    change_contact(ask.box, contact, ask.now, ask.delay, photo=photo)
    return {"person": show_person(contact, contact.now, shown)} if shown else {}

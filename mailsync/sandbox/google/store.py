"""Reading and changing a mailbox: each change has a number, and is seen by lists once its delay is over."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from mailsync.sandbox.google.errors import not_found
from mailsync.sandbox.google.ids import make_number, read_person
from mailsync.sandbox.google.records import MY_CONTACTS, Contact, Fields, Group, Mailbox, Version

_KEPT: Final = timedelta(days=1)  # how long former versions are kept for lists that lag or are being paged
_UNSET: Final = "unset"


def horizon(box: Mailbox, now: datetime) -> int:
    """The number of the last change that sync requests know of by now."""
    while box.pending and box.pending[0][1] <= now:
        box.pending.popleft()
    return box.pending[0][0] - 1 if box.pending else box.number


def number_change(box: Mailbox, now: datetime, delay: float) -> int:
    """The number of a change made now; sync requests learn of it `delay` seconds later."""
    box.number += 1
    if delay > 0:
        box.pending.append((box.number, now + timedelta(seconds=delay)))
    return box.number


def add_contact(box: Mailbox, now: datetime, delay: float, fields: Fields, groups: tuple[str, ...]) -> Contact:
    """Makes a contact."""
    number = number_change(box, now, delay)
    box.revision += 1
    contact = Contact(make_number(box.user, "contact", number), [])
    contact.versions.append(Version(number, box.revision, now, fields, groups))
    box.contacts[contact.id] = contact
    return contact


def change_contact(
    box: Mailbox,
    contact: Contact,
    now: datetime,
    delay: float,
    *,
    fields: Fields | None = None,
    groups: tuple[str, ...] | None = None,
    previous: tuple[int, ...] | None = None,
    photo: bytes | str | None = _UNSET,
) -> Version:
    """The contact's next version; what is left out stays."""
    old = contact.now
    box.revision += 1
    version = Version(
        number=number_change(box, now, delay),
        revision=box.revision,
        updated=now,
        fields=old.fields if fields is None else fields,
        groups=old.groups if groups is None else groups,
        previous=old.previous if previous is None else previous,
        photo=old.photo if isinstance(photo, str) else photo,
    )
    _append(contact, version, now)
    return version


def repeat_contact(box: Mailbox, contact: Contact, now: datetime) -> None:
    """Lets sync requests tell of a contact again, though it is as it was: same content, same etag."""
    old = contact.now
    version = Version(
        number_change(box, now, 0), old.revision, old.updated, old.fields, old.groups, old.previous, old.photo
    )
    version.shown = old.shown
    _append(contact, version, now)


def delete_contact(box: Mailbox, contact: Contact, now: datetime, delay: float) -> None:
    """Deletes a contact; sync requests are told of it by name."""
    box.revision += 1
    number = number_change(box, now, delay)
    _append(contact, Version(number, box.revision, now, {}, (), contact.now.previous, deleted=True), now)


def find_contact(box: Mailbox, name: str) -> Contact:
    """The contact of that resource name, or of one that it had before. Raises ApiError."""
    number = read_person(name)
    seen: set[int] = set()
    while number in box.moved and number not in seen:
        seen.add(number)
        number = box.moved[number]
    contact = None if number is None else box.contacts.get(number)
    if contact is None or contact.now.deleted:
        raise not_found()
    return contact


def find_version(contact: Contact, last: int) -> Version | None:
    """The contact as it was with the change `last`; None: it was not there yet."""
    for version in reversed(contact.versions):
        if version.number <= last:
            return version
    return None


def list_present(box: Mailbox) -> Iterator[Contact]:
    """The contacts that are not deleted."""
    return (contact for contact in box.contacts.values() if not contact.now.deleted)


def count_members(box: Mailbox) -> Counter[str]:
    """How many contacts each group has."""
    counts: Counter[str] = Counter()
    for contact in list_present(box):
        counts.update(contact.now.groups)
        counts["all"] += 1
    return counts


def list_members(box: Mailbox, group: str) -> list[int]:
    """The ids of a group's contacts."""
    return [contact.id for contact in list_present(box) if group == "all" or group in contact.now.groups]


def leave_group(box: Mailbox, contact: Contact, group: str, now: datetime, delay: float) -> None:
    """Takes a contact out of a group that ends; one that would be in no group any more goes to My Contacts."""
    rest = tuple(each for each in contact.now.groups if each != group)
    change_contact(box, contact, now, delay, groups=rest or (MY_CONTACTS,))


def find_group(box: Mailbox, identifier: str | None) -> Group:
    """A group that its owner made. Raises ApiError."""
    group = None if identifier is None else box.groups.get(identifier)
    if group is None or group.deleted:
        raise not_found()
    return group


def _append(contact: Contact, version: Version, now: datetime) -> None:
    contact.versions.append(version)
    while len(contact.versions) > 2 and contact.versions[1].updated < now - _KEPT:
        del contact.versions[0]

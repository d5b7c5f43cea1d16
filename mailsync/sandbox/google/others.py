"""Other contacts (saved by themselves, to read only), search in both kinds, and the directory, which is closed."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from mailsync.sandbox.google.errors import ApiError, expired_sync_token, invalid, not_found
from mailsync.sandbox.google.ids import read_person
from mailsync.sandbox.google.masks import read_mask, read_optional
from mailsync.sandbox.google.persons import check_room
from mailsync.sandbox.google.records import MY_CONTACTS, Fields
from mailsync.sandbox.google.rendering import show_name, show_other, show_person
from mailsync.sandbox.google.schema import READABLE
from mailsync.sandbox.google.service import Ask
from mailsync.sandbox.google.store import add_contact, find_version, horizon
from mailsync.sandbox.google.tokens import Place, bind, is_expired, read_token, write_token

_LISTED: Final = frozenset({"emailAddresses", "metadata", "names", "phoneNumbers", "photos"})
_COPIED: Final = frozenset({"emailAddresses", "names", "phoneNumbers"})
_MOST_FOUND: Final = 30


def list_others(ask: Ask) -> dict[str, Any]:
    """otherContacts.list."""
    mask = read_mask(ask.text("readMask"), "readMask", "otherContacts/list", _LISTED)
    size = ask.number("pageSize", 100, 1, 1000)
    bound = bind(sorted(mask), sorted(ask.query.get("sources", ())), size)
    box, now = ask.box, int(ask.now.timestamp())
    place = Place("others", box.account, bound, -1, 0, now)
    for what, kind in (("pageToken", "others"), ("syncToken", "others.sync")):
        if ask.text(what):
            place = read_token(ask.text(what), what)
            if (place.owner, place.kind, place.bound) != (box.account, kind, bound):
                raise invalid(f"Request parameters must match those of the call that gave the {what}.", what)
            break
    if place.kind == "others.sync" and is_expired(place, ask.now):
        raise expired_sync_token(ask.service.settings.expired_status)
    rows = [] if place.kind == "others.sync" else list(box.others.values())
    page = rows[place.skip : place.skip + size]
    answer: dict[str, Any] = {"otherContacts": [show_other(each, mask) for each in page]} if page else {}
    if rows:
        answer["totalSize"] = len(rows)
    if place.skip + size < len(rows):
        return {**answer, "nextPageToken": write_token(_move(place, "others", place.skip + size))}
    if ask.flag("requestSyncToken") or ask.text("syncToken"):
        answer["nextSyncToken"] = write_token(_move(place, "others.sync", 0))
    return answer


def copy_other(ask: Ask) -> dict[str, Any]:
    """otherContacts.copyOtherContactToMyContactsGroup."""
    method = "otherContacts/copyOtherContactToMyContactsGroup"
    copied = read_mask(str(ask.body.get("copyMask", "")), "copyMask", method, _COPIED)
    mask = read_optional(str(ask.body.get("readMask", "")), "readMask", method, {*copied, "memberships", "metadata"})
    number = read_person(ask.place["name"].replace("otherContacts/", "people/", 1))
    other = None if number is None else ask.box.others.get(number)
    if other is None:
        raise not_found()
    check_room(ask.box, 1)
    fields = {name: values for name, values in other.now.fields.items() if name in copied}
    contact = add_contact(ask.box, ask.now, ask.delay, fields, (MY_CONTACTS,))
    return show_person(contact, contact.now, mask)


def search_contacts(ask: Ask) -> dict[str, Any]:
    """people.searchContacts: by beginnings of phrases, over what the cache knew when it was last warmed up."""
    mask = read_mask(ask.text("readMask"), "readMask", "people/searchContacts", READABLE)
    size = _read_size(ask)
    query = _fold(ask.text("query"))
    box = ask.box
    if not query:
        box.searchable = horizon(box, ask.now)
        return {}
    known = -1 if box.searchable is None else box.searchable
    seen = ((contact, find_version(contact, known)) for contact in box.contacts.values())
    rows = [
        {"person": show_person(contact, version, mask)}
        for contact, version in seen
        if version is not None and not version.deleted and _matches(_list_texts(version.fields), query)
    ]
    return {"results": rows[:size]} if rows else {}


def search_others(ask: Ask) -> dict[str, Any]:
    """otherContacts.search."""
    mask = read_mask(ask.text("readMask"), "readMask", "otherContacts/search", _COPIED | {"metadata"})
    size = _read_size(ask)
    query = _fold(ask.text("query"))
    found = [each for each in ask.box.others.values() if query and _matches(_list_texts(each.now.fields), query)]
    return {"results": [{"person": show_other(each, mask)} for each in found[:size]]} if found else {}


def refuse_directory(_ask: Ask) -> dict[str, Any]:
    """people.listDirectoryPeople and searchDirectoryPeople, as for an account that is not in a Workspace domain."""
    raise ApiError("PERMISSION_DENIED", "Must be a G Suite domain user.")


def _move(place: Place, kind: str, skip: int) -> Place:
    return Place(kind, place.owner, place.bound, 0, 0, place.full, skip)


def _read_size(ask: Ask) -> int:
    size = ask.number("pageSize", 10, 1, 2**31 - 1)
    return min(size, _MOST_FOUND)


def _list_texts(fields: Fields) -> Iterator[str]:
    yield from (show_name(value) for value in fields.get("names", []))
    for name in ("nicknames", "emailAddresses", "phoneNumbers"):
        yield from (str(value.get("value", "")) for value in fields.get(name, []))
    for value in fields.get("organizations", []):
        yield from (str(value[part]) for part in ("name", "title") if part in value)


def _matches(texts: Iterable[str], query: str) -> bool:
    """Whether a phrase begins with the query: at the beginning of the text or of one of its words."""
    return any(f" {query}" in f" {_fold(text)}" for text in texts)


def _fold(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()

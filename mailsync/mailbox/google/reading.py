"""A person as Google tells it, as an item; and its properties, flat, as the mapping table names them."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from mailsync.core.changes import Item
from mailsync.core.policy import CATEGORY, ERROR_CATEGORY
from mailsync.core.refs import FolderId, ItemId, Key, RecordId, Version
from mailsync.mailbox.google.entries import Entry, choose, list_entries
from mailsync.mailbox.google.properties import (
    EXCLUDED,
    FURTHER,
    KEY,
    MARKS,
    PROBLEM,
    RECORD,
    SYSTEM_GROUPS,
    WEB_PAGE,
    Slot,
    find_slot,
)
from mailsync.mailbox.google.told import NOTHING, Json, as_table, as_tables
from mailsync.mapping.interpreter import read
from mailsync.mapping.table import Table

Person = Json


@dataclass(frozen=True, slots=True)
class Labels:
    """Our label groups by their resource names; "" where one is not there or not known."""

    folder: str = ""
    problem: str = ""


def list_fields(table: Table) -> tuple[str, ...]:
    """The fields of a marked person that are asked for: the mapped ones and our own, nothing else (A6)."""
    mapped = {find_slot(name).field for name in (*table.properties("google"), WEB_PAGE)}
    return tuple(sorted(mapped | {*MARKS, "names", "emailAddresses"}))


def read_item(person: Person, labels: Labels, table: Table, *, whole: bool = True) -> Item:
    """The item that a person is. With `whole` False only its marks were read, and no value is known."""
    groups = list_groups(person)
    inside = bool(labels.folder) and labels.folder in groups
    own = read_own(person)
    name = next(iter(list_entries(person, "names")), NOTHING)
    emails = tuple(str(e.get("value", "")) for e in list_entries(person, "emailAddresses") if e.get("value"))
    return Item(
        id=ItemId(str(person.get("resourceName", ""))),
        version=Version(read_etag(person)),
        folder=FolderId(labels.folder if inside else ""),
        inside=inside,
        values=read(table, "google", read_flat(person, table)) if whole else {},
        categories=_read_categories(groups, labels, own.get(PROBLEM, "")),
        record=RecordId(own[RECORD]) if own.get(RECORD) else None,
        key=Key(own[KEY]) if own.get(KEY) else None,
        excluded=bool(own.get(EXCLUDED)),
        emails=emails,
        web_page=read_slot(person, find_slot(WEB_PAGE), ()),
        file_as=str(name.get("displayNameLastFirst", "")),
        display_name=str(name.get("displayName", "")),
    )


def _read_categories(groups: Collection[str], labels: Labels, problem: str) -> tuple[str, ...]:
    """Our label is folder and category in one; the person's other labels are nobody's business."""
    found = [CATEGORY] if labels.folder in groups else []
    if labels.problem and labels.problem in groups:
        found += [ERROR_CATEGORY, *([f"{ERROR_CATEGORY}: {problem}"] if problem else [])]
    return tuple(found)


def read_flat(person: Person, table: Table) -> dict[str, str]:
    """The mapped properties that are known: "" where blank; absent where there is something that is not ours to read –
    a birthday without its year, a note that is not plain text (mappings.md).
    """
    further = read_further(person)
    slots = {name: find_slot(name) for name in table.properties("google")}
    return {n: read_slot(person, s, further) for n, s in slots.items() if not is_foreign(person, s)}


def read_slot(person: Person, slot: Slot, further: Collection[str]) -> str:
    """The text in a slot; "" where there is none."""
    entries = list_entries(person, slot.field)
    place = choose(entries, slot, further)
    return read_part(entries[place], slot) if place is not None else ""


def read_part(entry: Entry, slot: Slot) -> str:
    """A part of an entry, as text."""
    if slot.field == "birthdays":
        return _read_date(entry)
    if slot.part == "streetAddress" and is_unstructured(entry):
        return str(entry.get("formattedValue", ""))
    if slot.part == "country":
        return str(entry.get("country") or entry.get("countryCode") or "")
    return str(entry.get(slot.part, "") or "")


def is_unstructured(address: Entry) -> bool:
    """Whether an address is one text, without parts: then the text stands for the street."""
    return not any(address.get(p) for p in _STRUCTURED)


_STRUCTURED = ("streetAddress", "extendedAddress", "poBox", "city", "region", "postalCode", "country", "countryCode")


def _read_date(entry: Entry) -> str:
    date = as_table(entry.get("date"))
    year, month, day = (int(date.get(part) or 0) for part in ("year", "month", "day"))
    return f"{year:04}-{month:02}-{day:02}" if year and month and day else ""


def is_foreign(person: Person, slot: Slot) -> bool:
    """Whether a slot holds something that has no counterpart: it is neither read nor overwritten."""
    entry = next(iter(list_entries(person, slot.field)), None)
    match slot.field:
        case "birthdays" if entry is not None:
            return not _read_date(entry)
        case "biographies" if entry is not None:
            return entry.get("contentType") == "TEXT_HTML"
        case _:
            return False


def read_etag(person: Person) -> str:
    """The version of the person's contact; "" where it was not told."""
    return str(find_source(person).get("etag", ""))


def find_source(person: Person) -> Person:
    """The source of the contact itself."""
    sources = as_tables(as_table(person.get("metadata")).get("sources"))
    return next((s for s in sources if s.get("type") == "CONTACT"), NOTHING)


def list_groups(person: Person) -> list[str]:
    """The resource names of the groups that a person is in."""
    found = [as_table(m.get("contactGroupMembership")) for m in list_entries(person, "memberships")]
    return [str(m["contactGroupResourceName"]) for m in found if m.get("contactGroupResourceName")]


def is_label(group: str) -> bool:
    """Whether a group is a label of the person's; Google's own groups have names instead of numbers."""
    return group.partition("/")[2] not in SYSTEM_GROUPS


def read_own(person: Person) -> dict[str, str]:
    """Client data by key; of two entries with one key the first counts."""
    found: dict[str, str] = {}
    for entry in list_entries(person, "clientData"):
        found.setdefault(str(entry.get("key", "")), str(entry.get("value", "")))
    return found


def read_further(person: Person) -> frozenset[str]:
    """The seals of entries that could be read as a slot of ours but are the person's own."""
    return frozenset(re.findall(r"[0-9a-f]{12}", read_own(person).get(FURTHER, "")))

"""What is sent to change a person: the fields of the update mask, whole.

Google replaces each field named in the mask and clears what is missing from it (vendors/mailbox.md D1). So each field
is the one that was read, entry for entry, with nothing changed but the slots that are meant (L7).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any

from mailsync.core.policy import CATEGORY, ERROR_CATEGORY
from mailsync.mailbox.google.entries import choose, clean, is_empty, list_candidates, list_entries, seal
from mailsync.mailbox.google.properties import (
    CONTACTS,
    EXCLUDED,
    FURTHER,
    PROBLEM,
    RECORD,
    WEB_PAGE,
    Slot,
    Unfit,
    find_slot,
)
from mailsync.mailbox.google.reading import (
    Labels,
    Person,
    find_source,
    is_foreign,
    is_unstructured,
    list_groups,
    read_further,
    read_own,
    read_part,
)
from mailsync.mailbox.google.told import NOTHING
from mailsync.mapping.interpreter import write
from mailsync.mapping.table import Table
from mailsync.ports.mailbox import ItemDraft, ItemEdit

Fields = dict[str, list[dict[str, Any]]]


@dataclass(slots=True)
class Change:
    """A person on the way to being changed: what was read, and the fields that shall be, which are the mask."""

    person: Person
    fields: Fields = field(default_factory=dict[str, list[dict[str, Any]]])
    further: set[str] = field(default_factory=set[str])

    def entries(self, name: str) -> list[dict[str, Any]]:
        """A field's entries as they shall be by now, a list of one's own."""
        known = self.fields.get(name)
        return list(known) if known is not None else [clean(e, name) for e in list_entries(self.person, name)]


def change_person(person: Person, edit: ItemEdit, labels: Labels, table: Table) -> Fields:
    """The fields that an edit replaces, by name; none where nothing differs. Raises Unfit."""
    change = Change(person, further=set(read_further(person)))
    flat = write(table, "google", edit.values)
    if edit.web_page is not None:
        flat[WEB_PAGE] = edit.web_page
    _write_slots(change, flat)
    own = _list_own(edit) | _note_further(change)
    _write_own(change, own)
    if edit.categories is not None:
        _write_groups(change, edit.categories, labels)
    return change.fields


def make_person(draft: ItemDraft, labels: Labels, table: Table, key: str) -> Fields:
    """A new person's fields, in our label and among the person's contacts. Raises Unfit."""
    change = Change({})
    _write_slots(change, write(table, "google", draft.values) | {WEB_PAGE: draft.web_page})
    _write_own(change, {RECORD: draft.record, key: draft.key})
    change.fields["memberships"] = [write_membership(g) for g in (CONTACTS, labels.folder)]
    return change.fields


def _write_slots(change: Change, flat: Mapping[str, str]) -> None:
    """Each entry once: an address is one of five parts, an employment one of three."""
    for group in _group_slots(tuple(flat)):
        _write_entry(change, [(slot, name, plain(flat[name])) for slot, name in group])


@lru_cache(maxsize=256)
def _group_slots(names: tuple[str, ...]) -> tuple[tuple[tuple[Slot, str], ...], ...]:
    """Properties by the entry that holds them: the same ones for all contacts that are created."""
    slots = sorted(((find_slot(name), name) for name in names), key=_name_entry)
    return tuple(tuple(group) for _, group in groupby(slots, key=_name_entry))


def _name_entry(placed: tuple[Slot, str]) -> tuple[str, str]:
    return placed[0].field, placed[0].type


def _write_entry(change: Change, parts: Sequence[tuple[Slot, str, str]]) -> None:
    slot, name, _ = parts[0]
    entries = change.entries(slot.field)
    place = choose(entries, slot, change.further)
    before = entries[place] if place is not None else NOTHING
    changed = [(s, n, text) for s, n, text in parts if read_part(before, s) != text]
    if not changed:
        return
    if is_foreign(change.person, slot):
        raise Unfit(name, "the mailbox holds a value of another kind there, which is left alone")
    entry = dict(entries[place]) if place is not None else ({"type": slot.type} if slot.type else {})
    for part, named, text in changed:
        _write_part(entry, part, named, text)
    entry = _as_new(entry, slot) if place is None else entry
    if change.further:
        change.further.discard(seal(entry, slot.field))
    if place is None:
        entries += [] if is_empty(entry) else [entry]
    elif not is_empty(entry):
        entries[place] = entry
    else:
        del entries[place]
        change.further |= {seal(entries[n], slot.field) for n in list_candidates(entries, slot, change.further)}
    change.fields[slot.field] = entries


_BARRED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(text: str) -> str:
    """A text without control characters and halves of pairs, which no address book keeps."""
    return text if text.isprintable() else _BARRED.sub("", text)


def _as_new(entry: dict[str, Any], slot: Slot) -> dict[str, Any]:
    return entry | {"type": "work"} if slot.field == "emailAddresses" else entry


def _write_part(entry: dict[str, Any], slot: Slot, name: str, text: str) -> None:
    """One part; what Google derives from it must not contradict it, so it is left to be derived anew."""
    match slot.field:
        case "birthdays":
            entry.pop("text", None)
            entry.pop("date", None)
            entry |= {"date": _write_date(name, text)} if text else {}
            return
        case "biographies":
            entry["contentType"] = "TEXT_PLAIN"
        case "names":
            entry.pop("unstructuredName", None)
        case "addresses":
            if is_unstructured(entry) and "formattedValue" in entry:
                entry["streetAddress"] = entry["formattedValue"]
            entry.pop("formattedValue", None)
            if slot.part == "country":
                entry.pop("countryCode", None)
        case _:
            pass
    entry.pop(slot.part, None)
    if text:
        entry[slot.part] = text


def _write_date(name: str, text: str) -> dict[str, int]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Unfit(name, "this is no date") from None
    return {"year": day.year, "month": day.month, "day": day.day}


def _list_own(edit: ItemEdit) -> dict[str, str]:
    """Client data that an edit sets; "" takes an entry off."""
    own: dict[str, str] = {}
    if edit.record is not None:
        own[RECORD] = edit.record
    if edit.excluded is not None:
        own[EXCLUDED] = "true" if edit.excluded else ""
    if edit.categories is not None:
        prefix = f"{ERROR_CATEGORY}: "
        own[PROBLEM] = next((c.removeprefix(prefix) for c in edit.categories if c.startswith(prefix)), "")
    return own


def _note_further(change: Change) -> dict[str, str]:
    """What is remembered of further entries, less what is there no more."""
    known = read_further(change.person)
    if not known and not change.further:
        return {}
    names = {"emailAddresses", "phoneNumbers", "addresses", "organizations", "relations", "urls", *change.fields}
    present = {seal(e, n) for n in names for e in change.fields.get(n) or list_entries(change.person, n)}
    kept = frozenset(change.further & present)
    return {FURTHER: " ".join(sorted(kept))} if kept != known else {}


def _write_own(change: Change, own: Mapping[str, str]) -> None:
    """Sets entries of ours; those of other programs stay (vendors/mailbox.md D1)."""
    present = read_own(change.person)
    changed = {k: v for k, v in own.items() if present.get(k, "") != v}
    if changed:
        others = [e for e in change.entries("clientData") if e.get("key") not in changed]
        change.fields["clientData"] = [*others, *({"key": k, "value": v} for k, v in changed.items() if v)]


def _write_groups(change: Change, categories: Iterable[str], labels: Labels) -> None:
    """Our two labels by the categories; a contact must stay in some group, so that the last one is My Contacts."""
    wanted = {c.casefold() for c in categories}
    before = list_groups(change.person)
    after = [g for g in before if g not in (labels.folder, labels.problem)]
    after += [labels.folder] if labels.folder and CATEGORY.casefold() in wanted else []
    after += [labels.problem] if labels.problem and ERROR_CATEGORY.casefold() in wanted else []
    after = after or [CONTACTS]
    if set(after) != set(before):
        change.fields["memberships"] = [write_membership(g) for g in after]


def write_membership(group: str) -> dict[str, Any]:
    """A membership as it is written: its id is output only."""
    return {"contactGroupMembership": {"contactGroupResourceName": group}}


def as_update(person: Person, fields: Fields) -> dict[str, Any]:
    """What a conditional update carries of a person: the fields, and the source with the version that was read."""
    source = find_source(person)
    bound = {k: source[k] for k in ("type", "id", "etag") if k in source}
    return {"resourceName": person.get("resourceName"), "metadata": {"sources": [bound]}, **fields}

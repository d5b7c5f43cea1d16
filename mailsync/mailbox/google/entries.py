"""The entries of a person's fields: which one a slot means, and what of it may be written back.

Google has no fixed places: a contact has any number of e-mail addresses and numbers, each with a type. A slot means
the first of its type, or the one that leads. Where this program has emptied a slot while the person has further entries
that could be read as it, these are remembered on the contact itself (FURTHER), or they would come back as an edit (L8).
"""

import json
from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2s
from typing import Any

from mailsync.mailbox.google.properties import Slot
from mailsync.mailbox.google.told import Json, as_table, as_tables

Entry = Json

# Output only, by the discovery document; `metadata` keeps which entry leads, the only part of it that can be written.
_READ_ONLY = frozenset({"metadata", "formattedType", "canonicalForm", "displayNameLastFirst"})
_OF_NAMES = frozenset({"displayName"})


def list_entries(person: Mapping[str, Any], field: str) -> list[Entry]:
    """A field's entries as they were read."""
    return as_tables(person.get(field))


def clean(entry: Entry, field: str) -> dict[str, Any]:
    """An entry as it may be sent back: without what Google alone writes."""
    barred = _READ_ONLY | _OF_NAMES if field == "names" else _READ_ONLY
    kept = {k: v for k, v in entry.items() if k not in barred}
    if as_table(entry.get("metadata")).get("sourcePrimary"):
        kept["metadata"] = {"sourcePrimary": True}
    return kept


def choose(entries: Sequence[Entry], slot: Slot, further: Collection[str]) -> int | None:
    """The place of the entry that a slot means; None where there is none."""
    found = list_candidates(entries, slot, further)
    return min(found, key=lambda n: (_rank(entries[n], slot), n)) if found else None


def list_candidates(entries: Sequence[Entry], slot: Slot, further: Collection[str]) -> list[int]:
    """The places of all entries that a slot could mean."""
    kind = slot.type.casefold()
    typed = [n for n, e in enumerate(entries) if not kind or str(e.get("type", "")).casefold() == kind]
    return [n for n in typed if seal(entries[n], slot.field) not in further] if further else typed


def _rank(entry: Entry, slot: Slot) -> int:
    """Of several, the one that leads: the contact's primary e-mail address or one at work, the present employer."""
    match slot.field:
        case "emailAddresses" if as_table(entry.get("metadata")).get("sourcePrimary"):
            return 0
        case "emailAddresses":
            return 1 if entry.get("type") == "work" else 2
        case "organizations":
            return 0 if entry.get("current") else 1
        case _:
            return 0


def is_empty(entry: Entry) -> bool:
    """Whether nothing is left of an entry but its kind."""
    return not any(v for k, v in entry.items() if k not in ("type", "metadata", "current", "contentType"))


def seal(entry: Entry, field: str) -> str:
    """Names an entry by its content."""
    content = {k: v for k, v in clean(entry, field).items() if k not in ("metadata", "formattedValue")}
    written = json.dumps([field, content], sort_keys=True, separators=(",", ":"))
    return blake2s(written.encode(), digest_size=6).hexdigest()

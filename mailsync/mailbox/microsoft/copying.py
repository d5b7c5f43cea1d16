"""A contact made again from all that Graph shows of it: its own properties, and those MAPI properties of contacts that
it has no names for.
"""

from typing import Any, cast

from mailsync.core.refs import Key, RecordId, widen
from mailsync.mailbox.microsoft.answers import Json, as_entries, as_object, as_text
from mailsync.mailbox.microsoft.channel import escape
from mailsync.mailbox.microsoft.properties import EXCLUDED, EXTENDED, KEY, RECORD, SENSITIVITY, fold_id, name_id

_READ_ONLY = frozenset({"id", "changeKey", "createdDateTime", "lastModifiedDateTime", "parentFolderId", EXTENDED})
# A second showing of emailAddresses, which Graph's documents do not know.
_ECHOES = frozenset({"primaryEmailAddress", "secondaryEmailAddress", "tertiaryEmailAddress", "photo"})
_ADDRESS_SET = "{00062004-0000-0000-C000-000000000046}"
_COMMON_SET = "{00062008-0000-0000-C000-000000000046}"

# MS-OXPROPS: what Outlook keeps of a contact beyond Graph's properties.
_TAGS = (
    *("0x3A00", "0x3A02", "0x3A07", "0x3A0C", "0x3A0D", "0x3A10", "0x3A1A", "0x3A1D", "0x3A1E", "0x3A1F", "0x3A21"),
    *("0x3A23", "0x3A24", "0x3A25", "0x3A2B", "0x3A2C", "0x3A2D", "0x3A2E", "0x3A43", "0x3A47", "0x3A4A", "0x3A4B"),
    *("0x3A4C", "0x3A57"),
)
_ADDRESS_IDS = ("0x804F", "0x8050", "0x8051", "0x8052", "0x80D8")  # user fields 1 to 4, free/busy location
_COMMON_IDS = ("0x8534", "0x8535")  # mileage, billing
KNOWN = (
    *(f"String {tag}" for tag in _TAGS),
    "SystemTime 0x3A41",  # wedding anniversary
    *(f"String {_ADDRESS_SET} Id {number}" for number in _ADDRESS_IDS),
    *(f"String {_COMMON_SET} Id {number}" for number in _COMMON_IDS),
    *(name_id(name) for name in (RECORD, KEY, EXCLUDED, SENSITIVITY)),
)


def ask_whole() -> str:
    """The query for all that can be shown of a contact."""
    wanted = " or ".join(f"id eq '{each}'" for each in KNOWN)
    return f"$expand={escape(f'{EXTENDED}($filter={wanted})')}"


def read_key(body: Json) -> str:
    """A contact's correlation key; "" where it has none."""
    return _read_own(body, KEY)


def read_record(body: Json) -> RecordId | None:
    """The record that a contact names; None where it names none."""
    found = _read_own(body, RECORD)
    return RecordId(widen(found)) if found else None


def copy_of(first: Json, key: Key) -> dict[str, Any]:
    """The JSON of a contact like the first one, with another correlation key."""
    plain = {n: v for n, v in first.items() if _is_copied(n) and _is_filled(v)}
    extended = {fold_id(i): {"id": i, "value": v} for i, v in _read_extended(first).items() if v}
    extended[fold_id(name_id(KEY))] = {"id": name_id(KEY), "value": key}
    return {**plain, EXTENDED: list(extended.values())}


def list_lost(first: Json, copy: Json) -> list[str]:
    """Names of what the first one has and its copy has not, or has otherwise."""
    lost = [n for n, v in first.items() if _is_copied(n) and _is_filled(v) and copy.get(n) != v]
    there = {fold_id(i): v for i, v in _read_extended(copy).items()}
    key = fold_id(name_id(KEY))
    lost += [i for i, v in _read_extended(first).items() if v and fold_id(i) != key and there.get(fold_id(i)) != v]
    return sorted(lost)


def _is_copied(name: str) -> bool:
    return "@" not in name and name not in _READ_ONLY and name not in _ECHOES


def _is_filled(value: object) -> bool:
    if isinstance(value, dict):
        return any(_is_filled(v) for v in as_object(cast("object", value)).values())
    return value not in (None, "", [])


def _read_own(body: Json, name: str) -> str:
    return {fold_id(i): v for i, v in _read_extended(body).items()}.get(fold_id(name_id(name)), "")


def _read_extended(body: Json) -> dict[str, str]:
    entries = map(as_object, as_entries(body.get(EXTENDED)))
    return {as_text(e.get("id")): as_text(e.get("value")) for e in entries}

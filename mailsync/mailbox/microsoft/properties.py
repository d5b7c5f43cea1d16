"""Properties of contacts by name, as the mapping tables write them, and their places in Graph.

"givenName", "businessAddress:city", "emailAddresses:0" (the first entry of an array), "tag:0x3A24" (a MAPI string
property, for which Graph has no name); "own:…" are this program's named properties, of which no table knows.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from mailsync.mailbox.microsoft.answers import Json, as_entries, as_object, as_text
from mailsync.mailbox.microsoft.channel import escape

OWN_SET = "6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41"
"""Our property set (mappings.md): the same names and set as on Exchange, so identity survives a migration."""

RECORD = "own:SalesforceId"
KEY = "own:CorrelationKey"
EXCLUDED = "own:Excluded"
MARK = "own:Installation"  # on the folder: installation:generation
SENSITIVITY = "mapi:0x0036"  # PidTagSensitivity: Graph's contact has none (mappings.md)
FILE_AS = "fileAs"
DISPLAY_NAME = "displayName"
WEB_PAGE = "businessHomePage"
EMAILS = "emailAddresses"
NOTES = "personalNotes"
BIRTHDAY = "birthday"
ARRAYS = ("emailAddresses", "businessPhones", "homePhones")
ADDRESSES = ("businessAddress", "homeAddress", "otherAddress")
MOST = {"emailAddresses": 3, "businessPhones": 2, "homePhones": 2}
"""Entries that Graph takes (vendors/mailbox.md A2); it refuses the whole request for one more."""

EXTENDED = "singleValueExtendedProperties"
_FIRST_DAY = date(1601, 1, 1)  # Windows' file time begins there; Exchange keeps no earlier date
# What XML 1.0 has no way to write: the same mailbox is served to EWS, and no person can see or want these.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Unfit(ValueError):
    """A value that Graph has no way to take; `name` is its property."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def clean(text: str) -> str:
    """The text without control characters and halves of surrogate pairs."""
    return text if text.isprintable() else _UNWRITABLE.sub("", text)


def is_extended(name: str) -> bool:
    """Whether a property is read and written as an extended one."""
    return name.startswith(("own:", "tag:", "mapi:"))


def name_id(name: str) -> str:
    """Graph's id of an extended property."""
    prefix, _, rest = name.partition(":")
    if prefix == "own":
        return f"{'Boolean' if name == EXCLUDED else 'String'} {{{OWN_SET}}} Name {rest}"
    return f"{'Integer' if prefix == 'mapi' else 'String'} {rest}"


def fold_id(told: str) -> str:
    """An id as ids are compared: Graph tells sets and tags in lower case, tags without leading zeros."""
    tag = re.fullmatch(r"(\w+) (0x[0-9a-fA-F]{1,8})", told)
    return f"{tag[1]} {int(tag[2], 16):#x}".casefold() if tag else told.casefold()


def write_expand(names: Iterable[str]) -> str:
    """The $expand of extended properties, ready for a query."""
    wanted = " or ".join(f"id eq '{name_id(n)}'" for n in names)
    return escape(f"{EXTENDED}($filter={wanted})")


def write_select(names: Iterable[str]) -> str:
    """The $select of the plain properties among these."""
    plain = [n.partition(":")[0] for n in names if not is_extended(n)]
    return ",".join(dict.fromkeys(plain))


def read_extended(body: Json, names: Iterable[str]) -> dict[str, str]:
    """The extended properties of an item or folder, by our names. Raises AnswerBroken."""
    wanted = {fold_id(name_id(n)): n for n in names}
    found: dict[str, str] = {}
    for entry in map(as_object, as_entries(body.get(EXTENDED))):
        name = wanted.get(fold_id(as_text(entry.get("id"))))
        if name is not None:
            found[name] = as_text(entry.get("value"))
    return found


def read_plain(body: Json, name: str) -> str:
    """One plain property as text, "" where it is blank. Raises AnswerBroken."""
    head, _, rest = name.partition(":")
    found = body.get(head)
    if not rest:
        return as_text(found)
    if head in ARRAYS:
        entries = read_entries(body, head)
        return entries[int(rest)] if int(rest) < len(entries) else ""
    return as_text(as_object(found).get(rest)) if found is not None else ""


def read_entries(body: Json, array: str) -> list[str]:
    """The texts of an array, e-mail entries by their address; null and blank ones left out. Raises AnswerBroken."""
    entries = as_entries(body.get(array))
    if array == EMAILS:
        return list(filter(None, (as_text(as_object(e).get("address")) for e in entries)))
    return list(filter(None, map(as_text, entries)))


def write_properties(flat: Mapping[str, str], current: Json, shown: str) -> dict[str, Any]:
    """The JSON that sets these properties. Blank ones are cleared. Arrays are replaced by Graph as a whole, so entries
    of `current` that nobody maps are sent along (L7). `shown` is the name beside an e-mail address (A22). Raises Unfit.
    """
    body: dict[str, Any] = {}
    extended: list[dict[str, str | None]] = []
    for name, text in flat.items():
        head, _, rest = name.partition(":")
        cleaned = clean(text)
        if is_extended(name):
            extended.append({"id": name_id(name), "value": cleaned or None})
        elif head in ARRAYS:
            body[head] = _write_array(head, int(rest), cleaned, body.get(head, current.get(head)), shown)
        elif rest:
            body.setdefault(head, {})[rest] = cleaned or None
        else:
            body[head] = (_write_day(text) if name == BIRTHDAY and cleaned else cleaned) or None
    return {**body, EXTENDED: extended} if extended else body


def _write_array(array: str, place: int, text: str, current: object, shown: str) -> list[Any]:
    """The whole array with another entry at `place`, or without it."""
    kept = [e for e in as_entries(current) if _is_filled(array, e)]
    entry: Any = {"address": text, "name": shown or text} if array == EMAILS else text
    replaced = [entry] if text else []
    return [*kept[:place], *replaced, *kept[place + 1 :]][: MOST[array]]


def _is_filled(array: str, entry: object) -> bool:
    return bool(as_text(as_object(entry).get("address")) if array == EMAILS else as_text(entry))


def _write_day(text: str) -> str:
    """An instant on that day everywhere on earth: 11:59 in UTC, as Outlook itself writes it."""
    try:
        day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        day = None
    if day is None or day < _FIRST_DAY:
        raise Unfit(BIRTHDAY, f"{text!r} is no date that Exchange can hold")
    return f"{text}T11:59:00Z"

"""Contacts and folders as Graph's JSON."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from mailsync.sandbox.exchange.foldershapes import get_folder_value
from mailsync.sandbox.exchange.records import Folder, Item
from mailsync.sandbox.exchange.values import get_value
from mailsync.sandbox.microsoft.contactfields import READERS
from mailsync.sandbox.microsoft.context import Context, write_stamp
from mailsync.sandbox.microsoft.extended import MULTIPLE, SINGLE, write_id
from mailsync.sandbox.microsoft.identifiers import write_item_id, write_rest

ALWAYS: Final = ("id",)
Wanted = Mapping[str, Iterable[str]]  # singleValueExtendedProperties … -> keys of the store


def write_etag(item: Item) -> str:
    """The etag of a contact's present state."""
    return f'W/"{item.change_key}"'


def write_contact(context: Context, item: Item, selected: frozenset[str] | None, expanded: Wanted) -> dict[str, Any]:
    """A contact: all of its properties, or the id and those selected, and the extended ones that are expanded."""
    shown: dict[str, Any] = {"@odata.etag": write_etag(item)}
    own = {
        "id": lambda: write_item_id(context.box, item.id, immutable=context.immutable),
        "createdDateTime": lambda: write_stamp(item.created),
        "lastModifiedDateTime": lambda: write_stamp(item.modified),
        "changeKey": lambda: item.change_key,
        "parentFolderId": lambda: write_rest(item.folder_id),
    }
    for name, read_own in own.items():
        if selected is None or name in selected or name in ALWAYS:
            shown[name] = read_own()
    for name, read in READERS.items():
        if selected is None or name in selected:
            shown[name] = read(item)
    for name, keys in expanded.items():
        found = [
            {"id": write_id(key), "value": _show(value)} for key in keys if (value := get_value(item, key)) is not None
        ]
        if found:
            shown[name] = found
    return shown


def write_folder(folder: Folder, expanded: Wanted | None = None) -> dict[str, Any]:
    """A contact folder, and the extended properties that are expanded."""
    shown: dict[str, Any] = {
        "id": write_rest(folder.id),
        "parentFolderId": write_rest(folder.parent_id),
        "displayName": folder.name,
    }
    for name, keys in (expanded or {}).items():
        values = {key: get_folder_value(folder, key) for key in keys}
        found = [{"id": write_id(key), "value": _show(value)} for key, value in values.items() if value is not None]
        if found:
            shown[name] = found
    return shown


def _show(value: str | tuple[str, ...]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


EXPANDABLE: Final = (SINGLE, MULTIPLE)

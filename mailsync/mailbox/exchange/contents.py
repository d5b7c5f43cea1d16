"""What an item element holds, by the names of the mapping tables, in one pass over its children.

Every contact of a first sync goes through here, so an element is touched once: lxml makes an object for each touch, and
a search by path costs more than all the rest of an item.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from mailsync.core.refs import ItemId, Version
from mailsync.mailbox.exchange.properties import DATES, OWN_SET, name_tag
from mailsync.mailbox.exchange.soap import Element, T

_ITEM_ELEMENTS = frozenset({"ItemClass", "Subject", "Sensitivity", "Body", "DateTimeCreated"})
_FAMILIES = {"EmailAddresses": "EmailAddress", "PhoneNumbers": "PhoneNumber", "ImAddresses": "ImAddress"}
_NESTED = frozenset({"ItemId", "ParentFolderId", "Categories", "ExtendedProperty", "PhysicalAddresses", "CompleteName"})
_ADDRESS_PARTS = frozenset({"Street", "City", "State", "CountryOrRegion", "PostalCode"})
_NO_DAY = ("4501-01-01", "4500-12-31")
"""Outlook's word for "none" in its date fields, midnight of the user's zone on 1 January 4501 (learn.microsoft.com,
Outlook object model, ContactItem.Birthday: an unset date reads 1/1/4501)."""


@dataclass(slots=True)
class Contents:
    """An item's properties by name; beside them its id (None: it has none), folder and categories as written."""

    flat: dict[str, str] = field(default_factory=dict[str, str])
    id: tuple[ItemId, Version] | None = None
    folder: str = ""
    categories: tuple[str, ...] = ()


def read_contents(element: Element) -> Contents:
    """All that an item element holds. Raises nothing."""
    contents = Contents()
    flat = contents.flat
    for child in element:
        name, family = _name(child.tag)
        if name:
            flat[name] = child.text or ""
        elif family:
            for entry in child:
                flat[f"{family}:{entry.get('Key')}"] = entry.text or ""
        else:
            _read_nested(child, contents)
    for name in DATES:
        if flat.get(name, "").startswith(_NO_DAY):
            flat[name] = ""
    return contents


@lru_cache(maxsize=512)
def _name(tag: str) -> tuple[str, str]:
    """A plain property's name, or ("", what the names of an element's entries begin with); page after page the same."""
    name = tag.rpartition("}")[2]
    if name in _FAMILIES:
        return "", f"contacts:{_FAMILIES[name]}"
    if name in _NESTED:
        return "", ""
    return f"{'item' if name in _ITEM_ELEMENTS else 'contacts'}:{name}", ""


@lru_cache(maxsize=512)
def _name_part(tag: str, key: str | None) -> str:
    """The name of a part of an address."""
    part = tag.rpartition("}")[2]
    family = "contacts:PhysicalAddress" if part in _ADDRESS_PARTS else "contacts"
    return f"{family}:{part}:{key}"


def _read_nested(child: Element, contents: Contents) -> None:
    match child.tag.rpartition("}")[2]:
        case "ExtendedProperty":
            _read_extended(child, contents.flat)
        case "PhysicalAddresses":
            for entry in child:
                key = entry.get("Key")
                for part in entry:
                    contents.flat[_name_part(part.tag, key)] = part.text or ""
        case "ItemId":
            contents.id = read_id(child)
        case "ParentFolderId":
            contents.folder = child.get("Id", "")
        case "Categories":
            contents.categories = tuple(c.text or "" for c in child)
        case _:  # CompleteName: made by Exchange out of the names
            return


def _read_extended(element: Element, flat: dict[str, str]) -> None:
    if len(element) != 2:
        return
    path, value = element
    tag = path.get("PropertyTag")
    if tag is not None:
        flat[name_tag(tag)] = value.text or ""
    elif path.get("PropertySetId", "").lower() == OWN_SET:
        flat[f"own:{path.get('PropertyName')}"] = value.text or ""


def read_id(element: Element) -> tuple[ItemId, Version]:
    """Id and change key of an ItemId element."""
    return ItemId(element.get("Id", "")), Version(element.get("ChangeKey", ""))


def find_id(element: Element) -> tuple[ItemId, Version] | None:
    """Id and change key of an item element, None where it has none."""
    found = element.find(f"{T}ItemId")
    return None if found is None else read_id(found)

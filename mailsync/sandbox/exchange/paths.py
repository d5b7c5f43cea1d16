"""Paths to properties (FieldURI, IndexedFieldURI, ExtendedFieldURI) and the keys of the store they stand for."""

from dataclasses import dataclass
from typing import Final

from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.properties import (
    BODY_HTML,
    BODY_TEXT,
    EMAILS,
    IM_ADDRESSES,
    MEMBERS,
    PHONES,
    PROPERTY_SETS,
    SINGLE,
    list_address_keys,
)
from mailsync.sandbox.exchange.schema import split_words
from mailsync.sandbox.exchange.soap import Element, get_local_name, quote

# Elements that are kept as they are written, without a known MAPI name.
PLAIN: Final = frozenset(
    split_words("Culture ReminderDueBy ReminderIsSet ReminderNextTime ReminderMinutesBeforeStart Comment Gender")
)


@dataclass(frozen=True, slots=True)
class Path:
    """One property: a schema path (`uri`, with `index` for one entry of a dictionary) or an extended one (`key`)."""

    uri: str
    index: str
    key: str
    xml: str

    @property
    def element(self) -> str:
        """The schema element that holds it; '' for extended properties."""
        if self.index:
            return DICTIONARY_ELEMENTS.get(self.uri.split(":")[1], "")
        return self.uri.rpartition(":")[2]


DICTIONARY_ELEMENTS: Final = {
    "PhoneNumber": "PhoneNumbers",
    "EmailAddress": "EmailAddresses",
    "ImAddress": "ImAddresses",
    "PhysicalAddress": "PhysicalAddresses",
    "Members": "Members",
}


def read_path(element: Element) -> Path:
    """The path in a FieldURI, IndexedFieldURI or ExtendedFieldURI element (already held against the schema).

    Raises Failed ErrorInvalidExtendedProperty or ErrorNoPropertyTagForCustomProperties.
    """
    name, uri, index = get_local_name(element), element.get("FieldURI") or "", element.get("FieldIndex") or ""
    if name == "FieldURI":
        return Path(uri, "", "", f"<t:FieldURI FieldURI={quote(uri)}/>")
    if name == "IndexedFieldURI":
        return Path(uri, index, "", f"<t:IndexedFieldURI FieldURI={quote(uri)} FieldIndex={quote(index)}/>")
    return _read_extended(element)


def _read_extended(element: Element) -> Path:
    kind = element.get("PropertyType") or ""
    xml = _echo_extended(element)
    tag = element.get("PropertyTag")
    named = {name for name in ("DistinguishedPropertySetId", "PropertySetId") if element.get(name)}
    inner = {name for name in ("PropertyName", "PropertyId") if element.get(name)}
    if tag is not None:
        if named or inner:
            raise Failed("ErrorInvalidExtendedProperty", path_xml=xml)
        return Path("", "", f"0x{_read_tag(tag, xml):04x}/{kind}", xml)
    if len(named) != 1 or len(inner) != 1:
        raise Failed("ErrorInvalidExtendedProperty", path_xml=xml)
    name = element.get("PropertyName") or str(int(element.get("PropertyId") or ""))
    return Path("", "", f"{{{_read_set(element)}}}/{name}/{kind}", xml)


def _read_tag(tag: str, xml: str) -> int:
    number = int(tag, 16) if tag.lower().startswith("0x") else int(tag)
    if number == 0:
        raise Failed("ErrorInvalidExtendedProperty", path_xml=xml)
    if number >= 0x8000:
        raise Failed("ErrorNoPropertyTagForCustomProperties", path_xml=xml)
    return number


def _read_set(element: Element) -> str:
    known = element.get("DistinguishedPropertySetId")
    return PROPERTY_SETS[known] if known else (element.get("PropertySetId") or "").lower()


def _echo_extended(element: Element) -> str:
    """Exchange writes tags in lower-case hexadecimal, whatever the request did."""
    attributes: list[str] = []
    order = ("DistinguishedPropertySetId", "PropertySetId", "PropertyTag", "PropertyName", "PropertyId", "PropertyType")
    for name in order:
        value = element.get(name)
        if value is None:
            continue
        if name == "PropertyTag" and value.isdecimal():
            value = hex(int(value))
        attributes.append(f" {name}={quote(value.lower() if name in ('PropertyTag', 'PropertySetId') else value)}")
    return f"<t:ExtendedFieldURI{''.join(attributes)}/>"


def list_keys(path: Path) -> tuple[str, ...]:
    """The keys a path stands for; () for one that holds no stored value (whole dictionaries, derived elements)."""
    if path.key:
        return (path.key,)
    if path.index:
        return _list_indexed_keys(path)
    element = path.element
    if element in ("Body", "Members"):
        return (BODY_TEXT, BODY_HTML) if element == "Body" else (MEMBERS,)
    if element in SINGLE:
        return (SINGLE[element],)
    return (f"element:{element}",) if element in PLAIN else ()


def _list_indexed_keys(path: Path) -> tuple[str, ...]:
    _, family, *parts = path.uri.split(":")
    if family == "Members":
        return (MEMBERS,)
    if family == "EmailAddress":
        return EMAILS.get(path.index, ())
    if family == "PhysicalAddress":
        slots = list_address_keys(parts[0])
    else:
        slots = {"PhoneNumber": PHONES, "ImAddress": IM_ADDRESSES}.get(family, {})
    return (slots[path.index],) if path.index in slots else ()

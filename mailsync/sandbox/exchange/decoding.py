"""From the elements of a request to values of the property store."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.memberships import read_members
from mailsync.sandbox.exchange.paths import PLAIN, read_path
from mailsync.sandbox.exchange.properties import (
    ADDRESSES,
    BODY_HTML,
    BODY_TEXT,
    BOOLEANS,
    DERIVED,
    DICTIONARIES,
    EMAILS,
    ENUMERATIONS,
    FILE_AS,
    FILE_AS_ID,
    LISTS,
    MEMBERS,
    SINGLE,
    TIMES,
    Value,
    get_property_type,
    is_multiple,
)
from mailsync.sandbox.exchange.schema import ITEM_ORDER
from mailsync.sandbox.exchange.soap import Element, find_child, get_children, get_local_name, get_text, quote
from mailsync.sandbox.exchange.validation import Violation
from mailsync.sandbox.exchange.values import read_time, write_time

# What a request wants of some keys; None = the key goes.
Assignments: TypeAlias = dict[str, Value | None]

CATEGORY_LIMIT: Final = 255  # characters; Outlook and Exchange keep no longer category name
# These belong to a person's other sides, e.g. an entry id; a client that sets them is refused.
READ_ONLY_TAGS: Final = frozenset(
    {*DERIVED, "0x0fff/Binary", "0x0ff9/Binary", "0x0e09/Binary", "0x65e0/Binary", "0x65e2/Binary", "0x300b/Binary"}
)


def read_item(element: Element) -> Assignments:
    """All properties of a Contact or DistributionList element of CreateItem; attachments are none of them.

    Raises Failed ErrorInvalidPropertySet for read-only properties, Violation for values that break the schema.
    """
    assignments: Assignments = {}
    for child in get_children(element):
        if get_local_name(child) != "Attachments":
            assignments.update(read_property(child))
    return {key: value for key, value in assignments.items() if value not in (None, ())}


def read_property(element: Element) -> Assignments:
    """The assignments of one property element; empty entries of dictionaries are left out."""
    name = get_local_name(element)
    if name in LISTS:
        return {LISTS[name]: _read_list(element)}
    reader = READERS.get(name)
    if reader is not None:
        return reader(element)
    if name in SINGLE:
        return {SINGLE[name]: _read_scalar(name, element)}
    if name in PLAIN:
        return {f"element:{name}": get_text(element)}
    if name in DICTIONARIES:
        return _read_dictionary(element, DICTIONARIES[name])
    raise Failed("ErrorInvalidPropertySet", path_xml=f"<t:FieldURI FieldURI={quote(get_uri(name))}/>")


def get_uri(name: str) -> str:
    """The FieldURI of a property element."""
    return f"item:{name}" if name in ITEM_ORDER else f"contacts:{name}"


def _read_scalar(name: str, element: Element) -> str:
    text = get_text(element)
    if name in ENUMERATIONS:
        numbers = ENUMERATIONS[name][1]
        if text not in numbers:
            raise Violation(element, f"The '{name}' element is invalid - The value '{text}' is invalid.")
        return numbers[text]
    if name in TIMES:
        return _read_time(name, element)
    if name in BOOLEANS:
        return _read_boolean(name, element)
    return text


def _read_time(name: str, element: Element) -> str:
    try:
        return write_time(read_time(get_text(element)))
    except ValueError:
        text = f"The '{name}' element is invalid - The value '{get_text(element)}' is no dateTime."
        raise Violation(element, text) from None


def _read_boolean(name: str, element: Element) -> str:
    text = get_text(element).strip()
    if text not in ("true", "false", "1", "0"):
        raise Violation(element, f"The '{name}' element is invalid - The value '{text}' is no boolean.")
    return "true" if text in ("true", "1") else "false"


def _read_list(element: Element) -> tuple[str, ...] | None:
    """Each string once, in the order given; Exchange keeps no empty ones."""
    strings = tuple(dict.fromkeys(get_text(child) for child in get_children(element)))
    if any(not text.strip() or len(text) > CATEGORY_LIMIT for text in strings):
        uri = get_uri(get_local_name(element))
        raise Failed("ErrorPropertyValidationFailure", path_xml=f"<t:FieldURI FieldURI={quote(uri)}/>")
    return strings or None


def _read_dictionary(element: Element, slots: Mapping[str, str]) -> Assignments:
    return {_get_slot(entry, slots): get_text(entry) for entry in get_children(element) if get_text(entry)}


def _get_slot(entry: Element, slots: Mapping[str, str]) -> str:
    key = entry.get("Key")
    if key is None:
        raise Violation(entry, "The required attribute 'Key' is missing.")
    if key not in slots:
        raise Violation(entry, f"The 'Key' attribute is invalid - The value '{key}' is invalid.")
    return slots[key]


def _read_emails(element: Element) -> Assignments:
    """Address, display name (the address itself where none is given) and routing type of each filled slot."""
    assignments: Assignments = {}
    slots = {slot: slot for slot in EMAILS}
    for entry in get_children(element):
        address_key, name_key, type_key = EMAILS[_get_slot(entry, slots)]
        address = get_text(entry)
        if address:
            assignments[address_key] = address
            assignments[name_key] = entry.get("Name") or address
            assignments[type_key] = entry.get("RoutingType") or "SMTP"
    return assignments


def _read_addresses(element: Element) -> Assignments:
    assignments: Assignments = {}
    slots = {kind: kind for kind in ADDRESSES}
    for entry in get_children(element):
        parts = ADDRESSES[_get_slot(entry, slots)]
        for part in get_children(entry):
            if get_local_name(part) not in parts:
                raise Violation(part, f"The element 'Entry' has invalid child element '{get_local_name(part)}'.")
            assignments[parts[get_local_name(part)]] = get_text(part)
    return assignments


def _read_body(element: Element) -> Assignments:
    kind = element.get("BodyType")
    if kind not in ("Text", "HTML"):
        raise Violation(element, f"The 'BodyType' attribute is invalid - The value '{kind or ''}' is invalid.")
    text = get_text(element)
    return {BODY_TEXT: text, BODY_HTML: None} if kind == "Text" else {BODY_HTML: text, BODY_TEXT: None}


def _read_members(element: Element) -> Assignments:
    return {MEMBERS: read_members(element) or None}


def _read_extended(element: Element) -> Assignments:
    """One ExtendedProperty. Raises Failed for read-only tags and for values that don't fit the property's type."""
    uri = find_child(element, "ExtendedFieldURI")
    if uri is None:
        raise Violation(element, "The element 'ExtendedProperty' has incomplete content: 'ExtendedFieldURI'.")
    path = read_path(uri)
    if path.key in READ_ONLY_TAGS:
        raise Failed("ErrorInvalidPropertySet", path_xml=path.xml)
    single, several = find_child(element, "Value"), find_child(element, "Values")
    if (several is not None) != is_multiple(path.key) or (single is None and several is None):
        raise Failed("ErrorInvalidExtendedPropertyValue", path_xml=path.xml)
    kind = get_property_type(path.key).removesuffix("Array")
    texts = [get_text(child) for child in (get_children(several) if several is not None else [single])]
    try:
        values = tuple(read_typed(kind, text) for text in texts)
    except ValueError:
        raise Failed("ErrorInvalidExtendedPropertyValue", path_xml=path.xml) from None
    value = values if several is not None else values[0]
    return {path.key: value, **_list_displaced(path.key)} if path.key != BODY_HTML else _read_html(values[0])


def _read_html(encoded: str) -> Assignments:
    return {BODY_HTML: base64.b64decode(encoded).decode("utf-8", "replace"), BODY_TEXT: None}


def _list_displaced(key: str) -> Assignments:
    return {BODY_HTML: None} if key == BODY_TEXT else {}


def read_typed(kind: str, text: str) -> str:
    """A MAPI value's text in its canonical form. Raises ValueError where it isn't one of that type."""
    if kind in ("Integer", "Long", "Short"):
        return str(int(text))
    if kind in ("Double", "Float", "ApplicationTime", "Currency"):
        return str(float(text))
    if kind == "Boolean":
        if text.strip().lower() not in ("true", "false", "1", "0"):
            raise ValueError(text)
        return "true" if text.strip().lower() in ("true", "1") else "false"
    if kind == "SystemTime":
        return write_time(read_time(text))
    if kind == "Binary":
        try:
            return base64.b64encode(base64.b64decode(text, validate=True)).decode()
        except binascii.Error as problem:
            raise ValueError(text) from problem
    return text


def apply(properties: dict[str, Value], assignments: Assignments) -> None:
    """Carries assignments out. A file-as that is written by itself ends the mapping it was made by."""
    for key, value in assignments.items():
        if value is None:
            properties.pop(key, None)
        else:
            properties[key] = value
    if assignments.get(FILE_AS) is not None and FILE_AS_ID not in assignments:
        properties.pop(FILE_AS_ID, None)


def read_set(element: Element) -> Assignments:
    """The one property inside the object of a SetItemField or AppendToItemField.

    Raises Failed ErrorIncorrectUpdatePropertyCount unless there is exactly one, an empty phone number, e-mail or IM
    address counting as none (exchangelib issue #958).
    """
    children = get_children(element)
    if len(children) != 1:
        raise Failed("ErrorIncorrectUpdatePropertyCount")
    child = children[0]
    name = get_local_name(child)
    if name in DICTIONARIES or name in ("EmailAddresses", "PhysicalAddresses"):
        entries = get_children(child)
        if len(entries) != 1 or (name == "PhysicalAddresses" and len(entries[0]) != 1):
            raise Failed("ErrorIncorrectUpdatePropertyCount")
    assignments = read_property(child)
    if not assignments:
        raise Failed("ErrorIncorrectUpdatePropertyCount")
    return assignments


READERS: Final[dict[str, Callable[[Element], Assignments]]] = {
    "Body": _read_body,
    "EmailAddresses": _read_emails,
    "PhysicalAddresses": _read_addresses,
    "Members": _read_members,
    "ExtendedProperty": _read_extended,
}

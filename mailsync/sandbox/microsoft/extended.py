"""Extended properties: their ids (`String {set} Name X`, `String {set} Id 0x8005`, `String 0x3A24`) and MAPI's keys.

The property store is the one that EWS uses, so a named property written by either protocol is read by the other.
Set and tag are told in lower case, a tag without leading zeros, whatever the request wrote.
(GRD api/singlevaluelegacyextendedproperty-get)
"""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from mailsync.sandbox.exchange.decoding import READ_ONLY_TAGS, Assignments, read_typed
from mailsync.sandbox.exchange.properties import Value
from mailsync.sandbox.microsoft.errors import Failed

SINGLE: Final = "singleValueExtendedProperties"
MULTIPLE: Final = "multiValueExtendedProperties"
_SCALARS: Final = {
    name.lower(): mapi
    for name, mapi in {
        **{name: name for name in ("Boolean", "Binary", "Currency", "Double", "Float", "Integer", "Long", "Short")},
        "SystemTime": "SystemTime",
        "String": "String",
        "Guid": "CLSID",
        "ApplicationTime": "ApplicationTime",
    }.items()
}
_SHOWN: Final = {"CLSID": "Guid"}
_SET: Final = r"\{([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}"
_NAMED: Final = re.compile(rf"(\w+) {_SET} Name (.+)", re.IGNORECASE | re.DOTALL)
_NUMBERED: Final = re.compile(rf"(\w+) {_SET} Id (0x[0-9a-fA-F]{{1,8}})", re.IGNORECASE)
_TAGGED: Final = re.compile(r"(\w+) (0x[0-9a-fA-F]{1,4})", re.IGNORECASE)
_KEY: Final = re.compile(r"\{(.{36})\}/(.*)/(\w+)", re.DOTALL)


def read_key(identifier: str, *, several: bool = False) -> str:
    """The store's key of a property's id. Raises Failed for what is no such id, or of the other number of values."""
    named, numbered, tagged = (pattern.fullmatch(identifier) for pattern in (_NAMED, _NUMBERED, _TAGGED))
    if tagged:
        number = int(tagged[2], 16)
        if 0 < number < 0x8000:
            return f"0x{number:04x}/{_read_type(tagged[1], identifier, several)}"
    if numbered:
        return f"{{{numbered[2].lower()}}}/{int(numbered[3], 16)}/{_read_type(numbered[1], identifier, several)}"
    if named:
        return f"{{{named[2].lower()}}}/{named[3]}/{_read_type(named[1], identifier, several)}"
    raise _refuse(identifier)


def write_id(key: str) -> str:
    """The id of a store's key, as Graph tells it."""
    found = _KEY.fullmatch(key)
    if found is None:
        tag, _, kind = key.partition("/")
        return f"{_show_type(kind)} {int(tag, 16):#x}"
    name = f"Id {int(found[2]):#x}" if found[2].isdecimal() else f"Name {found[2]}"
    return f"{_show_type(found[3])} {{{found[1]}}} {name}"


def is_extended(key: str) -> bool:
    """Whether a key of the store is a MAPI property, and not something of the sandbox's own."""
    return key.startswith(("0x", "{"))


def read_extended(name: str, content: object) -> Assignments:
    """What a list of extended properties in a request wants of the store; null as a value takes one away.

    Raises Failed for ids, values and types that don't fit.
    """
    several = name == MULTIPLE
    if not isinstance(content, list):
        raise Failed("RequestBodyRead", f"The property '{name}' must be a collection.")
    assignments: Assignments = {}
    for entry in cast(list[object], content):
        if not isinstance(entry, dict):
            raise Failed("RequestBodyRead", f"An entry of '{name}' must be an object.")
        pair = cast(Mapping[str, Any], entry)
        unknown = [key for key in pair if key not in ("id", "value") and not key.startswith("@odata.")]
        if unknown or not isinstance(pair.get("id"), str):
            raise Failed("RequestBodyRead", f"An entry of '{name}' has an id and a value.")
        key = read_key(pair["id"], several=several)
        if key in READ_ONLY_TAGS:
            raise Failed("ErrorInvalidPropertySet", "Set action is invalid for property.")
        assignments[key] = _read_values(key, pair.get("value"), several)
    return assignments


def _read_values(key: str, value: object, several: bool) -> Value | None:
    if value is None:
        return None
    kind = key.rpartition("/")[2].removesuffix("Array")
    texts: list[object] = cast(list[object], value) if several and isinstance(value, list) else [value]
    if several != isinstance(value, list) or not all(isinstance(text, str) for text in texts):
        raise Failed("RequestBodyRead", "The value of an extended property must be text, or a collection of texts.")
    try:
        read = tuple(read_typed(kind, str(text)) for text in texts)
    except ValueError:
        raise Failed("ErrorInvalidExtendedPropertyValue", "The extended property value is invalid.") from None
    return read if several else read[0]


def _read_type(text: str, identifier: str, several: bool) -> str:
    kind = text.lower()
    if several and kind.endswith("array"):
        return _SCALARS.get(kind.removesuffix("array"), "") + "Array"
    if several or kind not in _SCALARS:
        raise _refuse(identifier)
    return _SCALARS[kind]


def _show_type(kind: str) -> str:
    base = kind.removesuffix("Array")
    return _SHOWN.get(base, base) + ("Array" if kind != base else "")


def _refuse(identifier: str) -> Failed:
    return Failed(
        "ErrorInvalidProperty",
        f"PropertyId values may only be in one of the following formats: "
        f"'MapiPropertyType namespaceGuid Name propertyName', 'MapiPropertyType namespaceGuid Id propertyId' "
        f"or 'MapiPropertyType propertyTag'. The value was '{identifier}'.",
    )

"""User configurations: Get, Create, Update and DeleteUserConfiguration, the master category list among them.

A configuration has three independent parts, XML, bytes and a dictionary (MS-OXWSUSRCFG); an update replaces those parts
it holds and leaves the others. It knows no condition: who saves last wins, as with Exchange.
"""

import base64
import binascii
from dataclasses import replace
from typing import Final, TypeAlias

from mailsync.sandbox.exchange.context import Context, answer_each, find_folder
from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.ids import make_change_key, make_item_id
from mailsync.sandbox.exchange.layout import get_configuration_name
from mailsync.sandbox.exchange.records import Configuration
from mailsync.sandbox.exchange.soap import (
    XSI,
    Element,
    escape,
    find_child,
    get_children,
    get_local_name,
    get_text,
    quote,
)
from mailsync.sandbox.exchange.store import take_number
from mailsync.sandbox.exchange.validation import Violation

Dictionary: TypeAlias = tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]

TYPES: Final = (
    "DateTime",
    "Boolean",
    "Byte",
    "String",
    "Integer32",
    "UnsignedInteger32",
    "Integer64",
    "UnsignedInteger64",
    "StringArray",
    "ByteArray",
)
NIL: Final = f"{{{XSI}}}nil"
PARTS: Final = ("Id", "Dictionary", "XmlData", "BinaryData", "All")


def get_configuration(context: Context, operation: Element) -> list[str]:
    """GetUserConfiguration: the parts asked for, as far as they were ever set."""
    wanted_element = find_child(operation, "UserConfigurationProperties")
    wanted = get_text(wanted_element).split()
    if any(part not in PARTS for part in wanted):
        raise Violation(operation, "The 'UserConfigurationProperties' element is invalid.")

    def get(element: Element) -> str:
        name = find_child(element, "UserConfigurationName")
        found = _find(context, name)
        assert name is not None, "a configuration was found by it"
        folder = get_children(name)[0]
        place = f"<t:{get_local_name(folder)} Id={quote(folder.get('Id') or '')}/>"
        parts = _write_parts(context, found, set(PARTS) if "All" in wanted else set(wanted))
        return (
            f"<m:UserConfiguration><t:UserConfigurationName Name={quote(name.get('Name') or '')}>{place}"
            f"</t:UserConfigurationName>{parts}</m:UserConfiguration>"
        )

    return answer_each("GetUserConfiguration", [operation], get)


def _write_parts(context: Context, found: Configuration, wanted: set[str]) -> str:
    identifier = make_item_id(context.box.guid, found.number)
    parts = {
        "Id": f"<t:ItemId Id={quote(identifier)} ChangeKey={quote(found.change_key)}/>",
        "Dictionary": "" if found.dictionary is None else _write_dictionary(found.dictionary),
        "XmlData": _write_bytes("XmlData", found.xml),
        "BinaryData": _write_bytes("BinaryData", found.binary),
    }
    return "".join(content for name, content in parts.items() if name in wanted)


def _write_bytes(name: str, content: bytes | None) -> str:
    return "" if content is None else f"<t:{name}>{base64.b64encode(content).decode()}</t:{name}>"


def _write_dictionary(dictionary: Dictionary) -> str:
    entries = "".join(
        f"<t:DictionaryEntry>{_write_object('DictionaryKey', key)}{_write_object('DictionaryValue', value)}"
        f"</t:DictionaryEntry>"
        for key, value in dictionary
    )
    return f"<t:Dictionary>{entries}</t:Dictionary>"


def _write_object(name: str, value: tuple[str, ...]) -> str:
    if not value:
        return f'<t:{name} xsi:nil="true"/>'
    texts = "".join(f"<t:Value>{escape(text)}</t:Value>" for text in value[1:])
    return f"<t:{name}><t:Type>{value[0]}</t:Type>{texts}</t:{name}>"


def _read_name(context: Context, name: Element | None) -> str:
    if name is None or not name.get("Name") or not len(name):
        raise Failed("ErrorItemNotFound")
    return get_configuration_name(context.box, name.get("Name") or "", find_folder(context, get_children(name)[0]).id)


def _find(context: Context, name: Element | None) -> Configuration:
    found = context.box.configurations.get(_read_name(context, name))
    if found is None:
        raise Failed("ErrorItemNotFound")
    return found


def _get_parts(operation: Element) -> tuple[Element, Element | None]:
    configuration = find_child(operation, "UserConfiguration")
    assert configuration is not None, "the schema check lets no request without a configuration through"
    return configuration, find_child(configuration, "UserConfigurationName")


def create_configuration(context: Context, operation: Element) -> list[str]:
    """CreateUserConfiguration; one of that name in that folder must not be there yet."""

    def create(element: Element) -> str:
        configuration, name = _get_parts(element)
        key = _read_name(context, name)
        if key in context.box.configurations:
            raise Failed("ErrorItemSave")
        number = take_number(context.box)
        new = Configuration(number, make_change_key(context.box.guid, number))
        context.box.configurations[key] = _read_parts(new, configuration)
        return ""

    return answer_each("CreateUserConfiguration", [operation], create)


def update_configuration(context: Context, operation: Element) -> list[str]:
    """UpdateUserConfiguration of one that there is."""

    def update(element: Element) -> str:
        configuration, name = _get_parts(element)
        found = _read_parts(_find(context, name), configuration)
        change_key = make_change_key(context.box.guid, take_number(context.box))
        context.box.configurations[_read_name(context, name)] = replace(found, change_key=change_key)
        return ""

    return answer_each("UpdateUserConfiguration", [operation], update)


def delete_configuration(context: Context, operation: Element) -> list[str]:
    """DeleteUserConfiguration of one that there is."""

    def delete(element: Element) -> str:
        name = find_child(element, "UserConfigurationName")
        _find(context, name)
        del context.box.configurations[_read_name(context, name)]
        return ""

    return answer_each("DeleteUserConfiguration", [operation], delete)


def _read_parts(found: Configuration, element: Element) -> Configuration:
    xml, binary = _read_bytes(element, "XmlData"), _read_bytes(element, "BinaryData")
    dictionary = find_child(element, "Dictionary")
    return replace(
        found,
        xml=found.xml if xml is None else xml,
        binary=found.binary if binary is None else binary,
        dictionary=found.dictionary if dictionary is None else _read_dictionary(dictionary),
    )


def _read_bytes(element: Element, name: str) -> bytes | None:
    child = find_child(element, name)
    if child is None:
        return None
    try:
        return base64.b64decode("".join(get_text(child).split()), validate=True)
    except (binascii.Error, ValueError):
        raise Violation(child, f"The '{name}' element is invalid: it is no base64Binary.") from None


def _read_dictionary(element: Element) -> Dictionary:
    """The entries, a later one of the same key in the earlier one's place."""
    entries: dict[tuple[str, ...], tuple[str, ...]] = {}
    for entry in get_children(element):
        key, value = find_child(entry, "DictionaryKey"), find_child(entry, "DictionaryValue")
        if key is None or value is None:
            raise Violation(entry, "The element 'DictionaryEntry' has incomplete content.")
        entries[_read_object(key)] = _read_object(value)
    return tuple(entries.items())


def _read_object(element: Element) -> tuple[str, ...]:
    """A type and its texts; () for a value that is nil."""
    if element.get(NIL) in ("true", "1"):
        return ()
    kind = get_text(find_child(element, "Type"))
    values = [get_text(child) for child in get_children(element) if get_local_name(child) == "Value"]
    if kind not in TYPES or not values:
        raise Violation(element, f"The element '{get_local_name(element)}' has incomplete content: 'Type', 'Value'.")
    return (kind, *values)

"""Items of a world: JSON with the names of the EWS schema, to and from the property store."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from mailsync.sandbox.exchange.memberships import Member, pack, unpack
from mailsync.sandbox.exchange.properties import (
    ADDRESSES,
    BODY_HTML,
    BODY_TEXT,
    DICTIONARIES,
    EMAILS,
    ENUMERATION_NAMES,
    ENUMERATIONS,
    KIND_CLASSES,
    LISTS,
    MEMBERS,
    TEXTS,
    TIMES,
    TITLE,
    Value,
    is_multiple,
)
from mailsync.sandbox.exchange.records import Attachment, Item
from mailsync.sandbox.exchange.values import read_time, write_time
from mailsync.sandbox.vendor import Refused

SCALARS: Final = {**TEXTS, "Title": TITLE, "Body": BODY_TEXT, "BodyHTML": BODY_HTML}
# What belongs to the item itself and not to its properties.
ENVELOPE: Final = frozenset(
    {"Kind", "Id", "ChangeKey", "FolderId", "Origin", "DateTimeCreated", "LastModifiedTime", "Attachments"}
)
FILE_TEXTS: Final = {"ContentType": "content_type", "ContentId": "content_id", "ContentLocation": "content_location"}
FILE_FLAGS: Final = {"IsInline": "inline", "IsContactPhoto": "photo"}


def need_object(value: object, where: str) -> Mapping[str, Any]:
    """The value as an object of a world. Raises Refused, naming the key."""
    if not isinstance(value, dict):
        raise Refused(f"{where}: give an object")
    return cast(Mapping[str, Any], value)


def need_list(value: object, where: str) -> list[Any]:
    """The value as a list of a world. Raises Refused, naming the key."""
    if not isinstance(value, list):
        raise Refused(f"{where}: give a list")
    return cast(list[Any], value)


def need_text(value: object, where: str) -> str:
    """The value as a text of a world. Raises Refused, naming the key."""
    if not isinstance(value, str):
        raise Refused(f"{where}: give a text")
    return value


def need_bytes(value: object, where: str) -> bytes:
    """The value as bytes in base64. Raises Refused, naming the key."""
    try:
        return base64.b64decode(need_text(value, where), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"{where}: give the bytes as base64") from None


def need_id(value: object, where: str, length: int) -> str:
    """The value as an id that this sandbox made. Raises Refused, naming the key."""
    text = need_text(value, where)
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != length:
        raise Refused(f"{where}: {text!r} is no id of this sandbox; leave the key out to get a new one")
    return text


def read_kind(item: Mapping[str, Any], where: str) -> str:
    """Contact (the default) or DistributionList."""
    kind = item.get("Kind", "Contact")
    if kind not in KIND_CLASSES:
        raise Refused(f"{where}.Kind: give Contact or DistributionList")
    return str(kind)


def read_properties(item: Mapping[str, Any], where: str) -> dict[str, Value]:
    """The properties of a world's item. Raises Refused, naming the key that is wrong."""
    properties: dict[str, Value] = {}
    for name, value in item.items():
        if name not in ENVELOPE:
            properties.update(_read_property(name, value, f"{where}.{name}"))
    return {key: value for key, value in properties.items() if value not in ("", ())}


def read_attachments(item: Mapping[str, Any], where: str, now: datetime) -> tuple[Attachment, ...]:
    """The files on a world's item. Raises Refused, naming the key that is wrong."""
    files: list[Attachment] = []
    for position, content in enumerate(need_list(item.get("Attachments", []), f"{where}.Attachments")):
        inner = f"{where}.Attachments[{position}]"
        part = need_object(content, inner)
        unknown = sorted(set(part) - {"Name", "Content", *FILE_TEXTS, *FILE_FLAGS})
        if unknown:
            raise Refused(f"{inner}.{unknown[0]}: attachments have no such key; docs/sandbox.md lists them")
        body = need_bytes(part.get("Content", ""), f"{inner}.Content")
        texts = [need_text(part.get(name, ""), f"{inner}.{name}") for name in FILE_TEXTS]
        flags = [part.get(name) is True for name in FILE_FLAGS]
        name = need_text(part.get("Name"), f"{inner}.Name")
        files.append(Attachment(position + 1, name, body, now, texts[0], texts[1], texts[2], flags[0], flags[1]))
    return tuple(files)


def _write_attachments(item: Item) -> list[dict[str, Any]]:
    return [
        {
            "Name": each.name,
            "Content": base64.b64encode(each.content).decode(),
            **{name: getattr(each, key) for name, key in {**FILE_TEXTS, **FILE_FLAGS}.items() if getattr(each, key)},
        }
        for each in item.attachments
    ]


def _read_property(name: str, value: object, where: str) -> dict[str, Value]:
    if name in SCALARS:
        return {SCALARS[name]: need_text(value, where)}
    if name in LISTS:
        return {LISTS[name]: tuple(need_text(text, where) for text in need_list(value, where))}
    if name in ENUMERATIONS:
        key, numbers = ENUMERATIONS[name]
        if value not in numbers:
            raise Refused(f"{where}: give one of {', '.join(numbers)}")
        return {key: numbers[str(value)]}
    if name in TIMES:
        return {TIMES[name]: _read_time(value, where)}
    if name in DICTIONARIES:
        slots = DICTIONARIES[name]
        return {
            _get_slot(slots, slot, where): need_text(text, where) for slot, text in need_object(value, where).items()
        }
    return _read_structure(name, value, where)


def _read_structure(name: str, value: object, where: str) -> dict[str, Value]:
    if name == "EmailAddresses":
        return _read_emails(need_object(value, where), where)
    if name == "PhysicalAddresses":
        return _read_addresses(need_object(value, where), where)
    if name == "Members":
        return {MEMBERS: tuple(_read_member(need_object(member, where), where) for member in need_list(value, where))}
    if name == "ExtendedProperties":
        return {
            key: tuple(need_text(text, where) for text in need_list(content, where))
            if is_multiple(key)
            else need_text(content, where)
            for key, content in need_object(value, where).items()
        }
    raise Refused(f"{where}: items have no such property here; docs/sandbox.md lists them")


def _get_slot(slots: Mapping[str, str], slot: str, where: str) -> str:
    if slot not in slots:
        raise Refused(f"{where}.{slot}: give one of {', '.join(slots)}")
    return slots[slot]


def _read_time(value: object, where: str) -> str:
    text = need_text(value, where)
    try:
        return write_time(read_time(text if "T" in text else f"{text}T11:59:00Z"))
    except ValueError:
        raise Refused(f"{where}: {text!r} is no date") from None


def _read_emails(value: Mapping[str, Any], where: str) -> dict[str, Value]:
    """An address, or an object of Address, Name and RoutingType."""
    properties: dict[str, Value] = {}
    for slot, content in value.items():
        if slot not in EMAILS:
            raise Refused(f"{where}.{slot}: give one of {', '.join(EMAILS)}")
        entry = {"Address": content} if isinstance(content, str) else need_object(content, f"{where}.{slot}")
        address = need_text(entry.get("Address"), f"{where}.{slot}")
        if address:
            texts = (address, entry.get("Name", address), entry.get("RoutingType", "SMTP"))
            properties.update(zip(EMAILS[slot], texts, strict=True))
    return properties


def _read_addresses(value: Mapping[str, Any], where: str) -> dict[str, Value]:
    properties: dict[str, Value] = {}
    for kind, parts in value.items():
        if kind not in ADDRESSES:
            raise Refused(f"{where}.{kind}: give one of {', '.join(ADDRESSES)}")
        for part, text in need_object(parts, f"{where}.{kind}").items():
            properties[_get_slot(ADDRESSES[kind], part, f"{where}.{kind}")] = need_text(text, f"{where}.{kind}.{part}")
    return properties


def _read_member(member: Mapping[str, Any], where: str) -> str:
    keys = {"Name": "", "EmailAddress": "", "RoutingType": "SMTP", "MailboxType": "OneOff", "ItemId": ""}
    texts = {key: need_text(member.get(key, new), f"{where}.{key}") for key, new in keys.items()}
    if not texts["EmailAddress"] and not texts["ItemId"]:
        raise Refused(f"{where}.EmailAddress: give a member's address, or the ItemId it stands for")
    texts["Name"] = texts["Name"] or texts["EmailAddress"]
    return pack(Member(*texts.values()))


def write_world_item(item: Item) -> dict[str, Any]:
    """An item as part of a world, with everything that `read_properties` reads."""
    rest = dict(item.properties)
    shown: dict[str, Any] = {"Id": item.id, "ChangeKey": item.change_key, "FolderId": item.folder_id}
    if item.kind != "Contact":
        shown["Kind"] = item.kind
    if item.origin:
        shown["Origin"] = item.origin
    shown.update({name: rest.pop(key) for name, key in {**SCALARS, **TIMES}.items() if key in rest})
    shown.update({name: list(rest.pop(key)) for name, key in LISTS.items() if key in rest})
    for name, (key, _) in ENUMERATIONS.items():
        if rest.get(key) in ENUMERATION_NAMES[name]:
            shown[name] = ENUMERATION_NAMES[name][str(rest.pop(key))]
    shown.update(_write_structures(rest))
    if item.attachments:
        shown["Attachments"] = _write_attachments(item)
    if rest:
        shown["ExtendedProperties"] = {key: _as_json(value) for key, value in rest.items()}
    shown["DateTimeCreated"] = item.created.isoformat()
    shown["LastModifiedTime"] = item.modified.isoformat()
    return shown


def _as_json(value: Value) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


def _take(rest: dict[str, Value], slots: Mapping[str, str]) -> dict[str, Value]:
    return {slot: rest.pop(key) for slot, key in slots.items() if key in rest}


def _write_structures(rest: dict[str, Value]) -> dict[str, Any]:
    """Takes the dictionaries, addresses, e-mails and members out of `rest` and gives them as JSON."""
    shown: dict[str, Any] = {name: _take(rest, slots) for name, slots in DICTIONARIES.items()}
    shown["PhysicalAddresses"] = {kind: taken for kind, parts in ADDRESSES.items() if (taken := _take(rest, parts))}
    shown["EmailAddresses"] = {slot: taken for slot, keys in EMAILS.items() if (taken := _take_email(rest, keys))}
    shown["Members"] = [_write_member(unpack(str(member))) for member in rest.pop(MEMBERS, ())]
    return {name: content for name, content in shown.items() if content}


def _write_member(member: Member) -> dict[str, str]:
    shown = {"Name": member.name, "EmailAddress": member.address, "RoutingType": member.routing}
    rest = {"MailboxType": member.kind, "ItemId": member.item_id}
    return {**shown, **{key: text for key, text in rest.items() if text not in ("", "OneOff")}}


def _take_email(rest: dict[str, Value], keys: tuple[str, str, str]) -> str | dict[str, str] | None:
    if keys[0] not in rest:
        return None
    address, name, kind = (str(rest.pop(key, "")) for key in keys)
    if name in ("", address) and kind in ("", "SMTP"):
        return address
    return {"Address": address, "Name": name or address, "RoutingType": kind or "SMTP"}

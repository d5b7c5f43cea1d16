"""Mailboxes of a world: JSON to and from the store.

A mailbox of a world gives `user`, `address`, `items` (of the default Contacts folder) and `folders` (below it). A dump
adds what makes it the same world again: ids, `default_folders` (what lies in other default folders), `categories` and
`log`, the numbers by which sync states that were handed out stay good.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from mailsync.sandbox.exchange.budgets import Policy
from mailsync.sandbox.exchange.context import QUIRKS
from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.ids import FOLDER_BYTES, ITEM_BYTES, get_id_number, make_change_key
from mailsync.sandbox.exchange.layout import create_mailbox
from mailsync.sandbox.exchange.properties import Value
from mailsync.sandbox.exchange.records import Folder, Item, Mailbox, Trace
from mailsync.sandbox.exchange.store import (
    add_folder,
    add_item,
    check_sibling,
    keep_folder,
    keep_item,
    list_children,
    note_first,
)
from mailsync.sandbox.exchange.values import read_time
from mailsync.sandbox.exchange.worlditems import (
    need_id,
    need_list,
    need_object,
    need_text,
    read_attachments,
    read_kind,
    read_properties,
    write_world_item,
)
from mailsync.sandbox.exchange.worldsettings import (
    SETTING_KEYS,
    check_keys,
    dump_settings,
    load_settings,
    read_policy,
    write_policy,
)
from mailsync.sandbox.vendor import Refused

MAILBOX_KEYS = ("user", "address", "guid", "items", "folders", "default_folders", "log", *SETTING_KEYS)
FOLDER_KEYS = ("name", "class", "items", "folders", "Id", "ChangeKey", "properties")


def load_world(world: Mapping[str, Any], now: datetime) -> tuple[dict[str, Mailbox], set[str], Policy]:
    """The mailboxes by address in lower case, the server's quirks and throttling.

    Raises Refused, naming the key that is wrong.
    """
    check_keys(world, ("mailboxes", "quirks", "throttling"), "exchange")
    boxes = load_mailboxes(world, "exchange", now)
    quirks = {need_text(quirk, "exchange.quirks") for quirk in need_list(world.get("quirks", []), "exchange.quirks")}
    if quirks - QUIRKS:
        raise Refused(f"exchange.quirks: give some of {', '.join(sorted(QUIRKS))}")
    return boxes, quirks, read_policy(world)


def load_mailboxes(world: Mapping[str, Any], vendor: str, now: datetime) -> dict[str, Mailbox]:
    """The mailboxes of a vendor's part of a world, by address in lower case. Raises Refused, naming the key."""
    boxes: dict[str, Mailbox] = {}
    for position, part in enumerate(need_list(world.get("mailboxes", []), f"{vendor}.mailboxes")):
        where = f"{vendor}.mailboxes[{position}]"
        box = load_mailbox(need_object(part, where), where, now)
        if box.address.lower() in boxes:
            raise Refused(f"{where}.address: there are two mailboxes {box.address}")
        boxes[box.address.lower()] = box
    return boxes


def load_mailbox(part: Mapping[str, Any], where: str, now: datetime) -> Mailbox:
    check_keys(part, MAILBOX_KEYS, where)
    user = need_text(part.get("user"), f"{where}.user")
    address = need_text(part.get("address", f"{user}@acme.example"), f"{where}.address")
    box = create_mailbox(user, address, _read_guid(part, where))
    _load_folder(box, box.distinguished["contacts"], part, where, now)
    others = need_object(part.get("default_folders", {}), f"{where}.default_folders")
    for name, content in others.items():
        inner = f"{where}.default_folders.{name}"
        if name not in box.distinguished:
            raise Refused(f"{inner}: there is no such default folder; give {', '.join(box.distinguished)}")
        _load_default(box, name, need_object(content, inner), inner, now)
    load_settings(box, part, where)
    _load_log(box, need_object(part.get("log", {}), f"{where}.log"), f"{where}.log")
    box.events.clear()
    return box


def _read_guid(part: Mapping[str, Any], where: str) -> UUID | None:
    if "guid" not in part:
        return None
    try:
        return UUID(need_text(part["guid"], f"{where}.guid"))
    except ValueError:
        raise Refused(f"{where}.guid: give a guid") from None


def _load_default(box: Mailbox, name: str, part: Mapping[str, Any], where: str, now: datetime) -> None:
    folder = box.folders[box.distinguished[name]]
    check_keys(part, ("items", "folders", "ChangeKey", "properties"), where)
    folder.change_key = need_text(part.get("ChangeKey", folder.change_key), f"{where}.ChangeKey")
    folder.properties = _read_folder_properties(part, where)
    _load_folder(box, folder.id, part, where, now)


def _read_folder_properties(part: Mapping[str, Any], where: str) -> dict[str, Value]:
    shown = need_object(part.get("properties", {}), f"{where}.properties")
    return read_properties({"ExtendedProperties": shown}, f"{where}.properties")


def _load_folder(box: Mailbox, folder_id: str, part: Mapping[str, Any], where: str, now: datetime) -> None:
    """Fills a folder with the items and sub-folders that a part of a world gives for it."""
    for position, content in enumerate(need_list(part.get("items", []), f"{where}.items")):
        inner = f"{where}.items[{position}]"
        _load_item(box, box.folders[folder_id], need_object(content, inner), inner, now)
    for position, content in enumerate(need_list(part.get("folders", []), f"{where}.folders")):
        inner = f"{where}.folders[{position}]"
        shown = need_object(content, inner)
        check_keys(shown, FOLDER_KEYS, inner)
        folder = _add_folder(box, folder_id, shown, inner)
        folder.properties = _read_folder_properties(shown, inner)
        _load_folder(box, folder.id, shown, inner, now)


def _add_folder(box: Mailbox, parent_id: str, part: Mapping[str, Any], where: str) -> Folder:
    name = need_text(part.get("name"), f"{where}.name")
    folder_class = need_text(part.get("class", "IPF.Contact"), f"{where}.class")
    try:
        if "Id" not in part:
            return add_folder(box, parent_id, name, folder_class)
        check_sibling(box, parent_id, name)
    except Failed:
        raise Refused(f"{where}.name: there are two folders {name} in one place") from None
    identifier = need_id(part["Id"], f"{where}.Id", FOLDER_BYTES)
    number = _reserve(box, identifier)
    key = need_text(part.get("ChangeKey", make_change_key(box.guid, number)), f"{where}.ChangeKey")
    folder = Folder(identifier, key, parent_id, name, folder_class)
    keep_folder(box, folder, Trace(number, number))
    return folder


def _load_item(box: Mailbox, folder: Folder, part: Mapping[str, Any], where: str, now: datetime) -> None:
    kind, properties = read_kind(part, where), read_properties(part, where)
    created, modified = (
        _read_moment(part, "DateTimeCreated", where, now),
        _read_moment(part, "LastModifiedTime", where, now),
    )
    origin = need_text(part.get("Origin", ""), f"{where}.Origin")
    if "Id" not in part:
        item = add_item(box, folder, kind, properties, created)
        item.modified, item.origin, item.attachments = modified, origin, read_attachments(part, where, now)
        return
    identifier = need_id(part["Id"], f"{where}.Id", ITEM_BYTES)
    number = _reserve(box, identifier)
    key = need_text(part.get("ChangeKey", make_change_key(box.guid, number)), f"{where}.ChangeKey")
    files = read_attachments(part, where, now)
    item = Item(identifier, key, folder.id, kind, properties, created, modified, origin, files)
    keep_item(box, folder, item, Trace(number, number))


def _reserve(box: Mailbox, identifier: str) -> int:
    """Keeps the number inside an id from being given out again."""
    number = get_id_number(identifier)
    box.number = max(box.number, number)
    return number


def _read_moment(part: Mapping[str, Any], name: str, where: str, now: datetime) -> datetime:
    if name not in part:
        return now
    try:
        return read_time(need_text(part[name], f"{where}.{name}"))
    except ValueError:
        raise Refused(f"{where}.{name}: give a date and time") from None


def _load_log(box: Mailbox, log: Mapping[str, Any], where: str) -> None:
    """Puts the numbers of changes back as they were; without a log all is as new."""
    if not log:
        _order_traces(box)
        return
    try:
        box.number = max(box.number, int(log["number"]))
        for identifier, numbers in log["folders"].items():
            box.traces[identifier] = Trace(*map(int, numbers))
        for folder_id, traces in log["items"].items():
            folder = box.folders[folder_id]
            folder.traces = {identifier: Trace(*map(int, numbers)) for identifier, numbers in traces.items()}
            folder.latest = max((max(t.created, t.changed, t.deleted) for t in folder.traces.values()), default=0)
        for identifier, first in log.get("firsts", {}).items():
            note_first(box, need_id(identifier, f"{where}.firsts", ITEM_BYTES), int(first))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refused(f"{where}: it doesn't fit the mailbox; leave the key out") from None
    _order_traces(box)


def _order_traces(box: Mailbox) -> None:
    """Items and traces lie in the order of creation, whatever order a file gave them in."""
    for folder in box.folders.values():
        folder.traces = dict(sorted(folder.traces.items(), key=lambda pair: pair[1].created))
        if not all(identifier in folder.traces for identifier in folder.items):
            raise Refused("exchange: a mailbox's log doesn't know all of its items; leave the log out")
        folder.items = {
            identifier: folder.items[identifier] for identifier in folder.traces if identifier in folder.items
        }


def dump_world(boxes: Iterable[Mailbox], quirks: Iterable[str], policy: Policy) -> dict[str, Any]:
    """All mailboxes, the quirks and the throttling, as JSON values."""
    world: dict[str, Any] = {"mailboxes": [dump_mailbox(box) for box in boxes], **write_policy(policy)}
    if set(quirks):
        world["quirks"] = sorted(quirks)
    return world


def dump_mailbox(box: Mailbox) -> dict[str, Any]:
    """A mailbox as a part of a world; `load_mailbox` makes the same of it."""
    contacts = box.folders[box.distinguished["contacts"]]
    others = {name: _dump_default(box, box.folders[box.distinguished[name]], name) for name in box.distinguished}
    return {
        "user": box.user,
        "address": box.address,
        "guid": str(box.guid),
        **_dump_content(box, contacts),
        "default_folders": {name: content for name, content in others.items() if content},
        **dump_settings(box),
        "log": {
            "number": box.number,
            "folders": {identifier: _dump_trace(trace) for identifier, trace in box.traces.items()},
            "items": {
                folder.id: {identifier: _dump_trace(trace) for identifier, trace in folder.traces.items()}
                for folder in box.folders.values()
                if folder.traces
            },
            **({"firsts": dict(box.firsts)} if box.firsts else {}),
        },
    }


def _dump_trace(trace: Trace) -> list[int]:
    return [trace.created, trace.changed, trace.deleted]


def _dump_default(box: Mailbox, folder: Folder, name: str) -> dict[str, Any]:
    """What of a default folder isn't as new; the content of Contacts is shown by the mailbox itself."""
    shown: dict[str, Any] = {} if name == "contacts" else _dump_content(box, folder)
    shown = {key: content for key, content in shown.items() if content}
    if folder.properties:
        shown |= {"ChangeKey": folder.change_key, "properties": _dump_properties(folder)}
    return shown


def _dump_properties(folder: Folder) -> dict[str, Any]:
    return {key: value if isinstance(value, str) else list(value) for key, value in folder.properties.items()}


def _dump_content(box: Mailbox, folder: Folder) -> dict[str, Any]:
    return {
        "items": [write_world_item(item) for item in folder.items.values()],
        "folders": [_dump_folder(box, child) for child in list_children(box, folder.id) if not child.distinguished],
    }


def _dump_folder(box: Mailbox, folder: Folder) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": folder.name, "class": folder.folder_class, "Id": folder.id}
    shown["ChangeKey"] = folder.change_key
    if folder.properties:
        shown["properties"] = _dump_properties(folder)
    return {**shown, **_dump_content(box, folder)}

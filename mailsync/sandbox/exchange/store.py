"""The changes of a mailbox's books: folders and items that come, change, move and go."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.events import Event
from mailsync.sandbox.exchange.ids import get_id_number, make_change_key, make_folder_id, make_item_id
from mailsync.sandbox.exchange.properties import Value
from mailsync.sandbox.exchange.records import Folder, Item, Mailbox, Past, Trace


def take_number(box: Mailbox) -> int:
    """The mailbox's next change number."""
    box.number += 1
    return box.number


def _note_folder(box: Mailbox, kind: str, folder: Folder, old_parent_id: str = "") -> None:
    box.told += 1
    old_id = folder.id if old_parent_id else ""
    box.events.append(
        Event(
            box.told, kind, box.now, "FolderId", folder.id, folder.change_key, folder.parent_id, old_id, old_parent_id
        )
    )


def _note_item(box: Mailbox, kind: str, item: Item, old: Item | None = None) -> None:
    """Tells of an item; a folder whose content came or went is told of as modified, after it."""
    box.told += 1
    old_id, old_parent = (old.id, old.folder_id) if old else ("", "")
    box.events.append(
        Event(box.told, kind, box.now, "ItemId", item.id, item.change_key, item.folder_id, old_id, old_parent)
    )
    for folder_id in dict.fromkeys((item.folder_id, old_parent)):
        folder = box.folders.get(folder_id)
        if folder is not None:
            folder.committed = box.now
            if kind != "ModifiedEvent":
                _note_folder(box, "ModifiedEvent", folder)


def add_folder(box: Mailbox, parent_id: str, name: str, folder_class: str, distinguished: str = "") -> Folder:
    """A new folder. Raises Failed ErrorFolderExists where a sibling has that name."""
    check_sibling(box, parent_id, name)
    number = take_number(box)
    folder = Folder(
        make_folder_id(box.guid, number),
        make_change_key(box.guid, number),
        parent_id,
        name,
        folder_class,
        distinguished,
    )
    keep_folder(box, folder, Trace(number, number))
    _note_folder(box, "CreatedEvent", folder)
    return folder


def keep_folder(box: Mailbox, folder: Folder, trace: Trace) -> None:
    """Puts a folder into the mailbox's books."""
    box.folders[folder.id] = folder
    box.traces[folder.id] = trace
    if folder.distinguished:
        box.distinguished[folder.distinguished] = folder.id


def check_sibling(box: Mailbox, parent_id: str, name: str, but: str = "") -> None:
    """Raises Failed ErrorFolderExists where another folder there has the name (compared without case)."""
    wanted = name.casefold()
    for folder in list_children(box, parent_id):
        if folder.id != but and folder.name.casefold() == wanted:
            raise Failed("ErrorFolderExists")


def list_children(box: Mailbox, parent_id: str) -> list[Folder]:
    """The folders directly under a folder, in the order of creation."""
    return [folder for folder in box.folders.values() if folder.parent_id == parent_id]


def walk_folders(box: Mailbox, root_id: str) -> Iterator[Folder]:
    """All folders below a folder, each before its own children."""
    children: dict[str, list[Folder]] = {}
    for folder in box.folders.values():
        children.setdefault(folder.parent_id, []).append(folder)
    stack = children.get(root_id, [])[::-1]
    while stack:
        folder = stack.pop()
        yield folder
        stack.extend(children.get(folder.id, [])[::-1])


def is_below(box: Mailbox, folder: Folder, root_id: str) -> bool:
    """Whether a folder is root or lies somewhere under it."""
    current: Folder | None = folder
    while current is not None:
        if current.id == root_id:
            return True
        current = box.folders.get(current.parent_id)
    return False


def touch_folder(box: Mailbox, folder: Folder) -> None:
    """Marks a folder's own properties as changed; its id stays (EXD ews-identifiers: folder ids survive)."""
    _stamp_folder(box, folder)
    _note_folder(box, "ModifiedEvent", folder)


def _stamp_folder(box: Mailbox, folder: Folder) -> None:
    number = take_number(box)
    folder.change_key = make_change_key(box.guid, number)
    box.traces[folder.id].changed = number


def place_folder(box: Mailbox, folder: Folder, parent_id: str, name: str) -> None:
    """Moves and renames a folder. Raises Failed for a taken name or a place under itself."""
    if is_below(box, box.folders[parent_id], folder.id):
        raise Failed("ErrorMoveCopyFailed")
    check_sibling(box, parent_id, name, folder.id)
    old_parent_id = folder.parent_id
    folder.parent_id, folder.name = parent_id, name
    _stamp_folder(box, folder)
    moved = old_parent_id != parent_id
    _note_folder(box, "MovedEvent" if moved else "ModifiedEvent", folder, old_parent_id if moved else "")


def drop_folder(box: Mailbox, folder: Folder) -> None:
    """Takes a folder away for good, with everything in and below it."""
    for each in [*walk_folders(box, folder.id), folder]:
        for item in each.items.values():
            box.past.append(Past(box.now, item.id, item))
            del box.item_folders[item.id]
        box.traces[each.id].deleted = take_number(box)
        del box.folders[each.id]
        _note_folder(box, "DeletedEvent", each)


def add_item(box: Mailbox, folder: Folder, kind: str, properties: Mapping[str, Value], now: datetime) -> Item:
    """A new item with those properties."""
    number = take_number(box)
    item = Item(
        make_item_id(box.guid, number),
        make_change_key(box.guid, number),
        folder.id,
        kind,
        dict(properties),
        created=now,
        modified=now,
    )
    _arrive(box, folder, item, number)
    _note_item(box, "CreatedEvent", item)
    return item


def keep_item(box: Mailbox, folder: Folder, item: Item, trace: Trace) -> None:
    """Puts an item into the books of its folder."""
    folder.items[item.id] = item
    folder.traces[item.id] = trace
    folder.latest = max(folder.latest, trace.created, trace.changed)
    box.item_folders[item.id] = folder.id


def _arrive(box: Mailbox, folder: Folder, item: Item, number: int) -> None:
    keep_item(box, folder, item, Trace(number, number))
    box.past.append(Past(box.now, item.id, None))


def find_item(box: Mailbox, item_id: str) -> Item | None:
    """The item of that id, wherever it lies."""
    folder_id = box.item_folders.get(item_id)
    return None if folder_id is None else box.folders[folder_id].items[item_id]


def remember_item(box: Mailbox, item: Item) -> None:
    """Keeps what an item is before it is changed; `touch_item` follows."""
    box.past.append(Past(box.now, item.id, replace(item, properties=dict(item.properties))))


def touch_item(box: Mailbox, item: Item, now: datetime) -> None:
    """Marks an item as changed: a new change key, a new time of modification."""
    number = take_number(box)
    item.change_key = make_change_key(box.guid, number)
    item.modified = now
    folder = box.folders[item.folder_id]
    folder.traces[item.id].changed = folder.latest = number
    _note_item(box, "ModifiedEvent", item)


def drop_item(box: Mailbox, item: Item) -> None:
    """Takes an item out of its folder; clients are told of the deletion."""
    _take_out(box, item)
    _note_item(box, "DeletedEvent", item)


def _take_out(box: Mailbox, item: Item) -> None:
    box.past.append(Past(box.now, item.id, item))
    folder = box.folders[item.folder_id]
    del folder.items[item.id]
    del box.item_folders[item.id]
    folder.traces[item.id].deleted = folder.latest = take_number(box)


def move_item(box: Mailbox, item: Item, folder: Folder, origin: str = "") -> Item:
    """Moves an item; what arrives has a new id, as EWS copies and deletes (EXD ews-identifiers)."""
    _take_out(box, item)
    number = take_number(box)
    moved = Item(
        make_item_id(box.guid, number),
        make_change_key(box.guid, number),
        folder.id,
        item.kind,
        item.properties,
        item.created,
        item.modified,
        origin,
        item.attachments,
    )
    _arrive(box, folder, moved, number)
    note_first(box, moved.id, get_first(box, item.id))
    _note_item(box, "MovedEvent", moved, item)
    return moved


def get_first(box: Mailbox, item_id: str) -> int:
    """The number of an item's creation, which it keeps through every move inside the mailbox."""
    return box.firsts.get(item_id) or get_id_number(item_id)


def note_first(box: Mailbox, item_id: str, first: int) -> None:
    """Keeps that an item of another id was created as number `first`."""
    box.firsts[item_id] = first
    box.present[first] = item_id


def copy_item(box: Mailbox, item: Item, folder: Folder, now: datetime) -> Item:
    """A copy with all properties, the named ones too, and an id of its own."""
    number = take_number(box)
    copy = Item(
        make_item_id(box.guid, number),
        make_change_key(box.guid, number),
        folder.id,
        item.kind,
        dict(item.properties),
        created=now,
        modified=now,
        attachments=item.attachments,
    )
    _arrive(box, folder, copy, number)
    _note_item(box, "CopiedEvent", copy, item)
    return copy


def copy_folder(box: Mailbox, folder: Folder, parent_id: str) -> Folder:
    """A copy of a folder with everything in and below it, under ids of its own. Raises Failed as `place_folder`."""
    if is_below(box, box.folders[parent_id], folder.id):
        raise Failed("ErrorMoveCopyFailed")
    copy = add_folder(box, parent_id, folder.name, folder.folder_class)
    copy.properties = dict(folder.properties)
    for item in list(folder.items.values()):
        copy_item(box, item, copy, box.now)
    for child in list_children(box, folder.id):
        copy_folder(box, child, copy.id)
    return copy

"""What a mailbox holds: folders, items, and per folder what changed when.

Every change takes the mailbox's next number. A trace keeps of each item that was ever in a folder the numbers of its
creation, last change and disappearance, so any earlier number can be answered with what happened since. Traces lie in
the order of creation.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.ids import make_change_key, make_folder_id, make_item_id
from mailsync.sandbox.exchange.properties import Value


@dataclass(slots=True)
class Trace:
    """When an item (or folder) came, last changed and went; `deleted` 0 = it is there."""

    created: int
    changed: int
    deleted: int = 0


@dataclass(slots=True)
class Item:
    """A contact or distribution list. `origin` is the folder it was soft-deleted from ('' elsewhere)."""

    id: str
    change_key: str
    folder_id: str
    kind: str
    properties: dict[str, Value]
    created: datetime
    modified: datetime
    origin: str = ""


@dataclass(slots=True)
class Folder:
    """A folder; `distinguished` is its well-known name or '', `latest` the number of the last change inside."""

    id: str
    change_key: str
    parent_id: str
    name: str
    folder_class: str
    distinguished: str = ""
    properties: dict[str, Value] = field(default_factory=dict[str, Value])
    items: dict[str, Item] = field(default_factory=dict[str, Item])
    traces: dict[str, Trace] = field(default_factory=dict[str, Trace])
    latest: int = 0


@dataclass(slots=True)
class Mailbox:
    """One person's mailbox. `number` is the last one given out."""

    user: str
    address: str
    guid: UUID
    number: int = 0
    folders: dict[str, Folder] = field(default_factory=dict[str, Folder])
    distinguished: dict[str, str] = field(default_factory=dict[str, str])
    traces: dict[str, Trace] = field(default_factory=dict[str, Trace])
    item_folders: dict[str, str] = field(default_factory=dict[str, str])  # item id -> id of the folder it lies in
    configurations: dict[str, bytes] = field(default_factory=dict[str, bytes])


def take_number(box: Mailbox) -> int:
    """The mailbox's next change number."""
    box.number += 1
    return box.number


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
    number = take_number(box)
    folder.change_key = make_change_key(box.guid, number)
    box.traces[folder.id].changed = number


def place_folder(box: Mailbox, folder: Folder, parent_id: str, name: str) -> None:
    """Moves and renames a folder. Raises Failed for a taken name or a place under itself."""
    if is_below(box, box.folders[parent_id], folder.id):
        raise Failed("ErrorMoveCopyFailed")
    check_sibling(box, parent_id, name, folder.id)
    folder.parent_id, folder.name = parent_id, name
    touch_folder(box, folder)


def drop_folder(box: Mailbox, folder: Folder) -> None:
    """Takes a folder away for good, with everything in and below it."""
    for each in [*walk_folders(box, folder.id), folder]:
        for item_id in each.items:
            del box.item_folders[item_id]
        box.traces[each.id].deleted = take_number(box)
        del box.folders[each.id]


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
    keep_item(box, folder, item, Trace(number, number))
    return item


def keep_item(box: Mailbox, folder: Folder, item: Item, trace: Trace) -> None:
    """Puts an item into the books of its folder."""
    folder.items[item.id] = item
    folder.traces[item.id] = trace
    folder.latest = max(folder.latest, trace.created, trace.changed)
    box.item_folders[item.id] = folder.id


def find_item(box: Mailbox, item_id: str) -> Item | None:
    """The item of that id, wherever it lies."""
    folder_id = box.item_folders.get(item_id)
    return None if folder_id is None else box.folders[folder_id].items[item_id]


def touch_item(box: Mailbox, item: Item, now: datetime) -> None:
    """Marks an item as changed: a new change key, a new time of modification."""
    number = take_number(box)
    item.change_key = make_change_key(box.guid, number)
    item.modified = now
    folder = box.folders[item.folder_id]
    folder.traces[item.id].changed = folder.latest = number


def drop_item(box: Mailbox, item: Item) -> None:
    """Takes an item out of its folder; clients are told of the deletion."""
    folder = box.folders[item.folder_id]
    del folder.items[item.id]
    del box.item_folders[item.id]
    folder.traces[item.id].deleted = folder.latest = take_number(box)


def move_item(box: Mailbox, item: Item, folder: Folder, origin: str = "") -> Item:
    """Moves an item; what arrives has a new id, as EWS copies and deletes (EXD ews-identifiers)."""
    drop_item(box, item)
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
    )
    keep_item(box, folder, moved, Trace(number, number))
    return moved


def copy_item(box: Mailbox, item: Item, folder: Folder, now: datetime) -> Item:
    """A copy with all properties, the named ones too, and an id of its own."""
    return add_item(box, folder, item.kind, item.properties, now)

"""The operations on items: GetItem, CreateItem, UpdateItem, MoveItem, CopyItem, DeleteItem."""

from mailsync.sandbox.exchange.attachments import add_attachment
from mailsync.sandbox.exchange.context import Context, answer_each, find_item_of, find_target, list_inputs
from mailsync.sandbox.exchange.decoding import Assignments, apply, read_item, read_set
from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.ids import check_change_key
from mailsync.sandbox.exchange.memberships import drop_member
from mailsync.sandbox.exchange.paths import Path, list_keys, read_path
from mailsync.sandbox.exchange.properties import BODY_HTML, BODY_TEXT, ITEM_CLASS, KIND_CLASSES, LISTS, MEMBERS, Value
from mailsync.sandbox.exchange.records import Folder, Item, Mailbox
from mailsync.sandbox.exchange.rendering import Writer, make_writers, write_item, write_item_id
from mailsync.sandbox.exchange.schema import KIND_ORDER
from mailsync.sandbox.exchange.shapes import read_shape
from mailsync.sandbox.exchange.soap import Element, find_child, get_children, get_local_name, get_text
from mailsync.sandbox.exchange.store import add_item, copy_item, drop_item, move_item, remember_item, touch_item
from mailsync.sandbox.exchange.validation import Violation


def get_items(context: Context, operation: Element) -> list[str]:
    """GetItem: every property asked for, whole."""
    shape_element = find_child(operation, "ItemShape")
    assert shape_element is not None, "the schema check lets no GetItem without a shape through"
    shape = read_shape(shape_element, listing=False, long_times="nine_digit_stamps" in context.quirks)
    writers: dict[str, list[Writer]] = {kind: make_writers(shape, kind, context.box) for kind in KIND_ORDER}

    def get(element: Element) -> str:
        item = find_item_of(context, element)
        return f"<m:Items>{write_item(item, writers[item.kind])}</m:Items>"

    return answer_each("GetItem", list_inputs(operation), get)


def create_items(context: Context, operation: Element) -> list[str]:
    """CreateItem of contacts and lists, into the default Contacts folder unless the request names another."""
    saved = find_child(operation, "SavedItemFolderId")

    def create(element: Element) -> str:
        kind = get_local_name(element)
        if kind not in KIND_CLASSES:
            raise Failed("ErrorInvalidItemForOperationCreateItem")
        folder = context.box.folders[context.box.distinguished["contacts"]]
        if saved is not None:
            folder = find_target(context, operation, "SavedItemFolderId", "ErrorSavedItemFolderNotFound")
        if not folder.folder_class.startswith("IPF.Contact"):
            raise Failed("ErrorCannotCreateContactInNonContactFolder")
        properties: dict[str, Value] = {}
        apply(properties, read_item(element))
        _check_class(kind, properties)
        item = add_item(context.box, folder, kind, properties, context.now)
        files = find_child(element, "Attachments")
        for file in get_children(files) if files is not None else ():
            add_attachment(context, item, file)
        return _show_id(item)

    return answer_each("CreateItem", list_inputs(operation), create)


def _check_class(kind: str, properties: dict[str, Value]) -> None:
    stored = str(properties.get(ITEM_CLASS, KIND_CLASSES[kind]))
    if not f"{stored}.".lower().startswith(f"{KIND_CLASSES[kind]}.".lower()):
        raise Failed("ErrorObjectTypeChanged")


def _show_id(item: Item) -> str:
    return f"<m:Items><t:{item.kind}>{write_item_id(item)}</t:{item.kind}></m:Items>"


def update_items(context: Context, operation: Element) -> list[str]:
    """UpdateItem: all updates of an item or none; NeverOverwrite compares the change key (a real compare-and-set)."""
    resolution = operation.get("ConflictResolution") or ""

    def update(change: Element) -> str:
        identifier = get_children(change)[0]
        item = find_item_of(context, identifier)
        if "no_change_key_check" not in context.quirks:
            check_version(item, identifier.get("ChangeKey") or "", resolution)
        properties = dict(item.properties)
        updates = find_child(change, "Updates")
        if updates is None:
            raise Violation(change, "The element 'ItemChange' has incomplete content: 'Updates'.")
        for description in get_children(updates):
            _update(item, properties, description)
        _check_class(item.kind, properties)
        remember_item(context.box, item)
        item.properties = properties
        touch_item(context.box, item, context.now)
        return f"{_show_id(item)}<m:ConflictResults><t:Count>0</t:Count></m:ConflictResults>"

    return answer_each("UpdateItem", list_inputs(operation), update)


def check_version(item: Item, key: str, resolution: str) -> None:
    """Raises Failed unless the change key allows the update.

    AutoResolve and AlwaysOverwrite need no change key and win over a stale one (ConflictResolution's documentation).
    """
    if key:
        check_change_key(key)
    if resolution != "NeverOverwrite":
        return
    if not key:
        raise Failed("ErrorChangeKeyRequired")
    if key != item.change_key:
        raise Failed("ErrorIrresolvableConflict")


def _update(item: Item, properties: dict[str, Value], description: Element) -> None:
    action, children = get_local_name(description), get_children(description)
    if not children:
        raise Violation(description, f"The element '{action}' has incomplete content.")
    path = read_path(children[0])
    keys = list_keys(path)
    if not keys or path.key in ("0x3007/SystemTime", "0x3008/SystemTime"):
        code = "ErrorInvalidPropertyDelete" if action == "DeleteItemField" else "ErrorInvalidPropertySet"
        raise Failed(code, path_xml=path.xml)
    if action == "DeleteItemField":
        _delete(properties, path, keys)
        return
    assignments = _read_object(item, children, description, path, keys)
    if action == "AppendToItemField":
        assignments = _append(properties, path, assignments)
    apply(properties, assignments)


def _read_object(
    item: Item, children: list[Element], description: Element, path: Path, keys: tuple[str, ...]
) -> Assignments:
    """The assignments in a change's object, checked against its path."""
    if len(children) != 2:
        raise Violation(description, f"The element '{get_local_name(description)}' has incomplete content.")
    if get_local_name(children[1]) not in (item.kind, "Item"):
        raise Failed("ErrorObjectTypeChanged", path_xml=path.xml)
    assignments = read_set(children[1])
    if not set(assignments) <= set(keys) | ({BODY_TEXT, BODY_HTML} if path.key in (BODY_TEXT, BODY_HTML) else set()):
        raise Failed("ErrorUpdatePropertyMismatch", path_xml=path.xml)
    return assignments


def _delete(properties: dict[str, Value], path: Path, keys: tuple[str, ...]) -> None:
    if ITEM_CLASS in keys:
        raise Failed("ErrorInvalidPropertyDelete", path_xml=path.xml)
    if path.index and keys == (MEMBERS,):
        members = properties.get(MEMBERS, ())
        properties[MEMBERS] = drop_member(members if isinstance(members, tuple) else (), path.index)
        return
    for key in keys:
        properties.pop(key, None)


def _append(properties: dict[str, Value], path: Path, assignments: Assignments) -> Assignments:
    """Appending is for bodies and lists of strings only."""
    appended: Assignments = {}
    for key, value in assignments.items():
        present = properties.get(key)
        if isinstance(value, tuple) and (key in LISTS.values() or key == MEMBERS):
            appended[key] = tuple(dict.fromkeys((*(present or ()), *value)))
        elif key in (BODY_TEXT, BODY_HTML) and isinstance(value, str):
            appended[key] = f"{present or ''}{value}"
        elif value is not None:
            raise Failed("ErrorInvalidPropertyAppend", path_xml=path.xml)
    return appended


def move_items(context: Context, operation: Element) -> list[str]:
    """MoveItem: the item in its new folder has a new id, the old one is gone."""

    def move(element: Element) -> str:
        folder = find_target(context, operation, "ToFolderId", "ErrorToFolderNotFound")
        moved = move_item(context.box, find_item_of(context, element), folder)
        return _show_moved(moved, operation)

    return answer_each("MoveItem", list_inputs(operation), move)


def copy_items(context: Context, operation: Element) -> list[str]:
    """CopyItem: all properties, the named ones too, under a new id."""

    def copy(element: Element) -> str:
        folder = find_target(context, operation, "ToFolderId", "ErrorToFolderNotFound")
        return _show_moved(copy_item(context.box, find_item_of(context, element), folder, context.now), operation)

    return answer_each("CopyItem", list_inputs(operation), copy)


def _show_moved(item: Item, operation: Element) -> str:
    wanted = get_text(find_child(operation, "ReturnNewItemIds")).strip()
    return "<m:Items/>" if wanted in ("false", "0") else _show_id(item)


def delete_items(context: Context, operation: Element) -> list[str]:
    """DeleteItem by its DeleteType; the change key plays no part, as Exchange knows no condition here."""
    disposal = operation.get("DeleteType") or ""

    def delete(element: Element) -> str:
        dispose_item(context.box, find_item_of(context, element), disposal)
        return ""

    return answer_each("DeleteItem", list_inputs(operation), delete)


def dispose_item(box: Mailbox, item: Item, disposal: str) -> None:
    """Deletes an item: into Purges, which only administrators look at, into Deletions, or into Deleted Items.

    What is moved has a new id. What lies in Deletions goes to Purges, what lies there is gone (EXD deleting-items).
    """
    deletions, purges = box.distinguished["recoverableitemsdeletions"], box.distinguished["recoverableitemspurges"]
    if item.folder_id == purges:
        drop_item(box, item)
    elif disposal == "HardDelete" or item.folder_id == deletions:
        move_item(box, item, box.folders[purges], item.origin or item.folder_id)
    elif disposal == "SoftDelete":
        move_item(box, item, box.folders[deletions], item.folder_id)
    else:
        move_item(box, item, _get_known(box, "deleteditems"))


def restore_item(box: Mailbox, item: Item) -> Item:
    """Brings a soft-deleted item back to where it was, or to Contacts where that folder is gone."""
    folder = box.folders.get(item.origin) or _get_known(box, "contacts")
    return move_item(box, item, folder)


def _get_known(box: Mailbox, name: str) -> Folder:
    return box.folders[box.distinguished[name]]

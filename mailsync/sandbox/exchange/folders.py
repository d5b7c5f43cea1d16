"""The operations on folders: GetFolder, CreateFolder, UpdateFolder, MoveFolder, DeleteFolder, EmptyFolder."""

from mailsync.sandbox.exchange.context import Context, answer_each, find_folder, find_target, list_inputs
from mailsync.sandbox.exchange.decoding import Assignments, apply, read_property
from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.foldershapes import NAME_TAG, list_folder_elements, write_folder, write_folder_id
from mailsync.sandbox.exchange.items import dispose_item
from mailsync.sandbox.exchange.paths import Path, read_path
from mailsync.sandbox.exchange.records import Folder, Mailbox
from mailsync.sandbox.exchange.shapes import read_shape
from mailsync.sandbox.exchange.soap import Element, find_child, get_children, get_local_name, get_text
from mailsync.sandbox.exchange.store import (
    add_folder,
    copy_folder,
    drop_folder,
    is_below,
    list_children,
    place_folder,
    touch_folder,
    walk_folders,
)
from mailsync.sandbox.exchange.validation import Violation

FOLDER_CLASSES = {"Folder": "IPF.Note", "ContactsFolder": "IPF.Contact"}


def get_folders(context: Context, operation: Element) -> list[str]:
    """GetFolder by id or well-known name."""
    shape_element = find_child(operation, "FolderShape")
    assert shape_element is not None, "the schema check lets no GetFolder without a shape through"
    shape = read_shape(shape_element, listing=False, long_times=False)
    elements = list_folder_elements(shape)

    def get(element: Element) -> str:
        return f"<m:Folders>{write_folder(context.box, find_folder(context, element), shape, elements)}</m:Folders>"

    return answer_each("GetFolder", list_inputs(operation), get)


def create_folders(context: Context, operation: Element) -> list[str]:
    """CreateFolder under a parent; names are unique among siblings, without regard to case."""

    def create(element: Element) -> str:
        parent = find_target(context, operation, "ParentFolderId", "ErrorParentFolderNotFound")
        kind = get_local_name(element)
        if kind not in FOLDER_CLASSES:
            raise Failed("ErrorInvalidFolderTypeForOperation")
        folder_class = get_text(find_child(element, "FolderClass")) or FOLDER_CLASSES[kind]
        if kind == "ContactsFolder" and not f"{folder_class}.".startswith("IPF.Contact."):
            raise Failed("ErrorNoFolderClassOverride")
        name = _check_name(get_text(find_child(element, "DisplayName")))
        assignments: Assignments = {}
        for child in get_children(element):
            if get_local_name(child) == "ExtendedProperty":
                assignments.update(read_property(child))
        folder = add_folder(context.box, parent.id, name, folder_class)
        apply(folder.properties, assignments)
        return _show_id(folder)

    return answer_each("CreateFolder", list_inputs(operation), create)


def _check_name(name: str) -> str:
    if not name.strip():
        raise Failed("ErrorFolderSavePropertyError")
    return name


def _show_id(folder: Folder) -> str:
    return f"<m:Folders>{write_folder_id(folder)}</m:Folders>"


def update_folders(context: Context, operation: Element) -> list[str]:
    """UpdateFolder: the display name and extended properties; the id stays."""

    def update(change: Element) -> str:
        folder = find_folder(context, get_children(change)[0])
        updates = find_child(change, "Updates")
        if updates is None:
            raise Violation(change, "The element 'FolderChange' has incomplete content: 'Updates'.")
        name, properties = folder.name, dict(folder.properties)
        for description in get_children(updates):
            changed = _read_change(description)
            if isinstance(changed, str):
                name = changed
            else:
                apply(properties, changed)
        _rename(context.box, folder, name)
        folder.properties = properties
        touch_folder(context.box, folder)
        return _show_id(folder)

    return answer_each("UpdateFolder", list_inputs(operation), update)


def _rename(box: Mailbox, folder: Folder, name: str) -> None:
    if name == folder.name:
        return
    if folder.distinguished:
        raise Failed("ErrorAccessDenied")
    place_folder(box, folder, folder.parent_id, name)


def _read_change(description: Element) -> str | Assignments:
    """A new name, or assignments of extended properties."""
    action, children = get_local_name(description), get_children(description)
    if not children:
        raise Violation(description, f"The element '{action}' has incomplete content.")
    path = read_path(children[0])
    if action == "DeleteFolderField":
        if not path.key:
            raise Failed("ErrorInvalidPropertyDelete", path_xml=path.xml)
        return {path.key: None}
    if action != "SetFolderField":
        raise Failed("ErrorInvalidPropertyAppend", path_xml=path.xml)
    return _read_set(children, path)


def _read_set(children: list[Element], path: Path) -> str | Assignments:
    properties = get_children(children[1]) if len(children) == 2 else []
    if len(properties) != 1:
        raise Failed("ErrorIncorrectUpdatePropertyCount", path_xml=path.xml)
    if path.uri == "folder:DisplayName" and get_local_name(properties[0]) == "DisplayName":
        return _check_name(get_text(properties[0]))
    if not path.key:
        raise Failed("ErrorInvalidPropertySet", path_xml=path.xml)
    assignments = read_property(properties[0])
    if set(assignments) != {path.key}:
        raise Failed("ErrorUpdatePropertyMismatch", path_xml=path.xml)
    if path.key == NAME_TAG:
        return _check_name(str(assignments[path.key]))
    return assignments


def move_folders(context: Context, operation: Element) -> list[str]:
    """MoveFolder: the folder and all in it keep their ids."""

    def move(element: Element) -> str:
        target = find_target(context, operation, "ToFolderId", "ErrorToFolderNotFound")
        folder = find_folder(context, element)
        if folder.distinguished:
            raise Failed("ErrorMoveDistinguishedFolder")
        place_folder(context.box, folder, target.id, folder.name)
        return _show_id(folder)

    return answer_each("MoveFolder", list_inputs(operation), move)


def copy_folders(context: Context, operation: Element) -> list[str]:
    """CopyFolder: the folder and all in and below it, under new ids; a taken name in the target is refused."""

    def copy(element: Element) -> str:
        target = find_target(context, operation, "ToFolderId", "ErrorToFolderNotFound")
        folder = find_folder(context, element)
        if folder.distinguished in ("root", "msgfolderroot"):
            raise Failed("ErrorMoveCopyFailed")
        return _show_id(copy_folder(context.box, folder, target.id))

    return answer_each("CopyFolder", list_inputs(operation), copy)


def mark_folders_read(context: Context, operation: Element) -> list[str]:
    """MarkAllItemsAsRead: succeeds for a folder that there is; contacts and lists have no read flag to change."""

    def mark(element: Element) -> str:
        find_folder(context, element)
        return ""

    return answer_each("MarkAllItemsAsRead", list_inputs(operation), mark)


def delete_folders(context: Context, operation: Element) -> list[str]:
    """DeleteFolder by its DeleteType; moved to Deleted Items it keeps its id."""
    disposal = operation.get("DeleteType") or ""

    def delete(element: Element) -> str:
        folder = find_folder(context, element)
        if folder.distinguished:
            raise Failed("ErrorDeleteDistinguishedFolder")
        dispose_folder(context.box, folder, disposal)
        return ""

    return answer_each("DeleteFolder", list_inputs(operation), delete)


def dispose_folder(box: Mailbox, folder: Folder, disposal: str) -> None:
    """Deletes a folder: for good, with its items recoverable (SoftDelete), or by moving it to Deleted Items."""
    bin_id = box.distinguished["deleteditems"]
    if disposal == "MoveToDeletedItems" and not is_below(box, folder, bin_id):
        place_folder(box, folder, bin_id, _find_free_name(box, bin_id, folder.name))
        return
    for each in [*walk_folders(box, folder.id), folder]:
        for item in list(each.items.values()):
            dispose_item(box, item, "HardDelete" if disposal == "HardDelete" else "SoftDelete")
    drop_folder(box, folder)


def _find_free_name(box: Mailbox, parent_id: str, name: str) -> str:
    """The name itself, or with the number that makes it free, as Exchange does in Deleted Items."""
    taken = {folder.name.casefold() for folder in list_children(box, parent_id)}
    number, free = 0, name
    while free.casefold() in taken:
        number += 1
        free = f"{name}{number}"
    return free


def empty_folders(context: Context, operation: Element) -> list[str]:
    """EmptyFolder: its items, and its sub-folders where DeleteSubFolders says so."""
    disposal = operation.get("DeleteType") or ""
    with_folders = operation.get("DeleteSubFolders") in ("true", "1")

    def empty(element: Element) -> str:
        folder = find_folder(context, element)
        if folder.distinguished in ("root", "msgfolderroot", "recoverableitemsroot"):
            raise Failed("ErrorCannotEmptyFolder")
        for item in list(folder.items.values()):
            dispose_item(context.box, item, disposal)
        children = list_children(context.box, folder.id) if with_folders else []
        for child in children:
            if not child.distinguished:
                dispose_folder(context.box, child, disposal)
        return ""

    return answer_each("EmptyFolder", list_inputs(operation), empty)

"""SyncFolderItems and SyncFolderHierarchy: what changed since a state that was handed out before.

A client is told of a window of changes, page by page from the item created last to the one created first. The place
of an item in a window is its creation, which never moves: an item that changes while pages are read is told once more
in the next window, never lost. Several changes of one item are one.
(EXD mailbox-synchronization, syncfolderitems-operation)
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from mailsync.sandbox.exchange.context import Context, find_target, write_error, write_success
from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.foldershapes import list_folder_elements, write_folder
from mailsync.sandbox.exchange.ids import SyncState, read_sync_state, write_sync_state
from mailsync.sandbox.exchange.records import Folder, Mailbox, Trace
from mailsync.sandbox.exchange.rendering import make_writers, write_item
from mailsync.sandbox.exchange.schema import KIND_ORDER
from mailsync.sandbox.exchange.shapes import read_shape
from mailsync.sandbox.exchange.soap import Element, find_child, get_children, get_text
from mailsync.sandbox.exchange.store import is_below

LAST: Final = 2**63  # above every number that a mailbox gives out


def sync_items(context: Context, operation: Element) -> list[str]:
    """SyncFolderItems: one page of changes of one folder, with the state to ask on with."""
    try:
        return [write_success("SyncFolderItems", _sync_items(context, operation))]
    except Failed as failed:
        return [write_error("SyncFolderItems", failed)]


def _sync_items(context: Context, operation: Element) -> str:
    box = context.box
    try:
        folder = find_target(context, operation, "SyncFolderId", "ErrorSyncFolderNotFound")
    except Failed as failed:
        if failed.code == "ErrorSyncFolderNotFound" and "silent_folder_loss" in context.quirks:
            return _write_changes(get_text(find_child(operation, "SyncState")), "Item", True, "")
        raise
    text = get_text(find_child(operation, "SyncState")).strip()
    state = _read_state(context, folder, text)
    maximum = int(get_text(find_child(operation, "MaxChangesReturned")))
    ignored = _list_ignored(operation)
    page, state = take_page(list_changes(folder.traces, state, folder.latest, ignored), state, maximum)
    shape_element = find_child(operation, "ItemShape")
    assert shape_element is not None, "the schema check lets no SyncFolderItems without a shape through"
    shape = read_shape(shape_element, listing=True, long_times="nine_digit_stamps" in context.quirks)
    writers = {kind: make_writers(shape, kind, box) for kind in KIND_ORDER}
    parts: list[str] = []
    for item_id, change in page:
        if change == "Delete":
            parts.append(f'<t:Delete><t:ItemId Id="{item_id}"/></t:Delete>')
        else:
            item = folder.items[item_id]
            parts.append(f"<t:{change}>{write_item(item, writers[item.kind])}</t:{change}>")
    return _write_changes(write_sync_state(box.guid, state), "Item", state.below == 0, "".join(parts))


def _write_changes(state: str, what: str, complete: bool, changes: str) -> str:
    return (
        f"<m:SyncState>{state}</m:SyncState><m:IncludesLast{what}InRange>{'true' if complete else 'false'}"
        f"</m:IncludesLast{what}InRange><m:Changes>{changes}</m:Changes>"
    )


def _list_ignored(operation: Element) -> frozenset[str]:
    ignore = find_child(operation, "Ignore")
    return frozenset(child.get("Id") or "" for child in get_children(ignore)) if ignore is not None else frozenset()


def _read_state(context: Context, folder: Folder, text: str) -> SyncState:
    """The state of a request; a window is opened up to now where the state's last one was told to the end.

    Raises Failed ErrorInvalidSyncStateData for a text that isn't a state of this very folder.
    """
    start = SyncState(folder.id, 0, 0, 0)
    if text:
        try:
            start = read_sync_state(context.box.guid, text)
            if start.folder_id != folder.id or start.until > context.box.number:
                raise Failed("ErrorInvalidSyncStateData")
        except Failed:
            if "lenient_sync_state" not in context.quirks:
                raise
            start = SyncState(folder.id, 0, 0, 0)
    if start.below:
        return start
    return SyncState(folder.id, start.until, context.box.number, LAST)


def list_changes(
    traces: dict[str, Trace], state: SyncState, latest: int, ignored: frozenset[str]
) -> Iterator[tuple[str, Trace, str]]:
    """The window's changes, from the item created last to the one created first: id, trace and kind of change."""
    if latest <= state.done:
        return
    for item_id, trace in reversed(traces.items()):
        if trace.created >= state.below or trace.created > state.until or item_id in ignored:
            continue
        change = classify_change(trace, state.done)
        if change:
            yield item_id, trace, change


def classify_change(trace: Trace, done: int) -> str:
    """What a client that knows all up to `done` must be told: Create, Update, Delete, or nothing ('')."""
    if trace.deleted:
        return "Delete" if trace.deleted > done >= trace.created else ""
    if trace.created > done:
        return "Create"
    return "Update" if trace.changed > done else ""


def take_page(
    changes: Iterator[tuple[str, Trace, str]], state: SyncState, maximum: int
) -> tuple[list[tuple[str, str]], SyncState]:
    """Up to `maximum` changes, and the state after them: below 0 = the window has been told to its end."""
    page: list[tuple[str, str]] = []
    below = state.below
    for item_id, trace, change in changes:
        if len(page) == maximum:
            return page, replace(state, below=below)
        page.append((item_id, change))
        below = trace.created
    return page, SyncState(state.folder_id, state.until, state.until, 0)


def sync_hierarchy(context: Context, operation: Element) -> list[str]:
    """SyncFolderHierarchy: the folders below a root that came, changed or went. All in one page."""
    try:
        return [write_success("SyncFolderHierarchy", _sync_hierarchy(context, operation))]
    except Failed as failed:
        return [write_error("SyncFolderHierarchy", failed)]


def _sync_hierarchy(context: Context, operation: Element) -> str:
    box = context.box
    root = box.folders[box.distinguished["msgfolderroot"]]
    if find_child(operation, "SyncFolderId") is not None:
        root = find_target(context, operation, "SyncFolderId", "ErrorSyncFolderNotFound")
    state = _read_state(context, root, get_text(find_child(operation, "SyncState")).strip())
    shape_element = find_child(operation, "FolderShape")
    assert shape_element is not None, "the schema check lets no SyncFolderHierarchy without a shape through"
    shape = read_shape(shape_element, listing=True, long_times=False)
    elements = list_folder_elements(shape)

    def write(folder: Folder) -> str:
        return write_folder(box, folder, shape, elements)

    changes = "".join(_write_hierarchy(box, root, state, write))
    done = SyncState(root.id, state.until, state.until, 0)
    return _write_changes(write_sync_state(box.guid, done), "Folder", True, changes)


def _write_hierarchy(box: Mailbox, root: Folder, state: SyncState, write: Callable[[Folder], str]) -> Iterator[str]:
    for folder_id, trace in box.traces.items():
        folder = box.folders.get(folder_id)
        change = classify_change(trace, state.done)
        if not change or folder_id == root.id:
            continue
        if folder is None or not is_below(box, folder, root.id):
            if state.done >= trace.created:
                yield f'<t:Delete><t:FolderId Id="{folder_id}"/></t:Delete>'
            continue
        yield f"<t:{change}>{write(folder)}</t:{change}>"

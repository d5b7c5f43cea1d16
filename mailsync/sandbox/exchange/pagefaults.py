"""Pages of changes and of found items that lie: left out, told twice, without an end, empty, unordered, one item twice.

And reads that lag: a sync that doesn't know yet what changed since the state it was given.
"""

from copy import deepcopy
from typing import Final

from lxml import etree

from mailsync.sandbox.exchange.soap import MESSAGES, Element, find_child, get_children, get_local_name, get_text
from mailsync.sandbox.exchange.splicing import list_messages, write_document
from mailsync.sandbox.vendor import Answer

HOW: Final = ("missing", "repeated", "loop", "zero", "unordered", "twice")
SYNCS: Final = {"SyncFolderItems": "IncludesLastItemInRange", "SyncFolderHierarchy": "IncludesLastFolderInRange"}
_FINDS: Final = {"FindItem": "IndexedPageItemView", "FindFolder": "IndexedPageFolderView"}


def spoil_pages(answer: Answer, operation: Element, how: str) -> Answer:
    """The answer with each of its pages spoiled; one that has no pages, or was refused, stays as it is."""
    name = get_local_name(operation)
    if answer.status != 200 or (name not in SYNCS and name not in _FINDS):
        return answer
    root = etree.fromstring(answer.body)
    for message in list_messages(root):
        if message.get("ResponseClass") != "Success":
            continue
        if name in SYNCS:
            _spoil_sync(message, name, get_text(find_child(operation, "SyncState")).strip(), how)
        else:
            _spoil_find(message, _read_offset(operation, _FINDS[name]), how)
    return write_document(answer, root)


def hold_back(answer: Answer, operation: Element) -> Answer:
    """The answer of a sync that tells of no change and gives the state back; without a state it is told all."""
    name = get_local_name(operation)
    state = get_text(find_child(operation, "SyncState")).strip()
    if answer.status != 200 or name not in SYNCS or not state:
        return answer
    root = etree.fromstring(answer.body)
    for message in list_messages(root):
        if message.get("ResponseClass") == "Success":
            _rewind(message, name, state, last="true")
            _empty(find_child(message, "Changes"))
    return write_document(answer, root)


def _spoil_sync(message: Element, name: str, state: str, how: str) -> None:
    if how in ("repeated", "loop", "zero"):
        _rewind(message, name, state, last="false")
    _spoil_list(find_child(message, "Changes"), how)


def _rewind(message: Element, name: str, state: str, last: str) -> None:
    for tag, text in (("SyncState", state), (SYNCS[name], last)):
        element = message.find(f"{{{MESSAGES}}}{tag}")
        if element is not None:
            element.text = text


def _spoil_find(message: Element, offset: int, how: str) -> None:
    folder = find_child(message, "RootFolder")
    if folder is None:
        return
    if how in ("repeated", "loop", "zero"):
        folder.set("IndexedPagingOffset", str(0 if how == "loop" else offset))
        folder.set("IncludesLastItemInRange", "false")
    _spoil_list(next(iter(get_children(folder)), None), how)


def _spoil_list(listed: Element | None, how: str) -> None:
    if listed is None:
        return
    children = get_children(listed)
    if how in ("missing", "zero"):
        _empty(listed)
    elif how == "unordered":
        for child in children:
            listed.insert(0, child)
    elif how == "twice" and children:
        listed.append(deepcopy(children[0]))


def _empty(listed: Element | None) -> None:
    for child in get_children(listed) if listed is not None else []:
        child.getparent().remove(child)  # pyright: ignore[reportOptionalMemberAccess] - a child has a parent


def _read_offset(operation: Element, view: str) -> int:
    found = find_child(operation, view)
    text = found.get("Offset") if found is not None else None
    return int(text) if text is not None and text.isdigit() else 0

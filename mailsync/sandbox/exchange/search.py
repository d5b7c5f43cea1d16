"""FindItem and FindFolder: restrictions, sort order and pages, over one or several folders in one request."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from mailsync.sandbox.exchange.context import Context, answer_each, find_folder, list_inputs
from mailsync.sandbox.exchange.errors import Failed, Fault
from mailsync.sandbox.exchange.foldershapes import (
    CLASS_TAG,
    COUNT_TAG,
    NAME_TAG,
    get_folder_value,
    list_folder_elements,
    write_folder,
)
from mailsync.sandbox.exchange.paths import Path, list_keys
from mailsync.sandbox.exchange.properties import CREATED, HAS_ATTACHMENTS, HAS_PICTURE, MODIFIED, SIZE, Value
from mailsync.sandbox.exchange.records import Folder, Item, Mailbox
from mailsync.sandbox.exchange.rendering import make_writers, write_item
from mailsync.sandbox.exchange.restrictions import Predicate, Restrictions, T
from mailsync.sandbox.exchange.schema import KIND_ORDER
from mailsync.sandbox.exchange.shapes import read_shape
from mailsync.sandbox.exchange.soap import Element, find_child, get_local_name
from mailsync.sandbox.exchange.store import list_children, walk_folders
from mailsync.sandbox.exchange.validation import Violation
from mailsync.sandbox.exchange.values import get_value

# Most items of one FindItem answer, with and without a restriction (EXD ews-throttling, EWSFindCountLimit).
RESTRICTED_LIMIT: Final = 250
PLAIN_LIMIT: Final = 1000
ITEM_KEYS: Final = {
    "item:DateTimeCreated": CREATED,
    "item:DateTimeReceived": CREATED,
    "item:LastModifiedTime": MODIFIED,
    "item:Size": SIZE,
    "item:HasAttachments": HAS_ATTACHMENTS,
    "contacts:HasPicture": HAS_PICTURE,
}
FOLDER_KEYS: Final = {
    "folder:DisplayName": NAME_TAG,
    "folder:FolderClass": CLASS_TAG,
    "folder:TotalCount": COUNT_TAG,
    "folder:ChildFolderCount": "folder:ChildFolderCount",
}
OTHER_VIEWS: Final = ("FractionalPageItemView", "SeekToConditionPageItemView", "CalendarView", "ContactsView")
UNPAGED: Final = ("Exchange2007", "Exchange2007_SP1", "Exchange2010")
GROUPINGS: Final = ("GroupBy", "DistinguishedGroupBy")


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a result to show: `size` at most, from `offset` of the beginning or the end."""

    offset: int
    size: int
    from_end: bool = False


def _as_tuple(value: Value | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def resolve_item_key(path: Path) -> str:
    """The key that a restriction on items searches; '' for what Exchange can't search (whole dictionaries, ids)."""
    keys = list_keys(path)
    return keys[0] if keys else ITEM_KEYS.get(path.uri, "")


def _resolve_folder_key(path: Path) -> str:
    return path.key or FOLDER_KEYS.get(path.uri, "")


def _get_item_values(item: Item, key: str) -> tuple[str, ...]:
    return _as_tuple(get_value(item, key))


ITEM_RESTRICTIONS: Final = Restrictions[Item](resolve_item_key, _get_item_values)
FOLDER_RESTRICTIONS: Final = Restrictions[Folder](
    _resolve_folder_key, lambda folder, key: _as_tuple(get_folder_value(folder, key))
)


def find_items(context: Context, operation: Element) -> list[str]:
    """FindItem: one message per folder, its items newest first unless the request says how to sort."""
    _refuse_views(operation)
    shape_element = find_child(operation, "ItemShape")
    assert shape_element is not None, "the schema check lets no FindItem without a shape through"
    shape = read_shape(shape_element, listing=True, long_times="nine_digit_stamps" in context.quirks)
    writers = {kind: make_writers(shape, kind, context.box) for kind in KIND_ORDER}
    predicate = _compile_restriction(context, operation)
    limit = RESTRICTED_LIMIT if predicate else PLAIN_LIMIT
    if context.policy.find_count_limit is not None and context.version not in UNPAGED:
        limit = min(limit, context.policy.find_count_limit)
    page = _read_page(operation, "IndexedPageItemView", limit)
    sort_order = find_child(operation, "SortOrder")
    order = ITEM_RESTRICTIONS.compile_order(sort_order) if sort_order is not None else []

    def find(element: Element) -> str:
        folder = find_folder(context, element)
        found = [item for item in _list_items(context.box, folder, operation) if predicate is None or predicate(item)]
        _check_count(context, min(len(found), page.size))
        ITEM_RESTRICTIONS.sort(found, order)
        return _write_page(found, page, "Items", lambda item: write_item(item, writers[item.kind]))

    return answer_each("FindItem", list_inputs(operation), find)


def _refuse_views(operation: Element) -> None:
    for name in (*OTHER_VIEWS, *GROUPINGS):
        if find_child(operation, name) is not None:
            raise Fault("ErrorInvalidOperation", f"{name} is not available for this folder.")
    if find_child(operation, "QueryString") is not None:
        raise Failed("ErrorContentIndexingNotEnabled")


def _compile_restriction(context: Context, operation: Element) -> Predicate[Item] | None:
    element = find_child(operation, "Restriction")
    if element is None:
        return None
    if "no_category_restriction" in context.quirks:
        _refuse_categories(element)
    return ITEM_RESTRICTIONS.compile(element)


def _refuse_categories(restriction: Element) -> None:
    """The behaviour of servers that can't search categories (exchangelib issue #575)."""
    for element in restriction.iter():
        if element.get("FieldURI") == "item:Categories" or element.get("PropertyName") == "Keywords":
            parent = element.getparent()
            contains = parent is not None and get_local_name(parent) == "Contains"
            raise Failed("ErrorContainsFilterWrongType" if contains else "ErrorUnsupportedPathForQuery")


def _list_items(box: Mailbox, folder: Folder, operation: Element) -> Iterable[Item]:
    """A folder's items, newest first; hidden ones there are none, soft-deleted ones lie in the recoverable items."""
    traversal = operation.get("Traversal")
    if traversal == "Shallow":
        return reversed(folder.items.values())
    if traversal == "Associated":
        return ()
    deleted = box.folders[box.distinguished["recoverableitemsdeletions"]]
    return [item for item in reversed(deleted.items.values()) if item.origin == folder.id]


def _check_count(context: Context, found: int) -> None:
    """EWSFindCountLimit: clients of old schemas are refused, newer ones get pages (EXD ews-throttling-in-exchange)."""
    limit = context.policy.find_count_limit
    if limit is not None and found > limit and context.version in UNPAGED:
        raise Failed("ErrorExceededFindCountLimit")


def _read_page(operation: Element, name: str, limit: int) -> Page:
    view = find_child(operation, name)
    if view is None:
        return Page(0, limit)
    numbers = {key: _read_number(view, key) for key in ("Offset", "MaxEntriesReturned") if view.get(key) is not None}
    if "Offset" not in numbers:
        raise Violation(view, "The required attribute 'Offset' is missing.")
    size = numbers.get("MaxEntriesReturned", limit)
    base = view.get("BasePoint")
    if base not in ("Beginning", "End"):
        raise Violation(view, f"The 'BasePoint' attribute is invalid - The value '{base or ''}' is invalid.")
    if size < 1:
        raise Violation(view, f"The 'MaxEntriesReturned' attribute is invalid - The value '{size}' is invalid.")
    if numbers["Offset"] < 0:
        raise Failed("ErrorInvalidIndexedPagingParameters")
    return Page(numbers["Offset"], min(size, limit), base == "End")


def _read_number(view: Element, name: str) -> int:
    try:
        return int(view.get(name) or "")
    except ValueError:
        raise Violation(view, f"The '{name}' attribute is invalid - The value is no number.") from None


def _write_page(found: list[T], page: Page, wrapper: str, write: Callable[[T], str]) -> str:
    total = len(found)
    if page.from_end:
        end = max(total - page.offset, 0)
        start = max(end - page.size, 0)
        following, last = page.offset + end - start, start == 0
    else:
        start, end = min(page.offset, total), min(page.offset + page.size, total)
        following, last = end, end >= total
    content = "".join([write(each) for each in found[start:end]])
    return (
        f'<m:RootFolder IndexedPagingOffset="{following}" TotalItemsInView="{total}" '
        f'IncludesLastItemInRange="{"true" if last else "false"}"><t:{wrapper}>{content}</t:{wrapper}></m:RootFolder>'
    )


def find_folders(context: Context, operation: Element) -> list[str]:
    """FindFolder below each parent: its children (Shallow) or all its descendants (Deep)."""
    if find_child(operation, "FractionalPageFolderView") is not None:
        raise Fault("ErrorInvalidOperation", "FractionalPageFolderView is not available for this folder.")
    shape_element = find_child(operation, "FolderShape")
    assert shape_element is not None, "the schema check lets no FindFolder without a shape through"
    shape = read_shape(shape_element, listing=True, long_times=False)
    elements = list_folder_elements(shape)
    restriction = find_child(operation, "Restriction")
    predicate = FOLDER_RESTRICTIONS.compile(restriction) if restriction is not None else None
    page = _read_page(operation, "IndexedPageFolderView", PLAIN_LIMIT)

    def find(element: Element) -> str:
        parent = find_folder(context, element)
        found = [
            folder for folder in _list_folders(context.box, parent, operation) if not predicate or predicate(folder)
        ]
        return _write_page(found, page, "Folders", lambda folder: write_folder(context.box, folder, shape, elements))

    return answer_each("FindFolder", list_inputs(operation), find)


def _list_folders(box: Mailbox, parent: Folder, operation: Element) -> Iterable[Folder]:
    traversal = operation.get("Traversal")
    if traversal == "Deep":
        return walk_folders(box, parent.id)
    return list_children(box, parent.id) if traversal == "Shallow" else ()

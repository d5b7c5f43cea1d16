"""Every operation that is served: what carries it out, and what it does in the words of the request log."""

from collections.abc import Callable
from typing import Final

from mailsync.sandbox.exchange.attachments import create_attachments, delete_attachments, get_attachments
from mailsync.sandbox.exchange.configurations import (
    create_configuration,
    delete_configuration,
    get_configuration,
    update_configuration,
)
from mailsync.sandbox.exchange.context import Context
from mailsync.sandbox.exchange.directory import convert_ids, resolve_names
from mailsync.sandbox.exchange.expansion import expand_list
from mailsync.sandbox.exchange.folders import (
    copy_folders,
    create_folders,
    delete_folders,
    empty_folders,
    get_folders,
    mark_folders_read,
    move_folders,
    update_folders,
)
from mailsync.sandbox.exchange.items import (
    copy_items,
    create_items,
    delete_items,
    get_items,
    move_items,
    update_items,
)
from mailsync.sandbox.exchange.notifications import get_events, subscribe, unsubscribe
from mailsync.sandbox.exchange.photos import get_user_photo
from mailsync.sandbox.exchange.search import find_folders, find_items
from mailsync.sandbox.exchange.soap import Element
from mailsync.sandbox.exchange.synchronisation import sync_hierarchy, sync_items

CARRIERS: Final[dict[str, Callable[[Context, Element], list[str]]]] = {
    "ConvertId": convert_ids,
    "GetFolder": get_folders,
    "FindFolder": find_folders,
    "CreateFolder": create_folders,
    "UpdateFolder": update_folders,
    "MoveFolder": move_folders,
    "CopyFolder": copy_folders,
    "DeleteFolder": delete_folders,
    "EmptyFolder": empty_folders,
    "MarkAllItemsAsRead": mark_folders_read,
    "SyncFolderHierarchy": sync_hierarchy,
    "SyncFolderItems": sync_items,
    "GetItem": get_items,
    "FindItem": find_items,
    "CreateItem": create_items,
    "UpdateItem": update_items,
    "MoveItem": move_items,
    "CopyItem": copy_items,
    "DeleteItem": delete_items,
    "CreateAttachment": create_attachments,
    "GetAttachment": get_attachments,
    "DeleteAttachment": delete_attachments,
    "ResolveNames": resolve_names,
    "ExpandDL": expand_list,
    "GetUserPhoto": get_user_photo,
    "GetUserConfiguration": get_configuration,
    "CreateUserConfiguration": create_configuration,
    "UpdateUserConfiguration": update_configuration,
    "DeleteUserConfiguration": delete_configuration,
    "Subscribe": subscribe,
    "Unsubscribe": unsubscribe,
    "GetEvents": get_events,
}
ACTIONS: Final = {
    **dict.fromkeys(("SyncFolderHierarchy", "SyncFolderItems", "GetEvents", "GetStreamingEvents"), "changes"),
    **dict.fromkeys(
        ("CreateFolder", "CreateItem", "CopyFolder", "CopyItem", "CreateAttachment", "CreateUserConfiguration"),
        "create",
    ),
    **dict.fromkeys(("UpdateFolder", "UpdateItem", "UpdateUserConfiguration", "MarkAllItemsAsRead"), "update"),
    **dict.fromkeys(("MoveFolder", "MoveItem"), "move"),
    **dict.fromkeys(
        ("DeleteFolder", "DeleteItem", "EmptyFolder", "DeleteAttachment", "DeleteUserConfiguration"), "delete"
    ),
    **dict.fromkeys(
        (
            "ConvertId",
            "GetFolder",
            "FindFolder",
            "GetItem",
            "FindItem",
            "GetAttachment",
            "ResolveNames",
            "ExpandDL",
            "GetUserConfiguration",
            "GetUserPhoto",
            "GetUserSettings",
            "Autodiscover",
        ),
        "read",
    ),
}

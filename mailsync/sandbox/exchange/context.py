"""What every operation gets: the mailboxes, the caller's own one, the time; and how its inputs become answers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mailsync.sandbox.exchange.budgets import Policy
from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.ids import check_folder_id, check_item_id
from mailsync.sandbox.exchange.records import Folder, Item, Mailbox
from mailsync.sandbox.exchange.schema import INPUTS
from mailsync.sandbox.exchange.soap import Element, escape, find_child, get_children, get_local_name, get_text
from mailsync.sandbox.exchange.store import find_item
from mailsync.sandbox.exchange.subscriptions import Hub

QUIRKS: Final = frozenset(
    {
        "no_category_restriction",
        "lenient_sync_state",
        "silent_folder_loss",
        "nine_digit_stamps",
        "no_change_key_check",
    }
)
# What the schema wants behind an error of these operations, or clients read before they look at the code.
ERROR_TAILS: Final = {
    "SyncFolderItems": "<m:SyncState/><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange>",
    "SyncFolderHierarchy": "<m:SyncState/><m:IncludesLastFolderInRange>true</m:IncludesLastFolderInRange>",
    **dict.fromkeys(("GetItem", "CreateItem", "UpdateItem", "MoveItem", "CopyItem"), "<m:Items/>"),
    **dict.fromkeys(("GetFolder", "CreateFolder", "UpdateFolder", "MoveFolder", "CopyFolder"), "<m:Folders/>"),
    **dict.fromkeys(("CreateAttachment", "GetAttachment"), "<m:Attachments/>"),
    "GetUserPhoto": "<m:HasChanged>false</m:HasChanged>",
}


@dataclass(frozen=True, slots=True)
class Context:
    """One request's surroundings. `boxes` is keyed by address in lower case, `box` the mailbox to work on.

    `caller` is who logged in, `version` the schema that the request names.
    """

    boxes: dict[str, Mailbox]
    box: Mailbox
    now: datetime
    quirks: frozenset[str]
    caller: str
    version: str
    policy: Policy
    hub: Hub


def write_success(operation: str, content: str = "", response_class: str = "Success") -> str:
    """The message of an input that was carried out."""
    return (
        f'<m:{operation}ResponseMessage ResponseClass="{response_class}"><m:ResponseCode>NoError</m:ResponseCode>'
        f"{content}</m:{operation}ResponseMessage>"
    )


def write_error(operation: str, failed: Failed) -> str:
    """The message of an input that was refused."""
    message_xml = f"<m:MessageXml>{failed.path_xml}</m:MessageXml>" if failed.path_xml else ""
    return (
        f'<m:{operation}ResponseMessage ResponseClass="Error"><m:MessageText>{escape(failed.text)}</m:MessageText>'
        f"<m:ResponseCode>{failed.code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>{message_xml}"
        f"{ERROR_TAILS.get(operation, '')}</m:{operation}ResponseMessage>"
    )


def list_inputs(operation: Element) -> list[Element]:
    """The inputs of a request; one (the operation itself) where it has no list of them."""
    name = INPUTS.get(get_local_name(operation))
    found = find_child(operation, name) if name else None
    return get_children(found) if found is not None else [operation]


def answer_each(operation: str, inputs: Iterable[Element], carry_out: Callable[[Element], str]) -> list[str]:
    """One message per input in their order; `carry_out` gives a success's content or raises Failed."""
    messages: list[str] = []
    for element in inputs:
        try:
            messages.append(write_success(operation, carry_out(element)))
        except Failed as failed:
            messages.append(write_error(operation, failed))
    return messages


def find_folder(context: Context, element: Element, missing: str = "ErrorFolderNotFound") -> Folder:
    """The folder of a FolderId or DistinguishedFolderId. Raises Failed for bad, foreign and unknown ids."""
    box, identifier = context.box, element.get("Id") or ""
    if get_local_name(element) == "DistinguishedFolderId":
        _check_owner(context, element)
        identifier = box.distinguished.get(identifier, "")
    else:
        check_folder_id(identifier)
    folder = box.folders.get(identifier)
    if folder is None:
        raise Failed(missing)
    return folder


def find_target(context: Context, operation: Element, name: str, missing: str) -> Folder:
    """The folder that a wrapper element (ToFolderId, ParentFolderId …) names."""
    wrapper = find_child(operation, name)
    children = get_children(wrapper) if wrapper is not None else []
    if not children:
        raise Failed(missing)
    return find_folder(context, children[0], missing)


def _check_owner(context: Context, element: Element) -> None:
    """A well-known folder of somebody else's mailbox is denied, of nobody's mailbox is an error."""
    mailbox = find_child(element, "Mailbox")
    address = get_text(find_child(mailbox, "EmailAddress")).strip().lower() if mailbox is not None else ""
    if not address or address == context.box.address.lower():
        return
    raise Failed("ErrorAccessDenied" if address in context.boxes else "ErrorNonExistentMailbox")


def find_item_of(context: Context, element: Element) -> Item:
    """The item of an ItemId element. Raises Failed for bad and unknown ids, the old id of a moved item among them."""
    if get_local_name(element) != "ItemId":
        raise Failed("ErrorInvalidIdMalformed")
    identifier = element.get("Id") or ""
    check_item_id(identifier)
    item = find_item(context.box, identifier)
    if item is None:
        raise Failed("ErrorItemNotFound")
    return item

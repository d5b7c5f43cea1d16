"""CreateAttachment, GetAttachment, DeleteAttachment: files on contacts and lists, a contact's photo among them.

An attachment marked IsContactPhoto is the contact's picture (contacts:HasPicture, PidLidHasPicture). Items as
attachments are refused.
"""

import base64
import binascii

from mailsync.sandbox.exchange.attachmentshapes import write_attachment, write_attachment_id
from mailsync.sandbox.exchange.context import Context, answer_each, list_inputs
from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.ids import check_change_key, check_item_id, read_attachment_id
from mailsync.sandbox.exchange.properties import HAS_PICTURE
from mailsync.sandbox.exchange.records import Attachment, Item
from mailsync.sandbox.exchange.soap import Element, find_child, get_local_name, get_text, quote
from mailsync.sandbox.exchange.store import find_item, remember_item, touch_item
from mailsync.sandbox.exchange.validation import Violation


def create_attachments(context: Context, operation: Element) -> list[str]:
    """CreateAttachment: one message per file, each with the item's change key after it."""
    parent = find_child(operation, "ParentItemId")
    assert parent is not None, "the schema check lets no CreateAttachment without a parent through"

    def create(element: Element) -> str:
        item = _find_parent(context, parent)
        remember_item(context.box, item)
        attachment = add_attachment(context, item, element)
        touch_item(context.box, item, context.now)
        return f"<m:Attachments>{write_attachment_id(item, attachment)}</m:Attachments>"

    return answer_each("CreateAttachment", list_inputs(operation), create)


def _find_parent(context: Context, parent: Element) -> Item:
    identifier = parent.get("Id") or ""
    check_item_id(identifier)
    if parent.get("ChangeKey"):
        check_change_key(parent.get("ChangeKey") or "")
    item = find_item(context.box, identifier)
    if item is None:
        raise Failed("ErrorItemNotFound")
    return item


def add_attachment(context: Context, item: Item, element: Element) -> Attachment:
    """Puts a FileAttachment element on an item. Raises Failed for other kinds, Violation for what is no base64."""
    if get_local_name(element) != "FileAttachment":
        raise Failed("ErrorInvalidItemForOperationCreateItemAttachment")
    texts = {name: get_text(find_child(element, name)) for name in ("Name", "ContentType", "ContentId")}
    photo = get_text(find_child(element, "IsContactPhoto")).strip() in ("true", "1") and item.kind == "Contact"
    attachment = Attachment(
        max((each.number for each in item.attachments), default=0) + 1,
        texts["Name"],
        _read_content(element),
        context.now,
        texts["ContentType"],
        texts["ContentId"],
        get_text(find_child(element, "ContentLocation")),
        get_text(find_child(element, "IsInline")).strip() in ("true", "1"),
        photo,
    )
    # A contact has one photo: a new one takes the place of the old.
    kept = [each for each in item.attachments if not (photo and each.photo)]
    item.attachments = (*kept, attachment)
    if photo:
        item.properties[HAS_PICTURE] = "true"
    return attachment


def _read_content(element: Element) -> bytes:
    content = find_child(element, "Content")
    try:
        return base64.b64decode("".join(get_text(content).split()), validate=True)
    except (binascii.Error, ValueError):
        text = "The 'Content' element is invalid: it is no base64Binary."
        raise Violation(element if content is None else content, text) from None


def _find(context: Context, element: Element) -> tuple[Item, Attachment]:
    item_id, number = read_attachment_id(element.get("Id") or "")
    item = find_item(context.box, item_id)
    found = next((each for each in item.attachments if each.number == number), None) if item else None
    if item is None or found is None:
        raise Failed("ErrorItemNotFound")
    return item, found


def get_attachments(context: Context, operation: Element) -> list[str]:
    """GetAttachment: each file with its content."""

    def get(element: Element) -> str:
        return f"<m:Attachments>{write_attachment(*_find(context, element), whole=True)}</m:Attachments>"

    return answer_each("GetAttachment", list_inputs(operation), get)


def delete_attachments(context: Context, operation: Element) -> list[str]:
    """DeleteAttachment: answers the item's new change key. A contact whose photo goes has no picture any more."""

    def delete(element: Element) -> str:
        item, attachment = _find(context, element)
        remember_item(context.box, item)
        item.attachments = tuple(each for each in item.attachments if each is not attachment)
        if attachment.photo:
            item.properties.pop(HAS_PICTURE, None)
        touch_item(context.box, item, context.now)
        return f"<m:RootItemId RootItemId={quote(item.id)} RootItemChangeKey={quote(item.change_key)}/>"

    return answer_each("DeleteAttachment", list_inputs(operation), delete)

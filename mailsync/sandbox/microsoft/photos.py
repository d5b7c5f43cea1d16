"""A contact's photo: contacts/{id}/photo, its $value, and setting it. It is the attachment that EWS marks as photo."""

import struct
from typing import Final

from mailsync.sandbox.exchange.photos import get_content_type
from mailsync.sandbox.exchange.properties import HAS_PICTURE
from mailsync.sandbox.exchange.records import Attachment, Item
from mailsync.sandbox.exchange.store import remember_item, touch_item
from mailsync.sandbox.microsoft.context import Context, answer_json
from mailsync.sandbox.microsoft.errors import Failed
from mailsync.sandbox.microsoft.identifiers import find_contact, find_folder
from mailsync.sandbox.vendor import Answer

_MOST: Final = 4 * 1024 * 1024
_NONE: Final = "The specified object was not found in the store., The photo wasn't found."


def get_photo(context: Context) -> Answer:
    """GET photo: what there is of it."""
    photo = _find_photo(_find(context))
    width, height = _measure(photo.content)
    shown = {
        "@odata.context": context.metadata("contacts/photo/$entity"),
        "@odata.mediaContentType": get_content_type(photo.content),
        "id": f"{width}x{height}",
        "width": width,
        "height": height,
    }
    return answer_json(shown)


def get_photo_content(context: Context) -> Answer:
    """GET photo/$value: the picture."""
    content = _find_photo(_find(context)).content
    return Answer(200, content, {"content-type": get_content_type(content)})


def set_photo(context: Context) -> Answer:
    """PUT or PATCH photo/$value."""
    item, body = _find(context), context.request.body
    if not context.request.headers.get("content-type", "").startswith("image/"):
        raise Failed("ErrorInvalidRequest", "The Content-Type header must name an image.", status=415)
    if not body or len(body) > _MOST:
        raise Failed("ErrorInvalidImage", "The image is empty, or larger than 4 MB.")
    remember_item(context.box, item)
    others = tuple(each for each in item.attachments if not each.photo)
    number = max((each.number for each in item.attachments), default=0) + 1
    name = "ContactPicture.jpg"
    item.attachments = (*others, Attachment(number, name, body, context.now, "image/jpeg", photo=True))
    item.properties[HAS_PICTURE] = "true"
    touch_item(context.box, item, context.now)
    return Answer(200)


def _find(context: Context) -> Item:
    item = find_contact(context.box, context.parts[-1])
    if len(context.parts) > 1 and item.folder_id != find_folder(context.box, context.parts[0]).id:
        raise Failed("ErrorItemNotFound")
    return item


def _find_photo(item: Item) -> Attachment:
    for each in item.attachments:
        if each.photo:
            return each
    raise Failed("ErrorItemNotFound", _NONE)


def _measure(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG, 1x1 for other pictures: nothing here decodes them."""
    if content.startswith(b"\x89PNG") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    return 1, 1

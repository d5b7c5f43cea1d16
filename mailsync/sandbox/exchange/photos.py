"""Photos of the organisation's people: GetUserPhoto over SOAP, and the same by GET (MS-OXWSGTRM's REST form).

`/EWS/Exchange.asmx/s/GetUserPhoto?email=ADDRESS&size=HR240x240` answers the picture with an ETag, 304 where the
client has it, 404 where there is none.
"""

import base64
import hashlib
from typing import Final
from urllib.parse import parse_qs

from mailsync.sandbox.exchange.context import Context, answer_each
from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.records import Mailbox
from mailsync.sandbox.exchange.soap import Element, find_child, get_text
from mailsync.sandbox.exchange.validation import Violation
from mailsync.sandbox.vendor import Answer, Request

PHOTO_PATH: Final = "/ews/exchange.asmx/s/getuserphoto"
SIZES: Final = (
    *(f"HR{edge}x{edge}" for edge in (48, 64, 96, 120, 240, 360, 432, 504, 648)),
    "HR1024xN",
    "HR1920xN",
)


def get_user_photo(context: Context, operation: Element) -> list[str]:
    """GetUserPhoto of a person of the organisation; the one picture there is serves every size."""
    size = find_child(operation, "SizeRequested")
    if get_text(size).strip() not in SIZES:
        raise Violation(operation, f"The 'SizeRequested' element is invalid - The value '{get_text(size)}' is invalid.")

    def get(element: Element) -> str:
        box = context.boxes.get(get_text(find_child(element, "Email")).strip().lower())
        if box is None or not box.photo:
            raise Failed("ErrorItemNotFound")
        picture = base64.b64encode(box.photo).decode()
        return f"<m:HasChanged>true</m:HasChanged><m:PictureData>{picture}</m:PictureData>"

    return answer_each("GetUserPhoto", [operation], get)


def serve_photo(boxes: dict[str, Mailbox], request: Request) -> Answer:
    """The answer to the GET form."""
    if request.method not in ("GET", "HEAD"):
        return Answer(405, b"", {"allow": "GET, HEAD"})
    query = {name.lower(): values[0] for name, values in parse_qs(request.query).items()}
    if query.get("size", SIZES[0]) not in SIZES:
        return Answer(400, b"", {"x-error": "ErrorInvalidPhotoSize"})
    box = boxes.get(query.get("email", "").lower())
    if box is None or not box.photo:
        return Answer(404)
    tag = f'"{hashlib.sha256(box.photo).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == tag:
        return Answer(304, b"", {"etag": tag})
    return Answer(200, box.photo, {"content-type": get_content_type(box.photo), "etag": tag})


def get_content_type(picture: bytes) -> str:
    """By the first bytes of the file; what is no PNG or GIF is said to be the JPEG that Exchange keeps."""
    if picture.startswith(b"\x89PNG"):
        return "image/png"
    return "image/gif" if picture.startswith(b"GIF8") else "image/jpeg"

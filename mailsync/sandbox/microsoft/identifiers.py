"""Graph's ids of items and folders: REST ids, which are EWS ids made fit for URLs, and immutable ids.

A REST id changes when the item is moved, an immutable id doesn't as long as the item stays in its mailbox; ids of
folders are the same in both forms (GRD concepts/outlook-immutable-id). The letters that differ from EWS ids are those
of Office.js's convertToRestId.
"""

import base64
import binascii
from typing import Final
from uuid import UUID, uuid5

from mailsync.sandbox.exchange.errors import Failed as EwsFailed
from mailsync.sandbox.exchange.ids import ITEM_BYTES, make_item_id, read_id
from mailsync.sandbox.exchange.records import Folder, Item, Mailbox
from mailsync.sandbox.exchange.store import find_item, get_first
from mailsync.sandbox.microsoft.errors import Failed

_MAGIC: Final = (
    b"\x00\x09\x00\x2e\x00\x00\x00\x00\x00\x1d\x84\x03\x11\xaa\x66\x11\xcd\x9b\xc8\x00\xaa\x00\x2f\x84\x5a\x0d\x00"
)
_TO_REST: Final = str.maketrans("/+", "-_")
_TO_EWS: Final = str.maketrans("-_", "/+")


def write_rest(ews_id: str) -> str:
    """An EWS id as a REST id."""
    return ews_id.translate(_TO_REST)


def write_immutable(guid: UUID, first: int) -> str:
    """The immutable id of the item that was created as that number of the mailbox of that guid."""
    raw = _MAGIC + uuid5(guid, "store").bytes + b"\x00\x06" + first.to_bytes(8, "big") + b"\x00"
    return base64.b64encode(raw).decode().translate(_TO_REST)


def write_item_id(box: Mailbox, item_id: str, *, immutable: bool) -> str:
    """The id under which a client is told of an item, present or gone, by its EWS id."""
    return write_immutable(box.guid, get_first(box, item_id)) if immutable else write_rest(item_id)


def find_contact(box: Mailbox, identifier: str) -> Item:
    """The contact of a REST or an immutable id. Raises Failed for what is no id, and for what isn't there."""
    raw = _decode(identifier)
    item = _find_immutable(box, raw) if raw.startswith(_MAGIC) else find_item(box, _read_rest(identifier, ITEM_BYTES))
    if item is None or item.kind != "Contact" or _is_hidden(box, item):
        raise Failed("ErrorItemNotFound")
    return item


def find_folder(box: Mailbox, identifier: str) -> Folder:
    """The folder of an id or well-known name. Raises Failed for what is no id, and for what isn't there."""
    known = box.distinguished.get(identifier.lower())
    folder = box.folders.get(known or identifier.translate(_TO_EWS))
    if folder is not None:
        return folder
    if _decode(identifier):
        raise Failed("ErrorItemNotFound")
    raise Failed("ErrorInvalidIdMalformed")


def translate(box: Mailbox, identifier: str, source: str, target: str) -> str:
    """An id in another form (restId, ewsId, restImmutableEntryId). Raises Failed for one that isn't of its form."""
    if source == "restImmutableEntryId":
        ews_id = find_contact(box, identifier).id
    else:
        ews_id = identifier if source == "ewsId" else identifier.translate(_TO_EWS)
        _check_ews(ews_id)
    if target == "ewsId":
        return ews_id
    if target == "restId" or len(_decode(ews_id)) != ITEM_BYTES:
        return write_rest(ews_id)
    return write_immutable(box.guid, get_first(box, ews_id))


def _find_immutable(box: Mailbox, raw: bytes) -> Item | None:
    if raw[len(_MAGIC) : len(_MAGIC) + 16] != uuid5(box.guid, "store").bytes:
        return None
    first = int.from_bytes(raw[-9:-1], "big")
    return find_item(box, box.present.get(first) or make_item_id(box.guid, first))


def _is_hidden(box: Mailbox, item: Item) -> bool:
    """Whether the item lies among the recoverable ones, which Graph's contacts don't reach."""
    return box.folders[item.folder_id].distinguished.startswith("recoverableitems")


def _read_rest(identifier: str, length: int) -> str:
    ews_id = identifier.translate(_TO_EWS)
    if len(_check_ews(ews_id)) != length:
        raise Failed("ErrorInvalidIdMalformed")
    return ews_id


def _check_ews(ews_id: str) -> bytes:
    try:
        return read_id(ews_id)
    except EwsFailed:
        raise Failed("ErrorInvalidIdMalformed") from None


def _decode(identifier: str) -> bytes:
    try:
        return base64.b64decode(identifier.translate(_TO_EWS), validate=True)
    except (binascii.Error, ValueError):
        return b""

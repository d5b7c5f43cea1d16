"""Ids, change keys and sync states: opaque to clients, case-sensitive, as long as Exchange's own.

An item id has 152 characters and a folder id 120, ending alike but for a few letters; the counter sits on a base64
boundary, so that two ids of a mailbox can differ in nothing but the case of one letter, as they do in reality.
"""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from mailsync.sandbox.exchange.errors import Failed

ITEM_BYTES: Final = 113
FOLDER_BYTES: Final = 89
MAGIC: Final = b"\x00\x03\x24\x00"
ATTACHMENT_MAGIC: Final = b"\x01\x12\x00\x10\x00"
KEY_MAGIC: Final = b"\x11\x00\x00\x00\x16\x00\x00\x00"
STATE_MAGIC: Final = b"\x1f\x8b\x08\x00SyncState\x00\x03"


@dataclass(frozen=True, slots=True)
class SyncState:
    """How far a client has come: all up to `done` is known to it; it is being told what was up to `until`.

    `below` is the creation number under which the next page goes on (pages run from the newest item to the oldest).
    """

    folder_id: str
    done: int
    until: int
    below: int


def _get_prefix(guid: UUID) -> bytes:
    store = uuid5(guid, "store").bytes
    return MAGIC + str(guid).encode() + b"\x00\x46\x00\x00\x00\x00\x00" + guid.bytes + b"\x07\x00" + store


def make_item_id(guid: UUID, number: int) -> str:
    """The item id with that number in the mailbox of that guid."""
    raw = _get_prefix(guid) + uuid5(guid, "item").bytes + bytes(8) + number.to_bytes(6, "big") + b"\x00\x00"
    return base64.b64encode(raw).decode()


def make_folder_id(guid: UUID, number: int) -> str:
    """The folder id with that number in the mailbox of that guid."""
    return base64.b64encode(_get_prefix(guid) + number.to_bytes(6, "big") + b"\x00\x00").decode()


def make_change_key(guid: UUID, number: int) -> str:
    """The change key of the change with that number."""
    return base64.b64encode(KEY_MAGIC + guid.bytes + number.to_bytes(6, "big")).decode()


def get_id_number(identifier: str) -> int:
    """The number inside an item or folder id. Raises Failed ErrorInvalidIdMalformed."""
    return int.from_bytes(read_id(identifier)[-8:-2], "big")


def read_id(identifier: str) -> bytes:
    """The bytes of a well-formed id. Raises Failed ErrorInvalidIdEmpty or ErrorInvalidIdMalformed."""
    if not identifier:
        raise Failed("ErrorInvalidIdEmpty")
    raw = _decode(identifier)
    if raw is None or len(raw) not in (ITEM_BYTES, FOLDER_BYTES) or not raw.startswith(MAGIC):
        raise Failed("ErrorInvalidIdMalformed")
    return raw


def make_attachment_id(item_id: str, number: int) -> str:
    """The id of an item's attachment; it begins as the item's id, and an item that is moved has other ones."""
    return base64.b64encode(read_id(item_id) + ATTACHMENT_MAGIC + number.to_bytes(4, "big")).decode()


def read_attachment_id(identifier: str) -> tuple[str, int]:
    """The item id and number in an attachment id.

    Raises Failed ErrorInvalidIdEmpty, ErrorInvalidIdMalformed, or ErrorInvalidAttachmentId for another kind of id.
    """
    if not identifier:
        raise Failed("ErrorInvalidIdEmpty")
    raw = _decode(identifier)
    if raw is None or not raw.startswith(MAGIC):
        raise Failed("ErrorInvalidIdMalformed")
    middle = raw[ITEM_BYTES:-4]
    if middle != ATTACHMENT_MAGIC:
        raise Failed("ErrorInvalidAttachmentId")
    return base64.b64encode(raw[:ITEM_BYTES]).decode(), int.from_bytes(raw[-4:], "big")


def check_item_id(identifier: str) -> None:
    """Raises Failed for what can't be an item id, a folder's id among it."""
    if len(read_id(identifier)) != ITEM_BYTES:
        raise Failed("ErrorCannotUseFolderIdForItemId")


def check_folder_id(identifier: str) -> None:
    """Raises Failed for what can't be a folder id, an item's id among it."""
    if len(read_id(identifier)) != FOLDER_BYTES:
        raise Failed("ErrorCannotUseItemIdForFolderId")


def check_change_key(key: str) -> None:
    """Raises Failed ErrorInvalidChangeKey for what Exchange never handed out as a change key."""
    raw = _decode(key)
    if raw is None or len(raw) < len(KEY_MAGIC) + 22:
        raise Failed("ErrorInvalidChangeKey")


def _decode(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def write_sync_state(guid: UUID, state: SyncState) -> str:
    """The opaque text of a sync state, sealed with the mailbox's guid."""
    content = struct.pack(">QQQ", state.done, state.until, state.below) + read_id(state.folder_id)
    seal = hashlib.sha256(guid.bytes + content).digest()
    return base64.b64encode(STATE_MAGIC + seal + content + bytes(64)).decode()


def read_sync_state(guid: UUID, text: str) -> SyncState:
    """The state inside a text that this mailbox handed out. Raises Failed ErrorInvalidSyncStateData for any other."""
    raw = _decode(text)
    start = len(STATE_MAGIC) + 32
    if raw is None or not raw.startswith(STATE_MAGIC) or len(raw) < start + 24 + FOLDER_BYTES + 64:
        raise Failed("ErrorInvalidSyncStateData")
    content = raw[start:-64]
    if hashlib.sha256(guid.bytes + content).digest() != raw[len(STATE_MAGIC) : start]:
        raise Failed("ErrorInvalidSyncStateData")
    done, until, below = struct.unpack(">QQQ", content[:24])
    return SyncState(base64.b64encode(content[24:]).decode(), done, until, below)

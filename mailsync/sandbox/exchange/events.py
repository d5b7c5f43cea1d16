"""What happened in a mailbox, in order, for those who asked to be told (Subscribe)."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from mailsync.sandbox.exchange.errors import Failed

KEPT: Final = 20_000  # events of a mailbox; who comes later has missed some
WATERMARK_MAGIC: Final = b"\x01\x00\x00\x00"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `kind` is the notification's element, `what` ItemId or FolderId; old ids of moves and copies only."""

    number: int
    kind: str
    time: datetime
    what: str
    id: str
    change_key: str
    parent_id: str
    old_id: str = ""
    old_parent_id: str = ""


def write_watermark(guid: UUID, number: int) -> str:
    """The opaque text that stands for all events up to that number."""
    return base64.b64encode(WATERMARK_MAGIC + guid.bytes + number.to_bytes(8, "big")).decode()


def read_watermark(guid: UUID, text: str) -> int:
    """The number in a watermark of this mailbox. Raises Failed ErrorInvalidWatermark for any other text."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Failed("ErrorInvalidWatermark") from None
    if len(raw) != len(WATERMARK_MAGIC) + 24 or not raw.startswith(WATERMARK_MAGIC + guid.bytes):
        raise Failed("ErrorInvalidWatermark")
    return int.from_bytes(raw[-8:], "big")

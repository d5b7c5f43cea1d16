"""What a mailbox is made of: folders, items with their attachments, configurations, and what happened.

Every change takes the mailbox's next number. A trace keeps of each item that was ever in a folder the numbers of its
creation, last change and disappearance, so any earlier number can be answered with what happened since. Traces lie in
the order of creation.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from mailsync.sandbox.exchange.events import KEPT, Event
from mailsync.sandbox.exchange.properties import Value

EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
REMEMBERED: Final = 20_000  # changes of items that a replica which is behind may not know yet


@dataclass(slots=True)
class Trace:
    """When an item (or folder) came, last changed and went; `deleted` 0 = it is there."""

    created: int
    changed: int
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on an item; `number` tells those of an item apart and is never given twice."""

    number: int
    name: str
    content: bytes
    modified: datetime
    content_type: str = ""
    content_id: str = ""
    content_location: str = ""
    inline: bool = False
    photo: bool = False


@dataclass(frozen=True, slots=True)
class Configuration:
    """A user configuration: XML, bytes and a dictionary of (key, value), each a type and its texts.

    A part that is None was never set.
    """

    number: int
    change_key: str
    xml: bytes | None = None
    binary: bytes | None = None
    dictionary: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] | None = None


@dataclass(slots=True)
class Item:
    """A contact or distribution list. `origin`: the folder that it was deleted from into the recoverable items."""

    id: str
    change_key: str
    folder_id: str
    kind: str
    properties: dict[str, Value]
    created: datetime
    modified: datetime
    origin: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """What an item was until `at`; None: it was not there."""

    at: datetime
    item_id: str
    before: Item | None


@dataclass(slots=True)
class Folder:
    """A folder; `distinguished` is its well-known name or '', `latest` the number of the last change inside."""

    id: str
    change_key: str
    parent_id: str
    name: str
    folder_class: str
    distinguished: str = ""
    properties: dict[str, Value] = field(default_factory=dict[str, Value])
    items: dict[str, Item] = field(default_factory=dict[str, Item])
    traces: dict[str, Trace] = field(default_factory=dict[str, Trace])
    latest: int = 0
    committed: datetime | None = None  # when something inside last changed


@dataclass(slots=True)
class Mailbox:
    """One person's mailbox. `number` is the last one given out."""

    user: str
    address: str
    guid: UUID
    number: int = 0
    folders: dict[str, Folder] = field(default_factory=dict[str, Folder])
    distinguished: dict[str, str] = field(default_factory=dict[str, str])
    traces: dict[str, Trace] = field(default_factory=dict[str, Trace])
    item_folders: dict[str, str] = field(default_factory=dict[str, str])  # item id -> id of the folder it lies in
    # Of items that were moved: each of their ids -> the number of their creation, and that number -> their present id.
    # It is what Graph's immutable ids are made of; EWS knows nothing of it.
    firsts: dict[str, int] = field(default_factory=dict[str, int])
    present: dict[int, str] = field(default_factory=dict[int, str])
    configurations: dict[str, Configuration] = field(default_factory=dict[str, Configuration])
    photo: bytes = b""
    now: datetime = EPOCH  # the time of the request that is carried out
    told: int = 0  # number of the last event
    events: deque[Event] = field(default_factory=lambda: deque[Event](maxlen=KEPT))
    past: deque[Past] = field(default_factory=lambda: deque[Past](maxlen=REMEMBERED))

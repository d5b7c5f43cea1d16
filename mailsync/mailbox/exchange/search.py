"""FindItem with restrictions: the server itself picks what is ours (A6), 250 an answer (vendors/mailbox.md B2)."""

from collections.abc import Collection, Iterable, Sequence

from mailsync.core.policy import CATEGORY
from mailsync.core.refs import ItemId
from mailsync.mailbox.exchange.answers import DENIED, FOLDER_GONE, ITEM_GONE, Message, as_error
from mailsync.mailbox.exchange.channel import Channel, Operation
from mailsync.mailbox.exchange.contents import find_id
from mailsync.mailbox.exchange.items import Reading, Wanted, read_item
from mailsync.mailbox.exchange.paging import Progress
from mailsync.mailbox.exchange.properties import CATEGORIES, RECORD, write_path
from mailsync.mailbox.exchange.soap import escape
from mailsync.mailbox.exchange.tree import list_found, read_page_end, write_folder_id

PAGE = 250
VALUES_AT_ONCE = 50
"""Values that one restriction asks for; Exchange refuses restrictions of more than 255 filters."""

# How servers say that they can't search this (vendors/mailbox.md B6; exchangelib issue 575).
UNSEARCHABLE = frozenset(
    {
        "ErrorContainsFilterWrongType",
        "ErrorUnsupportedPathForQuery",
        "ErrorUnsupportedQueryFilter",
        "ErrorUnsupportedTypeForConversion",
        "ErrorInvalidRestriction",
        "ErrorRestrictionTooComplex",
        "ErrorSearchFolderNotInitialized",
    }
)
_LOST = FOLDER_GONE | ITEM_GONE | DENIED


class Unsearchable(Exception):
    """The server can't carry the restriction out."""


def write_equals(name: str, value: str) -> str:
    """A restriction: the property has this value; of a list, one of its elements has."""
    constant = f'<t:FieldURIOrConstant><t:Constant Value="{escape(value)}"/></t:FieldURIOrConstant>'
    return f"<t:IsEqualTo>{write_path(name)}{constant}</t:IsEqualTo>"


def write_any(restrictions: Sequence[str]) -> str:
    """A restriction: one of these holds."""
    return f"<t:Or>{''.join(restrictions)}</t:Or>" if len(restrictions) > 1 else restrictions[0]


MARKED = write_any([write_equals(CATEGORIES, CATEGORY), f"<t:Exists>{write_path(RECORD)}</t:Exists>"])


def find_readings(
    channel: Channel, folders: Iterable[str], restriction: str, wanted: Wanted, inside: Collection[str]
) -> dict[ItemId, Reading]:
    """Items of these folders that meet a restriction, the ones changed last first; one request for each page of all
    folders together. Folders that are gone or closed to this log-in count as empty, unless all are closed. Raises
    Unsearchable, VendorError.
    """
    found: dict[ItemId, Reading] = {}
    told: set[str] = set()
    progress = Progress()
    waiting = {0: list(folders)}
    while any(waiting.values()):
        offset = min(o for o, left in waiting.items() if left)
        part = waiting.pop(offset)
        messages = _ask(channel, part, restriction, wanted, offset)
        if all(m.code in DENIED for m in messages):
            raise as_error(messages[0])
        for folder, message in zip(part, messages, strict=True):
            if message.code in UNSEARCHABLE:
                raise Unsearchable(message.code)
            if not message.good and message.code in _LOST:
                continue
            last, following = _take(message, offset, wanted, inside, found)
            told |= {i[0] for i in map(find_id, list_found(message, "Items")) if i}
            if not last:
                waiting.setdefault(following, []).append(folder)
        if any(waiting.values()):
            progress.turn(len(told))
    return found


def _take(
    message: Message, offset: int, wanted: Wanted, inside: Collection[str], found: dict[ItemId, Reading]
) -> tuple[bool, int]:
    if not message.good:
        raise as_error(message)
    elements = list_found(message, "Items")
    for element in elements:
        reading = read_item(element, wanted, inside, feed=True)
        if reading is not None:
            found.setdefault(reading.item.id, reading)
    return read_page_end(message, offset, len(elements))


def _ask(channel: Channel, folders: Sequence[str], restriction: str, wanted: Wanted, offset: int) -> list[Message]:
    xml = (
        f'<m:FindItem Traversal="Shallow">{wanted.feed_shape}<m:IndexedPageItemView MaxEntriesReturned="{PAGE}" '
        f'Offset="{offset}" BasePoint="Beginning"/><m:Restriction>{restriction}</m:Restriction><m:SortOrder>'
        f'<t:FieldOrder Order="Descending">{write_path("item:LastModifiedTime")}</t:FieldOrder></m:SortOrder>'
        f"<m:ParentFolderIds>{''.join(map(write_folder_id, folders))}</m:ParentFolderIds></m:FindItem>"
    )
    return channel.ask(Operation("FindItem", xml, len(folders)))

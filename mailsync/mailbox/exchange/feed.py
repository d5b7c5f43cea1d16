"""SyncFolderItems of one folder, read to its end."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from mailsync.core.refs import ItemId
from mailsync.mailbox.exchange.channel import Channel, Operation
from mailsync.mailbox.exchange.contents import find_id
from mailsync.mailbox.exchange.items import Reading, Wanted, has_mark, read_item
from mailsync.mailbox.exchange.paging import Progress
from mailsync.mailbox.exchange.soap import Element, M, T, children, escape, local, text_of
from mailsync.mailbox.exchange.tree import read_sync_end, write_folder_id

PAGE = 512
"""types.xsd MaxSyncChangesReturnedType: Exchange refuses more (vendors/mailbox.md B2)."""


@dataclass(slots=True)
class Feed:
    """What a folder's feed told, up to `state`. `twice`: items it told of more than once; `other`: things that are no
    contacts.
    """

    state: str
    readings: dict[ItemId, Reading] = field(default_factory=dict[ItemId, Reading])
    gone: dict[ItemId, None] = field(default_factory=dict[ItemId, None])
    twice: set[ItemId] = field(default_factory=set[ItemId])
    other: int = 0


def read_feed(channel: Channel, folder: str, state: str, wanted: Wanted, inside: Collection[str]) -> Feed:
    """All changes of a folder since a state ("" = everything). Newest first, so the first word on an item counts;
    who is told of twice is to be read again. Raises CursorInvalid, FolderLost.
    """
    feed = Feed(state)
    shape = wanted.feed_shape
    for element in _pages(channel, shape, folder, state, lambda: len(feed.readings) + len(feed.gone) + feed.other):
        feed.state = text_of(element, f"{M}SyncState")
        for change in children(element, f"{M}Changes"):
            _note(feed, change, wanted, inside)
    return feed


def _pages(channel: Channel, shape: str, folder: str, state: str, told: Callable[[], int]) -> Iterator[Element]:
    """The answers up to the last one. Raises AnswerBroken where they lead in a circle: `told` no longer grows."""
    last, progress = False, Progress()
    while not last:
        element = _ask(channel, shape, folder, state)
        last = read_sync_end(element, "Item", state)
        state = text_of(element, f"{M}SyncState")
        yield element
        if not last:
            progress.turn(told())


def _ask(channel: Channel, shape: str, folder: str, state: str) -> Element:
    known = f"<m:SyncState>{escape(state)}</m:SyncState>" if state else ""
    xml = (
        f"<m:SyncFolderItems>{shape}<m:SyncFolderId>{write_folder_id(folder)}</m:SyncFolderId>{known}"
        f"<m:MaxChangesReturned>{PAGE}</m:MaxChangesReturned></m:SyncFolderItems>"
    )
    element = channel.ask_one(Operation("SyncFolderItems", xml)).element
    assert element is not None
    return element


def _note(feed: Feed, change: Element, wanted: Wanted, inside: Collection[str]) -> None:
    match local(change):
        case "Create" | "Update":
            _note_item(feed, change, wanted, inside)
        case "Delete":
            found = change.find(f"{T}ItemId")
            if found is not None:
                _note_gone(feed, ItemId(found.get("Id", "")))
        case _:  # ReadFlagChange and what later servers may add say nothing of a contact
            return


def _note_item(feed: Feed, change: Element, wanted: Wanted, inside: Collection[str]) -> None:
    reading = read_item(change[0], wanted, inside, feed=True) if len(change) else None
    if reading is None:
        feed.other += 1
        return
    item = reading.item
    if item.id in feed.readings or item.id in feed.gone:
        feed.twice.add(item.id)
    elif item.inside:
        feed.readings[item.id] = reading
    else:
        # An item moved to Deleted Items may come as an update with another parent (vendors/mailbox.md B5).
        feed.gone[item.id] = None


def _note_gone(feed: Feed, item: ItemId) -> None:
    if item in feed.readings or item in feed.gone:
        feed.twice.add(item)
    else:
        feed.gone[item] = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """An item of another contact folder, by its id and marks alone (A6)."""

    id: ItemId
    marked: bool


def read_marks(channel: Channel, folder: str, state: str, shape: str) -> tuple[dict[ItemId, bool], str]:
    """The fallback for servers that can't search categories: ids and marks alone of what changed in another contact
    folder, whether each is marked (gone ones are not), and the new state. Raises CursorInvalid, FolderLost.
    """
    found: dict[ItemId, bool] = {}
    for element in _pages(channel, shape, folder, state, lambda: len(found)):
        state = text_of(element, f"{M}SyncState")
        for change in children(element, f"{M}Changes"):
            sighting = _see(change)
            if sighting is not None:
                found.setdefault(sighting.id, sighting.marked)
    return found, state


def _see(change: Element) -> Sighting | None:
    if local(change) == "Delete":
        gone = change.find(f"{T}ItemId")
        return Sighting(ItemId(gone.get("Id", "")), marked=False) if gone is not None else None
    found = find_id(change[0]) if len(change) and local(change) in ("Create", "Update") else None
    return Sighting(found[0], marked=has_mark(change[0])) if found else None

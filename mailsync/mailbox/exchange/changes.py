"""What changed in the mailbox since a cursor: folders first, then the folder's feed, then what is marked elsewhere.

Idle that is three requests, whatever the number of folders: SyncFolderHierarchy, SyncFolderItems, FindItem. Folders
go first because some servers answer "no changes" for a folder that is gone, and because new ones must be searched.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from mailsync.core.changes import FolderMark, FolderState, Item, MailboxChanges
from mailsync.core.refs import FolderId, ItemId
from mailsync.errors import CursorInvalid, FolderLost
from mailsync.mailbox.exchange.answers import FOLDER_GONE, ITEM_GONE, Message, as_error
from mailsync.mailbox.exchange.channel import Channel
from mailsync.mailbox.exchange.cursor import Cursor, read_cursor, write_cursor
from mailsync.mailbox.exchange.feed import Feed, read_feed
from mailsync.mailbox.exchange.items import Reading, Wanted, get_items
from mailsync.mailbox.exchange.outside import read_outside
from mailsync.mailbox.exchange.tree import (
    Tree,
    get_present,
    get_roots,
    list_namesakes,
    read_hierarchy,
)


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a reading of the folders leaves us. `start`: what is known from before, {} of states = everything."""

    start: Cursor
    complete: bool
    mark: FolderMark | None = None
    notes: tuple[str, ...] = ()

    @property
    def inside(self) -> frozenset[str]:
        """The folder and its sub-folders."""
        return self.start.tree.list_inside(self.start.home)


def read_changes(
    channel: Channel, wanted: Wanted, folder: FolderId, cursor: str | None
) -> tuple[MailboxChanges, frozenset[str]]:
    """The changes, and the ids of the folder and its sub-folders. Everything once where the cursor is None or no
    longer valid, or a sub-folder left with all that was in it. Raises VendorError and its kinds.
    """
    try:
        return _read(channel, wanted, _resume(channel, folder, cursor) or _begin(channel, folder))
    except CursorInvalid:
        try:
            return _read(channel, wanted, _begin(channel, folder))
        except FolderLost:
            return _lose(cursor)
    except FolderLost:
        return _lose(cursor)


def _lose(cursor: str | None) -> tuple[MailboxChanges, frozenset[str]]:
    """The cursor stays: a folder that is moved back goes on from there."""
    lost = MailboxChanges((), (), (), complete=False, cursor=cursor or "", folder=FolderState.LOST)
    return lost, frozenset()


def _lost() -> FolderLost:
    return FolderLost("exchange", "the folder was deleted", code="ErrorFolderNotFound")


def _begin(channel: Channel, folder: FolderId) -> Stand:
    """Knows nothing: all folders. Raises FolderLost."""
    roots, (found,) = get_roots(channel, folder)
    if isinstance(found, Message):
        raise _lost() if found.code in FOLDER_GONE | ITEM_GONE else as_error(found)
    folders, _, state = read_hierarchy(channel, "")
    tree = replace(roots, folders={**roots.folders, **{f.id: f for f in folders}, found.id: found})
    if not tree.is_live(found.id):
        raise _lost()
    notes = list_namesakes(folders, tree, found.id)
    return Stand(Cursor(found.id, tree, state, {}), complete=True, mark=found.mark, notes=notes)


def _resume(channel: Channel, folder: FolderId, text: str | None) -> Stand | None:
    """Goes on from a cursor; None where everything must be read. Raises FolderLost, CursorInvalid."""
    known = read_cursor(text, folder)
    if known is None:
        return None
    changed, gone, state = read_hierarchy(channel, known.hierarchy)
    if not changed and not gone:
        return Stand(replace(known, hierarchy=state), complete=False)
    folders = {**known.tree.folders, **{f.id: f for f in changed}}
    tree = _complete(channel, replace(known.tree, folders={i: f for i, f in folders.items() if i not in gone}))
    if not tree.is_live(folder):
        raise _lost()
    if known.states.keys() - tree.list_inside(folder):
        return None
    mark = next((f.mark for f in changed if f.id == folder), None)
    start = replace(known, tree=tree, hierarchy=state)
    return Stand(start, complete=False, mark=mark, notes=list_namesakes(changed, tree, folder))


def has_come(channel: Channel, folder: FolderId, cursor: str) -> bool:
    """Whether a folder lies below ours that was not there, or not told of, when the cursor was read. 1 request. Raises
    CursorInvalid."""
    known = read_cursor(cursor, folder)
    if known is None:
        return False
    changed, gone, _ = read_hierarchy(channel, known.hierarchy)
    if not changed:
        return False
    folders = {**known.tree.folders, **{f.id: f for f in changed}}
    tree = _complete(channel, replace(known.tree, folders={i: f for i, f in folders.items() if i not in gone}))
    return bool(tree.list_inside(known.home) - known.tree.list_inside(known.home))


def _complete(channel: Channel, tree: Tree) -> Tree:
    """Fills in folders that earlier readings left out because nothing hung on them (Tree.prune)."""
    asked: set[str] = set()
    while True:
        tops = {list(tree.climb(f.id))[-1] for f in tree.folders.values() if f.ours}
        missing = tops - tree.folders.keys() - asked
        if not missing:
            return tree
        asked |= missing
        tree = replace(tree, folders={**tree.folders, **{f.id: f for f in get_present(channel, missing)}})


def _read(channel: Channel, wanted: Wanted, stand: Stand) -> tuple[MailboxChanges, frozenset[str]]:
    start, inside = stand.start, stand.inside
    feeds = {f: _follow(channel, f, stand, wanted, inside) for f in sorted(inside, key=lambda f: f != start.home)}
    others = start.tree.list_others(inside)
    outside = read_outside(channel, others, wanted, start.marks, start.marked)
    seen, gone = _settle(channel, wanted, inside, feeds.values())
    cursor = replace(
        start, states={f: feed.state for f, feed in feeds.items()}, marks=outside.marks, marked=outside.marked
    )
    apart = _read_whole(channel, wanted, inside, outside.readings)
    changes = MailboxChanges(
        seen=tuple(seen.values()),
        gone=tuple(gone),
        outside=tuple(i for i in apart.values() if i is not None and not i.inside),
        complete=stand.complete,
        cursor=write_cursor(cursor),
        mark=stand.mark,
        total=_count(channel, stand, feeds) if stand.complete else None,
        notes=stand.notes,
    )
    return changes, inside


def _follow(channel: Channel, folder: str, stand: Stand, wanted: Wanted, inside: frozenset[str]) -> Feed:
    """One folder's feed. A sub-folder that went since the folders were read makes everything be read again."""
    state = stand.start.states.get(folder, "")
    try:
        return read_feed(channel, folder, state, wanted, inside)
    except FolderLost:
        if folder == stand.start.home or stand.complete:
            raise
        raise CursorInvalid("exchange", "a sub-folder went while it was read") from None


def _settle(
    channel: Channel, wanted: Wanted, inside: frozenset[str], feeds: Iterable[Feed]
) -> tuple[dict[ItemId, Item], dict[ItemId, None]]:
    """What the feeds told, read closer where they leave something open."""
    readings: dict[ItemId, Reading] = {}
    gone: dict[ItemId, None] = {}
    twice: set[ItemId] = set()
    for feed in feeds:
        readings |= feed.readings
        gone |= feed.gone
        twice |= feed.twice
    whole = _read_whole(channel, wanted, inside, readings, twice)
    seen = {i: item for i, item in whole.items() if item is not None and item.inside}
    gone |= {i: None for i in whole if i not in seen}
    return seen, {i: None for i in gone if i not in seen}


def _read_whole(
    channel: Channel,
    wanted: Wanted,
    inside: frozenset[str],
    readings: Mapping[ItemId, Reading],
    twice: Iterable[ItemId] = (),
) -> dict[ItemId, Item | None]:
    """The items of readings. Those that a feed may have cut, can't show wholly, or told of twice are read by id: None
    if there is none any more. What Exchange then refuses to show stays as the feed had it, the cut fields unknown
    (B13: an unreadable field keeps its base).
    """
    needy = {i: None for i, r in readings.items() if r.cut or (wanted.body and not r.item.is_list)}
    needy |= dict.fromkeys(twice)
    got = get_items(channel, list(needy), wanted, inside) if needy else {}
    items: dict[ItemId, Item | None] = {i: r.item for i, r in readings.items()}
    items |= {i: found for i, found in got.items() if not isinstance(found, Message)}
    return items


def _count(channel: Channel, stand: Stand, feeds: Mapping[str, Feed]) -> int:
    """The server's own count of contacts and lists in the folder and below (A3). Counted before the feeds were read;
    where the two differ, counted again, for somebody may have been at it meanwhile.
    """
    told = sum(len(feed.readings) + feed.other for feed in feeds.values())
    total = sum(stand.start.tree.folders[f].total for f in feeds if f in stand.start.tree.folders)
    if total > told:
        total = min(total, sum(f.total for f in get_present(channel, feeds)))
    return max(0, total - sum(feed.other for feed in feeds.values()))

"""What changed in the mailbox since a cursor, in one request when idle: the folders' feed, the folder itself, the feeds
of the folder and of each sub-folder, and what is marked elsewhere, all in one $batch of at most 20.

A feed tells ids alone: extended properties can't ride in it (vendors/mailbox.md C2), so what changed is read whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from mailsync.core.changes import FolderMark, FolderState, MailboxChanges
from mailsync.core.refs import FolderId, ItemId
from mailsync.errors import CursorInvalid, FolderLost
from mailsync.mailbox.microsoft.answers import Answer
from mailsync.mailbox.microsoft.channel import Channel, Part
from mailsync.mailbox.microsoft.cursor import Cursor, read_cursor, write_cursor
from mailsync.mailbox.microsoft.feed import Feed, Seen, ask_feed, read_feed, read_seen
from mailsync.mailbox.microsoft.items import Reading, Wanted
from mailsync.mailbox.microsoft.login import VENDOR
from mailsync.mailbox.microsoft.moving import hide_unfinished
from mailsync.mailbox.microsoft.outside import ask_outside, is_refused, take_outside
from mailsync.mailbox.microsoft.pages import PREFER_PAGE, Pages, read_pages
from mailsync.mailbox.microsoft.tree import (
    BIN,
    CONTACTS,
    Folder,
    Tree,
    ask_all,
    ask_folder,
    complete,
    list_namesakes,
    make_tree,
    take_folder,
)

HIERARCHY, HOME = "hierarchy", "home"


@dataclass(frozen=True, slots=True)
class Told:
    """What one reading brought: the changes, all readings of items, and the folders as they were told; None where the
    folder is lost."""

    changes: MailboxChanges
    readings: Mapping[ItemId, Reading]
    tree: Tree | None


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a reading of the folders leaves us, with what was read along with them. `start`: its states are those that
    the pages began from; {} = everything.
    """

    start: Cursor
    complete: bool
    mark: FolderMark | None
    pages: Mapping[str, Pages]

    @property
    def inside(self) -> frozenset[str]:
        """The folder and its sub-folders."""
        return self.start.tree.list_inside(self.start.home)


def read_changes(channel: Channel, wanted: Wanted, folder: FolderId, cursor: str | None) -> Told:
    """The changes. Everything once where the cursor is None or no longer valid, or a sub-folder left with all that was
    in it. Raises VendorError and its kinds.
    """
    try:
        known = read_cursor(cursor, folder)
        if known is not None:
            try:
                return _read(channel, wanted, _resume(channel, wanted, known))
            except CursorInvalid:
                pass
        return _read(channel, wanted, _begin(channel, folder))
    except FolderLost:
        # The cursor stays: a folder that is moved back goes on from there.
        lost = MailboxChanges((), (), (), complete=False, cursor=cursor or "", folder=FolderState.LOST)
        return Told(lost, {}, None)


def _lost() -> FolderLost:
    return FolderLost(VENDOR, "the folder was deleted", code="ErrorFolderNotFound")


def _take_home(answer: Answer) -> Folder:
    found = take_folder(answer)
    if found is None:
        raise _lost()
    return found


def _begin(channel: Channel, folder: FolderId) -> Stand:
    """Knows nothing: all folders. Raises FolderLost."""
    single = {name: ask_folder(channel, f) for name, f in ((CONTACTS, CONTACTS), (BIN, BIN), (HOME, folder))}
    pages, told = read_pages(channel, {HIERARCHY: ask_all(channel)}, single)
    home = _take_home(told[HOME])
    tree = make_tree(told[CONTACTS], told[BIN], pages[HIERARCHY].check().values)
    tree = complete(channel, replace(tree, folders={**tree.folders, home.id: home}))
    if not tree.is_live(home.id):
        raise _lost()
    return Stand(Cursor(home.id, tree, pages[HIERARCHY].delta, {}), complete=True, mark=home.mark, pages={})


def _resume(channel: Channel, wanted: Wanted, known: Cursor) -> Stand:
    """Goes on from a cursor, reading everything that it knows of at once. Raises FolderLost, CursorInvalid."""
    starts = {HIERARCHY: Part("GET", known.hierarchy, prefer=PREFER_PAGE)}
    starts |= {name_feed(f): ask_feed(channel, f, state) for f, state in known.states.items()}
    others = known.tree.list_others(known.tree.list_inside(known.home))
    starts |= ask_outside(channel, others, wanted, split=known.split)
    pages, told = read_pages(channel, starts, {HOME: ask_folder(channel, known.home)})
    home = _take_home(told[HOME])
    tree = known.tree.with_changes(pages[HIERARCHY].check().values)
    tree = complete(channel, replace(tree, folders={**tree.folders, home.id: home}))
    if not tree.is_live(home.id):
        raise _lost()
    if known.states.keys() - tree.list_inside(home.id):
        raise CursorInvalid(VENDOR, "a sub-folder left with its items", code="FOLDERS")
    start = replace(known, tree=tree, hierarchy=pages[HIERARCHY].delta)
    return Stand(start, complete=False, mark=home.mark, pages=pages)


def name_feed(folder: str) -> str:
    """The name of a folder's feed among the pages."""
    return f"feed {folder}"


def _read(channel: Channel, wanted: Wanted, stand: Stand) -> Told:
    start, inside = stand.start, stand.inside
    others = start.tree.list_others(inside)
    feeds, marked, split = _read_rest(channel, wanted, stand, others)
    seen, gone, unread = _settle(channel, wanted, inside, feeds.values(), stand)
    apart = {i: r for i, r in marked.items() if not r.item.inside}
    seen = hide_unfinished(seen, apart)
    states = {f: feed.state for f, feed in feeds.items()}
    cursor = replace(start, states=states, split=split, unread=tuple(unread.refused))
    changes = MailboxChanges(
        seen=tuple(r.item for r in seen.values()),
        gone=tuple(i for i in gone if i not in seen),
        outside=tuple(r.item for i, r in apart.items() if i not in seen),
        complete=stand.complete,
        cursor=write_cursor(cursor),
        mark=stand.mark,
        notes=(*list_namesakes(start.tree, start.home), *unread.notes),
    )
    return Told(changes, {**apart, **seen}, start.tree)


def _read_rest(
    channel: Channel, wanted: Wanted, stand: Stand, others: Iterable[str]
) -> tuple[dict[str, Feed], dict[ItemId, Reading], bool]:
    """The feeds and the marked items: what was read along with the folders, and what is asked for only now, because the
    folders were not known before.
    """
    split = stand.start.split
    feeds = {name_feed(f): ask_feed(channel, f, stand.start.states.get(f, "")) for f in stand.inside}
    apart = ask_outside(channel, others, wanted, split=split)
    asked = {**feeds, **apart}
    pages = dict(stand.pages)
    pages |= read_pages(channel, {n: p for n, p in asked.items() if n not in pages})[0]
    if not split and is_refused({n: pages[n] for n in apart}):
        split, apart = True, ask_outside(channel, others, wanted, split=True)
        pages |= read_pages(channel, apart)[0]
    read = {f: _take_feed(pages[name_feed(f)], f, stand) for f in stand.inside}
    return read, take_outside({n: pages[n] for n in apart}, wanted), split


def _take_feed(pages: Pages, folder: str, stand: Stand) -> Feed:
    """One folder's feed. A sub-folder that went since the folders were read makes everything be read again."""
    try:
        return read_feed(pages)
    except FolderLost:
        if folder == stand.start.home or stand.complete:
            raise
        raise CursorInvalid(VENDOR, "a sub-folder went while it was read", code="FOLDERS") from None


def _settle(
    channel: Channel, wanted: Wanted, inside: frozenset[str], feeds: Iterable[Feed], stand: Stand
) -> tuple[dict[ItemId, Reading], dict[ItemId, None], Seen]:
    """What the feeds told, now or when Graph would not show it, read whole; who is not inside any more is gone."""
    told: dict[ItemId, None] = dict.fromkeys(stand.start.unread)
    gone: dict[ItemId, None] = {}
    for feed in feeds:
        told |= feed.told
        gone |= feed.gone
    # Told of by two folders, or twice by one: where it lies now is what counts.
    both = dict.fromkeys(i for i in gone if i in told)
    read = read_seen(channel, wanted, inside, told, whole=stand.complete)
    seen = {i: r for i, r in read.readings.items() if r.item.inside}
    gone |= {**read.absent, **both, **{i: None for i in read.readings if i not in seen}}
    return seen, gone, read

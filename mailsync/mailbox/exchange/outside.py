"""What carries our marks outside the folder: one FindItem over all other contact folders, or, where the server can't
search categories, their feeds of ids and marks. Values of personal contacts are never asked for (A6).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailsync.core.changes import Item
from mailsync.core.refs import ItemId
from mailsync.errors import CursorInvalid, FolderLost
from mailsync.mailbox.exchange.channel import Channel
from mailsync.mailbox.exchange.feed import read_marks
from mailsync.mailbox.exchange.items import MARK_SHAPE, Reading, Wanted, get_items, is_marked
from mailsync.mailbox.exchange.search import MARKED, Unsearchable, find_readings


@dataclass(frozen=True, slots=True)
class Outside:
    """Readings of all marked items, and what the next reading must know (None: the server searches by itself)."""

    readings: Mapping[ItemId, Reading]
    marks: Mapping[str, str] | None = None
    marked: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


def read_outside(
    channel: Channel,
    folders: tuple[str, ...],
    wanted: Wanted,
    marks: Mapping[str, str] | None,
    marked: Mapping[str, tuple[str, ...]],
) -> Outside:
    """All marked items of these folders. `marks` and `marked` as a cursor has them. Raises VendorError."""
    if not folders:
        return Outside({}, marks)
    if marks is None:
        try:
            found = find_readings(channel, folders, MARKED, wanted, ())
            # A server that overlooks the restriction would hand out personal contacts.
            return Outside({i: r for i, r in found.items() if is_marked(r.item)})
        except Unsearchable:
            marks = {}
    return _read_by_marks(channel, folders, wanted, marks, marked)


def _read_by_marks(
    channel: Channel,
    folders: tuple[str, ...],
    wanted: Wanted,
    marks: Mapping[str, str],
    marked: Mapping[str, tuple[str, ...]],
) -> Outside:
    states: dict[str, str] = {}
    ours: dict[str, tuple[str, ...]] = {}
    for folder in folders:
        try:
            states[folder], ours[folder] = _follow(channel, folder, marks.get(folder, ""), marked.get(folder, ()))
        except FolderLost:
            continue
    ids = [ItemId(i) for items in ours.values() for i in items]
    got = get_items(channel, ids, wanted, ()) if ids else {}
    found = {i: Reading(item) for i, item in got.items() if isinstance(item, Item) and is_marked(item)}
    return Outside(found, states, {f: items for f, items in ours.items() if items})


def _follow(channel: Channel, folder: str, state: str, known: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The folder's new state and the items marked in it now."""
    try:
        changed, following = read_marks(channel, folder, state, MARK_SHAPE)
    except CursorInvalid:
        if not state:
            raise
        known = ()
        changed, following = read_marks(channel, folder, "", MARK_SHAPE)
    kept = [i for i in known if ItemId(i) not in changed]
    return following, (*kept, *(i for i, is_ours in changed.items() if is_ours))

"""The feed of one folder: ids of what came, changed or went; and the reading of these items, whole."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from mailsync.core.refs import ItemId
from mailsync.mailbox.microsoft.answers import Answer
from mailsync.mailbox.microsoft.channel import Channel, Part
from mailsync.mailbox.microsoft.items import Reading, Wanted, find_id, get_items, list_readings
from mailsync.mailbox.microsoft.pages import PREFER_PAGE, Pages, read_pages
from mailsync.mailbox.microsoft.tree import folder_path

LISTED = 200
"""More changed items than these are read by listing the folder: ten requests of 20 cost more than its pages."""

TOP = 250
"""Items of a page of such a listing."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the items that feeds told of were read as. `refused`: what Graph would not show, and why."""

    readings: Mapping[ItemId, Reading]
    absent: Mapping[ItemId, None]
    refused: Mapping[ItemId, str]

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be told of items that could not be read."""
        codes = ", ".join(sorted(set(self.refused.values())))
        return (f"a contact can't be read and waits ({codes})",) if codes else ()


@dataclass(slots=True)
class Feed:
    """What a folder's feed told, up to `state`."""

    state: str
    told: dict[ItemId, None] = field(default_factory=dict[ItemId, None])
    gone: dict[ItemId, None] = field(default_factory=dict[ItemId, None])


def ask_feed(channel: Channel, folder: str, state: str) -> Part:
    """The request for a folder's changes since a state; "" = everything. Ids alone: what changed is read afterwards."""
    path = state or f"{folder_path(channel, folder)}/contacts/delta?$select=id"
    return Part("GET", path, prefer=PREFER_PAGE)


def read_feed(pages: Pages) -> Feed:
    """A feed from its pages. An item may come more than once, in no order: both words are kept, and the item is read.
    Raises CursorInvalid, FolderLost, AnswerBroken.
    """
    pages.check()
    feed = Feed(pages.delta)
    for body in pages.values:
        place = feed.gone if "@removed" in body else feed.told
        place[find_id(body)] = None
    return feed


def read_seen(
    channel: Channel, wanted: Wanted, inside: Collection[str], told: Mapping[ItemId, None], *, whole: bool
) -> Seen:
    """The items that feeds told of: read, gone by now, or not shown.

    All of the folder, or very many of it, are listed; few are read by id, 20 a request.
    """
    readings = _list_folders(channel, wanted, inside) if told and (whole or len(told) > LISTED) else {}
    if not whole:
        readings = {i: r for i, r in readings.items() if i in told}
    got = get_items(channel, [i for i in told if i not in readings], wanted, inside)
    readings |= {i: r for i, r in got.items() if isinstance(r, Reading)}
    absent = {i: None for i, r in got.items() if r is None}
    return Seen(readings, absent, {i: r.code for i, r in got.items() if isinstance(r, Answer)})


def _list_folders(channel: Channel, wanted: Wanted, inside: Collection[str]) -> dict[ItemId, Reading]:
    starts = {f: Part("GET", f"{folder_path(channel, f)}/contacts?{wanted.query}&$top={TOP}") for f in sorted(inside)}
    pages, _ = read_pages(channel, starts)
    found: dict[ItemId, Reading] = {}
    for each in pages.values():
        found |= list_readings(each.check().values, wanted, inside)
    return found

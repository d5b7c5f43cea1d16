"""A mailbox as a server sees it that is some moments behind: what was written since is not known there yet."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from mailsync.sandbox.exchange.records import Mailbox

READS: Final = frozenset({"GetItem", "FindItem", "GetFolder", "FindFolder", "ExpandDL", "ResolveNames"})
"""What such a server answers from what it knows. Syncs have states of their own, writes go to the one that is ahead."""


def rewind(box: Mailbox, moment: datetime) -> Mailbox:
    """The mailbox with its items as they were at that moment; folders and all else are those of today.

    The box itself stays as it is. A folder that is gone meanwhile, and what lay in it, stays gone.
    """
    folders = {key: replace(folder, items=dict(folder.items)) for key, folder in box.folders.items()}
    places = dict(box.item_folders)
    for past in reversed(box.past):
        if past.at <= moment:
            break
        present = folders.get(places.pop(past.item_id, ""))
        if present is not None:
            present.items.pop(past.item_id, None)
        earlier = folders.get(past.before.folder_id) if past.before is not None else None
        if past.before is not None and earlier is not None:
            earlier.items[past.item_id] = past.before
            places[past.item_id] = earlier.id
    return replace(box, folders=folders, item_folders=places)

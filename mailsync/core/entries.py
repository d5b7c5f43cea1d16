"""The history's entries: what was written, with the values before (D9, undo)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from mailsync.core.person import Value
from mailsync.core.refs import ItemId, RecordId, Side


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an entry, values as they were: an address whole, so that it can be put back."""

    before: Value
    after: Value
    lost: Value = ""  # the value that lost a conflict, or stayed where it was


@dataclass(frozen=True, slots=True)
class Entry:
    """What one session wrote to one record or item. `fields` are named by their Salesforce names; what is no field of
    a person is named by the words of this module."""

    session: int
    time: datetime
    rule: str
    side: Side
    kind: str  # create, update, delete, remove, move, categorise, pair, unpair, left, restore (undeleted)
    record: RecordId | None
    item: ItemId | None
    fields: Mapping[str, Change] = field(default_factory=dict[str, Change])
    reason: str = ""


ACCOUNT = "Account"  # the linked Account's name
ACCOUNT_ID = "AccountId"
FOLDER_ID = "Folder"  # where an item was moved from ("": Deleted Items), and to
MARK = "Category"  # our category, put on or taken off
NEW_ID = "Id"  # a record that could not be had back was created anew, or an item has another id by now
APART = frozenset({ACCOUNT, ACCOUNT_ID, FOLDER_ID, MARK, NEW_ID})
"""What of an entry is no value of the person."""
UNFOUND = "its answer was lost, and it was not to be found later: it may not have been carried out"
FORGOTTEN = "its answer was lost, and all was forgotten before it was looked for: it may not have been carried out"


def doubt(entry: Entry, because: str) -> Entry:
    """The entry of a write that may not have been carried out: its reason says so."""
    return replace(entry, reason=f"{entry.reason}; {because}".removeprefix("; "))

"""The mailbox port: one user's contact folder and category."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from mailsync.core.changes import FolderMark, Item, MailboxChanges
from mailsync.core.person import Limits, Value, Values
from mailsync.core.refs import FieldName, FolderId, ItemId, Key, RecordId, Version
from mailsync.ports.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Prepared:
    """The folder as it is ready for use (A3, A4) and the mark found on it (None: unmarked)."""

    folder: FolderId
    mark: FolderMark | None
    created: bool  # made now
    adopted: bool  # found by name, not by id
    restored: bool  # moved back from Deleted Items
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """A mailbox item to create in the folder with category and properties; values are already fitted."""

    key: Key
    values: Values
    record: RecordId
    display_name: str
    file_as: str
    web_page: str = ""


@dataclass(frozen=True, slots=True)
class ItemEdit:
    """Changes to an item at `version`. Fields left at None are left alone; other properties are never touched (L7)."""

    item: ItemId
    version: Version
    values: Values = field(default_factory=dict[FieldName, Value])
    categories: tuple[str, ...] | None = None  # the whole new list
    record: str | None = None  # own id property; "" takes it off
    excluded: bool | None = None  # own property of A23
    display_name: str | None = None
    file_as: str | None = None
    web_page: str | None = None


@dataclass(frozen=True, slots=True)
class Ability:
    """Whether a kind of mailbox can do something; where it can't, the vendor's reason, which is never blank then."""

    reason: str = ""

    def __bool__(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What kinds of mailboxes differ in. What all of them can do is not listed here; every ability that is missing
    has its alternative written beside it.
    """

    category_apart: Ability = Ability()  # else lying in the folder and carrying the category are one state (D2)
    new_id_on_move: Ability = Ability()  # else an item keeps its id wherever a person moves it
    trash: Ability = Ability()  # items removed are found again; else `find` finds nothing
    folder_trash: Ability = Ability()  # a deleted folder can be moved back (A3); else it is made again and refilled
    sub_folders: Ability = Ability()  # folders below the folder are inside; else there are none
    namesakes: Ability = Ability()  # there can be two folders of one name (A4); else the vendor refuses the second
    other_folders: Ability = Ability()  # items lie in one folder each; else "elsewhere" is "not in the folder"
    copies: Ability = Ability()  # a copy carries our own properties (A11); else it is an item of its own
    lists: Ability = Ability()  # distribution lists are reported (A12); else the vendor never shows them
    private: Ability = Ability()  # items have a sensitivity (A13); else none is private
    file_as: Ability = Ability()  # "file as" and display name are stored as written (A22); else the vendor derives them
    server_total: Ability = Ability()  # the server counts the folder by itself (A3); else `total` is None
    creation_time: Ability = Ability()  # items tell when they were made (B2: the eldest leads); else their id decides
    free_categories: Ability = Ability()  # all categories are told and taken; else ours alone, others left as they are
    own_writes: Ability = Ability()  # `find_keys` shows at once what was written; else after minutes (B15)
    whole_moves: Ability = Ability()  # a move is one step; else one cut off may leave the first beside its copy (B15)
    mark_in_feed: Ability = Ability()  # `changes` reports a changed mark; else `prepare` is asked before writing (A1)
    at_once: int = 100  # items of one request


class Mailbox(Protocol):
    """One user's mailbox. It reports marked items only; personal contacts never leave the server (A6)."""

    @property
    def capabilities(self) -> Capabilities: ...
    @property
    def requests(self) -> int: ...
    @property
    def now(self) -> datetime: ...

    def limits(self) -> Limits:
        """What the mailbox's fields accept."""
        ...

    def check(self) -> Sequence[str]:
        """Proves log-in and folder access without writing; each problem in words with its remedy."""
        ...

    def prepare(self, known: FolderId | None, *, create: bool = True) -> Prepared | None:
        """Finds the folder by id, then by name; restores it from Deleted Items; creates it; makes sure that the
        categories exist with their colours. None only with create=False where there is none."""
        ...

    def sign(self, folder: FolderId, mark: FolderMark) -> None:
        """Writes whose folder it is (A1)."""
        ...

    def changes(self, folder: FolderId, cursor: str | None) -> MailboxChanges:
        """What changed since the cursor (None, or a cursor that has become invalid: everything once).
        A lost folder is reported as such, not raised. `gone` may name strangers: items that never were in the folder,
        by their ids alone."""
        ...

    def read(self, items: Collection[ItemId]) -> Mapping[ItemId, Item | None]:
        """Items by id; None only where the server itself says that there is none."""
        ...

    def find(self, records: Collection[RecordId]) -> Mapping[RecordId, tuple[Item, ...]]:
        """Items under Deleted Items that carry our id property (B16, A18 revive)."""
        ...

    def find_keys(self, keys: Collection[Key]) -> Mapping[Key, Item]:
        """Items in the folder by correlation key (B15)."""
        ...

    def create(self, drafts: Sequence[ItemDraft], folder: FolderId) -> Sequence[Outcome]:
        """Creates, as many a request as the vendor takes. Never repeated. Raises OutcomeUnknown."""
        ...

    def update(self, edits: Sequence[ItemEdit]) -> Sequence[Outcome]:
        """Conditional updates, as many a request as the vendor takes."""
        ...

    def move(self, items: Sequence[ItemId], folder: FolderId) -> Sequence[Outcome]:
        """Moves items; Written.id is the id in the new place."""
        ...

    def finish(self, items: Sequence[ItemId], folder: FolderId) -> Collection[ItemId]:
        """Finishes moves out of Deleted Items that were announced and may have been cut off: what still lies there
        though its copy is in the folder is removed, and nothing else. Returns what could not be finished now."""
        ...

    def remove(self, items: Sequence[ItemId]) -> Sequence[Outcome]:
        """To Deleted Items."""
        ...

    def close(self) -> None: ...

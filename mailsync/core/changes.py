"""What the two sides reported. Absence has kinds – gone, out of scope, unreadable – and only the first deletes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from mailsync.core.person import Limits, Values
from mailsync.core.refs import AccountId, FolderId, ItemId, Key, OwnerId, RecordId, Version


@dataclass(frozen=True, slots=True)
class Record:
    """A Salesforce Contact as the user may read it."""

    id: RecordId
    version: Version  # LastModifiedDate as Salesforce writes it
    values: Values  # fields that the user can't read are absent
    owner: OwnerId
    account: AccountId | None
    created: datetime  # UTC
    created_by: OwnerId
    in_scope: bool
    modified: datetime | None = None  # UTC; None: not told


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of a record that changed, without its values (IsDeleted, MasterRecordId)."""

    id: RecordId
    deleted: bool
    master: RecordId | None = None  # the winner, if it was merged away


@dataclass(frozen=True, slots=True)
class CrmChanges:
    """What Salesforce reported since a cursor. `cursor` is opaque and stored last (A21)."""

    records: tuple[Record, ...]  # created or changed, and in scope
    traces: tuple[Trace, ...]  # everything visible that changed, and all that is known deleted
    count: int  # how many records the scope holds
    members: frozenset[RecordId] | None  # all ids in scope, when swept (always when complete)
    accounts: Mapping[AccountId, str]  # accounts renamed since
    limits: Limits
    complete: bool  # a full reading of the scope, not a delta
    cursor: str
    now: datetime  # the vendor's Date header, UTC
    fault: str = ""  # a scope fault in words (A16); then records, count and members say nothing
    described: bool = False  # the object's description changed since the cursor (B8)
    asked: bool = True  # False: nobody was asked, since nothing can have changed (decision 0028); `count` says nothing
    traced: bool = True  # False: no cursor, or one that is no longer good, so traces and accounts say nothing
    rest: int | None = None  # read in parts: how many records of the scope are still to be read; None: it is not

    @property
    def blind(self) -> bool:
        """Whether nothing in it tells what became of the pairs: no scope to list, and nothing to go on from (A16)."""
        return bool(self.fault) and not self.traced


class Sensitivity(Enum):
    """Outlook's own; everything but normal is private (A13)."""

    NORMAL = "Normal"
    PERSONAL = "Personal"
    PRIVATE = "Private"
    CONFIDENTIAL = "Confidential"


@dataclass(frozen=True, slots=True)
class Item:
    """A marked mailbox item, or one that carries our own property. Personal items never become one."""

    id: ItemId
    version: Version  # ChangeKey
    folder: FolderId
    inside: bool  # in the folder or one of its sub-folders
    values: Values
    categories: tuple[str, ...] = ()
    sensitivity: Sensitivity = Sensitivity.NORMAL
    is_list: bool = False  # a distribution list (A12); its values are empty
    record: RecordId | None = None  # our own id property
    key: Key | None = None  # our own correlation key
    excluded: bool = False  # our own property of A23
    emails: tuple[str, ...] = ()  # all e-mail addresses of the item, for matching (B2)
    web_page: str = ""
    file_as: str = ""
    display_name: str = ""
    created: datetime | None = None  # UTC


@dataclass(frozen=True, slots=True)
class FolderMark:
    """Whose folder it is (A1): written on the folder itself."""

    installation: str
    generation: int


class FolderState(Enum):
    """Where the folder is, by its stored id."""

    PRESENT = "present"
    LOST = "lost"  # gone, or under Deleted Items


@dataclass(frozen=True, slots=True)
class MailboxChanges:
    """What the mailbox reported since a cursor. `cursor` is opaque and stored last (A21)."""

    seen: tuple[Item, ...]  # created or changed inside the folder
    gone: tuple[ItemId, ...]  # left the folder, one by one as the feed names them
    outside: tuple[Item, ...]  # outside the folder, carrying the category or our id property; always all of them
    complete: bool  # a full listing of the folder, not a delta
    cursor: str
    folder: FolderState = FolderState.PRESENT
    mark: FolderMark | None = None  # where the folder's own mark was reported
    total: int | None = None  # the server's own count of the folder, where it was asked (A3)
    notes: tuple[str, ...] = ()  # e.g. two folders of that name (A4)

"""A mailbox as its server holds it, and what its person does there: folders, items, a log of changes.

Vendor-like: an item that is moved or deleted gets a new id (or keeps it, `keeps_ids`), every write a new version;
deleted things lie in Deleted Items; the log tells an item's latest state, and nothing of what came and went between.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from mailsync.core.changes import FolderMark, Item, Sensitivity
from mailsync.core.person import Value, text
from mailsync.core.policy import CATEGORY
from mailsync.core.refs import FieldName, FolderId, ItemId, Key, RecordId, Version

CONTACTS = "contacts"
BIN = "bin"
UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
EMAIL = FieldName("Email")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder; `parent` "" for the two roots."""

    id: str
    name: str
    parent: str
    mark: FolderMark | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """An item as it is stored. `uid` names it through all its moves; `body` is what no mapping names."""

    id: ItemId
    folder: str
    version: int
    values: Mapping[FieldName, Value]
    created: datetime
    uid: int
    categories: tuple[str, ...] = ()
    sensitivity: Sensitivity = Sensitivity.NORMAL
    is_list: bool = False
    record: str = ""
    key: str = ""
    excluded: bool = False
    emails: tuple[str, ...] = ()  # beside the mapped one
    web_page: str = ""
    file_as: str = ""
    display_name: str = ""
    body: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def is_marked(self) -> bool:
        """Whether it carries our category."""
        return any(c.casefold() == CATEGORY.casefold() for c in self.categories)


@dataclass(slots=True)
class Post:
    """The whole mailbox. `fields` are those that an item has; `now` is the server's clock."""

    fields: tuple[FieldName, ...]
    now: Callable[[], datetime]
    keeps_ids: bool = False
    folders: dict[str, Folder] = field(default_factory=dict[str, Folder])
    items: dict[ItemId, Stored] = field(default_factory=dict[ItemId, Stored])
    log: list[tuple[str, ItemId]] = field(default_factory=list[tuple[str, ItemId]])  # folder, item
    entered: dict[tuple[str, ItemId], int] = field(default_factory=dict[tuple[str, ItemId], int])  # position in the log
    arrived: dict[ItemId, int] = field(
        default_factory=dict[ItemId, int]
    )  # where it was moved last, position in the log
    folder_log: list[str] = field(default_factory=list[str])
    epoch: int = 0  # cursors of an earlier one are no longer valid
    count: int = 0
    shown: dict[ItemId, tuple[Stored, bool, Item]] = field(default_factory=dict[ItemId, tuple[Stored, bool, Item]])

    def __post_init__(self) -> None:
        self.folders = {i: Folder(i, n, "") for i, n in ((CONTACTS, "Contacts"), (BIN, "Deleted Items"))}

    def number(self) -> int:
        """A number that nothing else here has."""
        self.count += 1
        return self.count

    # What is where

    def climb(self, folder: str) -> Iterator[str]:
        """The folder and all above it."""
        while folder in self.folders:
            yield folder
            folder = self.folders[folder].parent

    def is_live(self, folder: str) -> bool:
        """Whether a folder is there and not under Deleted Items."""
        return folder in self.folders and BIN not in self.climb(folder)

    def below(self, folder: str) -> frozenset[str]:
        """The folder and all below it."""
        return frozenset(f for f in self.folders if folder in self.climb(f))

    def live_items(self) -> list[Stored]:
        """All items that are not under Deleted Items."""
        live = {f for f in self.folders if self.is_live(f)}
        return [i for i in self.items.values() if i.folder in live]

    def show(self, stored: Stored, *, inside: bool) -> Item:
        """The item as the port has it."""
        known = self.shown.get(stored.id)
        if known is not None and known[0] is stored and known[1] is inside:
            return known[2]
        email = text(stored.values, "Email")
        item = Item(
            stored.id,
            Version(f"v{stored.version}"),
            FolderId(stored.folder),
            inside,
            {} if stored.is_list else stored.values,
            stored.categories,
            stored.sensitivity,
            stored.is_list,
            RecordId(stored.record) if stored.record else None,
            Key(stored.key) if stored.key else None,
            stored.excluded,
            tuple(e for e in (email, *stored.emails) if e),
            stored.web_page,
            stored.file_as,
            stored.display_name,
            stored.created,
        )
        self.shown[stored.id] = (stored, inside, item)
        return item

    # Every change of an item goes through these three

    def put(self, stored: Stored) -> Stored:
        """Stores an item, new or changed, under a new version."""
        stored = replace(stored, version=self.number())
        self.entered.setdefault((stored.folder, stored.id), len(self.log))
        self.items[stored.id] = stored
        self.log.append((stored.folder, stored.id))
        return stored

    def add(self, folder: str, values: Mapping[FieldName, Value], **marks: object) -> Stored:
        """A new item. Values that an item can't hold lose their control characters."""
        number = self.number()
        whole = {**dict.fromkeys(self.fields, ""), **{n: clean(v) for n, v in values.items()}}
        blank = Stored(ItemId(f"item{number}"), folder, 0, whole, self.now(), number)
        return self.put(replace(blank, **marks))  # type: ignore[arg-type]

    def move(self, item: ItemId, folder: str) -> Stored | None:
        """Moves an item; None where there is none."""
        stored = self.items.get(item)
        if stored is None or (self.keeps_ids and stored.folder == folder):
            return stored
        del self.items[item]
        self.log.append((stored.folder, item))
        new = item if self.keeps_ids else ItemId(f"item{self.number()}")
        self.arrived[new] = len(self.log)
        return self.put(replace(stored, id=new, folder=folder))

    def edit(self, item: ItemId, values: Mapping[FieldName, Value]) -> Stored:
        """Changes values, as a person does."""
        stored = self.items[item]
        return self.put(replace(stored, values={**stored.values, **{n: clean(v) for n, v in values.items()}}))

    def mark(self, item: ItemId, categories: Sequence[str]) -> Stored:
        """Gives an item exactly these categories."""
        return self.put(replace(self.items[item], categories=tuple(categories)))

    def copy(self, item: ItemId, folder: str) -> Stored:
        """A copy carries everything, our own properties too (A11)."""
        number = self.number()
        return self.put(
            replace(self.items[item], id=ItemId(f"item{number}"), folder=folder, uid=number, created=self.now())
        )

    def purge(self, item: ItemId) -> None:
        """Deletes for good."""
        stored = self.items.pop(item)
        self.log.append((stored.folder, item))

    # Folders

    def add_folder(self, name: str, parent: str = CONTACTS) -> str:
        """A new contact folder; its id."""
        made = Folder(f"folder{self.number()}", name, parent)
        self._put_folder(made)
        return made.id

    def change_folder(self, folder: str, **changed: object) -> None:
        """Renames, moves or signs a folder."""
        self._put_folder(replace(self.folders[folder], **changed))  # type: ignore[arg-type]

    def drop_folder(self, folder: str, *, for_good: bool = False) -> None:
        """Deletes a folder with all that is in it: to Deleted Items, unless for good."""
        if not for_good:
            self.change_folder(folder, parent=BIN)
            return
        gone = self.below(folder)
        for item in [i.id for i in self.items.values() if i.folder in gone]:
            self.purge(item)
        for lost in gone:
            del self.folders[lost]
            self.folder_log.append(lost)

    def _put_folder(self, folder: Folder) -> None:
        self.folders[folder.id] = folder
        self.folder_log.append(folder.id)


def clean(value: Value) -> Value:
    """What a mailbox keeps of a value: XML has no control characters."""
    return UNSENDABLE.sub("", value) if isinstance(value, str) and not value.isprintable() else value

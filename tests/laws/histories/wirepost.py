"""A mailbox of the sandbox's Exchange store in the words of a Post: what a person sees there, and does in Outlook,
without our own adapter.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mailsync.core.changes import FolderMark, Sensitivity
from mailsync.core.person import Address, Value
from mailsync.core.refs import FieldName, ItemId
from mailsync.sandbox.exchange import store
from mailsync.sandbox.exchange.properties import ADDRESS_SET, CATEGORIES, DISPLAY_NAME, FILE_AS, SENSITIVITY
from mailsync.sandbox.exchange.records import Item, Mailbox
from mailsync.sandbox.server import RunningSandbox
from tests.fakes.post import BIN, CONTACTS, Folder, Post, Stored
from tests.laws.histories.wireids import EwsIds, Ids

OWN = "{6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41}"
RECORD, KEY, EXCLUDED = f"{OWN}/SalesforceId/String", f"{OWN}/CorrelationKey/String", f"{OWN}/Excluded/String"
PAGE = "0x3a51/String"
SECOND_EMAIL = f"{{{ADDRESS_SET}}}/32915/String"
NOTE = "0x1000/String"
TEXTS = {
    "FirstName": "0x3a06/String",
    "MiddleName": "0x3a44/String",
    "LastName": "0x3a11/String",
    "Suffix": "0x3a05/String",
    "Salutation": "0x3a45/String",
    "Title": "0x3a17/String",
    "Department": "0x3a18/String",
    "Company": "0x3a16/String",
    "Email": f"{{{ADDRESS_SET}}}/32899/String",
    "Phone": "0x3a08/String",
    "MobilePhone": "0x3a1c/String",
    "HomePhone": "0x3a09/String",
    "OtherPhone": "0x3a1f/String",
    "Fax": "0x3a24/String",
    "AssistantPhone": "0x3a2e/String",
    "AssistantName": "0x3a30/String",
    "Birthdate": "0x3a42/SystemTime",
}
ADDRESSES = {
    "MailingAddress": tuple(f"{{{ADDRESS_SET}}}/{n}/String" for n in (32837, 32838, 32839, 32840, 32841)),
    "OtherAddress": tuple(f"0x{n}/String" for n in ("3a63", "3a5f", "3a62", "3a61", "3a60")),
}
ROOTS = {"contacts": CONTACTS, "deleteditems": BIN}


def read_values(properties: Mapping[str, Any]) -> dict[FieldName, Value]:
    """What the mapped fields hold."""
    found: dict[FieldName, Value] = {FieldName(n): str(properties.get(key, "")) for n, key in TEXTS.items()}
    found[FieldName("Birthdate")] = str(properties.get(TEXTS["Birthdate"], ""))[:10]
    for name, keys in ADDRESSES.items():
        parts = [str(properties.get(key, "")) for key in keys]
        found[FieldName(name)] = Address(*parts) if any(parts) else ""
    return found


def write_values(values: Mapping[FieldName, Value]) -> dict[str, str]:
    """The properties that hold them; "" takes one away."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if name in ADDRESSES:
            where = value if isinstance(value, Address) else Address()
            parts = (where.street, where.city, where.state, where.postal_code, where.country)
            found |= dict(zip(ADDRESSES[name], parts, strict=True))
        elif name == "Birthdate":
            found[TEXTS[name]] = f"{value}T11:59:00Z" if value else ""
        else:
            found[TEXTS[name]] = str(value)
    return found


@dataclass
class Entered(Mapping[tuple[str, ItemId], int]):
    """When an item came into its folder, by the mailbox's own numbers."""

    post: "WirePost"

    def __getitem__(self, key: tuple[str, ItemId]) -> int:
        box = self.post.box
        item = self.post.ids.find_item(box, key[1])
        return box.folders[box.item_folders[item]].traces[item].created

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass
class WirePost:
    """Ann's mailbox in the sandbox. Every change is one that her own programs would make. `read` tells what the mapped
    fields hold by a contact's properties.
    """

    running: RunningSandbox
    ids: Ids = field(default_factory=EwsIds)
    read: Callable[[Mapping[str, Any]], dict[FieldName, Value]] = read_values
    cache: dict[str, tuple[str, str, Stored]] = field(default_factory=dict[str, tuple[str, str, Stored]])
    count: int = 0
    keeps_ids: bool = False
    epoch: int = 0  # cursors of an earlier one are no longer valid
    arrived: dict[ItemId, int] = field(default_factory=dict[ItemId, int])  # nowhere: ids don't outlive moves

    climb, is_live, below, live_items, number = Post.climb, Post.is_live, Post.below, Post.live_items, Post.number

    @property
    def box(self) -> Mailbox:
        """Hers."""
        boxes = self.running.sandbox.vendor(self.ids.vendor)._boxes.values()  # type: ignore[attr-defined]
        return next(b for b in boxes if b.user == "ann")

    def now(self) -> Any:
        """The server's time."""
        return self.running.sandbox.clock.now()

    @property
    def log(self) -> range:
        """As long as there were changes."""
        return range(self.box.number + 1)

    @property
    def entered(self) -> Entered:
        """See there."""
        return Entered(self)

    def _name(self, folder: str) -> str:
        known, shown = self.box.folders.get(folder), self.ids.show_folder(folder)
        return ROOTS.get(known.distinguished, shown) if known else shown

    def _id(self, folder: str) -> str:
        known = (self.box.distinguished[d] for d, name in ROOTS.items() if name == folder)
        return next(known, self.ids.find_folder(folder))

    @property
    def folders(self) -> Mapping[str, Folder]:
        """Contact folders and the two roots."""
        found: dict[str, Folder] = {}
        for f in self.box.folders.values():
            if f.folder_class == "IPF.Contact" or f.distinguished in ROOTS:
                parent = "" if f.distinguished in ROOTS else self._name(f.parent_id)
                found[self._name(f.id)] = Folder(self._name(f.id), f.name, parent, self._mark(f.properties))
        return found

    def _mark(self, properties: Mapping[str, Any]) -> FolderMark | None:
        return FolderMark("signed", 1) if any(k.startswith(OWN) for k in properties) else None

    @property
    def items(self) -> dict[ItemId, Stored]:
        """Those in these folders, in the order in which they came."""
        box, found = self.box, list[Item]()
        for name in self.folders:
            found += box.folders[self._id(name)].items.values()
        shown = [self._show(i) for i in sorted(found, key=lambda i: store.get_first(box, i.id))]
        return {stored.id: stored for stored in shown}

    def _show(self, item: Item) -> Stored:
        known = self.cache.get(item.id)
        if known is not None and known[:2] == (item.change_key, item.folder_id):
            return known[2]
        held = item.properties
        marks = held.get(CATEGORIES, ())
        more = str(held.get(SECOND_EMAIL, ""))
        secret = str(held.get(SENSITIVITY, "0")) not in ("0", "Normal")
        stored = Stored(
            ItemId(self.ids.show_item(self.box, item.id)),
            self._name(item.folder_id),
            0,
            self.read(held),
            item.created,
            store.get_first(self.box, item.id),
            tuple(marks) if isinstance(marks, tuple) else (marks,),
            Sensitivity.PRIVATE if secret else Sensitivity.NORMAL,
            item.kind != "Contact",
            str(held.get(RECORD, "")),
            str(held.get(KEY, "")),
            any(k.startswith(f"{OWN}/Excluded") for k in held),
            (more,) if more else (),
            str(held.get(PAGE, "")),
            str(held.get(FILE_AS, "")),
            str(held.get(DISPLAY_NAME, "")),
            {"note": str(held.get(NOTE, ""))},
        )
        self.cache[item.id] = (item.change_key, item.folder_id, stored)
        return stored

    # What the person does

    def _begin(self) -> Mailbox:
        box = self.box
        box.now = self.now()
        return box

    def _find(self, box: Mailbox, item: ItemId) -> Item:
        found = store.find_item(box, self.ids.find_item(box, item))
        assert found is not None
        return found

    def _change(self, item: ItemId, changed: Mapping[str, Any]) -> Stored:
        with self.running.sandbox.lock:
            box = self._begin()
            found = self._find(box, item)
            store.remember_item(box, found)
            found.properties = {k: v for k, v in {**found.properties, **changed}.items() if v not in ("", ())}
            store.touch_item(box, found, box.now)
            return self._show(found)

    def add(self, folder: str, values: Mapping[FieldName, Value], **marks: Any) -> Stored:
        """A new contact, or a list."""
        with self.running.sandbox.lock:
            box = self._begin()
            names = [str(values.get(FieldName(n), "")) for n in ("FirstName", "LastName")]
            held: dict[str, Any] = {
                **write_values(values),
                DISPLAY_NAME: marks.get("display_name") or " ".join(filter(None, names)) or "-",
                CATEGORIES: tuple(marks.get("categories", ())),
                SECOND_EMAIL: next(iter(marks.get("emails", ())), ""),
                PAGE: marks.get("web_page", ""),
                NOTE: marks.get("body", {}).get("note", ""),
                SENSITIVITY: _sensitivity(marks.get("sensitivity", Sensitivity.NORMAL)),
            }
            kind = "DistributionList" if marks.get("is_list") else "Contact"
            kept = {k: v for k, v in held.items() if v not in ("", ())}
            return self._show(store.add_item(box, box.folders[self._id(folder)], kind, kept, box.now))

    def edit(self, item: ItemId, values: Mapping[FieldName, Value]) -> Stored:
        """Changes values."""
        return self._change(item, write_values(values))

    def mark(self, item: ItemId, categories: Sequence[str]) -> Stored:
        """Gives exactly these categories."""
        return self._change(item, {CATEGORIES: tuple(categories)})

    def put(self, stored: Stored) -> Stored:
        """Makes it private or public."""
        return self._change(stored.id, {SENSITIVITY: _sensitivity(stored.sensitivity)})

    def move(self, item: ItemId, folder: str) -> Stored | None:
        """Drags or deletes it."""
        with self.running.sandbox.lock:
            box = self._begin()
            found = store.find_item(box, self.ids.find_item(box, item))
            return self._show(store.move_item(box, found, box.folders[self._id(folder)])) if found else None

    def copy(self, item: ItemId, folder: str) -> Stored:
        """Copies it."""
        with self.running.sandbox.lock:
            box = self._begin()
            found = self._find(box, item)
            return self._show(store.copy_item(box, found, box.folders[self._id(folder)], box.now))

    def purge(self, item: ItemId) -> None:
        """Deletes it for good."""
        with self.running.sandbox.lock:
            box = self._begin()
            store.drop_item(box, self._find(box, item))

    def add_folder(self, name: str, parent: str = CONTACTS) -> str:
        """A new contact folder; a sibling's name gets a number, as Outlook gives it."""
        with self.running.sandbox.lock:
            box = self._begin()
            taken = {f.name.casefold() for f in store.list_children(box, self._id(parent))}
            while name.casefold() in taken:
                parent, taken = self.add_folder(f"Group {self.number()}", parent), set[str]()
            return self.ids.show_folder(store.add_folder(box, self._id(parent), name, "IPF.Contact").id)

    def change_folder(self, folder: str, *, name: str = "") -> None:
        """Renames it, where no sibling has that name."""
        with self.running.sandbox.lock:
            box = self._begin()
            found = box.folders[self._id(folder)]
            taken = {f.name.casefold() for f in store.list_children(box, found.parent_id) if f.id != found.id}
            if name.casefold() not in taken:
                store.place_folder(box, found, found.parent_id, name)

    def drop_folder(self, folder: str, *, for_good: bool = False) -> None:
        """Deletes it."""
        with self.running.sandbox.lock:
            box = self._begin()
            found, home = box.folders[self._id(folder)], self._id(BIN)
            if for_good or any(f.name.casefold() == found.name.casefold() for f in store.list_children(box, home)):
                store.drop_folder(box, found)
            else:
                store.place_folder(box, found, home, found.name)


def _sensitivity(given: Sensitivity) -> str:
    """As the property has it: private, or not there."""
    return "" if given is Sensitivity.NORMAL else "2"

"""Ann's mailbox at Microsoft 365 in the words of a Post: what Graph can do is done with it, dragging and copying in
Outlook.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mailsync.core.changes import Sensitivity
from mailsync.core.person import Address, Value
from mailsync.core.refs import FieldName, ItemId
from mailsync.sandbox.server import RunningSandbox
from tests.contract.mailbox.port.graph import SENSITIVITY, GraphPerson
from tests.crash.microsoft import write_fields
from tests.fakes.post import BIN, CONTACTS, Folder, Post, Stored
from tests.laws.histories.wireids import GraphIds
from tests.laws.histories.wirepost import ADDRESS_SET, Entered, WirePost, read_values

ADDRESSES = {"MailingAddress": "businessAddress", "OtherAddress": "otherAddress"}
PARTS = ("street", "city", "state", "postalCode", "countryOrRegion")
SLOTS = {
    "Email": tuple(f"{{{ADDRESS_SET}}}/{n}/String" for n in (32899, 32915, 32931)),
    "Phone": ("0x3a08/String", "0x3a1b/String"),
    "HomePhone": ("0x3a09/String", "0x3a2f/String"),
}
"""The properties that an array of Graph's shows: the first entry is the first of them that is filled."""
KNOWN = {CONTACTS: "contacts", BIN: "deleteditems"}


def write_privacy(sensitivity: Sensitivity) -> dict[str, Any]:
    """Graph has no such field of a contact: Outlook's property."""
    value = "0" if sensitivity is Sensitivity.NORMAL else "2"
    return {"singleValueExtendedProperties": [{"id": SENSITIVITY, "value": value}]}


def read_graph_values(properties: Mapping[str, Any]) -> dict[FieldName, Value]:
    """What the mapped fields hold, as Graph tells it."""
    found = read_values(properties)
    for name, keys in SLOTS.items():
        found[FieldName(name)] = next((str(properties[k]) for k in keys if properties.get(k)), "")
    return found


def write_graph_values(contact: Mapping[str, Any], values: Mapping[FieldName, Value]) -> dict[str, Any]:
    """Graph's properties for values; arrays of the contact keep their other entries."""
    apart = {*ADDRESSES, "Birthdate"}
    found = write_fields(contact, {n: str(v) for n, v in values.items() if n not in apart})
    for name, value in values.items():
        if name in ADDRESSES:
            where = value if isinstance(value, Address) else Address()
            parts = (where.street, where.city, where.state, where.postal_code, where.country)
            found[ADDRESSES[name]] = {p: v or None for p, v in zip(PARTS, parts, strict=True)}
        elif name == "Birthdate":
            found["birthday"] = f"{value}T11:59:00Z" if value else None
    return found


@dataclass
class GraphPost:
    """Ann's mailbox in the sandbox's tenant."""

    running: RunningSandbox
    outlook: WirePost = field(init=False)

    climb, is_live, below, live_items = Post.climb, Post.is_live, Post.below, Post.live_items

    def __post_init__(self) -> None:
        self.outlook = WirePost(self.running, GraphIds(), read_graph_values, keeps_ids=True)

    @cached_property
    def person(self) -> GraphPerson:
        """Ann at Graph."""
        return GraphPerson(self.running.url, "ann")

    @property
    def epoch(self) -> int:
        """Cursors of an earlier one are no longer valid."""
        return self.outlook.epoch

    @epoch.setter
    def epoch(self, number: int) -> None:
        self.outlook.epoch = number

    @property
    def keeps_ids(self) -> bool:
        """Immutable ids survive moves."""
        return True

    @property
    def arrived(self) -> Mapping[ItemId, int]:
        """Nothing: `entered` tells it."""
        return {}

    @property
    def log(self) -> range:
        """As long as there were changes."""
        return self.outlook.log

    @property
    def entered(self) -> Entered:
        """When an item came into its folder."""
        return self.outlook.entered

    @property
    def folders(self) -> Mapping[str, Folder]:
        """Contact folders and the two roots."""
        return self.outlook.folders

    @property
    def items(self) -> Mapping[ItemId, Stored]:
        """Those in these folders, in the order in which they were made."""
        return self.outlook.items

    def number(self) -> int:
        """A number that nothing else here has."""
        return self.outlook.number()

    # What the person does

    def add(self, folder: str, values: Mapping[FieldName, Value], **marks: Any) -> Stored:
        """A new contact."""
        names = [str(values.get(FieldName(n), "")) for n in ("FirstName", "LastName")]
        body = write_graph_values({}, values)
        body["displayName"] = marks.get("display_name") or " ".join(filter(None, names)) or "-"
        more = [{"address": e, "name": e} for e in marks.get("emails", ())]
        body["emailAddresses"] = [*body.get("emailAddresses", ()), *more]
        body["categories"] = list(marks.get("categories", ()))
        body["businessHomePage"] = marks.get("web_page") or None
        body["personalNotes"] = marks.get("body", {}).get("note", "")
        body |= write_privacy(marks.get("sensitivity", Sensitivity.NORMAL))
        made = ItemId(self.person.create(body, KNOWN.get(folder, folder)))
        return self.items[made]

    def edit(self, item: ItemId, values: Mapping[FieldName, Value]) -> Stored:
        """Changes values."""
        self.person.edit_contact(item, **write_graph_values(self.person.get_contact(item), values))
        return self.items[item]

    def mark(self, item: ItemId, categories: Sequence[str]) -> Stored:
        """Gives exactly these categories."""
        self.person.categorise_contact(item, *categories)
        return self.items[item]

    def put(self, stored: Stored) -> Stored:
        """Makes it private or public."""
        self.person.edit_contact(stored.id, **write_privacy(stored.sensitivity))
        return self.items[stored.id]

    def move(self, item: ItemId, folder: str) -> Stored | None:
        """Deletes it, or drags it in Outlook."""
        stored = self.items.get(item)
        if stored is None or stored.folder == folder:
            return stored
        if folder == BIN:
            self.person.delete_contact(item)
        else:
            self.person.move_contact(item, KNOWN.get(folder, folder))
        return self.items.get(item)

    def copy(self, item: ItemId, folder: str) -> Stored:
        """Copies it in Outlook: Graph has no copying of contacts."""
        return self.outlook.copy(item, folder)

    def purge(self, item: ItemId) -> None:
        """Deletes it for good."""
        self.person.delete_contact(item, for_good=True)

    def add_folder(self, name: str, parent: str = CONTACTS) -> str:
        """A new contact folder; where a sibling has that name, one below a folder of another name."""
        if name.casefold() in self._taken(parent):
            parent = self.add_folder(f"Group {self.number()}", parent)
        return self.person.create_folder(name, None if parent == CONTACTS else parent)

    def _taken(self, parent: str) -> set[str]:
        return {f.name.casefold() for f in self.folders.values() if f.parent == parent}

    def change_folder(self, folder: str, *, name: str = "") -> None:
        """Renames it, where no sibling has that name."""
        known = self.folders[folder]
        if name.casefold() not in self._taken(known.parent) - {known.name.casefold()}:
            self.person.rename_folder(folder, name)

    def drop_folder(self, folder: str, *, for_good: bool = False) -> None:
        """Deletes it."""
        taken = self.folders[folder].name.casefold() in self._taken(BIN)
        self.person.delete_folder(folder, for_good=for_good or taken)

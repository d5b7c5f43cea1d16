"""Ann's contacts in Gmail in the words of a Post: the label that is ours is its folder, everything without one is
personal, and what was deleted lies in the trash that a person finds at contacts.google.com. Acts are those of Google's
own client.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mailsync.core.changes import FolderMark
from mailsync.core.person import Value
from mailsync.core.policy import CATEGORY, FOLDER
from mailsync.core.refs import FieldName, ItemId
from mailsync.sandbox.google.ids import name_group, name_person, read_person
from mailsync.sandbox.google.records import Contact, Group, Mailbox, Version
from mailsync.sandbox.google.store import list_present
from mailsync.sandbox.server import RunningSandbox
from tests.e2e.gmail import GmailPerson
from tests.fakes.post import BIN, CONTACTS, Folder, Post, Stored
from tests.laws.histories.wirevalues import read_body, read_own, read_values, write_values

RECORD, KEY, EXCLUDED = "salesforceId", "mailsyncKey", "mailsyncExcluded"
OURS = "Sync Error"
EMAIL = FieldName("Email")
Shown = tuple[tuple[str, bool], Stored]
"""A contact as it was shown, with the place and the mark that it had then."""


@dataclass
class Entered(Mapping[tuple[str, ItemId], int]):
    """When a contact got its label (or lost it), by the numbers of the account's changes."""

    post: "GmailPost"

    def __getitem__(self, key: tuple[str, ItemId]) -> int:
        contact = self.post.find(key[1])
        number = contact.now.number
        for version in reversed(contact.versions):
            if self.post.place(version) != key[0]:
                break
            number = version.number
        return number

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass
class GmailPost:
    """Ann's account at the sandbox's Google."""

    running: RunningSandbox
    cache: dict[tuple[int, int], Shown] = field(default_factory=dict[tuple[int, int], Shown])
    signed: set[str] = field(default_factory=set[str])  # labels that are, or were, signed by the agent
    shown: set[str] = field(default_factory=set[str])  # labels that were ours once, or might have become it
    count: int = 0
    epoch: int = 0  # sync tokens of an earlier one are no longer valid
    keeps_ids: bool = True

    climb, is_live, below, live_items, number = Post.climb, Post.is_live, Post.below, Post.live_items, Post.number

    @cached_property
    def person(self) -> GmailPerson:
        """Ann with Google's client."""
        return GmailPerson.log_in(self.running.url, "ann")

    @property
    def box(self) -> Mailbox:
        """The account."""
        return self.running.sandbox.vendor("google")._service.boxes["ann"]  # type: ignore[attr-defined]

    @property
    def arrived(self) -> Mapping[ItemId, int]:
        """Nothing: `entered` tells it."""
        return {}

    @property
    def log(self) -> range:
        """As long as there were changes."""
        return range(self.box.number + 1)

    @property
    def entered(self) -> Entered:
        """See there."""
        return Entered(self)

    def _labels(self) -> list[Group]:
        """What the agent signed, however it is named; where there is none, what it would adopt (A1, A4). A label of our
        name beside it is the person's own, and nothing in it is marked."""
        groups = [g for g in self.box.groups.values() if not g.deleted]
        self.signed |= {g.id for g in groups if g.client_data}
        ours = [g for g in groups if g.id in self.signed] or [g for g in groups if g.name == FOLDER]
        self.shown |= {g.id for g in ours}
        return ours

    @property
    def folders(self) -> Mapping[str, Folder]:
        """The labels that are or were ours, and the two places where everything else is."""
        found = {CONTACTS: Folder(CONTACTS, "Contacts", ""), BIN: Folder(BIN, "Trash", "")}
        self._labels()
        for group in (g for g in self.box.groups.values() if g.id in self.shown and not g.deleted):
            mark = FolderMark("signed", 1) if group.client_data else None
            found[name_group(group.id)] = Folder(name_group(group.id), group.name, CONTACTS, mark)
        return found

    def place(self, version: Version) -> str:
        """The folder of a contact as it was."""
        if version.deleted:
            return BIN
        ours = [g.id for g in self._labels()]
        homes = sorted(self.shown & set(version.groups), key=lambda g: (g not in ours, g))
        return next((name_group(g) for g in homes if not self.box.groups[g].deleted), CONTACTS)

    def find(self, item: ItemId) -> Contact:
        """A contact, also one in the trash."""
        number = read_person(item)
        assert number is not None
        return self.box.contacts[number]

    @property
    def items(self) -> dict[ItemId, Stored]:
        """All contacts, in the order in which they were made."""
        box = self.box
        there = {c.id for c in list_present(box)}
        binned = [c for c in box.contacts.values() if c.id not in there and len(c.versions) > 1]
        shown = [self._show(c) for c in (*(box.contacts[i] for i in box.contacts if i in there), *binned)]
        return {s.id: s for s in shown}

    def _show(self, contact: Contact) -> Stored:
        version, folder = contact.now, self.place(contact.now)
        marked = folder in {name_group(g.id) for g in self._labels()}
        known = self.cache.get((contact.id, version.number))
        if known is not None and known[0] == (folder, marked):
            return known[1]
        held = contact.versions[-2] if version.deleted else version  # the trash keeps values and labels
        fields = held.fields
        own, links = read_own(fields), {e.get("type"): str(e.get("value", "")) for e in fields.get("urls", [])}
        labels = sorted(g.name for g in self.box.groups.values() if g.id in held.groups and g.id not in self.shown)
        values = read_values(fields)
        emails = [str(e["value"]) for e in fields.get("emailAddresses", []) if e["value"] != values[EMAIL]]
        stored = Stored(
            ItemId(name_person(contact.id)),
            folder,
            0,
            values,
            version.updated,
            contact.id,
            (*([CATEGORY] if marked else []), *([OURS] if OURS in labels else [])),
            record=own.get(RECORD, ""),
            key=own.get(KEY, ""),
            excluded=bool(own.get(EXCLUDED)),
            emails=tuple(emails),
            web_page=links.get("Salesforce", ""),
            body=read_body(fields, [label for label in labels if label != OURS]),
            display_name=str(next(iter(fields.get("names", [])), {}).get("displayName", "")),
        )
        self.cache[contact.id, version.number] = ((folder, marked), stored)
        return stored

    # What the person does

    def _home(self) -> str:
        """The label that is ours, else one of its name that she makes herself."""
        return next((name_group(g.id) for g in self._labels()), "") or self._label(FOLDER)

    def _label(self, name: str) -> str:
        """The person's own label of that name, made where there is none."""
        return self.person.labels.get(name) or self.person.new_label(name)

    def add(self, folder: str, values: Mapping[FieldName, Value], **marks: Any) -> Stored:
        """A new contact."""
        named = {n: v for n, v in values.items() if v}
        fields = write_values({}, named)
        more = [{"value": e, "type": "home"} for e in marks.get("emails", ())]
        fields["emailAddresses"] = [*fields.get("emailAddresses", ()), *more]
        page, note = marks.get("web_page"), marks.get("body", {}).get("note")
        fields["urls"] = [{"value": page, "type": "homePage"}] if page else []
        fields["biographies"] = [{"value": note, "contentType": "TEXT_PLAIN"}] if note else []
        own = [c for c in marks.get("categories", ()) if c != CATEGORY]
        labels = [self._label(c) for c in own]
        home = folder if folder != CONTACTS else self._home() if CATEGORY in marks.get("categories", ()) else ""
        made = self.person.create("", "", *labels, *([home] if home else []), **{k: v for k, v in fields.items() if v})
        return self.items[ItemId(made)]

    def edit(self, item: ItemId, values: Mapping[FieldName, Value]) -> Stored:
        """Changes values."""
        contact = self.person.look(item)
        if contact is not None:
            self.person.edit(contact, **write_values(contact, values))
        return self.items[item]

    def mark(self, item: ItemId, categories: Sequence[str]) -> Stored:
        """Puts labels on; ours off where it is not among them."""
        stored = self.items[item]
        wanted = any(c.casefold() == CATEGORY.casefold() for c in categories)
        if wanted and not stored.is_marked:
            self.person.put_on(item, self._home())
        if not wanted and stored.is_marked:
            self.person.take_off(item, stored.folder)
        for name in categories:
            if name.casefold() not in (CATEGORY.casefold(), OURS.casefold()):
                self.person.put_on(item, self._label(name))
        return self.items[item]

    def move(self, item: ItemId, folder: str) -> Stored | None:
        """Puts the label on or off, deletes, or takes out of the trash."""
        stored = self.items.get(item)
        if stored is None or stored.folder == folder:
            return stored
        if folder == BIN:
            self.person.delete(item)
            return self.items.get(item)
        if stored.folder == BIN:
            self.running.sandbox.act("ann", "restore_contact", {"contact": item})
            stored = self.items[item]
        if stored.folder not in (folder, CONTACTS):
            self.person.take_off(item, stored.folder)
        if folder not in (stored.folder, CONTACTS):
            self.person.put_on(item, folder)
        return self.items[item]

    def purge(self, item: ItemId) -> None:
        """There is one way to delete."""
        self.person.delete(item)

    def add_folder(self, name: str, parent: str = CONTACTS) -> str:
        """A new label, where none has that name."""
        return self._label(name)

    def change_folder(self, folder: str, *, name: str = "") -> None:
        """Renames it, where no other label has that name."""
        if name not in self.person.labels:
            self.person.rename_label(folder, name)

    def drop_folder(self, folder: str, *, for_good: bool = False) -> None:
        """Deletes the label; `for_good` its contacts, too."""
        self.person.delete_label(folder, with_contacts=for_good)

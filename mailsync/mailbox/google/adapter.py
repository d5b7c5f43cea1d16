"""The mailbox port on Gmail. Each method is a few requests of the modules beside it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from mailsync.core.changes import FolderMark, Item, MailboxChanges
from mailsync.core.person import Limits
from mailsync.core.policy import ERROR_CATEGORY
from mailsync.core.refs import FolderId, ItemId, Key, RecordId
from mailsync.errors import VendorError
from mailsync.mailbox.google.changes import read_changes
from mailsync.mailbox.google.channel import Channel
from mailsync.mailbox.google.cursor import Names
from mailsync.mailbox.google.deleting import delete_contacts
from mailsync.mailbox.google.labels import (
    as_labels,
    create_label,
    find_ours,
    is_named,
    list_labels,
    list_members,
    prepare_label,
    sign_label,
)
from mailsync.mailbox.google.login import GoogleLogin
from mailsync.mailbox.google.persons import AT_ONCE, Shelf, get_persons
from mailsync.mailbox.google.properties import MARKS
from mailsync.mailbox.google.reading import Labels, list_fields, read_item
from mailsync.mailbox.google.writing import (
    Writer,
    add_to_label,
    create_contacts,
    update_contacts,
    wants_problem,
)
from mailsync.mapping.interpreter import mailbox_limits
from mailsync.mapping.table import Table
from mailsync.ports.mailbox import Ability, Capabilities, ItemDraft, ItemEdit, Mailbox, Prepared
from mailsync.ports.outcomes import Outcome

PATIENCE = 90.0
"""Seconds that repeating one request may take in all: longer than the minute by which Google counts most quotas."""

CAPABILITIES = Capabilities(
    category_apart=Ability("a Gmail label is folder and category in one (D2)"),
    new_id_on_move=Ability("a contact keeps its resource name whatever labels it has"),
    trash=Ability("the People API has no access to the trash, where a person finds what was removed for 30 days"),
    folder_trash=Ability("a deleted label is gone; its contacts stay"),
    sub_folders=Ability("labels are not nested in the People API"),
    namesakes=Ability("names of labels are unique: the second one is refused (409)"),
    other_folders=Ability("a contact is in our label or not; its other labels are the person's own"),
    copies=Ability("nothing copies a contact; two that are merged become one"),
    lists=Ability("a label is the only list of contacts"),
    private=Ability("contacts have no sensitivity"),
    file_as=Ability("the People API derives display names from the names, and neither tells nor changes fileAses"),
    creation_time=Ability("a contact tells when it was last changed, not when it was made"),
    free_categories=Ability("the person's other labels are neither told nor touched (C1)"),
    own_writes=Ability("writes may take minutes to appear in lists (connections.list)"),
    mark_in_feed=Ability("a label's client data is not part of the list of contacts; it is asked for before writing"),
    at_once=AT_ONCE,
)


class GoogleMailbox:
    """One person's contacts in Gmail (ports.mailbox.Mailbox). For one session at a time."""

    def __init__(self, channel: Channel, table: Table) -> None:
        self._channel = channel
        self._table = table
        self._writer = Writer(channel, table, Shelf(), Labels())
        self._marked = Names()
        self._keys: dict[Key, ItemId] = {}  # of the contacts that the latest feed brought

    @property
    def capabilities(self) -> Capabilities:
        """What Gmail can't do, and why."""
        return CAPABILITIES

    @property
    def requests(self) -> int:
        """HTTP requests that were answered, refused tokens left out."""
        return self._channel.requests

    @property
    def now(self) -> datetime:
        """The time of Google's latest answer; 1970 before the first."""
        return self._channel.now

    def limits(self) -> Limits:
        """What the fields accept, by the table: Google does not describe them."""
        return mailbox_limits(self._table)

    def check(self) -> Sequence[str]:
        """Reads the labels and one contact's id; each problem in words with its remedy."""
        request = self._channel.connections.list(resourceName="people/me", personFields="metadata", pageSize=1)
        try:
            list_labels(self._channel)
            self._channel.ask(request)
        except VendorError as error:
            return (f"{error}: {error.remedy}" if error.remedy else str(error),)
        return ()

    def prepare(self, known: FolderId | None, *, create: bool = True) -> Prepared | None:
        """As the port says; 1 request where the label is there. "Sync Error" is made when it is first needed."""
        prepared, labels = prepare_label(self._channel, known, create=create)
        self._writer.labels = labels
        return prepared

    def sign(self, folder: FolderId, mark: FolderMark) -> None:
        """As the port says."""
        sign_label(self._channel, folder, mark)

    def changes(self, folder: FolderId, cursor: str | None) -> MailboxChanges:
        """As the port says; 1 request when idle."""
        changes, labels, marked = read_changes(self._channel, self._table, self._writer.shelf, folder, cursor)
        self._writer.labels = labels
        self._marked = marked
        self._keys = {i.key: i.id for i in changes.seen if i.key}
        return changes

    def read(self, items: Collection[ItemId]) -> Mapping[ItemId, Item | None]:
        """As the port says. Values are asked for only of contacts that are in our label or carry our id property."""
        if not items:
            return {}
        labels = self._find_labels()
        known = {i for i in items if i in self._marked.all}
        marks = get_persons(self._channel, set(items) - known, MARKS)
        apart = {n: read_item(p, labels, self._table, whole=False) if p else None for n, p in marks.items()}
        ours = {n for n, item in apart.items() if item and (item.inside or item.record)}
        persons = get_persons(self._channel, known | ours, list_fields(self._table))
        self._writer.shelf.put(persons.values())
        whole = {n: read_item(p, labels, self._table) if p else None for n, p in persons.items()}
        return {ItemId(n): item for n, item in (apart | whole).items()}

    def _find_labels(self) -> Labels:
        """Before the first `changes`: our label by its mark, else by name."""
        if not self._writer.labels.folder:
            found = list_labels(self._channel)
            label = find_ours(found, None)
            self._writer.labels = as_labels(found, label.id if label else "")
        return self._writer.labels

    def find(self, records: Collection[RecordId]) -> Mapping[RecordId, tuple[Item, ...]]:
        """Nothing: the trash is out of reach."""
        return {}

    def find_keys(self, keys: Collection[Key]) -> Mapping[Key, Item]:
        """As the port says: what the feed brought, and the label's contacts that it does not know yet."""
        labels = self._find_labels() if keys else Labels()
        members = list_members(self._channel, labels.folder) if labels.folder else None
        marks = get_persons(self._channel, set(members or ()) - self._marked.all, MARKS)
        wanted = frozenset(keys)
        items = [read_item(p, labels, self._table, whole=False) for p in marks.values() if p]
        names = {*(i.id for i in items if i.key in wanted), *(self._keys[k] for k in wanted & self._keys.keys())}
        return {i.key: i for i in self._read_whole(sorted(names)) if i.key and i.inside}

    def _read_whole(self, names: Iterable[str]) -> list[Item]:
        persons = get_persons(self._channel, names, list_fields(self._table))
        self._writer.shelf.put(persons.values())
        return [read_item(p, self._writer.labels, self._table) for p in persons.values() if p]

    def create(self, drafts: Sequence[ItemDraft], folder: FolderId) -> Sequence[Outcome]:
        """As the port says."""
        return create_contacts(self._writer, drafts, folder)

    def update(self, edits: Sequence[ItemEdit]) -> Sequence[Outcome]:
        """As the port says."""
        if wants_problem(edits):
            self._ensure_problem_label()
        return update_contacts(self._writer, edits)

    def _ensure_problem_label(self) -> None:
        """C1: looked for each time it is needed, since a person may have deleted it."""
        found = list_labels(self._channel)
        label = next((x for x in found if is_named(x, ERROR_CATEGORY)), None)
        made = label or create_label(self._channel, ERROR_CATEGORY)[0]
        self._writer.labels = replace(self._writer.labels, problem=made.id)

    def move(self, items: Sequence[ItemId], folder: FolderId) -> Sequence[Outcome]:
        """Puts our label on; a contact keeps its id."""
        self._writer.labels = replace(self._writer.labels, folder=folder)
        return add_to_label(self._writer, items, folder)

    def finish(self, items: Sequence[ItemId], folder: FolderId) -> Collection[ItemId]:
        """Nothing is left to finish: a move is one step here."""
        del items, folder
        return ()

    def remove(self, items: Sequence[ItemId]) -> Sequence[Outcome]:
        """To Google's trash, for 30 days."""
        self._writer.shelf.drop(items)
        return delete_contacts(self._channel, self._table, items)

    def close(self) -> None:
        """Closes the connections."""
        self._channel.close()


def open_google(login: GoogleLogin, table: Table, *, region: str = "US", patience: float = PATIENCE) -> GoogleMailbox:
    """A mailbox; sends nothing yet. `patience`: seconds for repeating one request; `region` is of no matter to Google,
    which keeps what is typed. Raises SettingsError.
    """
    return GoogleMailbox(Channel(login, patience), table)


_is_a_mailbox: Callable[[GoogleMailbox], Mailbox] = lambda mailbox: mailbox  # noqa: E731 - proven by the type check

"""The mailbox port on Exchange. Each method is a few requests of the modules beside it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from mailsync.core.changes import FolderMark, Item, MailboxChanges
from mailsync.core.person import Limits
from mailsync.core.refs import FolderId, ItemId, Key, RecordId
from mailsync.errors import AnswerBroken, Unreachable, VendorError
from mailsync.mailbox.exchange.answers import Message, as_error
from mailsync.mailbox.exchange.changes import has_come, read_changes
from mailsync.mailbox.exchange.channel import Channel
from mailsync.mailbox.exchange.items import get_items, make_wanted
from mailsync.mailbox.exchange.login import VENDOR, ExchangeLogin
from mailsync.mailbox.exchange.properties import KEY, RECORD
from mailsync.mailbox.exchange.provision import prepare_folder, sign_folder
from mailsync.mailbox.exchange.search import VALUES_AT_ONCE, Unsearchable, find_readings, write_any, write_equals
from mailsync.mailbox.exchange.transport import Transport
from mailsync.mailbox.exchange.tree import Tree, find_tree, get_roots, is_named
from mailsync.mailbox.exchange.writing import Writer, create_items, move_items, remove_items, update_items
from mailsync.mapping.interpreter import mailbox_limits
from mailsync.mapping.table import Table
from mailsync.ports.mailbox import Capabilities, ItemDraft, ItemEdit, Mailbox, Prepared
from mailsync.ports.outcomes import Outcome

PATIENCE = 60.0
"""Seconds that repeating one request may take in all."""

CAPABILITIES = Capabilities()


class ExchangeMailbox:
    """One person's mailbox on Exchange (ports.mailbox.Mailbox). For one session at a time."""

    def __init__(self, channel: Channel, table: Table) -> None:
        self._channel = channel
        self._table = table
        self._wanted = make_wanted(table)
        self._writer = Writer(channel, table)
        self._inside: frozenset[str] = frozenset()
        self._left_at: tuple[FolderId, str] | None = None  # the folder of the latest changes, and their cursor

    @property
    def capabilities(self) -> Capabilities:
        """Exchange can do all that the port knows."""
        return CAPABILITIES

    @property
    def requests(self) -> int:
        """HTTP requests that were answered, log-in challenges left out."""
        return self._channel.requests

    @property
    def now(self) -> datetime:
        """The time of Exchange's latest answer; 1970 before the first."""
        return self._channel.now

    def limits(self) -> Limits:
        """What the fields accept, by the table: Exchange does not describe them."""
        return mailbox_limits(self._table)

    def check(self) -> Sequence[str]:
        """Reads the default folders and the list of folders; each problem in words with its remedy."""
        try:
            roots, _ = get_roots(self._channel)
            find_tree(self._channel, roots)
        except VendorError as error:
            return (f"{error}: {error.remedy}" if error.remedy else str(error),)
        return ()

    def prepare(self, known: FolderId | None, *, create: bool = True) -> Prepared | None:
        """As the port says; 2 requests where the folder is in place, and 1 or 2 for the categories."""
        prepared, inside = prepare_folder(self._channel, known, create=create)
        self._inside |= inside
        return prepared

    def sign(self, folder: FolderId, mark: FolderMark) -> None:
        """As the port says."""
        sign_folder(self._channel, folder, mark)

    def changes(self, folder: FolderId, cursor: str | None) -> MailboxChanges:
        """As the port says; 3 requests when idle."""
        changes, inside = read_changes(self._channel, self._wanted, folder, cursor)
        self._inside, self._left_at = inside, (folder, changes.cursor)
        return changes

    def read(self, items: Collection[ItemId]) -> Mapping[ItemId, Item | None]:
        """As the port says. An item that Exchange neither shows nor denies is absent; raises its reason if that is
        so of all of them. Raises Unreachable where one is gone and a folder came below ours since the latest changes:
        it may lie there, under another id, and the next session is told.
        """
        if not items:
            return {}
        got = get_items(self._channel, list(items), self._wanted, self._inside or self._find_inside())
        refused = [m for m in got.values() if isinstance(m, Message)]
        if len(refused) == len(got):
            raise as_error(refused[0])
        if None in got.values() and self._left_at and has_come(self._channel, *self._left_at):
            raise Unreachable(VENDOR, "a folder was made below ours while the mailbox was read", code="FOLDERS")
        return {i: found for i, found in got.items() if not isinstance(found, Message)}

    def _find_inside(self) -> frozenset[str]:
        """Before the first `changes`: the folders by our name, with what is below them."""
        tree = self._find_tree()
        homes = [f.id for f in tree.folders.values() if is_named(f) and tree.is_live(f.id)]
        return frozenset(i for home in homes for i in tree.list_inside(home))

    def _find_tree(self) -> Tree:
        roots, _ = get_roots(self._channel)
        return find_tree(self._channel, roots)

    def find(self, records: Collection[RecordId]) -> Mapping[RecordId, tuple[Item, ...]]:
        """As the port says; those changed last come first. Ids are compared by case, unlike Exchange's search."""
        if not records:
            return {}
        tree = self._find_tree()
        thrown = [f for f in tree.folders if tree.is_below(f, tree.bin)]
        found: dict[RecordId, tuple[Item, ...]] = {}
        listed = frozenset(records)
        for item in self._search(thrown, RECORD, records):
            if item.record is not None and item.record in listed:
                found[item.record] = (*found.get(item.record, ()), item)
        return found

    def find_keys(self, keys: Collection[Key]) -> Mapping[Key, Item]:
        """As the port says. Before the first `changes` all of the person's contact folders are looked through: the
        folder may have been renamed or moved meanwhile (A4).
        """
        if not keys:
            return {}
        folders = list(self._inside) or list(self._find_tree().list_others(()))
        listed = frozenset(keys)
        return {i.key: i for i in self._search(folders, KEY, keys) if i.key is not None and i.key in listed}

    def _search(self, folders: Sequence[str], name: str, values: Collection[str]) -> list[Item]:
        """Items in these folders by the values of an own property, read whole where the search cut them."""
        found: dict[ItemId, Item] = {}
        wanted, inside = self._wanted, self._inside
        listed = sorted(set(values))
        for start in range(0, len(listed), VALUES_AT_ONCE):
            restriction = write_any([write_equals(name, v) for v in listed[start : start + VALUES_AT_ONCE]])
            try:
                readings = find_readings(self._channel, folders, restriction, wanted, inside)
            except Unsearchable as error:
                raise AnswerBroken(VENDOR, "Exchange can't search for our own property", code=str(error)) from None
            found |= {i: r.item for i, r in readings.items()}
            needy = [i for i, r in readings.items() if r.cut or wanted.body]
            whole = get_items(self._channel, needy, wanted, inside) if needy else {}
            found |= {i: item for i, item in whole.items() if isinstance(item, Item)}
        return list(found.values())

    def create(self, drafts: Sequence[ItemDraft], folder: FolderId) -> Sequence[Outcome]:
        """As the port says."""
        return create_items(self._writer, drafts, folder)

    def update(self, edits: Sequence[ItemEdit]) -> Sequence[Outcome]:
        """As the port says."""
        return update_items(self._writer, edits)

    def move(self, items: Sequence[ItemId], folder: FolderId) -> Sequence[Outcome]:
        """As the port says."""
        return move_items(self._writer, items, folder)

    def finish(self, items: Sequence[ItemId], folder: FolderId) -> Collection[ItemId]:
        """Nothing is left to finish: a move is one step here."""
        del items, folder
        return ()

    def remove(self, items: Sequence[ItemId]) -> Sequence[Outcome]:
        """As the port says."""
        return remove_items(self._writer, items)

    def close(self) -> None:
        """Closes the connection."""
        self._channel.close()


def open_exchange(
    login: ExchangeLogin, table: Table, *, region: str = "US", patience: float = PATIENCE
) -> ExchangeMailbox:
    """A mailbox; sends nothing yet. `patience`: seconds for repeating one request; `region` is of no matter to
    Exchange, which keeps what is typed. Raises SettingsError.
    """
    acting_for = login.address if login.impersonate else ""
    return ExchangeMailbox(Channel(Transport(login), login.address, patience, acting_for), table)


_is_a_mailbox: Callable[[ExchangeMailbox], Mailbox] = lambda mailbox: mailbox  # noqa: E731 - proven by the type check

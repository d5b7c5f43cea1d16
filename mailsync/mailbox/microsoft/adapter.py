"""The mailbox port on Microsoft Graph. Each method is a few requests of the modules beside it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from mailsync.core.changes import FolderMark, Item, MailboxChanges
from mailsync.core.person import Limits
from mailsync.core.refs import FolderId, ItemId, Key, RecordId
from mailsync.errors import VendorError
from mailsync.mailbox.microsoft.answers import Answer, as_error
from mailsync.mailbox.microsoft.changes import read_changes
from mailsync.mailbox.microsoft.channel import Channel
from mailsync.mailbox.microsoft.items import Reading, get_items, get_left, make_wanted
from mailsync.mailbox.microsoft.login import MicrosoftLogin
from mailsync.mailbox.microsoft.moving import finish_moves, move_items
from mailsync.mailbox.microsoft.properties import KEY, RECORD
from mailsync.mailbox.microsoft.provision import prepare_folder, read_tree, sign_folder
from mailsync.mailbox.microsoft.search import find_values
from mailsync.mailbox.microsoft.transport import Transport
from mailsync.mailbox.microsoft.tree import BIN, Tree, ask_folder, is_named, learn, read_folder
from mailsync.mailbox.microsoft.writing import Writer, create_items, remove_items, update_items
from mailsync.mapping.interpreter import mailbox_limits
from mailsync.mapping.table import Table
from mailsync.ports.mailbox import Ability, Capabilities, ItemDraft, ItemEdit, Mailbox, Prepared
from mailsync.ports.outcomes import Outcome

PATIENCE = 60.0
"""Seconds that repeating one request may take in all."""

CAPABILITIES = Capabilities(
    new_id_on_move=Ability("Graph's immutable ids survive a person's move within the mailbox"),
    folder_trash=Ability(
        "whether Graph moves a folder back is not settled: it is tried, else the folder is made again"
    ),
    lists=Ability("Graph counts distribution lists but never shows them (docs issue 4041)"),
    whole_moves=Ability(
        "Graph has no move for contacts; where parentFolderId is ignored, a copy takes the first's place"
    ),
    server_total=Ability("Graph's count of a folder holds what it never lists"),
)


class MicrosoftMailbox:
    """One person's mailbox on Microsoft 365 (ports.mailbox.Mailbox). For one session at a time."""

    def __init__(self, channel: Channel, table: Table) -> None:
        self._channel = channel
        self._table = table
        self._wanted = make_wanted(table)
        self._writer = Writer(channel, self._wanted)
        self._inside: frozenset[str] = frozenset()
        # By the latest changes: the folder, all folders, and the items that left ours.
        self._home = ""
        self._tree: Tree | None = None
        self._left: frozenset[ItemId] = frozenset()
        self._thrown = ""

    @property
    def capabilities(self) -> Capabilities:
        """What Graph can't do, with its reasons."""
        return CAPABILITIES

    @property
    def requests(self) -> int:
        """HTTP requests that were answered, refused tokens left out; a $batch is one."""
        return self._channel.requests

    @property
    def now(self) -> datetime:
        """The time of Graph's latest answer; 1970 before the first."""
        return self._channel.now

    def limits(self) -> Limits:
        """What the fields accept, by the table: Graph does not describe them."""
        return mailbox_limits(self._table)

    def check(self) -> Sequence[str]:
        """Reads the list of folders; each problem in words with its remedy."""
        try:
            read_tree(self._channel)
        except VendorError as error:
            return (f"{error}: {error.remedy}" if error.remedy else str(error),)
        return ()

    def prepare(self, known: FolderId | None, *, create: bool = True) -> Prepared | None:
        """As the port says; 1 request where the folder is in place, and 1 or 2 for the categories."""
        prepared, inside = prepare_folder(self._channel, known, create=create)
        self._inside |= inside
        return prepared

    def sign(self, folder: FolderId, mark: FolderMark) -> None:
        """As the port says."""
        sign_folder(self._channel, folder, mark)

    def changes(self, folder: FolderId, cursor: str | None) -> MailboxChanges:
        """As the port says; 1 request when idle."""
        told = read_changes(self._channel, self._wanted, folder, cursor)
        self._home, self._tree, self._left = folder, told.tree, frozenset(told.changes.gone)
        self._inside = told.tree.list_inside(folder) if told.tree else frozenset()
        self._writer.remember(told.readings)
        return told.changes

    def read(self, items: Collection[ItemId]) -> Mapping[ItemId, Item | None]:
        """As the port says. An item that Graph neither shows nor denies is absent; raises its reason if that is so of
        all of them.
        """
        if not items:
            return {}
        inside, left = self._inside or self._find_inside(), self._left.intersection(items)
        got = get_left(self._channel, sorted(left), self._wanted, inside) if left else {}
        got |= get_items(self._channel, [i for i in items if i not in left], self._wanted, inside)
        got |= self._read_unknown(got)
        refused = [a for a in got.values() if isinstance(a, Answer)]
        if len(refused) == len(got):
            raise as_error(refused[0])
        self._writer.remember({i: r for i, r in got.items() if isinstance(r, Reading) and r.kept})
        return {i: r.item if isinstance(r, Reading) else None for i, r in got.items() if not isinstance(r, Answer)}

    def _read_unknown(self, got: Mapping[ItemId, Reading | Answer | None]) -> Mapping[ItemId, Reading | Answer | None]:
        """Those of the items again that lie below our folder in one that the feed of folders has not told of yet: such
        a feed may lag behind what a person just made, and an item that was moved there is not gone."""
        places = {i: r.item.folder for i, r in got.items() if isinstance(r, Reading)}
        unknown = {*places.values()} - self._tree.folders.keys() - {""} if self._tree else set[str]()
        if self._tree is None or not unknown:
            return {}
        self._tree = learn(self._channel, self._tree, unknown)
        self._inside = self._tree.list_inside(self._home)
        again = [i for i, place in places.items() if place in unknown & self._inside]
        return get_items(self._channel, again, self._wanted, self._inside) if again else {}

    def _find_inside(self) -> frozenset[str]:
        """Before the first `changes`: the folders by our name, with what is below them."""
        tree, _ = read_tree(self._channel)
        homes = [f.id for f in tree.folders.values() if is_named(f) and tree.is_live(f.id)]
        return frozenset(i for home in homes for i in tree.list_inside(home))

    def find(self, records: Collection[RecordId]) -> Mapping[RecordId, tuple[Item, ...]]:
        """As the port says. Ids are compared by case, unlike Graph's filters; the ones made last come first."""
        if not records:
            return {}
        found = find_values(self._channel, [BIN], RECORD, records, self._wanted, self._inside)
        self._writer.remember(found)
        items = sorted((r.item for r in found.values()), key=lambda i: str(i.created), reverse=True)
        listed = {i.record: tuple(j for j in items if j.record == i.record) for i in items}
        return {r: listed[r] for r in dict.fromkeys(records) if r in listed}

    def find_keys(self, keys: Collection[Key]) -> Mapping[Key, Item]:
        """As the port says. Before the first `changes` all of the person's contact folders are looked through: the
        folder may have been renamed or moved meanwhile (A4).
        """
        if not keys:
            return {}
        folders = sorted(self._inside) or list(read_tree(self._channel)[0].list_others(()))
        found = find_values(self._channel, folders, KEY, keys, self._wanted, self._inside)
        self._writer.remember(found)
        listed = frozenset(keys)
        return {r.item.key: r.item for r in found.values() if r.item.key in listed and r.item.key is not None}

    def create(self, drafts: Sequence[ItemDraft], folder: FolderId) -> Sequence[Outcome]:
        """As the port says."""
        return create_items(self._writer, drafts, folder)

    def update(self, edits: Sequence[ItemEdit]) -> Sequence[Outcome]:
        """As the port says."""
        return update_items(self._writer, edits)

    def move(self, items: Sequence[ItemId], folder: FolderId) -> Sequence[Outcome]:
        """As the port says."""
        return move_items(self._writer, items, folder, self._find_thrown()) if items else ()

    def finish(self, items: Sequence[ItemId], folder: FolderId) -> Collection[ItemId]:
        """As the port says."""
        return finish_moves(self._writer, items, folder, self._find_thrown()) if items else ()

    def remove(self, items: Sequence[ItemId]) -> Sequence[Outcome]:
        """As the port says."""
        return remove_items(self._writer, items, self._find_thrown()) if items else ()

    def _find_thrown(self) -> str:
        """The id of Deleted Items."""
        if not self._thrown:
            self._thrown = read_folder(self._channel.ask_good(ask_folder(self._channel, BIN))).id
        return self._thrown

    def close(self) -> None:
        """Closes the connection."""
        self._channel.close()


def open_microsoft(
    login: MicrosoftLogin, table: Table, *, region: str = "US", patience: float = PATIENCE
) -> MicrosoftMailbox:
    """A mailbox; sends nothing yet. `patience`: seconds for repeating one request; `region` is of no matter to Graph,
    which keeps what is typed. Raises SettingsError.
    """
    return MicrosoftMailbox(Channel(Transport(login), login, patience), table)


_is_a_mailbox: Callable[[MicrosoftMailbox], Mailbox] = lambda mailbox: mailbox  # noqa: E731 - proven by the type check

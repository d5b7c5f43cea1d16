"""The mailbox's folders as far as they matter: which are whose contacts, which lie under Deleted Items."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mailsync.core.changes import FolderMark
from mailsync.core.policy import FOLDER
from mailsync.errors import AnswerBroken
from mailsync.mailbox.exchange.answers import FOLDER_GONE, ITEM_GONE, Message, as_error
from mailsync.mailbox.exchange.channel import Channel, Operation
from mailsync.mailbox.exchange.login import VENDOR
from mailsync.mailbox.exchange.paging import Progress
from mailsync.mailbox.exchange.properties import MARK, write_shape
from mailsync.mailbox.exchange.soap import Element, M, T, children, escape, local, text_of

FOLDER_SHAPE = write_shape(
    ("folder:ParentFolderId", "folder:FolderClass", "folder:DisplayName", "folder:TotalCount", MARK), "Folder"
)
_PAGE = 1000
# Made by Exchange, Outlook and Skype for themselves; their contents are no person's address book.
_FOREIGN = (
    "IPF.Contact.RecipientCache",
    "IPF.Contact.MOC.",
    "IPF.Contact.GalContacts",
    "IPF.Contact.OrganizationalContacts",
    "IPF.Contact.PeopleCentricConversationBuddies",
    "IPF.Contact.Company",
)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder. `ours`: a person's own contact folder, by its class."""

    id: str
    parent: str
    ours: bool
    name: str = ""
    total: int = 0
    mark: FolderMark | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """Folders by id below `root`; `contacts` and `bin` are the default Contacts folder and Deleted Items."""

    root: str
    contacts: str
    bin: str
    folders: Mapping[str, Folder]

    def climb(self, folder: str) -> Iterator[str]:
        """The folder and what is above it, up to the root or the first unknown; ends where parents run in a circle."""
        passed: set[str] = set()
        while folder and folder not in passed:
            passed.add(folder)
            yield folder
            found = self.folders.get(folder)
            folder = found.parent if found and folder != self.root else ""

    def is_below(self, folder: str, ancestor: str) -> bool:
        """Whether a folder is the other one or lies under it."""
        return ancestor in self.climb(folder)

    def is_live(self, folder: str) -> bool:
        """Whether a folder is there and not thrown away."""
        above = list(self.climb(folder))
        return folder in self.folders and self.bin not in above and above[-1] == self.root

    def list_inside(self, home: str) -> frozenset[str]:
        """The folder and its sub-folders."""
        return frozenset(f for f in (home, *self.folders) if self.is_below(f, home))

    def list_others(self, inside: Iterable[str]) -> tuple[str, ...]:
        """A person's other contact folders, the default one first."""
        taken = frozenset(inside)
        found = [f.id for f in self.folders.values() if f.ours and f.id not in taken and self.is_live(f.id)]
        return tuple(sorted(found, key=lambda f: f != self.contacts))

    def prune(self) -> "Tree":
        """The tree without what no contact folder hangs on: most of a mailbox is mail."""
        kept = {above for f in self.folders.values() if f.ours for above in self.climb(f.id)}
        kept |= {self.root, self.contacts, self.bin}
        return replace(self, folders={i: f for i, f in self.folders.items() if i in kept})


def list_namesakes(folders: Iterable[Folder], tree: Tree, home: str) -> tuple[str, ...]:
    """Notes of other folders of our name (A4)."""
    namesakes = [f for f in folders if f.id != home and is_named(f) and tree.is_live(f.id)]
    note = f'there is another contact folder named "{FOLDER}"; the first one is kept in sync (A4)'
    return (note,) if namesakes else ()


def is_named(folder: Folder) -> bool:
    """Whether a contact folder has our name; Exchange compares names without regard to case."""
    return folder.ours and folder.name.casefold() == FOLDER.casefold()


def read_folder(element: Element) -> Folder | None:
    """A folder element of any kind; None for one without an id."""
    found, parent = element.find(f"{T}FolderId"), element.find(f"{T}ParentFolderId")
    if found is None:
        return None
    kind, count = text_of(element, f"{T}FolderClass"), text_of(element, f"{T}TotalCount")
    return Folder(
        id=found.get("Id", ""),
        parent=parent.get("Id", "") if parent is not None else "",
        ours=_is_ours(kind),
        name=text_of(element, f"{T}DisplayName"),
        total=int(count) if count.isdecimal() else 0,
        mark=read_mark(text_of(element, f"{T}ExtendedProperty/{T}Value")),
    )


def _is_ours(kind: str) -> bool:
    folded = f"{kind}.".casefold()
    return folded.startswith("ipf.contact.") and not folded.startswith(tuple(f.casefold() for f in _FOREIGN))


def read_mark(text: str) -> FolderMark | None:
    """The mark in the folder's property; None for anything else."""
    installation, colon, generation = text.rpartition(":")
    if not (installation and colon and generation.isdecimal()):
        return None
    return FolderMark(installation, int(generation))


def write_folder_id(folder: str) -> str:
    """A FolderId element."""
    return f'<t:FolderId Id="{escape(folder)}"/>'


def write_known(channel: Channel, name: str) -> str:
    """A well-known folder of this very mailbox, whoever logs in."""
    mailbox = f"<t:Mailbox><t:EmailAddress>{escape(channel.address)}</t:EmailAddress></t:Mailbox>"
    return f'<t:DistinguishedFolderId Id="{name}">{mailbox}</t:DistinguishedFolderId>'


def get_folders(channel: Channel, ids: Iterable[str]) -> list[Folder | Message]:
    """Folders by their id elements; where there is none, Exchange's message."""
    wanted = list(ids)
    xml = f"<m:GetFolder>{FOLDER_SHAPE}<m:FolderIds>{''.join(wanted)}</m:FolderIds></m:GetFolder>"
    return [_read_got(m) for m in channel.ask(Operation("GetFolder", xml, len(wanted)))]


def get_present(channel: Channel, folders: Iterable[str]) -> list[Folder]:
    """Folders by their ids, without those that are gone. Raises VendorError where Exchange does not show one: that says
    nothing of where it lies, or what it holds.
    """
    present: list[Folder] = []
    for found in get_folders(channel, map(write_folder_id, folders)):
        if isinstance(found, Folder):
            present.append(found)
        elif found.code not in FOLDER_GONE | ITEM_GONE:
            raise as_error(found)
    return present


def _read_got(message: Message) -> Folder | Message:
    found = next(children(message.element, f"{M}Folders"), None) if message.element is not None else None
    folder = read_folder(found) if message.good and found is not None else None
    return folder or message


def get_roots(channel: Channel, *more: str) -> tuple[Tree, list[Folder | Message]]:
    """A tree of nothing but the well-known folders, and further folders by id, in one request. Raises VendorError."""
    known = [write_known(channel, name) for name in ("msgfolderroot", "contacts", "deleteditems")]
    found = get_folders(channel, [*known, *map(write_folder_id, more)])
    roots: list[Folder] = []
    for folder in found[:3]:
        if isinstance(folder, Message):
            raise as_error(folder)
        roots.append(folder)
    root, contacts, thrown = roots
    return Tree(root.id, contacts.id, thrown.id, {f.id: f for f in roots}), found[3:]


def find_tree(channel: Channel, roots: Tree) -> Tree:
    """All folders of the mailbox by FindFolder, 1,000 a request. Raises VendorError."""
    folders = dict(roots.folders)
    offset, last, progress = 0, False, Progress()
    while not last:
        xml = (
            f'<m:FindFolder Traversal="Deep">{FOLDER_SHAPE}<m:IndexedPageFolderView MaxEntriesReturned="{_PAGE}" '
            f'Offset="{offset}" BasePoint="Beginning"/><m:ParentFolderIds>{write_known(channel, "msgfolderroot")}'
            f"</m:ParentFolderIds></m:FindFolder>"
        )
        message = channel.ask_one(Operation("FindFolder", xml))
        found = [f for f in map(read_folder, list_found(message, "Folders")) if f]
        folders |= {f.id: f for f in found}
        last, offset = read_page_end(message, offset, len(found))
        if not last:
            progress.turn(len(folders))
    return replace(roots, folders=folders)


def list_found(message: Message, what: str) -> list[Element]:
    """The elements that FindFolder or FindItem found."""
    root = message.element.find(f"{M}RootFolder") if message.element is not None else None
    return list(children(root, f"{T}{what}")) if root is not None else []


def read_page_end(message: Message, offset: int, count: int) -> tuple[bool, int]:
    """Whether a page was the last, and where the next one begins. Raises AnswerBroken where paging leads nowhere."""
    root = message.element.find(f"{M}RootFolder") if message.element is not None else None
    if root is None:
        raise AnswerBroken(VENDOR, "Exchange found neither something nor nothing", code="INCOMPLETE")
    if root.get("IncludesLastItemInRange", "").lower() in ("true", "1"):
        return True, offset
    if not count:
        raise AnswerBroken(VENDOR, "Exchange's pages don't end", code="PAGING")
    following = root.get("IndexedPagingOffset", "")
    return False, max(int(following), offset + 1) if following.isdecimal() else offset + count


def read_hierarchy(channel: Channel, state: str) -> tuple[list[Folder], list[str], str]:
    """SyncFolderHierarchy: folders that came or changed, those that went, and the new state.

    Raises CursorInvalid for a state that Exchange no longer knows.
    """
    changed: dict[str, Folder] = {}
    gone: list[str] = []
    last, progress = False, Progress()
    while not last:
        known = f"<m:SyncState>{escape(state)}</m:SyncState>" if state else ""
        xml = (
            f"<m:SyncFolderHierarchy>{FOLDER_SHAPE}<m:SyncFolderId>{write_known(channel, 'msgfolderroot')}"
            f"</m:SyncFolderId>{known}</m:SyncFolderHierarchy>"
        )
        element = channel.ask_one(Operation("SyncFolderHierarchy", xml)).element
        assert element is not None
        last = read_sync_end(element, "Folder", state)
        state = text_of(element, f"{M}SyncState")
        for change in children(element, f"{M}Changes"):
            _note(change, changed, gone)
        if not last:
            progress.turn(len(changed) + len(gone))
    return list(changed.values()), gone, state


def _note(change: Element, changed: dict[str, Folder], gone: list[str]) -> None:
    found = change.find(f"{T}FolderId")
    if local(change) == "Delete" and found is not None:
        gone.append(found.get("Id", ""))
        return
    folder = read_folder(change[0]) if len(change) else None
    if folder is not None:
        changed[folder.id] = folder


def read_sync_end(element: Element, what: str, state: str) -> bool:
    """Whether a sync answer is the last one. Raises AnswerBroken where it doesn't say, or would lead in a circle."""
    last = text_of(element, f"{M}IncludesLast{what}InRange").lower()
    following = text_of(element, f"{M}SyncState")
    if last not in ("true", "false", "1", "0") or (last in ("false", "0") and following in ("", state)):
        raise AnswerBroken(VENDOR, "Exchange's changes don't end", code="PAGING")
    return last in ("true", "1")

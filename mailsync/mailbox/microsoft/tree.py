"""The mailbox's contact folders: which lie in which, and which under Deleted Items."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mailsync.core.changes import FolderMark
from mailsync.core.policy import FOLDER
from mailsync.errors import FolderLost
from mailsync.mailbox.microsoft.answers import Answer, Json, as_error, as_text
from mailsync.mailbox.microsoft.channel import Channel, Part, escape_id
from mailsync.mailbox.microsoft.login import VENDOR
from mailsync.mailbox.microsoft.pages import PREFER_PAGE
from mailsync.mailbox.microsoft.properties import MARK, read_extended, write_expand

CONTACTS, BIN = "contacts", "deleteditems"
"""Graph's well-known names; the list of folders holds neither (docs issue 6273)."""

_SELECT = "$select=id,displayName,parentFolderId"


@dataclass(frozen=True, slots=True)
class Folder:
    """A contact folder."""

    id: str
    parent: str
    name: str = ""
    mark: FolderMark | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """Folders by id; `contacts` and `bin` are the default Contacts folder and Deleted Items, both lying in `root`."""

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
        return folder in self.folders and not self.is_below(folder, self.bin)

    def list_inside(self, home: str) -> frozenset[str]:
        """The folder and its sub-folders."""
        return frozenset(f for f in (home, *self.folders) if self.is_below(f, home))

    def list_others(self, inside: Iterable[str]) -> tuple[str, ...]:
        """A person's other contact folders, the default one first."""
        taken = frozenset(inside)
        found = [f for f in self.folders if f not in taken and f != self.bin and self.is_live(f)]
        return tuple(sorted(found, key=lambda f: (f != self.contacts, f)))

    def list_unknown(self) -> set[str]:
        """Parents that no folder of ours is."""
        tops = {list(self.climb(f))[-1] for f in self.folders}
        return tops - self.folders.keys() - {self.root, ""}

    def with_changes(self, values: Iterable[Json]) -> "Tree":
        """The tree after a feed's words. Raises AnswerBroken."""
        folders = dict(self.folders)
        for body in values:
            folder = read_folder(body)
            if "@removed" in body:
                folders.pop(folder.id, None)
            else:
                folders[folder.id] = folder
        return replace(self, folders=folders)


def read_folder(body: Json) -> Folder:
    """A folder. Raises AnswerBroken."""
    return Folder(
        id=as_text(body.get("id")),
        parent=as_text(body.get("parentFolderId")),
        name=as_text(body.get("displayName")),
        mark=read_mark(read_extended(body, (MARK,)).get(MARK, "")),
    )


def read_mark(text: str) -> FolderMark | None:
    """The mark in the folder's property; None for anything else."""
    installation, colon, generation = text.rpartition(":")
    if not (installation and colon and generation.isdecimal()):
        return None
    return FolderMark(installation, int(generation))


def folder_path(channel: Channel, folder: str) -> str:
    """A folder's path."""
    return f"{channel.root}/contactFolders/{escape_id(folder)}"


def ask_folder(channel: Channel, folder: str) -> Part:
    """The request for a folder with its mark."""
    return Part("GET", f"{folder_path(channel, folder)}?{_SELECT}&$expand={write_expand((MARK,))}")


def ask_all(channel: Channel) -> Part:
    """The request for all contact folders, and from then on for what changes of them."""
    return Part("GET", f"{channel.root}/contactFolders/delta?{_SELECT}", prefer=PREFER_PAGE)


def take_folder(answer: Answer) -> Folder | None:
    """The folder that an answer holds, None where Graph says that there is none. Raises VendorError."""
    if answer.good:
        return read_folder(answer.body)
    if answer.absent:
        return None
    raise as_error(answer)


def make_tree(contacts: Answer, thrown: Answer, values: Iterable[Json]) -> Tree:
    """All folders from a first reading. Raises VendorError."""
    top, trash = take_folder(contacts), take_folder(thrown)
    if top is None or trash is None:
        raise FolderLost(VENDOR, "the mailbox has no default Contacts folder", code="ErrorFolderNotFound")
    return Tree(top.parent, top.id, trash.id, {top.id: top, trash.id: trash}).with_changes(values)


def complete(channel: Channel, tree: Tree) -> Tree:
    """Fills in folders that no list holds but that others lie in, to tell what is thrown away. Raises VendorError."""
    while missing := sorted(tree.list_unknown()):
        tree = _fill_in(channel, tree, missing)
    return tree


def learn(channel: Channel, tree: Tree, folders: Iterable[str]) -> Tree:
    """The tree with folders that the feed of folders has not told of yet. Raises VendorError."""
    return complete(channel, _fill_in(channel, tree, sorted(folders)))


def _fill_in(channel: Channel, tree: Tree, missing: Sequence[str]) -> Tree:
    answers = channel.batch([ask_folder(channel, f) for f in missing])
    found = {f: take_folder(a) or Folder(f, "") for f, a in zip(missing, answers, strict=True)}
    return replace(tree, folders={**tree.folders, **{f: replace(found[f], id=f) for f in missing}})


def is_named(folder: Folder) -> bool:
    """Whether a folder has our name; Exchange compares names without regard to case."""
    return folder.name.casefold() == FOLDER.casefold()


def list_namesakes(tree: Tree, home: str) -> tuple[str, ...]:
    """Notes of other folders of our name (A4)."""
    namesakes = [f for f in tree.folders.values() if f.id != home and is_named(f) and tree.is_live(f.id)]
    note = f'there is another contact folder named "{FOLDER}"; the first one is kept in sync (A4)'
    return (note,) if namesakes else ()

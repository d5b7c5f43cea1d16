"""The folder: found by id, then by name; moved back from Deleted Items; made; and signed (A1, A3, A4)."""

from dataclasses import replace

from mailsync.core.changes import FolderMark
from mailsync.core.policy import FOLDER
from mailsync.core.refs import FolderId
from mailsync.errors import OutcomeUnknown, VendorError
from mailsync.mailbox.microsoft.answers import as_error
from mailsync.mailbox.microsoft.categories import ensure_categories
from mailsync.mailbox.microsoft.channel import Channel, Effect, Part
from mailsync.mailbox.microsoft.login import VENDOR
from mailsync.mailbox.microsoft.pages import read_pages
from mailsync.mailbox.microsoft.properties import EXTENDED, MARK, name_id
from mailsync.mailbox.microsoft.tree import (
    BIN,
    CONTACTS,
    Folder,
    Tree,
    ask_all,
    ask_folder,
    complete,
    folder_path,
    is_named,
    list_namesakes,
    make_tree,
    read_folder,
    take_folder,
)
from mailsync.ports.mailbox import Prepared

EXISTS = "ErrorFolderExists"


def read_tree(channel: Channel, known: str | None = None) -> tuple[Tree, Folder | None]:
    """All contact folders, and the one of an id, wherever it is; one request for a mailbox of few folders."""
    single = {CONTACTS: ask_folder(channel, CONTACTS), BIN: ask_folder(channel, BIN)}
    if known:
        single[known] = ask_folder(channel, known)
    pages, told = read_pages(channel, {"folders": ask_all(channel)}, single)
    tree = make_tree(told[CONTACTS], told[BIN], pages["folders"].check().values)
    stored = take_folder(told[known]) if known else None
    if stored is not None:
        tree = replace(tree, folders={**tree.folders, stored.id: stored})
    return complete(channel, tree), stored


def prepare_folder(channel: Channel, known: FolderId | None, *, create: bool) -> tuple[Prepared | None, frozenset[str]]:
    """The folder, ready for use, and the ids of it and its sub-folders. With `create` False nothing is written: None
    where there is none that is in place. Raises VendorError and its kinds.
    """
    tree, stored = read_tree(channel, known)
    prepared = _find(channel, tree, stored, create=create) or (_create(channel, tree) if create else None)
    if prepared is not None and create:
        ensure_categories(channel)
    return prepared, tree.list_inside(prepared.folder) if prepared else frozenset()


def _find(channel: Channel, tree: Tree, stored: Folder | None, *, create: bool) -> Prepared | None:
    """The folder by its stored id, wherever it was moved (A4), else by name."""
    if stored is not None:
        notes = list_namesakes(tree, stored.id)
        if tree.is_live(stored.id):
            return _prepared(stored, notes=notes)
        if create and _move_back(channel, tree, stored):
            return _prepared(stored, restored=True, notes=notes)
    named = sorted(
        (f for f in tree.folders.values() if is_named(f) and tree.is_live(f.id)),
        key=lambda f: (f.parent != tree.contacts, f.id),
    )
    if not named:
        return None
    # The list of folders holds no extended properties: the mark is read of the folder itself.
    found = take_folder(channel.ask(ask_folder(channel, named[0].id)))
    return _prepared(found or named[0], adopted=True, notes=list_namesakes(tree, named[0].id))


def _prepared(
    folder: Folder, *, created: bool = False, adopted: bool = False, restored: bool = False, notes: tuple[str, ...] = ()
) -> Prepared:
    return Prepared(FolderId(folder.id), folder.mark, created, adopted, restored, notes)


def _move_back(channel: Channel, tree: Tree, folder: Folder) -> bool:
    """Whether the folder is back under Contacts: `parentFolderId` is documented to be updatable (GRD
    api/contactfolder-update), and was seen not to be; where it lies then is what counts.
    """
    body = {"parentFolderId": tree.contacts}
    answer = channel.ask(Part("PATCH", folder_path(channel, folder.id), body), Effect.WRITE)
    return answer.good and read_folder(answer.body).parent == tree.contacts


def _create(channel: Channel, tree: Tree) -> Prepared:
    """A new folder under the default Contacts folder. Names are unique there, so a create whose answer is lost, or
    that somebody else was quicker with, is looked up by name.
    """
    part = Part("POST", f"{channel.root}/contactFolders", {"displayName": FOLDER})
    try:
        answer = channel.ask(part, Effect.WRITE)
    except OutcomeUnknown:
        return _look_up(channel, created=True)
    if answer.status == 409 or answer.code == EXISTS:
        return _look_up(channel, created=False)
    if not answer.good:
        raise as_error(answer)
    return _prepared(read_folder(answer.body), created=True)


def _look_up(channel: Channel, *, created: bool) -> Prepared:
    tree, _ = read_tree(channel)
    named = [f for f in tree.folders.values() if is_named(f) and f.parent == tree.contacts]
    if not named:
        text = f'the folder "{FOLDER}" can\'t be made under Contacts'
        remedy = f'rename or delete whatever is named "{FOLDER}" there, then sync again'
        raise VendorError(VENDOR, text, code=EXISTS, remedy=remedy)
    found = take_folder(channel.ask(ask_folder(channel, named[0].id)))
    return _prepared(found or named[0], created=created, adopted=not created)


def sign_folder(channel: Channel, folder: FolderId, mark: FolderMark) -> None:
    """Writes whose folder it is (A1). Raises FolderLost, VendorError."""
    value = {"id": name_id(MARK), "value": f"{mark.installation}:{mark.generation}"}
    channel.ask_good(Part("PATCH", folder_path(channel, folder), {EXTENDED: [value]}), Effect.WRITE)

"""The folder: found by id, then by name; moved back from Deleted Items; made; and signed (A1, A3, A4)."""

from dataclasses import replace

from mailsync.core.changes import FolderMark
from mailsync.core.policy import FOLDER
from mailsync.core.refs import FolderId
from mailsync.errors import OutcomeUnknown, VendorError
from mailsync.mailbox.exchange.answers import FOLDER_GONE, ITEM_GONE, Message, as_error
from mailsync.mailbox.exchange.categories import try_categories
from mailsync.mailbox.exchange.channel import Channel, Effect, Operation
from mailsync.mailbox.exchange.properties import MARK, write_path
from mailsync.mailbox.exchange.soap import M, T, escape
from mailsync.mailbox.exchange.tree import (
    Folder,
    Tree,
    find_tree,
    get_roots,
    is_named,
    list_namesakes,
    write_folder_id,
)
from mailsync.ports.mailbox import Prepared

EXISTS = "ErrorFolderExists"


def prepare_folder(channel: Channel, known: FolderId | None, *, create: bool) -> tuple[Prepared | None, frozenset[str]]:
    """The folder, ready for use, and the ids of it and its sub-folders. With `create` False nothing is written: None
    where there is none that is in place. Raises VendorError and its kinds.
    """
    roots, found = get_roots(channel, *([known] if known else []))
    stored = _take(found[0]) if found else None
    tree = find_tree(channel, roots)
    prepared = _find(channel, tree, stored, create=create) or (_create(channel, tree) if create else None)
    if prepared is not None and create:
        try_categories(channel)
    return prepared, tree.list_inside(prepared.folder) if prepared else frozenset()


def _take(found: Folder | Message) -> Folder | None:
    if isinstance(found, Folder):
        return found
    # An id of another mailbox, or of before a restore, is none of this mailbox.
    if found.code in FOLDER_GONE | ITEM_GONE or found.code.startswith("ErrorInvalidId"):
        return None
    raise as_error(found)


def _find(channel: Channel, tree: Tree, stored: Folder | None, *, create: bool) -> Prepared | None:
    """The folder by its stored id, wherever it was moved (A4), else by name."""
    if stored is not None:
        tree = replace(tree, folders={**tree.folders, stored.id: stored})
        notes = list_namesakes(tree.folders.values(), tree, stored.id)
        if tree.is_live(stored.id):
            return _prepared(stored, notes=notes)
        if create and tree.is_below(stored.id, tree.bin) and _move_back(channel, stored):
            return _prepared(stored, restored=True, notes=notes)
    named = sorted(
        (f for f in tree.folders.values() if is_named(f) and tree.is_live(f.id)),
        key=lambda f: (f.parent != tree.contacts, f.id),
    )
    if not named:
        return None
    return _prepared(named[0], adopted=True, notes=list_namesakes(named[1:], tree, named[0].id))


def _prepared(
    folder: Folder, *, created: bool = False, adopted: bool = False, restored: bool = False, notes: tuple[str, ...] = ()
) -> Prepared:
    return Prepared(FolderId(folder.id), folder.mark, created, adopted, restored, notes)


def _move_back(channel: Channel, folder: Folder) -> bool:
    """Whether the folder is back under Contacts; not where another one of its name has taken the place."""
    contacts = f'<t:DistinguishedFolderId Id="contacts"><t:Mailbox><t:EmailAddress>{escape(channel.address)}'
    xml = (
        f"<m:MoveFolder><m:ToFolderId>{contacts}</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId></m:ToFolderId>"
        f"<m:FolderIds>{write_folder_id(folder.id)}</m:FolderIds></m:MoveFolder>"
    )
    (message,) = channel.ask(Operation("MoveFolder", xml, effect=Effect.CHANGE))
    if message.good or message.code in {EXISTS, *FOLDER_GONE, *ITEM_GONE}:
        return message.good
    raise as_error(message)


def _create(channel: Channel, tree: Tree) -> Prepared:
    """A new folder under the default Contacts folder. Names are unique there, so a create whose answer is lost, or
    that somebody else was quicker with, is looked up by name.
    """
    xml = (
        f"<m:CreateFolder><m:ParentFolderId>{write_folder_id(tree.contacts)}</m:ParentFolderId><m:Folders>"
        f"<t:ContactsFolder><t:FolderClass>IPF.Contact</t:FolderClass><t:DisplayName>{escape(FOLDER)}</t:DisplayName>"
        f"</t:ContactsFolder></m:Folders></m:CreateFolder>"
    )
    try:
        (message,) = channel.ask(Operation("CreateFolder", xml, effect=Effect.CREATE))
    except OutcomeUnknown:
        return _look_up(channel, tree, created=True)
    if message.code == EXISTS:
        return _look_up(channel, tree, created=False)
    made = message.element.find(f"{M}Folders//{T}FolderId") if message.good and message.element is not None else None
    if made is None:
        raise as_error(message)
    return Prepared(FolderId(made.get("Id", "")), None, created=True, adopted=False, restored=False)


def _look_up(channel: Channel, tree: Tree, *, created: bool) -> Prepared:
    named = [f for f in find_tree(channel, tree).folders.values() if is_named(f) and f.parent == tree.contacts]
    if not named:
        text = f'the folder "{FOLDER}" can\'t be made under Contacts'
        remedy = f'rename or delete whatever is named "{FOLDER}" there, then sync again'
        raise VendorError("exchange", text, code=EXISTS, remedy=remedy)
    return _prepared(named[0], created=created, adopted=not created)


def sign_folder(channel: Channel, folder: FolderId, mark: FolderMark) -> None:
    """Writes whose folder it is (A1). Raises FolderLost, VendorError."""
    path, value = write_path(MARK), escape(f"{mark.installation}:{mark.generation}")
    xml = (
        f"<m:UpdateFolder><m:FolderChanges><t:FolderChange>{write_folder_id(folder)}<t:Updates><t:SetFolderField>"
        f"{path}<t:ContactsFolder><t:ExtendedProperty>{path}<t:Value>{value}</t:Value></t:ExtendedProperty>"
        f"</t:ContactsFolder></t:SetFolderField></t:Updates></t:FolderChange></m:FolderChanges></m:UpdateFolder>"
    )
    channel.ask_one(Operation("UpdateFolder", xml, effect=Effect.CHANGE))

"""A new mailbox: its default folders with their well-known names, classes and places, and its category list."""

from typing import Final
from uuid import UUID, uuid4

from mailsync.sandbox.exchange.ids import make_change_key
from mailsync.sandbox.exchange.records import Configuration, Mailbox
from mailsync.sandbox.exchange.store import add_folder, take_number

# Well-known name, parent's well-known name, display name, class. Search folders and folders of services that only
# Exchange Online has are left out: asked for, they are not found.
DEFAULT_FOLDERS: Final = (
    ("root", "", "Root", ""),
    ("msgfolderroot", "root", "Top of Information Store", ""),
    ("calendar", "msgfolderroot", "Calendar", "IPF.Appointment"),
    ("contacts", "msgfolderroot", "Contacts", "IPF.Contact"),
    ("recipientcache", "contacts", "Recipient Cache", "IPF.Contact.RecipientCache"),
    ("quickcontacts", "contacts", "{A9E2BC46-B3A0-4243-B315-60D991004455}", "IPF.Contact.MOC.QuickContacts"),
    ("imcontactlist", "contacts", "{06967759-274D-40B2-A3EB-D7F9E73727D7}", "IPF.Contact.MOC.ImContactList"),
    ("deleteditems", "msgfolderroot", "Deleted Items", "IPF.Note"),
    ("drafts", "msgfolderroot", "Drafts", "IPF.Note"),
    ("inbox", "msgfolderroot", "Inbox", "IPF.Note"),
    ("journal", "msgfolderroot", "Journal", "IPF.Journal"),
    ("junkemail", "msgfolderroot", "Junk Email", "IPF.Note"),
    ("notes", "msgfolderroot", "Notes", "IPF.StickyNote"),
    ("outbox", "msgfolderroot", "Outbox", "IPF.Note"),
    ("sentitems", "msgfolderroot", "Sent Items", "IPF.Note"),
    ("tasks", "msgfolderroot", "Tasks", "IPF.Task"),
    ("conversationhistory", "msgfolderroot", "Conversation History", "IPF.Note"),
    ("syncissues", "msgfolderroot", "Sync Issues", "IPF.Note"),
    ("conflicts", "syncissues", "Conflicts", "IPF.Note"),
    ("localfailures", "syncissues", "Local Failures", "IPF.Note"),
    ("serverfailures", "syncissues", "Server Failures", "IPF.Note"),
    ("searchfolders", "root", "Finder", ""),
    ("recoverableitemsroot", "root", "Recoverable Items", ""),
    ("recoverableitemsdeletions", "recoverableitemsroot", "Deletions", ""),
    ("recoverableitemsversions", "recoverableitemsroot", "Versions", ""),
    ("recoverableitemspurges", "recoverableitemsroot", "Purges", ""),
)
SLASH: Final = "\u2215"
CATEGORY_LIST: Final = "CategoryList"


def create_mailbox(user: str, address: str, guid: UUID | None = None) -> Mailbox:
    """A mailbox with nothing but the default folders."""
    box = Mailbox(user, address, guid or uuid4())
    for name, parent, display_name, folder_class in DEFAULT_FOLDERS:
        add_folder(box, box.distinguished.get(parent, ""), display_name, folder_class, name)
    number = take_number(box)
    box.configurations[get_configuration_name(box, CATEGORY_LIST)] = Configuration(
        number,
        make_change_key(box.guid, number),
        xml=write_category_list(box),
        dictionary=((("String", "OLPrefsVersion"), ("Integer32", "1")),),
    )
    return box


def get_configuration_name(box: Mailbox, name: str, folder_id: str = "") -> str:
    """Under what a user configuration is kept: its folder (default: the calendar) and its name.

    A folder id may hold a slash, so the name's own ones are written otherwise.
    """
    return f"{folder_id or box.distinguished['calendar']}/{name.replace('/', SLASH)}"


def write_category_list(box: Mailbox) -> bytes:
    """Outlook's own six colour categories (MS-OXOCFG 2.2.5.2.2; `color` counts from 0, red)."""
    colours = ("Red", "Orange", "Yellow", "Green", "Blue", "Purple")
    numbers = (0, 1, 3, 4, 7, 8)
    categories = "".join(
        f'<category name="{name} Category" color="{number}" keyboardShortcut="0" usageCount="0" '
        f'lastTimeUsedNotes="1601-01-01T00:00:00.000" lastTimeUsed="1601-01-01T00:00:00.000" '
        f'lastSessionUsed="0" guid="{{{UUID(int=box.guid.int ^ number)}}}" renameOnFirstUse="1"/>'
        for name, number in zip(colours, numbers, strict=True)
    )
    return (
        f'<?xml version="1.0"?><categories default="Red Category" lastSavedSession="1" '
        f'lastSavedTime="2026-01-01T00:00:00.000" xmlns="CategoryList.xsd">{categories}</categories>'
    ).encode()

"""Writing folders, in the order of the schema."""

from collections.abc import Callable
from typing import Final

from mailsync.sandbox.exchange.properties import Value
from mailsync.sandbox.exchange.records import Folder, Mailbox
from mailsync.sandbox.exchange.rendering import RIGHTS
from mailsync.sandbox.exchange.shapes import Shape
from mailsync.sandbox.exchange.soap import escape
from mailsync.sandbox.exchange.store import list_children
from mailsync.sandbox.exchange.values import write_time

ORDER: Final = (
    "FolderId",
    "ParentFolderId",
    "FolderClass",
    "DisplayName",
    "TotalCount",
    "ChildFolderCount",
    "ExtendedProperty",
    "EffectiveRights",
    "DistinguishedFolderId",
    "UnreadCount",
)
DEFAULT: Final = frozenset({"FolderId", "DisplayName", "TotalCount", "ChildFolderCount", "UnreadCount"})
KINDS: Final = (("IPF.Contact", "ContactsFolder"), ("IPF.Appointment", "CalendarFolder"), ("IPF.Task", "TasksFolder"))
WITH_UNREAD: Final = ("Folder", "TasksFolder")  # only these have UnreadCount in types.xsd
# PidTagDisplayName and PidTagContainerClass, the extended names of what every folder has.
NAME_TAG: Final = "0x3001/String"
CLASS_TAG: Final = "0x3613/String"
COUNT_TAG: Final = "0x3602/Integer"
DERIVED: Final[dict[str, Callable[[Folder], str | None]]] = {
    NAME_TAG: lambda folder: folder.name,
    CLASS_TAG: lambda folder: folder.folder_class,
    COUNT_TAG: lambda folder: str(len(folder.items)),
    "0x3603/Integer": lambda _: "0",  # PidTagContentUnreadCount: contacts have no read flag
    # PidTagLocalCommitTimeMax and PidTagDeletedCountTotal, by which clients see that something inside changed.
    "0x670a/SystemTime": lambda folder: _write_committed(folder),
    "0x670b/Integer": lambda folder: str(sum(1 for trace in folder.traces.values() if trace.deleted)),
    "0x0fff/Binary": lambda folder: folder.id,
}


def get_kind(folder: Folder) -> str:
    """The element that a folder of that class is written as."""
    return next((kind for prefix, kind in KINDS if folder.folder_class.startswith(prefix)), "Folder")


def list_folder_elements(shape: Shape) -> list[str]:
    """The elements a shape asks for, in order."""
    wanted = {"FolderId"}
    if shape.base == "Default":
        wanted |= DEFAULT
    elif shape.base == "AllProperties":
        wanted.update(ORDER)
    wanted.update(path.element for path in shape.paths if not path.key)
    if shape.extended:
        wanted.add("ExtendedProperty")
    return [name for name in ORDER if name in wanted]


def write_folder_id(folder: Folder) -> str:
    """A folder element with nothing but the id."""
    kind = get_kind(folder)
    return f'<t:{kind}><t:FolderId Id="{folder.id}" ChangeKey="{folder.change_key}"/></t:{kind}>'


def write_folder(box: Mailbox, folder: Folder, shape: Shape, elements: list[str]) -> str:
    """A folder element with the elements that `list_folder_elements` found for the shape."""
    kind = get_kind(folder)
    parent = box.folders.get(folder.parent_id)
    writers: dict[str, Callable[[], str]] = {
        "FolderId": lambda: f'<t:FolderId Id="{folder.id}" ChangeKey="{folder.change_key}"/>',
        "ParentFolderId": lambda: (
            f'<t:ParentFolderId Id="{parent.id}" ChangeKey="{parent.change_key}"/>' if parent else ""
        ),
        "FolderClass": lambda: (
            f"<t:FolderClass>{escape(folder.folder_class)}</t:FolderClass>" * bool(folder.folder_class)
        ),
        "DisplayName": lambda: f"<t:DisplayName>{escape(folder.name)}</t:DisplayName>",
        "TotalCount": lambda: f"<t:TotalCount>{len(folder.items)}</t:TotalCount>",
        "ChildFolderCount": lambda: f"<t:ChildFolderCount>{len(list_children(box, folder.id))}</t:ChildFolderCount>",
        "ExtendedProperty": lambda: "".join(_write_extended(folder, path.key, path.xml) for path in shape.extended),
        "EffectiveRights": lambda: RIGHTS,
        "DistinguishedFolderId": lambda: (
            f"<t:DistinguishedFolderId>{folder.distinguished}</t:DistinguishedFolderId>" * bool(folder.distinguished)
        ),
        "UnreadCount": lambda: "<t:UnreadCount>0</t:UnreadCount>" if kind in WITH_UNREAD else "",
    }
    return f"<t:{kind}>{''.join([writers[name]() for name in elements])}</t:{kind}>"


def get_folder_value(folder: Folder, key: str) -> Value | None:
    """A folder's value under a key: what was set, or one of the properties that every folder has."""
    stored = folder.properties.get(key)
    derive = DERIVED.get(key)
    return derive(folder) if stored is None and derive is not None else stored


def _write_committed(folder: Folder) -> str | None:
    """When something inside last changed; after a restart, when an item that is there did."""
    latest = folder.committed or max((item.modified for item in folder.items.values()), default=None)
    return None if latest is None else write_time(latest)


def _write_extended(folder: Folder, key: str, path_xml: str) -> str:
    value = get_folder_value(folder, key)
    if value is None:
        return ""
    if isinstance(value, tuple):
        content = "".join(f"<t:Value>{escape(text)}</t:Value>" for text in value)
        return f"<t:ExtendedProperty>{path_xml}<t:Values>{content}</t:Values></t:ExtendedProperty>"
    return f"<t:ExtendedProperty>{path_xml}<t:Value>{escape(value)}</t:Value></t:ExtendedProperty>"

"""The operations on contact folders. They lie under the default Contacts folder, which is addressed as `contacts`."""

from collections.abc import Mapping
from typing import Any, Final

from mailsync.sandbox.exchange.decoding import Assignments, apply
from mailsync.sandbox.exchange.errors import Failed as EwsFailed
from mailsync.sandbox.exchange.folders import dispose_folder
from mailsync.sandbox.exchange.records import Folder
from mailsync.sandbox.exchange.store import add_folder, list_children, place_folder, touch_folder
from mailsync.sandbox.microsoft.changes import is_contact_folder, tell_folder_changes
from mailsync.sandbox.microsoft.context import Context, answer_json
from mailsync.sandbox.microsoft.decoding import need_text, read_object, refuse_unknown
from mailsync.sandbox.microsoft.errors import Failed
from mailsync.sandbox.microsoft.extended import MULTIPLE, SINGLE, read_extended
from mailsync.sandbox.microsoft.identifiers import find_folder
from mailsync.sandbox.microsoft.listing import list_plain
from mailsync.sandbox.microsoft.queries import read_expand, read_options
from mailsync.sandbox.microsoft.rendering import write_folder
from mailsync.sandbox.vendor import Answer

_OPTIONS: Final = ("$filter", "$top", "$skip", "$count", "$select")
_READ_ONLY: Final = ("id", "wellKnownName")
_EXTENDED: Final = (SINGLE, MULTIPLE)


def list_folders(context: Context) -> Answer:
    """GET contactFolders (those directly under the default one, which is not among them: docs #6273), childFolders."""
    parent = find_folder(context.box, context.parts[0] if context.parts else "contacts")
    place = f"contactFolders/{context.parts[0]}/childFolders" if context.parts else "contactFolders"
    entries = [write_folder(folder) for folder in list_children(context.box, parent.id) if is_contact_folder(folder)]
    return list_plain(context, place, entries, _OPTIONS)


def tell_changes(context: Context) -> Answer:
    """GET contactFolders/delta."""
    return tell_folder_changes(context, find_folder(context.box, "contacts"))


def create_folder(context: Context) -> Answer:
    """POST contactFolders or childFolders: 201; 409 where a sibling has the name."""
    parent = find_folder(context.box, context.parts[0] if context.parts else "contacts")
    name = _read_name(context)
    if not name:
        raise Failed("ErrorFolderSavePropertyError", "The folder save operation failed due to invalid property values.")
    try:
        folder = add_folder(context.box, parent.id, name, "IPF.Contact")
    except EwsFailed as failed:
        raise Failed(failed.code) from None
    apply(folder.properties, _read_extended(read_object(context.request.body)))
    return _show(context, folder, 201)


def get_folder(context: Context) -> Answer:
    """GET of one folder, the hidden default one and Deleted Items among them; extended properties by $expand."""
    return _show(context, _find(context), 200)


def update_folder(context: Context) -> Answer:
    """PATCH displayName and extended properties; parentFolderId as for contacts. The id stays."""
    folder = _find_own(context)
    content = read_object(context.request.body)
    name = _read_name(context) or folder.name
    parent_id = folder.parent_id
    if "parentFolderId" in content and context.settings.parent_folder == "moves":
        parent_id = find_folder(context.box, need_text("parentFolderId", content["parentFolderId"])).id
    if (name, parent_id) != (folder.name, folder.parent_id):
        try:
            place_folder(context.box, folder, parent_id, name)
        except EwsFailed as failed:
            raise Failed(failed.code) from None
    assignments = _read_extended(content)
    if any(folder.properties.get(key) != value for key, value in assignments.items()):
        apply(folder.properties, assignments)
        touch_folder(context.box, folder)
    return _show(context, folder, 200)


def delete_folder(context: Context) -> Answer:
    """DELETE: under Deleted Items, where it keeps its id and its contacts."""
    dispose_folder(context.box, _find_own(context), "MoveToDeletedItems")
    return Answer(204)


def purge_folder(context: Context) -> Answer:
    """permanentDelete: gone with all that lies in it."""
    dispose_folder(context.box, _find_own(context), "HardDelete")
    return Answer(204)


def _find(context: Context) -> Folder:
    folder = find_folder(context.box, context.parts[-1])
    if not folder.folder_class.startswith("IPF.Contact") and folder.distinguished != "deleteditems":
        raise Failed("ErrorItemNotFound")
    return folder


def _find_own(context: Context) -> Folder:
    folder = _find(context)
    if folder.distinguished:
        raise Failed("ErrorAccessDenied")
    return folder


def _read_name(context: Context) -> str:
    content = read_object(context.request.body)
    for name in content:
        if name not in ("displayName", "parentFolderId", *_EXTENDED, *_READ_ONLY) and "@odata." not in name:
            raise refuse_unknown(name, "contactFolder")
    return need_text("displayName", content.get("displayName", "")).strip()


def _read_extended(content: Mapping[str, Any]) -> Assignments:
    """What a request wants of a folder's extended properties (GRD api/singlevaluelegacyextendedproperty-post)."""
    assignments: Assignments = {}
    for name in _EXTENDED:
        if name in content:
            assignments |= read_extended(name, content[name])
    return assignments


def _show(context: Context, folder: Folder, status: int) -> Answer:
    expanded = read_expand(read_options(context.request.query).get("$expand", ""))
    shown = {"@odata.context": context.metadata("contactFolders/$entity"), **write_folder(folder, expanded)}
    return answer_json(shown, status)

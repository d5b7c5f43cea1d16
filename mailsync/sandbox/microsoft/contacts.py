"""The operations on contacts: create, get, change under a condition, delete."""

from collections.abc import Mapping
from typing import Any, Final

from mailsync.sandbox.exchange.decoding import Assignments, apply
from mailsync.sandbox.exchange.items import dispose_item
from mailsync.sandbox.exchange.properties import DISPLAY_NAME, FILE_AS, FILE_AS_ID, FILE_AS_NUMBERS, SUBJECT
from mailsync.sandbox.exchange.records import Folder, Item
from mailsync.sandbox.exchange.store import add_item, is_below, move_item, remember_item, touch_item
from mailsync.sandbox.exchange.values import get_display_name
from mailsync.sandbox.microsoft.changes import tell_contact_changes
from mailsync.sandbox.microsoft.contactfields import NAME_PARTS, SCALARS
from mailsync.sandbox.microsoft.context import Context, answer_json
from mailsync.sandbox.microsoft.decoding import need_text, read_contact, read_object
from mailsync.sandbox.microsoft.errors import Failed
from mailsync.sandbox.microsoft.identifiers import find_contact, find_folder
from mailsync.sandbox.microsoft.listing import list_contacts
from mailsync.sandbox.microsoft.queries import read_query
from mailsync.sandbox.microsoft.rendering import write_contact, write_etag
from mailsync.sandbox.vendor import Answer

_NAME_KEYS: Final = frozenset(SCALARS[name] for name in NAME_PARTS)


def list_in_folder(context: Context) -> Answer:
    """GET contacts of a folder; without one of the default folder, and of it alone."""
    folder, place = find_place(context)
    return list_contacts(context, folder, place)


def tell_changes(context: Context) -> Answer:
    """GET contacts/delta of a folder."""
    folder, place = find_place(context)
    return tell_contact_changes(context, folder, place)


def find_place(context: Context) -> tuple[Folder, str]:
    """The folder that a collection of contacts is of, with the collection's path below the person."""
    if not context.parts:
        return find_folder(context.box, "contacts"), "contacts"
    return find_folder(context.box, context.parts[0]), f"contactFolders/{context.parts[0]}/contacts"


def create_contact(context: Context) -> Answer:
    """POST contacts: 201 with the whole contact."""
    folder, _ = find_place(context)
    content = read_object(context.request.body)
    wanted = read_contact(content)
    if not folder.folder_class.startswith("IPF.Contact"):
        raise Failed("ErrorCannotCreateContactInNonContactFolder", "Cannot create a contact in a non-contact folder.")
    if "given_name_required" in context.settings.quirks and not wanted.get(SCALARS["givenName"]):
        raise Failed("ErrorInvalidProperty", "The property 'GivenName' is required when creating the entity.")
    properties: dict[str, Any] = {}
    mapped = {} if wanted.get(FILE_AS) else {FILE_AS_ID: FILE_AS_NUMBERS["LastCommaFirst"]}
    apply(properties, {**mapped, **wanted})
    item = add_item(context.box, folder, "Contact", properties, context.now)
    return _show(context, item, 201)


def get_contact(context: Context) -> Answer:
    """GET of one contact."""
    return _show(context, _find(context), 200)


def update_contact(context: Context) -> Answer:
    """PATCH: what is named is set, lists as a whole; under If-Match only on the version it names.

    Left out, the display name is made anew when a part of the name changes (GRD api/contact-update). What
    parentFolderId does is a switch of the tenant, as no source settles it (mailbox.md H).
    """
    item = _find(context)
    content = read_object(context.request.body)
    wanted = read_contact(content)
    check_condition(context, item)
    folder = _read_target(context, content)
    changed = _settle_names(item, wanted)
    if any(item.properties.get(key) != value for key, value in changed.items()) or folder is None:
        remember_item(context.box, item)
        apply(item.properties, changed)
        touch_item(context.box, item, context.now)
    if folder is not None and folder.id != item.folder_id:
        item = move_item(context.box, item, folder)
    return _show(context, item, 200)


def delete_contact(context: Context) -> Answer:
    """DELETE: to Deleted Items, and from there to the recoverable items. If-Match is heeded."""
    item = _find(context)
    check_condition(context, item)
    deleted = context.box.folders[context.box.distinguished["deleteditems"]]
    within = is_below(context.box, context.box.folders[item.folder_id], deleted.id)
    dispose_item(context.box, item, "SoftDelete" if within else "MoveToDeletedItems")
    return Answer(204)


def purge_contact(context: Context) -> Answer:
    """permanentDelete: to Purges, where no client sees it."""
    dispose_item(context.box, _find(context), "HardDelete")
    return Answer(204)


def check_condition(context: Context, item: Item) -> None:
    """Raises Failed 412 where If-Match names another version."""
    wanted = context.request.headers.get("if-match", "").strip()
    if not wanted or wanted == "*" or "no_conditions" in context.settings.quirks:
        return
    if write_etag(item) not in [tag.strip() for tag in wanted.split(",")]:
        raise Failed("ErrorIrresolvableConflict")


def _find(context: Context) -> Item:
    item = find_contact(context.box, context.parts[-1])
    if len(context.parts) > 1 and item.folder_id != find_folder(context.box, context.parts[0]).id:
        raise Failed("ErrorItemNotFound")
    return item


def _read_target(context: Context, content: Mapping[str, Any]) -> Folder | None:
    """The folder to move to; None where nothing is to move."""
    if "parentFolderId" not in content or context.settings.parent_folder == "ignored":
        return None
    if context.settings.parent_folder == "refused":
        raise Failed("ErrorInvalidPropertySet", "Set action is invalid for property.")
    return find_folder(context.box, need_text("parentFolderId", content["parentFolderId"]))


def _settle_names(item: Item, wanted: Assignments) -> Assignments:
    if DISPLAY_NAME in wanted:
        return {**wanted, SUBJECT: None}
    if any(key in wanted and item.properties.get(key) != wanted[key] for key in _NAME_KEYS):
        trial = Item("", "", "", item.kind, {**item.properties}, item.created, item.modified)
        apply(trial.properties, {**wanted, DISPLAY_NAME: None})
        return {**wanted, DISPLAY_NAME: get_display_name(trial) or None, SUBJECT: None}
    if FILE_AS in wanted and wanted[FILE_AS] is None:
        return {**wanted, FILE_AS_ID: None}
    return wanted


def _show(context: Context, item: Item, status: int) -> Answer:
    query = read_query(context.request.query)
    shown = {"@odata.context": context.metadata("contacts/$entity")}
    shown |= write_contact(context, item, query.selected, query.expanded)
    headers = {"etag": write_etag(item)}
    if status == 201:
        headers["location"] = context.link(f"contacts('{shown['id']}')")
    return answer_json(shown, status, headers)

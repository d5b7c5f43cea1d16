"""Creates, conditional updates, moves and removals, 100 a request, one outcome each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailsync.core.changes import Item
from mailsync.core.policy import CATEGORY
from mailsync.core.refs import FieldName, FolderId, ItemId, Version
from mailsync.errors import OutcomeUnknown
from mailsync.mailbox.exchange.answers import DENIED, FAILED, ITEM_GONE, STOPPED, Message
from mailsync.mailbox.exchange.channel import Channel, Effect, ask_in_batches
from mailsync.mailbox.exchange.contents import find_id
from mailsync.mailbox.exchange.items import Wanted, get_items, write_id
from mailsync.mailbox.exchange.properties import (
    CATEGORIES,
    DISPLAY_NAME,
    EXCLUDED,
    FILE_AS,
    KEY,
    RECORD,
    WEB_PAGE,
    Unfit,
    write_categories,
    write_path,
    write_values,
)
from mailsync.mailbox.exchange.soap import M, children, clean
from mailsync.mailbox.exchange.tree import write_folder_id
from mailsync.mapping.interpreter import write
from mailsync.mapping.table import Table
from mailsync.ports.mailbox import ItemDraft, ItemEdit
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Stale, Written

STALE = frozenset({"ErrorIrresolvableConflict", "ErrorChangeKeyRequired", "ErrorInvalidChangeKey", "ErrorStaleObject"})


@dataclass(frozen=True, slots=True)
class Writer:
    """What writes need: the line, and the table that names the properties."""

    channel: Channel
    table: Table


def create_items(writer: Writer, drafts: Sequence[ItemDraft], folder: FolderId) -> list[Outcome]:
    """CreateItem with category, properties and names (A22). Raises OutcomeUnknown where creates may have been
    carried out, FolderLost, VendorError where none was.
    """

    def wrap(items: str) -> str:
        return (
            f'<m:CreateItem MessageDisposition="SaveOnly"><m:SavedItemFolderId>{write_folder_id(folder)}'
            f"</m:SavedItemFolderId><m:Items>{items}</m:Items></m:CreateItem>"
        )

    made = [_attempt(writer, lambda d=d: write_draft(writer.table, d)) for d in drafts]
    return _write(writer, made, wrap, "CreateItem", Effect.CREATE)


def write_draft(table: Table, draft: ItemDraft) -> str:
    """A Contact element. Raises Unfit."""
    flat = {
        **write(table, "exchange", draft.values),
        RECORD: draft.record,
        KEY: draft.key,
        FILE_AS: draft.file_as,
        DISPLAY_NAME: draft.display_name,
        WEB_PAGE: draft.web_page,
        CATEGORIES: CATEGORY,
    }
    return f"<t:Contact>{write_values(flat, draft.display_name)}</t:Contact>"


def update_items(writer: Writer, edits: Sequence[ItemEdit]) -> list[Outcome]:
    """UpdateItem of the changed properties alone, each item only at the version seen. Raises as `create_items`."""

    def wrap(changes: str) -> str:
        return (
            '<m:UpdateItem ConflictResolution="NeverOverwrite" MessageDisposition="SaveOnly"><m:ItemChanges>'
            f"{changes}</m:ItemChanges></m:UpdateItem>"
        )

    made = [_attempt_edit(writer, e) for e in edits]
    outcomes = _write(writer, made, wrap, "UpdateItem", Effect.CHANGE)
    known = {e.item: e.version for e in edits}
    present = _look_again(writer, [e.item for e in edits], outcomes)
    if any(isinstance(found, Item) and found.version != known[i] for i, found in present.items()):
        raise OutcomeUnknown("exchange", "Exchange failed while it changed an item, which has changed", code="FAILED")
    return outcomes


def _attempt_edit(writer: Writer, edit: ItemEdit) -> str | Outcome:
    """Without a version there is no condition, and without a condition no update (B15)."""
    if not edit.version:
        return Stale()
    updates = _attempt(writer, lambda: write_updates(writer.table, edit))
    if not isinstance(updates, str):
        return updates
    if not updates:
        return Written(edit.item, edit.version)
    return f"<t:ItemChange>{write_id(edit.item, edit.version)}<t:Updates>{updates}</t:Updates></t:ItemChange>"


def write_updates(table: Table, edit: ItemEdit) -> str:
    """One change for each property: the other labels of a dictionary are nobody's business (B4.1, L7). Blank clears:
    EWS takes no empty value (exchangelib issue 958). Raises Unfit.
    """
    flat = write(table, "exchange", edit.values)
    more = {DISPLAY_NAME: edit.display_name, FILE_AS: edit.file_as, WEB_PAGE: edit.web_page, RECORD: edit.record}
    flat |= {name: text for name, text in more.items() if text is not None}
    if edit.excluded is not None:
        flat[EXCLUDED] = "true" if edit.excluded else ""
    updates = [_write_update(n, text, write_values({n: text}, edit.display_name or "")) for n, text in flat.items()]
    if edit.categories is not None:
        updates.append(_write_update(CATEGORIES, " ".join(edit.categories), write_categories(edit.categories)))
    return "".join(updates)


def _write_update(name: str, text: str, values: str) -> str:
    if not clean(text):
        return f"<t:DeleteItemField>{write_path(name)}</t:DeleteItemField>"
    return f"<t:SetItemField>{write_path(name)}<t:Contact>{values}</t:Contact></t:SetItemField>"


def move_items(writer: Writer, items: Sequence[ItemId], folder: FolderId) -> list[Outcome]:
    """MoveItem; the outcome has the id and version in the new place. Raises as `create_items`."""

    def wrap(ids: str) -> str:
        return (
            f"<m:MoveItem><m:ToFolderId>{write_folder_id(folder)}</m:ToFolderId><m:ItemIds>{ids}</m:ItemIds>"
            f"<m:ReturnNewItemIds>true</m:ReturnNewItemIds></m:MoveItem>"
        )

    return _write(writer, [write_id(i) for i in items], wrap, "MoveItem", Effect.CHANGE)


def remove_items(writer: Writer, items: Sequence[ItemId]) -> list[Outcome]:
    """DeleteItem to Deleted Items, never for good (B4.10). Raises as `create_items`."""

    def wrap(ids: str) -> str:
        return f'<m:DeleteItem DeleteType="MoveToDeletedItems"><m:ItemIds>{ids}</m:ItemIds></m:DeleteItem>'

    outcomes = _write(writer, [write_id(i) for i in items], wrap, "DeleteItem", Effect.CHANGE)
    present = _look_again(writer, items, outcomes)
    gone = {i for i, found in present.items() if found is None}
    return [Written(i) if isinstance(o, Written) or i in gone else o for i, o in zip(items, outcomes, strict=True)]


def _look_again(
    writer: Writer, items: Sequence[ItemId], outcomes: Sequence[Outcome]
) -> dict[ItemId, Item | Message | None]:
    """Those of the items that the server failed at, as they are now: it may have written all the same (A19, B15)."""
    told = zip(items, outcomes, strict=True)
    failed = [i for i, o in told if isinstance(o, Refusal) and o.code in FAILED - STOPPED]
    return get_items(writer.channel, failed, Wanted(writer.table, (), body=False), ()) if failed else {}


def _attempt(writer: Writer, make: Callable[[], str]) -> str | Outcome:
    """What is to be sent, or the refusal of what Exchange has no way to take: it would spoil the whole request."""
    try:
        return make()
    except Unfit as unfit:
        return Refusal("INVALID_VALUE", str(unfit), _find_fields(writer.table, unfit.name))


def _write(
    writer: Writer, made: Sequence[str | Outcome], wrap: Callable[[str], str], name: str, effect: Effect
) -> list[Outcome]:
    sent = [m for m in made if isinstance(m, str)]
    answers = iter(ask_in_batches(writer.channel, sent, wrap, name, effect))
    return [_judge(writer.table, next(answers), name) if isinstance(m, str) else m for m in made]


def _judge(table: Table, message: Message, name: str) -> Outcome:
    if message.good:
        return _read_written(message, name)
    if name == "CreateItem" and message.code in FAILED - STOPPED:
        text = "Exchange failed while it created an item; whether it did is not known"
        raise OutcomeUnknown("exchange", text, code=message.code)
    if message.code in STALE:
        return Stale()
    if message.code in ITEM_GONE:
        return Missing()
    fields = _find_fields(table, message.path)
    about = f"{', '.join(fields)}: " if fields else ""
    text = f"Exchange refused it: {about}{message.text or message.code}"
    return Refusal(message.code, text, fields, transient=message.transient, forbidden=message.code in DENIED)


def _read_written(message: Message, name: str) -> Outcome:
    if name == "DeleteItem":
        return Written("")
    element = next(children(message.element, f"{M}Items"), None) if message.element is not None else None
    found = find_id(element) if element is not None else None
    if found is None or not found[0]:
        raise OutcomeUnknown("exchange", "Exchange wrote an item but does not tell its id", code="NO_ID")
    return Written(found[0], Version(found[1]))


def _find_fields(table: Table, path: str) -> tuple[FieldName, ...]:
    """The mapped fields that a property belongs to."""
    return tuple(row.field.name for row in table.live if path in row.held_by("exchange"))

"""The planner of an undo: deeds + what is there now -> what is taken back, and what stays. Pure."""

from collections.abc import Sequence

from mailsync.core.deeds import Deed, is_account
from mailsync.core.entries import Entry
from mailsync.core.refs import Side
from mailsync.core.undo import Kept, Present, Undo
from mailsync.core.undofields import take_back_item, take_back_record
from mailsync.core.undopairs import (
    take_back_deletion,
    take_back_item_made,
    take_back_move,
    take_back_pairing,
    take_back_record_made,
    take_back_removal,
    take_back_unpairing,
)

HIDDEN = "the mailbox would not show its contact; run the same undo again"


def take_back(deeds: Sequence[Deed], entries: Sequence[Entry], present: Present) -> Undo:
    """The undo of all deeds. What was done and undone already is passed over; `entries` are the session's own."""
    undo = Undo()
    for deed in deeds:
        if present.hides(deed):
            undo.keep(deed, HIDDEN)
        else:
            _take_back(deed, present, undo)
    for entry in entries:
        if is_account(entry):
            undo.kept.append(Kept(None, None, "Account", "an Account that was created stays; others may use it by now"))
    return undo


def _take_back(deed: Deed, present: Present, undo: Undo) -> None:
    """The greatest of what was done decides: what came to be or went takes its fields along."""
    crm, mailbox = _of(deed, Side.CRM), _of(deed, Side.MAILBOX)
    made = crm.get("create") or crm.get("restore")
    brought = deed.came_from_bin or "create" in mailbox
    if "delete" in crm:
        take_back_deletion(deed, present, undo, crm["delete"])
    elif made is not None:
        take_back_record_made(deed, present, undo, made)
    elif brought:
        take_back_record(deed, present, undo)
        take_back_item_made(deed, present, undo)
    elif "pair" in crm:
        _take_back_values(deed, present, undo)
        take_back_pairing(deed, present, undo)
    elif "remove" in mailbox:
        take_back_record(deed, present, undo)
        take_back_removal(deed, present, undo, mailbox["remove"])
    elif "unpair" in crm:
        take_back_unpairing(deed, present, undo)
    elif "move" in mailbox:
        take_back_move(deed, present, undo)
    else:
        _take_back_values(deed, present, undo)


def _of(deed: Deed, side: Side) -> dict[str, Entry]:
    return {kind: entry for (where, kind), entry in deed.entries.items() if where is side}


def _take_back_values(deed: Deed, present: Present, undo: Undo) -> None:
    take_back_record(deed, present, undo)
    take_back_item(deed, present, undo)
    written = deed.crm or deed.mailbox or deed.account or deed.did(Side.CRM, "pair")
    if not written and deed.did(Side.MAILBOX, "categorise"):
        undo.keep(deed, _MARKS)


_MARKS = "the category follows the folder (A8, A9): move the contact out of it to end its sync, into it to begin it"

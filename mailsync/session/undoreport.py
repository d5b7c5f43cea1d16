"""What an undo tells: its plan as JSON values (docs/cli.md), before and after it was carried out."""

from collections.abc import Iterable
from typing import Any

from mailsync.core.entries import APART
from mailsync.core.undo import UNDO, Kept, MoveOut, Restore, Undo
from mailsync.session.report import action_json
from mailsync.session.work import as_text

FROM_BIN = "restored from Salesforce's recycle bin; if it is not there any more, created anew with another id"


def undo_json(undo: Undo) -> dict[str, Any]:
    """The actions in the order in which they are carried out, and what stays."""
    shapes = [action_json(a) for a in (*undo.edits, *undo.actions)]
    return {
        "actions": [
            *(_restore_json(r) for r in undo.restores),
            *(s for s in shapes if s is not None),
            *(_move_json(m) for m in undo.homes),
        ],
        "kept": kept_json(undo.kept),
    }


def kept_json(kept: Iterable[Kept]) -> list[dict[str, Any]]:
    """What is not taken back, and why."""
    return [{"salesforce_id": k.record, "item_id": k.item, "field": k.field, "reason": k.reason} for k in kept]


def _restore_json(wanted: Restore) -> dict[str, Any]:
    fields = {n: as_text(c.before) for n, c in wanted.fields.items() if n not in APART}
    return _shape("salesforce", "restore", wanted.record, wanted.item, fields, FROM_BIN)


def _move_json(home: MoveOut) -> dict[str, Any]:
    reason = "back to the folder that it was brought in from"
    return _shape("mailbox", "move", home.item.record, home.item.id, {}, reason)


def _shape(
    side: str, kind: str, record: str | None, item: str | None, fields: dict[str, str], reason: str
) -> dict[str, Any]:
    return {
        "rule": UNDO.rule,
        "side": side,
        "kind": kind,
        "salesforce_id": record,
        "item_id": item,
        "fields": fields,
        "reason": reason,
    }

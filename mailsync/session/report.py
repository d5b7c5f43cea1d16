"""What a session reports: the shapes of `sync --json` and `plan --json` (contract.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mailsync.core.actions import (
    NEW_ACCOUNT,
    Action,
    CreateItem,
    CreateRecord,
    DeleteRecord,
    EndPair,
    MoveIn,
    PairUp,
    Plan,
    RemoveItem,
    Stamp,
    UpdateItem,
    UpdateRecord,
    ids,
)
from mailsync.core.entries import ACCOUNT, ACCOUNT_ID
from mailsync.core.marks import carries_category
from mailsync.core.merge import Moved
from mailsync.core.notices import Hold, Issue
from mailsync.core.person import Values
from mailsync.core.refs import AccountId, FieldName
from mailsync.errors import MailsyncError
from mailsync.ports.crm import Budget
from mailsync.session.work import Tally, as_text


@dataclass(frozen=True, slots=True)
class Report:
    """One user's session. `status` is done, held, failed or skipped, with the reason in words."""

    user: str
    session: int
    status: str
    reason: str = ""
    tally: Tally = field(default_factory=Tally)
    holds: Sequence[Hold] = ()
    issues: Sequence[Issue] = ()
    requests: tuple[int, int] = (0, 0)
    seconds: float = 0.0
    notes: Sequence[str] = ()
    undone: int | None = None  # the session that this one took back
    trouble: MailsyncError | None = None  # what ended it before its time
    budget: Budget | None = None  # the organisation's, as last seen in it
    late: float | None = None  # seconds after it was due, where a time was stored


def report_json(report: Report) -> dict[str, Any]:
    """One entry of `users` in `sync --json`."""
    t = report.tally
    return {
        "user": report.user,
        "session": report.session,
        "status": report.status,
        "reason": report.reason,
        "salesforce": {"created": t.crm_created, "updated": t.crm_updated, "deleted": t.crm_deleted},
        "mailbox": {
            "created": t.created,
            "updated": t.updated,
            "removed": t.removed,
            "moved": t.moved,
            "categorised": t.categorised,
        },
        "holds": [{"hold": h.name, "rule": h.rule, "count": len(h.members)} for h in report.holds],
        "issues": [issue_json(i) for i in report.issues],
        "requests": {"salesforce": report.requests[0], "mailbox": report.requests[1]},
        "seconds": round(report.seconds, 3),
        "notes": list(report.notes),
        **({} if report.undone is None else {"undone": report.undone}),
    }


def issue_json(issue: Issue) -> dict[str, Any]:
    """An issue as JSON."""
    return {
        "code": issue.code,
        "rule": issue.rule,
        "message": issue.message,
        "field": issue.field,
        "salesforce_id": issue.record,
        "item_id": issue.item,
    }


def hold_json(hold: Hold) -> dict[str, Any]:
    """A hold as JSON, with what approve and reject do."""
    return {
        "hold": hold.name,
        "rule": hold.rule,
        "question": hold.question,
        "approve": hold.on_approve,
        "reject": hold.on_reject,
        "answer": hold.answer,
        "typed": hold.typed,
        "count": len(hold.members),
        "members": [{"salesforce_id": m.record, "item_id": m.item, "note": m.note} for m in hold.members],
    }


def plan_json(plan: Plan) -> dict[str, Any]:
    """`plan --json`: bookkeeping is left out, as in the counts of a session."""
    accounts = _accounts_json(plan)
    return {
        "actions": [*accounts, *(a for x in plan.actions for a in (action_json(x), _mark_json(x)) if a is not None)],
        "holds": [hold_json(h) for h in plan.holds],
        "issues": [issue_json(i) for i in plan.issues],
        "notes": list(plan.notes),
    }


def action_json(action: Action) -> dict[str, Any] | None:
    """One action as JSON; None for bookkeeping that nobody can see."""
    shape = _shape(action)
    if shape is None:
        return None
    side, kind, fields = shape
    record, item = ids(action)
    why = action.why
    return {
        "rule": why.rule,
        "side": side,
        "kind": kind,
        "salesforce_id": record or None,
        "item_id": item,
        "fields": fields,
        "reason": why.reason,
    }


def _accounts_json(plan: Plan) -> list[dict[str, Any]]:
    """The Accounts that are created first, once per name (B7)."""
    creates = [a for a in plan.actions if isinstance(a, CreateRecord) and a.create_account]
    first = {a.create_account.casefold(): a for a in reversed(creates)}
    return [
        {
            "rule": "B7",
            "side": "salesforce",
            "kind": "create",
            "salesforce_id": None,
            "item_id": a.item.id,
            "fields": {ACCOUNT: a.create_account},
            "reason": NEW_ACCOUNT,
        }
        for a in creates
        if first[a.create_account.casefold()] is a
    ]


def _mark_json(action: Action) -> dict[str, Any] | None:
    """What the item of a create gets in the same session: the category, where it has none yet (A7)."""
    if not isinstance(action, CreateRecord) or carries_category(action.item):
        return None
    return action_json(Stamp(action.item, action.why, category=True, counted=True))


def _shape(action: Action) -> tuple[str, str, dict[str, Any]] | None:
    match action:
        case CreateRecord() | UpdateRecord() | CreateItem() | UpdateItem():
            return _written(action)
        case DeleteRecord():
            return "salesforce", "delete", {}
        case MoveIn():
            return "mailbox", "move", {}
        case RemoveItem():
            return "mailbox", "remove", {}
        case Stamp(item=item, category=category, counted=counted):
            shown = counted and category is not None and category != carries_category(item)
            return ("mailbox", "categorise", {}) if shown else None
        case PairUp(new=new, parted=parted):
            kind = "unpair" if parted else "pair"
            return ("salesforce", kind, {}) if new or parted else None
        case EndPair():
            return "salesforce", "unpair", {}


def _written(action: CreateRecord | UpdateRecord | CreateItem | UpdateItem) -> tuple[str, str, dict[str, Any]]:
    match action:
        case CreateRecord(values=values, link=link):
            return "salesforce", "create", {**_texts(values), **_account(link.account)}
        case UpdateRecord(moved=moved, account=account):
            return "salesforce", "update", {**_moves(moved), **_account(account)}
        case CreateItem(values=values):
            return "mailbox", "create", _texts(values)
        case UpdateItem(moved=moved):
            return "mailbox", "update", _moves(moved)


def _account(account: AccountId | None) -> dict[str, str]:
    return {ACCOUNT_ID: account} if account is not None else {}


def _texts(values: Values) -> dict[str, str]:
    return {str(n): as_text(v) for n, v in values.items()}


def _moves(moved: Mapping[FieldName, Moved]) -> dict[str, dict[str, str]]:
    return {
        str(n): {"before": as_text(m.before), "after": as_text(m.sent), "lost": as_text(m.before) if m.lost else ""}
        for n, m in moved.items()
    }

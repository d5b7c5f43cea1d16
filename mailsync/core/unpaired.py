"""What can become of an item without a pair: created, paired, excluded or refused (A7, A20, A23, B1, B5, B7)."""

from mailsync.core.account import Step, company_key
from mailsync.core.actions import CreateRecord, MoveIn, Stamp, Why
from mailsync.core.changes import Item, Record
from mailsync.core.creation import choose_account, for_record, is_blocked
from mailsync.core.draft import Draft
from mailsync.core.merge import COMPANY
from mailsync.core.notices import Issue, Parked
from mailsync.core.pairing import pair_first
from mailsync.core.person import text
from mailsync.core.policy import Direction
from mailsync.core.refs import Side

MARKED = Why("A7", "marked by a person")


def exclude(draft: Draft, item: Item, rule: str) -> None:
    """Marks an item as excluded (A23) and remembers it, so that moving it out and in again ends it."""
    draft.actions.append(Stamp(item, Why(rule, "excluded by a person"), record="", excluded=True))
    draft.parked.append(Parked(Side.MAILBOX, item.id, "A23", "excluded by a person"))


def refuse(draft: Draft, item: Item, code: str, rule: str, message: str, detail: str, field: str = "") -> None:
    """An issue on an item: told to the administrator, and shown on the item by its error categories (C1, B8)."""
    draft.issues.append(Issue(code, rule, message, None, item.id, field))
    draft.parked.append(Parked(Side.MAILBOX, item.id, rule, message))
    draft.actions.append(Stamp(item, Why(rule, message), category=True if item.inside else None, error=detail))


def pair_with(draft: Draft, item: Item, record: Record, why: Why, *, strict: bool = False) -> None:
    """Pairs an item and a record, brings the item in and marks it. `strict`: differences are asked, never won (A1)."""
    draft.take(record.id)
    draft.look(record.id, item.id)
    bring_in(draft, item, why)
    excluded = False if item.excluded else None
    draft.actions.append(Stamp(item, why, category=True, record=record.id, excluded=excluded, error="", counted=True))
    pair_first(draft, record, item, why, strict=strict)


def bring_in(draft: Draft, item: Item, why: Why) -> None:
    """A7: what is marked outside the folder is moved into it."""
    if not item.inside:
        draft.actions.append(MoveIn(item, why))


def create(draft: Draft, item: Item) -> None:
    """A7: a Contact is created for the item, with its Account (B5)."""
    policy = draft.policy
    if policy.direction is Direction.DOWN:
        message = "only Salesforce writes to the mailbox here (direction down), so this contact is not created there"
        refuse(draft, item, "DIRECTION_DOWN", "E1", message, "Direction is down")
        return
    if is_blocked(item, policy.block):
        message = "its e-mail address or domain is on a block list"
        draft.issues.append(Issue("BLOCKED", "A20", message, None, item.id, "Email"))
        draft.parked.append(Parked(Side.MAILBOX, item.id, "A20", message))
        return
    fitted = for_record(item, policy)
    required = [p for p in fitted.problems if p.required]
    if required:
        rule = "B1" if required[0].field == "LastName" else "B13"
        first = required[0]
        refuse(draft, item, "REQUIRED_FIELD", rule, first.message, f"{first.field} missing", first.field)
        return
    for p in fitted.problems:
        draft.issues.append(Issue("FIELD_SKIPPED", "B13", p.message, None, item.id, p.field))
    for name in fitted.cut:
        message = f"{name} was cut to fit Salesforce; the mailbox keeps the full value"
        draft.issues.append(Issue("VALUE_CUT", "B13", message, None, item.id, name))
    link = choose_account(item, draft.answers.accounts, policy)
    made = text(item.values, COMPANY) if policy.auto_create_account and link.step is Step.NONE else ""
    why = Why(MARKED.rule, f"{MARKED.reason}; Account: {link.reason} (B5)")
    bring_in(draft, item, why)
    skipped = {p.field for p in fitted.problems}
    sources = {n: v for n, v in item.values.items() if n not in skipped}
    draft.actions.append(CreateRecord(item, fitted.values, link, why, policy.defaults, company_key(made), sources))

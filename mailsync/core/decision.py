"""The one decision table: what Salesforce reports of a pair × what the mailbox reports × policy -> verdict.

`decide` is total: basedpyright proves every `match` exhaustive, tests/unit/core/test_decision.py goes through
every row, and docs/architecture.md prints it (mailsync.core.decision.rows).
"""

from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import product

from mailsync.core.policy import AutoRemoval, Direction, OnLeaveScope


class CrmState(Enum):
    """What Salesforce reports of a pair's record."""

    SAME = "same"
    CHANGED = "changed"
    LEFT = "left scope"  # readable, not pinned, not in scope any more (A18)
    UNREADABLE = "unreadable"  # not proven deleted (D7)
    DELETED = "deleted"  # proven
    MERGED = "merged away"  # deleted with a winner (B16)


class MailboxState(Enum):
    """What the mailbox reports of a pair's item."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "deleted"  # proven
    MOVED_OUT = "moved out"  # found outside, still carrying our property (A9)
    PRIVATE = "turned private"  # A13


class Verdict(Enum):
    """What becomes of a pair."""

    NOTHING = "nothing"
    MERGE = "merge field by field"
    DELETE_RECORD = "delete in Salesforce"
    HOLD_DELETION = "hold: delete in Salesforce?"
    RECREATE_ITEM = "create the item again"
    UNPAIR = "unpair, both sides keep what they have"
    REMOVE_ITEM = "remove the item, the pair ends"
    LEAVE = "remove the item, the pair goes dormant"
    FREEZE = "freeze: the item stays, nothing flows"
    DORMANT = "the pair goes dormant"
    END = "the pair ends"
    END_LEFT_OVER = "the pair ends, hold: an item is left over"
    HOLD_PRIVATE = "freeze, hold: the item is private"
    FOLLOW = "follow the winner of the merge"


def decide(
    crm: CrmState, mailbox: MailboxState, direction: Direction, removal: AutoRemoval, leaving: OnLeaveScope
) -> Verdict:
    """The verdict for one pair. `leaving` is FREEZE for pairs that are pinned or whose item a person made (A18)."""
    match mailbox:
        case MailboxState.SAME | MailboxState.CHANGED:
            return _present(crm, mailbox, direction, leaving)
        case MailboxState.GONE | MailboxState.MOVED_OUT:
            return _absent(crm, direction, removal)
        case MailboxState.PRIVATE:
            return _private(crm)


def _present(crm: CrmState, mailbox: MailboxState, direction: Direction, leaving: OnLeaveScope) -> Verdict:
    match crm:
        case CrmState.SAME:
            return Verdict.MERGE if mailbox is MailboxState.CHANGED else Verdict.NOTHING
        case CrmState.CHANGED:
            return Verdict.MERGE
        case CrmState.LEFT:
            return _left(mailbox, direction, leaving)
        case CrmState.UNREADABLE:
            settled = direction is not Direction.UP and leaving is OnLeaveScope.REMOVE
            return Verdict.LEAVE if settled and mailbox is MailboxState.SAME else Verdict.FREEZE
        case CrmState.DELETED:
            # E1: in direction up nothing is removed from the mailbox, so the item is left over (B17).
            return Verdict.END_LEFT_OVER if direction is Direction.UP else Verdict.REMOVE_ITEM
        case CrmState.MERGED:
            return Verdict.FOLLOW


def _left(mailbox: MailboxState, direction: Direction, leaving: OnLeaveScope) -> Verdict:
    if direction is Direction.UP:
        return Verdict.MERGE
    match leaving:
        case OnLeaveScope.KEEP:
            return Verdict.MERGE
        case OnLeaveScope.FREEZE:
            return Verdict.FREEZE
        case OnLeaveScope.REMOVE:
            # A18: an unsynced edit is never removed with its item.
            return Verdict.FREEZE if mailbox is MailboxState.CHANGED else Verdict.LEAVE


def _absent(crm: CrmState, direction: Direction, removal: AutoRemoval) -> Verdict:
    match crm:
        case CrmState.DELETED:
            return Verdict.END
        case CrmState.MERGED:
            return Verdict.FOLLOW
        case CrmState.LEFT | CrmState.UNREADABLE:
            # D1: only what this session read as in scope or pinned is deleted or created again.
            return Verdict.DORMANT
        case CrmState.SAME | CrmState.CHANGED:
            return _deleted_by_user(crm, direction, removal)


def _deleted_by_user(crm: CrmState, direction: Direction, removal: AutoRemoval) -> Verdict:
    match (direction, removal):
        case (Direction.DOWN, AutoRemoval.ALLOWED | AutoRemoval.NOT_ALLOWED):
            return Verdict.RECREATE_ITEM
        case (Direction.UP, AutoRemoval.NOT_ALLOWED):
            return Verdict.UNPAIR
        case (Direction.BOTH, AutoRemoval.NOT_ALLOWED):
            return Verdict.RECREATE_ITEM
        case (Direction.BOTH | Direction.UP, AutoRemoval.ALLOWED):
            return Verdict.HOLD_DELETION if crm is CrmState.CHANGED else Verdict.DELETE_RECORD


def _private(crm: CrmState) -> Verdict:
    match crm:
        case CrmState.DELETED:
            return Verdict.END_LEFT_OVER
        case CrmState.MERGED:
            return Verdict.FOLLOW
        case CrmState.SAME | CrmState.CHANGED | CrmState.LEFT | CrmState.UNREADABLE:
            return Verdict.HOLD_PRIVATE


RULES: dict[Verdict, str] = {
    Verdict.NOTHING: "L1",
    Verdict.MERGE: "B10",
    Verdict.DELETE_RECORD: "D1",
    Verdict.HOLD_DELETION: "D3",
    Verdict.RECREATE_ITEM: "D1",
    Verdict.UNPAIR: "D1",
    Verdict.REMOVE_ITEM: "D4",
    Verdict.LEAVE: "A18",
    Verdict.FREEZE: "A18",
    Verdict.DORMANT: "D1",
    Verdict.END: "D5",
    Verdict.END_LEFT_OVER: "B17",
    Verdict.HOLD_PRIVATE: "A13",
    Verdict.FOLLOW: "B16",
}
"""The rule that a verdict is quoted under."""


def rows() -> Iterator[tuple[CrmState, MailboxState, Direction, AutoRemoval, OnLeaveScope, Verdict]]:
    """Every row of the table."""
    for row in product(CrmState, MailboxState, Direction, AutoRemoval, OnLeaveScope):
        yield (*row, decide(*row))


def table() -> str:
    """The table as Markdown, rows that policy does not tell apart folded into one."""
    lines = [
        "| Salesforce | mailbox | direction | auto-removal | on leaving | verdict | rule |",
        "|---|---|---|---|---|---|---|",
    ]
    for crm, mailbox in product(CrmState, MailboxState):
        lines.extend(_folded(crm, mailbox))
    return "\n".join(lines)


def _folded(crm: CrmState, mailbox: MailboxState) -> Iterator[str]:
    """Exact rows: directions that decide alike stand together, then the other policies of each verdict."""
    alike: dict[tuple[Verdict, ...], list[Direction]] = {}
    policies = list(product(AutoRemoval, OnLeaveScope))
    for direction in Direction:
        verdicts = tuple(decide(crm, mailbox, direction, *policy) for policy in policies)
        alike.setdefault(verdicts, []).append(direction)
    for verdicts, directions in alike.items():
        for verdict in dict.fromkeys(verdicts):
            where = [p for p, v in zip(policies, verdicts, strict=True) if v is verdict]
            removals, leavings = [a for a, _ in where], [o for _, o in where]
            cells = (_values(directions, Direction), _values(removals, AutoRemoval), _values(leavings, OnLeaveScope))
            yield f"| {crm.value} | {mailbox.value} | {' | '.join(cells)} | {verdict.value} | {RULES[verdict]} |"


def _values(present: Sequence[Enum], closed: type[Enum]) -> str:
    return "any" if set(present) == set(closed) else ", ".join(v.value for v in closed if v in present)

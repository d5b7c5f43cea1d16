"""Actions as values: what a session will do, in which order, and why. They never run themselves."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import IntEnum

from mailsync.core.account import Link
from mailsync.core.changes import Item, Record
from mailsync.core.merge import Moved
from mailsync.core.notices import Hold, Issue, Parked
from mailsync.core.pair import Pair, Tombstone
from mailsync.core.person import Value, Values
from mailsync.core.refs import AccountId, FieldName, ItemId, RecordId, Side


class Stage(IntEnum):
    """The order in which a session carries actions out: moves and marks first, removals last.

    An item is moved in before its pair is stored: stopped in between, it is simply a newcomer in the folder.
    """

    MOVES = 0
    PAIRS = 1
    MARKS = 2
    CREATE_UP = 3
    CREATE_DOWN = 4
    UPDATE = 5
    REMOVE = 6


@dataclass(frozen=True, slots=True)
class Why:
    """The rule that asks for an action, and the reason in words without personal values."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class CreateRecord:
    """Create a Contact for an item; then the item is stamped. `create_account` makes the Account first (B7)."""

    item: Item
    values: Values  # fitted to Salesforce
    link: Link
    why: Why
    defaults: Mapping[str, str] = field(default_factory=dict[str, str])
    create_account: str = ""
    sources: Values = field(default_factory=dict[FieldName, Value])


NEW_ACCOUNT = "an Account for a company that has none"
"""The reason of an Account that is created together with its Contact (B7)."""


@dataclass(frozen=True, slots=True)
class CreateItem:
    """Create an item for a record. `pair` is the pair that gets the new item (D1, A18); None: a new pair (A17)."""

    record: Record
    values: Values  # fitted to the mailbox
    why: Why
    pair: Pair | None = None
    frozen: bool = False  # it comes back beside a record that is out of reach (undo)


@dataclass(frozen=True, slots=True)
class UpdateRecord:
    """Send changed values to Salesforce at the version seen."""

    pair: Pair
    moved: Mapping[FieldName, Moved]
    why: Why
    account: AccountId | None = None  # "" unlinks
    account_name: str = ""
    company: Value = (
        ""  # the edited Company that the Account is set for: the mailbox's base takes it with the Account (B9)
    )
    advance: bool = True  # False: the pair's own item has still to get these values, so bases stay


@dataclass(frozen=True, slots=True)
class UpdateItem:
    """Send changed values to the mailbox at the version seen."""

    pair: Pair
    item: Item | None  # as observed this session; None: unchanged since the base
    moved: Mapping[FieldName, Moved]
    names: Values  # all name values after the update, for display name and file-as (A22)
    why: Why


@dataclass(frozen=True, slots=True)
class Stamp:
    """Make the marks right: category and id property on (A7, A8) or off (A9, A11), error categories, exclusion."""

    item: Item
    why: Why
    category: bool | None = None  # None: left alone
    record: str | None = None  # the id property; "" takes it off
    excluded: bool | None = None
    error: str | None = None  # detail of the Sync Error category; "" takes error categories off (C1)
    counted: bool = False  # an effect that a person sees: counts as "categorised"


@dataclass(frozen=True, slots=True)
class MoveIn:
    """Move an item into the folder (A7), or back from Deleted Items (B16, A18: `pair` revives)."""

    item: Item
    why: Why
    pair: Pair | None = None


@dataclass(frozen=True, slots=True)
class DeleteRecord:
    """Delete the record in Salesforce; the pair ends."""

    pair: Pair
    why: Why


@dataclass(frozen=True, slots=True)
class RemoveItem:
    """Take the marks off and move the item to Deleted Items. `after`: the dormant pair, or None where the pair ends."""

    item: Item
    why: Why
    pair: Pair | None = None
    after: Pair | None = None
    lost: Values = field(default_factory=dict[FieldName, Value])  # edits that go with it, for the history


@dataclass(frozen=True, slots=True)
class PairUp:
    """Store a pair as it now is: a new one, or bases, state and references that advance without any write."""

    pair: Pair
    why: Why
    replaces: RecordId | None = None  # the pair's former record (B16)
    new: bool = False  # a pairing that a person sees in the plan
    parted: ItemId | None = None  # the item that the pair let go: an unpairing that a person sees (undo)
    left: Values = field(default_factory=dict[FieldName, Value])  # mailbox edits that stay where they are (L5)
    left_crm: Values = field(default_factory=dict[FieldName, Value])  # Salesforce edits that stay where they are (L5)


@dataclass(frozen=True, slots=True)
class EndPair:
    """Take a pair out of the table and remember it."""

    pair: Pair
    tombstone: Tombstone | None
    why: Why


Action = (
    CreateRecord
    | CreateItem
    | UpdateRecord
    | UpdateItem
    | Stamp
    | MoveIn
    | DeleteRecord
    | RemoveItem
    | PairUp
    | EndPair
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a session will do. Empty when both sides agree (L1)."""

    actions: tuple[Action, ...] = ()
    holds: tuple[Hold, ...] = ()
    issues: tuple[Issue, ...] = ()
    parked: tuple[Parked, ...] = ()
    looked_at: Set[tuple[Side, str]] = frozenset()  # references whose old notices this plan replaces
    notes: tuple[str, ...] = ()


def stage(action: Action) -> Stage:
    """When an action is carried out."""
    match action:
        case PairUp() | EndPair():
            return Stage.PAIRS
        case Stamp():
            return Stage.MARKS
        case MoveIn():
            return Stage.MOVES
        case CreateRecord():
            return Stage.CREATE_UP
        case CreateItem():
            return Stage.CREATE_DOWN
        case UpdateRecord() | UpdateItem():
            return Stage.UPDATE
        case DeleteRecord() | RemoveItem():
            return Stage.REMOVE


def ids(action: Action) -> tuple[RecordId | None, ItemId | None]:
    """The two references an action is about, sides in their usual order."""
    match action:
        case CreateRecord(item=item) | Stamp(item=item):
            return None if isinstance(action, CreateRecord) else item.record, item.id
        case CreateItem(record=record):
            return record.id, None
        case MoveIn(item=item, pair=pair):
            return pair.record if pair else item.record, item.id
        case RemoveItem(item=item, pair=pair):
            return pair.record if pair else item.record, item.id
        case UpdateRecord(pair=pair) | UpdateItem(pair=pair) | DeleteRecord(pair=pair):
            return pair.record, pair.item
        case PairUp(pair=pair) if action.parted:
            return pair.record, action.parted
        case PairUp(pair=pair) | EndPair(pair=pair):
            return pair.record, pair.item

"""What one session sees: both sides and what is remembered of them, read to the depth that planning needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailsync.core.account import Candidates
from mailsync.core.changes import Item, Record, Trace
from mailsync.core.notices import Hold, Parked
from mailsync.core.pair import Pair, Tombstone
from mailsync.core.refs import ItemId, RecordId, Side


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything reported or read this session. What is in none of the maps has not changed."""

    pairs: tuple[Pair, ...] = ()  # every pair that anything below touches
    pair_count: int = 0
    records: Mapping[RecordId, Record] = field(default_factory=dict[RecordId, Record])
    unreadable: frozenset[RecordId] = frozenset()
    fates: Mapping[RecordId, Trace] = field(default_factory=dict[RecordId, Trace])  # proven deletions and merges
    items: Mapping[ItemId, Item] = field(default_factory=dict[ItemId, Item])  # inside the folder
    outside: tuple[Item, ...] = ()  # outside, with the category or our id property
    gone: frozenset[ItemId] = frozenset()  # proven
    hidden: frozenset[ItemId] = frozenset()  # asked for, and neither shown nor denied by the mailbox
    discarded: Mapping[RecordId, Item] = field(default_factory=dict[RecordId, Item])  # under Deleted Items, ours
    tombstones: Mapping[RecordId, Tombstone] = field(default_factory=dict[RecordId, Tombstone])
    holds: Mapping[str, Hold] = field(default_factory=dict[str, Hold])  # open ones, answered or not
    parked: Mapping[tuple[Side, str], Parked] = field(default_factory=dict[tuple[Side, str], Parked])
    leaving: Mapping[ItemId, str] = field(default_factory=dict[ItemId, str])  # removals that were begun, by their rule
    in_doubt: frozenset[ItemId] = frozenset()  # items whose create up may or may not have been carried out (B15)
    in_doubt_down: frozenset[RecordId] = frozenset()  # records whose item may or may not have been created (B15)
    unexplained: tuple[Record, ...] = ()  # own creates since an open intent that nothing explains (B15)
    now: datetime | None = None
    first: bool = False  # the user's first session (A5)
    repairing: bool = False  # nothing is deleted or removed (A1)
    edited: frozenset[RecordId] = frozenset()  # records whose items were edited before a reset (E6)
    theirs: frozenset[RecordId] = frozenset()  # records whose items were a person's before a reset (A14, A19, E6)
    refill: bool = False  # the folder itself was lost and made again: no deletion of anyone's (A3)
    relabel: bool = False  # the folder is a label, and that was lost: the items are still there, without it (A3)
    scope_fault: str = ""  # no creates or removals down (A16)
    suspicious: bool = False  # the folder's listing was implausible twice (A3)
    hold_deletions: bool = False  # auto-removal has just been allowed (D2)
    scope_approved: bool = False  # a person approved the plan of a scope change (D8)
    counted: Mapping[str, int] = field(default_factory=dict[str, int])  # carried out in the last 24 h (D8)
    shared: frozenset[RecordId] = frozenset()  # records that another user's mailbox mirrors (D3)
    described: bool = False  # the object's description or the mapping changed: refusals are tried again (B8)


@dataclass(frozen=True, slots=True)
class Answers:
    """What Salesforce said to the planner's questions."""

    candidates: tuple[Record, ...] = ()
    paired: Mapping[RecordId, Pair] = field(default_factory=dict[RecordId, Pair])  # candidates that have a pair
    accounts: Mapping[str, Candidates] = field(default_factory=dict[str, Candidates])

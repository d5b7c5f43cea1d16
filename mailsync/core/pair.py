"""A pair: one Salesforce record and one mailbox item that mirror each other, with a base for each side."""

from dataclasses import dataclass, field
from enum import Enum

from mailsync.core.person import Value, Values
from mailsync.core.refs import AccountId, FieldName, ItemId, RecordId, Side, Version


@dataclass(frozen=True, slots=True)
class Base:
    """What one side last held as far as we know: values read there, or sent fitted to its limits; and the version."""

    values: Values
    version: Version = Version("")


class PairState(Enum):
    """active: both flow. frozen: both exist, nothing flows (A13, A18). dormant: the agent removed the item (A18)."""

    ACTIVE = "active"
    FROZEN = "frozen"
    DORMANT = "dormant"


RETURNING = "A18, on its way back"
"""What a dormant pair is frozen for while the agent moves its item back: no person put it into the folder then."""
LOST = frozenset({"A1", "A3"})
"""What a dormant pair is frozen for while its item, which was lost and not deleted, is made again."""
UNDONE = "undo"
"""What keeps a pair that an undo took back: frozen beside an item that came back, dormant without one. Sync leaves it
alone until a person undoes the undo, or puts the item back into the folder."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two references of one person and what is remembered of them. One per record and per item in a user's table."""

    record: RecordId
    item: ItemId | None  # None only while dormant
    crm: Base
    mailbox: Base
    state: PairState = PairState.ACTIVE
    frozen_for: str = ""  # the rule that froze it, or UNDONE
    pinned: bool = False  # stays in scope as long as the user can read it (A14)
    in_scope: bool = True  # as last read
    origin: Side = Side.CRM  # where the person was born
    made_item: bool = True  # the agent created the present item
    edited: bool = False  # a person edited the item since the agent created it
    account: AccountId | None = None
    account_name: str = ""
    recreated: int = 0  # how often D1 created the item again (C5)
    link_note: str = ""  # the step of B5 that was used, for `why`


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A pair that ended, remembered so that what is left of it is never taken for something new (A10, A19, B17)."""

    record: RecordId
    item: ItemId | None
    rule: str
    last: Values = field(
        default_factory=dict[FieldName, Value]
    )  # only what is needed to recognise it; personal contacts keep none (A9)

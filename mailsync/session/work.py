"""The carrying-out of one plan: what has been done so far, where things now are, and what is to be told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mailsync.core.actions import Why
from mailsync.core.changes import Item
from mailsync.core.notices import Issue, Parked
from mailsync.core.pair import Base, Pair
from mailsync.core.person import Address, Value, Values
from mailsync.core.policy import Policy
from mailsync.core.refs import FieldName, FolderId, ItemId, RecordId, Side, Version
from mailsync.core.sight import Sight
from mailsync.core.stamps import Marks, marks_of
from mailsync.ports.ledger import Batch, Change, Entry, Pending
from mailsync.session.agent import Agent

RETRY = timedelta(days=1)
"""What was refused is tried again once a day (B8)."""


@dataclass(slots=True)
class Tally:
    """Effects that a person can see (contract.md); bookkeeping is not counted."""

    crm_created: int = 0
    crm_updated: int = 0
    crm_deleted: int = 0
    created: int = 0
    updated: int = 0
    removed: int = 0
    moved: int = 0
    categorised: int = 0


@dataclass(slots=True)
class Work:
    """One session's work in hand. Item ids change when items move: `place` tells where an item is now."""

    agent: Agent
    policy: Policy
    sight: Sight
    folder: FolderId
    fence: int
    progress: Callable[[str, int, int], None]
    pairs: dict[RecordId, Pair] = field(default_factory=dict[RecordId, Pair])
    moved: dict[ItemId, ItemId] = field(default_factory=dict[ItemId, ItemId])
    versions: dict[ItemId, Version] = field(default_factory=dict[ItemId, Version])
    marks: dict[ItemId, Marks] = field(default_factory=dict[ItemId, Marks])
    written: set[RecordId] = field(default_factory=set[RecordId])  # records whose version our own writes moved on
    issues: list[Issue] = field(default_factory=list[Issue])
    parked: list[Parked] = field(default_factory=list[Parked])
    tally: Tally = field(default_factory=Tally)
    known: dict[RecordId, Pair] = field(default_factory=dict[RecordId, Pair])  # as observed
    ended: set[RecordId] = field(default_factory=set[RecordId])  # pairs that this session took out of the table
    leaving: dict[ItemId, Pending] = field(
        default_factory=dict[ItemId, Pending]
    )  # announced removals that no pair knows
    moving: list[Pending] = field(default_factory=list[Pending])  # announced moves that may be half done
    awaited: set[str] = field(default_factory=set[str])  # folded names of Accounts whose creation is in doubt
    followed: set[ItemId] = field(default_factory=set[ItemId])  # other ids of pairs' items, parked until the end
    unmoved: set[ItemId] = field(default_factory=set[ItemId])  # what could not be moved into the folder
    waiting: set[RecordId] = field(default_factory=set[RecordId])  # records whose items those are
    cursor: str = ""  # how far the mailbox's feed was read before planning
    earlier: int = 0  # items that earlier rounds of the session created
    later: int = 0  # records that later rounds will read

    def __post_init__(self) -> None:
        self.known = {p.record: p for p in self.sight.pairs}

    def pair(self, known: Pair) -> Pair:
        """The pair as it is by now, its item where it is by now."""
        present = self.pairs.get(known.record, known)
        return replace(present, item=self.place(present.item)) if present.item else present

    def place(self, item: ItemId) -> ItemId:
        """Where an item is by now."""
        while item in self.moved:
            item = self.moved[item]
        return item

    def version(self, item: Item) -> Version:
        """The item's version by now."""
        return self.versions.get(self.place(item.id), item.version)

    def marks_now(self, item: Item) -> Marks:
        """The item's marks by now."""
        return self.marks.get(self.place(item.id), marks_of(item))

    def commit(self, batch: Batch) -> None:
        """One transaction; the pairs in it are the present ones from now on."""
        self.agent.store.commit(self.agent.user, self.fence, batch, self.agent.clock.now())
        for record in batch.ended:
            self.pairs.pop(record, None)
            self.ended.add(record)
        for pair in batch.pairs:
            self.pairs[pair.record] = pair
            self.ended.discard(pair.record)

    def now(self) -> datetime:
        """Our own time, UTC."""
        return self.agent.clock.now()

    def entry(
        self,
        why: Why,
        side: Side,
        kind: str,
        record: RecordId | None,
        item: ItemId | None,
        fields: Mapping[str, Change] | None = None,
    ) -> Entry:
        """A history entry of this session."""
        return Entry(self.fence, self.now(), why.rule, side, kind, record, item, fields or {}, why.reason)

    def park(self, side: Side, ref: str, rule: str, reason: str, due: datetime | None = None, seal: str = "") -> None:
        """Keeps a change for a later session (A21)."""
        record = self.sight.records.get(RecordId(ref)) if side is Side.CRM else None
        unpaired = record is not None and record.in_scope and record.id not in {*self.pairs, *self.known}
        self.parked.append(Parked(side, ref, rule, reason, due, seal, unpaired))


def leave_in_doubt(work: Work, item: ItemId, message: str) -> None:
    """B15: nobody knows yet whether the creation of an item's record was carried out."""
    place = work.place(item)
    work.issues.append(Issue("IN_DOUBT", "B15", message, None, place))
    work.park(Side.MAILBOX, place, "B15", message, work.now())


def advance(pair: Pair, *, crm: Values, mailbox: Values, versions: tuple[Version, Version]) -> Pair:
    """A pair whose bases have advanced by what was carried out; an empty version is not known and stays."""
    return replace(
        pair,
        crm=Base({**pair.crm.values, **crm}, versions[0] or pair.crm.version),
        mailbox=Base({**pair.mailbox.values, **mailbox}, versions[1] or pair.mailbox.version),
    )


def as_text(value: Value) -> str:
    """A value as it is shown: an address as its lines."""
    if isinstance(value, Address):
        lines = (value.street, value.city, value.state, value.postal_code, value.country)
        return "\n".join(line for line in lines if line)
    return value


def as_changes(before: Values, after: Values) -> dict[str, Change]:
    """The fields of a history entry."""
    return {str(n): Change(before.get(FieldName(n), ""), v) for n, v in after.items()}

"""What writes do to values that people typed, beside L5: none is rewritten for its form alone (B11), no cut flows back
(B13), none that met no other edit is undone, or told of as the loser of a conflict (B10, B12)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mailsync.core.entries import Entry
from mailsync.core.fit import fit
from mailsync.core.meaning import same
from mailsync.core.person import Field, Value, Values
from mailsync.core.refs import FieldName, ItemId, RecordId, Side, Version
from mailsync.ports.outcomes import Written
from tests.fakes.org import COMPANY, Row
from tests.fakes.post import Stored
from tests.laws.histories.world import CRM_LIMITS, MAILBOX_LIMITS, TABLE, USER, World

KINDS: Mapping[FieldName, Field] = {row.field.name: row.field for row in TABLE.live}
Both = tuple[Value, Value]
"""What Salesforce and the mailbox hold of one field."""
ANSWERED = frozenset({"A1", "B2", "B4", "D6"})
"""Rules by which values meet that have no base in common: the policy, or a person, says which one stays."""


def alike(name: FieldName, one: object, other: object) -> bool:
    """Whether two values mean the same."""
    return same(one, other, KINDS[name].type, "US")  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Debt:
    """A value that somebody typed and that the agent overwrote, or removed with its item."""

    what: str
    name: FieldName
    value: Value
    refs: frozenset[str]  # the record and the item that it was in

    def is_paid_by(self, history: Iterable[Entry]) -> bool:
        """Whether an entry of the same contact tells of what it means: L5's edit is a change of meaning (B11)."""
        changes = (e.fields.get(self.name) for e in history if self.refs & {e.record, e.item})
        told = (value for c in changes if c is not None for value in (c.before, c.after, c.lost))
        return any(alike(self.name, self.value, value) for value in told)


def owe(holder: Row | Stored, name: FieldName, fate: str) -> Debt:
    """What is owed for a value of a record or an item, before it becomes of it what is said."""
    refs = {holder.id, holder.record} if isinstance(holder, Stored) else {holder.id}
    return Debt(f"{holder.id}.{name} {fate}", name, holder.values[name], frozenset(refs - {""}))


@dataclass(frozen=True, slots=True)
class Write:
    """One field that was written on a side; `beside` is what the other side held then."""

    side: Side
    ref: str
    name: FieldName
    before: Value
    sent: Value
    beside: Value


@dataclass
class Edits:
    """What both sides of each pair held when they were in step, and what the writes since make of it."""

    world: World
    met: dict[tuple[RecordId, int, FieldName], Both] = field(
        default_factory=dict[tuple[RecordId, int, FieldName], Both]
    )  # by record, item's uid and field
    versions: dict[ItemId, Version] = field(default_factory=dict[ItemId, Version])
    passed: list[tuple[Mapping[RecordId, Row], Mapping[int, Stored]]] = field(
        default_factory=list[tuple[Mapping[RecordId, Row], Mapping[int, Stored]]]
    )  # what was there before each act in the middle of this session

    def begin(self) -> None:
        """Before each session."""
        self.passed.clear()

    def pass_by(self) -> None:
        """Before each act in the middle of a session, which may have read what is there."""
        self.passed.append((dict(self.world.org.rows), {i.uid: i for i in self.world.post.items.values()}))

    def meet(self) -> None:
        """At a quiet point: pairs whose sides are in step are, field by field."""
        self.met.clear()
        for pair in self.world.store.pairs(USER):
            row, stored = self.world.org.rows.get(pair.record), self.world.post.items.get(pair.item or ItemId(""))
            if row is not None and stored is not None and not row.deleted:
                for name in KINDS.keys() & row.values.keys():
                    self._keep((pair.record, stored.uid, name), (row.values[name], stored.values[name]))

    def _keep(self, key: tuple[RecordId, int, FieldName], now: Both) -> None:
        self.met.pop(key, None)
        if any(alike(key[2], fitted, other) for fitted, other in ((cut_up(key[2], now[1]), now[0]), now)):
            self.met[key] = now

    def part(self) -> None:
        """Pairs were forgotten: whatever they knew of both sides is gone (A1)."""
        self.met.clear()

    def doubt(self) -> None:
        """Of a write whose answer was lost, and whose value was edited since, this world alone knows that it was
        carried out (B15): that edit and the one that was written count as made without knowing of each other (B12)."""
        pending = [w for w in self.world.store.pending(USER) if w.values]
        if not pending:
            return
        items = {i.uid: i.values for i in self.world.post.items.values()}
        for write in pending:
            for key in [k for k in self.met if k[0] == write.entry.record and k[2] in write.values]:
                row = self.world.org.rows.get(key[0])
                values = items.get(key[1]) if write.entry.side is Side.MAILBOX else row and row.values
                if values and not alike(key[2], values.get(key[2], ""), write.values[key[2]]):
                    del self.met[key]

    def wrote(self, item: ItemId, outcome: Written) -> None:
        """An item was updated at the version seen: this is the one that it has since."""
        self.versions[item] = outcome.version

    def is_raced(self, stored: Stored) -> bool:
        """B15: a removal knows no condition; it follows a conditional update, and what was edited just between those
        two lies in Deleted Items with its item."""
        written = self.versions.get(stored.id, "")
        return bool(written and stored.version) and written != f"v{stored.version}"

    def replaced(self, record: RecordId, uid: int) -> None:
        """A record got another item (D1, A3): when an earlier one takes its place again, values meet as in B4 (D6)."""
        self.met = {key: value for key, value in self.met.items() if key[0] != record or key[1] == uid}

    def keeps(self, name: str, args: Sequence[Any]) -> None:
        """A pair is over, and what it knew of both sides with it: an item that a person edited and then deleted has
        taken the edit with it, and comes back as its undeleted record is (D1, D5, B16)."""
        over = {*args[2].ended} - {p.record for p in args[2].pairs} if name == "commit" else None
        if over:
            self.met = {key: value for key, value in self.met.items() if key[0] not in over}

    def removed(self, uid: int) -> None:
        """An item went to Deleted Items with what was edited in it (D4): when it comes back, nothing of it counts."""
        self.met = {key: value for key, value in self.met.items() if key[1] != uid}

    def judge(self, side: Side, ref: str, before: Values, sent: Values) -> Iterator[str]:
        """What is wrong with a write, after it was carried out."""
        pairs = self.world.store.pairs_of(USER, [RecordId(ref)], []) if side is Side.CRM else []
        pairs = pairs or self.world.store.pairs_of(USER, [], [ItemId(ref)])
        for pair in pairs[:1]:
            row, stored = self.world.org.rows.get(pair.record), self.world.post.items.get(pair.item or ItemId(""))
            if row is None or stored is None:
                continue
            beside = stored.values if side is Side.CRM else row.values
            for name in sent.keys() & row.values.keys() & before.keys() - {COMPANY}:
                write = Write(side, ref, name, before[name], sent[name], beside[name])
                yield from self._judge(write, (pair.record, stored.uid, name))
                self._keep((pair.record, stored.uid, name), (row.values[name], stored.values[name]))

    def _judge(self, write: Write, key: tuple[RecordId, int, FieldName]) -> Iterator[str]:
        name, told = write.name, self._told(write)
        if alike(name, write.before, write.sent):
            yield f"B11: {write.ref}.{name} was rewritten though {write.sent!r} means what {write.before!r} did"
        elif _is_cut_of(self.world, write):
            yield f"B13: {write.ref}.{name} was cut to {write.sent!r}"
        known = self.met.get(key)
        if known is None or told is None or told.rule in ANSWERED:
            return
        mine, theirs = known if write.side is Side.CRM else known[::-1]
        edited = not alike(name, write.before, mine)
        if edited and alike(name, write.beside, theirs) and not self._is_read(write, key, theirs):
            yield f"B10: {write.ref}.{name} was edited to {write.before!r}, and made {write.sent!r} again"
        if not edited and name in told.fields and told.fields[name].lost:
            yield f"B12: {write.ref}.{name} is told of as a conflict, and nobody had edited {write.before!r}"

    def _is_read(self, write: Write, key: tuple[RecordId, int, FieldName], theirs: Value) -> bool:
        """Whether what was sent was an edit of the other side that a person took back in this very session, which had
        read it by then: a conflict (B12), as far as anybody can know."""
        record, uid, name = key
        limits = MAILBOX_LIMITS if write.side is Side.MAILBOX else self.world.org.limits
        held = (rows.get(record) if write.side is Side.MAILBOX else items.get(uid) for rows, items in self.passed)
        edits = (h.values[name] for h in held if h is not None and not alike(name, h.values[name], theirs))
        return any(alike(name, fit(v, KINDS[name].type, limits[name], "US").value, write.sent) for v in edits)

    def _told(self, write: Write) -> Entry | None:
        pending = self.world.store.pending(USER)
        return next((w.entry for w in pending if w.ref == write.ref and w.entry.side is write.side), None)


def cut_up(name: FieldName, value: Value) -> Value:
    """What Salesforce can hold of a value (B13); the limit of a field that nobody may write tells less."""
    return fit(value, KINDS[name].type, CRM_LIMITS[name], "US").value


def _is_cut_of(world: World, write: Write) -> bool:
    """Whether a value was replaced by what is left of it where the other side can't hold the whole."""
    limits = MAILBOX_LIMITS if write.side is Side.CRM else world.org.limits
    fitted = fit(write.before, KINDS[write.name].type, limits[write.name], "US")
    return fitted.cut and alike(write.name, fitted.value, write.sent)

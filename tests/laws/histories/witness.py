"""What must hold of each single write, seen as it is made: authority, no double, nothing overwritten without a trace.

What is still to be shown at the next quiet point (an overwritten edit is in the history) is kept as a debt.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mailsync.core.changes import Sensitivity
from mailsync.core.pair import PairState
from mailsync.core.person import Values, is_blank
from mailsync.core.policy import AutoRemoval, Direction
from mailsync.core.refs import FieldName, ItemId, RecordId, Side
from mailsync.ports.mailbox import ItemEdit
from mailsync.ports.outcomes import Written
from tests.fakes.org import COMPANY, Row
from tests.fakes.post import Stored
from tests.laws.histories.books import Books
from tests.laws.histories.brake import Brake
from tests.laws.histories.edits import KINDS, Debt, Edits, alike, owe
from tests.laws.histories.looks import Looks
from tests.laws.histories.postal import home_of
from tests.laws.histories.privacy import SECRET, secrets
from tests.laws.histories.world import USER, World

Owner = tuple[str, str]
"""A side, and what has a value there: a record, or an item's uid."""


@dataclass
class Witness:
    """Implements gate.Watcher for one world."""

    world: World
    wrong: list[str] = field(default_factory=list[str])
    debts: list[Debt] = field(default_factory=list[Debt])
    ours: dict[Owner, dict[FieldName, object]] = field(default_factory=dict[Owner, dict[FieldName, object]])
    made: dict[int, list[RecordId]] = field(default_factory=dict[int, list[RecordId]])  # by the uid of the item
    unstamped: dict[RecordId, int] = field(default_factory=dict[RecordId, int])  # its item does not say so yet
    mirrored: dict[RecordId, list[int]] = field(default_factory=dict[RecordId, list[int]])  # uids of items
    asked: list[str] = field(default_factory=list[str])  # what Salesforce was told that holds a secret
    exposed: set[str] = field(default_factory=set[str])  # secrets of items that somebody marked since
    known: dict[ItemId, tuple[Stored, set[str]]] = field(default_factory=dict[ItemId, tuple[Stored, set[str]]])
    brake: Brake = field(default_factory=Brake)
    edits: Edits = field(init=False)
    books: Books = field(init=False)
    looks: Looks = field(init=False)
    done: int = 0  # writes that were carried out

    def __post_init__(self) -> None:
        self.edits, self.books, self.looks = Edits(self.world), Books(self.world), Looks(self.world)

    def asks(self, port: str, name: str, args: Sequence[Any]) -> None:
        """L3: what is told to Salesforce is kept where it holds a personal value."""
        self.books.asks(port, name)
        self.looks.asks(port, name)
        if port == "crm" and args:
            told = repr(args)
            if SECRET.search(told):
                self.asked.append(told)

    def keeps(self, name: str, args: Sequence[Any], answer: Any) -> None:
        """What the store was told."""
        self.wrong += self.books.keeps(name, args, answer)
        self.looks.keeps(name, args)
        self.edits.keeps(name, args)

    def before(self, port: str, name: str, args: Sequence[Any]) -> Any:
        """What a write is going to change."""
        post, org = self.world.post, self.world.org
        match port, name:
            case "crm", "update":
                return {e.record: org.rows.get(e.record) for e in args[0]}
            case "crm", "delete":
                return {r: org.rows.get(r) for r in args[0]}
            case "mailbox", "update":
                return {e.item: post.items.get(e.item) for e in args[0]}
            case "mailbox", "move" | "remove":
                return {i: post.items.get(i) for i in args[0]}
            case _:
                return None

    def after(self, port: str, name: str, args: Sequence[Any], answer: Any, seen: Any) -> None:
        """What it did."""
        if name in ("sign", "create_account"):
            return
        done = [(given, o) for given, o in zip(args[0], answer, strict=True) if isinstance(o, Written)]
        self.done += len(done)
        for given, outcome in done:
            self._wrote(port, name, given, outcome, seen)

    def _wrote(self, port: str, name: str, given: Any, outcome: Written, seen: Any) -> None:
        self.wrong += self.books.wrote(port, name, given, outcome.id, seen)
        match port, name:
            case "crm", "create":
                self._created_record(given, RecordId(outcome.id))
            case "mailbox", "create":
                self._created_item(given, ItemId(outcome.id))
            case "crm", "update":
                row = seen[given.record]
                self._overwrote(("crm", given.record), row, given.values)
                self.wrong += self.edits.judge(Side.CRM, given.record, row.values, given.values)
            case "mailbox", "update":
                stored = seen[given.item]
                self.edits.wrote(given.item, outcome)
                if stored is not None:
                    self._overwrote(("mailbox", str(stored.uid)), stored, given.values)
                    self.wrong += self.edits.judge(Side.MAILBOX, given.item, stored.values, given.values)
                    self._marked(stored, given)
            case "crm", "delete":
                self._deleted(seen[given])
            case "mailbox", "remove":
                self._removed(seen[given])
                self.edits.removed(seen[given].uid)
            case _:
                pass

    # No double (I3)

    def _created_record(self, draft: Any, new: RecordId) -> None:
        intent = self.books.intents.get(draft.key)
        self.ours["crm", new] = dict(draft.values)
        if intent is None:
            self.wrong.append(f"B15: record {new} was created without an intent")
            return
        stored = self.world.post.items.get(intent.pair.item)
        if stored is None:
            return
        for earlier in self.made.get(stored.uid, []):
            row = self.world.org.rows.get(earlier)
            if row is not None and not row.deleted and not self._ended(earlier):
                self.wrong.append(f"I3: {new} is the second record of one item, {earlier} is there")
        self.unstamped[new] = stored.uid

    def _ended(self, record: RecordId) -> bool:
        """Whether the pair of a record was ended, or forgotten by a reset: then its item is nobody's again."""
        told = self.world.store.history(USER, record=record)
        known = any(p.record == record for p in self.world.store.pairs(USER))
        return not known and any(e.kind in ("unpair", "create", "pair") for e in told)

    def _created_item(self, draft: Any, new: ItemId) -> None:
        post = self.world.post
        stored = post.items[new]
        self.ours["mailbox", str(stored.uid)] = dict(draft.values)
        live = {i.uid: i for i in post.live_items()}
        home = post.below(stored.folder)
        going = {w.ref for w in self.world.store.pending(USER) if w.entry.kind == "remove"}  # in this very session
        for there in (live[uid] for uid in self.mirrored.get(draft.record, []) if uid in live):
            own = there.folder in home and there.record == draft.record and there.id not in going
            if own and self.looks.was_there(there):
                self.wrong.append(f"I3: {new} is the second item of {draft.record}, {there.id} is there")
        self.mirrored.setdefault(draft.record, []).append(stored.uid)
        self.edits.replaced(draft.record, stored.uid)

    # Nothing overwritten without a trace (L5), marks and pages of people left alone (C1, C2, L7)

    def _overwrote(self, owner: Owner, was: Row | Stored, values: Values) -> None:
        known = self.ours.setdefault(owner, {})
        for name, value in values.items():
            before = was.values.get(name, "")
            typed = name in KINDS and not is_blank(before) and not alike(name, before, known.get(name, ""))
            if typed and not alike(name, before, value):
                self.debts.append(owe(was, name, "was overwritten"))
            known[name] = value

    def _marked(self, stored: Stored, edit: ItemEdit) -> None:
        categories, page = edit.categories, edit.web_page
        record = RecordId(edit.record or "")
        if record in self.unstamped:
            # A7: identity travels in the property; what moved before it had one is matched by B2 alone.
            self.made.setdefault(self.unstamped.pop(record), []).append(record)
        if edit.record == "":
            # A9, A11, A13: it is personal, or nobody's, again; what becomes of it later is decided by B2 alone.
            self.made.pop(stored.uid, None)
        own = [c for c in stored.categories if not c.casefold().startswith(("salesforce", "sync error"))]
        if categories is not None and [c for c in categories if c in own] != own:
            self.wrong.append(f"C1: {stored.id} had {own}, now {categories}")
        if page is not None and stored.web_page and "acme.my.salesforce" not in stored.web_page:
            self.wrong.append(f"C2: the page {stored.web_page} of {stored.id} became {page}")

    # Authority (L4)

    def _deleted(self, row: Row | None) -> None:
        world = self.world
        assert row is not None
        self.wrong += filter(None, [self.brake.count("crm", row.id)])
        chosen, pairs = world.in_force, [p for p in world.store.pairs(USER) if p.record == row.id]
        if chosen.auto_removal is not AutoRemoval.ALLOWED or chosen.direction is Direction.DOWN:
            self.wrong.append(f"L4: {row.id} was deleted though {chosen.auto_removal} {chosen.direction}")
        if not pairs:
            self.wrong.append(f"L4: {row.id} was deleted without a pair")
        for there in filter(self._is_inside, self.looks.items_of(row.id)):
            self.wrong.append(f"L4: {row.id} was deleted though its item {there.id} is in the folder")

    def _is_inside(self, stored: Stored) -> bool:
        home = self.world.store.state(USER).get("folder")
        return home in self.world.post.folders and stored.folder in self.world.post.below(home)

    def _removed(self, stored: Stored | None) -> None:
        """D4, A18, B16, or an item that gives way to another one of the same record."""
        assert stored is not None
        world = self.world
        if not self._is_replaced(stored):
            self.wrong += filter(None, [self.brake.count("mailbox", stored.id)])
        row = world.org.rows.get(RecordId(stored.record))
        twin = [i for i in world.post.live_items() if i.record == stored.record and i.uid != stored.uid]
        gone = row is None or row.deleted or not world.org.sees(row, USER)
        view = world.in_force.view
        left = gone or world.org.is_broken(view) or (row is not None and not world.org.selects(view, row, USER))
        if not (left or twin or self._changed_lately(row) or self._is_merged(stored)):
            self.wrong.append(f"L4: {stored.id} was removed though {stored.record} is in scope")
        if world.in_force.direction is Direction.UP and not self._is_approved(stored):
            self.wrong.append(f"E1: {stored.id} was removed in direction up")
        if self.edits.is_raced(stored):
            return
        known = self.ours.get(("mailbox", str(stored.uid)), {})
        for name, value in stored.values.items():
            on_record = row is not None and alike(name, value, row.values.get(name, world.org.company_of(row)))
            if not is_blank(value) and not alike(name, value, known.get(name, "")) and not on_record:
                self.debts.append(owe(stored, name, "was removed with its item"))

    def _is_replaced(self, stored: Stored) -> bool:
        """D6: another item has taken its place in its pair, so that the mailbox loses nobody (D8 does not count it)."""
        pairs = self.world.store.pairs_of(USER, [RecordId(stored.record)], []) if stored.record else []
        return any(p.item and p.item != stored.id for p in pairs)

    def _is_approved(self, stored: Stored) -> bool:
        """C7: a person approved just this: "this one to Deleted Items"."""
        holds = self.world.store.holds(USER)
        return any(h.answer == "approve" and any(m.item == stored.id for m in h.members) for h in holds)

    def _changed_lately(self, row: Row | None) -> bool:
        """It came back into scope while the session ran: what no event announces is seen by the next one."""
        return row is not None and (self.world.clock.time - row.stamp).total_seconds() < 30

    def _is_merged(self, stored: Stored) -> bool:
        """B2, B16: its pair's record is another one by now (approved duplicates, merges)."""
        pairs = self.world.store.pairs_of(USER, [], [stored.id])
        return not pairs or pairs[0].record != stored.record

    # L3

    def begin(self) -> None:
        """Before each session."""
        self.looks.begin()
        self.brake = self._make_brake()
        self.edits.begin()
        self.expose()

    def _make_brake(self) -> Brake:
        """What the session may do, by the settings and answers that it begins with."""
        world, pairs = self.world, list(self.world.store.pairs(USER))
        approved = {m.record for h in world.store.holds(USER) if h.answer == "approve" for m in h.members}
        free = world.store.state(USER).get("scope_approved")
        known = {} if free else {ref: p.record for p in pairs if p.record not in approved for ref in (p.record, p.item)}
        chosen = world.settings
        return Brake(known, max(chosen.guard_count, chosen.guard_percent * len(pairs) // 100))  # type: ignore[arg-type]

    def expose(self) -> None:
        """What became known, or can't be known any more: called after each act, and before each session. Secrets of
        items that are marked by now are none."""
        self.edits.doubt()
        world = self.world
        post, known = world.post, world.store.state(USER).get("folder")
        home = known if known in post.folders else home_of(world)  # the first session's, before it is stored
        below = post.below(home) if home else frozenset[str]()
        for stored in post.items.values():
            marked = stored.is_marked and not stored.record and post.is_live(stored.folder)
            if (stored.folder in below or marked) and self._may_be_told(stored):
                self.exposed |= self._secrets_of(stored)

    def _may_be_told(self, stored: Stored) -> bool:
        """A13: what is private is told once a person approved it."""
        if stored.sensitivity is Sensitivity.NORMAL:
            return True
        holds = (h for h in self.world.store.holds(USER) if h.rule == "A13" and h.answer == "approve")
        pairs = self.world.store.pairs_of(USER, [], [stored.id])
        synced = any(p.frozen_for == "A13" and p.state is PairState.ACTIVE for p in pairs)
        return synced or any(m.item == stored.id for h in holds for m in h.members)

    def _secrets_of(self, stored: Stored) -> set[str]:
        """Those in its values, read once as long as it stays the same."""
        known = self.known.get(stored.id)
        if known is None or known[0] is not stored:
            known = self.known[stored.id] = stored, secrets(repr(stored.values))
        return known[1]

    def leaks(self) -> list[str]:
        """L3, A6, A9: secrets of personal contacts in what Salesforce was told or holds, or the store keeps."""
        shelf = self.world.store.shelf(USER) if hasattr(self.world.store, "shelf") else ""
        texts = [*self.asked, repr(self.world.org.rows), repr(shelf)]
        found = {s for text in texts for s in secrets(text)} - self.exposed
        return [f"L3: {s} of a personal contact was sent or kept" for s in sorted(found)]

    def unpaid(self) -> list[str]:
        """Debts that the history does not settle."""
        debts, self.debts = [d for d in self.debts if d.name != COMPANY], []
        told = self.world.store.history(USER) if debts else ()
        return [f"L5: {d.what}: {d.value!r} is nowhere in the history" for d in debts if not d.is_paid_by(told)]

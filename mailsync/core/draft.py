"""A plan in the making: the planner's parts put their actions, questions and notices here."""

from dataclasses import dataclass, field, replace

from mailsync.core.actions import Action, Plan, stage
from mailsync.core.changes import Item, Record
from mailsync.core.holds import Answer, answer_of, hold_name, is_decided, new_hold
from mailsync.core.looked import Looked
from mailsync.core.notices import Hold, HoldMember, Issue, Parked
from mailsync.core.pair import Pair
from mailsync.core.policy import Policy
from mailsync.core.refs import ItemId, RecordId, Side, Version
from mailsync.core.sight import Answers, Sight

SOON = frozenset({"A1", "A16", "B4", "B12", "B13", "B15", "B16", "D1", "D3"})
"""What is parked under these rules is looked at in the next session, whether or not a feed names it: bases of
parked fields stay behind, so that such a pair is only ever planned from both sides read afresh (A21)."""
ABOUT_PAIRS = frozenset({"A1", "B4", "B9", "B12", "C5", "D1", "D3"})
"""Questions about a pair are named by its record: an item's id changes when it is moved."""


@dataclass(slots=True)
class Draft:
    """Collects a plan. `claimed` records are spoken for: they must not be mirrored in this session (A17)."""

    sight: Sight
    answers: Answers
    policy: Policy
    actions: list[Action] = field(default_factory=list[Action])
    holds: dict[str, Hold] = field(default_factory=dict[str, Hold])
    issues: list[Issue] = field(default_factory=list[Issue])
    parked: list[Parked] = field(default_factory=list[Parked])
    notes: list[str] = field(default_factory=list[str])
    looked_at: Looked = field(default_factory=Looked)
    relinks: list[tuple[Pair, Item | None, str]] = field(default_factory=list[tuple[Pair, Item | None, str]])  # B9
    claimed: set[RecordId] = field(default_factory=set[RecordId])
    paired: set[RecordId] = field(default_factory=set[RecordId])  # got an item in this very session

    def look(self, record: RecordId | None, item: ItemId | None) -> None:
        """Says that this plan decides these references anew: their old notices end unless they are given again."""
        if record:
            self.looked_at.records.add(record)
        if item:
            self.looked_at.items.add(item)

    def take(self, record: RecordId) -> None:
        """Says that this very session gives the record an item: no other newcomer gets it, nor is it mirrored."""
        self.claimed.add(record)
        self.paired.add(record)

    def ask(self, rule: str, member: HoldMember, *more: str, detail: str = "") -> Answer:
        """The answer to a question about one record and item; unanswered, it becomes a hold and both are parked."""
        ref = member.record if rule in ABOUT_PAIRS else member.item
        name = hold_name(rule, *filter(None, (ref, *more)))
        return self.ask_set(rule, name, (member,), detail=detail)

    def ask_set(self, rule: str, name: str, members: tuple[HoldMember, ...], *, detail: str = "") -> Answer:
        """The answer to one question about a set. Members of the same open hold that were not looked at stay in it."""
        known = self.sight.holds.get(name)
        answer = answer_of(known, members)
        if answer is not Answer.OPEN:
            return answer
        refs = {(m.record, m.item) for m in members}
        kept = tuple(m for m in known.members if (m.record, m.item) not in refs) if known else ()
        kept = tuple(m for m in kept if not is_decided(rule, m, self.looked_at))
        self.holds[name] = new_hold(rule, name, kept + members, detail)
        for member in members:
            self.park(member.record, member.item, rule, "waits for an answer")
        return Answer.OPEN

    def keep_asking(self, rule: str, item: ItemId) -> None:
        """Keeps a question with its answer for the next session, which can carry it out."""
        known = self.sight.holds[hold_name(rule, item)]
        self.holds[known.name] = known
        self.park(None, item, rule, "answered; carried out in the next session", soon=True)

    def park(self, record: RecordId | None, item: ItemId | None, rule: str, reason: str, *, soon: bool = False) -> None:
        """Keeps the change for a later session (A21): looked at again when a feed names it or its hold is answered."""
        due = self.sight.now if soon or rule in SOON else None
        if record:
            seen = self.sight.records.get(record)
            self.parked.append(Parked(Side.CRM, record, rule, reason, due, in_scope=bool(seen and seen.in_scope)))
            self.claimed.add(record)
        if item:
            self.parked.append(Parked(Side.MAILBOX, item, rule, reason, due))

    def plan(self) -> Plan:
        """The finished plan: actions in the order of their stages, otherwise as they were drafted."""
        self._keep_sets()
        self._let_go()
        return Plan(
            tuple(sorted(self.actions, key=stage)),
            tuple(self.holds.values()),
            tuple(self.issues),
            tuple(self.parked),
            self.looked_at,
            tuple(self.notes),
        )

    def _keep_sets(self) -> None:
        """An open question about a set stays open for the members that nothing was decided about."""
        for hold in self.sight.holds.values():
            if hold.name not in self.holds and not hold.answer:
                rest = tuple(m for m in hold.members if not is_decided(hold.rule, m, self.looked_at))
                if rest and rest != hold.members:
                    self.holds[hold.name] = replace(hold, members=rest)

    def _let_go(self) -> None:
        """A17: a record that a question showed and that none shows any more is read in the next session: no feed need
        name it again, so that only a sweep would find it."""
        sight = self.sight
        members = [(h.rule, m) for h in sight.holds.values() for m in h.members]
        asked = {(rule, m.record) for rule, m in members}
        shown = {m.record for rule, m in members if not is_decided(rule, m, self.looked_at)}
        shown |= {m.record for h in self.holds.values() for m in h.members}
        settled = (shown, self.looked_at.records, sight.records, sight.fates, sight.unreadable)
        for known in sight.parked.values() if asked else ():
            if (known.rule, known.ref) in asked and not any(known.ref in there for there in settled):
                self.parked.append(replace(known, due=sight.now))


def member(pair: Pair | None, record: Record | None, item: Item | None, note: str = "") -> HoldMember:
    """A hold's member with the versions seen now, or last known."""
    return HoldMember(
        record.id if record else pair.record if pair else None,
        item.id if item else pair.item if pair else None,
        record.version if record else pair.crm.version if pair else Version(""),
        item.version if item else pair.mailbox.version if pair else Version(""),
        note,
    )

"""Writes on what was there already that were announced but whose outcome was never recorded (decision 0015): what is
there now tells whether they were carried out. Otherwise a lost answer would cost the history its entry, and with it the
loser of a conflict (L5), and a removal its tombstone."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from mailsync.core.actions import RemoveItem
from mailsync.core.changes import Item, MailboxChanges, Record, Sensitivity, Trace
from mailsync.core.entries import Change, Entry, doubt
from mailsync.core.meaning import same
from mailsync.core.merge import COMPANY
from mailsync.core.notices import Parked
from mailsync.core.pair import Pair, Tombstone
from mailsync.core.person import FieldType, is_blank
from mailsync.core.refs import FieldName, ItemId, RecordId, Side, Version
from mailsync.core.returns import GIVES_WAY
from mailsync.ports.ledger import Batch, Pending
from mailsync.session.accounts import look_for_accounts, makes_account
from mailsync.session.agent import Agent
from mailsync.session.recover import Recovered
from mailsync.session.work import Work, advance

NOBODY = RecordId("")
UNCERTAIN = "its answer was lost, and what it was to replace is gone since: it may not have been carried out"
STAYS = "its removal was begun, but nothing is removed from the mailbox in direction up"
PRIVATE = "its removal was begun, but it is private by now"
MOVE = "move"
"""The kind of an announced move, which is finished where it was cut off, but not told of: it carries no values."""


def record_done(done: Sequence[Pending], settled: Sequence[Pending]) -> Batch:
    """What is recorded of writes that were carried out; those `settled` are no longer open."""
    return Batch(
        pairs=tuple(w.pair for w in done if w.pair),
        ended=tuple(w.ended for w in done if w.ended),
        tombstones=tuple(w.stone for w in done if w.stone),
        entries=tuple(w.entry for w in done),
        settled=tuple(w.key for w in settled),
        unparked=tuple((Side.CRM, w.ended) for w in done if w.ended),  # nothing waits for a pair that is over
        mended=tuple((w.ended, None) for w in done if w.ended),
    )


def recover_writes(agent: Agent, recovered: Recovered, reported: MailboxChanges) -> Batch:
    """Looks all open writes up; what was carried out is added to `recovered` and to be committed before planning, as
    if its answer had come; what was not is planned anew, and what can't be told is in the history all the same. To be
    called once the feeds know the folder; a second time, where that was found lost after all, for what is open still.
    Raises VendorError."""
    pending = [w for w in recovered.waiting.pending if w.key not in recovered.settled]
    recovered.moving = [w for w in pending if w.entry.kind == MOVE]
    writes = [w for w in pending if not makes_account(w) and w not in recovered.moving]
    asked = {m.item for h in recovered.waiting.holds for m in h.members}
    found = _look_up(agent, writes, [i for i in (*reported.outside, *reported.seen) if i.id not in asked])
    made, awaited = look_for_accounts(agent, [w for w in pending if makes_account(w)])
    still = (*found.begun.values(), *found.hidden.values(), *awaited, *recovered.moving)
    batch = _record_found(agent, found, made, [w for w in pending if w not in still])
    recovered.leaving |= found.begun
    recovered.hidden = found.hidden
    recovered.awaited |= {w.ref.casefold() for w in awaited}
    recovered.pairs += batch.pairs
    recovered.ended += batch.ended
    recovered.stones += batch.tombstones
    recovered.settled += batch.settled
    recovered.parked += batch.parked
    return batch


@dataclass(frozen=True, slots=True)
class _Found:
    """What became of open writes, as their targets tell, which are as in `present`."""

    present: "_Present"
    done: Sequence[Pending]
    begun: Mapping[ItemId, Pending]  # removals still to be finished
    staying: Mapping[ItemId, tuple[Pending, str]]  # removals that are dropped, and why
    hidden: dict[ItemId, Pending]  # removals of what is not shown now
    updates: Sequence[Pending]  # done or not
    uncertain: Sequence[Pending]


def _look_up(agent: Agent, writes: Sequence[Pending], reported: Collection[Item]) -> _Found:
    """`reported`: items that may be those of the writes under another id; one that is asked about is another one."""
    present = _read_present(agent, writes, reported)
    done = [w for w in writes if _is_done(agent, w, present)]
    begun = {ItemId(w.ref): w for w in writes if w not in done and _is_begun(agent, w, present)}
    staying = _find_staying(agent, begun, present)
    return _Found(
        present,
        done,
        {i: w for i, w in begun.items() if i not in staying},
        staying,
        {ItemId(w.ref): w for w in writes if _is_hidden(w, present)},
        [w for w in writes if w.entry.kind == "update"],
        [w for w in writes if w not in done and _is_uncertain(agent, w, present)],
    )


def _record_found(agent: Agent, found: _Found, made: Sequence[Pending], settled: Sequence[Pending]) -> Batch:
    """What is recorded of open writes once they are looked up, `made` Accounts with them."""
    rebased = _rebase(agent, found.updates, found.done, found.present)
    finished = [replace(w, pair=None) if w.entry.kind == "update" else w for w in found.done]
    batch = record_done([*finished, *made], settled)
    told = (doubt(w.entry, UNCERTAIN) for w in found.uncertain)
    now = agent.clock.now()
    parked = (Parked(Side.MAILBOX, i, w.entry.rule, why, now) for i, (w, why) in found.staying.items())
    pairs, entries = (*rebased, *batch.pairs), (*batch.entries, *told)
    return replace(batch, pairs=pairs, entries=entries, parked=tuple(parked))


def _rebase(
    agent: Agent, updates: Sequence[Pending], done: Collection[Pending], present: "_Present"
) -> Collection[Pair]:
    """Pairs with what their updates changed, as far as that is there: of one that is not done, since somebody edited
    one of its fields meanwhile, the others. They are changed as they are by now: the session that lost an answer may
    have gone on and written the same pair, whose bases then are not those of the announcement (B10). A pair that ended
    since stays ended."""
    known = {p.record: p for p in agent.store.pairs_of(agent.user, [w.pair.record for w in updates if w.pair], [])}
    rebased: dict[RecordId, Pair] = {}
    for write in updates:
        pair = known.get(write.pair.record) if write.pair else None
        if pair is None or write.pair is None:
            continue
        names = _find_held(agent, write, _target(write, present))
        if write in done:
            names = {*write.values}
            if write.account is not None:
                names.add(COMPANY)
                pair = replace(pair, account=write.pair.account, account_name=write.pair.account_name)
        if names:
            known[pair.record] = rebased[pair.record] = _advance_by(pair, names, write.pair)
    return rebased.values()


def _advance_by(pair: Pair, names: Set[FieldName], announced: Pair) -> Pair:
    """A pair whose bases have those fields as an update was to leave them."""
    crm, mailbox = ({n: v for n, v in b.values.items() if n in names} for b in (announced.crm, announced.mailbox))
    return advance(pair, crm=crm, mailbox=mailbox, versions=(Version(""), Version("")))


def announce_removal(work: Work, action: RemoveItem) -> Pending:
    """A removal before it is sent; the same one if it was announced already. The values are those that it removes."""
    place = work.place(action.item.id)
    pair = action.pair
    return work.leaving.get(place) or Pending(
        work.agent.clock.key(),
        place,
        _removal_entry(work, action),
        action.item.values,
        pair=action.after,
        ended=pair.record if pair and not action.after else None,
        stone=Tombstone(pair.record, None, action.why.rule) if pair else None,
    )


def _removal_entry(work: Work, action: RemoveItem) -> Entry:
    """What was removed, with the values before and the edits that went with it (D4: the edit is in the history)."""
    before = action.pair.mailbox.values if action.pair else action.item.values
    fields = {str(n): Change(v, "", action.lost.get(n, "")) for n, v in before.items() if not is_blank(v)}
    for name, value in action.lost.items():
        fields.setdefault(str(name), Change("", "", value))
    record = action.pair.record if action.pair else action.item.record
    return work.entry(action.why, Side.MAILBOX, "remove", record, action.item.id, fields)


@dataclass(frozen=True, slots=True)
class _Present:
    """What the targets of open writes are by now."""

    records: Mapping[RecordId, Record | None]
    deleted: Set[RecordId]
    items: Mapping[ItemId, Item | None]


def _read_present(agent: Agent, pending: Sequence[Pending], reported: Collection[Item]) -> _Present:
    records = sorted({RecordId(w.ref) for w in pending if w.entry.side is Side.CRM})
    items = sorted({ItemId(w.ref) for w in pending if w.entry.side is Side.MAILBOX})
    read: Mapping[RecordId, Record | None] = agent.crm.read(records, agent.scope) if records else {}
    lost = [r for r in records if read.get(r) is None]
    fates: Mapping[RecordId, Trace] = agent.crm.fates(lost) if lost else {}
    deleted = {r for r, trace in fates.items() if trace.deleted and not trace.master}
    present = dict(agent.mailbox.read(items) if items else {})
    # Moved since, an item has another id and names its record still (A7).
    by_record = {i.record: i for i in reported if i.record}
    for write in pending:
        item = ItemId(write.ref)
        if write.entry.kind == "update" and item in present and present[item] is None:
            present[item] = by_record.get(write.entry.record or NOBODY)
    return _Present(read, deleted, present)


def _is_done(agent: Agent, write: Pending, present: _Present) -> bool:
    match write.entry.kind:
        case "delete":
            return write.ref in present.deleted
        case "restore":
            return present.records.get(RecordId(write.ref)) is not None
        case "remove":
            target = present.items.get(ItemId(write.ref))
            return not _is_hidden(write, present) and (target is None or not target.inside)
        case _:
            return _holds_values(agent, write, present)


def _is_hidden(write: Pending, present: _Present) -> bool:
    """Whether the mailbox would not show the item of a removal: it proves nothing, and the next session asks again."""
    return write.entry.kind == "remove" and ItemId(write.ref) not in present.items


def _is_begun(agent: Agent, write: Pending, present: _Present) -> bool:
    """Whether a removal that no pair remembers is still to be finished: the item is there, as it was (L5)."""
    alone = write.entry.kind == "remove" and not (write.pair or write.ended or write.stone)
    return alone and _holds_values(agent, write, present)


def _find_staying(
    agent: Agent, begun: Mapping[ItemId, Pending], present: _Present
) -> Mapping[ItemId, tuple[Pending, str]]:
    """Removals of items that were to give way, which are dropped where the direction is up by now (E1), or the item is
    private (A13), and why. They have no pair, and no feed need name them again, so they are parked: the planner asks
    what is to become of them (D6)."""
    given = {i: w for i, w in begun.items() if w.entry.reason == GIVES_WAY}
    if given and not agent.policy({}).mirrors:
        return {i: (w, STAYS) for i, w in given.items()}
    items = {i: present.items.get(i) for i in given}
    return {i: (given[i], PRIVATE) for i, n in items.items() if n and n.sensitivity is not Sensitivity.NORMAL}


def _is_uncertain(agent: Agent, write: Pending, present: _Present) -> bool:
    """Whether nobody can tell if an update was carried out: its target is neither as it was before nor as it was to be,
    or gone. A value that it replaced may be in no other entry (L5)."""
    if write.entry.kind != "update":
        return False
    target, policy = _target(write, present), agent.policy({})
    types = {str(f.name): f.type for f in policy.fields}
    replaced = ((n, c.before) for n, c in write.entry.fields.items() if n in types)
    return any(
        target is None or not same(target.values.get(FieldName(n)), v, types[n], policy.region) for n, v in replaced
    )


def _target(write: Pending, present: _Present) -> Record | Item | None:
    """What is written, as it is by now."""
    match write.entry.side:
        case Side.CRM:
            return present.records.get(RecordId(write.ref))
        case Side.MAILBOX:
            return present.items.get(ItemId(write.ref))


def _holds_values(agent: Agent, write: Pending, present: _Present) -> bool:
    """Whether an update's target means now what was sent."""
    target = _target(write, present)
    linked = write.account is None or (isinstance(target, Record) and (target.account or "") == write.account)
    return target is not None and linked and len(_find_held(agent, write, target)) == len(_types_of(agent, write))


def _find_held(agent: Agent, write: Pending, target: Record | Item | None) -> Set[FieldName]:
    """Those fields of an update whose values its target means now."""
    if target is None:
        return set()
    region, types = agent.policy({}).region, _types_of(agent, write)
    return {n for n, t in types.items() if same(target.values.get(n), write.values[n], t, region)}


def _types_of(agent: Agent, write: Pending) -> Mapping[FieldName, FieldType]:
    """The fields that an update wrote and that are mapped still."""
    return {f.name: f.type for f in agent.policy({}).fields if f.name in write.values}

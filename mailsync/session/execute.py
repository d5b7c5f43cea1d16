"""Carrying a plan out, stage by stage; each stage records its own results before the next one starts."""

from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from typing import Any, TypeVar

from mailsync.core.actions import (
    Action,
    CreateItem,
    CreateRecord,
    DeleteRecord,
    EndPair,
    MoveIn,
    PairUp,
    Plan,
    RemoveItem,
    Stage,
    Stamp,
    UpdateItem,
    UpdateRecord,
    ids,
    stage,
)
from mailsync.core.holds import is_decided as is_member_decided
from mailsync.core.notices import Hold, HoldMember, Parked
from mailsync.core.refs import ItemId, RecordId, Side, Version
from mailsync.ports.ledger import Batch
from mailsync.session.agent import Keys
from mailsync.session.creates import create_items, create_records
from mailsync.session.places import move_in, stamp, store_pairs
from mailsync.session.removals import delete_records, remove_items
from mailsync.session.updates import update_items, update_records
from mailsync.session.work import Work

A = TypeVar("A")


def carry_out(work: Work, plan: Plan, alive: Callable[[], None]) -> None:
    """Carries out all stages. `alive` is called between them and raises when the session must stop. Raises FenceLost
    before anything is sent where the session was overtaken while it read."""
    if plan.actions:
        work.commit(Batch())
    for current in Stage:
        alive()
        actions = [a for a in plan.actions if stage(a) is current]
        _carry_stage(work, [a for a in actions if not _waits(work, a)], current, plan)
        if current is Stage.MOVES:
            _hold_back(work, plan)


def _hold_back(work: Work, plan: Plan) -> None:
    """What hangs on an item that could not be moved in is left for the next session, on both sides."""
    if work.unmoved:
        hanging = {record for record, item in map(ids, plan.actions) if record and item in work.unmoved}
        for record in sorted(hanging):
            work.waiting.add(record)
            work.park(Side.CRM, record, "A7", "its item could not be moved", work.now())


def _waits(work: Work, action: Action) -> bool:
    record, item = ids(action)
    return item in work.unmoved or record in work.waiting


def _carry_stage(work: Work, actions: Sequence[Action], current: Stage, plan: Plan) -> None:
    match current:
        case Stage.MOVES:
            move_in(work, _only(actions, MoveIn))
        case Stage.PAIRS:
            store_pairs(work, [a for a in actions if isinstance(a, PairUp | EndPair)], plan)
        case Stage.MARKS:
            stamp(work, _only(actions, Stamp))
        case Stage.CREATE_UP:
            create_records(work, _only(actions, CreateRecord))
        case Stage.CREATE_DOWN:
            create_items(work, _only(actions, CreateItem))
        case Stage.UPDATE:
            update_records(work, _only(actions, UpdateRecord))
            update_items(work, _only(actions, UpdateItem))
        case Stage.REMOVE:
            delete_records(work, _only(actions, DeleteRecord))
            remove_items(work, _only(actions, RemoveItem))


def _only(actions: Sequence[Action], kind: type[A]) -> list[A]:
    return [a for a in actions if isinstance(a, kind)]


def close_books(work: Work, plan: Plan, state: dict[str, Any]) -> Batch:
    """The session's last transaction (A21): cursors together with an entry for each change that was not carried out."""
    holds = tuple(replace(h, members=tuple(_placed(work, m) for m in h.members)) for h in plan.holds)
    looked = {(side, _place(work, side, ref)) for side, ref in plan.looked_at} | set(plan.looked_at)
    released = _released(work, looked, {h.name for h in holds})
    over = looked | _over(work, plan, released) | {(Side.MAILBOX, i) for i in work.followed}
    mended: list[tuple[RecordId | None, ItemId | None]] = [
        (RecordId(r), None) if s is Side.CRM else (None, ItemId(r)) for s, r in over
    ]
    parked = tuple(_unique([*plan.parked, *work.parked], work))
    changed = bool(plan.actions or parked or work.later or over & work.sight.parked.keys())
    counted = None if changed or state.get(Keys.COUNTED) is None else [work.fence, state[Keys.COUNTED]]
    mended.append((None, None))  # what is told of the feeds themselves is told anew each session
    return Batch(
        parked=parked,
        unparked=tuple(over),
        issues=(*plan.issues, *work.issues),
        mended=tuple(mended),
        holds=holds,
        released=tuple(released),
        state={**state, Keys.COUNTED: counted},
    )


def _over(work: Work, plan: Plan, released: Sequence[str]) -> set[tuple[Side, str]]:
    """Parked records without a pair that went or left the scope: nothing is left to be done, and nothing to be told.
    Not those that a question is about; one that was decided by its item alone (B17) is about nothing any more."""
    sight = work.sight
    going = (h for n, h in sight.holds.items() if n not in released)
    asked = {m.record for h in (*going, *plan.holds) for m in h.members}
    parked = {RecordId(ref) for side, ref in sight.parked if side is Side.CRM} - asked - work.known.keys()
    lost = {r for r in parked if r in sight.fates or r in sight.unreadable}
    lost |= parked & {m.record for n in released if sight.holds[n].rule == "B17" for m in sight.holds[n].members}
    left = {r for r in parked & sight.records.keys() if not sight.records[r].in_scope}
    return {(Side.CRM, r) for r in (lost | left) - work.pairs.keys()}


def _placed(work: Work, member: HoldMember) -> HoldMember:
    """A hold's member as it is after this session: our own writes must not make its answer void (C7)."""
    item = work.place(member.item) if member.item else None
    mailbox = work.versions.get(item, member.mailbox_version) if item else member.mailbox_version
    crm = Version("") if member.record in work.written else member.crm_version
    return replace(member, item=item, crm_version=crm, mailbox_version=mailbox)


def _place(work: Work, side: Side, ref: str) -> str:
    return work.place(ItemId(ref)) if side is Side.MAILBOX else ref


def _unique(parked: Sequence[Parked], work: Work) -> list[Parked]:
    latest = {(p.side, _place(work, p.side, p.ref), p.rule): p for p in parked}
    return [replace(p, ref=ref) for (_, ref, _), p in latest.items()]


def _released(work: Work, looked: set[tuple[Side, str]], kept: set[str]) -> list[str]:
    """Holds whose members were decided anew and that were not asked again are over."""
    return [n for n, hold in work.sight.holds.items() if n not in kept and is_decided(hold, looked)]


def is_decided(hold: Hold, looked: Set[tuple[Side, str]]) -> bool:
    """Whether a plan that looked at these references has decided anew what a hold is about."""
    return any(is_member_decided(hold.rule, m, looked) for m in hold.members)

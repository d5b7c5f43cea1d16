"""Brakes over a plan: many deletions, removals or blankings at once (D8, A3)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mailsync.core.actions import (
    Action,
    CreateItem,
    DeleteRecord,
    EndPair,
    PairUp,
    RemoveItem,
    UpdateItem,
    UpdateRecord,
    Why,
)
from mailsync.core.draft import Draft, member
from mailsync.core.holds import Answer, answer_of, hold_name
from mailsync.core.merge import Moved
from mailsync.core.mirror import mirror
from mailsync.core.notices import HoldMember
from mailsync.core.pair import Base, Pair, PairState, Tombstone
from mailsync.core.person import is_blank
from mailsync.core.refs import FieldName, ItemId, RecordId, Side

BRAKED = {Side.CRM: "delete", Side.MAILBOX: "remove"}


Weighed = UpdateRecord | UpdateItem | DeleteRecord | RemoveItem | CreateItem
KINDS: Mapping[Side, tuple[type[Weighed], ...]] = {
    Side.CRM: (UpdateRecord, DeleteRecord),
    Side.MAILBOX: (UpdateItem, RemoveItem, CreateItem),
}
"""The kinds of actions among which D8 and A3 hold some, by side."""


def brake(draft: Draft) -> None:
    """Takes held actions out of the draft (D8). Values turned blank count with the deletions of their side."""
    for side in Side:
        kinds = KINDS[side]
        braked = [a for a in draft.actions if isinstance(a, kinds) and _is_braked(a)]
        # A3: what a listing that nobody believes lacks is held whatever its number.
        held = [a for a in braked if draft.sight.suspicious and isinstance(a, DeleteRecord | CreateItem)]
        weighty = [a for a in braked if _weight(a, draft)]
        done = draft.sight.counted.get(BRAKED[side], 0) + draft.sight.counted.get(f"blank {side.value}", 0)
        if _too_many(sum(_weight(a, draft) for a in weighty) + done, draft):
            held += [a for a in weighty if a not in held]
        # What an open question is about stays with it, however few they have become.
        asked = {(m.record, m.item) for m in _asked(draft, side)}
        held += [a for a in braked if a not in held and _refs(a) in asked]
        _hold_all(draft, side, held)


def _asked(draft: Draft, side: Side) -> Sequence[HoldMember]:
    hold = draft.sight.holds.get(hold_name("D8", side.value))
    return hold.members if hold else ()


def _refs(action: Action) -> tuple[RecordId | None, ItemId | None]:
    asked = _member(action)
    return asked.record, asked.item


def _too_many(total: int, draft: Draft) -> bool:
    limit, percent = draft.policy.guard_count, draft.policy.guard_percent
    return total > limit and total * 100 > percent * draft.sight.pair_count


def _is_braked(action: Weighed) -> bool:
    """Whether an action of these kinds is one that D8 or A3 may hold."""
    match action:
        case UpdateRecord(moved=moved) | UpdateItem(moved=moved):
            return bool(_blanks(moved))
        case DeleteRecord():
            return True
        case RemoveItem(pair=pair):
            return pair is not None
        case CreateItem(why=why):
            return why.rule == "D1"


def _weight(action: Weighed, draft: Draft) -> int:
    """How much an action counts: re-creates don't, nor the removals of a scope change that a person approved."""
    match action:
        case RemoveItem(why=why):
            return int(not (draft.sight.scope_approved and why.rule == "A18"))
        case UpdateRecord(moved=moved) | UpdateItem(moved=moved):
            return len(_blanks(moved))
        case CreateItem():
            return 0
        case _:
            return 1


def _blanks(moved: Mapping[FieldName, Moved]) -> list[FieldName]:
    return [n for n, m in moved.items() if is_blank(m.sent) and not is_blank(m.before)]


def _member(action: Action) -> HoldMember:
    match action:
        case DeleteRecord(pair=pair) | UpdateRecord(pair=pair) | UpdateItem(pair=pair):
            return member(pair, None, None)
        case CreateItem(pair=pair) if pair is not None:
            return member(pair, None, None)
        case RemoveItem(item=item, pair=pair):
            return member(pair, None, item)
        case _:
            raise AssertionError(action)


def _hold_all(draft: Draft, side: Side, pending: Sequence[Action]) -> None:
    """One hold for all that no answer is there for; those that were answered as they are follow their answer."""
    name = hold_name("D8", side.value)
    hold = draft.sight.holds.get(name)
    answered = [a for a in pending if answer_of(hold, (_member(a),)) is not Answer.OPEN]
    for batch in (answered, [a for a in pending if a not in answered]):
        if batch:
            _hold(draft, side, name, batch)


def _hold(draft: Draft, side: Side, name: str, pending: Sequence[Action]) -> None:
    members = tuple(dict.fromkeys(_member(a) for a in pending))
    detail = f"{len(members)} contacts in {'Salesforce' if side is Side.CRM else 'the mailbox'}"
    answer = draft.ask_set("D8", name, members, detail=detail)
    if answer is Answer.APPROVED:
        return
    for action in pending:
        draft.actions.remove(action)
        rest = _without_blanks(action)
        if rest is not None:
            draft.actions.append(rest)
        if answer is Answer.REJECTED:
            _undo(draft, action)


def _without_blanks(action: Action) -> Action | None:
    """What of an update goes on though its blanks are held; None: nothing."""
    if not isinstance(action, UpdateRecord | UpdateItem):
        return None
    held = set(_blanks(action.moved))
    moved = {n: m for n, m in action.moved.items() if n not in held}
    return replace(action, moved=moved) if moved else None


def _undo(draft: Draft, action: Action) -> None:
    """Rejected: deletions are re-created, removals kept and frozen, overwrites keep the old values."""
    match action:
        case DeleteRecord(pair=pair):
            _recreate(draft, pair)
        case CreateItem():
            draft.actions.append(action)
        case RemoveItem(item=item, pair=pair) if pair is not None:
            kept = replace(pair, item=item.id, state=PairState.FROZEN, frozen_for="D8")
            draft.actions.append(PairUp(kept, Why("D8", "rejected: kept and frozen")))
        case UpdateRecord(pair=pair, moved=moved) | UpdateItem(pair=pair, moved=moved):
            blanks = {n: moved[n] for n in _blanks(moved)}
            kept = _kept(_latest(draft, pair), blanks, up=isinstance(action, UpdateRecord))
            draft.actions.append(PairUp(kept, Why("D8", "rejected: the old values stay")))
        case _:
            raise AssertionError(action)


def _recreate(draft: Draft, pair: Pair) -> None:
    record = draft.sight.records.get(pair.record)
    if record is not None and draft.policy.mirrors:
        mirror(draft, record, Why("D8", "rejected: re-created in the mailbox"), pair=pair)
    else:
        # E1: nothing is created in the mailbox in direction up.
        draft.actions.append(EndPair(pair, Tombstone(pair.record, None, "D8"), Why("D8", "rejected: only unpaired")))


def _latest(draft: Draft, pair: Pair) -> Pair:
    """The pair as the draft will last store it."""
    stored = [a.pair for a in draft.actions if isinstance(a, PairUp) and a.pair.record == pair.record]
    return stored[-1] if stored else pair


def _kept(pair: Pair, blanks: dict[FieldName, Moved], *, up: bool) -> Pair:
    """The blanked side's base takes the blank, so that it does not flow; the other side keeps its value."""
    source = {n: m.source for n, m in blanks.items()}
    if up:
        return replace(pair, mailbox=Base({**pair.mailbox.values, **source}, pair.mailbox.version))
    return replace(pair, crm=Base({**pair.crm.values, **source}, pair.crm.version))

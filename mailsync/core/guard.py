"""Brakes over a plan: many deletions, removals or blankings at once (D8), and creates that come back again (C5)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mailsync.core.actions import Action, CreateRecord, DeleteRecord, PairUp, RemoveItem, UpdateItem, UpdateRecord, Why
from mailsync.core.draft import Draft, member
from mailsync.core.holds import Answer, answer_of, hold_name
from mailsync.core.merge import Moved
from mailsync.core.mirror import mirror
from mailsync.core.notices import HoldMember
from mailsync.core.pair import Base, Pair, PairState
from mailsync.core.person import is_blank
from mailsync.core.refs import FieldName, ItemId, RecordId, Side

BRAKED = {Side.CRM: "delete", Side.MAILBOX: "remove"}


def brake(draft: Draft) -> None:
    """Takes held actions out of the draft (D8). Values turned blank count with the deletions of their side."""
    for side in Side:
        pending = [a for a in draft.actions if _weight(a, side, draft)]
        total = sum(_weight(a, side, draft) for a in pending)
        done = draft.sight.counted.get(BRAKED[side], 0) + draft.sight.counted.get(f"blank {side.value}", 0)
        if _too_many(total + done, draft) or draft.sight.suspicious:
            _hold_all(draft, side, pending)
        else:
            # What an open question is about stays with it, however few they have become.
            asked = {(m.record, m.item) for m in _asked(draft, side)}
            _hold_all(draft, side, [a for a in pending if _refs(a) in asked])


def _asked(draft: Draft, side: Side) -> Sequence[HoldMember]:
    hold = draft.sight.holds.get(hold_name("D8", side.value))
    return hold.members if hold else ()


def _refs(action: Action) -> tuple[RecordId | None, ItemId | None]:
    asked = _member(action)
    return asked.record, asked.item


def _too_many(total: int, draft: Draft) -> bool:
    limit, percent = draft.policy.guard_count, draft.policy.guard_percent
    return total > limit and total * 100 > percent * draft.sight.pair_count


def _weight(action: Action, side: Side, draft: Draft) -> int:
    """How much one action counts on one side."""
    match action:
        case DeleteRecord():
            return int(side is Side.CRM)
        case RemoveItem(pair=pair, why=why):
            approved = draft.sight.scope_approved and why.rule == "A18"
            return int(side is Side.MAILBOX and pair is not None and not approved)
        case UpdateRecord(moved=moved):
            return len(_blanks(moved)) if side is Side.CRM else 0
        case UpdateItem(moved=moved):
            return len(_blanks(moved)) if side is Side.MAILBOX else 0
        case _:
            return 0


def _blanks(moved: Mapping[FieldName, Moved]) -> list[FieldName]:
    return [n for n, m in moved.items() if is_blank(m.sent) and not is_blank(m.before)]


def _member(action: Action) -> HoldMember:
    match action:
        case DeleteRecord(pair=pair) | UpdateRecord(pair=pair) | UpdateItem(pair=pair):
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
            record = draft.sight.records.get(pair.record)
            if record is not None:
                mirror(draft, record, Why("D8", "rejected: re-created in the mailbox"), pair=pair)
        case RemoveItem(item=item, pair=pair) if pair is not None:
            kept = replace(pair, item=item.id, state=PairState.FROZEN, frozen_for="D8")
            draft.actions.append(PairUp(kept, Why("D8", "rejected: kept and frozen")))
        case UpdateRecord(pair=pair, moved=moved) | UpdateItem(pair=pair, moved=moved):
            blanks = {n: moved[n] for n in _blanks(moved)}
            kept = _kept(pair, blanks, up=isinstance(action, UpdateRecord))
            draft.actions.append(PairUp(kept, Why("D8", "rejected: the old values stay")))
        case _:
            raise AssertionError(action)


def _kept(pair: Pair, blanks: dict[FieldName, Moved], *, up: bool) -> Pair:
    """The blanked side's base takes the blank, so that it does not flow; the other side keeps its value."""
    source = {n: m.source for n, m in blanks.items()}
    if up:
        return replace(pair, mailbox=Base({**pair.mailbox.values, **source}, pair.mailbox.version))
    return replace(pair, crm=Base({**pair.crm.values, **source}, pair.crm.version))


def brake_storm(draft: Draft) -> None:
    """C5: creates that are equal to existing pairs, more than the limit, are held as one set."""
    known = {_print(p) for p in draft.sight.pairs}
    twins = [a for a in draft.actions if isinstance(a, CreateRecord) and _same(a) in known]
    if len(twins) <= draft.policy.storm_limit:
        return
    members = tuple(member(None, None, a.item) for a in twins)
    if draft.ask_set("C5", "C5", members, detail=f"{len(members)} contacts") is not Answer.APPROVED:
        for action in twins:
            draft.actions.remove(action)


def _print(pair: Pair) -> tuple[str, ...]:
    return tuple(
        str(pair.mailbox.values.get(FieldName(n), "")).casefold() for n in ("FirstName", "LastName", "Company")
    )


def _same(action: CreateRecord) -> tuple[str, ...]:
    return tuple(str(action.item.values.get(FieldName(n), "")).casefold() for n in ("FirstName", "LastName", "Company"))

"""Conditional updates on both sides; bases advance by what was carried out, never by what was intended (B10-B15)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from mailsync.core.actions import Stamp, UpdateItem, UpdateRecord, Why
from mailsync.core.entries import ACCOUNT, ACCOUNT_ID, Change, Entry
from mailsync.core.merge import COMPANY, Moved
from mailsync.core.notices import Issue
from mailsync.core.pair import Pair
from mailsync.core.person import Value, Values, display_name, file_as
from mailsync.core.refs import FieldName, ItemId, Key, Side, Version
from mailsync.ports.crm import RecordEdit
from mailsync.ports.ledger import Batch, Pending
from mailsync.ports.mailbox import ItemEdit
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Stale, Written
from mailsync.session.places import stamp
from mailsync.session.refusals import add_seals, write_seal
from mailsync.session.work import RETRY, Work, advance

NAMING = frozenset(FieldName(n) for n in ("FirstName", "MiddleName", "LastName"))
AT_ONCE = 100
A = TypeVar("A")


def update_records(work: Work, actions: Sequence[UpdateRecord]) -> None:
    """Sends changed values up. A field that Salesforce refuses is left out and the rest is sent at once (B13)."""
    done = 0
    for part in _parts(actions):
        again = _carry_up(work, part)
        _carry_up(work, again, last=True)
        stamp(work, _error_marks(work, part))
        done += len(part)
        work.progress("updating in Salesforce", done, len(actions))


def _parts(actions: Sequence[A], at_once: int = AT_ONCE) -> Iterator[Sequence[A]]:
    for start in range(0, len(actions), at_once):
        yield actions[start : start + at_once]


def _carry_up(work: Work, actions: Sequence[UpdateRecord], *, last: bool = False) -> list[UpdateRecord]:
    """Announces, sends and records updates; returns those that are worth sending without the refused fields. A stale
    one stays open: repeated after a lost answer, it is stale through itself, and the next session finds it done."""
    if not actions:
        return []
    pairs = [work.pair(a.pair) for a in actions]
    announced = [_announce_up(work, a, p) for a, p in zip(actions, pairs, strict=True)]
    edits = [
        RecordEdit(p.record, p.crm.version, w.values, a.account)
        for a, p, w in zip(actions, pairs, announced, strict=True)
    ]
    work.commit(Batch(pending=tuple(announced)))
    outcomes = work.agent.crm.update(edits)
    settled = [_settle_up(work, *told, last=last) for told in zip(actions, announced, outcomes, strict=True)]
    unwritten = [w.key for w, o in zip(announced, outcomes, strict=True) if not isinstance(o, Written | Stale)]
    if unwritten:
        work.commit(Batch(settled=tuple(unwritten)))
    return [a for a in settled if a is not None]


def _announce_up(work: Work, action: UpdateRecord, pair: Pair) -> Pending:
    fields = as_history(action.moved)
    if action.account is not None:
        fields[ACCOUNT] = Change(pair.account_name, action.account_name)
        fields[ACCOUNT_ID] = Change(pair.account or "", action.account)
    entry = work.entry(action.why, Side.CRM, "update", pair.record, pair.item, fields)
    values = {n: m.sent for n, m in action.moved.items()}
    after = _after_up(action, pair) if action.advance else None
    return Pending(work.agent.clock.key(), pair.record, entry, values, action.account, after)


def _settle_up(
    work: Work, action: UpdateRecord, announced: Pending, outcome: Outcome, *, last: bool
) -> UpdateRecord | None:
    """Records an outcome; returns the action without the refused fields where that is worth sending."""
    pair = work.pair(action.pair)
    match outcome:
        case Written(version=version):
            _written_up(work, pair, version, announced)
        case Stale() | Missing():
            work.park(Side.CRM, pair.record, "B15", "it was changed meanwhile", work.now())
        case Refusal(forbidden=True):
            _leave(work, action, pair, outcome)
        case Refusal():
            return _without_refused(work, action, pair, outcome, last=last)
    return None


def _after_up(action: UpdateRecord, pair: Pair) -> Pair:
    """The pair once the update is carried out, its record's new version still unknown."""
    # B12: what a person typed is an edit in Salesforce until the item has it too.
    crm: dict[FieldName, Value] = {n: m.before if m.onward else m.sent for n, m in action.moved.items()}
    mailbox: dict[FieldName, Value] = {n: m.source for n, m in action.moved.items()}
    if action.account is not None:
        crm[COMPANY] = action.account_name
        mailbox |= {COMPANY: action.company} if action.company else {}
        pair = replace(pair, account=action.account or None, account_name=action.account_name)
    return advance(pair, crm=crm, mailbox=mailbox, versions=(Version(""), Version("")))


def _written_up(work: Work, pair: Pair, version: Version, announced: Pending) -> None:
    after = announced.pair and advance(announced.pair, crm={}, mailbox={}, versions=(version, Version("")))
    work.tally.crm_updated += 1
    work.written.add(pair.record)
    work.commit(Batch(pairs=(after or pair,), entries=(announced.entry,), settled=(announced.key,)))


def as_history(moved: Mapping[FieldName, Moved]) -> dict[str, Change]:
    """The fields of an update's history entry, with the loser of a conflict (B12)."""
    return {str(n): Change(m.before, m.sent, m.before if m.lost else "") for n, m in moved.items()}


def _leave(work: Work, action: UpdateRecord, pair: Pair, refusal: Refusal) -> None:
    """B10: an edit on a record that the user can't change is left where it is; its side's base takes it. On a first
    pairing the record's side has no base yet: without one it would be sent again each time."""
    company: Values = {COMPANY: action.company} if action.company else {}
    taken: Values = {**{n: m.source for n, m in action.moved.items()}, **company}
    kept: Values = {n: m.before for n, m in action.moved.items() if n not in pair.crm.values}
    after = advance(pair, crm=kept, mailbox=taken, versions=(Version(""), Version(""))) if action.advance else pair
    left = {str(n): Change("", "", v) for n, v in taken.items()}
    message = "you may not change this record in Salesforce; the edit stays in the mailbox"
    work.issues.append(Issue(refusal.code, "B10", message, pair.record, pair.item))
    entry = work.entry(action.why, Side.MAILBOX, "left", pair.record, pair.item, left)
    work.commit(Batch(pairs=(after,), entries=(entry,)))


def _without_refused(
    work: Work, action: UpdateRecord, pair: Pair, refusal: Refusal, *, last: bool
) -> UpdateRecord | None:
    refused = [n for n in refusal.fields if n in action.moved]
    limits = work.policy.crm_limits
    optional = bool(refused) and not any(limits[n].required for n in refused if n in limits)
    rest = {n: m for n, m in action.moved.items() if n not in refused}
    rule = "B13" if optional else "B8"
    for name in refused or [FieldName("")]:
        work.issues.append(Issue(refusal.code, rule, refusal.message, pair.record, pair.item, name))
    again = optional and bool(rest) and not last
    record = work.sight.records.get(pair.record)
    target = {**(record.values if record else pair.crm.values), **{n: m.sent for n, m in rest.items() if again}}
    # B13: a required field fails the record, so that nothing of it goes by itself later.
    sealed = {n: action.moved[n] for n in refused} if optional else action.moved
    seal = write_seal(target, sealed, work.policy, whole=not optional)
    _park_refused(work, Side.CRM, pair.record, rule, refusal, seal)
    return replace(action, moved=rest) if again else None


def _park_refused(work: Work, side: Side, ref: str, rule: str, refusal: Refusal, seal: str) -> None:
    """B8: sent again daily, or when something changed; at once where the refusal passes by itself."""
    older = next((p.print for p in reversed(work.parked) if (p.side, p.ref) == (side, ref) and p.print), "")
    due = work.now() if refusal.transient else work.now() + RETRY
    work.park(side, ref, rule, refusal.code, due, add_seals(older, seal))


def _error_marks(work: Work, actions: Sequence[UpdateRecord]) -> list[Stamp]:
    """C1: the items whose records were refused show it, with the reason."""
    refused = {p.ref: p for p in work.parked if p.side is Side.CRM and p.rule == "B8" and p.print}
    stamps: list[Stamp] = []
    for action in actions:
        item = work.sight.items.get(action.pair.item) if action.pair.item else None
        if item is not None and (parked := refused.get(action.pair.record)):
            why = Why("B8", f"Salesforce refused it ({parked.reason})")
            stamps.append(Stamp(item, why, error=f"refused ({parked.reason})"))
    return stamps


def update_items(work: Work, actions: Sequence[UpdateItem]) -> None:
    """Sends changed values down, a request at once, each at the version seen."""
    sent = 0
    refused = {p.ref for p in work.parked if p.side is Side.CRM}
    actions = [a for a in actions if not _is_typed(a) or a.pair.record in work.written - refused]
    for part in _parts(actions, work.agent.mailbox.capabilities.at_once):
        edits = [_edit_down(work, a) for a in part]
        announced = [_announce_down(work, a, e) for a, e in zip(part, edits, strict=True)]
        work.commit(Batch(pending=tuple(announced)))
        pairs: list[Pair] = []
        entries: list[Entry] = []
        settled: list[Key] = []
        for action, told, outcome in zip(part, announced, work.agent.mailbox.update(edits), strict=True):
            done = _settle_down(work, action, outcome)
            if done is not None:
                pairs.append(done)
                entries.append(told.entry)
            settled += [] if isinstance(outcome, Stale) else [told.key]
        work.commit(Batch(pairs=tuple(pairs), entries=tuple(entries), settled=tuple(settled)))
        sent += len(part)
        work.progress("updating in the mailbox", sent, len(actions))


def _is_typed(action: UpdateItem) -> bool:
    """B12: whether a value goes down only after the record got it too; a record that did not is planned again."""
    return any(m.onward for m in action.moved.values())


def _announce_down(work: Work, action: UpdateItem, edit: ItemEdit) -> Pending:
    pair = work.pair(action.pair)
    entry = work.entry(action.why, Side.MAILBOX, "update", pair.record, edit.item, as_history(action.moved))
    after = _after_down(action, pair)
    return Pending(work.agent.clock.key(), edit.item, entry, edit.values, pair=after)


def _after_down(action: UpdateItem, pair: Pair, version: Version = Version("")) -> Pair:
    crm: Values = {n: m.source for n, m in action.moved.items()}
    mailbox: Values = {n: m.sent for n, m in action.moved.items()}
    return advance(pair, crm=crm, mailbox=mailbox, versions=(Version(""), version))


def _edit_down(work: Work, action: UpdateItem) -> ItemEdit:
    pair = work.pair(action.pair)
    assert pair.item is not None
    values: Values = {n: m.sent for n, m in action.moved.items()}
    version = work.versions.get(pair.item) or (action.item.version if action.item else pair.mailbox.version)
    renamed = bool(NAMING & set(values))
    return ItemEdit(
        pair.item,
        version,
        values,
        display_name=display_name(action.names) if renamed else None,
        file_as=file_as(action.names) if renamed else None,
    )


def _settle_down(work: Work, action: UpdateItem, outcome: Outcome) -> Pair | None:
    pair = work.pair(action.pair)
    assert pair.item is not None
    match outcome:
        case Written(id=new, version=version):
            work.versions[ItemId(new)] = version
            work.tally.updated += 1
            return _after_down(action, pair, version)
        case Stale() | Missing():
            work.park(Side.CRM, pair.record, "B15", "its item was changed meanwhile", work.now())
        case Refusal():
            for name in outcome.fields or (FieldName(""),):
                work.issues.append(Issue(outcome.code, "B13", outcome.message, pair.record, pair.item, name))
            named = {n: action.moved[n] for n in outcome.fields if n in action.moved}
            target = action.item.values if action.item else pair.mailbox.values
            seal = write_seal(target, named or action.moved, work.policy, whole=not named)
            _park_refused(work, Side.MAILBOX, pair.item, "B13", outcome, seal)
    return None

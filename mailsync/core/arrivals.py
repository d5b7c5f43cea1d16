"""Marked items that have no pair: passed over, held as a set, refused, or given on to matching (A5, A12, A13, A23)."""

from collections.abc import Sequence

from mailsync.core.account import company_key
from mailsync.core.actions import Stamp, Why
from mailsync.core.changes import Item, Record, Sensitivity
from mailsync.core.draft import Draft, member
from mailsync.core.holds import Answer, hold_name
from mailsync.core.marks import Sorted, age
from mailsync.core.match import Taken, addresses, folded_name, match
from mailsync.core.matching import plan_match, settle_doubt
from mailsync.core.meaning import fingerprint
from mailsync.core.merge import COMPANY
from mailsync.core.notices import HoldMember, Parked
from mailsync.core.person import Values, is_nobody, text
from mailsync.core.policy import Policy
from mailsync.core.refs import FieldName, ItemId, Side
from mailsync.core.returns import plan_found_again, plan_left_over, take_place
from mailsync.core.sight import Sight
from mailsync.core.unpaired import create, exclude, refuse

STOPPED = "stopped by a person"


def plan_arrivals(draft: Draft, found: Sorted) -> None:
    """Drafts what becomes of every unpaired marked item, the eldest first (B2)."""
    _plan_marks(draft, found)
    for item in found.found_again:
        assert item.record is not None
        record = draft.sight.records[item.record]
        draft.claimed.add(record.id)
        if _passes(draft, item, record):
            plan_found_again(draft, item, record)
    for item, pair in found.returned:
        record = draft.sight.records.get(pair.record)
        if _passes(draft, item, record):
            take_place(draft, item, pair, record, "D6")
    newcomers = [i for i in newcomers_of(found) if not _is_refused(draft, i)]
    for item in newcomers:
        draft.look(None, item.id)
    _plan_newcomers(draft, _after_storm(draft, _after_first_run(draft, newcomers)))
    for item in found.left_over:
        again = plan_left_over(draft, item)
        if again is not None and _passes(draft, again):
            create(draft, again)


def newcomers_of(found: Sorted) -> list[Item]:
    """The items that go through matching, the eldest first."""
    return sorted([*found.readmitted, *found.arrivals, *found.copies_in], key=age)


def may_be_asked_about(item: Item, sight: Sight, policy: Policy, newcomers: Sequence[Item]) -> bool:
    """Whether Salesforce may be asked about an item without a pair: not while a person has still to allow it (A5, A13,
    A6)."""
    if item.sensitivity is not Sensitivity.NORMAL:
        known = sight.holds.get(hold_name("A13", item.id))
        return known is not None and known.answer == Answer.APPROVED.value
    known = sight.holds.get(FIRST_RUN)
    held = item.id in {i.id for i in held_by_first_run(sight, policy, newcomers)}
    return not held or (known is not None and known.answer == Answer.APPROVED.value)


FIRST_RUN = "A5"
"""The name of the one hold about what was marked before activation."""


def held_by_first_run(sight: Sight, policy: Policy, newcomers: Sequence[Item]) -> list[Item]:
    """A5: those of the newcomers that one question is, or will be, about."""
    known = sight.holds.get(FIRST_RUN)
    asked = {m.item for m in known.members} if known else set[ItemId | None]()
    fresh = [i for i in newcomers if i.id not in asked]
    if sight.first and len(fresh) > policy.first_run_limit:
        return list(newcomers)
    return [i for i in newcomers if i.id in asked]


def _plan_marks(draft: Draft, found: Sorted) -> None:
    """Items that are passed over, and marks that must come off before anything else."""
    for item in found.lists:
        draft.look(None, item.id)
        draft.notes.append("A12: a distribution list in the folder is ignored")
    for item in found.strays:
        draft.look(None, item.id)
        why = Why("A11", "a copy outside the folder is personal")
        draft.actions.append(Stamp(item, why, category=False, record="", error="", counted=True))
    for item in found.excluded:
        draft.look(None, item.id)
        if item.inside:
            draft.parked.append(Parked(Side.MAILBOX, item.id, "A23", "excluded by a person"))
    for item in found.readmitted:
        draft.actions.append(Stamp(item, Why("A23", "moved out of the folder and in again"), excluded=False))
    for item in found.copies_in:
        draft.actions.append(Stamp(item, Why("A11", "a copy in the folder is a contact of its own"), record=""))


def _is_refused(draft: Draft, item: Item) -> bool:
    """B8: what Salesforce refused is not sent again until the item or the description changed, or a day has passed."""
    known = draft.sight.parked.get((Side.MAILBOX, item.id))
    if known is None or draft.sight.described:
        return False
    waits = known.due is not None and draft.sight.now is not None and known.due > draft.sight.now
    return waits and known.print == fingerprint(item.values, draft.policy.fields, draft.policy.region)


def _after_first_run(draft: Draft, items: Sequence[Item]) -> list[Item]:
    """A5: many items that were marked before activation are one question. Returns those that may go on."""
    held = held_by_first_run(draft.sight, draft.policy, items)
    return _after_set(draft, "A5", FIRST_RUN, items, held)


def _after_set(draft: Draft, rule: str, name: str, items: Sequence[Item], held: Sequence[Item]) -> list[Item]:
    """One question about a set. An answer counts for those members that are as they were asked about."""
    going = {i.id for i in items} - {i.id for i in held}
    known = draft.sight.holds.get(name)
    members = {i.id: member(None, None, i) for i in held}
    answered = [i for i in held if known and known.answer and _is_member(members[i.id], known.members)]
    for batch in (answered, [i for i in held if i not in answered]):
        if not batch:
            continue
        of_batch = tuple(members[i.id] for i in batch)
        match draft.ask_set(rule, name, of_batch, detail=f"{len(of_batch)} contacts"):
            case Answer.OPEN:
                pass
            case Answer.APPROVED:
                going |= {i.id for i in batch}
            case Answer.REJECTED:
                _reject(draft, rule, batch)
    return [i for i in items if i.id in going]


def _is_member(asked: HoldMember, members: Sequence[HoldMember]) -> bool:
    versions = {m.item: m.mailbox_version for m in members}
    known = versions.get(asked.item)
    return known is not None and (not known or known == asked.mailbox_version)


def _reject(draft: Draft, rule: str, items: Sequence[Item]) -> None:
    for item in items:
        if rule == "A5":
            exclude(draft, item, "A5")
        else:
            draft.park(None, item.id, rule, STOPPED)


def _after_storm(draft: Draft, items: Sequence[Item]) -> list[Item]:
    """C5: many newcomers that equal existing pairs are one question: does another sync tool run here?"""
    if not items:
        return []
    known = draft.sight.holds.get("C5")
    asked = {m.item for m in known.members} if known else set[ItemId | None]()
    stopped = [i for i in items if _is_stopped(draft, i)]
    for item in stopped:
        draft.park(None, item.id, "C5", STOPPED)
    items = [i for i in items if i not in stopped]
    prints = {_print(p.mailbox.values) for p in draft.sight.pairs}
    equal = [i for i in items if i.id in asked or _print(i.values) in prints or _is_taken(draft, i)]
    equal = [i for i in equal if i.id in asked or not _takes_an_empty_place(draft, i)]
    many = len([i for i in equal if i.id not in asked]) > draft.policy.storm_limit
    held = equal if many else [i for i in equal if i.id in asked]
    return _after_set(draft, "C5", "C5", items, held)


def _is_stopped(draft: Draft, item: Item) -> bool:
    known = draft.sight.parked.get((Side.MAILBOX, item.id))
    return known is not None and (known.rule, known.reason) == ("C5", STOPPED)


def _is_taken(draft: Draft, item: Item) -> bool:
    answers = draft.answers
    found = match(item, answers.candidates, answers.paired, draft.policy.several)
    return isinstance(found, Taken) and not found.pair.recreated


def _takes_an_empty_place(draft: Draft, item: Item) -> bool:
    """B2(2), E7: its record's pair has no item any more, as in a mailbox that a person has just moved to: nothing is
    created for it."""
    answers = draft.answers
    found = match(item, answers.candidates, answers.paired, draft.policy.several)
    return isinstance(found, Taken) and (found.pair.item is None or found.pair.item in draft.sight.gone)


def _print(values: Values) -> tuple[str, ...]:
    return tuple(str(values.get(FieldName(n), "")).casefold() for n in ("FirstName", "LastName", "Company", "Email"))


def _plan_newcomers(draft: Draft, items: Sequence[Item]) -> None:
    """Each newcomer in turn; later ones are held against earlier ones of the same session (B2, twins), also against one
    whose creation is in doubt: its record may be there already."""
    elder: set[object] = set()
    for item in items:
        passes, keys = _passes(draft, item), _known_by(item)
        if passes and keys & elder:
            _hold_twin(draft, item)
        elif passes:
            plan_match(draft, item)
        if passes or item.id in draft.sight.in_doubt:
            elder |= keys


def _known_by(item: Item) -> set[object]:
    """What twins share: an e-mail address, or name and company."""
    keys: set[object] = set(addresses(item))
    if any(folded_name(item.values)):
        keys.add((folded_name(item.values), company_key(text(item.values, COMPANY)).casefold()))
    return keys


def _hold_twin(draft: Draft, item: Item) -> None:
    answer = draft.ask("B2", member(None, None, item), detail="another new contact of this session is the same")
    match answer:
        case Answer.OPEN:
            pass
        case Answer.APPROVED:
            # Its elder gets a record in this session: the next one merges them.
            draft.keep_asking("B2", item.id)
        case Answer.REJECTED:
            create(draft, item)


def _passes(draft: Draft, item: Item, record: Record | None = None) -> bool:
    """Whether a newcomer gets as far as matching. `record`: the one that its id property names (A1, D6)."""
    draft.look(None, item.id)
    if item.sensitivity is not Sensitivity.NORMAL:
        answer = draft.ask("A13", member(None, record, item))
        if answer is Answer.REJECTED:
            exclude(draft, item, "A13")
        return answer is Answer.APPROVED and settle_doubt(draft, item)
    if is_nobody(item.values):
        message = "this contact has no name, e-mail address, phone number or company: fill one of them in"
        refuse(draft, item, "NOBODY", "A12", message, "Nothing to know it by")
        return False
    return settle_doubt(draft, item)

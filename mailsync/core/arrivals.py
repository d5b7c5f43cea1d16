"""Marked items that have no pair: matched, created, held, refused or passed over (A5, A7, A11-A13, A20, A23, B1-B7)."""

from collections.abc import Sequence
from dataclasses import replace

from mailsync.core.account import Step, company_key
from mailsync.core.actions import CreateRecord, MoveIn, RemoveItem, Stamp, Why
from mailsync.core.changes import Item, Record, Sensitivity
from mailsync.core.creation import choose_account, for_record, is_blocked
from mailsync.core.draft import Draft, member
from mailsync.core.holds import Answer
from mailsync.core.marks import Sorted
from mailsync.core.match import Doubtful, Nobody, Same, Taken, addresses, folded_name, match
from mailsync.core.merge import COMPANY
from mailsync.core.notices import Issue, Parked
from mailsync.core.pair import Pair
from mailsync.core.pairing import fill_from, merge_pair, pair_first
from mailsync.core.person import is_nobody, text
from mailsync.core.policy import Direction
from mailsync.core.refs import ItemId, Side

MARKED = Why("A7", "marked by a person")


def plan_arrivals(draft: Draft, found: Sorted) -> None:
    """Drafts what becomes of every unpaired marked item, the eldest first (B2)."""
    _plan_marks(draft, found)
    newcomers = [*found.readmitted, *found.arrivals, *found.copies_in]
    for item in newcomers:
        draft.look(None, item.id)
    _plan_newcomers(draft, _after_first_run(draft, newcomers))
    for item in found.left_over:
        _plan_left_over(draft, item)
    for item in found.found_again:
        _plan_found_again(draft, item)
    for item, pair in found.returned:
        _take_place(draft, item, pair, draft.sight.records.get(pair.record), "D6")


def _plan_marks(draft: Draft, found: Sorted) -> None:
    """Items that are passed over, and marks that must come off before anything else."""
    for item in found.lists:
        draft.look(None, item.id)
        draft.notes.append("A12: a distribution list in the folder is ignored")
    for item in found.strays:
        _strip(draft, item, Why("A11", "a copy outside the folder is personal"))
    for item in found.excluded:
        _keep_excluded(draft, item)
    for item in found.readmitted:
        draft.actions.append(Stamp(item, Why("A23", "moved out of the folder and in again"), excluded=False))
    for item in found.copies_in:
        draft.actions.append(Stamp(item, Why("A11", "a copy in the folder is a contact of its own"), record=""))


def _strip(draft: Draft, item: Item, why: Why) -> None:
    draft.look(None, item.id)
    draft.actions.append(Stamp(item, why, category=False, record="", error="", counted=True))


def exclude(draft: Draft, item: Item, rule: str) -> None:
    """Marks an item as excluded (A23) and remembers it, so that moving it out and in again ends it."""
    draft.actions.append(Stamp(item, Why(rule, "excluded by a person"), record="", excluded=True))
    draft.parked.append(Parked(Side.MAILBOX, item.id, "A23", "excluded by a person"))


def _keep_excluded(draft: Draft, item: Item) -> None:
    draft.look(None, item.id)
    draft.parked.append(Parked(Side.MAILBOX, item.id, "A23", "excluded by a person"))


def _after_first_run(draft: Draft, items: Sequence[Item]) -> Sequence[Item]:
    """A5: many items that were marked before activation are one question. Returns those that may go on."""
    known = draft.sight.holds.get("A5")
    asked = {m.item for m in known.members if m.item} if known else set[ItemId]()
    held = [i for i in items if i.id in asked]
    fresh = [i for i in items if i.id not in asked]
    if draft.sight.first and len(fresh) > draft.policy.first_run_limit:
        held, fresh = [*held, *fresh], []
    if not held:
        return fresh
    members = tuple(member(None, None, i) for i in held)
    match draft.ask_set("A5", "A5", members, detail=f"{len(members)} contacts"):
        case Answer.OPEN:
            return fresh
        case Answer.APPROVED:
            return [*held, *fresh]
        case Answer.REJECTED:
            for item in held:
                exclude(draft, item, "A5")
            return fresh


def _plan_newcomers(draft: Draft, items: Sequence[Item]) -> None:
    """Each newcomer in turn; later ones are held against earlier ones of the same session (B2, twins)."""
    elder: dict[object, Item] = {}
    for item in items:
        if _passes(draft, item):
            keys = [*addresses(item), (folded_name(item.values), company_key(text(item.values, COMPANY)).casefold())]
            twin = next((elder[k] for k in keys if k in elder), None)
            if twin is None:
                _plan_match(draft, item)
                elder.update(dict.fromkeys(keys, item))
            else:
                _hold_twin(draft, item)


def _hold_twin(draft: Draft, item: Item) -> None:
    answer = draft.ask("B2", member(None, None, item), detail="another new contact of this session is the same")
    if answer is Answer.REJECTED:
        _create(draft, item)


def _passes(draft: Draft, item: Item) -> bool:
    """Whether a newcomer gets as far as matching."""
    if item.id in draft.sight.in_doubt:
        _hold_doubt(draft, item)
        return False
    if item.sensitivity is not Sensitivity.NORMAL:
        answer = draft.ask("A13", member(None, None, item))
        if answer is Answer.REJECTED:
            exclude(draft, item, "A13")
        return answer is Answer.APPROVED
    if is_nobody(item.values):
        message = "this contact has no name, e-mail address, phone number or company: fill one of them in"
        _refuse(draft, item, "NOBODY", "A12", message, "Nothing to know it by")
        return False
    return True


def _hold_doubt(draft: Draft, item: Item) -> None:
    """B15: the create may have been carried out. Nothing is repeated until Salesforce has been read 10 min later."""
    draft.park(None, item.id, "B15", "the answer to its creation was lost")
    message = "the answer to this contact's creation was lost; it is looked for again in the next session"
    draft.issues.append(Issue("IN_DOUBT", "B15", message, None, item.id))


def _refuse(draft: Draft, item: Item, code: str, rule: str, message: str, detail: str, field: str = "") -> None:
    """An issue on an item: told to the administrator, and shown on the item by its error categories (C1, B8)."""
    draft.issues.append(Issue(code, rule, message, None, item.id, field))
    draft.parked.append(Parked(Side.MAILBOX, item.id, rule, message))
    draft.actions.append(Stamp(item, Why(rule, message), category=True if item.inside else None, error=detail))


def _plan_match(draft: Draft, item: Item) -> None:
    doubtful = [r for r in draft.sight.unexplained if r.id not in draft.answers.paired and r.id not in draft.claimed]
    free = [c for c in draft.answers.candidates if c.id not in draft.claimed or c.id in draft.answers.paired]
    match match(item, free, draft.answers.paired, draft.policy.several):
        case Same(record, reason):
            _pair(draft, item, record, Why("B2", reason))
        case Taken(pair, record):
            _take_place(draft, item, pair, record, "B2")
        case Doubtful(record, reason):
            _ask_duplicate(draft, item, record, reason)
        case Nobody() if doubtful:
            _ask_duplicate(draft, item, doubtful[0], "a Contact of yours was created while an answer was lost", "B15")
        case Nobody():
            _create(draft, item)


def _pair(draft: Draft, item: Item, record: Record, why: Why, *, strict: bool = False) -> None:
    draft.claimed.add(record.id)
    draft.look(record.id, item.id)
    _bring_in(draft, item, why)
    draft.actions.append(
        Stamp(item, why, category=True, record=record.id, excluded=_unless(item), error="", counted=True)
    )
    pair_first(draft, record, item, why, strict=strict)


def _unless(item: Item) -> bool | None:
    return False if item.excluded else None


def _bring_in(draft: Draft, item: Item, why: Why) -> None:
    if not item.inside:
        draft.actions.append(MoveIn(item, why))


def _ask_duplicate(draft: Draft, item: Item, record: Record, reason: str, rule: str = "B2") -> None:
    # B2(3): the question is bound to the record's version too, so that an answer never meets another person.
    answer = draft.ask(rule, member(None, record, item, reason), detail=reason)
    draft.claimed.add(record.id)
    match answer:
        case Answer.OPEN:
            return
        case Answer.APPROVED:
            _pair(draft, item, record, Why(rule, "approved by a person"))
        case Answer.REJECTED:
            draft.claimed.discard(record.id)
            _create(draft, item)


def _take_place(draft: Draft, item: Item, pair: Pair, record: Record | None, rule: str) -> None:
    """D6, A10, B2(2): a returning item takes the place of an unedited one that D1 re-created; else hold."""
    draft.look(pair.record, item.id)
    present = draft.sight.items.get(pair.item) if pair.item else None
    unedited = pair.recreated > 0 and pair.made_item and not pair.edited
    if unedited and pair.item != item.id:
        _replace(draft, item, pair, record, present, Why(rule, "the returning item takes the re-created one's place"))
        return
    match draft.ask(rule, member(pair, record, item), detail="its record has an item already"):
        case Answer.OPEN:
            return
        case Answer.APPROVED:
            if record is not None:
                fill_from(draft, pair, record, item)
            why = Why(rule, "approved by a person: merged into the record's own item")
            draft.actions.append(RemoveItem(item, why))
        case Answer.REJECTED:
            draft.actions.append(Stamp(item, Why(rule, "a contact of its own"), record=""))
            _create(draft, replace(item, record=None))


def _replace(draft: Draft, item: Item, pair: Pair, record: Record | None, present: Item | None, why: Why) -> None:
    if present is not None:
        draft.actions.append(RemoveItem(present, why))
    _bring_in(draft, item, why)
    draft.actions.append(Stamp(item, why, category=True, record=pair.record, error="", counted=True))
    merge_pair(draft, replace(pair, item=item.id, made_item=False), record, item, why, keep=True)


def _plan_left_over(draft: Draft, item: Item) -> None:
    """B17: our own item whose record is gone. Never taken for a new one."""
    draft.look(item.record, item.id)
    match draft.ask("B17", member(None, None, item)):
        case Answer.OPEN:
            return
        case Answer.APPROVED:
            draft.actions.append(Stamp(item, Why("B17", "created again as a person asked"), record=""))
            _create(draft, replace(item, record=None))
        case Answer.REJECTED:
            exclude(draft, item, "B17")


def _plan_found_again(draft: Draft, item: Item) -> None:
    """A1: after a lost store, `reset` or a take-over, pairs are found again by the id property."""
    assert item.record is not None
    if item.record not in draft.claimed:
        record = draft.sight.records[item.record]
        _pair(draft, item, record, Why("A1", "found again by its id property"), strict=True)


def _create(draft: Draft, item: Item) -> None:
    """A7: a Contact is created for the item, with its Account (B5)."""
    policy = draft.policy
    if policy.direction is Direction.DOWN:
        message = "only Salesforce writes to the mailbox here (direction down), so this contact is not created there"
        _refuse(draft, item, "DIRECTION_DOWN", "E1", message, "Direction is down")
        return
    if is_blocked(item, policy.block):
        message = "its e-mail address or domain is on a block list"
        draft.issues.append(Issue("BLOCKED", "A20", message, None, item.id, "Email"))
        draft.parked.append(Parked(Side.MAILBOX, item.id, "A20", message))
        return
    fitted = for_record(item, policy)
    required = [p for p in fitted.problems if p.required]
    if required:
        rule = "B1" if required[0].field == "LastName" else "B13"
        first = required[0]
        _refuse(draft, item, "REQUIRED_FIELD", rule, first.message, f"{first.field} missing", first.field)
        return
    for p in fitted.problems:
        draft.issues.append(Issue("FIELD_SKIPPED", "B13", p.message, None, item.id, p.field))
    for name in fitted.cut:
        message = f"{name} was cut to fit Salesforce; the mailbox keeps the full value"
        draft.issues.append(Issue("VALUE_CUT", "B13", message, None, item.id, name))
    link = choose_account(item, draft.answers.accounts, policy)
    skipped = {p.field for p in fitted.problems}
    made = text(item.values, COMPANY) if policy.auto_create_account and link.step is Step.NONE else ""
    why = Why(MARKED.rule, f"{MARKED.reason}; Account: {link.reason} (B5)")
    _bring_in(draft, item, why)
    sources = {n: v for n, v in item.values.items() if n not in skipped}
    draft.actions.append(CreateRecord(item, fitted.values, link, why, policy.defaults, company_key(made), sources))

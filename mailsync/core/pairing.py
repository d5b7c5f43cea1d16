"""First pairings (B2, B4, A1) and the advance of bases: how a pair comes to be and what a merge turns into."""

from collections.abc import Mapping
from dataclasses import replace

from mailsync.core.actions import PairUp, Stamp, UpdateItem, UpdateRecord, Why
from mailsync.core.changes import Item, Record, Sensitivity
from mailsync.core.divergence import differs
from mailsync.core.draft import Draft, member
from mailsync.core.fit import fit
from mailsync.core.holds import Answer, hold_name
from mailsync.core.merge import COMPANY, Merged, Moved, Sides, merge
from mailsync.core.notices import Issue
from mailsync.core.pair import Base, Pair, PairState
from mailsync.core.person import Field, Flow, Value, Values, is_blank, text
from mailsync.core.policy import Direction
from mailsync.core.refs import FieldName, Side, Version

MERGED = Why("B2", "merged from another item of the same person")
ASKING = ("A1", "B4", "B12")
"""Rules that ask about one field of a pair."""
NAMES = tuple(map(FieldName, ("FirstName", "MiddleName", "LastName", "Company", "Email", "Phone")))


def pair_first(draft: Draft, record: Record, item: Item, why: Why, *, strict: bool = False) -> Pair:
    """Pairs a record and an item that mirror each other from now on (B4); returns the pair as it is stored.

    `strict`: found again by the id property (A1); a correlation key tells that the agent once created the item. What a
    reset was told of the pair holds.
    """
    mirrored = strict and item.key is not None and record.id not in draft.sight.theirs
    pair = Pair(
        record.id,
        item.id,
        Base({}, record.version),
        Base({}, item.version),
        pinned=not mirrored,
        origin=Side.CRM if mirrored else Side.MAILBOX,
        made_item=mirrored,
        edited=strict and record.id in draft.sight.edited,
        frozen_for=approval(item),
    )
    return merge_pair(draft, pair, record, item, why, new=True, strict=strict, asking="B4")


def merge_pair(
    draft: Draft,
    pair: Pair,
    record: Record | None,
    item: Item | None,
    why: Why,
    *,
    new: bool = False,
    strict: bool = False,
    asking: str = "B12",
    keep: bool = False,
) -> Pair:
    """Merges a pair and drafts what follows; returns the pair with all bases that need no write advanced.

    An absent record or item has not changed since its base. `keep` stores the pair even if nothing advanced: it is not
    as it was stored.
    """
    sides = _sides(pair, record, item, draft, strict=strict)
    merged = merge(sides, draft.policy)
    if merged.asked:
        chosen, typed = _chosen(draft, pair, record, item, merged, "A1" if sides.strict else asking)
        sides = replace(sides, chosen=chosen, typed=typed)
        merged = merge(sides, draft.policy)
    after = _settled(pair, record, item, merged)
    if new or keep or after != pair:
        draft.actions.append(PairUp(after, why, new=new, left=merged.left, left_crm=merged.left_crm))
    _problems(draft, after, item, merged)
    _writes(draft, after, item, sides, merged, why)
    return after


def _sides(pair: Pair, record: Record | None, item: Item | None, draft: Draft, *, strict: bool) -> Sides:
    crm = record.values if record else pair.crm.values
    mailbox = item.values if item else pair.mailbox.values
    names = {h.name for h in draft.sight.holds.values() if h.rule in ASKING}
    asked = draft.policy.fields if names else ()
    held = {f.name for f in asked if names & {hold_name(r, pair.record, f.name) for r in ASKING}}
    strict = strict or draft.sight.repairing
    return Sides(pair.crm.values, pair.mailbox.values, crm, mailbox, strict=strict, held=frozenset(held))


def _chosen(
    draft: Draft, pair: Pair, record: Record | None, item: Item | None, merged: Merged, asking: str
) -> tuple[dict[FieldName, Side], dict[FieldName, str]]:
    """Whose values a person chose, and what they typed in place of both (B12)."""
    chosen: dict[FieldName, Side] = {}
    typed: dict[FieldName, str] = {}
    for name in merged.asked:
        # A question that is open already stays the same question, whatever asks it again.
        rule = next((r for r in ASKING if hold_name(r, pair.record, name) in draft.sight.holds), asking)
        answer = draft.ask(rule, member(pair, record, item, name), name, detail=f"field {name}")
        if answer is Answer.OPEN:
            continue
        chosen[name] = _side(rule, answer, draft.policy.direction)
        said = draft.sight.holds[hold_name(rule, pair.record, name)].typed
        if rule == "B12" and said is not None:
            typed[name] = said
    return chosen, typed


def _side(rule: str, answer: Answer, direction: Direction) -> Side:
    """Whose value an answer chooses. B4: the side that may write; rejected, the other one: both keep."""
    crm = answer is Answer.APPROVED
    if rule == "B4" and direction is Direction.UP:
        crm = not crm
    return Side.CRM if crm else Side.MAILBOX


def _settled(pair: Pair, record: Record | None, item: Item | None, merged: Merged) -> Pair:
    crm = _advance(pair.crm, merged.settled_crm, record.version if record else pair.crm.version)
    mailbox = _advance(pair.mailbox, merged.settled_mailbox, item.version if item else pair.mailbox.version)
    return replace(
        pair,
        crm=crm,
        mailbox=mailbox,
        item=item.id if item else pair.item,
        in_scope=record.in_scope if record else pair.in_scope,
        account=record.account if record else pair.account,
        account_name=text(record.values, COMPANY) if record else pair.account_name,
        edited=pair.edited or bool(merged.up or merged.left),
        frozen_for="" if item is not None and not approval(item) else pair.frozen_for,
    )


def _advance(base: Base, settled: Values, version: Version) -> Base:
    """A base with what was settled; itself where that is nothing."""
    if not settled:
        return base if version == base.version else Base(base.values, version)
    return Base({**base.values, **settled}, version)


def approval(item: Item) -> str:
    """A13: what an active pair remembers of an item that is synced though it is private: a person approved it. It
    forgets that with the item's privacy."""
    return "" if item.sensitivity is Sensitivity.NORMAL else "A13"


def _problems(draft: Draft, pair: Pair, item: Item | None, merged: Merged) -> None:
    for problem in merged.problems:
        code = "REQUIRED_FIELD" if problem.required else "FIELD_SKIPPED"
        draft.issues.append(Issue(code, "B13", problem.message, pair.record, pair.item, problem.field))
        draft.park(pair.record, pair.item, "B13", problem.message)
        if problem.required and item is not None:
            draft.actions.append(Stamp(item, Why("B13", problem.message), error=f"{problem.field} missing"))
    for moved in (merged.up, merged.down):
        for name, value in moved.items():
            if value.cut:
                message = f"{name} was cut to fit; the full value stays where it was written"
                draft.issues.append(Issue("VALUE_CUT", "B13", message, pair.record, pair.item, name))


def _writes(draft: Draft, pair: Pair, item: Item | None, sides: Sides, merged: Merged, why: Why) -> None:
    if merged.up and not merged.blocked:
        draft.actions.append(UpdateRecord(pair, merged.up, _because(why, merged.up)))
    if merged.down:
        known = _names({**sides.mailbox, **{n: m.sent for n, m in merged.down.items()}})
        draft.actions.append(UpdateItem(pair, item, merged.down, known, _because(why, merged.down)))
    if merged.company is not None:
        draft.relinks.append((pair, item, merged.company))


def _because(why: Why, moved: Mapping[FieldName, Moved]) -> Why:
    """An edit that overrules one of the other side is quoted under the rule that decided between them."""
    rule = "B12" if why.rule == "B10" and any(m.lost for m in moved.values()) else why.rule
    return Why(rule, why.reason)


def fill_from(draft: Draft, pair: Pair, record: Record | None, item: Item) -> Values:
    """B2 approved on a record that has an item: what the other item adds goes to the record (by B12).

    Returns the other item's values that reach nothing: they go to the history with it (L5).
    """
    theirs = record.values if record else pair.crm.values
    fields = [f for f in draft.policy.fields if f.flow is not Flow.OFF and not is_blank(item.values.get(f.name))]
    merged = merge(Sides({}, {}, theirs, {f.name: item.values[f.name] for f in fields}), draft.policy)
    up = {} if record is None or merged.blocked else {n: m for n, m in merged.up.items() if not is_blank(m.sent)}
    if record is not None and up:
        base = replace(pair, crm=Base(pair.crm.values, record.version))
        draft.actions.append(UpdateRecord(base, up, MERGED, advance=False))
        _fill_own(draft, pair, up)
    rest = [f for f in fields if f.name not in up and differs(f, item.values[f.name], theirs, draft.policy)]
    return {f.name: item.values[f.name] for f in rest}


def _fill_own(draft: Draft, pair: Pair, up: Mapping[FieldName, Moved]) -> None:
    """The pair's own item gets what its record got, once that has it, where it may and nobody edited it meanwhile; the
    rest is an ordinary change of the record in the next session."""
    alone = pair.item is None or pair.item in draft.sight.gone or not (pair.pinned or pair.in_scope)
    busy = any(isinstance(a, UpdateItem) and a.pair.record == pair.record for a in draft.actions)
    if alone or busy or pair.state is not PairState.ACTIVE or draft.policy.direction is not Direction.BOTH:
        return
    own = draft.sight.items.get(pair.item) if pair.item else None
    now = own.values if own else pair.mailbox.values
    moved = {
        f.name: m for f in draft.policy.fields if f.name in up and (m := _filled(f, up[f.name].sent, now, pair, draft))
    }
    if moved:
        values = {**now, **{n: m.sent for n, m in moved.items()}}
        draft.actions.append(UpdateItem(pair, own, moved, _names(values), MERGED))


def _filled(f: Field, sent: Value, now: Values, pair: Pair, draft: Draft) -> Moved | None:
    limit, before = draft.policy.mailbox_limits.get(f.name), now.get(f.name, "")
    known = f.name in pair.mailbox.values and not differs(f, before, pair.mailbox.values, draft.policy)
    if limit is None or f.flow not in (Flow.BOTH, Flow.DOWN) or not known:
        return None
    fitted = fit(sent, f.type, limit, draft.policy.region)
    if fitted.refused or not differs(f, fitted.value, now, draft.policy):
        return None
    return Moved(fitted.value, sent, before, fitted.cut, onward=True)


def _names(values: Values) -> Values:
    return {n: values[n] for n in NAMES if n in values}

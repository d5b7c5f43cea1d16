"""First pairings (B2, B4, A1) and the advance of bases: how a pair comes to be and what a merge turns into."""

from collections.abc import Mapping
from dataclasses import replace

from mailsync.core.actions import PairUp, UpdateItem, UpdateRecord, Why
from mailsync.core.changes import Item, Record
from mailsync.core.draft import Draft, member
from mailsync.core.holds import Answer
from mailsync.core.merge import Merged, Sides, merge
from mailsync.core.notices import Issue
from mailsync.core.pair import Base, Pair
from mailsync.core.person import Values, is_blank
from mailsync.core.refs import FieldName, Side

NAMES = ("FirstName", "MiddleName", "LastName", "Company", "Email", "Phone")


def pair_first(draft: Draft, record: Record, item: Item, why: Why, *, strict: bool = False) -> Pair:
    """Pairs a record and an item that mirror each other from now on (B4); returns the pair as it is stored."""
    pair = Pair(
        record.id,
        item.id,
        Base({}, record.version),
        Base({}, item.version),
        pinned=True,
        in_scope=record.in_scope,
        origin=Side.MAILBOX,
        made_item=False,
        account=record.account,
        account_name=_company(record.values),
    )
    return merge_pair(draft, pair, record, item, why, new=True, strict=strict, asking="A1" if strict else "B4")


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

    An absent record or item has not changed since its base. `keep` stores the pair even if nothing advanced.
    """
    sides = _sides(pair, record, item, draft, strict=strict)
    merged = merge(sides, draft.policy)
    if merged.asked:
        sides = replace(sides, chosen=_chosen(draft, pair, record, item, merged, asking))
        merged = merge(sides, draft.policy)
    after = _settled(pair, record, item, merged)
    if new or keep or after != pair:
        draft.actions.append(PairUp(after, why, new=new, left=merged.left))
    _problems(draft, after, merged)
    _writes(draft, after, item, sides, merged, why)
    return after


def _sides(pair: Pair, record: Record | None, item: Item | None, draft: Draft, *, strict: bool) -> Sides:
    crm = record.values if record else pair.crm.values
    mailbox = item.values if item else pair.mailbox.values
    return Sides(pair.crm.values, pair.mailbox.values, crm, mailbox, strict=strict or draft.sight.repairing)


def _chosen(
    draft: Draft, pair: Pair, record: Record | None, item: Item | None, merged: Merged, asking: str
) -> Mapping[FieldName, Side]:
    chosen: dict[FieldName, Side] = {}
    for name in merged.asked:
        answer = draft.ask(asking, member(pair, record, item, name), name, detail=f"field {name}")
        if answer is not Answer.OPEN:
            chosen[name] = Side.CRM if answer is Answer.APPROVED else Side.MAILBOX
    return chosen


def _settled(pair: Pair, record: Record | None, item: Item | None, merged: Merged) -> Pair:
    crm = Base({**pair.crm.values, **merged.settled_crm}, record.version if record else pair.crm.version)
    mailbox = Base({**pair.mailbox.values, **merged.settled_mailbox}, item.version if item else pair.mailbox.version)
    return replace(
        pair,
        crm=crm,
        mailbox=mailbox,
        item=item.id if item else pair.item,
        in_scope=record.in_scope if record else pair.in_scope,
        account=record.account if record else pair.account,
        account_name=_company(record.values) if record else pair.account_name,
        edited=pair.edited or bool(merged.up or merged.left),
    )


def _company(values: Values) -> str:
    company = values.get(FieldName("Company"), "")
    return company if isinstance(company, str) else ""


def _problems(draft: Draft, pair: Pair, merged: Merged) -> None:
    for problem in merged.problems:
        code = "REQUIRED_FIELD" if problem.required else "FIELD_SKIPPED"
        draft.issues.append(Issue(code, "B13", problem.message, pair.record, pair.item, problem.field))
    for moved in (merged.up, merged.down):
        for name, value in moved.items():
            if value.cut:
                message = f"{name} was cut to fit; the full value stays where it was written"
                draft.issues.append(Issue("VALUE_CUT", "B13", message, pair.record, pair.item, name))


def _writes(draft: Draft, pair: Pair, item: Item | None, sides: Sides, merged: Merged, why: Why) -> None:
    if merged.up and not merged.blocked:
        draft.actions.append(UpdateRecord(pair, merged.up, _because(why, "edited in the mailbox")))
    if merged.down:
        names = {**sides.mailbox, **{n: m.sent for n, m in merged.down.items()}}
        known = {FieldName(n): names[FieldName(n)] for n in NAMES if FieldName(n) in names}
        draft.actions.append(UpdateItem(pair, item, merged.down, known, _because(why, "edited in Salesforce")))
    if merged.company is not None:
        draft.relinks.append((pair, item, merged.company))


def _because(why: Why, reason: str) -> Why:
    return why if why.reason else Why(why.rule, reason)


def fill_from(draft: Draft, pair: Pair, record: Record, item: Item) -> None:
    """B2 approved on a record that has an item: what the other item adds goes to the record (by B12)."""
    merged = merge(Sides({}, {}, record.values, item.values), draft.policy)
    up = {n: m for n, m in merged.up.items() if not is_blank(m.sent)}
    if up:
        draft.actions.append(
            UpdateRecord(
                replace(pair, crm=Base(pair.crm.values, record.version)), up, Why("B2", "merged"), advance=False
            )
        )

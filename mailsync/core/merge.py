"""The three-way merge of one pair: field by field against each side's own base (B10-B14, B4, B9)."""

from dataclasses import dataclass, field

from mailsync.core.divergence import agree, differs, is_equal
from mailsync.core.fit import Fit, fit
from mailsync.core.person import Field, Flow, Limit, Value, Values, is_blank, text
from mailsync.core.policy import Direction, Policy, Winner
from mailsync.core.refs import FieldName, Side

COMPANY = FieldName("Company")


@dataclass(frozen=True, slots=True)
class Moved:
    """One value on its way: what is sent (fitted), what it came from, and what it replaces."""

    sent: Value
    source: Value
    before: Value
    cut: bool = False
    lost: bool = False  # `before` was an edit that lost a conflict
    onward: bool = False  # B12: typed by a person; the other side gets it once this one has it


@dataclass(frozen=True, slots=True)
class Problem:
    """A field that was skipped, in words for a person (B13)."""

    field: FieldName
    message: str
    required: bool = False


@dataclass(slots=True)
class Merged:
    """The outcome of a merge. Bases advance with the actions; `settled` ones need no action."""

    up: dict[FieldName, Moved] = field(default_factory=dict)
    down: dict[FieldName, Moved] = field(default_factory=dict)
    settled_crm: dict[FieldName, Value] = field(default_factory=dict)
    settled_mailbox: dict[FieldName, Value] = field(default_factory=dict)
    asked: list[FieldName] = field(default_factory=list)  # B12 ask, or B4/A1: someone must choose
    left: dict[FieldName, Value] = field(default_factory=dict)  # mailbox edits that stay (B9, B10)
    left_crm: dict[FieldName, Value] = field(default_factory=dict)  # Salesforce edits that stay (B10)
    problems: list[Problem] = field(default_factory=list)
    company: str | None = None  # the mailbox's Company was edited to this (B9)

    @property
    def blocked(self) -> bool:
        """Whether a required field is refused, so that nothing may go up (B13)."""
        return any(p.required for p in self.problems)


@dataclass(frozen=True, slots=True)
class Sides:
    """What a merge reads: each side's base and present values. A field absent now is not known and keeps its base."""

    crm_base: Values
    mailbox_base: Values
    crm: Values
    mailbox: Values
    editable: bool = True  # the user may change the record (B10)
    chosen: dict[FieldName, Side] = field(default_factory=dict)  # answers to asked fields
    typed: dict[FieldName, str] = field(default_factory=dict)  # B12: neither side's value
    strict: bool = False  # differences without a base are asked, never won (A1)
    held: frozenset[FieldName] = frozenset()  # fields that a question is open about: asked on, never won meanwhile


def merge(sides: Sides, policy: Policy) -> Merged:
    """Merges all mapped fields. Pure; raises nothing."""
    merged = Merged()
    for f in _touched(sides, policy):
        if f.name not in sides.mailbox:
            _settle_foreign(f, sides, merged)
        elif f.name in sides.crm:
            (_merge_company if f.name == COMPANY else _merge_field)(f, sides, policy, merged)
        elif f.name not in policy.crm_limits and f.name in sides.mailbox_base:
            _merge_hidden(f, sides, policy, merged)
    return merged


def _touched(sides: Sides, policy: Policy) -> list[Field]:
    """The mapped fields of which a side holds, or lacks, anything else than its base does, to the letter; the others
    come out of a merge as they are."""
    crm_now, crm, mailbox_now, mailbox = sides.crm.get, sides.crm_base.get, sides.mailbox.get, sides.mailbox_base.get
    if sides.mailbox is sides.mailbox_base:
        moved = [f for f in policy.fields if crm_now(n := f.name) != crm(n)]
    elif sides.crm is sides.crm_base:
        moved = [f for f in policy.fields if mailbox_now(n := f.name) != mailbox(n)]
    else:
        moved = [f for f in policy.fields if crm_now(n := f.name) != crm(n) or mailbox_now(n) != mailbox(n)]
    return [f for f in moved if f.flow is not Flow.OFF]


def _settle_foreign(f: Field, sides: Sides, merged: Merged) -> None:
    """What the mailbox has in place of the field is not ours to read (a birthday without its year): Salesforce's value
    is known from now on, and only a base of both sides makes it flow (B4)."""
    if f.name in sides.crm and f.name not in sides.crm_base:
        merged.settled_crm[f.name] = sides.crm[f.name]


def _merge_hidden(f: Field, sides: Sides, policy: Policy, merged: Merged) -> None:
    """B13: a field that can't be read keeps its base; an edit of it waits, and somebody is told."""
    if differs(f, sides.mailbox[f.name], sides.mailbox_base, policy) and _may_go_up(f, sides, policy):
        merged.problems.append(Problem(f.name, f"{f.name} is read-only or hidden for this user in Salesforce"))


def _merge_field(f: Field, sides: Sides, policy: Policy, merged: Merged) -> None:
    crm, mailbox = sides.crm[f.name], sides.mailbox[f.name]
    if f.name not in sides.crm_base or f.name not in sides.mailbox_base:
        _first(f, sides, policy, merged)
        return
    crm_changed = differs(f, crm, sides.crm_base, policy)
    mailbox_changed = differs(f, mailbox, sides.mailbox_base, policy)
    if (crm_changed or mailbox_changed) and agree(f, crm, mailbox, policy):
        _settle(f, sides, merged)
    elif crm_changed and mailbox_changed:
        _conflict(f, sides, policy, merged)
    elif crm_changed:
        _down(f, sides, policy, merged)
    elif mailbox_changed:
        _up(f, sides, policy, merged)


def _settle(f: Field, sides: Sides, merged: Merged) -> None:
    merged.settled_crm[f.name] = sides.crm[f.name]
    merged.settled_mailbox[f.name] = sides.mailbox[f.name]


def _may_go_up(f: Field, sides: Sides, policy: Policy) -> bool:
    return sides.editable and policy.direction is not Direction.DOWN and f.flow in (Flow.BOTH, Flow.UP)


def _may_go_down(f: Field, policy: Policy) -> bool:
    return policy.direction is not Direction.UP and f.flow in (Flow.BOTH, Flow.DOWN)


def _first(f: Field, sides: Sides, policy: Policy, merged: Merged) -> None:
    """B4: a first pairing by match, or a newly mapped field."""
    crm, mailbox = sides.crm[f.name], sides.mailbox[f.name]
    if agree(f, crm, mailbox, policy):
        _settle(f, sides, merged)
    elif f.name in sides.chosen:
        _conflict(f, sides, policy, merged)
    elif is_blank(mailbox) and _may_go_down(f, policy):
        _down(f, sides, policy, merged)
    elif is_blank(crm) and _may_go_up(f, sides, policy):
        _up(f, sides, policy, merged)
    elif is_blank(crm) or is_blank(mailbox):
        _settle(f, sides, merged)
    elif sides.strict or f.name in sides.held or policy.direction is not Direction.BOTH:
        merged.asked.append(f.name)
    else:
        _conflict(f, sides, policy, merged)


def _conflict(f: Field, sides: Sides, policy: Policy, merged: Merged) -> None:
    """B12. In one direction the policy is idle (E1): the side that may write wins."""
    if f.name in sides.typed and _may_go_up(f, sides, policy) and _may_go_down(f, policy):
        _type_in(f, sides.typed[f.name], sides, policy, merged)
        return
    match _winner(f, sides, policy):
        case None:
            _settle(f, sides, merged)
            merged.left[f.name], merged.left_crm[f.name] = sides.mailbox[f.name], sides.crm[f.name]
        case Winner.ASK:
            merged.asked.append(f.name)
        case Winner.SALESFORCE:
            _down(f, sides, policy, merged, lost=True)
        case Winner.MAILBOX:
            _up(f, sides, policy, merged, lost=True)


def _winner(f: Field, sides: Sides, policy: Policy) -> Winner | None:
    """None: the side that wins can't write, so both keep what they have."""
    up = _may_go_up(f, sides, policy) and _is_writable(policy.crm_limits.get(f.name))
    down = _may_go_down(f, policy) and _is_writable(policy.mailbox_limits.get(f.name))
    chosen = sides.chosen.get(f.name)
    if up and down and chosen is None:
        return Winner.ASK if sides.strict or f.name in sides.held else policy.winner_of(f.name)
    if up and chosen is not Side.CRM:
        return Winner.MAILBOX
    return Winner.SALESFORCE if down and chosen is not Side.MAILBOX else None


def _type_in(f: Field, typed: str, sides: Sides, policy: Policy, merged: Merged) -> None:
    """B12: both sides get what a person typed. The record first: until the item has it too the record counts as
    changed, so that a session which ends in between is carried on as an edit in Salesforce."""
    crm, mailbox = sides.crm[f.name], sides.mailbox[f.name]
    up = _fit_typed(f, typed, policy.crm_limits.get(f.name), policy)
    down = _fit_typed(f, typed, policy.mailbox_limits.get(f.name), policy)
    if isinstance(up, Problem):
        merged.problems.append(up)
        return
    if isinstance(down, Problem):
        merged.problems.append(down)
        return
    if is_equal(f, up.value, crm, policy):
        _down(f, sides, policy, merged, lost=True)
        return
    onward = not is_equal(f, down.value, mailbox, policy)
    merged.up[f.name] = Moved(up.value, mailbox, crm, up.cut, lost=True, onward=onward)
    if onward:
        merged.down[f.name] = Moved(down.value, up.value, mailbox, down.cut, lost=True, onward=True)


def _fit_typed(f: Field, typed: str, limit: Limit | None, policy: Policy) -> Fit | Problem:
    if limit is None or not limit.updateable:
        return Problem(f.name, f"{f.name} is read-only or hidden for this user on one side")
    fitted = fit(typed, f.type, limit, policy.region)
    if fitted.refused:
        return Problem(f.name, f"the value that was typed does not fit: {fitted.refused}")
    if limit.required and is_blank(fitted.value):
        return Problem(f.name, f"{f.name} is required and can't be emptied")
    return fitted


def _is_writable(limit: Limit | None) -> bool:
    return limit is not None and limit.updateable


def _down(f: Field, sides: Sides, policy: Policy, merged: Merged, *, lost: bool = False) -> None:
    crm, before = sides.crm[f.name], sides.mailbox[f.name]
    limit = policy.mailbox_limits.get(f.name)
    if not _may_go_down(f, policy) or limit is None:
        merged.settled_crm[f.name] = merged.left_crm[f.name] = crm
        if lost:
            merged.settled_mailbox[f.name] = merged.left[f.name] = before
        return
    fitted = fit(crm, f.type, limit, policy.region)
    if fitted.refused:
        merged.problems.append(Problem(f.name, fitted.refused))
    elif is_equal(f, fitted.value, before, policy):
        _settle(f, sides, merged)
    else:
        merged.down[f.name] = Moved(fitted.value, crm, before, fitted.cut, lost)


def _up(f: Field, sides: Sides, policy: Policy, merged: Merged, *, lost: bool = False) -> None:
    mailbox, before = sides.mailbox[f.name], sides.crm[f.name]
    limit = policy.crm_limits.get(f.name)
    if not _may_go_up(f, sides, policy):
        merged.settled_mailbox[f.name] = mailbox
        merged.left[f.name] = mailbox
        return
    if limit is None or not limit.updateable:
        merged.problems.append(Problem(f.name, f"{f.name} is read-only or hidden for this user in Salesforce"))
        return
    fitted = fit(mailbox, f.type, limit, policy.region)
    if limit.required and is_blank(fitted.value):
        merged.problems.append(
            Problem(f.name, f"{f.name} is required in Salesforce and can't be emptied", required=True)
        )
    elif fitted.refused:
        merged.problems.append(Problem(f.name, fitted.refused, required=limit.required))
    else:
        merged.up[f.name] = Moved(fitted.value, mailbox, before, fitted.cut, lost)


def _merge_company(f: Field, sides: Sides, policy: Policy, merged: Merged) -> None:
    """B9: Account.Name goes down; an edited Company is a question about the link; blank never blanks nor unlinks."""
    crm, mailbox = text(sides.crm, COMPANY), text(sides.mailbox, COMPANY)
    known = f.name in sides.crm_base and f.name in sides.mailbox_base
    crm_changed = differs(f, crm, sides.crm_base, policy) if known else is_blank(mailbox)
    mailbox_changed = known and differs(f, mailbox, sides.mailbox_base, policy)
    if crm_changed and not is_blank(crm):
        _down(f, sides, policy, merged, lost=mailbox_changed)
        return
    if crm_changed or not known:
        merged.settled_crm[f.name] = crm
    if mailbox_changed or not known:
        merged.settled_mailbox[f.name] = mailbox
    if mailbox_changed and not is_equal(f, crm, mailbox, policy):
        merged.left[f.name] = mailbox
        merged.company = mailbox or None

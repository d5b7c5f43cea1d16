"""Undo field by field: what a session wrote is base, what is there now is theirs, what was there before is wanted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mailsync.core.actions import PairUp, UpdateItem, UpdateRecord
from mailsync.core.changes import Item, Record
from mailsync.core.deeds import Deed
from mailsync.core.entries import Change
from mailsync.core.fit import fit
from mailsync.core.meaning import same
from mailsync.core.merge import Moved
from mailsync.core.pair import Base, Pair
from mailsync.core.pairing import NAMES
from mailsync.core.person import Address, Field, FieldType, Limits, Value, Values, is_blank
from mailsync.core.policy import Policy
from mailsync.core.refs import AccountId, FieldName
from mailsync.core.undo import UNDO, Present, Undo

EDITED = "edited since; the later edit stays"


def take_back_record(deed: Deed, present: Present, undo: Undo) -> None:
    """Drafts the update that gives the record the values it had before."""
    if not deed.crm and deed.account is None:
        return
    record, pair = present.record(deed.record), present.pair(deed.record)
    if record is None or pair is None:
        undo.keep(deed, "its Salesforce contact is not synced, or can't be read, any more; it stays as it is")
        return
    policy = present.policy
    target = _Target(record.values, policy.crm_limits, pair.mailbox.values, policy)
    moved = _compare(deed, deed.crm, target, undo)
    back = _find_back(deed.crm, target, pair.crm.values)
    if back:
        pair = replace(pair, crm=Base({**pair.crm.values, **back}, pair.crm.version))
        undo.edits.append(PairUp(pair, UNDO))
    account, name = _account(deed, record, undo)
    if moved or account is not None:
        fresh = replace(pair, crm=Base(pair.crm.values, record.version))
        undo.edits.append(UpdateRecord(fresh, moved, UNDO, account=account, account_name=name))


def take_back_item(deed: Deed, present: Present, undo: Undo) -> None:
    """Drafts the update that gives the item the values it had before."""
    if not deed.mailbox:
        return
    pair = present.pair(deed.record)
    if pair is None or (item := present.inside(pair.item)) is None:
        undo.keep(deed, "its mailbox contact is not synced, or not there, any more; nothing is written to it")
        return
    policy = present.policy
    target = _Target(item.values, policy.mailbox_limits, pair.crm.values, policy)
    moved = _compare(deed, deed.mailbox, target, undo)
    back = _find_back(deed.mailbox, target, pair.mailbox.values)
    if back:
        pair = replace(pair, mailbox=Base({**pair.mailbox.values, **back}, pair.mailbox.version))
        undo.edits.append(PairUp(pair, UNDO))
    if moved:
        undo.edits.append(UpdateItem(pair, item, moved, _names(item, moved), UNDO))


@dataclass(frozen=True, slots=True)
class _Target:
    """The side that is written: what it holds now and takes, and the other side's base, which stays as it is."""

    now: Values
    limits: Limits
    other: Values
    policy: Policy


def _compare(deed: Deed, written: Mapping[FieldName, Change], target: _Target, undo: Undo) -> dict[FieldName, Moved]:
    """The fields that still hold what the session wrote; others are named as kept, unless they are back already."""
    fields = {f.name: f for f in target.policy.fields if f.name in target.limits and f.name in target.now}
    moved: dict[FieldName, Moved] = {}
    for name, change in written.items():
        f = fields.get(name)
        if f is None:
            undo.keep(deed, "not mapped, or not readable, any more", name)
        elif not _is(f, target.now[name], change.before, target.policy):
            ready = _prepare(f, change, target)
            if isinstance(ready, Moved):
                moved[name] = ready
            else:
                undo.keep(deed, ready, name)
    return moved


def _find_back(written: Mapping[FieldName, Change], target: _Target, base: Values) -> Values:
    """Fields that hold their former values again though the side's base does not know it: an undo was interrupted, and
    without this they would flow to the other side."""
    known = [f for f in target.policy.fields if f.name in written and f.name in target.now and f.name in base]
    return {
        f.name: target.now[f.name]
        for f in known
        if _is(f, target.now[f.name], written[f.name].before, target.policy)
        and _is(f, base[f.name], written[f.name].after, target.policy)
        and not _is(f, written[f.name].before, written[f.name].after, target.policy)
    }


def _prepare(f: Field, change: Change, target: _Target) -> Moved | str:
    """The value on its way back, or why it stays."""
    limit, wanted = target.limits[f.name], change.before
    if not _is(f, target.now[f.name], change.after, target.policy):
        return EDITED
    if not limit.updateable or (limit.required and is_blank(wanted)):
        return "it can't be written, or not be emptied, on that side"
    if f.type is FieldType.ADDRESS and isinstance(wanted, str) and wanted:
        return "an older version did not keep the address's parts"
    fitted = fit(wanted, f.type, limit, target.policy.region)
    blank: Value = Address() if f.type is FieldType.ADDRESS else ""
    value = blank if is_blank(wanted) else fitted.value
    return fitted.refused or Moved(value, target.other.get(f.name, blank), target.now[f.name])


def _is(f: Field, one: Value, other: Value, policy: Policy) -> bool:
    limit = policy.crm_limits.get(f.name)
    return same(one, other, f.type, policy.region, limit.choices if limit else ())


def _account(deed: Deed, record: Record, undo: Undo) -> tuple[AccountId | None, str]:
    """B9: the Account before, "" for none, where the link is still the one that the session made."""
    if deed.account is None or (record.account or "") == deed.account.before:
        return None, ""
    if (record.account or "") != deed.account.after:
        undo.keep(deed, EDITED, "Account")
        return None, ""
    names = deed.account_names
    return AccountId(str(deed.account.before)), str(names.before) if names else ""


def _names(item: Item, moved: Mapping[FieldName, Moved]) -> Values:
    known = {**item.values, **{n: m.sent for n, m in moved.items()}}
    return {FieldName(n): known[FieldName(n)] for n in NAMES if FieldName(n) in known}


def is_as_written(written: Values, now: Values, policy: Policy) -> bool:
    """Whether every mapped field that can be read now means what was written; what was not written is blank."""
    known = [f for f in policy.fields if f.name in now]
    return all(_is(f, now[f.name], written.get(f.name, ""), policy) for f in known)


def is_edited(pair: Pair, item: Item, policy: Policy) -> bool:
    """Whether a person edited the item since the agent last wrote it."""
    known = [f for f in policy.fields if f.name in item.values and f.name in pair.mailbox.values]
    return pair.edited or not all(_is(f, item.values[f.name], pair.mailbox.values[f.name], policy) for f in known)

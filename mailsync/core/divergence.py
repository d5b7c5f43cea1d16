"""Whether values differ: a side's from its base, and the two sides' as far as each can hold the other's (B11, B13)."""

from mailsync.core.fit import fit, fits_whole
from mailsync.core.meaning import same
from mailsync.core.person import Field, Flow, Limit, Value, Values
from mailsync.core.policy import Policy

BLANK: Value = ""


def is_equal(f: Field, one: Value, other: Value, policy: Policy) -> bool:
    """Whether two values of a field mean the same (B11)."""
    limit = policy.crm_limits.get(f.name)
    return same(one, other, f.type, policy.region, limit.choices if limit else ())


def differs(f: Field, now: Value, base: Values, policy: Policy) -> bool:
    """Whether a value differs in meaning from a side's base; a field without a base differs if it is filled."""
    then = base.get(f.name, BLANK)
    return now != then and not is_equal(f, now, then, policy)


def agree(f: Field, crm: Value, mailbox: Value, policy: Policy) -> bool:
    """Whether both sides hold the same as far as they can: what one holds cut to fit is no edit, and never flows back
    (B13), as after an update whose answer was lost."""
    if is_equal(f, crm, mailbox, policy):
        return True
    return _is_cut(f, mailbox, crm, policy.crm_limits.get(f.name), policy) or _is_cut(
        f, crm, mailbox, policy.mailbox_limits.get(f.name), policy
    )


def _is_cut(f: Field, whole: Value, held: Value, limit: Limit | None, policy: Policy) -> bool:
    if limit is None or fits_whole(whole, f.type, limit):
        return False
    fitted = fit(whole, f.type, limit, policy.region)
    return fitted.cut and is_equal(f, fitted.value, held, policy)


def is_diverged(crm: Values, mailbox: Values, policy: Policy) -> bool:
    """Whether the mailbox holds anything that Salesforce's values, fitted to the mailbox, don't (A18: unsynced)."""
    return any(_is_apart(f, crm[f.name], mailbox, policy) for f in policy.fields if f.name in crm and f.name in mailbox)


def _is_apart(f: Field, crm: Value, mailbox: Values, policy: Policy) -> bool:
    limit = policy.mailbox_limits.get(f.name)
    if f.flow is Flow.OFF or limit is None or not differs(f, crm, mailbox, policy):
        return False
    return differs(f, fit(crm, f.type, limit, policy.region).value, mailbox, policy)

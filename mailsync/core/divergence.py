"""Whether a mailbox holds edits that Salesforce lacks (A18: unsynced)."""

from mailsync.core.fit import fit
from mailsync.core.merge import differs
from mailsync.core.person import Field, Flow, Value, Values
from mailsync.core.policy import Policy


def is_diverged(crm: Values, mailbox: Values, policy: Policy) -> bool:
    """Whether the mailbox holds anything that Salesforce's values, fitted to the mailbox, don't (A18: unsynced)."""
    return any(_is_apart(f, crm[f.name], mailbox, policy) for f in policy.fields if f.name in crm and f.name in mailbox)


def _is_apart(f: Field, crm: Value, mailbox: Values, policy: Policy) -> bool:
    limit = policy.mailbox_limits.get(f.name)
    if f.flow is Flow.OFF or limit is None or not differs(f, crm, mailbox, policy):
        return False
    return differs(f, fit(crm, f.type, limit, policy.region).value, mailbox, policy)

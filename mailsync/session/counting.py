"""How many records the scope should hold by what is known (A18). Counting all pairs takes longer the more there are, so
that what a session counted holds for the next one, unless either of them, or one between, changed anything."""

from collections.abc import Mapping
from typing import Any

from mailsync.core.policy import Policy
from mailsync.core.sight import Sight
from mailsync.session.agent import Keys
from mailsync.session.feeds import Feeds


def is_compared(feeds: Feeds, policy: Policy) -> bool:
    """Whether the scope's count says anything: Salesforce was asked for it, neither named all members anyway nor only a
    part of them."""
    crm = feeds.crm
    return policy.mirrors and crm.asked and crm.members is None and crm.rest is None and not crm.fault


def expected_count(sight: Sight, counted: int) -> int:
    """How many records the scope should hold: those that were `counted`, plus entered, less left."""
    pairs = {p.record: p for p in sight.pairs}
    known = {r for r, p in pairs.items() if p.in_scope} | {p.ref for p in sight.parked.values() if p.in_scope}
    entered = sum(1 for r in sight.records.values() if r.in_scope and r.id not in known)
    left = sum(1 for r in sight.records.values() if not r.in_scope and r.id in known)
    lost = sum(1 for r in (*sight.unreadable, *sight.fates) if r in known)
    return counted + entered - left - lost


def known_count(state: Mapping[str, Any], fence: int) -> int | None:
    """What the session right before this one counted and left so; None where it is not known. Pairs are written under
    a fence only, by whatever program, so that nobody can have changed them since."""
    match state.get(Keys.COUNTED):
        case [int() as session, int() as counted] if session == fence - 1:
            return counted
        case _:
            return None

"""Throttling by the vendor's policy parameters (EXD ews-throttling-in-exchange); what a world doesn't set is off.

The sandbox answers in microseconds and one request at a time. So a request is taken to go on, and to cost, for
RequestMilliseconds of the vendors' clock; connections of a user that are so busy at once are its concurrency.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Final

from mailsync.sandbox.exchange.errors import Fault


@dataclass(frozen=True, slots=True)
class Policy:
    """The limits of each user. Times are milliseconds, the recharge per hour; None = no limit."""

    max_concurrency: int | None = None
    max_burst: int | None = None
    recharge_rate: int = 900_000
    cutoff_balance: int = 0
    max_subscriptions: int = 5000
    find_count_limit: int | None = None
    hanging_connections: int = 10
    request_milliseconds: int = 50


NAMES: Final = {
    "EWSMaxConcurrency": "max_concurrency",
    "EWSMaxBurst": "max_burst",
    "EWSRechargeRate": "recharge_rate",
    "EWSCutoffBalance": "cutoff_balance",
    "EWSMaxSubscriptions": "max_subscriptions",
    "EWSFindCountLimit": "find_count_limit",
    "HangingConnectionLimit": "hanging_connections",
    "RequestMilliseconds": "request_milliseconds",
}


@dataclass(slots=True)
class Budget:
    """What a user has left (milliseconds, as of `at`), and which connection was last used when."""

    balance: float
    at: datetime
    connections: dict[int, datetime] = field(default_factory=dict[int, datetime])


def dump_policy(policy: Policy) -> dict[str, int]:
    """What of a policy isn't as new, by the vendor's names."""
    new = Policy()
    shown = {name: getattr(policy, attribute) for name, attribute in NAMES.items()}
    return {name: value for name, value in shown.items() if value != getattr(new, NAMES[name])}


def make_policy(values: dict[str, int]) -> Policy:
    """A policy of values by the vendor's names."""
    assert set(NAMES.values()) == {each.name for each in fields(Policy)}
    return Policy(**{NAMES[name]: value for name, value in values.items()})


def charge(policy: Policy, budgets: dict[str, Budget], user: str, connection: int, now: datetime) -> None:
    """Charges a user with a request. Raises Fault ErrorExceededConnectionCount or ErrorServerBusy (with a back-off)."""
    if policy.max_concurrency is None and policy.max_burst is None:
        return
    budget = budgets.setdefault(user, Budget(policy.max_burst or 0, now))
    cost = timedelta(milliseconds=policy.request_milliseconds)
    budget.connections = {each: used for each, used in budget.connections.items() if now - used < cost}
    others = len(set(budget.connections) - {connection})
    if policy.max_concurrency is not None and others >= policy.max_concurrency:
        raise Fault("ErrorExceededConnectionCount")
    budget.connections[connection] = now
    if policy.max_burst is not None:
        _pay(policy, policy.max_burst, budget, now)


def _pay(policy: Policy, most: int, budget: Budget, now: datetime) -> None:
    """A balance recharges up to the burst; below the negative cut-off all is refused until it is out of debt."""
    recharge = policy.recharge_rate / 3_600_000
    budget.balance = min(most, budget.balance + (now - budget.at).total_seconds() * 1000 * recharge)
    budget.at = now
    if budget.balance < -policy.cutoff_balance:
        wait = round(-budget.balance / recharge) + 1 if recharge else 3_600_000
        raise Fault("ErrorServerBusy", values=(f'<t:Value Name="BackOffMilliseconds">{wait}</t:Value>',))
    budget.balance -= policy.request_milliseconds

"""Gates: one before each Salesforce organisation and each mailbox tenant, shared by all workers.

A gate closes when the vendor is away, asks to wait, or the organisation's daily calls run short (C4). After an outage
or a short budget one session is let through to try; while it fails, the gate stays closed for longer each time. Users
behind a closed gate stay due and cost nothing, and what a vendor does to everybody suspends nobody but those who tried.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from mailsync.core.schedule import GROWTH

TRIPS = 5
"""Sessions in a row that must find the vendor away."""
AWAY = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 15))
"""How long the gate is closed each time while the vendor is away."""
TRIAL = timedelta(seconds=90)
"""How long the one session that tries has before another one does."""
BURST = 60.0
"""Seconds' worth of sessions that may come at once where sessions a minute are limited."""


class Why(Enum):
    """Why a gate is, or was, closed."""

    NOTHING = ""
    AWAY = "away"
    WAIT = "wait"  # the vendor's own Retry-After
    BUDGET = "budget"  # C4


@dataclass(frozen=True, slots=True)
class Gate:
    """What is known of one vendor's tenant. `used`, `allowed`: its daily calls as last seen by anybody."""

    failures: int = 0  # sessions in a row that found it away
    step: int = 0  # how often it was closed for the same reason without a success in between
    closed: datetime | None = None  # until then
    why: Why = Why.NOTHING
    trying: bool = False  # closed only until the one session that was let through has met something
    tokens: float = BURST  # sessions that may be given out, where they are limited
    filled: datetime | None = None  # when `tokens` was right
    used: int = 0
    allowed: int = 0


@dataclass(frozen=True, slots=True)
class Well:
    """A session got through."""

    used: int = 0
    allowed: int = 0


@dataclass(frozen=True, slots=True)
class Away:
    """A session found nobody, or a vendor that could not serve it."""


@dataclass(frozen=True, slots=True)
class AskedToWait:
    """The vendor said how long nobody of this tenant should ask."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class Short:
    """The organisation's daily calls are short."""

    used: int = 0
    allowed: int = 0


Sign = Well | Away | AskedToWait | Short


def is_short(used: int, allowed: int, calls: int, percent: int) -> bool:
    """C4: fewer calls are left than are to be left to others, in number or as a share."""
    left = allowed - used
    return left < calls or left * 100 < percent * allowed


def is_closed(gate: Gate, now: datetime) -> bool:
    """Whether nobody may pass."""
    return gate.closed is not None and now < gate.closed


def note(gate: Gate, sign: Sign, now: datetime) -> Gate:
    """The gate after what a session met. What those report that were under way when it closed changes little."""
    match sign:
        case Well(used=used, allowed=allowed):
            known = replace(gate, used=used or gate.used, allowed=allowed or gate.allowed, failures=0)
            if is_closed(gate, now) and gate.why is not Why.AWAY and not gate.trying:
                return known
            return replace(known, step=0, closed=None, why=Why.NOTHING, trying=False)
        case Away():
            if is_closed(gate, now) and not gate.trying:
                return gate
            failed = replace(gate, failures=gate.failures + 1)
            return _close(failed, Why.AWAY, AWAY, now) if failed.failures >= TRIPS else failed
        case AskedToWait(after=after):
            until = max(now + after, gate.closed or now)
            stays = is_closed(gate, now) and gate.why is not Why.WAIT and not gate.trying
            return gate if stays else replace(gate, closed=until, why=Why.WAIT, trying=False)
        case Short(used=used, allowed=allowed):
            known = replace(gate, used=used or gate.used, allowed=allowed or gate.allowed)
            if is_closed(gate, now) and gate.why is Why.BUDGET and not gate.trying:
                return known
            return _close(known, Why.BUDGET, GROWTH[1:], now)


def _close(gate: Gate, why: Why, lengths: tuple[timedelta, ...], now: datetime) -> Gate:
    step = gate.step if gate.why is why else 0
    until = now + lengths[min(step, len(lengths) - 1)]
    return replace(gate, closed=until, why=why, step=step + 1, trying=False)


def let_through(gate: Gate, wanted: int, rate: float, now: datetime) -> tuple[int, Gate]:
    """How many of the sessions wanted may pass now, and the gate after they have. `rate`: sessions a minute, 0 for
    no limit. A gate that was closed for an outage or a budget lets one through, and waits for what it meets."""
    if wanted <= 0 or is_closed(gate, now):
        return 0, gate
    filled = _fill(gate, rate, now)
    allowed = min(wanted, int(filled.tokens)) if rate else wanted
    if allowed and gate.why in (Why.AWAY, Why.BUDGET):
        allowed, filled = 1, replace(filled, closed=now + TRIAL, trying=True)
    return allowed, replace(filled, tokens=filled.tokens - allowed) if rate else filled


def spend(gate: Gate, requests: int) -> Gate:
    """The gate after sessions that made more requests than were counted when they were let through."""
    return replace(gate, tokens=gate.tokens - requests)


def _fill(gate: Gate, rate: float, now: datetime) -> Gate:
    if not rate:
        return gate
    most = max(1.0, rate * BURST / 60)
    if gate.filled is None:
        return replace(gate, tokens=most, filled=now)
    gained = rate * max(0.0, (now - gate.filled).total_seconds()) / 60
    return replace(gate, tokens=min(most, gate.tokens + gained), filled=now)

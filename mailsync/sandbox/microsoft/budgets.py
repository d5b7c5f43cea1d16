"""Throttling: requests per application and mailbox in a window, and how many may go on at once (mailbox.md C5).

The sandbox takes no time itself: a request is taken to go on for RequestMilliseconds of the vendors' clock, and those
of other connections within that time are concurrent with it. MailboxConcurrency 0 = not looked at.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailsync.sandbox.microsoft.errors import Failed
from mailsync.sandbox.microsoft.settings import Settings


@dataclass(slots=True)
class Budget:
    """What one application has asked of one mailbox of late."""

    asked: deque[datetime] = field(default_factory=deque[datetime])
    going: deque[tuple[int, datetime]] = field(default_factory=deque[tuple[int, datetime]])


def charge(settings: Settings, budget: Budget, connection: int, now: datetime) -> None:
    """Counts a request. Raises Failed 429 with Retry-After where it is one too many."""
    window = timedelta(seconds=settings.limits["WindowSeconds"])
    while budget.asked and budget.asked[0] <= now - window:
        budget.asked.popleft()
    if len(budget.asked) >= settings.limits["MailboxRequests"]:
        wait = 1 if not budget.asked else int((budget.asked[0] + window - now).total_seconds()) + 1
        raise throttle("Application is over its MailboxRequests limit.", wait)
    _check_concurrency(settings, budget, connection, now)
    budget.asked.append(now)


def throttle(text: str, wait: int) -> Failed:
    """The refusal of a request that is one too many."""
    return Failed("ApplicationThrottled", text, headers={"retry-after": str(wait)})


def _check_concurrency(settings: Settings, budget: Budget, connection: int, now: datetime) -> None:
    most = settings.limits["MailboxConcurrency"]
    if not most:
        return
    budget.going = deque((number, until) for number, until in budget.going if until > now and number != connection)
    if len(budget.going) >= most:
        raise throttle("Application is over its MailboxConcurrency limit.", 1)
    budget.going.append((connection, now + timedelta(milliseconds=settings.limits["RequestMilliseconds"])))

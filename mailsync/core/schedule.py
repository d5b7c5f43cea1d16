"""When a user's next session is due: the usual interval, what outages and budgets make of it, and whose turn it is.

Every user keeps a phase of their own within the interval: the first session is put somewhere into it, and all later
ones follow that place, however late a single one was. So the load stays spread without being drawn anew (A2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeVar

LOGINS = 6
"""Refused log-ins in a row until the user must log in again (C3)."""
FAILURES = 10
"""Failed sessions in a row until the user is suspended (C3)."""
GROWTH = (timedelta(0), timedelta(hours=2.5), timedelta(hours=4.5), timedelta(hours=6.5))
"""How the interval grows while the organisation's budget is short (C4); the first stands for the usual interval."""
ASKED_APART = timedelta(minutes=1)
"""A person's "sync now" is taken at most so often (A2)."""
FIRST_APART = timedelta(seconds=5)
"""First sessions are spread over this much for each user, and never over more than the interval."""

T = TypeVar("T")


class Ending(Enum):
    """How a session ended, as far as the schedule is concerned."""

    COMPLETE = "complete"  # done, or held by questions
    FAILED = "failed"
    LOGIN_REFUSED = "log-in refused"
    BUDGET = "budget"  # the organisation's calls are short (C4)
    SKIPPED = "skipped"  # for another reason


class Suspension(Enum):
    """Why a user has no sessions until a person does something (C3)."""

    NONE = ""
    NEEDS_LOGIN = "needs_login"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Standing:
    """What adds up from session to session."""

    failures: int = 0  # failed sessions in a row
    refused: int = 0  # refused log-ins in a row
    slowed: int = 0  # step of GROWTH

    @property
    def suspension(self) -> Suspension:
        """C3."""
        if self.refused >= LOGINS:
            return Suspension.NEEDS_LOGIN
        return Suspension.FAILING if self.failures >= FAILURES else Suspension.NONE


def advance(standing: Standing, ending: Ending) -> Standing:
    """What a session's end makes of it: failures add up until one is complete, slowness ends by itself (C3, C4)."""
    match ending:
        case Ending.COMPLETE:
            return Standing()
        case Ending.FAILED:
            return Standing(standing.failures + 1, 0, 0)
        case Ending.LOGIN_REFUSED:
            return Standing(standing.failures + 1, standing.refused + 1, 0)
        case Ending.BUDGET:
            return Standing(standing.failures, standing.refused, min(standing.slowed + 1, len(GROWTH) - 1))
        case Ending.SKIPPED:
            return Standing(standing.failures, standing.refused, 0)


def first_time(now: datetime, interval: timedelta, users: int, share: float) -> datetime:
    """When somebody's first session is due, `users` beginning at once; `share` in [0, 1) is their place among them."""
    return now + min(interval, FIRST_APART * max(0, users - 1)) * share


def next_time(now: datetime, planned: datetime | None, interval: timedelta, slowed: int = 0) -> datetime:
    """When the next session is due, after one that was planned for `planned` and ends now (A2, C4).

    The first of the times planned ± n · interval that leaves at least half an interval: a session that was late, or
    asked for early, shortens or stretches one pause, and moves nobody's place.
    """
    if slowed:
        return now + max(interval, GROWTH[slowed])
    if planned is None:
        return now + interval
    return planned - interval * ((planned - now - interval / 2) // interval)


def may_ask(asked: datetime | None, now: datetime) -> bool:
    """Whether a person's "sync now" is taken, the last one having been taken at `asked` (A2)."""
    return asked is None or not timedelta(0) <= now - asked < ASKED_APART


def take_turns(waiting: Mapping[str, Sequence[T]], limit: int) -> list[T]:
    """So many of those who wait, one of each organisation after another, each in its own order: nobody starves."""
    taken: list[T] = []
    rounds = max(map(len, waiting.values()), default=0)
    for place in range(rounds):
        for queue in waiting.values():
            if place < len(queue) and len(taken) < limit:
                taken.append(queue[place])
    return taken

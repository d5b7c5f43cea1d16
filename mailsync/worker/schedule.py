"""The schedule of `mailsync serve`: due users, one after another, until it is asked to stop (A2)."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailsync.bootstrap import Setup, settings_of
from mailsync.errors import MailsyncError
from mailsync.ports.clock import Clock
from mailsync.session.agent import Keys
from mailsync.session.drive import why_not
from mailsync.session.report import Report
from mailsync.worker.turn import take_turn

GLANCE = 2.0
"""Seconds between glances at the store, where other commands may have changed what is due."""
FIRST_APART = timedelta(seconds=5)
"""First sessions are spread over this much for each user, and never over more than the interval."""


@dataclass(slots=True)
class Schedule:
    """When each user is next due as far as this process knows; the store's own time wins where it is later."""

    due: dict[str, datetime] = field(default_factory=dict[str, datetime])


def serve(
    setup: Setup,
    clock: Clock,
    stopping: threading.Event,
    tell: Callable[[Report], None],
    turn: Callable[[str], Report] | None = None,
) -> None:
    """Runs due users' sessions until `stopping` is set; each report goes to `tell`. Raises nothing."""

    def usual(user: str) -> Report:
        return take_turn(setup, user, stopping=stopping)

    run = turn or usual
    schedule = Schedule()
    while not stopping.is_set():
        now = clock.now()
        waiting = pick_due(setup, schedule, clock, now)
        if not waiting:
            stopping.wait(GLANCE)
            continue
        report = run(waiting[0])
        schedule.due[waiting[0]] = clock.now() + interval_of(setup, waiting[0])
        tell(report)


def pick_due(setup: Setup, schedule: Schedule, clock: Clock, now: datetime) -> Sequence[str]:
    """Users whose time has come, the one who has waited longest first. Paused and suspended users wait silently."""
    users = setup.users
    due: list[tuple[datetime, str]] = []
    for user in users:
        state = setup.store.state(user)
        if _sleeps(setup, user, state):
            schedule.due.pop(user, None)
            continue
        stored = state.get(Keys.NEXT_RUN)
        if user not in schedule.due:
            schedule.due[user] = _first(setup, user, clock, now, len(users)) if stored is None else now
        when = max(schedule.due[user], datetime.fromisoformat(stored)) if stored else schedule.due[user]
        if when <= now:
            due.append((when, user))
    return [user for _, user in sorted(due)]


def _sleeps(setup: Setup, user: str, state: Mapping[str, object]) -> bool:
    try:
        return bool(why_not(state, enabled=settings_of(setup, user).contacts))
    except MailsyncError:
        return False  # the turn itself reports what is wrong with the settings


def _first(setup: Setup, user: str, clock: Clock, now: datetime, users: int) -> datetime:
    window = min(interval_of(setup, user), FIRST_APART * (users - 1))
    return now + window * clock.spread()


def interval_of(setup: Setup, user: str) -> timedelta:
    """The user's interval; the usual half hour where the settings can't be read."""
    try:
        return settings_of(setup, user).interval
    except MailsyncError:
        return timedelta(minutes=30)

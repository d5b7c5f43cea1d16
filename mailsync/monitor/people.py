"""How the users of an installation fare: settings that can't be used, sessions that are late, stopped or killed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from mailsync.bootstrap import Setup, organisation_of, settings_of
from mailsync.errors import SettingsError
from mailsync.monitor.findings import Finding, note, ok, problem
from mailsync.ports.feeds import Standing
from mailsync.ports.schedule import Backlog

LATE = timedelta(minutes=10)
"""How long a user may have been due before somebody should look."""

_ADVICE = {
    "needs_login": "log them in again (mailsync connect USER …), or correct the password, then: mailsync resume USER",
    "failing": "find the reason (mailsync check USER), then: mailsync resume USER",
}


def look_at_people(setup: Setup, now: datetime) -> Iterator[Finding]:
    """Everybody's settings and state, and the schedule."""
    yield from _look_at_settings(setup)
    yield from _look_at_strangers(setup)
    yield from look_at_backlog(setup.store.schedule.backlog(now), now)
    feed = setup.settings.feed
    if feed is not None:
        yield look_at_feed(setup.store.feeds.standing(organisation_of(setup)), timedelta(minutes=feed.minutes), now)


def _look_at_settings(setup: Setup) -> Iterator[Finding]:
    wrong = False
    for user in setup.users:
        try:
            settings_of(setup, user)
        except SettingsError as error:
            wrong = True
            yield from (problem("settings", text, f"correct it: mailsync get {user}") for text in error.problems)
    if not wrong:
        yield ok("settings", f"{len(setup.users)} users, all of them can be used")


def _look_at_strangers(setup: Setup) -> Iterator[Finding]:
    strangers = [user for user in setup.store.users() if user not in setup.users]
    if strangers:
        advice = (
            "put them back into the file, or, where they are gone for good: mailsync erase USER while they are in it"
        )
        yield note("settings", f"stored, but not in the settings file: {', '.join(strangers)}", advice)


def look_at_backlog(backlog: Backlog, now: datetime) -> Iterator[Finding]:
    """Who waits and who sleeps; pure."""
    for reason, count in sorted(backlog.asleep.items()):
        if reason in _ADVICE:
            yield problem("users", f"{count} suspended: {reason}", _ADVICE[reason])
        else:
            yield note("users", f"{count} without sessions: {reason}", "see who: mailsync status")
    waited = now - backlog.oldest if backlog.oldest else timedelta(0)
    if not backlog.users:
        yield note("schedule", "nobody was ever scheduled", "start it: mailsync serve")
    elif waited > LATE:
        minutes = int(waited.total_seconds() // 60)
        text = f"{backlog.due} users are due, the longest waiting one for {minutes} min"
        yield problem("schedule", text, "see that mailsync serve runs; if it does, start more workers")
    else:
        yield ok("schedule", f"{backlog.users} users, {backlog.due} due, {backlog.queued} queued")


def look_at_feed(standing: Standing | None, every: timedelta, now: datetime) -> Finding:
    """Whether the shared feed is read, and sees what people see; pure."""
    if standing is not None and standing.doubted is not None and now < standing.doubted:
        advice = (
            'give the integration user of [feed] "View All" on contacts; it is used again a day after it was noticed'
        )
        return problem("feed", "it does not see all that its users see, so nobody goes by it", advice)
    if standing is None or standing.read is None:
        return note("feed", "it was never read", "start mailsync serve; or see that [feed] has a log-in that works")
    minutes = int(abs(now - standing.read).total_seconds() // 60)
    if abs(now - standing.read) > 2 * every:
        why = f" ({standing.trouble})" if standing.trouble else ""
        advice = "see that mailsync serve runs and that the log-in of [feed] works; meanwhile everybody asks Salesforce"
        return note("feed", f"it was last read {minutes} min ago{why}", advice)
    return ok("feed", f"read {minutes} min ago")

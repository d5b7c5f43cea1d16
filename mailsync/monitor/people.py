"""How the users of an installation fare: settings that can't be used, sessions that are late, stopped or killed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from mailsync.bootstrap import Setup, gate_of, settings_of
from mailsync.core.gate import Why
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


_CLOSED = {
    Why.NOTHING: "closed",
    Why.AWAY: "it was away for several sessions in a row",
    Why.WAIT: "it asked to wait",
    Why.BUDGET: "its API calls of the day are short (C4)",
}


def look_at_people(setup: Setup, now: datetime) -> Iterator[Finding]:
    """Everybody's settings and state, and the schedule."""
    yield from _look_at_settings(setup)
    yield from _look_at_organisations(setup, now)
    yield from _look_at_strangers(setup)
    yield from look_at_backlog(setup.store.schedule.backlog(now), now)
    for organisation in (o for o in setup.settings.organisations.values() if o.feed):
        standing = setup.store.feeds.standing(gate_of(organisation))
        yield look_at_feed(standing, timedelta(minutes=organisation.feed.minutes if organisation.feed else 0), now)


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


def _look_at_organisations(setup: Setup, now: datetime) -> Iterator[Finding]:
    """How many users each has, and whether all workers leave it alone at the moment."""
    closed = dict(setup.store.gates.closed(now))
    for organisation in setup.settings.organisations.values():
        host = urlsplit(organisation.salesforce.url).netloc
        name = f"{organisation.name}: " if organisation.name else ""
        count = sum(user.organisation == organisation.name for user in setup.settings.users.values())
        yield ok("organisation", f"{name}{count} user{'' if count == 1 else 's'} at {host}")
        gate = closed.get(gate_of(organisation))
        if gate is not None and gate.closed is not None:
            text = f"{name}nobody asks {host} before {gate.closed:%H:%M:%S} UTC: {_CLOSED[gate.why]}"
            yield note("organisation", text, "nothing needs to be done: it is tried again by itself")


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

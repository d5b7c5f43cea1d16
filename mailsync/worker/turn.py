"""One turn of one user: a session with the user's present settings, whatever happens in it."""

import threading
from datetime import timedelta
from urllib.parse import urlsplit

from mailsync.bootstrap import Setup, SystemClock, gate_of, kind_of, open_agent, settings_of, shared_feed
from mailsync.core.schedule import next_time
from mailsync.errors import MailsyncError
from mailsync.ports.schedule import Home
from mailsync.session.agent import Keys, Shared
from mailsync.session.drive import count_refusal, drive
from mailsync.session.report import Report
from mailsync.session.run import Progress, TimeUp, silent
from mailsync.worker.mishap import describe_bug, sentence
from mailsync.worker.signs import Signs, wait_of

STOPPED = "stopped on request"
"""How the reason of a session begins that was asked to stop."""
LOCKED_FOR = timedelta(seconds=20)
"""After this a user is tried again whose lock another session holds; that of a killed one falls within 60 s."""
USUAL = timedelta(minutes=30)
"""The interval of a user whose settings can't be read."""


def take_turn(
    setup: Setup,
    user: str,
    progress: Progress = silent,
    stopping: threading.Event | None = None,
    shared: Shared | None = None,
) -> Report:
    """Runs a session, which may go by the `shared` feed, and reports it; raises nothing. Once `stopping` is set, the
    session ends politely at the next point at which everything that was carried out is recorded; the next one goes on
    from there (L2)."""

    def advance(stage: str, done: int, total: int) -> None:
        progress(stage, done, total)
        if stopping is not None and stopping.is_set():
            raise TimeUp(f"{STOPPED}; the next session goes on where this one stopped")

    try:
        chosen = settings_of(setup, user)
        report = drive(
            user,
            setup.store,
            lambda: open_agent(setup, user, chosen, shared),
            enabled=chosen.contacts,
            interval=chosen.interval,
            progress=advance,
        )
        report = count_refusal(report, setup.store, chosen.interval, SystemClock().now())
        kept, remembered = timedelta(days=chosen.history_days), timedelta(days=chosen.tombstone_days)
        setup.store.purge(SystemClock().now(), history=kept, tombstones=remembered, user=user)  # D9
        return report
    except MailsyncError as error:
        return Report(user, 0, "failed", sentence(error))
    except Exception as error:  # noqa: BLE001 - a session's boundary: one user's bug must not stop the others
        return Report(user, 0, "failed", describe_bug(error))


def take_claimed_turn(setup: Setup, user: str, stopping: threading.Event, signs: Signs) -> Report | None:
    """The turn of a user whom the schedule gave out; whatever becomes of it, their claim ends. None where there was no
    session and nothing is to be told. Raises StoreError."""
    schedule, clock = setup.store.schedule, SystemClock()
    if stopping.is_set():
        schedule.put_back(user, clock.now())
        return None
    if user not in setup.settings.users:
        report = Report(user, 0, "failed", f"not in {setup.settings.path}; give all workers the same settings file")
        return _end_claim(setup, report)
    shared = shared_feed(setup, user)
    report = take_turn(setup, user, stopping=stopping, shared=shared)
    signs.tell(report, home_of(setup, user), clock.now())
    if not report.session:
        return _end_claim(setup, report)
    if report.reason.startswith(STOPPED):
        schedule.put_back(user, clock.now())  # another worker goes on
    wait, slot = wait_of(report), schedule.slot(user)
    if wait and slot and slot.next_run and slot.next_run < clock.now() + wait:
        schedule.put_back(user, clock.now() + wait)
    return report


def home_of(setup: Setup, user: str) -> Home:
    """The gates that a user's sessions pass: the organisation's host, and the tenant of the mailbox – the host of an
    Exchange server, the domain of the address in a cloud."""
    connection = setup.settings.users[user]
    kind = kind_of(connection.mailbox)
    domain = connection.address.rpartition("@")[2].casefold()
    tenant = urlsplit(connection.mailbox.url).netloc if kind == "exchange" else domain
    return Home(gate_of(setup.settings.organisation_of(user)), f"{kind} {tenant}")


def _end_claim(setup: Setup, report: Report) -> Report | None:
    """No session was begun, so none ended the claim."""
    schedule, now = setup.store.schedule, SystemClock().now()
    if report.status == "failed":
        schedule.put_back(report.user, next_time(now, None, interval_of(setup, report.user)))
        return report
    state = setup.store.state(report.user)
    reason = "paused" if state.get(Keys.PAUSED) else state.get(Keys.SUSPENDED)
    if reason or not settings_of(setup, report.user).contacts:
        schedule.rest(report.user, reason or "off")
        return None
    schedule.put_back(report.user, now + LOCKED_FOR)
    return report


def interval_of(setup: Setup, user: str) -> timedelta:
    """The user's interval; the usual half hour where the settings can't be read."""
    try:
        return settings_of(setup, user).interval if user in setup.settings.users else USUAL
    except MailsyncError:
        return USUAL

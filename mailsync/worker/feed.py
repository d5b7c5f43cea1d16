"""The reader of the organisation's shared feed (decision 0028): one at a time, whatever the number of processes."""

import threading
from collections.abc import Callable
from datetime import timedelta

from mailsync.adapters import open_feed
from mailsync.bootstrap import Setup, gate_of
from mailsync.core.gate import is_closed
from mailsync.errors import MailsyncError
from mailsync.ports.clock import Clock
from mailsync.ports.feeds import Found
from mailsync.settings import FeedSettings, Organisation
from mailsync.telemetry import tell, tell_error
from mailsync.worker.mishap import describe_bug, sentence

Warn = Callable[[str], None]


def keep_reading(setup: Setup, organisation: Organisation, clock: Clock, stopping: threading.Event, warn: Warn) -> None:
    """Reads an organisation's feed, where there is one, every so many minutes until `stopping`. What goes wrong is told
    once, and tried again: meanwhile everybody asks Salesforce themselves."""
    feed, told = organisation.feed, ""
    while feed is not None and not stopping.is_set():
        _, trouble = try_reading(setup, organisation, clock)
        if trouble and trouble != told:
            warn(f"shared feed{f' of {organisation.name}' if organisation.name else ''}: {trouble}")
        told = trouble
        stopping.wait(feed.minutes * 60)


def try_reading(setup: Setup, organisation: Organisation, clock: Clock, *, at_once: bool = False) -> tuple[bool, str]:
    """One reading, unless another process is at it, did it just now (but for `at_once`), or the organisation's gate is
    closed. Whether it was made, and what went wrong, in words."""
    feed = organisation.feed
    try:
        if feed is None or not _is_due(setup, organisation, feed, clock, at_once=at_once):
            return False, ""
        return _read(setup, organisation, feed, clock), ""
    except MailsyncError as error:
        tell_error("feed.failed", error)
        return False, sentence(error)
    except Exception as error:  # noqa: BLE001 - the reader's boundary: its thread must not die
        tell_error("feed.failed", error)
        return False, describe_bug(error)


def _is_due(setup: Setup, organisation: Organisation, feed: FeedSettings, clock: Clock, *, at_once: bool) -> bool:
    key, now = gate_of(organisation), clock.now()
    if is_closed(setup.store.gates.find(key), now):
        return False
    standing = setup.store.feeds.standing(key)
    if at_once or standing is None or standing.read is None or standing.trouble:
        return True
    # Half the time: so that readers of several processes don't take turns in being a little too early.
    return abs(now - standing.read) > timedelta(minutes=feed.minutes) / 2


def _read(setup: Setup, organisation: Organisation, feed: FeedSettings, clock: Clock) -> bool:
    """Whether it was read and kept. Raises MailsyncError."""
    feeds, key, begun = setup.store.feeds, gate_of(organisation), clock.now()
    lease = feeds.take(key, begun)
    if lease is None:
        return False
    try:
        found = _ask(setup, organisation, feed, clock, lease.cursor)
    except BaseException as error:
        feeds.give_up(key, lease, type(error).__name__)
        raise
    kept = feeds.keep(key, lease, found, begun)
    if kept:
        tell("feed.read", candidates=len(found.candidates))
    return kept


def _ask(setup: Setup, organisation: Organisation, feed: FeedSettings, clock: Clock, cursor: str) -> Found:
    source = open_feed(setup.settings, organisation, feed, setup.store.logins, clock.now)
    try:
        return source.read(cursor)
    finally:
        source.close()

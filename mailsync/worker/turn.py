"""One turn of one user: a session with the user's present settings, whatever happens in it."""

import threading
from datetime import timedelta

from mailsync.bootstrap import Setup, SystemClock, open_agent, settings_of
from mailsync.errors import MailsyncError
from mailsync.session.drive import drive
from mailsync.session.report import Report
from mailsync.session.run import Progress, TimeUp, silent
from mailsync.worker.mishap import describe_bug, sentence


def take_turn(setup: Setup, user: str, progress: Progress = silent, stopping: threading.Event | None = None) -> Report:
    """Runs a session and reports it; raises nothing. Once `stopping` is set, the session ends politely at the next
    point at which everything that was carried out is recorded; the next one goes on from there (L2)."""

    def advance(stage: str, done: int, total: int) -> None:
        progress(stage, done, total)
        if stopping is not None and stopping.is_set():
            raise TimeUp("stopped on request; the next session goes on where this one stopped")

    try:
        chosen = settings_of(setup, user)
        report = drive(
            user,
            setup.store,
            lambda: open_agent(setup, user, chosen),
            enabled=chosen.contacts,
            interval=chosen.interval,
            progress=advance,
        )
        kept, remembered = timedelta(days=chosen.history_days), timedelta(days=chosen.tombstone_days)
        setup.store.purge(SystemClock().now(), history=kept, tombstones=remembered, user=user)  # D9
        return report
    except MailsyncError as error:
        return Report(user, 0, "failed", sentence(error))
    except Exception as error:  # noqa: BLE001 - a session's boundary: one user's bug must not stop the others
        return Report(user, 0, "failed", describe_bug(error))

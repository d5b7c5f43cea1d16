"""`mailsync serve`: the embedded scheduler, with one line a session."""

import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from mailsync.bootstrap import Setup, SystemClock, open_setup
from mailsync.cli.output import say
from mailsync.cli.syncing import headline, polite_stop
from mailsync.session.report import Report
from mailsync.telemetry import tell
from mailsync.telemetry.rendering import is_open
from mailsync.worker.schedule import serve


def serve_users(config: Path | None, http: int | None) -> None:
    """Serves until SIGTERM or SIGINT; a session under way stops at its next recorded point. `http`: the port of the
    listener for health and metrics, if there is to be one. Raises SettingsError."""
    clock = SystemClock()
    with open_setup(config) as setup, polite_stop() as stopping, _watched(setup, http, stopping) as record:
        tell("serve.started", users=len(setup.users))
        _say(f"serving {len(setup.users)} users; stop with Ctrl-C")

        def note(report: Report) -> None:
            record(report)
            _say(f"{_stamp(clock.now())} {headline(report)}")

        serve(setup, clock, stopping, note)
    tell("serve.stopped")
    _say("stopped")


@contextmanager
def _watched(setup: Setup, http: int | None, stopping: threading.Event) -> Generator[Callable[[Report], None]]:
    if http is None:
        yield lambda _report: None
        return
    from mailsync.monitor.watch import watched_over

    with watched_over(setup, http, stopping) as watch:
        _say(f"health and metrics: http://127.0.0.1:{watch.port}/healthz, /readyz, /metrics")
        yield watch.record


def _stamp(now: datetime) -> str:
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")


def _say(text: str) -> None:
    """A line for whoever watches; where a log is open it tells the same."""
    if not is_open():
        say(text)
        sys.stdout.flush()

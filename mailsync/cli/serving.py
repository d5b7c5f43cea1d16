"""`mailsync serve` and `mailsync worker`: sessions on time, with one line each."""

import os
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from mailsync.bootstrap import Setup, SystemClock, open_setup
from mailsync.cli.failures import DONE
from mailsync.cli.output import say, warn
from mailsync.cli.syncing import headline, polite_stop
from mailsync.session.report import Report
from mailsync.telemetry import tell
from mailsync.telemetry.rendering import is_open
from mailsync.worker.service import Service, check_shared, open_engine

_LINES = threading.Lock()


def serve_users(config: Path | None, http: int | None, *, work: bool = True) -> None:
    """Gives due users out until SIGTERM or SIGINT, and with `work` runs their sessions. One that is under way stops at
    its next recorded point. `http`: the port of the listener for health and metrics, if there is to be one. Raises
    SettingsError, StoreError, EngineError."""
    with open_setup(config) as setup, polite_stop() as stopping:
        if not work:
            check_shared(setup, "--no-worker")
        with _service(setup, http, stopping) as service:
            tell("serve.started", users=len(setup.users))
            _say(f"serving {len(setup.users)} users; stop with Ctrl-C")
            left = service.serve(stopping, work=work)
        tell("serve.stopped", left=left)
        _end(left)


def work_beside_others(config: Path | None, http: int | None) -> None:
    """Runs sessions that somebody's `serve` gives out, until SIGTERM or SIGINT. `http` and errors as above."""
    with open_setup(config) as setup, polite_stop() as stopping:
        check_shared(setup, "worker")
        with _service(setup, http, stopping) as service:
            tell("worker.started", sessions=setup.settings.worker.sessions)
            _say(f"working, {setup.settings.worker.sessions} sessions at once; stop with Ctrl-C")
            left = service.work(stopping)
        tell("worker.stopped", left=left)
        _end(left)


@contextmanager
def _service(setup: Setup, http: int | None, stopping: threading.Event) -> Generator[Service]:
    with _watched(setup, http, stopping) as record, closing(open_engine(setup, SystemClock())) as engine:

        def note(report: Report) -> None:
            record(report)
            _say(f"{_stamp(SystemClock().now())} {headline(report)}")

        yield Service(setup, SystemClock(), engine, note, _warn)


@contextmanager
def _watched(setup: Setup, http: int | None, stopping: threading.Event) -> Generator[Callable[[Report], None]]:
    if http is None:
        yield lambda _report: None
        return
    from mailsync.monitor.watch import watched_over

    with watched_over(setup, http, stopping) as watch:
        _say(f"health and metrics: http://127.0.0.1:{watch.port}/healthz, /readyz, /metrics")
        yield watch.record


def _end(left: int) -> None:
    """The last line. Sessions that did not end in time end with the process, as if it were killed; safe by L2."""
    if not left:
        _say("stopped")
        return
    _warn(f"{left} sessions did not end in time; they are given out again and go on where they stopped")
    sys.stderr.flush()
    os._exit(DONE)


def _say(text: str) -> None:
    """A line for whoever watches; where a log is open it tells the same."""
    if is_open():
        return
    with _LINES:
        say(text)
        sys.stdout.flush()


def _warn(text: str) -> None:
    """A line on stderr, where no log is open that tells the same."""
    if is_open():
        return
    with _LINES:
        warn(f"{_stamp(SystemClock().now())} {text}")


def _stamp(now: datetime) -> str:
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")

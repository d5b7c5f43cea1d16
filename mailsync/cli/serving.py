"""`mailsync serve`: the embedded scheduler, with one line a session."""

import sys
from datetime import datetime
from pathlib import Path

from mailsync.bootstrap import SystemClock, open_setup
from mailsync.cli.output import say
from mailsync.cli.syncing import headline, polite_stop
from mailsync.telemetry import tell
from mailsync.telemetry.rendering import is_open
from mailsync.worker.schedule import serve


def serve_users(config: Path | None) -> None:
    """Serves until SIGTERM or SIGINT; a session under way stops at its next recorded point."""
    clock = SystemClock()
    with open_setup(config) as setup, polite_stop() as stopping:
        tell("serve.started", users=len(setup.users))
        _say(f"serving {len(setup.users)} users; stop with Ctrl-C")
        serve(setup, clock, stopping, lambda report: _say(f"{_stamp(clock.now())} {headline(report)}"))
    tell("serve.stopped")
    _say("stopped")


def _stamp(now: datetime) -> str:
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")


def _say(text: str) -> None:
    """A line for whoever watches; where a log is open it tells the same."""
    if not is_open():
        say(text)
        sys.stdout.flush()

"""`mailsync serve`: the embedded scheduler, with one line a session."""

import sys
from datetime import datetime
from pathlib import Path

from mailsync.bootstrap import SystemClock, open_setup
from mailsync.cli.output import say
from mailsync.cli.syncing import headline, polite_stop
from mailsync.session.report import Report
from mailsync.worker.schedule import serve


def serve_users(config: Path | None) -> None:
    """Serves until SIGTERM or SIGINT; a session under way stops at its next recorded point."""
    clock = SystemClock()
    with open_setup(config) as setup, polite_stop() as stopping:
        say(f"serving {len(setup.users)} users; stop with Ctrl-C")
        _flush()

        def tell(report: Report) -> None:
            say(f"{_stamp(clock.now())} {headline(report)}")
            _flush()

        serve(setup, clock, stopping, tell)
    say("stopped")


def _stamp(now: datetime) -> str:
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")


def _flush() -> None:
    sys.stdout.flush()

"""A process that runs sessions, watched over HTTP while it does."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from mailsync.bootstrap import Setup, SystemClock, gate_of
from mailsync.errors import StoreError
from mailsync.monitor.listener import listening
from mailsync.monitor.metrics import Metrics, Sources
from mailsync.ports.feeds import Standing
from mailsync.session.report import Report
from mailsync.telemetry.requests import LEDGER


@dataclass(frozen=True, slots=True)
class Watch:
    """Where it answers, and what is to be called with the report of each session."""

    port: int
    record: Callable[[Report], None]


@contextmanager
def watched_over(setup: Setup, port: int, stopping: threading.Event) -> Generator[Watch]:
    """Answers on the port (0: any free one) while the context lasts. Raises SettingsError for a port in use."""

    def feed() -> Standing | None:
        """Of several the one that was read longest ago."""
        keys = [gate_of(o) for o in setup.settings.organisations.values() if o.feed]
        found = [s for s in map(setup.store.feeds.standing, keys) if s is not None and s.read is not None]
        return min(found, key=lambda s: s.read or SystemClock().now(), default=None)

    metrics = Metrics(Sources(setup.store.schedule, setup.store.inspection, SystemClock(), LEDGER, feed))

    def unready() -> list[str]:
        if stopping.is_set():
            return ["it is stopping"]
        try:
            setup.store.inspection.waiting()
        except StoreError as error:
            return [f"the store: {error}"]
        return []

    with listening(port, unready, metrics.expose) as bound:
        yield Watch(bound, metrics.record)

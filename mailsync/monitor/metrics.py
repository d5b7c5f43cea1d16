"""Prometheus metrics of one process. Counters are its own; gauges of users are read from the store when asked for.

Labels name vendors, states and codes, never users: a series for each person would be both too many and personal.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from mailsync import __version__
from mailsync.errors import StoreError
from mailsync.ports.clock import Clock
from mailsync.ports.feeds import Standing
from mailsync.ports.schedule import Backlog
from mailsync.session.report import Report, report_json
from mailsync.telemetry.requests import Ledger

_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600)
_LATE = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 14400, 86400)

_TOOK = "How long sessions take"
_LAG = "How long after they were due sessions begin"


class Backlogged(Protocol):
    """What is asked of the schedule."""

    def backlog(self, now: datetime) -> Backlog: ...


class Totals(Protocol):
    """What is asked of the store's tables."""

    def waiting(self) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Where gauges are read. `feed`: how far the shared feed was read, None where there is none."""

    schedule: Backlogged
    store: Totals
    clock: Clock
    ledger: Ledger
    feed: Callable[[], Standing | None] = lambda: None


class Metrics:
    """This process's metrics. For several threads at once."""

    def __init__(self, sources: Sources) -> None:
        self._registry = kept = CollectorRegistry()
        Info("mailsync_build", "The program", registry=kept).info({"version": __version__})
        self._sessions = Counter("mailsync_sessions", "Sessions by outcome", ["status"], registry=kept)
        self._seconds = Histogram("mailsync_session_seconds", _TOOK, buckets=_SECONDS, registry=kept)
        self._late = Histogram("mailsync_session_late_seconds", _LAG, buckets=_LATE, registry=kept)
        self._spared = Counter(
            "mailsync_sessions_spared", "Sessions that had nothing to ask Salesforce, by the shared feed", registry=kept
        )
        self._effects = Counter("mailsync_effects", "What sessions wrote", ["side", "kind"], registry=kept)
        self._registry.register(_LedgerCollector(sources.ledger))
        self._registry.register(_StoreCollector(sources))

    def record(self, report: Report) -> None:
        """Counts a session that is over."""
        self._sessions.labels(report.status).inc()
        if report.status == "skipped":
            return
        self._seconds.observe(report.seconds)
        if report.status in ("done", "held") and not report.requests[0]:
            self._spared.inc()
        if report.late is not None:
            self._late.observe(report.late)
        shape = report_json(report)
        for side in ("salesforce", "mailbox"):
            for kind, count in shape[side].items():
                self._effects.labels(side, kind).inc(count)

    def expose(self) -> bytes:
        """The metrics in Prometheus's text format (0.0.4)."""
        return generate_latest(self._registry)


@dataclass(frozen=True, slots=True, eq=False)
class _LedgerCollector:
    """Requests by vendor and answer, and what Salesforce says of its daily calls."""

    ledger: Ledger

    def collect(self) -> Iterable[Metric]:
        """Read when asked for."""
        for counter, name, text in (
            (self.ledger.answered, "mailsync_requests", "Requests by vendor and answer"),
            (self.ledger.repeated, "mailsync_requests_repeated", "Requests sent again, by vendor and error"),
        ):
            family = CounterMetricFamily(name, text, labels=["vendor", "code"])
            for (vendor, code), count in sorted(self.ledger.snapshot(counter).items()):
                family.add_metric([vendor, code], count)
            yield family
        left = GaugeMetricFamily("mailsync_calls_left", "Salesforce calls left of the day's", labels=["organisation"])
        allowed = GaugeMetricFamily("mailsync_calls_allowed", "Salesforce calls a day", labels=["organisation"])
        for organisation, (used, limit) in sorted(dict(self.ledger.budgets).items()):
            left.add_metric([organisation], limit - used)
            allowed.add_metric([organisation], limit)
        yield left
        yield allowed


@dataclass(frozen=True, slots=True, eq=False)
class _StoreCollector:
    """What waits in the store. A store that can't be read is a metric too, never a failed scrape."""

    sources: Sources

    def collect(self) -> Iterable[Metric]:
        """Read when asked for."""
        now = self.sources.clock.now()
        try:
            backlog, waiting = self.sources.schedule.backlog(now), self.sources.store.waiting()
            feed = self.sources.feed()
        except StoreError:
            yield _gauge("mailsync_store_up", "Whether the store can be read", 0)
            return
        yield _gauge("mailsync_store_up", "Whether the store can be read", 1)
        users = GaugeMetricFamily("mailsync_users", "Users by state", labels=["state"])
        users.add_metric(["on"], backlog.users - sum(backlog.asleep.values()))
        for state, count in sorted(backlog.asleep.items()):
            users.add_metric([state], count)
        yield users
        oldest = max(0.0, (now - backlog.oldest).total_seconds()) if backlog.oldest else 0.0
        yield _gauge("mailsync_users_due", "Users whose time has come, not queued yet", backlog.due)
        yield _gauge("mailsync_users_queued", "Users given to the queue whose sessions have not ended", backlog.queued)
        yield _gauge("mailsync_oldest_due_seconds", "How long the longest waiting user has been due", oldest)
        if feed is not None and feed.read is not None:
            age = (now - feed.read).total_seconds()
            yield _gauge("mailsync_feed_age_seconds", "How long ago the shared feed was read", age)
            doubted = feed.doubted is not None and now < feed.doubted
            yield _gauge("mailsync_feed_doubted", "Whether nobody goes by it: it does not see everything", doubted)
        for kind, count in waiting.items():
            yield _gauge(f"mailsync_{kind}", f"Open {kind} of all users", count)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)

"""What `mailsync serve` and `mailsync worker` run: a dispatcher that moves due users into the engine, and a worker."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from mailsync.bootstrap import Setup, gate_of
from mailsync.core.schedule import first_time
from mailsync.engine.embedded import EmbeddedEngine
from mailsync.errors import MailsyncError, SettingsError
from mailsync.ports.clock import Clock
from mailsync.ports.engine import Engine
from mailsync.session.report import Report
from mailsync.settings import Organisation, Settings, resolve
from mailsync.telemetry import tell_error
from mailsync.worker.feed import keep_reading, try_reading
from mailsync.worker.mishap import describe_bug, sentence
from mailsync.worker.signs import Rules, Signs
from mailsync.worker.turn import home_of, take_claimed_turn

GLANCE = 1.0
"""Seconds between glances at the schedule."""
GRACE_OF_READER = 10.0
"""Seconds for a reading of the shared feed that is under way; one that is cut off costs nothing."""
SWEEP = 5
"""Every so many glances, claims of which nothing came are given out again."""

Tell = Callable[[Report], None]
Warn = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Service:
    """An installation at work. `tell` is given each session's report, `warn` what keeps the service itself from
    working; both are called from several threads."""

    setup: Setup
    clock: Clock
    engine: Engine
    tell: Tell
    warn: Warn

    def serve(self, stopping: threading.Event, *, work: bool = True) -> int:
        """Enrols the file's users and dispatches them until `stopping`; with `work` runs their sessions, too. Returns
        how many sessions did not end within the grace period. Raises StoreError where it can't begin."""
        enrol(self.setup, self.clock)
        readers = [self._reader(o, stopping) for o in self.setup.settings.organisations.values() if o.feed]
        dispatcher = threading.Thread(target=self.dispatch, args=(stopping,), name="dispatcher", daemon=True)
        for thread in (*readers, dispatcher):
            thread.start()
        left = self.work(stopping) if work else 0
        dispatcher.join()
        for reader in readers:
            reader.join(GRACE_OF_READER)
        return left

    def _reader(self, organisation: Organisation, stopping: threading.Event) -> threading.Thread:
        """The thread that reads an organisation's feed, which is read once by now: before anybody could ask."""
        try_reading(self.setup, organisation, self.clock)
        given = (self.setup, organisation, self.clock, stopping, self.warn)
        return threading.Thread(target=keep_reading, args=given, name="feed", daemon=True)

    def work(self, stopping: threading.Event) -> int:
        """Runs the sessions of users whom a dispatcher gives out."""

        signs = Signs(self.setup.store.gates, rules_of(self.setup.settings))

        def turn(user: str) -> None:
            try:
                report = take_claimed_turn(self.setup, user, stopping, signs)
                if report is not None:
                    self.tell(report)
            except MailsyncError as error:
                tell_error("turn.failed", error, user=user)
                self.warn(f"{user}: {sentence(error)}")
            except Exception as error:  # noqa: BLE001 - a worker's boundary: its thread must not die
                tell_error("turn.failed", error, user=user)
                self.warn(f"{user}: {describe_bug(error)}")

        return self.engine.run_worker(turn, stopping)

    def dispatch(self, stopping: threading.Event) -> None:
        """Moves due users into the engine until `stopping`. What goes wrong is told once, and tried again."""
        glances, told = 0, ""
        while not stopping.is_set():
            trouble = self._dispatch_once(sweep=glances % SWEEP == 0)
            if trouble and trouble != told:
                self.warn(trouble)
            told, glances = trouble, glances + 1
            stopping.wait(GLANCE)

    def _dispatch_once(self, *, sweep: bool) -> str:
        """What went wrong, in words."""
        try:
            if sweep:
                self.setup.store.schedule.release_lost(self.clock.now())
            self.engine.enqueue_due(self.clock.now())
        except MailsyncError as error:
            tell_error("dispatch.failed", error)
            return sentence(error)
        except Exception as error:  # noqa: BLE001 - the dispatcher's boundary: without it nobody has sessions
            tell_error("dispatch.failed", error)
            return describe_bug(error)
        return ""


def enrol(setup: Setup, clock: Clock) -> int:
    """Makes the file's users the scheduled ones; new ones are spread over the interval (A2). Returns how many are."""
    interval = resolve(setup.settings.defaults, {}, {})[0].interval
    now, count = clock.now(), len(setup.users)
    users = {user: home_of(setup, user) for user in setup.users}
    return setup.store.schedule.enrol(users, lambda: first_time(now, interval, count, clock.spread()))


def rules_of(settings: Settings) -> dict[str, Rules]:
    """C4's limits of each organisation."""
    chosen = {gate_of(o): resolve(o.defaults, {}, {})[0] for o in settings.organisations.values()}
    return {gate: Rules(c.budget_calls, c.budget_percent) for gate, c in chosen.items()}


def open_engine(setup: Setup, clock: Clock) -> Engine:
    """The engine that goes with the store: PgQueuer on PostgreSQL, threads on SQLite. Raises EngineError."""
    worker = setup.settings.worker
    rates = {gate_of(o): o.salesforce.sessions_per_minute for o in setup.settings.organisations.values()}
    schedule = replace(setup.store.schedule, rates=rates)
    if not is_shared(setup):
        return EmbeddedEngine(schedule, worker.sessions, worker.grace, clock.now)
    from mailsync.engine.pgqueue import PgQueueEngine

    url = f"postgresql://{setup.settings.store.partition('://')[2]}"
    engine = PgQueueEngine(url, schedule, worker.sessions, worker.grace)
    engine.install()
    return engine


def is_shared(setup: Setup) -> bool:
    """Whether several workers can share the store."""
    return setup.settings.store.startswith("postgresql")


def check_shared(setup: Setup, what: str) -> None:
    """Raises SettingsError where they can't."""
    if not is_shared(setup):
        problem = f"{what}: the store is SQLite, which one process serves: run `mailsync serve`, or move the store"
        raise SettingsError((f"{problem} to PostgreSQL first: mailsync db move URL",))

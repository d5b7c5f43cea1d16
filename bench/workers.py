"""How idle sessions grow with worker processes: one front (`serve --no-worker`) and 1, 2 and 4 workers on PostgreSQL,
as an installation has them. What the workers cost is told by their own processor time, apart from the sandbox's (which
stands for the vendors), the database's and the front's, since on a small machine these share the cores.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from mailsync.bootstrap import SystemClock, open_setup
from mailsync.worker.turn import home_of
from tests.e2e.company import Process, make_world, write_config
from tests.services.postgres import running_postgres

WORKERS = (1, 2, 4)
SESSIONS = 8
"""At once in each process, as by default."""
ROUNDS = 3
PATIENCE = 600.0  # seconds for a round
REST = (
    4.0  # seconds between rounds: PgQueuer puts jobs away a little after they ended, and takes no second one till then
)
_TICK = os.sysconf("SC_CLK_TCK")
_DUE = "UPDATE users SET next_run_at = now() AT TIME ZONE 'UTC', queued = NULL"
_SERVED = "SELECT count(*) FROM users WHERE next_run_at > now() AT TIME ZONE 'UTC' AND queued IS NULL"
_CLOCK = "SELECT extract(epoch FROM max(ended) - min(begun)) FROM sessions WHERE begun >= %s"
_BACKENDS = "SELECT pg_backend_pid()"


@dataclass(frozen=True)
class Spent:
    """Seconds: by the clock, and of processor time by whose they are."""

    clock: float
    workers: float
    front: float
    database: float
    vendors: float

    @property
    def all(self) -> float:
        """Processor time of all of them."""
        return self.workers + self.front + self.database + self.vendors


@dataclass
class Installation:
    """A running installation with nobody due."""

    config: Path
    store: str
    users: int
    sandbox: int  # its process
    front: Process
    workers: list[Process] = field(default_factory=list[Process])

    def grow(self, count: int) -> None:
        """Starts workers until there are so many."""
        while len(self.workers) < count:
            lines = self.config.with_name(f"worker-{len(self.workers)}.log")
            self.workers.append(Process(self.config, ("worker",), lines))

    def serve_everybody(self) -> Spent:
        """Everybody is due at once; what it took from the first session's begin to the last one's end."""
        time.sleep(REST)
        with psycopg.connect(self.store, autocommit=True) as connection:
            postmaster = _parent(int(_one(connection, _BACKENDS)))
            before, begun, now = self._processor(postmaster), time.perf_counter(), SystemClock().now()
            connection.execute(_DUE)
            while _one(connection, _SERVED) < self.users:
                if time.perf_counter() - begun > PATIENCE:
                    raise SystemExit(f"a round did not end: {[w.said[-2:] for w in self.workers]}")
                time.sleep(0.1)
            after = self._processor(postmaster)
            clock = _one(connection, _CLOCK, now.replace(tzinfo=None))
        return Spent(clock, *(after[name] - before[name] for name in before))

    def _processor(self, postmaster: int) -> Mapping[str, float]:
        """Processor time by now, in the order of `Spent`."""
        return {
            "workers": sum(_spent(w.process.pid) for w in self.workers),
            "front": _spent(self.front.process.pid),
            "database": _spent(postmaster, reaped=True) + sum(_spent(child) for child in _children(postmaster)),
            "vendors": _spent(self.sandbox),
        }


def _one(connection: psycopg.Connection, query: str, *values: object) -> float:
    row = connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return float(row[0])


def _fields(pid: int) -> Sequence[str]:
    """The fields of /proc/PID/stat after the program's name, state first (proc(5))."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()


def _parent(pid: int) -> int:
    return int(_fields(pid)[1])


def _spent(pid: int, *, reaped: bool = False) -> float:
    """Processor seconds of a process, with those of its children that have ended."""
    fields = _fields(pid)
    return sum(map(int, fields[11:15] if reaped else fields[11:13])) / _TICK


def _children(parent: int) -> list[int]:
    told = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(pid) for pid in told.split()]


@contextmanager
def installed(users: int) -> Generator[Installation]:
    """Vendors, database and front, with so many users of whom nothing is stored yet and no worker."""
    with tempfile.TemporaryDirectory() as place, running_postgres() as server:
        world, config, store = Path(place, "world.json"), Path(place, "mailsync.toml"), server.fresh()
        world.write_text(json.dumps(make_world(users)))
        words = [sys.executable, "-m", "mailsync", "sandbox", "--port", "0", "--world", str(world)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as served:
            assert served.stdout is not None
            write_config(config, served.stdout.readline().split()[1], store, users, sessions=SESSIONS)
            with open_setup(config) as setup:
                later = SystemClock().now().replace(year=2100)
                setup.store.schedule.enrol({user: home_of(setup, user) for user in setup.users}, lambda: later)
            front = Process(config, ("serve", "--no-worker"), config.with_name("front.log"))
            found = Installation(config, store, users, served.pid, front)
            try:
                yield found
            finally:
                for process in (*found.workers, front):
                    process.process.terminate()
                for process in (*found.workers, front):
                    process.process.wait(60)
                served.terminate()


def measure_workers(users: int) -> None:
    """Idle sessions of 1, 2 and 4 workers: the median of some rounds."""
    with installed(users) as installation:
        for count in WORKERS:
            installation.grow(count)
            for _ in range(3 if count == 1 else 1):  # the first brings the contacts down, the second meets their echo
                installation.serve_everybody()
            _tell(count, users, [installation.serve_everybody() for _ in range(ROUNDS)])


def _tell(count: int, users: int, rounds: Sequence[Spent]) -> None:
    spent = sorted(rounds, key=lambda s: s.clock)[len(rounds) // 2]
    workers = statistics.median(s.workers for s in rounds)
    shares = {"worker": workers, "front": spent.front, "database": spent.database, "vendors (sandbox)": spent.vendors}
    told = ", ".join(f"{name} {seconds / users * 1000:.1f}" for name, seconds in shares.items())
    sys.stdout.write(
        f"{count} worker{'s' if count > 1 else ''}: {users / spent.clock:.1f} idle sessions a second with "
        f"{spent.all / spent.clock:.2f} cores busy; ms of processor time each: {told}; "
        f"{users / workers:.1f} sessions a second and core of workers; rounds {[round(s.clock, 1) for s in rounds]} s\n"
    )
    sys.stdout.flush()

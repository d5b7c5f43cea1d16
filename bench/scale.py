"""How far schedule, queue and sessions carry: claims and enqueued users a second, with so many users on PostgreSQL, and
what an idle session costs, by one process and by 1, 2 and 4 workers.

Run: .venv/bin/python -m bench.scale [USERS], or with one of the words `session`, `workers [USERS]`. It starts a
PostgreSQL of its own (fsync off: the disk is not what is measured) and prints lines for docs/scale.md. Processor time
is given beside the clock's, since machines are shared.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.workers import measure_workers
from mailsync.bootstrap import SystemClock, open_setup
from mailsync.engine.pgqueue import DEPTH, PgQueueEngine
from mailsync.ports.schedule import Home
from mailsync.store import Secrets, open_store
from mailsync.worker.turn import take_turn
from tests.e2e.company import make_world, write_config
from tests.services.postgres import running_postgres

ORGANISATIONS = 20
IDLE = 50
CLAIMS = 20
SERVED = 400


@contextmanager
def told(what: str, count: int) -> Generator[None]:
    """Prints how many of something a second, by the clock and by this process's processor time."""
    begun, spent = time.perf_counter(), time.process_time()
    yield
    clock, cpu = time.perf_counter() - begun, time.process_time() - spent
    sys.stdout.write(f"{what:58} {count / clock:10.0f} a second, {cpu / count * 1e6:8.0f} us of processor time each\n")
    sys.stdout.flush()


def fill(url: str, users: int) -> None:
    """Rows of users who are due over the next half hour and were due during the last one, in several organisations."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO users (name, fence, holder, removed, organisation, mailbox, next_run_at) "
            "SELECT 'u' || n, 0, '', false, 'salesforce org' || n %% %s, 'google domain' || n %% %s, "
            "now() AT TIME ZONE 'UTC' + (random() * 3600 - 1800) * interval '1 second' FROM generate_series(1, %s) n",
            (ORGANISATIONS, ORGANISATIONS, users),
        )
        connection.execute("ANALYZE users")


def measure_sessions() -> None:
    """Idle sessions (mailboxes at Google), one after another, of one process; the sandbox is another one."""
    with tempfile.TemporaryDirectory() as place, running_postgres() as server:
        world = Path(place, "world.json")
        world.write_text(json.dumps(make_world(IDLE)))
        words = [sys.executable, "-m", "mailsync", "sandbox", "--port", "0", "--world", str(world)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as served:
            assert served.stdout is not None
            url = served.stdout.readline().split()[1]
            run_idle(Path(place, "mailsync.toml"), url, server.fresh())
            served.terminate()


def run_idle(config: Path, url: str, store: str) -> None:
    """Two rounds that are not counted, and one that is."""
    write_config(config, url, store, IDLE)
    with open_setup(config) as setup:
        for _ in range(2):
            for user in setup.users:
                take_turn(setup, user)
        with told("idle sessions of one process, one after another", IDLE):
            reports = [take_turn(setup, user) for user in setup.users]
        assert all(report.status == "done" and report.requests == (1, 1) for report in reports), reports[0]


def measure_schedule(users: int) -> None:
    """Fills, claims, enqueues, ends claims."""
    with running_postgres() as server, tempfile.TemporaryDirectory() as place:
        url = server.fresh()
        store = open_store(url, Secrets(Path(place) / "key"))
        store.schedule.enrol({f"o{n}": Home(f"salesforce org{n}") for n in range(ORGANISATIONS)}, SystemClock().now)
        with told(f"rows of users made ({users})", users):
            fill(url, users)
        engine = PgQueueEngine(url, store.schedule, 2, 1)
        engine.install()
        with told("claimed, 500 at a time", CLAIMS * 500):
            for _ in range(CLAIMS):
                assert len(store.schedule.claim(SystemClock().now(), 500)) == 500
        with told("claimed and enqueued by the dispatcher", DEPTH):
            assert engine.enqueue_due(SystemClock().now()) == DEPTH
        names = [due.user for due in store.schedule.claim(SystemClock().now(), 300)]
        with told("claims ended (a turn without a session)", len(names)):
            for name in names:
                store.schedule.put_back(name, SystemClock().now())
        with told("a look at the whole backlog", 1):
            store.schedule.backlog(SystemClock().now())
        engine.close()
        store.close()


def main() -> None:
    """Sessions of one process and of several, then the schedule; or one of these."""
    match sys.argv[1:]:
        case ["session"]:
            measure_sessions()
        case ["workers", *told]:
            measure_workers(int(told[0]) if told else SERVED)
        case told:
            measure_sessions()
            measure_workers(SERVED)
            measure_schedule(int(told[0]) if told else 1_000_000)


if __name__ == "__main__":
    main()

"""100,000 contacts down to one mailbox: killed on the way and taken up again, then whole; and peak memory."""

import signal
import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

from bench.box import Box, standing
from bench.cost import MB
from bench.row import Row
from bench.size import Size
from bench.warm import Worker, working
from bench.worlds import PEOPLE, make_world


def measure(size: Size, kind: str = "exchange") -> list[Row]:
    """A session that is killed on the way, and those that finish its work."""
    user = PEOPLE[kind]
    with standing(make_world({user: size.first})) as box:
        with working(box) as killed:
            done_before = _kill_on_the_way(box, killed, user, size.first // 3)
        with working(box) as worker:
            begun = time.perf_counter()
            first = worker.sync(user)
            taken = time.perf_counter() - begun
            second = worker.sync(user)
            idle = [worker.sync(user) for _ in range(size.rounds)][-1]
            missing = size.first - _count(box.config.parent)
    peak = max(s.cost.peak - first.before for s in (first, second)) / MB
    detail = f"killed with {done_before:,} of {size.first:,} stored; the next session did the rest in {taken:.0f} s"
    return [
        Row("large.peak", f"peak memory above idle, {size.first:,} contacts down", "MB", peak, 150, detail=detail),
        Row("large.cpu", f"{size.first - done_before:,} contacts down, after the kill", "CPU-s", first.cost.cpu),
        Row("large.echo", f"the session in which {size.first:,} come back as an echo", "CPU-s", second.cost.cpu),
        Row("large.missing", f"pairs missing of {size.first:,} after kill and resumption", "pairs", missing, 0),
        Row("large.idle", f"idle session with {size.first:,} pairs", "CPU-ms", idle.cost.cpu * 1e3, 15),
    ]


def _kill_on_the_way(box: Box, worker: Worker, user: str, enough: int) -> int:
    """Begins a session and kills its worker once so many pairs are stored; how many there are then."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05) and _count(box.config.parent) < enough:
            pass
        worker.process.send_signal(signal.SIGKILL)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with suppress(AssertionError, BrokenPipeError):
            worker.sync(user)
    finally:
        over.set()
        watcher.join()
    return _count(box.config.parent)


def _count(home: Path) -> int:
    """Pairs in the store beside a settings file; none where there is no store yet."""
    found = list(home.glob("*.db"))
    if not found:
        return 0
    with closing(sqlite3.connect(found[0])) as connection, suppress(sqlite3.OperationalError):
        return int(connection.execute("SELECT count(*) FROM pairs").fetchone()[0])
    return 0

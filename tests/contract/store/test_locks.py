"""The lock of a user: one session at a time, whoever dies."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailsync.errors import FenceLost, StoreError
from mailsync.ports.ledger import Batch
from mailsync.store import SqlStore
from mailsync.store.holder import is_dead, present
from tests.contract.store.people import NOW, make_pair, reopen

ROOT = Path(__file__).parents[3]


def test_sessions_are_numbered_and_reported(store: SqlStore) -> None:
    first = store.begin("ann", NOW)
    store.finish("ann", first, {"status": "done", "session": first}, NOW + timedelta(seconds=5))
    second = store.begin("ann", NOW + timedelta(minutes=1))
    assert (first, second, store.begin("bob", NOW)) == (1, 2, 1)
    last, before = store.sessions("ann", 2)
    assert (last.number, last.ended, last.report) == (2, None, None)
    assert (before.begun, before.ended) == (NOW, NOW + timedelta(seconds=5))
    assert before.report == {"status": "done", "session": 1}


def test_A2_a_session_ends_with_what_its_end_means_or_not_at_all(store: SqlStore) -> None:
    """Killed in between, it would have a next time and no report."""
    first = store.begin("ann", NOW)
    store.finish("ann", first, {"status": "done"}, NOW, {"next_run_at": "2026-11-22T12:30:00+00:00", "failures": 0})
    assert store.state("ann") == {"next_run_at": "2026-11-22T12:30:00+00:00", "failures": 0}
    store.begin("ann", NOW + timedelta(minutes=1))
    with pytest.raises(FenceLost):
        store.finish("ann", first, {"status": "late"}, NOW, {"next_run_at": "2026-11-22T13:00:00+00:00", "failures": 9})
    assert store.state("ann")["failures"] == 0
    assert [past.report for past in store.sessions("ann", 2)] == [None, {"status": "done"}]


def test_a_running_session_is_not_joined(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    with pytest.raises(StoreError, match="session 1 of ann is running") as caught:
        store.begin("ann", NOW + timedelta(seconds=60))
    assert not isinstance(caught.value, FenceLost)
    store.renew("ann", fence, NOW + timedelta(seconds=50))
    with pytest.raises(StoreError):
        store.begin("ann", NOW + timedelta(seconds=110))
    assert store.begin("ann", NOW + timedelta(seconds=111)) == 2


def test_a_clock_that_was_set_back_locks_nobody_out(store: SqlStore) -> None:
    store.begin("ann", NOW)
    assert store.begin("ann", NOW - timedelta(hours=3)) == 2


def test_a_session_that_is_over_writes_nothing_more(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    store.finish("ann", fence, {}, NOW)
    with pytest.raises(FenceLost):
        store.commit("ann", fence, Batch(pairs=(make_pair(1),)), NOW)
    with pytest.raises(FenceLost):
        store.commit("nobody", 1, Batch(), NOW)


def test_a_lock_that_fell_but_that_nobody_took_still_holds(store: SqlStore) -> None:
    fence = store.begin("ann", NOW)
    store.commit("ann", fence, Batch(pairs=(make_pair(1),)), NOW + timedelta(hours=1))
    assert store.count("ann") == 1


def _race(folder: Path, gate: Any, won: Any) -> None:
    store = reopen(folder)
    gate.wait(30)
    for number in range(20):
        try:
            store.begin(f"user{number}", NOW)
            won.put((number, os.getpid()))
        except StoreError:
            pass
    gate.wait(30)  # both alive to the end: a dead one's lock would fall
    store.close()


def test_of_two_processes_that_race_one_wins_each_time(home: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    gate, won = spawn.Barrier(2), spawn.Queue()
    racers = [spawn.Process(target=_race, args=(home, gate, won)) for _ in range(2)]  # they make the store, too
    for racer in racers:
        racer.start()
    winners = [won.get(timeout=30) for _ in range(20)]
    for racer in racers:
        racer.join(30)
    assert [racer.exitcode for racer in racers] == [0, 0]
    assert sorted(number for number, _ in winners) == list(range(20))
    assert won.empty()


def test_threads_share_a_store(store: SqlStore) -> None:
    """The heartbeat renews while the session commits."""
    fence = store.begin("ann", NOW)
    failed: list[Exception] = []

    def beat() -> None:
        try:
            for _ in range(30):
                store.renew("ann", fence, NOW)
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=beat) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(30):
        store.commit("ann", fence, Batch(pairs=(make_pair(number),)), NOW)
    for thread in threads:
        thread.join()
    assert not failed
    assert store.count("ann") == 30


_HOLD = """
import sys
from pathlib import Path
from tests.contract.store.people import NOW, reopen
store = reopen(Path(sys.argv[1]))
store.begin("ann", NOW)
print("held", flush=True)
sys.stdin.read()
"""


def _start(script: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_killed_process_leaves_a_lock_that_falls(home: Path) -> None:
    with _start(_HOLD, home) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        store = reopen(home)
        with pytest.raises(StoreError, match="is running"):
            store.begin("ann", NOW)
        child.kill()
    after = NOW if present() != "unknown" else NOW + timedelta(seconds=61)
    assert store.begin("ann", after) == 2
    store.close()


_COMMIT = """
import os, sys, threading
from pathlib import Path
from sqlalchemy import event
from tests.contract.store.people import NOW, make_pair, reopen
from mailsync.ports.ledger import Batch
store = reopen(Path(sys.argv[1]))
fence = store.begin("ann", NOW)
stop = int(sys.argv[2])
seen = 0
def count(connection, cursor, statement, *rest):
    global seen
    seen += 1
    if seen == stop:
        os.kill(os.getpid(), 9)
event.listen(store._engine, "after_cursor_execute", count)
if stop == 0:
    event.listen(store._engine, "commit", lambda connection: os.kill(os.getpid(), 9))
store.commit("ann", fence, Batch(pairs=tuple(make_pair(n) for n in range(300)), state={"crm_cursor": "new"}), NOW)
print(seen, flush=True)
"""


def _kill_at(folder: Path, statement: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _COMMIT, str(folder), str(statement)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_L2_a_commit_that_is_killed_leaves_all_or_nothing(home: Path) -> None:
    whole = home / "whole"
    whole.mkdir()
    steps = int(_kill_at(whole, -1).stdout)  # never
    store = reopen(whole)
    assert (store.count("ann"), store.state("ann")) == (300, {"crm_cursor": "new"})
    store.close()
    assert steps > 5
    for stop in (0, 3, steps - 1, steps):  # 0: when it is about to commit
        folder = home / str(stop)
        folder.mkdir()
        killed = _kill_at(folder, stop)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        again = reopen(folder)
        assert (again.count("ann"), again.state("ann")) == (0, {}), stop
        assert again.begin("ann", NOW + timedelta(seconds=61)) == 2
        again.close()


def test_a_holder_is_dead_only_where_that_is_certain() -> None:
    here = present()
    assert not is_dead(here)
    assert not is_dead("")
    assert not is_dead("unknown")
    if here == "unknown":
        return  # no Linux: nothing is ever certain
    boot, namespace, pid, started = here.split("/")
    assert is_dead(f"{boot}/{namespace}/{pid}/{int(started) + 1}")  # its number was given to another process
    assert not is_dead(f"{boot}/pid:[1]/{pid}/1")  # another container's process ids say nothing here
    assert not is_dead(f"another-start/{namespace}/{pid}/1")

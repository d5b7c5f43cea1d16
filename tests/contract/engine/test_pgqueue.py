"""PgQueuer's own: workers that die, connections that end, jobs handed out twice, and what its tables hold."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from mailsync.engine import pgqueue
from mailsync.engine.pgqueue import PgQueueEngine
from mailsync.errors import EngineError
from mailsync.ports.engine import Stats
from mailsync.store import Secrets, open_store
from tests.contract.engine.conftest import Works, make_pgqueue, now, wait_until
from tests.services.postgres import Server

ROOT = Path(__file__).parents[3]

WORKER = """
import sys, threading, time
from pathlib import Path
from datetime import timedelta
from mailsync.engine import pgqueue
from mailsync.store import Secrets, open_store
pgqueue.HEARTBEAT = timedelta(seconds=2)
store = open_store(sys.argv[1], Secrets(Path(sys.argv[2])))
def turn(user):
    print("begun", user, flush=True)
    time.sleep(600)
pgqueue.PgQueueEngine(sys.argv[1], store.schedule, 2, 5).run_worker(turn, threading.Event())
"""


def test_a_killed_workers_jobs_are_taken_up(shared: Works, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgqueue, "HEARTBEAT", timedelta(seconds=2))
    monkeypatch.setattr(pgqueue, "LOOK", timedelta(seconds=1))
    shared.enrol("ann")
    shared.engine.enqueue_due(now())
    words = [sys.executable, "-c", WORKER, shared.url, str(tmp_path / "key")]
    other = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert other.stdout is not None
    assert other.stdout.readline() == "begun ann\n"
    thread = shared.start()
    time.sleep(4)
    assert shared.turns == []  # the other one's heart beats
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    wait_until(lambda: shared.turns, 20)
    shared.stop(thread)
    assert shared.turns == ["ann"]


def test_a_job_whose_session_is_over_does_nothing(shared: Works) -> None:
    """As when a late heartbeat lets another worker have it, too."""
    shared.enrol("ann")
    shared.engine.enqueue_due(now())
    shared.turn("ann")
    thread = shared.start()
    wait_until(lambda: shared.engine.stats() == Stats(0, 0))
    shared.stop(thread)
    assert shared.turns == ["ann"]


def test_whoever_is_in_the_queue_is_not_put_there_again(shared: Works) -> None:
    shared.enrol("ann", "bob")
    assert shared.engine.enqueue_due(now()) == 2
    later = now() + timedelta(seconds=31)
    assert shared.store.schedule.release_lost(later) == 2
    assert shared.engine.enqueue_due(later) == 2
    assert shared.engine.stats() == Stats(2, 0)
    assert shared.store.schedule.ask("bob", now()) is True
    assert shared.engine.enqueue_due(now()) == 1
    assert shared.engine.stats() == Stats(2, 0)
    single = make_pgqueue(shared.url, shared.store, sessions=1)  # two turns at once may begin in either order
    works = replace(shared, engine=single)
    thread = works.start()
    wait_until(lambda: len(works.turns) == 2)
    works.stop(thread)
    single.close()
    assert works.turns == ["bob", "ann"]


def test_a_connection_that_the_server_ended_is_made_again(shared: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgqueue, "_AGAIN", 0.2)
    thread = shared.start()
    shared.enrol("ann")
    wait_until(lambda: shared.engine.enqueue_due(now()) == 0 and shared.turns == ["ann"])
    with psycopg.connect(shared.url, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE application_name IN ('mailsync worker', 'mailsync queue')"
        ).fetchone()
    assert ended == (2,)
    shared.enrol("ann", "bob")

    def enqueued() -> bool:
        try:
            shared.engine.enqueue_due(now())
        except EngineError:
            return False
        return shared.turns == ["ann", "bob"]

    wait_until(enqueued)
    assert shared.stop(thread) == 0


def test_a_queue_that_is_emptied_is_filled_again_from_the_schedule(shared: Works) -> None:
    """Its tables are not logged: PostgreSQL empties them after a crash."""
    shared.enrol("ann")
    shared.engine.enqueue_due(now())
    with psycopg.connect(shared.url, autocommit=True) as connection:
        connection.execute("TRUNCATE pgqueuer")
    later = now() + timedelta(seconds=31)
    assert shared.engine.enqueue_due(later) == 0
    shared.store.schedule.release_lost(later)
    assert shared.engine.enqueue_due(later) == 1


def test_L9_its_tables_name_nobody(shared: Works) -> None:
    shared.enrol("quetzalcoatl")
    shared.engine.enqueue_due(now())
    thread = shared.start()
    wait_until(lambda: shared.turns)
    shared.stop(thread)
    with psycopg.connect(shared.url) as connection:
        tables = [r[0] for r in connection.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'pgqueuer%'")]
        shown = [str(row) for table in tables for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608
    assert len(shown) >= 3
    assert "quetzalcoatl" not in "".join(shown)


def test_many_that_start_at_once_make_the_tables_once(postgres: Server, tmp_path: Path) -> None:
    url = postgres.fresh()
    store = open_store(url, Secrets(tmp_path / "key"))
    with ThreadPoolExecutor(4) as pool:
        engines = list(pool.map(lambda _: make_pgqueue(url, store), range(4)))
    assert [engine.stats() for engine in engines] == [Stats(0, 0)] * 4
    for engine in engines:
        engine.close()
    store.close()


def test_what_is_over_is_forgotten_in_time(shared: Works) -> None:
    assert isinstance(shared.engine, PgQueueEngine)
    shared.enrol("ann")
    shared.engine.enqueue_due(now())
    with psycopg.connect(shared.url, autocommit=True) as connection:
        count = "SELECT count(*) FROM pgqueuer_log"
        shared.engine.forget_past()
        assert connection.execute(count).fetchone() == (1,)
        connection.execute("UPDATE pgqueuer_log SET created = created - interval '2 hours'")
        shared.engine.forget_past()
        assert connection.execute(count).fetchone() == (0,)


def test_a_server_that_is_not_there_is_told_without_its_password(shared: Works) -> None:
    away = PgQueueEngine("postgresql://me:hush@127.0.0.1:1/mailsync", shared.store.schedule, 2, 1)
    with pytest.raises(EngineError) as caught:
        away.stats()
    assert "hush" not in str(caught.value) + caught.value.remedy
    stopping = threading.Event()
    threading.Timer(0.5, stopping.set).start()
    assert away.run_worker(lambda _user: None, stopping) == 0


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What asyncio, the threads and the collector of garbage complain of."""
    ignored: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda found: ignored.append(f"{found.err_msg}: {found.exc_value!r}"))
    monkeypatch.setattr(threading, "excepthook", lambda found: ignored.append(repr(found.exc_value)))

    def collect() -> list[str]:
        gc.collect()
        told = [r.getMessage() for r in caplog.records if r.name in ("asyncio", "concurrent.futures")]
        return [*told, *ignored]

    return collect


def test_a_stop_leaves_nothing_of_the_event_loop_behind(shared: Works, said: Callable[[], list[str]]) -> None:
    shared.enrol("ann")
    shared.engine.enqueue_due(now())
    thread = shared.start()
    wait_until(lambda: shared.turns)
    assert shared.stop(thread) == 0
    assert said() == []


def test_a_session_that_ends_just_after_the_grace_period_is_no_error(
    shared: Works, said: Callable[[], list[str]]
) -> None:
    """Its thread tells a loop that is still open that it is done."""
    shared.engine = make_pgqueue(shared.url, shared.store, grace=0.5)
    begun, go_on = threading.Event(), threading.Event()

    def turn(user: str) -> None:
        begun.set()
        go_on.wait(30)
        shared.turn(user)

    shared.enrol("ann")
    shared.engine.enqueue_due(now())
    thread = shared.start(turn)
    assert begun.wait(30)
    shared.stopping.set()
    time.sleep(0.6)
    go_on.set()
    thread.join(60)
    assert not thread.is_alive()
    wait_until(lambda: shared.turns == ["ann"])
    assert said() == []


def test_a_connection_that_is_lost_leaves_no_task_behind(shared: Works, said: Callable[[], list[str]]) -> None:
    thread = shared.start()
    mine = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mailsync worker'"
    with psycopg.connect(shared.url, autocommit=True) as connection:
        wait_until(lambda: connection.execute(mine).fetchall())
        time.sleep(1)
        shared.enrol("ann")
        shared.engine.enqueue_due(now())
        wait_until(lambda: shared.turns)
    shared.stop(thread)
    assert said() == []

"""PgQueuer as the engine of many workers, on the store's own PostgreSQL (decision 0022).

Its library API is used, since its command line breaks with today's Typer. It is asynchronous, so one event loop runs in
the thread that calls `run_worker`, and nowhere else; sessions block and run in threads. Jobs hold a user's number and
nothing else. Its tables are not logged: what a crash of the server takes from them is still claimed in the schedule.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psycopg
from pgqueuer import PgQueuer
from pgqueuer.adapters.drivers.psycopg import SyncPsycopgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries, SyncQueries
from pgqueuer.domain.models import Job, QueueStatistics
from pgqueuer.domain.settings import DBSettings, Durability
from psycopg import sql

from mailsync.engine.deadline import Deadline
from mailsync.engine.lines import connect, join_lines
from mailsync.errors import EngineError
from mailsync.ports.engine import Engine, Stats, Turn
from mailsync.ports.schedule import Due, Schedule

SESSION = "session"
"""The one kind of job."""
DEPTH = 2000
"""Jobs that wait at most. Few, so that turns between organisations are kept; enough for 556 sessions a second."""
AT_A_TIME = 500
"""Users claimed in one transaction."""
HEARTBEAT = timedelta(seconds=30)
"""A job whose worker has been silent for so long is given to another one."""
LOOK = timedelta(seconds=5)
"""How long a worker sleeps at most without looking for jobs: those of a killed worker give no notice."""
_PAUSE = 0.2  # seconds between looks at whether to stop
_AGAIN = 3.0  # seconds until the database is asked again after a failure
_PUT_AWAY = 5.0  # seconds for tasks that were cancelled
_INSTALLING = 0x6D61696C71756575  # the advisory lock under which the tables are made: "mailqueu"
_TIDY = timedelta(minutes=10)
_KEPT = (timedelta(hours=1), timedelta(days=7))  # its log and its statistics; PgQueuer itself never forgets


@dataclass(slots=True)
class PgQueueEngine:
    """Implements mailsync.ports.engine.Engine. `url` is the store's."""

    url: str
    schedule: Schedule
    sessions: int  # at once, in this process
    grace: float  # seconds
    _connection: "psycopg.Connection | None" = None
    _tidied: datetime | None = None  # when the past was last forgotten
    _settings: DBSettings = field(default_factory=lambda: DBSettings(durability=Durability.volatile))

    def enqueue_due(self, now: datetime) -> int:
        """Claims and enqueues until nobody is due or the queue is full. Whoever is in the queue already is not put
        there again, but moved forward if a person waits."""
        if self._tidied is None or now - self._tidied > _TIDY:
            self.forget_past()
            self._tidied = now
        moved, room = 0, DEPTH - self.stats().waiting
        while room > 0:
            found = self.schedule.claim(now, min(room, AT_A_TIME))
            if not found:
                break
            self._enqueue(found)
            moved, room = moved + len(found), room - len(found)
        return moved

    def _enqueue(self, found: Sequence[Due]) -> None:
        keys = [str(due.number) for due in found]
        try:
            self._queries().enqueue(
                [SESSION] * len(keys),
                [key.encode("ascii") for key in keys],
                [int(due.waited_for) for due in found],
                dedupe_key=list(keys),
                on_conflict="update_priority",
            )
        except psycopg.Error as error:
            raise self._failed(error) from None

    def stats(self) -> Stats:
        """Counts the rows of the queue."""
        try:
            return _count(self._queries().queue_size())
        except psycopg.Error as error:
            raise self._failed(error) from None

    def forget_past(self) -> None:
        """Takes out what PgQueuer wrote down of jobs that are over."""
        tables = (self._settings.queue_table_log, self._settings.statistics_table)
        try:
            for table, kept in zip(tables, _KEPT, strict=True):
                old = sql.SQL("DELETE FROM {} WHERE created < now() - %s").format(sql.Identifier(table.lower()))
                self._connected().execute(old, (kept,))
        except psycopg.Error as error:
            raise self._failed(error) from None

    def _queries(self) -> SyncQueries:
        return SyncQueries(SyncPsycopgDriver(self._connected()), qbq=QueryQueueBuilder(settings=self._settings))

    def _connected(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.url, autocommit=True, application_name="mailsync queue")
        return self._connection

    def _failed(self, error: psycopg.Error) -> EngineError:
        """What PostgreSQL says may hold values; its SQLSTATE does not."""
        self.close()
        return EngineError(
            f"the queue can't be used: {error.sqlstate or type(error).__name__}", "check the database of `store`"
        )

    def close(self) -> None:
        """Closes the dispatcher's connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def run_worker(self, turn: Turn, stopping: threading.Event) -> int:
        """Runs jobs until `stopping`; where the database fails in between, it is asked again."""
        work = _Work(self, turn, stopping, ThreadPoolExecutor(self.sessions, thread_name_prefix="session"))
        loop = asyncio.new_event_loop()
        try:
            while not stopping.is_set():
                loop.run_until_complete(work.attend())
        finally:
            loop.run_until_complete(_put_away())
            loop.close()
            work.threads.shutdown(wait=False, cancel_futures=True)
        return len(work.running)

    @asynccontextmanager
    async def open_queue(self) -> AsyncGenerator[PgQueuer]:
        """PgQueuer on connections of its own, while the context lasts; for `run_worker` alone. Raises psycopg.Error."""
        async with AsyncExitStack() as ending:
            asking = await connect(self.url, "mailsync worker")
            ending.push_async_callback(asking.close)
            hearing = await connect(self.url, "mailsync worker notices")
            ending.push_async_callback(hearing.close)
            driver, settings = join_lines(asking, hearing), self._settings
            queries = Queries(
                driver,
                QueryBuilderEnvironment(settings=settings),
                QueryQueueBuilder(settings=settings),
                QuerySchedulerBuilder(settings=settings),
            )
            yield PgQueuer(driver, queries=queries)

    def install(self) -> None:
        """Makes PgQueuer's tables, or brings them up to the installed version; several processes may start at once."""
        try:
            asyncio.run(self._install())
        except psycopg.Error as error:
            raise self._failed(error) from None

    async def _install(self) -> None:
        async with self.open_queue() as queue:
            queries = queue.queries
            assert isinstance(queries, Queries)
            await queries.driver.execute("SELECT pg_advisory_lock($1)", _INSTALLING)
            if await queries.schema_is_installed():
                await queries.apply_upgrade()
            else:
                await queries.install(create_schema=False)


@dataclass(slots=True)
class _Work:
    """One worker's run: its threads, and who is in them."""

    engine: PgQueueEngine
    turn: Turn
    stopping: threading.Event
    threads: ThreadPoolExecutor
    running: set[str] = field(default_factory=set[str])

    async def attend(self) -> None:
        """Runs jobs until the database fails, or it is asked to stop and they have ended, or the grace period has."""
        async with AsyncExitStack() as ending:
            try:
                queue = await ending.enter_async_context(self.engine.open_queue())
            except psycopg.Error:
                await self._pause(_AGAIN)
                return
            await self._run(queue)

    async def _run(self, queue: PgQueuer) -> None:
        queue.entrypoint(SESSION)(self._serve)
        batch = max(1, self.engine.sessions // 2)
        run = asyncio.ensure_future(
            queue.qm.run(
                dequeue_timeout=LOOK,
                batch_size=batch,
                max_concurrent_tasks=max(2 * batch, self.engine.sessions),
                heartbeat_timeout=HEARTBEAT,
                shutdown_on_listener_failure=True,
            )
        )
        while not (self.stopping.is_set() or run.done()):
            await asyncio.wait({run}, timeout=_PAUSE)
        queue.shutdown.set()
        await self._await_end(run)

    async def _await_end(self, run: "asyncio.Future[None]") -> None:
        deadline = Deadline.after(self.engine.grace if self.stopping.is_set() else HEARTBEAT.total_seconds())
        await asyncio.wait({run}, timeout=deadline.left)
        if not run.done():
            run.cancel()
        elif not run.cancelled() and run.exception() is not None:
            await self._pause(_AGAIN)

    async def _pause(self, seconds: float) -> None:
        deadline = Deadline.after(seconds)
        while deadline.left and not self.stopping.is_set():
            await asyncio.sleep(min(_PAUSE, deadline.left))

    async def _serve(self, job: Job) -> None:
        await asyncio.get_running_loop().run_in_executor(self.threads, self._turn, job.payload or b"")

    def _turn(self, payload: bytes) -> None:
        """A job that was handed out before and whose session is over has no claim any more."""
        user = self.engine.schedule.claimed(int(payload))
        if user is None:
            return
        self.running.add(user)
        try:
            self.turn(user)
        finally:
            self.running.discard(user)


async def _put_away() -> None:
    """Ends what still waits in this loop, before it is closed. A session that outlasts the grace period finds its
    future cancelled, so that its thread has nobody to tell; a pending task would be complained of when collected."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    if left:
        ended, _ = await asyncio.wait(left, timeout=_PUT_AWAY)
        await asyncio.gather(*ended, return_exceptions=True)  # whatever they ended with was told of before


def _count(sizes: Sequence[QueueStatistics]) -> Stats:
    waiting = sum(size.count for size in sizes if size.status == "queued")
    return Stats(waiting, sum(size.count for size in sizes if size.status == "picked"))


_is_an_engine: type[Engine] = PgQueueEngine  # proven by the type check

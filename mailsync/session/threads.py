"""The scheduler of real sessions: threads. What is bound around them is bound in them (log lines name the session)."""

import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


class Threads:
    """Implements ports.scheduler.Scheduler."""

    def both(self, first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
        """At once: the first one in a thread of its own. Of two failures the first one's is raised."""
        with ThreadPoolExecutor(max_workers=1) as pool:
            one = pool.submit(copy_context().run, first)
            try:
                other = second()
            except Exception:
                one.result()
                raise
            return one.result(), other

    @contextmanager
    def beating(self, name: str, seconds: float, beat: Callable[[], bool]) -> Generator[None]:
        """In a thread of its own, which ends with the context."""
        stop = threading.Event()

        def run() -> None:
            while not stop.wait(seconds) and beat():
                pass

        thread = threading.Thread(target=copy_context().run, args=(run,), name=name, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


THREADS = Threads()

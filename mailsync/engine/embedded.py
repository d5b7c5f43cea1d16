"""The engine within one process: a queue in memory, and threads. What is in it is claimed in the schedule."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from mailsync.engine.deadline import Deadline
from mailsync.ports.engine import Engine, Stats, Turn
from mailsync.ports.schedule import Due, Schedule

_PAUSE = 0.2  # seconds between looks at whether to stop
AHEAD = 2
"""Users taken for each thread, so that none waits for the next look at the schedule."""


@dataclass(slots=True)
class EmbeddedEngine:
    """Implements mailsync.ports.engine.Engine."""

    schedule: Schedule
    sessions: int  # at once
    grace: float  # seconds
    clock: Callable[[], datetime]
    _waiting: "queue.SimpleQueue[Due]" = field(default_factory=queue.SimpleQueue["Due"])
    _running: set[str] = field(default_factory=set[str])

    def enqueue_due(self, now: datetime) -> int:
        """Claims as many as the threads can take soon."""
        room = self.sessions * AHEAD - self._waiting.qsize()
        if room <= 0:
            return 0
        found = self.schedule.claim(now, room)
        for due in found:
            self._waiting.put(due)
        return len(found)

    def run_worker(self, turn: Turn, stopping: threading.Event) -> int:
        """Runs turns in threads until `stopping`; what is still in the queue then goes back to the schedule."""
        threads = [
            threading.Thread(target=self._work, args=(turn, stopping), daemon=True) for _ in range(self.sessions)
        ]
        for thread in threads:
            thread.start()
        while not stopping.wait(_PAUSE):
            pass
        deadline = Deadline.after(self.grace)
        for thread in threads:
            thread.join(deadline.left)
        self._give_back()
        return sum(thread.is_alive() for thread in threads)

    def _work(self, turn: Turn, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                due = self._waiting.get(timeout=_PAUSE)
            except queue.Empty:
                continue
            self._running.add(due.user)
            turn(due.user)
            self._running.discard(due.user)

    def _give_back(self) -> None:
        while not self._waiting.empty():
            self.schedule.put_back(self._waiting.get().user, self.clock())

    def stats(self) -> Stats:
        """What is in memory."""
        return Stats(self._waiting.qsize(), len(self._running))

    def close(self) -> None:
        """Nothing is open."""


_is_an_engine: type[Engine] = EmbeddedEngine  # proven by the type check

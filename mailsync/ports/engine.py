"""The engine port: whatever moves due users to where their sessions run. The schedule is not its affair."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

Turn = Callable[[str], None]
"""One user's session, from beginning to end; raises nothing."""


@dataclass(frozen=True, slots=True)
class Stats:
    """What is in the queue."""

    waiting: int  # no worker has them yet
    running: int  # a worker has them


class Engine(Protocol):
    """A queue of users. It may hand a user out twice, or lose them: the claim in the schedule stands behind it."""

    def enqueue_due(self, now: datetime) -> int:
        """Moves due users from the schedule into the queue, as far as it takes them; returns how many.

        Raises StoreError, EngineError."""
        ...

    def run_worker(self, turn: Turn, stopping: threading.Event) -> int:
        """Runs turns, several at once, until `stopping` is set; then waits for those that run, as long as its grace
        period lasts. Returns how many have not ended by then: only the end of the process ends them."""
        ...

    def stats(self) -> Stats:
        """What is in the queue. Raises EngineError."""
        ...

    def close(self) -> None: ...

"""The clock port."""

from datetime import datetime
from typing import Protocol

from mailsync.core.refs import Key


class Clock(Protocol):
    """Time and randomness, injected."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    def key(self) -> Key:
        """A fresh correlation key."""
        ...

    def spread(self) -> float:
        """Uniform in [0, 1), for jitter."""
        ...

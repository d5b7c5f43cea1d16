"""The scheduler port: what runs beside a session is injected, so that a simulation decides the order of everything."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

A = TypeVar("A")
B = TypeVar("B")


class Scheduler(Protocol):
    """Runs things side by side."""

    def both(self, first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
        """Calls both, in any order or at once, and waits for both. Raises the first one's error, else the second's."""
        ...

    def beating(self, name: str, seconds: float, beat: Callable[[], bool]) -> AbstractContextManager[None]:
        """Calls `beat` every so many seconds while the context lasts, until it returns False."""
        ...

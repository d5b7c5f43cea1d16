"""How this process's requests were answered, by vendor and code; read by the metrics, told at level debug."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from mailsync.errors import VendorError
from mailsync.telemetry.lines import tell
from mailsync.telemetry.vocabulary import WITHHELD, admit

A = TypeVar("A")

KINDS = 200
"""Codes that are counted apart for each process; a vendor that invents more is counted under OTHER."""
OTHER = "OTHER"


@dataclass(slots=True)
class Ledger:
    """What was asked by this process. For several threads at once."""

    answered: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])  # (vendor, code)
    repeated: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])  # (vendor, code)
    budgets: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])  # host: (used, allowed)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, counter: Counter[tuple[str, str]], vendor: str, code: str) -> None:
        """Adds one."""
        shown = str(admit({"code": code or OTHER})["code"])
        key = (vendor, OTHER if shown == WITHHELD else shown)
        with self._lock:
            counter[key if key in counter or len(counter) < KINDS else (vendor, OTHER)] += 1

    def note_budget(self, organisation: str, used: int, allowed: int) -> None:
        """What Salesforce last said of an organisation's daily calls (Sforce-Limit-Info)."""
        with self._lock:
            self.budgets[organisation] = (used, allowed)

    def snapshot(self, counter: Counter[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
        """A copy that nobody counts in."""
        with self._lock:
            return dict(counter)


LEDGER = Ledger()
"""This process's."""


def measured(vendor: str, send: Callable[[], A], status: Callable[[A], int]) -> A:
    """Sends one request and counts its answer by HTTP status, or what is raised by its code. Raises what `send`
    raises."""
    begun = time.monotonic()
    try:
        answer = send()
    except VendorError as error:
        _note(vendor, (error.code or type(error).__name__).upper(), begun)
        raise
    _note(vendor, str(status(answer)), begun)
    return answer


def _note(vendor: str, code: str, begun: float) -> None:
    LEDGER.count(LEDGER.answered, vendor, code)
    tell("request.answered", level=logging.DEBUG, vendor=vendor, code=code, seconds=time.monotonic() - begun)

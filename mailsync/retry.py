"""The one retry policy: what may be asked again is asked again, for a bounded time; a create never is."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential, wait_random

from mailsync.errors import CertificateRefused, Throttled, Unreachable, VendorError
from mailsync.telemetry import tell_error
from mailsync.telemetry.requests import LEDGER

LONGEST = 30.0
"""Seconds: no single wait that we choose ourselves is longer."""

_FIRST = 0.5  # seconds
_SPREAD = 0.5  # seconds, uniform: clients that failed together don't come back together
_backoff = wait_exponential(multiplier=_FIRST, max=LONGEST) + wait_random(0, _SPREAD)

T = TypeVar("T")


def repeat(
    call: Callable[[], T],
    *,
    safe: bool,
    deadline: float = 60.0,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Calls, and calls again after Unreachable and Throttled, waiting `deadline` seconds in total at most.

    What the vendor asks for (`Throttled.after`, seconds) is honoured; where it would pass the deadline, the error is
    raised at once. Otherwise waits double from half a second, jittered, 30 s at most. With `safe` False there is
    exactly one call: a create whose answer is lost is never repeated blindly (B15). All other errors pass unchanged, a
    certificate that was refused too: asking again doesn't mend it.
    """
    if not safe:
        return call()

    def ends(state: RetryCallState) -> bool:
        return state.idle_for + state.upcoming_sleep > deadline

    policy = Retrying(
        retry=retry_if_exception(_passes),
        wait=_wait,
        stop=ends,
        before_sleep=_tell,
        sleep=sleep,
        reraise=True,
    )
    return policy(call)


def _passes(error: BaseException) -> bool:
    """Whether it may be over the next time."""
    return isinstance(error, Unreachable | Throttled) and not isinstance(error, CertificateRefused)


def _tell(state: RetryCallState) -> None:
    """Tells operators that a request is sent again, and counts it."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, VendorError):
        LEDGER.count(LEDGER.repeated, error.vendor, error.code or type(error).__name__)
        more = {"attempt": state.attempt_number, "wait": state.upcoming_sleep}
        tell_error("request.repeated", error, level=logging.WARNING, **more)


def _wait(state: RetryCallState) -> float:
    """Seconds until the next call."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.after if isinstance(error, Throttled) else None
    return max(0.0, asked) if asked is not None else min(LONGEST, _backoff(state))

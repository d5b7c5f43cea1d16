from collections.abc import Callable

import pytest

from mailsync.errors import AnswerBroken, OutcomeUnknown, Throttled, Unreachable, VendorError
from mailsync.retry import LONGEST, repeat


class Line:
    """A call that fails in the given ways and then answers; and the waits in between."""

    def __init__(self, *errors: VendorError) -> None:
        self.errors = list(errors)
        self.calls = 0
        self.waits: list[float] = []

    def call(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def _away() -> Unreachable:
    return Unreachable("salesforce", "no connection")


def _busy(after: float | None = None) -> Throttled:
    return Throttled("salesforce", "wait", after=after)


@pytest.mark.parametrize("error", [_away, _busy])
def test_reads_are_repeated_until_they_answer(error: Callable[[], VendorError]) -> None:
    line = Line(error(), error(), error())
    assert repeat(line.call, safe=True, sleep=line.waits.append) == "answer"
    assert line.calls == 4
    assert len(line.waits) == 3
    assert 0.5 <= line.waits[0] <= 1.0
    assert line.waits[0] < line.waits[1] + 0.5 < line.waits[2] + 1.5


def test_B15_an_unsafe_call_is_made_once() -> None:
    line = Line(_away())
    with pytest.raises(Unreachable):
        repeat(line.call, safe=False, sleep=line.waits.append)
    assert (line.calls, line.waits) == (1, [])


def test_the_wait_that_the_vendor_asks_for_is_kept_exactly() -> None:
    line = Line(_busy(7.0), _busy(0.0), _busy(-3.0), _busy(41.0))
    assert repeat(line.call, safe=True, sleep=line.waits.append) == "answer"
    assert line.waits == [7.0, 0.0, 0.0, 41.0]


def test_a_wait_beyond_the_deadline_is_raised_at_once() -> None:
    line = Line(_busy(3600.0))
    with pytest.raises(Throttled) as caught:
        repeat(line.call, safe=True, sleep=line.waits.append)
    assert (line.calls, line.waits, caught.value.after) == (1, [], 3600.0)


def test_waits_together_never_pass_the_deadline() -> None:
    line = Line(*(_away() for _ in range(1000)))
    with pytest.raises(Unreachable):
        repeat(line.call, safe=True, deadline=200.0, sleep=line.waits.append)
    assert 150.0 < sum(line.waits) <= 200.0
    assert max(line.waits) <= LONGEST


@pytest.mark.parametrize("error", [OutcomeUnknown, AnswerBroken])
def test_other_errors_pass_unchanged(error: type[VendorError]) -> None:
    line = Line(error("salesforce", "no"))
    with pytest.raises(error):
        repeat(line.call, safe=True, sleep=line.waits.append)
    assert (line.calls, line.waits) == (1, [])

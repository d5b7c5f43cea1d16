"""One time for a whole world: the vendors', and ours, which may be wrong by `skew`."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from mailsync.core.refs import Key

START = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)


@dataclass(slots=True)
class FakeClock:
    """Implements ports.clock.Clock; `time` is the vendors', `now` ours."""

    random: Random
    time: datetime = START
    skew: timedelta = timedelta(0)
    _keys: int = field(default=0)

    def now(self) -> datetime:
        """Aware, UTC."""
        return self.time + self.skew

    def key(self) -> Key:
        """A key that no other world has either: keys are compared with what vendors hold."""
        self._keys += 1
        return Key(f"{self._keys:08x}{self.random.getrandbits(32):08x}")

    def spread(self) -> float:
        """Uniform in [0, 1)."""
        return self.random.random()

    def advance(self, seconds: float) -> None:
        """Time goes on."""
        self.time += timedelta(seconds=seconds)

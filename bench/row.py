"""One line of the results: what was measured, beside floor and peer of the same run, and what was asked for."""

from dataclasses import dataclass
from enum import Enum


class Better(Enum):
    """Which way a figure is good."""

    LESS = "≤"
    MORE = "≥"


@dataclass(frozen=True, slots=True)
class Row:
    """`ours`, `floor`, `peer` and `goal` are in `unit`. `name` is what reasons.toml says more of where the goal isn't
    reached; `detail` is told beside the figure (requests, rounds)."""

    name: str
    what: str
    unit: str
    ours: float
    goal: float | None = None
    better: Better = Better.LESS
    floor: float | None = None
    peer: float | None = None
    rival: str = ""
    detail: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        return self.ours <= self.goal if self.better is Better.LESS else self.ours >= self.goal

    @property
    def ratio(self) -> float | None:
        """Ours by the peer's."""
        return self.ours / self.peer if self.peer else None


def told(value: float | None) -> str:
    """A figure with three digits that mean something."""
    if value is None:
        return ""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"

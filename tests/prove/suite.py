"""A proof suite: what it tries, how much of the budget it may have, and the figures that it answers with."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Share:
    """What one run of a suite may use: so many seconds from `begun` on (monotonic), and its own part of the seeds."""

    seconds: float
    seed: int = 0
    part: int = 0  # a suite of several parts runs in several processes, each with every parts-th seed
    parts: int = 1
    begun: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.begun + self.seconds - time.monotonic()

    def seeds(self) -> Iterator[int]:
        """Seeds, until the time is over; always one at least."""
        number = self.seed + self.part
        yield number
        while self.left > 0:
            number += self.parts
            yield number


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that did not hold: what, in a line or a trace, and the command that repeats it."""

    what: str
    repeat: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the table: what was tried (histories, steps, cut points, faults …), how many, and how many held."""

    what: str
    tried: int
    held: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run of a suite, or of a part of it, has to say. `unreached`: what the time did not allow, in words."""

    rows: tuple[Figure, ...]
    failures: tuple[Failure, ...] = ()
    seconds: float = 0.0
    unreached: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """One proof suite. `weight` is its share of the budget beside the others; a suite with `parts` above 1 is run in
    as many processes at once. `run` keeps to its share, and is deterministic by seed in what it tries."""

    name: str
    title: str
    weight: float
    run: Callable[[Share], Figures]
    parts: int = 1


def add(figures: list[Figures]) -> Figures:
    """The figures of a suite's parts as one: rows of the same words added, seconds added up."""
    rows: dict[str, Figure] = {}
    for row in (r for f in figures for r in f.rows):
        known = rows.get(row.what, Figure(row.what, 0, 0))
        rows[row.what] = Figure(row.what, known.tried + row.tried, known.held + row.held)
    failures = tuple(x for f in figures for x in f.failures)
    unreached = "; ".join(dict.fromkeys(f.unreached for f in figures if f.unreached))
    return Figures(tuple(rows.values()), failures, sum(f.seconds for f in figures), unreached)

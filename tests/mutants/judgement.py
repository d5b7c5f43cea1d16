"""Which mutants there are, in which order they are tried, and what their fates say.

Survivors are known by name: explained ones (survivors.toml, with the reason) and open ones (open.txt, which nobody has
looked into yet; it only ever gets shorter). Any other survivor is a failure; so is an explanation of a mutant that a
test notices, and an entry whose mutant is not there any more. An open one that is noticed by now is told of.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from tests.mutants.operators import Mutant, list_mutants
from tests.mutants.trial import CORE, Fate

EXPLAINED = Path(__file__).parent / "survivors.toml"
OPEN = Path(__file__).parent / "open.txt"
Key = tuple[str, str]
"""A mutant's file and name."""


def all_mutants(files: Sequence[str] = ()) -> list[Mutant]:
    """Every mutant of the core, or of some of its modules."""
    modules = sorted(p for p in CORE.glob("*.py") if not files or p.stem in files)
    return [m for path in modules for m in list_mutants(path.stem, path.read_text())]


def in_order(mutants: Iterable[Mutant], seed: int) -> list[Mutant]:
    """The same order for the same seed: one that passes through all files evenly, so that a slice is a sample."""
    return sorted(mutants, key=lambda m: blake2b(f"{seed} {m.file} {m.name}".encode(), digest_size=8).digest())


@dataclass(frozen=True, slots=True)
class Known:
    """The survivors that are known: explained with a reason, and open."""

    explained: Mapping[Key, str]
    open: frozenset[Key]

    def of(self, files: Sequence[str]) -> set[Key]:
        """Those of some files; all without any."""
        return {key for key in {*self.explained, *self.open} if not files or key[0] in files}


def read_known(explained: Path = EXPLAINED, unexplained: Path = OPEN) -> Known:
    """From the two lists."""
    tables: dict[str, dict[str, str]] = tomllib.loads(explained.read_text())
    lines = [x.partition(": ") for x in unexplained.read_text().splitlines() if x and not x.startswith("#")]
    reasons = {(file, name): reason for file, table in tables.items() for name, reason in table.items()}
    return Known(reasons, frozenset((file, name) for file, _, name in lines))


@dataclass(slots=True)
class Count:
    """The figures of one file."""

    tried: int = 0
    killed: int = 0
    explained: int = 0
    open: int = 0


@dataclass(slots=True)
class Judgement:
    """What is known so far."""

    known: Known
    counts: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    wrong: list[str] = field(default_factory=list[str])
    noticed: list[str] = field(default_factory=list[str])  # open ones: their lines may go

    def add(self, fate: Fate) -> None:
        """Takes a fate into account."""
        mutant, count = fate.mutant, self.counts[fate.mutant.file]
        key = (mutant.file, mutant.name)
        is_explained, is_open = key in self.known.explained, key in self.known.open
        count.tried += 1
        count.killed += fate.killed
        count.explained += not fate.killed and is_explained
        count.open += not fate.killed and is_open
        if not fate.killed and not is_explained and not is_open:
            tests = f"{fate.tests} tests run it" if fate.tests else "no test runs it"
            self.wrong.append(f"survived: {mutant.file}: {mutant.name} ({tests})")
        if fate.killed and is_explained:
            self.wrong.append(f"explained as a survivor, but a test notices it: {mutant.file}: {mutant.name}")
        if fate.killed and is_open:
            self.noticed.append(f"open no more, take it out of open.txt: {mutant.file}: {mutant.name}")

    def whole(self) -> Count:
        """All files together."""
        every = self.counts.values()
        return Count(*(sum(getattr(c, name) for c in every) for name in ("tried", "killed", "explained", "open")))


def stale(known: Iterable[Key], mutants: Iterable[Mutant]) -> Iterator[str]:
    """Entries of mutants that are not there any more."""
    present = {(m.file, m.name) for m in mutants}
    for file, name in sorted(known):
        if (file, name) not in present:
            yield f"listed as a survivor, but there is no such mutant: {file}: {name}"


def as_markdown(judgement: Judgement) -> str:
    """The table by file."""
    rows = [*sorted(judgement.counts.items()), ("**all**", judgement.whole())]
    lines = [f"| {n} | {c.tried} | {c.killed} | {c.killed / c.tried:.0%} | {c.explained} | {c.open} |" for n, c in rows]
    head = ("| file of `core/` | mutants | killed | | survivors explained | open |", "|---|--:|--:|--:|--:|--:|")
    return "\n".join([*head, *lines])

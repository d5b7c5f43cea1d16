"""Runs suites side by side in processes of their own, within one budget, and adds their figures up."""

import contextlib
import io
import json
import os
import pkgutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

from tests.prove import suites
from tests.prove.suite import Failure, Figure, Figures, Share, Suite, add

ROOT = Path(__file__).parent.parent.parent
WORKERS = 2
"""Processes at once: the machines here have two cores."""
RESERVE = 0.92
"""The part of the budget that is given away; the rest covers starts and ends."""
GRACE = 60.0
"""Seconds after its share before a suite that does not end is stopped, and told of as failed."""


def registered() -> list[Suite]:
    """All suites: each module of tests.prove.suites has a SUITE, or SUITES."""
    found: list[Suite] = []
    for module in sorted(pkgutil.iter_modules(suites.__path__), key=lambda m: m.name):
        loaded = import_module(f"{suites.__name__}.{module.name}")
        found += [loaded.SUITE] if hasattr(loaded, "SUITE") else loaded.SUITES
    return found


@dataclass(frozen=True, slots=True)
class Job:
    """One part of a suite, with its share."""

    suite: Suite
    seconds: float
    part: int

    def command(self, seed: int) -> list[str]:
        """The process that carries it out; its figures come as the last line of its stdout."""
        return [
            *(sys.executable, "-m", "tests.prove", "--part", f"{self.part}", "--only", self.suite.name),
            *("--budget", f"{self.seconds:.1f}", "--seed", f"{seed}"),
        ]


def share_out(chosen: Sequence[Suite], budget: float) -> list[Job]:
    """The jobs of the suites, by weight; those with the longest shares first, so that the workers end together."""
    whole = budget * WORKERS * RESERVE
    weights = sum(s.weight for s in chosen)
    jobs = [
        Job(s, min(whole * s.weight / weights / s.parts, budget * RESERVE), part)
        for s in chosen
        for part in range(s.parts)
    ]
    return sorted(jobs, key=lambda j: -j.seconds)


def run_part(suite: Suite, seconds: float, part: int, seed: int) -> None:
    """In a suite's own process: what it prints goes to stderr, its figures to stdout."""
    with contextlib.redirect_stdout(sys.stderr):
        figures = suite.run(Share(seconds, seed, part, suite.parts))
    sys.stdout.write(json.dumps(asdict(figures)) + "\n")


def read_figures(text: str) -> Figures:
    """The figures that a suite's process wrote."""
    found = json.loads(text.strip().rpartition("\n")[2])
    rows = tuple(Figure(**r) for r in found["rows"])
    return Figures(rows, tuple(Failure(**f) for f in found["failures"]), found["seconds"], found["unreached"])


@dataclass(slots=True)
class Running:
    """A job under way."""

    job: Job
    process: subprocess.Popen[str]
    errors: io.TextIOWrapper
    begun: float


def run_all(
    chosen: Sequence[Suite], budget: float, seed: int, log: Path, tell: Callable[[str], None]
) -> dict[str, Figures]:
    """Runs the suites' jobs, WORKERS at once. What they print is kept under `log`, a file a job."""
    waiting, running = share_out(chosen, budget), list[Running]()
    answers: dict[str, list[Figures]] = {s.name: [] for s in chosen}
    while waiting or running:
        while waiting and len(running) < WORKERS:
            running.append(_start(waiting.pop(0), seed, log))
            tell(f"{running[-1].job.suite.title}: {running[-1].job.seconds:.0f} s")
        for one in [r for r in running if _is_over(r)]:
            running.remove(one)
            answers[one.job.suite.name].append(_end(one, seed))
        time.sleep(0.2)
    return {name: add(figures) for name, figures in answers.items()}


def _start(job: Job, seed: int, log: Path) -> Running:
    errors = (log / f"{job.suite.name}.{job.part}.log").open("w")
    command = job.command(seed)
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True, env=os.environ)
    return Running(job, process, errors, time.monotonic())


def _is_over(running: Running) -> bool:
    if running.process.poll() is not None:
        return True
    late = time.monotonic() - running.begun > running.job.seconds + GRACE + running.job.seconds * 0.2
    if late:
        running.process.kill()
        running.process.wait()
    return late


def _end(running: Running, seed: int) -> Figures:
    output = running.process.stdout.read() if running.process.stdout else ""
    running.errors.close()
    seconds = time.monotonic() - running.begun
    repeat = " ".join(["python", *running.job.command(seed)[1:]])
    try:
        return read_figures(output)
    except (ValueError, KeyError, TypeError):
        told = Path(running.errors.name).read_text()[-2000:]
        what = f"the suite ended with {running.process.returncode} and no figures\n{told}"
        return Figures((), (Failure(what, repeat),), seconds)

"""Work in a warm process, each piece with its cost: sessions of a worker, or a bare loop of the vendors' clients."""

import json
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.box import Box
from bench.cost import ROOT, Cost


@dataclass(frozen=True, slots=True)
class Sample:
    """One piece of work: its cost, memory of the process before and after it, open files, and what it said."""

    cost: Cost
    before: int
    resident: int
    files: int
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that waits for what to do next."""

    process: "subprocess.Popen[str]"

    def sync(self, user: str, status: str = "done") -> Sample:
        """One session of this user. Raises AssertionError if it ends otherwise."""
        return self.ask(status, do="sync", user=user)

    def ask(self, status: str = "done", **told: Any) -> Sample:
        """One piece of work. Raises AssertionError if it ends otherwise than with this status."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the worker ended"
        said = json.loads(line)
        assert said["status"] == status, said
        cost = Cost(said["cpu"], said["wall"], said["peak"])
        return Sample(cost, said["before"], said["resident"], said["files"], said)


@contextmanager
def working(box: Box) -> Generator[Worker]:
    """A worker on the sandbox's settings file while the context lasts."""
    with running("bench.worker", str(box.config)) as worker:
        yield worker


@contextmanager
def looping(box: Box, entries: Sequence[Mapping[str, Any]]) -> Generator[Worker]:
    """A bare loop of these requests (of the box's log) while the context lasts."""
    place = Path(box.home, f"loop-{len(list(box.home.iterdir()))}.json")
    place.write_text(json.dumps(list(entries)), encoding="utf-8")
    with running("bench.bare", box.url, str(place)) as worker:
        yield worker


@contextmanager
def running(module: str, *words: str) -> Generator[Worker]:
    """A module that answers lines with lines."""
    command = [sys.executable, "-m", module, *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield Worker(process)
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # killed meanwhile
            process.stdin.close()

"""Sessions in a warm worker process, each with its cost."""

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from bench.box import Box
from bench.cost import ROOT, Cost


@dataclass(frozen=True, slots=True)
class Sample:
    """One session: its cost, and the worker's memory and open files after it."""

    cost: Cost
    resident: int
    files: int
    status: str


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker process that waits for its next user."""

    words: IO[str]
    answers: IO[str]

    def sync(self, user: str, status: str = "done") -> Sample:
        """One session of this user. Raises AssertionError if it ends otherwise."""
        self.words.write(json.dumps({"sync": user}) + "\n")
        self.words.flush()
        told = json.loads(self.answers.readline())
        assert told["status"] == status, told
        return Sample(Cost(told["cpu"], told["wall"], told["peak"]), told["resident"], told["files"], told["status"])


@contextmanager
def working(box: Box) -> Generator[Worker]:
    """A worker on the sandbox's settings file while the context lasts."""
    words = [sys.executable, "-m", "bench.worker", str(box.config)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Worker(process.stdin, process.stdout)
        process.stdin.close()

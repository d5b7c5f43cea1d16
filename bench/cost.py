"""What something cost: processor time, the clock's time, peak memory; of a whole process with its children, or within a
process that is warm."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
MEASURED = Path(__file__).with_name("measured.py")
MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of processor time (user + system), seconds by the clock, bytes of memory at the peak."""

    cpu: float
    wall: float
    peak: float


def run_measured(words: Sequence[str], environ: Mapping[str, str] | None = None, *, code: int = 0) -> Cost:
    """Runs a command to its end; its cost, children included. Byte code is kept, as wherever a program is installed.
    Raises AssertionError with what it said if it ends otherwise than with `code`."""
    with tempfile.TemporaryDirectory() as place:
        told = Path(place, "cost.json")
        command = [sys.executable, "-I", "-S", str(MEASURED), str(told), *words]
        given = {k: v for k, v in (environ or os.environ).items() if k != "PYTHONDONTWRITEBYTECODE"}
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=given, check=False)
        assert done.returncode == code, (
            f"{words[:2]}: exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
        return Cost(**json.loads(told.read_text(encoding="ascii")))


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each part."""
    return Cost(
        statistics.median(c.cpu for c in costs),
        statistics.median(c.wall for c in costs),
        statistics.median(c.peak for c in costs),
    )

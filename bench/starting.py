"""How soon the program is there: `mailsync --help` beside vdirsyncer's and a bare interpreter."""

import statistics
import sys

from bench import peers
from bench.cost import MB, Cost, run_measured
from bench.row import Row
from bench.size import Size


def measure(size: Size) -> list[Row]:
    """CPU-milliseconds of whole processes, in turns."""
    ways = {"mailsync": [sys.executable, "-m", "mailsync", "--help"], "python": [sys.executable, "-c", "pass"]}
    if peers.is_installed("vdirsyncer"):
        ways["vdirsyncer"] = [str(peers.ENVIRONMENT / "vdirsyncer"), "--help"]
    runs: dict[str, list[Cost]] = {name: [] for name in ways}
    run_measured(ways["mailsync"])  # byte code is there
    for _ in range(size.rounds * 2):
        for name, words in ways.items():
            runs[name].append(run_measured(words))
    spent = {name: statistics.median(c.cpu for c in costs) * 1e3 for name, costs in runs.items()}
    peak = statistics.median(c.peak for c in runs["mailsync"]) / MB
    return [
        Row(
            "start.help",
            "`mailsync --help`, whole process",
            "CPU-ms",
            spent["mailsync"],
            150,
            floor=spent["python"],
            peer=spent.get("vdirsyncer"),
            rival="vdirsyncer --help",
            detail=f"wall {statistics.median(c.wall for c in runs['mailsync']) * 1e3:.0f} ms; peak {peak:.0f} MB",
        )
    ]

"""A warm worker, as `mailsync serve` has it: told over standard input what to run, it answers with what that cost.

Each line in is a JSON object `{"sync": USER}`; each line out has cpu and wall (seconds), peak and resident memory
(bytes), open files, and the session's status.
"""

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mailsync.bootstrap import Setup, open_setup
from mailsync.worker.turn import take_turn


def measure(setup: Setup, user: str) -> Mapping[str, Any]:
    """One session and its cost."""
    reset_peak()
    begun, spent = time.perf_counter(), time.process_time()
    report = take_turn(setup, user)
    cost = {"cpu": time.process_time() - spent, "wall": time.perf_counter() - begun}
    return {**cost, **memory(), "status": report.status, "reason": report.reason, "requests": report.requests}


def memory() -> dict[str, int]:
    """Bytes of memory now and at the peak since `reset_peak`, and open files."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    sizes = {key: int(told[name].split()[0]) * 1024 for key, name in (("resident", "VmRSS"), ("peak", "VmHWM"))}
    return {**sizes, "files": len(os.listdir("/proc/self/fd"))}


def reset_peak() -> None:
    """The peak begins anew where the kernel lets us (clear_refs 5)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def main() -> None:
    """Serves until standard input ends."""
    with open_setup(Path(sys.argv[1])) as setup:
        for line in sys.stdin:
            sys.stdout.write(json.dumps(measure(setup, json.loads(line)["sync"])) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()

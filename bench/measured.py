"""Runs a command and writes to a file, as JSON, what it and its children cost: `python -I -S measured.py FILE COMMAND`.

A process of its own, as small as Python gets: the kernel counts the memory of whoever starts a process as a peak of the
started one, so a large parent would hide the peak of a small peer.
"""

import json
import os
import subprocess
import sys
import time

begun = time.perf_counter()
child = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(child.pid, 0)
wall = time.perf_counter() - begun
with open(sys.argv[1], "w", encoding="ascii") as out:
    json.dump({"cpu": usage.ru_utime + usage.ru_stime, "wall": wall, "peak": usage.ru_maxrss * 1024}, out)
sys.exit(os.waitstatus_to_exitcode(status))

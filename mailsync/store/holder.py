"""Who holds a lock, so that one left by a process that is dead on this machine falls at once.

Only Linux tells enough (proc(5)); elsewhere nothing is known of a holder, and its lock falls by time alone.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_PROC = Path("/proc")
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Holder:
    """A process: the machine's start it belongs to, its namespace of process ids (containers), id and start."""

    boot: str
    namespace: str
    pid: int
    started: str


def present() -> str:
    """This process as text for the lock."""
    return _describe(os.getpid())


@lru_cache(maxsize=1)
def _describe(pid: int) -> str:
    """What stays as it is while the process lives; a forked one has another id."""
    here, started = _surroundings(), _started(pid)
    return "/".join((*here, str(pid), started)) if here and started else UNKNOWN


def is_dead(text: str) -> bool:
    """Whether the holder certainly runs no more: it ran here, and its process is gone or is another one by now."""
    holder = _parse(text)
    here = _surroundings()
    if holder is None or here is None or (holder.boot, holder.namespace) != here:
        return False
    return _started(holder.pid) != holder.started


def _parse(text: str) -> Holder | None:
    match text.split("/"):
        case [boot, namespace, pid, started] if pid.isdecimal():
            return Holder(boot, namespace, int(pid), started)
        case _:
            return None


def _surroundings() -> tuple[str, str] | None:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return boot, (_PROC / "self/ns/pid").readlink().name
    except (OSError, ValueError):
        return None


def _started(pid: int) -> str:
    """When a process started, in clock ticks since the machine's start; "" where it is gone or has ended (Z)."""
    try:
        # The second field is the program's name in brackets and may hold anything, brackets included (proc(5)).
        fields = (_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
        return "" if fields[0] in (b"Z", b"X") else fields[19].decode()
    except (OSError, IndexError):
        return ""

"""Runs the real command line and kills its own process, with SIGKILL, just before or just after the n-th journal step.

Usage: python -m tests.crash.killer before|after N -- the words of the command. N = 0 never kills.
The number of steps is told on stderr.
"""

import os
import signal
import sys
from typing import Any

import mailsync.store as store
from mailsync.cli import main


def arm(kind: type[Any], phase: str, step: int) -> list[int]:
    """Makes `commit` deadly at its n-th call; returns the counter."""
    commit = kind.commit
    count = [0]

    def deadly(self: Any, *args: Any, **kwargs: Any) -> Any:
        count[0] += 1
        if count[0] == step and phase == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = commit(self, *args, **kwargs)
        if count[0] == step and phase == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    kind.commit = deadly
    return count


def store_class() -> type[Any]:
    """The one class of the store package that has `commit`."""
    import importlib
    import pkgutil

    for module in pkgutil.walk_packages(store.__path__, "mailsync.store."):
        if "migrations" in module.name:
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and "commit" in vars(value) and "guarded" in vars(value):
                return value
    raise LookupError("no store class with commit")


if __name__ == "__main__":
    phase, step = sys.argv[1], int(sys.argv[2])
    counter = arm(store_class(), phase, step)
    sys.argv = ["mailsync", *sys.argv[4:]]
    try:
        main()
    finally:
        sys.stderr.write(f"steps {counter[0]}\n")

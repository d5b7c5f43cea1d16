"""A warm worker, as `mailsync serve` has it: told over standard input what to do, it answers with what that cost.

Each line in is a JSON object: `{"do": "sync", "user": USER}`, `{"do": "edit", "user": USER, "count": N}` (N items get
another title, as by a person), `{"do": "link", "user": USER, "companies": […]}`. Each line out has cpu and wall
(seconds), peak and resident memory (bytes), open files, and what was done.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from mailsync.bootstrap import Setup, agent_of, open_setup
from mailsync.cli.garbage import collect_less
from mailsync.core.refs import FieldName
from mailsync.ports.mailbox import ItemEdit
from mailsync.worker.turn import take_turn

TITLE = FieldName("Title")


def sync(setup: Setup, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """One session."""
    report = take_turn(setup, told["user"], lambda what, done, of: tell_progress(told, what, done, of))
    return {"status": report.status, "reason": report.reason, "requests": report.requests}


def tell_progress(told: Mapping[str, Any], what: str, done: int, total: int) -> None:
    """What a person would see, where it was asked for: to standard error."""
    if told.get("progress"):
        sys.stderr.write(f"{what} {done} of {total}\n")
        sys.stderr.flush()


def edit(setup: Setup, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Other titles for some items of the folder."""
    user, count = told["user"], told["count"]
    with agent_of(setup, user) as agent:
        names = [p.item for p in islice(setup.store.pairs(user), count) if p.item]
        items = [i for i in agent.mailbox.read(names).values() if i is not None]
        made = agent.mailbox.update([ItemEdit(i.id, i.version, {TITLE: told["title"]}) for i in items])
    return {"status": "done", "edited": len(made)}


def link(setup: Setup, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """What Salesforce has for companies (B5)."""
    with agent_of(setup, told["user"]) as agent:
        found = agent.crm.accounts(told["companies"], 1)
        return {"status": "done", "found": sum(bool(c.exact or c.containing) for c in found.values())}


DOING: Mapping[str, Callable[[Setup, Mapping[str, Any]], Mapping[str, Any]]] = {
    "sync": sync,
    "edit": edit,
    "link": link,
}


def measure(setup: Setup, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was asked for, and its cost."""
    reset_peak()
    before = memory()["resident"]
    begun, spent = time.perf_counter(), time.process_time()
    done = DOING[told["do"]](setup, told)
    cost = {"cpu": time.process_time() - spent, "wall": time.perf_counter() - begun}
    return {**cost, **memory(), "before": before, **done}


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
    collect_less()  # as every command does
    with open_setup(Path(sys.argv[1])) as setup:
        for line in sys.stdin:
            sys.stdout.write(json.dumps(measure(setup, json.loads(line))) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()

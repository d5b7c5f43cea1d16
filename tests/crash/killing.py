"""Command lines in a process of their own that meets a blow – usually the last one, SIGKILL – at the n-th boundary.

The process is forked from this one, in which everything is imported already: a fifth of the price of a new one.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from mailsync.cli.application import run as run_command
from tests.crash.boundaries import ordered, watched

Words = tuple[str, ...]
"""A command line without the program and its settings file."""


@dataclass(frozen=True, slots=True)
class Cut:
    """How a process ended: killed, in the `command`-th of its command lines, at the last of `boundaries`; or by itself
    with an exit code."""

    killed: bool
    code: int
    command: int
    boundaries: tuple[str, ...]
    output: str


def die() -> None:
    """The blow from which nobody recovers."""
    os.kill(os.getpid(), signal.SIGKILL)


def lose_connection() -> None:
    """The server of the store is gone: before a commit it never heard of it, after one nobody hears its answer."""
    raise psycopg.OperationalError("the connection is lost")


def run_cut(
    config: Path, commands: Sequence[Words], order: str, point: int | None, blow: Callable[[], None] = die
) -> Cut:
    """Runs the command lines one after another in a forked process that meets the blow at boundary number `point` (from
    1); None lets it run to its end. The vendors live on."""
    told, output = config.with_name("boundaries.txt"), config.with_name("output.txt")
    told.write_bytes(b"")
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _live(lambda tell: _work(config, commands, order, point, tell, blow), told, output)
    status = os.waitpid(child, 0)[1]
    lines = told.read_text(encoding="utf-8").splitlines()
    boundaries = tuple(line for line in lines if not line.startswith("command "))
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    code = -1 if killed else os.waitstatus_to_exitcode(status)
    return Cut(killed, code, len(lines) - len(boundaries) - 1, boundaries, output.read_text(encoding="utf-8"))


def _live(work: Callable[[Callable[[str], object]], int], told: Path, output: Path) -> None:
    """The forked process, which never returns."""
    code = 70
    try:
        _redirect(output)
        with told.open("a", encoding="utf-8", buffering=1) as notes:
            code = work(notes.write)
    except BaseException:  # noqa: BLE001 - nothing of this process may go on in the test's own frames
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _redirect(output: Path) -> None:
    """What the command prints goes to a file, past whatever captures this process's streams."""
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)


def _work(
    config: Path,
    commands: Sequence[Words],
    order: str,
    point: int | None,
    tell: Callable[[str], object],
    blow: Callable[[], None],
) -> int:
    count = 0

    def visit(phase: str, what: str) -> None:
        nonlocal count
        count += 1
        tell(f"{phase} {what}\n")
        if count == point:
            blow()

    code = 0
    with watched(visit), ordered(order):
        for number, words in enumerate(commands):
            tell(f"command {number}\n")
            code = run_command(["--config", str(config), *words, "--json"])
            if code:
                return code
    return code

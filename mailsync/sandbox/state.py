"""A world kept in a file, so that a sandbox goes on after a restart where it was."""

import fcntl
import os
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson

from mailsync.sandbox.estate import Sandbox
from mailsync.sandbox.vendor import Refused
from mailsync.sandbox.world import parse_world

_FORMAT = 1
_PAUSE = 0.5  # seconds between a change and its saving, in which further changes are gathered


@dataclass(frozen=True, slots=True)
class State:
    """A kept world, and by how many seconds the vendors' clock was ahead of real time."""

    world: Mapping[str, Any]
    ahead: float


def read_state(path: Path) -> State | None:
    """The state in a file; None where there is no such file yet. Raises Refused for one that can't be read."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused(f"state file {path}: {error.strerror}; give a file that can be read and written") from None
    kept = parse_world(content, f"state file {path}")
    world: object = kept.get("world")
    ahead: object = kept.get("ahead")
    if kept.get("format") != _FORMAT or not isinstance(world, dict) or not isinstance(ahead, int | float):
        raise Refused(f"state file {path}: not written by this version of the sandbox; move it away to start anew")
    return State(cast(dict[str, Any], world), ahead)


def write_state(path: Path, state: State) -> None:
    """Writes the state so that the file is at every moment the old or the new one. Raises Refused if it can't."""
    content = orjson.dumps({"format": _FORMAT, "ahead": state.ahead, "world": state.world})
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Refused(f"state file {path}: {error.strerror}; the world is not kept until it can be written") from None


@contextmanager
def claimed(path: Path) -> Generator[None]:
    """Keeps every other sandbox from the state file while the context lasts; enter it before the state is read.

    The claim is a lock on a file beside it (the state file itself is replaced with each saving), which the system ends
    with the process, however that ends. Raises Refused where another sandbox holds it, or it can't be made.
    """
    beside = path.with_name(f".{path.name}.lock")
    claim = _lock(beside, path)
    try:
        yield
    finally:
        beside.unlink(missing_ok=True)
        os.close(claim)


def _lock(beside: Path, path: Path) -> int:
    """The descriptor that holds the lock. Whoever leaves removes the file, so it may be gone once it is locked."""
    while True:
        try:
            claim = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Refused(f"state file {path}: {error.strerror}; give a file that can be read and written") from None
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(claim), beside.stat()):
                return claim
            os.close(claim)
        except BlockingIOError:
            os.close(claim)
            remedy = "another sandbox keeps its world there; end it or give another file"
            raise Refused(f"state file {path}: {remedy}") from None
        except FileNotFoundError:
            os.close(claim)


@contextmanager
def kept(sandbox: Sandbox, path: Path) -> Generator[None]:
    """Keeps the sandbox's world in the file: at once, within a second of each change, and at the end.

    Raises Refused where the file can't be written at the beginning or the end; in between it is tried again.
    """
    _save(sandbox, path)
    ending = threading.Event()
    keeper = threading.Thread(target=_save_changes, args=(sandbox, path, ending), name="state", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ending.set()
        sandbox.changed.set()
        keeper.join()
        _save(sandbox, path)


def _save(sandbox: Sandbox, path: Path) -> None:
    with sandbox.lock:
        sandbox.changed.clear()
        state = State(sandbox.dump(), sandbox.clock.ahead)
    write_state(path, state)


def _save_changes(sandbox: Sandbox, path: Path, ending: threading.Event) -> None:
    while sandbox.changed.wait() and not ending.wait(_PAUSE):
        try:
            _save(sandbox, path)
        except Refused:
            sandbox.changed.set()  # tried again; the end of the program reports it if it lasts

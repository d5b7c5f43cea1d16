"""One at a time, across processes and threads: a lock on a file beside the store, which a killed process lets go of."""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from mailsync.errors import StoreError

_LONGEST = 120.0  # seconds: longer than a token request with all its repetitions
_STEP = 0.05  # seconds


@contextmanager
def taking_turns(database: Path, what: str) -> Generator[None]:
    """Within the context nobody else is, for the same database and `what`. Raises StoreError after two minutes.

    The file is named by a hash, since what people call themselves may be no file's name, and is gone afterwards.
    """
    path = database.with_name(f"{database.name}.{sha256(what.encode()).hexdigest()[:16]}.lock")
    handle = _take(path)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()  # while it is ours: whoever waits for it sees that it is another file by then
        os.close(handle)


def _take(path: Path) -> int:
    """A handle that holds the lock of the file that is at the path."""
    until = time.monotonic() + _LONGEST
    while True:
        handle = _open(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(handle, path):
                return handle
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(handle)
                message = f"another process has held {path.name} for two minutes"
                raise StoreError(message, "end it, then try again") from None
            time.sleep(_STEP)
        os.close(handle)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"the lock {path} can't be made: {error.strerror}", "give us the right to write it") from None


def _is_at(handle: int, path: Path) -> bool:
    """Whether the open file is still the one at the path, not one that its last holder took away."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False

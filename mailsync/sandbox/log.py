"""Every vendor request as it came and went, kept as bytes: what left the program can be proved from it (rule L3)."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from mailsync.sandbox.vendor import Call, Refused, Request

COPY: Final = "MAILSYNC_SANDBOX_LOG"  # the environment's word for a file that gets every request
CAPACITY = 512 * 1024 * 1024  # bytes of bodies; a whole suite's worth of one sandbox is some tens of MB
NOTE = b"[sandbox: this body was dropped, the log had grown beyond its capacity; clear the log earlier]"


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. `status` and `response` are the vendor's even where a fault kept them from the client."""

    n: int
    time: datetime  # the sandbox clock, UTC
    vendor: str
    call: Call
    request: Request  # its body without Content-Encoding
    received: int  # bytes of the body as they came
    status: int | None  # None: closed before it was carried out
    response: bytes  # without Content-Encoding
    sent: int  # bytes of the body as they went
    fault: str | None
    dropped: bool = False  # its bodies were let go of, a note is in their place


class RequestLog:
    """The requests since the last clearing, oldest first. Numbers go on through a clearing.

    It keeps `capacity` bytes of bodies: beyond that the oldest bodies, never the entries, give way to a note.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._entries: list[Entry] = []
        self._last = 0
        self._capacity = capacity
        self._kept = 0  # bytes of bodies
        self._oldest = 0  # position of the oldest entry that still has its bodies
        self._copy: BinaryIO | None = None

    def copy_to(self, path: Path) -> None:
        """From now on also writes each request, with its bodies, to a file: a line of JSON, at once. Raises Refused."""
        try:
            self._copy = path.open("ab", buffering=0)  # one write a line: several processes may share the file
        except OSError as error:
            raise Refused(f"log-out {path}: {error.strerror}; give a path that can be written") from None

    def next_number(self) -> int:
        """The number of the next request; each is given once in the life of the sandbox."""
        self._last += 1
        return self._last

    def add(self, entry: Entry) -> None:
        """Keeps a request. Its own bodies are kept however large they are."""
        self._entries.append(entry)
        if self._copy is not None:
            self._copy.write(orjson.dumps(describe(entry, bodies=True)) + b"\n")
        self._kept += _measure(entry)
        while self._kept > self._capacity and self._oldest < len(self._entries) - 1:
            self._kept -= _measure(self._entries[self._oldest])
            self._entries[self._oldest] = _drop_bodies(self._entries[self._oldest])
            self._oldest += 1

    def clear(self) -> int:
        """Forgets all; returns how many there were."""
        count = len(self._entries)
        self._entries = []
        self._kept = self._oldest = 0
        return count

    def entries(self) -> tuple[Entry, ...]:
        """The requests kept, oldest first."""
        return tuple(self._entries)


def _measure(entry: Entry) -> int:
    return len(entry.request.body) + len(entry.response)


def _drop_bodies(entry: Entry) -> Entry:
    return replace(entry, request=replace(entry.request, body=NOTE), response=NOTE, dropped=True)


def describe(entry: Entry, *, bodies: bool = False) -> dict[str, Any]:
    """An entry as JSON values; with `bodies` also its headers and both bodies as text (non-UTF-8 as �)."""
    shown: dict[str, Any] = {
        "n": entry.n,
        "time": entry.time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "vendor": entry.vendor,
        "operation": entry.call.operation,
        "actions": list(entry.call.actions),
        "method": entry.request.method,
        "path": entry.request.path,
        "query": entry.request.query,
        "status": entry.status,
        "sizes": {"request": entry.received, "response": entry.sent},
        "connection": entry.request.connection,
        "fault": entry.fault,
    }
    if bodies:
        shown["dropped"] = entry.dropped
        shown["headers"] = dict(entry.request.headers)
        shown["request"] = entry.request.body.decode(errors="replace")
        shown["response"] = entry.response.decode(errors="replace")
    return shown

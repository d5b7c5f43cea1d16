"""Every vendor request as it came and went, kept as bytes: what left the program can be proved from it (rule L3)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mailsync.sandbox.vendor import Call, Request


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


class RequestLog:
    """The requests since the last clearing, oldest first. Numbers go on through a clearing."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._last = 0

    def next_number(self) -> int:
        """The number of the next request; each is given once in the life of the sandbox."""
        self._last += 1
        return self._last

    def add(self, entry: Entry) -> None:
        """Keeps a request."""
        self._entries.append(entry)

    def clear(self) -> int:
        """Forgets all; returns how many there were."""
        count = len(self._entries)
        self._entries = []
        return count

    def entries(self) -> tuple[Entry, ...]:
        """The requests kept, oldest first."""
        return tuple(self._entries)


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
        shown["headers"] = dict(entry.request.headers)
        shown["request"] = entry.request.body.decode(errors="replace")
        shown["response"] = entry.response.decode(errors="replace")
    return shown

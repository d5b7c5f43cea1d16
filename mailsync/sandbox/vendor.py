"""What every vendor of the sandbox is made of: requests in, answers out, one clock.

A vendor is synchronous and single-threaded: the server calls it under one lock, so a vendor needs no locks
of its own. It never opens sockets, reads the real clock or writes the request log; the server does.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, runtime_checkable

_FURTHEST = 100 * 366 * 86400  # seconds: a hundred years
_MOST_SKEW = 86400  # seconds


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as it arrived: `path` percent-decoded, `query` the raw query string, header names lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    connection: int = 0  # tells the connections of a client apart (NTLM authenticates a connection, not a request)
    scheme: str = "http"  # http or https, as the client reached the sandbox


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. The server adds Date (from the sandbox clock) and Content-Length.

    A header's value of several lines is sent as that many headers. A `stream` goes out in chunks after `body`: the
    server asks it for its next piece (b"" = nothing yet) under its lock, many times a second, until it ends, and closes
    it when the client goes away. It is never compressed, and not logged beyond `body`.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    stream: Generator[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """What a request is, in the vendor's own words, found without carrying it out.

    `operation` is the vendor's name (CreateItem, composite, query …); `actions` are all that the request does, out
    of read, changes, create, update, delete, move, token, other (a batch has the actions of its parts).
    """

    operation: str
    actions: tuple[str, ...]


class Refused(Exception):
    """An act, world or control request that can't be carried out; the message says why and is shown to the caller."""


class Clock:
    """The vendors' clock: real time plus what was advanced. Always UTC and aware; it never runs backwards.

    A clock made of another one is a vendor's own: that time, off by what it was set to.
    """

    def __init__(self, base: "Clock | None" = None) -> None:
        self._base = base
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """The vendors' present time, UTC, with microseconds."""
        real = datetime.now(UTC) if self._base is None else self._base.now()  # noqa: TID251 - the sandbox's one clock
        return real + self._ahead

    @property
    def ahead(self) -> float:
        """How many seconds it is ahead of its base or of real time, so that a kept world can go on at its own time."""
        return self._ahead.total_seconds()

    def advance(self, seconds: float) -> None:
        """Moves the clock on. Raises Refused for a negative number of seconds, or more than the calendar has."""
        if seconds < 0:
            raise Refused("the vendors' clock can't run backwards: advance takes a number of seconds of 0 or more")
        if not self.ahead + seconds <= _FURTHEST:
            raise Refused(f"advance: the vendors' clock goes at most {_FURTHEST} seconds ahead of real time")
        self._ahead += timedelta(seconds=seconds)

    def skew(self, seconds: float) -> None:
        """Sets a vendor's clock off its base by seconds, of either sign. Raises Refused for more than a day."""
        if not abs(seconds) <= _MOST_SKEW:
            raise Refused(f"seconds: a vendor's clock is off by {_MOST_SKEW} seconds at most, either way")
        self._ahead = timedelta(seconds=seconds)


@runtime_checkable
class Neighbour(Protocol):
    """A vendor that shows what another one keeps, as one mailbox stands behind two protocols."""

    def meet(self, vendors: "Mapping[str, Vendor]") -> None:
        """Is given the vendors of its sandbox by their names, itself among them, once all are loaded."""
        ...


class Vendor(Protocol):
    """One vendor: it answers requests, keeps a part of the world, and knows its acts."""

    name: str  # salesforce | exchange | google | microsoft

    def serves(self, path: str) -> bool:
        """Whether a request path belongs to this vendor."""
        ...

    def classify(self, request: Request) -> Call:
        """What the request is. Never raises: an unreadable request is Call("unknown", ("other",))."""
        ...

    def answer(self, request: Request) -> Answer:
        """Carries the request out. Never raises for bad input: that is answered with the vendor's own error."""
        ...

    def fault(self, kind: str, request: Request, details: Mapping[str, Any]) -> Answer | None:
        """The vendor's own answer for a fault kind (refuse, throttle, expire_token …); None: it has no such kind."""
        ...

    def load(self, world: Mapping[str, Any]) -> None:
        """Replaces everything it holds by its part of a world. Raises Refused, naming the key that is wrong."""
        ...

    def dump(self) -> dict[str, Any]:
        """Everything it holds, as JSON values, without counters and clock; `load` of it gives the same world."""
        ...

    def act(self, user: str, op: str, details: Mapping[str, Any]) -> dict[str, Any] | None:
        """What people do that no API does. None: not an act of this vendor. Raises Refused when it can't be done."""
        ...

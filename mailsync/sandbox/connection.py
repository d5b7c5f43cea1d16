"""One TCP connection of the sandbox: numbered, written to once per answer, and closed on demand."""

import asyncio
import socket
import struct
from itertools import count
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_NUMBERS = count(1)
EXTENSION = "mailsync.connection"  # the scope's extension under which a request finds its connection


class Connection:
    """A transport that joins what is written in one go of the event loop into one write.

    Head and body of an answer then leave in one segment: two small writes have cost 40 ms each on a connection
    with delayed acknowledgements.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.number = next(_NUMBERS)
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []

    def write(self, content: bytes) -> None:
        """Takes bytes to be sent at the end of this go of the event loop."""
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(content)

    def close(self) -> None:
        """Sends what waits, then closes."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Closes at once; what waits is lost."""
        self._waiting.clear()
        self._transport.abort()

    def reset(self) -> None:
        """Ends the connection by RST instead of FIN; what waits is sent before."""
        self._flush()
        peer = self._transport.get_extra_info("socket")
        if peer is not None:  # a linger time of 0 turns the close into a reset (socket(7), SO_LINGER)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _flush(self) -> None:
        if self._waiting:
            content = self._waiting[0] if len(self._waiting) == 1 else b"".join(self._waiting)
            self._waiting.clear()
            self._transport.write(content)


class SandboxProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with each request's scope knowing its connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as uvicorn's
        """Puts the connection between uvicorn and the transport."""
        super().connection_made(cast(asyncio.Transport, Connection(transport, self.loop)))

    def on_message_begin(self) -> None:
        """Adds the connection to the scope that uvicorn makes."""
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"connection": self.transport}}

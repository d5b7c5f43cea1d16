"""The sandbox's HTTP server: uvicorn in a thread of its own, on one loopback port, up and down within milliseconds."""

import asyncio
import os
import socket
import tempfile
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn

from mailsync.sandbox.application import build_application
from mailsync.sandbox.certificate import Certificate, issue_certificate
from mailsync.sandbox.connection import SandboxProtocol
from mailsync.sandbox.estate import Sandbox, VendorMaker
from mailsync.sandbox.vendor import Refused
from mailsync.sandbox.vendors import VENDORS
from mailsync.sandbox.world import read_world

HOST = "127.0.0.1"

_KEEP_ALIVE = 600  # seconds: a client's pool never meets a connection that was closed for idleness
_STARTED_WITHIN = 10.0  # seconds
_STOPPED_WITHIN = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that answers at `url` (`http://127.0.0.1:PORT`, no slash at its end; https with TLS).

    `ca` is the path of the authority's certificate (PEM) that clients of a TLS sandbox are to trust.
    """

    url: str
    port: int
    sandbox: Sandbox
    ca: Path | None = None


@contextmanager
def running_sandbox(
    world: str | Mapping[str, Any] = "empty",
    port: int = 0,
    *,
    makers: Sequence[VendorMaker] = VENDORS,
    compressing: bool = True,
    tls: bool = False,
) -> Generator[RunningSandbox]:
    """A sandbox that serves while the context lasts; `port` 0 = any free one, `world` = a name, a path or a world.

    Without `compressing` no answer is gzipped. With `tls` it speaks https alone and `ca` is a file that lasts as long.
    Raises Refused for a world that can't be loaded or a port in use.
    """
    content = read_world(world) if isinstance(world, str) else world
    sandbox = Sandbox(makers, content, compressing=compressing)
    if not tls:
        with served(sandbox, port) as running:
            yield running
        return
    certificate = issue_certificate()
    with (
        tempfile.TemporaryDirectory(prefix="mailsync-sandbox-") as place,
        served(sandbox, port, certificate) as running,
    ):
        ca = Path(place, "ca.pem")
        ca.write_text(certificate.authority, encoding="ascii")
        yield replace(running, ca=ca)


@contextmanager
def served(sandbox: Sandbox, port: int = 0, certificate: Certificate | None = None) -> Generator[RunningSandbox]:
    """Serves a sandbox while the context lasts, over https where it is given a certificate.

    Raises Refused for a port in use.
    """
    listener = _listen(port)
    bound: int = listener.getsockname()[1]
    scheme = "http" if certificate is None else "https"
    sandbox.showing = None if certificate is None else certificate.showing
    server = _ThreadServer(sandbox, certificate)
    thread = threading.Thread(target=server.run_in_thread, args=(listener,), name="sandbox", daemon=True)
    thread.start()
    try:
        if not server.up.wait(_STARTED_WITHIN):
            raise Refused(f"port {bound}: the sandbox did not start; try another port")
        yield RunningSandbox(f"{scheme}://{HOST}:{bound}", bound, sandbox)
    finally:
        server.stop()
        thread.join(_STOPPED_WITHIN)
        listener.close()


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=128)
    except (OSError, OverflowError) as error:
        reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else "ports are 0 to 65535"
        raise Refused(f"port {port}: {reason}; choose another one, or 0 for any that is free") from None


class _ThreadServer(uvicorn.Server):
    """uvicorn without its polling and its grace for open connections: both cost a tenth of a second per test."""

    def __init__(self, sandbox: Sandbox, certificate: Certificate | None) -> None:
        super().__init__(
            uvicorn.Config(
                build_application(sandbox),
                http=SandboxProtocol,
                ws="none",
                lifespan="off",
                loop="asyncio",
                interface="asgi3",
                log_config=None,
                log_level="warning",
                access_log=False,
                date_header=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE,
                ssl_context_factory=None if certificate is None else lambda _config, _default: certificate.context,
            )
        )
        self.up = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave = asyncio.Event()

    def run_in_thread(self, listener: socket.socket) -> None:
        """Serves the listening socket until `stop`."""
        asyncio.run(self.serve(sockets=[listener]))

    def stop(self) -> None:
        """Ends serving, from another thread; connections that are still open are closed."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._leave.set)

    async def main_loop(self) -> None:
        """Waits for `stop`."""
        self._loop = asyncio.get_running_loop()
        self.up.set()
        await self._leave.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Closes the listener and every connection, and waits a moment for the requests that were under way."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for _ in range(100):
            if not self.server_state.tasks:
                return
            await asyncio.sleep(0.005)

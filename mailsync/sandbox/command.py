"""`mailsync sandbox`: serves every vendor until it is asked to stop."""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from mailsync.sandbox.certificate import Certificate, issue_certificate
from mailsync.sandbox.configuration import render_configuration, write_authority, write_configuration
from mailsync.sandbox.estate import Sandbox, VendorMaker
from mailsync.sandbox.log import COPY
from mailsync.sandbox.server import served
from mailsync.sandbox.state import claimed, kept, read_state
from mailsync.sandbox.vendor import Refused
from mailsync.sandbox.vendors import VENDORS
from mailsync.sandbox.world import read_world


def serve_sandbox(
    port: int = 8025,
    world: str = "empty",
    config_out: Path | None = None,
    state: Path | None = None,
    *,
    tls: bool = False,
    ca_out: Path | None = None,
    log_out: Path | None = None,
    makers: Sequence[VendorMaker] = VENDORS,
) -> None:
    """Prints `ready http://127.0.0.1:PORT` once it answers, then serves until SIGTERM or SIGINT; main thread only.

    `port` 0 = any free one. `world` = empty, acme or a world's file; a `state` file that exists wins over it.
    `config_out` gets a mailsync.toml for the world's people. With `tls` it is https, and `ca_out` gets the certificate
    to trust (left out, it goes beside `config_out`). `log_out` (left out, the file that the environment names) gets
    each vendor request as a line of JSON. Raises Refused, with the remedy as its message, where the world, the port or
    one of the files is not usable.
    """
    if ca_out is not None and not tls:
        raise Refused("ca-out: there is a certificate only with --tls; give both or neither")
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopped.set())
    with ExitStack() as stack:
        if state is not None:
            stack.enter_context(claimed(state))
        sandbox = _open_sandbox(world, state, makers)
        copy = log_out or os.environ.get(COPY)
        if copy:
            sandbox.log.copy_to(Path(copy))
        if state is not None:
            stack.enter_context(kept(sandbox, state))
        certificate = issue_certificate() if tls else None
        running = stack.enter_context(served(sandbox, port, certificate))
        ca = _write_certificate(certificate, ca_out, config_out)
        if config_out is not None:
            write_configuration(config_out, render_configuration(running.url, sandbox.dump(), ca))
        sys.stdout.write(f"ready {running.url}\n")
        sys.stdout.flush()
        stopped.wait()


def _write_certificate(certificate: Certificate | None, ca_out: Path | None, config_out: Path | None) -> Path | None:
    path = ca_out or (config_out and config_out.with_name("sandbox-ca.pem"))
    if certificate is None or path is None:
        return None
    write_authority(path, certificate.authority)
    return path


def _open_sandbox(world: str, state: Path | None, makers: Sequence[VendorMaker]) -> Sandbox:
    present = None if state is None else read_state(state)
    if present is None:
        return Sandbox(makers, read_world(world))
    sandbox = Sandbox(makers, present.world)
    sandbox.advance(present.ahead)
    return sandbox

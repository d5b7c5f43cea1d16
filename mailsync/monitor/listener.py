"""`/healthz`, `/readyz` and `/metrics` over HTTP, on a loopback address alone: what they tell is for this machine."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mailsync.errors import SettingsError
from mailsync.telemetry import tell

HOST = "127.0.0.1"
_TEXT = "text/plain; version=0.0.4; charset=utf-8"  # Prometheus's text exposition format
_UNAVAILABLE = 503
_STARTED_WITHIN = 10.0  # seconds
_STOPPED_WITHIN = 5.0  # seconds

Problems = Callable[[], Sequence[str]]
"""Why a process can do nothing at the moment, in words; empty if it can."""


@contextmanager
def listening(port: int, unready: Problems, metrics: Callable[[], bytes]) -> Generator[int]:
    """Answers while the context lasts, on this port, or any free one (0); yields the port. Raises SettingsError.

    `/healthz` answers as long as the process lives. `/readyz` answers 503 while `unready` names a problem.
    """
    listener = _listen(port)
    bound: int = listener.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(
            build_application(unready, metrics),
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=_serve, args=(server, listener), name="http", daemon=True)
    thread.start()
    tell("http.started", port=bound)
    try:
        yield bound
    finally:
        server.should_exit = True
        thread.join(_STOPPED_WITHIN)
        listener.close()


def build_application(unready: Problems, metrics: Callable[[], bytes]) -> Starlette:
    """The three answers as an ASGI application."""

    def health(_request: Request) -> Response:
        return _verdict("healthy", ())

    def readiness(_request: Request) -> Response:
        return _verdict("ready", unready())

    def exposition(_request: Request) -> Response:
        return Response(metrics(), headers={"content-type": _TEXT})

    # Plain functions: Starlette runs them in threads, so that a slow store blocks no other answer.
    routes = (("/healthz", health), ("/readyz", readiness), ("/metrics", exposition))
    return Starlette(routes=[Route(path, answer, methods=["GET"]) for path, answer in routes])


def _verdict(name: str, problems: Sequence[str]) -> Response:
    content = {name: not problems, "problems": list(problems)}
    return JSONResponse(content, status_code=_UNAVAILABLE if problems else 200)


def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    asyncio.run(server.serve(sockets=[listener]))


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=32)
    except (OSError, OverflowError) as error:
        reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else "ports are 0 to 65535"
        raise SettingsError((f"--http {port}: {reason}; choose another port, or 0 for any that is free",)) from None

"""The sandbox as an ASGI application: /sandbox/… is its control API, everything else belongs to the vendors."""

import asyncio
from collections.abc import Generator, Iterable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from mailsync.sandbox.connection import EXTENSION, Connection
from mailsync.sandbox.control import build_control
from mailsync.sandbox.delivery import Delivery, inflate
from mailsync.sandbox.estate import Sandbox
from mailsync.sandbox.vendor import Answer, Refused, Request

_BODILESS = (204, 304)
_BEFORE_RESET = 0.05  # seconds: what was sent shall arrive before the reset does
_PAUSE = 0.02  # seconds between two looks at a stream


def build_application(sandbox: Sandbox) -> ASGIApp:
    """The application that serves a sandbox. Vendor requests are carried out one at a time, in order of arrival."""
    control = build_control(sandbox)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/sandbox/"):
            await control(scope, receive, send)
        else:
            await _serve(sandbox, scope, receive, send)

    return application


async def _serve(sandbox: Sandbox, scope: Scope, receive: Receive, send: Send) -> None:
    raw = await _read_body(receive)
    if raw is None:
        return
    connection: Connection = scope["extensions"][EXTENSION]["connection"]
    try:
        delivery = sandbox.serve(_read_request(scope, raw, connection.number), len(raw))
    except Refused as refusal:
        delivery = Delivery(_explain(400, str(refusal)))
    if delivery is None:
        delivery = Delivery(_explain(404, "no vendor of the sandbox serves this path; docs/sandbox.md lists them"))
    await _send(delivery, sandbox, connection, receive, send)


async def _read_body(receive: Receive) -> bytes | None:
    """The body as it came; None if the client went away before its end."""
    message = await receive()
    pieces: list[bytes] = []
    while message["type"] == "http.request":
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)
        message = await receive()
    return None


def _read_request(scope: Scope, raw: bytes, connection: int) -> Request:
    headers = _join_headers(scope["headers"])
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=inflate(raw, headers.get("content-encoding", "").strip().lower()),
        connection=connection,
        scheme=scope["scheme"],
    )


def _join_headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _explain(status: int, text: str) -> Answer:
    return Answer(status, f"sandbox: {text}\n".encode(), {"content-type": "text/plain; charset=utf-8"})


async def _send(delivery: Delivery, sandbox: Sandbox, connection: Connection, receive: Receive, send: Send) -> None:
    if delivery.delay and not await _wait(receive, delivery.delay):
        return
    if delivery.answer is None:
        await _hang_up(delivery, connection, receive)
        return
    answer = delivery.answer
    if answer.stream is not None:
        await _follow(delivery, answer, answer.stream, sandbox, receive, send)
        return
    await send(_head(answer, sandbox, delivery))
    if delivery.spread and not await _dribble(delivery, answer.body, receive, send):
        return
    rest = b"" if delivery.spread or answer.status in _BODILESS else answer.body
    await send({"type": "http.response.body", "body": rest, "more_body": delivery.cut_short})
    if delivery.cut_short:
        await _hang_up(delivery, connection, receive)


def _head(answer: Answer, sandbox: Sandbox, delivery: Delivery) -> dict[str, Any]:
    headers = [
        (name.lower().encode("latin-1"), line.encode("latin-1"))
        for name, value in answer.headers.items()
        for line in value.split("\n")
    ]
    moment = sandbox.clock.now() + timedelta(seconds=delivery.skew)
    headers.append((b"date", format_datetime(moment, usegmt=True).encode()))
    if answer.status not in _BODILESS and answer.stream is None and not delivery.chunked:
        length = len(answer.body) if delivery.declared is None else delivery.declared
        headers.append((b"content-length", b"%d" % length))
    return {"type": "http.response.start", "status": answer.status, "headers": headers}


async def _follow(
    delivery: Delivery, answer: Answer, stream: Generator[bytes], sandbox: Sandbox, receive: Receive, send: Send
) -> None:
    """Sends an answer in chunks: its body, then the pieces of its stream until it ends or the client goes away."""
    try:
        await send(_head(answer, sandbox, delivery))
        piece: bytes | None = answer.body
        while piece is not None:
            if piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            elif not await _wait(receive, _PAUSE):
                return
            with sandbox.lock:
                piece = next(stream, None)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        with sandbox.lock:
            stream.close()


async def _dribble(delivery: Delivery, body: bytes, receive: Receive, send: Send) -> bool:
    """Sends a body drop by drop; whether the client stayed to the end."""
    step = len(body) // delivery.pieces + 1
    for start in range(0, len(body), step):
        if not await _wait(receive, delivery.spread / delivery.pieces):
            return False
        await send({"type": "http.response.body", "body": body[start : start + step], "more_body": True})
    return True


async def _wait(receive: Receive, seconds: float) -> bool:
    """Waits that long, or until the connection ends; whether it still stands."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return True
    return False


async def _hang_up(delivery: Delivery, connection: Connection, receive: Receive) -> None:
    if delivery.reset:
        if delivery.answer is not None:
            await _wait(receive, _BEFORE_RESET)
        connection.reset()
    else:
        connection.close()
    while (await receive())["type"] != "http.disconnect":
        pass

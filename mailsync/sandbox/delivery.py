"""How an answer goes out: whole, compressed, late, cut, garbled, or not at all."""

import gzip
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mailsync.sandbox.faults import Fault
from mailsync.sandbox.vendor import Answer, Refused

COMPRESSED_FROM = 1024  # bytes; below that gzip costs more than it saves

_LOG_IN_PAGE = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head>"
    b'<body><form method="post" action="/login"><label>User name <input name="user"></label>'
    b'<label>Password <input name="password" type="password"></label></form></body></html>'
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is put on the wire. `answer` None: the connection is closed without a byte."""

    answer: Answer | None
    delay: float = 0.0  # seconds before the first byte
    spread: float = 0.0  # seconds over which the body dribbles out
    declared: int | None = None  # Content-Length, where it is another than the body's; the connection is then closed


def deliver(answer_request: Callable[[], Answer], fault: Fault | None) -> Delivery:
    """The delivery of a request's answer under a fault that every vendor has; `answer_request` carries it out.

    Faults whose request is not carried out (drop_before, html, status without carry_out) never call it.
    """
    if fault is None:
        return Delivery(answer_request())
    unserved = _unserved(fault)
    if unserved is not None:
        return unserved
    return _SPOILERS[fault.kind](_end_stream(answer_request()), fault.details)


def _end_stream(answer: Answer) -> Answer:
    """The answer without what would follow its body: a fault strikes what goes out in one piece."""
    if answer.stream is None:
        return answer
    answer.stream.close()
    return replace(answer, stream=None)


def inflate(body: bytes, encoding: str) -> bytes:
    """A request body without its Content-Encoding. Raises Refused where it isn't what the header says."""
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise Refused(f"Content-Encoding {encoding} is not understood: send gzip or no encoding")
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        raise Refused("the body is not the gzip stream that its Content-Encoding says: send it whole") from None


def compress(answer: Answer, accepted: str) -> Answer:
    """The answer, gzipped where the client's Accept-Encoding allows it and it is worth it."""
    if (
        answer.stream is not None
        or len(answer.body) <= COMPRESSED_FROM
        or "gzip" not in accepted
        or _has_encoding(answer)
    ):
        return answer
    body = gzip.compress(answer.body, compresslevel=1, mtime=0)
    return replace(answer, body=body, headers={**answer.headers, "content-encoding": "gzip"})


def _has_encoding(answer: Answer) -> bool:
    return any(name.lower() == "content-encoding" for name in answer.headers)


def _unserved(fault: Fault) -> Delivery | None:
    match fault.kind:
        case "drop_before":
            return Delivery(None)
        case "html":
            return Delivery(Answer(200, _LOG_IN_PAGE, {"content-type": "text/html; charset=utf-8"}))
        case "status" if not fault.details.get("carry_out", False):
            return Delivery(_stated(fault.details))
        case _:
            return None


def _stated(details: Mapping[str, Any]) -> Answer:
    headers = {"content-type": "text/plain; charset=utf-8", **details.get("headers", {})}
    return Answer(details["status"], str(details.get("body", "")).encode(), headers)


def _truncate(answer: Answer, details: Mapping[str, Any]) -> Delivery:
    at: float = details["at"]
    kept = answer.body[: int(at if at >= 1 else at * len(answer.body))]
    declared = len(answer.body) if details.get("declared") == "whole" else None
    return Delivery(replace(answer, body=kept), declared=declared)


def _malform(answer: Answer, details: Mapping[str, Any]) -> Delivery:
    how: str = details.get("how", "garble")
    if how == "gzip":
        return Delivery(replace(answer, headers={**answer.headers, "content-encoding": "gzip"}))
    return Delivery(replace(answer, body=_MALFORMED[how](answer.body)))


def _garble(body: bytes) -> bytes:
    """As long as before, and neither XML nor JSON any more: the middle third is overwritten."""
    third = max(1, len(body) // 3)
    noise = (b"\x00<{" * third)[:third]
    return (body[:third] + noise + body[2 * third :])[: len(body)]


def _inject(noise: bytes) -> Callable[[bytes], bytes]:
    def overwrite(body: bytes) -> bytes:
        middle = len(body) // 2
        return (body[:middle] + noise + body[middle + len(noise) :])[: len(body)]

    return overwrite


_MALFORMED: Mapping[str, Callable[[bytes], bytes]] = {
    "garble": _garble,
    "bom": lambda body: b"\xef\xbb\xbf" + body,
    "utf8": _inject(b"\xff\xfe"),
    "control": _inject(b"\x01\x08"),
}

_SPOILERS: Mapping[str, Callable[[Answer, Mapping[str, Any]], Delivery]] = {
    "drop_after": lambda _answer, _details: Delivery(None),
    "truncate": _truncate,
    "malform": _malform,
    "delay": lambda answer, details: Delivery(answer, delay=details["seconds"]),
    "trickle": lambda answer, details: Delivery(answer, spread=details["seconds"]),
    "empty": lambda answer, _details: Delivery(replace(answer, body=b"")),
    "status": lambda _answer, details: Delivery(_stated(details)),
    "error_after": lambda _answer, _details: Delivery(Answer(503, b"", {"content-type": "text/plain"})),
}

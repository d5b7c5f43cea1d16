"""How an answer goes out: whole, compressed, late, cut, garbled, or not at all."""

import gzip
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from mailsync.sandbox.faultdetails import read_retry_after
from mailsync.sandbox.faults import Fault
from mailsync.sandbox.malformation import malform
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
    pieces: int = 10  # in how many pieces it then does
    declared: int | None = None  # Content-Length, where it is another than the body's; the connection is then closed
    chunked: bool = False  # in chunks, without the one that ends them; the connection is then closed
    reset: bool = False  # the connection is not closed but reset (RST)
    skew: float = 0.0  # seconds by which Date is off the sandbox's clock

    @property
    def cut_short(self) -> bool:
        """Whether the connection ends before the answer does."""
        return self.chunked or (
            self.declared is not None and (self.answer is None or self.declared > len(self.answer.body))
        )


def deliver(answer_request: Callable[[], Answer], fault: Fault | None, now: datetime | None = None) -> Delivery:
    """The delivery of a request's answer under a fault that every vendor has; `answer_request` carries it out.

    Faults whose request is not carried out (drop_before, and those without their carry_out) never call it. `now` is the
    vendor's time, for headers that name one.
    """
    if fault is None:
        return Delivery(answer_request())
    details = {**fault.details, _NOW: now or datetime.min.replace(tzinfo=UTC)}
    if not fault.details.get("carry_out", fault.kind not in _UNSERVED):
        return _SPOILERS[fault.kind](_NOTHING, details)
    return _SPOILERS[fault.kind](_end_stream(answer_request()), details)


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


def _stated(details: Mapping[str, Any]) -> Answer:
    headers = {"content-type": "text/plain; charset=utf-8", **details.get("headers", {})}
    return Answer(details["status"], str(details.get("body", "")).encode(), headers)


def _truncate(answer: Answer, details: Mapping[str, Any]) -> Delivery:
    at: float = details.get("at", 0.5)
    kept = answer.body[: int(at if at >= 1 else at * len(answer.body))]
    form: str = details.get("declared", "cut")
    declared = len(answer.body) if form == "whole" else None
    return Delivery(replace(answer, body=kept), declared=declared, chunked=form == "chunked")


def _fail(details: Mapping[str, Any]) -> Answer:
    headers = {"content-type": "text/plain; charset=utf-8", **read_retry_after(details, details[_NOW])}
    return Answer(details.get("status", 503), str(details.get("body", "")).encode(), headers)


def _redirect(details: Mapping[str, Any]) -> Answer:
    location: str = details.get("location", "https://elsewhere.example/")
    return Answer(details.get("status", 302), b"", {"location": location, "content-type": "text/plain; charset=utf-8"})


def _reset(answer: Answer, details: Mapping[str, Any]) -> Delivery:
    cut = _truncate(answer, {"at": details.get("at", 0.5), "declared": "whole"})
    if cut.answer is None or not cut.answer.body:
        return Delivery(None, reset=True)
    return replace(cut, reset=True)


def _trickle(answer: Answer, details: Mapping[str, Any]) -> Delivery:
    return Delivery(answer, spread=details["seconds"], pieces=details.get("pieces", 10))


# Without a word of carry_out these are not carried out; the others are.
_UNSERVED = frozenset({"drop_before", "html", "status", "redirect", "hang"})
_NOTHING = Answer(503)  # what a fault has to work with where the request was not carried out
_NOW = "now"
_PATIENCE = 600.0  # seconds that a server hangs before it gives up
_DELAY = 2.0  # seconds that an answer is late where the fault names none

_SPOILERS: Mapping[str, Callable[[Answer, Mapping[str, Any]], Delivery]] = {
    "drop_before": lambda _answer, _details: Delivery(None),
    "drop_after": lambda _answer, _details: Delivery(None),
    "reset": _reset,
    "hang": lambda _answer, details: Delivery(None, delay=details.get("seconds", _PATIENCE)),
    "truncate": _truncate,
    "malform": lambda answer, details: Delivery(malform(answer, details)),
    "delay": lambda answer, details: Delivery(answer, delay=details.get("seconds", _DELAY)),
    "trickle": _trickle,
    "empty": lambda answer, _details: Delivery(replace(answer, body=b"")),
    "html": lambda _answer, _details: Delivery(Answer(200, _LOG_IN_PAGE, {"content-type": "text/html; charset=utf-8"})),
    "redirect": lambda _answer, details: Delivery(_redirect(details)),
    "status": lambda _answer, details: Delivery(_stated(details)),
    "error_after": lambda _answer, details: Delivery(_fail(details)),
    "skew": lambda answer, details: Delivery(answer, skew=details["seconds"]),
}

"""Asking Graph: what may be asked again is, what was sent and not answered is in doubt, everything is counted.

One request at a time for each mailbox, whose limit is four (vendors/mailbox.md C5); what belongs together rides in one
$batch of at most 20.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from mailsync.errors import AnswerBroken, CertificateRefused, OutcomeUnknown, Throttled, Unreachable, VendorError
from mailsync.line import CONNECT, Reply, read_date
from mailsync.mailbox.microsoft.answers import (
    Answer,
    Json,
    as_error,
    as_list,
    as_object,
    read_answer,
    read_json,
)
from mailsync.mailbox.microsoft.login import VENDOR, MicrosoftLogin
from mailsync.mailbox.microsoft.transport import Transport
from mailsync.retry import repeat
from mailsync.telemetry import measured

AT_ONCE = 20
"""Parts of one $batch (GRD concepts/json-batching)."""

IMMUTABLE = 'IdType="ImmutableId"'
"""On every request: ids survive moves within the mailbox (vendors/mailbox.md A2)."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


_VERSION = "/v1.0"


class Effect(Enum):
    """What a request does, which decides whether it may be sent again."""

    READ = "read"
    WRITE = "write"  # again only if it certainly was not carried out (B15)


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a batch, or one alone. `path` is relative to Graph's version."""

    method: str
    path: str
    body: Json | None = None
    prefer: str = ""
    match: str = ""  # If-Match: the version, as the port has it

    @property
    def headers(self) -> dict[str, str]:
        """Its own headers, within a batch too."""
        found = {"Prefer": f"{IMMUTABLE}, {self.prefer}" if self.prefer else IMMUTABLE}
        if self.body is not None:
            found["Content-Type"] = "application/json"
        if self.match:
            found["If-Match"] = f'W/"{self.match}"'
        return found


class Channel:
    """One mailbox's line, counted. `patience`: seconds that repeating one request may take in all."""

    def __init__(self, transport: Transport, login: MicrosoftLogin, patience: float) -> None:
        self._transport = transport
        self._login = login
        self._patience = patience
        self.root = login.root
        self.requests = 0
        self.now = EPOCH

    def ask(self, part: Part, effect: Effect = Effect.READ) -> Answer:
        """The answer to one request, good or refused. Raises VendorError and its kinds: OutcomeUnknown where a write
        may have been carried out, all others where it certainly was not.
        """
        return repeat(lambda: self._ask_once(part, effect), safe=True, deadline=self._patience)

    def ask_good(self, part: Part, effect: Effect = Effect.READ) -> Json:
        """The object that a request is answered with. Raises as `ask`, and the error that the answer may be."""
        answer = self.ask(part, effect)
        if not answer.good:
            raise as_error(answer)
        return answer.body

    def batch(self, parts: Sequence[Part], effect: Effect = Effect.READ) -> list[Answer]:
        """The answers to any number of requests, 20 at once, in order. A part that Graph had no time for is asked
        again, on its own word that it did nothing. Raises as `ask` for the first request that nothing came of, and
        OutcomeUnknown always; once something was written, what failed after it is told in the answers concerned.
        """
        answers: list[Answer] = []
        for start in range(0, len(parts), AT_ONCE):
            chunk = _Chunk(parts[start : start + AT_ONCE], effect)
            try:
                repeat(lambda c=chunk: self._run(c), safe=True, deadline=self._patience)
            except OutcomeUnknown:
                raise
            except VendorError as error:
                if effect is Effect.READ or not (answers or chunk.told):
                    raise
                undone = Answer(429, {}, error.code or "Error", str(error))
                left = len(parts) - start - len(chunk.parts)
                return answers + chunk.list_answers(undone) + [undone] * left
            answers += chunk.list_answers(None)
        return answers

    def _run(self, chunk: "_Chunk") -> None:
        """One $batch of what has no answer yet. Raises Throttled while parts must wait."""
        open_parts = chunk.list_open()
        listed = [_describe(str(n), chunk.parts[n]) for n in open_parts]
        reply = self._send("POST", "/$batch", {"Content-Type": "application/json"}, {"requests": listed}, chunk.effect)
        answer = _judge_reply(reply, chunk.effect)
        if not answer.good:
            raise as_error(answer)
        try:
            told = _read_parts(answer.body, [str(n) for n in open_parts])
        except AnswerBroken as error:
            raise _doubt(error, chunk.effect) from None
        if all(a.status == 401 for a in told.values()):
            raise as_error(next(iter(told.values())))
        waiting = [a for a in told.values() if _may_wait(a, chunk.effect)]
        chunk.told |= {int(n): a for n, a in told.items() if not _may_wait(a, chunk.effect)}
        if waiting:
            after = max((a.after or 0.0 for a in waiting), default=0.0)
            raise Throttled(VENDOR, "Microsoft asks to wait", code=waiting[0].code, after=after or None)

    def _ask_once(self, part: Part, effect: Effect) -> Answer:
        reply = self._send(part.method, part.path, part.headers, part.body, effect)
        answer = _judge_reply(reply, effect)
        if answer.status in (401, 429) or answer.status >= 500:
            raise as_error(answer)
        return answer

    def _send(self, method: str, path: str, headers: Mapping[str, str], body: Json | None, effect: Effect) -> Reply:
        """The reply. A token that is refused is renewed, and the request, which did nothing, is sent once more."""
        token = self._login.bearer.token()
        reply = self._send_with(token, method, path, headers, body, effect)
        if reply.status == 401 and self._login.bearer.renew(token):
            return self._send_with(self._login.bearer.token(), method, path, headers, body, effect)
        return reply

    def _send_with(
        self, token: str, method: str, path: str, headers: Mapping[str, str], body: Json | None, effect: Effect
    ) -> Reply:
        url = f"{self._login.url}{_VERSION}{path}"
        content = None if body is None else encode(body)
        whole = {"Prefer": IMMUTABLE, **headers, "Authorization": f"Bearer {token}"}
        try:
            reply = measured(VENDOR, lambda: self._transport.send(method, url, whole, content), lambda r: r.status)
        except (OutcomeUnknown, AnswerBroken, Unreachable) as error:
            raise _doubt(error, effect) from None
        self.requests += reply.status != 401
        self.now = read_date(reply.headers.get("date", "")) or self.now
        return reply

    def relative(self, link: str) -> str:
        """The path of a nextLink or deltaLink, for it is followed on this very host only: a token goes nowhere else.
        Raises AnswerBroken.
        """
        own = urlsplit(self._login.url)
        try:
            given = urlsplit(link)
            same = (given.scheme, given.hostname, given.port) == (own.scheme, own.hostname, own.port)
        except ValueError:  # brackets that don't close, a port that is none
            raise AnswerBroken(VENDOR, "Microsoft's answer leads nowhere", code="LINK") from None
        if not same or not given.path.startswith(f"{_VERSION}/") or given.username or "/../" in given.path:
            raise AnswerBroken(VENDOR, "Microsoft's answer leads to another host", code="LINK")
        return given.path.removeprefix(_VERSION) + (f"?{given.query}" if given.query else "")

    def close(self) -> None:
        """Closes the connection."""
        self._transport.close()


@dataclass(slots=True)
class _Chunk:
    """Up to 20 parts and what is known of their answers."""

    parts: Sequence[Part]
    effect: Effect
    told: dict[int, Answer] = field(default_factory=dict[int, Answer])

    def list_open(self) -> list[int]:
        """Those without an answer."""
        return [n for n in range(len(self.parts)) if n not in self.told]

    def list_answers(self, undone: Answer | None) -> list[Answer]:
        """The answers in order; `undone` for those that never got one."""
        found = [self.told.get(n, undone) for n in range(len(self.parts))]
        return [a for a in found if a is not None]


def _doubt(error: VendorError, effect: Effect) -> VendorError:
    """The same failure, by what it means for a read and for a write that may have reached Graph (B15)."""
    if effect is Effect.READ:
        lost = isinstance(error, OutcomeUnknown)
        return Unreachable(VENDOR, str(error), code=error.code, remedy=error.remedy) if lost else error
    unsent = isinstance(error, CertificateRefused) or (isinstance(error, Unreachable) and error.code == CONNECT)
    if unsent or isinstance(error, OutcomeUnknown):
        return error
    return OutcomeUnknown(VENDOR, f"{error}; whether it wrote is not known", code=error.code)


def _judge_reply(reply: Reply, effect: Effect) -> Answer:
    """The answer that a reply is. Raises OutcomeUnknown for a write that failed on its way; AnswerBroken."""
    if 300 <= reply.status < 400:
        remedy = "check `url`: it is https://graph.microsoft.com for most tenants"
        raise VendorError(VENDOR, "this address sends requests elsewhere", code=str(reply.status), remedy=remedy)
    if reply.status >= 500 and effect is Effect.WRITE:
        code = str(reply.status)
        raise OutcomeUnknown(VENDOR, "Microsoft failed at the moment; whether it wrote is not known", code=code)
    try:
        body = read_json(reply.body) if reply.body else None
        if reply.status == 200 and body is None:
            raise AnswerBroken(VENDOR, "Microsoft's answer is empty", code="EMPTY")
        return read_answer(reply.status, reply.headers, body)
    except AnswerBroken as error:
        if reply.status >= 400:
            return read_answer(reply.status, reply.headers, None)
        raise _doubt(error, effect) from None


def encode(body: Json) -> bytes:
    """Halves of surrogate pairs, which entries of others that are sent along may hold, are kept as escapes."""
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:
        return json.dumps(body, separators=(",", ":"), allow_nan=False).encode()


def _describe(name: str, part: Part) -> dict[str, Any]:
    found: dict[str, Any] = {"id": name, "method": part.method, "url": part.path, "headers": part.headers}
    return found if part.body is None else {**found, "body": part.body}


def _read_parts(body: Json, names: Sequence[str]) -> dict[str, Answer]:
    """The parts' answers by id, exactly one for each. Raises AnswerBroken."""
    found: dict[str, Answer] = {}
    for entry in map(as_object, as_list(body.get("responses"))):
        name, status = entry.get("id"), entry.get("status")
        if not isinstance(name, str) or not isinstance(status, int) or name in found:
            raise AnswerBroken(VENDOR, "Microsoft's answer to a batch can't be read", code="SHAPE")
        told = entry.get("headers")
        headers = {k.lower(): v for k, v in as_object(told).items() if isinstance(v, str)} if told else {}
        found[name] = read_answer(status, headers, entry.get("body"))
    if found.keys() != set(names):
        text = f"Microsoft answered {len(found)} of {len(names)} parts of a request"
        raise AnswerBroken(VENDOR, text, code="INCOMPLETE")
    return found


def _may_wait(answer: Answer, effect: Effect) -> bool:
    """Whether a part did nothing and may be asked again: throttled, or a read that failed."""
    return answer.status in (429, 424) or (effect is Effect.READ and answer.status in (500, 502, 503, 504))


def escape(text: str) -> str:
    """A value in a query."""
    return quote(text, safe="=-_.~!$'()*,:;@/")


def escape_id(text: str) -> str:
    """An id in a path. Ids may end in = and must stay as they are (vendors/mailbox.md C1)."""
    return quote(text, safe="=-_.~!$'()*,:;@")


def escape_literal(text: str) -> str:
    """A text within quotes of a $filter, its own quotes doubled."""
    return escape(text.replace("'", "''"))

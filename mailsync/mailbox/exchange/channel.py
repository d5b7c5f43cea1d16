"""Asking Exchange: what may be asked again is, what was sent and not answered is in doubt, everything is counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum

from mailsync.errors import (
    AnswerBroken,
    CertificateRefused,
    OutcomeUnknown,
    PermissionMissing,
    Throttled,
    Unreachable,
    VendorError,
)
from mailsync.line import CONNECT, read_date
from mailsync.mailbox.exchange.answers import (
    BUSY,
    DENIED,
    FOLDER_GONE,
    NO_MAILBOX,
    Message,
    as_error,
    read_reply,
)
from mailsync.mailbox.exchange.login import VENDOR
from mailsync.mailbox.exchange.soap import make_envelope
from mailsync.mailbox.exchange.transport import Transport
from mailsync.retry import repeat
from mailsync.telemetry import measured

AT_ONCE = 100
"""Inputs of one request, reading and writing (vendors/mailbox.md E)."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_WHOLE = BUSY | DENIED | NO_MAILBOX | FOLDER_GONE
# A request that breaks the schema is refused as a whole, before anything: one bad input among good ones.
_POISON = frozenset({"ErrorSchemaValidation", "ErrorInvalidRequest", "ErrorInvalidArgument", "400"})


class Effect(Enum):
    """What a request does, which decides whether it may be sent again."""

    READ = "read"
    CHANGE = "change"  # conditional or idempotent: again only if it certainly was not carried out
    CREATE = "create"  # never again by itself (B15)


@dataclass(frozen=True, slots=True)
class Operation:
    """One request: EWS's name, the operation's element as text, how many answers it must have, what it does."""

    name: str
    xml: str
    count: int = 1
    effect: Effect = Effect.READ


class Channel:
    """One mailbox's line, counted. `patience`: seconds that repeating one request may take in all; `acting_for`: the
    address, where a service account logs in for it.
    """

    def __init__(self, transport: Transport, address: str, patience: float, acting_for: str = "") -> None:
        self._transport = transport
        self._acting_for = acting_for
        self._patience = patience
        self.address = address
        self.requests = 0
        self.now = EPOCH

    def ask(self, operation: Operation) -> list[Message]:
        """The answers to a request, one for each input, in order. Raises VendorError and its kinds: OutcomeUnknown
        where a write may have been carried out, all others where it certainly was not.
        """
        repeating = operation.effect is not Effect.CREATE
        return repeat(lambda: self._ask_once(operation), safe=repeating, deadline=self._patience)

    def ask_one(self, operation: Operation) -> Message:
        """The answer to a request with one input. Raises as `ask`, and the error that the answer may be."""
        (message,) = self.ask(operation)
        if not message.good:
            raise as_error(message)
        return message

    def _ask_once(self, operation: Operation) -> list[Message]:
        writing = operation.effect is not Effect.READ
        try:
            envelope = make_envelope(operation.xml, self._acting_for)
            reply = measured(VENDOR, lambda: self._transport.post(envelope), lambda r: r.status)
            self._note(reply.status, reply.headers.get("date", ""))
            return read_reply(reply, operation.name, operation.count)
        except (OutcomeUnknown, AnswerBroken, Unreachable, Throttled) as error:
            raise _judge(error, writing=writing) from None

    def _note(self, status: int, date: str) -> None:
        """Counts what was answered; a log-in challenge is no request (contract.md)."""
        self.requests += status != 401
        self.now = read_date(date) or self.now

    def close(self) -> None:
        """Closes the connection."""
        self._transport.close()


def _judge(error: VendorError, *, writing: bool) -> VendorError:
    """The same failure, by what it means for a read and for a write (B15): a write that reached the server is in
    doubt unless EWS itself refused it. A 503 may come after a create was carried out (vendors/mailbox.md B4.3).
    """
    if not writing:
        lost = isinstance(error, OutcomeUnknown)
        return Unreachable(VENDOR, str(error), code=error.code, remedy=error.remedy) if lost else error
    unsent = isinstance(error, CertificateRefused) or (isinstance(error, Unreachable) and error.code == CONNECT)
    refused = isinstance(error, Throttled) and error.code in BUSY
    if unsent or refused or isinstance(error, OutcomeUnknown):
        return error
    return OutcomeUnknown(VENDOR, f"{error}; whether it wrote is not known", code=error.code)


def ask_in_batches(
    channel: Channel, inputs: Sequence[str], wrap: Callable[[str], str], name: str, effect: Effect
) -> list[Message]:
    """The answers to any number of inputs, 100 a request; `wrap` makes the operation around them.

    Raises as `Channel.ask` for the first request that writes nothing, and OutcomeUnknown always; once something was
    written, what failed after it is told in the messages of the inputs concerned.
    """
    messages: list[Message] = []
    for start in range(0, len(inputs), AT_ONCE):
        part = inputs[start : start + AT_ONCE]
        try:
            _ask_part(channel, part, wrap, Operation(name, "", len(part), effect), messages)
        except OutcomeUnknown:
            raise
        except VendorError as error:
            if effect is Effect.READ or not messages:
                raise
            undone = Message(error.code or "Error", str(error), transient=not isinstance(error, PermissionMissing))
            return messages + [undone] * (len(inputs) - len(messages))
    return messages


def _ask_part(
    channel: Channel, part: Sequence[str], wrap: Callable[[str], str], kind: Operation, messages: list[Message]
) -> None:
    """One request, its answers added to `messages`; halved where one bad input makes Exchange refuse all of it."""
    try:
        answers = channel.ask(replace(kind, xml=wrap("".join(part)), count=len(part)))
    except VendorError as error:
        if error.code not in _POISON or isinstance(error, OutcomeUnknown):
            raise
        if len(part) == 1:
            messages.append(Message(error.code, str(error)))
            return
        middle = len(part) // 2
        _ask_part(channel, part[:middle], wrap, kind, messages)
        _ask_part(channel, part[middle:], wrap, kind, messages)
        return
    if all(m.code in _WHOLE for m in answers):
        raise as_error(answers[0])
    messages += answers

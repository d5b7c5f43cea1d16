"""Asking Google: what may be asked again is, what was sent and not answered is in doubt, everything is counted."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# google-api-python-client publishes no types for its requests.

from datetime import UTC, datetime
from enum import Enum
from typing import Any, cast

from googleapiclient.errors import HttpError

from mailsync.errors import AnswerBroken, CertificateRefused, OutcomeUnknown, Throttled, Unreachable, VendorError
from mailsync.line import CONNECT, read_date
from mailsync.mailbox.google.answers import as_error, read_fault
from mailsync.mailbox.google.login import VENDOR, GoogleLogin
from mailsync.mailbox.google.service import build_service
from mailsync.mailbox.google.told import Json
from mailsync.mailbox.google.transport import UNAUTHORIZED, Transport
from mailsync.retry import repeat

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Effect(Enum):
    """What a request does, which decides what its failure means: a read may go out again, a write only where it was
    certainly not carried out (B15).
    """

    READ = "read"
    WRITE = "write"


class Channel:
    """One mailbox's line, counted. `patience`: seconds that repeating one request may take in all. Requests go out one
    after another: Google wants one writer for each person (vendors/mailbox.md D1).
    """

    def __init__(self, login: GoogleLogin, patience: float) -> None:
        """Sends nothing. Raises SettingsError."""
        self._transport = Transport(login)
        self._patience = patience
        service = build_service(login.url)
        self.people = service.people
        self.connections = service.connections
        self.groups = service.groups
        self.requests = 0
        self.now = EPOCH

    def ask(self, request: Any, effect: Effect = Effect.READ) -> Json:
        """The answer to a request of the client library. Raises VendorError and its kinds: OutcomeUnknown where a
        write may have been carried out, all others where it certainly was not; Rejected for a request refused.
        """
        return repeat(lambda: self._ask_once(request, effect), safe=True, deadline=self._patience)

    def _ask_once(self, request: Any, effect: Effect) -> Json:
        try:
            return self._execute(request)
        except (OutcomeUnknown, AnswerBroken, Unreachable, Throttled) as error:
            raise _judge(error, writing=effect is not Effect.READ) from None

    def _execute(self, request: Any) -> Json:
        try:
            answer: object = request.execute(http=self._transport)
        except HttpError:
            self._note()
            reply = self._transport.latest
            raise as_error(read_fault(reply), reply.headers) from None
        except ValueError:
            self._note()
            raise AnswerBroken(VENDOR, "Google's answer is cut or garbled", code="GARBLED") from None
        self._note()
        if not isinstance(answer, dict):
            raise AnswerBroken(VENDOR, "Google's answer is not what was asked for", code="GARBLED")
        return cast("Json", answer)

    def _note(self) -> None:
        """Counts what was answered; a refused token is no request (contract.md)."""
        reply = self._transport.latest
        self.requests += reply.status != UNAUTHORIZED
        self.now = read_date(reply.headers.get("date", "")) or self.now

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()


def _judge(error: VendorError, *, writing: bool) -> VendorError:
    """The same failure, by what it means for a read and for a write (B15): a write that reached Google is in doubt
    unless Google refused it. A quota (429) is counted before anything is done; a 503 may come after.
    """
    if not writing:
        lost = isinstance(error, OutcomeUnknown)
        return Unreachable(VENDOR, str(error), code=error.code, remedy=error.remedy) if lost else error
    unsent = isinstance(error, CertificateRefused) or (isinstance(error, Unreachable) and error.code == CONNECT)
    refused = isinstance(error, Throttled) and not error.code.startswith("5")
    if unsent or refused or isinstance(error, OutcomeUnknown):
        return error
    return OutcomeUnknown(VENDOR, f"{error}; whether it wrote is not known", code=error.code)

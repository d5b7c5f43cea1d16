"""One user's conversation with Salesforce: requests repeated by the one policy, counted, their time and budget kept."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

from mailsync.crm.salesforce import soap
from mailsync.crm.salesforce.answers import budget_of, failure, faults_of, read_json
from mailsync.crm.salesforce.login import SalesforceLogin
from mailsync.crm.salesforce.transport import VENDOR, Transport
from mailsync.errors import AnswerBroken, OutcomeUnknown, Unreachable, VendorError
from mailsync.line import Reply, read_date
from mailsync.ports.crm import Budget
from mailsync.retry import repeat
from mailsync.telemetry.requests import LEDGER, measured

T = TypeVar("T")

_OF_CONTENT = frozenset({400, 404, 405, 409, 412, 415})
"""Statuses that say something of what was sent, not of the user, the organisation or the moment."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: its JSON content (None: no body) and the vendor's time, UTC."""

    status: int
    content: Any
    headers: Mapping[str, str]
    date: datetime | None


class Connection:
    """Asks, counts, remembers. `root` is the path of the API's version, without a slash at its end."""

    def __init__(self, login: SalesforceLogin, sleep: Callable[[float], None] = time.sleep) -> None:
        """Sends nothing yet. Raises SettingsError."""
        self._transport = Transport(login)
        self._bearer = login.bearer
        self._sleep = sleep
        self._version = login.api_version
        self._organisation = urlsplit(login.url).netloc
        self.root = f"/services/data/v{login.api_version}"
        self.requests = 0
        self.budget: Budget | None = None
        self.date: datetime | None = None

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        read: Callable[[Answer], T],
        safe: bool = True,
        headers: Mapping[str, str] | None = None,
        refusals: bool = False,
    ) -> T:
        """Sends a request and reads its answer with `read`, whose errors count as the request's.

        `safe`: reads, and writes that are conditional or change nothing when repeated. All else is sent once, and
        what is in doubt raises OutcomeUnknown. `refusals`: what is refused for its content (400, 404, 412 …) is a
        reply like any other. Raises VendorError and its kinds.
        """

        def once() -> T:
            try:
                answer = self._send(method, path, body, headers)
                return read(self._receive(answer, safe=safe, refusals=refusals))
            except OutcomeUnknown as error:
                if not safe:
                    raise
                raise Unreachable(VENDOR, str(error), code=error.code) from None
            except AnswerBroken as error:
                if safe:
                    raise
                raise OutcomeUnknown(VENDOR, str(error), code=error.code) from None

        return repeat(once, safe=safe, sleep=self._sleep)

    def call(self, operation: str, content: str, *, read: Callable[[Reply], T]) -> T:
        """Calls an operation of the SOAP Partner API that changes nothing when repeated, and reads its answer with
        `read`, faults too. Raises VendorError and its kinds."""
        path = f"/services/Soap/u/{self._version}"

        def send(token: str) -> Reply:
            return self._send_with(token, "POST", path, soap.write_envelope(token, operation, content), soap.HEADERS)

        def once() -> T:
            token = self._bearer.token()
            try:
                answer = send(token)
                if b"INVALID_SESSION_ID" in answer.body and self._bearer.renew(token):
                    answer = send(self._bearer.token())
            except OutcomeUnknown as error:
                raise Unreachable(VENDOR, str(error), code=error.code) from None
            return read(answer)

        return repeat(once, safe=True, sleep=self._sleep)

    def close(self) -> None:
        """Closes its connections."""
        self._transport.close()

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str] | None) -> Reply:
        """The answer. A token that is refused is renewed, and the request, which did nothing, is sent once more."""
        token = self._bearer.token()
        answer = self._send_with(token, method, path, body, headers)
        if _is_refused(answer) and self._bearer.renew(token):
            return self._send_with(self._bearer.token(), method, path, body, headers)
        return answer

    def _send_with(
        self,
        token: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None,
        headers: Mapping[str, str] | None,
    ) -> Reply:
        try:
            send = partial(self._transport.send, method, path, body, headers, token=token)
            answer = measured(VENDOR, send, lambda a: a.status)
        except (OutcomeUnknown, AnswerBroken):
            self.requests += 1
            raise
        self.requests += 1
        self.budget = budget_of(answer) or self.budget
        if self.budget is not None:
            LEDGER.note_budget(self._organisation, self.budget.used, self.budget.allowed)
        self.date = read_date(answer.headers.get("date", "")) or self.date
        return answer

    def _receive(self, answer: Reply, *, safe: bool, refusals: bool) -> Answer:
        """The reply in an answer. Raises what the answer says where it is no success."""
        if 200 <= answer.status < 300 or (refusals and answer.status in _OF_CONTENT):
            content = read_json(answer.body) if answer.body or answer.status == 200 else None
            return Answer(answer.status, content, answer.headers, read_date(answer.headers.get("date", "")))
        raise self._failure(answer, safe=safe)

    def _failure(self, answer: Reply, *, safe: bool) -> VendorError:
        try:
            faults = faults_of(read_json(answer.body))
        except AnswerBroken:
            faults = ()
        return failure(answer.status, faults, answer.headers, doubtful=not safe)


def _is_refused(answer: Reply) -> bool:
    """Whether the token was refused: the API answers 401, userinfo 403 with Bad_OAuth_Token."""
    return answer.status == HTTPStatus.UNAUTHORIZED or (
        answer.status == HTTPStatus.FORBIDDEN and answer.body.startswith(b"Bad_OAuth_Token")
    )

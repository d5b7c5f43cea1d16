"""exchangelib as transport and nothing of it but that: authentication, its session pool, one request, one answer.

Its traps are shut here or never met (vendors/mailbox.md B4, measure.md §0): BaseProtocol is not cached by credentials
(B4.6), nothing is retried, redirected or parsed, and requests may not take certificates, proxies or passwords from
the environment (§0.8).
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# exchangelib publishes no types.

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests
from exchangelib import Credentials, FailFast
from exchangelib.configuration import Configuration
from exchangelib.protocol import BaseProtocol
from exchangelib.version import EXCHANGE_2016, Version
from urllib3.exceptions import NewConnectionError

from mailsync import __version__
from mailsync.errors import AnswerBroken, CertificateRefused, OutcomeUnknown, SettingsError, Unreachable
from mailsync.mailbox.exchange.login import VENDOR, ExchangeLogin, check_login

AUTH_TYPES = {"basic": "basic", "ntlm": "NTLM"}

_TIMEOUTS = (10.0, 120.0)  # seconds: to connect; between two pieces of an answer
_LONGEST = 300.0  # seconds: a whole answer, however slowly it drips
_LARGEST = 64 * 1024 * 1024  # bytes of one answer, decompressed
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer, whole; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """One person's line to their mailbox: one connection, for one thread."""

    def __init__(self, login: ExchangeLogin) -> None:
        """Checks the login; sends nothing. Raises SettingsError."""
        check_login(login)
        self._login = login
        credentials = Credentials(login.username, login.password)
        self._protocol = BaseProtocol(
            Configuration(
                service_endpoint=login.url,
                credentials=credentials,
                auth_type=AUTH_TYPES[login.auth],
                version=Version(EXCHANGE_2016),
                retry_policy=FailFast(),
                max_connections=1,
            )
        )

    def post(self, body: bytes) -> Reply:
        """Sends a request once. Raises Unreachable if it certainly did not reach Exchange, OutcomeUnknown if it was
        sent and no whole answer came back, AnswerBroken for one that is too long, SettingsError for a bad `ca` file.
        """
        session: Any = self._protocol.get_session()
        try:
            return self._exchange(session, body)
        except requests.RequestException as error:
            raise _lost(error) from None
        except OSError:
            raise SettingsError(
                (f"ca: {self._login.ca} can't be read; give a PEM file with the server's CA",)
            ) from None
        finally:
            self._protocol.release_session(session)

    def _exchange(self, session: Any, body: bytes) -> Reply:
        session.trust_env = False
        session.verify = self._login.ca or True
        headers = {"X-AnchorMailbox": self._login.address, "User-Agent": f"mailsync/{__version__}"}
        response: requests.Response = session.post(
            self._login.url, data=body, headers=headers, timeout=_TIMEOUTS, allow_redirects=False, stream=True
        )
        try:
            content = _read(response)
        finally:
            response.close()
        return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, content)

    def close(self) -> None:
        """Closes the connection; the next request opens another (measure.md §0.5: pools are not to be left behind)."""
        self._protocol.close()


def _read(response: requests.Response) -> bytes:
    """The whole body within time and size."""
    pieces: list[bytes] = []
    size, until = 0, time.monotonic() + _LONGEST
    for piece in response.iter_content(_PIECE):
        size += len(piece)
        if size > _LARGEST:
            raise AnswerBroken(VENDOR, "Exchange's answer is too long to be believed", code="TOO_LONG")
        if time.monotonic() > until:
            raise OutcomeUnknown(VENDOR, "Exchange's answer takes too long", code="TOO_SLOW")
        pieces.append(piece)
    if response.status_code == HTTPStatus.OK and not size:
        raise AnswerBroken(VENDOR, "Exchange's answer is empty", code="EMPTY")
    return b"".join(pieces)


def _lost(error: requests.RequestException) -> Unreachable | OutcomeUnknown | AnswerBroken:
    """Whether the request can have reached Exchange: not before a connection, and its TLS, stand."""
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return AnswerBroken(VENDOR, "Exchange's answer can't be decompressed", code="NOT_EWS")
    if isinstance(error, requests.exceptions.SSLError):
        remedy = "check that `url` names the server as its certificate does, or set `ca` to the file of the CA"
        return CertificateRefused(VENDOR, "Exchange's certificate is not trusted", code="TLS", remedy=remedy)
    cause: object = error.args[0] if error.args else None
    refused = isinstance(getattr(cause, "reason", cause), NewConnectionError)
    if refused or isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.InvalidURL):
        remedy = "check `url`, the network and whether the server is running"
        return Unreachable(VENDOR, "Exchange can't be reached", code="CONNECT", remedy=remedy)
    return OutcomeUnknown(VENDOR, "Exchange did not answer", code="LOST")

"""requests as transport and nothing of it but that: one request, one whole answer, from this one host.

No redirects, no proxies or passwords from the environment, nothing repeated (measure.md §0.8): whether to ask again is
the channel's to decide.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import requests
from urllib3.exceptions import NewConnectionError

from mailsync import __version__
from mailsync.errors import AnswerBroken, OutcomeUnknown, SettingsError, Unreachable
from mailsync.mailbox.microsoft.login import VENDOR, MicrosoftLogin, check_login

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


class CertificateRefused(Unreachable):
    """The server's certificate is not trusted: no second try mends that."""


class Transport:
    """One person's line to Graph: one session, for one thread."""

    def __init__(self, login: MicrosoftLogin) -> None:
        """Checks the login; sends nothing. Raises SettingsError."""
        check_login(login)
        self._login = login
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = login.ca or True

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        """Sends a request once. Raises Unreachable if it certainly did not reach Graph, OutcomeUnknown if it was sent
        and no whole answer came back, AnswerBroken for one that is too long, SettingsError for a bad `ca` file.
        """
        all_headers = {"User-Agent": f"mailsync/{__version__}", "Accept": "application/json", **headers}
        try:
            response = self._session.request(
                method, url, headers=all_headers, data=body, timeout=_TIMEOUTS, allow_redirects=False, stream=True
            )
            try:
                content = _read(response)
            finally:
                response.close()
        except requests.RequestException as error:
            raise _lost(error) from None
        except OSError:
            problem = f"ca: {self._login.ca} can't be read; give a PEM file with the server's CA"
            raise SettingsError((problem,)) from None
        return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, content)

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()


def _read(response: requests.Response) -> bytes:
    """The whole body within time and size."""
    pieces: list[bytes] = []
    size, until = 0, time.monotonic() + _LONGEST
    for piece in response.iter_content(_PIECE):
        size += len(piece)
        if size > _LARGEST:
            raise AnswerBroken(VENDOR, "Microsoft's answer is too long to be believed", code="TOO_LONG")
        if time.monotonic() > until:
            raise OutcomeUnknown(VENDOR, "Microsoft's answer takes too long", code="TOO_SLOW")
        pieces.append(piece)
    return b"".join(pieces)


def _lost(error: requests.RequestException) -> Unreachable | OutcomeUnknown | AnswerBroken:
    """Whether the request can have reached Graph: not before a connection, and its TLS, stand."""
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return AnswerBroken(VENDOR, "Microsoft's answer can't be decompressed", code="NOT_JSON")
    if isinstance(error, requests.exceptions.SSLError):
        remedy = "check that `url` names the server as its certificate does, or set `ca` to the file of the CA"
        return CertificateRefused(VENDOR, "Microsoft's certificate is not trusted", code="TLS", remedy=remedy)
    cause: object = error.args[0] if error.args else None
    refused = isinstance(getattr(cause, "reason", cause), NewConnectionError)
    if refused or isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.InvalidURL):
        remedy = "check `url` and the network"
        return Unreachable(VENDOR, "Microsoft Graph can't be reached", code="CONNECT", remedy=remedy)
    return OutcomeUnknown(VENDOR, "Microsoft Graph did not answer", code="LOST")

"""requests in place of httplib2, which silently posts again on a dropped connection (measure.md §2.2).

It has the one method that google-api-python-client asks of its `http`: one request, one answer, no second try, no
redirect, nothing of the environment. A token that is refused (401) was never acted upon: then alone a request goes out
once more, with another token.
"""
# pyright: reportUnknownMemberType=false

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from mailsync import __version__
from mailsync.errors import AnswerBroken, CertificateRefused, OutcomeUnknown, SettingsError, Unreachable
from mailsync.mailbox.google.login import VENDOR, GoogleLogin, check_login

_TIMEOUTS = (10.0, 60.0)  # seconds: to connect; between two pieces of an answer
_LONGEST = 180.0  # seconds: a whole answer, however slowly it drips
_LARGEST = 64 * 1024 * 1024  # bytes of one answer, decompressed
_PIECE = 64 * 1024
UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer, whole; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Response(dict[str, str]):
    """What google-api-python-client reads of an answer's head: httplib2.Response's part that it uses."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.headers)
        self.status = reply.status
        self.reason = ""


class Transport:
    """One person's line to Google: for one thread. `latest` is the latest answer, whatever its status."""

    def __init__(self, login: GoogleLogin) -> None:
        """Checks the login; sends nothing. Raises SettingsError."""
        check_login(login)
        self._bearer = login.bearer
        self._session = requests.Session()
        # Else REQUESTS_CA_BUNDLE, proxies and .netrc of the environment would win (measure.md §0.8).
        self._session.trust_env = False
        self._session.mount("https://", _Adapter(login.ca))
        self.latest = Reply(0, {}, b"")

    def request(
        self, uri: str, method: str = "GET", body: str | bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[Response, bytes]:
        """Sends a request. Raises Unreachable if it certainly did not reach Google, OutcomeUnknown if it was sent and
        no whole answer came back, AnswerBroken for one that is too long, LoginRefused.
        """
        token = self._bearer.token()
        reply = self._send(uri, method, body, headers or {}, token)
        if reply.status == UNAUTHORIZED and self._bearer.renew(token):
            reply = self._send(uri, method, body, headers or {}, self._bearer.token())
        self.latest = reply
        return Response(reply), reply.body

    def _send(self, uri: str, method: str, body: str | bytes | None, headers: Mapping[str, str], token: str) -> Reply:
        own = {"authorization": f"Bearer {token}", "user-agent": f"mailsync/{__version__}"}
        content = body.encode() if isinstance(body, str) else body
        sent = {k: v for k, v in headers.items() if k.lower() not in ("content-length", *own)} | own
        try:
            response = self._session.request(
                method, uri, data=content, headers=sent, timeout=_TIMEOUTS, allow_redirects=False, stream=True
            )
            try:
                content = _read(response)
            finally:
                response.close()
        except requests.RequestException as error:
            raise _lost(error) from None
        return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, content)

    def close(self) -> None:
        """Closes its connections; the next request opens another."""
        self._session.close()


class _Adapter(HTTPAdapter):
    """Certificates loaded once: each connection would read them anew (20 to 30 ms of CPU, measure.md §0.7)."""

    def __init__(self, ca: str | None) -> None:
        self._context = _certificates(ca)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, ssl_context=self._context)

    def cert_verify(self, conn: Any, url: str, verify: bool | str, cert: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"  # by the context, which has the certificates already


@cache
def _certificates(ca: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca or certifi.where())
    except OSError:
        raise SettingsError((f"google.ca: {ca} is no readable file of certificates (PEM)",)) from None


def _read(response: requests.Response) -> bytes:
    """The whole body within time and size."""
    pieces: list[bytes] = []
    size, until = 0, time.monotonic() + _LONGEST
    for piece in response.iter_content(_PIECE):
        size += len(piece)
        if size > _LARGEST:
            raise AnswerBroken(VENDOR, "Google's answer is too long to be believed", code="TOO_LONG")
        if time.monotonic() > until:
            raise OutcomeUnknown(VENDOR, "Google's answer takes too long", code="TOO_SLOW")
        pieces.append(piece)
    return b"".join(pieces)


def _lost(error: requests.RequestException) -> Unreachable | OutcomeUnknown | AnswerBroken:
    """Whether the request can have reached Google: not before a connection, and its TLS, stand."""
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return AnswerBroken(VENDOR, "Google's answer can't be decompressed", code="GARBLED")
    if isinstance(error, requests.exceptions.SSLError):
        remedy = "check that `url` names the server as its certificate does, or set `ca` to the file of the CA"
        return CertificateRefused(VENDOR, "Google's certificate is not trusted", code="TLS", remedy=remedy)
    cause: object = error.args[0] if error.args else None
    refused = isinstance(getattr(cause, "reason", cause), NewConnectionError)
    if refused or isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.InvalidURL):
        remedy = "check `url` and the network"
        return Unreachable(VENDOR, "Google can't be reached", code="CONNECT", remedy=remedy)
    return OutcomeUnknown(VENDOR, "Google did not answer", code="LOST")

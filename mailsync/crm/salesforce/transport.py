"""simple-salesforce as transport, and nothing of it but that: one request, one answer, no log-in, no second try.

Its traps are shut here: it has no time limits, speaks https only, logs in again by itself (losing headers, such as
If-Unmodified-Since), and requests lets REQUESTS_CA_BUNDLE override the certificates asked for.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportPrivateUsage=false
# simple-salesforce ships no complete types, and its one seam that keeps status and headers is private.

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import certifi
import requests
import urllib3
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError
from urllib3.exceptions import NewConnectionError
from urllib3.response import BaseHTTPResponse

from mailsync.crm.salesforce.login import SalesforceLogin, check_login, is_loopback
from mailsync.errors import CertificateRefused, OutcomeUnknown, SettingsError, Unreachable

VENDOR = "salesforce"

_TIMEOUTS = (5.0, 30.0)  # seconds: to connect, between two pieces of an answer
_LONGEST = 120.0  # seconds: a whole answer, however slowly it drips
_LARGEST = 64 * 1024 * 1024  # bytes of one answer, decompressed
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, whole; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """A user's line to Salesforce. For one thread; the token is sent to the host of the login alone."""

    def __init__(self, login: SalesforceLogin) -> None:
        """Checks the login; sends nothing. Raises SettingsError."""
        check_login(login)
        self._adapter = _Adapter(login)
        self._session = requests.Session()
        # Else REQUESTS_CA_BUNDLE, proxies and .netrc of the environment would win over what is set here.
        self._session.trust_env = False
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", _NoPlainHttp())
        self._client = Salesforce(
            session_id="", instance_url=login.url, session=self._session, version=login.api_version
        )
        self._client.headers.pop("X-PrettyPrint", None)
        self._origin = f"https://{self._client.sf_instance}"

    def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        token: str,
    ) -> Answer:
        """Sends one request to `path` (absolute, encoded) and returns the answer, whatever its status.

        Raises Unreachable if the request certainly did not reach Salesforce, OutcomeUnknown if it was sent and no
        whole answer came. Redirects are answers: the token never follows them.
        """
        content = body if body is None or isinstance(body, bytes) else _written(body)
        self._adapter.latest = None
        try:
            url, more = self._origin + path, {**(headers or {}), "Authorization": f"Bearer {token}"}
            self._client._call_salesforce(method, url, data=content, headers=more, allow_redirects=False)
        except SalesforceError:
            pass  # raised for every status from 300 on; the answer itself is in the adapter
        except requests.RequestException as error:
            raise _lost(error) from None
        except urllib3.exceptions.HTTPError:
            raise OutcomeUnknown(VENDOR, "Salesforce's answer broke off", code="lost") from None
        if self._adapter.latest is None:
            raise OutcomeUnknown(VENDOR, "Salesforce's answer got lost", code="lost")
        return self._adapter.latest

    def close(self) -> None:
        """Closes its connections."""
        self._session.close()


def _written(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode("ascii")


class _Adapter(HTTPAdapter):
    """Time and size limits on everything; certificates loaded once; simple-salesforce's https turned to plain http
    where the address is one of this machine's own (docs/decisions/0010-plain-http-on-this-machine.md).
    """

    def __init__(self, login: SalesforceLogin) -> None:
        self._netloc = urlsplit(login.url).netloc if is_loopback(login.url) else None
        self._context = _certificates(login.ca)
        self.latest: Answer | None = None
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        # A context per connection would read the certificates anew each time (20 to 30 ms of CPU).
        super().init_poolmanager(*args, **options, ssl_context=self._context)

    def cert_verify(self, conn: Any, url: str, verify: bool | str, cert: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"  # by the context, which has the certificates already

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        parts = urlsplit(request.url or "")
        if self._netloc is not None and parts.netloc == self._netloc:
            request.url = parts._replace(scheme="http").geturl()
        response = super().send(request, stream=True, timeout=timeout or _TIMEOUTS, verify=True, proxies=proxies)
        body = _read(response.raw)
        response.raw = BytesIO(body)
        headers = {name.lower(): value for name, value in response.headers.items()}
        self.latest = Answer(response.status_code, headers, body)
        return response


class _NoPlainHttp(HTTPAdapter):
    """Whatever asks for plain http by itself gets nothing: the token stays here."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        raise requests.ConnectionError("plain http is not spoken", request=request)


@cache
def _certificates(ca: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca or certifi.where())
    except OSError:
        raise SettingsError((f"salesforce.ca: {ca} is no readable file of certificates (PEM)",)) from None


def _read(raw: BaseHTTPResponse) -> bytes:
    """The whole decompressed body, within limits of time and size. Raises urllib3's errors for one that is cut."""
    until = time.monotonic() + _LONGEST
    pieces: list[bytes] = []
    size = 0
    while piece := raw.read1(_PIECE, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > _LARGEST or time.monotonic() > until:
            raw.close()
            raise urllib3.exceptions.HTTPError("too large or too slow")
    raw.release_conn()
    return b"".join(pieces)


def _lost(error: requests.RequestException) -> Unreachable | OutcomeUnknown:
    if isinstance(error, requests.exceptions.SSLError):
        remedy = "check the address and the certificates (ca)"
        return CertificateRefused(VENDOR, "Salesforce's certificate is not trusted", code="tls", remedy=remedy)
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError):
        remedy = "check the network and the organisation's address"
        return Unreachable(VENDOR, "Salesforce can't be reached", code="connect", remedy=remedy)
    return OutcomeUnknown(VENDOR, "Salesforce did not answer", code="lost")

"""simple-salesforce as transport, and nothing of it but that: one request, one answer, no log-in, no second try.

Its traps are shut here: it has no time limits, speaks https only, logs in again by itself (losing headers, such as
If-Unmodified-Since), and requests lets REQUESTS_CA_BUNDLE override the certificates asked for.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportPrivateUsage=false
# simple-salesforce ships no complete types, and its one seam that keeps status and headers is private.

import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from mailsync.crm.salesforce.login import SalesforceLogin, check_login, is_loopback
from mailsync.errors import OutcomeUnknown
from mailsync.line import LOST, Peer, Reply, TrustedAdapter, judge_loss, read_whole

VENDOR = "salesforce"

PEER = Peer(VENDOR, "Salesforce", "check the network and the organisation's address", (5.0, 30.0), 120.0)


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
    ) -> Reply:
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
        except requests.exceptions.ContentDecodingError:
            raise OutcomeUnknown(VENDOR, "Salesforce's answer broke off", code=LOST) from None
        except requests.RequestException as error:
            raise judge_loss(PEER, error) from None
        if self._adapter.latest is None:
            raise OutcomeUnknown(VENDOR, "Salesforce's answer got lost", code=LOST)
        return self._adapter.latest

    def close(self) -> None:
        """Closes its connections."""
        self._session.close()


def _written(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode("ascii")


class _Adapter(TrustedAdapter):
    """Time and size limits on everything; simple-salesforce's https turned to plain http
    where the address is one of this machine's own (docs/decisions/0010-plain-http-on-this-machine.md).
    """

    def __init__(self, login: SalesforceLogin) -> None:
        self._netloc = urlsplit(login.url).netloc if is_loopback(login.url) else None
        self.latest: Reply | None = None
        super().__init__(login.ca, "salesforce.ca")

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
        response = super().send(request, stream=True, timeout=timeout or PEER.timeouts, verify=True, proxies=proxies)
        with response:
            body = read_whole(PEER, response)
        headers = {name.lower(): value for name, value in response.headers.items()}
        self.latest = Reply(response.status_code, headers, body)
        return _as_read(response, request, body)


class _NoPlainHttp(HTTPAdapter):
    """Whatever asks for plain http by itself gets nothing: the token stays here."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        raise requests.ConnectionError("plain http is not spoken", request=request)


def _as_read(response: requests.Response, request: requests.PreparedRequest, body: bytes) -> requests.Response:
    """The same answer for simple-salesforce to read, its body here already."""
    whole = requests.Response()
    whole.status_code, whole.headers, whole.reason = response.status_code, response.headers, response.reason
    whole.url, whole.request, whole.encoding = response.url, request, response.encoding
    whole.raw = BytesIO(body)
    return whole

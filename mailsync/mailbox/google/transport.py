"""requests in place of httplib2, which silently posts again on a dropped connection (measure.md §2.2).

It has the one method that google-api-python-client asks of its `http`: one request, one answer, no second try, no
redirect, nothing of the environment. A token that is refused (401) was never acted upon: then alone a request goes out
once more, with another token.
"""
# pyright: reportUnknownMemberType=false

from collections.abc import Mapping

from mailsync import __version__
from mailsync.line import Peer, Reply, open_session, receive
from mailsync.mailbox.google.login import VENDOR, GoogleLogin, check_login
from mailsync.telemetry import measured

PEER = Peer(VENDOR, "Google", timeouts=(10.0, 60.0), longest=180.0)
UNAUTHORIZED = 401


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
        self._session = open_session(login.ca, "google.ca")
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
        return measured(VENDOR, lambda: self._send_once(uri, method, body, headers, token), lambda r: r.status)

    def _send_once(
        self, uri: str, method: str, body: str | bytes | None, headers: Mapping[str, str], token: str
    ) -> Reply:
        own = {"authorization": f"Bearer {token}", "user-agent": f"mailsync/{__version__}"}
        content = body.encode() if isinstance(body, str) else body
        sent = {k: v for k, v in headers.items() if k.lower() not in ("content-length", *own)} | own
        return receive(
            PEER,
            lambda: self._session.request(
                method, uri, data=content, headers=sent, timeout=PEER.timeouts, allow_redirects=False, stream=True
            ),
        )

    def close(self) -> None:
        """Closes its connections; the next request opens another."""
        self._session.close()

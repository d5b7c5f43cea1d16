"""exchangelib as transport and nothing of it but that: authentication, its session pool, one request, one answer.

Its traps are shut here or never met (vendors/mailbox.md B4, measure.md §0): BaseProtocol is not cached by credentials
(B4.6), nothing is retried, redirected or parsed, and requests may not take certificates, proxies or passwords from
the environment (§0.8).
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# exchangelib publishes no types.

from http import HTTPStatus
from typing import Any

import requests
from exchangelib import Credentials, FailFast
from exchangelib.configuration import Configuration
from exchangelib.protocol import BaseProtocol
from exchangelib.version import EXCHANGE_2016, Version

from mailsync import __version__
from mailsync.errors import AnswerBroken
from mailsync.line import Peer, Reply, TrustedAdapter, receive
from mailsync.mailbox.exchange.login import VENDOR, ExchangeLogin, check_login

AUTH_TYPES = {"basic": "basic", "ntlm": "NTLM"}
PEER = Peer(VENDOR, "Exchange", "check `url`, the network and whether the server is running", garbled="NOT_EWS")


class Transport:
    """One person's line to their mailbox: one connection, for one thread."""

    def __init__(self, login: ExchangeLogin) -> None:
        """Checks the login; sends nothing. Raises SettingsError."""
        check_login(login)
        self._login = login
        self._adapter = TrustedAdapter(login.ca, "ca")
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
        sent and no whole answer came back, AnswerBroken for one that is empty or too long.
        """
        session: Any = self._protocol.get_session()
        try:
            reply = receive(PEER, lambda: self._send(session, body))
        finally:
            self._protocol.release_session(session)
        if reply.status == HTTPStatus.OK and not reply.body:
            raise AnswerBroken(VENDOR, "Exchange's answer is empty", code="EMPTY")
        return reply

    def _send(self, session: Any, body: bytes) -> requests.Response:
        session.trust_env = False
        session.mount(self._login.url, self._adapter)  # before exchangelib's own, which is for the whole host
        headers = {"X-AnchorMailbox": self._login.address, "User-Agent": f"mailsync/{__version__}"}
        return session.post(
            self._login.url, data=body, headers=headers, timeout=PEER.timeouts, allow_redirects=False, stream=True
        )

    def close(self) -> None:
        """Closes the connection; the next request opens another (measure.md §0.5: pools are not to be left behind)."""
        self._protocol.close()

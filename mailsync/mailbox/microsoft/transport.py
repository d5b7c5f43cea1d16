"""requests as transport and nothing of it but that: one request, one whole answer, from this one host.

No redirects, no proxies or passwords from the environment, nothing repeated (measure.md §0.8): whether to ask again is
the channel's to decide.
"""

from collections.abc import Mapping

from mailsync import __version__
from mailsync.line import Peer, Reply, open_session, receive
from mailsync.mailbox.microsoft.login import VENDOR, MicrosoftLogin, check_login

PEER = Peer(VENDOR, "Microsoft Graph", garbled="NOT_JSON")


class Transport:
    """One person's line to Graph: one session, for one thread."""

    def __init__(self, login: MicrosoftLogin) -> None:
        """Checks the login; sends nothing. Raises SettingsError."""
        check_login(login)
        self._session = open_session(login.ca, "ca")

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        """Sends a request once. Raises Unreachable if it certainly did not reach Graph, OutcomeUnknown if it was sent
        and no whole answer came back, AnswerBroken for one that is too long.
        """
        whole = {"User-Agent": f"mailsync/{__version__}", "Accept": "application/json", **headers}
        return receive(
            PEER,
            lambda: self._session.request(
                method, url, headers=whole, data=body, timeout=PEER.timeouts, allow_redirects=False, stream=True
            ),
        )

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

"""How a person's mailbox on Microsoft 365 is reached."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from mailsync.errors import SettingsError
from mailsync.ports.bearer import Bearer

VENDOR = "microsoft"


@dataclass(frozen=True, slots=True)
class MicrosoftLogin:
    """`url`: Graph's origin, without a path; `bearer`: whose mailbox it is; `user`: the address of the mailbox where an
    administrator's application logs in, "" = the bearer's own; `ca`: the PEM file of a certificate authority that is
    not among the well-known ones.
    """

    url: str
    bearer: Bearer
    user: str = ""
    ca: str | None = None

    @property
    def root(self) -> str:
        """The mailbox's path, relative to the version."""
        return f"/users/{quote(self.user, safe='@')}" if self.user else "/me"


def check_login(login: MicrosoftLogin) -> None:
    """Raises SettingsError naming everything that can't be used."""
    url = urlsplit(login.url)
    problems = [
        (url.scheme in ("http", "https") and bool(url.hostname), "url: give https://graph.microsoft.com"),
        (not login.user or "@" in login.user, "address: give the mailbox's address"),
    ]
    found = tuple(text for good, text in problems if not good)
    if found:
        raise SettingsError(found)

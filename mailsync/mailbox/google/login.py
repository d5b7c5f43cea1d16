"""How a person's Gmail mailbox is reached."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mailsync.errors import SettingsError
from mailsync.ports.bearer import Bearer

VENDOR = "google"


@dataclass(frozen=True, slots=True)
class GoogleLogin:
    """`url`: where the People API is, without a path; `bearer`: how a request gets its token; `ca`: the PEM file of a
    certificate authority that is not among the well-known ones.
    """

    url: str
    bearer: Bearer = field(repr=False)
    ca: str | None = None


def check_login(login: GoogleLogin) -> None:
    """Raises SettingsError for an address that can't be used."""
    url = urlsplit(login.url)
    if url.scheme not in ("http", "https") or not url.hostname or url.path not in ("", "/"):
        raise SettingsError(("url: give https://people.googleapis.com, or leave it out",))

"""How a person's mailbox is reached."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mailsync.errors import SettingsError

VENDOR = "exchange"

AUTHS = ("basic", "ntlm")


@dataclass(frozen=True, slots=True)
class ExchangeLogin:
    """`url`: the EWS endpoint; `address`: the mailbox's SMTP address; `username`: an address or DOMAIN\\user; `ca`: the
    PEM file of a certificate authority that is not among the well-known ones; `impersonate`: the log-in is a service
    account's with the role ApplicationImpersonation, acting for the address.
    """

    url: str
    address: str
    username: str
    password: str = field(repr=False)
    auth: str = "basic"
    ca: str | None = None
    impersonate: bool = False


def check_login(login: ExchangeLogin) -> None:
    """Raises SettingsError naming everything that can't be used."""
    url = urlsplit(login.url)
    problems = [
        (url.scheme in ("http", "https") and bool(url.hostname), "url: give https://SERVER/EWS/Exchange.asmx"),
        ("@" in login.address, "address: give the mailbox's SMTP address"),
        (bool(login.username), "username: give the address or DOMAIN\\user that logs in"),
        (login.auth in AUTHS, f"auth: {login.auth!r} is not supported; use {' or '.join(AUTHS)}"),
    ]
    found = tuple(text for good, text in problems if not good)
    if found:
        raise SettingsError(found)

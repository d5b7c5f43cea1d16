"""The sandbox's own certificate authority, for clients that speak nothing but https.

A new authority is made at every start and its key never leaves the process: nobody can be asked to trust a key that
somebody else has. For clients that must not trust everything there are certificates that are wrong, each in one way.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

import trustme

# Names under which clients reach the sandbox: by address, or by a hosts file or adapter that maps the vendor's names.
NAMES = ("127.0.0.1", "localhost", "acme.my.salesforce.com", "login.salesforce.com")
OTHER_NAME: Final = "elsewhere.example"
_DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class Showing:
    """Which certificate new connections are shown: the right one, unless `how` names a wrong one.

    `handshakes` counts down how many connections are still to be shown the wrong one; None: all.
    """

    how: str | None = None
    handshakes: int | None = None

    def show(self, how: str, handshakes: int | None) -> None:
        """Lets the next connections be shown a wrong certificate, by its name in WRONG."""
        self.how, self.handshakes = how, handshakes

    def clear(self) -> None:
        """Shows the right certificate again."""
        self.how = self.handshakes = None

    def take(self) -> str | None:
        """What the connection that now begins is shown: a name of WRONG, or None for the right one."""
        shown = self.how
        if self.handshakes is not None:
            self.handshakes -= 1
            if self.handshakes <= 0:
                self.clear()
        return shown


@dataclass(frozen=True, slots=True)
class Certificate:
    """`authority` is what clients are to trust, as PEM; `context` is what the server shows them, as `showing` says."""

    authority: str
    context: ssl.SSLContext
    showing: Showing = field(default_factory=Showing)


def issue_certificate() -> Certificate:
    """A server certificate for NAMES, of a new authority."""
    authority = trustme.CA(organization_name="mailsync sandbox")
    context = _make_context(authority.issue_cert(*NAMES))
    certificate = Certificate(authority.cert_pem.bytes().decode("ascii"), context)

    @cache
    def make_wrong(how: str) -> ssl.SSLContext:
        return _make_context(WRONG[how](authority))

    def choose(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        how = certificate.showing.take()
        if how is not None:
            connection.context = make_wrong(how)

    context.sni_callback = choose  # pyright: ignore[reportAttributeAccessIssue] - asyncio gives an SSLObject
    return certificate


def _make_context(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    leaf.configure_cert(context)  # pyright: ignore[reportUnknownMemberType] - it also takes a type of pyOpenSSL, which is not installed
    return context


def _issue_expired(authority: trustme.CA) -> trustme.LeafCert:
    now = datetime.now(UTC)  # noqa: TID251 - certificates are held against the real clock, whatever the vendors' says
    return authority.issue_cert(*NAMES, not_before=now - 30 * _DAY, not_after=now - _DAY)


def _issue_early(authority: trustme.CA) -> trustme.LeafCert:
    now = datetime.now(UTC)  # noqa: TID251 - as above
    return authority.issue_cert(*NAMES, not_before=now + _DAY, not_after=now + 30 * _DAY)


def _sign_by_itself(_authority: trustme.CA) -> trustme.LeafCert:
    """A certificate that nobody but itself vouches for."""
    alone = trustme.CA(organization_name="mailsync sandbox, signed by itself")
    return trustme.LeafCert(alone.private_key_pem.bytes(), alone.cert_pem.bytes(), [])


WRONG: Final[Mapping[str, Callable[[trustme.CA], trustme.LeafCert]]] = {
    "expired": _issue_expired,
    "not_yet": _issue_early,
    "other_host": lambda authority: authority.issue_cert(OTHER_NAME),
    "self_signed": _sign_by_itself,
    "untrusted": lambda _authority: trustme.CA(organization_name="somebody else").issue_cert(*NAMES),
}

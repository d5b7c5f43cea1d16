"""The sandbox's own certificate authority, for clients that speak nothing but https.

A new authority is made at every start and its key never leaves the process: nobody can be asked to trust a key that
somebody else has.
"""

import ssl
from dataclasses import dataclass

import trustme

# Names under which clients reach the sandbox: by address, or by a hosts file or adapter that maps the vendor's names.
NAMES = ("127.0.0.1", "localhost", "acme.my.salesforce.com", "login.salesforce.com")


@dataclass(frozen=True, slots=True)
class Certificate:
    """`authority` is what clients are to trust, as PEM; `context` is what the server shows them."""

    authority: str
    context: ssl.SSLContext


def issue_certificate() -> Certificate:
    """A server certificate for NAMES, of a new authority."""
    authority = trustme.CA(organization_name="mailsync sandbox")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    leaf = authority.issue_cert(*NAMES)
    leaf.configure_cert(context)  # pyright: ignore[reportUnknownMemberType] - it also takes a type of pyOpenSSL, which is not installed
    return Certificate(authority.cert_pem.bytes().decode("ascii"), context)

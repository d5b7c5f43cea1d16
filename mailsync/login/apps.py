"""The OAuth applications that an administrator registered with the vendors, and where the vendors' endpoints are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SALESFORCE_SCOPES = ("api", "refresh_token", "id")
GOOGLE_SCOPES = ("https://www.googleapis.com/auth/contacts", "openid", "email")
MICROSOFT_SCOPES = ("Contacts.ReadWrite", "MailboxSettings.ReadWrite", "User.Read")
"""The least that the agent needs: contacts, the master category list, and who logged in. msal adds offline_access."""

ENTRA = "https://login.microsoftonline.com"
GRAPH_DEFAULT = ("https://graph.microsoft.com/.default",)
"""What an application acting for itself asks for: the permissions that an administrator consented to."""


@dataclass(frozen=True, slots=True)
class App:
    """One application at one vendor. URLs are whole; an empty one is an endpoint that the vendor hasn't."""

    vendor: str
    client_id: str
    authorize_url: str
    token_url: str
    scopes: tuple[str, ...]
    client_secret: str = field(default="", repr=False)
    device_url: str = ""
    userinfo_url: str = ""
    ca: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict[str, str])  # parameters of the authorization request


@dataclass(frozen=True, slots=True)
class EntraApp:
    """An application registered in Entra ID. With a secret or a certificate it can act for itself; `certificate_file`
    is a PEM file with the private key and the certificate.
    """

    client_id: str
    tenant: str = "organizations"
    client_secret: str = field(default="", repr=False)
    certificate_file: Path | None = None
    login_url: str = ENTRA
    ca: str | None = None


def salesforce_app(login_url: str, client_id: str, client_secret: str = "", ca: str | None = None) -> App:
    """An external client or connected app. `login_url`: My Domain, login.salesforce.com or test.salesforce.com."""
    base = f"{login_url}/services/oauth2"
    return App(
        "salesforce",
        client_id,
        f"{base}/authorize",
        f"{base}/token",
        SALESFORCE_SCOPES,
        client_secret,
        userinfo_url=f"{base}/userinfo",
        ca=ca,
    )


def google_app(login_url: str, client_id: str, client_secret: str = "", ca: str | None = None) -> App:
    """A desktop client of Google's. `login_url` "" is Google itself, whose endpoints are on hosts of their own.

    `access_type=offline` asks for a refresh token, and only `prompt=consent` gives one again to who had one before.
    Source: Google's "OAuth 2.0 for Mobile & Desktop Apps".
    """
    accounts = login_url or "https://accounts.google.com"
    tokens = login_url or "https://oauth2.googleapis.com"
    return App(
        "google",
        client_id,
        f"{accounts}/o/oauth2/v2/auth",
        f"{tokens}/token",
        GOOGLE_SCOPES,
        client_secret,
        device_url=f"{tokens}/device/code",
        userinfo_url=f"{login_url or 'https://openidconnect.googleapis.com'}/v1/userinfo",
        ca=ca,
        extra={"access_type": "offline", "prompt": "consent"},
    )

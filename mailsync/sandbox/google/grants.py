"""Who may ask, and for what: applications, service accounts, and the tokens that were given."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

_AUTH: Final = "https://www.googleapis.com/auth"
CONTACTS: Final = f"{_AUTH}/contacts"
READ_ONLY: Final = f"{_AUTH}/contacts.readonly"
OTHERS: Final = f"{_AUTH}/contacts.other.readonly"
DIRECTORY: Final = f"{_AUTH}/directory.readonly"
EMAIL: Final = f"{_AUTH}/userinfo.email"
PROFILE: Final = f"{_AUTH}/userinfo.profile"
OPENID: Final = "openid"
# The scopes that the sandbox gives; the short names of OpenID Connect mean the userinfo scopes.
SCOPES: Final = (CONTACTS, READ_ONLY, OTHERS, DIRECTORY, EMAIL, PROFILE, OPENID)
SHORT: Final = {"email": EMAIL, "profile": PROFILE}


@dataclass(frozen=True, slots=True)
class Application:
    """An OAuth client. `kind`: installed (loopback addresses of any port), web (registered ones), device."""

    client_id: str
    secret: str
    kind: str
    redirect_uris: tuple[str, ...] = ()


@dataclass(slots=True)
class ServiceAccount:
    """A service account: its public keys by id, and the scopes that it may have in the name of the domain's users."""

    email: str
    client_id: str
    keys: dict[str, str] = field(default_factory=dict[str, str])  # PEM
    delegated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """An access token; `grant` is the refresh token that it came with, "" where there is none."""

    token: str
    user: str
    client_id: str
    scopes: tuple[str, ...]
    until: datetime
    grant: str = ""


@dataclass(slots=True)
class Grant:
    """A refresh token. Unused for six months it ends; `until` is its end where the user gave it for a time."""

    token: str
    user: str
    client_id: str
    scopes: tuple[str, ...]
    used: datetime
    until: datetime | None = None


@dataclass(slots=True)
class Code:
    """An authorization code, good once and for ten minutes."""

    user: str
    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    until: datetime
    offline: bool
    challenge: str = ""
    method: str = "plain"
    spent: str | None = None  # the access token that it gave


@dataclass(slots=True)
class Device:
    """A device that waits for its code to be typed in. `user` "" until somebody did; None: they said no."""

    client_id: str
    user_code: str
    scopes: tuple[str, ...]
    until: datetime
    asked: datetime | None = None
    user: str | None = ""


@dataclass(slots=True)
class Grants:
    """All of them. Codes, devices and browsers' log-ins last for minutes and are no part of a world."""

    applications: dict[str, Application] = field(default_factory=dict[str, Application])
    services: dict[str, ServiceAccount] = field(default_factory=dict[str, ServiceAccount])
    access: dict[str, Access] = field(default_factory=dict[str, Access])
    refresh: dict[str, Grant] = field(default_factory=dict[str, Grant])
    codes: dict[str, Code] = field(default_factory=dict[str, Code])
    devices: dict[str, Device] = field(default_factory=dict[str, Device])
    browsers: dict[str, tuple[str, datetime]] = field(default_factory=dict[str, tuple[str, datetime]])
    # What each user allowed each application, so that they aren't asked again.
    approvals: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict[tuple[str, str], tuple[str, ...]])

"""What the sign-in keeps: applications, consents, codes on their way, refresh tokens and access tokens."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

DELEGATED: Final = (
    "Contacts.ReadWrite",
    "Contacts.Read",
    "MailboxSettings.ReadWrite",
    "MailboxSettings.Read",
    "User.Read",
    "EWS.AccessAsUser.All",
)
SIGN_IN: Final = ("openid", "profile", "email", "offline_access")
ROLES: Final = (
    "Contacts.ReadWrite",
    "Contacts.Read",
    "MailboxSettings.ReadWrite",
    "MailboxSettings.Read",
    "User.Read.All",
)


@dataclass(slots=True)
class App:
    """An application as registered in the tenant. `roles`: the application permissions an administrator granted."""

    client_id: str
    secret: str = ""
    certificate: str = ""
    redirect_uris: tuple[str, ...] = ()
    scopes: tuple[str, ...] = DELEGATED
    roles: tuple[str, ...] = ()
    public: bool = True


@dataclass(frozen=True, slots=True)
class Session:
    """An access token that holds: delegated (`user`, scopes) or the application's own (no user, roles)."""

    token: str
    client_id: str
    user: str
    scopes: tuple[str, ...]
    roles: tuple[str, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class Refresh:
    """A refresh token. `root` is the one its chain began with; revoking it ends them all."""

    token: str
    client_id: str
    user: str
    scopes: tuple[str, ...]
    root: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code, good once and for ten minutes."""

    client_id: str
    user: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str
    nonce: str
    until: datetime


@dataclass(slots=True)
class Device:
    """A device code on its way; `user` "" = nobody has entered it yet."""

    client_id: str
    user_code: str
    scopes: tuple[str, ...]
    until: datetime
    user: str = ""
    denied: bool = False


@dataclass(slots=True)
class Registry:
    """All of it. `spent` are codes that were redeemed, `epochs` since when a person's tokens count."""

    apps: dict[str, App] = field(default_factory=dict[str, App])
    consents: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict[tuple[str, str], tuple[str, ...]])
    sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    refreshes: dict[str, Refresh] = field(default_factory=dict[str, Refresh])
    codes: dict[str, Code] = field(default_factory=dict[str, Code])
    devices: dict[str, Device] = field(default_factory=dict[str, Device])
    spent: set[str] = field(default_factory=set[str])
    revoked: set[str] = field(default_factory=set[str])  # refresh tokens that a password change or a person ended
    changed: set[str] = field(default_factory=set[str])  # those of them that a password change ended

"""What the organisation keeps of log-ins: who may ask, what was allowed, and which tokens hold (§7).

Instants are those of the sandbox's clock, UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

REFRESH_SCOPES = frozenset({"refresh_token", "offline_access"})
SCOPES = (
    "api",
    "web",
    "full",
    "refresh_token",
    "offline_access",
    "id",
    "profile",
    "email",
    "address",
    "phone",
    "chatter_api",
    "custom_permissions",
)


@dataclass(frozen=True, slots=True)
class ConnectedApp:
    """An application that may ask for tokens; `public_key` is the PEM of a certificate or key, for JWT bearers.

    `run_as` is the name of the user of client credentials. `approved` are the names of the users whom an
    administrator approved for it (None: everybody). A refresh token that lies idle for `idle` ends.
    """

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    public_key: str | None = None
    run_as: str | None = None
    secret_required: bool = True
    pkce_required: bool = True
    rotating: bool = True
    idle: timedelta = timedelta(days=30)
    approved: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code; once `spent` it names the family that it gave."""

    client_id: str
    user_id: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str | None
    until: datetime
    spent: str | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """One approval and every token that came from it: `refresh` is the one that holds, `spent` were rotated out."""

    id: str
    client_id: str
    user_id: str
    scopes: tuple[str, ...]
    refresh: str | None
    spent: tuple[str, ...]
    issued: datetime
    used: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """An access token; `family` is empty where no approval stands behind it (JWT, client credentials)."""

    token: str
    client_id: str
    user_id: str
    scopes: tuple[str, ...]
    family: str
    issued: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Browser:
    """Somebody who is logged in at the log-in page; `proof` is what a form of theirs must send back."""

    user_id: str
    proof: str
    until: datetime


@dataclass(slots=True)
class Grants:
    """Keys: client id, code, family id, access token, cookie; `refreshes` leads from a refresh token to its family."""

    apps: dict[str, ConnectedApp] = field(default_factory=dict[str, ConnectedApp])
    codes: dict[str, Code] = field(default_factory=dict[str, Code])
    families: dict[str, Family] = field(default_factory=dict[str, Family])
    refreshes: dict[str, str] = field(default_factory=dict[str, str])
    sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    browsers: dict[str, Browser] = field(default_factory=dict[str, Browser])

"""What the file says of connections, as values. Secrets are kept out of every repr."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class SalesforceConnection:
    """The organisation."""

    url: str  # without a path or a slash at its end
    api_version: str  # "68.0"
    ca: Path | None = None  # certificates to trust instead of the machine's


@dataclass(frozen=True, slots=True)
class ExchangeConnection:
    """One mailbox on an Exchange server."""

    url: str
    username: str
    password: str = field(repr=False)
    auth: Literal["basic", "ntlm"] = "basic"
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class GoogleConnection:
    """One Gmail mailbox."""

    token: str = field(repr=False)
    url: str = "https://people.googleapis.com"
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class MicrosoftConnection:
    """One mailbox of Microsoft 365, over Graph."""

    token: str = field(repr=False)
    url: str = "https://graph.microsoft.com"
    ca: Path | None = None


MailboxConnection = ExchangeConnection | GoogleConnection | MicrosoftConnection


@dataclass(frozen=True, slots=True)
class UserConnection:
    """One user of the file: both log-ins, and the settings that the file gives."""

    name: str
    salesforce_token: str = field(repr=False)
    address: str
    mailbox: MailboxConnection
    settings: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole file. Paths are absolute; `store` and `key_file` lie beside the file unless it says otherwise."""

    path: Path
    store: str  # a path or a SQLite URL
    key_file: Path
    salesforce: SalesforceConnection
    users: Mapping[str, UserConnection]
    defaults: Mapping[str, str] = field(default_factory=dict[str, str])

"""What the file says of connections, as values. Secrets are kept out of every repr."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class SalesforceConnection:
    """The organisation."""

    url: str  # without a path or a slash at its end
    api_version: str  # "68.0"
    ca: Path | None = None  # certificates to trust instead of the machine's
    app: "SalesforceApp | None" = None
    sessions_per_minute: float = 0  # of all workers together; 0: no limit


@dataclass(frozen=True, slots=True)
class SalesforceApp:
    """[salesforce]: the app that people log in through, or, with a private key, that acts for each of them."""

    client_id: str
    client_secret: str = field(default="", repr=False)
    login_url: str = ""  # "": the organisation's own address
    redirect_port: int = 8765  # Salesforce compares the whole redirect address, port and all
    private_key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class GoogleApp:
    """[google]: a desktop client, or a service account with domain-wide delegation."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    service_account_file: Path | None = None
    login_url: str = ""  # "": Google's own hosts
    redirect_port: int = 0
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class MicrosoftApp:
    """[microsoft]: an application of Entra ID; with a secret or a certificate it acts for each person of the tenant."""

    client_id: str
    tenant: str = "organizations"
    client_secret: str = field(default="", repr=False)
    certificate_file: Path | None = None
    login_url: str = "https://login.microsoftonline.com"
    redirect_port: int = 0
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class ExchangeConnection:
    """One mailbox on an Exchange server."""

    url: str
    username: str
    password: str = field(repr=False)  # "": stored by `connect`
    auth: Literal["basic", "ntlm"] = "basic"
    ca: Path | None = None
    impersonate: bool = False  # the log-in is a service account's, acting for the address


@dataclass(frozen=True, slots=True)
class GoogleConnection:
    """One Gmail mailbox."""

    token: str = field(repr=False)  # "": from a log-in or a service account
    url: str = "https://people.googleapis.com"
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class MicrosoftConnection:
    """One mailbox of Microsoft 365, over Graph."""

    token: str = field(repr=False)  # "": from a log-in or the application itself
    url: str = "https://graph.microsoft.com"
    ca: Path | None = None


class MailboxKind(Enum):
    """Which of a user's sections is in force: the one that the file's `mailbox` names, or another (migration)."""

    FILE = "file"
    EXCHANGE = "exchange"
    GOOGLE = "google"
    MICROSOFT = "microsoft"


MailboxConnection = ExchangeConnection | GoogleConnection | MicrosoftConnection


@dataclass(frozen=True, slots=True)
class Organisation:
    """A Salesforce organisation, the apps that its people log in through, and the settings that all of them have. The
    one without a name is the file's own: [salesforce], [google], [microsoft], [defaults]."""

    name: str
    salesforce: SalesforceConnection
    google: GoogleApp | None = None
    microsoft: MicrosoftApp | None = None
    defaults: Mapping[str, str] = field(default_factory=dict[str, str])  # over [defaults], which are among them
    feed: "FeedSettings | None" = None  # None: nobody is there to read it, or it is off

    def place(self, key: str) -> str:
        """Where a key of it stands in the file."""
        return f"organisations.{self.name}.{key}" if self.name else key


@dataclass(frozen=True, slots=True)
class UserConnection:
    """One user of the file: both log-ins, and the settings that the file gives."""

    name: str
    salesforce_token: str = field(repr=False)  # "": from a log-in, or the app's private key
    address: str
    mailbox: MailboxConnection
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    salesforce_username: str = ""  # for the app's private key; "": the address
    mailboxes: Mapping[str, MailboxConnection] = field(default_factory=dict[str, MailboxConnection])  # all, by kind
    organisation: str = ""  # by its name in the file

    def at(self, kind: str) -> "UserConnection | None":
        """The same user with the mailbox of that kind; None where the file has no section for it."""
        return replace(self, mailbox=self.mailboxes[kind]) if kind in self.mailboxes else None


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """[worker]: what one process of `serve` or `worker` does."""

    sessions: int = 8  # at once
    grace: int = 30  # seconds that sessions get to end once the process is asked to stop


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """[feed]: the integration user that reads the organisation's feed: a user of the file, a user name for the app's
    private key, or a token."""

    user: str = ""
    username: str = ""
    token: str = field(default="", repr=False)
    minutes: float = 3  # between two readings


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole file. Paths are absolute; `store` and `key_file` lie beside the file unless it says otherwise."""

    path: Path
    store: str  # a path, or a database's URL
    key_file: Path
    organisations: Mapping[str, Organisation]  # by name; "" the file's own
    users: Mapping[str, UserConnection]
    defaults: Mapping[str, str] = field(default_factory=dict[str, str])
    worker: WorkerSettings = WorkerSettings()

    def organisation_of(self, user: str) -> Organisation:
        """The organisation that a user of the file belongs to."""
        return self.organisations[self.users[user].organisation]

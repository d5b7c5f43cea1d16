"""The one place that builds adapters: a connection of the settings and its log-in become the ports of the two sides.

Only the client library of the mailbox's own kind is loaded (start-up time).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mailsync.bearers import (
    acts_for_others,
    exchange_password,
    feed_bearer,
    google_bearer,
    microsoft_bearer,
    salesforce_bearer,
)
from mailsync.mapping.table import Table
from mailsync.ports.crm import Crm
from mailsync.ports.feeds import CandidateSource
from mailsync.ports.logins import Logins
from mailsync.ports.mailbox import Mailbox
from mailsync.settings import (
    ExchangeConnection,
    FeedSettings,
    GoogleConnection,
    MicrosoftConnection,
    Organisation,
    Settings,
    UserConnection,
)


@dataclass(frozen=True, slots=True)
class Access:
    """What a user's two sides are reached with."""

    organisation: Organisation
    user: UserConnection
    logins: Logins
    now: Callable[[], datetime]


def open_crm(access: Access, table: Table) -> Crm:
    """The user's Salesforce; the caller closes it. Raises SettingsError."""
    from mailsync.crm.salesforce import SalesforceLogin, open_salesforce

    org = access.organisation.salesforce
    bearer = salesforce_bearer(access.organisation, access.user, access.logins, access.now)
    return open_salesforce(SalesforceLogin(org.url, bearer, org.api_version, _text(org.ca)), table)


def open_feed(
    settings: Settings, organisation: Organisation, feed: FeedSettings, logins: Logins, now: Callable[[], datetime]
) -> CandidateSource:
    """The organisation as its integration user sees it; the caller closes it. Raises SettingsError."""
    from mailsync.crm.salesforce import SalesforceLogin, open_candidates

    org = organisation.salesforce
    bearer = feed_bearer(settings, organisation, feed, logins, now)
    return open_candidates(SalesforceLogin(org.url, bearer, org.api_version, _text(org.ca)))


def open_mailbox(access: Access, table: Table, region: str) -> Mailbox:
    """The user's mailbox; the caller closes it. Raises SettingsError, LoginRefused."""
    match access.user.mailbox:
        case ExchangeConnection() as exchange:
            password = exchange_password(access.user, exchange, access.logins)
            return open_exchange_mailbox(exchange, access.user.address, password, table, region)
        case GoogleConnection() as google:
            return _open_google(access, google, table, region)
        case MicrosoftConnection() as microsoft:
            return _open_microsoft(access, microsoft, table, region)


def open_exchange_mailbox(
    exchange: ExchangeConnection, address: str, password: str, table: Table, region: str
) -> Mailbox:
    """An Exchange mailbox with this password, the one in force or one that is being tried. Raises SettingsError."""
    from mailsync.mailbox.exchange import ExchangeLogin, open_exchange

    given = (exchange.url, address, exchange.username, password, exchange.auth, _text(exchange.ca))
    return open_exchange(ExchangeLogin(*given, impersonate=exchange.impersonate), table, region=region)


def _open_google(access: Access, google: GoogleConnection, table: Table, region: str) -> Mailbox:
    from mailsync.mailbox.google import GoogleLogin, open_google

    bearer = google_bearer(access.organisation, access.user, google, access.logins, access.now)
    return open_google(GoogleLogin(google.url, bearer, _text(google.ca)), table, region=region)


def _open_microsoft(access: Access, microsoft: MicrosoftConnection, table: Table, region: str) -> Mailbox:
    from mailsync.mailbox.microsoft import MicrosoftLogin, open_microsoft

    bearer = microsoft_bearer(access.organisation, access.user, microsoft, access.logins, access.now)
    acting_for = access.user.address if acts_for_others(access.user, microsoft, access.logins) else ""
    return open_microsoft(MicrosoftLogin(microsoft.url, bearer, acting_for, _text(microsoft.ca)), table, region=region)


def _text(ca: Path | None) -> str | None:
    return str(ca) if ca else None
